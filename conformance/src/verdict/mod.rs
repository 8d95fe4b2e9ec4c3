//! What is said of a run? Verdicts, findings and the report that every format shows (the interface's "Verdicts").
//!
//! Everything here is data in the model's words; [`crate::report`] puts it into the target's. Nothing is counted here that
//! [`crate::run`] has not counted, and nothing that came from outside is shown but as a [`Text`].

mod command;
mod end;
mod report;
mod timeline;
mod upgrade;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zdu_model::judge::excuse::Excuse;
use zdu_model::judge::finding::Finding;
use zdu_model::judge::text::Text;
use zdu_model::spec::rule::Rule;

use crate::client::Exchange;

pub use command::Command;
pub use end::{End, Misfit, Need, NotReached, Stop};
pub use report::{
    Environment, LeftAs, Report, RuleTally, SCHEMA, Unmet, WaiverRecord, WaiverState,
};
pub use timeline::{Means, SetUp, Sighting, Stage, StepRecord};
pub use upgrade::Upgrade;
pub use zdu_model::judge::finding::Kind;

/// What is said of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything that was seen is explained.
    Pass,
    /// Something is not explained.
    Deviates,
    /// Something is not explained, and all of it is accepted by waivers.
    Waived,
    /// Something did not settle, or was not answered, in time.
    Timeout,
    /// A word of the API's schema was seen that this profile's model has no state for.
    Unmodelled,
    /// It needs something that cannot be done here.
    Skipped,
    /// The cluster is not where the trace starts, or the trace is for another number of nodes.
    NotApplicable,
    /// The suite itself failed.
    Broken,
    /// The run ended before it did.
    Unfinished,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 9] = [
        Self::Pass,
        Self::Deviates,
        Self::Waived,
        Self::Timeout,
        Self::Unmodelled,
        Self::Skipped,
        Self::NotApplicable,
        Self::Broken,
        Self::Unfinished,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Deviates => "deviates",
            Self::Waived => "waived",
            Self::Timeout => "timeout",
            Self::Unmodelled => "unmodelled",
            Self::Skipped => "skipped",
            Self::NotApplicable => "not-applicable",
            Self::Broken => "broken",
            Self::Unfinished => "unfinished",
        }
    }

    /// Whether something is said of the target: the trace was run to where that could be seen.
    #[must_use]
    pub const fn ran(self) -> bool {
        match self {
            Self::Pass | Self::Deviates | Self::Waived | Self::Timeout | Self::Unmodelled => true,
            Self::Skipped | Self::NotApplicable | Self::Broken | Self::Unfinished => false,
        }
    }

    /// Whether it was never run: what it needs is not there, it is about something else, or the run ended first.
    #[must_use]
    pub const fn left_out(self) -> bool {
        match self {
            Self::Skipped | Self::NotApplicable | Self::Unfinished => true,
            Self::Pass
            | Self::Deviates
            | Self::Waived
            | Self::Timeout
            | Self::Unmodelled
            | Self::Broken => false,
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// Something that no run of the model explains, with what showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What a judge says.
    #[serde(flatten)]
    pub finding: Finding,
    /// Milliseconds since the trace, or the watch, began; absent where nobody took the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
    /// The request and the answer that showed it.
    pub exchange: Option<Exchange>,
    /// The reason of the waiver that accepts it, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Text>,
}

impl Found {
    /// The verdict that this finding alone comes to.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match (&self.waived, self.finding.kind) {
            (Some(_), _) => Verdict::Waived,
            (None, Kind::WrongAnswer) => Verdict::Deviates,
            (None, Kind::Timeout) => Verdict::Timeout,
            (None, Kind::Unmodelled) => Verdict::Unmodelled,
        }
    }
}

