//! In which order? The page's procedure from where the cluster stands: first whoever does not serve, then one serving node
//! after the other, the least busy first, and at last the call that ends upgrade mode (PROC-1, PROC-2, MODE-3, MODE-5).

use std::collections::BTreeSet;

use super::settled::{Settled, Stand, Standing, status_off};
use super::{Aim, Asked, Direction, Mark, Step, Until, What};
use crate::judge::seen::Request;
use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::{NodeId, Version};
use crate::spec::rule::Rule;
use crate::spec::transition::Call;

/// What is done about a node in error, where it is not the first of the page's ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    /// It is shut down so, whichever commands there are.
    pub(super) shut: Option<(NodeId, Request)>,
    /// It is left aside until upgrade mode is off.
    pub(super) aside: Option<NodeId>,
}

/// The list.
pub(super) fn steps(asked: &Asked<'_>, settled: &Settled, aim: Aim, choice: Choice) -> Vec<Step> {
    let standing = settled.standing.clone();
    let mut plan =
        Plan { asked, choice, known: standing.nodes.clone(), standing, steps: Vec::new() };
    for until in &settled.waits {
        plan.step(What::Wait(*until), wait_rule(*until));
    }
    if settled.open {
        plan.step(What::AskAgain, Rule::Proc4);
    } else {
        plan.procedure(aim, settled.running);
    }
    plan.steps
}

const fn wait_rule(until: Until) -> Rule {
    match until {
        Until::Answers(_) => Rule::Node1,
        Until::Active(_) | Until::Still(_) => Rule::Node2,
        Until::Down(_) => Rule::Node3,
        Until::Status(_) => Rule::Fin2,
    }
}

/// The list as far as it is made, and what the cluster will be then.
struct Plan<'a> {
    asked: &'a Asked<'a>,
    choice: Choice,
    standing: Standing,
    /// What each node was when it was last seen to be anything, at the beginning or after a step of this list.
    known: Vec<Stand>,
    steps: Vec<Step>,
}

