//! Who follows the page: whole upgrades, forwards and backwards, of clusters of every size.

use super::{MANY, Scenario, documented};
use crate::judge::belief::Request;
use crate::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use crate::spec::node::NodeStatus::{Active, Offline};
use crate::spec::rule::Rule;
use crate::spec::transition::Call::{Approve, Cancel, Start};

pub(super) const SCENARIOS: &[Scenario] = &[
    documented(
        "happy-path",
        "Who follows the page node by node must end STABLE on the later version, with some node ACTIVE all the time.",
        &[
            Rule::Api1,
            Rule::Api2,
            Rule::Api3,
            Rule::Api4,
            Rule::Api6,
            Rule::Api11,
            Rule::Node1,
            Rule::Node2,
            Rule::Node3,
            Rule::Node10,
            Rule::Status1,
            Rule::Status2,
            Rule::Status3,
            Rule::Status7,
            Rule::Mode1,
            Rule::Mode5,
            Rule::Mode6,
            Rule::Proc1,
            Rule::Proc2,
            Rule::Proc3,
        ],
        (2, MANY),
        |s| {
            s.look();
            s.status(Stable);
            s.accepts(Start);
            s.status(ReadyToUpgrade);
            s.origin(Some(0));
            for id in s.ids() {
                s.stop(id);
                s.listed(id, Offline, 0);
                s.install(id, 1);
                s.boot(id);
                s.listed(id, Active, 1);
                s.status(if id == s.last() { AllUpgraded } else { Mixed });
            }
            s.accepts(Approve);
            s.status(Stable);
            s.origin(None);
        },
    ),
    documented(
        "happy-path-single-node",
        "A cluster of one goes through the same statuses, only without anybody to answer while the node is down.",
        &[
            Rule::Api2,
            Rule::Api6,
            Rule::Node3,
            Rule::Status2,
            Rule::Status7,
            Rule::Mode1,
            Rule::Mode4,
            Rule::Mode5,
            Rule::Mode6,
            Rule::Mode7,
        ],
        (1, 1),
        |s| {
            let only = s.id(1);
            s.accepts(Start);
            s.status(ReadyToUpgrade);
            s.refuses_each(&[Start, Approve]);
            s.stop(only);
            s.install(only, 1);
            s.boot(only);
            s.listed(only, Active, 1);
            s.status(AllUpgraded);
            s.refuses_each(&[Start, Cancel]);
            s.accepts(Approve);
            s.status(Stable);
            s.refuses_each(&[Cancel, Approve]);
        },
    ),
    documented(
        "single-node-restarted-and-rolled-back",
        "A cluster of one keeps its version over restarts, outages and errors, and has a way back until it is finalized.",
        &[
            Rule::Node1,
            Rule::Node3,
            Rule::Node4,
            Rule::Node10,
            Rule::Status2,
            Rule::Status7,
            Rule::Mode3,
            Rule::Mode4,
            Rule::Mode5,
        ],
        (1, 1),
        |s| {
            let only = s.id(1);
            s.accepts(Start);
            s.upgrade(only, 1);
            s.stop(only);
            s.boot(only);
            s.listed(only, Active, 1);
            s.kill(only);
            s.boot(only);
            s.listed(only, Active, 1);
            s.breaks(only);
            s.repair(only);
            s.listed(only, Active, 1);
            s.status(AllUpgraded);
            s.refuses(Cancel);
            s.upgrade(only, 0);
            s.status(ReadyToUpgrade);
            s.refuses(Approve);
            s.accepts(Cancel);
        },
    ),
    documented(
        "single-node-upgraded-back-to-the-first-version",
        "For a cluster of one, too, the version that it began with is an upgrade once it runs a later one.",
        &[
            Rule::Api2,
            Rule::Status2,
            Rule::Status7,
            Rule::Mode1,
            Rule::Mode4,
            Rule::Mode6,
        ],
        (1, 1),
        |s| {
            s.whole_upgrade(1);
            s.accepts(Start);
            s.origin(Some(1));
            s.upgrade_all(0);
            s.status(AllUpgraded);
            s.refuses(Cancel);
            s.accepts(Approve);
            s.status(Stable);
        },
    ),
    documented(
        "upgrade-in-reverse-order",
        "The order of the nodes means nothing: the last one may go first.",
        &[
            Rule::Status3,
            Rule::Status7,
            Rule::Mode5,
            Rule::Mode6,
            Rule::Proc2,
        ],
        (2, MANY),
        |s| {
            s.accepts(Start);
            let mut ids: Vec<_> = s.ids().collect();
            ids.reverse();
            for id in ids {
                s.upgrade(id, 1);
                s.status(if id == s.id(1) { AllUpgraded } else { Mixed });
            }
            s.accepts(Approve);
            s.status(Stable);
        },
    ),
    documented(
        "several-nodes-at-once",
        "Who takes more than one node down at a time gets the same statuses, and still no way to finalize too early.",
        &[
            Rule::Node2,
            Rule::Node3,
            Rule::Status2,
            Rule::Status3,
            Rule::Mode3,
            Rule::Mode5,
            Rule::Proc2,
        ],
        (3, MANY),
        |s| {
            let (one, two) = (s.id(1), s.id(2));
            s.accepts(Start);
            s.ask(one, Request::Stop);
            s.stop(two);
            s.status(ReadyToUpgrade);
            s.install(one, 1);
            s.install(two, 1);
            s.ask(one, Request::Boot);
            s.boot(two);
            s.listed(one, Active, 1);
            s.listed(two, Active, 1);
            s.status(Mixed);
            s.refuses_each(&[Cancel, Approve]);
        },
    ),
    documented(
        "whole-cluster-upgraded-at-once",
        "With every node down upgrade mode stays on, and the first node of the later version is all that has joined.",
        &[
            Rule::Node2,
            Rule::Status7,
            Rule::Mode4,
            Rule::Mode5,
            Rule::Mode6,
        ],
        (1, MANY),
        |s| {
            s.accepts(Start);
            for id in s.ids() {
                s.stop(id);
            }
            for id in s.ids() {
                s.install(id, 1);
            }
            for id in s.ids() {
                s.boot(id);
                s.status(AllUpgraded);
            }
            s.origin(Some(0));
            s.refuses(Cancel);
            s.accepts(Approve);
            s.status(Stable);
        },
    ),
    documented(
        "installed-too-early",
        "A version that is installed on a running node is not live before the node is down.",
        &[Rule::Node10, Rule::Status2],
        (1, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.install(node, 1);
            s.listed(node, Active, 0);
            s.status(ReadyToUpgrade);
            s.stop(node);
            s.install(node, 1);
            s.boot(node);
            s.listed(node, Active, 1);
            s.status(if s.nodes() == 1 { AllUpgraded } else { Mixed });
        },
    ),
    documented(
        "second-upgrade",
        "Everything must work a second time, when the cluster already runs a later version and that one is the original.",
        &[
            Rule::Api1,
            Rule::Api2,
            Rule::Status2,
            Rule::Status3,
            Rule::Status7,
            Rule::Mode1,
            Rule::Mode3,
            Rule::Mode4,
            Rule::Mode5,
            Rule::Mode6,
        ],
        (1, MANY),
        |s| {
            s.whole_upgrade(1);
            s.status(Stable);
            s.accepts(Start);
            s.status(ReadyToUpgrade);
            s.origin(Some(1));
            s.refuses(Approve);
            for id in s.ids() {
                s.upgrade(id, 2);
                s.status(if id == s.last() { AllUpgraded } else { Mixed });
                s.refuses(Cancel);
            }
            s.origin(Some(1));
            s.accepts(Approve);
            s.status(Stable);
        },
    )
    .with_versions(3)
    .shipped_for(2),
    documented(
        "second-upgrade-back-to-the-first-version",
        "The version that the cluster began with is as good an upgrade as any other, once it runs a later one.",
        &[
            Rule::Api2,
            Rule::Api5,
            Rule::Status2,
            Rule::Status3,
            Rule::Status4,
            Rule::Status7,
            Rule::Mode1,
            Rule::Mode3,
            Rule::Mode4,
            Rule::Mode6,
            Rule::Mode8,
        ],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.whole_upgrade(1);
            s.accepts(Start);
            s.accepts(Cancel);
            s.status(Stable);
            s.accepts(Start);
            s.origin(Some(1));
            s.upgrade(node, 0);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
            s.breaks(node);
            s.stop(node);
            s.status(ReadyToUpgrade);
            s.boot(node);
            s.status(Mixed);
            for id in s.ids().skip(1) {
                s.kill(id);
                s.install(id, 0);
                s.boot(id);
            }
            s.status(AllUpgraded);
            s.refuses(Cancel);
            s.accepts(Approve);
            s.status(Stable);
            s.origin(None);
        },
    )
    .shipped_for(2),
];
