//! How is a run told on GitHub? An annotation a bug, and a step summary; both from the same report as everything else.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use super::bugs::bugs;
use super::next::next;
use super::tone::{self, RuleState};
use crate::verdict::{Report, Verdict};
use crate::words::{Words, counted};

/// How many annotations are made: GitHub shows no more of one step.
const ANNOTATIONS_MAX: usize = 10;

/// One workflow command a bug, the worst and most frequent first, then what else keeps the run from a verdict; a line each, and no
/// more than GitHub shows. Empty when nothing is wrong.
#[must_use]
pub fn annotations(report: &Report) -> String {
    let mut text = String::new();
    let (bugs, others) = (bugs(report), tone::shortfalls(report));
    let room = ANNOTATIONS_MAX.saturating_sub(others.len());
    // The last of many is for how many more there are.
    let kept = if bugs.len() > room { room.saturating_sub(1) } else { bugs.len() };
    for bug in &bugs[..kept] {
        let (trace, found) = bug.first(report);
        let level = match found.verdict() {
            Verdict::Deviates => "error",
            Verdict::Waived => "notice",
            Verdict::Timeout
            | Verdict::Unmodelled
            | Verdict::Pass
            | Verdict::Skipped
            | Verdict::NotApplicable
            | Verdict::Broken
            | Verdict::Unfinished => "warning",
        };
        let names = report.names_in(trace);
        let words = Words::new(&names);
        let title = format!("{} {}", bug.rule, found.verdict());
        let message = format!(
            "{} ({}). {}; again: {}",
            words.brief(&found.finding),
            bug.rule.text(),
            tone::often(report, bug),
            trace.replay
        );
        let _ = writeln!(text, "::{level} title={}::{}", property(&title), data(&message));
    }
    if kept < bugs.len() {
        let more = format!("and {} more; all of them are in the step summary", bugs.len() - kept);
        let _ = writeln!(text, "::warning title=zdu::{}", data(&more));
    }
    for line in &others {
        let _ = writeln!(text, "::warning title=zdu::{}", data(line));
    }
    text
}

/// The run as Markdown, for the page of the step.
#[must_use]
pub fn summary(report: &Report) -> String {
    let mut text = format!("### {}\n\n", cell(&tone::last_line(report)));
    let label = report.label.as_ref().map_or_else(String::new, |label| format!("{label}: "));
    let _ =
        writeln!(text, "{}\n", cell(&format!("{label}{}; {}", report.target, tone::scene(report))));
    let _ = writeln!(text, "{}; {}\n", tone::count_words(report), counted(report.steps(), "step"));
    for line in tone::shortfalls(report) {
        let _ = writeln!(text, "- {}", cell(&line));
    }
    let _ = writeln!(text, "\n{} (exit code {})\n", tone::exit_text(report), report.exit_code);
    let bugs = bugs(report);
    if !bugs.is_empty() {
        text.push_str("| | rule | what decides | times | traces | first seen in |\n| --- | --- | --- | --- | --- | --- |\n");
        for bug in &bugs {
            let (trace, found) = bug.first(report);
            let words = Words::new(&report.names_in(trace)).brief(&found.finding);
            let verdict = found.verdict();
            let _ = writeln!(
                text,
                "| {} {verdict} | {} ({}) | {} | {} | {} | {} |",
                tone::mark(verdict),
                bug.rule,
                bug.rule.basis(),
                cell(&words),
                bug.times,
                bug.traces().len(),
                cell(&trace.name.to_string())
            );
        }
        text.push('\n');
    }
    for (state, rules) in tone::rules_by_state(report) {
        if matches!(state, RuleState::NotTried) && !rules.is_empty() {
            let ids: Vec<&str> = rules.iter().map(|(rule, _)| rule.id()).collect();
            let _ = writeln!(text, "Not tried: {}\n", ids.join(", "));
        }
    }
    if let Some(next) = next(report) {
        let _ = writeln!(text, "Next, to {}:\n\n```sh\n{}\n```", next.why, next.command);
    }
    text
}

/// Appends the summary to the file that GitHub names.
///
/// # Errors
/// When the file cannot be written.
pub fn append_summary(report: &Report, file: &Path) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(summary(report).as_bytes())
}

/// Text as a workflow command takes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text inside a table of Markdown, with nothing that would be markup.
fn cell(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '!' | '~' => {
                safe.push('\\');
                safe.push(letter);
            }
            letter => safe.push(letter),
        }
    }
    safe
}
