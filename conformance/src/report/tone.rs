//! Which marks, groups and short phrases do all formats share?
//!
//! A mark differs from every other in shape, not only in colour.

use std::collections::BTreeMap;

use zdu_model::judge::text::Text;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;

use super::bugs::Bug;
use crate::client::Exchange;
use crate::exit::Exit;
use crate::verdict::{
    Found, LeftAs, Report, RuleTally, TraceResult, Verdict, WaiverRecord, WaiverState,
};
use crate::words::{Words, counted, millis, silence, stranger};

/// How long a name may become in a table.
const NAME_MAX: usize = 56;

/// The sign of a verdict, one column wide.
#[must_use]
pub const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✔",
        Verdict::Deviates => "✖",
        Verdict::Waived => "◇",
        Verdict::Timeout => "▲",
        Verdict::Unmodelled => "?",
        Verdict::Skipped => "–",
        Verdict::NotApplicable => "∅",
        Verdict::Broken => "!",
        Verdict::Unfinished => "…",
    }
}

/// What a run says of a rule, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleState {
    /// A deviation from it was found.
    Deviates,
    /// It could not be decided: something came too late, or in words that the model does not have.
    Open,
    /// A deviation from it was found and is waived.
    Waived,
    /// It was at stake in a judged observation, and held.
    Held,
    /// It was never at stake.
    NotTried,
}

impl RuleState {
    /// Every state, the worst first.
    pub const ALL: [Self; 5] =
        [Self::Deviates, Self::Open, Self::Waived, Self::Held, Self::NotTried];

    /// What the numbers of a rule say.
    #[must_use]
    pub const fn of(tally: &RuleTally) -> Self {
        if tally.deviations > 0 {
            Self::Deviates
        } else if tally.timeouts > 0 {
            Self::Open
        } else if tally.waived > 0 {
            Self::Waived
        } else if tally.tried > 0 {
            Self::Held
        } else {
            Self::NotTried
        }
    }

    /// The state in words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deviates => "deviates",
            Self::Open => "undecided",
            Self::Waived => "waived",
            Self::Held => "held",
            Self::NotTried => "not tried",
        }
    }

    /// The verdict whose mark and colour it shares.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Deviates => Verdict::Deviates,
            Self::Open => Verdict::Timeout,
            Self::Waived => Verdict::Waived,
            Self::Held => Verdict::Pass,
            Self::NotTried => Verdict::Skipped,
        }
    }
}

/// The verdict whose mark and colour a run shares.
#[must_use]
pub const fn tone(exit_code: u8) -> Verdict {
    match exit_code {
        0 => Verdict::Pass,
        1 => Verdict::Deviates,
        _ => Verdict::Timeout,
    }
}

/// What was found about a rule: `1 deviation, 2 waived`.
#[must_use]
pub fn tally_words(tally: &RuleTally) -> String {
    let mut parts = Vec::new();
    if tally.deviations > 0 {
        parts.push(counted(tally.deviations, "deviation"));
    }
    if tally.timeouts > 0 {
        parts.push(format!("{} undecided", tally.timeouts));
    }
    if tally.waived > 0 {
        parts.push(format!("{} waived", tally.waived));
    }
    parts.join(", ")
}

/// The rules of a report by what the run says of them, each group in the order of the spec; no group is left out.
#[must_use]
pub fn rules_by_state(report: &Report) -> BTreeMap<RuleState, Vec<(Rule, RuleTally)>> {
    let mut groups: BTreeMap<RuleState, Vec<(Rule, RuleTally)>> =
        RuleState::ALL.into_iter().map(|state| (state, Vec::new())).collect();
    for (rule, tally) in &report.rules {
        groups.entry(RuleState::of(tally)).or_default().push((*rule, *tally));
    }
    groups
}

/// Why a trace did not come to its end, in its report's words; nothing when it did.
#[must_use]
pub fn reason(report: &Report, trace: &TraceResult) -> Option<String> {
    Words::new(&report.names_in(trace)).end(trace)
}

