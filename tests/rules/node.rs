//! NODE-1 to NODE-10: how a node lives, is listed, and comes back.

use zdu_model::spec::node::NodeStatus;
use zdu_model::spec::node::Phase::{
    Absent, Active, Error, Offline, StartingIn, StartingOut, TerminatingIn, TerminatingOut,
};
use zdu_model::spec::transition::Transition;

use crate::{N1, N2, N3, V0, V1, off, on, phase_after};

// Proves that ACTIVE means both, joined and serving, and that no other listing of the page serves.
#[test]
fn node_1_active_is_connected_and_running() {
    assert!(Active.joined() && Active.serves());
    assert_eq!(Active.listed(), Some(NodeStatus::Active));
    for phase in [StartingOut, StartingIn, TerminatingIn, TerminatingOut, Offline, Error, Absent] {
        assert!(!phase.serves(), "{phase}");
        assert_ne!(phase.listed(), Some(NodeStatus::Active), "{phase}");
    }
    assert!(!off(&[(StartingIn, V0), (Offline, V0)]).served());
    assert!(off(&[(Active, V0), (Offline, V0)]).served());
}

// Proves the way from OFFLINE to ACTIVE, STARTING all along, and that there is no short cut.
#[test]
fn node_2_starting_becomes_active_once_loaded() {
    let down = on(&[(Active, V0), (Offline, V1)]);
    assert_eq!(phase_after(&down, Transition::Boot(N2)), StartingOut);
    let loading = on(&[(Active, V0), (StartingOut, V1)]);
    assert_eq!(phase_after(&loading, Transition::Join(N2)), StartingIn);
    let joined = on(&[(Active, V0), (StartingIn, V1)]);
    assert_eq!(phase_after(&joined, Transition::Ready(N2)), Active);
    for phase in [StartingOut, StartingIn] {
        assert_eq!(phase.listed(), Some(NodeStatus::Starting));
    }
    assert!(!Transition::Ready(N2).enabled(&loading));
    assert!(!Transition::Boot(N1).enabled(&down));
}

// Proves the way down step by step, and that a node that is down cannot be stopped again.
#[test]
fn node_3_a_stopped_node_is_terminating_then_offline() {
    let up = on(&[(Active, V0), (Active, V0)]);
    assert_eq!(phase_after(&up, Transition::Stop(N2)), TerminatingIn);
    let leaving = on(&[(Active, V0), (TerminatingIn, V0)]);
    assert_eq!(phase_after(&leaving, Transition::Leave(N2)), TerminatingOut);
    let left = on(&[(Active, V0), (TerminatingOut, V0)]);
    assert_eq!(phase_after(&left, Transition::Halt(N2)), Offline);
    for phase in [TerminatingIn, TerminatingOut] {
        assert_eq!(phase.listed(), Some(NodeStatus::Terminating));
    }
    assert!(!Transition::Stop(N2).enabled(&on(&[(Active, V0), (Offline, V0)])));
    assert!(!Transition::Stop(N2).enabled(&left));
}

// Proves that every node that is up or on its way goes OFFLINE when it dies, and that the dead do not die again.
#[test]
fn node_4_a_node_that_does_not_respond_is_offline() {
    for phase in [Active, StartingOut, StartingIn, TerminatingIn, TerminatingOut, Error] {
        let cluster = on(&[(Active, V0), (phase, V0)]);
        assert_eq!(phase_after(&cluster, Transition::Kill(N2)), Offline, "{phase}");
    }
    for phase in [Offline, Absent] {
        let cluster = on(&[(Active, V0), (phase, V0)]);
        assert!(!Transition::Kill(N2).enabled(&cluster), "{phase}");
    }
}