impl Plan<'_> {
    fn procedure(&mut self, aim: Aim, running: Version) {
        if self.standing.tasks_left {
            self.somebody_serves(running);
            self.standing.tasks_left = false;
            self.call(Call::Retry, Rule::Fin4, status_off(&self.standing), Rule::Fin2);
        }
        if self.standing.mode == Mode::Off && aim.direction == Direction::Forward {
            self.somebody_serves(running);
            for id in self.those(|node| node == Stand::Error) {
                self.take_down(id);
            }
            self.standing.mode = Mode::On;
            self.call(Call::Start, Rule::Mode1, ClusterStatus::ReadyToUpgrade, Rule::Api2);
        }
        self.bring_back(aim.version);
        self.one_by_one(aim.version);
        if self.standing.mode == Mode::On {
            self.standing.mode = Mode::Off;
            if aim.direction == Direction::Forward {
                self.call(Call::Approve, Rule::Mode5, ClusterStatus::Stable, Rule::Mode6);
            } else {
                self.call(Call::Cancel, Rule::Mode3, ClusterStatus::Stable, Rule::Status1);
            }
        }
        if let Some(aside) = self.choice.aside {
            self.bring_up(aside, aim.version, Rule::Node9);
        }
    }

    /// Brings everybody back who does not serve; where nobody serves, those first that are down already.
    fn bring_back(&mut self, version: Version) {
        if !self.served() {
            for id in self.waiting(Stand::Down) {
                self.bring_up(id, version, Rule::Proc2);
            }
        }
        for id in self.those(|node| node == Stand::Error) {
            self.take_down(id);
            if self.choice.aside != Some(id) {
                self.bring_up(id, version, Rule::Proc2);
            }
        }
        for id in self.waiting(Stand::Down) {
            self.bring_up(id, version, Rule::Proc2);
        }
    }

    /// Takes one serving node of another version after the other, the least busy first.
    fn one_by_one(&mut self, version: Version) {
        let mut others =
            self.those(|node| matches!(node, Stand::Up(running) if running != version));
        others.sort_by_key(|id| {
            let load = self.asked.loads.get(id.index()).copied().unwrap_or_default();
            let known = |count: Option<u64>| count.unwrap_or(u64::MAX);
            (known(load.users), known(load.tasks), *id)
        });
        for id in others {
            self.take_down(id);
            self.bring_up(id, version, Rule::Proc2);
        }
    }

    /// Sees to it that calls are answered.
    fn somebody_serves(&mut self, version: Version) {
        if self.served() {
            return;
        }
        let down = self.waiting(Stand::Down);
        let first = down.first().or(self.waiting(Stand::Error).first()).copied();
        if let Some(id) = first {
            if self.standing.nodes[id.index()] == Stand::Error {
                self.take_down(id);
            }
            self.bring_up(id, version, Rule::Node2);
        }
    }

    fn take_down(&mut self, id: NodeId) {
        let serves = matches!(self.standing.nodes[id.index()], Stand::Up(_));
        self.standing.nodes[id.index()] = Stand::Down;
        let request = if serves { Request::Stop } else { self.shut(id) };
        let rule = match (serves, request == Request::Kill) {
            (true, _) => Rule::Proc1,
            (false, false) => Rule::Node7,
            (false, true) => Rule::Node8,
        };
        let outage = (serves && !self.served()).then_some(Mark::Outage);
        self.request(id, request, rule, outage);
        self.step(What::Wait(Until::Down(id)), if serves { Rule::Node3 } else { rule });
    }

    /// How a node in error is shut down: gracefully, unless there is a command for the other alone.
    fn shut(&self, id: NodeId) -> Request {
        let can = |request| (self.asked.can)(id, request);
        match self.choice.shut {
            Some((chosen, request)) if chosen == id => request,
            _ if !can(Request::Stop) && can(Request::Kill) => Request::Kill,
            _ => Request::Stop,
        }
    }

    fn bring_up(&mut self, id: NodeId, version: Version, then: Rule) {
        let known = self.known[id.index()];
        if known == Stand::Error {
            self.step(What::PutRight(id), Rule::Node9);
        }
        let unsure = (!matches!(known, Stand::Up(_))).then_some(Mark::MayBeInstalled);
        self.request(id, Request::Install(version), Rule::Node10, unsure);
        self.request(id, Request::Boot, Rule::Node2, None);
        self.step(What::Wait(Until::Active(id)), then);
        self.standing.nodes[id.index()] = Stand::Up(version);
        self.known[id.index()] = Stand::Up(version);
    }

    fn call(&mut self, call: Call, rule: Rule, status: ClusterStatus, then: Rule) {
        let no_return = (call == Call::Approve).then_some(Mark::PointOfNoReturn);
        self.marked(What::Call(call), rule, no_return);
        self.step(What::Wait(Until::Status(status)), then);
    }

    fn request(&mut self, id: NodeId, request: Request, rule: Rule, mark: Option<Mark>) {
        let by_hand = (!(self.asked.can)(id, request)).then_some(Mark::ByHand);
        self.marked(What::Request(id, request), rule, mark.into_iter().chain(by_hand));
    }

    fn step(&mut self, what: What, rule: Rule) {
        self.marked(what, rule, None);
    }

    fn marked(&mut self, what: What, rule: Rule, marks: impl IntoIterator<Item = Mark>) {
        let marks: BTreeSet<Mark> = marks.into_iter().collect();
        self.steps.push(Step { what, rule, marks });
    }

    fn served(&self) -> bool {
        self.standing.nodes.iter().any(|node| matches!(node, Stand::Up(_)))
    }

    fn those(&self, hold: impl Fn(Stand) -> bool) -> Vec<NodeId> {
        let nodes = self.standing.nodes.iter().enumerate().filter(|(_, node)| hold(**node));
        nodes.map(|(index, _)| NodeId::at(index)).collect()
    }

    /// The nodes that stand so and are not left aside.
    fn waiting(&self, stand: Stand) -> Vec<NodeId> {
        let mut found = self.those(|node| node == stand);
        found.retain(|id| self.choice.aside != Some(*id));
        found
    }
}
