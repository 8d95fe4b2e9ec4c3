//! What is to be done now, by somebody who is tired? One list of steps to a goal, from whatever the cluster is in (the
//! page's procedure and "Troubleshooting"; PROC-1 to PROC-4).
//!
//! The list is the page's procedure in its order, from where the cluster stands: what is under way is waited for, who does
//! not serve is brought back, then one serving node after the other is stopped, upgraded and waited for, and the call that
//! ends upgrade mode comes last. It is right in every state that explains what was seen, or ends with asking again. It does
//! not depend on the version of a node that is down, which no listing tells for certain (section 7). That following it
//! reaches the goal, keeps somebody serving and sends nothing that is refused is what `tests/advice.rs` proves.
//!
//! In the order data meets them: `explained` is what an overview may mean, `settled` is what the cluster comes to by itself, `aim` the direction and the goal, `procedure`
//! the list, `errors` the page's three ways out of an error, `now` the calls that are allowed at this moment. Left out:
//! repairing a node in place, which the page does not describe, and the load balancer.

mod aim;
mod errors;
mod explained;
mod now;
mod procedure;
mod settled;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::judge::seen::Request;
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::node::{NodeId, Version};
use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;
use crate::spec::transition::Call;

pub use aim::{Aim, Direction, Reason, Refusal};
pub use errors::{Cost, InError, Way, WayOut};
pub use explained::{explanations, silent};
pub use now::{Allowed, CallNow};

/// What is known of a cluster, and what is asked.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The size and profile.
    pub scope: Scope,
    /// Every state that explains what was seen, all of them in one mode with one original version.
    pub explanations: &'a [Cluster],
    /// Members that do not answer their cluster at the moment (section 7).
    pub silent: &'a BTreeSet<NodeId>,
    /// The direction, where somebody wants another than the one that comes of itself.
    pub direction: Option<Direction>,
    /// The version to upgrade to, where somebody names one.
    pub to: Option<Version>,
    /// How busy each node is, by number; nodes without an entry are of unknown load.
    pub loads: &'a [Load],
    /// Whether there is a command for a request on a node.
    pub can: &'a dyn Fn(NodeId, Request) -> bool,
}

/// How busy a node is, as far as it tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// `activeUserCount`.
    pub users: Option<u64>,
    /// `tasksTotal`.
    pub tasks: Option<u64>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// The direction, why it is this one, and the version that every node is to run in the end.
    pub aim: Aim,
    /// What to do, one after the other; empty when nothing is to be done.
    pub steps: Vec<Step>,
    /// Each call: whether it is allowed at this moment.
    pub calls: Vec<CallNow>,
    /// Each node in error with the page's three ways, in its order.
    pub errors: Vec<InError>,
}

impl Advice {
    /// Whether nothing is to be done: the cluster is STABLE, complete and of one version.
    #[must_use]
    pub const fn nothing_to_do(&self) -> bool {
        self.steps.is_empty()
    }
}

/// One step of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What to do, or to wait for.
    pub what: What,
    /// The rule that asks for it, or says what it comes to.
    pub rule: Rule,
    /// What must be known before it is done.
    pub marks: BTreeSet<Mark>,
}

/// What to do, or to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Send this call.
    Call(Call),
    /// Do this on a node.
    Request(NodeId, Request),
    /// Find out what went wrong on a node that is down, and put it right.
    PutRight(NodeId),
    /// Wait until it is so.
    Wait(Until),
    /// Ask for advice again: what comes next depends on what the waiting brings.
    AskAgain,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// The node answers its cluster again.
    Answers(NodeId),
    /// The node is ACTIVE.
    Active(NodeId),
    /// The node is OFFLINE, or no longer listed.
    Down(NodeId),
    /// The node neither starts nor stops nor runs upgrade tasks, whatever it comes to.
    Still(NodeId),
    /// The cluster has this status.
    Status(ClusterStatus),
}

/// What must be known of a step before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// There is no way back afterwards.
    PointOfNoReturn,
    /// It leaves nobody serving until the node is ACTIVE again.
    Outage,
    /// The version may be installed already: what is listed for a node that is down, or in error, does not tell.
    MayBeInstalled,
    /// No command is known for it.
    ByHand,
}

/// What to do in a cluster that is seen so.
///
/// # Errors
/// [`Refusal`] when what is asked for cannot be advised.
pub fn advise(asked: &Asked<'_>) -> Result<Advice, Refusal> {
    let settled = settled::settled(asked).ok_or(Refusal::Unexplained)?;
    let aim = aim::aim(asked, &settled)?;
    Ok(Advice {
        aim,
        steps: procedure::steps(asked, &settled, aim, procedure::Choice::default()),
        calls: now::calls(asked),
        errors: errors::errors(asked, &settled, aim),
    })
}
