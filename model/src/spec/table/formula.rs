//! In which words are guards, statuses and properties written down? The definitions of section 2, as data that every
//! notation has a form for, and that can be asked of a cluster, so that what is written can be held against the model.

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{Node, NodeId, Phase, Version};
use crate::spec::transition::{Call, Transition};

use super::Table;

/// A question about a cluster, or about one of its nodes and a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Is {
    /// Upgrade mode is on.
    On,
    /// Upgrade tasks are pending.
    Pending,
    /// Some node answers API calls.
    Served,
    /// Some node is in this phase.
    Some(Phase),
    /// Some other node is in this phase.
    Other(Phase),
    /// The node is in one of these phases.
    In(Vec<Phase>),
    /// The node may join.
    Joinable,
    /// The version is not the node's.
    NewVersion,
    /// Joined nodes run two versions or more.
    TwoVersions,
    /// Some joined node runs the origin.
    Old,
    /// Every joined node runs this version; also where none has joined.
    Only(Reference),
    /// So many joined nodes or more run another version than the origin.
    Upgraded(usize),
    /// Some OFFLINE node runs the origin, or another version.
    Offline {
        /// Whether it runs the origin.
        origin: bool,
    },
    /// An origin is recorded.
    Recorded,
    /// The status by the definition of section 2, which guards ask for.
    Status(ClusterStatus),
    /// The status that is shown: another one where a mutant shows another one.
    Shown(ClusterStatus),
    /// The call is answered 200: somebody answers, and a row of it is enabled.
    Accepts(Call),
    /// Every node in this phase can take this transition, of whichever node.
    EachCan(Phase, Transition),
    /// It is not so.
    Not(Box<Is>),
    /// All of it is so; always, of nothing.
    All(Vec<Is>),
    /// Some of it is so; never, of nothing.
    Either(Vec<Is>),
}

/// A version that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The recorded one.
    Origin,
    /// The one that the cluster started with.
    First,
}

impl Reference {
    fn of(self, cluster: &Cluster) -> Option<Version> {
        match self {
            Self::Origin => cluster.origin,
            Self::First => Some(Version::ORIGINAL),
        }
    }
}

/// Where a question is asked: of a cluster, a node of it and a version.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The node, for what asks of one.
    pub node: Option<NodeId>,
    /// The version, for what asks of one.
    pub version: Option<Version>,
}

impl<'a> Place<'a> {
    /// A cluster alone.
    #[must_use]
    pub const fn cluster(cluster: &'a Cluster) -> Self {
        Self { cluster, node: None, version: None }
    }

    /// A cluster with the node and version of a transition.
    #[must_use]
    pub const fn of(cluster: &'a Cluster, transition: Transition) -> Self {
        let version =
            if let Transition::Install(_, version) = transition { Some(version) } else { None };
        Self { cluster, node: transition.node(), version }
    }

    fn node(self) -> Option<Node> {
        self.node.map(|id| self.cluster.node(id))
    }

    fn joined(self, which: impl Fn(Version) -> bool) -> usize {
        let joined = |node: &&Node| node.phase.joined() && which(node.version);
        self.cluster.nodes.iter().filter(joined).count()
    }
}

impl Is {
    /// That it is not so.
    #[must_use]
    pub fn contrary(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Whether it is so there, in the model that the table writes down.
    #[must_use]
    pub fn holds(&self, table: &Table, at: Place<'_>) -> bool {
        let cluster = at.cluster;
        match self {
            Self::On => cluster.mode == Mode::On,
            Self::Pending => cluster.tasks_pending,
            Self::Served => cluster.served(),
            Self::Some(phase) => cluster.any(*phase),
            Self::Other(phase) => {
                cluster.numbered().any(|(id, node)| Some(id) != at.node && node.phase == *phase)
            }
            Self::In(phases) => at.node().is_some_and(|node| phases.contains(&node.phase)),
            Self::Joinable => at.node.is_some_and(|id| cluster.joinable(id)),
            Self::NewVersion => at.node().is_some_and(|node| Some(node.version) != at.version),
            Self::TwoVersions => cluster.joined_versions().len() > 1,
            Self::Old => at.joined(|version| Some(version) == cluster.origin) > 0,
            Self::Only(reference) => {
                let only = reference.of(cluster);
                at.joined(|version| Some(version) != only) == 0
            }
            Self::Upgraded(least) => at.joined(|it| Some(it) != cluster.origin) >= *least,
            Self::Offline { origin } => {
                let offline = |node: &Node| node.phase == Phase::Offline;
                let is = |node: &Node| (Some(node.version) == cluster.origin) == *origin;
                cluster.nodes.iter().any(|node| offline(node) && is(node))
            }
            Self::Recorded => cluster.origin.is_some(),
            Self::Status(status) => table.status(at, &[]) == Some(*status),
            Self::Shown(status) => table.status(at, &table.shown) == Some(*status),
            Self::Accepts(call) => {
                let mut rows = table.rows.iter().filter(|row| row.call() == Some(*call));
                cluster.served() && rows.any(|row| row.case(table, at).is_some())
            }
            Self::EachCan(phase, transition) => {
                let row = table.row(*transition);
                let mut there = cluster.numbered().filter(|(_, node)| node.phase == *phase);
                there.all(|(id, _)| {
                    row.is_some_and(|row| row.case(table, Place { node: Some(id), ..at }).is_some())
                })
            }
            Self::Not(is) => !is.holds(table, at),
            Self::All(all) => all.iter().all(|is| is.holds(table, at)),
            Self::Either(some) => some.iter().any(|is| is.holds(table, at)),
        }
    }
}
