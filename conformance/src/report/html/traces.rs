//! How did each trace go? What failed stands first; a check box for each verdict shows or hides it.

use std::collections::BTreeSet;

use maud::{Markup, html};
use zdu_model::spec::rule::Rule;

use super::super::bugs::Bug;
use super::super::tone::{mark, reason};
use super::{badge, timeline};
use crate::verdict::{Report, TraceResult, Verdict};
use crate::words::{earlier, seconds};

/// The verdicts as a reader wants them, the worst first.
const ORDER: [Verdict; 9] = [
    Verdict::Deviates,
    Verdict::Timeout,
    Verdict::Unmodelled,
    Verdict::Broken,
    Verdict::Unfinished,
    Verdict::Waived,
    Verdict::Pass,
    Verdict::Skipped,
    Verdict::NotApplicable,
];

pub(super) fn section(report: &Report, bugs: &[Bug]) -> Markup {
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
                    @if trace.verdict == verdict { (card(report, bugs, index, trace)) }
                }
            }
        }
    }
}

fn card(report: &Report, bugs: &[Bug], index: usize, trace: &TraceResult) -> Markup {
    let rules: BTreeSet<Rule> = trace.findings.iter().map(|found| found.finding.rule).collect();
    let here: Vec<(usize, &Bug)> =
        bugs.iter().enumerate().filter(|(_, bug)| bug.traces().contains(&index)).collect();
    html! {
        details class={ "card t-" (trace.verdict) " v-" (trace.verdict) } id={ "t-" (index) } {
            summary {
                (badge(trace.verdict))
                span .name { (trace.name) }
                @for rule in &rules { span .id { (rule) } }
                span .took {
                    @if trace.steps > 0 || trace.verdict.ran() {
                        (trace.steps) " of " (trace.steps_all) " steps, " (seconds(trace.seconds))
                    }
                }
            }
            div .body {
                p .why { (trace.why) }
                @if let Some(when) = earlier(trace) { p .faint { (when) } }
                @if let Some(reason) = reason(report, trace) { p .reason { (reason) } }
                @if !here.is_empty() {
                    p {
                        "Found: "
                        @for (nth, (at, bug)) in here.iter().enumerate() {
                            @if nth > 0 { ", " }
                            a href={ "#b-" (at) } { (bug.rule) }
                        }
                    }
                }
                @if !trace.timeline.is_empty() { (timeline::timeline(report, bugs, trace)) }
                @if !trace.rules.is_empty() {
                    p .exercises {
                        "Meant for "
                        @for (at, rule) in trace.rules.iter().enumerate() {
                            @if at > 0 { ", " }
                            span .faint[!trace.at_stake.contains_key(rule)] title=(rule.text()) {
                                (rule)
                                @if !trace.at_stake.contains_key(rule) { " (not tried)" }
                            }
                        }
                    }
                }
                pre .cmd { (trace.replay) }
            }
        }
    }
}
