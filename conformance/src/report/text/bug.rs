//! How is one bug told? With everything that one needs to judge it, to see it again, and to waive it.

use std::fmt::Write as _;

use zdu_model::judge::text;

use super::{Page, Paint};
use crate::client::Exchange;
use crate::report::bugs::{Bug, bugs};
use crate::report::curl;
use crate::report::explore::{explore, opens_the_run};
use crate::report::tone::{exchange_line, left_behind, mark, often, shortened, waiver_lines};
use crate::verdict::{Found, Report, TraceResult};
use crate::words::Words;

/// How many traces a card names.
const NAMES_MAX: usize = 8;

/// What was found in one trace, as the terminal shows it, without colours.
#[must_use]
pub fn details(report: &Report, trace: &TraceResult) -> String {
    let mut page = Page { text: String::new(), paint: Paint(false) };
    for found in &trace.findings {
        page.head_of(found);
        page.what(report, trace, found);
        page.after(report, trace, found);
    }
    page.text.trim_start().to_owned()
}

impl Page {
    pub(super) fn bugs(&mut self, report: &Report) {
        for bug in bugs(report) {
            self.bug(report, &bug);
        }
    }

    fn bug(&mut self, report: &Report, bug: &Bug) {
        let (trace, found) = bug.first(report);
        self.head_of(found);
        self.field("first seen", &format!("in {}, {}", trace.name, place(report, trace, found)));
        let traces = bug.traces();
        let often = often(report, bug);
        let mut names: Vec<String> = (traces.iter().take(NAMES_MAX))
            .map(|index| shortened(&report.traces[*index].name))
            .collect();
        if traces.len() > NAMES_MAX {
            names.push(format!("and {} more", traces.len() - NAMES_MAX));
        }
        match names.len() {
            0 | 1 => self.field("seen", &often),
            _ => self.field("seen", &format!("{often}: {}", names.join(", "))),
        }
        self.what(report, trace, found);
        self.after(report, trace, found);
    }

    fn head_of(&mut self, found: &Found) {
        let (verdict, rule) = (found.verdict(), found.finding.rule);
        let head = format!("{} {rule} {}", mark(verdict), verdict.word());
        let head = self.paint.verdict(verdict, &head);
        let basis = rule.basis();
        let _ = write!(self.text, "\n{head}: {} ({basis})\n", rule.text());
    }

    fn what(&mut self, report: &Report, trace: &TraceResult, found: &Found) {
        let names = report.names_in(trace);
        let (words, finding) = (Words::new(&names), &found.finding);
        self.field("in", &words.place(finding.place));
        for (index, line) in words.allowed(finding).iter().enumerate() {
            self.field(if index == 0 { "allowed" } else { "   or" }, line);
        }
        let seen = words.sight(&finding.seen);
        self.field("was", &self.paint.strong(&seen));
        if let Some(left) = left_behind(trace, found) {
            self.field("and listed", &left);
        }
        if let Some(nearest) = words.nearest(&finding.nearest) {
            self.field("decides", &nearest);
        }
        if let Some(exchange) = &found.exchange {
            self.exchange(report, exchange);
        }
    }

    fn after(&mut self, report: &Report, trace: &TraceResult, found: &Found) {
        self.field("replay", &trace.replay.to_string());
        if let Some(command) = explore(report, trace, found) {
            let plain =
                "this is the trace as the model runs it; --report-dir DIR keeps the run itself";
            let command = command.to_string();
            let told = if opens_the_run(report) { command } else { format!("{command}\n{plain}") };
            self.field("explore", &told);
        }
        match &found.waived {
            Some(reason) => self.field("waived", &reason.to_string()),
            None => {
                self.field("to waive", &waiver_lines(found.finding.rule, report).join("\n"));
            }
        }
    }

    fn exchange(&mut self, report: &Report, exchange: &Exchange) {
        let (line, body) = (exchange_line(exchange), text::lines(exchange.body.raw()));
        self.field("exchange", format!("{line}\n{body}").trim_end());
        self.field("by hand", &curl::line(exchange, &report.environment));
    }
}

fn place(report: &Report, trace: &TraceResult, found: &Found) -> String {
    Words::new(&report.names_in(trace)).place_in(trace, found)
}
