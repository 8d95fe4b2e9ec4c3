//! What is the whole endpoint, without sockets and without a clock?
//!
//! A hidden cluster in time. Whoever holds it says what time it is, as a distance from the start, and never goes back. All
//! chance comes from one seed: one seed and one sequence of calls give one sequence of answers. How it answers requests is
//! `service`.

use std::time::Duration;

use crate::cluster::calls::Call;
use crate::cluster::pace::Pace;
use crate::cluster::transitions::Step;
use crate::cluster::{Cluster, Status};
use crate::contest::{Contest, Waiting};
use crate::defect::Defect;
use crate::exchange::Port;
use crate::freedom::{Freedom, Freedoms};
use crate::names::Names;
use crate::options::{Options, OptionsError, Profile};
use crate::silence::Silence;

/// A cluster and its API.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub(crate) options: Options,
    pub(crate) names: Names,
    pub(crate) silence: Silence,
    pub(crate) cluster: Cluster,
    pub(crate) pace: Pace,
    pub(crate) random: fastrand::Rng,
    contests: [Contest; 4],
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) tickets: u64,
    /// How many answers the serving nodes have given in turn.
    turn: usize,
}

impl Endpoint {
    /// A cluster in its initial state (spec section 2), at time zero.
    ///
    /// # Errors
    /// If an option cannot be had, or the planted defect cannot show with them; the message says what it takes.
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        Ok(Self::at(options.checked()?, Duration::ZERO))
    }

    fn at(options: Options, now: Duration) -> Self {
        let mut random = fastrand::Rng::with_seed(options.seed ^ 0x00c0_ffee);
        let mut cluster = Cluster::new(
            options.nodes,
            options.versions.len(),
            options.profile,
            options.defect,
            options.freedoms,
        );
        cluster.note();
        let tasks = options.tasks_run();
        let freedoms = options.freedoms;
        Self {
            names: Names::new(&options, &mut random),
            silence: Silence::new(options.nodes),
            pace: Pace::new(options.nodes, options.delay, tasks, freedoms, options.seed, now),
            cluster,
            random,
            contests: [Contest::default(); 4],
            waiting: Vec::new(),
            tickets: 0,
            turn: 0,
            options,
        }
    }

    /// How it was set up.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// The ids under which the nodes are listed at first; [`Port::Node`] and [`Endpoint::step`] count in this order.
    #[must_use]
    pub fn node_ids(&self) -> &[String] {
        &self.names.handles
    }

    /// The names under which the nodes are listed.
    #[must_use]
    pub fn node_names(&self) -> Vec<String> {
        self.names.nodes.iter().map(|node| node.name.clone()).collect()
    }

    /// Lets everything happen that is due by `now`.
    pub fn advance(&mut self, now: Duration) {
        self.pace.advance(&mut self.cluster, now);
        self.follow();
    }

    /// Takes note of what changes the nodes' entries.
    pub(crate) fn follow(&mut self) {
        let (now, delay) = (self.clock(), self.options.delay);
        self.names.follow(&self.cluster, now, delay, &mut self.random);
    }

    /// When the next thing happens by itself; nothing when nothing will.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        let ghost = self.names.next_due();
        self.pace.next_due(&self.cluster).into_iter().chain(ghost).min()
    }

    /// Asks for a step on the node at this position. It takes effect after a delay, and after the earlier steps of the same
    /// node; one whose guard does not hold by then is dropped.
    ///
    /// # Panics
    /// If there is no such node or version.
    pub fn step(&mut self, node: usize, step: Step, now: Duration) {
        if let Step::Install(version) = step {
            assert!(version < self.options.versions.len(), "a version of the options");
        }
        self.advance(now);
        self.pace.request(node, step);
        self.pace.set_timers(&self.cluster);
    }

    /// Makes the upgrade tasks that the node runs, or else its next ones, fail.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn fail_tasks(&mut self, node: usize, now: Duration) {
        self.advance(now);
        self.pace.request_failure(node);
    }

    /// Back to the initial state, chance included. What was under way is forgotten; time goes on.
    pub fn reset(&mut self, now: Duration) {
        let tickets = self.tickets;
        *self = Self::at(self.options.clone(), now.max(self.clock()));
        self.tickets = tickets;
    }

    /// What time it is in here: that of the last call.
    #[must_use]
    pub const fn clock(&self) -> Duration {
        self.pace.clock()
    }

    pub(crate) const fn names(&self) -> &Names {
        &self.names
    }

    pub(crate) const fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    pub(crate) const fn cluster_mut(&mut self) -> &mut Cluster {
        &mut self.cluster
    }

    /// An overview is about to be shown by this node.
    pub(crate) fn look(&mut self, answering: usize) {
        let (now, delay) = (self.clock(), self.options.delay);
        self.silence.look(&mut self.cluster, answering, now, delay, &mut self.random);
    }

    /// The status that an overview shows: while nodes move, one that was true since the last answer may do.
    pub(crate) fn torn_status(&mut self) -> Status {
        let torn = self.options.freedoms.now(Freedom::TornOverviews, &mut self.random);
        if torn && self.pace.moves() && !self.cluster.doubt && !self.cluster.recent.is_empty() {
            return self.cluster.recent[self.random.usize(..self.cluster.recent.len())];
        }
        self.cluster.status()
    }

    /// Gives the first node another id (one defect only).
    pub(crate) fn rename_first(&mut self) {
        self.names.rename(0, &mut self.random);
    }

    /// What decides between freedoms.
    pub(crate) const fn chance(&mut self) -> (Freedoms, &mut fastrand::Rng) {
        (self.options.freedoms, &mut self.random)
    }

    pub(crate) const fn contest(&mut self, call: Call) -> &mut Contest {
        &mut self.contests[call as usize]
    }

    /// Whether an `approve` that is accepted now brings upgrade tasks.
    pub(crate) fn brings_tasks(&mut self) -> bool {
        if self.options.profile == Profile::Documented {
            return false;
        }
        let options = [Freedom::ApproveWithTasks, Freedom::ApproveWithoutTasks];
        match self.options.tasks {
            Some(tasks) => tasks,
            None => match self.options.freedoms.choose(&options, &mut self.random) {
                Some(picked) => picked == Freedom::ApproveWithTasks,
                None => self.random.bool(),
            },
        }
    }

    /// Which node answers at this port; nothing when none does.
    pub(crate) fn answering(&mut self, port: Port, posts: bool) -> Option<usize> {
        let nodes = &self.cluster.nodes;
        let up = |index: &usize| nodes[*index].phase.serving();
        // One that its cluster does not hear answers only when no other can.
        let heard = (0..nodes.len()).any(|index| up(&index) && !self.silence.is_silent(index));
        let serving = |index: &usize| up(index) && !(heard && self.silence.is_silent(*index));
        let count = match port {
            Port::Node(index) => return Some(index).filter(up),
            Port::Api => (0..nodes.len()).filter(serving).count(),
        };
        if count == 0 {
            let lies = match self.options.defect {
                Some(Defect::AnswersUnserved) => true,
                Some(Defect::PostsAnsweredUnserved) => posts,
                Some(Defect::ReadsAnsweredUnserved) => !posts,
                Some(_) | None => false,
            };
            return lies.then_some(0);
        }
        let turn = if self.options.freedoms.has(Freedom::RotateNodes) {
            self.random.usize(..count)
        } else {
            self.turn % count
        };
        self.turn = self.turn.wrapping_add(1);
        (0..nodes.len()).filter(serving).nth(turn)
    }
}
