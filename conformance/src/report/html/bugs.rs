//! What was found, what was allowed, what decides, and what went over the wire? A card a bug.

use maud::{Markup, html};
use zdu_model::judge::text;

use super::super::bugs::Bug;
use super::super::curl;
use super::super::explore::explore;
use super::super::tone::{exchange_line, left_behind, often, waiver_lines};
use super::{badge, prose};
use crate::client::Exchange;
use crate::verdict::{Environment, Report};
use crate::words::Words;

pub(super) fn section(report: &Report, bugs: &[Bug]) -> Markup {
    html! {
        @if !bugs.is_empty() {
            section #bugs {
                h2 { "Found " span .faint { (bugs.len()) } }
                @for (at, bug) in bugs.iter().enumerate() { (card(report, at, bug)) }
            }
        }
    }
}

fn card(report: &Report, at: usize, bug: &Bug) -> Markup {
    let (trace, found) = bug.first(report);
    let names = report.names_in(trace);
    let (words, finding) = (Words::new(&names), &found.finding);
    let (verdict, traces) = (found.verdict(), bug.traces());
    let allowed = words.allowed(finding);
    html! {
        article class={ "finding v-" (verdict) } id={ "b-" (at) } {
            h3 {
                (badge(verdict)) " " span .id { (bug.rule) } " "
                span .says { (prose(bug.rule.text())) } " "
                span .basis title="how well founded the rule is" { "basis: " (bug.rule.basis()) }
            }
            dl {
                @if let Some(nearest) = words.nearest(&finding.nearest) {
                    dt { "decides" }
                    dd .seen { (nearest) }
                }
                dt { "first seen" }
                dd {
                    "in " a href={ "#t-" (bug.places[0].0) } { (trace.name) } ", "
                    (words.place_in(trace, found)) ", in " span .mono { (words.place(finding.place)) }
                }
                dt { "how often" }
                dd {
                    (often(report, bug))
                    @if traces.len() > 1 {
                        ": "
                        @for (nth, index) in traces.iter().enumerate() {
                            @if nth > 0 { ", " }
                            a href={ "#t-" (index) } { (report.traces[*index].name) }
                        }
                    }
                }
                @if !allowed.is_empty() {
                    dt { "allowed" }
                    dd { ul .allowed { @for line in &allowed { li { (line) } } } }
                }
                dt { "was" }
                dd .seen { (words.sight(&finding.seen)) }
                @if let Some(left) = left_behind(trace, found) {
                    dt { "and listed" }
                    dd { (left) }
                }
                @if let Some(reason) = &found.waived {
                    dt { "waived" }
                    dd { (reason) }
                }
                @if let Some(exchange) = &found.exchange {
                    dt { "exchange" }
                    dd { (wire(exchange, &report.environment)) }
                }
                dt { "replay" }
                dd { pre .cmd { (trace.replay) } }
                @if let Some(command) = explore(report, trace, found) {
                    dt { "explore" }
                    dd { pre .cmd { (command) } }
                }
                @if found.waived.is_none() {
                    dt { "to waive" }
                    dd {
                        details {
                            summary { "lines for the target file" }
                            pre .cmd { (waiver_lines(bug.rule, report).join("\n")) }
                        }
                    }
                }
            }
        }
    }
}

/// One request, its answer, and the line that sends it again.
pub(super) fn wire(exchange: &Exchange, environment: &Environment) -> Markup {
    let body = text::lines(exchange.body.raw());
    html! {
        div .wire {
            div .mono { (exchange_line(exchange)) }
            @if !body.is_empty() { pre { (body) } }
            pre .cmd { (curl::line(exchange, environment)) }
        }
    }
}
