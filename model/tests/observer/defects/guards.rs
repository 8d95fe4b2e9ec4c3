//! Mistakes in when something can happen.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a defect differs from the spec in one transition and is the spec in all others"
)]

use super::{Defect, errored, errors, guard, joined_old, joined_upgraded, on, upgraded};
use zdu_model::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade,
};
use zdu_model::spec::cluster::Joined;
use zdu_model::spec::node::Phase;
use zdu_model::spec::node::Version;
use zdu_model::spec::transition::Transition;

/// Wrong guards.
pub(crate) const GUARDS: &[Defect] = &[
    guard("start needs every node listed", 2, |c, t| {
        t.enabled(c) && !(t == Transition::Start && c.any(Phase::Absent))
    }),
    guard("cancel needs every node up", 2, |c, t| {
        t.enabled(c) && !(t == Transition::Cancel && c.any(Phase::Offline))
    }),
    guard("approve needs every node up", 2, |c, t| {
        t.enabled(c) && !(t == Transition::Approve && c.any(Phase::Offline))
    }),
    guard("approve needs every node listed", 2, |c, t| {
        t.enabled(c) && !(t == Transition::Approve && c.any(Phase::Absent))
    }),
    guard("cancel refused in a second upgrade", 1, |c, t| {
        t.enabled(c) && !(t == Transition::Cancel && c.origin != Some(Version::ORIGINAL))
    }),
    guard("approve refused in a second upgrade", 1, |c, t| {
        t.enabled(c) && !(t == Transition::Approve && c.origin != Some(Version::ORIGINAL))
    }),
    guard("approve refused to the first version", 1, |c, t| {
        t.enabled(c) && !(t == Transition::Approve && c.joined() == Joined::One(Version::ORIGINAL))
    }),
    guard("approve refused to the middle version", 2, |c, t| {
        let newest = c.nodes.iter().any(|node| node.version == Version(2));
        t.enabled(c)
            && !(t == Transition::Approve && newest && c.joined() == Joined::One(Version(1)))
    }),
    guard("cancel accepted when MIXED by an error only", 2, |c, t| {
        t.enabled(c)
            || (t == Transition::Cancel && on(c) && errors(c) > 0 && joined_upgraded(c) == 0)
    }),
    guard("cancel accepted with old nodes down", 2, |c, t| {
        t.enabled(c)
            || (t == Transition::Cancel && c.status() == AllUpgraded && c.any(Phase::Offline))
    }),
    guard("cancel accepted when all are upgraded in a second upgrade", 1, |c, t| {
        t.enabled(c)
            || (t == Transition::Cancel
                && c.status() == AllUpgraded
                && c.origin != Some(Version::ORIGINAL))
    }),
    guard("cancel accepted when all are upgraded to two versions", 2, |c, t| {
        t.enabled(c)
            || (t == Transition::Cancel
                && on(c)
                && errors(c) == 0
                && joined_old(c) == 0
                && joined_upgraded(c) > 1
                && c.joined() == Joined::Several)
    }),
    guard("approve accepted with an upgraded node down", 2, |c, t| {
        let down = c.numbered().any(|(id, node)| node.phase == Phase::Offline && upgraded(c, id));
        t.enabled(c) || (t == Transition::Approve && c.status() == ReadyToUpgrade && down)
    }),
    guard("approve accepted despite an old node's error", 2, |c, t| {
        let old = c.numbered().any(|(id, _)| errored(c, id) && !upgraded(c, id));
        t.enabled(c)
            || (t == Transition::Approve
                && on(c)
                && old
                && joined_old(c) == 0
                && joined_upgraded(c) > 0)
    }),
    guard("approve accepted despite an upgraded node's error", 2, |c, t| {
        let new = c.numbered().any(|(id, _)| errored(c, id) && upgraded(c, id));
        t.enabled(c)
            || (t == Transition::Approve
                && on(c)
                && new
                && joined_old(c) == 0
                && joined_upgraded(c) > 0)
    }),
    guard("approve accepted with one old node left", 2, |c, t| {
        t.enabled(c)
            || (t == Transition::Approve
                && on(c)
                && errors(c) == 0
                && joined_upgraded(c) > 0
                && joined_old(c) == 1)
    }),
    guard("approve accepted in a second upgrade while MIXED", 2, |c, t| {
        t.enabled(c)
            || (t == Transition::Approve
                && c.status() == Mixed
                && c.origin.is_some_and(|v| v != Version::ORIGINAL))
    }),
    guard("cancel accepted in a second upgrade while MIXED", 2, |c, t| {
        t.enabled(c)
            || (t == Transition::Cancel
                && c.status() == Mixed
                && c.origin.is_some_and(|v| v != Version::ORIGINAL))
    }),
    guard("start accepted while MIXED", 2, |c, t| {
        t.enabled(c) || (t == Transition::Start && on(c) && c.status() == Mixed)
    }),
    guard("start accepted when all are upgraded", 1, |c, t| {
        t.enabled(c) || (t == Transition::Start && c.status() == AllUpgraded)
    }),
    guard("start accepted with two errors", 3, |c, t| {
        t.enabled(c) || (t == Transition::Start && !on(c) && errors(c) == 2)
    }),
    guard("start accepted with an upgraded node in error", 2, |c, t| {
        let other = c
            .numbered()
            .any(|(id, node)| errored(c, id) && c.joined() != Joined::One(node.version));
        t.enabled(c) || (t == Transition::Start && !on(c) && other)
    }),
    guard("cancel accepted while off in error", 2, |c, t| {
        t.enabled(c) || (t == Transition::Cancel && !on(c) && errors(c) > 0)
    }),
    guard("approve accepted while off in error", 2, |c, t| {
        t.enabled(c) || (t == Transition::Approve && !on(c) && errors(c) > 0)
    }),
    guard("old nodes cannot rejoin a MIXED cluster", 2, |c, t| match t {
        Transition::Join(id) => {
            t.enabled(c) && !(on(c) && !upgraded(c, id) && joined_upgraded(c) > 0)
        }
        _ => t.enabled(c),
    }),
    guard("no third version may join", 3, |c, t| match t {
        Transition::Join(id) => {
            let mut versions = c.joined_versions();
            versions.insert(c.node(id).version);
            t.enabled(c) && versions.len() < 3
        }
        _ => t.enabled(c),
    }),
    guard("whoever meets the first node's version may join", 3, |c, t| match t {
        Transition::Join(id) => {
            let first = c.nodes[0];
            let fits = !first.phase.joined() || first.version == c.node(id).version;
            c.node(id).phase == Phase::StartingOut && (on(c) || fits)
        }
        Transition::Reject(id) => {
            t.enabled(c) && c.nodes[0].phase.joined() && c.node(id).version != c.nodes[0].version
        }
        _ => t.enabled(c),
    }),
    guard("only the first version may join an empty cluster", 1, |c, t| match t {
        Transition::Join(id) => {
            t.enabled(c)
                && !(c.joined() == Joined::Nobody && c.node(id).version != Version::ORIGINAL)
        }
        _ => t.enabled(c),
    }),
    guard("a removed node cannot start while on", 2, |c, t| match t {
        Transition::Boot(id) => t.enabled(c) && !(on(c) && c.node(id).phase == Phase::Absent),
        _ => t.enabled(c),
    }),
    guard("nothing can be installed on a removed node", 2, |c, t| match t {
        Transition::Install(id, _) => t.enabled(c) && c.node(id).phase != Phase::Absent,
        _ => t.enabled(c),
    }),
    guard("no earlier version can be installed", 1, |c, t| match t {
        Transition::Install(id, version) => t.enabled(c) && version > c.node(id).version,
        _ => t.enabled(c),
    }),
    guard("no repair while on", 1, |c, t| match t {
        Transition::Repair(_) => t.enabled(c) && !on(c),
        _ => t.enabled(c),
    }),
    guard("no repair while off", 2, |c, t| match t {
        Transition::Repair(_) => t.enabled(c) && on(c),
        _ => t.enabled(c),
    }),
    guard("no repair of an upgraded node", 2, |c, t| match t {
        Transition::Repair(id) => t.enabled(c) && !upgraded(c, id),
        _ => t.enabled(c),
    }),
    guard("a starting node cannot be stopped", 2, |c, t| match t {
        Transition::Stop(id) => {
            t.enabled(c) && c.node(id).phase.listed() != Phase::StartingIn.listed()
        }
        _ => t.enabled(c),
    }),
    guard("a starting node cannot be killed", 2, |c, t| match t {
        Transition::Kill(id) => {
            t.enabled(c) && c.node(id).phase.listed() != Phase::StartingIn.listed()
        }
        _ => t.enabled(c),
    }),
    guard("a starting node cannot fail", 2, |c, t| match t {
        Transition::Break(id) => {
            t.enabled(c) && c.node(id).phase.listed() != Phase::StartingIn.listed()
        }
        _ => t.enabled(c),
    }),
    guard("an errored node cannot be stopped while off", 2, |c, t| match t {
        Transition::Stop(id) => t.enabled(c) && (on(c) || !errored(c, id)),
        _ => t.enabled(c),
    }),
    guard("an errored node cannot be killed while off", 2, |c, t| match t {
        Transition::Kill(id) => t.enabled(c) && (on(c) || !errored(c, id)),
        _ => t.enabled(c),
    }),
    guard("an upgraded errored node cannot be stopped", 2, |c, t| match t {
        Transition::Stop(id) => t.enabled(c) && !(errored(c, id) && upgraded(c, id)),
        _ => t.enabled(c),
    }),
    guard("nodes of another version are not removed", 2, |c, t| match t {
        Transition::Forget(id) => {
            t.enabled(c) && matches!(c.joined(), Joined::One(v) if v == c.node(id).version)
        }
        _ => t.enabled(c),
    }),
    guard("only nodes of another version are removed", 2, |c, t| match t {
        Transition::Forget(id) => {
            t.enabled(c) && matches!(c.joined(), Joined::One(v) if v != c.node(id).version)
        }
        _ => t.enabled(c),
    }),
    guard("only one OFFLINE node is removed", 3, |c, t| match t {
        Transition::Forget(_) => t.enabled(c) && !(c.any(Phase::Absent) && c.nodes.len() > 2),
        _ => t.enabled(c),
    }),
    guard("the first node is never removed", 2, |c, t| match t {
        Transition::Forget(id) => t.enabled(c) && id.number() != 1,
        _ => t.enabled(c),
    }),
    guard("the last node is never removed", 2, |c, t| match t {
        Transition::Forget(id) => t.enabled(c) && id.index() + 1 != c.nodes.len(),
        _ => t.enabled(c),
    }),
    guard("upgraded nodes that are OFFLINE are removed while on", 2, |c, t| match t {
        Transition::Forget(id) => {
            t.enabled(c) || (on(c) && upgraded(c, id) && c.node(id).phase == Phase::Offline)
        }
        _ => t.enabled(c),
    }),
    guard("OFFLINE nodes are removed once all are upgraded", 2, |c, t| match t {
        Transition::Forget(id) => {
            t.enabled(c) || (c.status() == AllUpgraded && c.node(id).phase == Phase::Offline)
        }
        _ => t.enabled(c),
    }),
];
