//! What does an answer hold, field by field? The JSON of section 1 as types, before anybody asks which node is which.
//!
//! Only what section 1 requires must be there; everything else may be absent or null, from read to read. Reading JSON is the
//! business of whoever holds the bytes; what has another shape is told as a [`Misshape`].

use serde::{Deserialize, Serialize};

use super::text::Text;
use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::NodeStatus;

/// A Node, as listed or as the node call gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// `id`, the one field that each entry has.
    pub id: Text,
    /// `state`; `None` is a silent member (section 7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<NodeStatus>,
    /// `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// `ipAddress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Text>,
    /// `portNumber`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
    /// `version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
    /// `buildNumber`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Text>,
    /// `tasksTotal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<u64>,
    /// `activeUserCount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<u64>,
    /// `local`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<bool>,
    /// `finalization.errors`: the upgrade tasks that failed, in the build's words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed_tasks: Vec<FailedTask>,
}

/// An upgrade task that failed on a node: shown to people, never judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FailedTask {
    /// `taskName`.
    pub name: Option<Text>,
    /// `clusterUpgradeTask`: whether it concerns the cluster as a whole.
    pub whole_cluster: Option<bool>,
    /// `exceptionMessage`, then `errors`.
    pub messages: Vec<Text>,
}

/// An answer of the right shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// A Cluster: the overview, and what a POST that succeeds answers with.
    Cluster {
        /// `upgradeModeEnabled`.
        mode: Mode,
        /// `state`.
        status: ClusterStatus,
        /// `originalVersion`, where one is given; an empty string gives none.
        origin: Option<Text>,
        /// `hasFinalizationTasks`.
        tasks: Option<bool>,
        /// `nodes`.
        nodes: Vec<Entry>,
    },
    /// A ClusterState.
    State {
        /// `state`.
        status: ClusterStatus,
        /// `buildInfo`: the node that answers.
        by: Entry,
    },
    /// A Node.
    Node(Entry),
}

/// A field of section 1, where one is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// A node's `name`.
    Name,
    /// A node's `ipAddress`.
    IpAddress,
    /// A node's `portNumber`.
    PortNumber,
    /// A node's `version`.
    Version,
    /// A node's `buildNumber`.
    BuildNumber,
    /// A node's `tasksTotal`.
    TasksTotal,
    /// A node's `activeUserCount`.
    ActiveUserCount,
    /// A node's `local`.
    Local,
    /// A cluster's `hasFinalizationTasks`.
    HasFinalizationTasks,
}

impl Field {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::IpAddress,
        Self::PortNumber,
        Self::Version,
        Self::BuildNumber,
        Self::TasksTotal,
        Self::ActiveUserCount,
        Self::Local,
        Self::HasFinalizationTasks,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::IpAddress => "ipAddress",
            Self::PortNumber => "portNumber",
            Self::Version => "version",
            Self::BuildNumber => "buildNumber",
            Self::TasksTotal => "tasksTotal",
            Self::ActiveUserCount => "activeUserCount",
            Self::Local => "local",
            Self::HasFinalizationTasks => "hasFinalizationTasks",
        }
    }
}

/// An answer that does not have the shape of section 1: where, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misshape {
    /// A path into the JSON, such as `nodes[2].state`; empty for the answer as a whole.
    pub place: String,
    /// What is wrong.
    pub fault: Fault,
}

impl Misshape {
    /// Whether the fault lies in this field of the cluster itself.
    #[must_use]
    pub fn is_in(&self, field: Field) -> bool {
        self.place == field.name()
    }
}

/// What is wrong with the shape of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// A required field is absent.
    Missing,
    /// A required field is null.
    Null,
    /// Another type than section 1 gives.
    Mistyped {
        /// What it is.
        is: String,
        /// What was due.
        due: String,
    },
    /// A number below 0.
    Negative(i64),
    /// A word that no node, or no cluster, is listed with.
    UnknownWord(Text),
    /// More listed nodes than anybody has.
    TooMany(usize),
    /// HTML where JSON was due: a login page, a proxy's page.
    Html,
    /// Nothing where JSON was due.
    Empty,
    /// Something that is no JSON.
    NotJson(Text),
    /// A code other than 200 (or, for a node that is not listed, 404).
    Code {
        /// The code.
        code: u16,
        /// Where a redirect leads.
        location: Option<Text>,
    },
}
