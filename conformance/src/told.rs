//! What is said of a run, in sentences? On its way out: `verdict` has the same as data, and takes its place room by room.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;

use crate::client::Exchange;
use crate::layout::Layout;
use crate::secret::Redactor;

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
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 8] = [
        Self::Pass,
        Self::Deviates,
        Self::Waived,
        Self::Timeout,
        Self::Unmodelled,
        Self::Skipped,
        Self::NotApplicable,
        Self::Broken,
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
        }
    }

    /// Whether the trace was run at all.
    #[must_use]
    pub const fn ran(self) -> bool {
        match self {
            Self::Pass
            | Self::Deviates
            | Self::Waived
            | Self::Timeout
            | Self::Unmodelled
            | Self::Broken => true,
            Self::Skipped | Self::NotApplicable => false,
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A wrong answer.
    WrongAnswer,
    /// Nothing wrong was answered, but the right thing did not come in time.
    Timeout,
    /// A word that the profile's model has no state for.
    Unmodelled,
}

/// Something that no run of the model explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// What kind of finding it is.
    pub kind: Kind,
    /// The one rule that it breaks.
    pub rule: Rule,
    /// The step, counted from 1; 0 is before the first, and one more than the last is the way back.
    pub step: usize,
    /// What the step does.
    pub action: String,
    /// Where it was seen: `overview`, `state`, `node n2`, `POST start`.
    pub view: String,
    /// Everything that was allowed, a line each.
    pub allowed: Vec<String>,
    /// What was seen.
    pub seen: String,
    /// How the nearest explanation differs from it.
    pub nearest: Option<String>,
    /// The request and the answer.
    pub exchange: Option<Exchange>,
    /// The reason of the waiver that accepts it, if one does.
    pub waived: Option<String>,
    /// How often the same rule was broken again in the same trace.
    pub again: usize,
}

/// What was seen at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Milliseconds since the trace began.
    pub at_ms: u64,
    /// The cluster's status as shown; absent when nobody answered.
    pub status: Option<String>,
    /// Upgrade mode and original version as shown.
    pub mode: String,
    /// Each node as shown.
    pub nodes: Vec<String>,
}

/// One step as it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Counted from 1; 0 is before the first.
    pub number: usize,
    /// What was done.
    pub action: String,
    /// The codes that were answered.
    pub answers: Vec<u16>,
    /// What was seen, each change once.
    pub sightings: Vec<Sighting>,
    /// How long until the cluster had settled, in milliseconds; absent when the step does not wait.
    pub settled_ms: Option<u64>,
    /// Which deviations came up, by rule.
    pub deviations: Vec<Rule>,
    /// The requests and answers of the step, the last ones.
    pub exchanges: Vec<Exchange>,
}

/// A trace and what is said of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TraceResult {
    /// Its name.
    pub name: String,
    /// Why it exists.
    pub why: String,
    /// What is said of it.
    pub verdict: Verdict,
    /// How many steps were taken.
    pub steps: usize,
    /// The rules that it exercises.
    pub rules: Vec<Rule>,
    /// The first rule that was broken.
    pub rule: Option<Rule>,
    /// What was allowed at the first deviation.
    pub expected: Option<String>,
    /// What was seen there.
    pub observed: Option<String>,
    /// Why it was skipped, is not applicable or broken; or what else there is to say.
    pub reason: Option<String>,
    /// The command that replays it.
    pub replay: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Everything that was not explained.
    pub deviations: Vec<Deviation>,
    /// Step by step.
    pub timeline: Vec<StepRecord>,
}

impl TraceResult {
    /// A run that took no trace's steps, with nothing said of it yet.
    #[must_use]
    pub fn of_run(name: &str, why: &str, replay: &str) -> Self {
        Self {
            name: name.to_owned(),
            why: why.to_owned(),
            verdict: Verdict::Pass,
            steps: 0,
            rules: Vec::new(),
            rule: None,
            expected: None,
            observed: None,
            reason: None,
            replay: replay.to_owned(),
            seconds: 0.0,
            deviations: Vec::new(),
            timeline: Vec::new(),
        }
    }
}

impl TraceResult {
    /// Takes secrets out of every text that came from the target, a command or an error.
    pub fn redact(&mut self, redactor: &Redactor) {
        let clean = |text: &mut String| *text = redactor.clean(text);
        let parts = [&mut self.expected, &mut self.observed, &mut self.reason];
        parts.into_iter().flatten().for_each(clean);
        for found in &mut self.deviations {
            found.allowed.iter_mut().for_each(clean);
            clean(&mut found.seen);
            found.nearest.iter_mut().for_each(clean);
        }
        let sightings = self.timeline.iter_mut().flat_map(|step| &mut step.sightings);
        for sighting in sightings {
            sighting.status.iter_mut().for_each(clean);
            clean(&mut sighting.mode);
            sighting.nodes.iter_mut().for_each(clean);
        }
    }
}

/// What happened to a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTally {
    /// How many traces that ran exercise it.
    pub exercised: usize,
    /// How many traces found a deviation from it that no waiver accepts.
    pub deviations: usize,
    /// How many traces timed out on it.
    pub timeouts: usize,
    /// How many traces found a deviation from it that a waiver accepts.
    pub waived: usize,
}

/// A waiver as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverRecord {
    /// The rule.
    pub rule: Rule,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<String>,
    /// Whether it was needed, and still holds.
    pub state: WaiverState,
}

/// Whether a waiver does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// It accepts something that was found.
    Used,
    /// Nothing was found that it would accept, though its rule was exercised.
    NoLongerNeeded,
    /// Its last day has passed.
    Expired,
    /// Its rule was not exercised in this run, so nothing can be said.
    NotExercised,
}

/// Something that was not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// The trace.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Everything that is said of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// `zdu-report/1`.
    pub schema: String,
    /// The run as a whole, in the word of its exit code.
    pub verdict: String,
    /// The exit code.
    pub exit_code: u8,
    /// The target's URL.
    pub target: String,
    /// The family of builds.
    pub profile: Profile,
    /// The layout that the target serves; absent when it could not be reached.
    pub layout: Option<Layout>,
    /// The number of nodes.
    pub nodes: usize,
    /// The versions' names.
    pub versions: Vec<String>,
    /// When the run began (RFC 3339, UTC).
    pub started: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The seed, where one plays a part.
    pub seed: Option<u64>,
    /// Each trace.
    pub traces: Vec<TraceResult>,
    /// Each rule of the profile.
    pub rules: BTreeMap<Rule, RuleTally>,
    /// What was not run, and why.
    pub skipped: Vec<Skip>,
    /// The waivers of the target file.
    pub waivers: Vec<WaiverRecord>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// Why the target could not be reached, if it could not.
    pub unreachable: Option<String>,
}

impl Report {
    /// The same without secrets in any text that came from the target, a command or an error.
    #[must_use]
    pub fn redacted(mut self, redactor: &Redactor) -> Self {
        let clean = |text: &mut String| *text = redactor.clean(text);
        for trace in &mut self.traces {
            trace.redact(redactor);
        }
        for skip in &mut self.skipped {
            clean(&mut skip.reason);
        }
        self.unreachable.iter_mut().for_each(clean);
        self
    }

    /// How many traces have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.traces.iter().filter(|trace| trace.verdict == verdict).count()
    }

    /// How many traces have each verdict, those that none has included: the one count that every format shows.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Verdict, usize> {
        Verdict::ALL.into_iter().map(|verdict| (verdict, self.count(verdict))).collect()
    }

    /// How many steps were taken.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.traces.iter().map(|trace| trace.steps).sum()
    }
}
