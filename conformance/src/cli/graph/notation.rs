//! How is a graph written down, for programs that draw? DOT for Graphviz, Mermaid for Markdown.

use std::fmt::Write as _;

use zdu_model::check::graph::Graph;
use zdu_model::spec::cluster::ClusterStatus;
use zdu_model::spec::semantics::System;
use zdu_model::ways::statuses::{Cause, Statuses};

use crate::cli::scope::Subject;
use crate::cli::steps::by;

/// A status's colour: those of the drawing.
const fn colour(status: ClusterStatus) -> &'static str {
    match status {
        ClusterStatus::Stable => "#d3f0dc",
        ClusterStatus::ReadyToUpgrade => "#d6e6fb",
        ClusterStatus::Mixed => "#fde7c3",
        ClusterStatus::ReadyToRunUpgradeTasks => "#e4dcf8",
        ClusterStatus::RunningUpgradeTasks => "#d2eff2",
        ClusterStatus::UpgradeTasksFailed => "#fbd9d7",
    }
}

/// `Stop (operator, NODE-3)`: each cause on a line.
fn causes<'a>(causes: impl Iterator<Item = &'a Cause>, line_break: &str) -> String {
    let lines: Vec<String> = causes
        .map(|cause| format!("{} ({}, {})", cause.name, by(cause.kind), cause.rule.id()))
        .collect();
    lines.join(line_break)
}

/// The statuses for Graphviz.
pub(super) fn statuses_dot(statuses: &Statuses) -> String {
    let mut text = String::from(
        "digraph statuses {\n  node [shape=box style=\"rounded,filled\" fontname=\"sans-serif\"]\n  edge \
         [fontname=\"sans-serif\" fontsize=10]\n",
    );
    for (status, states) in &statuses.states {
        let _ = writeln!(
            text,
            "  {status} [label=\"{status}\\n{states} states\" fillcolor=\"{}\"]",
            colour(*status)
        );
    }
    for ((from, to), by) in &statuses.edges {
        let _ = writeln!(text, "  {from} -> {to} [label=\"{}\"]", causes(by.iter(), "\\n"));
    }
    text.push_str("}\n");
    text
}

/// The statuses for Markdown.
pub(super) fn statuses_mermaid(statuses: &Statuses) -> String {
    let mut text = String::from("flowchart LR\n");
    for (status, states) in &statuses.states {
        let _ = writeln!(text, "  {status}[\"{status}<br>{states} states\"]");
    }
    for ((from, to), by) in &statuses.edges {
        let _ = writeln!(text, "  {from} -->|\"{}\"| {to}", causes(by.iter(), "<br>"));
    }
    for status in statuses.states.keys() {
        let _ = writeln!(text, "  style {status} fill:{},stroke:#444,color:#111", colour(*status));
    }
    text
}

/// Every state for Graphviz.
pub(super) fn states_dot(system: &System<Subject>, graph: &Graph) -> String {
    let mut text = String::from(
        "digraph states {\n  node [shape=box style=\"rounded,filled\" fontname=\"sans-serif\" fontsize=10]\n  edge \
         [fontname=\"sans-serif\" fontsize=9]\n",
    );
    for (number, state) in graph.states().iter().enumerate() {
        let status = system.status(state);
        let label = state.to_string().replace(" | ", "\\n");
        let _ = writeln!(
            text,
            "  s{number} [label=\"{status}\\n{label}\" fillcolor=\"{}\"]",
            colour(status)
        );
    }
    for from in 0..graph.states().len() {
        for (transition, to) in graph.edges(from) {
            let rule = transition.rule(&graph.states()[from]);
            let _ = writeln!(text, "  s{from} -> s{to} [label=\"{transition} {rule}\"]");
        }
    }
    text.push_str("}\n");
    text
}

/// Every state for Markdown.
pub(super) fn states_mermaid(system: &System<Subject>, graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    for (number, state) in graph.states().iter().enumerate() {
        let label = state.to_string().replace(" | ", "<br>");
        let _ = writeln!(text, "  s{number}[\"{}<br>{label}\"]", system.status(state));
    }
    for from in 0..graph.states().len() {
        for (transition, to) in graph.edges(from) {
            let rule = transition.rule(&graph.states()[from]);
            let _ = writeln!(text, "  s{from} -->|\"{transition} {rule}\"| s{to}");
        }
    }
    text
}
