//! Which words, marks and groups do all formats share?
//!
//! A mark differs from every other in shape, not only in colour. Times are shown as people say them.

use std::collections::BTreeMap;

use zdu_model::spec::rule::Rule;

use crate::client::Exchange;
use crate::exit::Exit;
use crate::told::{Deviation, Kind, Report, RuleTally, Verdict, WaiverRecord, WaiverState};

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
    }
}

/// The verdict that a single finding comes to.
#[must_use]
pub const fn finding(found: &Deviation) -> Verdict {
    match (&found.waived, found.kind) {
        (Some(_), _) => Verdict::Waived,
        (None, Kind::WrongAnswer) => Verdict::Deviates,
        (None, Kind::Timeout) => Verdict::Timeout,
        (None, Kind::Unmodelled) => Verdict::Unmodelled,
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
    /// It was exercised, and held.
    Held,
    /// No trace that ran exercises it.
    NotExercised,
}

impl RuleState {
    /// Every state, the worst first.
    pub const ALL: [Self; 5] =
        [Self::Deviates, Self::Open, Self::Waived, Self::Held, Self::NotExercised];

    /// What the numbers of a rule say.
    #[must_use]
    pub const fn of(tally: &RuleTally) -> Self {
        if tally.deviations > 0 {
            Self::Deviates
        } else if tally.timeouts > 0 {
            Self::Open
        } else if tally.waived > 0 {
            Self::Waived
        } else if tally.exercised > 0 {
            Self::Held
        } else {
            Self::NotExercised
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
            Self::NotExercised => "not exercised",
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
            Self::NotExercised => Verdict::Skipped,
        }
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
        parts.push(counted(tally.timeouts, "timeout"));
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

/// What was not run, by reason: the reason that holds back most traces first.
#[must_use]
pub fn skips_by_reason(report: &Report) -> Vec<(&str, Vec<&str>)> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for skip in &report.skipped {
        groups.entry(&skip.reason).or_default().push(&skip.name);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    groups
}

/// Whether a waiver must go: it has expired, or nothing needs it.
#[must_use]
pub const fn is_stale(waiver: &WaiverRecord) -> bool {
    match waiver.state {
        WaiverState::Expired | WaiverState::NoLongerNeeded => true,
        WaiverState::Used | WaiverState::NotExercised => false,
    }
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
        WaiverState::NotExercised => "not exercised: this run says nothing about it",
    };
    format!("{state} ({}{until})", clean_line(&waiver.reason))
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
    let answer = match (exchange.code, &exchange.failure) {
        (Some(code), _) => code.to_string(),
        (None, Some(failure)) => format!("no answer ({})", clean_line(failure)),
        (None, None) => "no answer".to_owned(),
    };
    let to =
        exchange.location.as_ref().map_or_else(String::new, |to| format!(" to {}", clean_line(to)));
    format!(
        "{} {} → {answer}{to} in {}",
        clean_line(&exchange.method),
        clean_line(&exchange.url),
        millis(exchange.took_ms)
    )
}

/// Where in its trace a finding was made.
#[must_use]
pub fn step_words(found: &Deviation) -> String {
    let action = clean_line(&found.action);
    if found.step == 0 { action } else { format!("step {}, {action}", found.step) }
}

/// What was run against what, in one line.
#[must_use]
pub fn scene(report: &Report) -> String {
    let layout = report.layout.map_or("unknown", crate::layout::Layout::name);
    let versions: Vec<String> = report.versions.iter().map(|name| clean_line(name)).collect();
    format!(
        "profile {}, layout {layout}, {}, versions {}",
        report.profile,
        counted(report.nodes, "node"),
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

/// What the exit code of a report means.
#[must_use]
pub fn exit_text(report: &Report) -> &'static str {
    Exit::ALL
        .into_iter()
        .find(|exit| exit.code() == report.exit_code)
        .map_or("an exit code that this version does not know", Exit::text)
}

/// A number with its noun.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Seconds as people say them: `340 ms`, `12.3 s`, `4 min 05 s`.
#[must_use]
pub fn seconds(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "an unknown time".to_owned();
    }
    if seconds < 0.9995 {
        return format!("{:.0} ms", seconds * 1000.0);
    }
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = std::time::Duration::from_secs_f64(seconds.round()).as_secs();
    if whole < 3600 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{} h {:02} min", whole / 3600, whole % 3600 / 60)
    }
}

/// Milliseconds as people say them.
#[must_use]
pub fn millis(millis: u64) -> String {
    seconds(std::time::Duration::from_millis(millis).as_secs_f64())
}

/// A text without what could steer a terminal, turn its reading direction or spoil XML: control characters become their
/// pictures (`␛`), the rest becomes `�`. Line ends and tabs stay.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
            '\u{7f}' => '\u{2421}',
            '\u{80}'..='\u{9f}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}'
            | '\u{ffff}' => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// The same on one line: line ends become `␊`, tabs a space.
#[must_use]
pub fn clean_line(text: &str) -> String {
    clean(text).replace('\n', "\u{240a}").replace('\t', " ")
}

/// A name that fits a table, on one line.
#[must_use]
pub fn shortened(name: &str) -> String {
    let name = clean_line(name);
    if name.chars().count() <= NAME_MAX {
        return name;
    }
    let kept: String = name.chars().take(NAME_MAX - 1).collect();
    format!("{kept}…")
}
