//! What goes on in a run? News for whoever looks on, as it happens; data, no sentence.

use std::collections::BTreeSet;
use std::fmt::Debug;

use zdu_model::judge::event::Micros;
use zdu_model::judge::seen::Overview;
use zdu_model::spec::cluster::{Cluster, ClusterStatus};
use zdu_model::spec::node::{NodeId, NodeStatus};
use zdu_model::traces::trace::{Action, Trace};

use crate::verdict::{Means, Stage, TraceResult};

/// Something that happens in a run.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// A trace begins.
    Began(&'a Trace),
    /// One of its steps begins; counted from 1.
    Step(usize, Stage),
    /// The cluster is waited for until it has settled, at most so long.
    Waiting(Micros),
    /// For this, as far as was seen.
    Awaiting(&'a [Awaited]),
    /// It has settled, or no longer is waited for.
    Settled,
    /// This is about to be done to bring the cluster to where traces start.
    Way(&'a [Action]),
    /// It is tried whether a reset does anything, with upgrade mode turned on for it.
    TryingReset,
    /// The whole cluster is about to be brought back to its initial state.
    Resetting,
    /// A reset did not lead there and the single steps did: no other is tried.
    IdleReset,
    /// Nobody answers; it is waited for.
    Silent,
    /// The cluster does not come back by itself; this is tried.
    Reviving(Means),
    /// Something was found.
    Found,
    /// A trace has ended.
    Ended(&'a TraceResult),
}

/// What a cluster that is waited for does not show yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// An answer.
    Service,
    /// A node, to be listed with one of these statuses; `None` is not to be listed.
    Node(NodeId, BTreeSet<Option<NodeStatus>>),
    /// One of these cluster statuses.
    Status(BTreeSet<ClusterStatus>),
}

/// In what a cluster that was seen so, or did not answer, is none of these yet; nothing where it only has to stay as it is.
#[must_use]
pub fn awaited<'a>(
    due: impl Iterator<Item = &'a Cluster> + Clone,
    seen: Option<&Overview>,
) -> Vec<Awaited> {
    let mut serving = due.clone().filter(|cluster| cluster.served()).peekable();
    let Some(seen) = seen else {
        return serving.peek().map(|_| Awaited::Service).into_iter().collect();
    };
    if serving.peek().is_none() {
        return Vec::new();
    }
    let nodes = seen.nodes.iter().enumerate().filter_map(|(index, node)| {
        let id = NodeId::at(index);
        let wanted: BTreeSet<_> =
            due.clone().map(|cluster| cluster.node(id).phase.listed()).collect();
        // A silent entry says nothing of the node: it is waited for.
        let shown = node.map_or(Some(None), |node| node.status.map(Some));
        (!shown.is_some_and(|shown| wanted.contains(&shown))).then_some(Awaited::Node(id, wanted))
    });
    let nodes: Vec<Awaited> = nodes.collect();
    if !nodes.is_empty() {
        return nodes;
    }
    let statuses: BTreeSet<_> = due.map(Cluster::status).collect();
    if statuses.contains(&seen.status) { Vec::new() } else { vec![Awaited::Status(statuses)] }
}

/// Whoever looks on.
pub trait Onlooker: Debug + Send + Sync {
    /// Hears of something that happens.
    fn hear(&self, news: News<'_>);
}

#[cfg(test)]
mod tests {
    use zdu_model::judge::seen::{SeenNode, SeenVersion};
    use zdu_model::spec::cluster::Mode;
    use zdu_model::spec::node::{Phase, Version};

    use super::*;

    fn seen(status: ClusterStatus, second: Option<SeenNode>) -> Overview {
        let up = node(Some(NodeStatus::Active));
        Overview {
            status,
            mode: Mode::Off,
            origin: SeenVersion::Nothing,
            nodes: vec![up, second],
            tasks: None,
        }
    }

    fn node(status: Option<NodeStatus>) -> Option<SeenNode> {
        Some(SeenNode { status, version: SeenVersion::Known(Version::ORIGINAL) })
    }

    // By hand: the second of two nodes shall be ACTIVE, or may as well be gone; then the status; then nothing.
    #[test]
    fn what_differs_from_all_that_is_due_is_waited_for() {
        let up = Cluster::initial(2);
        let mut gone = up.clone();
        gone.nodes[1].phase = Phase::Absent;
        let due = [up, gone];
        let missing = |seen: Option<&Overview>, due: &[Cluster]| awaited(due.iter(), seen);
        let second = NodeId::new(2);
        let either = Awaited::Node(second, [Some(NodeStatus::Active), None].into());
        for shown in [node(Some(NodeStatus::Starting)), node(None)] {
            let seen = seen(ClusterStatus::Stable, shown);
            assert_eq!(missing(Some(&seen), &due), vec![either.clone()]);
            let active = Awaited::Node(second, [Some(NodeStatus::Active)].into());
            assert_eq!(missing(Some(&seen), &due[..1]), [active]);
        }
        for shown in [node(Some(NodeStatus::Active)), None] {
            assert_eq!(missing(Some(&seen(ClusterStatus::Stable, shown)), &due), []);
            let mixed = seen(ClusterStatus::Mixed, shown);
            assert_eq!(
                missing(Some(&mixed), &due),
                [Awaited::Status([ClusterStatus::Stable].into())]
            );
        }
        assert_eq!(missing(None, &due), [Awaited::Service]);
        assert_eq!(missing(None, &[]), []);
    }
}
