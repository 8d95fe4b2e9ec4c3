//! What is a cluster, and which status does it have? (spec, section 2; the statuses of upgrade tasks: section 6)
//!
//! `status`, `served` and `joinable` are the definitions of section 2, word for word. Nothing here changes
//! a cluster: that is [`crate::spec::transition`]'s alone.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::spec::node::{Node, NodeId, Phase, Version};

/// Whether upgrade mode is enabled.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Upgrade mode is disabled.
    Off,
    /// Upgrade mode is enabled.
    On,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Off => "off",
            Self::On => "on",
        })
    }
}

/// The cluster's status as the API words it (spec, section 1).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClusterStatus {
    /// Upgrade mode is off and nothing is wrong.
    Stable,
    /// Upgrade mode is on and no joined node is upgraded.
    ReadyToUpgrade,
    /// Joined nodes run different versions, or a node is in error.
    Mixed,
    /// Every joined node runs one version other than the original.
    ReadyToRunUpgradeTasks,
    /// Some node runs upgrade tasks (profile `finalization`).
    RunningUpgradeTasks,
    /// Upgrade tasks failed or are pending with nobody to run them (profile `finalization`).
    UpgradeTasksFailed,
}

impl ClusterStatus {
    /// Every word of the schema.
    pub const ALL: [Self; 6] = [
        Self::Stable,
        Self::ReadyToUpgrade,
        Self::Mixed,
        Self::ReadyToRunUpgradeTasks,
        Self::RunningUpgradeTasks,
        Self::UpgradeTasksFailed,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stable => "STABLE",
            Self::ReadyToUpgrade => "READY_TO_UPGRADE",
            Self::Mixed => "MIXED",
            Self::ReadyToRunUpgradeTasks => "READY_TO_RUN_UPGRADE_TASKS",
            Self::RunningUpgradeTasks => "RUNNING_UPGRADE_TASKS",
            Self::UpgradeTasksFailed => "UPGRADE_TASKS_FAILED",
        }
    }

    /// The status that a word on the wire names, if the schema has it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

impl fmt::Display for ClusterStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A state of the model: upgrade mode, the recorded version, the nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cluster {
    /// Whether upgrade mode is on.
    pub mode: Mode,
    /// The version recorded when upgrade mode was enabled. That it is there exactly while the mode is on is a
    /// property to prove, so the type does not enforce it.
    pub origin: Option<Version>,
    /// Whether upgrade tasks are pending (`hasFinalizationTasks`, profile `finalization`).
    pub tasks_pending: bool,
    /// The nodes, by number.
    pub nodes: Vec<Node>,
}

impl Cluster {
    /// Whether a version is below the one that the cluster comes from: the original while upgrade mode is on, else the
    /// one that the joined nodes run (section 7, "Versions below the original"). Of a cluster that is wholly down nobody knows
    /// what it ran last: any version that is installed may be it.
    #[must_use]
    pub fn is_below(&self, version: Version) -> bool {
        let installed = || self.nodes.iter().map(|node| node.version).max();
        let floor = self.origin.or_else(|| self.joined_versions().into_iter().max());
        floor.or_else(installed).is_some_and(|floor| version < floor)
    }

    /// The initial state of section 2: mode off, every node Active at version 0.
    #[must_use]
    pub fn initial(nodes: usize) -> Self {
        Self::initial_on(nodes, Version::ORIGINAL)
    }

    /// The same on another version.
    #[must_use]
    pub fn initial_on(nodes: usize, version: Version) -> Self {
        Self {
            mode: Mode::Off,
            origin: None,
            tasks_pending: false,
            nodes: vec![Node::new(Phase::Active, version); nodes],
        }
    }

    /// The node with this number.
    ///
    /// # Panics
    /// If the cluster has no such node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.index()]
    }

    /// The nodes with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (NodeId, Node)> + '_ {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId::at(index), *node))
    }

    /// Whether some node is in this phase.
    #[must_use]
    pub fn any(&self, phase: Phase) -> bool {
        self.nodes.iter().any(|node| node.phase == phase)
    }

    /// The versions that joined nodes run.
    #[must_use]
    pub fn joined_versions(&self) -> BTreeSet<Version> {
        self.nodes.iter().filter(|node| node.phase.joined()).map(|node| node.version).collect()
    }

    /// What the joined nodes run, without building a set: the question that guards ask for every state.
    #[must_use]
    pub fn joined(&self) -> Joined {
        let mut joined = Joined::Nobody;
        for node in self.nodes.iter().filter(|node| node.phase.joined()) {
            match joined {
                Joined::Nobody => joined = Joined::One(node.version),
                Joined::One(version) if version != node.version => return Joined::Several,
                Joined::One(_) | Joined::Several => {}
            }
        }
        joined
    }

    /// The cluster's status, tested in the order of sections 6 and 2.
    #[must_use]
    pub fn status(&self) -> ClusterStatus {
        if self.any(Phase::Finalizing) {
            return ClusterStatus::RunningUpgradeTasks;
        }
        if self.mode == Mode::Off && (self.tasks_pending || self.any(Phase::FinalizeFailed)) {
            return ClusterStatus::UpgradeTasksFailed;
        }
        if self.any(Phase::Error) {
            return ClusterStatus::Mixed;
        }
        if self.mode == Mode::Off {
            return ClusterStatus::Stable;
        }
        match self.joined() {
            Joined::Several => ClusterStatus::Mixed,
            Joined::Nobody => ClusterStatus::ReadyToUpgrade,
            Joined::One(version) if Some(version) == self.origin => ClusterStatus::ReadyToUpgrade,
            Joined::One(_) => ClusterStatus::ReadyToRunUpgradeTasks,
        }
    }

    /// Whether the API answers: only while some node serves.
    #[must_use]
    pub fn served(&self) -> bool {
        self.nodes.iter().any(|node| node.phase.serves())
    }

    /// Whether the node may join (MODE-8): upgrade mode is on, or every other joined node runs its version.
    #[must_use]
    pub fn joinable(&self, id: NodeId) -> bool {
        let version = self.node(id).version;
        self.mode == Mode::On
            || self
                .numbered()
                .all(|(other, node)| other == id || !node.phase.joined() || node.version == version)
    }
}

/// What the joined nodes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// No node has joined.
    Nobody,
    /// Every joined node runs this version.
    One(Version),
    /// Joined nodes run two versions or more.
    Several,
}

/// `mode on from v0 | n1 Active v0 | n2 Offline v1`: one line, the hidden phases included.
impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mode {}", self.mode)?;
        if let Some(origin) = self.origin {
            write!(f, " from {origin}")?;
        }
        if self.tasks_pending {
            write!(f, ", tasks pending")?;
        }
        for (id, node) in self.numbered() {
            write!(f, " | {id} {node}")?;
        }
        Ok(())
    }
}
