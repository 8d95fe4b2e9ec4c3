//! Which states may an overview mean, to whoever gives advice? (section 7: hidden phases, versions that are not told, silent members)
//!
//! Wider than a belief at its beginning: a version that is not listed may be any. That of a node that is down does not matter
//! for a list, only for the direction: a node that went down while upgrade mode is on, and does not tell its version, may be
//! upgraded already. DRAINING, which the model has not, is a node on its way down.

use std::collections::BTreeSet;

use crate::judge::seen::{Overview, SeenNode, SeenVersion};
use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{Node, NodeId, NodeStatus, Phase, Version};
use crate::spec::semantics::Scope;

/// How many states are told apart; of more, hidden phases are taken as joined.
const EXPLANATIONS_MAX: usize = 1 << 12;

/// Everything that advice may have to be right in, given this overview: [`super::Asked::explanations`].
#[must_use]
pub fn explanations(scope: Scope, seen: &Overview) -> Vec<Cluster> {
    let origin = match (seen.mode, seen.origin) {
        (Mode::Off, _) => None,
        (Mode::On, SeenVersion::Known(version)) => Some(version),
        (Mode::On, SeenVersion::Foreign(_) | SeenVersion::Nothing) => Some(Version::ORIGINAL),
    };
    let choices = choices(scope, seen, origin);
    let count: usize = choices.iter().map(Vec::len).fold(1, usize::saturating_mul);
    let mut ways: Vec<Vec<Node>> = vec![Vec::new()];
    for nodes in &choices {
        let kept = if count > EXPLANATIONS_MAX { &nodes[..1] } else { nodes };
        let one = |way: &Vec<Node>, node: &Node| way.iter().copied().chain([*node]).collect();
        ways = ways.iter().flat_map(|way| kept.iter().map(|node| one(way, node))).collect();
    }
    let tasks_pending = matches!(
        seen.status,
        ClusterStatus::RunningUpgradeTasks | ClusterStatus::UpgradeTasksFailed
    );
    let all: Vec<Cluster> = (ways.into_iter())
        .map(|nodes| Cluster { mode: seen.mode, origin, tasks_pending, nodes })
        .collect();
    let shown = |cluster: &&Cluster| cluster.status() == seen.status;
    // What a silent entry hides may be all that the status speaks of; and a wrong status is no reason to say nothing.
    let right: Vec<Cluster> = all.iter().filter(shown).cloned().collect();
    if right.is_empty() || seen.silent() { all } else { right }
}

/// The members that do not answer their cluster: [`super::Asked::silent`].
#[must_use]
pub fn silent(seen: &Overview) -> BTreeSet<NodeId> {
    let listed = seen.nodes.iter().enumerate();
    let silent = listed.filter(|(_, node)| node.is_some_and(SeenNode::silent));
    silent.map(|(index, _)| NodeId::at(index)).collect()
}

/// What each node may be, the joined phase first.
fn choices(scope: Scope, seen: &Overview, origin: Option<Version>) -> Vec<Vec<Node>> {
    let highest = (seen.nodes.iter().flatten()).filter_map(|node| match node.version {
        SeenVersion::Known(version) => Some(version),
        SeenVersion::Foreign(_) | SeenVersion::Nothing => None,
    });
    let latest = Version(scope.versions.saturating_sub(1));
    let upgraded = highest.max().filter(|version| Some(*version) > origin).unwrap_or(latest);
    let floor = origin.unwrap_or(Version::ORIGINAL);
    let every = || (0..scope.versions).map(Version).collect::<Vec<_>>();
    let choice = |node: &Option<SeenNode>| {
        let Some(node) = node else {
            return vec![Node::new(Phase::Absent, floor)];
        };
        let phases = match node.status {
            // Nothing follows from it but waiting.
            None => return vec![Node::new(Phase::Offline, floor)],
            Some(NodeStatus::Draining) => Phase::of(Some(NodeStatus::Terminating)),
            Some(status) => Phase::of(Some(status)),
        };
        let down = node.status == Some(NodeStatus::Offline);
        let versions = match node.version {
            SeenVersion::Known(version) => vec![version],
            SeenVersion::Foreign(_) | SeenVersion::Nothing if down => match seen.mode {
                Mode::On => vec![upgraded],
                Mode::Off => vec![floor],
            },
            SeenVersion::Foreign(_) | SeenVersion::Nothing => every(),
        };
        let mut nodes: Vec<Node> = (phases.iter())
            .flat_map(|phase| versions.iter().map(|version| Node::new(*phase, *version)))
            .collect();
        nodes.sort_by_key(|node| !node.phase.joined());
        nodes
    };
    seen.nodes.iter().map(choice).collect()
}
