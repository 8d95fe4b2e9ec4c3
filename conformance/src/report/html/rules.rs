//! What does the run say of each rule? Those with findings first, each with the way to what was found.

use maud::{Markup, html};
use zdu_model::spec::rule::Rule;

use super::super::bugs::Bug;
use super::super::tone::{RuleState, mark, rules_by_state};
use super::prose;
use crate::verdict::{Report, RuleTally};

pub(super) fn section(report: &Report, bugs: &[Bug]) -> Markup {
    let groups = rules_by_state(report);
    let of = |states: &[RuleState]| -> Vec<(RuleState, Rule, RuleTally)> {
        groups
            .iter()
            .filter(|(state, _)| states.contains(state))
            .flat_map(|(state, rules)| rules.iter().map(|(rule, tally)| (*state, *rule, *tally)))
            .collect()
    };
    let found = of(&[RuleState::Deviates, RuleState::Open, RuleState::Waived]);
    let rest = of(&[RuleState::Held, RuleState::NotTried]);
    let held = groups.get(&RuleState::Held).map_or(0, Vec::len);
    html! {
        section #rules {
            h2 { "Rules " span .faint { (report.tried()) " of " (report.rules.len()) " tried" } }
            @if !found.is_empty() { (table(bugs, &found)) }
            details open[found.is_empty()] {
                summary {
                    (mark(RuleState::Held.verdict())) " " (held) " held, "
                    (rest.len() - held) " not tried"
                }
                (table(bugs, &rest))
            }
        }
    }
}

fn table(bugs: &[Bug], rules: &[(RuleState, Rule, RuleTally)]) -> Markup {
    html! {
        div .scroll {
            table .list.rules {
                thead {
                    tr {
                        th scope="col" { "verdict" }
                        th scope="col" { "rule" }
                        th scope="col" { "it says" }
                        th scope="col" title="how well founded it is" { "basis" }
                        th scope="col" .num title="how often it was at stake in a judged observation" { "tried" }
                        th scope="col" .num title="traces in which it was" { "traces" }
                        th scope="col" .num { "deviations" }
                        th scope="col" .num { "undecided" }
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
                            td .says { (prose(rule.text())) (places(bugs, *rule)) }
                            td .basis { (rule.basis()) }
                            (number("times tried", tally.tried))
                            (count("traces", tally.traces))
                            (count("deviations", tally.deviations))
                            (count("undecided", tally.timeouts))
                            (count("waived", tally.waived))
                        }
                    }
                }
            }
        }
    }
}

fn number(of: &str, count: u64) -> Markup {
    html! { td class={ "num" @if count == 0 { " zero" } } data-of=(of) { (count) } }
}

fn count(of: &str, count: usize) -> Markup {
    number(of, u64::try_from(count).unwrap_or(u64::MAX))
}

/// The way to each bug.
fn places(bugs: &[Bug], rule: Rule) -> Markup {
    let of_rule: Vec<(usize, &Bug)> =
        bugs.iter().enumerate().filter(|(_, bug)| bug.rule == rule).collect();
    html! {
        @if !of_rule.is_empty() {
            div .places {
                @for (nth, (at, bug)) in of_rule.iter().enumerate() {
                    @if nth > 0 { ", " }
                    a href={ "#b-" (at) } { "found in " (bug.traces().len()) " of the traces" }
                }
            }
        }
    }
}
