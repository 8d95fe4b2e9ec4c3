//! The procedure: an operator who follows the page, with and without faults (PROC-1 to PROC-3).

use zdu_model::check::procedure::{self, Habit, Operator, Outcome, Remedy, Walk};
use zdu_model::check::sought::Bound;
use zdu_model::check::survival::{self, Survival, Table};
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::node::{Node, NodeId, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, Semantics, System};
use zdu_model::spec::transition::{Kind, Transition};

const N1: NodeId = NodeId::new(1);

/// The procedure to its end.
fn procedure<S: Semantics>(system: &System<S>, operator: Operator, faults: u8) -> Outcome {
    procedure::procedure(system, operator, faults, &|_| None).expect("nothing ends it")
}

fn survival<S: Semantics>(system: &System<S>, habit: Habit, faults: u8) -> Table {
    survival::survival(system, habit, faults, &|_| None).expect("nothing ends it")
}

fn run(nodes: usize, remedy: Remedy, faults: u8) -> Outcome {
    procedure(&System::spec(Scope::documented(nodes, 2)), Operator::who(remedy), faults)
}

fn with_habit(nodes: usize, habit: Habit) -> Outcome {
    procedure(
        &System::spec(Scope::documented(nodes, 2)),
        Operator { remedy: Remedy::StopAndReconnect, habit },
        0,
    )
}

fn names(walk: &Walk) -> Vec<String> {
    (walk.steps.iter()).map(|(step, _)| step.transition.to_string()).collect()
}

#[test]
fn proc_3_who_follows_the_page_always_serves_and_ends_upgraded() {
    for nodes in 2..=5 {
        let outcome = run(nodes, Remedy::StopAndReconnect, 0);
        assert_eq!(
            outcome,
            Outcome {
                // By hand: each node is stopped, leaves, halts, is installed, booted, joins and is ready; one state
                // before them all, one after start, one after approve.
                states: 3 + 7 * nodes,
                not_stopped: None,
                not_waited: None,
                unserved: None,
                unfinishable: None,
                endless: None,
            }
        );
    }
}

#[test]
fn proc_3_holds_with_upgrade_tasks_too() {
    for nodes in 2..=4 {
        let scope = Scope::documented(nodes, 2).with_profile(Profile::Finalization);
        let outcome = procedure(&System::spec(scope), Operator::who(Remedy::StopAndReconnect), 0);
        assert!(outcome.always_served() && outcome.always_finishes());
    }
}

#[test]
fn proc_3_upgrade_tasks_that_fail_are_run_again_to_the_end() {
    for remedy in [Remedy::StopAndReconnect, Remedy::ShutDownAndReconnect] {
        for (nodes, faults) in [(1, 1), (2, 1), (2, 2), (3, 1)] {
            let scope = Scope::documented(nodes, 2).with_profile(Profile::Finalization);
            let outcome = procedure(&System::spec(scope), Operator::who(remedy), faults);
            assert!(outcome.always_finishes(), "{remedy:?} N={nodes} f={faults}");
            assert_eq!(outcome.always_served(), nodes >= usize::from(faults) + 2);
        }
    }
    // The other side: where no retry is let through, nobody finishes.
    let refused = System {
        scope: Scope::documented(2, 2).with_profile(Profile::Finalization),
        semantics: Mutant::RetryRefused,
    };
    let operator = Operator::who(Remedy::StopAndReconnect);
    assert!(procedure(&refused, operator, 0).always_finishes());
    assert!(!procedure(&refused, operator, 1).always_finishes());
}

#[test]
fn proc_3_a_single_node_cannot_be_upgraded_without_an_outage_and_the_walk_shows_why() {
    let outcome = run(1, Remedy::StopAndReconnect, 0);
    let walk = outcome.unserved.as_ref().expect("an outage");
    assert_eq!(names(walk), ["Start", "Stop(n1)"]);
    assert_eq!(walk.end().node(N1).phase, Phase::TerminatingIn);
    assert!(outcome.always_finishes(), "there is an outage, but the upgrade is finished");
}

#[test]
fn proc_3_a_fault_while_the_other_node_is_down_is_an_outage_of_two() {
    let outcome = run(2, Remedy::StopAndReconnect, 1);
    let walk = outcome.unserved.expect("an outage");
    let faults: Vec<_> = (walk.steps.iter()).filter(|(step, _)| step.by == Kind::Fault).collect();
    assert_eq!(faults.len(), 1);
    assert_eq!(walk.steps.len(), 3, "start, stop one, lose the other");
    assert!(walk.to_string().contains("fault: "), "{walk}");
}

