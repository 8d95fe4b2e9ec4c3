//! The engines agree: the search over numbered states and the search over renaming classes against stateright, and all
//! of them against the tables of the spec (sections 3 and 6).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use zdu_model::check::checker::Stateright;
use zdu_model::check::engine::{Engine, Exploration};
use zdu_model::check::goal::Goal;
use zdu_model::check::path::Path;
use zdu_model::check::sought::{Bound, Bounds, Progress, Sought};
use zdu_model::check::space::{Explicit, Graph, Ways};
use zdu_model::check::symmetry::Symmetric;
use zdu_model::spec::cluster::{Cluster, ClusterStatus};
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::node::{NodeId, Phase};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::{Claim, Property, Taken};
use zdu_model::spec::semantics::{Scope, Semantics, Spec, System};
use zdu_model::spec::transition::{Call, Kind, Transition};

const ONE: Explicit = Explicit { threads: 1 };
const TWO: Explicit = Explicit { threads: 2 };

fn counts<S: Semantics>(engine: &impl Engine<S>, system: System<S>) -> (u64, u64) {
    let found = engine.explore(system, &[], &[], &mut |_| {});
    (found.states, found.transitions)
}

fn scopes(sizes: &[(usize, u8)]) -> Vec<Scope> {
    Profile::ALL
        .into_iter()
        .flat_map(|profile| {
            sizes.iter().map(move |(nodes, versions)| {
                Scope::documented(*nodes, *versions).with_profile(profile)
            })
        })
        .collect()
}

fn mutants() -> impl Iterator<Item = System<Mutant>> {
    Mutant::ALL.iter().map(|mutant| {
        let profile = if mutant.in_profile(Profile::Documented) {
            Profile::Documented
        } else {
            Profile::Finalization
        };
        let scope =
            Scope::documented(mutant.nodes_min(), mutant.versions_min()).with_profile(profile);
        System { scope, semantics: *mutant }
    })
}

fn ask<S: Semantics>(engine: &impl Engine<S>, system: &System<S>) -> Exploration {
    let profile = system.scope.profile;
    let (properties, goals) = (Property::all(profile), Goal::all(profile));
    engine.explore(system.clone(), &Property::claims(&properties), &goals, &mut |_| {})
}

/// Fails unless the path is a run of the system from its initial state.
fn assert_runs<S: Semantics>(system: &System<S>, path: &Path) {
    assert_eq!(path.start, system.scope.initial());
    for (before, transition, after) in path.moves() {
        assert!(system.semantics.enabled(before, transition), "{transition} in {before}");
        assert_eq!(system.semantics.apply(before, transition), *after);
    }
}

/// Fails unless both searches give the same verdicts, with runs of the same length, and `mine` are runs.
fn assert_same_verdicts<S: Semantics>(
    system: &System<S>,
    about: &str,
    mine: &Exploration,
    other: &Exploration,
) {
    let profile = system.scope.profile;
    for (place, property) in Property::<S>::all(profile).iter().enumerate() {
        let lengths =
            [mine, other].map(|found| found.violations[place].found().map(|path| path.steps.len()));
        assert_eq!(lengths[0], lengths[1], "{} {about}", property.name);
        if let Some(path) = mine.violations[place].found() {
            assert_runs(system, path);
            let last = path.moves().last();
            let broken = !property.holds_of(system, path.end())
                || last.is_some_and(|(before, transition, after)| {
                    !property.holds_over(system, Taken { before, transition, after })
                });
            assert!(broken, "{} {about}: the run shows it", property.name);
        }
    }
    for (place, goal) in Goal::all(profile).iter().enumerate() {
        let lengths =
            [mine, other].map(|found| found.examples[place].found().map(|path| path.steps.len()));
        assert_eq!(lengths[0], lengths[1], "{goal} {about}");
        if let Some(path) = mine.examples[place].found() {
            assert_runs(system, path);
            assert!(goal.shows(system, path.end()), "{goal} {about}");
        }
    }
}

