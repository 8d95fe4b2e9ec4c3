//! What is replayed, and what must then be seen? A trace: named steps with the answers and settled clusters that the
//! model allows (the interface's "Traces").
//!
//! A trace can be run in the model alone: [`Trace::run`] recomputes every expectation, and refuses a trace that the model
//! cannot follow with the step and the reason. Its JSON is written a step a line, to be read in a diff.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::belief::{Belief, Outcome, Request};
use crate::cluster::{Cluster, ClusterStatus, Mode};
use crate::node::{NodeId, Phase, Version};
use crate::profile::Profile;
use crate::rule::Rule;
use crate::semantics::Scope;
use crate::transition::Call;

/// The format that this module reads and writes.
pub const SCHEMA: &str = "zdu-trace/1";

/// The name of the published JSON Schema beside the traces. Whoever loads a folder of traces leaves it out.
pub const SCHEMA_FILE: &str = "trace.schema.json";

/// The JSON Schema of a trace, generated from the types.
///
/// # Panics
/// Never: a schema is plain data.
#[must_use]
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(Trace);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema serializes");
    text.push('\n');
    text
}

/// A named run with what must be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// Always `zdu-trace/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The name, as in the file's name.
    pub name: String,
    /// Why it exists: what would go wrong for whom.
    pub why: String,
    /// The family of builds that it is about.
    #[serde(default)]
    pub profile: Profile,
    /// How many nodes it starts with, all ACTIVE at version 0, upgrade mode off.
    #[schemars(range(min = 1, max = 16))]
    pub nodes: u8,
    /// How many versions it needs, at least 2.
    #[schemars(range(min = 2, max = 16))]
    pub versions: u8,
    /// The rules that it exercises.
    pub rules: Vec<Rule>,
    /// What is done and seen, in order.
    pub steps: Vec<Step>,
}

/// One thing that is done, and what must be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    #[serde(rename = "do")]
    pub action: Action,
    /// The node that it is done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    /// The version to install, as its place in the list of versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The call that a race sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// How many of them a race sends at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u8>,
    /// The status codes of which one must be answered; for a race, how many answers have each code is the rule's (API-12).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answer: Vec<u16>,
    /// The settled clusters of which one must be seen; empty when the next step does not wait for the cluster to settle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Seen>,
}

/// What a step does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Call `start`.
    Start,
    /// Call `cancel`.
    Cancel,
    /// Call `approve`.
    Approve,
    /// Call `retryUpgrade` (profile `finalization`).
    Retry,
    /// Send one call several times at once.
    Race,
    /// Stop the node gracefully.
    Stop,
    /// Shut the node down altogether.
    Kill,
    /// Install a version on the node.
    Install,
    /// Start the node.
    Boot,
    /// Make something go wrong on the node.
    Break,
    /// Fix the node's error in place.
    Repair,
    /// Make the node's upgrade tasks fail (profile `finalization`).
    FailTasks,
    /// Read everything again.
    Look,
    /// Ask for a node that never existed.
    UnknownNode,
    /// Read without credentials.
    Anonymous,
    /// Read with an account that is no system administrator.
    Plain,
}

impl Action {
    /// The word in traces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Cancel => "cancel",
            Self::Approve => "approve",
            Self::Retry => "retry",
            Self::Race => "race",
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Install => "install",
            Self::Boot => "boot",
            Self::Break => "break",
            Self::Repair => "repair",
            Self::FailTasks => "fail_tasks",
            Self::Look => "look",
            Self::UnknownNode => "unknown_node",
            Self::Anonymous => "anonymous",
            Self::Plain => "plain",
        }
    }
}

/// A settled cluster as the API shows it.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The cluster's status; absent when nobody serves, and so nobody answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ClusterStatus>,
    /// Upgrade mode.
    pub mode: Mode,
    /// The original version, while upgrade mode is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Version>,
    /// Whether upgrade tasks are pending (profile `finalization`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tasks_pending: bool,
    /// Each node by number: `ACTIVE v0`, or `-` when it is not listed.
    pub nodes: Vec<String>,
}

