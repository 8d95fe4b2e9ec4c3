//! What is hidden behind the API, and what happens to it next? The model's cluster in time.
//!
//! Operator's and faults' requests (spec, section 3) wait in one lane per node; spontaneous transitions follow after delays
//! of their own. Pure apart from the instants that it is given: no clock, no sockets. What of it is shown is the view's matter.

use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;
use zdu_model::spec::cluster::{Cluster, ClusterStatus};
use zdu_model::spec::node::{NodeId, Version};
use zdu_model::spec::semantics::{Answer, Semantics as _};
use zdu_model::spec::transition::{Call, Transition};

use super::behaviour::Behaviour;
use super::defect::{Defect, WireDefect};
use super::lane::{Lane, Operation};
use super::options::Options;

/// How many delays a request waits for its guard once its turn has come; then it is dropped. A graceful stop takes
/// up to three, so that an `install` sent right after a `stop` still finds its moment.
const PATIENCE_DELAYS: u32 = 10;
/// With hardly any delay a caller still needs a moment to change what the guard waits for.
const PATIENCE_MIN: Duration = Duration::from_millis(100);

/// The next thing that happens by itself.
#[derive(Clone, Copy, Debug)]
enum Event {
    Spontaneous(Transition),
    Request(NodeId),
    Drop(NodeId),
}

/// The hidden state.
#[derive(Debug)]
pub(super) struct World {
    pub(super) cluster: Cluster,
    pub(super) options: Options,
    pub(super) behaviour: Behaviour,
    /// The status before the last change of status.
    pub(super) earlier_status: ClusterStatus,
    /// How many calls the API's address has handed on to a node.
    pub(super) handed_on: usize,
    lanes: Vec<Lane>,
    rng: Rng,
    /// Whether `start` was ever called.
    started_before: bool,
    at: Instant,
}

impl World {
    pub(super) fn new(options: Options, now: Instant) -> Self {
        let nodes = options.nodes;
        let mut seeds = Rng::with_seed(options.seed);
        let lanes = (0..nodes).map(|_| Lane::new(seeds.fork(), options.delay, now));
        let lanes = lanes.collect();
        Self {
            cluster: Cluster::initial(nodes),
            behaviour: Behaviour::of(options.defect),
            earlier_status: ClusterStatus::Stable,
            handed_on: 0,
            lanes,
            rng: seeds,
            started_before: false,
            at: now,
            options,
        }
    }

    /// Back to the initial state, chance included, so that every trace of a run finds the same mock.
    pub(super) fn reset(&mut self, now: Instant) {
        *self = Self::new(self.options.clone(), now);
    }

    /// Whether this is the planted defect.
    pub(super) fn has(&self, defect: WireDefect) -> bool {
        self.options.defect == Some(Defect::Wire(defect))
    }

    pub(super) fn status(&self) -> ClusterStatus {
        self.behaviour.status(&self.cluster)
    }

    pub(super) fn version(&self, version: Version) -> &str {
        &self.options.versions[version.index()]
    }

    /// What was asked of the node.
    pub(super) fn lane(&self, id: NodeId) -> &Lane {
        &self.lanes[id.index()]
    }

    /// Puts a request at the end of the node's lane.
    pub(super) fn request(&mut self, id: NodeId, operation: Operation, now: Instant) {
        self.lanes[id.index()].push(operation, now);
    }

    /// Makes the tasks that the node runs now, or else its next ones, fail.
    pub(super) fn fail_tasks(&mut self, id: NodeId) {
        self.lanes[id.index()].fail_tasks = true;
    }

    /// Lets everything happen that is due by now, in the order in which it is due.
    pub(super) fn advance(&mut self, now: Instant) {
        self.set_timers();
        while let Some((due, event)) = self.next_event().filter(|(due, _)| *due <= now) {
            self.at = self.at.max(due);
            self.take(event);
            self.set_timers();
        }
        self.at = self.at.max(now);
    }

