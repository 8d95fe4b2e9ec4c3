//! How does a run of the model become a trace? What a driver can do becomes its steps; what the cluster does by itself it can
//! only wait for.

use std::collections::BTreeSet;

use crate::check::path::Path;
use crate::judge::belief::Request;
use crate::spec::cluster::Cluster;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Scope, Semantics as _, Spec};
use crate::spec::transition::{Kind, Transition};

use super::{Action, Run, SCHEMA, Step, Trace, TraceError};

/// A trace made from a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The trace.
    pub trace: Trace,
    /// Whether it ends where the run ends, or may: a driver cannot order what the cluster does by itself, and a run of a
    /// mutant may end where the spec never is.
    pub reaches: bool,
}

impl Trace {
    /// The trace that does what a run from the initial state does. A step waits until the cluster has settled if the run
    /// does, too; where something is left open that the cluster may do by itself, and a later step cannot be taken whatever it
    /// does, the step before waits for it. The last step waits in any case, so that something is looked at.
    ///
    /// # Errors
    /// [`TraceError`] for the first step that the spec cannot follow.
    pub fn walked(scope: Scope, name: &str, why: &str, path: &Path) -> Result<Walked, TraceError> {
        if path.start != scope.initial() {
            return Err(TraceError::Head("the run does not begin in the initial state".to_owned()));
        }
        let moves: Vec<_> = path.moves().collect();
        let mut actions: Vec<(Action, bool)> = Vec::new();
        for (at, (_, transition, after)) in moves.iter().enumerate() {
            let Some(action) = action(*transition) else { continue };
            // Where the run is when the next thing is done.
            let alone = moves[at + 1..].iter().take_while(|(_, it, _)| action_free(*it)).last();
            let there = alone.map_or(*after, |(.., after)| *after);
            actions.push((action, settled(scope, there)));
        }
        let (steps, reaches) = loop {
            let (taken, reason) = match follow(scope, &actions, path.end()) {
                Ok(followed) => break followed,
                Err(stuck) => stuck,
            };
            // The nearest that helps, since whoever waits for a node that is meddled with on its way waits too long; else the nearest.
            let open = |at: &usize| !actions[*at].1;
            let helps = |at: &usize| {
                let mut more = actions.clone();
                more[*at].1 = true;
                open(at) && follow(scope, &more, path.end()).err().is_none_or(|(it, _)| it > taken)
            };
            let before = || (0..taken).rev();
            let Some(at) = before().find(helps).or_else(|| before().find(open)) else {
                let what = actions[taken].0.to_string();
                return Err(TraceError::Step { number: taken + 1, what, reason });
            };
            actions[at].1 = true;
        };
        let rules: BTreeSet<Rule> =
            moves.iter().map(|(before, transition, _)| transition.rule(before)).collect();
        let number = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        let trace = Self {
            schema: SCHEMA.to_owned(),
            name: name.to_owned(),
            why: why.to_owned(),
            profile: scope.profile,
            nodes: number(scope.nodes),
            versions: scope.versions,
            rules: rules.into_iter().collect(),
            steps,
        };
        Ok(Walked { trace, reaches })
    }

    /// The same steps with what must be seen after each, every one of them waiting until the cluster has settled.
    ///
    /// # Errors
    /// [`TraceError`] for the first step that the model cannot follow.
    pub fn completed(&self) -> Result<Self, TraceError> {
        let mut run = Run::new(self.scope());
        let steps = self.steps.iter().enumerate().map(|(index, step)| {
            let taken = step.action(self.scope()).and_then(|action| run.take(action, true));
            taken.map_err(|reason| TraceError::at(index, step, reason))
        });
        Ok(Self { steps: steps.collect::<Result<_, _>>()?, ..self.clone() })
    }
}

/// The steps of these actions, some of which wait, and whether the run's end may be where they end, or come to it in the end; or how
/// many can be taken, and why no more.
fn follow(
    scope: Scope,
    actions: &[(Action, bool)],
    end: &Cluster,
) -> Result<(Vec<Step>, bool), (usize, String)> {
    let mut run = Run::new(scope);
    let mut steps = Vec::with_capacity(actions.len());
    let mut reaches = run.states().contains(end);
    for (taken, (action, waits)) in actions.iter().enumerate() {
        let last = taken + 1 == actions.len();
        if last {
            let mut at_once = run.clone();
            reaches = at_once.take(*action, false).is_ok() && at_once.states().contains(end);
        }
        steps.push(run.take(*action, *waits || last).map_err(|reason| (taken, reason))?);
    }
    Ok((steps, reaches || run.states().contains(end)))
}

/// What a driver does for a transition; none for what the cluster does by itself.
const fn action(transition: Transition) -> Option<Action> {
    if let Some(call) = transition.call() {
        return Some(Action::Call(call));
    }
    let (Some(id), Some(request)) = (transition.node(), request(transition)) else { return None };
    Some(Action::Request(id, request))
}

const fn action_free(transition: Transition) -> bool {
    matches!(transition.kind(), Kind::Spontaneous)
}

