//! What changed between two runs? Rule by rule and trace by trace; the process fails when something got worse.
//!
//! Worse is what fails now and did not: a trace that deviates, times out or breaks, or one that failed before and now
//! breaks another rule or fails harder; a rule with findings that had none. What is waived is not worse, and is named.
//! What no longer runs is named and is not called fixed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::json::{Past, PastTrace};
use super::words::{clean_line, shortened};
use crate::exit::Exit;
use crate::told::{RuleTally, Verdict};

/// What became of a trace or a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It fails, and did not.
    NewlyFailing,
    /// It failed, and fails harder or against other rules.
    Worse,
    /// It failed, and fails.
    StillFailing,
    /// Its deviations are waived, and there were none.
    NewlyWaived,
    /// It failed, and does not.
    Fixed,
    /// It ran, and no longer does.
    NoLongerRun,
    /// It did not run, and conforms now.
    NewlyRun,
}

impl Change {
    /// The change in words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NewlyFailing => "newly failing",
            Self::Worse => "worse",
            Self::StillFailing => "still failing",
            Self::NewlyWaived => "newly waived",
            Self::Fixed => "fixed",
            Self::NoLongerRun => "no longer run",
            Self::NewlyRun => "newly run",
        }
    }

    /// Whether the process must fail for it.
    #[must_use]
    pub const fn is_worse(self) -> bool {
        match self {
            Self::NewlyFailing | Self::Worse => true,
            Self::StillFailing
            | Self::NewlyWaived
            | Self::Fixed
            | Self::NoLongerRun
            | Self::NewlyRun => false,
        }
    }
}

/// A trace or a rule that changed, or that still fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What became of it.
    pub change: Change,
    /// The trace's name or the rule's id.
    pub name: String,
    /// Before and after, in words.
    pub words: String,
    /// The command that replays it.
    pub replay: Option<String>,
}

/// Two runs compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Verdict and time of both runs.
    pub runs: [String; 2],
    /// What is not alike in the two runs' setting, so that differences may come from there.
    pub unlike: Vec<String>,
    /// Traces, the worst first.
    pub traces: Vec<Item>,
    /// Rules, the worst first.
    pub rules: Vec<Item>,
}

impl Diff {
    /// Whether something got worse.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        let mut items = self.traces.iter().chain(&self.rules);
        items.any(|item| item.change.is_worse())
    }

    /// How the process ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.is_worse() { Exit::Deviation } else { Exit::Fine }
    }
}

/// Compares an earlier run with a later one.
#[must_use]
pub fn diff(before: &Past, after: &Past) -> Diff {
    Diff {
        runs: [before, after].map(|run| {
            let when = run.started.as_deref().unwrap_or("an unknown time");
            let words = format!("{} ({}), {when}", run.verdict, run.exit_code);
            clean_line(&words)
        }),
        unlike: unlike(before, after),
        traces: traces(before, after),
        rules: rules(before, after),
    }
}

fn unlike(before: &Past, after: &Past) -> Vec<String> {
    let layout = |run: &Past| run.layout.clone().unwrap_or_else(|| "unknown".to_owned());
    let nodes =
        |run: &Past| run.nodes.map_or_else(|| "unknown".to_owned(), |nodes| nodes.to_string());
    [
        ("target", before.target.clone(), after.target.clone()),
        ("profile", before.profile.clone(), after.profile.clone()),
        ("layout", layout(before), layout(after)),
        ("nodes", nodes(before), nodes(after)),
        ("versions", before.versions.join(" "), after.versions.join(" ")),
    ]
    .into_iter()
    .filter(|(_, old, new)| old != new)
    .map(|(what, old, new)| clean_line(&format!("{what}: {old} → {new}")))
    .collect()
}

/// How hard a verdict fails; nothing when it does not.
const fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass | Verdict::Waived | Verdict::Skipped | Verdict::NotApplicable => 0,
        Verdict::Broken | Verdict::Unmodelled => 1,
        Verdict::Timeout => 2,
        Verdict::Deviates => 3,
    }
}

fn traces(before: &Past, after: &Past) -> Vec<Item> {
    let mut pairs: BTreeMap<&str, (Option<&PastTrace>, Option<&PastTrace>)> = BTreeMap::new();
    for trace in &before.traces {
        pairs.entry(&trace.name).or_default().0 = Some(trace);
    }
    for trace in &after.traces {
        pairs.entry(&trace.name).or_default().1 = Some(trace);
    }
    let items = pairs.into_iter().filter_map(|(name, (old, new))| {
        let change = trace_change(old, new)?;
        Some(Item {
            change,
            name: shortened(name),
            words: format!("{} → {}", trace_words(old), trace_words(new)),
            replay: new.and_then(|trace| trace.replay.as_deref()).map(clean_line),
        })
    });
    worst_first(items)
}

