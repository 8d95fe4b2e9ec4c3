//! How did a trace end, and if not at its last step, why? Never in a sentence.

use serde::{Deserialize, Serialize};
use zdu_model::judge::event::Silence;
use zdu_model::judge::seen::{Overview, Request};
use zdu_model::judge::text::Text;
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::transition::Call;

use super::Verdict;

/// How a trace ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Every step was taken and judged.
    Done,
    /// The steps after this one were not taken; 0 is before the first.
    NotReached {
        /// The last step that was taken.
        after_step: usize,
        /// Why no other was.
        why: NotReached,
    },
    /// It needs something that cannot be done here.
    Skipped(Need),
    /// It is not about this cluster, or the cluster is not where it starts.
    NotApplicable(Misfit),
    /// The suite itself failed, in the words of whoever failed: a driver's command, say.
    Broken(Text),
    /// Nobody answered before the first step.
    Unreachable(Silence),
    /// Somebody asked to stop.
    Interrupted,
    /// The run ended before.
    Unfinished(Stop),
}

impl End {
    /// What ended the run before this trace was done, if the run ended by itself.
    #[must_use]
    pub const fn stopped(&self) -> Option<&Stop> {
        match self {
            Self::Unfinished(stop) => Some(stop),
            Self::Done
            | Self::NotReached { .. }
            | Self::Skipped(_)
            | Self::NotApplicable(_)
            | Self::Broken(_)
            | Self::Unreachable(_)
            | Self::Interrupted => None,
        }
    }

    /// The verdict that this end alone comes to; none where the findings decide.
    #[must_use]
    pub const fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::NotReached { why: NotReached::TooMany, .. } | Self::Broken(_) => {
                Some(Verdict::Broken)
            }
            Self::Done | Self::NotReached { .. } => None,
            Self::Skipped(_) => Some(Verdict::Skipped),
            Self::NotApplicable(_) => Some(Verdict::NotApplicable),
            Self::Unreachable(_) | Self::Interrupted | Self::Unfinished(_) => {
                Some(Verdict::Unfinished)
            }
        }
    }

    /// Whether the trace is still to be run: it did not come to an end of its own.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Interrupted | Self::Unfinished(_) => true,
            Self::Done
            | Self::NotReached { .. }
            | Self::Skipped(_)
            | Self::NotApplicable(_)
            | Self::Broken(_) => false,
        }
    }
}

/// Why a step was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotReached {
    /// After what was found the cluster is elsewhere than the last step leaves it, and what follows was written for another.
    Elsewhere,
    /// After what was found the next step is no longer possible.
    Impossible,
    /// The cluster did not settle.
    Unsettled,
    /// The overview cannot be read, so nothing could be judged.
    Blind,
    /// More may have happened unseen than the judge can hold.
    TooMany,
    /// The load balancer did not let the node go, so it was not asked for.
    Rotation,
}

/// What a trace needs and does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// More versions than the target file names.
    Versions {
        /// So many it needs.
        needs: u8,
        /// So many there are.
        has: u8,
    },
    /// More versions than are left above the one that the cluster runs now: nothing leads back below it.
    LaterVersions {
        /// So many it needs.
        needs: u8,
        /// So many there are, the cluster's own included.
        has: u8,
    },
    /// A model that can run it.
    Model,
    /// Leave to send POSTs (`--observe-only`).
    Posts(Call),
    /// Leave to disrupt: this call may succeed.
    DisruptingCall(Call),
    /// Leave to disrupt: this step on a node.
    DisruptingStep(NodeId, Request),
    /// Leave to let a node below the original version join (`allow_downgrade`).
    Downgrade(NodeId),
    /// A command for this step on this node.
    Command(NodeId, Request),
    /// A target that asks for credentials, and credentials.
    Credentials,
    /// An account without system administration.
    PlainAccount,
    /// A cluster on which it would show what it is for; in the words of whoever serves the cluster.
    Visibility(Text),
    /// A command for this step that does it, and in time: in the traces before it did not.
    Working(Request),
    /// This step on this node alone.
    WorkingOn(NodeId, Request),
    /// Somebody who carries it out: whoever drives by hand left it out.
    Hand,
}

/// Why a trace is not about this cluster as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misfit {
    /// It is about another family of builds.
    Profile(Profile),
    /// It is for another number of nodes.
    Nodes {
        /// So many it needs.
        needs: u8,
        /// So many there are.
        has: usize,
    },
    /// The cluster is here, and no command leads to where traces start.
    Elsewhere(Cluster),
    /// The cluster is listed so, and nothing may be done about it.
    Listed(Overview),
    /// The way to where traces start takes more than was consented to (`--take-over`), from here.
    NoConsent(Overview),
    /// The cluster does not settle.
    Restless,
    /// It is not known where the cluster is.
    Unknown,
    /// The way back was taken and did not lead back.
    Astray,
}

/// Why a run ended before all of its traces did.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// So many traces in a row left the cluster where nothing brought it back (`--max-broken`).
    ClusterLost(usize),
    /// What was asked for had come about (`--stop-when`): the cluster is left as it is.
    Met {
        /// The expression.
        what: Text,
        /// In which trace it was seen to hold.
        trace: Text,
        /// In which step of it; 0 is before the first.
        step: usize,
    },
    /// Its journal, or its recording, ends here.
    Killed,
}
