//! What must the calls themselves keep to? Reads and refused calls that change nothing, unknown nodes, credentials,
//! calls sent at once, and one long tour through every status.

use super::{MANY, Scenario, documented};
use crate::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use crate::spec::node::NodeStatus::{Active, Error, Offline};
use crate::spec::rule::Rule;
use crate::spec::transition::Call::{Approve, Cancel, Start};
use crate::traces::trace::Action;

pub(super) const SCENARIOS: &[Scenario] = &[
    documented(
        "stable-cluster-read-only",
        "What a cluster in production may be asked at any time: reads alone.",
        &[
            Rule::Api1,
            Rule::Api3,
            Rule::Api4,
            Rule::Api7,
            Rule::Api8,
            Rule::Api11,
            Rule::Node1,
            Rule::Status1,
        ],
        (1, MANY),
        |s| {
            s.look();
            s.status(Stable);
            s.act(Action::UnknownNode);
            s.look();
        },
    ),
    documented(
        "stable-cluster-refuses",
        "The calls that a cluster refuses while nobody upgrades it: nothing is disturbed by trying them.",
        &[Rule::Api8, Rule::Api9, Rule::Status1, Rule::Mode7],
        (1, MANY),
        |s| {
            s.refuses(Cancel);
            s.refuses(Approve);
            s.races_refused(Cancel, 3);
            s.look();
            s.status(Stable);
        },
    ),
    documented(
        "reads-change-nothing",
        "Monitoring may ask as often as it likes, in every status, and always gets the same answer.",
        &[Rule::Api1, Rule::Api3, Rule::Api4, Rule::Api8, Rule::Api11, Rule::Status4],
        (2, MANY),
        |s| {
            s.look();
            s.look();
            s.accepts(Start);
            s.look();
            s.stop(s.last());
            s.look();
            s.listed(s.last(), Offline, 0);
            s.boot(s.last());
            s.upgrade(s.id(1), 1);
            s.look();
            s.status(Mixed);
            s.breaks(s.id(1));
            s.look();
            s.status(Mixed);
        },
    ),
    documented(
        "refused-calls-change-nothing",
        "However often a refused call is repeated, the cluster is as before, and the call that is allowed still works.",
        &[Rule::Api9, Rule::Mode3, Rule::Mode5, Rule::Mode7],
        (2, MANY),
        |s| {
            s.refuses_each(&[Approve, Cancel, Approve, Cancel]);
            s.status(Stable);
            s.accepts(Start);
            s.refuses_each(&[Start, Approve, Start, Approve]);
            s.status(ReadyToUpgrade);
            s.origin(Some(0));
            s.accepts(Cancel);
            s.status(Stable);
        },
    ),
    documented(
        "unknown-node-is-not-found",
        "A node that never existed answers 404, and asking for it changes nothing.",
        &[Rule::Api7, Rule::Api8],
        (1, MANY),
        |s| {
            s.act(Action::UnknownNode);
            s.status(Stable);
            s.accepts(Start);
            s.act(Action::UnknownNode);
            s.status(ReadyToUpgrade);
        },
    ),
    documented(
        "removed-node-is-not-found",
        "A node that was removed answers 404, and 200 again once it is back.",
        &[Rule::Api1, Rule::Api7, Rule::Node5, Rule::Node9],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.kill(node);
            s.unlisted(node);
            s.look();
            s.boot(node);
            s.listed(node, Active, 0);
        },
    ),
    documented(
        "no-credentials",
        "Whoever sends no credentials learns and changes nothing, whatever call would be accepted.",
        &[Rule::Api8, Rule::Api10],
        (1, MANY),
        |s| {
            s.act(Action::Anonymous);
            s.accepts(Start);
            s.act(Action::Anonymous);
            s.status(ReadyToUpgrade);
            s.upgrade_all(1);
            s.act(Action::Anonymous);
            s.status(AllUpgraded);
        },
    ),
    documented(
        "no-system-administrator",
        "Whoever is no system administrator learns and changes nothing, whatever call would be accepted.",
        &[Rule::Api8, Rule::Api10],
        (1, MANY),
        |s| {
            s.act(Action::Plain);
            s.accepts(Start);
            s.act(Action::Plain);
            s.status(ReadyToUpgrade);
            s.upgrade_all(1);
            s.act(Action::Plain);
            s.status(AllUpgraded);
        },
    ),
    documented(
        "race-of-start",
        "Two admins who enable upgrade mode at once: exactly one of them did.",
        &[Rule::Api2, Rule::Api9, Rule::Api12, Rule::Mode7],
        (1, MANY),
        |s| {
            s.races(Start, 4);
            s.status(ReadyToUpgrade);
            s.origin(Some(0));
            s.races_refused(Start, 4);
            s.status(ReadyToUpgrade);
        },
    ),
    documented(
        "race-of-cancel",
        "Two admins who disable upgrade mode at once: exactly one of them did.",
        &[Rule::Api5, Rule::Api9, Rule::Api12, Rule::Mode7],
        (1, MANY),
        |s| {
            s.races_refused(Cancel, 4);
            s.accepts(Start);
            s.races(Cancel, 4);
            s.status(Stable);
        },
    ),
    documented(
        "race-of-approve",
        "Two admins who finalize at once: exactly one of them did.",
        &[Rule::Api6, Rule::Api9, Rule::Api12, Rule::Mode5, Rule::Mode6],
        (1, MANY),
        |s| {
            s.accepts(Start);
            s.races_refused(Approve, 4);
            s.upgrade_all(1);
            s.races(Approve, 4);
            s.status(Stable);
            s.accepts(Start);
        },
    )
    .shipped_for(2),
    documented(
        "grand-tour",
        "Every status of the cluster and of its nodes in one run, each call tried in each.",
        &[
            Rule::Api1,
            Rule::Api9,
            Rule::Api11,
            Rule::Node1,
            Rule::Node3,
            Rule::Node4,
            Rule::Node5,
            Rule::Node6,
            Rule::Node7,
            Rule::Node9,
            Rule::Status1,
            Rule::Status2,
            Rule::Status3,
            Rule::Status4,
            Rule::Status5,
            Rule::Status7,
            Rule::Mode1,
            Rule::Mode2,
            Rule::Mode3,
            Rule::Mode4,
            Rule::Mode5,
            Rule::Mode6,
            Rule::Mode7,
            Rule::Mode8,
        ],
        (2, MANY),
        |s| {
            let (first, last) = (s.id(1), s.last());
            s.status(Stable);
            s.refuses_each(&[Cancel, Approve]);
            s.breaks(first);
            s.listed(first, Error, 0);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
            s.repair(first);
            s.accepts(Start);
            s.status(ReadyToUpgrade);
            s.refuses_each(&[Start, Approve]);
            s.upgrade(first, 1);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
            s.breaks(last);
            s.listed(last, Error, 0);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel, Approve]);
            s.stop(last);
            s.listed(last, Offline, 0);
            for id in s.ids().filter(|id| *id != first && *id != last) {
                s.upgrade(id, 1);
            }
            s.status(AllUpgraded);
            s.refuses_each(&[Start, Cancel]);
            s.accepts(Approve);
            s.status(Stable);
            s.unlisted(last);
            s.refuses_each(&[Cancel, Approve]);
            s.install(last, 1);
            s.boot(last);
            s.listed(last, Active, 1);
            s.accepts(Start);
            s.origin(Some(1));
        },
    ),
];
