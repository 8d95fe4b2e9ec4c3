//! How is a judge fed with what happens on a cluster? Sends what a trace says, reads what the judge wants, and keeps what
//! reports show. It holds no rule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use zdu_model::judge::event::{Answer, Attempt, Caller, Event, Micros, Source, Start, View};
use zdu_model::judge::excuse::{EVENTS_MAX, Excuse, Heard, excuses, refuted};
use zdu_model::judge::seen::{Overview, Request};
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::{Judge, Settled, Want};
use zdu_model::spec::node::{NodeId, Version};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::System;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::Action;
use zdu_model::ways::situation::Situation;

use super::port::{Port, Sent};
use super::rotation::Turns;
use crate::client::Exchange;
use crate::driver::{Driver, DriverError};
use crate::log::Log;
use crate::progress::{News, awaited};
use crate::recording::{What, raced};
use crate::verdict::{End, Found, Kind, SetUp, Sighting, Stage, StepRecord, Stop};

/// How many exchanges of a step are kept, as the last ones: enough for a reading of every view before and after.
const EXCHANGES_KEPT: usize = 24;

/// How often a step is asked for again that may have come too early.
const ASKED_AGAIN_MAX: usize = 3;

/// What may be done to a cluster, as it is found, to bring it to where traces start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consent {
    /// It is somebody else's: what is down may be booted.
    Boots,
    /// It was where traces start, and nothing of ours changed it since: nodes may be restarted and repaired, but no upgrade
    /// cancelled and no version changed.
    Nodes,
    /// It is as we left it, or somebody consented.
    Everything,
}

impl Consent {
    /// Whether it covers this.
    #[must_use]
    pub const fn covers(self, action: Action) -> bool {
        match action {
            Action::Look | Action::UnknownNode | Action::Anonymous | Action::Plain => true,
            Action::Call(_) | Action::Race(..) => matches!(self, Self::Everything),
            Action::Request(_, request) => match request {
                Request::Boot => true,
                Request::Stop | Request::Kill | Request::Repair => !matches!(self, Self::Boots),
                Request::Install(_) | Request::Break | Request::FailTasks => {
                    matches!(self, Self::Everything)
                }
            },
        }
    }
}

/// A cluster under observation.
pub struct Session<'a, P> {
    /// Through what it is spoken with.
    pub port: &'a P,
    /// Who carries out steps.
    pub driver: &'a dyn Driver,
    /// Who judges.
    pub judge: Judge,
    /// What was found, with what showed it.
    pub found: Vec<Found>,
    /// What was seen at a load balancer; not the judge's, who knows the cluster alone.
    pub rotation: Turns,
    /// The step under way.
    pub record: StepRecord,
    /// What the driver could not do beside a step.
    pub trouble: Option<DriverError>,
    /// What was done to bring the cluster to where traces start, and home.
    pub set_up: SetUp,
    /// Who is told of what is sent.
    pub log: Log,
    /// Whether a version below the one that the cluster comes from may be installed.
    pub downgrades: bool,
    /// What may be done to the cluster, as it is found, to bring it to where traces start.
    pub consent: Consent,
    /// Whether the cluster is where traces start, as far as is known: nothing of ours has changed it since it was seen there.
    pub at_home: bool,
    /// Whether a reset leads home, as far as is known; where it does not the single steps are taken.
    pub resets: bool,
    /// Whether what is heard is kept, to ask afterwards what else would explain it.
    pub remembers: bool,
    /// The version that this run starts from: the original, or a later one below which nothing leads back.
    pub base: Version,
    /// Whether what is found from here on says nothing of the build: a step that it was told of was not carried out.
    deaf: bool,
    /// The step whose command did not end in time.
    pub late: Option<Request>,
    /// The rules that waivers accept: a step that comes too late by one of these keeps nobody from the next.
    pub waived: BTreeSet<Rule>,
    /// What the run ends at (`--stop-when`), once a trace has begun.
    pub stop_when: Option<&'a Situation>,
    /// Whether that has come about.
    met: bool,
    stop: &'a AtomicBool,
    began: Micros,
    /// The judge before it heard anything, and what it heard: to ask what else would explain it.
    fresh: Judge,
    heard: Vec<Heard>,
    /// The last exchanges, by the number of their event.
    exchanges: BTreeMap<usize, Exchange>,
}

