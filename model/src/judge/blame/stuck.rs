//! Which rule does a cluster break that does not settle in time? That of what it still waits for.

use super::{Context, Since};
use crate::judge::belief::{Belief, Hypothesis, Request};
use crate::spec::node::Phase;
use crate::spec::rule::Rule;
use crate::spec::transition::{Kind, Transition};

/// The rule to name when the cluster does not settle in time: what it still waits for.
#[must_use]
pub fn stuck(belief: &Belief, context: &Context) -> Rule {
    let asked = match context.since {
        Since::Asked(id, request, from) => Some((id, request, from)),
        Since::Called(..) | Since::Reads | Since::Attempted => None,
    };
    let Some(hypothesis) = belief.hypotheses().find(|hypothesis| !belief.quiescent(hypothesis))
    else {
        return Rule::Api11;
    };
    let waits = belief.hypotheses().all(|hypothesis| belief.waits(hypothesis));
    if let (true, Some((id, request, from))) = (waits, asked) {
        return request.transition(id).rule_in(Some(from));
    }
    let stuck = belief.scope().transitions().into_iter().find(|transition| {
        transition.kind() == Kind::Spontaneous && transition.enabled(&hypothesis.cluster)
    });
    match (stuck, asked) {
        (
            Some(Transition::Leave(of) | Transition::Halt(of)),
            Some((id, Request::Stop, Phase::Error)),
        ) if of == id => Rule::Node7,
        (Some(transition), _) => transition.rule(&hypothesis.cluster),
        (None, Some((id, request, from))) => request.transition(id).rule_in(Some(from)),
        (None, None) => unseen(belief, hypothesis),
    }
}

/// The rule of a step that was asked for before the last call and has not shown yet.
fn unseen(belief: &Belief, hypothesis: &Hypothesis) -> Rule {
    if let Some((id, request)) = belief.waiting(hypothesis).next() {
        return request.transition(id).rule(&hypothesis.cluster);
    }
    let mut nodes = belief.scope().node_ids();
    let behind = nodes.find(|id| hypothesis.may_lag(*id));
    match behind.map(|id| hypothesis.cluster.node(id).phase) {
        Some(Phase::StartingOut | Phase::StartingIn) => Rule::Node2,
        Some(Phase::TerminatingIn | Phase::TerminatingOut) => Rule::Node3,
        Some(Phase::Offline) => Rule::Node4,
        Some(Phase::Absent) => Rule::Node5,
        Some(Phase::Error) => Rule::Node6,
        Some(Phase::Active | Phase::Finalizing | Phase::FinalizeFailed) => Rule::Node1,
        None => Rule::Api11,
    }
}
