//! Would the scenarios notice? Each planted mutant, and many a defect that nobody registered, is replayed to an observer
//! who only sees answers; some scenario must be inexplicable to them, and none on a cluster that conforms.

mod observer;

use observer::{Arm, Verdict, defects, replay};
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Semantics, Spec};
use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

fn traces(nodes: u8) -> Vec<Trace> {
    scenario::all().filter_map(|scenario| scenario.trace(nodes)).collect()
}

fn profile_of(mutant: Mutant) -> Profile {
    if mutant.in_profile(Profile::Documented) { Profile::Documented } else { Profile::Finalization }
}

/// The first scenario of a profile that finds a semantics out.
fn finder<'a, S: Semantics>(
    semantics: &S,
    profile: Profile,
    traces: &'a [Trace],
    arms: &[Arm],
) -> Option<&'a str> {
    traces
        .iter()
        .filter(|trace| trace.profile == profile)
        .find(|trace| arms.iter().any(|arm| replay(trace, semantics, *arm) != Verdict::Conforms))
        .map(|trace| trace.name.as_str())
}

#[test]
fn no_scenario_complains_about_the_spec() {
    for nodes in 1..=4 {
        let tasks = |scenario: &scenario::Scenario| scenario.trace_in(Profile::Finalization, nodes);
        let with_tasks = scenario::all().filter_map(tasks);
        for trace in traces(nodes).into_iter().chain(with_tasks) {
            for arm in Arm::ALL {
                assert_eq!(
                    replay(&trace, &Spec, arm),
                    Verdict::Conforms,
                    "{} with {nodes} nodes, {arm:?}",
                    trace.name
                );
            }
        }
    }
}

/// With one node these show only while nobody is there to answer.
const SILENT_ALONE: &[Mutant] = &[
    Mutant::StableDespiteError,
    Mutant::ErrorIgnoredWhileOn,
    Mutant::MixedWhileOff,
    Mutant::OfflineCountsAsUpgraded,
    Mutant::StopDropsFromList,
    Mutant::NeverForgotten,
    Mutant::ForgottenWhileOn,
];

#[test]
fn every_mutant_is_found_out_at_every_size_that_shows_it() {
    for nodes in 1..=4_u8 {
        let traces = traces(nodes);
        for mutant in Mutant::ALL {
            if usize::from(nodes) < mutant.nodes_min() {
                continue;
            }
            let found = finder(mutant, profile_of(*mutant), &traces, &Arm::ALL);
            let silent = nodes == 1 && SILENT_ALONE.contains(mutant);
            assert_eq!(found.is_none(), silent, "{mutant} with {nodes} nodes: {found:?}");
        }
    }
}

/// Running upgrade tasks pass by themselves, and so does an OFFLINE node with upgrade mode off.
const TRANSIENT: &[Mutant] =
    &[Mutant::MixedWhileOff, Mutant::TasksLeaveStable, Mutant::RunningShownAsFailed];

#[test]
fn who_looks_at_settled_clusters_only_misses_what_is_transient_and_nothing_else() {
    let patient: Vec<Arm> = Arm::ALL.into_iter().filter(|arm| !arm.polls).collect();
    let traces = traces(3);
    for mutant in Mutant::ALL {
        let found = finder(mutant, profile_of(*mutant), &traces, &patient);
        assert_eq!(found.is_none(), TRANSIENT.contains(mutant), "{mutant}: {found:?}");
    }
}

#[test]
fn plausible_defects_that_no_mutant_stands_for_are_found_out_too() {
    let registered = [defects::STATUSES, defects::GUARDS, defects::EFFECTS];
    let registered = registered.into_iter().flatten();
    let all: Vec<_> = registered
        .map(|defect| (defect, Profile::Documented))
        .chain(defects::TASKS.iter().map(|defect| (defect, Profile::Finalization)))
        .collect();
    let mut missed = Vec::new();
    for nodes in 1..=3 {
        let traces = traces(nodes);
        for (defect, profile) in &all {
            if nodes >= defect.nodes_min && finder(*defect, *profile, &traces, &Arm::ALL).is_none()
            {
                missed.push(format!("{} with {nodes} nodes", defect.name));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
