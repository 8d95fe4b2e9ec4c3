//! What does a step mean? One thing to do with everything that it needs, or the reason why it means nothing (spec,
//! section 8: what the tester controls; which calls a profile has: sections 1 and 6).

use serde::{Deserialize, Serialize};

use crate::judge::belief::Request;
use crate::spec::node::NodeId;
use crate::spec::profile::Profile;
use crate::spec::semantics::Scope;
use crate::spec::transition::Call;

use super::{Action, Step};

/// What a step means, with everything that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
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

impl Deed {
    /// The step that does it, with nothing expected yet.
    #[must_use]
    pub const fn step(self) -> Step {
        let mut step = Step {
            action: Action::Look,
            node: None,
            version: None,
            call: None,
            times: None,
            answer: Vec::new(),
            then: Vec::new(),
        };
        match self {
            Self::Call(Call::Start) => step.action = Action::Start,
            Self::Call(Call::Cancel) => step.action = Action::Cancel,
            Self::Call(Call::Approve) => step.action = Action::Approve,
            Self::Call(Call::Retry) => step.action = Action::Retry,
            Self::Race(call, times) => {
                step.action = Action::Race;
                step.call = Some(call);
                step.times = Some(times);
            }
            Self::Request(id, request) => {
                step.node = Some(id);
                step.action = match request {
                    Request::Stop => Action::Stop,
                    Request::Kill => Action::Kill,
                    Request::Install(version) => {
                        step.version = Some(version);
                        Action::Install
                    }
                    Request::Boot => Action::Boot,
                    Request::Break => Action::Break,
                    Request::Repair => Action::Repair,
                    Request::FailTasks => Action::FailTasks,
                };
            }
            Self::Look => {}
            Self::UnknownNode => step.action = Action::UnknownNode,
            Self::Anonymous => step.action = Action::Anonymous,
            Self::Plain => step.action = Action::Plain,
        }
        step
    }
}

impl std::fmt::Display for Deed {
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
    pub fn deed(&self, scope: Scope) -> Result<Deed, String> {
        if self.version.is_some() && self.action != Action::Install {
            return Err(self.extra("version"));
        }
        match self.action {
            Action::Start => self.alone(Deed::Call(Call::Start)),
            Action::Cancel => self.alone(Deed::Call(Call::Cancel)),
            Action::Approve => self.alone(Deed::Call(Call::Approve)),
            Action::Retry => self.alone(Deed::Call(known(scope, Call::Retry)?)),
            Action::Race => match (self.call, self.times) {
                (Some(call), Some(times @ 2..=64)) if self.node.is_none() => {
                    Ok(Deed::Race(known(scope, call)?, times))
                }
                _ => Err("`race` needs `call`, and `times` from 2 to 64, and no `node`".to_owned()),
            },
            Action::Stop => self.request(scope, Request::Stop),
            Action::Kill => self.request(scope, Request::Kill),
            Action::Install => match self.version {
                Some(version) if version.0 < scope.versions => {
                    self.request(scope, Request::Install(version))
                }
                _ => Err(format!(
                    "`install` needs `version`, a number from 0 to {}",
                    scope.versions - 1
                )),
            },
            Action::Boot => self.request(scope, Request::Boot),
            Action::Break => self.request(scope, Request::Break),
            Action::Repair => self.request(scope, Request::Repair),
            Action::FailTasks if scope.profile == Profile::Documented => {
                Err("`fail_tasks` exists in profile `finalization` only".to_owned())
            }
            Action::FailTasks => self.request(scope, Request::FailTasks),
            Action::Look => self.alone(Deed::Look),
            Action::UnknownNode => self.alone(Deed::UnknownNode),
            Action::Anonymous => self.alone(Deed::Anonymous),
            Action::Plain => self.alone(Deed::Plain),
        }
    }

    /// A request of the step's node.
    fn request(&self, scope: Scope, request: Request) -> Result<Deed, String> {
        let nodes = scope.nodes;
        match self.node {
            None => {
                Err(format!("`{}` needs `node`, a number from 1 to {nodes}", self.action.name()))
            }
            Some(id) if id.number() == 0 || id.index() >= nodes => {
                Err(format!("there is no node {}; the trace has {nodes}", id.number()))
            }
            Some(_) if self.races() => Err(self.extra("call")),
            Some(id) => Ok(Deed::Request(id, request)),
        }
    }

    /// A deed that needs no other field.
    fn alone(&self, deed: Deed) -> Result<Deed, String> {
        if self.node.is_some() {
            Err(self.extra("node"))
        } else if self.races() {
            Err(self.extra("call"))
        } else {
            Ok(deed)
        }
    }

    /// Whether a field is there that a race alone has.
    const fn races(&self) -> bool {
        self.call.is_some() || self.times.is_some()
    }

    fn extra(&self, field: &str) -> String {
        let name = self.action.name();
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
