//! What is the whole endpoint, without sockets and without a clock?
//!
//! A hidden cluster in time, asked by requests. Whoever holds it says what time it is, as a distance from the start, and
//! never goes back. All chance comes from one seed: one seed and one sequence of calls give one sequence of answers. What takes
//! time is told as data; nothing is waited for.

use std::time::Duration;

use serde::Serialize;

use crate::answer::posts::{self, Contest, Race};
use crate::answer::view::View;
use crate::answer::{self, Route, auth};
use crate::cluster::calls::Call;
use crate::cluster::pace::Pace;
use crate::cluster::transitions::Step;
use crate::cluster::{Cluster, Phase, Status};
use crate::defect::Defect;
use crate::exchange::{Answer, Outcome, Port, Request};
use crate::freedom::{Freedom, Freedoms};
use crate::names::{Names, micros};
use crate::options::{Options, OptionsError, Profile};
use crate::silence::Silence;

/// A request that has come in and is not handled yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(u64);

/// What is known when a request has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// What [`Endpoint::finish`] wants.
    pub ticket: Ticket,
    /// How long it takes before the request is handled.
    pub wait: Duration,
}

#[derive(Debug, Clone)]
struct Waiting {
    ticket: Ticket,
    port: Port,
    request: Request,
    call: Option<Call>,
    race: Option<Race>,
    since: Duration,
}

/// A cluster and its API.
#[derive(Debug, Clone)]
pub struct Endpoint {
    options: Options,
    names: Names,
    silence: Silence,
    cluster: Cluster,
    pace: Pace,
    random: fastrand::Rng,
    contests: [Contest; 4],
    waiting: Vec<Waiting>,
    tickets: u64,
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
    fn follow(&mut self) {
        let (now, delay) = (self.clock(), self.options.delay);
        self.names.follow(&self.cluster, now, delay, &mut self.random);
    }

    /// When the next thing happens by itself; nothing when nothing will.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        let ghost = self.names.next_due();
        self.pace.next_due(&self.cluster).into_iter().chain(ghost).min()
    }

    /// Whether connections are accepted there.
    pub fn open(&mut self, port: Port, now: Duration) -> bool {
        self.advance(now);
        let serving = |index: usize| self.cluster.nodes[index].phase.serving();
        match port {
            Port::Node(index) => index < self.cluster.nodes.len() && serving(index),
            Port::Api => {
                let lies = self.options.defect.is_some_and(answers_unserved);
                let refuses = self.options.freedoms.has(Freedom::UnservedRefuse) && !lies;
                !refuses || self.cluster.served()
            }
        }
    }

    /// A request comes in on an open connection. It is handled by [`Endpoint::finish`], once the wait is over; calls that
    /// are begun before an earlier one is finished race with it.
    pub fn begin(&mut self, port: Port, request: &Request, now: Duration) -> Begun {
        self.advance(now);
        let ticket = Ticket(self.tickets);
        self.tickets += 1;
        let mut wait = self.pause();
        let mut race = None;
        let call = self.call_of(request);
        if let Some(call) = call {
            wait += self.slowness(Freedom::SlowEffects);
            if let Some((seen, gap)) = posts::begin(self, call) {
                race = Some(seen);
                wait += gap;
            }
        }
        let request = request.clone();
        self.waiting.push(Waiting { ticket, port, request, call, race, since: now });
        Begun { ticket, wait }
    }

    /// Handles a request that came in. A ticket that is not known any more (the endpoint was reset, or it is finished)
    /// gives [`Outcome::Dropped`].
    pub fn finish(&mut self, ticket: Ticket, now: Duration) -> Outcome {
        self.advance(now);
        let Some(place) = self.waiting.iter().position(|waiting| waiting.ticket == ticket) else {
            return Outcome::Dropped;
        };
        let waiting = self.waiting.swap_remove(place);
        let race = match waiting.race {
            Some(Race::Counted(call)) => self.contest(call).end().then_some(Race::Contested),
            seen => seen,
        };
        let handled = answer::handle(self, waiting.port, &waiting.request, race);
        self.pace.set_timers(&self.cluster);
        self.follow();
        // What is shown from now on is not older than this answer.
        self.cluster.recent.clear();
        self.cluster.recent.push(self.cluster.sure_status());
        let Some(mut answer) = handled else {
            return Outcome::Dropped;
        };
        answer.before = now.saturating_sub(waiting.since);
        answer.after += self.pause();
        if waiting.call.is_some() {
            answer.after += self.slowness(Freedom::SlowPostAnswers);
        }
        self.travel(&mut answer);
        Outcome::Answer(answer)
    }

    /// A whole request on a connection of its own, with nothing else going on meanwhile: it is handled at `now` plus
    /// [`Answer::before`], and the answer leaves [`Answer::after`] later.
    pub fn answer(&mut self, port: Port, request: &Request, now: Duration) -> Outcome {
        if !self.open(port, now) && !answer::controls(&self.options, request) {
            return Outcome::Refused;
        }
        let begun = self.begin(port, request, now);
        self.finish(begun.ticket, now + begun.wait)
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

    /// The hidden state, as of the last call.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self)
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

    /// What a node that answers sees now.
    pub(crate) fn view(&mut self, answering: usize) -> View<'_> {
        View {
            cluster: &self.cluster,
            status: self.cluster.status(),
            names: &self.names,
            silence: &self.silence,
            context: &self.options.context,
            random: &mut self.random,
            answering,
        }
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

    /// The call that a request makes, if nothing but the cluster can refuse it.
    fn call_of(&self, request: &Request) -> Option<Call> {
        if request.method != "POST" {
            return None;
        }
        let route = answer::route(&self.options, request)?;
        let Route::Post(call) = route else { return None };
        let refused = auth::refusal(&self.options, request, Some(&route)).is_some()
            || auth::malformed(&self.options, request, &route).is_some();
        (!refused).then_some(call)
    }

    /// How late a POST is by this freedom.
    fn slowness(&mut self, freedom: Freedom) -> Duration {
        if !self.options.freedoms.now(freedom, &mut self.random) {
            return Duration::ZERO;
        }
        Duration::from_micros(self.random.u64(..=micros(self.options.slow())))
    }

    /// Some milliseconds, with the freedom to be slow.
    fn pause(&mut self) -> Duration {
        let slow = self.options.freedoms.now(Freedom::SlowAnswers, &mut self.random);
        Duration::from_millis(if slow { self.random.u64(0..4) } else { 0 })
    }

    /// How the answer travels.
    fn travel(&mut self, answer: &mut Answer) {
        let (freedoms, random) = (self.options.freedoms, &mut self.random);
        let lengths = [Freedom::ContentLength, Freedom::Chunked];
        answer.chunked = freedoms.pick(&lengths, random) == Freedom::Chunked;
        let connections = [Freedom::KeepAlive, Freedom::CloseConnections];
        answer.close |= freedoms.pick(&connections, random) == Freedom::CloseConnections;
    }
}

