//! In which words is it told what was asked and what was seen? (spec, section 8; the answers: section 1)
//!
//! The tester asks for steps of the operator and for faults, and sees answers alone: these are the words for both.
//! They name nodes and versions by number. Which id and which version string on the wire that is, is left to whoever
//! asks over HTTP.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::{NodeId, NodeStatus, Version};
use crate::spec::profile::Profile;
use crate::spec::transition::Transition;

/// A step of the operator or a fault that a driver can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Shut the node down gracefully.
    Stop,
    /// Shut it down altogether.
    Kill,
    /// Install this version.
    Install(Version),
    /// Start it.
    Boot,
    /// Make something go wrong on it.
    Break,
    /// Fix the error in place.
    Repair,
    /// Make its current or next upgrade tasks fail (profile `finalization`).
    FailTasks,
}

impl Request {
    /// The command's name in the target file and in traces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Install(_) => "install",
            Self::Boot => "boot",
            Self::Break => "break",
            Self::Repair => "repair",
            Self::FailTasks => "fail_tasks",
        }
    }

    /// The transition that it asks for.
    #[must_use]
    pub const fn transition(self, id: NodeId) -> Transition {
        match self {
            Self::Stop => Transition::Stop(id),
            Self::Kill => Transition::Kill(id),
            Self::Install(version) => Transition::Install(id, version),
            Self::Boot => Transition::Boot(id),
            Self::Break => Transition::Break(id),
            Self::Repair => Transition::Repair(id),
            Self::FailTasks => Transition::FinalizeFail(id),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Install(version) => write!(f, "install {version}"),
            Self::Stop | Self::Kill | Self::Boot | Self::Break | Self::Repair | Self::FailTasks => {
                f.pad(self.name())
            }
        }
    }
}

/// What came back from a call that changes state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It took effect.
    Success,
    /// It was refused.
    Refused,
    /// Nobody said; it may or may not have taken effect.
    Unknown,
}

/// The version that an answer gives for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeenVersion {
    /// One of the versions that the model knows.
    Known(Version),
    /// A version that it does not know, by its place among those that were met.
    Foreign(u8),
    /// None: the field is absent or null (section 1 says where it must not be).
    Nothing,
}

/// One node as an answer lists it. Without a status it is a silent member: the entry says nothing of the node (section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeenNode {
    /// Its status; `None` is silence.
    pub status: Option<NodeStatus>,
    /// Its version.
    pub version: SeenVersion,
}

/// The cluster as an overview lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Overview {
    /// Upgrade mode.
    pub mode: Mode,
    /// The original version; [`SeenVersion::Nothing`] when none is given.
    pub origin: SeenVersion,
    /// The cluster's status.
    pub status: ClusterStatus,
    /// `hasFinalizationTasks`, where it is given.
    pub tasks: Option<bool>,
    /// Each node by number; `None` when it is not listed.
    pub nodes: Vec<Option<SeenNode>>,
}

/// One answer, or its absence, in the model's words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Observation {
    /// The overview.
    Overview(Overview),
    /// The status call: the cluster's status, which node answers, and how it lists itself.
    State(ClusterStatus, NodeId, SeenNode),
    /// The node call; `None` is 404.
    Node(NodeId, Option<SeenNode>),
}

impl SeenNode {
    /// Whether the entry says nothing of the node.
    #[must_use]
    pub const fn silent(self) -> bool {
        self.status.is_none()
    }

    /// Whether two listings of a node tell the same, as far as both tell anything; what is listed for an OFFLINE node's
    /// version is free.
    #[must_use]
    pub fn agrees(self, other: Self) -> bool {
        let versions = || {
            self.version == other.version
                || self.status == Some(NodeStatus::Offline)
                || self.version == SeenVersion::Nothing
                || other.version == SeenVersion::Nothing
        };
        self.silent() || other.silent() || (self.status == other.status && versions())
    }
}

impl Overview {
    /// Whether some entry is silent: then neither the status nor a refusal says anything (section 7).
    #[must_use]
    pub fn silent(&self) -> bool {
        self.nodes.iter().flatten().any(|node| node.silent())
    }
}

/// Whether a profile has words for everything in an answer; if not, the words that it lacks.
#[must_use]
pub fn words_missing(profile: Profile, seen: &Observation) -> Vec<&'static str> {
    let node = |node: &SeenNode| {
        node.status.filter(|status| !profile.lists(*status)).map(NodeStatus::word)
    };
    let cluster = |status: &ClusterStatus| (!profile.has(*status)).then(|| status.word());
    match seen {
        Observation::Overview(view) => cluster(&view.status)
            .into_iter()
            .chain(view.nodes.iter().flatten().filter_map(node))
            .collect(),
        Observation::State(status, _, seen) => {
            cluster(status).into_iter().chain(node(seen)).collect()
        }
        Observation::Node(_, seen) => seen.as_ref().and_then(node).into_iter().collect(),
    }
}