fn trace_change(old: Option<&PastTrace>, new: Option<&PastTrace>) -> Option<Change> {
    let ran = |trace: Option<&PastTrace>| trace.is_some_and(|trace| trace.verdict.ran());
    let hard = |trace: Option<&PastTrace>| trace.map_or(0, |trace| severity(trace.verdict));
    let is_waived =
        |trace: Option<&PastTrace>| trace.is_some_and(|trace| trace.verdict == Verdict::Waived);
    match (hard(old), hard(new)) {
        (0, 0) if ran(old) && !ran(new) => Some(Change::NoLongerRun),
        (0, 0) if !is_waived(old) && is_waived(new) => Some(Change::NewlyWaived),
        (0, 0) if !ran(old) && ran(new) => Some(Change::NewlyRun),
        (0, 0) => None,
        (0, _) => Some(Change::NewlyFailing),
        (_, 0) if !ran(new) => Some(Change::NoLongerRun),
        (_, 0) => Some(Change::Fixed),
        (was, is) => {
            let known = open_rules(old);
            let other = open_rules(new).iter().any(|rule| !known.contains(rule));
            Some(if is > was || other { Change::Worse } else { Change::StillFailing })
        }
    }
}

/// The rules that a trace breaks and no waiver accepts.
fn open_rules(trace: Option<&PastTrace>) -> BTreeSet<&str> {
    let Some(trace) = trace else {
        return BTreeSet::new();
    };
    trace
        .deviations
        .iter()
        .filter(|found| found.waived.is_none())
        .map(|found| found.rule.as_str())
        .chain(trace.rule.as_deref().filter(|_| severity(trace.verdict) > 0))
        .collect()
}

fn trace_words(trace: Option<&PastTrace>) -> String {
    let Some(trace) = trace else {
        return "not there".to_owned();
    };
    let rules: Vec<&str> = open_rules(Some(trace)).into_iter().collect();
    let words = match (&trace.reason, trace.verdict.ran()) {
        (Some(reason), false) => format!("{} ({reason})", trace.verdict),
        (Some(_) | None, _) if rules.is_empty() => trace.verdict.to_string(),
        (Some(_) | None, _) => format!("{} {}", trace.verdict, rules.join(" ")),
    };
    clean_line(&words)
}

fn rules(before: &Past, after: &Past) -> Vec<Item> {
    let ids: BTreeSet<&String> = before.rules.keys().chain(after.rules.keys()).collect();
    let items = ids.into_iter().filter_map(|id| {
        let old = before.rules.get(id).copied().unwrap_or_default();
        let new = after.rules.get(id).copied().unwrap_or_default();
        Some(Item {
            change: rule_change(&old, &new)?,
            name: clean_line(id),
            words: format!("{} → {}", rule_words(&old), rule_words(&new)),
            replay: None,
        })
    });
    worst_first(items)
}

const fn rule_change(old: &RuleTally, new: &RuleTally) -> Option<Change> {
    let (was, is) = (old.deviations + old.timeouts, new.deviations + new.timeouts);
    match (was > 0, is > 0) {
        (false, true) => Some(Change::NewlyFailing),
        (true, true) if old.deviations == 0 && new.deviations > 0 => Some(Change::Worse),
        (true, true) => Some(Change::StillFailing),
        (true, false) | (false, false) if old.exercised > 0 && new.exercised == 0 => {
            Some(Change::NoLongerRun)
        }
        (true, false) => Some(Change::Fixed),
        (false, false) if old.waived == 0 && new.waived > 0 => Some(Change::NewlyWaived),
        (false, false) if old.exercised == 0 && new.exercised > 0 => Some(Change::NewlyRun),
        (false, false) => None,
    }
}

fn rule_words(tally: &RuleTally) -> String {
    let found = super::words::tally_words(tally);
    match (tally.exercised, found.is_empty()) {
        (0, true) => "not exercised".to_owned(),
        (times, true) => format!("held ({times})"),
        (times, false) => format!("{found} ({times})"),
    }
}

fn worst_first(items: impl Iterator<Item = Item>) -> Vec<Item> {
    let mut items: Vec<Item> = items.collect();
    // Stable: names stay in order within a change.
    items.sort_by_key(|item| item.change);
    items
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "before  {}\nafter   {}", self.runs[0], self.runs[1])?;
        if !self.unlike.is_empty() {
            writeln!(f, "\nThe runs are not alike; what differs may come from it:")?;
            for line in &self.unlike {
                writeln!(f, "  {line}")?;
            }
        }
        for (heading, items) in [("Traces", &self.traces), ("Rules", &self.rules)] {
            if items.is_empty() {
                continue;
            }
            writeln!(f, "\n{heading}")?;
            let width = items.iter().map(|item| item.name.chars().count()).max();
            let width = width.unwrap_or(0);
            for item in items {
                writeln!(f, "  {:<13}  {:<width$}  {}", item.change.word(), item.name, item.words)?;
            }
        }
        let worse = |items: &[Item]| items.iter().filter(|item| item.change.is_worse()).count();
        let (traces, rules) = (worse(&self.traces), worse(&self.rules));
        if traces + rules == 0 {
            return writeln!(f, "\nNOTHING WORSE (exit code {})", self.exit().code());
        }
        writeln!(
            f,
            "\nWORSE: {} and {} (exit code {})",
            super::words::counted(traces, "trace"),
            super::words::counted(rules, "rule"),
            self.exit().code()
        )?;
        let first = self.traces.iter().find(|item| item.change.is_worse());
        if let Some(replay) = first.and_then(|item| item.replay.as_ref()) {
            writeln!(f, "next, to see the first of them again:\n  {replay}")?;
        }
        Ok(())
    }
}
