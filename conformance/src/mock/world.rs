//! What is hidden behind the API, and what happens to it next? The model's cluster in time.
//!
//! Operator's and faults' requests (spec, section 3) wait in one lane per node and take effect in the order they were made
//! (section 8); spontaneous transitions follow after delays of their own. Pure apart from the instants that it is given: no
//! clock, no sockets. Each lane has its own source of chance, so that what one node does never depends on when another was asked.

use std::collections::VecDeque;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;
use zdu_model::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::node::{NodeId, Phase, Version};
use zdu_model::profile::Profile;
use zdu_model::semantics::{Answer, Semantics as _};
use zdu_model::transition::{Call, Transition};

use super::behaviour::Behaviour;
use super::defect::{Defect, WireDefect};
use super::options::Options;

/// How many delays a request waits for its guard once its turn has come; then it is dropped. A graceful stop takes
/// up to three, so that an `install` sent right after a `stop` still finds its moment.
const PATIENCE_DELAYS: u32 = 10;
/// With hardly any delay a caller still needs a moment to change what the guard waits for.
const PATIENCE_MIN: Duration = Duration::from_millis(100);
/// Upgrade tasks take longer than other steps, so that whoever polls can see them run.
const FINALIZE_DELAYS: f64 = 3.0;

/// Something that an operator or a fault does to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Stop,
    Kill,
    Boot,
    Break,
    Repair,
    Install(Version),
}

impl Operation {
    pub(super) const fn on(self, id: NodeId) -> Transition {
        match self {
            Self::Stop => Transition::Stop(id),
            Self::Kill => Transition::Kill(id),
            Self::Boot => Transition::Boot(id),
            Self::Break => Transition::Break(id),
            Self::Repair => Transition::Repair(id),
            Self::Install(version) => Transition::Install(id, version),
        }
    }
}

/// A node's requests and its next spontaneous transition.
#[derive(Debug)]
struct Lane {
    rng: Rng,
    queue: VecDeque<Operation>,
    /// When the first request's turn comes; meaningless while there is none.
    turn: Instant,
    timer: Option<(Transition, Instant)>,
    fail_tasks: bool,
    /// The version that was installed before the last install.
    earlier: Option<Version>,
}

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
    starts_refused: u32,
    at: Instant,
}

impl World {
    pub(super) fn new(options: Options, now: Instant) -> Self {
        let nodes = options.nodes;
        let mut seeds = Rng::with_seed(options.seed);
        let lanes = (0..nodes).map(|_| Lane {
            rng: seeds.fork(),
            queue: VecDeque::new(),
            turn: now,
            timer: None,
            fail_tasks: false,
            earlier: None,
        });
        Self {
            cluster: Cluster::initial(nodes),
            behaviour: Behaviour::of(options.defect),
            earlier_status: ClusterStatus::Stable,
            handed_on: 0,
            lanes: lanes.collect(),
            rng: seeds,
            starts_refused: 0,
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

    /// The version that a node had before its last install.
    pub(super) fn earlier_version(&self, id: NodeId) -> Option<Version> {
        self.lanes[id.index()].earlier
    }

    pub(super) fn queue(&self, id: NodeId) -> impl Iterator<Item = Operation> + '_ {
        self.lanes[id.index()].queue.iter().copied()
    }

    pub(super) fn fails_tasks(&self, id: NodeId) -> bool {
        self.lanes[id.index()].fail_tasks
    }

    /// Puts a request at the end of the node's lane.
    pub(super) fn request(&mut self, id: NodeId, operation: Operation, now: Instant) {
        let delay = self.options.delay;
        let lane = &mut self.lanes[id.index()];
        if lane.queue.is_empty() {
            lane.turn = now + jittered(&mut lane.rng, delay, 1.0);
        }
        lane.queue.push_back(operation);
    }

    /// Makes the tasks that the node runs now, or else its next ones, fail.
    pub(super) fn fail_tasks(&mut self, id: NodeId) {
        self.lanes[id.index()].fail_tasks = true;
    }

    /// Lets everything happen that is due by now, in the order in which it is due.
    pub(super) fn advance(&mut self, now: Instant) {
        self.set_timers();
        while let Some((due, event)) = self.next_event().filter(|(due, _)| *due <= now) {
            self.at = due;
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
            self.starts_refused += 1;
            return Answer::Refused;
        }
        let answer = self
            .behaviour
            .answer(self.options.profile, &self.cluster, call);
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
        self.set(
            self.behaviour
                .apply(&self.cluster, branches[usize::from(with_tasks)]),
        );
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
            && self.starts_refused == 0
            && self.cluster.served()
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Spontaneous(transition) => self.spontaneous(transition),
            Event::Request(id) => {
                if let Some(operation) = self.next_in_line(id) {
                    self.operate(id, operation);
                }
            }
            Event::Drop(id) => {
                self.next_in_line(id);
            }
        }
    }

