//! The way back to STABLE, each move with the command that makes it.

use serde::Serialize;
use zdu_model::judge::belief::Request;
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::System;
use zdu_model::spec::transition::{Call, Transition};
use zdu_model::ways::route::{self, Cost, Route};
use zdu_model::ways::situation::Situation;

use super::curl;
use crate::driver::CommandDriver;
use crate::replay::Site;

/// How many states are looked at: enough for eight nodes, a matter of seconds.
const STATES_MAX: usize = 200_000;

/// One thing to do, or to wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// What.
    pub what: String,
    /// The command, where there is one.
    pub command: Option<String>,
    /// The rule that says what it comes to.
    pub rule: Rule,
    /// The cluster's status afterwards.
    pub status: String,
}

/// A way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    /// Where it leads.
    pub to: String,
    /// Each move; empty when the cluster is there.
    pub moves: Vec<Move>,
}

impl Way {
    /// The shortest documented way from here: to STABLE with every node ACTIVE, or at least to STABLE. `None` when none was
    /// found.
    #[must_use]
    pub fn from(site: &Site, driver: &CommandDriver, from: &Cluster) -> Option<Self> {
        let system = System::spec(site.scope());
        let all: Situation = "STABLE, all=ACTIVE".parse().ok()?;
        let (to, route) = match route::way_to(&system, from, &all, Cost::Steps, STATES_MAX) {
            Ok(route) => ("STABLE with every node ACTIVE", route),
            Err(_) => ("STABLE", route::way_back(&system, from, Cost::Steps, STATES_MAX).ok()?),
        };
        Some(Self { to: to.to_owned(), moves: moves(site, driver, &route) })
    }
}

fn moves(site: &Site, driver: &CommandDriver, route: &Route) -> Vec<Move> {
    let mut moves = Vec::new();
    for (before, transition, after) in route.path.moves() {
        let told = match (transition.call(), transition.node()) {
            (Some(call), _) => Some((format!("POST {call}"), Some(curl(site, call)))),
            (None, Some(id)) => node_move(site, driver, transition, id, before, after),
            (None, None) => None,
        };
        if let Some((what, command)) = told {
            moves.push(Move {
                what,
                command,
                rule: transition.rule(before),
                status: after.status().to_string(),
            });
        }
    }
    moves
}

/// What to do on a node, or to wait for; `None` for what nobody can see.
fn node_move(
    site: &Site,
    driver: &CommandDriver,
    transition: Transition,
    id: NodeId,
    before: &Cluster,
    after: &Cluster,
) -> Option<(String, Option<String>)> {
    let name = site.dictionary.node_name(id);
    let by_hand = |what: String, request: Request| Some((what, driver.line(id, request)));
    match transition {
        Transition::Stop(_) => {
            by_hand(format!("shut Confluence down gracefully on {name}"), Request::Stop)
        }
        Transition::Kill(_) => by_hand(format!("shut {name} down altogether"), Request::Kill),
        Transition::Install(_, version) => by_hand(
            format!("install {} on {name}", site.dictionary.version_name(version)),
            Request::Install(version),
        ),
        Transition::Boot(_) => by_hand(format!("start Confluence on {name}"), Request::Boot),
        Transition::Repair(_) => by_hand(format!("fix the error on {name}"), Request::Repair),
        Transition::Break(_)
        | Transition::Join(_)
        | Transition::Ready(_)
        | Transition::Reject(_)
        | Transition::Leave(_)
        | Transition::Halt(_)
        | Transition::Forget(_)
        | Transition::FinalizeOk(_)
        | Transition::FinalizeFail(_) => {
            let listed = after.node(id).phase.listed();
            (before.node(id).phase.listed() != listed).then(|| {
                let now = listed.map_or("no longer listed", |status| status.word());
                (format!("wait until {name} is {now}"), None)
            })
        }
        Transition::Start
        | Transition::Cancel
        | Transition::Approve
        | Transition::ApproveWithTasks
        | Transition::Retry => transition.call().map(|call: Call| (format!("POST {call}"), None)),
    }
}