impl Seen {
    /// What the API shows of a state.
    #[must_use]
    pub fn of(cluster: &Cluster) -> Self {
        Self {
            status: cluster.served().then(|| cluster.status()),
            mode: cluster.mode,
            origin: cluster.origin,
            tasks_pending: cluster.tasks_pending,
            nodes: cluster
                .nodes
                .iter()
                .map(|node| {
                    node.phase.listed().map_or_else(
                        || "-".to_owned(),
                        |status| format!("{status} {}", node.version),
                    )
                })
                .collect(),
        }
    }
}

/// What a step means, with everything that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// A trace that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// The JSON is not a trace.
    #[error("not a trace: {0}")]
    Shape(String),
    /// It is of another format.
    #[error("schema is `{0}`, but this program reads `{SCHEMA}`")]
    Schema(String),
    /// A number in the head makes no sense.
    #[error("{0}")]
    Head(String),
    /// The model cannot follow a step.
    #[error("step {number} ({what}): {reason}")]
    Step {
        /// Counted from 1.
        number: usize,
        /// What the step does.
        what: String,
        /// Why the model cannot follow, or what it expects instead.
        reason: String,
    },
}

impl Step {
    /// What the step means.
    ///
    /// # Errors
    /// A sentence on the field that is missing or out of place.
    pub fn deed(&self, scope: Scope) -> Result<Deed, String> {
        let name = self.action.name();
        let extra = |field: &str| {
            Err(format!(
                "`{field}` has no meaning for `{name}`; take it out"
            ))
        };
        let request = |request: Request| match self.node {
            None => Err(format!(
                "`{name}` needs `node`, a number from 1 to {}",
                scope.nodes
            )),
            Some(id) if id.number() == 0 || id.index() >= scope.nodes => Err(format!(
                "there is no node {}; the trace has {}",
                id.number(),
                scope.nodes
            )),
            Some(_) if self.call.is_some() || self.times.is_some() => extra("call"),
            Some(id) => Ok(Deed::Request(id, request)),
        };
        if self.version.is_some() && self.action != Action::Install {
            return extra("version");
        }
        let alone = |deed: Deed| {
            if self.node.is_some() {
                extra("node")
            } else if self.call.is_some() || self.times.is_some() {
                extra("call")
            } else {
                Ok(deed)
            }
        };
        let call = |call: Call| {
            if Call::of(scope.profile).contains(&call) {
                Ok(call)
            } else {
                Err(format!("`{call}` exists in profile `finalization` only"))
            }
        };
        match self.action {
            Action::Start => alone(Deed::Call(Call::Start)),
            Action::Cancel => alone(Deed::Call(Call::Cancel)),
            Action::Approve => alone(Deed::Call(Call::Approve)),
            Action::Retry => alone(Deed::Call(call(Call::Retry)?)),
            Action::Race => match (self.call, self.times) {
                (Some(raced), Some(times @ 2..=64)) if self.node.is_none() => {
                    Ok(Deed::Race(call(raced)?, times))
                }
                _ => Err("`race` needs `call`, and `times` from 2 to 64, and no `node`".to_owned()),
            },
            Action::Stop => request(Request::Stop),
            Action::Kill => request(Request::Kill),
            Action::Install => match self.version {
                Some(version) if version.0 < scope.versions => request(Request::Install(version)),
                _ => Err(format!(
                    "`install` needs `version`, a number from 0 to {}",
                    scope.versions - 1
                )),
            },
            Action::Boot => request(Request::Boot),
            Action::Break => request(Request::Break),
            Action::Repair => request(Request::Repair),
            Action::FailTasks if scope.profile == Profile::Documented => {
                Err("`fail_tasks` exists in profile `finalization` only".to_owned())
            }
            Action::FailTasks => request(Request::FailTasks),
            Action::Look => alone(Deed::Look),
            Action::UnknownNode => alone(Deed::UnknownNode),
            Action::Anonymous => alone(Deed::Anonymous),
            Action::Plain => alone(Deed::Plain),
        }
    }
}

