//! FIN-1 to FIN-5: upgrade tasks after `approve` (profile `finalization`).

use zdu_model::spec::cluster::ClusterStatus::{RunningUpgradeTasks, Stable, UpgradeTasksFailed};
use zdu_model::spec::cluster::Mode;
use zdu_model::spec::node::NodeStatus;
use zdu_model::spec::node::Phase::{Active, FinalizeFailed, Finalizing, Offline};
use zdu_model::spec::semantics::Answer::{Nobody, Refused, Success};
use zdu_model::spec::transition::{Call, Transition};

use crate::{N1, N2, V0, V1, answer_with_tasks, off, on, pending};

// Proves that every serving node runs tasks and says so, that the others do not, and that there is a way without tasks.
#[test]
fn fin_1_after_approve_with_tasks_they_run_on_every_serving_node() {
    let before = on(&[(Active, V1), (Active, V1), (Offline, V0)]);
    let after = Transition::ApproveWithTasks.apply(&before);
    assert_eq!(after, pending(off(&[(Finalizing, V1), (Finalizing, V1), (Offline, V0)])));
    assert_eq!(after.status(), RunningUpgradeTasks);
    assert_eq!(after.mode, Mode::Off);
    assert!(after.served());
    assert_eq!(Finalizing.listed(), Some(NodeStatus::RunningFinalizeUpgradeTasks));
    let without = Transition::Approve.apply(&before);
    assert_eq!(without, off(&[(Active, V1), (Active, V1), (Offline, V0)]));
    assert_eq!(without.status(), Stable);
}

// Proves that the last node that is done ends it, and no earlier one.
#[test]
fn fin_2_when_every_nodes_tasks_are_done_the_cluster_is_stable() {
    let both = pending(off(&[(Finalizing, V1), (Finalizing, V1)]));
    let one = Transition::FinalizeOk(N1).apply(&both);
    assert_eq!(one, pending(off(&[(Active, V1), (Finalizing, V1)])));
    assert_eq!(one.status(), RunningUpgradeTasks);
    let none = Transition::FinalizeOk(N2).apply(&one);
    assert_eq!(none, off(&[(Active, V1), (Active, V1)]));
    assert_eq!(none.status(), Stable);
    assert!(!Transition::FinalizeOk(N1).enabled(&none));
}

// Proves that a failure shows on the node at once and on the cluster once nobody runs tasks.
#[test]
fn fin_3_when_a_nodes_tasks_fail_node_and_cluster_say_so() {
    let both = pending(off(&[(Finalizing, V1), (Finalizing, V1)]));
    let failed = Transition::FinalizeFail(N1).apply(&both);
    assert_eq!(failed, pending(off(&[(FinalizeFailed, V1), (Finalizing, V1)])));
    assert_eq!(failed.status(), RunningUpgradeTasks);
    assert_eq!(FinalizeFailed.listed(), Some(NodeStatus::UpgradeTasksFailed));
    let over = Transition::FinalizeOk(N2).apply(&failed);
    assert_eq!(over, pending(off(&[(FinalizeFailed, V1), (Active, V1)])));
    assert_eq!(over.status(), UpgradeTasksFailed);
    // Tasks that nobody is left to run have failed too.
    let deserted = pending(off(&[(Active, V1), (Offline, V1)]));
    assert_eq!(deserted.status(), UpgradeTasksFailed);
    assert_eq!(off(&[(Active, V1), (Offline, V1)]).status(), Stable);
}

// Proves that a retry runs what failed and nothing else, and is refused in every other status.
#[test]
fn fin_4_retry_runs_again_what_failed_and_succeeds_there_alone() {
    let failed = pending(off(&[(FinalizeFailed, V1), (Active, V1)]));
    assert_eq!(answer_with_tasks(&failed, Call::Retry), Success);
    assert_eq!(Transition::Retry.apply(&failed), pending(off(&[(Finalizing, V1), (Active, V1)])));
    // With no failed node left, whoever is ACTIVE runs what is pending.
    let deserted = pending(off(&[(Active, V1), (Offline, V1)]));
    assert_eq!(answer_with_tasks(&deserted, Call::Retry), Success);
    assert_eq!(
        Transition::Retry.apply(&deserted),
        pending(off(&[(Finalizing, V1), (Offline, V1)]))
    );
    let running = pending(off(&[(Finalizing, V1), (FinalizeFailed, V1)]));
    assert_eq!(answer_with_tasks(&running, Call::Retry), Refused);
    for other in [
        off(&[(Active, V1), (Active, V1)]),
        on(&[(Active, V0), (Active, V0)]),
        on(&[(Active, V1), (Active, V0)]),
        on(&[(Active, V1), (Active, V1)]),
    ] {
        assert_eq!(answer_with_tasks(&other, Call::Retry), Refused, "{other}");
    }
    let nobody = pending(off(&[(Offline, V1), (Offline, V1)]));
    assert_eq!(answer_with_tasks(&nobody, Call::Retry), Nobody);
}

// Proves that the next upgrade waits for the tasks of the last one.
#[test]
fn fin_5_start_is_refused_while_tasks_run_and_after_they_failed() {
    let running = pending(off(&[(Finalizing, V1), (Active, V1)]));
    assert_eq!(answer_with_tasks(&running, Call::Start), Refused);
    let failed = pending(off(&[(FinalizeFailed, V1), (Active, V1)]));
    assert_eq!(answer_with_tasks(&failed, Call::Start), Refused);
    let done = off(&[(Active, V1), (Active, V1)]);
    assert_eq!(answer_with_tasks(&done, Call::Start), Success);
}
