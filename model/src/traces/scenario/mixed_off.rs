//! What if something goes wrong on a node with upgrade mode off? `start` must wait until the problem is fixed or the node
//! is out (the page's "Mixed status with Upgrade mode disabled").

use super::{MANY, Scenario, documented};
use crate::judge::belief::Request;
use crate::spec::cluster::ClusterStatus::{Mixed, ReadyToUpgrade, Stable};
use crate::spec::node::NodeStatus::{Active, Error};
use crate::spec::rule::Rule;
use crate::spec::transition::Call::{Approve, Cancel, Start};

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
        "errored-node-stopped-with-mode-off",
        "Taking the errored node out of the cluster is as good as fixing it: upgrade mode can be enabled without it.",
        &[Rule::Node5, Rule::Node7, Rule::Status1, Rule::Status5, Rule::Mode1, Rule::Mode2],
        (2, MANY),
        |s| {
            let node = s.last();
            s.breaks(node);
            s.refuses(Start);
            s.stop(node);
            s.unlisted(node);
            s.status(Stable);
            s.accepts(Start);
        },
    ),
    documented(
        "errored-node-shut-down-with-mode-off",
        "So is shutting it down altogether; fixed, it may come back in the middle of the upgrade.",
        &[Rule::Node5, Rule::Node8, Rule::Node9, Rule::Status1, Rule::Status5, Rule::Mode1],
        (2, MANY),
        |s| {
            let node = s.last();
            s.breaks(node);
            s.status(Mixed);
            s.kill(node);
            s.unlisted(node);
            s.status(Stable);
            s.accepts(Start);
            s.boot(node);
            s.listed(node, Active, 0);
            s.status(ReadyToUpgrade);
        },
    ),
    documented(
        "errors-on-several-nodes",
        "One errored node is as bad as several: the cluster is well again only when the last of them is.",
        &[
            Rule::Node1,
            Rule::Node6,
            Rule::Node7,
            Rule::Status4,
            Rule::Status5,
            Rule::Mode2,
            Rule::Mode3,
        ],
        (3, MANY),
        |s| {
            let (one, two) = (s.id(1), s.id(2));
            s.breaks(one);
            s.breaks(two);
            s.status(Mixed);
            s.refuses(Start);
            s.repair(one);
            s.status(Mixed);
            s.refuses(Start);
            s.repair(two);
            s.status(Stable);
            s.accepts(Start);
            s.breaks(two);
            s.breaks(one);
            s.stop(two);
            s.status(Mixed);
            s.refuses(Cancel);
            s.repair(one);
            s.status(ReadyToUpgrade);
            s.accepts(Cancel);
            s.unlisted(two);
        },
    ),
    documented(
        "error-while-starting-with-mode-off",
        "So with upgrade mode off: the errored node blocks `start` until it is stopped, and then it is removed.",
        &[Rule::Node5, Rule::Node6, Rule::Node7, Rule::Status5, Rule::Mode2],
        (2, MANY),
        |s| {
            let node = s.last();
            s.stop(node);
            s.unlisted(node);
            s.ask(node, Request::Boot);
            s.breaks(node);
            s.listed(node, Error, 0);
            s.status(Mixed);
            s.refuses(Start);
            s.stop(node);
            s.unlisted(node);
            s.status(Stable);
        },
    ),
    documented(
        "errored-node-of-another-version-stays-out",
        "With upgrade mode off an errored node cannot be repaired into a cluster that runs another version by now.",
        &[Rule::Node7, Rule::Node9, Rule::Status5, Rule::Mode2, Rule::Mode8],
        (2, MANY),
        |s| {
            let node = s.last();
            let others: Vec<_> = s.ids().filter(|id| *id != node).collect();
            s.breaks(node);
            for id in others.iter().copied() {
                s.kill(id);
                s.install(id, 1);
            }
            for id in others.iter().copied() {
                s.boot(id);
                s.listed(id, Active, 1);
            }
            s.status(Mixed);
            s.repair(node);
            s.listed(node, Error, 0);
            s.refuses(Start);
            s.stop(node);
            s.unlisted(node);
            s.install(node, 1);
            s.boot(node);
            s.listed(node, Active, 1);
            s.status(Stable);
            s.accepts(Start);
            s.origin(Some(1));
        },
    ),
    documented(
        "error-after-cancel",
        "A cancelled upgrade leaves a cluster as it was: an error blocks `start` there as anywhere.",
        &[Rule::Status5, Rule::Mode1, Rule::Mode2, Rule::Mode7],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.accepts(Start);
            s.accepts(Cancel);
            s.breaks(node);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel]);
            s.repair(node);
            s.status(Stable);
            s.accepts(Start);
        },
    ),
];
