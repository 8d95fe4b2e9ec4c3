//! What is to be done, and why: advice in the target's words.

use zdu_model::judge::roster::Oddity;
use zdu_model::judge::seen::{Overview, Request};
use zdu_model::judge::served::{Entry, FailedTask};
use zdu_model::judge::text::Text;
use zdu_model::spec::node::{NodeId, NodeStatus};
use zdu_model::spec::transition::Call;
use zdu_model::ways::advice::{
    Aim, Allowed, Cost, Direction, Mark, Reason, Refusal, Step, Until, WayOut, What,
};

use super::{Words, counted};
use crate::advise::Work;

impl Words<'_> {
    /// The direction, with why it is this one.
    #[must_use]
    pub fn aim(self, aim: Aim) -> String {
        let version = self.names.version(aim.version);
        let direction = match aim.direction {
            Direction::Forward => format!("FORWARD to {version}"),
            Direction::Back => format!("BACK to {version}"),
            Direction::Stay => format!("STAY on {version}"),
        };
        let reason = match aim.reason {
            Reason::Asked => "as asked",
            Reason::Upgraded => {
                "a node is upgraded already, or may be; --back leads to the original"
            }
            Reason::NotUpgraded => {
                "no node is seen to be upgraded yet; --forward makes the upgrade"
            }
            Reason::NoUpgrade => "upgrade mode is off; --forward makes an upgrade",
            Reason::NothingToGoBackTo => {
                "upgrade mode is off: after `approve` there is no way back to an earlier version"
            }
            Reason::Arrived => "the cluster runs that version already",
        };
        format!("{direction} ({reason})")
    }

    /// Why nothing can be advised, and what to do instead.
    #[must_use]
    pub fn refusal(self, refusal: Refusal) -> String {
        let version = |version| self.names.version(version);
        match refusal {
            Refusal::Unexplained => {
                "no state of the model is listed so; watch what becomes of it: zdu monitor"
                    .to_owned()
            }
            Refusal::NotLater { to, than } => format!(
                "{} is not later than {}, which the cluster runs or comes from; an upgrade goes to a later version with `--to`, \
                 and `--back` to the original",
                version(to),
                version(than)
            ),
            Refusal::NothingLater { than } => {
                format!("no version later than {} is known; name it with `--to`", version(than))
            }
        }
    }

    /// Something to do.
    #[must_use]
    pub fn work(self, work: &Work) -> String {
        match work {
            Work::Step(step) => self.step(step),
            Work::Connect(id) => {
                format!("put {} into the load balancer's rotation", self.node(*id))
            }
            Work::LookInto(nodes) => {
                let nodes: Vec<String> = nodes.iter().map(|id| self.node(*id)).collect();
                format!(
                    "find out why the upgrade tasks failed on {}, and put it right",
                    nodes.join(", ")
                )
            }
        }
    }

    /// What is done about a node where nobody serves and nobody tells how it stands.
    #[must_use]
    pub fn revival(self, id: NodeId, request: Request) -> String {
        let node = self.node(id);
        match request {
            Request::Boot => format!("start Confluence on {node}, and wait until it has started"),
            Request::Kill => format!("shut {node} down altogether if it runs and is broken"),
            Request::Stop => format!("stop Confluence on {node} if it runs and is broken"),
            other @ (Request::Install(_)
            | Request::Break
            | Request::Repair
            | Request::FailTasks) => self.request(id, other),
        }
    }

    /// A step of the list.
    #[must_use]
    pub fn step(self, step: &Step) -> String {
        let what = match step.what {
            What::Call(call) => format!("POST {call}"),
            What::Request(id, Request::Install(version)) => {
                let sure = if step.marks.contains(&Mark::MayBeInstalled) {
                    ", unless it is there already (of a node that is down nothing shows what it has, or whether it was in ERROR: put that right first)"
                } else {
                    ""
                };
                format!("install {} on {}{sure}", self.names.version(version), self.node(id))
            }
            What::Request(id, Request::Stop) => {
                format!("stop Confluence on {} gracefully", self.node(id))
            }
            What::Request(id, Request::Kill) => format!("shut {} down altogether", self.node(id)),
            What::Request(id, Request::Boot) => format!("start Confluence on {}", self.node(id)),
            What::Request(id, request) => self.request(id, request),
            What::PutRight(id) => {
                format!("find out what went wrong on {}, and put it right", self.node(id))
            }
            What::Wait(until) => format!("wait until {}", self.until(until)),
            What::AskAgain => {
                "ask again: what comes next depends on what has come of it".to_owned()
            }
        };
        let marks: String = step.marks.iter().filter_map(|mark| mark_words(*mark)).collect();
        format!("{what}{marks}")
    }

    /// What is waited for.
    #[must_use]
    pub fn until(self, until: Until) -> String {
        match until {
            Until::Answers(id) => format!("{} answers its cluster again", self.node(id)),
            Until::Active(id) => format!("{} is ACTIVE", self.node(id)),
            Until::Down(id) => format!("{} is OFFLINE, or no longer listed", self.node(id)),
            Until::Still(id) => {
                format!("{} neither starts nor stops nor runs upgrade tasks", self.node(id))
            }
            Until::Status(status) => format!("the cluster is {status}"),
        }
    }

    /// Whether a call is allowed now.
    #[must_use]
    pub fn allowed_now(self, allowed: Allowed) -> &'static str {
        match allowed {
            Allowed::Yes => "allowed",
            Allowed::No => "refused",
            Allowed::Depends => "depends on what cannot be seen now",
            Allowed::Unanswered => "nobody answers",
        }
    }

    /// What a call that turns upgrade mode off does to nodes that are down; nothing where none is.
    #[must_use]
    pub fn removed_by(self, call: Call, seen: &Overview) -> Option<String> {
        let off = match call {
            Call::Cancel | Call::Approve => true,
            Call::Start | Call::Retry => false,
        };
        let down = seen
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.and_then(|node| node.status) == Some(NodeStatus::Offline));
        let down: Vec<String> = down.map(|(index, _)| self.node(NodeId::at(index))).collect();
        (off && !down.is_empty()).then(|| {
            format!("what is OFFLINE then is removed from the cluster: {}", down.join(", "))
        })
    }

    /// One of the page's ways out of an error.
    #[must_use]
    pub fn way_out(self, way: WayOut, id: NodeId) -> String {
        let node = self.node(id);
        match way {
            WayOut::StopGracefully => {
                format!(
                    "stop Confluence on {node} gracefully; it goes OFFLINE, is put right and started again"
                )
            }
            WayOut::ShutDownAltogether => {
                format!(
                    "if it cannot be stopped gracefully, shut {node} down altogether, then the same"
                )
            }
            WayOut::GoOnWithout => format!(
                "shut {node} down, go on without it once it is OFFLINE, and connect it again later"
            ),
        }
    }

    /// What a way costs.
    #[must_use]
    pub fn cost(self, cost: Cost) -> String {
        match cost {
            Cost::RestWaits => "everything else waits until it is ACTIVE again".to_owned(),
            Cost::CutOff => "what it was still doing is cut off".to_owned(),
            Cost::Removed => {
                "it is removed from the cluster, and must be put right and brought to the cluster's version before it is started again"
                    .to_owned()
            }
            Cost::FewerServing(count) => format!("until then {} at most", counted(count, "serving node")),
            Cost::Outage => "nobody serves while the last node is upgraded".to_owned(),
            Cost::NoWayBack => "there is no way back to the original once it is finalized".to_owned(),
        }
    }

    /// How busy a node is, as far as it tells: `, 3 users, 0 tasks`.
    #[must_use]
    pub fn load(self, entry: &Entry) -> String {
        let count = |count: Option<u64>, what: &str| {
            count.map_or_else(String::new, |count| {
                format!(", {}", counted(usize::try_from(count).unwrap_or(usize::MAX), what))
            })
        };
        format!("{}{}", count(entry.users, "user"), count(entry.tasks, "running task"))
    }

    /// An upgrade task that failed, in the build's words.
    #[must_use]
    pub fn failed_task(self, task: &FailedTask) -> String {
        let name =
            task.name.as_ref().map_or_else(|| "an unnamed task".to_owned(), ToString::to_string);
        let whole = if task.whole_cluster == Some(true) { " (of the whole cluster)" } else { "" };
        let messages: Vec<String> = task.messages.iter().map(ToString::to_string).collect();
        let messages =
            if messages.is_empty() { "no message".to_owned() } else { messages.join("; ") };
        format!("{name}{whole}: {messages}")
    }

    /// What speaks against the identity of nodes.
    #[must_use]
    pub fn oddity(self, oddity: &Oddity) -> String {
        match oddity {
            Oddity::IdChanged(id, was, is) => {
                format!("{} is listed as {is}, and was {was}", self.node(*id))
            }
            Oddity::Stranger(id) => {
                format!("{id} is listed and is none of the target's nodes; the list leaves it out")
            }
            Oddity::Twice(id) => format!("{id} is listed twice"),
            Oddity::OtherNode(id, is) => format!("{} answers as {is}", self.node(*id)),
        }
    }

    /// An entry that a node left behind.
    #[must_use]
    pub fn ghost(self, entry: &Entry) -> String {
        let given =
            |text: &Option<Text>| text.as_ref().map_or_else(String::new, |text| format!(" {text}"));
        let status = entry.status.map_or_else(|| "silent".to_owned(), |status| status.to_string());
        format!("{}{}{} ({status})", entry.id, given(&entry.name), given(&entry.address))
    }
}

const fn mark_words(mark: Mark) -> Option<&'static str> {
    match mark {
        Mark::PointOfNoReturn => {
            Some(" -- POINT OF NO RETURN: afterwards there is no way back to the original version")
        }
        Mark::Outage => Some(" -- OUTAGE: nobody serves until it is ACTIVE again"),
        Mark::ByHand => Some(" (by hand: no command is known for it)"),
        Mark::MayBeInstalled => None,
    }
}
