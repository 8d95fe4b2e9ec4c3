//! When does what happen: the delays of requested steps and of spontaneous transitions?
//!
//! Nothing runs in the background. Every event has its due time, and whoever looks at the cluster first lets
//! everything happen that is due by then, in the order of the due times; so one seed gives one sequence of delays.
//! Times are distances from the start of the endpoint.

use std::collections::VecDeque;
use std::time::Duration;

use super::cluster::{Cluster, Phase, Profile};
use super::freedom::{Freedom, Freedoms};
use super::transitions::{Spontaneous, Step};

/// A step on its way to a node.
#[derive(Debug, Clone, Copy)]
struct Requested {
    step: Step,
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
#[derive(Debug)]
pub(crate) struct Pace {
    delay: Duration,
    /// How long finalization tasks run at least, so that a tester has the time to make them fail.
    tasks: Duration,
    freedoms: Freedoms,
    random: fastrand::Rng,
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
    ) -> Self {
        Self {
            delay,
            tasks,
            freedoms,
            random: fastrand::Rng::with_seed(seed),
            clock: Duration::ZERO,
            queues: vec![VecDeque::new(); nodes],
            timers: vec![None; nodes],
            failures: vec![None; nodes],
        }
    }

    /// Forgets everything that is under way.
    pub(crate) fn clear(&mut self) {
        self.queues.iter_mut().for_each(VecDeque::clear);
        self.timers.fill(None);
        self.failures.fill(None);
    }

    fn up_to(&mut self, longest: Duration) -> Duration {
        let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.random.u64(..=micros))
    }

    /// Puts a step behind the earlier ones of the same node.
    pub(crate) fn request(&mut self, index: usize, step: Step, now: Duration) {
        let lagging =
            matches!(step, Step::Kill | Step::Boot) && self.freedoms.has(Freedom::ListingLag);
        let mut due = now + self.up_to(self.delay);
        if lagging && self.freedoms.now(Freedom::ListingLag, &mut self.random) {
            due += self.up_to(self.delay);
        }
        if let Some(earlier) = self.queues[index].back() {
            due = due.max(earlier.due);
        }
        let until = due + 2 * self.delay + Duration::from_millis(2);
        self.queues[index].push_back(Requested { step, due, until });
    }

    pub(crate) fn request_failure(&mut self, index: usize, now: Duration) {
        let due = now + self.up_to(self.delay);
        self.failures[index] = Some(due);
    }

    pub(crate) fn idle(&self) -> bool {
        self.queues.iter().all(VecDeque::is_empty) && self.timers.iter().all(Option::is_none)
    }

    /// Lets everything happen that is due by `now`.
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

    fn set_timers(&mut self, cluster: &Cluster) {
        for index in 0..cluster.nodes.len() {
            let next = cluster.next(index);
            if self.timers[index].map(|(what, _)| what) != next {
                self.timers[index] = next.map(|what| (what, self.clock + self.wait(what)));
            }
        }
    }

    /// How long a spontaneous transition takes, from the moment that it is enabled.
    fn wait(&mut self, what: Spontaneous) -> Duration {
        let random = self.up_to(self.delay);
        let tasks = self.tasks;
        let pick = |pace: &mut Self, options: &[Freedom]| {
            let used = options.iter().any(|option| pace.freedoms.has(*option));
            used.then(|| pace.freedoms.pick(options, &mut pace.random))
        };
        match what {
            Spontaneous::Join => match pick(self, &[Freedom::JoinEarly, Freedom::JoinLate]) {
                Some(Freedom::JoinEarly) => Duration::ZERO,
                Some(_) => self.delay,
                None => random,
            },
            Spontaneous::Ready if self.freedoms.now(Freedom::JoinLate, &mut self.random) => {
                Duration::ZERO
            }
            Spontaneous::Leave => match pick(self, &[Freedom::LeaveEarly, Freedom::LeaveLate]) {
                Some(Freedom::LeaveEarly) => Duration::ZERO,
                Some(_) => self.delay,
                None => random,
            },
            Spontaneous::Halt if self.freedoms.now(Freedom::LeaveLate, &mut self.random) => {
                Duration::ZERO
            }
            Spontaneous::Reject => {
                match pick(self, &[Freedom::RejectAtOnce, Freedom::RejectLate]) {
                    Some(Freedom::RejectAtOnce) => Duration::ZERO,
                    Some(_) => self.delay + random,
                    None => random,
                }
            }
            Spontaneous::Forget if self.freedoms.now(Freedom::ForgetLate, &mut self.random) => {
                self.delay + random
            }
            Spontaneous::Ready | Spontaneous::Halt | Spontaneous::Forget => random,
            Spontaneous::FinalizeOk => tasks + random,
            Spontaneous::Recover | Spontaneous::Fall | Spontaneous::Return => {
                SPONTANEOUS_FAULT + self.delay
            }
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

/// How long tasks run at least when nobody says: long enough for a driver that starts a process.
pub(crate) fn default_tasks(profile: Profile, delay: Duration) -> Duration {
    match profile {
        Profile::Documented => Duration::ZERO,
        Profile::Finalization => delay.max(Duration::from_millis(150)),
    }
}
