//! What else could a cluster do wrong? Defects beyond the registered mutants, each a small and plausible mistake: in which
//! nodes count, in which order versions are, in what outlives an outage, in what a step leaves behind.

mod effects;
mod guards;
mod statuses;
mod tasks;

pub(crate) use effects::EFFECTS;
pub(crate) use guards::GUARDS;
pub(crate) use statuses::STATUSES;
pub(crate) use tasks::TASKS;

use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, Phase, Version};
use zdu_model::spec::semantics::Semantics;
use zdu_model::spec::transition::{Call, Transition};

/// A cluster that differs from the spec in what one or two functions say.
#[derive(Clone, Copy)]
pub(crate) struct Defect {
    pub(crate) name: &'static str,
    /// The least number of nodes at which it shows to an observer.
    pub(crate) nodes_min: u8,
    status: fn(&Cluster) -> ClusterStatus,
    enabled: fn(&Cluster, Transition) -> bool,
    apply: fn(&Cluster, Transition) -> Cluster,
    refused: fn(&Cluster, Call) -> Cluster,
}

impl Semantics for Defect {
    fn status(&self, cluster: &Cluster) -> ClusterStatus {
        (self.status)(cluster)
    }

    fn enabled(&self, cluster: &Cluster, transition: Transition) -> bool {
        (transition.call().is_none() || cluster.served()) && (self.enabled)(cluster, transition)
    }

    fn apply(&self, cluster: &Cluster, transition: Transition) -> Cluster {
        (self.apply)(cluster, transition)
    }

    fn refused(&self, cluster: &Cluster, call: Call) -> Cluster {
        (self.refused)(cluster, call)
    }
}

const SPEC: Defect = Defect {
    name: "spec",
    nodes_min: 1,
    status: Cluster::status,
    enabled: |cluster, transition| transition.enabled(cluster),
    apply: |cluster, transition| transition.apply(cluster),
    refused: |cluster, _| cluster.clone(),
};

/// A wrong status, and calls that go by it.
const fn status(
    name: &'static str,
    nodes_min: u8,
    status: fn(&Cluster) -> ClusterStatus,
) -> Defect {
    Defect { name, nodes_min, status, ..SPEC }
}

const fn guard(
    name: &'static str,
    nodes_min: u8,
    enabled: fn(&Cluster, Transition) -> bool,
) -> Defect {
    Defect { name, nodes_min, enabled, ..SPEC }
}

const fn effect(
    name: &'static str,
    nodes_min: u8,
    apply: fn(&Cluster, Transition) -> Cluster,
) -> Defect {
    Defect { name, nodes_min, apply, ..SPEC }
}

fn on(cluster: &Cluster) -> bool {
    cluster.mode == Mode::On
}

/// The status if these nodes were not there.
fn without(cluster: &Cluster, gone: impl Fn(&Cluster, NodeId) -> bool) -> ClusterStatus {
    let mut less = cluster.clone();
    for (id, _) in cluster.numbered() {
        if gone(cluster, id) {
            less.nodes[id.index()].phase = Phase::Absent;
        }
    }
    less.status()
}

fn errored(cluster: &Cluster, id: NodeId) -> bool {
    cluster.node(id).phase == Phase::Error
}

fn upgraded(cluster: &Cluster, id: NodeId) -> bool {
    cluster.origin.is_some_and(|origin| cluster.node(id).version != origin)
}

fn joined_upgraded(cluster: &Cluster) -> usize {
    cluster.numbered().filter(|(id, node)| node.phase.joined() && upgraded(cluster, *id)).count()
}

fn joined_old(cluster: &Cluster) -> usize {
    cluster.nodes.iter().filter(|node| node.phase.joined()).count() - joined_upgraded(cluster)
}

fn errors(cluster: &Cluster) -> usize {
    cluster.nodes.iter().filter(|node| node.phase == Phase::Error).count()
}

fn instead(cluster: &Cluster, wrong: bool, status: ClusterStatus) -> ClusterStatus {
    if wrong { status } else { cluster.status() }
}

fn with_phase(cluster: Cluster, id: NodeId, phase: Phase) -> Cluster {
    let mut next = cluster;
    next.nodes[id.index()].phase = phase;
    next
}

fn with_version(cluster: Cluster, id: NodeId, version: Version) -> Cluster {
    let mut next = cluster;
    next.nodes[id.index()].version = version;
    next
}
