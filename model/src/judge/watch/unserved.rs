//! What may a cluster be while nobody answers? Every state in which no node serves: no reading says more.

use crate::spec::cluster::{Cluster, Joined, Mode};
use crate::spec::node::{Node, Version};
use crate::spec::semantics::Scope;

/// Every state in which nobody serves; `None` where there are more than `most` to look at.
pub fn unserved(scope: Scope, most: u64) -> Option<impl Iterator<Item = Cluster>> {
    let versions: Vec<Version> = (0..scope.versions).map(Version).collect();
    let down = scope.profile.phases().iter().filter(|phase| !phase.serves());
    let looks: Vec<Node> =
        down.flat_map(|phase| versions.iter().map(|version| Node::new(*phase, *version))).collect();
    let mut heads = Vec::new();
    for tasks_pending in [false, true] {
        heads.push((Mode::Off, None, tasks_pending));
        let on = versions.iter().map(|version| (Mode::On, Some(*version), tasks_pending));
        heads.extend(on);
    }
    let power = u32::try_from(scope.nodes).ok()?;
    let ways = u64::try_from(looks.len()).ok()?.checked_pow(power)?;
    (ways.checked_mul(u64::try_from(heads.len()).ok()?)? <= most).then_some(())?;
    let states = heads.into_iter().flat_map(move |(mode, origin, tasks_pending)| {
        let looks = looks.clone();
        (0..ways).map(move |way| {
            // The way's digits, a node each.
            let mut rest = usize::try_from(way).unwrap_or(usize::MAX);
            let nodes = (0..scope.nodes).map(|_| {
                let node = looks[rest % looks.len()];
                rest /= looks.len();
                node
            });
            Cluster { mode, origin, tasks_pending, nodes: nodes.collect() }
        })
    });
    // Joined nodes run different versions only while upgrade mode is on (MODE-8).
    Some(states.filter(|state| state.mode == Mode::On || state.joined() != Joined::Several))
}
