//! How is a run told in the terminal? From the many to the few: what conforms in short lines, what does not as a table
//! and then bug by bug, the numbers, and last, where the eye is, the next command and the verdict.
//!
//! Commands and what is to be copied are never wrapped.

mod bug;
mod short;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement, Table, presets};
use zdu_model::spec::rule::Rule;

use super::next::next;
use super::tone::{self, RuleState, mark};
use crate::verdict::{Report, TraceResult, Verdict};
use crate::words::{counted, seconds};

pub use bug::details;
pub use short::short;

/// How wide running text may become.
const WIDTH: usize = 100;

/// How many columns the words before a value take.
const LABEL: usize = 12;

/// The report as text, coloured when asked.
#[must_use]
pub fn render(report: &Report, colour: bool) -> String {
    let mut page = Page { text: String::new(), paint: Paint(colour) };
    page.head(report);
    page.passed(report);
    page.table(report);
    page.bugs(report);
    page.cut_short(report);
    page.not_run(report);
    page.waivers(report);
    page.notes(report);
    page.rules(report);
    page.end(report);
    page.text
}

/// Puts colours on, or not.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn verdict(self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Pass => "32",
            Verdict::Deviates => "1;31",
            Verdict::Broken => "1;35",
            Verdict::Timeout | Verdict::Unmodelled | Verdict::Unfinished => "33",
            Verdict::Waived => "36",
            Verdict::Skipped | Verdict::NotApplicable => "2",
        };
        self.with(code, text)
    }

    fn strong(self, text: &str) -> String {
        self.with("1", text)
    }

    fn faint(self, text: &str) -> String {
        self.with("2", text)
    }
}

struct Page {
    text: String,
    paint: Paint,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// A heading with a free line before it.
    fn heading(&mut self, text: &str) {
        let text = self.paint.strong(text);
        let _ = write!(self.text, "\n{text}\n");
    }

    /// A label and its value; further lines of the value stand below its first.
    fn field(&mut self, label: &str, value: &str) {
        let label = self.paint.faint(&format!("{label:<LABEL$}"));
        for (index, line) in value.lines().enumerate() {
            if index == 0 {
                self.line(&format!("  {label}{line}"));
            } else {
                self.line(&format!("  {:LABEL$}{line}", ""));
            }
        }
    }

    fn head(&mut self, report: &Report) {
        let label = report.label.as_ref().map_or_else(String::new, |label| format!("{label}: "));
        let target = self.paint.strong(&format!("{label}{}", report.target));
        self.line(&format!("{target}  {}", tone::scene(report)));
        let seed = report.seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
        let place = &report.environment;
        let when = format!(
            "begun {}, {}took {}{seed}; zdu {} on {} {}",
            report.started,
            report.resumed.as_ref().map_or_else(String::new, |at| format!("resumed {at}, which ")),
            seconds(report.seconds),
            report.tool,
            place.os,
            place.arch
        );
        let when = self.paint.faint(&when);
        self.line(&when);
        if let Some(silence) = &report.unreachable {
            self.heading("The target cannot be reached");
            self.field("reason", &crate::words::silence(silence));
        }
    }

    /// What passed, name by name in running text.
    fn passed(&mut self, report: &Report) {
        let passed = report.traces.iter().filter(|trace| trace.verdict == Verdict::Pass);
        let names: Vec<String> = passed.map(|trace| trace.name.to_string()).collect();
        if names.is_empty() {
            return;
        }
        let sign = self.paint.verdict(Verdict::Pass, &format!("{} ", mark(Verdict::Pass)));
        let count = counted(names.len(), "trace");
        self.heading(&format!("Pass ({count})"));
        for line in wrapped(&names, WIDTH - 4) {
            self.line(&format!("  {sign}{line}"));
        }
    }

