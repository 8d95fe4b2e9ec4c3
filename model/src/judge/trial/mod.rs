//! What does a judge do with what it hears? Holds the belief, names what nothing explains, and says what it wants to hear
//! next (spec, section 8; the readings: section 7).
//!
//! A [`Judge`] does no I/O and has no clock: events go in, findings come out, and [`Judge::wants`] says which view is to be read
//! and not before when. Live replays, recordings and simulations feed it alike, and the same events give the same
//! findings. It alone holds the belief, names rules, goes on after a deviation, and says which rules were at stake.
//!
//! In the order data meets them: `calls` takes in what calls answer, `reads` what views show (`heard`), `settling` waits until nothing is
//! left to happen, `inquiry` looks again before a rule is named, `concession` goes on from what was seen, `stake` counts what could
//! have been broken, `compare` holds views against each other.

mod attempts;
mod calls;
mod compare;
mod concession;
mod heard;
mod inquiry;
mod left;
mod reads;
mod settling;
mod stake;

use crate::judge::text::Text;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::belief::Belief;
use super::blame::{Context, Since};
use super::course::Course;
use super::event::{Event, Micros, Source, Start, View};
use super::finding::{Allowed, Difference, Finding, Kind, Place, Sight};
use super::roster::Roster;
use super::seen::{Overview, Request};
use crate::spec::cluster::Cluster;
use crate::spec::node::{NodeId, Phase};
use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;
use crate::spec::transition::Call;
use inquiry::Inquiry;
use settling::Settling;
use stake::Stakes;
pub use stake::status_premise;

/// How many allowed things a finding keeps.
const ALLOWED_KEPT: usize = 12;

/// How long things may take on a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long a step may take to settle.
    pub settle: Micros,
    /// How long a step that settles without anything to see is watched.
    pub quiet: Micros,
    /// The longest pause between two rounds of reading.
    pub poll: Micros,
}

/// What a judge wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// Nothing: the next step may be taken.
    Nothing,
    /// This view, not read before that moment.
    Read {
        /// Whom to ask.
        source: Source,
        /// What.
        view: View,
        /// When at the earliest.
        not_before: Micros,
    },
    /// What this id answers, which a node had before it came back under another one.
    Left(Text),
}

/// Whether a cluster has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has.
    Yes,
    /// It has not, in time.
    TimedOut,
    /// The overview cannot be read any more, so nothing can be judged.
    Blind,
    /// More may have happened unseen than can be held, so nothing can be judged.
    TooMany,
}

/// A judge of one run.
#[derive(Clone, Debug)]
pub struct Judge {
    scope: Scope,
    patience: Patience,
    /// Nodes that can be asked at an address of their own.
    own: BTreeSet<NodeId>,
    roster: Roster,
    belief: Belief,
    findings: Vec<Finding>,
    stakes: Stakes,
    step: usize,
    /// The number of the event that is heard, and when it was over.
    event: usize,
    now: Micros,
    since: Since,
    /// What was asked of a node last, but for what needs no answer of it: an installation.
    asked: BTreeMap<NodeId, Request>,
    explained_since: bool,
    after_approve: bool,
    tasks_seen: bool,
    /// Views that are wrong in themselves, and no longer listened to.
    muted: BTreeSet<View>,
    /// Nodes whose own view never came to agree (API-11).
    disagreeing: BTreeSet<NodeId>,
    /// How an upgrade goes, and whether a fault was asked for.
    course: Course,
    faulted: bool,
    /// Ids that nodes left behind and that were asked for.
    left: BTreeSet<Text>,
    /// The next inexplicable answer follows from a finding that was made already.
    forgiving: bool,
    /// The last overview had a silent entry.
    silent: bool,
    last: Option<Overview>,
    inquiry: Option<Inquiry>,
    settling: Option<Settling>,
    settled: Option<Settled>,
    settled_after: Option<Micros>,
    /// Whether it is known where the cluster began; before, answers only tell who is who.
    begun: bool,
    /// The build may keep out a node whose version is below the original.
    refuses_below: bool,
}

impl Judge {
    /// A judge of a cluster of which nothing is known yet. `own` are the nodes that can be asked at an address of their own.
    ///
    /// # Panics
    /// If the roster has another number of nodes than the scope.
    #[must_use]
    pub fn new(scope: Scope, roster: Roster, patience: Patience, own: BTreeSet<NodeId>) -> Self {
        assert_eq!(scope.nodes, roster.len(), "one-roster-one-size");
        let belief = Belief::certain(scope, scope.initial());
        Self {
            scope,
            patience,
            own,
            roster,
            belief,
            findings: Vec::new(),
            stakes: Stakes::default(),
            step: 0,
            event: 0,
            now: 0,
            since: Since::Reads,
            asked: BTreeMap::new(),
            explained_since: false,
            after_approve: false,
            tasks_seen: false,
            muted: BTreeSet::new(),
            disagreeing: BTreeSet::new(),
            course: Course::default(),
            faulted: false,
            left: BTreeSet::new(),
            forgiving: false,
            silent: false,
            last: None,
            inquiry: None,
            settling: None,
            settled: None,
            settled_after: None,
            begun: false,
            refuses_below: true,
        }
    }

