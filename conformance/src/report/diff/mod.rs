//! What changed from run to run? A matrix: a row a trace or rule, a column a run; the process fails when something is worse
//! in the last run than it was in the best of those before.
//!
//! Worse is what fails now and did not, or fails harder, or against other rules; and what is no longer run or tried, since
//! nothing is known of it any more. What is waived now is not fixed.

mod html;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zdu_model::judge::text::Text;

use super::past::{Past, PastTrace};
use super::tone::{self, RuleState};
use crate::exit::Exit;
use crate::verdict::{RuleTally, Verdict};

pub use html::render as html;
pub use text::render as text;

/// The schema of a comparison as JSON.
pub const SCHEMA: &str = "zdu-diff/1";

/// What became of a trace or a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It fails, and did not.
    NewlyFailing,
    /// It failed, and fails harder or against other rules.
    Worse,
    /// It was run or tried, and no longer is.
    NoLongerRun,
    /// It failed, and fails.
    StillFailing,
    /// It failed, and is waived now: it is not fixed.
    NowWaived,
    /// It held, and deviates now in a way that is waived.
    NewlyWaived,
    /// It failed, and does not.
    Fixed,
    /// It was not run or tried, and conforms now.
    NewlyRun,
}

impl Change {
    /// The change in words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NewlyFailing => "newly failing",
            Self::Worse => "worse",
            Self::NoLongerRun => "no longer run",
            Self::StillFailing => "still failing",
            Self::NowWaived => "now waived",
            Self::NewlyWaived => "newly waived",
            Self::Fixed => "fixed",
            Self::NewlyRun => "newly run",
        }
    }

    /// Whether the process must fail for it.
    #[must_use]
    pub const fn is_worse(self) -> bool {
        match self {
            Self::NewlyFailing | Self::Worse | Self::NoLongerRun => true,
            Self::StillFailing
            | Self::NowWaived
            | Self::NewlyWaived
            | Self::Fixed
            | Self::NewlyRun => false,
        }
    }
}

/// What one run says of a trace or a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The verdict whose mark and colour it has.
    pub verdict: Verdict,
    /// In words.
    pub words: String,
    /// The rules that are broken there and that no waiver accepts.
    pub rules: BTreeSet<Text>,
    /// How hard it fails; 0 does not.
    #[serde(skip)]
    severity: u8,
    /// Whether it was run, or tried.
    #[serde(skip)]
    ran: bool,
}

/// A trace or a rule in every run; a run that does not know it has no cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The trace's name or the rule's id.
    pub name: Text,
    /// What became of it; nothing when it is as good as it was.
    pub change: Option<Change>,
    /// One for each run.
    pub cells: Vec<Option<Cell>>,
    /// The command that replays it as in the last run.
    pub replay: Option<Text>,
}

/// A run as a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its label, or its file.
    pub name: Text,
    /// The run as a whole.
    pub verdict: Text,
    /// The exit code.
    pub exit_code: u8,
    /// When it began.
    pub started: Text,
    /// How many traces ran, of how many.
    pub ran: (usize, usize),
    /// How many rules were tried, of how many.
    pub tried: (usize, usize),
}

/// A thing in which the runs are not alike, so that what differs may come from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unlike {
    /// What.
    pub what: &'static str,
    /// In each run.
    pub values: Vec<Text>,
}

/// Runs compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Whether something is worse.
    pub worse: bool,
    /// The exit code.
    pub exit_code: u8,
    /// The runs, the earliest first.
    pub runs: Vec<Column>,
    /// What is not alike in their setting.
    pub unlike: Vec<Unlike>,
    /// Traces, the worst first.
    pub traces: Vec<Row>,
    /// Rules, the worst first.
    pub rules: Vec<Row>,
}

impl Diff {
    /// The comparison as JSON.
    ///
    /// # Panics
    /// Never: it holds nothing that JSON has no words for.
    #[must_use]
    pub fn json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("plain data with text keys");
        format!("{text}\n")
    }

    /// How the process ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::of_code(self.exit_code)
    }

    /// How many traces, and how many rules, are worse.
    fn counts(&self) -> (usize, usize) {
        let worse = |rows: &[Row]| rows.iter().filter(|row| row.is_worse()).count();
        (worse(&self.traces), worse(&self.rules))
    }
}

impl Row {
    fn is_worse(&self) -> bool {
        self.change.is_some_and(Change::is_worse)
    }
}

/// Compares runs, the earliest first.
#[must_use]
pub fn diff(runs: &[Past]) -> Diff {
    let (traces, rules) = (traces(runs), rules(runs));
    let worse = traces.iter().chain(&rules).any(Row::is_worse);
    let exit = if worse { Exit::Deviation } else { Exit::Fine };
    Diff {
        schema: SCHEMA,
        worse,
        exit_code: exit.code(),
        runs: runs.iter().map(column).collect(),
        unlike: unlike(runs),
        traces,
        rules,
    }
}

fn column(run: &Past) -> Column {
    let ran = run.traces.iter().filter(|trace| trace.verdict.ran()).count();
    let tried = run.rules.values().filter(|tally| tally.tried > 0).count();
    Column {
        name: run.name.clone(),
        verdict: run.verdict.clone(),
        exit_code: run.exit_code,
        started: run.started.clone(),
        ran: (ran, run.traces.len()),
        tried: (tried, run.rules.len()),
    }
}

