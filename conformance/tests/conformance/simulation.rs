//! Does the judge find nothing where nothing is wrong, and the right thing where something is? Endpoint and judge in one
//! process, without sockets and without waiting; the whole numbers are made by `--example simulate` (README, "Measured").

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use zdu_conformance::recording;
use zdu_conformance::simulation::{Blamed, Simulation, blamed, options, run, trace_of, watched};
use zdu_conformance::verdict::{Command, TraceResult, Verdict};
use zdu_endpoint::{Defect, Flavour, Freedom, Freedoms, Options};
use zdu_model::judge::excuse::{Detour, Excuse, Extent};
use zdu_model::judge::finding::Kind;
use zdu_model::judge::seen::Request;
use zdu_model::spec::node::{NodeId, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::scenario::{self, Scenario};
use zdu_model::traces::trace::Trace;

/// How many random runs of several walks are made of each flavour.
const RUNS: usize = 120;

/// Runs in which the way home once took a node that was away at another version for one that is at home.
const ONCE_ACCUSED: [u64; 2] = [414, 419];

/// Every so many traces of three nodes are replayed by drivers that do not do what they say.
const LIED_TO: usize = 9;

/// How many random walks of each flavour are watched.
const WATCHED: usize = 150;

/// Every so many defects is held against the reviewed table; all of them are by the command of the README.
const STRIDE: usize = 32;

fn shipped() -> Vec<Trace> {
    scenario::all().filter_map(|scenario| scenario.trace(scenario.shipped)).collect()
}

/// Does the same for each number on both cores, and gives what came of it in order.
fn both_cores<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= count {
                            return done;
                        }
                        done.push((index, work(index)));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, one)| one).collect()
}

/// What a run found, one line a finding, and how to make it again.
fn story(seed: usize, flavour: &str, result: &TraceResult) -> String {
    let findings: Vec<String> = (result.findings.iter())
        .map(|found| {
            format!(
                "{} {:?} at step {}",
                found.finding.rule, found.finding.kind, found.finding.step
            )
        })
        .collect();
    format!(
        "{} {} {:?}: {}\nagain: cargo run --release -p zdu-conformance --example simulate -- runs 1 {seed} {flavour}",
        result.name,
        result.verdict,
        result.end,
        findings.join(", ")
    )
}

