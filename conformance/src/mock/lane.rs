//! What is asked of one node, in which order, and how long does each thing take? Requests to a node wait in its lane.
//!
//! Requests to one node take effect in the order they were made (spec, section 8). Each lane has its own source of chance, so
//! that what one node does never depends on when another one was asked. Whether a turn may be used is the world's matter.

use std::collections::VecDeque;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;
use zdu_model::spec::node::{NodeId, Version};
use zdu_model::spec::transition::Transition;

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
pub(super) struct Lane {
    rng: Rng,
    /// How long a step takes on average.
    delay: Duration,
    queue: VecDeque<Operation>,
    /// When the first request's turn comes; meaningless while there is none.
    turn: Instant,
    /// What the node does next by itself, and when.
    timer: Option<(Transition, Instant)>,
    /// Whether the current or next upgrade tasks fail.
    pub(super) fail_tasks: bool,
    /// The version that was installed before the last install.
    pub(super) earlier: Option<Version>,
    /// Whether it runs since it was repaired, not since it was booted.
    pub(super) repaired: bool,
}

impl Lane {
    pub(super) fn new(rng: Rng, delay: Duration, now: Instant) -> Self {
        Self {
            rng,
            delay,
            queue: VecDeque::new(),
            turn: now,
            timer: None,
            fail_tasks: false,
            earlier: None,
            repaired: false,
        }
    }

    /// Puts a request at the end.
    pub(super) fn push(&mut self, operation: Operation, now: Instant) {
        if self.queue.is_empty() {
            self.turn = self.after(1.0, now);
        }
        self.queue.push_back(operation);
    }

    /// Takes the first request out; the turn of the one behind it comes a delay later.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Operation> {
        let first = self.queue.pop_front();
        if !self.queue.is_empty() {
            self.turn = self.after(1.0, now);
        }
        first
    }

    /// The first request and its turn.
    pub(super) fn first(&self) -> Option<(Operation, Instant)> {
        self.queue.front().map(|operation| (*operation, self.turn))
    }

    /// The requests in order.
    pub(super) fn queue(&self) -> impl Iterator<Item = Operation> + '_ {
        self.queue.iter().copied()
    }

    /// What the node does next by itself, and when.
    pub(super) fn timer(&self) -> Option<(Transition, Instant)> {
        self.timer
    }

    /// Gives the spontaneous transition its moment; one that stays enabled keeps the moment that it has.
    pub(super) fn set_timer(&mut self, next: Option<Transition>, now: Instant) {
        if self.timer.map(|(transition, _)| transition) == next {
            return;
        }
        let finalize =
            matches!(next, Some(Transition::FinalizeOk(_) | Transition::FinalizeFail(_)));
        let delays = if finalize { FINALIZE_DELAYS } else { 1.0 };
        self.timer = next.map(|transition| (transition, self.after(delays, now)));
    }

    /// The moment after so many delays, with jitter: between half and one and a half of them.
    fn after(&mut self, delays: f64, now: Instant) -> Instant {
        now + self.delay.mul_f64(delays * (0.5 + self.rng.f64()))
    }
}
