//! What if nodes stop, die and start when nobody expects it? Restarts in every status, interrupted ones, and calls sent
//! while a node is between two phases.

use super::{MANY, Scenario, documented};
use crate::judge::belief::Request;
use crate::spec::cluster::ClusterStatus::{
    Mixed, ReadyToRunUpgradeTasks as AllUpgraded, ReadyToUpgrade, Stable,
};
use crate::spec::node::NodeStatus::{Active, Error, Offline};
use crate::spec::rule::Rule;
use crate::spec::transition::Call::{Approve, Cancel, Start};

pub(super) const SCENARIOS: &[Scenario] = &[
    documented(
        "restart-with-mode-off",
        "A node that is restarted outside of any upgrade leaves the cluster and comes back, however it went down.",
        &[
            Rule::Api7,
            Rule::Node2,
            Rule::Node3,
            Rule::Node4,
            Rule::Node5,
            Rule::Node9,
            Rule::Status1,
        ],
        (2, MANY),
        |s| {
            let node = s.last();
            s.stop(node);
            s.unlisted(node);
            s.status(Stable);
            s.boot(node);
            s.listed(node, Active, 0);
            s.kill(node);
            s.unlisted(node);
            s.status(Stable);
            s.boot(node);
            s.listed(node, Active, 0);
        },
    ),
    documented(
        "restart-while-mode-is-on",
        "With upgrade mode on a stopped node stays listed, and a restart alone upgrades nothing.",
        &[Rule::Node2, Rule::Node3, Rule::Node10, Rule::Status2, Rule::Status3, Rule::Mode5],
        (2, MANY),
        |s| {
            let (first, last) = (s.id(1), s.last());
            s.accepts(Start);
            s.stop(last);
            s.look();
            s.listed(last, Offline, 0);
            s.boot(last);
            s.listed(last, Active, 0);
            s.status(ReadyToUpgrade);
            s.refuses(Approve);
            s.upgrade(first, 1);
            s.stop(first);
            s.listed(first, Offline, 1);
            s.status(ReadyToUpgrade);
            s.boot(first);
            s.listed(first, Active, 1);
            s.status(Mixed);
        },
    ),
    documented(
        "node-dies-before-any-upgrade",
        "A node that dies is OFFLINE and no error: `cancel` still works, and removes it.",
        &[Rule::Node4, Rule::Node5, Rule::Status2, Rule::Mode3, Rule::Mode5, Rule::Mode7],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.accepts(Start);
            s.kill(node);
            s.listed(node, Offline, 0);
            s.status(ReadyToUpgrade);
            s.refuses_each(&[Start, Approve]);
            s.accepts(Cancel);
            s.unlisted(node);
            s.status(Stable);
        },
    ),
    documented(
        "only-upgraded-node-dies",
        "When the only upgraded node dies no joined node is upgraded any more; when it is back, it is MIXED again.",
        &[Rule::Node4, Rule::Status2, Rule::Status3, Rule::Mode3, Rule::Mode5],
        (2, MANY),
        |s| {
            let node = s.id(1);
            s.begun_upgrade(1);
            s.kill(node);
            s.listed(node, Offline, 1);
            s.status(ReadyToUpgrade);
            s.refuses(Approve);
            s.boot(node);
            s.status(Mixed);
            s.refuses(Cancel);
        },
    ),
    documented(
        "last-old-node-dies",
        "When the last old node dies every joined node is upgraded: the upgrade can be finalized and no longer cancelled.",
        &[Rule::Node4, Rule::Node5, Rule::Status3, Rule::Status7, Rule::Mode4, Rule::Mode5],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.upgrade_others(node, 1);
            s.status(Mixed);
            s.kill(node);
            s.listed(node, Offline, 0);
            s.status(AllUpgraded);
            s.refuses(Cancel);
            s.boot(node);
            s.status(Mixed);
            s.refuses(Approve);
            s.kill(node);
            s.accepts(Approve);
            s.unlisted(node);
        },
    ),
    documented(
        "interrupted-start",
        "A starting node that is stopped or dies is OFFLINE, and has upgraded nothing.",
        &[Rule::Node2, Rule::Node3, Rule::Node4, Rule::Status2],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.upgrade_soon(node, 1);
            s.kill(node);
            s.listed(node, Offline, 1);
            s.status(ReadyToUpgrade);
            s.ask(node, Request::Boot);
            s.stop(node);
            s.listed(node, Offline, 1);
            s.status(ReadyToUpgrade);
            s.boot(node);
            s.listed(node, Active, 1);
            s.status(Mixed);
        },
    ),
    documented(
        "interrupted-start-with-mode-off",
        "So with upgrade mode off, where the node is removed each time and can always try again.",
        &[Rule::Node3, Rule::Node4, Rule::Node5, Rule::Node9, Rule::Status1],
        (2, MANY),
        |s| {
            let node = s.last();
            s.kill(node);
            s.ask(node, Request::Boot);
            s.kill(node);
            s.unlisted(node);
            s.ask(node, Request::Boot);
            s.stop(node);
            s.unlisted(node);
            s.status(Stable);
            s.boot(node);
            s.listed(node, Active, 0);
        },
    ),
    documented(
        "interrupted-stop",
        "A node that dies while it shuts down gracefully is OFFLINE all the same, in error or not.",
        &[Rule::Node3, Rule::Node4, Rule::Node5, Rule::Node7, Rule::Node8],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.ask(node, Request::Stop);
            s.kill(node);
            s.listed(node, Offline, 0);
            s.status(ReadyToUpgrade);
            s.boot(node);
            s.breaks(node);
            s.ask(node, Request::Stop);
            s.kill(node);
            s.listed(node, Offline, 0);
            s.accepts(Cancel);
            s.boot(node);
            s.ask(node, Request::Stop);
            s.kill(node);
            s.unlisted(node);
        },
    ),
    documented(
        "whole-cluster-restarted-with-mode-off",
        "After an outage of all nodes, in which nobody answers a call, each is let in again, and the cluster is as good as before.",
        &[Rule::Node4, Rule::Node5, Rule::Node9, Rule::Status1, Rule::Mode1],
        (1, MANY),
        |s| {
            for id in s.ids() {
                s.kill(id);
                s.unlisted(id);
            }
            s.unanswered(Start);
            for id in s.ids() {
                s.boot(id);
                s.listed(id, Active, 0);
            }
            s.status(Stable);
            s.accepts(Start);
            s.origin(Some(0));
        },
    ),
    documented(
        "whole-cluster-restarted-while-mode-is-on",
        "Upgrade mode and original version outlive an outage of all nodes, and every node stays listed.",
        &[Rule::Api1, Rule::Node3, Rule::Node4, Rule::Status2, Rule::Mode3, Rule::Mode7],
        (1, MANY),
        |s| {
            s.accepts(Start);
            for id in s.ids() {
                if id == s.last() {
                    s.kill(id);
                } else {
                    s.stop(id);
                }
                s.listed(id, Offline, 0);
            }
            for id in s.ids() {
                s.boot(id);
            }
            s.status(ReadyToUpgrade);
            s.origin(Some(0));
            s.refuses(Start);
            s.accepts(Cancel);
        },
    ),
    documented(
        "whole-cluster-restarted-while-mixed",
        "After an outage in the middle of an upgrade the nodes of both versions are let in again.",
        &[Rule::Node2, Rule::Node4, Rule::Status3, Rule::Mode3, Rule::Mode5, Rule::Mode8],
        (2, MANY),
        |s| {
            s.begun_upgrade(1);
            for id in s.ids() {
                s.kill(id);
            }
            for id in s.ids() {
                s.boot(id);
                s.status(if id == s.id(1) { AllUpgraded } else { Mixed });
            }
            s.refuses_each(&[Cancel, Approve]);
        },
    ),
    documented(
        "start-while-a-node-stops",
        "Upgrade mode may be enabled before or after the stopping node is removed; either way the rest goes on.",
        &[Rule::Node3, Rule::Node5, Rule::Mode1],
        (2, MANY),
        |s| {
            let node = s.last();
            s.ask(node, Request::Stop);
            s.accepts(Start);
            s.listed_as(node, &[Some((Offline, 0)), None]);
            s.status(ReadyToUpgrade);
            s.boot(node);
            s.listed(node, Active, 0);
        },
    ),
    documented(
        "start-while-a-node-fails",
        "`start` sent while a node is failing is answered one way or the other, and the cluster is what the answer says.",
        &[Rule::Status4, Rule::Status5, Rule::Mode1, Rule::Mode2],
        (2, MANY),
        |s| {
            let node = s.last();
            s.ask(node, Request::Break);
            s.accepts_or_refuses(Start);
            s.listed(node, Error, 0);
            s.status(Mixed);
            s.refuses_each(&[Start, Cancel]);
        },
    ),
    documented(
        "cancel-while-an-upgraded-node-starts",
        "`cancel` either comes before the upgraded node has joined, and keeps it out, or it is refused.",
        &[Rule::Node5, Rule::Status2, Rule::Status3, Rule::Mode3, Rule::Mode8],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.upgrade_soon(node, 1);
            s.accepts_or_refuses(Cancel);
            s.listed_as(node, &[None, Some((Active, 1))]);
            s.status_of(&[Stable, Mixed]);
            s.look();
        },
    ),
    documented(
        "approve-while-an-old-node-starts",
        "`approve` either comes before the old node has joined, and keeps it out, or it is refused.",
        &[Rule::Node5, Rule::Status3, Rule::Status7, Rule::Mode5, Rule::Mode8],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.stop(node);
            s.upgrade_others(node, 1);
            s.ask(node, Request::Boot);
            s.accepts_or_refuses(Approve);
            s.listed_as(node, &[None, Some((Active, 0))]);
            s.status_of(&[Stable, Mixed]);
            s.look();
        },
    ),
    documented(
        "approve-while-the-last-upgraded-node-starts",
        "A node of the new version that is still loading neither holds up the finalizing nor is lost by it.",
        &[Rule::Node2, Rule::Status7, Rule::Mode5, Rule::Mode6],
        (2, MANY),
        |s| {
            let node = s.last();
            s.accepts(Start);
            s.upgrade_others(node, 1);
            s.upgrade_soon(node, 1);
            s.accepts(Approve);
            s.listed(node, Active, 1);
            s.status(Stable);
        },
    ),
];
