//! How does an upgrade go? Who serves, how long each node takes, and whether the page's procedure is kept (PROC-1 to PROC-4).
//!
//! Overviews one after the other, and the times at which nobody answered. What happens between two readings is not seen: a
//! stop that was quicker than that is no evidence that there was none, so what is said of PROC-1 and PROC-2 are remarks to
//! whoever drives, never a finding against the build. That nobody serves is one: no caller is answered then (PROC-3).

mod told;

pub use told::{Remark, Since, Stand, Turn};

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::event::Micros;
use crate::judge::seen::{Overview, Request, SeenNode, SeenVersion};
use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::{NodeId, NodeStatus, Phase, Version};
use crate::spec::rule::Rule;

/// In how many readings in a row nobody must answer before it counts: one alone may be the network's.
const SILENT_READINGS: u32 = 2;

/// A node that is out of service.
#[derive(Clone, Copy, Debug)]
struct Out {
    since: Micros,
    from: SeenVersion,
    /// It was seen TERMINATING or asked to stop, or had been in ERROR: then it may go in any way.
    graceful: bool,
    /// It left service when it was stopped; who was in ERROR had left before.
    gave_service: bool,
    /// Who was not ACTIVE when it left service.
    beside: Option<NodeId>,
    told: bool,
}

/// What is known of one node.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// It was ACTIVE once: who never was is not missed.
    served: bool,
    version: SeenVersion,
    errored: bool,
    /// A graceful stop was asked for since it last came back: it need not be seen.
    asked: bool,
    out: Option<Out>,
}

impl Known {
    const NEVER_SEEN: Self = Self {
        served: false,
        version: SeenVersion::Nothing,
        errored: false,
        asked: false,
        out: None,
    };
}

/// The course of an upgrade so far.
#[derive(Clone, Debug, Default)]
pub struct Course {
    nodes: Vec<Known>,
    last: Option<Overview>,
    origin: Option<Version>,
    was_on: bool,
    /// How the upgrade ended, once that was seen: what happens later does not undo it.
    ended: Option<Stand>,
    /// Upgrades that were finished before the one under way.
    earlier: Vec<Version>,
    /// Whose upgrade tasks failed, as far as nodes are named, once some did.
    tasks_failed: Option<BTreeSet<NodeId>>,
    fault: bool,
    /// Since when nobody is known to serve, and in how many readings.
    silent: Option<(Micros, u32)>,
    /// The mode was on when nobody served.
    outages: u32,
    unserved: Micros,
    longest: Micros,
    fewest: Option<usize>,
    turns: Vec<Turn>,
    remarks: Vec<Remark>,
    stakes: BTreeMap<Rule, u64>,
}

impl Course {
    /// Takes in what whoever drives asked for.
    pub fn asked(&mut self, id: NodeId, request: Request) {
        if let Some(known) = self.nodes.get_mut(id.index()) {
            match request {
                Request::Stop => known.asked = true,
                Request::Kill => known.asked = false,
                Request::Install(_)
                | Request::Boot
                | Request::Break
                | Request::Repair
                | Request::FailTasks => {}
            }
        }
    }

    /// Takes in that nobody answered, and says whether that is from now on what PROC-3 promises not to be: an outage of an upgrade of
    /// two nodes or more in which no node was in ERROR and the procedure was kept, as far as it was seen.
    pub fn silence(&mut self, now: Micros) -> bool {
        let (since, readings) = self.silent.map_or((now, 0), |known| known);
        self.silent = Some((since, readings.saturating_add(1)));
        if readings + 1 != SILENT_READINGS {
            return false;
        }
        self.fewest = Some(0);
        let upgrade = self.last.as_ref().is_some_and(|last| last.mode == Mode::On);
        let outage = upgrade && self.nodes.len() > 1;
        self.outages += u32::from(outage);
        outage && !self.fault && self.remarks.is_empty()
    }

