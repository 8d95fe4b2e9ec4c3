//! Does a recorded run conform? A judge is told again what it was told then; nothing else is known here.

use std::collections::BTreeMap;

use zdu_model::judge::event::{Attempt, Caller, Event, Micros, Racer, Reply, Source, View};
use zdu_model::judge::roster::{Known, Roster};
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::{Judge, Settled};
use zdu_model::spec::node::NodeId;
use zdu_model::traces::trace::Action;

use super::{Ended, Entry, Head, Ran, Recorded, Recording, Source as By, What};
use crate::client::Exchange;
use crate::monitor::Observer;
use crate::replay::{answer, reply};
use crate::verdict::{Command, End, Found, Sighting, Stage, StepRecord, Stop, TraceResult};

/// The view that an old id is asked for: which node it was makes no difference.
const A_NODE: View = View::Node(NodeId::new(1));

/// What is said of a recording.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Each trace of it; one in all for a monitor's.
    pub traces: Vec<TraceResult>,
    /// How many answers were judged.
    pub answers: usize,
}

/// Judges a recording.
#[must_use]
pub fn judge(recording: &Recording, replay: &Command) -> Judged {
    match recording.head.source {
        By::Replay => replayed(recording, replay),
        By::Monitor => watched(recording, replay),
    }
}

fn watched(recording: &Recording, replay: &Command) -> Judged {
    let head = &recording.head;
    let restart = head.timing.restart;
    let mut observer = Observer::new(&head.dictionary(), restart, false);
    let mut answers = 0;
    for (_, entry) in &recording.entries {
        if let (What::Read { view, .. }, Some(recorded)) = (&entry.what, &entry.answer) {
            answers += 1;
            let raw = recorded.reply();
            observer.hear((entry.at, entry.until), answer(*view, &raw), &raw.exchange);
        }
    }
    Judged { traces: vec![observer.result("recording", replay.clone())], answers }
}

/// A trace of the recording, as far as it was read.
struct Under {
    judge: Judge,
    result: TraceResult,
    record: StepRecord,
    exchanges: BTreeMap<usize, Exchange>,
    began: u64,
    /// Whether what is found from here on says nothing of the build.
    deaf: bool,
}

/// The traces of a recording.
struct Traces<'a> {
    head: &'a Head,
    replay: &'a Command,
    /// Each one that was read, with what is said of its end.
    told: Vec<(TraceResult, Option<Ended>)>,
    /// What was known of the nodes after the last.
    handed_on: Option<Roster>,
    under: Option<Under>,
}

fn replayed(recording: &Recording, replay: &Command) -> Judged {
    let head = &recording.head;
    let mut traces = Traces { head, replay, told: Vec::new(), handed_on: None, under: None };
    let mut answers = 0;
    for (_, entry) in &recording.entries {
        match &entry.what {
            What::Trace { name, nodes } => traces.begin(name, nodes, entry.at),
            What::Ended(ended) => traces.end(ended),
            What::Reset
            | What::Begin(_)
            | What::Step(_)
            | What::Look
            | What::Requested { .. }
            | What::Called(_)
            | What::Raced { .. }
            | What::Attempted { .. }
            | What::Settle
            | What::Read { .. }
            | What::Left { .. }
            | What::Undone => {
                let Some(under) = &mut traces.under else { continue };
                under.deaf |= entry.what == What::Undone;
                if let Some(event) = event(entry) {
                    answers += usize::from(entry.answer.is_some());
                    under.hear(entry, event);
                }
            }
        }
    }
    Judged { traces: traces.finish(), answers }
}

