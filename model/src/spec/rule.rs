//! Which rules are there, and where does each come from? The registry of section 4 and 6 of the spec.
//!
//! The one place that spells a rule's id and text: reports, traces, `zdu explain` and the tests read it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::spec::profile::Profile;

macro_rules! rules {
    ($($variant:ident $id:literal $source:ident $text:literal)*) => {
        /// A rule of the spec, by its id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[derive(schemars::JsonSchema)]
        pub enum Rule {
            $(#[doc = $text] #[serde(rename = $id)] $variant,)*
        }

        impl Rule {
            /// Every rule, in the order of the spec.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The id that code, traces, reports and test names cite.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The rule in one sentence.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Where it is written down, if anywhere.
            #[must_use]
            pub const fn source(self) -> Source {
                match self { $(Self::$variant => Source::$source,)* }
            }
        }
    };
}

rules! {
    Api1 "API-1" ApiReference "The overview gives upgrade mode, cluster status, the original version while upgrade mode is on, and every listed node."
    Api2 "API-2" InitiatingARollingUpgrade "`start` enables upgrade mode and records the original version."
    Api3 "API-3" ApiReference "`state` gives the cluster status and the node that answers."
    Api4 "API-4" ApiReference "`nodes/{id}` gives the node's status and how many tasks it runs."
    Api5 "API-5" ApiReference "`cancel` disables upgrade mode."
    Api6 "API-6" ApiReference "`approve` finalizes the upgrade and disables upgrade mode by itself."
    Api7 "API-7" RestReference "A node that is not listed answers 404."
    Api8 "API-8" Unwritten "Reads change nothing."
    Api9 "API-9" RestReference "A call that the status does not allow answers 409 and changes nothing."
    Api10 "API-10" RestReference "Without credentials, or with wrong ones of any kind, every call answers 401; without system administration 403. A call so refused has no effect, and a call sent with another method than its own changes nothing."
    Api11 "API-11" Unwritten "Overview, `state` and `nodes/{id}`, read in one settled state, tell the same."
    Api12 "API-12" Unwritten "Of several `start` (or `cancel`, or `approve`) sent at once exactly one is answered 200."
    Node1 "NODE-1" NodeStatuses "ACTIVE: the node is connected to the cluster and runs."
    Node2 "NODE-2" NodeStatuses "STARTING becomes ACTIVE once the node has finished loading."
    Node3 "NODE-3" NodeStatuses "A node that is stopped gracefully is TERMINATING, then OFFLINE."
    Node4 "NODE-4" NodeStatuses "A node that does not respond is OFFLINE."
    Node5 "NODE-5" NodeStatuses "A node that is still OFFLINE once upgrade mode is disabled is removed from the cluster, and no other node is."
    Node6 "NODE-6" NodeStatuses "A node on which something went wrong is ERROR."
    Node7 "NODE-7" NodeErrors "Stopping an errored node gracefully takes it to OFFLINE."
    Node8 "NODE-8" NodeErrors "An errored node that cannot be stopped gracefully goes OFFLINE when it is shut down altogether."
    Node9 "NODE-9" NodeErrors "A removed node can be connected again once it is fixed and runs the cluster's version."
    Node10 "NODE-10" Unwritten "A node's version changes only while the node is down."
    Status1 "STATUS-1" ClusterStatuses "STABLE: upgrade mode is off and no node is in error."
    Status2 "STATUS-2" ClusterStatuses "READY_TO_UPGRADE: upgrade mode is on, no joined node is upgraded and none is in error; an upgraded node that is OFFLINE does not count."
    Status3 "STATUS-3" ClusterStatuses "MIXED as soon as an upgraded node has joined while another joined node is not upgraded."
    Status4 "STATUS-4" EnableAndDisable "MIXED when a node enters the error state with upgrade mode on."
    Status5 "STATUS-5" MixedWithModeDisabled "MIXED when a node is in the error state with upgrade mode off."
    Status6 "STATUS-6" ClusterStatuses "MIXED while joined nodes run two different versions, even if none of them is the original."
    Status7 "STATUS-7" ClusterStatuses "READY_TO_RUN_UPGRADE_TASKS: some node has joined, every joined node runs one version other than the original and none is in error; OFFLINE nodes do not count."
    Mode1 "MODE-1" ClusterStatuses "`start` succeeds in STABLE while some node serves."
    Mode2 "MODE-2" MixedWithModeDisabled "`start` is refused while a node is in error."
    Mode3 "MODE-3" EnableAndDisable "`cancel` succeeds in READY_TO_UPGRADE while some node serves, and is refused in MIXED."
    Mode4 "MODE-4" InitiatingARollingUpgrade "`cancel` is refused once all nodes are upgraded."
    Mode5 "MODE-5" ClusterStatuses "`approve` succeeds in READY_TO_RUN_UPGRADE_TASKS while some node serves, and in no other status."
    Mode6 "MODE-6" ApiReference "After `approve` upgrade mode is off and the cluster is STABLE."
    Mode7 "MODE-7" EnableAndDisable "`start` is refused while upgrade mode is on; `cancel` and `approve` are refused while it is off."
    Mode8 "MODE-8" RestReference "Joined nodes run different versions only while upgrade mode is on."
    Proc1 "PROC-1" UpgradingEachNode "A node is stopped gracefully before it is upgraded."
    Proc2 "PROC-2" UpgradingEachNode "The next node is taken only when the last one is ACTIVE again."
    Proc3 "PROC-3" UpgradingEachNode "With two nodes or more and no fault, who follows the procedure has some node ACTIVE at every moment, and ends STABLE with every node on the later version."
    Proc4 "PROC-4" Unwritten "From every reachable state some sequence of documented steps leads back to STABLE."
    Lb1 "LB-1" LoadBalancer "A node can be taken out of, and put back into, rotation on NGINX."
    Lb2 "LB-2" LoadBalancer "A node can be taken out of, and put back into, rotation on HAProxy."
    Lb3 "LB-3" LoadBalancer "A node can be taken out of, and put back into, rotation on Apache HTTP Server."
    Lb4 "LB-4" LoadBalancer "A node can be taken out of, and put back into, rotation on Azure Application Gateway."
    Lb5 "LB-5" TrafficDistribution "Taking a node out of rotation moves its users to the other nodes; putting it back rebalances them."
    Lb6 "LB-6" LoadBalancer "With each node out of rotation while it is down, the procedure fails no request through the load balancer."
    Fin1 "FIN-1" RestReference "After `approve` with tasks the cluster is RUNNING_UPGRADE_TASKS and each serving node RUNNING_FINALIZE_UPGRADE_TASKS; pending tasks show as UPGRADE_TASKS_FAILED or RUNNING_UPGRADE_TASKS."
    Fin2 "FIN-2" RestReference "When every node's tasks are done the cluster is STABLE."
    Fin3 "FIN-3" RestReference "When a node's tasks fail, that node and, once none is running, the cluster are UPGRADE_TASKS_FAILED."
    Fin4 "FIN-4" RestReference "`retryUpgrade` succeeds in UPGRADE_TASKS_FAILED only, and runs again what failed."
    Fin5 "FIN-5" RestReference "`start` is refused in RUNNING_UPGRADE_TASKS and in UPGRADE_TASKS_FAILED."
}

/// Where a rule is written down: under a heading of the vendor's page, in the public REST reference, or nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// "API reference".
    ApiReference,
    /// "Initiating a rolling upgrade".
    InitiatingARollingUpgrade,
    /// "Upgrading each node individually".
    UpgradingEachNode,
    /// "Node statuses".
    NodeStatuses,
    /// "Cluster statuses".
    ClusterStatuses,
    /// "Enable and disable Upgrade mode".
    EnableAndDisable,
    /// "Mixed status with Upgrade mode disabled".
    MixedWithModeDisabled,
    /// "Node errors during rolling upgrade".
    NodeErrors,
    /// "Disconnecting a node from the cluster through the load balancer".
    LoadBalancer,
    /// "Traffic is disproportionately distributed during or after upgrade".
    TrafficDistribution,
    /// The public REST reference of the same API.
    RestReference,
    /// Nowhere: any sane build would do it.
    Unwritten,
}

