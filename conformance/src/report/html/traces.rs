//! How did each trace go? What failed stands first and open; a check box for each verdict shows or hides it.

use maud::{Markup, html};

use super::super::words::{self, clean_line, counted, mark};
use super::{badge, findings, prose, timeline};
use crate::told::{Report, TraceResult, Verdict};

/// The verdicts as a reader wants them, the worst first.
const ORDER: [Verdict; 8] = [
    Verdict::Deviates,
    Verdict::Timeout,
    Verdict::Unmodelled,
    Verdict::Broken,
    Verdict::Waived,
    Verdict::Pass,
    Verdict::Skipped,
    Verdict::NotApplicable,
];

pub(super) fn section(report: &Report) -> Markup {
    html! {
        section #traces {
            h2 { "Traces " span .faint { (report.traces.len()) } }
            div .filter role="group" aria-label="show traces by verdict" {
                @for verdict in ORDER {
                    @if report.count(verdict) > 0 {
                        label class={ "v-" (verdict) } {
                            input type="checkbox" id={ "f-" (verdict) } checked;
                            span .mark aria-hidden="true" { (mark(verdict)) }
                            " " (verdict) " " span .faint { (report.count(verdict)) }
                        }
                    }
                }
            }
            @for verdict in ORDER {
                @for (index, trace) in report.traces.iter().enumerate() {
                    @if trace.verdict == verdict { (card(report, index, trace)) }
                }
            }
        }
    }
}

/// Whether a trace is worth reading without being asked for.
const fn opens(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Deviates | Verdict::Timeout | Verdict::Unmodelled | Verdict::Broken => true,
        Verdict::Pass | Verdict::Waived | Verdict::Skipped | Verdict::NotApplicable => false,
    }
}

fn card(report: &Report, index: usize, trace: &TraceResult) -> Markup {
    html! {
        details class={ "card t-" (trace.verdict) " v-" (trace.verdict) } id={ "t-" (index) }
            open[opens(trace.verdict)] {
            summary {
                (badge(trace.verdict))
                span .name { (clean_line(&trace.name)) }
                @if let Some(rule) = trace.rule { span .id { (rule) } }
                span .took {
                    @if trace.verdict.ran() {
                        (counted(trace.steps, "step")) ", " (words::seconds(trace.seconds))
                    }
                }
            }
            div .body {
                p .why { (prose(&trace.why)) }
                @if let Some(reason) = &trace.reason { p .reason { (clean_line(reason)) } }
                @for (at, found) in trace.deviations.iter().enumerate() {
                    (findings::finding(report, index, at, found))
                }
                @if !trace.timeline.is_empty() { (timeline::timeline(report, index, trace)) }
                @if !trace.rules.is_empty() {
                    p .exercises {
                        "Exercises "
                        @for (at, rule) in trace.rules.iter().enumerate() {
                            @if at > 0 { ", " }
                            span title=(rule.text()) { (rule) }
                        }
                    }
                }
                pre .cmd { (clean_line(&trace.replay)) }
            }
        }
    }
}
