//! Who follows the page: whole upgrades, forwards and backwards, of clusters of every size.

use super::{MANY, Scenario, documented};
use crate::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use crate::node::NodeStatus::{Active, Offline};
use crate::rule::Rule;
use crate::transition::Call::{Approve, Cancel, Start};

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
        "second-upgrade",
        "Everything must work a second time, when the cluster already runs a later version and that one is the original.",
        &[
            Rule::Api1,
            Rule::Api2,
            Rule::Status2,
            Rule::Status3,
            Rule::Status7,
            Rule::Mode1,
            Rule::Mode6,
        ],
        (1, MANY),
        |s| {
            s.whole_upgrade(1);
            s.status(Stable);
            s.accepts(Start);
            s.status(ReadyToUpgrade);
            s.origin(Some(1));
            s.upgrade_all(2);
            s.status(AllUpgraded);
            s.origin(Some(1));
            s.accepts(Approve);
            s.status(Stable);
        },
    )
    .with_versions(3),
];
