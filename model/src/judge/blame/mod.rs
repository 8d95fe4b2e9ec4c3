//! Which rule does an inexplicable answer break? One rule, and the right one (section 4, with the readings of section 7).
//!
//! The belief says that nothing explains an answer; here the answer is compared with the hypotheses part by part. The
//! views are held against each other first (API-11), then upgrade mode, nodes and status against the nearest
//! hypotheses; what was done last decides between rules that speak of the same part. A cluster that does not settle is
//! blamed on what it still waits for.

mod call;
mod node;
mod overview;
mod stuck;

use crate::judge::belief::{Belief, Observation, Outcome, Overview, Request, SeenNode};
use crate::spec::cluster::ClusterStatus;
use crate::spec::node::{NodeId, Phase};
use crate::spec::rule::Rule;
use crate::spec::transition::Call;

pub(super) use call::{accepted_where_refused, changed_nothing, wrong_code};
pub use call::{gives, must_succeed, outcome, refused_by};
pub use overview::status_rule;
pub use stuck::stuck;

/// What was done since the cluster was last seen settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Nothing but reads.
    Reads,
    /// A call, and what came back.
    Called(Call, Outcome),
    /// Something that must come to nothing (API-7, API-10).
    Attempted,
    /// A step on a node, and the phase that the node was in when it was asked for.
    Asked(NodeId, Request, Phase),
}

/// What was known when the answer came.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// What was done last.
    pub since: Since,
    /// Whether an answer since then has been explained already: then what was done last is not what changed it.
    pub explained_since: bool,
    /// Whether the last call that succeeded was `approve`.
    pub after_approve: bool,
    /// Whether a node was seen at its tasks since the last `approve` or `retryUpgrade` that succeeded.
    pub tasks_seen: bool,
}

/// Every view, read again after an answer that nothing explains.
#[derive(Clone, Debug, Default)]
pub struct Views {
    /// The overview, if it could be read.
    pub overview: Option<Overview>,
    /// The answer of the status call, if it could be read.
    pub state: Option<(ClusterStatus, NodeId, SeenNode)>,
    /// The answer of each node call by number; the outer `None` is one that could not be read, the inner is 404.
    pub nodes: Vec<Option<Option<SeenNode>>>,
}

/// The rule that an answer breaks which nothing in `belief` explains.
#[must_use]
pub fn unexplained(belief: &Belief, context: &Context, seen: &Observation, again: &Views) -> Rule {
    if belief.explains_but_for_service(seen) {
        // `state` names the node that answers, and there is none.
        return Rule::Api3;
    }
    if context.since == Since::Attempted && !context.explained_since {
        return Rule::Api10;
    }
    match seen {
        Observation::Overview(view) => {
            odd_overview(belief, again).unwrap_or_else(|| overview::rule(belief, context, view))
        }
        Observation::State(status, id, node) => {
            state_rule(belief, context, (*status, *id, *node), again)
        }
        Observation::Node(id, node) => node_view_rule(belief, context, *id, *node, again),
    }
}

/// The rule when only the overview is wrong: status call and node calls are explained, and contradict it.
#[must_use]
pub fn odd_overview(belief: &Belief, again: &Views) -> Option<Rule> {
    let view = again.overview.as_ref()?;
    if explained(belief, view) {
        // It was wrong for a moment only, and the others were not asked in that moment.
        return None;
    }
    let state = again.state.map(|(status, id, node)| Observation::State(status, id, node))?;
    let nodes: Option<Vec<Observation>> = again
        .nodes
        .iter()
        .enumerate()
        .map(|(index, node)| node.map(|node| Observation::Node(NodeId::at(index), node)))
        .collect();
    let others: Vec<Observation> = nodes?.into_iter().chain([state]).collect();
    let right = belief
        .hypotheses()
        .any(|hypothesis| others.iter().all(|seen| belief.explains(hypothesis, seen)));
    if !right {
        return None;
    }
    let mut rule = None;
    for (listed, own) in view.nodes.iter().zip(&again.nodes) {
        match (listed, own.as_ref()?) {
            (None, Some(_)) | (Some(_), None) => return Some(Rule::Api1),
            (Some(listed), Some(own)) if !listed.agrees(*own) => rule = Some(Rule::Api11),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    if again.state.is_some_and(|(status, ..)| status != view.status) {
        rule = Some(Rule::Api11);
    }
    rule
}

fn state_rule(
    belief: &Belief,
    context: &Context,
    seen: (ClusterStatus, NodeId, SeenNode),
    again: &Views,
) -> Rule {
    let (status, id, node) = seen;
    let status_known = belief.hypotheses().any(|hypothesis| hypothesis.cluster.status() == status);
    let Some(view) = &again.overview else {
        return if status_known { Rule::Api3 } else { wrong_status(belief, context, status) };
    };
    let listed = view.nodes.get(id.index()).copied().flatten();
    let own = again.nodes.get(id.index()).copied().flatten().flatten();
    if listed.is_none() && own.is_some_and(|own| own.agrees(node)) {
        // The node answers, and by its own view it is there: the overview leaves it out.
        return Rule::Api1;
    }
    let agrees = listed.is_some_and(|listed| listed.agrees(node));
    if explained(belief, view) {
        let serves =
            belief.hypotheses().any(|hypothesis| hypothesis.cluster.node(id).phase.serves());
        let agrees_now = again.state.is_some_and(|(now, ..)| now == view.status);
        return if view.status == status && status_known && (agrees || !serves) {
            Rule::Api3
        } else if !status_known && agrees_now {
            // It was so for a moment, in which the overview was not asked.
            wrong_status(belief, context, status)
        } else {
            Rule::Api11
        };
    }
    if status_known {
        return overview::rule(belief, context, view);
    }
    let told = Overview { status, ..view.clone() };
    overview::rule(belief, context, &told)
}

/// The rule for a status that no hypothesis has.
fn wrong_status(belief: &Belief, context: &Context, status: ClusterStatus) -> Rule {
    overview::nearest(belief, |_| true)
        .map_or(Rule::Api3, |hypothesis| status_rule(context, &hypothesis.cluster, status))
}

fn node_view_rule(
    belief: &Belief,
    context: &Context,
    id: NodeId,
    seen: Option<SeenNode>,
    again: &Views,
) -> Rule {
    let Some(view) = &again.overview else {
        return node::rule(belief, context, id, seen, None);
    };
    if !explained(belief, view) {
        // The overview tells of it too by now: it is the cluster that is wrong, not one of its views.
        return overview::rule(belief, context, view);
    }
    match (view.nodes.get(id.index()).copied().flatten(), seen) {
        (None, Some(_)) => Rule::Api7,
        (Some(_), None) => Rule::Api4,
        (Some(listed), Some(seen)) if !listed.agrees(seen) => Rule::Api11,
        (Some(_), Some(_)) | (None, None) => node::rule(belief, context, id, seen, None),
    }
}

fn explained(belief: &Belief, view: &Overview) -> bool {
    let view = Observation::Overview(view.clone());
    belief.hypotheses().any(|hypothesis| belief.explains(hypothesis, &view))
}
