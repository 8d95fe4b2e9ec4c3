//! MODE-1 to MODE-8: when upgrade mode may change, and what it keeps apart.

use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::Phase::{Active, Error, Offline, StartingIn, StartingOut};
use zdu_model::spec::semantics::Answer::{Nobody, Refused, Success};
use zdu_model::spec::transition::{Call, Transition};

use crate::{N2, V0, V1, V2, answer, off, on};

// Proves that STABLE is enough for `start`, and that somebody must serve.
#[test]
fn mode_1_start_succeeds_in_stable_while_some_node_serves() {
    assert_eq!(answer(&off(&[(Active, V0), (Active, V0)]), Call::Start), Success);
    assert_eq!(answer(&off(&[(Active, V0), (Offline, V1)]), Call::Start), Success);
    assert_eq!(answer(&off(&[(Offline, V0), (StartingIn, V0)]), Call::Start), Nobody);
}

// Proves that one errored node is enough for a refusal, and that its going away ends it.
#[test]
fn mode_2_start_is_refused_while_a_node_is_in_error() {
    assert_eq!(answer(&off(&[(Active, V0), (Error, V0)]), Call::Start), Refused);
    assert_eq!(answer(&off(&[(Active, V0), (Offline, V0)]), Call::Start), Success);
}

// Proves both halves, and that an upgraded node that is down does not stand in the way.
#[test]
fn mode_3_cancel_succeeds_in_ready_to_upgrade_and_is_refused_in_mixed() {
    assert_eq!(answer(&on(&[(Active, V0), (Active, V0)]), Call::Cancel), Success);
    assert_eq!(answer(&on(&[(Active, V0), (Offline, V1)]), Call::Cancel), Success);
    assert_eq!(answer(&on(&[(Active, V0), (Active, V1)]), Call::Cancel), Refused);
    assert_eq!(answer(&on(&[(Active, V0), (Error, V0)]), Call::Cancel), Refused);
    assert_eq!(answer(&on(&[(Offline, V0), (Error, V0)]), Call::Cancel), Nobody);
}

// Proves that "not MIXED" alone does not let `cancel` through.
#[test]
fn mode_4_cancel_is_refused_once_all_nodes_are_upgraded() {
    assert_eq!(answer(&on(&[(Active, V1), (Active, V1)]), Call::Cancel), Refused);
    assert_eq!(answer(&on(&[(Active, V1), (Offline, V0)]), Call::Cancel), Refused);
    assert_eq!(answer(&on(&[(Active, V0), (Active, V0)]), Call::Cancel), Success);
}

// Proves that of all statuses one alone lets `approve` through.
#[test]
fn mode_5_approve_succeeds_in_ready_to_run_upgrade_tasks_alone() {
    assert_eq!(answer(&on(&[(Active, V1), (Active, V1)]), Call::Approve), Success);
    assert_eq!(answer(&on(&[(Active, V1), (Offline, V0)]), Call::Approve), Success);
    assert_eq!(answer(&on(&[(Active, V0), (Active, V0)]), Call::Approve), Refused);
    assert_eq!(answer(&on(&[(Active, V1), (Active, V0)]), Call::Approve), Refused);
    assert_eq!(answer(&on(&[(Active, V1), (Error, V1)]), Call::Approve), Refused);
    assert_eq!(answer(&on(&[(Active, V1), (Active, V2)]), Call::Approve), Refused);
    assert_eq!(answer(&off(&[(Active, V1), (Active, V1)]), Call::Approve), Refused);
}

// Proves what `approve` leaves behind, and that before it neither was so.
#[test]
fn mode_6_after_approve_the_mode_is_off_and_the_cluster_stable() {
    let before = on(&[(Active, V1), (Offline, V0)]);
    let after = Transition::Approve.apply(&before);
    assert_eq!((after.mode, after.origin), (Mode::Off, None));
    assert_eq!(after.status(), ClusterStatus::Stable);
    assert_eq!(before.status(), ClusterStatus::ReadyToRunUpgradeTasks);
}

// Proves that each call is refused in the mode that it would lead to.
#[test]
fn mode_7_start_is_refused_while_on_and_the_others_while_off() {
    let (enabled, disabled) =
        (on(&[(Active, V0), (Active, V0)]), off(&[(Active, V0), (Active, V0)]));
    assert_eq!(answer(&enabled, Call::Start), Refused);
    assert_eq!(answer(&disabled, Call::Start), Success);
    assert_eq!(answer(&disabled, Call::Cancel), Refused);
    assert_eq!(answer(&enabled, Call::Cancel), Success);
    assert_eq!(answer(&disabled, Call::Approve), Refused);
    let upgraded = on(&[(Active, V1), (Active, V1)]);
    assert_eq!(answer(&upgraded, Call::Approve), Success);
    assert_eq!(answer(&upgraded, Call::Start), Refused);
}

// Proves that a node of another version is let in with upgrade mode on and turned away with it off.
#[test]
fn mode_8_nodes_of_two_versions_join_only_while_the_mode_is_on() {
    let disabled = off(&[(Active, V0), (StartingOut, V1)]);
    assert!(!Transition::Join(N2).enabled(&disabled));
    assert!(Transition::Reject(N2).enabled(&disabled));
    let enabled = on(&[(Active, V0), (StartingOut, V1)]);
    assert!(Transition::Join(N2).enabled(&enabled));
    assert!(!Transition::Reject(N2).enabled(&enabled));
    // The same version is welcome, and so is any when nobody has joined.
    assert!(Transition::Join(N2).enabled(&off(&[(Active, V0), (StartingOut, V0)])));
    assert!(Transition::Join(N2).enabled(&off(&[(Offline, V0), (StartingOut, V1)])));
    // An errored node is taken back by the same rule.
    assert!(!Transition::Repair(N2).enabled(&off(&[(Active, V0), (Error, V1)])));
    assert!(Transition::Repair(N2).enabled(&on(&[(Active, V0), (Error, V1)])));
}
