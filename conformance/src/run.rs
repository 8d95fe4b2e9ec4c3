//! What does a run come to? The one place where a report is made: waivers, tallies, thresholds and the exit code (spec, section 8;
//! the interface's "Verdicts" and "Exit codes").
//!
//! Whoever runs something fills a [`Run`] and finishes it; no command counts anything of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zdu_model::judge::event::Silence;
use zdu_model::judge::finding::Names;
use zdu_model::judge::roster::Roster;
use zdu_model::judge::served::{FailedTask, Field};
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::trace::Trace;

use crate::exit::Exit;
use crate::layout::Layout;
use crate::replay::Site;
use crate::target::{Target, Waiver};
use crate::verdict::{
    Command, End, Environment, LeftAs, Report, RuleTally, SCHEMA, SetUp, TraceResult, Unmet,
    Verdict, WaiverRecord, WaiverState,
};

/// What a run must reach to be more than inconclusive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// So many traces must have run (`--min-traces`).
    pub min_traces: usize,
    /// No trace may be left out (`--fail-on-skip`).
    pub fail_on_skip: bool,
    /// These rules must have been tried (`--require`).
    pub require: Vec<Rule>,
}

/// A run: what was run against what. What is not set is not known.
#[derive(Clone, Debug)]
pub struct Run {
    /// When it began.
    pub began: Timestamp,
    /// When it was last gone on with (`--resume`).
    pub resumed: Option<Timestamp>,
    /// The command that goes on with it, where there is a journal.
    pub resuming: Option<Command>,
    /// The same as when it began, to tell how long it took.
    pub clock: Instant,
    /// How long it took, in seconds, where that is known from elsewhere.
    pub took: Option<f64>,
    /// How the target file calls it.
    pub label: Option<Text>,
    /// The target's URL, without secrets.
    pub target: Text,
    /// The family of builds.
    pub profile: Profile,
    /// Where nobody said which it is: whether upgrade tasks are served.
    pub serves_tasks: Option<bool>,
    /// Where the calls live.
    pub layout: Option<Layout>,
    /// What nodes and versions are called.
    pub names: Names,
    /// The seed, where one plays a part.
    pub seed: Option<u64>,
    /// The waivers of the target file.
    pub waivers: Vec<Waiver>,
    /// What it must reach.
    pub gate: Gate,
    /// Fields that the build leaves out.
    pub left_out: Vec<Field>,
    /// Entries that nodes left behind.
    pub ghosts: Vec<Text>,
    /// Upgrade tasks that failed.
    pub failed_tasks: Vec<(NodeId, FailedTask)>,
    /// What was done before the first trace.
    pub set_up: SetUp,
    /// Whether whoever ran it consented to setting up what needs consent.
    pub take_over: bool,
    /// Where the cluster was left.
    pub left_as: Option<LeftAs>,
    /// The lines for a shell that bring it back from there.
    pub bring_back: Vec<String>,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Whether nobody says how its traces ended: an old recording.
    pub ends_untold: bool,
    /// A CA that certificates were checked against.
    pub ca_file: Option<String>,
    /// Whether certificates were not checked.
    pub tls_insecure: bool,
    /// The client's certificate.
    pub client_cert: Option<String>,
    /// Its key, where it does not stand in the same file.
    pub client_key: Option<String>,
}

impl Run {
    /// A run that begins now.
    #[must_use]
    pub fn begin(target: impl Into<Text>, profile: Profile) -> Self {
        Self {
            began: now(),
            clock: Instant::now(),
            resumed: None,
            resuming: None,
            took: None,
            label: None,
            target: target.into(),
            profile,
            serves_tasks: None,
            layout: None,
            names: Names::default(),
            seed: None,
            waivers: Vec::new(),
            gate: Gate::default(),
            left_out: Vec::new(),
            ghosts: Vec::new(),
            failed_tasks: Vec::new(),
            set_up: SetUp::default(),
            take_over: false,
            left_as: None,
            bring_back: Vec::new(),
            interrupted: false,
            ends_untold: false,
            ca_file: None,
            tls_insecure: false,
            client_cert: None,
            client_key: None,
        }
    }

