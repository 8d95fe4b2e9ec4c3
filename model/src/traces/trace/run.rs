//! What must be seen after each step? Everything that the model may do, followed step by step (spec, section 8).
//!
//! A step that the model cannot take is refused rather than guessed at: a trace is worth replaying only where every
//! expectation is known.

use std::collections::BTreeSet;

use crate::judge::belief::{Belief, Outcome, Request};
use crate::spec::cluster::Cluster;
use crate::spec::node::{NodeId, Phase};
use crate::spec::semantics::Scope;
use crate::spec::transition::Call;

use super::{Action, Seen, Step, Trace, TraceError};

impl Trace {
    /// Runs the trace in the model: the same steps with everything that must be seen filled in. A step whose `then` is
    /// empty stays so, and the next one follows without waiting.
    ///
    /// # Errors
    /// [`TraceError`] when the model cannot follow.
    pub fn run(&self) -> Result<Vec<Step>, TraceError> {
        for (field, number, least) in [("nodes", self.nodes, 1), ("versions", self.versions, 2)] {
            if !(least..=16).contains(&number) {
                return Err(TraceError::Head(format!(
                    "`{field}` is {number}; write a number from {least} to 16"
                )));
            }
        }
        let scope = self.scope();
        let mut run = Run::new(scope);
        let mut steps = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            let taken = step
                .action(scope)
                .and_then(|action| run.take(action, !step.then.is_empty()))
                .map_err(|reason| TraceError::at(index, step, reason))?;
            steps.push(taken);
        }
        Ok(steps)
    }
}

impl Trace {
    /// The first node on which the trace installs a version below the one that its cluster comes from (section 7, "Versions
    /// below the original").
    #[must_use]
    pub fn downgrades(&self) -> Option<NodeId> {
        let scope = self.scope();
        let mut run = Run::new(scope);
        self.steps.iter().find_map(|step| {
            let action = step.action(scope).ok()?;
            let below = match action {
                Action::Request(id, Request::Install(version)) => {
                    run.states().iter().any(|cluster| cluster.is_below(version)).then_some(id)
                }
                Action::Request(..)
                | Action::Call(_)
                | Action::Race(..)
                | Action::Look
                | Action::UnknownNode
                | Action::Anonymous
                | Action::Plain => None,
            };
            // What the model cannot follow is refused elsewhere.
            let _ = run.take(action, !step.then.is_empty());
            below
        })
    }

    /// Whether an `approve` may succeed in it: after that nothing leads back below the version that was approved.
    #[must_use]
    pub fn approves(&self) -> bool {
        let scope = self.scope();
        self.steps.iter().any(|step| {
            step.answer != [409]
                && matches!(
                    step.action(scope),
                    Ok(Action::Call(Call::Approve) | Action::Race(Call::Approve, _))
                )
        })
    }
}

/// The model following a trace: everything that may be the case after each step.
#[derive(Clone, Debug)]
pub struct Run {
    belief: Belief,
}

impl Run {
    /// A run that starts in the initial state.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self { belief: Belief::certain(scope, scope.initial()) }
    }

    /// Everything that may be the case now.
    #[must_use]
    pub fn states(&self) -> BTreeSet<&Cluster> {
        self.belief.states()
    }

    /// Takes one step, and says what must be seen. With `settle` the cluster settles before the next step.
    ///
    /// # Errors
    /// Why the model cannot take the step.
    pub fn take(&mut self, action: Action, settle: bool) -> Result<Step, String> {
        let mut step = action.step();
        match action {
            // Nobody is there to answer, nor to do anything (section 7).
            Action::Call(call) if !self.belief.may_serve() => {
                let _ = self.belief.answered(call, Outcome::Unknown);
            }
            Action::Call(call) | Action::Race(call, _) => {
                self.answered()?;
                let outcomes = self.belief.outcomes(call);
                if matches!(action, Action::Race(..)) && outcomes.len() != 1 {
                    return Err("a race needs a settled cluster before it".to_owned());
                }
                step.answer = self.call(call, outcomes)?;
            }
            Action::Request(id, request) => {
                if !self.belief.can_take(id, request) && !refusable(&self.belief, id, request) {
                    return Err(self.cannot(id, request));
                }
                self.belief.request(id, request);
            }
            Action::Look => {}
            Action::UnknownNode => {
                self.answered()?;
                step.answer.push(404);
            }
            Action::Anonymous => {
                self.answered()?;
                step.answer.push(401);
            }
            Action::Plain => {
                self.answered()?;
                step.answer.push(403);
            }
        }
        self.belief.close();
        if settle {
            self.belief.settle();
            let seen: BTreeSet<Seen> = self.belief.states().into_iter().map(Seen::of).collect();
            step.then = seen.into_iter().collect();
        }
        Ok(step)
    }

    /// An error unless somebody must answer.
    fn answered(&self) -> Result<(), String> {
        if self.belief.must_serve() {
            Ok(())
        } else {
            Err("nobody answers: no node is ACTIVE; boot one first".to_owned())
        }
    }

    /// Sends a call, and says which answers it may have.
    fn call(&mut self, call: Call, outcomes: BTreeSet<Outcome>) -> Result<Vec<u16>, String> {
        let mut answers = Vec::new();
        let mut after: Option<Belief> = None;
        for outcome in outcomes {
            let mut branch = self.belief.clone();
            let _ = branch.answered(call, outcome);
            answers.push(if outcome == Outcome::Success { 200 } else { 409 });
            match &mut after {
                None => after = Some(branch),
                Some(after) => after.join(branch),
            }
        }
        self.belief = after.ok_or_else(|| "the call has no answer here".to_owned())?;
        Ok(answers)
    }

    fn cannot(&self, id: NodeId, request: Request) -> String {
        let phases: BTreeSet<String> =
            self.belief.states().iter().map(|cluster| cluster.node(id).to_string()).collect();
        let phases: Vec<String> = phases.into_iter().collect();
        format!("{id} is {}, where `{request}` is not possible", phases.join(" or "))
    }
}

/// The two requests that may be asked for and come to nothing, so that a refusal can be seen: repairing a node that may
/// not join (MODE-8), and installing on a node that is not down (NODE-10).
fn refusable(belief: &Belief, id: NodeId, request: Request) -> bool {
    let some = |holds: fn(Phase) -> bool| {
        belief.states().iter().any(|cluster| holds(cluster.node(id).phase))
    };
    match request {
        Request::Repair => some(|phase| phase == Phase::Error),
        Request::Install(_) => some(Phase::serves),
        Request::Stop | Request::Kill | Request::Boot | Request::Break | Request::FailTasks => {
            false
        }
    }
}
