//! Liveness under weak fairness, and PROC-4: what must happen in the end, and what can always be done.

use zdu_model::check::fairness::{Lasso, Liveness, Meanwhile};
use zdu_model::check::graph::Graph;
use zdu_model::check::recovery::Recovery;
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::node::{NodeId, Phase};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, Semantics, System};
use zdu_model::spec::transition::{Kind, Transition};

const N1: NodeId = NodeId::new(1);

fn lassos<S: Semantics>(system: &System<S>, meanwhile: Meanwhile) -> Vec<(Rule, Lasso)> {
    let graph = Graph::of(system);
    Liveness::all(system.scope.profile)
        .into_iter()
        .filter_map(|liveness| {
            let lasso = liveness.lasso(system.scope, &graph, meanwhile)?;
            Some((liveness.rule, lasso))
        })
        .collect()
}

/// Every step of the lasso is one of the system's, and the turn ends where it began.
fn is_a_run<S: Semantics>(system: &System<S>, lasso: &Lasso) {
    assert_eq!(lasso.stem.end(), &lasso.turn.start);
    assert_eq!(lasso.turn.end(), &lasso.turn.start);
    for path in [&lasso.stem, &lasso.turn] {
        for (before, transition, after) in path.moves() {
            assert!(system.semantics.enabled(before, transition));
            assert_eq!(&system.semantics.apply(before, transition), after);
        }
    }
}

#[test]
fn the_graph_has_the_states_and_transitions_of_the_table() {
    for (versions, nodes, counts) in [(2, 2, (742, 4_262)), (2, 3, (11_570, 98_178))] {
        let graph = Graph::of(&System::spec(Scope::documented(nodes, versions)));
        assert_eq!((graph.states().len(), graph.transitions()), counts);
    }
}

#[test]
fn node_2_node_3_and_node_5_nobody_stays_when_the_cluster_is_left_alone() {
    for (profile, nodes, versions) in [
        (Profile::Documented, 1, 2),
        (Profile::Documented, 2, 2),
        (Profile::Documented, 3, 2),
        (Profile::Documented, 2, 3),
        (Profile::Finalization, 2, 2),
    ] {
        let scope = Scope::documented(nodes, versions).with_profile(profile);
        let found = lassos(&System::spec(scope), Meanwhile::Nothing);
        assert!(found.is_empty(), "{scope:?}: {}", found[0].1);
    }
}

#[test]
fn node_2_start_and_cancel_for_ever_keep_a_node_of_the_other_version_starting() {
    // Section 5: without the words "no further API step" the property is false, and this is why.
    let system = System::spec(Scope::documented(2, 2));
    let found = lassos(&system, Meanwhile::Calls);
    let (_, lasso) =
        (found.iter()).find(|(rule, _)| *rule == Rule::Node2).expect("the toggling lasso");
    is_a_run(&system, lasso);
    let transitions: Vec<Transition> = lasso.turn.steps.iter().map(|step| step.0).collect();
    assert_eq!(transitions, [Transition::Start, Transition::Cancel]);
    assert_eq!(lasso.stem.steps.len(), 3, "shut down, install, boot");
    for (_, state) in &lasso.turn.steps {
        assert_eq!(state.node(lasso.node).phase, Phase::StartingOut);
    }
    let text = lasso.to_string();
    for line in [
        "and from there for ever, n1 staying:",
        "4  Start              mode off -> on; origin none -> v0; status STABLE -> READY_TO_UPGRADE",
        "5  Cancel             mode on -> off; origin v0 -> none; status READY_TO_UPGRADE -> STABLE",
        "back after step 5",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
}

#[test]
fn node_2_a_single_node_cannot_be_kept_starting_even_by_calls() {
    // The other side of the lasso: it needs a second node that answers the calls.
    assert_eq!(lassos(&System::spec(Scope::documented(1, 2)), Meanwhile::Calls), []);
}

#[test]
fn node_3_no_calls_keep_a_node_terminating() {
    let found = lassos(&System::spec(Scope::documented(3, 2)), Meanwhile::Calls);
    assert!(found.iter().all(|(rule, _)| *rule != Rule::Node3));
}

#[test]
fn node_5_an_endpoint_that_never_forgets_is_found_as_a_dead_end() {
    let system = System { scope: Scope::documented(2, 2), semantics: Mutant::NeverForgotten };
    let found = lassos(&system, Meanwhile::Nothing);
    assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [Rule::Node5]);
    let lasso = &found[0].1;
    is_a_run(&system, lasso);
    assert!(lasso.turn.steps.is_empty());
    assert_eq!(lasso.stem.end().mode, Mode::Off);
    assert_eq!(lasso.stem.end().node(N1).phase, Phase::Offline);
    assert!(lasso.to_string().ends_with("and there n1 stays: nothing can happen"));
}