// No false alarm on an endpoint without any freedom, over every shipped trace.
#[test]
fn every_shipped_trace_passes_on_the_plain_endpoint() {
    let traces = shipped();
    let bad: Vec<String> = both_cores(traces.len(), |index| {
        let options = Options { freedoms: Freedoms::default(), ..options(1) };
        Simulation::of(options).replay(&traces[index]).expect("options")
    })
    .iter()
    .filter(|result| result.verdict != Verdict::Pass)
    .map(|result| story(1, "plain", result))
    .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

// No false alarm on endpoints that use every freedom of section 7, on which one walk follows another, after a reset or without.
#[test]
fn random_runs_on_endpoints_that_use_every_freedom_find_nothing() {
    let runs = both_cores(RUNS, |seed| run(seed as u64, Flavour::Free));
    let bad: Vec<String> = (runs.iter().enumerate())
        .flat_map(|(seed, results)| results.iter().map(move |result| (seed, result)))
        .filter(|(_, result)| result.verdict != Verdict::Pass)
        .map(|(seed, result)| story(seed, "free", result))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    for seed in ONCE_ACCUSED {
        let results = run(seed, Flavour::Free);
        assert!(results.iter().all(|result| result.verdict == Verdict::Pass), "{seed}");
    }
    let by_reset =
        |reset: bool| runs.iter().flatten().any(|result| (result.set_up.resets > 0) == reset);
    assert!(by_reset(true) && by_reset(false));
}

// What deployed builds are said to differ in is found, and nothing else (section 7, end).
#[test]
fn random_runs_on_deployed_endpoints_find_status_5_and_mode_2_alone() {
    let runs = both_cores(RUNS, |seed| run(seed as u64, Flavour::Deployed));
    let mut rules = BTreeSet::new();
    for (seed, result) in (runs.iter().enumerate())
        .flat_map(|(seed, results)| results.iter().map(move |result| (seed, result)))
    {
        for found in &result.findings {
            let rule = found.finding.rule;
            assert!(
                matches!(rule, Rule::Status5 | Rule::Mode2),
                "{}",
                story(seed, "deployed", result)
            );
            rules.insert(rule);
        }
    }
    assert_eq!(rules, BTreeSet::from([Rule::Status5, Rule::Mode2]));
}

// FIN-1, `hasFinalizationTasks`: an errored node of another version leaves the flag open, though it is listed without its version in a
// cluster that says STABLE against STATUS-5.
#[test]
fn the_flag_is_open_while_an_errored_node_is_of_another_version() {
    let scenario = Scenario::named("errored-node-of-another-version-stays-out").expect("shipped");
    let trace = scenario.trace_in(Profile::Finalization, scenario.shipped).expect("shipped");
    let freedoms: Freedoms = [
        Freedom::ErrorLooksStable,
        Freedom::FlagEarly,
        Freedom::VersionAbsent,
        Freedom::BuildAbsent,
    ]
    .into_iter()
    .collect();
    let result =
        Simulation::of(Options { freedoms, ..options(1) }).replay(&trace).expect("options");
    let rules: BTreeSet<Rule> = result.findings.iter().map(|found| found.finding.rule).collect();
    assert_eq!(rules, BTreeSet::from([Rule::Status5]));
}

// Nobody drives these clusters but the run: what a build says otherwise than it ought to is not put down to somebody else.
#[test]
fn what_a_deployed_endpoint_says_is_no_step_of_somebody_else() {
    let traces: Vec<Trace> = shipped().into_iter().step_by(3).collect();
    let options = |seed| Options { freedoms: Freedoms::of(Flavour::Deployed), ..options(seed) };
    let results = both_cores(traces.len(), |index| {
        let simulation = Simulation { excuses: true, ..Simulation::of(options(index as u64)) };
        simulation.replay(&traces[index]).expect("options")
    });
    let found = results.iter().filter(|result| !result.findings.is_empty()).count();
    assert!(found > 2, "too little to be excused: {found}");
    let excused: Vec<_> = (results.iter())
        .filter_map(|result| Some((result.name.to_string(), result.excuse?)))
        .collect();
    assert_eq!(excused, []);
}

// A driver that acts on another node than asked, for one step or one node or always, or that takes two nodes for each other: whatever is
// seen of it is put down to it, where everything else is as it should be.
#[test]
fn what_a_driver_does_to_another_node_is_put_down_to_it() {
    let traces: Vec<Trace> =
        shipped().into_iter().filter(|trace| trace.nodes == 3).step_by(LIED_TO).collect();
    let (asked, done) = (NodeId::new(1), NodeId::new(2));
    let requests =
        [Request::Stop, Request::Kill, Request::Install(Version(1)), Request::Boot, Request::Break];
    let extents = [Extent::Step, Extent::Node, Extent::EveryNode, Extent::Exchanged];
    let lies: Vec<Detour> = (requests.iter())
        .flat_map(|request| extents.map(|extent| Detour { request: *request, asked, done, extent }))
        .collect();
    let results = both_cores(lies.len() * traces.len(), |index| {
        let lie = Some(Excuse::Elsewhere(lies[index / traces.len()]));
        let simulation = Simulation { excuses: true, lie, ..Simulation::of(options(1)) };
        simulation.replay(&traces[index % traces.len()]).expect("options")
    });
    let mut told = BTreeSet::new();
    for (index, result) in results.iter().enumerate() {
        let lie = lies[index / traces.len()];
        let blamed = !result.findings.is_empty() && result.verdict != Verdict::Broken;
        assert!(!blamed, "{lie:?} {}", story(1, "plain", result));
        if let Some(Excuse::Elsewhere(detour)) = result.excuse {
            told.insert(detour.request.name());
        }
    }
    // What a node that runs is installed, or booted, comes to nothing: then it is not known where that was done.
    assert_eq!(told, BTreeSet::from(["break", "kill", "stop"]));
}

// PROC-1, PROC-3: that a node was stopped gracefully is known to whoever stopped it, whether or not it is seen TERMINATING on its way.
#[test]
fn the_procedure_is_tried_where_a_stop_is_too_quick_to_be_seen() {
    let scenario = Scenario::named("happy-path").expect("shipped");
    let trace = scenario.trace(scenario.shipped).expect("shipped");
    for flavour in [Flavour::Free, Flavour::Deployed] {
        for seed in 0..2 {
            let options = Options { freedoms: Freedoms::of(flavour), ..options(seed) };
            let result = Simulation::of(options).replay(&trace).expect("options");
            for rule in [Rule::Proc1, Rule::Proc2, Rule::Proc3] {
                assert!(result.at_stake.contains_key(&rule), "{rule} {flavour:?} {seed}");
            }
        }
    }
}

// A monitor sees overviews alone, at moments of its own, and may have begun before any version but the first was there: it finds
// nothing on endpoints that use every freedom, and on deployed ones what a replay finds.
#[test]
fn who_watches_correct_endpoints_finds_nothing() {
    let found = both_cores(WATCHED, |seed| watched(seed as u64, Flavour::Free));
    let bad: Vec<_> = found.iter().enumerate().filter(|(_, found)| !found.is_empty()).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    let deployed = both_cores(WATCHED, |seed| watched(seed as u64, Flavour::Deployed));
    let rules: BTreeSet<Rule> = deployed.iter().flatten().map(|finding| finding.rule).collect();
    assert_eq!(rules, BTreeSet::from([Rule::Status5, Rule::Mode2]));
}

/// What tells one finding from another.
fn findings(result: &TraceResult) -> Vec<(Rule, Kind, usize)> {
    let key = |found: &zdu_conformance::verdict::Found| {
        (found.finding.rule, found.finding.kind, found.finding.step)
    };
    result.findings.iter().map(key).collect()
}

// The same events give the same findings, whoever feeds them: a replay, and the recording of that replay. What a defect is first
// blamed on is what the reviewed table has it blamed on.
#[test]
fn a_recording_is_judged_as_the_replay_was() {
    let traces = shipped();
    let compared = both_cores(Defect::ALL.len(), |index| {
        let defect = Defect::ALL[index];
        let reviewed: Vec<&str> = TABLE.lines().nth(index).map_or(Vec::new(), blamed_on);
        let (mut differ, mut strange, mut found) = (Vec::new(), Vec::new(), 0);
        for (place, profile) in
            [(index, Profile::Documented), (index * 7 + 3, Profile::Finalization)]
        {
            let trace = trace_of(&traces[place % traces.len()], profile);
            let options = Options { defect: Some(defect), ..options(place as u64) };
            let simulation = Simulation { reset: index % 4 < 2, ..Simulation::of(options) };
            let mut run = vec![trace];
            // Twice on the same cluster, in one of the profiles: what is known of the nodes is handed on.
            if (index % 2 == 0) == (profile == Profile::Documented) {
                run.push(run[0].clone());
            }
            let Ok((replayed, recording)) = simulation.recorded(&run) else {
                continue;
            };
            let judged = recording::judge(&recording, &Command::zdu(["validate"]));
            let first = findings(&replayed[0]).first().map(|(rule, ..)| rule.id());
            found += judged.traces.iter().flat_map(findings).count();
            let said =
                |result: &TraceResult| (result.verdict, result.end.clone(), findings(result));
            let validated: Vec<_> = judged.traces.iter().map(said).collect();
            let replayed: Vec<_> = replayed.iter().map(said).collect();
            strange.extend(
                first.filter(|rule| !reviewed.contains(rule)).map(|rule| (defect.name(), rule)),
            );
            if validated != replayed {
                differ.push((defect.name(), replayed, validated));
            }
        }
        (found, differ, strange)
    });
    let differ: Vec<_> = compared.iter().flat_map(|(_, differ, _)| differ).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    let strange: Vec<_> = compared.iter().flat_map(|(.., strange)| strange).collect();
    assert!(strange.is_empty(), "{strange:#?}");
    assert!(compared.iter().map(|(found, ..)| found).sum::<usize>() > 300, "too little to compare");
}

/// The rules that a line of the reviewed table has its defect blamed on.
fn blamed_on(line: &str) -> Vec<&str> {
    let (_, blamed) = line.split_once(": ").unwrap_or_default();
    blamed.split(", ").filter_map(|one| one.split(' ').next()).collect()
}

/// The reviewed table: a line a defect.
const TABLE: &str = include_str!("matrix.txt");

// What each defect is blamed on is as it was reviewed; a rule of the defect's own is always among it, unless the table says
// that nobody can see it.
#[test]
fn defects_are_blamed_as_the_reviewed_table_says() {
    let traces = shipped();
    let chosen: Vec<Defect> = Defect::ALL.iter().step_by(STRIDE).copied().collect();
    let lines = both_cores(chosen.len(), |index| blamed(&options(1), chosen[index], &traces));
    let wrong: Vec<String> = chosen
        .iter()
        .zip(&lines)
        .map(|(defect, blamed): (&Defect, &Blamed)| blamed.line(*defect))
        .filter(|line| !TABLE.lines().any(|known| known == line))
        .collect();
    assert!(
        wrong.is_empty(),
        "{wrong:#?}\nreview, then: cargo run --release -p zdu-conformance --example simulate -- matrix \
         > conformance/tests/conformance/matrix.txt"
    );
}

#[test]
fn the_reviewed_table_has_a_line_for_each_defect_and_few_are_missed() {
    let named: Vec<&str> =
        TABLE.lines().filter_map(|line| line.get(2..)?.split_whitespace().next()).collect();
    let all: Vec<&str> = Defect::ALL.iter().map(|defect| defect.name()).collect();
    assert_eq!(named, all);
    let missed = TABLE.lines().filter(|line| line.starts_with('!')).count();
    assert!(missed <= 2, "{missed} defects are not found under a rule of their own");
}