fn assert_same_counts(about: &str, mine: &Exploration, other: &Exploration) {
    let of = |found: &Exploration| (found.states, found.transitions, found.depth);
    assert_eq!(of(mine), of(other), "{about}");
}

#[test]
fn numbered_counts_are_those_of_the_table() {
    // Proves that the numbering, the tables and the blocks lose and invent nothing: the expected counts are the spec's.
    let table = [
        (2, 1, 44, 132),
        (2, 2, 742, 4_262),
        (2, 3, 11_570, 98_178),
        (2, 4, 178_162, 1_998_118),
        (2, 5, 2_739_674, 38_183_466),
        (3, 2, 2_223, 13_794),
        (3, 3, 52_137, 479_721),
        // By the closed forms; seven versions are more than are tabulated.
        (2, 6, 42_207_922, 703_074_534),
        (4, 2, 4_948, 33_044),
        (5, 1, 215, 750),
        (7, 1, 399, 1_512),
        (7, 2, 24_367, 197_582),
    ];
    for (versions, nodes, states, transitions) in table {
        for engine in [ONE, TWO] {
            let system = System::spec(Scope::documented(nodes, versions));
            assert_eq!(counts(&engine, system), (states, transitions), "V={versions} N={nodes}");
        }
    }
}

#[test]
fn counts_of_profile_finalization_are_pinned_by_engines_that_agree() {
    // N = 1 and 2 stand in section 6. N = 3 stands on the agreement of three searches, which share the semantics alone.
    for (nodes, states, transitions) in [(1, 64, 200), (2, 1_092, 6_528), (3, 17_320, 152_472)] {
        let scope = Scope::documented(nodes, 2).with_profile(Profile::Finalization);
        let system = System::spec(scope);
        let pinned = (states, transitions);
        assert_eq!(counts(&Stateright, system), pinned, "stateright N={nodes}");
        assert_eq!(counts(&ONE, system), pinned, "explicit N={nodes}");
        assert_eq!(unfolded(system), pinned, "classes unfolded N={nodes}");
    }
}

#[test]
fn explicit_agrees_with_stateright_on_the_spec() {
    for scope in scopes(&[(1, 2), (1, 3), (2, 2), (2, 3), (3, 2)]) {
        let system = System::spec(scope);
        let about = format!("{scope:?}");
        let other = ask(&Stateright, &system);
        for engine in [ONE, TWO] {
            let mine = ask(&engine, &system);
            assert_same_counts(&about, &mine, &other);
            assert_same_verdicts(&system, &about, &mine, &other);
        }
    }
}

#[test]
fn explicit_judges_transitions_of_every_kind_of_node() {
    // Proves that no transition is left out of those that are judged because it is like another: which is taken first of one node
    // while another is in some phase is found at the same depth.
    let scope = Scope::documented(3, 2);
    let first = NodeId::at(0);
    let kinds = scope.transitions().into_iter().filter(|it| it.node() == Some(first));
    let claims: Vec<Claim<Spec>> = kinds
        .flat_map(|kind| scope.profile.phases().iter().map(move |phase| (kind, *phase)))
        .map(|(kind, phase)| {
            let beside = move |taken: Taken<'_>| {
                let others =
                    taken.before.numbered().filter(|(id, _)| Some(*id) != taken.transition.node());
                taken.transition.on(first) == kind
                    && others.map(|(_, node)| node.phase).any(|it| it == phase)
            };
            Claim::step(|_| true, beside, |_, _| false)
        })
        .collect();
    let lengths = |found: Exploration| -> Vec<Option<usize>> {
        found.violations.iter().map(|it| it.found().map(|path| path.steps.len())).collect()
    };
    for claims in claims.chunks(64) {
        let system = System::spec(scope);
        let mine = lengths(ONE.explore(system, claims, &[], &mut |_| {}));
        assert!(mine.iter().flatten().count() > 20, "they arise");
        assert_eq!(mine, lengths(Stateright.explore(system, claims, &[], &mut |_| {})));
    }
}

