//! How is a comparison told in a browser? As one file, in the style of a report.

use maud::{Markup, html};

use super::super::html::page;
use super::super::tone::mark;
use super::{Change, Diff, Row};
use crate::verdict::Verdict;
use crate::words::counted;

/// The comparison as one HTML file.
#[must_use]
pub fn render(diff: &Diff) -> String {
    let names: Vec<String> = diff.runs.iter().map(|run| run.name.to_string()).collect();
    let tone = if diff.worse { Verdict::Deviates } else { Verdict::Pass };
    let (traces, rules) = diff.counts();
    let body = html! {
        header class={ "v-" (tone) } {
            div .verdict {
                span .mark aria-hidden="true" { (mark(tone)) }
                h1 { @if diff.worse { "worse" } @else { "nothing worse" } }
                span .exit { "exit code " (diff.exit_code) }
            }
            p .means {
                @if diff.worse {
                    (counted(traces, "trace")) " and " (counted(rules, "rule"))
                    " are worse in the last run than in the best before it"
                } @else {
                    "the last run is as good as the best before it"
                }
            }
            (runs(diff))
            @if !diff.unlike.is_empty() {
                p .alarm { "The runs are not alike; what differs may come from it:" }
                ul {
                    @for unlike in &diff.unlike {
                        li {
                            (unlike.what) ": "
                            @for (at, value) in unlike.values.iter().enumerate() {
                                @if at > 0 { " → " } (value)
                            }
                        }
                    }
                }
            }
        }
        main {
            (matrix(diff, "Traces", &diff.traces))
            (matrix(diff, "Rules", &diff.rules))
        }
    };
    page(&format!("zdu: {}", names.join(" → ")), &body)
}

fn runs(diff: &Diff) -> Markup {
    html! {
        div .scroll {
            table .list {
                thead {
                    tr {
                        th scope="col" { "run" }
                        th scope="col" { "verdict" }
                        th scope="col" { "traces run" }
                        th scope="col" { "rules tried" }
                        th scope="col" { "begun" }
                    }
                }
                tbody {
                    @for run in &diff.runs {
                        tr {
                            td .id { (run.name) }
                            td { (run.verdict) " (" (run.exit_code) ")" }
                            td { (run.ran.0) " of " (run.ran.1) }
                            td { (run.tried.0) " of " (run.tried.1) }
                            td { (run.started) }
                        }
                    }
                }
            }
        }
    }
}

fn matrix(diff: &Diff, heading: &str, rows: &[Row]) -> Markup {
    let (changed, same): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.change.is_some());
    html! {
        section {
            h2 { (heading) " " span .faint { (rows.len()) } }
            @if !changed.is_empty() { (table(diff, &changed)) }
            @if !same.is_empty() {
                details {
                    summary { (same.len()) " as good as before" }
                    (table(diff, &same))
                }
            }
        }
    }
}

fn table(diff: &Diff, rows: &[&Row]) -> Markup {
    html! {
        div .scroll {
            table .list.matrix {
                thead {
                    tr {
                        th scope="col" { "change" }
                        th scope="col" { "name" }
                        @for run in &diff.runs { th scope="col" { (run.name) } }
                    }
                }
                tbody {
                    @for row in rows {
                        tr .worse[row.is_worse()] {
                            td .state { (row.change.map_or("", Change::word)) }
                            td .id { (row.name) }
                            @for cell in &row.cells {
                                @match cell {
                                    Some(cell) => {
                                        td class={ "v-" (cell.verdict) } {
                                            span .mark aria-hidden="true" { (mark(cell.verdict)) }
                                            " " (cell.words)
                                        }
                                    }
                                    None => td .faint { "not there" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
