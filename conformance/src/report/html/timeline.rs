//! When was what seen on which node? Time runs down, each node has a lane, each change of the overview a row.

use maud::{Markup, html};

use super::super::words::{self, clean_line, counted, mark};
use super::findings::wire;
use crate::told::{Deviation, Report, Sighting, StepRecord, TraceResult};

pub(super) fn timeline(report: &Report, index: usize, trace: &TraceResult) -> Markup {
    let lanes = lanes(trace);
    let width = lanes.len() + 3;
    let mut before: Option<&Sighting> = None;
    let steps: Vec<Markup> = trace
        .timeline
        .iter()
        .map(|step| body(report, index, trace, step, &mut before, width))
        .collect();
    html! {
        div .scroll {
            table .timeline {
                thead {
                    tr {
                        th scope="col" .at { "ms" }
                        th scope="col" { "cluster" }
                        th scope="col" { "mode" }
                        @for lane in &lanes { th scope="col" .lane { (clean_line(lane)) } }
                    }
                }
                @for step in &steps { (step) }
            }
        }
    }
}

/// The nodes' ids, as the fullest sighting lists them.
fn lanes(trace: &TraceResult) -> Vec<String> {
    trace
        .timeline
        .iter()
        .flat_map(|step| &step.sightings)
        .map(|sighting| &sighting.nodes)
        .max_by_key(|nodes| nodes.len())
        .map(|nodes| nodes.iter().map(|node| split(node).0.to_owned()).collect())
        .unwrap_or_default()
}

/// A step: its heading, what was seen, and the findings where they were made.
fn body<'a>(
    report: &Report,
    index: usize,
    trace: &'a TraceResult,
    step: &'a StepRecord,
    before: &mut Option<&'a Sighting>,
    width: usize,
) -> Markup {
    let mut left: Vec<(usize, &Deviation)> = trace
        .deviations
        .iter()
        .enumerate()
        .filter(|(_, found)| found.step == step.number)
        .collect();
    let mut rows = Vec::new();
    for sighting in &step.sightings {
        let (here, later): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(_, found)| is_seen_in(found, sighting));
        left = later;
        rows.push(row(report, sighting, *before, !here.is_empty(), width));
        rows.extend(here.iter().map(|(at, found)| moment(index, *at, found, width)));
        *before = Some(sighting);
    }
    // What was seen elsewhere than in the overview has no row of its own: it came up by the end of the step.
    rows.extend(left.iter().map(|(at, found)| moment(index, *at, found, width)));
    html! {
        tbody {
            tr .step {
                th colspan=(width) scope="rowgroup" {
                    div {
                        span .no { (step.number) }
                        span .action { (clean_line(&step.action)) }
                        @for code in &step.answers { span .code { (code) } }
                        @if let Some(took) = step.settled_ms {
                            span .faint { "settled in " (words::millis(took)) }
                        }
                    }
                }
            }
            @for row in &rows { (row) }
            @if !step.exchanges.is_empty() {
                tr .wires {
                    td colspan=(width) {
                        details {
                            summary { (counted(step.exchanges.len(), "exchange")) }
                            @for exchange in &step.exchanges { (wire(exchange)) }
                        }
                    }
                }
            }
        }
    }
}

/// Whether a finding was made in this very answer.
fn is_seen_in(found: &Deviation, sighting: &Sighting) -> bool {
    let Some(status) = &sighting.status else {
        return false;
    };
    let words = format!("{status}, {}: {}", sighting.mode, sighting.nodes.join(", "));
    found.view == "overview" && found.seen == words
}

fn row(
    report: &Report,
    sighting: &Sighting,
    before: Option<&Sighting>,
    hit: bool,
    width: usize,
) -> Markup {
    let Some(status) = &sighting.status else {
        return html! {
            tr .silent {
                td .at { (sighting.at_ms) }
                td colspan=(width - 1) { "○ " (clean_line(&sighting.mode)) }
            }
        };
    };
    let old_status = before.and_then(|old| old.status.as_ref());
    let old_mode = before.map(|old| &old.mode);
    let mode = sighting.mode.strip_prefix("mode ").unwrap_or(&sighting.mode);
    html! {
        tr .hit[hit] {
            td .at { (sighting.at_ms) }
            td class={ "status " (cluster_class(status)) (same(old_status == Some(status))) } {
                (clean_line(status))
            }
            td .mode .same[old_mode == Some(&sighting.mode)] { (clean_line(mode)) }
            @for (lane, node) in sighting.nodes.iter().enumerate() {
                (cell(report, node, before.and_then(|old| old.nodes.get(lane))))
            }
        }
    }
}

fn cell(report: &Report, node: &str, before: Option<&String>) -> Markup {
    let (_, words) = split(node);
    let (status, version) = words.split_once(' ').unwrap_or((words, ""));
    let listed = words != "not listed";
    let later = listed && report.versions.iter().skip(1).any(|name| name == version);
    let (class, sign) = node_class(if listed { status } else { "" });
    html! {
        td class={ "lane n-" (class) (same(before.is_some_and(|old| old == node))) } {
            span .sign aria-hidden="true" { (sign) }
            @if listed {
                (clean_line(status)) " " span .version .later[later] { (clean_line(version)) }
            } @else {
                (clean_line(words))
            }
        }
    }
}

/// The class of what has not changed since the row above.
const fn same(is: bool) -> &'static str {
    if is { " same" } else { "" }
}

/// The moment at which something was seen that nothing explains.
fn moment(trace: usize, at: usize, found: &Deviation, width: usize) -> Markup {
    let verdict = words::finding(found);
    html! {
        tr class={ "moment v-" (verdict) } {
            td colspan=(width) {
                a href={ "#d-" (trace) "-" (at) } {
                    span .mark aria-hidden="true" { (mark(verdict)) }
                    " " (found.rule) " " (verdict)
                }
                " in " span .mono { (clean_line(&found.view)) } ": "
                (clean_line(found.nearest.as_ref().unwrap_or(&found.seen)))
            }
        }
    }
}

/// A node's id and the rest.
fn split(node: &str) -> (&str, &str) {
    node.split_once(' ').unwrap_or((node, ""))
}

/// A node's class and sign by its status; no status is a node that is not listed.
fn node_class(status: &str) -> (&'static str, &'static str) {
    match status {
        "ACTIVE" => ("active", "●"),
        "STARTING" => ("starting", "◔"),
        "TERMINATING" => ("terminating", "◕"),
        "OFFLINE" => ("offline", "○"),
        "ERROR" | "UPGRADE_TASKS_FAILED" => ("error", "✖"),
        "RUNNING_FINALIZE_UPGRADE_TASKS" => ("tasks", "◍"),
        "" => ("absent", "·"),
        _ => ("other", "?"),
    }
}

fn cluster_class(status: &str) -> &'static str {
    match status {
        "STABLE" => "c-stable",
        "READY_TO_UPGRADE" => "c-ready",
        "MIXED" => "c-mixed",
        "READY_TO_RUN_UPGRADE_TASKS" | "RUNNING_UPGRADE_TASKS" => "c-tasks",
        "UPGRADE_TASKS_FAILED" => "c-failed",
        _ => "c-other",
    }
}