// Proves that upgrade mode alone decides whether an OFFLINE node is removed, and that no other node is.
#[test]
fn node_5_an_offline_node_is_removed_once_the_mode_is_off() {
    let down = [(Active, V0), (Offline, V1), (StartingOut, V0)];
    assert_eq!(phase_after(&off(&down), Transition::Forget(N2)), Absent);
    assert_eq!(Absent.listed(), None);
    assert!(!Transition::Forget(N2).enabled(&on(&down)));
    assert!(!Transition::Forget(N1).enabled(&off(&down)));
    assert!(!Transition::Forget(N3).enabled(&off(&down)));
}

// Proves that an error comes over a node that runs or loads, and over no other.
#[test]
fn node_6_a_node_on_which_something_went_wrong_is_in_error() {
    for phase in [Active, StartingOut, StartingIn] {
        let cluster = on(&[(Active, V0), (phase, V0)]);
        assert_eq!(phase_after(&cluster, Transition::Break(N2)), Error, "{phase}");
    }
    assert_eq!(Error.listed(), Some(NodeStatus::Error));
    for phase in [TerminatingIn, TerminatingOut, Offline, Error, Absent] {
        let cluster = on(&[(Active, V0), (phase, V0)]);
        assert!(!Transition::Break(N2).enabled(&cluster), "{phase}");
    }
    // Nobody else is touched.
    let after = Transition::Break(N2).apply(&on(&[(Active, V0), (Active, V0)]));
    assert_eq!(after, on(&[(Active, V0), (Error, V0)]));
}

// Proves that the errored node goes down gracefully, by way of TERMINATING, and not back to ACTIVE.
#[test]
fn node_7_an_errored_node_that_is_stopped_goes_offline() {
    let errored = on(&[(Active, V0), (Error, V0)]);
    assert_eq!(phase_after(&errored, Transition::Stop(N2)), TerminatingOut);
    let after = Transition::Halt(N2).apply(&Transition::Stop(N2).apply(&errored));
    assert_eq!(after, on(&[(Active, V0), (Offline, V0)]));
    assert!(!Transition::Halt(N2).enabled(&errored));
}

// Proves that there is a way down for a node that does not stop.
#[test]
fn node_8_an_errored_node_that_is_shut_down_altogether_goes_offline() {
    let errored = off(&[(Active, V0), (Error, V0)]);
    assert_eq!(phase_after(&errored, Transition::Kill(N2)), Offline);
    assert!(!Transition::Boot(N2).enabled(&errored));
    assert!(Transition::Boot(N2).enabled(&Transition::Kill(N2).apply(&errored)));
}

// Proves that a removed node joins again on the cluster's version, and with another one does not.
#[test]
fn node_9_a_removed_node_comes_back_with_the_clusters_version() {
    let removed = off(&[(Active, V1), (Absent, V0)]);
    let fixed = Transition::Boot(N2).apply(&Transition::Install(N2, V1).apply(&removed));
    assert_eq!(fixed, off(&[(Active, V1), (StartingOut, V1)]));
    assert!(Transition::Join(N2).enabled(&fixed));
    let unfixed = Transition::Boot(N2).apply(&removed);
    assert!(!Transition::Join(N2).enabled(&unfixed));
    assert!(Transition::Reject(N2).enabled(&unfixed));
}

// Proves that a version is installed on nodes that are down, and on those alone.
#[test]
fn node_10_a_version_changes_only_while_the_node_is_down() {
    for phase in [Offline, Absent] {
        let cluster = on(&[(Active, V0), (phase, V0)]);
        let after = Transition::Install(N2, V1).apply(&cluster);
        assert!(Transition::Install(N2, V1).enabled(&cluster), "{phase}");
        assert_eq!(after, on(&[(Active, V0), (phase, V1)]));
    }
    for phase in [Active, StartingOut, StartingIn, TerminatingIn, TerminatingOut, Error] {
        let cluster = on(&[(Active, V0), (phase, V0)]);
        assert!(!Transition::Install(N2, V1).enabled(&cluster), "{phase}");
    }
    // What is there already is not installed again.
    let there = on(&[(Active, V0), (Offline, V1)]);
    assert!(!Transition::Install(N2, V1).enabled(&there));
    assert!(Transition::Install(N2, V0).enabled(&there));
}
