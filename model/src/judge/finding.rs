//! What was found? Data to the very end: which rule, where, what was allowed and what was seen, all in the model's words.
//!
//! Nothing here is a sentence. One room of whoever reports puts findings into the target's words, with the names that
//! [`Names`] holds; nobody reads a sentence back.

use serde::{Deserialize, Serialize};

use super::event::{Attempt, Caller, Silence, View};
use super::seen::{Observation, SeenNode, SeenVersion};
use super::served::{Field, Misshape};
use super::text::Text;
use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{Node, NodeId, NodeStatus, Version};
use crate::spec::rule::Rule;
use crate::spec::transition::Call;

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A wrong answer.
    WrongAnswer,
    /// Nothing wrong was answered, but the right thing did not come in time.
    Timeout,
    /// A word or a version that the model has no state for.
    Unmodelled,
}

/// Where it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In a view.
    View(View),
    /// In the overview that a node gives at its own address.
    Own(NodeId),
    /// In the answer of a call.
    Call(Call),
    /// In the answers of a call that was sent so many times at once.
    Race(Call, u8),
    /// In the answer to something that must come to nothing.
    Attempt(Caller, Attempt),
    /// At the load balancer, for this node.
    Balancer(NodeId),
}

/// Where a load balancer shows a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rotation {
    /// Requests go to it.
    In,
    /// Only what belongs to a session of its own goes to it.
    Draining,
    /// Nothing goes to it.
    Out,
}

/// One thing that was allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allowed {
    /// This code.
    Code(u16),
    /// No answer, as nobody serves.
    Nobody,
    /// The overview of this state.
    Overview(Cluster),
    /// This status, answered by one of these nodes.
    State(ClusterStatus, Vec<(NodeId, Node)>),
    /// This node.
    Node(NodeId, Node),
    /// The entry that a node left behind under this id, or 404.
    LeftBehind(Text),
    /// An answer in the shape of section 1.
    Shape,
    /// One 200, and 409 to all others.
    OneWins(u8),
    /// What the overview says of the node.
    AsOverview(NodeId),
    /// `hasFinalizationTasks` false or absent.
    NoTasks,
    /// The id under which a node that stays up was listed before.
    SameId(NodeId, Text),
    /// One of the cluster's nodes, by id, address or name.
    KnownNode,
    /// What a node that was listed so can become in so short a time.
    SoonAfter(NodeId, Option<SeenNode>),
    /// An original version while upgrade mode is on.
    Origin,
    /// The original version that was given before.
    SameOrigin(SeenVersion),
    /// The version that the joined nodes ran.
    OriginOfJoined,
    /// No original version while upgrade mode is off.
    NoOrigin,
    /// One version among joined nodes while upgrade mode is off.
    OneVersion,
    /// One of these statuses, with nodes and upgrade mode as listed.
    OneOfStatuses(Vec<ClusterStatus>),
    /// `start` refused while this node is in error.
    StartRefused(NodeId),
    /// Neither `cancel` nor `approve` in MIXED.
    NoEndInMixed,
    /// Somebody answers.
    Service,
    /// The node where it was asked to be.
    Rotation(Rotation),
    /// No request to a node that is out of rotation.
    NoRequest,
    /// Nothing that still runs through a node that is out of rotation.
    Idle,
}