/// The traces that were not run, by reason: the reason that holds back most traces first.
#[must_use]
pub fn not_run(report: &Report) -> Vec<(String, Vec<&Text>)> {
    let mut groups: BTreeMap<String, Vec<&Text>> = BTreeMap::new();
    let left_out = |trace: &&TraceResult| trace.verdict.left_out();
    for trace in report.traces.iter().filter(left_out) {
        let reason = reason(report, trace).unwrap_or_else(|| trace.verdict.word().to_owned());
        groups.entry(reason).or_default().push(&trace.name);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    groups
}

/// What to say of a waiver.
#[must_use]
pub fn waiver_words(waiver: &WaiverRecord) -> String {
    let until = waiver.expires.as_ref().map_or_else(String::new, |day| format!(", until {day}"));
    let state = match waiver.state {
        WaiverState::Used => "used",
        WaiverState::NoLongerNeeded => {
            "no longer needed: nothing was found that it would accept; delete it"
        }
        WaiverState::Expired => "expired: fix the target, or agree on a new date",
        WaiverState::NotTried => "its rule was not tried: this run says nothing about it",
    };
    format!("{state} ({}{until})", waiver.reason)
}

/// The lines that waive a rule, for the target file. The date is three months after the run began: a waiver without an
/// end is forgotten.
#[must_use]
pub fn waiver_lines(rule: Rule, report: &Report) -> Vec<String> {
    let mut lines = vec![
        "[[waiver]]".to_owned(),
        format!("rule    = \"{rule}\""),
        "reason  = \"why it is accepted, and by whom\"".to_owned(),
    ];
    let began: Option<jiff::Timestamp> = report.started.parse().ok();
    let ends = began.and_then(|began| {
        let day = began.to_zoned(jiff::tz::TimeZone::UTC).date();
        day.checked_add(jiff::Span::new().months(3)).ok()
    });
    if let Some(ends) = ends {
        lines.push(format!("expires = \"{ends}\""));
    }
    lines
}

/// A request and what came back, without the body.
#[must_use]
pub fn exchange_line(exchange: &Exchange) -> String {
    let answer = match (exchange.code, &exchange.silence) {
        (Some(code), _) => code.to_string(),
        (None, Some(why)) => format!("no answer ({})", silence(why)),
        (None, None) => "no answer".to_owned(),
    };
    let to = exchange.location.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
    let took = millis(exchange.took_ms);
    let who = stranger(exchange).map_or_else(String::new, |told| format!(" ({})", told.found));
    format!("{} {} → {answer}{to} in {took}{who}", exchange.method, exchange.url)
}

/// The profile, and what became of it where the target file leaves it open.
#[must_use]
pub fn profile(report: &Report) -> String {
    match report.serves_tasks {
        None => report.profile.to_string(),
        Some(true) => format!("auto ({})", Profile::Finalization),
        Some(false) => "auto (no upgrade tasks served)".to_owned(),
    }
}

/// What was run against what, in one line.
#[must_use]
pub fn scene(report: &Report) -> String {
    let layout = report.layout.map_or("unknown", crate::layout::Layout::name);
    let versions: Vec<String> = report.names.versions.iter().map(ToString::to_string).collect();
    format!(
        "profile {}, layout {layout}, {}, versions {}",
        profile(report),
        counted(report.names.nodes.len(), "node"),
        versions.join(" and ")
    )
}

/// The traces by verdict, those verdicts that none has left out: `12 traces: 9 pass, 1 deviates`.
#[must_use]
pub fn count_words(report: &Report) -> String {
    let parts: Vec<String> = report
        .counts()
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let total = counted(report.traces.len(), "trace");
    if parts.is_empty() { total } else { format!("{total}: {}", parts.join(", ")) }
}

/// The last line: `CONFORMS: 41 of 47 rules tried, 72 of 98 traces run`, and how many steps of these were not come to, if any.
#[must_use]
pub fn last_line(report: &Report) -> String {
    let lost = lost(report);
    format!(
        "{}: {} of {} rules tried, {} of {} run{lost}",
        report.verdict.to_uppercase(),
        report.tried(),
        report.rules.len(),
        report.ran(),
        counted(report.traces.len(), "trace")
    )
}

/// What of the traces that were run was not come to; nothing where all was.
#[must_use]
pub fn lost(report: &Report) -> String {
    match report.steps_not_reached() {
        0 => String::new(),
        steps => format!(", {} not reached", counted(steps, "step")),
    }
}

/// What the exit code of a report means.
#[must_use]
pub fn exit_text(report: &Report) -> &'static str {
    let exit = Exit::of_code(report.exit_code);
    if exit == Exit::Inconclusive && report.met() {
        return "nothing deviates as far as the run was asked to go";
    }
    exit.text()
}

/// What keeps a run from a verdict beside what was found, a line each: it ended early, the suite failed, a threshold was missed.
#[must_use]
pub fn shortfalls(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report.stopped().map(crate::words::stopped).into_iter().collect();
    if report.interrupted {
        lines.push("the run was interrupted".to_owned());
    }
    if let Some(why) = &report.unreachable {
        lines.push(format!("the target cannot be reached ({})", silence(why)));
    }
    let broken = report.count(Verdict::Broken);
    if broken > 0 {
        lines.push(counted(broken, "trace") + " broken by the suite or its driver");
    }
    let unmet: Vec<String> = report.unmet.iter().map(crate::words::unmet).collect();
    if !unmet.is_empty() {
        lines.push(unmet.join("; "));
    }
    let stale = report.waivers.iter().filter(|waiver| waiver.is_stale());
    let stale: Vec<&str> = stale.map(|waiver| waiver.rule.id()).collect();
    if !stale.is_empty() {
        lines.push(format!("waivers expired or no longer needed: {}", stale.join(", ")));
    }
    lines
}

