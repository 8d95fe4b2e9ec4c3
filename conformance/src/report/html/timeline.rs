//! When was what seen on which node? Time runs down, each node has a lane, each change of the overview a row.

use maud::{Markup, html};
use zdu_model::judge::finding::Sight;
use zdu_model::judge::seen::{Observation, Overview, SeenNode, SeenVersion};
use zdu_model::spec::cluster::ClusterStatus;
use zdu_model::spec::node::{NodeId, NodeStatus, Version};

use super::super::bugs::{Bug, decides};
use super::super::tone::mark;
use super::bugs::wire;
use crate::verdict::{Environment, Found, Report, Sighting, StepRecord, TraceResult};
use crate::words::{Words, counted, millis};

/// A trace's timeline as it is drawn.
struct Sheet<'a> {
    words: Words<'a>,
    environment: &'a Environment,
    bugs: &'a [Bug],
    trace: &'a TraceResult,
    /// How many columns there are.
    width: usize,
}

pub(super) fn timeline(report: &Report, bugs: &[Bug], trace: &TraceResult) -> Markup {
    let lanes = trace
        .timeline
        .iter()
        .flat_map(|step| &step.sightings)
        .filter_map(|sighting| sighting.seen.as_ref())
        .map(|seen| seen.nodes.len())
        .max()
        .unwrap_or(0);
    let names = report.names_in(trace);
    let words = Words::new(&names);
    let environment = &report.environment;
    let sheet = Sheet { words, environment, bugs, trace, width: lanes + 3 };
    let mut before: Option<&Overview> = None;
    let steps: Vec<Markup> =
        trace.timeline.iter().map(|step| sheet.body(step, &mut before)).collect();
    html! {
        div .scroll {
            table .timeline {
                thead {
                    tr {
                        th scope="col" .at { "ms" }
                        th scope="col" { "cluster" }
                        th scope="col" { "mode" }
                        @for lane in 0..lanes {
                            th scope="col" .lane { (sheet.words.node(NodeId::at(lane))) }
                        }
                    }
                }
                @for step in &steps { (step) }
            }
        }
    }
}

impl<'a> Sheet<'a> {
    /// A step: its heading, what was seen, and the findings where they were made.
    fn body(&self, step: &'a StepRecord, before: &mut Option<&'a Overview>) -> Markup {
        let of_step = |found: &&Found| found.finding.step == step.number;
        let mut left: Vec<&Found> = self.trace.findings.iter().filter(of_step).collect();
        let mut rows = Vec::new();
        for sighting in &step.sightings {
            let (here, later): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|found| is_seen_in(found, sighting));
            left = later;
            rows.push(self.row(sighting, *before, !here.is_empty()));
            rows.extend(here.iter().map(|found| self.moment(found)));
            *before = sighting.seen.as_ref();
        }
        // What was seen elsewhere than in the overview has no row of its own: it came up by the end of the step.
        rows.extend(left.iter().map(|found| self.moment(found)));
        html! {
            tbody {
                tr .step {
                    th colspan=(self.width) scope="rowgroup" {
                        div {
                            span .no { (step.number) }
                            span .deed { (self.words.stage(step.stage)) }
                            @for code in &step.answers { span .code { (code) } }
                            @if let Some(took) = step.settled_ms {
                                span .faint { "settled in " (millis(took)) }
                            }
                        }
                    }
                }
                @for row in &rows { (row) }
                @if !step.exchanges.is_empty() {
                    tr .wires {
                        td colspan=(self.width) {
                            details {
                                summary { (counted(step.exchanges.len(), "exchange")) }
                                @for exchange in &step.exchanges { (wire(exchange, self.environment)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn row(&self, sighting: &Sighting, before: Option<&Overview>, hit: bool) -> Markup {
        let Some(seen) = &sighting.seen else {
            return html! {
                tr .silent {
                    td .at { (sighting.at_ms) }
                    td colspan=(self.width - 1) { "○ nobody answers" }
                }
            };
        };
        let alike = before.is_some_and(|old| old.status == seen.status);
        let mode = self.words.mode_of(seen);
        let same_mode = before.is_some_and(|old| self.words.mode_of(old) == mode);
        html! {
            tr .hit[hit] {
                td .at { (sighting.at_ms) }
                td class={ "status " (cluster_class(seen.status)) (same(alike)) } { (seen.status) }
                td .mode .same[same_mode] { (mode) }
                @for (lane, node) in seen.nodes.iter().enumerate() {
                    (self.cell(*node, before.and_then(|old| old.nodes.get(lane)).copied()))
                }
            }
        }
    }

    fn cell(&self, node: Option<SeenNode>, before: Option<Option<SeenNode>>) -> Markup {
        let (class, sign) = node_class(node);
        html! {
            td class={ "lane n-" (class) (same(before == Some(node))) } {
                span .sign aria-hidden="true" { (sign) }
                @match node {
                    None => "not listed",
                    Some(node) => {
                        (node.status.map_or("silent", NodeStatus::word)) " "
                        span .version .later[later(node.version)] { (self.words.version_or_nothing(node.version)) }
                    }
                }
            }
        }
    }

    /// The moment at which something was seen that nothing explains.
    fn moment(&self, found: &Found) -> Markup {
        let (verdict, finding) = (found.verdict(), &found.finding);
        let decided = decides(finding);
        let card = (self.bugs.iter())
            .position(|bug| bug.rule == finding.rule && bug.decides == decided)
            .unwrap_or(0);
        html! {
            tr class={ "moment v-" (verdict) } {
                td colspan=(self.width) {
                    a href={ "#b-" (card) } {
                        span .mark aria-hidden="true" { (mark(verdict)) }
                        " " (finding.rule) " " (verdict)
                    }
                    " in " span .mono { (self.words.place(finding.place)) } ": "
                    (self.words.brief(finding))
                }
            }
        }
    }
}

/// Whether a finding was made in this very answer.
fn is_seen_in(found: &Found, sighting: &Sighting) -> bool {
    matches!(&found.finding.seen, Sight::Answer(Observation::Overview(seen)) if Some(seen) == sighting.seen.as_ref())
}

fn later(version: SeenVersion) -> bool {
    matches!(version, SeenVersion::Known(version) if version != Version::ORIGINAL)
}

/// The class of what has not changed since the row above.
const fn same(is: bool) -> &'static str {
    if is { " same" } else { "" }
}

/// A node's class and sign, by its status.
fn node_class(node: Option<SeenNode>) -> (&'static str, &'static str) {
    let Some(node) = node else { return ("absent", "·") };
    match node.status {
        Some(NodeStatus::Active) => ("active", "●"),
        Some(NodeStatus::Starting) => ("starting", "◔"),
        Some(NodeStatus::Terminating) => ("terminating", "◕"),
        Some(NodeStatus::Offline) => ("offline", "○"),
        Some(NodeStatus::Error | NodeStatus::UpgradeTasksFailed) => ("error", "✖"),
        Some(NodeStatus::RunningFinalizeUpgradeTasks) => ("tasks", "◍"),
        Some(NodeStatus::Draining) | None => ("other", "?"),
    }
}

const fn cluster_class(status: ClusterStatus) -> &'static str {
    match status {
        ClusterStatus::Stable => "c-stable",
        ClusterStatus::ReadyToUpgrade => "c-ready",
        ClusterStatus::Mixed => "c-mixed",
        ClusterStatus::ReadyToRunUpgradeTasks | ClusterStatus::RunningUpgradeTasks => "c-tasks",
        ClusterStatus::UpgradeTasksFailed => "c-failed",
    }
}