#[test]
fn explicit_agrees_with_stateright_on_every_mutant() {
    // Proves that the engine finds every violation, by the shortest way, also where a mutant leads to planes that the
    // spec never reaches or changes several nodes at once.
    for system in mutants() {
        let about = system.semantics.name();
        let other = ask(&Stateright, &system);
        let mine = ask(&ONE, &system);
        assert_same_counts(about, &mine, &other);
        assert_same_verdicts(&system, about, &mine, &other);
        assert!(mine.violations.iter().any(|it| it.found().is_some()), "{about}");
    }
}

/// The same semantics without its promises: every state and transition is asked of it.
#[derive(Clone, Copy, Debug)]
struct Asked(Mutants);

impl Semantics for Asked {
    fn status(&self, cluster: &Cluster) -> ClusterStatus {
        self.0.status(cluster)
    }

    fn enabled(&self, cluster: &Cluster, transition: Transition) -> bool {
        self.0.enabled(cluster, transition)
    }

    fn apply(&self, cluster: &Cluster, transition: Transition) -> Cluster {
        self.0.apply(cluster, transition)
    }

    fn refused(&self, cluster: &Cluster, call: Call) -> Cluster {
        self.0.refused(cluster, call)
    }
}

/// Proves that what is decided node by node is decided as every state by itself decides it: of the spec, of each mutant and of
/// pairs of them, each property is broken on the same run or on none.
#[test]
fn claims_decided_node_by_node_are_decided_as_every_state_decides_them() {
    fn violations<S: Semantics>(system: System<S>) -> Vec<Sought<Path>> {
        let claims = Property::claims(&Property::all(system.scope.profile));
        ONE.explore(system, &claims, &[], &mut |_| {}).violations
    }
    let same = |scope: Scope, semantics: Mutants| {
        let mine = violations(System { scope, semantics });
        let other = violations(System { scope, semantics: Asked(semantics) });
        assert_eq!(mine, other, "{semantics} {scope:?}");
        usize::from(semantics.tells_by_summary())
    };
    let promising = |profile: Profile| {
        let every = Mutant::EVERY.iter().filter(move |it| it.in_profile(profile));
        let promises = |it: &Mutants| it.tells_by_summary() || it.symmetric();
        every.map(|it| [*it].into_iter().collect::<Mutants>()).filter(promises)
    };
    let (mut decided, mut pairs) = (0, 0);
    for profile in Profile::ALL {
        let scope = |nodes, versions| Scope { profile, nodes, versions };
        let large = if profile == Profile::Documented { scope(3, 2) } else { scope(2, 2) };
        for size in [scope(2, 3), large] {
            assert_eq!(same(size, Mutants::NONE), 1);
            decided += promising(profile).map(|mutant| same(size, mutant)).sum::<usize>();
        }
        // With tasks only pairs of which one is about tasks: the others are asked without.
        for (place, one) in promising(profile).enumerate() {
            for other in promising(profile).skip(place + 1) {
                let both: Mutants = one.iter().chain(other.iter()).collect();
                if both.iter().all(|it| it.in_profile(Profile::Documented))
                    == (profile == Profile::Documented)
                {
                    pairs += same(scope(2, 2), both);
                }
            }
        }
    }
    assert!(decided > 100 && pairs > 500, "{decided} {pairs}");
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    for system in mutants().filter(|system| system.scope.nodes > 1) {
        let (one, two) = (ask(&ONE, &system), ask(&TWO, &system));
        assert_eq!(one.violations, two.violations, "{}", system.semantics);
        assert_eq!(one.examples, two.examples, "{}", system.semantics);
    }
    let system = System::spec(Scope::documented(4, 2));
    let goals = [Goal::MixedVersions, Goal::RepairRefused];
    let run = |engine: Explicit| engine.explore(system, &[], &goals, &mut |_| {}).examples;
    assert_eq!(run(ONE), run(TWO));
    assert_eq!(run(ONE), run(Explicit { threads: 5 }));
}

