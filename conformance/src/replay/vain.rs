//! For which steps is a driver asked in vain, trace after trace, each time as long as a step may take? A command that hangs, or
//! that ends well and does nothing, would cost hours to be told of in every trace.

use std::collections::BTreeMap;

use zdu_model::judge::excuse::Excuse;
use zdu_model::judge::seen::Request;
use zdu_model::traces::trace::{Action, Trace};

use crate::verdict::{Stage, TraceResult, Verdict};

/// In how many traces since it last was done a step of this name was late, or was told and not done.
#[derive(Clone, Debug, Default)]
pub(super) struct InVain(BTreeMap<&'static str, usize>);

impl InVain {
    /// Counts a trace, one of whose steps may have been late. Whatever else was asked for in a trace that was judged was done.
    pub(super) fn count(&mut self, result: &TraceResult, late: Option<Request>) {
        let untrue = untrue(result).filter(|_| result.verdict == Verdict::Broken);
        if let Some(request) = late.or(untrue) {
            *self.0.entry(request.name()).or_default() += 1;
        } else if result.end.verdict().is_none() && result.excuse.is_none() {
            for step in &result.timeline {
                if let Stage::Step(Action::Request(_, request)) = step.stage {
                    self.0.remove(request.name());
                }
            }
        }
    }

    /// The first step of a trace that so many traces asked for in vain.
    pub(super) fn needed_by(&self, trace: &Trace, most: usize) -> Option<Request> {
        let actions = trace.steps.iter().filter_map(|step| step.action(trace.scope()).ok());
        let mut requests = actions.filter_map(|action| match action {
            Action::Request(_, request) => Some(request),
            Action::Call(_)
            | Action::Race(..)
            | Action::Look
            | Action::UnknownNode
            | Action::Anonymous
            | Action::Plain => None,
        });
        requests
            .find(|request| self.0.get(request.name()).is_some_and(|times| *times >= most.max(1)))
    }
}

/// The step that was told and not done, if that explains everything.
fn untrue(result: &TraceResult) -> Option<Request> {
    match result.excuse? {
        Excuse::Idle(request) | Excuse::Instead(request, _) => Some(request),
        Excuse::Asked(..) | Excuse::Called(_) => None,
    }
}
