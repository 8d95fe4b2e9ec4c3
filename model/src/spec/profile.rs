//! Which builds are meant? The page's own behaviour, or that of builds with upgrade tasks (spec, section 6).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::spec::cluster::ClusterStatus;
use crate::spec::node::{NodeStatus, Phase};

/// A family of builds that behave alike.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
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
pub enum Profile {
    /// What the vendor's page says (sections 2 and 3).
    #[default]
    Documented,
    /// Builds that may run upgrade tasks after `approve` (section 6).
    Finalization,
}

impl Profile {
    /// Both profiles.
    pub const ALL: [Self; 2] = [Self::Documented, Self::Finalization];

    /// The name in files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Finalization => "finalization",
        }
    }

    /// The phases that a node can be in under this profile.
    #[must_use]
    pub fn phases(self) -> &'static [Phase] {
        match self {
            Self::Documented => &Phase::ALL[..8],
            Self::Finalization => &Phase::ALL,
        }
    }

    /// Whether a node of this profile can be listed so. `DRAINING` is in the schema of both and in the model of none.
    #[must_use]
    pub fn lists(self, status: NodeStatus) -> bool {
        self.phases().iter().any(|phase| phase.listed() == Some(status))
    }

    /// Whether a cluster of this profile can have this status.
    #[must_use]
    pub const fn has(self, status: ClusterStatus) -> bool {
        match status {
            ClusterStatus::Stable
            | ClusterStatus::ReadyToUpgrade
            | ClusterStatus::Mixed
            | ClusterStatus::ReadyToRunUpgradeTasks => true,
            ClusterStatus::RunningUpgradeTasks | ClusterStatus::UpgradeTasksFailed => {
                matches!(self, Self::Finalization)
            }
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