/// What was seen instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// This code.
    Code(u16),
    /// No answer.
    Nobody(Silence),
    /// An answer of another shape.
    Misshapen(Misshape),
    /// An old id that answers for the entry with this id and status.
    Left(Text, Option<NodeStatus>),
    /// This answer.
    Answer(Observation),
    /// So many answers of each kind.
    Answers {
        /// 200.
        won: usize,
        /// 409.
        lost: usize,
        /// Another code.
        other: usize,
        /// None at all.
        silent: usize,
    },
    /// A view that says something else of a node than another view.
    Differs {
        /// The node.
        node: NodeId,
        /// In this field.
        field: Field,
        /// What was said first, if anything.
        was: Option<Text>,
        /// What is said now.
        is: Option<Text>,
    },
    /// Not settled in time; what was last seen, if anything was.
    Unsettled {
        /// How long was waited, in milliseconds.
        waited_ms: u64,
        /// The last overview.
        last: Option<Observation>,
    },
    /// An answer with words or versions for which the model has no state.
    Unmodelled {
        /// The words of the schema that the profile lacks.
        words: Vec<String>,
        /// The versions that are not among the target's.
        versions: Vec<Text>,
    },
    /// `hasFinalizationTasks` true in a settled, STABLE cluster of one version.
    Tasks,
    /// This id, for this node.
    Id(NodeId, Text),
    /// An entry that is none of the cluster's nodes.
    Stranger(Text),
    /// Two entries with one id.
    Twice(Text),
    /// A node that is listed so.
    Node(NodeId, Option<SeenNode>),
    /// This original version.
    Origin(SeenVersion),
    /// This state of the cluster, as far as it can be told.
    State(Cluster),
    /// This status.
    Status(ClusterStatus),
    /// Upgrade mode that changed all the same.
    ModeChanged(Mode),
    /// The node elsewhere than asked.
    Rotation(Rotation),
    /// So many requests, or sessions, that were sent to it while it was out of rotation.
    SentWhileOut(u64),
    /// So much that still runs through it.
    Busy {
        /// How much.
        busy: u64,
        /// How long was waited, in milliseconds.
        waited_ms: u64,
    },
}

/// In what the nearest explanation differs from what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// In the status.
    Status {
        /// As seen.
        seen: ClusterStatus,
        /// As due.
        due: ClusterStatus,
    },
    /// In upgrade mode or original version.
    Mode {
        /// As seen.
        seen: (Mode, SeenVersion),
        /// As due.
        due: (Mode, Option<Version>),
    },
    /// In a node.
    Node {
        /// Which.
        node: NodeId,
        /// As seen.
        seen: Option<SeenNode>,
        /// As due.
        due: Node,
    },
}

/// Something that no run of the model explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind of finding it is.
    pub kind: Kind,
    /// The one rule that it breaks.
    pub rule: Rule,
    /// The step, counted from 1; 0 is before the first.
    pub step: usize,
    /// Where it was seen.
    pub place: Place,
    /// Everything that was allowed.
    pub allowed: Vec<Allowed>,
    /// How many more things were allowed than are kept.
    pub allowed_more: usize,
    /// What was seen.
    pub seen: Sight,
    /// In what the nearest explanation differs from it; empty where nothing can be compared.
    pub nearest: Vec<Difference>,
    /// Which event showed it, counted from 0.
    pub event: usize,
    /// How often the same rule was broken again in the same way.
    pub again: usize,
}

/// What stands for what: how a report names nodes and versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// What each node is called, by number: its name, or else its id.
    pub nodes: Vec<Text>,
    /// The versions, the original first.
    pub versions: Vec<Text>,
    /// Versions that were seen and are none of these.
    pub foreign: Vec<Text>,
}

impl Names {
    /// What a node is called.
    #[must_use]
    pub fn node(&self, id: NodeId) -> String {
        self.nodes.get(id.index()).map_or_else(|| id.to_string(), ToString::to_string)
    }

    /// What a version is called.
    #[must_use]
    pub fn version(&self, version: Version) -> String {
        self.versions.get(version.index()).map_or_else(|| version.to_string(), ToString::to_string)
    }

    /// What a version that was seen is called; `None` when none was given.
    #[must_use]
    pub fn seen(&self, version: SeenVersion) -> Option<String> {
        match version {
            SeenVersion::Known(version) => Some(self.version(version)),
            SeenVersion::Foreign(index) => Some(
                self.foreign
                    .get(usize::from(index))
                    .map_or_else(|| "an unknown version".to_owned(), ToString::to_string),
            ),
            SeenVersion::Nothing => None,
        }
    }
}