impl Trace {
    /// The size and profile of the cluster that it runs on.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            profile: self.profile,
            nodes: usize::from(self.nodes),
            versions: self.versions,
        }
    }

    /// Reads a trace and runs it in the model.
    ///
    /// # Errors
    /// [`TraceError`] when the text is no trace, or the model cannot follow it.
    pub fn parse(text: &str) -> Result<Self, TraceError> {
        let trace: Self =
            serde_json::from_str(text).map_err(|error| TraceError::Shape(error.to_string()))?;
        if trace.schema != SCHEMA {
            return Err(TraceError::Schema(trace.schema));
        }
        let expected = trace.run()?;
        for (index, (step, expected)) in trace.steps.iter().zip(&expected).enumerate() {
            let wrong = |what: &str, is: String, must: String| TraceError::Step {
                number: index + 1,
                what: step.action.name().to_owned(),
                reason: format!("{what} is {is}, but the model says {must}"),
            };
            if step.answer != expected.answer {
                return Err(wrong(
                    "`answer`",
                    format!("{:?}", step.answer),
                    format!("{:?}", expected.answer),
                ));
            }
            if !step.then.is_empty() && step.then != expected.then {
                return Err(wrong("`then`", inline(&step.then), inline(&expected.then)));
            }
        }
        Ok(trace)
    }

    /// Runs the trace in the model: the same steps with everything that must be seen filled in. A step whose `then` is
    /// empty stays so, and the next one follows without waiting.
    ///
    /// # Errors
    /// [`TraceError`] when the model cannot follow.
    pub fn run(&self) -> Result<Vec<Step>, TraceError> {
        if self.nodes == 0 || self.nodes > 16 {
            return Err(TraceError::Head(format!(
                "`nodes` is {}; write a number from 1 to 16",
                self.nodes
            )));
        }
        if !(2..=16).contains(&self.versions) {
            return Err(TraceError::Head(format!(
                "`versions` is {}; write a number from 2 to 16",
                self.versions
            )));
        }
        let scope = self.scope();
        let mut run = Run::new(scope);
        let mut steps = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            let at = |reason| TraceError::Step {
                number: index + 1,
                what: step.action.name().to_owned(),
                reason,
            };
            let deed = step.deed(scope).map_err(at)?;
            steps.push(run.take(deed, !step.then.is_empty()).map_err(at)?);
        }
        Ok(steps)
    }

    /// The JSON of the file: one line a step.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::from("{\n");
        let word = |value: &str| serde_json::Value::from(value).to_string();
        let rules: Vec<String> = self.rules.iter().map(|rule| word(rule.id())).collect();
        let _ = writeln!(text, "  \"schema\": {},", word(&self.schema));
        let _ = writeln!(text, "  \"name\": {},", word(&self.name));
        let _ = writeln!(text, "  \"why\": {},", word(&self.why));
        let _ = writeln!(text, "  \"profile\": {},", word(self.profile.name()));
        let _ = writeln!(text, "  \"nodes\": {},", self.nodes);
        let _ = writeln!(text, "  \"versions\": {},", self.versions);
        let _ = writeln!(text, "  \"rules\": [{}],", rules.join(", "));
        let _ = writeln!(text, "  \"steps\": [");
        for (index, step) in self.steps.iter().enumerate() {
            let comma = if index + 1 < self.steps.len() {
                ","
            } else {
                ""
            };
            let _ = writeln!(text, "    {}{comma}", inline(step));
        }
        text.push_str("  ]\n}\n");
        text
    }
}

