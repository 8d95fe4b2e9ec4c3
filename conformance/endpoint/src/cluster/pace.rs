//! When does what happen: the delays of requested steps and of spontaneous transitions?
//!
//! Nothing runs in the background. Every event has its due time, and whoever looks at the cluster first lets
//! everything happen that is due by then, in the order of the due times; so one seed gives one sequence of delays. Each node
//! has a source of chance of its own, so that what is asked of one moves nothing on another (spec section 8).
//! Times are distances from the start of the endpoint.

use std::collections::VecDeque;
use std::time::Duration;

use super::transitions::{Spontaneous, Step};
use super::{Cluster, Phase};
use crate::freedom::{Freedom, Freedoms};

/// A step on its way to a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requested {
    pub(crate) step: Step,
    due: Duration,
    /// Dropped when the guard does not hold by then.
    until: Duration,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Step(usize),
    Drop(usize),
    Spontaneous(usize, Spontaneous),
    Fail(usize),
    Disarm(usize),
}

/// The agenda of the endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    delay: Duration,
    /// How long finalization tasks run at least, so that a tester has the time to make them fail.
    tasks: Duration,
    freedoms: Freedoms,
    random: Vec<fastrand::Rng>,
    clock: Duration,
    queues: Vec<VecDeque<Requested>>,
    timers: Vec<Option<(Spontaneous, Duration)>>,
    failures: Vec<Option<Duration>>,
}

const SPONTANEOUS_FAULT: Duration = Duration::from_millis(60);

impl Pace {
    pub(crate) fn new(
        nodes: usize,
        delay: Duration,
        tasks: Duration,
        freedoms: Freedoms,
        seed: u64,
        clock: Duration,
    ) -> Self {
        let mut seeds = fastrand::Rng::with_seed(seed);
        Self {
            delay,
            tasks,
            freedoms,
            random: (0..nodes).map(|_| seeds.fork()).collect(),
            clock,
            queues: vec![VecDeque::new(); nodes],
            timers: vec![None; nodes],
            failures: vec![None; nodes],
        }
    }

