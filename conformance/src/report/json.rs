//! How is a run told to programs? As `zdu-report/2`: data, with the sentences that people read beside it.
//!
//! Keys come in the order of the fields and of the spec's rules, so that equal runs give equal text. Readers take what they
//! know and ignore the rest: a later version may add fields, never take one away under the same schema.

use std::collections::BTreeMap;

use serde::Serialize;
use zdu_model::judge::excuse::Excuse;
use zdu_model::judge::finding::Kind;
use zdu_model::judge::text::Text;
use zdu_model::spec::rule::Rule;

use super::bugs::{Bug, Decides, bugs};
use super::explore::explore;
use super::{curl, tone};
use crate::client::Exchange;
use crate::verdict::{
    End, Found, LeftAs, Report, RuleTally, SetUp, StepRecord, TraceResult, Upgrade, Verdict,
};
use crate::words::Words;

/// A report, the numbers that every format shows, and its sentences.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: &'a Report,
    nodes: usize,
    versions: &'a [Text],
    summary: String,
    cluster_left_as: Option<String>,
    left_as: &'a Option<LeftAs>,
    counts: BTreeMap<Verdict, usize>,
    bugs: Vec<BugJson<'a>>,
    traces: Vec<TraceJson<'a>>,
    rules: BTreeMap<Rule, RuleJson<'a>>,
    skipped: Vec<Skip<'a>>,
}

#[derive(Serialize)]
struct RuleJson<'a> {
    basis: &'static str,
    held: bool,
    #[serde(flatten)]
    tally: &'a RuleTally,
}

#[derive(Serialize)]
struct Skip<'a> {
    name: &'a Text,
    verdict: Verdict,
    reason: String,
}

#[derive(Serialize)]
struct BugJson<'a> {
    rule: Rule,
    kind: Kind,
    verdict: Verdict,
    decides: &'a Decides,
    words: String,
    times: usize,
    first_seen: FirstSeen<'a>,
    traces: Vec<&'a Text>,
}

#[derive(Serialize)]
struct FirstSeen<'a> {
    trace: &'a Text,
    step: usize,
    at_ms: Option<u64>,
    words: String,
}

#[derive(Serialize)]
struct TraceJson<'a> {
    name: &'a Text,
    why: &'a Text,
    verdict: Verdict,
    end: &'a End,
    reason: Option<String>,
    steps: usize,
    steps_all: usize,
    rule: Option<Rule>,
    expected: Option<String>,
    observed: Option<String>,
    replay: String,
    seconds: f64,
    rules: &'a [Rule],
    at_stake: &'a BTreeMap<Rule, u64>,
    set_up: &'a SetUp,
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excuse: Option<Excuse>,
    foreign: &'a [Text],
    #[serde(skip_serializing_if = "Option::is_none")]
    upgrade: &'a Option<Upgrade>,
    findings: Vec<FindingJson<'a>>,
    timeline: Vec<StepJson<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    #[serde(flatten)]
    found: &'a Found,
    words: FindingWords,
    curl: Option<String>,
    explore: Option<String>,
}

#[derive(Serialize)]
struct FindingWords {
    at: String,
    place: String,
    allowed: Vec<String>,
    seen: String,
    nearest: Option<String>,
}

#[derive(Serialize)]
struct StepJson<'a> {
    words: String,
    #[serde(flatten)]
    step: &'a StepRecord,
}

/// The report as JSON, two spaces an indent, with a line end.
///
/// # Panics
/// Never: a report holds nothing that JSON has no words for.
#[must_use]
pub fn render(report: &Report) -> String {
    let words = Words::new(&report.names);
    let found = bugs(report);
    let document = Document {
        head: report,
        nodes: report.names.nodes.len(),
        versions: &report.names.versions,
        summary: tone::last_line(report),
        cluster_left_as: report.cluster_left_as.as_ref().map(|left| words.left(left)),
        left_as: &report.cluster_left_as,
        counts: report.counts(),
        bugs: found.iter().map(|found| bug(report, found)).collect(),
        traces: report.traces.iter().map(|result| trace(report, result)).collect(),
        rules: report.rules.iter().map(|(id, tally)| (*id, rule(*id, tally))).collect(),
        skipped: skipped(report),
    };
    let mut text = serde_json::to_string_pretty(&document)
        .expect("a report is plain data with text keys, which JSON can hold");
    text.push('\n');
    text
}

const fn rule(rule: Rule, tally: &RuleTally) -> RuleJson<'_> {
    RuleJson { basis: rule.basis().name(), held: tally.held(), tally }
}

fn skipped(report: &Report) -> Vec<Skip<'_>> {
    let left = report.traces.iter().filter(|trace| trace.verdict.left_out());
    left.map(|trace| Skip {
        name: &trace.name,
        verdict: trace.verdict,
        reason: tone::reason(report, trace).unwrap_or_default(),
    })
    .collect()
}

fn bug<'a>(report: &'a Report, bug: &'a Bug) -> BugJson<'a> {
    let (trace, found) = bug.first(report);
    let names = report.names_in(trace);
    let words = Words::new(&names);
    BugJson {
        rule: bug.rule,
        kind: bug.kind,
        verdict: found.verdict(),
        decides: &bug.decides,
        words: words.brief(&found.finding),
        times: bug.times,
        first_seen: FirstSeen {
            trace: &trace.name,
            step: found.finding.step,
            at_ms: found.at_ms,
            words: words.place_in(trace, found),
        },
        traces: bug.traces().into_iter().map(|index| &report.traces[index].name).collect(),
    }
}

fn trace<'a>(report: &'a Report, trace: &'a TraceResult) -> TraceJson<'a> {
    let names = report.names_in(trace);
    let words = Words::new(&names);
    let first = trace.first();
    let finding = |found: &'a Found| FindingJson {
        found,
        words: FindingWords {
            at: words.place_in(trace, found),
            place: words.place(found.finding.place),
            allowed: words.allowed(&found.finding),
            seen: words.sight(&found.finding.seen),
            nearest: words.nearest(&found.finding.nearest),
        },
        curl: found
            .exchange
            .as_ref()
            .map(|exchange: &Exchange| curl::line(exchange, &report.environment)),
        explore: explore(report, trace, found).map(|command| command.to_string()),
    };
    TraceJson {
        name: &trace.name,
        why: &trace.why,
        verdict: trace.verdict,
        end: &trace.end,
        reason: words.end(trace),
        steps: trace.steps,
        steps_all: trace.steps_all,
        rule: first.map(|found| found.finding.rule),
        expected: first.map(|found| words.allowed(&found.finding).join("; or ")),
        observed: first.map(|found| words.sight(&found.finding.seen)),
        replay: trace.replay.to_string(),
        seconds: trace.seconds,
        rules: &trace.rules,
        at_stake: &trace.at_stake,
        set_up: &trace.set_up,
        earlier: trace.earlier.as_ref(),
        excuse: trace.excuse,
        foreign: &trace.foreign,
        upgrade: &trace.upgrade,
        findings: trace.findings.iter().map(finding).collect(),
        timeline: (trace.timeline.iter())
            .map(|step| StepJson { words: words.stage(step.stage), step })
            .collect(),
    }
}