/// Serializes on one line, with a space after each colon and comma.
fn inline<T: Serialize>(value: &T) -> String {
    struct Spaced;
    impl serde_json::ser::Formatter for Spaced {
        fn begin_array_value<W: ?Sized + std::io::Write>(
            &mut self,
            to: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { to.write_all(b", ") }
        }
        fn begin_object_key<W: ?Sized + std::io::Write>(
            &mut self,
            to: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { to.write_all(b", ") }
        }
        fn begin_object_value<W: ?Sized + std::io::Write>(
            &mut self,
            to: &mut W,
        ) -> std::io::Result<()> {
            to.write_all(b": ")
        }
    }
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    value
        .serialize(&mut serializer)
        .expect("plain data serializes");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

const NOBODY: &str = "nobody answers: no node is ACTIVE; boot one first";

/// The model following a trace: everything that may be the case after each step.
#[derive(Clone, Debug)]
pub struct Run {
    belief: Belief,
}

impl Run {
    /// A run that starts in the initial state.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            belief: Belief::certain(scope, scope.initial()),
        }
    }

    /// Everything that may be the case now.
    #[must_use]
    pub fn states(&self) -> BTreeSet<&Cluster> {
        self.belief.states()
    }

    /// Takes one step, and says what must be seen. With `settle` the cluster settles before the next step.
    ///
    /// # Errors
    /// Why the model cannot take the step.
    pub fn take(&mut self, deed: Deed, settle: bool) -> Result<Step, String> {
        let mut step = deed.step();
        match deed {
            Deed::Call(call) | Deed::Race(call, _) => {
                if !self.belief.must_serve() {
                    return Err(NOBODY.to_owned());
                }
                let outcomes = self.belief.outcomes(call);
                if matches!(deed, Deed::Race(..)) && outcomes.len() != 1 {
                    return Err("a race needs a settled cluster before it".to_owned());
                }
                let mut after: Option<Belief> = None;
                for outcome in outcomes {
                    let mut branch = self.belief.clone();
                    let _ = branch.answered(call, outcome);
                    step.answer.push(if outcome == Outcome::Success {
                        200
                    } else {
                        409
                    });
                    match &mut after {
                        None => after = Some(branch),
                        Some(after) => after.join(branch),
                    }
                }
                self.belief = after.ok_or_else(|| "the call has no answer here".to_owned())?;
            }
            Deed::Request(id, request) => {
                if !self.belief.can_take(id, request) && !refusable(&self.belief, id, request) {
                    return Err(self.cannot(id, request));
                }
                self.belief.request(id, request);
            }
            Deed::Look => {}
            Deed::UnknownNode | Deed::Anonymous | Deed::Plain if !self.belief.must_serve() => {
                return Err(NOBODY.to_owned());
            }
            Deed::UnknownNode => step.answer.push(404),
            Deed::Anonymous => step.answer.push(401),
            Deed::Plain => step.answer.push(403),
        }
        self.belief.close();
        if settle {
            self.belief.settle();
            let seen: BTreeSet<Seen> = self.belief.states().into_iter().map(Seen::of).collect();
            step.then = seen.into_iter().collect();
        }
        Ok(step)
    }

    fn cannot(&self, id: NodeId, request: Request) -> String {
        let phases: BTreeSet<String> = self
            .belief
            .states()
            .iter()
            .map(|cluster| cluster.node(id).to_string())
            .collect();
        let phases: Vec<String> = phases.into_iter().collect();
        format!(
            "{id} is {}, where `{request}` is not possible",
            phases.join(" or ")
        )
    }
}

/// The two requests that may be asked for and come to nothing, so that a refusal can be seen: repairing a node that may
/// not join (MODE-8), and installing on a node that is not down (NODE-10).
fn refusable(belief: &Belief, id: NodeId, request: Request) -> bool {
    let some = |holds: fn(Phase) -> bool| {
        belief
            .states()
            .iter()
            .any(|cluster| holds(cluster.node(id).phase))
    };
    match request {
        Request::Repair => some(|phase| phase == Phase::Error),
        Request::Install(_) => some(Phase::serves),
        Request::Stop | Request::Kill | Request::Boot | Request::Break | Request::FailTasks => {
            false
        }
    }
}
