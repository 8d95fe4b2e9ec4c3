//! What can be done about a node in error? The page's three ways, in its order, and what each costs ("Node errors during
//! rolling upgrade"; NODE-7 to NODE-9).

use serde::Serialize;

use super::procedure::{Choice, steps};
use super::settled::{Settled, Stand};
use super::{Aim, Asked, Direction, Mark, Step, What};
use crate::judge::seen::Request;
use crate::spec::node::NodeId;
use crate::spec::rule::Rule;

/// A node in error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InError {
    /// Which.
    pub node: NodeId,
    /// The ways that there are, in the order of the page.
    pub ways: Vec<Way>,
}

/// A way out of an error, with the whole list that comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    /// Which.
    pub way: WayOut,
    /// What it costs.
    pub costs: Vec<Cost>,
    /// The list to the same goal by this way.
    pub steps: Vec<Step>,
}

/// The page's answers to a node in error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayOut {
    /// Shut Confluence down gracefully on it, put it right, start it again.
    StopGracefully,
    /// Shut the node down altogether where that cannot be done, put it right, start it again.
    ShutDownAltogether,
    /// Shut it down, end upgrade mode without it, connect it again later.
    GoOnWithout,
}

impl WayOut {
    /// The rule that gives it.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::StopGracefully => Rule::Node7,
            Self::ShutDownAltogether => Rule::Node8,
            Self::GoOnWithout => Rule::Node9,
        }
    }
}

/// What a way costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// Everything else waits until the node is put right and ACTIVE.
    RestWaits,
    /// What Confluence was still doing on the node is cut off.
    CutOff,
    /// The node is removed from the cluster with the end of upgrade mode, and must be brought to the cluster's version to be
    /// connected again (NODE-5, NODE-9).
    Removed,
    /// So many nodes serve until it is connected again, and one fewer while each of them is upgraded.
    FewerServing(usize),
    /// Nobody serves while the last node is upgraded.
    Outage,
    /// The upgrade is finalized before the node is seen to run the later version; there is no way back then.
    NoWayBack,
}

/// Every node that is in error in all explanations.
pub(super) fn errors(asked: &Asked<'_>, settled: &Settled, aim: Aim) -> Vec<InError> {
    let all = settled.standing.nodes.iter().enumerate();
    let errored =
        all.filter(|(_, node)| **node == Stand::Error).map(|(index, _)| NodeId::at(index));
    errored
        .filter(|id| !asked.silent.contains(id))
        .map(|id| InError { node: id, ways: ways(asked, settled, aim, id) })
        .collect()
}

fn ways(asked: &Asked<'_>, settled: &Settled, aim: Aim, id: NodeId) -> Vec<Way> {
    let gracefully = Choice { shut: Some((id, Request::Stop)), ..Choice::default() };
    let altogether = Choice { shut: Some((id, Request::Kill)), ..Choice::default() };
    let without = Choice { aside: Some(id), ..Choice::default() };
    let way = |way, choice, costs: Vec<Cost>| Way {
        way,
        costs,
        steps: steps(asked, settled, aim, choice),
    };
    let mut ways = vec![
        way(WayOut::StopGracefully, gracefully, vec![Cost::RestWaits]),
        way(WayOut::ShutDownAltogether, altogether, vec![Cost::RestWaits, Cost::CutOff]),
    ];
    if asked.scope.nodes > 1 {
        let mut last = way(WayOut::GoOnWithout, without, Vec::new());
        last.costs = costs_without(asked, &last.steps, aim);
        ways.push(last);
    }
    ways
}

fn costs_without(asked: &Asked<'_>, steps: &[Step], aim: Aim) -> Vec<Cost> {
    let mut costs = vec![Cost::Removed, Cost::FewerServing(asked.scope.nodes - 1)];
    if steps.iter().any(|step| step.marks.contains(&Mark::Outage)) {
        costs.push(Cost::Outage);
    }
    let approves = |step: &Step| matches!(step.what, What::Call(_));
    if aim.direction == Direction::Forward && steps.iter().any(approves) {
        costs.push(Cost::NoWayBack);
    }
    costs
}
