//! What if something goes wrong on a node? Errors in every status, and the three ways out of each.

use super::{MANY, Scenario, documented};
use crate::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use crate::node::NodeStatus::{Active, Error, Offline};
use crate::rule::Rule;
use crate::transition::Call::{Approve, Cancel, Start};

pub(super) const SCENARIOS: &[Scenario] = &[
    documented(
        "start-refused-with-an-errored-node",
        "An upgrade must not begin on a cluster with a node in error; once it is repaired in place it may.",
        &[
            Rule::Api9,
            Rule::Node6,
            Rule::Status1,
            Rule::Status5,
            Rule::Mode1,
            Rule::Mode2,
            Rule::Mode7,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.breaks(node);
            s.listed(node, Error, 0);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
            s.status(Mixed);
            s.repair(node);
            s.listed(node, Active, 0);
            s.status(Stable);
            s.accepts(Start);
        },
    ),
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
            s.accepts(Start);
            s.upgrade(s.id(1), 1);
            s.status(Mixed);
            s.breaks(node);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
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
            s.accepts(Start);
            s.upgrade(s.id(1), 1);
            s.breaks(node);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
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
            Rule::Status4,
        ],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.accepts(Start);
            s.upgrade(node, 1);
            s.breaks(node);
            s.listed(node, Error, 1);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
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
            s.breaks(node);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
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
            Rule::Mode4,
            Rule::Mode5,
        ],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.accepts(Start);
            s.upgrade_all(1);
            s.breaks(node);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
            s.repair(node);
            s.status(AllUpgraded);
            s.accepts(Approve);
            s.status(Stable);
        },
    ),
];
