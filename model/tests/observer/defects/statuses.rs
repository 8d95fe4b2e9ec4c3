//! Mistakes in which status is shown, and with it which calls are allowed.

use super::{
    Defect, errored, errors, instead, joined_old, joined_upgraded, on, status, upgraded, without,
};
use zdu_model::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use zdu_model::spec::cluster::Joined;
use zdu_model::spec::node::Phase;
use zdu_model::spec::node::Version;

/// Wrong statuses.
pub(crate) const STATUSES: &[Defect] = &[
    status("first node's error ignored", 2, |c| {
        without(c, |c, id| id.number() == 1 && errored(c, id))
    }),
    status("last node's error ignored", 2, |c| {
        without(c, |c, id| id.index() + 1 == c.nodes.len() && errored(c, id))
    }),
    status("upgraded node's error ignored", 2, |c| {
        without(c, |c, id| errored(c, id) && upgraded(c, id))
    }),
    status("old node's error ignored while on", 2, |c| {
        without(c, |c, id| errored(c, id) && on(c) && !upgraded(c, id))
    }),
    status("one error ignored, two are not", 2, |c| {
        without(c, |c, id| errored(c, id) && errors(c) == 1)
    }),
    status("two errors ignored, one is not", 3, |c| {
        without(c, |c, id| errored(c, id) && errors(c) > 1)
    }),
    status("error ignored before any upgrade", 2, |c| {
        instead(c, on(c) && errors(c) > 0 && joined_upgraded(c) == 0, ReadyToUpgrade)
    }),
    status("error ignored when all joined are upgraded", 2, |c| {
        instead(
            c,
            on(c) && errors(c) > 0 && joined_upgraded(c) > 0 && joined_old(c) == 0,
            AllUpgraded,
        )
    }),
    status("error of a starting node ignored", 2, |c| {
        without(c, |c, id| errored(c, id) && on(c) && joined_upgraded(c) == 0 && upgraded(c, id))
    }),
    status("OFFLINE is MIXED while on", 2, |c| instead(c, on(c) && c.any(Phase::Offline), Mixed)),
    status("OFFLINE old is MIXED before any upgrade", 2, |c| {
        instead(c, c.status() == ReadyToUpgrade && c.any(Phase::Offline), Mixed)
    }),
    status("OFFLINE upgraded is MIXED when all are", 2, |c| {
        let down = c.numbered().any(|(id, node)| node.phase == Phase::Offline && upgraded(c, id));
        instead(c, c.status() == AllUpgraded && down, Mixed)
    }),
    status("removed nodes keep it MIXED when all are upgraded", 2, |c| {
        instead(c, c.status() == AllUpgraded && c.any(Phase::Absent), Mixed)
    }),
    status("one upgraded node is not noticed", 3, |c| {
        instead(
            c,
            c.status() == Mixed && errors(c) == 0 && joined_upgraded(c) == 1 && joined_old(c) > 1,
            ReadyToUpgrade,
        )
    }),
    status("the last old node is not noticed", 2, |c| {
        instead(
            c,
            on(c) && errors(c) == 0 && joined_upgraded(c) > 0 && joined_old(c) == 1,
            AllUpgraded,
        )
    }),
    status("a majority is enough", 3, |c| {
        instead(c, on(c) && errors(c) == 0 && joined_upgraded(c) > joined_old(c), AllUpgraded)
    }),
    status("two upgraded nodes are enough, exactly", 3, |c| {
        instead(c, on(c) && errors(c) == 0 && joined_upgraded(c) == 2, AllUpgraded)
    }),
    status("upgraded means a larger number", 1, |c| {
        let mut misread = c.clone();
        for node in &mut misread.nodes {
            if c.origin.is_some_and(|origin| node.version < origin) {
                node.version = c.origin.unwrap_or(Version::ORIGINAL);
            }
        }
        misread.status()
    }),
    status("only the newest version counts as upgraded", 2, |c| {
        instead(c, c.status() == AllUpgraded && c.joined() == Joined::One(Version::ORIGINAL), Mixed)
    }),
    status("three versions pass for one", 3, |c| {
        instead(c, on(c) && errors(c) == 0 && c.joined_versions().len() == 3, AllUpgraded)
    }),
    status("READY_TO_UPGRADE while all are upgraded and a node is down", 2, |c| {
        let down = c.nodes.iter().filter(|node| node.phase == Phase::Offline).count();
        instead(c, c.status() == AllUpgraded && down > 0, ReadyToUpgrade)
    }),
    status("STABLE as soon as every old node is gone", 1, |c| {
        instead(c, c.status() == AllUpgraded, Stable)
    }),
    status("the status of the first node's version", 2, |c| {
        let first = c.nodes[0];
        instead(
            c,
            on(c) && errors(c) == 0 && first.phase.joined(),
            if Some(first.version) == c.origin { ReadyToUpgrade } else { AllUpgraded },
        )
    }),
];