    /// Takes over what a target file says, and what is known of the site that it led to.
    #[must_use]
    pub fn on(self, target: &Target, site: &Site) -> Self {
        let shown = |path: Option<&PathBuf>| path.map(|path| path.display().to_string());
        Self {
            target: site.client.redactor().clean(&target.url).into(),
            label: target.label.as_deref().map(Into::into),
            profile: site.dictionary.profile,
            serves_tasks: target.profile.is_none().then_some(site.has_tasks),
            layout: Some(site.layout),
            names: site.dictionary.names(),
            waivers: target.waivers.clone(),
            ca_file: shown(target.ca_file.as_ref()),
            tls_insecure: target.trust().insecure,
            client_cert: shown(target.client_cert.as_ref()),
            client_key: shown(target.client_key.as_ref()),
            ..self
        }
    }

    /// Takes over what was learnt of the nodes meanwhile.
    #[must_use]
    pub fn knowing(self, roster: &Roster) -> Self {
        let of = |node: NodeId| roster.entry(node).map(|entry| entry.failed_tasks.clone());
        let nodes = (0..roster.len()).map(NodeId::at);
        let tasks = nodes.flat_map(|node| {
            of(node).unwrap_or_default().into_iter().map(move |task| (node, task))
        });
        Self {
            names: roster.names(),
            left_out: roster.left_out(),
            ghosts: roster.ghosts().map(|entry| entry.id.clone()).collect(),
            failed_tasks: tasks.collect(),
            ..self
        }
    }

    /// What is said of the run, today.
    #[must_use]
    pub fn finish(self, traces: Vec<TraceResult>) -> Report {
        self.finish_on(traces, jiff::Zoned::now().date())
    }

    /// What is said of the run on this day: waivers end.
    #[must_use]
    pub fn finish_on(self, mut traces: Vec<TraceResult>, today: Date) -> Report {
        for trace in &mut traces {
            waive(trace, &self.waivers, today);
        }
        let rules = tally(self.profile, &traces);
        let mut set_up = self.set_up;
        traces.iter().for_each(|trace| set_up.add(&trace.set_up));
        let mut report = Report {
            schema: SCHEMA.to_owned(),
            verdict: String::new(),
            exit_code: 0,
            label: self.label,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            environment: Environment {
                os: std::env::consts::OS.to_owned(),
                arch: std::env::consts::ARCH.to_owned(),
                command: Command::zdu(std::env::args().skip(1)),
                ca_file: self.ca_file,
                tls_insecure: self.tls_insecure,
                client_cert: self.client_cert,
                client_key: self.client_key,
            },
            target: self.target,
            profile: self.profile,
            serves_tasks: self.serves_tasks,
            layout: self.layout,
            names: self.names,
            started: self.began.to_string(),
            resumed: self.resumed.map(|at| at.to_string()),
            resuming: self.resuming,
            seconds: self.took.unwrap_or_else(|| self.clock.elapsed().as_secs_f64()),
            seed: self.seed,
            waivers: waiver_records(&traces, &rules, &self.waivers, today),
            unreachable: unreachable(&traces),
            traces,
            rules,
            unmet: Vec::new(),
            left_out: self.left_out,
            ghosts: self.ghosts,
            failed_tasks: self.failed_tasks,
            set_up,
            take_over: self.take_over,
            cluster_left_as: self.left_as,
            bring_back: self.bring_back,
            interrupted: self.interrupted,
            ends_untold: self.ends_untold,
        };
        report.unmet = unmet(&self.gate, &report);
        let exit = exit_of(&report);
        report.exit_code = exit.code();
        exit.word().clone_into(&mut report.verdict);
        report
    }
}

/// The moment, to the second: nobody compares runs by less.
fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now)
}

/// A trace that a run did not come to.
#[must_use]
pub fn not_begun(trace: &Trace, replay: Command, end: End) -> TraceResult {
    let mut result = TraceResult {
        steps_all: trace.steps.len(),
        rules: trace.rules.clone(),
        end,
        ..TraceResult::new(trace.name.as_str(), trace.why.as_str(), replay)
    };
    result.conclude();
    result
}

/// Marks the findings that waivers accept, and draws the verdict anew.
fn waive(trace: &mut TraceResult, waivers: &[Waiver], today: Date) {
    for found in &mut trace.findings {
        let accepted = waivers
            .iter()
            .find(|waiver| waiver.rule == found.finding.rule && waiver.holds_on(today));
        found.waived = accepted.map(|waiver| waiver.reason.clone().into());
    }
    trace.conclude();
}

