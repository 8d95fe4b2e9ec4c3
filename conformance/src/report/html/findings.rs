//! What was found, what was allowed, and what went over the wire?

use maud::{Markup, html};

use super::super::words::{self, clean, clean_line, counted};
use super::{badge, prose};
use crate::client::Exchange;
use crate::told::{Deviation, Report};

pub(super) fn finding(report: &Report, trace: usize, at: usize, found: &Deviation) -> Markup {
    let verdict = words::finding(found);
    html! {
        article class={ "finding v-" (verdict) } id={ "d-" (trace) "-" (at) } {
            h3 { (badge(verdict)) " " span .id { (found.rule) } " " span .says { (prose(found.rule.text())) } }
            dl {
                dt { "at" }
                dd { (words::step_words(found)) ", in " span .mono { (clean_line(&found.view)) } }
                @if !found.allowed.is_empty() {
                    dt { "allowed" }
                    dd { ul .allowed { @for line in &found.allowed { li { (clean_line(line)) } } } }
                }
                dt { "seen" }
                dd .seen { (clean_line(&found.seen)) }
                @if let Some(nearest) = &found.nearest {
                    dt { "nearest" }
                    dd .mono { (clean_line(nearest)) }
                }
                @if found.again > 0 {
                    dt { "again" }
                    dd { (counted(found.again, "time")) " in this trace" }
                }
                @if let Some(reason) = &found.waived {
                    dt { "waived" }
                    dd { (clean_line(reason)) }
                }
                @if let Some(exchange) = &found.exchange {
                    dt { "exchange" }
                    dd { (wire(exchange)) }
                }
                @if found.waived.is_none() {
                    dt { "to waive" }
                    dd {
                        details {
                            summary { "lines for the target file" }
                            pre .cmd { (words::waiver_lines(found.rule, report).join("\n")) }
                        }
                    }
                }
            }
        }
    }
}

/// One request and its answer.
pub(super) fn wire(exchange: &Exchange) -> Markup {
    html! {
        div .wire {
            div .mono { (words::exchange_line(exchange)) }
            @if !exchange.body.is_empty() { pre { (clean(&exchange.body)) } }
        }
    }
}
