//! How is a run told in the terminal? From the many to the few: what conforms in short lines, what does not as a table
//! and then one by one, the numbers, and last, where the eye is, the verdict and the next command.
//!
//! Commands and what is to be copied are never wrapped.

mod findings;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement, Table, presets};
use zdu_model::spec::rule::Rule;

use super::next::next;
use super::words::{self, RuleState, clean, clean_line, counted, mark};
use crate::told::{Report, TraceResult, Verdict};

pub use findings::details;

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
    page.findings(report);
    page.broken(report);
    page.skipped(report);
    page.waivers(report);
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
            Verdict::Timeout | Verdict::Unmodelled => "33",
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
        let target = self.paint.strong(&clean_line(&report.target));
        self.line(&format!("{target}  {}", words::scene(report)));
        let seed = report.seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
        let when = format!(
            "begun {}, took {}{seed}",
            clean_line(&report.started),
            words::seconds(report.seconds)
        );
        let when = self.paint.faint(&when);
        self.line(&when);
        if let Some(reason) = &report.unreachable {
            self.heading("The target cannot be reached");
            self.field("reason", &clean(reason));
        }
    }

    /// What passed, name by name in running text.
    fn passed(&mut self, report: &Report) {
        let names: Vec<&str> = of(report, Verdict::Pass).map(|trace| trace.name.as_str()).collect();
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
        let rows: Vec<&TraceResult> = report
            .traces
            .iter()
            .filter(|trace| trace.verdict.ran() && trace.verdict != Verdict::Pass)
            .collect();
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
            let rules: BTreeSet<Rule> = trace.deviations.iter().map(|found| found.rule).collect();
            let rules: Vec<&str> = rules.into_iter().map(Rule::id).collect();
            let tint = |text: &str| {
                let cell = Cell::new(text);
                if self.paint.0 { cell.fg(tint(trace.verdict)) } else { cell }
            };
            table.add_row(vec![
                tint(mark(trace.verdict)),
                tint(trace.verdict.word()),
                Cell::new(words::shortened(&trace.name)),
                Cell::new(rules.join(" ")),
                Cell::new(trace.steps),
                Cell::new(words::seconds(trace.seconds)),
            ]);
        }
        self.heading("Not as it should be");
        for line in table.lines() {
            self.line(&format!("  {line}"));
        }
    }

    fn broken(&mut self, report: &Report) {
        // What is skipped is grouped below; what ran may have been cut short for a reason.
        let told: Vec<(&TraceResult, &String)> = report
            .traces
            .iter()
            .filter(|trace| trace.verdict.ran())
            .filter_map(|trace| trace.reason.as_ref().map(|reason| (trace, reason)))
            .collect();
        if told.is_empty() {
            return;
        }
        self.heading("Not finished");
        for (trace, reason) in told {
            let head = format!("{} {}", mark(trace.verdict), clean_line(&trace.name));
            let head = self.paint.verdict(trace.verdict, &head);
            self.line(&format!("  {head}"));
            self.line(&format!("    {}", clean_line(reason)));
            if trace.verdict == Verdict::Broken {
                let replay = clean_line(&trace.replay);
                self.line(&format!("    {replay}"));
            }
        }
    }

    fn skipped(&mut self, report: &Report) {
        if report.skipped.is_empty() {
            return;
        }
        let count = counted(report.skipped.len(), "trace");
        self.heading(&format!("Not run ({count})"));
        for (reason, names) in words::skips_by_reason(report) {
            let head = format!("{}: {}", names.len(), clean_line(reason));
            self.line(&format!("  {head}"));
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
            let mut words = words::waiver_words(waiver);
            if words::is_stale(waiver) {
                words = self.paint.verdict(Verdict::Timeout, &words);
            }
            self.line(&format!("  {:<9} {words}", waiver.rule));
        }
    }

    fn rules(&mut self, report: &Report) {
        self.heading(&format!("Rules ({})", report.rules.len()));
        for (state, rules) in words::rules_by_state(report) {
            if rules.is_empty() {
                continue;
            }
            let head = format!("{} {:>3} {}", mark(state.verdict()), rules.len(), state.word());
            let head = self.paint.verdict(state.verdict(), &head);
            match state {
                RuleState::Held => self.line(&format!("  {head}")),
                RuleState::NotExercised => {
                    let ids: Vec<&str> = rules.iter().map(|(rule, _)| rule.id()).collect();
                    let mut lines = wrapped(&ids, WIDTH - 24).into_iter();
                    let first = lines.next().unwrap_or_default();
                    self.line(&format!("  {head}: {first}"));
                    for line in lines {
                        self.line(&format!("{:23}{line}", ""));
                    }
                }
                RuleState::Deviates | RuleState::Open | RuleState::Waived => {
                    self.line(&format!("  {head}"));
                    for (rule, tally) in rules {
                        let numbers = format!(
                            "{:<9} {} of {}",
                            rule.id(),
                            words::tally_words(&tally),
                            counted(tally.exercised, "trace")
                        );
                        self.line(&format!("        {numbers}"));
                    }
                }
            }
        }
    }

    fn end(&mut self, report: &Report) {
        self.text.push('\n');
        self.line(&format!("{}; {}", words::count_words(report), counted(report.steps(), "step")));
        let verdict = match report.exit_code {
            0 => Verdict::Pass,
            1 => Verdict::Deviates,
            _ => Verdict::Timeout,
        };
        let head = self.paint.verdict(verdict, &clean_line(&report.verdict).to_uppercase());
        self.line(&format!(
            "{head}: {} (exit code {})",
            words::exit_text(report),
            report.exit_code
        ));
        if let Some(next) = next(report) {
            self.line(&format!("next, to {}:", next.why));
            let command = self.paint.strong(&next.command);
            self.line(&format!("  {command}"));
        }
    }
}

fn of(report: &Report, verdict: Verdict) -> impl Iterator<Item = &TraceResult> {
    report.traces.iter().filter(move |trace| trace.verdict == verdict)
}

const fn tint(verdict: Verdict) -> comfy_table::Color {
    match verdict {
        Verdict::Pass => comfy_table::Color::Green,
        Verdict::Deviates => comfy_table::Color::Red,
        Verdict::Broken => comfy_table::Color::Magenta,
        Verdict::Timeout | Verdict::Unmodelled => comfy_table::Color::Yellow,
        Verdict::Waived => comfy_table::Color::Cyan,
        Verdict::Skipped | Verdict::NotApplicable => comfy_table::Color::DarkGrey,
    }
}

/// Names with commas between them, in lines of at most this width.
fn wrapped(names: &[&str], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 == names.len() { "" } else { "," };
        let word = format!("{}{comma}", clean_line(name));
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