/// The entries that nodes had left behind under other ids when this was found, in words; nothing where there were none.
#[must_use]
pub fn left_behind(trace: &TraceResult, found: &Found) -> Option<String> {
    let record = trace.timeline.iter().find(|step| step.number == found.finding.step)?;
    let before = |at_ms: u64| found.at_ms.is_none_or(|found| at_ms <= found);
    let sighting = record.sightings.iter().rfind(|sighting| before(sighting.at_ms))?;
    let ids: Vec<String> = sighting.ghosts.iter().map(ToString::to_string).collect();
    (!ids.is_empty()).then(|| {
        let stand = if ids.len() == 1 { "stands" } else { "stand" };
        format!(
            "{}, which {stand} for none of the nodes any more: left behind under an id of before",
            ids.join(", ")
        )
    })
}

/// How often a bug came up: of a watch, in how many readings.
#[must_use]
pub fn often(report: &Report, bug: &Bug) -> String {
    let (trace, _) = bug.first(report);
    if trace.upgrade.is_some() && report.traces.len() == 1 {
        return counted(bug.times, "reading");
    }
    let traces = counted(bug.traces().len(), "trace");
    format!("{} in {traces}", counted(bug.times, "time"))
}

/// What else is to be known of the target and of what was done to it, a line each; nothing that is judged.
#[must_use]
pub fn notes(report: &Report) -> Vec<(&'static str, String)> {
    let words = Words::new(&report.names);
    let mut notes = Vec::new();
    if !report.left_out.is_empty() {
        let fields: Vec<&str> = report.left_out.iter().map(|field| field.name()).collect();
        notes.push(("fields", format!("this build serves no {}", fields.join(", "))));
    }
    if !report.ghosts.is_empty() {
        let ids: Vec<String> = report.ghosts.iter().map(ToString::to_string).collect();
        let left = "left behind by nodes that came back under new ids; nobody is to start them";
        notes.push(("ghosts", format!("{}: {left}", ids.join(", "))));
    }
    for (id, task) in &report.failed_tasks {
        let name = task.name.as_ref().map_or_else(|| "a task".to_owned(), ToString::to_string);
        let scope = if task.whole_cluster == Some(true) { " (of the whole cluster)" } else { "" };
        let messages: Vec<String> = task.messages.iter().map(ToString::to_string).collect();
        let node = words.node(*id);
        notes.push(("failed task", format!("{node}: {name}{scope}: {}", messages.join("; "))));
    }
    for upgrade in report.traces.iter().filter_map(|trace| trace.upgrade.as_ref()) {
        notes.extend(words.upgrade(upgrade));
    }
    // A cluster that was made for a trace and is gone with it needs neither.
    let theirs = report.cluster_left_as.as_ref().filter(|left| **left != LeftAs::Gone);
    let done = crate::words::set_up(&report.set_up);
    if theirs.is_some() && !done.is_empty() {
        let consent = if report.take_over { ", as --take-over allows" } else { "" };
        notes.push((
            "set up",
            format!("{done} to bring the cluster to where traces start{consent}"),
        ));
    }
    if report.ends_untold {
        notes.push(("ends", crate::words::ENDS_UNTOLD.to_owned()));
    }
    for trace in &report.traces {
        let words = Words::new(&report.names);
        if let Some(words) = trace.excuse.and_then(|excuse| words.others_excuse(excuse)) {
            notes.push(("others", format!("{}: {words}", trace.name)));
        }
    }
    notes.extend(crate::words::parts(report).into_iter().map(|part| ("part", part)));
    if report.environment.tls_insecure {
        notes.push(("tls", "certificates were not checked (tls = \"insecure\")".to_owned()));
    }
    if let Some(left) = theirs {
        notes.push(("left as", words.left(left)));
    }
    if !report.bring_back.is_empty() {
        notes.push(("bring back", report.bring_back.join("\n")));
    }
    for unmet in &report.unmet {
        notes.push(("not met", crate::words::unmet(unmet)));
    }
    notes
}

/// A name that fits a table.
#[must_use]
pub fn shortened(name: &Text) -> String {
    let name = name.to_string();
    if name.chars().count() <= NAME_MAX {
        return name;
    }
    let kept: String = name.chars().take(NAME_MAX - 1).collect();
    format!("{kept}…")
}