/// The states and transitions that the renaming classes stand for.
fn unfolded(system: System<Spec>) -> (u64, u64) {
    let (_, classes) = Symmetric.survey(&system, &[], &[], Bounds::NONE, &mut |_| {});
    classes.expect("nothing ends the search").unfolded()
}

#[test]
fn ways_between_classes_are_those_between_states() {
    // Proves PROC-4 up to renaming: as many states are meant, as far and as stranded as among all states by number.
    let stable = |system: System<Mutants>| {
        move |cluster: &Cluster| system.status(cluster) == ClusterStatus::Stable
    };
    let documented = |step: Transition| step.kind() != Kind::Fault;
    for mutant in [
        None,
        Some(Mutant::CancelKeepsMode),
        Some(Mutant::ErroredCannotBeKilled),
        Some(Mutant::NeverReady),
    ] {
        let semantics: Mutants = mutant.into_iter().collect();
        let system = System { scope: Scope::documented(3, 2), semantics };
        let (_, classes) = Symmetric.survey(&system, &[], &[], Bounds::NONE, &mut |_| {});
        let classes = classes.expect("nothing ends the search");
        let mine = classes.ways_to(stable(system), documented, &|| None).expect("nor this one");
        let graph = Graph::explore(system, 1);
        let other = graph.ways_to(1, stable(system), documented, &|| None).expect("nor this one");
        let facts = |ways: &Ways| {
            (
                ways.goals,
                ways.longest,
                ways.stranded,
                ways.stranding.as_ref().map(|it| it.steps.len()),
            )
        };
        assert_eq!(facts(&mine), facts(&other), "{mutant:?}");
    }
}

#[test]
fn symmetric_counts_are_those_of_the_table() {
    for (nodes, classes) in [(2, 393), (3, 2_314), (4, 10_667), (5, 41_370)] {
        let system = System::spec(Scope::documented(nodes, 2));
        assert_eq!(counts(&Symmetric, system).0, classes, "N={nodes}");
    }
}

#[test]
fn classes_unfold_to_the_whole_space() {
    // Proves that each class stands for exactly its renamings: their sizes add up to the spec's counts.
    for (nodes, versions, pinned) in [
        (1, 2, (44, 132)),
        (2, 2, (742, 4_262)),
        (3, 2, (11_570, 98_178)),
        (2, 3, (2_223, 13_794)),
        (6, 2, (42_207_922, 703_074_534)),
    ] {
        let system = System::spec(Scope::documented(nodes, versions));
        assert_eq!(unfolded(system), pinned, "N={nodes} V={versions}");
    }
}

#[test]
fn symmetric_verdicts_are_those_of_the_whole_space() {
    for scope in scopes(&[(1, 2), (2, 2), (2, 3)]) {
        let system = System::spec(scope);
        let about = format!("{scope:?}");
        let (mine, other) = (ask(&Symmetric, &system), ask(&Stateright, &system));
        assert_same_verdicts(&system, &about, &mine, &other);
    }
    for system in mutants().filter(|system| system.semantics.symmetric()) {
        // Every state by number: held to stateright above, and quicker.
        let (mine, other) = (ask(&Symmetric, &system), ask(&ONE, &system));
        assert_same_verdicts(&system, system.semantics.name(), &mine, &other);
    }
}

#[test]
fn symmetric_verdicts_are_those_of_numbered_states_at_five_nodes() {
    // Stateright would take minutes to ask everything here; the numbered search is held to it on smaller scopes above.
    let system = System::spec(Scope::documented(5, 2));
    let (mine, other) = (ask(&Symmetric, &system), ask(&TWO, &system));
    assert_same_verdicts(&system, "N=5", &mine, &other);
    assert!(mine.violations.iter().all(Sought::is_nowhere));
    assert_eq!(unfolded(system), (2_739_674, 38_183_466));
}

