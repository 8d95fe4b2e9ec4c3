//! What must become of nodes? NODE-2 to NODE-10 (spec, sections 4 and 5).

use super::count::{on, some};
use super::{Property, Taken};
use crate::spec::cluster::Cluster;
use crate::spec::node::{Node, NodeId, NodeStatus, Phase};
use crate::spec::rule::Rule;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    vec![
        Property::step(
            "node-2-starting-becomes-active",
            Rule::Node2,
            |it| matches!(it, Transition::Join(_) | Transition::Ready(_)),
            |_| true,
            |_, taken| {
                let (was, is) = listed(taken);
                let becomes = if matches!(taken.transition, Transition::Join(_)) {
                    NodeStatus::Starting
                } else {
                    NodeStatus::Active
                };
                was == Some(NodeStatus::Starting) && is == Some(becomes)
            },
        ),
        Property::step(
            "node-3-terminating-becomes-offline",
            Rule::Node3,
            |it| matches!(it, Transition::Stop(_) | Transition::Leave(_) | Transition::Halt(_)),
            |_| true,
            |_, taken| {
                let (_, is) = listed(taken);
                if matches!(taken.transition, Transition::Stop(_)) {
                    is == Some(NodeStatus::Terminating)
                } else {
                    // A stopping node that is not listed at all breaks NODE-5, not this rule.
                    matches!(is, Some(NodeStatus::Terminating | NodeStatus::Offline) | None)
                }
            },
        ),
        Property::step(
            "node-4-a-killed-node-is-offline",
            Rule::Node4,
            |it| matches!(it, Transition::Kill(_)),
            |_| true,
            |_, taken| listed(taken).1 == Some(NodeStatus::Offline),
        ),
        Property::state(
            "node-5-every-offline-node-is-forgotten-while-mode-is-off",
            Rule::Node5,
            |cluster| !on(cluster) && some(cluster, Phase::Offline),
            |system, cluster| each_can(system, cluster, Phase::Offline, Transition::Forget),
        ),
        Property::step(
            "node-5-no-other-node-is-forgotten",
            Rule::Node5,
            |_| true,
            |taken| each(taken).any(forgotten),
            |_, taken| {
                let offline = |(was, _): (&Node, &Node)| was.phase == Phase::Offline;
                !on(taken.before) && each(taken).filter(|node| forgotten(*node)).all(offline)
            },
        ),
        Property::step(
            "node-6-only-the-broken-node-is-in-error",
            Rule::Node6,
            |it| matches!(it, Transition::Break(_)),
            |_| true,
            |_, taken| {
                let broken = taken.transition.node();
                taken.before.numbered().zip(&taken.after.nodes).all(|((id, was), is)| {
                    if Some(id) == broken { is.phase == Phase::Error } else { was == *is }
                })
            },
        ),
        Property::state(
            "node-7-an-errored-node-can-be-stopped",
            Rule::Node7,
            |cluster| some(cluster, Phase::Error),
            |system, cluster| each_can(system, cluster, Phase::Error, Transition::Stop),
        ),
        Property::state(
            "node-8-an-errored-node-can-be-killed",
            Rule::Node8,
            |cluster| some(cluster, Phase::Error),
            |system, cluster| each_can(system, cluster, Phase::Error, Transition::Kill),
        ),
        Property::state(
            "node-9-a-removed-node-can-be-booted",
            Rule::Node9,
            |cluster| some(cluster, Phase::Absent),
            |system, cluster| each_can(system, cluster, Phase::Absent, Transition::Boot),
        ),
        Property::step(
            "node-10-version-changes-only-while-down",
            Rule::Node10,
            |_| true,
            |taken| each(taken).any(reinstalled),
            |_, taken| {
                each(taken).filter(|node| reinstalled(*node)).all(|(was, is)| {
                    matches!(was.phase, Phase::Offline | Phase::Absent) && was.phase == is.phase
                })
            },
        ),
    ]
}

/// Each node before and after.
fn each(taken: Taken<'_>) -> impl Iterator<Item = (&Node, &Node)> {
    taken.before.nodes.iter().zip(&taken.after.nodes)
}

fn forgotten((was, is): (&Node, &Node)) -> bool {
    was.phase.listed().is_some() && is.phase.listed().is_none()
}

fn reinstalled((was, is): (&Node, &Node)) -> bool {
    was.version != is.version
}

/// What the listing of the transition's node was and is.
fn listed(taken: Taken<'_>) -> (Option<NodeStatus>, Option<NodeStatus>) {
    let of = |cluster: &Cluster| {
        taken.transition.node().and_then(|id: NodeId| cluster.node(id).phase.listed())
    };
    (of(taken.before), of(taken.after))
}

/// Whether every node in this phase can take this transition.
fn each_can<S: Semantics>(
    system: &System<S>,
    cluster: &Cluster,
    phase: Phase,
    transition: fn(NodeId) -> Transition,
) -> bool {
    cluster
        .numbered()
        .all(|(id, node)| node.phase != phase || system.semantics.enabled(cluster, transition(id)))
}
