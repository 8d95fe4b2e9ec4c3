//! What does a report hold? Everything that is said of a run, the same for every format.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use zdu_model::judge::event::Silence;
use zdu_model::judge::finding::Names;
use zdu_model::judge::seen::Overview;
use zdu_model::judge::served::{FailedTask, Field};
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;

use super::{Command, SetUp, Stop, TraceResult, Verdict};
use crate::client::Tls;
use crate::layout::Layout;

/// The schema of the JSON report.
pub const SCHEMA: &str = "zdu-report/2";

/// What happened to a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTally {
    /// How often it was at stake in a judged observation.
    pub tried: u64,
    /// In how many traces it was.
    pub traces: usize,
    /// How many traces found a deviation from it that no waiver accepts.
    pub deviations: usize,
    /// How many traces could not decide it: too late, or in words that the model does not have.
    pub timeouts: usize,
    /// How many traces found a deviation from it that a waiver accepts.
    pub waived: usize,
}

impl RuleTally {
    /// Whether it was tried, and nothing was found.
    #[must_use]
    pub const fn held(&self) -> bool {
        self.tried > 0 && self.deviations == 0 && self.timeouts == 0 && self.waived == 0
    }
}

/// A waiver as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverRecord {
    /// The rule.
    pub rule: Rule,
    /// Why it is accepted.
    pub reason: Text,
    /// The last day on which it holds.
    pub expires: Option<String>,
    /// Whether it was needed, and still holds.
    pub state: WaiverState,
}

impl WaiverRecord {
    /// Whether it must go: it has expired, or nothing needs it.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        match self.state {
            WaiverState::Expired | WaiverState::NoLongerNeeded => true,
            WaiverState::Used | WaiverState::NotTried => false,
        }
    }
}

/// Whether a waiver does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// It accepts something that was found.
    Used,
    /// Nothing was found that it would accept, though its rule was tried.
    NoLongerNeeded,
    /// Its last day has passed.
    Expired,
    /// Its rule was not tried in this run, so nothing can be said.
    NotTried,
}

/// A threshold that a run did not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unmet {
    /// `--min-traces`: fewer were run.
    Traces {
        /// So many were asked for.
        least: usize,
        /// So many ran.
        ran: usize,
    },
    /// `--fail-on-skip`: so many were not run.
    Skips(usize),
    /// `--require`: the rule was not tried.
    Rule(Rule),
}

/// Where a run was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// The operating system.
    pub os: String,
    /// The processor.
    pub arch: String,
    /// The command line, as typed. Credentials never stand in it.
    pub command: Command,
    /// The CA that certificates were checked against, beside the system's.
    pub ca_file: Option<String>,
    /// Whether certificates were not checked (`tls = "insecure"`).
    pub tls_insecure: bool,
    /// The client's certificate, and its key where that stands elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_cert: Option<String>,
    /// See above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_key: Option<String>,
}

impl Environment {
    /// The TLS settings, for whoever sends a request again.
    #[must_use]
    pub fn tls(&self) -> Tls<'_> {
        Tls {
            ca_file: self.ca_file.as_deref().map(Path::new),
            insecure: self.tls_insecure,
            client_cert: self.client_cert.as_deref().map(Path::new),
            client_key: self.client_key.as_deref().map(Path::new),
        }
    }
}

/// Where a run left its cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftAs {
    /// Listed so.
    Seen(Overview),
    /// Nobody answered.
    Silent(Silence),
    /// Something was answered that cannot be read.
    Unreadable,
    /// Each trace had a cluster of its own, which is gone.
    Gone,
}

/// Everything that is said of a run. What [`crate::report::json`] tells in a shape of its own is left out when it is serialized.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The run as a whole, in the word of its exit code.
    pub verdict: String,
    /// The exit code.
    pub exit_code: u8,
    /// How the target file calls the run.
    pub label: Option<Text>,
    /// The version of this program.
    pub tool: String,
    /// Where the run was made.
    pub environment: Environment,
    /// The target's URL.
    pub target: Text,
    /// The family of builds.
    pub profile: Profile,
    /// With `profile = "auto"`, whether the build serves upgrade tasks; it is judged as one that may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serves_tasks: Option<bool>,
    /// The layout that the target serves; absent when it could not be reached.
    pub layout: Option<Layout>,
    /// What nodes and versions are called.
    pub names: Names,
    /// When the run began (RFC 3339, UTC).
    pub started: String,
    /// When it was last gone on with (`--resume`), if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed: Option<String>,
    /// The command that goes on with the run, where there is a journal.
    #[serde(skip)]
    pub resuming: Option<Command>,
    /// How long it took, in seconds; what was resumed, from there on.
    pub seconds: f64,
    /// The seed, where one plays a part.
    pub seed: Option<u64>,
    /// Each trace.
    #[serde(skip)]
    pub traces: Vec<TraceResult>,
    /// Each rule of the profile.
    #[serde(skip)]
    pub rules: BTreeMap<Rule, RuleTally>,
    /// The waivers of the target file.
    pub waivers: Vec<WaiverRecord>,
    /// The thresholds that were not met.
    pub unmet: Vec<Unmet>,
    /// Fields that the build leaves out; never judged.
    pub left_out: Vec<Field>,
    /// Entries that nodes left behind when they came back under new ids.
    pub ghosts: Vec<Text>,
    /// Upgrade tasks that failed, by node, in the build's words.
    pub failed_tasks: Vec<(NodeId, FailedTask)>,
    /// What was done to bring the cluster to where traces start, and home again.
    pub set_up: SetUp,
    /// Whether whoever ran it consented to that (`--take-over`).
    pub take_over: bool,
    /// Where the cluster was left.
    #[serde(skip)]
    pub cluster_left_as: Option<LeftAs>,
    /// The lines for a shell that bring it back from there, one after the other.
    pub bring_back: Vec<String>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// Whether it was read from a recording that does not say how its traces ended.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ends_untold: bool,
    /// Why the target could not be reached, if it could not.
    pub unreachable: Option<Silence>,
}

impl Report {
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

    /// Why the run ended before all of its traces did, if it did so by itself.
    #[must_use]
    pub fn stopped(&self) -> Option<&Stop> {
        self.traces.iter().find_map(|trace| trace.end.stopped())
    }

    /// Whether the run ended where it was asked to (`--stop-when`).
    #[must_use]
    pub fn met(&self) -> bool {
        matches!(self.stopped(), Some(Stop::Met { .. }))
    }

    /// How many steps were taken.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.traces.iter().map(|trace| trace.steps).sum()
    }

    /// How many steps of the traces that were run were not come to.
    #[must_use]
    pub fn steps_not_reached(&self) -> usize {
        let ran = self.traces.iter().filter(|trace| trace.verdict.ran());
        ran.map(|trace| trace.steps_all.saturating_sub(trace.steps)).sum()
    }

    /// How many traces were run.
    #[must_use]
    pub fn ran(&self) -> usize {
        self.traces.iter().filter(|trace| trace.verdict.ran()).count()
    }

    /// How many rules were tried.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.rules.values().filter(|tally| tally.tried > 0).count()
    }

    /// What nodes and versions are called in a trace of this run.
    #[must_use]
    pub fn names_in(&self, trace: &TraceResult) -> Names {
        Names { foreign: trace.foreign.clone(), ..self.names.clone() }
    }
}
