//! What with three versions? Clusters of two later versions at once, and originals that are not the first version.

use super::{MANY, Scenario, documented};
use crate::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use crate::spec::node::NodeStatus::{Active, Offline};
use crate::spec::rule::Rule;
use crate::spec::transition::Call::{Approve, Cancel, Start};

pub(super) const SCENARIOS: &[Scenario] = &[
    documented(
        "two-different-later-versions",
        "With every node upgraded, but not to the same version, the cluster is MIXED and nothing can be finalized.",
        &[
            Rule::Status3,
            Rule::Status6,
            Rule::Status7,
            Rule::Mode3,
            Rule::Mode5,
            Rule::Mode6,
        ],
        (2, MANY),
        |s| {
            let odd = s.id(1);
            s.accepts(Start);
            s.upgrade(odd, 1);
            for id in s.ids().skip(1) {
                s.upgrade(id, 2);
            }
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
            s.upgrade(odd, 2);
            s.status(AllUpgraded);
            s.refuses(Cancel);
            s.accepts(Approve);
            s.status(Stable);
        },
    )
    .with_versions(3),
    documented(
        "three-versions-at-once",
        "Nodes of three versions: the status goes by those that have joined, and finalizing keeps the others out.",
        &[
            Rule::Node5,
            Rule::Status3,
            Rule::Status6,
            Rule::Status7,
            Rule::Mode5,
            Rule::Mode8,
        ],
        (3, 3),
        |s| {
            let (one, two, old) = (s.id(1), s.id(2), s.id(3));
            s.accepts(Start);
            s.upgrade(one, 1);
            s.upgrade(two, 2);
            s.status(Mixed);
            s.refuses_each(&[Cancel, Approve]);
            s.stop(old);
            s.status(Mixed);
            s.refuses_each(&[Cancel, Approve]);
            s.stop(two);
            s.status(AllUpgraded);
            s.refuses(Cancel);
            s.accepts(Approve);
            s.unlisted(two);
            s.unlisted(old);
            s.boot(two);
            s.unlisted(two);
            s.listed(one, Active, 1);
        },
    )
    .with_versions(3),
    documented(
        "upgrade-to-the-middle-version",
        "That a still later version exists means nothing: any version other than the original may be finalized.",
        &[
            Rule::Status7,
            Rule::Mode5,
            Rule::Mode6,
            Rule::Mode8,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.upgrade_all(1);
            s.stop(node);
            s.install(node, 2);
            s.listed(node, Offline, 2);
            s.status(AllUpgraded);
            s.accepts(Approve);
            s.unlisted(node);
            s.boot(node);
            s.unlisted(node);
            s.status(Stable);
        },
    )
    .with_versions(3)
    .shipped_for(2),
    documented(
        "second-upgrade-in-two-directions",
        "In a second upgrade the very first version counts as upgraded like any other: with it and a later one it is MIXED.",
        &[
            Rule::Api2,
            Rule::Status2,
            Rule::Status6,
            Rule::Status7,
            Rule::Mode3,
            Rule::Mode4,
            Rule::Mode5,
        ],
        (2, MANY),
        |s| {
            let back = s.id(1);
            s.whole_upgrade(1);
            s.accepts(Start);
            s.origin(Some(1));
            s.stop(back);
            s.install(back, 0);
            s.status(ReadyToUpgrade);
            s.boot(back);
            for id in s.ids().skip(1) {
                s.upgrade(id, 2);
            }
            s.status(Mixed);
            s.refuses_each(&[Cancel, Approve]);
            s.kill(back);
            s.status(AllUpgraded);
            s.refuses(Cancel);
            s.accepts(Approve);
            s.unlisted(back);
        },
    )
    .with_versions(3)
    .shipped_for(2),
    documented(
        "second-upgrade-downwards",
        "From the newest version to the one in between: whether a version counts as upgraded has nothing to do with its number.",
        &[
            Rule::Api2,
            Rule::Status2,
            Rule::Status3,
            Rule::Status7,
            Rule::Mode5,
            Rule::Mode6,
        ],
        (2, MANY),
        |s| {
            s.whole_upgrade(2);
            s.accepts(Start);
            s.origin(Some(2));
            for id in s.ids() {
                s.upgrade(id, 1);
                s.status(if id == s.last() { AllUpgraded } else { Mixed });
            }
            s.accepts(Approve);
            s.status(Stable);
        },
    )
    .with_versions(3)
    .shipped_for(2),
];