/// Whether the API answers although nobody serves.
fn answers_unserved(defect: Defect) -> bool {
    matches!(
        defect,
        Defect::AnswersUnserved | Defect::ReadsAnsweredUnserved | Defect::PostsAnsweredUnserved
    )
}

/// Whether upgrade mode is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is enabled.
    On,
    /// It is disabled.
    Off,
}

/// The hidden state at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Whether upgrade mode is on.
    pub mode: Mode,
    /// The recorded version, while there is one.
    pub origin: Option<String>,
    /// The status that the cluster takes itself to have, planted slips included.
    pub status: Status,
    /// Whether upgrade tasks are pending.
    pub tasks_pending: bool,
    /// Whether nothing will happen by itself.
    pub idle: bool,
    /// What all chance comes from.
    pub seed: u64,
    /// The planted defect's name.
    pub defect: Option<&'static str>,
    /// The freedoms that are used.
    pub freedoms: Vec<&'static str>,
    /// The nodes, the removed ones included.
    pub nodes: Vec<NodeSnapshot>,
    /// The ids of the entries that nodes have left behind.
    pub ghosts: Vec<String>,
}

/// A node of the hidden state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeSnapshot {
    /// The id that the API lists.
    pub id: String,
    /// The name that the API lists.
    pub name: String,
    /// The phase, finer than what the API lists.
    pub phase: Phase,
    /// The installed version.
    pub version: String,
    /// The requests that have not taken effect yet, in order.
    pub pending: Vec<String>,
    /// Whether the node's current or next upgrade tasks will fail.
    pub fail_tasks: bool,
    /// Whether overviews list it as a silent entry at the moment.
    pub silent: bool,
}

impl Snapshot {
    fn of(endpoint: &Endpoint) -> Self {
        let Endpoint { options, names, silence, cluster, pace, .. } = endpoint;
        let version = |version: usize| names.versions[version].clone();
        let word = |step: Step| match step {
            Step::Stop => "stop".to_owned(),
            Step::Kill => "kill".to_owned(),
            Step::Boot => "boot".to_owned(),
            Step::Break => "break".to_owned(),
            Step::Repair => "repair".to_owned(),
            Step::Install(wanted) => format!("install {}", version(wanted)),
        };
        let nodes = cluster.nodes.iter().enumerate().map(|(index, node)| NodeSnapshot {
            id: names.nodes[index].id.clone(),
            name: names.nodes[index].name.clone(),
            phase: node.phase,
            version: version(node.version),
            pending: pace.queue(index).map(word).collect(),
            fail_tasks: pace.will_fail(index),
            silent: silence.is_silent(index),
        });
        Self {
            mode: if cluster.mode { Mode::On } else { Mode::Off },
            origin: cluster.origin.map(version),
            status: cluster.status(),
            tasks_pending: cluster.tasks_pending,
            idle: pace.idle() && !silence.any() && names.next_due().is_none(),
            seed: options.seed,
            defect: options.defect.map(Defect::name),
            freedoms: options.freedoms.iter().map(Freedom::name).collect(),
            nodes: nodes.collect(),
            ghosts: names.ghosts.iter().map(|ghost| ghost.known.id.clone()).collect(),
        }
    }

    /// Whether some node serves.
    #[must_use]
    pub fn served(&self) -> bool {
        self.nodes.iter().any(|node| node.phase.serving())
    }
}
