//! For which steps is a driver asked in vain, trace after trace, each time as long as a step may take? A command that hangs, or
//! that ends well and does nothing, would cost hours to be told of in every trace.

use std::collections::BTreeMap;

use zdu_model::judge::excuse::Excuse;
use zdu_model::judge::seen::Request;
use zdu_model::spec::node::NodeId;
use zdu_model::traces::trace::{Action, Trace};

use crate::verdict::{Need, Stage, TraceResult, Verdict};

/// In how many traces since it last was done a step of this name was late, or was told and not done: on this node, or on any.
#[derive(Clone, Debug, Default)]
pub(super) struct InVain(BTreeMap<(&'static str, Option<NodeId>), usize>);

impl InVain {
    /// Counts a trace, one of whose steps may have been late. Whatever else was asked for in a trace that was judged was done.
    pub(super) fn count(&mut self, result: &TraceResult, late: Option<Request>) {
        let told = result.excuse.and_then(Excuse::untrue);
        let untrue = told.filter(|_| result.verdict == Verdict::Broken);
        if let Some((request, id)) = late.map(|request| (request, None)).or(untrue) {
            *self.0.entry((request.name(), id)).or_default() += 1;
        } else if result.end.verdict().is_none() && result.excuse.is_none() {
            for step in &result.timeline {
                if let Stage::Step(Action::Request(id, request)) = step.stage {
                    for at in [None, Some(id)] {
                        self.0.remove(&(request.name(), at));
                    }
                }
            }
        }
    }

    /// The first step of a trace that so many traces asked for in vain.
    pub(super) fn needed_by(&self, trace: &Trace, most: usize) -> Option<Need> {
        let actions = trace.steps.iter().filter_map(|step| step.action(trace.scope()).ok());
        let mut requests = actions.filter_map(|action| match action {
            Action::Request(id, request) => Some((id, request)),
            Action::Call(_)
            | Action::Race(..)
            | Action::Look
            | Action::UnknownNode
            | Action::Anonymous
            | Action::Plain => None,
        });
        let often = |key| self.0.get(&key).is_some_and(|times| *times >= most.max(1));
        requests.find_map(|(id, request)| {
            let need = Need::Working(request);
            let here = Need::WorkingOn(id, request);
            (often((request.name(), None)).then_some(need))
                .or_else(|| often((request.name(), Some(id))).then_some(here))
        })
    }
}
