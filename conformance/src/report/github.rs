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

/// One workflow command a bug, a line each; empty when nothing is wrong.
#[must_use]
pub fn annotations(report: &Report) -> String {
    let mut text = String::new();
    for bug in bugs(report).iter().take(ANNOTATIONS_MAX) {
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
            "{} ({}). {} in {}; again: {}",
            words.brief(&found.finding),
            bug.rule.text(),
            counted(bug.times, "time"),
            counted(bug.traces().len(), "trace"),
            trace.replay
        );
        let _ = writeln!(text, "::{level} title={}::{}", property(&title), data(&message));
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