    /// When the next thing happens by itself.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.next_event().map(|(due, _)| due)
    }

    /// What a call answers now; when it is accepted, its transition is made.
    pub(super) fn call(&mut self, call: Call) -> Answer {
        if self.forgets_how_to_start(call) {
            self.started_before = true;
            return Answer::Refused;
        }
        let answer = self.behaviour.answer(self.options.profile, &self.cluster, call);
        match answer {
            Answer::Nobody => {}
            Answer::Refused => self.set(self.behaviour.refused(&self.cluster, call)),
            Answer::Success => self.make(call),
        }
        answer
    }

    /// Makes the call's transition, allowed or not: an endpoint that does not lock takes it after its guard was asked.
    pub(super) fn make(&mut self, call: Call) {
        let branches = call.transitions(self.options.profile);
        let with_tasks = branches.len() > 1
            && match self.options.tasks {
                Some(tasks) => tasks,
                None => self.rng.bool(),
            };
        self.set(self.behaviour.apply(&self.cluster, branches[usize::from(with_tasks)]));
    }

    /// Makes a transition that nobody asked for.
    pub(super) fn force(&mut self, transition: Transition) {
        self.set(transition.apply(&self.cluster));
    }

    /// Replaces the hidden cluster.
    pub(super) fn set(&mut self, cluster: Cluster) {
        let before = self.status();
        self.cluster = cluster;
        if self.status() != before {
            self.earlier_status = before;
        }
        self.set_timers();
    }

    fn forgets_how_to_start(&self, call: Call) -> bool {
        self.has(WireDefect::FirstStartRefused)
            && call == Call::Start
            && !self.started_before
            && self.cluster.served()
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Spontaneous(transition) => self.spontaneous(transition),
            Event::Request(id) => {
                if let Some(operation) = self.lanes[id.index()].pop(self.at) {
                    self.operate(id, operation);
                }
            }
            Event::Drop(id) => {
                self.lanes[id.index()].pop(self.at);
            }
        }
    }

    fn operate(&mut self, id: NodeId, operation: Operation) {
        let lane = &mut self.lanes[id.index()];
        let lost = match operation {
            Operation::Install(_) => {
                lane.earlier = Some(self.cluster.node(id).version);
                self.has(WireDefect::InstallLost)
            }
            Operation::Repair => {
                lane.repaired = true;
                self.has(WireDefect::RepairLost)
            }
            Operation::Boot => {
                lane.repaired = false;
                false
            }
            Operation::Stop | Operation::Kill | Operation::Break => false,
        };
        if lost {
            return;
        }
        self.set(self.behaviour.apply(&self.cluster, operation.on(id)));
    }

    fn spontaneous(&mut self, transition: Transition) {
        if let Transition::FinalizeFail(id) = transition {
            self.lanes[id.index()].fail_tasks = false;
        }
        self.set(self.behaviour.apply(&self.cluster, transition));
    }

    /// The earliest event; of two at one instant that of the lower node, and a node's own transition before a request.
    fn next_event(&self) -> Option<(Instant, Event)> {
        let ids = (0..self.lanes.len()).map(NodeId::at);
        ids.flat_map(|id| {
            let timer = self.lanes[id.index()].timer();
            let timed = timer.map(|(transition, due)| (due, Event::Spontaneous(transition)));
            timed.into_iter().chain(self.next_request(id))
        })
        .min_by_key(|(due, _)| *due)
    }

    fn next_request(&self, id: NodeId) -> Option<(Instant, Event)> {
        let (operation, turn) = self.lanes[id.index()].first()?;
        let transition = operation.on(id);
        let node = self.cluster.node(id);
        Some(if self.behaviour.enabled(&self.cluster, transition) {
            (turn.max(self.at), Event::Request(id))
        } else if node.phase.down() && operation == Operation::Install(node.version) {
            // It is there already: nothing to wait for.
            (turn.max(self.at), Event::Drop(id))
        } else {
            let patience = (self.options.delay * PATIENCE_DELAYS).max(PATIENCE_MIN);
            (turn + patience, Event::Drop(id))
        })
    }

    fn set_timers(&mut self) {
        for id in (0..self.lanes.len()).map(NodeId::at) {
            let next = self.spontaneous_of(id);
            self.lanes[id.index()].set_timer(next, self.at);
        }
    }

    /// What the node does next by itself: at most one thing in every phase. Beside each the defect that keeps it from happening.
    fn spontaneous_of(&self, id: NodeId) -> Option<Transition> {
        let finalize = if self.lane(id).fail_tasks {
            (Transition::FinalizeFail(id), None)
        } else {
            let never = Some(WireDefect::FinalizingForever);
            (Transition::FinalizeOk(id), never)
        };
        [
            (Transition::Join(id), None),
            (Transition::Ready(id), Some(WireDefect::StartingForever)),
            (Transition::Reject(id), None),
            (Transition::Leave(id), None),
            (Transition::Halt(id), Some(WireDefect::TerminatingForever)),
            (Transition::Forget(id), None),
            finalize,
        ]
        .into_iter()
        .filter(|(_, never)| !never.is_some_and(|defect| self.has(defect)))
        .map(|(next, _)| next)
        .find(|next| self.behaviour.enabled(&self.cluster, *next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that happens after these requests: when, and what the cluster is then.
    fn history(seed: u64, requests: &[(u8, Operation)]) -> Vec<(Duration, String)> {
        let begun = Instant::now();
        let options = Options { seed, ..Options::default() };
        let mut world = World::new(options, begun);
        for (number, operation) in requests {
            world.request(NodeId::new(*number), *operation, begun);
        }
        let mut history = Vec::new();
        while let Some(due) = world.next_due() {
            world.advance(due);
            history.push((due - begun, world.cluster.to_string()));
        }
        history
    }

    const REQUESTS: [(u8, Operation); 5] = [
        (1, Operation::Stop),
        (2, Operation::Break),
        (1, Operation::Install(Version(1))),
        (1, Operation::Boot),
        (2, Operation::Kill),
    ];

    #[test]
    fn the_same_seed_repeats_and_another_one_differs() {
        assert_eq!(history(7, &REQUESTS), history(7, &REQUESTS));
        assert_ne!(history(7, &REQUESTS), history(8, &REQUESTS));
    }

    // Requests to different nodes are independent (section 8): what is asked of node 2 moves nothing on node 1.
    #[test]
    fn what_is_asked_of_one_node_does_not_move_another() {
        let of_the_third = |requests: &[(u8, Operation)]| {
            let history = history(7, requests).into_iter();
            let mut seen: Vec<_> = history
                .map(|(at, cluster)| (at, cluster.rsplit(" | ").next().map(str::to_owned)))
                .collect();
            seen.dedup_by(|later, earlier| later.1 == earlier.1);
            seen.retain(|(_, node)| node.as_deref() != Some("n3 Active v0"));
            seen
        };
        let alone = of_the_third(&[(3, Operation::Kill)]);
        assert!(!alone.is_empty());
        let both = [(3, Operation::Kill), (1, Operation::Break)];
        assert_eq!(of_the_third(&both), alone);
    }

    // An install sent right after a stop waits until the node is down (NODE-10); it is not dropped.
    #[test]
    fn node_10_an_install_waits_for_the_node_to_be_down() {
        let end = history(3, &REQUESTS[..3]).pop().expect("a history").1;
        assert!(end.contains("n1 Absent v1"), "{end}");
    }

    // Every delay is between half and one and a half of the average, 20 ms.
    #[test]
    fn jitter_stays_within_its_bounds() {
        for seed in 0..50 {
            let first = history(seed, &[(1, Operation::Break)])[0].0;
            assert!((10..=30).contains(&first.as_millis()), "{first:?}");
        }
    }
}
