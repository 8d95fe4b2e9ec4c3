//! What does a step mean? One thing to do with everything that it needs, or the reason why it means nothing (spec,
//! section 8: what the tester controls; which calls a profile has: sections 1 and 6).

use serde::{Deserialize, Serialize};

use crate::judge::belief::Request;
use crate::spec::node::NodeId;
use crate::spec::profile::Profile;
use crate::spec::semantics::Scope;
use crate::spec::transition::Call;

use super::step::{Do, Step};

/// What a step means, with everything that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Send a call.
    Call(Call),
    /// Send a call several times at once.
    Race(Call, u8),
    /// Ask the driver for a step on a node.
    Request(NodeId, Request),
    /// Read everything.
    Look,
    /// Ask for a node that never existed.
    UnknownNode,
    /// Read without credentials.
    Anonymous,
    /// Read with an account that is no system administrator.
    Plain,
}

impl Action {
    /// The step that does it, with nothing expected yet.
    #[must_use]
    pub const fn step(self) -> Step {
        let mut step = Step {
            verb: Do::Look,
            node: None,
            version: None,
            call: None,
            times: None,
            answer: Vec::new(),
            then: Vec::new(),
        };
        match self {
            Self::Call(Call::Start) => step.verb = Do::Start,
            Self::Call(Call::Cancel) => step.verb = Do::Cancel,
            Self::Call(Call::Approve) => step.verb = Do::Approve,
            Self::Call(Call::Retry) => step.verb = Do::Retry,
            Self::Race(call, times) => {
                step.verb = Do::Race;
                step.call = Some(call);
                step.times = Some(times);
            }
            Self::Request(id, request) => {
                step.node = Some(id);
                step.verb = match request {
                    Request::Stop => Do::Stop,
                    Request::Kill => Do::Kill,
                    Request::Install(version) => {
                        step.version = Some(version);
                        Do::Install
                    }
                    Request::Boot => Do::Boot,
                    Request::Break => Do::Break,
                    Request::Repair => Do::Repair,
                    Request::FailTasks => Do::FailTasks,
                };
            }
            Self::Look => {}
            Self::UnknownNode => step.verb = Do::UnknownNode,
            Self::Anonymous => step.verb = Do::Anonymous,
            Self::Plain => step.verb = Do::Plain,
        }
        step
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call(call) => write!(f, "{call}"),
            Self::Race(call, times) => write!(f, "{times} x {call} at once"),
            Self::Request(id, Request::Install(version)) => write!(f, "install {version} on {id}"),
            Self::Request(id, request) => write!(f, "{request} {id}"),
            Self::Look => f.write_str("look"),
            Self::UnknownNode => f.write_str("ask for an unknown node"),
            Self::Anonymous => f.write_str("read without credentials"),
            Self::Plain => f.write_str("read without system administration"),
        }
    }
}

impl Step {
    /// What the step means.
    ///
    /// # Errors
    /// A sentence on the field that is missing or out of place.
    pub fn action(&self, scope: Scope) -> Result<Action, String> {
        if self.version.is_some() && self.verb != Do::Install {
            return Err(self.extra("version"));
        }
        match self.verb {
            Do::Start => self.alone(Action::Call(Call::Start)),
            Do::Cancel => self.alone(Action::Call(Call::Cancel)),
            Do::Approve => self.alone(Action::Call(Call::Approve)),
            Do::Retry => self.alone(Action::Call(known(scope, Call::Retry)?)),
            Do::Race => match (self.call, self.times) {
                (Some(call), Some(times @ 2..=64)) if self.node.is_none() => {
                    Ok(Action::Race(known(scope, call)?, times))
                }
                _ => Err("`race` needs `call`, and `times` from 2 to 64, and no `node`".to_owned()),
            },
            Do::Stop => self.request(scope, Request::Stop),
            Do::Kill => self.request(scope, Request::Kill),
            Do::Install => match self.version {
                Some(version) if version.0 < scope.versions => {
                    self.request(scope, Request::Install(version))
                }
                _ => Err(format!(
                    "`install` needs `version`, a number from 0 to {}",
                    scope.versions - 1
                )),
            },
            Do::Boot => self.request(scope, Request::Boot),
            Do::Break => self.request(scope, Request::Break),
            Do::Repair => self.request(scope, Request::Repair),
            Do::FailTasks if scope.profile == Profile::Documented => {
                Err("`fail_tasks` exists in profile `finalization` only".to_owned())
            }
            Do::FailTasks => self.request(scope, Request::FailTasks),
            Do::Look => self.alone(Action::Look),
            Do::UnknownNode => self.alone(Action::UnknownNode),
            Do::Anonymous => self.alone(Action::Anonymous),
            Do::Plain => self.alone(Action::Plain),
        }
    }

    /// A request of the step's node.
    fn request(&self, scope: Scope, request: Request) -> Result<Action, String> {
        let nodes = scope.nodes;
        match self.node {
            None => Err(format!("`{}` needs `node`, a number from 1 to {nodes}", self.name())),
            Some(id) if id.number() == 0 || id.index() >= nodes => {
                Err(format!("there is no node {}; the trace has {nodes}", id.number()))
            }
            Some(_) if self.races() => Err(self.extra("call")),
            Some(id) => Ok(Action::Request(id, request)),
        }
    }

    /// An action that needs no other field.
    fn alone(&self, action: Action) -> Result<Action, String> {
        if self.node.is_some() {
            Err(self.extra("node"))
        } else if self.races() {
            Err(self.extra("call"))
        } else {
            Ok(action)
        }
    }

    /// Whether a field is there that a race alone has.
    const fn races(&self) -> bool {
        self.call.is_some() || self.times.is_some()
    }

    fn extra(&self, field: &str) -> String {
        let name = self.name();
        format!("`{field}` has no meaning for `{name}`; take it out")
    }
}

/// The call, if the profile has it.
fn known(scope: Scope, call: Call) -> Result<Call, String> {
    if Call::of(scope.profile).contains(&call) {
        Ok(call)
    } else {
        Err(format!("`{call}` exists in profile `finalization` only"))
    }
}