    /// Takes an overview in, and says whether the cluster has come back to STABLE in it.
    pub fn see(&mut self, now: Micros, seen: &Overview) -> bool {
        if let Some((since, readings)) = self.silent.take()
            && readings >= SILENT_READINGS
        {
            let gap = now.saturating_sub(since);
            self.unserved += gap;
            self.longest = self.longest.max(gap);
        }
        self.nodes.resize(seen.nodes.len(), Known::NEVER_SEEN);
        let on = seen.mode == Mode::On;
        if on && self.last.as_ref().is_none_or(|last| last.mode == Mode::Off) {
            // Another upgrade begins.
            if let Some(Stand::Finished(version)) = self.ended.take() {
                self.earlier.push(version);
            }
            self.origin = match seen.origin {
                SeenVersion::Known(version) => Some(version),
                SeenVersion::Foreign(_) | SeenVersion::Nothing => None,
            };
            self.was_on = true;
        }
        for (index, node) in seen.nodes.iter().enumerate() {
            self.node(now, NodeId::at(index), *node, on);
        }
        let failed = |(index, node): (usize, &Option<SeenNode>)| {
            (status(*node) == Some(NodeStatus::UpgradeTasksFailed)).then(|| NodeId::at(index))
        };
        let failed: Vec<NodeId> = seen.nodes.iter().enumerate().filter_map(failed).collect();
        if seen.status == ClusterStatus::UpgradeTasksFailed || !failed.is_empty() {
            self.tasks_failed.get_or_insert_default().extend(failed);
        }
        if !seen.silent() {
            let serving = seen.nodes.iter().filter(|node| serves(**node)).count();
            self.fewest = Some(self.fewest.map_or(serving, |fewest| fewest.min(serving)));
            if on && self.nodes.len() > 1 && !self.fault && serving < self.nodes.len() {
                *self.stakes.entry(Rule::Proc3).or_default() += 1;
            }
        }
        let stable = |seen: &Overview| seen.status == ClusterStatus::Stable;
        let came_back = stable(seen) && self.last.as_ref().is_some_and(|last| !stable(last));
        if came_back {
            *self.stakes.entry(Rule::Proc4).or_default() += 1;
        }
        self.last = Some(seen.clone());
        let now = self.stands_now();
        if matches!(now, Stand::CalledOff | Stand::Finished(_)) {
            self.ended.get_or_insert(now);
        }
        came_back
    }

    fn node(&mut self, now: Micros, id: NodeId, node: Option<SeenNode>, on: bool) {
        let missing = (self.nodes.iter().enumerate())
            .find(|(at, other)| *at != id.index() && other.out.is_some())
            .map(|(at, _)| NodeId::at(at));
        let known = &mut self.nodes[id.index()];
        // A silent member says nothing of itself.
        if node.is_some_and(SeenNode::silent) {
            return;
        }
        if serves(node) {
            let is = node.map_or(SeenVersion::Nothing, |node| node.version);
            let (out, was) = (known.out.take(), known.version);
            let unseen = known.served && out.is_none() && was != is;
            (known.served, known.errored, known.version) = (true, false, is);
            if let Some(out) = out {
                known.asked = false;
                self.back(now, id, out, is, on);
            } else if unseen {
                // It was down between two readings.
                self.turns.push(Turn { node: id, from: was, to: is, took: 0 });
            }
            return;
        }
        if !known.served {
            return;
        }
        if status(node) == Some(NodeStatus::Error) {
            known.errored = true;
            self.fault = true;
            return;
        }
        let stopping = status(node) == Some(NodeStatus::Terminating);
        let graceful = stopping || known.errored || known.asked;
        let (since, from) = (now, known.version);
        // Whoever is in ERROR does not serve, so that nothing is lost by taking it before others are back (PROC-2).
        let gave_service = !known.errored;
        let beside = missing.filter(|_| gave_service);
        let out = Out { since, from, graceful, gave_service, beside, told: false };
        let out = known.out.get_or_insert(out);
        out.graceful |= graceful;
        // Whoever is seen to stop was taken by somebody; what is down at once may have died.
        if let (true, true, false, Some(other)) = (on, stopping, out.told, out.beside) {
            out.told = true;
            self.remarks.push(Remark::NotWaited(id, other));
        }
    }

    /// A node serves again.
    fn back(&mut self, now: Micros, id: NodeId, out: Out, is: SeenVersion, on: bool) {
        let took = now.saturating_sub(out.since);
        self.turns.push(Turn { node: id, from: out.from, to: is, took });
        if !on || is == out.from {
            return;
        }
        if out.graceful {
            *self.stakes.entry(Rule::Proc1).or_default() += 1;
        } else {
            self.remarks.push(Remark::NotStopped(id));
        }
        match out.beside {
            Some(other) if !out.told => self.remarks.push(Remark::NotWaited(id, other)),
            Some(_) => {}
            None if out.gave_service => *self.stakes.entry(Rule::Proc2).or_default() += 1,
            None => {}
        }
    }