#[test]
#[should_panic(expected = "symmetry is only asked of a symmetric semantics")]
fn symmetry_refuses_a_semantics_that_tells_nodes_apart() {
    let system = System { scope: Scope::documented(2, 2), semantics: Mutant::BreakTakesNeighbour };
    let _ = ask(&Symmetric, &system);
}

#[test]
fn only_the_spec_is_tabulated() {
    // A mutant differs in a way that tables need not hold, so it takes the general path; this keeps the tests of mutants
    // from testing the tables by accident.
    assert!(Spec.local() && Spec.symmetric());
    assert!(Mutant::ALL.iter().all(|mutant| !mutant.local()));
}

/// A bound on the depth: every engine looks at the same states, and calls nothing proved.
#[test]
fn a_bound_on_the_depth_ends_every_engine_at_the_same_layer() {
    fn bounded<S: Semantics>(
        engine: &impl Engine<S>,
        system: System<S>,
        depth: u64,
    ) -> Exploration {
        let claims = Property::claims(&Property::all(Profile::Documented));
        let bounds = Bounds { depth: Some(depth), ..Bounds::NONE };
        engine.explore_within(system, &claims, &[Goal::MixedVersions], bounds, &mut |_| {})
    }
    let system = System::spec(Scope::documented(2, 2));
    let graph = zdu_model::check::graph::Graph::of(&system);
    for depth in [0, 1, 5] {
        let near = (0..graph.states().len())
            .filter(|state| graph.path_to(*state).steps.len() as u64 <= depth)
            .count();
        for found in [
            bounded(&ONE, system, depth),
            bounded(&TWO, system, depth),
            bounded(&Stateright, system, depth),
        ] {
            assert_eq!((found.states, found.depth), (near as u64, depth));
            let limit = found.ended.expect("it was ended");
            assert_eq!(limit.by, Bound::Depth);
            assert!(found.violations.iter().all(|it| *it == Sought::GivenUp(limit)));
        }
        let found = bounded(&Symmetric, system, depth);
        assert_eq!(
            found.ended.map(|limit| (limit.by, limit.so_far.depth)),
            Some((Bound::Depth, depth))
        );
        assert!(found.violations.iter().all(|it| matches!(it, Sought::GivenUp(_))));
    }
    // The whole depth is enough for the search to know that there is no more.
    let whole = bounded(&ONE, system, 1_000);
    assert_eq!((whole.ended, whole.states), (None, 742));
    // A transition out of the last states is a run that is too long.
    let mutant = System { scope: Scope::documented(1, 2), semantics: Mutant::CancelKeepsMode };
    let broken = |engine: &dyn Fn(u64) -> Exploration, depth| {
        engine(depth).violations.iter().filter_map(|it| Some(it.found()?.steps.len())).min()
    };
    let engines: [&dyn Fn(u64) -> Exploration; 3] = [
        &|depth| bounded(&ONE, mutant, depth),
        &|depth| bounded(&Stateright, mutant, depth),
        &|depth| bounded(&Symmetric, mutant, depth),
    ];
    for engine in engines {
        // Start, then Cancel.
        assert_eq!([0, 1, 2].map(|depth| broken(engine, depth)), [None, None, Some(2)]);
    }
    // What is found within the bound is found.
    let mutant = System { scope: Scope::documented(2, 2), semantics: Mutant::StableDespiteError };
    let found = bounded(&ONE, mutant, 2);
    assert!(found.violations.iter().any(|it| it.found().is_some_and(|path| path.steps.len() == 1)));
}

/// A search of four nodes that is stopped once it has told so many states.
fn stopped<S: Semantics>(engine: &impl Engine<S>, semantics: S, at: u64) -> Exploration {
    let told = AtomicU64::new(0);
    let stop = || (told.load(Ordering::Relaxed) >= at).then_some(Bound::Interrupted);
    let mut listen = |progress: Progress| told.store(progress.states, Ordering::Relaxed);
    engine.explore_within(
        System { scope: Scope::documented(4, 2), semantics },
        &Property::claims(&Property::all(Profile::Documented)),
        &[],
        Bounds { depth: None, stop: &stop },
        &mut listen,
    )
}

