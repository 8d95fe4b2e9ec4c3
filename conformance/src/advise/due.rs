//! What is done, one after the other, each with its command: the model's list, and what the model leaves out of it, which is the
//! load balancer's rotation and why upgrade tasks failed.

use std::collections::BTreeSet;

use zdu_model::judge::seen::{Overview, Request};
use zdu_model::spec::node::{NodeId, NodeStatus};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;
use zdu_model::ways::advice::{Step, Until, What};

/// Something to do, and what is typed for it, where that is known.
#[derive(Clone, Debug)]
pub struct Due {
    /// What to do.
    pub work: Work,
    /// The command.
    pub command: Option<String>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// A step of the model's list.
    Step(Step),
    /// Put a node that is ACTIVE into rotation.
    Connect(NodeId),
    /// Find out why upgrade tasks failed on these nodes, before they run again.
    LookInto(Vec<NodeId>),
}

impl Work {
    /// The rule that asks for it.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Step(step) => step.rule,
            Self::Connect(_) => Rule::Lb6,
            Self::LookInto(_) => Rule::Fin4,
        }
    }
}

/// What is typed: for a call, for a request on a node, and for its way out of rotation and back.
pub(super) trait Lines {
    fn call(&self, call: Call) -> String;
    fn request(&self, id: NodeId, request: Request) -> Option<String>;
    /// `last`: no other node serves by then.
    fn disconnect(&self, id: NodeId, last: bool) -> Option<String>;
    fn connect(&self, id: NodeId) -> Option<String>;
}

/// These steps, where these nodes are ACTIVE and out of rotation.
pub(super) fn list(
    steps: &[Step],
    seen: &Overview,
    out: &BTreeSet<NodeId>,
    lines: &impl Lines,
) -> Vec<Due> {
    let mut serving: BTreeSet<NodeId> = those(seen, |status| {
        matches!(
            status,
            NodeStatus::Active
                | NodeStatus::RunningFinalizeUpgradeTasks
                | NodeStatus::UpgradeTasksFailed
        )
    });
    let connect =
        |id| lines.connect(id).map(|line| Due { work: Work::Connect(id), command: Some(line) });
    // First, since others can go out of rotation then.
    let mut list: Vec<Due> = out.iter().copied().filter_map(connect).collect();
    for step in steps {
        let mut after = None;
        let command = match step.what {
            What::Call(call) => {
                let failed = those(seen, |status| status == NodeStatus::UpgradeTasksFailed);
                if call == Call::Retry && !failed.is_empty() {
                    let work = Work::LookInto(failed.into_iter().collect());
                    list.push(Due { work, command: None });
                }
                Some(lines.call(call))
            }
            What::Request(id, Request::Stop) => {
                serving.remove(&id);
                let out = lines.disconnect(id, serving.is_empty());
                match (out, lines.request(id, Request::Stop)) {
                    (Some(out), Some(line)) => Some(format!("{out} && {line}")),
                    (out, line) => out.or(line),
                }
            }
            What::Request(id, request) => {
                if request == Request::Kill {
                    serving.remove(&id);
                }
                lines.request(id, request)
            }
            What::Wait(Until::Active(id)) => {
                serving.insert(id);
                after = connect(id);
                None
            }
            What::AskAgain | What::PutRight(_) | What::Wait(_) => None,
        };
        list.push(Due { work: Work::Step(step.clone()), command });
        list.extend(after);
    }
    list
}

/// The nodes that are listed so.
pub(super) fn those(seen: &Overview, so: impl Fn(NodeStatus) -> bool) -> BTreeSet<NodeId> {
    let listed = seen.nodes.iter().enumerate();
    let those = listed.filter(|(_, node)| node.and_then(|node| node.status).is_some_and(&so));
    those.map(|(index, _)| NodeId::at(index)).collect()
}