#[test]
fn fairness_is_per_transition_and_node() {
    // Proves that calls which go on for ever excuse no transition that they do not disable: on every lasso each
    // spontaneous transition, of any node, is taken or somewhere not enabled.
    for (profile, nodes, versions) in
        [(Profile::Documented, 3, 2), (Profile::Documented, 2, 3), (Profile::Finalization, 2, 2)]
    {
        let system = System::spec(Scope::documented(nodes, versions).with_profile(profile));
        let found = lassos(&system, Meanwhile::Calls);
        assert_eq!(found.len(), 1, "only NODE-2 can be put off for ever");
        for (rule, lasso) in found {
            assert_eq!(rule, Rule::Node2);
            is_a_run(&system, &lasso);
            let all = system.scope.transitions().into_iter();
            for fair in all.filter(|transition| transition.kind() == Kind::Spontaneous) {
                let mut turn = lasso.turn.moves();
                assert!(
                    turn.any(|(before, taken, _)| {
                        taken == fair || !system.semantics.enabled(before, fair)
                    }),
                    "{fair} is put off for ever on\n{lasso}"
                );
            }
        }
    }
}

#[test]
fn proc_4_every_state_has_a_way_back_to_stable() {
    for (profile, nodes, versions) in [
        (Profile::Documented, 1, 2),
        (Profile::Documented, 2, 2),
        (Profile::Documented, 3, 2),
        (Profile::Documented, 2, 3),
        (Profile::Finalization, 1, 2),
        (Profile::Finalization, 2, 2),
    ] {
        let system = System::spec(Scope::documented(nodes, versions).with_profile(profile));
        let graph = Graph::of(&system);
        let recovery = Recovery::of(&system, &graph);
        assert_eq!(recovery.stranded(), None, "{:?}", system.scope);
    }
}

#[test]
fn proc_4_the_way_back_is_a_run_without_faults_of_the_length_that_is_told() {
    let system = System::spec(Scope::documented(2, 2));
    let graph = Graph::of(&system);
    let recovery = Recovery::of(&system, &graph);
    let mut longest = 0;
    for state in 0..graph.states().len() {
        let path = recovery.way_back(state).expect("a way back");
        let steps = u32::try_from(path.steps.len()).expect("short");
        assert_eq!(recovery.distance(state), Some(steps));
        assert_eq!(path.end().status(), ClusterStatus::Stable);
        for (before, transition, after) in path.moves() {
            assert_ne!(transition.kind(), Kind::Fault);
            assert!(transition.enabled(before));
            assert_eq!(&transition.apply(before), after);
        }
        longest = longest.max(steps);
    }
    assert_eq!(recovery.distance(recovery.farthest()), Some(longest));
    assert_eq!(recovery.distance(0), Some(0), "the initial state is STABLE");
}

#[test]
fn proc_4_an_endpoint_that_refuses_every_retry_strands_the_cluster() {
    for mutant in [Mutant::RetryRefused, Mutant::RetryDoesNothing] {
        let system = System {
            scope: Scope::documented(1, 2).with_profile(Profile::Finalization),
            semantics: mutant,
        };
        let graph = Graph::of(&system);
        let recovery = Recovery::of(&system, &graph);
        let stranded = recovery.stranded().expect("nothing but a retry leads on");
        assert_eq!(recovery.way_back(stranded), None);
        let end = graph.path_to(stranded).end().clone();
        assert!(end.tasks_pending, "{end}");
    }
}