impl Traces<'_> {
    fn result(&self, name: &Text) -> TraceResult {
        TraceResult::new(name.clone(), "as recorded", self.replay.clone())
    }

    fn begin(&mut self, name: &str, nodes: &[Known], at: Micros) {
        let name = Text::from(name);
        // Tried once more after the cluster was brought back: then the first time comes to nothing.
        let anew = |under: &Under| self.head.tells_ends() && under.result.name == name;
        if self.under.as_ref().is_some_and(anew) {
            self.leave();
        } else {
            self.close(None);
        }
        // Whoever ran it handed on more than is written here: who may be listed under another id, what is left behind.
        let handed_on = self.handed_on.take().filter(|roster| roster.known() == nodes);
        let head = self.head;
        let roster =
            handed_on.unwrap_or_else(|| Roster::new(nodes.to_vec(), head.versions.clone()));
        self.under = Some(Under {
            judge: Judge::new(head.dictionary().scope(), roster, head.patience(), head.own.clone())
                .allowing_downgrades(head.allow_downgrade),
            result: self.result(&name),
            record: StepRecord::new(0, Stage::Start),
            exchanges: BTreeMap::new(),
            began: at,
            deaf: false,
        });
    }

    /// Takes what is said of the end of the trace under way, of one before or of one that never began.
    fn end(&mut self, ended: &Ended) {
        let under_way = self.under.as_ref().is_some_and(|under| under.result.name == ended.name);
        let before = self.told.iter_mut().rfind(|(result, _)| result.name == ended.name);
        match before {
            _ if under_way => self.close(Some(ended)),
            Some((_, known)) => *known = Some(ended.clone()),
            None => {
                let result = self.result(&ended.name);
                self.told.push((result, Some(ended.clone())));
            }
        }
    }

    /// Leaves the trace under way, with what was found in it.
    fn leave(&mut self) -> Option<TraceResult> {
        let under = self.under.take()?;
        self.handed_on = Some(under.judge.roster().clone());
        Some(under.end())
    }

    fn close(&mut self, ended: Option<&Ended>) {
        let result = self.leave();
        self.told.extend(result.map(|result| (result, ended.cloned())));
    }

    fn finish(mut self) -> Vec<TraceResult> {
        self.close(None);
        let tells_ends = self.head.tells_ends();
        let finish = |(mut result, ended): (TraceResult, Option<Ended>)| {
            match ended {
                Some(ended) => ended.tell(&mut result),
                None if tells_ends => result.end = End::Unfinished(Stop::Killed),
                None => {}
            }
            result.conclude();
            result
        };
        self.told.into_iter().map(finish).collect()
    }
}

/// What a judge was told, again; `None` for what is no judge's business.
fn event(entry: &Entry) -> Option<Event> {
    let raw = entry.answer.as_ref().map(Recorded::reply);
    Some(match &entry.what {
        What::Trace { .. } | What::Ended(_) | What::Reset | What::Undone => return None,
        What::Begin(start) => Event::Begin(*start),
        What::Step(number) => Event::Step(*number),
        What::Look => Event::Look,
        What::Settle => Event::Settle,
        What::Requested { node, request } => Event::Requested(*node, *request),
        What::Called(call) => Event::Called(*call, reply(&raw?)),
        What::Raced { call, racers } => {
            let racer = |ran: &Ran| -> Racer {
                let reply: Reply = reply(&ran.answer.reply());
                Racer { sent: ran.sent, answered: ran.answered, reply }
            };
            Event::Raced(*call, racers.iter().map(racer).collect())
        }
        What::Attempted { caller, attempt } => Event::Attempted(*caller, *attempt, raw?.outcome()),
        What::Read { source, view } => Event::Read(*source, *view, answer(*view, &raw?)),
        What::Left { id } => Event::Left(id.clone(), answer(A_NODE, &raw?)),
    })
}

/// The action of a trace that this is, or is a part of.
const fn action(what: &What) -> Option<Action> {
    Some(match what {
        What::Requested { node, request } => Action::Request(*node, *request),
        What::Called(call) => Action::Call(*call),
        What::Raced { call, racers } => Action::Race(*call, racers.len() as u8),
        What::Attempted { attempt: Attempt::UnknownNode, .. } => Action::UnknownNode,
        What::Attempted { caller: Caller::Plain, .. } => Action::Plain,
        What::Attempted { .. } => Action::Anonymous,
        What::Look => Action::Look,
        What::Trace { .. }
        | What::Ended(_)
        | What::Reset
        | What::Begin(_)
        | What::Step(_)
        | What::Settle
        | What::Read { .. }
        | What::Left { .. }
        | What::Undone => return None,
    })
}