#[test]
fn proc_3_an_operator_who_gives_every_node_up_has_nobody_left_to_approve() {
    let outcome = run(2, Remedy::FinalizeWithout, 2);
    let walk = outcome.unfinishable.expect("stuck");
    assert!(!walk.end().served());
    // Who boots the node again is not stuck, with the same two faults.
    assert!(run(2, Remedy::StopAndReconnect, 2).always_finishes());
}

#[test]
fn proc_3_an_approve_that_leaves_the_mode_on_is_not_the_end() {
    // Proves that the end is asked of the cluster, and is not taken for granted once approve was called.
    let system = System { scope: Scope::documented(2, 2), semantics: Mutant::ApproveKeepsMode };
    let outcome = procedure(&system, Operator::who(Remedy::StopAndReconnect), 0);
    assert!(!outcome.always_finishes());
    let walk = outcome.unfinishable.expect("never STABLE");
    assert_eq!(walk.end(), &system.scope.initial());
}

#[test]
fn proc_1_a_node_that_is_killed_to_be_upgraded_is_found() {
    let outcome = with_habit(2, Habit::KillsToUpgrade);
    let walk = outcome.not_stopped.expect("PROC-1 is broken");
    assert_eq!(names(&walk), ["Start", "Kill(n1)", "Install(n1, v1)"]);
    assert_eq!(outcome.not_waited, None, "PROC-2 is kept");
}

#[test]
fn proc_2_a_next_node_that_is_taken_early_is_found() {
    let outcome = with_habit(3, Habit::DoesNotWait);
    let walk = outcome.not_waited.expect("PROC-2 is broken");
    assert_eq!(names(&walk).last().map(String::as_str), Some("Stop(n2)"), "{walk}");
    let before = &walk.steps[walk.steps.len() - 2].1;
    assert_eq!(before.node(N1), Node::new(Phase::StartingOut, Version(1)));
    assert_eq!(outcome.not_stopped, None, "PROC-1 is kept");
    // And that is why the page wants it: with two nodes nobody serves.
    assert!(!with_habit(2, Habit::DoesNotWait).always_served());
}

#[test]
fn proc_1_and_proc_2_hold_with_faults() {
    for remedy in Remedy::ALL {
        for (nodes, faults) in [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1)] {
            let outcome = run(nodes, remedy, faults);
            assert_eq!(outcome.not_stopped, None, "{remedy:?} N={nodes} f={faults}");
            assert_eq!(outcome.not_waited, None, "{remedy:?} N={nodes} f={faults}");
        }
    }
}

#[test]
fn a_walk_is_a_run_of_the_model_and_spends_no_more_faults_than_there_are() {
    for remedy in Remedy::ALL {
        let outcome = run(3, remedy, 2);
        for walk in [outcome.unserved, outcome.unfinishable].into_iter().flatten() {
            let mut before = walk.start.clone();
            for (step, after) in &walk.steps {
                assert!(step.transition.enabled(&before));
                assert_eq!(&step.transition.apply(&before), after);
                before = after.clone();
            }
            let faults = (walk.steps.iter()).filter(|(step, _)| step.by == Kind::Fault);
            assert!(faults.count() <= 2);
        }
    }
}

#[test]
fn a_fault_before_start_is_put_right_before_start() {
    // STATUS-5 and MODE-2 within the procedure: nobody gets stuck on a refused start.
    let system = System::spec(Scope::documented(2, 2));
    let mut broken = system.scope.initial();
    broken.nodes[1].phase = Phase::Error;
    assert_eq!((broken.mode, broken.status()), (Mode::Off, ClusterStatus::Mixed));
    assert!(!Transition::Start.enabled(&broken));
    for remedy in Remedy::ALL {
        assert!(run(2, remedy, 1).always_finishes(), "{remedy:?}");
    }
}

