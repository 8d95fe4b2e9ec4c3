//! Who carries out the operator's and the faults' steps? A driver; three are at hand, and one that goes around any of them with a
//! load balancer.
//!
//! A step is asynchronous: that a driver is done says nothing about when, or whether, the step takes effect. Only
//! observation tells.

mod command;
mod control;
mod keyboard;
mod manual;
mod process;
mod rotating;
mod shell;

pub use command::CommandDriver;
pub use control::ControlDriver;
pub use manual::ManualDriver;
pub use rotating::Rotating;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use zdu_model::judge::finding::{Allowed, Sight};
use zdu_model::judge::seen::Request;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;

/// A driver at work.
pub type Doing<'a> = Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send + 'a>>;

/// Whoever can make steps happen on a cluster.
pub trait Driver: Send + Sync {
    /// Whether it can ask for this step; for `Install`, of any version.
    fn can(&self, id: NodeId, request: Request) -> bool;

    /// Asks for a step on a node.
    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a>;

    /// What a person would type for it, without secrets; `None` where that is no command.
    fn told(&self, _: NodeId, _: Request) -> Option<String> {
        None
    }

    /// The same for [`Driver::reset`].
    fn reset_told(&self) -> Option<String> {
        None
    }

    /// Whether it may say that it is done without having done anything: a command that ends well, a person who presses Enter.
    fn may_fail_silently(&self) -> bool {
        true
    }

    /// Is told, when the cluster has settled, which nodes serve for certain: those that it took out of the load balancer's
    /// rotation go back.
    fn serving<'a>(&'a self, _: &'a [NodeId]) -> Doing<'a> {
        Box::pin(async { Ok(()) })
    }

    /// What was seen at a load balancer since the last question.
    fn rotated(&self) -> Rotated {
        Rotated::default()
    }

    /// Whether it can bring the whole cluster back to its initial state.
    fn can_reset(&self) -> bool;

    /// Brings the whole cluster back to its initial state.
    fn reset(&self) -> Doing<'_>;
}

/// What was seen at a load balancer (LB-1 to LB-4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// How often the rule of its kind was at stake: a node was to go out or come in, or requests were counted while it was out.
    pub at_stake: BTreeMap<Rule, u64>,
    /// What it did otherwise than it took.
    pub astray: Vec<Astray>,
}

/// What a load balancer did otherwise than it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Astray {
    /// The rule of its kind.
    pub rule: Rule,
    /// The node.
    pub node: NodeId,
    /// What was due.
    pub due: Allowed,
    /// What was seen instead.
    pub seen: Sight,
}

/// A step could not be asked for: the suite's own failure, not the target's, but where a load balancer is the cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DriverError {
    /// There is no command for it.
    #[error("cannot do `{0}`: the target file names no command for it")]
    CannotDo(String),
    /// The command failed.
    #[error("`{command}` {outcome}{output}")]
    Failed {
        /// What was run, redacted.
        command: String,
        /// How it ended.
        outcome: String,
        /// What it printed, redacted.
        output: String,
        /// It took as long as a step may take, and was given up.
        late: bool,
    },
    /// Whoever drives by hand leaves the trace out.
    #[error("left out by whoever drives by hand")]
    LeftOut,
    /// Somebody asked to stop.
    #[error("the run was ended")]
    Ended,
    /// The load balancer does not do what it took; [`Driver::rotated`] tells what was seen.
    #[error("the load balancer did not do what it was asked")]
    Rotation,
}

/// A driver that can do nothing: for runs that only read.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDriver;

impl Driver for NoDriver {
    fn can(&self, _: NodeId, _: Request) -> bool {
        false
    }

    fn request<'a>(&'a self, _: NodeId, request: Request) -> Doing<'a> {
        Box::pin(async move { Err(DriverError::CannotDo(request.name().to_owned())) })
    }

    fn can_reset(&self) -> bool {
        false
    }

    fn reset(&self) -> Doing<'_> {
        Box::pin(async { Err(DriverError::CannotDo("reset".to_owned())) })
    }
}