    /// The same for a build of which it is known that it lets nodes below the original version join.
    #[must_use]
    pub fn allowing_downgrades(mut self, allowed: bool) -> Self {
        self.refuses_below = !allowed;
        self
    }

    /// Takes in what happened. It began at `asked` and was over at `now`; the number of the event, counted from 0, is what
    /// findings name it by.
    pub fn hear(&mut self, asked: Micros, now: Micros, event: Event) {
        self.now = now;
        if !matches!(event, Event::Read(..)) {
            // Whoever goes on without reading what was wanted gets the judgement that can be had without it.
            self.conclude();
        }
        match event {
            Event::Begin(start) => self.begin(start),
            Event::Read(_, view, answer) if !self.begun => {
                self.understand(view, answer);
            }
            Event::Step(number) => self.step = number,
            _ if !self.begun => {}
            Event::Look => self.only_reads(),
            Event::Requested(id, request) => self.requested(id, request),
            Event::Called(call, reply) => self.called(call, &reply),
            Event::Raced(call, racers) => self.raced(call, &racers),
            Event::Attempted(caller, attempt, code) => self.attempted(caller, attempt, code),
            Event::Settle => self.settle(),
            Event::Read(source, view, answer) => self.read(asked, source, view, answer),
            Event::Left(id, answer) => self.left(&id, answer),
        }
        self.event += 1;
    }

    /// What is to be done next before the run goes on.
    #[must_use]
    pub fn wants(&self) -> Want {
        if let Some(inquiry) = &self.inquiry {
            return inquiry.wants();
        }
        self.settling.as_ref().map_or(Want::Nothing, Settling::wants)
    }

    /// How the last settling ended; `None` while it goes on or before the first.
    #[must_use]
    pub const fn settled(&self) -> Option<Settled> {
        self.settled
    }

    /// How long the last settling took, if the cluster settled.
    #[must_use]
    pub const fn settled_after(&self) -> Option<Micros> {
        self.settled_after
    }

    /// How long things may take.
    #[must_use]
    pub const fn patience(&self) -> Patience {
        self.patience
    }

    /// How many events were heard: the number of the next one.
    #[must_use]
    pub const fn heard(&self) -> usize {
        self.event
    }

    /// What was found so far.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// In how many steps each rule was at stake in a judged observation.
    #[must_use]
    pub fn at_stake(&self) -> BTreeMap<Rule, u64> {
        self.stakes.counted()
    }

    /// What is believed.
    #[must_use]
    pub const fn belief(&self) -> &Belief {
        &self.belief
    }

    /// Who is who.
    #[must_use]
    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The last overview that could be read.
    #[must_use]
    pub const fn last(&self) -> Option<&Overview> {
        self.last.as_ref()
    }

    /// Begins to judge, or begins anew; who is who is kept.
    fn begin(&mut self, start: Start) {
        self.belief = match (start, &self.last) {
            (Start::LastOverview, Some(overview)) => Belief::from_overview(self.scope, overview),
            (Start::InitialOn(version), _) => {
                Belief::certain(self.scope, Cluster::initial_on(self.scope.nodes, version))
            }
            (Start::Initial, _) | (Start::LastOverview, None) => {
                Belief::certain(self.scope, self.scope.initial())
            }
        }
        .refusing_below(self.refuses_below);
        self.begun = true;
        self.roster.forget_left_behind();
        self.since = Since::Reads;
        self.asked.clear();
        self.explained_since = false;
        self.after_approve = false;
        self.settling = None;
        self.settled = None;
    }

    /// Whether some explanation lets a request take effect now: only then is a driver that fails the suite's failure.
    pub fn may_take(&mut self, id: NodeId, request: Request) -> bool {
        self.belief.close();
        self.belief.can_take(id, request)
    }

    /// Whether every explanation lets a request take effect now.
    pub fn must_take(&mut self, id: NodeId, request: Request) -> bool {
        self.belief.close();
        self.belief.must_take(id, request)
    }

    /// The nodes that serve in every explanation.
    #[must_use]
    pub fn serving(&self) -> Vec<NodeId> {
        self.scope.node_ids().filter(|id| self.serves(*id)).collect()
    }