const fn request(transition: Transition) -> Option<Request> {
    match transition {
        Transition::Stop(_) => Some(Request::Stop),
        Transition::Kill(_) => Some(Request::Kill),
        Transition::Install(_, version) => Some(Request::Install(version)),
        Transition::Boot(_) => Some(Request::Boot),
        Transition::Break(_) => Some(Request::Break),
        Transition::Repair(_) => Some(Request::Repair),
        Transition::FinalizeFail(_) => Some(Request::FailTasks),
        Transition::Start
        | Transition::Cancel
        | Transition::Approve
        | Transition::ApproveWithTasks
        | Transition::Retry
        | Transition::Join(_)
        | Transition::Ready(_)
        | Transition::Reject(_)
        | Transition::Leave(_)
        | Transition::Halt(_)
        | Transition::Forget(_)
        | Transition::FinalizeOk(_) => None,
    }
}

/// Whether nothing more happens by itself.
fn settled(scope: Scope, cluster: &Cluster) -> bool {
    let mut alone = scope.node_ids().flat_map(Transition::spontaneous);
    !alone.any(|transition| Spec.enabled(cluster, transition))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::node::{NodeId, Phase};
    use crate::spec::semantics::System;

    fn path(scope: Scope, transitions: &[Transition]) -> Path {
        let system = System::spec(scope);
        transitions.iter().fold(Path::from(scope.initial()), |mut path, transition| {
            assert!(system.semantics.enabled(path.end(), *transition), "{transition}");
            let after = system.semantics.apply(path.end(), *transition);
            path.steps.push((*transition, after));
            path
        })
    }

    /// Proves that a run becomes a trace which the model follows to where the run ends, waiting where the run waits.
    #[test]
    fn a_run_becomes_a_trace_that_the_model_follows() {
        let scope = Scope::documented(2, 2);
        let id = NodeId::new(1);
        let transitions = [
            Transition::Start,
            Transition::Stop(id),
            Transition::Leave(id),
            Transition::Halt(id),
            Transition::Boot(id),
            Transition::Break(NodeId::new(2)),
        ];
        let path = path(scope, &transitions);
        let Walked { trace, reaches } =
            Trace::walked(scope, "mine", "why not", &path).expect("it can be followed");
        let waits: Vec<(&str, bool)> =
            trace.steps.iter().map(|step| (step.name(), !step.then.is_empty())).collect();
        assert_eq!(waits, [("start", true), ("stop", true), ("boot", false), ("break", true)]);
        assert!(reaches);
        assert_eq!(Trace::parse(&trace.to_json()), Ok(trace.clone()));
        // The negative case: where the spec never is, no trace ends.
        let mut astray = path;
        if let Some((_, end)) = astray.steps.last_mut() {
            end.nodes[0].phase = Phase::Absent;
        }
        assert!(!Trace::walked(scope, "mine", "why not", &astray).expect("it is followed").reaches);
    }

    /// Proves that a run which leaves open what the cluster does by itself becomes a trace, too: with a node that is still listed OFFLINE
    /// while another is killed and comes back, `start` can be sent once it waits for that.
    #[test]
    fn a_run_that_leaves_something_open_waits_where_it_must() {
        let scope = Scope::documented(2, 2);
        let [one, two] = [NodeId::new(1), NodeId::new(2)];
        let transitions = [
            Transition::Kill(two),
            Transition::Kill(one),
            Transition::Boot(one),
            Transition::Join(one),
            Transition::Ready(one),
            Transition::Start,
        ];
        let Walked { trace, .. } =
            Trace::walked(scope, "mine", "", &path(scope, &transitions)).expect("it is followed");
        let waits: Vec<bool> = trace.steps.iter().map(|step| !step.then.is_empty()).collect();
        assert_eq!(waits, [false, false, true, true]);
        assert_eq!(trace.steps[3].answer, [200]);
        assert_eq!(trace.steps[3].then[0].nodes[0], "ACTIVE v0");
        // What no waiting makes possible is told with its step.
        let mut wrong = path(scope, &transitions[..2]);
        wrong.steps.push((Transition::Start, wrong.end().clone()));
        let error = Trace::walked(scope, "mine", "", &wrong);
        assert!(error.is_ok_and(|walked| walked.trace.steps[2].answer.is_empty()));
        wrong.steps.push((Transition::Stop(two), wrong.end().clone()));
        let error = Trace::walked(scope, "mine", "", &wrong);
        assert!(matches!(error, Err(TraceError::Step { number: 4, .. })), "{error:?}");
    }

    /// Proves that what must be seen is filled in, and that a step which cannot be taken is named.
    #[test]
    fn a_trace_by_hand_is_completed() {
        let given = r#"{"schema": "zdu-trace/1", "name": "mine", "why": "", "nodes": 2, "versions": 2, "rules": [],
            "steps": [{"do": "start"}, {"do": "stop", "node": 1}, {"do": "approve"}]}"#;
        let trace: Trace = serde_json::from_str(given).expect("a trace");
        let done = trace.completed().expect("it can be followed");
        assert_eq!(done.steps[0].answer, [200]);
        assert_eq!(done.steps[2].answer, [409]);
        assert_eq!(done.steps[1].then[0].nodes, ["OFFLINE v0", "ACTIVE v0"]);
        assert_eq!(Trace::parse(&done.to_json()), Ok(done));
        let wrong: Trace =
            serde_json::from_str(&given.replace("\"stop\"", "\"boot\"")).expect("a trace");
        assert!(matches!(wrong.completed(), Err(TraceError::Step { number: 2, .. })));
    }
}