    /// What ran and did not pass, a row each.
    fn table(&mut self, report: &Report) {
        let bad = |trace: &&TraceResult| {
            trace.verdict == Verdict::Broken
                || trace.verdict.ran() && trace.verdict != Verdict::Pass
        };
        let rows: Vec<&TraceResult> = report.traces.iter().filter(bad).collect();
        if rows.is_empty() {
            return;
        }
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(["", "verdict", "trace", "rule", "steps", "took"]);
        if self.paint.0 {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        for trace in rows {
            let rules: BTreeSet<Rule> =
                trace.findings.iter().map(|found| found.finding.rule).collect();
            let rules: Vec<&str> = rules.into_iter().map(Rule::id).collect();
            let tint = |text: &str| {
                let cell = Cell::new(text);
                if self.paint.0 { cell.fg(tint(trace.verdict)) } else { cell }
            };
            table.add_row(vec![
                tint(mark(trace.verdict)),
                tint(trace.verdict.word()),
                Cell::new(tone::shortened(&trace.name)),
                Cell::new(rules.join(" ")),
                Cell::new(format!("{} of {}", trace.steps, trace.steps_all)),
                Cell::new(seconds(trace.seconds)),
            ]);
        }
        self.heading("Not as it should be");
        for line in table.lines() {
            self.line(&format!("  {line}"));
        }
    }

    /// What ran and did not come to its end, whatever was found in it.
    fn cut_short(&mut self, report: &Report) {
        let cut = |trace: &&TraceResult| trace.verdict.ran() || trace.verdict == Verdict::Broken;
        let told: Vec<(&TraceResult, String)> = report
            .traces
            .iter()
            .filter(cut)
            .filter_map(|trace| Some((trace, tone::reason(report, trace)?)))
            .collect();
        if told.is_empty() {
            return;
        }
        self.heading("Not finished");
        for (trace, reason) in told {
            let head = format!("{} {}", mark(trace.verdict), trace.name);
            let head = self.paint.verdict(trace.verdict, &head);
            self.line(&format!("  {head}"));
            self.line(&format!("    {reason}"));
            if trace.verdict == Verdict::Broken {
                self.line(&format!("    {}", trace.replay));
            }
        }
    }

    fn not_run(&mut self, report: &Report) {
        let groups = tone::not_run(report);
        let count: usize = groups.iter().map(|(_, names)| names.len()).sum();
        if count == 0 {
            return;
        }
        self.heading(&format!("Not run ({})", counted(count, "trace")));
        for (reason, names) in groups {
            self.line(&format!("  {}: {reason}", names.len()));
            let names: Vec<String> = names.into_iter().map(ToString::to_string).collect();
            for line in wrapped(&names, WIDTH - 4) {
                let line = self.paint.faint(&line);
                self.line(&format!("    {line}"));
            }
        }
    }

    fn waivers(&mut self, report: &Report) {
        if report.waivers.is_empty() {
            return;
        }
        self.heading("Waivers");
        for waiver in &report.waivers {
            let mut words = tone::waiver_words(waiver);
            if waiver.is_stale() {
                words = self.paint.verdict(Verdict::Timeout, &words);
            }
            self.line(&format!("  {:<9} {words}", waiver.rule));
        }
    }

    fn notes(&mut self, report: &Report) {
        let notes = tone::notes(report);
        if notes.is_empty() {
            return;
        }
        self.heading("To be known");
        for (label, words) in notes {
            self.field(label, &words);
        }
    }

    fn rules(&mut self, report: &Report) {
        self.heading(&format!("Rules ({})", report.rules.len()));
        for (state, rules) in tone::rules_by_state(report) {
            if rules.is_empty() {
                continue;
            }
            let head = format!("{} {:>3} {}", mark(state.verdict()), rules.len(), state.word());
            let head = self.paint.verdict(state.verdict(), &head);
            match state {
                RuleState::Held | RuleState::NotTried => {
                    let words = |(rule, tally): &(Rule, _)| held_words(*rule, tally);
                    let ids: Vec<String> = rules.iter().map(words).collect();
                    let mut lines = wrapped(&ids, WIDTH - 19).into_iter();
                    let first = lines.next().unwrap_or_default();
                    self.line(&format!("  {head}: {first}"));
                    for line in lines {
                        self.line(&format!("        {line}"));
                    }
                }
                RuleState::Deviates | RuleState::Open | RuleState::Waived => {
                    self.line(&format!("  {head}"));
                    for (rule, tally) in rules {
                        self.line(&format!(
                            "        {:<9} {} in {} that tried it ({})",
                            rule.id(),
                            tone::tally_words(&tally),
                            counted(tally.traces, "trace"),
                            rule.basis()
                        ));
                    }
                }
            }
        }
    }

    fn end(&mut self, report: &Report) {
        self.text.push('\n');
        self.line(&format!("{}; {}", tone::count_words(report), counted(report.steps(), "step")));
        if let Some(next) = next(report) {
            self.line(&format!("next, to {}:", next.why));
            let command = self.paint.strong(&next.command.to_string());
            self.line(&format!("  {command}"));
        }
        self.verdict(report);
    }

    /// What the exit code means, and the verdict with its numbers: the last line.
    fn verdict(&mut self, report: &Report) {
        let code = format!("{} (exit code {})", tone::exit_text(report), report.exit_code);
        let code = self.paint.faint(&code);
        self.line(&code);
        let last = tone::last_line(report);
        let last = self.paint.verdict(tone::tone(report.exit_code), &last);
        self.line(&last);
    }
}

/// A rule that held or was not tried, with how often it was at stake.
fn held_words(rule: Rule, tally: &crate::verdict::RuleTally) -> String {
    if tally.tried == 0 { rule.id().to_owned() } else { format!("{rule} ({})", tally.tried) }
}

const fn tint(verdict: Verdict) -> comfy_table::Color {
    match verdict {
        Verdict::Pass => comfy_table::Color::Green,
        Verdict::Deviates => comfy_table::Color::Red,
        Verdict::Broken => comfy_table::Color::Magenta,
        Verdict::Timeout | Verdict::Unmodelled | Verdict::Unfinished => comfy_table::Color::Yellow,
        Verdict::Waived => comfy_table::Color::Cyan,
        Verdict::Skipped | Verdict::NotApplicable => comfy_table::Color::DarkGrey,
    }
}

/// Names with commas between them, in lines of at most this width.
fn wrapped(names: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 == names.len() { "" } else { "," };
        let word = format!("{name}{comma}");
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(_) | None => lines.push(word),
        }
    }
    lines
}