/// Each rule of the profile with what happened to it. What was found broken was at stake, whoever counted.
fn tally(profile: Profile, traces: &[TraceResult]) -> BTreeMap<Rule, RuleTally> {
    let mut rules: BTreeMap<Rule, RuleTally> = Rule::ALL
        .iter()
        .filter(|rule| rule.in_profile(profile))
        .map(|rule| (*rule, RuleTally::default()))
        .collect();
    for trace in traces {
        let mut at_stake = trace.at_stake.clone();
        for found in &trace.findings {
            let times = at_stake.entry(found.finding.rule).or_default();
            *times = (*times).max(1);
        }
        for (rule, times) in at_stake.into_iter().filter(|(_, times)| *times > 0) {
            let tally = rules.entry(rule).or_default();
            tally.tried += times;
            tally.traces += 1;
        }
        // A rule that is broken in several ways in one trace is one trace's deviation.
        let verdicts: BTreeSet<(Rule, Verdict)> =
            trace.findings.iter().map(|found| (found.finding.rule, found.verdict())).collect();
        for (rule, verdict) in verdicts {
            let tally = rules.entry(rule).or_default();
            match verdict {
                Verdict::Deviates => tally.deviations += 1,
                Verdict::Waived => tally.waived += 1,
                Verdict::Timeout | Verdict::Unmodelled => tally.timeouts += 1,
                Verdict::Pass
                | Verdict::Skipped
                | Verdict::NotApplicable
                | Verdict::Broken
                | Verdict::Unfinished => {}
            }
        }
    }
    rules
}

/// What became of each waiver.
fn waiver_records(
    traces: &[TraceResult],
    rules: &BTreeMap<Rule, RuleTally>,
    waivers: &[Waiver],
    today: Date,
) -> Vec<WaiverRecord> {
    let record = |waiver: &Waiver| {
        let mut findings = traces.iter().flat_map(|trace| &trace.findings);
        let found = findings.any(|found| found.finding.rule == waiver.rule);
        let tried = rules.get(&waiver.rule).is_some_and(|tally| tally.tried > 0);
        let expired = !waiver.holds_on(today);
        WaiverRecord {
            rule: waiver.rule,
            reason: waiver.reason.clone().into(),
            expires: waiver.expires.map(|ends| ends.to_string()),
            state: match (expired, found, tried) {
                (true, _, _) => WaiverState::Expired,
                (false, true, _) => WaiverState::Used,
                (false, false, true) => WaiverState::NoLongerNeeded,
                (false, false, false) => WaiverState::NotTried,
            },
        }
    };
    waivers.iter().map(record).collect()
}

fn unreachable(traces: &[TraceResult]) -> Option<Silence> {
    traces.iter().find_map(|trace| match &trace.end {
        End::Unreachable(silence) => Some(silence.clone()),
        End::Done
        | End::NotReached { .. }
        | End::Skipped(_)
        | End::NotApplicable(_)
        | End::Broken(_)
        | End::Interrupted
        | End::Unfinished(_) => None,
    })
}

fn unmet(gate: &Gate, report: &Report) -> Vec<Unmet> {
    let (ran, all) = (report.ran(), report.traces.len());
    let few = (ran < gate.min_traces).then_some(Unmet::Traces { least: gate.min_traces, ran });
    let skips = (gate.fail_on_skip && ran < all).then_some(Unmet::Skips(all - ran));
    let untried = gate
        .require
        .iter()
        .filter(|rule| report.rules.get(rule).is_none_or(|tally| tally.tried == 0));
    few.into_iter().chain(skips).chain(untried.map(|rule| Unmet::Rule(*rule))).collect()
}

/// The exit code that a report's parts come to.
fn exit_of(report: &Report) -> Exit {
    let any = |verdicts: &[Verdict]| verdicts.iter().any(|verdict| report.count(*verdict) > 0);
    let stale = report.waivers.iter().any(WaiverRecord::is_stale);
    let open = [Verdict::Timeout, Verdict::Unmodelled, Verdict::Broken, Verdict::Unfinished];
    let ends = [
        (report.interrupted, Exit::Interrupted),
        (any(&[Verdict::Deviates]), Exit::Deviation),
        (stale, Exit::StaleWaiver),
        (report.unreachable.is_some(), Exit::Unreachable),
        (any(&open) || !report.unmet.is_empty(), Exit::Inconclusive),
        (report.ran() == 0, Exit::Nothing),
    ];
    Exit::worst(ends.into_iter().filter(|(applies, _)| *applies).map(|(_, exit)| exit))
}