/// A trace and what is said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceResult {
    /// Its name.
    pub name: Text,
    /// Why it exists.
    pub why: Text,
    /// What is said of it; drawn from `end` and `findings` by [`TraceResult::conclude`].
    pub verdict: Verdict,
    /// How it ended.
    pub end: End,
    /// How many steps were taken; of a watch, how many readings.
    pub steps: usize,
    /// How many steps it has.
    pub steps_all: usize,
    /// The rules that it is meant to exercise.
    pub rules: Vec<Rule>,
    /// How often each rule was at stake in a judged observation.
    pub at_stake: BTreeMap<Rule, u64>,
    /// Everything that is not explained.
    pub findings: Vec<Found>,
    /// Step by step.
    pub timeline: Vec<StepRecord>,
    /// What was done to bring the cluster to where the trace starts, and home again.
    #[serde(default)]
    pub set_up: SetUp,
    /// When the part of the run began in which it ran, where that is not the last part (`--resume`, `--last-failed`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Text>,
    /// What else would explain everything that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excuse: Option<Excuse>,
    /// Whether what was found, and was at stake, is not told, since the driver explains it ([`TraceResult::withhold`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
    /// Versions that were seen and are none of the target's: what `foreign` of this trace's findings counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign: Vec<Text>,
    /// How an upgrade went that was watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<Upgrade>,
    /// The command that replays it.
    pub replay: Command,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl TraceResult {
    /// A trace, or another run, of which nothing is said yet.
    #[must_use]
    pub fn new(name: impl Into<Text>, why: impl Into<Text>, replay: Command) -> Self {
        Self {
            name: name.into(),
            why: why.into(),
            verdict: Verdict::Pass,
            end: End::Done,
            steps: 0,
            steps_all: 0,
            rules: Vec::new(),
            at_stake: BTreeMap::new(),
            findings: Vec::new(),
            timeline: Vec::new(),
            set_up: SetUp::default(),
            earlier: None,
            excuse: None,
            withheld: false,
            foreign: Vec::new(),
            upgrade: None,
            replay,
            seconds: 0.0,
        }
    }

    /// The finding that decides the verdict: the first wrong answer that no waiver accepts, else the first timeout, else
    /// the first that is not modelled, else the first that is waived.
    #[must_use]
    pub fn first(&self) -> Option<&Found> {
        [Verdict::Deviates, Verdict::Timeout, Verdict::Unmodelled, Verdict::Waived]
            .into_iter()
            .find_map(|verdict| self.findings.iter().find(|found| found.verdict() == verdict))
    }

    /// Whether it was interrupted after it had asked for anything.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.end == End::Interrupted && (self.steps > 0 || self.set_up != SetUp::default())
    }

    /// Takes out what was found and what was at stake: where a driver explains it, nothing that was seen says anything of the
    /// build. What a load balancer did is its own.
    pub fn withhold(&mut self) -> (Vec<Found>, BTreeMap<Rule, u64>) {
        self.withheld = true;
        let found = std::mem::take(&mut self.findings).into_iter();
        let (own, found) = found.partition(|found| found.finding.rule.is_of_balancers());
        self.findings = own;
        let at_stake = std::mem::take(&mut self.at_stake).into_iter();
        let (own, at_stake) = at_stake.partition(|(rule, _)| rule.is_of_balancers());
        self.at_stake = own;
        (found, at_stake)
    }

    /// Draws the verdict. Where all is explained by a driver that does not do what it says, the suite is what failed. Else a
    /// deviation that no waiver accepts goes before everything; then the suite's own failure, or that
    /// the run ended first; then what else was found. What could not be finished is no pass, even if nothing was found.
    pub fn conclude(&mut self) {
        let found = self.first().map(Found::verdict);
        if self.excuse.is_some_and(Excuse::is_drivers) {
            self.verdict = Verdict::Broken;
            return;
        }
        self.verdict = match (self.end.verdict(), found) {
            (_, Some(Verdict::Deviates)) => Verdict::Deviates,
            (Some(ended), _) => ended,
            (None, Some(found)) => found,
            (None, None) if self.end == End::Done => Verdict::Pass,
            (None, None) => Verdict::Timeout,
        };
    }
}