fn unlike(runs: &[Past]) -> Vec<Unlike> {
    let layout = |run: &Past| run.layout.clone().unwrap_or_else(|| "unknown".into());
    let versions = |run: &Past| {
        let versions: Vec<&str> = run.versions.iter().map(Text::raw).collect();
        versions.join(" ").into()
    };
    let settings: [(&'static str, &dyn Fn(&Past) -> Text); 5] = [
        ("target", &|run| run.target.clone()),
        ("profile", &|run| run.profile.clone()),
        ("layout", &layout),
        ("nodes", &|run| run.nodes.to_string().into()),
        ("versions", &versions),
    ];
    settings
        .into_iter()
        .map(|(what, of)| Unlike { what, values: runs.iter().map(of).collect() })
        .filter(|unlike| unlike.values.iter().any(|value| *value != unlike.values[0]))
        .collect()
}

/// How hard a verdict fails; 0 when it does not.
const fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass | Verdict::Waived | Verdict::Skipped | Verdict::NotApplicable => 0,
        Verdict::Broken | Verdict::Unmodelled | Verdict::Unfinished => 1,
        Verdict::Timeout => 2,
        Verdict::Deviates => 3,
    }
}

fn traces(runs: &[Past]) -> Vec<Row> {
    let mut rows: BTreeMap<&Text, Row> = BTreeMap::new();
    for (at, run) in runs.iter().enumerate() {
        for trace in &run.traces {
            let row = rows.entry(&trace.name).or_insert_with(|| Row {
                name: trace.name.clone(),
                change: None,
                cells: vec![None; runs.len()],
                replay: None,
            });
            row.cells[at] = Some(trace_cell(trace));
            row.replay.clone_from(&trace.replay);
        }
    }
    worst_first(rows.into_values())
}

fn trace_cell(trace: &PastTrace) -> Cell {
    let open = trace.findings.iter().filter(|found| found.waived.is_none());
    let rules: BTreeSet<Text> = open.map(|found| found.rule.clone()).collect();
    let ids: Vec<&str> = rules.iter().map(Text::raw).collect();
    let words = match (&trace.reason, ids.is_empty()) {
        (_, false) => format!("{} {}", trace.verdict, Text::from(ids.join(" "))),
        (Some(reason), true) if !trace.verdict.ran() => format!("{} ({reason})", trace.verdict),
        (Some(_) | None, true) => trace.verdict.to_string(),
    };
    let (severity, ran) = (severity(trace.verdict), trace.verdict.ran());
    Cell { verdict: trace.verdict, words, rules, severity, ran }
}

fn rules(runs: &[Past]) -> Vec<Row> {
    let ids: BTreeSet<&Text> = runs.iter().flat_map(|run| run.rules.keys()).collect();
    let row = |id: &Text| Row {
        name: id.clone(),
        change: None,
        cells: runs.iter().map(|run| run.rules.get(id).map(rule_cell)).collect(),
        replay: None,
    };
    worst_first(ids.into_iter().map(row))
}

fn rule_cell(tally: &RuleTally) -> Cell {
    let state = RuleState::of(tally);
    let words = match state {
        RuleState::NotTried => state.word().to_owned(),
        RuleState::Held => format!("held ({})", tally.tried),
        RuleState::Deviates | RuleState::Open | RuleState::Waived => {
            format!("{} ({})", tone::tally_words(tally), tally.tried)
        }
    };
    let verdict = state.verdict();
    Cell {
        verdict,
        words,
        rules: BTreeSet::new(),
        severity: severity(verdict),
        ran: tally.tried > 0,
    }
}

/// Rows with what became of them, the worst first; names stay in order within a change.
fn worst_first(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.map(|row| Row { change: change(&row.cells), ..row }).collect();
    rows.sort_by_key(|row| row.change.map_or(u8::MAX, |change| change as u8));
    rows
}

/// What became of a row: its last cell against the best of those before.
fn change(cells: &[Option<Cell>]) -> Option<Change> {
    let (last, before) = cells.split_last()?;
    let ran = before.iter().flatten().filter(|cell| cell.ran);
    let best = ran.clone().min_by_key(|cell| (cell.severity, cell.verdict == Verdict::Waived));
    let failed = before.iter().flatten().any(|cell| cell.severity > 0);
    let now = last.as_ref();
    let severity = now.map_or(0, |cell| cell.severity);
    match (best, severity) {
        (Some(_), _) if now.is_none_or(|cell| !cell.ran) => Some(Change::NoLongerRun),
        (Some(best), 1..) if best.severity == 0 => Some(Change::NewlyFailing),
        (Some(best), 1..) => {
            let known: BTreeSet<&Text> = ran.flat_map(|cell| &cell.rules).collect();
            let other = now.is_some_and(|cell| cell.rules.iter().any(|it| !known.contains(it)));
            Some(if severity > best.severity || other {
                Change::Worse
            } else {
                Change::StillFailing
            })
        }
        (None, 1..) if failed => Some(Change::StillFailing),
        (None, 1..) => Some(Change::NewlyFailing),
        (None, 0) if now.is_some_and(|cell| cell.ran) => Some(Change::NewlyRun),
        (None, 0) => None,
        (Some(best), 0) => {
            let waived = now.is_some_and(|cell| cell.verdict == Verdict::Waived);
            match (waived, failed) {
                (true, true) => Some(Change::NowWaived),
                (true, false) if best.verdict != Verdict::Waived => Some(Change::NewlyWaived),
                (false, true) => Some(Change::Fixed),
                (true | false, false) => None,
            }
        }
    }
}
