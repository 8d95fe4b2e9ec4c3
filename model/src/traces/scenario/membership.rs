//! Who is in the cluster? Nodes that are removed, come back or are kept out, and clusters that shrink.

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
        "removed-node-kept-out-until-mode-is-on",
        "With upgrade mode off a node of another version is not let in; with upgrade mode on it is the first upgraded node.",
        &[
            Rule::Api7,
            Rule::Node9,
            Rule::Status1,
            Rule::Status3,
            Rule::Mode1,
            Rule::Mode8,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.stop(node);
            s.install(node, 1);
            s.boot(node);
            s.unlisted(node);
            s.status(Stable);
            s.accepts(Start);
            s.unlisted(node);
            s.status(ReadyToUpgrade);
            s.boot(node);
            s.listed(node, Active, 1);
            s.status(Mixed);
            s.refuses_each(&[Cancel, Approve]);
        },
    ),
    documented(
        "nodes-down-at-cancel-are-removed",
        "`cancel` removes each OFFLINE node, whichever version it has; only those of the cluster's version come back.",
        &[
            Rule::Api5,
            Rule::Node5,
            Rule::Node9,
            Rule::Status2,
            Rule::Mode8,
        ],
        (3, MANY),
        |s| {
            let (old, new) = (s.id(1), s.id(2));
            s.accepts(Start);
            s.stop(old);
            s.kill(new);
            s.install(new, 1);
            s.listed(old, Offline, 0);
            s.accepts(Cancel);
            s.unlisted(old);
            s.unlisted(new);
            s.boot(old);
            s.listed(old, Active, 0);
            s.boot(new);
            s.unlisted(new);
            s.status(Stable);
        },
    ),
    documented(
        "nodes-down-at-approve-are-removed",
        "`approve` removes each OFFLINE node, whichever version it has; only those of the cluster's version come back.",
        &[
            Rule::Api6,
            Rule::Node5,
            Rule::Node9,
            Rule::Status7,
            Rule::Mode8,
        ],
        (3, MANY),
        |s| {
            let (old, new) = (s.id(1), s.id(2));
            s.accepts(Start);
            s.stop(old);
            for id in s.ids().skip(1) {
                s.upgrade(id, 1);
            }
            s.kill(new);
            s.status(AllUpgraded);
            s.accepts(Approve);
            s.unlisted(old);
            s.unlisted(new);
            s.boot(new);
            s.listed(new, Active, 1);
            s.boot(old);
            s.unlisted(old);
            s.status(Stable);
        },
    ),
    documented(
        "cluster-shrunk-to-one",
        "One node that is left upgrades alone, and takes the others back once they run its version.",
        &[
            Rule::Node5,
            Rule::Node9,
            Rule::Status7,
            Rule::Mode4,
            Rule::Mode6,
        ],
        (2, MANY),
        |s| {
            let only = s.id(1);
            for id in s.ids().skip(1) {
                s.stop(id);
            }
            s.status(Stable);
            s.accepts(Start);
            s.upgrade(only, 1);
            s.status(AllUpgraded);
            s.refuses(Cancel);
            s.accepts(Approve);
            for id in s.ids().skip(1) {
                s.install(id, 1);
                s.boot(id);
                s.listed(id, Active, 1);
            }
            s.status(Stable);
        },
    ),
    documented(
        "first-to-join-sets-the-version",
        "When the whole cluster is down with upgrade mode off, the first node to join sets the version for the others.",
        &[
            Rule::Node9,
            Rule::Node10,
            Rule::Status1,
            Rule::Mode1,
            Rule::Mode8,
        ],
        (2, MANY),
        |s| {
            let (first, second) = (s.id(1), s.id(2));
            for id in s.ids() {
                s.stop(id);
            }
            s.install(first, 1);
            s.boot(first);
            s.listed(first, Active, 1);
            s.boot(second);
            s.unlisted(second);
            s.status(Stable);
            s.install(second, 1);
            s.boot(second);
            s.listed(second, Active, 1);
            s.accepts(Start);
            s.origin(Some(1));
        },
    ),
    documented(
        "two-versions-race-for-an-empty-cluster",
        "Two nodes of different versions that start at once on an empty cluster: one gets in, never both.",
        &[Rule::Node9, Rule::Status1, Rule::Mode8],
        (2, MANY),
        |s| {
            let (first, second) = (s.id(1), s.id(2));
            for id in s.ids() {
                s.stop(id);
            }
            s.install(first, 1);
            s.ask(first, Request::Boot);
            s.boot(second);
            s.listed_as(first, &[None, Some((Active, 1))]);
            s.listed_as(second, &[None, Some((Active, 0))]);
            s.status(Stable);
            s.accepts(Start);
        },
    ),
    documented(
        "installed-back-and-forth-while-down",
        "What counts is the version that a node runs when it is back, not those that were installed in between.",
        &[Rule::Node10, Rule::Status2, Rule::Status3, Rule::Mode5],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.stop(node);
            s.install(node, 1);
            s.install(node, 2);
            s.install(node, 0);
            s.boot(node);
            s.listed(node, Active, 0);
            s.status(ReadyToUpgrade);
            s.stop(node);
            s.install(node, 1);
            s.install(node, 2);
            s.boot(node);
            s.listed(node, Active, 2);
            s.status(Mixed);
            s.refuses(Approve);
        },
    )
    .with_versions(3),
];
