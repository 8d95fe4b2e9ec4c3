//! What does one step come to once everything has settled? The moves between settled clusters, with what each one shows
//! for certain.
//!
//! What is certain is what happens whichever way the cluster goes: of the transitions on the way to rest those that no
//! way avoids.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::goal::Goal;
use crate::judge::belief::Request;
use crate::spec::cluster::Cluster;
use crate::spec::node::{NodeId, Phase, Version};
use crate::spec::rule::Rule;
use crate::spec::semantics::{Scope, System};
use crate::spec::transition::{Call, Kind, Transition};
use crate::traces::trace::Action;

/// A step from a settled cluster, and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// What is done.
    pub action: Action,
    /// The settled clusters that it can lead to.
    pub outcomes: BTreeSet<Cluster>,
    /// What happens for certain: transitions taken and refusals met.
    pub shows: BTreeSet<Goal>,
    /// The rules that speak of it.
    pub rules: BTreeSet<Rule>,
}

impl Move {
    /// The cluster after it, when there is only one that it can be.
    #[must_use]
    pub fn after(&self) -> Option<&Cluster> {
        match (self.outcomes.len(), self.outcomes.first()) {
            (1, Some(after)) => Some(after),
            _ => None,
        }
    }
}

/// Ways to rest: where they end, and what is on all of them.
#[derive(Clone, Default)]
struct Rest {
    ends: BTreeSet<Cluster>,
    certain: BTreeSet<Goal>,
}

/// The transition in this phase, whichever node and version.
fn fires(transition: Transition, phase: Phase) -> Goal {
    const FIRST: NodeId = NodeId::new(1);
    let anyone = if let Transition::Install(..) = transition {
        Transition::Install(FIRST, Version(1))
    } else {
        transition.on(FIRST)
    };
    Goal::Fires(anyone, phase)
}

fn rest(system: &System, cluster: &Cluster, known: &mut BTreeMap<Cluster, Rest>) -> Rest {
    if let Some(rest) = known.get(cluster) {
        return rest.clone();
    }
    let mut onward = (system.successors(cluster).into_iter())
        .filter(|(transition, _)| transition.kind() == Kind::Spontaneous)
        .map(|(transition, after)| {
            let mut next = rest(system, &after, known);
            let phase = transition.node().map(|id| cluster.node(id).phase);
            next.certain.extend(phase.map(|phase| fires(transition, phase)));
            next
        });
    let all = match onward.next() {
        None => Rest { ends: BTreeSet::from([cluster.clone()]), certain: BTreeSet::new() },
        Some(first) => onward.fold(first, |mut all, other| {
            all.ends.extend(other.ends);
            all.certain.retain(|goal| other.certain.contains(goal));
            all
        }),
    };
    known.insert(cluster.clone(), all.clone());
    all
}

/// Every step from a settled cluster that a trace can have: calls while somebody answers, steps on nodes, and the two
/// steps that come to nothing (installing on a node that serves, repairing one that may not join). Of nodes that look
/// alike only the first is taken.
#[must_use]
pub fn moves(scope: Scope, cluster: &Cluster) -> Vec<Move> {
    let system = System::spec(scope);
    let mut all = Vec::new();
    if cluster.served() {
        all.extend((Call::of(scope.profile).iter()).map(|call| called(&system, cluster, *call)));
    }
    let mut seen = BTreeSet::new();
    for (id, node) in cluster.numbered() {
        if !seen.insert(node) {
            continue;
        }
        let versions = (0..scope.versions).map(Version).filter(|version| *version != node.version);
        let requests =
            [Request::Stop, Request::Kill, Request::Boot, Request::Break, Request::Repair]
                .into_iter()
                .chain(versions.map(Request::Install));
        all.extend(requests.filter_map(|request| requested(&system, cluster, id, request)));
    }
    all
}

fn called(system: &System, cluster: &Cluster, call: Call) -> Move {
    let branches: Vec<Transition> = (call.transitions(system.scope.profile).iter().copied())
        .filter(|transition| transition.enabled(cluster))
        .collect();
    let mut shows = BTreeSet::new();
    let mut outcomes = BTreeSet::new();
    match branches[..] {
        [] => {
            shows.insert(Goal::Refused(call, cluster.status()));
            outcomes.insert(cluster.clone());
        }
        [only] => {
            let rest = rest(system, &only.apply(cluster), &mut BTreeMap::new());
            shows.insert(Goal::Called(only));
            shows.extend(rest.certain);
            outcomes.extend(rest.ends);
        }
        // Which branch is taken is the cluster's choice: nothing about it is certain.
        [..] => outcomes
            .extend((branches.iter()).flat_map(|branch| {
                rest(system, &branch.apply(cluster), &mut BTreeMap::new()).ends
            })),
    }
    let rules = (shows.iter().map(|goal| goal.rule()))
        .chain(branches.iter().map(|branch| branch.rule(cluster)))
        .collect();
    Move { action: Action::Call(call), outcomes, shows, rules }
}

fn requested(system: &System, cluster: &Cluster, id: NodeId, request: Request) -> Option<Move> {
    let transition = request.transition(id);
    let phase = cluster.node(id).phase;
    let action = Action::Request(id, request);
    let nothing = |shows: BTreeSet<Goal>, rule: Rule| Move {
        action,
        outcomes: BTreeSet::from([cluster.clone()]),
        shows,
        rules: BTreeSet::from([rule]),
    };
    if transition.enabled(cluster) {
        let rest = rest(system, &transition.apply(cluster), &mut BTreeMap::new());
        let mut shows = rest.certain;
        shows.insert(fires(transition, phase));
        return Some(Move {
            action,
            outcomes: rest.ends,
            rules: shows.iter().map(|goal| goal.rule()).collect(),
            shows,
        });
    }
    match request {
        Request::Repair if phase == Phase::Error => {
            Some(nothing(BTreeSet::from([Goal::RepairRefused]), Rule::Mode8))
        }
        Request::Install(_) if phase.serves() => Some(nothing(BTreeSet::new(), Rule::Node10)),
        Request::Stop
        | Request::Kill
        | Request::Install(_)
        | Request::Boot
        | Request::Break
        | Request::Repair
        | Request::FailTasks => None,
    }
}

/// The same for clusters that differ by a renaming of the nodes.
#[must_use]
pub fn class(cluster: &Cluster) -> Cluster {
    let mut sorted = cluster.clone();
    sorted.nodes.sort_unstable();
    sorted
}
