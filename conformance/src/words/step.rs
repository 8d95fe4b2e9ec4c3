//! What was done, or is to be done, in the target's words.

use std::fmt::Write as _;

use zdu_model::judge::seen::Request;
use zdu_model::spec::node::NodeId;
use zdu_model::traces::trace::Action;

use super::{Words, counted};
use crate::verdict::{Found, SetUp, Stage, TraceResult};

impl Words<'_> {
    /// A step on a node: `install 9.2.4 on n3`.
    #[must_use]
    pub fn request(self, id: NodeId, request: Request) -> String {
        let node = self.node(id);
        match request {
            Request::Install(version) => {
                format!("install {} on {node}", self.names.version(version))
            }
            Request::FailTasks => format!("make upgrade tasks fail on {node}"),
            Request::Stop | Request::Kill | Request::Boot | Request::Break | Request::Repair => {
                format!("{request} {node}")
            }
        }
    }

    /// A step of a trace.
    #[must_use]
    pub fn action(self, action: Action) -> String {
        match action {
            Action::Request(id, request) => self.request(id, request),
            Action::Call(_)
            | Action::Race(..)
            | Action::Look
            | Action::UnknownNode
            | Action::Anonymous
            | Action::Plain => action.to_string(),
        }
    }

    /// A part of a run.
    #[must_use]
    pub fn stage(self, stage: Stage) -> String {
        match stage {
            Stage::Home => "bring the cluster to where traces start".to_owned(),
            Stage::Start => "at the start".to_owned(),
            Stage::Step(action) => self.action(action),
            Stage::Watch => "watch".to_owned(),
        }
    }

    /// A trace's verdict, what was found in it and how to see it again, in a few lines.
    #[must_use]
    pub fn story(self, trace: &TraceResult) -> String {
        let mut text = format!("{}: {}", trace.name, trace.verdict);
        for found in trace.findings.iter().filter(|found| found.waived.is_none()) {
            let finding = &found.finding;
            let _ = write!(
                text,
                "\n{} ({}) at {}, {}\n  allowed: {}\n  seen:    {}",
                finding.rule,
                finding.rule.text(),
                self.place_in(trace, found),
                self.place(finding.place),
                self.allowed(finding).join("\n           "),
                self.sight(&finding.seen)
            );
        }
        if let Some(reason) = self.end(trace) {
            let _ = write!(text, "\n{reason}");
        }
        let _ = write!(text, "\nagain: {}", trace.replay);
        text
    }

    /// Where in its trace something was found: `step 3 of 5, break n1`.
    #[must_use]
    pub fn place_in(self, trace: &TraceResult, found: &Found) -> String {
        let number = found.finding.step;
        let record = trace.timeline.iter().find(|step| step.number == number);
        let stage = record.map(|record| record.stage);
        let after = found.at_ms.filter(|_| stage == Some(Stage::Watch));
        let mut words = stage.map_or_else(String::new, |stage| self.stage(stage));
        if let Some(at_ms) = after {
            words = format!("{words}, after {}", super::millis(at_ms));
        }
        if number == 0 || number > trace.steps_all {
            return words;
        }
        let of = format!("step {number} of {}", trace.steps_all);
        if words.is_empty() { of } else { format!("{of}, {words}") }
    }
}

/// What was done to bring a cluster to where traces start, each with how often; empty when nothing was.
#[must_use]
pub fn set_up(done: &SetUp) -> String {
    let parts = [
        (done.resets, "reset"),
        (done.starts, "start"),
        (done.cancels, "cancel"),
        (done.approves, "approve"),
        (done.retries, "retry"),
        (done.stops, "stop"),
        (done.kills, "kill"),
        (done.installs, "install"),
        (done.boots, "boot"),
        (done.repairs, "repair"),
    ];
    let parts: Vec<String> = (parts.into_iter())
        .filter(|(times, _)| *times > 0)
        .map(|(times, what)| counted(usize::try_from(times).unwrap_or(usize::MAX), what))
        .collect();
    parts.join(", ")
}
