//! What do the definitions of section 2 say (the two statuses of tasks: section 6), asked in other words?
//!
//! By how nodes are listed and by counting those that have joined, without [`Cluster::status`], [`Cluster::served`] or
//! the guards. How a phase is listed, and which versions are joined, is taken from the definitions as they are.

use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{NodeStatus, Phase, Version};

pub(super) fn on(cluster: &Cluster) -> bool {
    cluster.mode == Mode::On
}

/// Whether some node is listed with a status for which `which` holds.
fn lists(cluster: &Cluster, which: impl Fn(NodeStatus) -> bool) -> bool {
    cluster.nodes.iter().any(|node| node.phase.listed().is_some_and(&which))
}

pub(super) fn served(cluster: &Cluster) -> bool {
    lists(cluster, |status| {
        matches!(
            status,
            NodeStatus::Active
                | NodeStatus::RunningFinalizeUpgradeTasks
                | NodeStatus::UpgradeTasksFailed
        )
    })
}

pub(super) fn errors(cluster: &Cluster) -> bool {
    lists(cluster, |status| status == NodeStatus::Error)
}

/// Whether some node is in this phase. Not [`Cluster::any`], which the statuses are defined by.
pub(super) fn some(cluster: &Cluster, phase: Phase) -> bool {
    cluster.nodes.iter().any(|node| node.phase == phase)
}

/// Whether one of the two statuses of section 6 applies.
pub(super) fn tasks(cluster: &Cluster) -> bool {
    let any = |wanted| lists(cluster, |status| status == wanted);
    any(NodeStatus::RunningFinalizeUpgradeTasks)
        || (!on(cluster) && (cluster.tasks_pending || any(NodeStatus::UpgradeTasksFailed)))
}

/// How many joined nodes run a version for which `which` holds.
pub(super) fn joined(cluster: &Cluster, which: impl Fn(Version) -> bool) -> usize {
    cluster
        .nodes
        .iter()
        .filter(|node| {
            matches!(
                node.phase,
                Phase::Active
                    | Phase::StartingIn
                    | Phase::TerminatingIn
                    | Phase::Finalizing
                    | Phase::FinalizeFailed
            ) && which(node.version)
        })
        .count()
}

/// How many joined nodes run the original version.
pub(super) fn old(cluster: &Cluster) -> usize {
    joined(cluster, |version| Some(version) == cluster.origin)
}

/// How many joined nodes run another one.
pub(super) fn upgraded(cluster: &Cluster) -> usize {
    joined(cluster, |version| Some(version) != cluster.origin)
}

/// Whether some two joined nodes run different versions, by comparing the largest with the smallest.
pub(super) fn two_versions(cluster: &Cluster) -> bool {
    let versions = || {
        let joined = cluster.nodes.iter().filter(|node| node.phase.joined());
        joined.map(|node| node.version)
    };
    versions().min() != versions().max()
}

/// Whether some node has joined, and all that have are upgraded to one version.
pub(super) fn all_upgraded(cluster: &Cluster) -> bool {
    upgraded(cluster) > 0 && old(cluster) == 0 && !two_versions(cluster)
}

/// Whether upgrade mode is off and nothing is wrong.
pub(super) fn quiet(cluster: &Cluster) -> bool {
    !on(cluster) && !errors(cluster) && !tasks(cluster)
}

/// Whether upgrade mode is on, nothing is wrong, and no joined node is upgraded.
pub(super) fn nobody_upgraded(cluster: &Cluster) -> bool {
    on(cluster) && !errors(cluster) && upgraded(cluster) == 0
}
