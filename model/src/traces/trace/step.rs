//! What does a trace say of one step? What is done, which answer and which settled clusters must follow (spec, section 8;
//! the words: section 1).
//!
//! These are the fields of the file, as loose as JSON is. Whether they fit each other is asked by [`Step::action`].

use serde::{Deserialize, Serialize};

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{NodeId, Version};
use crate::spec::transition::Call;

/// One thing that is done, and what must be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    #[serde(rename = "do")]
    pub(super) verb: Do,
    /// The node that it is done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    /// The version to install, as its place in the list of versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The call that a race sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// How many of them a race sends at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u8>,
    /// The status codes of which one must be answered; none where no node serves, and nobody may. For a race, how many answers have
    /// each code is the rule's (API-12).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answer: Vec<u16>,
    /// The settled clusters of which one must be seen; empty when the next step does not wait for the cluster to settle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Seen>,
}

impl Step {
    /// The word for what is done, as in the file.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.verb.name()
    }
}

// The file's word alone: what else it needs stands in other fields, and `Step::action` puts both together.
/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Action")]
pub(super) enum Do {
    /// Call `start`.
    Start,
    /// Call `cancel`.
    Cancel,
    /// Call `approve`.
    Approve,
    /// Call `retryUpgrade` (profile `finalization`).
    Retry,
    /// Send one call several times at once.
    Race,
    /// Stop the node gracefully.
    Stop,
    /// Shut the node down altogether.
    Kill,
    /// Install a version on the node.
    Install,
    /// Start the node.
    Boot,
    /// Make something go wrong on the node.
    Break,
    /// Fix the node's error in place.
    Repair,
    /// Make the node's upgrade tasks fail (profile `finalization`).
    FailTasks,
    /// Read everything again.
    Look,
    /// Ask for a node that never existed.
    UnknownNode,
    /// Read without credentials.
    Anonymous,
    /// Read with an account that is no system administrator.
    Plain,
}

impl Do {
    /// The word in traces.
    #[must_use]
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Cancel => "cancel",
            Self::Approve => "approve",
            Self::Retry => "retry",
            Self::Race => "race",
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Install => "install",
            Self::Boot => "boot",
            Self::Break => "break",
            Self::Repair => "repair",
            Self::FailTasks => "fail_tasks",
            Self::Look => "look",
            Self::UnknownNode => "unknown_node",
            Self::Anonymous => "anonymous",
            Self::Plain => "plain",
        }
    }
}

/// A settled cluster as the API shows it.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The cluster's status; absent when nobody serves, and so nobody answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ClusterStatus>,
    /// Upgrade mode.
    pub mode: Mode,
    /// The original version, while upgrade mode is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Version>,
    /// Whether upgrade tasks are pending (profile `finalization`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tasks_pending: bool,
    /// Each node by number: `ACTIVE v0`, or `-` when it is not listed.
    pub nodes: Vec<String>,
}

impl Seen {
    /// What the API shows of a state.
    #[must_use]
    pub fn of(cluster: &Cluster) -> Self {
        Self {
            status: cluster.served().then(|| cluster.status()),
            mode: cluster.mode,
            origin: cluster.origin,
            tasks_pending: cluster.tasks_pending,
            nodes: cluster
                .nodes
                .iter()
                .map(|node| {
                    node.phase.listed().map_or_else(
                        || "-".to_owned(),
                        |status| format!("{status} {}", node.version),
                    )
                })
                .collect(),
        }
    }
}