    /// Takes the first request out of the lane; the turn of the one behind it comes a delay later.
    fn next_in_line(&mut self, id: NodeId) -> Option<Operation> {
        let (delay, at) = (self.options.delay, self.at);
        let lane = &mut self.lanes[id.index()];
        lane.turn = at + jittered(&mut lane.rng, delay, 1.0);
        lane.queue.pop_front()
    }

    fn operate(&mut self, id: NodeId, operation: Operation) {
        if let Operation::Install(_) = operation {
            if self.has(WireDefect::InstallLost) {
                return;
            }
            self.lanes[id.index()].earlier = Some(self.cluster.node(id).version);
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
            let timer = self.lanes[id.index()].timer;
            let timed = timer.map(|(transition, due)| (due, Event::Spontaneous(transition)));
            timed.into_iter().chain(self.next_request(id))
        })
        .min_by_key(|(due, _)| *due)
    }

    fn next_request(&self, id: NodeId) -> Option<(Instant, Event)> {
        let lane = &self.lanes[id.index()];
        let operation = *lane.queue.front()?;
        let transition = operation.on(id);
        let node = self.cluster.node(id);
        Some(if self.behaviour.enabled(&self.cluster, transition) {
            (lane.turn.max(self.at), Event::Request(id))
        } else if node.phase.down() && operation == Operation::Install(node.version) {
            // It is there already: nothing to wait for.
            (lane.turn.max(self.at), Event::Drop(id))
        } else {
            let patience = (self.options.delay * PATIENCE_DELAYS).max(PATIENCE_MIN);
            (lane.turn + patience, Event::Drop(id))
        })
    }

    /// Gives each node's spontaneous transition its moment; one that stays enabled keeps the moment that it has.
    fn set_timers(&mut self) {
        for id in (0..self.lanes.len()).map(NodeId::at) {
            let next = self.spontaneous_of(id);
            let (delay, at) = (self.options.delay, self.at);
            let lane = &mut self.lanes[id.index()];
            if lane.timer.map(|(transition, _)| transition) != next {
                let long = matches!(
                    next,
                    Some(Transition::FinalizeOk(_) | Transition::FinalizeFail(_))
                );
                let delays = if long { FINALIZE_DELAYS } else { 1.0 };
                lane.timer = next
                    .map(|transition| (transition, at + jittered(&mut lane.rng, delay, delays)));
            }
        }
    }

    /// What the node does next by itself: at most one thing in every phase.
    fn spontaneous_of(&self, id: NodeId) -> Option<Transition> {
        let finalize = if self.fails_tasks(id) {
            Transition::FinalizeFail(id)
        } else {
            Transition::FinalizeOk(id)
        };
        [
            Transition::Join(id),
            Transition::Ready(id),
            Transition::Reject(id),
            Transition::Leave(id),
            Transition::Halt(id),
            Transition::Forget(id),
            finalize,
        ]
        .into_iter()
        .find(|next| self.behaviour.enabled(&self.cluster, *next) && !self.never_ends(*next))
    }

    /// Whether the planted defect keeps this transition from ever being taken.
    fn never_ends(&self, transition: Transition) -> bool {
        match transition {
            Transition::Ready(_) => self.has(WireDefect::StartingForever),
            Transition::Halt(_) => self.has(WireDefect::TerminatingForever),
            Transition::FinalizeOk(_) => self.has(WireDefect::FinalizingForever),
            Transition::Start
            | Transition::Cancel
            | Transition::Approve
            | Transition::ApproveWithTasks
            | Transition::Retry
            | Transition::Stop(_)
            | Transition::Kill(_)
            | Transition::Install(..)
            | Transition::Boot(_)
            | Transition::Break(_)
            | Transition::Repair(_)
            | Transition::Join(_)
            | Transition::Reject(_)
            | Transition::Leave(_)
            | Transition::Forget(_)
            | Transition::FinalizeFail(_) => false,
        }
    }

    /// Whether the node is removed: it answers 404.
    pub(super) fn removed(&self, id: NodeId) -> bool {
        self.cluster.node(id).phase == Phase::Absent
    }

    /// Whether upgrade mode is on.
    pub(super) fn upgrading(&self) -> bool {
        self.cluster.mode == Mode::On
    }

    /// Whether `hasFinalizationTasks` is part of the overview.
    pub(super) fn lists_tasks(&self) -> bool {
        self.options.profile == Profile::Finalization
    }
}

fn jittered(rng: &mut Rng, delay: Duration, delays: f64) -> Duration {
    delay.mul_f64(delays * (0.5 + rng.f64()))
}