/// How well founded a rule is (section 4): the less so, the more a deviation from it is a question to the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The vendor's page says it.
    Page,
    /// The public REST reference says it.
    Reference,
    /// Nobody writes it down; any sane build would do it.
    Assumed,
}

impl Basis {
    /// The word in the spec and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Reference => "reference",
            Self::Assumed => "assumed",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Source {
    /// The heading as printed.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::ApiReference => "API reference",
            Self::InitiatingARollingUpgrade => "Initiating a rolling upgrade",
            Self::UpgradingEachNode => "Upgrading each node individually",
            Self::NodeStatuses => "Node statuses",
            Self::ClusterStatuses => "Cluster statuses",
            Self::EnableAndDisable => "Enable and disable Upgrade mode",
            Self::MixedWithModeDisabled => "Mixed status with Upgrade mode disabled",
            Self::NodeErrors => "Node errors during rolling upgrade",
            Self::LoadBalancer => "Disconnecting a node from the cluster through the load balancer",
            Self::TrafficDistribution => {
                "Traffic is disproportionately distributed during or after upgrade"
            }
            Self::RestReference => "the public REST reference of the ZDU API",
            Self::Unwritten => "written down nowhere; any sane build would do it",
        }
    }

    /// How well founded a rule is that comes from here.
    #[must_use]
    pub const fn basis(self) -> Basis {
        match self {
            Self::ApiReference
            | Self::InitiatingARollingUpgrade
            | Self::UpgradingEachNode
            | Self::NodeStatuses
            | Self::ClusterStatuses
            | Self::EnableAndDisable
            | Self::MixedWithModeDisabled
            | Self::NodeErrors
            | Self::LoadBalancer
            | Self::TrafficDistribution => Basis::Page,
            Self::RestReference => Basis::Reference,
            Self::Unwritten => Basis::Assumed,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.heading())
    }
}

impl Rule {
    /// How well founded it is.
    #[must_use]
    pub const fn basis(self) -> Basis {
        self.source().basis()
    }

    /// Whether the rule speaks about clusters of this profile: the FIN rules only of `finalization`.
    #[must_use]
    pub const fn in_profile(self, profile: Profile) -> bool {
        matches!(profile, Profile::Finalization)
            || !matches!(self, Self::Fin1 | Self::Fin2 | Self::Fin3 | Self::Fin4 | Self::Fin5)
    }

    /// Whether it speaks about the load balancer in front, and not about the cluster.
    #[must_use]
    pub const fn is_of_balancers(self) -> bool {
        matches!(self, Self::Lb1 | Self::Lb2 | Self::Lb3 | Self::Lb4 | Self::Lb5 | Self::Lb6)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// No rule has this id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule `{given}`; `zdu explain --list` names them all")]
pub struct UnknownRule {
    /// What was asked for.
    pub given: String,
}

impl FromStr for Rule {
    type Err = UnknownRule;

    /// Accepts an id in any case (`mode-4`).
    ///
    /// # Errors
    /// [`UnknownRule`] when no rule has that id.
    fn from_str(given: &str) -> Result<Self, UnknownRule> {
        Self::ALL
            .iter()
            .copied()
            .find(|rule| rule.id().eq_ignore_ascii_case(given))
            .ok_or_else(|| UnknownRule { given: given.to_owned() })
    }
}
