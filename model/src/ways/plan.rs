//! How does one get a cluster back to where traces start? With the model, and with the steps that a driver can make.
//!
//! A search over settled clusters: each move is a call or a request, after which everything has happened that happens by
//! itself. It prefers ways on which somebody always serves, and is guided by what each node still lacks, so that it finds
//! a way for any size at once; the way is short, but not proven shortest.

use pathfinding::directed::astar::astar;

use crate::judge::belief::{Belief, Outcome, Request};
use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{Node, NodeId, Phase, Version};
use crate::spec::semantics::Scope;
use crate::spec::transition::Call;
use crate::traces::trace::Action;

/// What a move costs more when it leaves nobody serving.
const OUTAGE: u32 = 12;

/// How many settled clusters are looked at before giving up.
const LOOKED_AT_MAX: usize = 20_000;

/// Where a cluster is to be brought: every node ACTIVE on one version, upgrade mode off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// The version.
    pub version: Version,
    /// Whether a version below the one that the cluster comes from may be installed (section 7, "Versions below the
    /// original").
    pub downgrades: bool,
}

/// The way from a settled cluster home, with the requests that `can` allows; `None` when there is none.
#[must_use]
pub fn back(
    scope: Scope,
    from: &Cluster,
    home: Home,
    can: impl Fn(NodeId, Request) -> bool,
) -> Option<Vec<Action>> {
    // No node would be let go below, whatever is tried: not even with all of them down.
    if !home.downgrades
        && from.is_below(home.version)
        && from.nodes.iter().any(|node| node.version != home.version)
    {
        return None;
    }
    let goal = Cluster::initial_on(scope.nodes, home.version);
    let mut looked_at = 0;
    let (way, _) = astar(
        from,
        |cluster| {
            looked_at += 1;
            let more = looked_at <= LOOKED_AT_MAX;
            let moves = if more { moves(scope, cluster, home, &can) } else { Vec::new() };
            moves.into_iter().map(|(_, next)| {
                let cost = cost(scope, &next);
                (next, cost)
            })
        },
        |cluster| lacks(cluster, home.version),
        |cluster| *cluster == goal,
    )?;
    let action = |pair: &[Cluster]| {
        let mut moves = moves(scope, &pair[0], home, &can).into_iter();
        moves.find(|(_, next)| *next == pair[1]).map(|(action, _)| action)
    };
    way.windows(2).map(action).collect()
}

/// What a move costs that leads here.
fn cost(scope: Scope, next: &Cluster) -> u32 {
    let outage = if next.served() || scope.nodes == 1 { 0 } else { OUTAGE };
    1 + outage
}

/// How many moves the nodes and the mode need at the least, were there no guards.
fn lacks(cluster: &Cluster, home: Version) -> u32 {
    let nodes: u32 = cluster.nodes.iter().map(|node| node_lacks(*node, home)).sum();
    nodes + u32::from(cluster.mode == Mode::On)
}

fn node_lacks(node: Node, home: Version) -> u32 {
    let old = u32::from(node.version != home);
    match node.phase {
        Phase::Offline | Phase::Absent => 1 + old,
        Phase::Error => 1 + 2 * old,
        Phase::Active
        | Phase::StartingOut
        | Phase::StartingIn
        | Phase::TerminatingIn
        | Phase::TerminatingOut
        | Phase::Finalizing
        | Phase::FinalizeFailed => 3 * old,
    }
}

fn moves(
    scope: Scope,
    cluster: &Cluster,
    home: Home,
    can: &impl Fn(NodeId, Request) -> bool,
) -> Vec<(Action, Cluster)> {
    let mut found = Vec::new();
    let settled = |mut belief: Belief| -> Option<Cluster> {
        belief.settle();
        let states = belief.states();
        // A move that can end in two ways is none to plan with.
        (states.len() == 1).then(|| states.first().map(|state| (*state).clone())).flatten()
    };
    if cluster.served() {
        for call in Call::of(scope.profile) {
            let mut belief = Belief::certain(scope, cluster.clone());
            if belief.answered(*call, Outcome::Success) {
                found.extend(settled(belief).map(|next| (Action::Call(*call), next)));
            }
        }
    }
    for id in scope.node_ids() {
        let node = cluster.node(id);
        let down = if can(id, Request::Stop) { Request::Stop } else { Request::Kill };
        let install = Request::Install(home.version);
        for request in [down, Request::Boot, Request::Repair, install] {
            // A running node that is as it should be is left alone.
            let right = node == Node::new(Phase::Active, home.version);
            let below = request == install && !home.downgrades && cluster.is_below(home.version);
            if right || below || !can(id, request) || !request.transition(id).enabled(cluster) {
                continue;
            }
            let mut belief = Belief::certain(scope, cluster.clone());
            belief.request(id, request);
            found.extend(settled(belief).map(|next| (Action::Request(id, request), next)));
        }
    }
    found
}
