//! What must become of nodes? NODE-2 to NODE-10 (spec, sections 4 and 5).

use super::Property;
use super::count::on;
use crate::spec::cluster::Cluster;
use crate::spec::node::{NodeId, NodeStatus, Phase};
use crate::spec::rule::Rule;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    vec![
        Property::step("node-2-starting-becomes-active", Rule::Node2, starting_becomes_active),
        Property::step(
            "node-3-terminating-becomes-offline",
            Rule::Node3,
            terminating_becomes_offline,
        ),
        Property::step("node-4-a-killed-node-is-offline", Rule::Node4, killed_is_offline),
        Property::state(
            "node-5-every-offline-node-is-forgotten-while-mode-is-off",
            Rule::Node5,
            offline_is_forgotten,
        ),
        Property::step("node-5-no-other-node-is-forgotten", Rule::Node5, only_offline_is_forgotten),
        Property::step(
            "node-6-only-the-broken-node-is-in-error",
            Rule::Node6,
            only_broken_is_in_error,
        ),
        Property::state("node-7-an-errored-node-can-be-stopped", Rule::Node7, errored_can_stop),
        Property::state("node-8-an-errored-node-can-be-killed", Rule::Node8, errored_can_be_killed),
        Property::state("node-9-a-removed-node-can-be-booted", Rule::Node9, removed_can_be_booted),
        Property::step(
            "node-10-version-changes-only-while-down",
            Rule::Node10,
            version_changes_while_down,
        ),
    ]
}

/// What the listing of the transition's node was and is.
fn listed(
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> Option<(Option<NodeStatus>, Option<NodeStatus>)> {
    transition.node().map(|id| (before.node(id).phase.listed(), after.node(id).phase.listed()))
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

fn starting_becomes_active<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    let (was, is) = listed(before, transition, after).unwrap_or_default();
    let starting = was == Some(NodeStatus::Starting);
    (!matches!(transition, Transition::Join(_)) || starting && is == Some(NodeStatus::Starting))
        && (!matches!(transition, Transition::Ready(_))
            || starting && is == Some(NodeStatus::Active))
}

fn terminating_becomes_offline<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    let (_, is) = listed(before, transition, after).unwrap_or_default();
    // A stopping node that is not listed at all breaks NODE-5, not this rule.
    let stopping = matches!(is, Some(NodeStatus::Terminating | NodeStatus::Offline) | None);
    (!matches!(transition, Transition::Stop(_)) || is == Some(NodeStatus::Terminating))
        && (!matches!(transition, Transition::Leave(_) | Transition::Halt(_)) || stopping)
}

fn killed_is_offline<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    !matches!(transition, Transition::Kill(_))
        || listed(before, transition, after).is_some_and(|(_, is)| is == Some(NodeStatus::Offline))
}

fn offline_is_forgotten<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    on(cluster) || each_can(system, cluster, Phase::Offline, Transition::Forget)
}

fn only_offline_is_forgotten<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    _: Transition,
    after: &Cluster,
) -> bool {
    before.nodes.iter().zip(&after.nodes).all(|(was, is)| {
        let forgotten = was.phase.listed().is_some() && is.phase.listed().is_none();
        !forgotten || (was.phase == Phase::Offline && !on(before))
    })
}

fn only_broken_is_in_error<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    let Transition::Break(id) = transition else {
        return true;
    };
    before
        .numbered()
        .zip(&after.nodes)
        .all(|((other, was), is)| if other == id { is.phase == Phase::Error } else { was == *is })
}

fn errored_can_stop<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    each_can(system, cluster, Phase::Error, Transition::Stop)
}

fn errored_can_be_killed<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    each_can(system, cluster, Phase::Error, Transition::Kill)
}

fn removed_can_be_booted<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    each_can(system, cluster, Phase::Absent, Transition::Boot)
}

fn version_changes_while_down<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    _: Transition,
    after: &Cluster,
) -> bool {
    before.nodes.iter().zip(&after.nodes).all(|(was, is)| {
        was.version == is.version
            || (matches!(was.phase, Phase::Offline | Phase::Absent) && was.phase == is.phase)
    })
}