#[test]
fn a_search_that_is_stopped_says_how_far_it_was() {
    for at in [0, 100] {
        let ended = [
            stopped(&ONE, Spec, at),
            stopped(&TWO, Spec, at),
            stopped(&Symmetric, Spec, at),
            stopped(&Stateright, Spec, at),
        ];
        for found in ended {
            let limit = found.ended.expect("it was ended");
            assert_eq!(limit.by, Bound::Interrupted);
            assert!(found.states < 178_162 && found.states == limit.so_far.states);
            assert!(found.states >= at);
            assert!(found.violations.iter().all(|it| matches!(it, Sought::GivenUp(_))));
        }
    }
}

// Proves that what was found before a search was stopped is shown with its run, in every engine.
#[test]
fn a_search_that_is_stopped_shows_what_it_found() {
    let mutant = Mutant::StableDespiteError;
    for found in [stopped(&ONE, mutant, 100), stopped(&Stateright, mutant, 100)] {
        assert!(found.ended.is_some());
        let runs = found.violations.iter().filter_map(Sought::found);
        assert!(runs.into_iter().any(|path| path.steps.len() == 1));
    }
}

// Proves that a search that is out of time still knows what it found: with its run where the first layers show it, without
// where they would have to be searched for once more. The state that is farthest away was found breadth first, by another engine.
#[test]
fn what_was_found_is_known_though_there_is_no_time_to_find_the_way_there() {
    let system = System::spec(Scope::documented(3, 2));
    let graph = zdu_model::check::graph::Graph::of(&system);
    let last = graph.states().len() - 1;
    let (far, steps) = (graph.states()[last].clone(), graph.path_to(last).steps.len());
    for in_time in [true, false] {
        let (late, far) = (Arc::new(AtomicBool::new(false)), far.clone());
        let there = Arc::clone(&late);
        let claims = [
            Claim::state(|cluster| cluster.any(Phase::Error), |_, _| false),
            Claim::state(
                move |cluster| *cluster == far,
                move |_, _| {
                    there.store(!in_time, Ordering::Relaxed);
                    false
                },
            )
            .telling_nodes_apart(true),
        ];
        let stop = || late.load(Ordering::Relaxed).then_some(Bound::Time);
        let bounds = Bounds { depth: None, stop: &stop };
        let found = ONE.explore_within(system, &claims, &[], bounds, &mut |_| {}).violations;
        assert_eq!(found[0].found().map(|path| path.steps.len()), Some(1));
        assert_eq!(found[1].found().map(|path| path.steps.len()), in_time.then_some(steps));
        assert!(in_time || found[1] == Sought::Somewhere(Bound::Time), "{:?}", found[1]);
    }
}

/// What a search needs is known before: as much as it then takes.
#[test]
fn the_memory_that_a_search_takes_is_what_it_was_said_to_need() {
    for scope in scopes(&[(3, 2), (4, 2), (3, 3)]) {
        for engine in [ONE, TWO] {
            let system = System::spec(scope);
            let (_, _, took) = engine.survey(system, &[], &[], Bounds::NONE, &mut |_| {});
            let needs = engine.needs(&system).expect("it has numbers");
            let took = took.visited_bytes + took.frontier_bytes;
            // A thread that never had work has no set.
            assert!(took <= needs && needs <= took * 2, "{scope:?}: {took} of {needs}");
        }
    }
    for nodes in [15, 16] {
        assert_eq!(ONE.needs(&System::spec(Scope::documented(nodes, 16))), None);
    }
    // N = 8: 16^8 numbers in each of three planes, a bit each, in four sets, and the first layers: a plane more.
    assert_eq!(
        ONE.needs(&System::spec(Scope::documented(8, 2))),
        Some((1 << 32) / 8 * (4 * 3 + 1))
    );
}