    fn serves(&self, id: NodeId) -> bool {
        self.belief.hypotheses().all(|hypothesis| hypothesis.cluster.node(id).phase.serves())
    }

    /// Whether this is so in every state that explains everything seen so far. While something may
    /// still happen the last overview is taken at its word: those of these states count that are as it lists them. Where none
    /// is, nothing is sure.
    #[must_use]
    pub fn surely(&self, holds: impl Fn(&Cluster) -> bool) -> bool {
        if self.inquiry.is_some() || self.belief.is_overfull() {
            return false;
        }
        let states = match &self.last {
            _ if self.belief.is_settled() => self.belief.states(),
            Some(overview) => self.belief.listed_so(overview),
            None => BTreeSet::new(),
        };
        !states.is_empty() && states.into_iter().all(holds)
    }

    fn context(&self) -> Context {
        Context {
            since: self.since,
            explained_since: self.explained_since,
            after_approve: self.after_approve,
            tasks_seen: self.tasks_seen,
        }
    }

    fn since(&mut self, since: Since) {
        self.since = since;
        self.explained_since = false;
    }

    fn only_reads(&mut self) {
        self.since(Since::Reads);
    }

    fn requested(&mut self, id: NodeId, request: Request) {
        self.belief.close();
        let from = self
            .belief
            .hypotheses()
            .next()
            .map_or(Phase::Active, |hypothesis| hypothesis.cluster.node(id).phase);
        self.faulted |= matches!(request, Request::Kill | Request::Break | Request::FailTasks);
        self.course.asked(id, request);
        self.stakes.request(&self.belief, id, request);
        self.belief.request(id, request);
        if matches!(request, Request::Boot | Request::Kill | Request::Stop) {
            self.roster.may_move(id);
        }
        self.since(Since::Asked(id, request, from));
        if !matches!(request, Request::Install(_)) {
            self.asked.insert(id, request);
        }
        self.after_approve = false;
    }

    /// The views, in the order in which they are read.
    fn views(&self) -> VecDeque<View> {
        let nodes = self.scope.node_ids().filter(|id| self.roster.id(*id).is_some());
        [View::Overview, View::State].into_iter().chain(nodes.map(View::Node)).collect()
    }

    /// A call succeeded: what it does shows from now on.
    fn succeeded(&mut self, call: Call) {
        self.after_approve = call == Call::Approve;
        self.tasks_seen &= !matches!(call, Call::Approve | Call::Retry);
    }

    /// Notes a finding; a rule that is broken again in the same way is only counted.
    fn find(&mut self, found: Found) {
        let same = |known: &&mut Finding| known.rule == found.rule && known.kind == found.kind;
        if let Some(known) = self.findings.iter_mut().find(same) {
            known.again += 1;
            return;
        }
        self.stakes.at_stake(self.step, found.rule);
        let mut allowed = found.allowed;
        let allowed_more = allowed.len().saturating_sub(ALLOWED_KEPT);
        allowed.truncate(ALLOWED_KEPT);
        self.findings.push(Finding {
            kind: found.kind,
            rule: found.rule,
            step: self.step,
            place: found.place,
            allowed,
            allowed_more,
            seen: found.seen,
            nearest: found.nearest,
            event: found.event,
            again: 0,
        });
    }

    /// Everything that the belief allows a view to show.
    fn allowed(&self, belief: &Belief, view: View) -> Vec<Allowed> {
        let mut found = BTreeSet::new();
        for cluster in belief.states() {
            found.insert(match view {
                _ if !cluster.served() => Allowed::Nobody,
                View::Overview => Allowed::Overview(cluster.clone()),
                View::State => {
                    let serving = cluster.numbered().filter(|(_, node)| node.phase.serves());
                    Allowed::State(cluster.status(), serving.collect())
                }
                View::Node(id) => Allowed::Node(id, cluster.node(id)),
            });
        }
        found.into_iter().collect()
    }
}

/// What whoever finds something knows of it.
#[derive(Clone, Debug)]
struct Found {
    kind: Kind,
    rule: Rule,
    place: Place,
    allowed: Vec<Allowed>,
    seen: Sight,
    nearest: Vec<Difference>,
    event: usize,
}

impl Found {
    /// A wrong answer without a near miss.
    const fn wrong(
        rule: Rule,
        place: Place,
        allowed: Vec<Allowed>,
        seen: Sight,
        event: usize,
    ) -> Self {
        Self { kind: Kind::WrongAnswer, rule, place, allowed, seen, nearest: Vec::new(), event }
    }
}

/// The rule of a view as such.
const fn view_rule(view: View) -> Rule {
    match view {
        View::Overview => Rule::Api1,
        View::State => Rule::Api3,
        View::Node(_) => Rule::Api4,
    }
}
