//! What is told of an upgrade's course: how far it came, who left service and came back, what of the procedure was not kept.

use serde::{Deserialize, Serialize};

use crate::judge::event::Micros;
use crate::judge::seen::SeenVersion;
use crate::spec::node::{NodeId, Version};
use crate::spec::rule::Rule;

/// A step of the procedure that was not kept, as far as readings show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remark {
    /// A node came back on another version and was never seen to stop gracefully (PROC-1).
    NotStopped(NodeId),
    /// A node was taken while another was not ACTIVE again (PROC-2).
    NotWaited(NodeId, NodeId),
}

impl Remark {
    /// The rule that it is about.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::NotStopped(_) => Rule::Proc1,
            Self::NotWaited(..) => Rule::Proc2,
        }
    }
}

/// A node that left service and came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The node.
    pub node: NodeId,
    /// The version before, as far as it is known.
    pub from: SeenVersion,
    /// The version since.
    pub to: SeenVersion,
    /// How long it was seen not to serve; nothing where that was between two readings.
    pub took: Micros,
}

/// How far an upgrade has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stand {
    /// Upgrade mode was never on.
    NotBegun,
    /// It is on, or nodes do not all serve on one version: so many run a version other than the original.
    Underway {
        /// How many nodes serve on another version.
        upgraded: usize,
        /// How many there are.
        of: usize,
    },
    /// Upgrade mode is off again, and every node is where it was.
    CalledOff,
    /// Upgrade mode is off again, the cluster is STABLE and every node ACTIVE on a later version.
    Finished(Version),
    /// Nobody answers.
    Unknown,
}

/// What an upgrade that came to its end left behind is no longer so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Since {
    /// Upgrade mode is off, and nodes do not serve, or not on that version.
    Changed {
        /// How many nodes serve.
        serving: usize,
        /// How many there are.
        of: usize,
    },
    /// Nobody answers.
    Unanswered,
}
