//! What does the cluster come to by itself, as far as advice depends on it? (the spontaneous transitions of sections 3 and 6)
//!
//! Removed and OFFLINE nodes are one thing here, and no version is known of either. Transitions that neither depend on others
//! nor are asked for by others are taken at once, in any order: that leads to the same settled states, and keeps large
//! clusters cheap. What remains open is whether a build lets a node below the original join (section 7), and, where nobody serves
//! with upgrade mode off, which version joins first.

use std::collections::BTreeSet;

use super::{Asked, Until};
use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{NodeId, Phase, Version};
use crate::spec::transition::Transition;

/// How many states are looked at; beyond, what comes of it is taken for open.
const LOOKED_AT_MAX: usize = 20_000;

/// A settled cluster, as far as advice depends on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pub(super) mode: Mode,
    /// Upgrade tasks failed, or wait for somebody to run them.
    pub(super) tasks_left: bool,
    pub(super) nodes: Vec<Stand>,
}

/// What has become of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stand {
    /// It serves.
    Up(Version),
    /// It is in error.
    Error,
    /// It is OFFLINE or removed.
    Down,
}

/// What is known of what comes by itself.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// A settled cluster that may come of it; the only one where `open` does not hold.
    pub(super) standing: Standing,
    /// What comes of it is open: several settled clusters may.
    pub(super) open: bool,
    /// The version that the joined nodes run with upgrade mode off. Where nobody has joined the first to join will set it (section
    /// 7): then the version that is asked for, or else the highest that is listed.
    pub(super) running: Version,
    /// What is to be waited for first.
    pub(super) waits: Vec<Until>,
}

/// What comes by itself; `None` when nothing explains what was seen.
pub(super) fn settled(asked: &Asked<'_>) -> Option<Settled> {
    let (ends, given_up) = ends(asked.explanations);
    let standings: BTreeSet<Standing> = ends.iter().map(standing).collect();
    let first = ends.first().or(asked.explanations.first())?;
    let standing = standings.first().cloned().unwrap_or_else(|| standing(first));
    let open = given_up || standings.len() != 1 || !asked.silent.is_empty();
    let waits = waits(asked, &standing, open);
    let running = running(asked, ends.first().unwrap_or(first));
    Some(Settled { running, waits, standing, open })
}

fn running(asked: &Asked<'_>, end: &Cluster) -> Version {
    let installed = || end.nodes.iter().map(|node| node.version).max();
    let joined = end.joined_versions().last().copied();
    joined.or(asked.to).or_else(installed).unwrap_or(Version::ORIGINAL)
}

fn standing(cluster: &Cluster) -> Standing {
    let stand = |phase: Phase, version: Version| match phase {
        Phase::Active
        | Phase::StartingOut
        | Phase::StartingIn
        | Phase::Finalizing
        | Phase::FinalizeFailed => Stand::Up(version),
        Phase::Error => Stand::Error,
        Phase::TerminatingIn | Phase::TerminatingOut | Phase::Offline | Phase::Absent => {
            Stand::Down
        }
    };
    Standing {
        mode: cluster.mode,
        tasks_left: cluster.tasks_pending || cluster.any(Phase::FinalizeFailed),
        nodes: cluster.nodes.iter().map(|node| stand(node.phase, node.version)).collect(),
    }
}

/// What is to be waited for before anything else is done.
fn waits(asked: &Asked<'_>, standing: &Standing, open: bool) -> Vec<Until> {
    let mut waits: Vec<Until> = asked.silent.iter().copied().map(Until::Answers).collect();
    let some = |id: NodeId, phases: &[Phase]| {
        let mut explanations = asked.explanations.iter();
        !asked.silent.contains(&id)
            && explanations.any(|cluster| phases.contains(&cluster.node(id).phase))
    };
    let moving = [
        Phase::StartingOut,
        Phase::StartingIn,
        Phase::TerminatingIn,
        Phase::TerminatingOut,
        Phase::Finalizing,
    ];
    let tasks = asked.scope.node_ids().any(|id| some(id, &[Phase::Finalizing]));
    for id in asked.scope.node_ids() {
        let stand = standing.nodes[id.index()];
        match stand {
            _ if !some(id, &moving) => {}
            _ if open => waits.push(Until::Still(id)),
            // The cluster's status tells when tasks are done, for all nodes at once.
            _ if some(id, &[Phase::Finalizing]) => {}
            Stand::Up(_) => waits.push(Until::Active(id)),
            Stand::Error | Stand::Down => waits.push(Until::Down(id)),
        }
    }
    if tasks && !open {
        waits.push(Until::Status(status_off(standing)));
    }
    waits
}

/// The status of a settled cluster with upgrade mode off.
pub(super) fn status_off(standing: &Standing) -> ClusterStatus {
    if standing.tasks_left {
        ClusterStatus::UpgradeTasksFailed
    } else if standing.nodes.contains(&Stand::Error) {
        ClusterStatus::Mixed
    } else {
        ClusterStatus::Stable
    }
}

/// The settled states that these come to, and whether there were too many to look at them all.
fn ends(from: &[Cluster]) -> (BTreeSet<Cluster>, bool) {
    let mut seen: BTreeSet<Cluster> = from.iter().cloned().collect();
    let mut open: Vec<Cluster> = seen.iter().cloned().collect();
    let mut ends = BTreeSet::new();
    while let Some(cluster) = open.pop() {
        if seen.len() > LOOKED_AT_MAX {
            return (ends, true);
        }
        let next = next(&cluster);
        if next.is_empty() {
            ends.insert(cluster);
        }
        for after in next {
            if seen.insert(after.clone()) {
                open.push(after);
            }
        }
    }
    (ends, false)
}

/// What may come next by itself: one thing where the order does not matter, else all of them.
fn next(cluster: &Cluster) -> Vec<Cluster> {
    let enabled: Vec<Transition> = (cluster.numbered())
        .flat_map(|(id, _)| Transition::spontaneous(id))
        .filter(|transition| transition.enabled(cluster))
        .collect();
    // With upgrade mode off whoever serves stays and settles which version may join, whoever else comes or goes.
    let no_doubt = cluster.mode == Mode::On || cluster.served();
    let alone = enabled.iter().find(|transition| match transition {
        Transition::Ready(_)
        | Transition::Halt(_)
        | Transition::Forget(_)
        | Transition::FinalizeOk(_) => true,
        Transition::Join(id) => no_doubt && !below(cluster, *id),
        Transition::Leave(_) | Transition::Reject(_) => no_doubt,
        Transition::Start
        | Transition::Cancel
        | Transition::Approve
        | Transition::ApproveWithTasks
        | Transition::Retry
        | Transition::Stop(_)
        | Transition::Kill(_)
        | Transition::Install(..)
        | Transition::Boot(_)
        | Transition::Break(_)
        | Transition::Repair(_)
        | Transition::FinalizeFail(_) => false,
    });
    if let Some(transition) = alone {
        return vec![transition.apply(cluster)];
    }
    let mut after: Vec<Cluster> = enabled.iter().map(|one| one.apply(cluster)).collect();
    for transition in enabled {
        if let Transition::Join(id) = transition
            && below(cluster, id)
        {
            after.push(Transition::Reject(id).apply(cluster));
        }
    }
    after
}

/// Whether a build may keep the node out because its version is below the original (section 7).
fn below(cluster: &Cluster, id: NodeId) -> bool {
    cluster.origin.is_some_and(|origin| cluster.node(id).version < origin)
}
