//! Does the suite hold beyond its traces? Random walks through the model, each replayed over HTTP as a trace.
//!
//! A mock without a defect must explain every walk; one with a defect is found by some walk, which proptest shrinks with the
//! endpoint itself as the judge. The smallest walk that still fails is kept as a trace file that `zdu replay` takes.
//! The seeds are fixed: the same walks every time.

mod walk;

use zdu_conformance::verdict::Verdict;
use zdu_endpoint::Defect;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::trace::Trace;

use walk::{Found, Walker};

/// How many walks a cluster of each size is sent on.
const WALKS: u32 = 16;

fn all_pass(scope: Scope, seed: u8) {
    let walker = Walker { scope, defect: None, walks: WALKS, seed };
    if let Some(found) = walker.search() {
        panic!("a conforming mock fails a walk: {}", found.message);
    }
}

// Proves that the judge explains whatever a conforming cluster of this size does, in any order of calls and steps.
#[test]
fn walks_on_one_node_pass() {
    all_pass(Scope::documented(1, 2), 1);
}

#[test]
fn walks_on_two_nodes_pass() {
    all_pass(Scope::documented(2, 3), 2);
}

#[test]
fn walks_on_three_nodes_pass() {
    all_pass(Scope::documented(3, 3), 3);
}

#[test]
fn walks_with_upgrade_tasks_pass() {
    all_pass(Scope::documented(2, 2).with_profile(Profile::Finalization), 4);
}

/// Finds a defect, and holds its smallest walk against what the defect is by hand.
fn finds(name: &str, nodes: usize, steps: &[&str]) -> Found {
    let defect: Defect = name.parse().expect("a defect");
    let walker =
        Walker { scope: Scope::documented(nodes, 2), defect: Some(defect), walks: 400, seed: 5 };
    let found = walker.search().expect("no walk finds the defect");
    let actions: Vec<&str> = found.trace.steps.iter().map(|step| step.name()).collect();
    assert_eq!(actions, steps, "{}", found.message);

    // The file is a trace, and fails again under the defect's own rule, and only with the defect.
    let text = std::fs::read_to_string(&found.path).expect("the walk was written");
    let again = Trace::parse(&text).expect("a walk is a trace");
    let result = walker.replay(&again);
    assert_eq!(result.verdict, Verdict::Deviates);
    let first = result.first().map(|found| found.finding.rule.id());
    assert_eq!(first, Some(defect.row().rules[0]));
    let sound = Walker { defect: None, ..walker };
    assert_eq!(sound.replay(&again).verdict, Verdict::Pass);
    // Whoever reads the failure knows how to see it again.
    let command = format!("--defect {name}");
    assert!(found.message.contains("zdu replay "), "{}", found.message);
    assert!(found.message.contains(&command), "{}", found.message);
    found
}

// Proves that a defect of a status is found and shrinks to the one step that shows it.
#[test]
fn status_5_a_stable_cluster_with_an_error_is_found_by_a_walk() {
    finds("stable-despite-error", 2, &["break"]);
}

// Proves that shrinking keeps what a refusal needs: the mode must be on.
#[test]
fn node_5_an_offline_node_forgotten_too_early_is_found_by_a_walk() {
    finds("forgotten-while-on", 2, &["start", "kill"]);
}

// Proves that a guard that shows late is found too: two nodes of two versions, and then the call.
#[test]
fn mode_3_a_cancel_that_is_accepted_when_mixed_is_found_by_a_walk() {
    finds("cancel-when-mixed", 2, &["start", "kill", "install", "boot", "cancel"]);
}
