//! What do builds with upgrade tasks add? Tasks that run after `approve`, fail, and are retried (spec, section 6).
//!
//! Whether an upgrade brings tasks is the cluster's choice, so that most steps here have two outcomes; what is seen tells
//! which of them it was, and from there on only that one is allowed.

use super::{Scenario, Script, documented};
use crate::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
    UpgradeTasksFailed as TasksFailed,
};
use crate::spec::node::NodeId;
use crate::spec::node::NodeStatus::{Active, Error, UpgradeTasksFailed};
use crate::spec::profile::Profile;
use crate::spec::rule::Rule;
use crate::spec::transition::Call::{Approve, Cancel, Retry, Start};
use crate::traces::trace::Action;

/// The most nodes: each may finish its tasks before or after any other, so that what may be the case doubles with each.
const SOME: u8 = 8;

const fn finalization(
    name: &'static str,
    why: &'static str,
    rules: &'static [Rule],
    nodes: (u8, u8),
    write: fn(&mut Script),
) -> Scenario {
    Scenario {
        profile: Profile::Finalization,
        ..documented(name, why, rules, nodes, write).shipped_for(2)
    }
}

/// A whole upgrade, finalized, in which the tasks of these nodes fail if there are any.
fn fail_tasks_of(s: &mut Script, ids: &[NodeId]) {
    s.accepts(Start);
    s.upgrade_all(1);
    for id in ids {
        s.fail_tasks(*id);
    }
    s.status(AllUpgraded);
    s.accepts(Approve);
    s.status_of(&[Stable, TasksFailed]);
}

