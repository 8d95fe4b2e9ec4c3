//! How is a single finding told? With everything that one needs to judge it, to see it again, and to waive it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use zdu_model::spec::rule::Rule;

use super::{Page, Paint};
use crate::client::Exchange;
use crate::report::words::{self, clean, clean_line, counted, mark};
use crate::told::{Deviation, Report, TraceResult};

/// What was found in one trace, as the terminal shows it, without colours.
#[must_use]
pub fn details(report: &Report, trace: &TraceResult) -> String {
    let mut page = Page { text: String::new(), paint: Paint(false) };
    for found in &trace.deviations {
        page.finding(report, trace, found, true);
    }
    page.text.trim_start().to_owned()
}

impl Page {
    pub(super) fn findings(&mut self, report: &Report) {
        let mut told: BTreeSet<Rule> = BTreeSet::new();
        for trace in &report.traces {
            for found in &trace.deviations {
                self.finding(report, trace, found, told.insert(found.rule));
            }
        }
    }

    fn finding(
        &mut self,
        report: &Report,
        trace: &TraceResult,
        found: &Deviation,
        first_of_rule: bool,
    ) {
        let verdict = words::finding(found);
        let head = format!("{} {} {}", mark(verdict), found.rule, verdict.word());
        let head = self.paint.verdict(verdict, &head);
        let _ = write!(self.text, "\n{head}: {}\n", found.rule.text());
        self.field("trace", &clean_line(&trace.name));
        self.field("at", &words::step_words(found));
        self.field("seen in", &clean_line(&found.view));
        for (index, line) in found.allowed.iter().enumerate() {
            let label = if index == 0 { "allowed" } else { "   or" };
            self.field(label, &clean_line(line));
        }
        self.field("seen", &self.paint.strong(&clean_line(&found.seen)));
        if let Some(nearest) = &found.nearest {
            self.field("nearest", &clean_line(nearest));
        }
        if found.again > 0 {
            self.field("again", &format!("{} in this trace", counted(found.again, "time")));
        }
        if let Some(exchange) = &found.exchange {
            self.exchange(exchange);
        }
        self.field("replay", &clean_line(&trace.replay));
        match &found.waived {
            Some(reason) => self.field("waived", &clean_line(reason)),
            None if first_of_rule => {
                let lines = words::waiver_lines(found.rule, report);
                self.field("to waive", &lines.join("\n"));
            }
            None => self.field("to waive", &format!("as {} above", found.rule)),
        }
    }

    fn exchange(&mut self, exchange: &Exchange) {
        let body = clean(&exchange.body);
        let line = words::exchange_line(exchange);
        self.field("exchange", format!("{line}\n{body}").trim_end());
    }
}
