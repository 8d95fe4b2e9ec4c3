//! What if something goes wrong on a node during an upgrade? Errors in every status, and the three ways out of each
//! (the page's "Node errors during rolling upgrade").

use super::{MANY, Scenario, documented};
use crate::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use crate::spec::node::NodeStatus::{Active, Error, Offline};
use crate::spec::rule::Rule;
use crate::spec::transition::Call::{Approve, Cancel, Start};

pub(super) const SCENARIOS: &[Scenario] = &[
    documented(
        "error-while-mixed-stopped-gracefully",
        "The first way out of an error during the upgrade: the node is stopped gracefully, upgraded and started again.",
        &[
            Rule::Node6,
            Rule::Node7,
            Rule::Status3,
            Rule::Status4,
            Rule::Mode3,
            Rule::Mode5,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.begun_upgrade(1);
            s.status(Mixed);
            s.breaks_and_blocks(node);
            s.stop(node);
            s.listed(node, Offline, 0);
            s.install(node, 1);
            s.boot(node);
            s.listed(node, Active, 1);
        },
    ),
    documented(
        "error-while-mixed-shut-down-altogether",
        "The second way out: a node that cannot be stopped gracefully is shut down altogether.",
        &[
            Rule::Node6,
            Rule::Node8,
            Rule::Status3,
            Rule::Status4,
            Rule::Mode3,
            Rule::Mode5,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.begun_upgrade(1);
            s.breaks_and_blocks(node);
            s.kill(node);
            s.listed(node, Offline, 0);
            s.install(node, 1);
            s.boot(node);
            s.listed(node, Active, 1);
        },
    ),
    documented(
        "error-while-mixed-repaired-in-place",
        "The third way out: the error is fixed in place, and the node is ACTIVE again with the version that it had.",
        &[
            Rule::Node1,
            Rule::Node6,
            Rule::Node10,
            Rule::Status3,
            Rule::Status4, Rule::Mode3, Rule::Mode5,
        ],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.begun_upgrade(1);
            s.breaks_and_blocks(node);
            s.listed(node, Error, 1);
            s.repair(node);
            s.listed(node, Active, 1);
            s.status(Mixed);
        },
    ),
    documented(
        "finalize-without-an-errored-node",
        "The errored node is left OFFLINE and the upgrade finalized without it; it comes back once it runs the cluster's version.",
        &[
            Rule::Api7,
            Rule::Node5,
            Rule::Node6,
            Rule::Node7,
            Rule::Node9,
            Rule::Status4,
            Rule::Status7,
            Rule::Mode5,
            Rule::Mode8,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.breaks(node);
            for id in s.ids().filter(|id| *id != node) {
                s.upgrade(id, 1);
                s.status(Mixed);
            }
            s.refuses(Approve);
            s.stop(node);
            s.status(AllUpgraded);
            s.accepts(Approve);
            s.unlisted(node);
            s.status(Stable);
            s.boot(node);
            s.unlisted(node);
            s.install(node, 1);
            s.boot(node);
            s.listed(node, Active, 1);
            s.status(Stable);
        },
    ),
    documented(
        "error-before-any-upgrade",
        "An error makes the cluster MIXED although no node is upgraded, and blocks `cancel` until the node is out.",
        &[
            Rule::Node5,
            Rule::Node6,
            Rule::Node7,
            Rule::Status2,
            Rule::Status4,
            Rule::Mode3,
            Rule::Mode5,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.breaks_and_blocks(node);
            s.stop(node);
            s.listed(node, Offline, 0);
            s.status(ReadyToUpgrade);
            s.accepts(Cancel);
            s.status(Stable);
            s.unlisted(node);
        },
    ),
    documented(
        "error-when-all-upgraded-blocks-finalizing",
        "An error after the last node is upgraded blocks `approve` until it is repaired.",
        &[
            Rule::Node6,
            Rule::Status4,
            Rule::Status7,
            Rule::Mode3,
            Rule::Mode5,
        ],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.accepts(Start);
            s.upgrade_all(1);
            s.breaks_and_blocks(node);
            s.repair(node);
            s.status(AllUpgraded);
            s.accepts(Approve);
            s.status(Stable);
        },
    )
    .shipped_for(2),
    documented(
        "error-when-all-upgraded-left-down",
        "Finalizing without an upgraded node that failed removes it, and it comes back as it is: it runs the cluster's version.",
        &[
            Rule::Node5,
            Rule::Node8,
            Rule::Node9,
            Rule::Status4,
            Rule::Status7,
            Rule::Mode6,
        ],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.accepts(Start);
            s.upgrade_all(1);
            s.breaks(node);
            s.status(Mixed);
            s.kill(node);
            s.listed(node, Offline, 1);
            s.status(AllUpgraded);
            s.accepts(Approve);
            s.unlisted(node);
            s.boot(node);
            s.listed(node, Active, 1);
            s.status(Stable);
        },
    )
    .shipped_for(2),
    documented(
        "error-of-the-only-upgraded-node",
        "When the first upgraded node fails for good, it can be shut down and the upgrade cancelled.",
        &[
            Rule::Node5,
            Rule::Node8,
            Rule::Status2,
            Rule::Status4,
            Rule::Mode3,
        ],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.begun_upgrade(1);
            s.breaks(node);
            s.status(Mixed);
            s.refuses(Cancel);
            s.kill(node);
            s.listed(node, Offline, 1);
            s.status(ReadyToUpgrade);
            s.accepts(Cancel);
            s.unlisted(node);
            s.status(Stable);
        },
    ),
    documented(
        "whole-cluster-in-error",
        "With every node in error nobody answers; upgrade mode and original version outlive that.",
        &[
            Rule::Api1,
            Rule::Node1,
            Rule::Node6,
            Rule::Status2,
            Rule::Status4,
        ],
        (1, MANY),
        |s| {
            s.accepts(Start);
            for id in s.ids() {
                s.breaks(id);
            }
            s.status(Mixed);
            for id in s.ids() {
                s.repair(id);
                s.listed(id, Active, 0);
                s.status(if id == s.last() {
                    ReadyToUpgrade
                } else {
                    Mixed
                });
            }
            s.origin(Some(0));
            s.accepts(Cancel);
        },
    ),
    documented(
        "errored-node-restarted",
        "Often a restart is all that it takes: an errored node that is stopped or shut down starts again like any other.",
        &[
            Rule::Node1,
            Rule::Node2,
            Rule::Node7,
            Rule::Node8,
            Rule::Status2,
        ],
        (1, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.breaks(node);
            s.stop(node);
            s.listed(node, Offline, 0);
            s.boot(node);
            s.listed(node, Active, 0);
            s.breaks(node);
            s.kill(node);
            s.listed(node, Offline, 0);
            s.boot(node);
            s.listed(node, Active, 0);
            s.status(ReadyToUpgrade);
        },
    ),
    documented(
        "error-while-starting",
        "An upgraded node that fails before it is ready is in ERROR, whether or not it had joined already.",
        &[Rule::Node6, Rule::Node8, Rule::Status2, Rule::Status4],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.upgrade_soon(node, 1);
            s.breaks(node);
            s.listed(node, Error, 1);
            s.status(Mixed);
            s.refuses_each(&[Cancel, Approve]);
            s.kill(node);
            s.status(ReadyToUpgrade);
        },
    ),
    documented(
        "error-while-another-node-is-down",
        "An error counts whatever else is going on, and only the error: the node that is being upgraded may go on.",
        &[
            Rule::Node6,
            Rule::Node8,
            Rule::Status3,
            Rule::Status4,
            Rule::Status7,
            Rule::Mode5,
        ],
        (3, MANY),
        |s| {
            let (one, two) = (s.id(1), s.id(2));
            s.accepts(Start);
            s.stop(one);
            s.breaks(two);
            s.status(Mixed);
            s.install(one, 1);
            s.boot(one);
            for id in s.ids().skip(2) {
                s.kill(id);
            }
            s.status(Mixed);
            s.refuses_each(&[Cancel, Approve]);
            s.kill(two);
            s.status(AllUpgraded);
            s.accepts(Approve);
            s.listed(one, Active, 1);
            s.unlisted(two);
        },
    ),
];