#[test]
fn what_a_cluster_of_n_survives() {
    // By hand: one node is down for its upgrade and each fault can take one more, so f faults need N >= f + 2. The
    // end is lost only by who gives nodes up: with N faults every node is given up, and nobody answers approve.
    let table = survival(&System::spec(Scope::documented(5, 2)), Habit::Follows, 2);
    assert_eq!(table.rows.len(), 9);
    for row in &table.rows {
        for (index, cell) in row.cells.iter().enumerate() {
            let (nodes, faults) = (index + 1, usize::from(row.faults));
            let expected = Survival {
                serves: nodes >= faults + 2,
                finishes: row.remedy != Remedy::FinalizeWithout || faults < nodes,
            };
            assert_eq!(*cell, expected, "{row:?} N={nodes}");
        }
    }
    assert_eq!(
        table.to_string(),
        "\
| faults | a node in trouble | N = 1 | N = 2 | N = 3 | N = 4 | N = 5 |
| --- | --- | --- | --- | --- | --- | --- |
| 0 | whatever the remedy | outage, finishes | serves, finishes | serves, finishes | serves, finishes | serves, finishes |
| 1 | stop it gracefully, boot it again; or shut it down altogether, boot it again | outage, finishes | outage, finishes | serves, finishes | serves, finishes | serves, finishes |
| 1 | finalize without it, connect it afterwards | outage, gets stuck | outage, finishes | serves, finishes | serves, finishes | serves, finishes |
| 2 | stop it gracefully, boot it again; or shut it down altogether, boot it again | outage, finishes | outage, finishes | outage, finishes | serves, finishes | serves, finishes |
| 2 | finalize without it, connect it afterwards | outage, gets stuck | outage, gets stuck | outage, finishes | serves, finishes | serves, finishes |"
    );
}

/// Each clause of PROC-1 to PROC-3 is broken by an operator or a cluster of the registries, at the size that they say.
#[test]
fn every_clause_of_the_procedure_is_broken_by_a_mutant() {
    for habit in Habit::BAD {
        for nodes in [habit.nodes_min(), habit.nodes_min() + 1] {
            let outcome = with_habit(nodes, habit);
            let broken = match habit.breaks() {
                Some(Rule::Proc1) => outcome.not_stopped.is_some(),
                Some(Rule::Proc2) => outcome.not_waited.is_some(),
                Some(Rule::Proc3) if habit == Habit::StopsAll => outcome.unserved.is_some(),
                Some(Rule::Proc3) => outcome.endless.is_some(),
                other => panic!("{habit:?} breaks {other:?}"),
            };
            assert!(broken, "{habit:?} with {nodes} nodes");
        }
    }
    let stuck = System { scope: Scope::documented(2, 2), semantics: Mutant::NeverReady };
    assert!(procedure(&stuck, Operator::who(Remedy::StopAndReconnect), 0).unfinishable.is_some());
}

/// The counterexample to "goes round in no circle" shows the circle: by hand, start and cancel for ever.
#[test]
fn proc_3_an_endless_upgrade_is_shown_with_its_circle() {
    let walk = with_habit(2, Habit::CallsOff).endless.expect("it never ends");
    assert_eq!(names(&walk), ["Start", "Cancel"]);
    assert_eq!(walk.circle, Some(0));
    assert_eq!(walk.end(), &walk.start);
    assert!(walk.to_string().ends_with("after step 2 again as after step 0, and so for ever"));
    assert_eq!(run(3, Remedy::StopAndReconnect, 0).endless, None);
}

/// What is printed of survival is of the cluster and the operator that were asked about.
#[test]
fn survival_is_that_of_the_system_asked_about() {
    let stuck = System { scope: Scope::documented(2, 2), semantics: Mutant::NeverReady };
    let table = survival(&stuck, Habit::Follows, 0);
    assert!(table.rows.iter().flat_map(|row| &row.cells).all(|cell| !cell.finishes));
    let all_down = survival(&System::spec(Scope::documented(2, 2)), Habit::StopsAll, 0);
    assert!(all_down.rows.iter().flat_map(|row| &row.cells).all(|cell| !cell.serves));
}

#[test]
fn a_procedure_that_is_ended_is_no_outcome() {
    let system = System::spec(Scope::documented(3, 2));
    let operator = Operator::who(Remedy::StopAndReconnect);
    let ended = procedure::procedure(&system, operator, 1, &|scenes| {
        (scenes > 100).then_some(Bound::Memory)
    });
    // 24 scenes without a fault, hundreds with one.
    assert_eq!(ended, Err(Bound::Memory));
}