    /// Steps of the procedure that were not kept.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Nodes that left service and came back, in the order in which they came back.
    #[must_use]
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// How often each rule was at stake, less those that were not kept: what was broken is not held.
    #[must_use]
    pub fn at_stake(&self) -> BTreeMap<Rule, u64> {
        let mut stakes = self.stakes.clone();
        for remark in &self.remarks {
            stakes.remove(&remark.rule());
        }
        // Whoever keeps to the procedure without a fault is never left without a node; nobody else is promised that.
        let finished = matches!(self.stand(), Stand::Finished(_));
        if self.fault || !self.remarks.is_empty() || self.outages > 0 || !finished {
            stakes.remove(&Rule::Proc3);
        }
        // The next node is the second at least.
        if stakes.get(&Rule::Proc2).is_some_and(|turns| *turns < 2) {
            stakes.remove(&Rule::Proc2);
        }
        stakes
    }

    /// For how long nobody served, the longest time at a stretch, both up to this moment.
    #[must_use]
    pub fn unserved(&self, now: Micros) -> (Micros, Micros) {
        let open = match self.silent {
            Some((since, readings)) if readings >= SILENT_READINGS => now.saturating_sub(since),
            Some(_) | None => 0,
        };
        (self.unserved + open, self.longest.max(open))
    }

    /// The versions of upgrades that were finished before the one under way.
    #[must_use]
    pub fn earlier(&self) -> &[Version] {
        &self.earlier
    }

    /// How many outages there were while upgrade mode was on.
    #[must_use]
    pub const fn outages(&self) -> u32 {
        self.outages
    }

    /// The fewest nodes that were seen to serve at once: ACTIVE ones, and such as run their upgrade tasks or failed in them.
    #[must_use]
    pub const fn fewest(&self) -> Option<usize> {
        self.fewest
    }

    /// Whose upgrade tasks were seen to fail; nobody where only the cluster's status said so, `None` where none did.
    #[must_use]
    pub const fn tasks_failed(&self) -> Option<&BTreeSet<NodeId>> {
        self.tasks_failed.as_ref()
    }

    /// How far the upgrade has come.
    #[must_use]
    pub fn stand(&self) -> Stand {
        self.ended.unwrap_or_else(|| self.stands_now())
    }

    /// What became of the cluster after the upgrade's end, where it is no longer as it was then.
    #[must_use]
    pub fn since(&self) -> Option<Since> {
        let ended = self.ended?;
        match (self.stands_now(), &self.last) {
            (now, _) if now == ended => None,
            (Stand::Unknown, _) | (_, None) => Some(Since::Unanswered),
            (_, Some(last)) => {
                let serving = last.nodes.iter().filter(|node| serves(**node)).count();
                Some(Since::Changed { serving, of: last.nodes.len() })
            }
        }
    }

    /// How far it has come by the last reading alone.
    fn stands_now(&self) -> Stand {
        let Some(last) = self.last.as_ref().filter(|_| self.silent.is_none()) else {
            return Stand::Unknown;
        };
        let upgraded = |node: &SeenNode| match (node.version, self.origin) {
            (SeenVersion::Known(version), Some(origin)) => version != origin,
            (SeenVersion::Known(_) | SeenVersion::Foreign(_) | SeenVersion::Nothing, _) => false,
        };
        let settled = last.mode == Mode::Off && last.status == ClusterStatus::Stable;
        match one_version(last) {
            _ if !self.was_on => Stand::NotBegun,
            Some(version) if settled && Some(version) == self.origin => Stand::CalledOff,
            Some(version) if settled => Stand::Finished(version),
            Some(_) | None => Stand::Underway {
                upgraded: last
                    .nodes
                    .iter()
                    .flatten()
                    .filter(|node| serves(Some(**node)) && upgraded(node))
                    .count(),
                of: last.nodes.len(),
            },
        }
    }
}

fn status(node: Option<SeenNode>) -> Option<NodeStatus> {
    node.and_then(|node| node.status)
}

fn serves(node: Option<SeenNode>) -> bool {
    status(node).is_some_and(|status| Phase::of(Some(status)).iter().any(|phase| phase.serves()))
}

/// The one version that every node is ACTIVE on.
fn one_version(seen: &Overview) -> Option<Version> {
    let mut versions = seen.nodes.iter().map(|node| match node {
        Some(SeenNode { version: SeenVersion::Known(version), .. }) if serves(*node) => {
            Some(*version)
        }
        Some(_) | None => None,
    });
    let first = versions.next()??;
    versions.all(|version| version == Some(first)).then_some(first)
}
