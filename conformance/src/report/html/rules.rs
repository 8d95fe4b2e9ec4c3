//! What does the run say of each rule? Those with findings first, each with the way to where it was found.

use maud::{Markup, html};
use zdu_model::spec::rule::Rule;

use super::super::words::{RuleState, clean_line, mark, rules_by_state};
use super::prose;
use crate::told::{Report, RuleTally};

pub(super) fn section(report: &Report) -> Markup {
    let groups = rules_by_state(report);
    let of = |states: &[RuleState]| -> Vec<(RuleState, Rule, RuleTally)> {
        groups
            .iter()
            .filter(|(state, _)| states.contains(state))
            .flat_map(|(state, rules)| rules.iter().map(|(rule, tally)| (*state, *rule, *tally)))
            .collect()
    };
    let found = of(&[RuleState::Deviates, RuleState::Open, RuleState::Waived]);
    let rest = of(&[RuleState::Held, RuleState::NotExercised]);
    let held = groups.get(&RuleState::Held).map_or(0, Vec::len);
    html! {
        section #rules {
            h2 { "Rules " span .faint { (report.rules.len()) } }
            @if !found.is_empty() { (table(report, &found)) }
            details open[found.is_empty()] {
                summary {
                    (mark(RuleState::Held.verdict())) " " (held) " held, "
                    (rest.len() - held) " not exercised"
                }
                (table(report, &rest))
            }
        }
    }
}

fn table(report: &Report, rules: &[(RuleState, Rule, RuleTally)]) -> Markup {
    html! {
        div .scroll {
            table .list.rules {
                thead {
                    tr {
                        th scope="col" { "verdict" }
                        th scope="col" { "rule" }
                        th scope="col" { "it says" }
                        th scope="col" .num title="traces that exercise it" { "exercised" }
                        th scope="col" .num { "deviations" }
                        th scope="col" .num { "timeouts" }
                        th scope="col" .num { "waived" }
                    }
                }
                tbody {
                    @for (state, rule, tally) in rules {
                        tr class={ "v-" (state.verdict()) } {
                            td .state {
                                span class={ "badge v-" (state.verdict()) } {
                                    span .mark aria-hidden="true" { (mark(state.verdict())) }
                                    " " (state.word())
                                }
                            }
                            td .id { (rule) }
                            td .says { (prose(rule.text())) (places(report, *rule)) }
                            (number("exercised", tally.exercised))
                            (number("deviations", tally.deviations))
                            (number("timeouts", tally.timeouts))
                            (number("waived", tally.waived))
                        }
                    }
                }
            }
        }
    }
}

fn number(of: &str, count: usize) -> Markup {
    html! { td class={ "num" @if count == 0 { " zero" } } data-of=(of) { (count) } }
}

/// The way to each finding.
fn places(report: &Report, rule: Rule) -> Markup {
    let places: Vec<(usize, usize, &str)> = report
        .traces
        .iter()
        .enumerate()
        .flat_map(|(trace, result)| {
            let found = result.deviations.iter().enumerate();
            found
                .filter(|(_, found)| found.rule == rule)
                .map(move |(index, _)| (trace, index, result.name.as_str()))
        })
        .collect();
    html! {
        @if !places.is_empty() {
            div .places {
                "in "
                @for (at, (trace, index, name)) in places.iter().enumerate() {
                    @if at > 0 { ", " }
                    a href={ "#d-" (trace) "-" (index) } { (clean_line(name)) }
                }
            }
        }
    }
}
