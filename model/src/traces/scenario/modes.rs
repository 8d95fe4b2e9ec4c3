//! Which call is allowed when? Each call in its one status, and refused in every other.

use super::{MANY, Scenario, documented};
use crate::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use crate::spec::node::NodeStatus::{Active, Offline};
use crate::spec::rule::Rule;
use crate::spec::transition::Call::{Approve, Cancel, Start};

pub(super) const SCENARIOS: &[Scenario] = &[
    documented(
        "cancel-before-any-upgrade",
        "An admin who changes their mind before the first node must get out again with `cancel`.",
        &[
            Rule::Api1,
            Rule::Api5,
            Rule::Status1,
            Rule::Status2,
            Rule::Mode3,
        ],
        (1, MANY),
        |s| {
            s.accepts(Start);
            s.status(ReadyToUpgrade);
            s.accepts(Cancel);
            s.status(Stable);
            s.origin(None);
        },
    ),
    documented(
        "cancel-refused-when-mixed",
        "With nodes of two versions in the cluster there is no way back by `cancel`, from the first upgraded node to the last but one.",
        &[Rule::Api9, Rule::Status3, Rule::Mode3],
        (2, MANY),
        |s| {
            s.accepts(Start);
            for id in s.ids() {
                s.upgrade(id, 1);
                if id != s.last() {
                    s.status(Mixed);
                    s.refuses(Cancel);
                }
            }
            s.status(AllUpgraded);
        },
    ),
    documented(
        "cancel-refused-when-all-upgraded",
        "Once all nodes are upgraded the cluster is not MIXED any more, and `cancel` must still be refused.",
        &[Rule::Api9, Rule::Status7, Rule::Mode4],
        (1, MANY),
        |s| {
            s.accepts(Start);
            s.upgrade_all(1);
            s.status(AllUpgraded);
            s.refuses(Cancel);
            s.status(AllUpgraded);
            s.accepts(Approve);
        },
    )
    .shipped_for(2),
    documented(
        "start-refused-while-mode-is-on",
        "A second `start` must be refused in each status of upgrade mode, and must not record another original version.",
        &[Rule::Api2, Rule::Api9, Rule::Mode7],
        (2, MANY),
        |s| {
            s.accepts(Start);
            s.refuses(Start);
            s.status(ReadyToUpgrade);
            for id in s.ids() {
                s.upgrade(id, 1);
                s.refuses(Start);
                s.origin(Some(0));
            }
            s.status(AllUpgraded);
        },
    )
    .shipped_for(2),
    documented(
        "nothing-to-cancel-or-approve-while-mode-is-off",
        "`cancel` and `approve` are refused on a cluster that nobody began to upgrade.",
        &[Rule::Api9, Rule::Status1, Rule::Mode5, Rule::Mode7],
        (1, MANY),
        |s| {
            s.refuses_each(&[Cancel, Approve]);
            s.status(Stable);
            s.accepts(Start);
        },
    ),
    documented(
        "approve-refused-before-any-upgrade",
        "Finalizing with no node upgraded would end an upgrade that never began.",
        &[Rule::Api9, Rule::Status2, Rule::Mode5],
        (1, MANY),
        |s| {
            s.accepts(Start);
            s.refuses(Approve);
            s.status(ReadyToUpgrade);
            s.accepts(Cancel);
        },
    ),
    documented(
        "approve-refused-when-mixed",
        "Finalizing is refused from the first upgraded node to the last but one, however few old nodes are left.",
        &[Rule::Api9, Rule::Status3, Rule::Mode5],
        (2, MANY),
        |s| {
            s.accepts(Start);
            for id in s.ids() {
                s.upgrade(id, 1);
                if id != s.last() {
                    s.status(Mixed);
                    s.refuses(Approve);
                }
            }
            s.status(AllUpgraded);
            s.accepts(Approve);
        },
    ),
    documented(
        "start-again-after-cancel",
        "`cancel` leaves nothing behind: it cannot be repeated, and the next upgrade begins like the first.",
        &[
            Rule::Api2,
            Rule::Api5,
            Rule::Api9,
            Rule::Mode1,
            Rule::Mode3,
            Rule::Mode7,
        ],
        (2, MANY),
        |s| {
            s.accepts(Start);
            s.accepts(Cancel);
            s.refuses_each(&[Cancel, Approve]);
            s.status(Stable);
            s.accepts(Start);
            s.origin(Some(0));
            s.refuses(Start);
            s.upgrade(s.id(1), 1);
            s.status(Mixed);
            s.refuses(Cancel);
        },
    ),
    documented(
        "start-again-after-finalizing",
        "`approve` leaves nothing behind: it cannot be repeated, and the cluster is ready for the next upgrade at once.",
        &[
            Rule::Api6,
            Rule::Api9,
            Rule::Mode1,
            Rule::Mode6,
            Rule::Mode7,
        ],
        (1, MANY),
        |s| {
            s.whole_upgrade(1);
            s.status(Stable);
            s.refuses_each(&[Approve, Cancel]);
            s.accepts(Start);
            s.origin(Some(1));
            s.refuses_each(&[Start, Approve]);
            s.accepts(Cancel);
            s.status(Stable);
        },
    )
    .shipped_for(2),
    documented(
        "cancel-with-an-upgraded-node-down",
        "An upgraded node that is OFFLINE does not keep the admin from cancelling; it is removed, and let in again with the old version only.",
        &[
            Rule::Api5,
            Rule::Node5,
            Rule::Node9,
            Rule::Status2,
            Rule::Mode3,
            Rule::Mode5,
            Rule::Mode8,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.stop(node);
            s.install(node, 1);
            s.listed(node, Offline, 1);
            s.status(ReadyToUpgrade);
            s.refuses(Approve);
            s.accepts(Cancel);
            s.unlisted(node);
            s.boot(node);
            s.unlisted(node);
            s.status(Stable);
            s.install(node, 0);
            s.boot(node);
            s.listed(node, Active, 0);
        },
    ),
    documented(
        "cancel-after-rolling-back",
        "Who puts the earlier version back on the only upgraded node is where they were before, and may cancel.",
        &[
            Rule::Node10,
            Rule::Status2,
            Rule::Status3,
            Rule::Mode3,
            Rule::Mode5,
        ],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.accepts(Start);
            s.upgrade(node, 1);
            s.status(Mixed);
            s.refuses(Cancel);
            s.upgrade(node, 0);
            s.listed(node, Active, 0);
            s.status(ReadyToUpgrade);
            s.refuses(Approve);
            s.accepts(Cancel);
            s.status(Stable);
        },
    ),
    documented(
        "every-node-rolled-back",
        "Even with all nodes upgraded the way back is open until the upgrade is finalized: node by node to the original.",
        &[
            Rule::Node10,
            Rule::Status2,
            Rule::Status3,
            Rule::Status7,
            Rule::Mode3,
            Rule::Mode4,
            Rule::Mode5,
        ],
        (1, MANY),
        |s| {
            s.accepts(Start);
            s.upgrade_all(1);
            s.status(AllUpgraded);
            s.refuses(Cancel);
            for id in s.ids() {
                s.upgrade(id, 0);
                if id != s.last() {
                    s.status(Mixed);
                    s.refuses(Cancel);
                }
            }
            s.status(ReadyToUpgrade);
            s.refuses(Approve);
            s.accepts(Cancel);
        },
    )
    .shipped_for(2),
    documented(
        "approve-with-an-old-node-down",
        "An old node that is OFFLINE does not keep the others from finalizing; it is removed when they do.",
        &[
            Rule::Api6,
            Rule::Node5,
            Rule::Status7,
            Rule::Mode4,
            Rule::Mode5,
            Rule::Mode6,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.stop(node);
            for id in s.ids().filter(|id| *id != node) {
                s.upgrade(id, 1);
            }
            s.listed(node, Offline, 0);
            s.status(AllUpgraded);
            s.refuses_each(&[Start, Cancel]);
            s.accepts(Approve);
            s.unlisted(node);
            s.status(Stable);
        },
    ),
];