impl Under {
    fn hear(&mut self, entry: &Entry, event: Event) {
        if let Event::Step(number) = event {
            self.result.steps = self.result.steps.max(number);
            let record = StepRecord::new(number, Stage::Start);
            self.result.timeline.push(std::mem::replace(&mut self.record, record));
        }
        let first = match &entry.what {
            What::Raced { racers, .. } => racers.first().map(|ran| &ran.answer),
            What::Trace { .. }
            | What::Ended(_)
            | What::Reset
            | What::Begin(_)
            | What::Step(_)
            | What::Look
            | What::Requested { .. }
            | What::Called(_)
            | What::Attempted { .. }
            | What::Settle
            | What::Left { .. }
            | What::Read { .. }
            | What::Undone => entry.answer.as_ref(),
        };
        if let Some(recorded) = first {
            self.exchanges.insert(self.judge.heard(), recorded.reply().exchange);
        }
        self.judge.hear(entry.at, entry.until, event);
        self.note(entry);
        if self.deaf {
            return;
        }
        // Only those that a finding may still point at are kept.
        while self.exchanges.len() > 256 {
            self.exchanges.pop_first();
        }
        for (index, finding) in self.judge.findings().iter().enumerate() {
            match self.result.findings.get_mut(index) {
                Some(known) => known.finding.again = finding.again,
                None => self.result.findings.push(Found {
                    at_ms: Some(entry.until.saturating_sub(self.began) / 1000),
                    exchange: self.exchanges.get(&finding.event).cloned(),
                    finding: finding.clone(),
                    waived: None,
                }),
            }
        }
    }

    /// Keeps what was done and seen, as whoever recorded it did.
    fn note(&mut self, entry: &Entry) {
        if let Some(action) = action(&entry.what) {
            self.record.stage = match self.record.stage {
                Stage::Start if self.record.number > 0 => Stage::Step(action),
                // A step does one thing; on the way home as many as that takes.
                Stage::Step(other) if other != action => Stage::Home,
                Stage::Start | Stage::Step(_) | Stage::Home | Stage::Watch => self.record.stage,
            };
        }
        let code = entry.answer.as_ref().and_then(|answer| answer.code);
        match &entry.what {
            What::Called(_) | What::Attempted { .. } => self.record.answers.extend(code),
            What::Raced { racers, .. } => {
                self.record.answers.extend(racers.iter().filter_map(|ran| ran.answer.code));
            }
            What::Read { source: Source::Cluster, view: View::Overview } => {
                let at_ms = entry.until.saturating_sub(self.began) / 1000;
                let seen = self.judge.last().filter(|_| code.is_some()).cloned();
                let ghosts = self.judge.roster().ghosts().map(|entry| entry.id.clone()).collect();
                self.record.saw(Sighting { at_ms, seen, ghosts });
            }
            What::Settle
            | What::Trace { .. }
            | What::Ended(_)
            | What::Reset
            | What::Begin(_)
            | What::Step(_)
            | What::Look
            | What::Requested { .. }
            | What::Left { .. }
            | What::Read { .. }
            | What::Undone => {}
        }
        if self.judge.settled() == Some(Settled::Yes) && self.record.settled_ms.is_none() {
            self.record.settled_ms = self.judge.settled_after().map(|micros| micros / 1000);
        }
    }

    fn end(mut self) -> TraceResult {
        self.result.at_stake = self.judge.at_stake();
        self.result.foreign = self.judge.roster().foreign().to_vec();
        self.result.steps_all = self.result.steps;
        self.result.timeline.push(self.record);
        self.result
    }
}