pub(super) const SCENARIOS: &[Scenario] = &[
    finalization(
        "upgrade-with-tasks",
        "With or without upgrade tasks a finalized cluster is STABLE in the end, and ready for the next upgrade.",
        &[
            Rule::Api6,
            Rule::Status7,
            Rule::Mode1,
            Rule::Mode6,
            Rule::Mode7,
            Rule::Fin1,
            Rule::Fin2,
        ],
        (1, SOME),
        |s| {
            s.whole_upgrade(1);
            s.status(Stable);
            for id in s.ids() {
                s.listed(id, Active, 1);
            }
            s.refuses_each(&[Cancel, Approve, Retry]);
            s.accepts(Start);
            s.origin(Some(1));
        },
    ),
    finalization(
        "second-upgrade-with-tasks",
        "The tasks of the first upgrade leave nothing behind that shows in the second.",
        &[
            Rule::Status2,
            Rule::Status7,
            Rule::Mode1,
            Rule::Mode6,
            Rule::Fin1,
            Rule::Fin2,
        ],
        (1, SOME),
        |s| {
            s.whole_upgrade(1);
            s.accepts(Start);
            s.status(ReadyToUpgrade);
            s.upgrade_all(0);
            s.status(AllUpgraded);
            s.accepts(Approve);
            s.status(Stable);
            s.refuses(Retry);
        },
    ),
    finalization(
        "retry-refused-when-nothing-failed",
        "`retryUpgrade` is for failed tasks only: it is refused in every status of a cluster without any.",
        &[
            Rule::Api9,
            Rule::Status1,
            Rule::Status3,
            Rule::Status4,
            Rule::Status5,
            Rule::Fin4,
        ],
        (2, SOME),
        |s| {
            let node = s.last();
            s.refuses(Retry);
            s.breaks(node);
            s.status(Mixed);
            s.refuses_each(&[Start, Retry]);
            s.repair(node);
            s.status(Stable);
            s.accepts(Start);
            s.refuses(Retry);
            for id in s.ids() {
                s.upgrade(id, 1);
                s.refuses(Retry);
            }
            s.status(AllUpgraded);
            s.breaks(node);
            s.status(Mixed);
            s.refuses_each(&[Approve, Retry]);
        },
    )
    .shipped_for(3),
    finalization(
        "cancel-brings-no-tasks",
        "An upgrade that is cancelled has nothing to finalize.",
        &[Rule::Api5, Rule::Status1, Rule::Mode3, Rule::Fin4],
        (1, SOME),
        |s| {
            s.accepts(Start);
            s.refuses(Retry);
            s.accepts(Cancel);
            s.status(Stable);
            s.refuses(Retry);
            s.accepts(Start);
        },
    ),
    finalization(
        "tasks-fail-on-one-node",
        "When a node's tasks fail the cluster says so until they are retried, and then it is STABLE.",
        &[
            Rule::Mode7,
            Rule::Fin1,
            Rule::Fin2,
            Rule::Fin3,
            Rule::Fin4,
        ],
        (1, SOME),
        |s| {
            let node = s.last();
            fail_tasks_of(s, &[node]);
            s.listed_as(node, &[Some((Active, 1)), Some((UpgradeTasksFailed, 1))]);
            s.look();
            s.refuses_each(&[Cancel, Approve]);
            s.accepts_or_refuses(Retry);
            s.status(Stable);
            s.listed(node, Active, 1);
            s.refuses(Retry);
        },
    )
    .shipped_for(3),
    finalization(
        "tasks-fail-on-every-node",
        "When all nodes fail they still serve, and one retry is for all of them.",
        &[Rule::Fin2, Rule::Fin3, Rule::Fin4],
        (2, SOME),
        |s| {
            let ids: Vec<_> = s.ids().collect();
            fail_tasks_of(s, &ids);
            s.accepts_or_refuses(Retry);
            s.status(Stable);
            for id in ids {
                s.listed(id, Active, 1);
            }
            s.accepts(Start);
        },
    ),
    finalization(
        "start-refused-after-failed-tasks",
        "The next upgrade must wait until this one's tasks are done.",
        &[Rule::Mode1, Rule::Fin3, Rule::Fin5],
        (1, SOME),
        |s| {
            let node = s.id(1);
            fail_tasks_of(s, &[node]);
            s.accepts_or_refuses(Start);
            s.status_of(&[ReadyToUpgrade, TasksFailed]);
            s.look();
        },
    ),
    finalization(
        "retry-fails-again",
        "A retry may fail as well, and can be repeated until it does not.",
        &[Rule::Fin2, Rule::Fin3, Rule::Fin4],
        (1, SOME),
        |s| {
            let node = s.last();
            fail_tasks_of(s, &[node]);
            s.fail_tasks(node);
            s.accepts_or_refuses(Retry);
            s.status_of(&[Stable, TasksFailed]);
            s.accepts_or_refuses(Retry);
            s.status(Stable);
        },
    ),
    finalization(
        "start-while-tasks-run",
        "`start` right after `approve` is refused while tasks run; it is accepted when there are none, or they are done.",
        &[Rule::Mode1, Rule::Fin1, Rule::Fin2, Rule::Fin5],
        (1, SOME),
        |s| {
            s.accepts(Start);
            s.upgrade_all(1);
            s.soon(Action::Call(Approve));
            s.accepts_or_refuses(Start);
            s.status_of(&[Stable, ReadyToUpgrade]);
        },
    ),
    finalization(
        "retry-while-tasks-run",
        "`retryUpgrade` is no way to run tasks twice: it is refused while they run, and after they are done.",
        &[Rule::Api9, Rule::Fin1, Rule::Fin2, Rule::Fin4],
        (1, SOME),
        |s| {
            s.accepts(Start);
            s.upgrade_all(1);
            s.soon(Action::Call(Approve));
            s.refuses_each(&[Retry, Cancel, Approve]);
            s.status(Stable);
        },
    ),
    finalization(
        "node-with-failed-tasks-stopped",
        "Taking the failed node away does not do its tasks: they stay pending until a retry on the nodes that are left.",
        &[
            Rule::Node3,
            Rule::Node5,
            Rule::Fin2,
            Rule::Fin3,
            Rule::Fin4,
        ],
        (2, SOME),
        |s| {
            let node = s.last();
            fail_tasks_of(s, &[node]);
            s.stop(node);
            s.unlisted(node);
            s.status_of(&[Stable, TasksFailed]);
            s.accepts_or_refuses(Retry);
            s.status(Stable);
            s.boot(node);
            s.listed(node, Active, 1);
        },
    ),
    finalization(
        "node-with-failed-tasks-dies",
        "So when it dies: the cluster still says that tasks failed, and `start` must wait.",
        &[
            Rule::Node4,
            Rule::Node5,
            Rule::Fin3,
            Rule::Fin4,
            Rule::Fin5,
        ],
        (2, SOME),
        |s| {
            let node = s.last();
            fail_tasks_of(s, &[node]);
            s.kill(node);
            s.unlisted(node);
            s.status_of(&[Stable, TasksFailed]);
            s.accepts_or_refuses(Start);
            s.accepts_or_refuses(Retry);
            s.status_of(&[Stable, ReadyToUpgrade]);
        },
    ),
    finalization(
        "node-with-failed-tasks-in-error",
        "An error on top of failed tasks: `start` is refused for either reason, and only a retry does the tasks.",
        &[
            Rule::Node6,
            Rule::Status5,
            Rule::Mode2,
            Rule::Fin3,
            Rule::Fin4,
            Rule::Fin5,
        ],
        (2, SOME),
        |s| {
            let node = s.last();
            fail_tasks_of(s, &[node]);
            s.breaks(node);
            s.listed(node, Error, 1);
            s.status_of(&[Mixed, TasksFailed]);
            s.refuses(Start);
            s.repair(node);
            s.listed(node, Active, 1);
            s.status_of(&[Stable, TasksFailed]);
            s.accepts_or_refuses(Retry);
            s.status(Stable);
        },
    ),
    finalization(
        "node-dies-while-tasks-run",
        "A node that dies while its tasks run is removed; what is pending then is done by a retry.",
        &[
            Rule::Node4,
            Rule::Node5,
            Rule::Fin1,
            Rule::Fin3,
            Rule::Fin4,
        ],
        (2, SOME),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.upgrade_all(1);
            s.soon(Action::Call(Approve));
            s.kill(node);
            s.unlisted(node);
            s.status_of(&[Stable, TasksFailed]);
            s.accepts_or_refuses(Retry);
            s.status(Stable);
        },
    ),
    finalization(
        "node-joins-after-failed-tasks",
        "A node that comes back after tasks failed is ACTIVE, and the retry is still for those that failed.",
        &[
            Rule::Node2,
            Rule::Node9,
            Rule::Fin2,
            Rule::Fin3,
            Rule::Fin4,
        ],
        (2, SOME),
        |s| {
            let (failed, late) = (s.id(1), s.last());
            s.accepts(Start);
            s.upgrade_all(1);
            s.stop(late);
            s.fail_tasks(failed);
            s.accepts(Approve);
            s.unlisted(late);
            s.boot(late);
            s.listed(late, Active, 1);
            s.status_of(&[Stable, TasksFailed]);
            s.accepts_or_refuses(Retry);
            s.status(Stable);
        },
    ),
    finalization(
        "race-of-approve-with-tasks",
        "Two admins who finalize at once: exactly one of them did, and the tasks run once.",
        &[Rule::Api12, Rule::Mode6, Rule::Fin1, Rule::Fin2],
        (1, SOME),
        |s| {
            s.accepts(Start);
            s.upgrade_all(1);
            s.races(Approve, 4);
            s.status(Stable);
            s.races_refused(Retry, 4);
        },
    ),
];