impl<'a, P: Port> Session<'a, P> {
    /// A session that begins now.
    #[must_use]
    pub fn new(
        port: &'a P,
        driver: &'a dyn Driver,
        judge: Judge,
        log: Log,
        stop: &'a AtomicBool,
    ) -> Self {
        Self {
            began: port.now(),
            port,
            driver,
            fresh: judge.clone(),
            heard: Vec::new(),
            judge,
            found: Vec::new(),
            rotation: Turns::default(),
            record: StepRecord::new(0, Stage::Start),
            trouble: None,
            set_up: SetUp::default(),
            log,
            downgrades: false,
            consent: Consent::Everything,
            at_home: false,
            resets: driver.can_reset(),
            remembers: false,
            base: Version::ORIGINAL,
            deaf: false,
            late: None,
            waived: BTreeSet::new(),
            stop_when: None,
            met: false,
            stop,
            exchanges: BTreeMap::new(),
        }
    }

    /// Whether nothing more is to be sent: somebody asked to stop, or what the run ends at has come about.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.met || self.stop.load(Ordering::Relaxed)
    }

    /// How a trace ends that is interrupted here.
    #[must_use]
    pub fn cut_short(&self, trace: &str) -> End {
        match self.stop_when {
            Some(what) if self.met => End::Unfinished(Stop::Met {
                what: what.to_string().into(),
                trace: trace.into(),
                step: self.record.number,
            }),
            Some(_) | None => End::Interrupted,
        }
    }

    /// Whether a step that did not settle may be followed by the next: everything that came too late so far is waived.
    #[must_use]
    pub fn goes_on_late(&self) -> bool {
        let late = |found: &&Found| found.finding.kind == Kind::Timeout;
        let mut late = self.found.iter().filter(late).peekable();
        late.peek().is_some() && late.all(|found| self.waived.contains(&found.finding.rule))
    }

    /// Looks whether what the run ends at has come about.
    fn look_out(&mut self) {
        let system = System::spec(self.judge.belief().scope());
        let holds = |what: &Situation| self.judge.surely(|cluster| what.holds(&system, cluster));
        self.met |= self.stop_when.is_some_and(holds);
    }

    /// Begins a step, and gives the record of the last one.
    pub fn begin(&mut self, number: usize, stage: Stage) -> StepRecord {
        let mut last = std::mem::replace(&mut self.record, StepRecord::new(number, stage));
        if last.rules.is_empty() {
            last.exchanges.clear();
        }
        let now = self.port.now();
        self.tell(now, What::Step(number), Event::Step(number));
        self.log.news(News::Step(number, stage));
        last
    }

    /// What a trace starts from here.
    #[must_use]
    pub fn start(&self) -> Start {
        if self.base == Version::ORIGINAL { Start::Initial } else { Start::InitialOn(self.base) }
    }

    /// An action of a trace as it is here: its versions count from the one that traces start from.
    #[must_use]
    pub fn based(&self, action: Action) -> Action {
        match action {
            Action::Request(id, Request::Install(version)) => {
                Action::Request(id, Request::Install(Version(version.0 + self.base.0)))
            }
            Action::Request(..)
            | Action::Call(_)
            | Action::Race(..)
            | Action::Look
            | Action::UnknownNode
            | Action::Anonymous
            | Action::Plain => action,
        }
    }

    /// From here on the cluster is judged.
    pub fn start_from(&mut self, start: Start) {
        let now = self.port.now();
        self.tell(now, What::Begin(start), Event::Begin(start));
    }

    /// What else would explain what was found, if anything was; the likeliest first.
    #[must_use]
    pub fn excuses(&self) -> Vec<Excuse> {
        if self.found.is_empty() || !self.remembers {
            return Vec::new();
        }
        excuses(&self.fresh, &self.heard, self.driver.may_fail_silently())
    }

    /// What may not be said of the driver after this run, in which nothing was found.
    #[must_use]
    pub fn refuted(&self) -> Vec<Excuse> {
        let asks = self.found.is_empty() && self.remembers && self.driver.may_fail_silently();
        if asks { refuted(&self.fresh, &self.heard) } else { Vec::new() }
    }

    /// Starts anew from what is shown now, since a step was not carried out that the judge would wait for. Nothing is judged
    /// from here on: it may have been carried out in part.
    pub async fn give_up(&mut self) {
        self.deaf = true;
        let now = self.port.now();
        self.log.record((now, now), What::Undone, None);
        self.read(Source::Cluster, View::Overview).await;
        self.start_from(Start::LastOverview);
    }

    /// Only reads follow.
    pub fn only_reads(&mut self) {
        let now = self.port.now();
        self.tell(now, What::Look, Event::Look);
    }

    /// Tells judge and recording of something that has no answer.
    fn tell(&mut self, now: Micros, what: What, event: Event) {
        self.log.record((now, now), what, None);
        self.hear(now, now, event, None);
    }

    fn hear(&mut self, asked: Micros, now: Micros, event: Event, exchange: Option<&Exchange>) {
        if let Some(exchange) = exchange {
            self.exchanges.insert(self.judge.heard(), exchange.clone());
            while self.exchanges.len() > 2 * EXCHANGES_KEPT {
                self.exchanges.pop_first();
            }
            if self.record.exchanges.len() == EXCHANGES_KEPT {
                self.record.exchanges.remove(0);
            }
            self.record.exchanges.push(exchange.clone());
        }
        if self.remembers && !self.deaf && self.heard.len() <= EVENTS_MAX {
            self.heard.push((asked, now, event.clone()));
        }
        self.judge.hear(asked, now, event);
        if !self.deaf {
            self.gather(now);
        }
    }

    /// Takes over what the judge has found since, with the exchange that showed it.
    fn gather(&mut self, now: Micros) {
        for (index, finding) in self.judge.findings().iter().enumerate() {
            if let Some(known) = self.found.get_mut(index) {
                if known.finding.again != finding.again {
                    known.finding.again = finding.again;
                    if !self.record.rules.contains(&finding.rule) {
                        self.record.rules.push(finding.rule);
                    }
                }
                continue;
            }
            if !self.record.rules.contains(&finding.rule) {
                self.record.rules.push(finding.rule);
            }
            self.log.news(News::Found);
            self.found.push(Found {
                at_ms: Some(now.saturating_sub(self.began) / 1000),
                exchange: self.exchanges.get(&finding.event).cloned(),
                finding: finding.clone(),
                waived: None,
            });
        }
    }

    /// Reads a view and tells the judge. Returns whether anybody answered.
    pub async fn read(&mut self, source: Source, view: View) -> bool {
        let id = match view {
            View::Node(id) => self.judge.roster().id(id).cloned(),
            View::Overview | View::State => None,
        };
        let sent = self.port.read(source, view, id.as_ref()).await;
        self.log.record((sent.asked, sent.now), What::Read { source, view }, Some(&sent.raw));
        let nobody = sent.raw.nobody();
        let readable = !matches!(sent.answer, Answer::Bad(_));
        let (asked, now) = (sent.asked, sent.now);
        self.hear(asked, now, Event::Read(source, view, sent.answer), Some(&sent.raw.exchange));
        if view == View::Overview && source == Source::Cluster && readable {
            self.sight(now, nobody);
            if !nobody {
                self.look_out();
            }
        }
        !nobody
    }

    fn sight(&mut self, now: Micros, nobody: bool) {
        let seen = self.judge.last().filter(|_| !nobody).cloned();
        let ghosts: Vec<Text> = if nobody {
            Vec::new()
        } else {
            self.judge.roster().ghosts().map(|entry| entry.id.clone()).collect()
        };
        let at_ms = now.saturating_sub(self.began) / 1000;
        self.tell_what_is_awaited(seen.as_ref());
        self.record.saw(Sighting { at_ms, seen, ghosts });
    }

    /// Tells whoever looks on in what the cluster is not yet where something could be left to happen.
    fn tell_what_is_awaited(&self, seen: Option<&Overview>) {
        if self.log.is_watched() {
            let mut belief = self.judge.belief().clone();
            belief.close();
            let due = belief.settled();
            let awaited = awaited(due.iter().map(|hypothesis| &hypothesis.cluster), seen);
            self.log.news(News::Awaiting(&awaited));
        }
    }

    /// Reads what the judge wants until it wants nothing more. Returns false when somebody asked to stop.
    pub async fn attend(&mut self) -> bool {
        loop {
            let want = self.judge.wants();
            if want != Want::Nothing && self.interrupted() {
                return false;
            }
            match want {
                Want::Nothing => return true,
                Want::Read { source, view, not_before } => {
                    if not_before > self.port.now() {
                        self.port.wait(not_before).await;
                    }
                    self.read(source, view).await;
                }
                Want::Left(id) => self.read_left(id).await,
            }
        }
    }

    /// Asks for the id that a node had before it came back under another one.
    async fn read_left(&mut self, id: Text) {
        let view = View::Node(NodeId::new(1));
        let sent = self.port.read(Source::Cluster, view, Some(&id)).await;
        self.log.record((sent.asked, sent.now), What::Left { id: id.clone() }, Some(&sent.raw));
        let event = Event::Left(id, sent.answer);
        self.hear(sent.asked, sent.now, event, Some(&sent.raw.exchange));
    }

    /// Waits until the cluster has settled; `None` when it is interrupted.
    pub async fn settle(&mut self) -> Option<Settled> {
        let now = self.port.now();
        self.tell(now, What::Settle, Event::Settle);
        self.log.news(News::Waiting(self.judge.patience().settle));
        if !self.attend().await {
            return None;
        }
        let settled = self.judge.settled();
        self.log.news(News::Settled);
        if settled == Some(Settled::Yes) {
            self.record.settled_ms = self.judge.settled_after().map(|micros| micros / 1000);
            let serving = self.judge.serving();
            // Nodes go back into rotation; what cannot be done is kept for whoever plays the trace.
            if let Err(error) = self.driver.serving(&serving).await {
                self.trouble = Some(error);
            }
            self.rotated();
            self.look_out();
        }
        if self.met { None } else { settled }
    }

    /// Sends a call once.
    pub async fn call(&mut self, call: Call) {
        self.log.calling(call);
        let sent = self.port.call(call).await;
        self.log.called(call, &sent.raw);
        self.log.record((sent.asked, sent.now), What::Called(call), Some(&sent.raw));
        self.record.answers.extend(sent.raw.code);
        self.hear(sent.asked, sent.now, Event::Called(call, sent.answer), Some(&sent.raw.exchange));
        self.attend().await;
    }

    /// Sends a call several times at once (API-12).
    pub async fn race(&mut self, call: Call, times: u8) {
        self.log.calling(call);
        let sent = self.port.race(call, times).await;
        let Some(first) = sent.first() else { return };
        self.log.called(call, &first.raw);
        let asked = sent.iter().map(|one| one.asked).min().unwrap_or(0);
        let now = sent.iter().map(|one| one.now).max().unwrap_or(0);
        self.log.note(raced(call, (asked, now), &sent));
        self.record.answers.extend(sent.iter().filter_map(|one| one.raw.code));
        let exchange = first.raw.exchange.clone();
        let racers = sent.into_iter().map(|one| one.answer).collect();
        self.hear(asked, now, Event::Raced(call, racers), Some(&exchange));
        self.attend().await;
    }

    /// Asks for something that must come to nothing (API-7, API-10).
    pub async fn attempt(&mut self, caller: Caller, attempt: Attempt) {
        let id = self.judge.roster().id(NodeId::new(1)).cloned();
        if let Attempt::Call(call) | Attempt::CallByGet(call) = attempt {
            self.log.calling(call);
        }
        let sent: Sent<_> = self.port.attempt(caller, attempt, id.as_ref()).await;
        let what = What::Attempted { caller, attempt };
        self.log.record((sent.asked, sent.now), what, Some(&sent.raw));
        self.record.answers.extend(sent.raw.code);
        let event = Event::Attempted(caller, attempt, sent.answer);
        self.hear(sent.asked, sent.now, event, Some(&sent.raw.exchange));
        self.attend().await;
    }

    /// Asks the driver for a step on a node.
    ///
    /// # Errors
    /// [`DriverError`] when it cannot be asked for; the judge then holds that it may have been all the same.
    pub async fn request(&mut self, id: NodeId, request: Request) -> Result<(), DriverError> {
        let possible = self.judge.may_take(id, request);
        let certain = self.judge.must_take(id, request);
        let now = self.port.now();
        self.log.requesting(id, request);
        self.tell(now, What::Requested { node: id, request }, Event::Requested(id, request));
        let mut asked = self.driver.request(id, request).await;
        for _ in 0..ASKED_AGAIN_MAX {
            match asked {
                // Whoever refuses a step that the model says comes to nothing is right.
                Err(DriverError::Failed { .. }) if !possible => return Ok(()),
                // To ask again would take as long again.
                Err(DriverError::Failed { late: true, .. }) => {
                    self.late = Some(request);
                    return asked;
                }
                // The node may not have come as far as it must, and nothing shows whether it has.
                Err(DriverError::Failed { .. }) if !certain && !self.interrupted() => {
                    let until = self.port.now() + self.judge.patience().quiet;
                    self.port.wait(until).await;
                    asked = self.driver.request(id, request).await;
                }
                other => {
                    self.rotated();
                    return other;
                }
            }
        }
        asked
    }

    /// Takes over what was seen at a load balancer since, as of the step under way.
    fn rotated(&mut self) {
        let rotated = self.driver.rotated();
        let at_ms = self.port.now().saturating_sub(self.began) / 1000;
        for rule in self.rotation.take(rotated, self.record.number, at_ms) {
            self.record.rules.push(rule);
            self.log.news(News::Found);
        }
    }

    /// Brings the whole cluster back to its initial state.
    ///
    /// # Errors
    /// [`DriverError`] when the driver cannot.
    pub async fn reset(&mut self) -> Result<(), DriverError> {
        self.log.resetting();
        self.log.news(News::Resetting);
        self.set_up.resets += 1;
        self.driver.reset().await
    }
}
