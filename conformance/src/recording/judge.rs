//! Does a recorded run conform? A judge is told again what it was told then; nothing else is known here.

use std::collections::BTreeMap;

use zdu_model::judge::event::{Event, Racer, Reply, View};
use zdu_model::judge::roster::Roster;
use zdu_model::judge::trial::Judge;
use zdu_model::spec::node::NodeId;

use super::{Entry, Ran, Recorded, Recording, Source, What};
use crate::client::Exchange;
use crate::monitor::Observer;
use crate::replay::{answer, reply};
use crate::verdict::{Command, Found, Stage, StepRecord, TraceResult};

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
        Source::Replay => replayed(recording, replay),
        Source::Monitor => watched(recording, replay),
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
    exchanges: BTreeMap<usize, Exchange>,
    began: u64,
}

fn replayed(recording: &Recording, replay: &Command) -> Judged {
    let mut judged = Judged { traces: Vec::new(), answers: 0 };
    let mut under: Option<Under> = None;
    for (_, entry) in &recording.entries {
        if let What::Trace { name, nodes } = &entry.what {
            judged.traces.extend(under.take().map(Under::end));
            let head = &recording.head;
            let roster = Roster::new(nodes.clone(), head.versions.clone());
            let scope = head.dictionary().scope();
            under = Some(Under {
                judge: Judge::new(scope, roster, head.patience(), head.own.clone())
                    .allowing_downgrades(head.allow_downgrade),
                result: TraceResult::new(name.as_str(), "as recorded", replay.clone()),
                exchanges: BTreeMap::new(),
                began: entry.at,
            });
        } else if let (Some(under), Some(event)) = (&mut under, event(entry)) {
            judged.answers += usize::from(entry.answer.is_some());
            under.hear(entry, event);
        }
    }
    judged.traces.extend(under.map(Under::end));
    judged
}

/// What a judge was told, again; `None` for what is no judge's business.
fn event(entry: &Entry) -> Option<Event> {
    let raw = entry.answer.as_ref().map(Recorded::reply);
    Some(match &entry.what {
        What::Trace { .. } | What::Reset => return None,
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

impl Under {
    fn hear(&mut self, entry: &Entry, event: Event) {
        if let Event::Step(number) = event {
            self.result.steps = self.result.steps.max(number);
        }
        let first = match &entry.what {
            What::Raced { racers, .. } => racers.first().map(|ran| &ran.answer),
            What::Trace { .. }
            | What::Reset
            | What::Begin(_)
            | What::Step(_)
            | What::Look
            | What::Requested { .. }
            | What::Called(_)
            | What::Attempted { .. }
            | What::Settle
            | What::Left { .. }
            | What::Read { .. } => entry.answer.as_ref(),
        };
        if let Some(recorded) = first {
            self.exchanges.insert(self.judge.heard(), recorded.reply().exchange);
        }
        self.judge.hear(entry.at, entry.until, event);
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

    fn end(mut self) -> TraceResult {
        self.result.at_stake = self.judge.at_stake();
        self.result.foreign = self.judge.roster().foreign().to_vec();
        self.result.steps_all = self.result.steps;
        self.result.timeline = vec![StepRecord::new(0, Stage::Start)];
        self.result.conclude();
        self.result
    }
}