    fn up_to(&mut self, index: usize, longest: Duration) -> Duration {
        let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.random[index].u64(..=micros))
    }

    /// What time it is in here.
    pub(crate) const fn clock(&self) -> Duration {
        self.clock
    }

    /// The steps on their way to a node, in order.
    pub(crate) fn queue(&self, index: usize) -> impl Iterator<Item = Step> {
        self.queues[index].iter().map(|requested| requested.step)
    }

    /// Whether the node's tasks will fail.
    pub(crate) fn will_fail(&self, index: usize) -> bool {
        self.failures[index].is_some()
    }

    /// Puts a step behind the earlier ones of the same node.
    pub(crate) fn request(&mut self, index: usize, step: Step) {
        let mut due = self.clock + self.up_to(index, self.delay);
        if matches!(step, Step::Kill | Step::Boot)
            && self.freedoms.now(Freedom::ListingLag, &mut self.random[index])
        {
            due += self.up_to(index, self.delay);
        }
        if let Some(earlier) = self.queues[index].back() {
            due = due.max(earlier.due);
        }
        let until = due + 2 * self.delay + Duration::from_millis(2);
        self.queues[index].push_back(Requested { step, due, until });
    }

    pub(crate) fn request_failure(&mut self, index: usize) {
        let due = self.clock + self.up_to(index, self.delay);
        self.failures[index] = Some(due);
    }

    /// When the next thing happens by itself.
    pub(crate) fn next_due(&self, cluster: &Cluster) -> Option<Duration> {
        self.earliest(cluster).map(|(due, _)| due)
    }

    /// Whether some node is on its way to another phase.
    pub(crate) fn moves(&self) -> bool {
        self.timers.iter().any(Option::is_some)
    }

    pub(crate) fn idle(&self) -> bool {
        self.queues.iter().all(VecDeque::is_empty) && self.timers.iter().all(Option::is_none)
    }

    /// Lets everything happen that is due by `now`, and finds out what is due next.
    pub(crate) fn advance(&mut self, cluster: &mut Cluster, now: Duration) {
        loop {
            self.set_timers(cluster);
            let Some((time, event)) = self.earliest(cluster) else {
                break;
            };
            if time > now {
                break;
            }
            self.clock = self.clock.max(time);
            self.run(cluster, event);
        }
        self.clock = self.clock.max(now);
    }

    /// Gives each spontaneous transition its moment; one that stays enabled keeps the moment that it has.
    pub(crate) fn set_timers(&mut self, cluster: &Cluster) {
        for index in 0..cluster.nodes.len() {
            let next = cluster.next(index);
            if self.timers[index].map(|(what, _)| what) != next {
                self.timers[index] = next.map(|what| (what, self.clock + self.wait(index, what)));
            }
        }
    }

    /// How long a spontaneous transition takes, from the moment that it is enabled.
    fn wait(&mut self, index: usize, what: Spontaneous) -> Duration {
        let random = self.up_to(index, self.delay);
        let (delay, freedoms, chance) = (self.delay, self.freedoms, &mut self.random[index]);
        let soon = match what {
            Spontaneous::Join => freedoms.choose(&[Freedom::JoinEarly, Freedom::JoinLate], chance),
            Spontaneous::Leave => {
                freedoms.choose(&[Freedom::LeaveEarly, Freedom::LeaveLate], chance)
            }
            Spontaneous::Reject => {
                freedoms.choose(&[Freedom::RejectAtOnce, Freedom::RejectLate], chance)
            }
            Spontaneous::Ready => {
                freedoms.now(Freedom::JoinLate, chance).then_some(Freedom::JoinEarly)
            }
            Spontaneous::Halt => {
                freedoms.now(Freedom::LeaveLate, chance).then_some(Freedom::LeaveEarly)
            }
            Spontaneous::Forget => {
                freedoms.now(Freedom::ForgetLate, chance).then_some(Freedom::RejectLate)
            }
            Spontaneous::FinalizeOk => return self.tasks + random,
            Spontaneous::Recover | Spontaneous::Fall | Spontaneous::Return => {
                return SPONTANEOUS_FAULT + delay;
            }
        };
        match soon {
            Some(Freedom::JoinEarly | Freedom::LeaveEarly | Freedom::RejectAtOnce) => {
                Duration::ZERO
            }
            Some(Freedom::RejectLate) => delay + random,
            Some(_) => delay,
            None => random,
        }
    }

    fn earliest(&self, cluster: &Cluster) -> Option<(Duration, Event)> {
        let mut found: Option<(Duration, Event)> = None;
        let mut offer = |time: Duration, event: Event| {
            if found.as_ref().is_none_or(|(best, _)| time < *best) {
                found = Some((time, event));
            }
        };
        for index in 0..cluster.nodes.len() {
            if let Some(first) = self.queues[index].front() {
                if cluster.enabled(index, first.step) {
                    offer(first.due.max(self.clock), Event::Step(index));
                } else if cluster.comes_to_nothing(index, first.step) {
                    offer(first.due.max(self.clock), Event::Drop(index));
                } else {
                    offer(first.until.max(self.clock), Event::Drop(index));
                }
            }
            if let Some(due) = self.failures[index] {
                if cluster.nodes[index].phase == Phase::Finalizing {
                    offer(due.max(self.clock), Event::Fail(index));
                } else if !cluster.mode {
                    offer((due + 2 * self.delay).max(self.clock), Event::Disarm(index));
                }
            }
            if let Some((what, due)) = self.timers[index] {
                offer(due.max(self.clock), Event::Spontaneous(index, what));
            }
        }
        found
    }

    fn run(&mut self, cluster: &mut Cluster, event: Event) {
        match event {
            Event::Step(index) => {
                if let Some(requested) = self.queues[index].pop_front() {
                    self.failures[index] = None;
                    self.timers[index] = None;
                    cluster.apply(index, requested.step);
                }
            }
            Event::Drop(index) => {
                self.queues[index].pop_front();
            }
            Event::Spontaneous(index, what) => {
                self.timers[index] = None;
                cluster.happen(index, what);
            }
            Event::Fail(index) => {
                self.failures[index] = None;
                self.timers[index] = None;
                cluster.finalize_fail(index);
            }
            Event::Disarm(index) => self.failures[index] = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Profile;

    /// Everything that happens after these requests: when, and which phases the nodes are in then.
    fn history(seed: u64, requests: &[(usize, Step)]) -> Vec<(Duration, Vec<Phase>)> {
        let delay = Duration::from_millis(20);
        let freedoms = Freedoms::default();
        let mut cluster = Cluster::new(3, 2, Profile::Documented, None, freedoms);
        let mut pace = Pace::new(3, delay, delay, freedoms, seed, Duration::ZERO);
        for (index, step) in requests {
            pace.request(*index, *step);
        }
        let mut history = Vec::new();
        while let Some(due) = pace.next_due(&cluster) {
            pace.advance(&mut cluster, due);
            history.push((due, cluster.nodes.iter().map(|node| node.phase).collect()));
        }
        history
    }

    const REQUESTS: [(usize, Step); 5] = [
        (0, Step::Stop),
        (1, Step::Break),
        (0, Step::Install(1)),
        (0, Step::Boot),
        (1, Step::Kill),
    ];

    #[test]
    fn the_same_seed_repeats_and_another_one_differs() {
        assert_eq!(history(7, &REQUESTS), history(7, &REQUESTS));
        assert_ne!(history(7, &REQUESTS), history(8, &REQUESTS));
    }

    // Requests to different nodes are independent (section 8).
    #[test]
    fn what_is_asked_of_one_node_does_not_move_another() {
        let of_the_third = |requests: &[(usize, Step)]| {
            let mut seen: Vec<_> =
                history(7, requests).into_iter().map(|(at, nodes)| (at, nodes[2])).collect();
            seen.dedup_by_key(|(_, phase)| *phase);
            seen.retain(|(_, phase)| *phase != Phase::Active);
            seen
        };
        let alone = of_the_third(&[(2, Step::Kill)]);
        assert_eq!(alone.len(), 2, "OFFLINE, then removed");
        assert_eq!(of_the_third(&[(2, Step::Kill), (0, Step::Break)]), alone);
    }

    // An install sent right after a stop waits until the node is down (NODE-10), and a boot behind it too.
    #[test]
    fn node_10_what_waits_for_its_guard_is_not_dropped() {
        for seed in 0..50 {
            let end = history(seed, &REQUESTS[..4]).pop().expect("a history").1;
            // Another version with upgrade mode off: it was booted, turned away and removed.
            assert_eq!(end[0], Phase::Absent, "seed {seed}");
        }
    }
}
