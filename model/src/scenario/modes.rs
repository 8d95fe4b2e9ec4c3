//! Which call is allowed when? Each call in its one status, and refused in every other.

use super::{MANY, Scenario, documented};
use crate::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use crate::rule::Rule;
use crate::transition::Call::{Approve, Cancel, Start};

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
    ),
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
    ),
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
];
