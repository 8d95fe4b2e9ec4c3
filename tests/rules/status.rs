//! STATUS-1 to STATUS-7: which status a cluster has.

use zdu_model::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks, ReadyToUpgrade, Stable,
};
use zdu_model::spec::node::Phase::{
    Active, Error, Offline, StartingIn, StartingOut, TerminatingIn, TerminatingOut,
};

use crate::{V0, V1, V2, off, on};

// Proves that STABLE needs both: upgrade mode off, and no node in error; a node that is down does not matter.
#[test]
fn status_1_stable_is_mode_off_without_an_error() {
    assert_eq!(off(&[(Active, V0), (Active, V0)]).status(), Stable);
    assert_eq!(off(&[(Active, V0), (Offline, V1)]).status(), Stable);
    assert_eq!(off(&[(Active, V0), (StartingOut, V1)]).status(), Stable);
    assert_eq!(off(&[(Active, V0), (Error, V0)]).status(), Mixed);
    assert_eq!(on(&[(Active, V0), (Active, V0)]).status(), ReadyToUpgrade);
}

// Proves that only joined nodes are asked whether they are upgraded.
#[test]
fn status_2_ready_to_upgrade_while_no_joined_node_is_upgraded() {
    assert_eq!(on(&[(Active, V0), (Active, V0)]).status(), ReadyToUpgrade);
    assert_eq!(on(&[(Active, V0), (Offline, V1)]).status(), ReadyToUpgrade);
    assert_eq!(on(&[(Active, V0), (StartingOut, V1)]).status(), ReadyToUpgrade);
    assert_eq!(on(&[(Offline, V1), (Offline, V1)]).status(), ReadyToUpgrade);
    assert_eq!(on(&[(Active, V0), (StartingIn, V1)]).status(), Mixed);
    assert_eq!(on(&[(Active, V0), (Error, V0)]).status(), Mixed);
}

// Proves that joining is the moment, at the start and at the end of a node's life.
#[test]
fn status_3_mixed_as_soon_as_an_upgraded_node_has_joined_old_ones() {
    let beside_an_old_one = |phase| on(&[(Active, V0), (phase, V1)]).status();
    for joined in [StartingIn, Active, TerminatingIn] {
        assert_eq!(beside_an_old_one(joined), Mixed, "{joined}");
    }
    for apart in [StartingOut, TerminatingOut, Offline] {
        assert_eq!(beside_an_old_one(apart), ReadyToUpgrade, "{apart}");
    }
}

// Proves that an error outweighs every status that upgrade mode can have.
#[test]
fn status_4_mixed_while_a_node_is_in_error_with_mode_on() {
    assert_eq!(on(&[(Active, V0), (Error, V0)]).status(), Mixed);
    assert_eq!(on(&[(Active, V1), (Error, V1)]).status(), Mixed);
    assert_eq!(on(&[(Active, V1), (Error, V0)]).status(), Mixed);
    assert_eq!(on(&[(Active, V0), (Offline, V0)]).status(), ReadyToUpgrade);
}

// Proves that the error counts with upgrade mode off too, and nothing else makes the status MIXED then.
#[test]
fn status_5_mixed_while_a_node_is_in_error_with_mode_off() {
    assert_eq!(off(&[(Active, V0), (Error, V0)]).status(), Mixed);
    assert_eq!(off(&[(Active, V0), (Error, V1)]).status(), Mixed);
    assert_eq!(off(&[(Active, V0), (Offline, V1)]).status(), Stable);
}

// Proves that two later versions are two versions.
#[test]
fn status_6_mixed_while_joined_nodes_run_two_later_versions() {
    assert_eq!(on(&[(Active, V1), (Active, V2)]).status(), Mixed);
    assert_eq!(on(&[(Active, V1), (Active, V1)]).status(), ReadyToRunUpgradeTasks);
    assert_eq!(on(&[(Active, V2), (Offline, V1)]).status(), ReadyToRunUpgradeTasks);
}

// Proves each condition by taking it away: one version, other than the original, joined, no error.
#[test]
fn status_7_ready_to_run_upgrade_tasks_when_every_joined_node_is_upgraded() {
    assert_eq!(on(&[(Active, V1), (Active, V1)]).status(), ReadyToRunUpgradeTasks);
    assert_eq!(on(&[(Active, V1), (Offline, V0)]).status(), ReadyToRunUpgradeTasks);
    assert_eq!(on(&[(TerminatingIn, V1), (Offline, V0)]).status(), ReadyToRunUpgradeTasks);
    assert_eq!(on(&[(Active, V1), (Active, V0)]).status(), Mixed);
    assert_eq!(on(&[(Active, V1), (Error, V1)]).status(), Mixed);
    assert_eq!(on(&[(Offline, V1), (Offline, V1)]).status(), ReadyToUpgrade);
    assert_eq!(off(&[(Active, V1), (Active, V1)]).status(), Stable);
}
