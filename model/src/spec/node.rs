//! What is a node? A phase and an installed version (spec, section 2).
//!
//! The ten phases are finer than what the API lists: STARTING and TERMINATING each hide whether the
//! node is joined to the cluster. Which phase follows which is not here but in [`crate::spec::transition`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// A node's number, counted from 1 as in the spec's tables.
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
#[serde(transparent)]
pub struct NodeId(u8);

impl NodeId {
    /// The node with this number, counted from 1.
    ///
    /// # Panics
    /// If `number` is 0: nodes are numbered from 1.
    #[must_use]
    pub const fn new(number: u8) -> Self {
        assert!(number > 0, "nodes are numbered from 1");
        Self(number)
    }

    /// The node at a position counted from 0.
    ///
    /// # Panics
    /// If the position is above 254: a cluster of that size is beyond the model.
    #[must_use]
    pub fn at(index: usize) -> Self {
        let number = u8::try_from(index + 1).expect("node numbers fit a byte");
        Self(number)
    }

    /// The number, counted from 1.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The position, counted from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize - 1
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

/// A version, as its place in the list of versions; 0 is the one that the cluster starts with.
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
#[serde(transparent)]
pub struct Version(pub u8);

impl Version {
    /// The version that every node runs in the initial state.
    pub const ORIGINAL: Self = Self(0);

    /// The place in the list of versions, counted from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

/// Where a node is in its life (spec, section 2; the last two: section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// Serves traffic.
    Active,
    /// Loading, has not joined the cluster yet.
    StartingOut,
    /// Loading, has joined the cluster.
    StartingIn,
    /// Shutting down gracefully, still in the cluster.
    TerminatingIn,
    /// Shutting down gracefully, has left the cluster.
    TerminatingOut,
    /// Not responding, still listed.
    Offline,
    /// Something went wrong on the node.
    Error,
    /// Removed from the cluster: not listed.
    Absent,
    /// Runs upgrade tasks after finalization; serves (profile `finalization`).
    Finalizing,
    /// Its upgrade tasks failed; serves (profile `finalization`).
    FinalizeFailed,
}

impl Phase {
    /// Every phase, in the order of the spec's tables.
    pub const ALL: [Self; 10] = [
        Self::Active,
        Self::StartingOut,
        Self::StartingIn,
        Self::TerminatingIn,
        Self::TerminatingOut,
        Self::Offline,
        Self::Error,
        Self::Absent,
        Self::Finalizing,
        Self::FinalizeFailed,
    ];

    /// Whether the node counts among the joined nodes.
    #[must_use]
    pub const fn joined(self) -> bool {
        match self {
            Self::Active
            | Self::StartingIn
            | Self::TerminatingIn
            | Self::Finalizing
            | Self::FinalizeFailed => true,
            Self::StartingOut
            | Self::TerminatingOut
            | Self::Offline
            | Self::Error
            | Self::Absent => false,
        }
    }

    /// Whether the node answers API calls.
    #[must_use]
    pub const fn serves(self) -> bool {
        match self {
            Self::Active | Self::Finalizing | Self::FinalizeFailed => true,
            Self::StartingOut
            | Self::StartingIn
            | Self::TerminatingIn
            | Self::TerminatingOut
            | Self::Offline
            | Self::Error
            | Self::Absent => false,
        }
    }

    /// Whether Confluence is down on the node, so that a version can be installed (NODE-10).
    #[must_use]
    pub const fn down(self) -> bool {
        matches!(self, Self::Offline | Self::Absent)
    }

    /// How the API lists the node; `None` when it does not.
    #[must_use]
    pub const fn listed(self) -> Option<NodeStatus> {
        match self {
            Self::Active => Some(NodeStatus::Active),
            Self::StartingOut | Self::StartingIn => Some(NodeStatus::Starting),
            Self::TerminatingIn | Self::TerminatingOut => Some(NodeStatus::Terminating),
            Self::Offline => Some(NodeStatus::Offline),
            Self::Error => Some(NodeStatus::Error),
            Self::Absent => None,
            Self::Finalizing => Some(NodeStatus::RunningFinalizeUpgradeTasks),
            Self::FinalizeFailed => Some(NodeStatus::UpgradeTasksFailed),
        }
    }

    /// The phases that the API lists with this status; empty for `DRAINING`, which no model has.
    #[must_use]
    pub fn of(status: Option<NodeStatus>) -> Vec<Self> {
        Self::ALL.into_iter().filter(|phase| phase.listed() == status).collect()
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Active => "Active",
            Self::StartingOut => "StartingOut",
            Self::StartingIn => "StartingIn",
            Self::TerminatingIn => "TerminatingIn",
            Self::TerminatingOut => "TerminatingOut",
            Self::Offline => "Offline",
            Self::Error => "Error",
            Self::Absent => "Absent",
            Self::Finalizing => "Finalizing",
            Self::FinalizeFailed => "FinalizeFailed",
        })
    }
}

/// A node's status as the API words it (spec, section 1).
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
pub enum NodeStatus {
    /// Connected to the cluster and running.
    Active,
    /// Still loading.
    Starting,
    /// Shutting down gracefully.
    Terminating,
    /// Not responding.
    Offline,
    /// Something went wrong.
    Error,
    /// Known to the schema, never required; no phase of the model is listed so.
    Draining,
    /// Runs upgrade tasks (profile `finalization`).
    RunningFinalizeUpgradeTasks,
    /// Upgrade tasks failed (profile `finalization`).
    UpgradeTasksFailed,
}

impl NodeStatus {
    /// Every word of the schema.
    pub const ALL: [Self; 8] = [
        Self::Active,
        Self::Starting,
        Self::Terminating,
        Self::Offline,
        Self::Error,
        Self::Draining,
        Self::RunningFinalizeUpgradeTasks,
        Self::UpgradeTasksFailed,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Starting => "STARTING",
            Self::Terminating => "TERMINATING",
            Self::Offline => "OFFLINE",
            Self::Error => "ERROR",
            Self::Draining => "DRAINING",
            Self::RunningFinalizeUpgradeTasks => "RUNNING_FINALIZE_UPGRADE_TASKS",
            Self::UpgradeTasksFailed => "UPGRADE_TASKS_FAILED",
        }
    }

    /// The status that a word on the wire names, if the schema has it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

impl fmt::Display for NodeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One node: its phase and the version that is installed on it, whatever its phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Node {
    /// Where it is in its life.
    pub phase: Phase,
    /// The installed version.
    pub version: Version,
}

impl Node {
    /// A node in this phase with this version installed.
    #[must_use]
    pub const fn new(phase: Phase, version: Version) -> Self {
        Self { phase, version }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.phase, self.version)
    }
}
