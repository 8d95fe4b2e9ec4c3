//! What was done, and what was seen meanwhile? Step by step, in the model's words.

use serde::{Deserialize, Serialize};
use zdu_model::judge::seen::{Overview, Request};
use zdu_model::judge::text::Text;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::Action;

use crate::client::Exchange;

/// How many sightings of a step are kept.
const SIGHTINGS_KEPT: usize = 200;

/// What a part of a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The cluster is brought to where traces start.
    Home,
    /// It is looked at before the first step.
    Start,
    /// This step of the trace.
    Step(Action),
    /// Others drive it, and it is watched.
    Watch,
}

/// What was seen at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Milliseconds since the trace began.
    pub at_ms: u64,
    /// The overview; `None` when nobody answered.
    pub seen: Option<Overview>,
    /// Entries that nodes left behind when they came back under new ids (spec, section 7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ghosts: Vec<Text>,
}

/// One step as it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Counted from 1; 0 is before the first, and one more than the last is the way home.
    pub number: usize,
    /// What was done.
    pub stage: Stage,
    /// The codes that were answered.
    pub answers: Vec<u16>,
    /// What was seen, each change once.
    pub sightings: Vec<Sighting>,
    /// How long until the cluster had settled, in milliseconds; absent when the step does not wait.
    pub settled_ms: Option<u64>,
    /// The rules that were found broken.
    pub rules: Vec<Rule>,
    /// The requests and answers of the step, the last ones.
    pub exchanges: Vec<Exchange>,
}

impl StepRecord {
    /// Whether it is a step of the trace, rather than of the way to where it starts, or home.
    #[must_use]
    pub const fn is_taken(&self) -> bool {
        matches!(self.stage, Stage::Step(_))
    }

    /// A step that begins.
    #[must_use]
    pub const fn new(number: usize, stage: Stage) -> Self {
        Self {
            number,
            stage,
            answers: Vec::new(),
            sightings: Vec::new(),
            settled_ms: None,
            rules: Vec::new(),
            exchanges: Vec::new(),
        }
    }

    /// Keeps what was seen, if it is another than before and there are not too many.
    pub fn saw(&mut self, sighting: Sighting) {
        let same =
            |last: &Sighting| (&last.seen, &last.ghosts) == (&sighting.seen, &sighting.ghosts);
        if !self.sightings.last().is_some_and(same) && self.sightings.len() < SIGHTINGS_KEPT {
            self.sightings.push(sighting);
        }
    }
}

/// What was done to a cluster to bring it to where traces start, and home again: how often each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SetUp {
    /// The whole cluster brought back to its initial state.
    pub resets: u64,
    /// `start`.
    pub starts: u64,
    /// `cancel`: somebody's upgrade, perhaps.
    pub cancels: u64,
    /// `approve`.
    pub approves: u64,
    /// `retryUpgrade`.
    pub retries: u64,
    /// A node stopped.
    pub stops: u64,
    /// A node killed.
    pub kills: u64,
    /// A node's version changed.
    pub installs: u64,
    /// A node started.
    pub boots: u64,
    /// A node repaired.
    pub repairs: u64,
}

impl SetUp {
    /// Counts one thing that was done; reads do nothing.
    pub const fn count(&mut self, action: Action) {
        match action {
            Action::Call(call) | Action::Race(call, _) => match call {
                Call::Start => self.starts += 1,
                Call::Cancel => self.cancels += 1,
                Call::Approve => self.approves += 1,
                Call::Retry => self.retries += 1,
            },
            Action::Request(_, request) => match request {
                Request::Stop => self.stops += 1,
                Request::Kill => self.kills += 1,
                Request::Install(_) => self.installs += 1,
                Request::Boot => self.boots += 1,
                Request::Repair => self.repairs += 1,
                Request::Break | Request::FailTasks => {}
            },
            Action::Look | Action::UnknownNode | Action::Anonymous | Action::Plain => {}
        }
    }

    /// Adds what was done elsewhere.
    pub const fn add(&mut self, other: &Self) {
        self.resets += other.resets;
        self.starts += other.starts;
        self.cancels += other.cancels;
        self.approves += other.approves;
        self.retries += other.retries;
        self.stops += other.stops;
        self.kills += other.kills;
        self.installs += other.installs;
        self.boots += other.boots;
        self.repairs += other.repairs;
    }
}

/// What is tried when a cluster does not come back by itself, the gentlest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// What is down is booted.
    Boot,
    /// What is not ACTIVE is killed and booted.
    Restart,
    /// The whole cluster is brought back to its initial state.
    Reset,
}

impl Means {
    /// Each, in this order.
    pub const ALL: [Self; 3] = [Self::Boot, Self::Restart, Self::Reset];
}
