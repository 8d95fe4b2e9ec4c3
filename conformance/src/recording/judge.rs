//! Does a recorded run conform? The belief set of section 8 again, after the fact; for what a monitor recorded, the milder
//! judge of [`zdu_model::judge::watch`].
//!
//! A replay's recording names every step, so each answer is held against everything that may be the case then. What time
//! shows is left out: that a cluster did not settle is for the run itself to say. Calls that overlap are judged together
//! (API-12).

use zdu_model::judge::belief::{Belief, Observation, Outcome, Request, WrongStatus, words_missing};
use zdu_model::judge::blame::{self, Context, Since, Views};
use zdu_model::judge::race::{Linearized, Sent, linearize};
use zdu_model::spec::node::{NodeId, Phase, Version};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;

use super::answer::{code_words, exchange, parse};
use super::{Entry, Recorded, Recording, Source, What};
use crate::monitor::Observer;
use crate::verdict::{Deviation, Kind, TraceResult, Verdict};
use crate::wire::Dictionary;

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
pub fn judge(recording: &Recording, replay: &str) -> Judged {
    match recording.head.source {
        Source::Replay => Judge::new(recording, replay).run(recording),
        Source::Monitor => watched(recording, replay),
    }
}

fn watched(recording: &Recording, replay: &str) -> Judged {
    let mut observer = Observer::new(recording.head.dictionary(), recording.head.restart_ms);
    let mut answers = 0;
    for (_, entry) in &recording.entries {
        if let (What::Read { at: None, view }, Some(answer)) = (&entry.what, &entry.answer)
            && view == "overview"
        {
            answers += 1;
            observer.overview(entry.until_ms, answer);
        }
    }
    Judged { traces: vec![observer.result("recording", replay)], answers }
}

struct Judge<'a> {
    words: Dictionary,
    replay: &'a str,
    done: Vec<TraceResult>,
    answers: usize,
    /// The trace under way; before the first nothing is judged.
    trace: Option<TraceResult>,
    belief: Option<Belief>,
    since: Since,
    explained_since: bool,
    after_approve: bool,
    action: String,
}

impl<'a> Judge<'a> {
    fn new(recording: &Recording, replay: &'a str) -> Self {
        Self {
            words: recording.head.dictionary(),
            replay,
            done: Vec::new(),
            answers: 0,
            trace: None,
            belief: None,
            since: Since::Reads,
            explained_since: false,
            after_approve: false,
            action: "at the start".to_owned(),
        }
    }

    fn scope(&self) -> Scope {
        Scope {
            profile: self.words.profile,
            nodes: self.words.ids.len(),
            versions: u8::try_from(self.words.versions.len()).unwrap_or(u8::MAX),
        }
    }

    fn run(mut self, recording: &Recording) -> Judged {
        let mut entries = recording.entries.iter().peekable();
        while let Some((line, entry)) = entries.next() {
            match &entry.what {
                What::Trace(name) => self.begin(name),
                What::Reset => self.end(),
                What::Step { name, node, version } => self.step(name, node, version.as_deref()),
                What::Call(call) => {
                    // Calls that were sent before this one was answered belong together.
                    let mut group = vec![(*line, entry)];
                    let mut until = entry.until_ms;
                    while let Some((line, next)) = entries.next_if(|(_, next)| {
                        matches!(&next.what, What::Call(other) if other == call)
                            && next.at_ms < until
                    }) {
                        until = until.max(next.until_ms);
                        group.push((*line, next));
                    }
                    self.calls(*call, &group);
                }
                What::Read { view, at } => {
                    if let Some(answer) = &entry.answer {
                        self.read(*line, view, at.is_some(), answer);
                    }
                }
            }
        }
        self.end();
        Judged { traces: self.done, answers: self.answers }
    }

    fn begin(&mut self, name: &str) {
        self.end();
        self.trace = Some(crate::verdict::TraceResult::of_run(name, "as recorded", self.replay));
    }

    fn end(&mut self) {
        if let Some(mut trace) = self.trace.take() {
            crate::replay::conclude(&mut trace);
            self.done.push(trace);
        }
        self.belief = None;
        self.since = Since::Reads;
        self.after_approve = false;
        "at the start".clone_into(&mut self.action);
    }

    fn step(&mut self, name: &str, node: &str, version: Option<&str>) {
        let id = self.words.ids.iter().position(|id| id == node).map(NodeId::at);
        let version = version
            .and_then(|name| self.words.versions.iter().position(|known| known == name))
            .and_then(|index| u8::try_from(index).ok())
            .map(Version);
        self.action = format!("{name} {node}");
        let request = match (name, version) {
            ("stop", _) => Request::Stop,
            ("kill", _) => Request::Kill,
            ("install", Some(version)) => Request::Install(version),
            ("boot", _) => Request::Boot,
            ("break", _) => Request::Break,
            ("repair", _) => Request::Repair,
            ("fail_tasks", _) => Request::FailTasks,
            _ => return,
        };
        if let Some(trace) = &mut self.trace {
            trace.steps += 1;
        }
        if let (Some(belief), Some(id)) = (&mut self.belief, id) {
            belief.close();
            let from = belief
                .hypotheses()
                .next()
                .map_or(Phase::Active, |hypothesis| hypothesis.cluster.node(id).phase);
            belief.request(id, request);
            self.since = Since::Asked(id, request, from);
            self.explained_since = false;
            self.after_approve = false;
        }
    }

    fn calls(&mut self, call: Call, group: &[(usize, &Entry)]) {
        self.action = call.to_string();
        if let Some(trace) = &mut self.trace {
            trace.steps += 1;
        }
        let Some(mut belief) = self.belief.clone() else {
            return;
        };
        belief.close();
        let outcome = |entry: &Entry| match entry.answer.as_ref().and_then(|answer| answer.code) {
            Some(200..=299) => Outcome::Success,
            Some(409) => Outcome::Refused,
            Some(_) | None => Outcome::Unknown,
        };
        self.answers += group.len();
        let sent: Vec<Sent> = group
            .iter()
            .map(|(_, entry)| Sent {
                call,
                began: entry.at_ms,
                ended: entry.until_ms,
                outcome: outcome(entry),
            })
            .collect();
        let won = sent.iter().any(|one| one.outcome == Outcome::Success);
        let joint = if won {
            Outcome::Success
        } else if sent.iter().all(|one| one.outcome == Outcome::Refused) {
            Outcome::Refused
        } else {
            Outcome::Unknown
        };
        let may = belief.outcomes(call);
        if let ([.., (line, last)], Linearized::No) = (group, linearize(&belief, &sent)) {
            let rule = if group.len() > 1 && may.contains(&Outcome::Success) {
                Rule::Api12
            } else {
                blame::outcome(&belief, call, joint)
            };
            let codes: Vec<String> = group.iter().map(|(_, entry)| code_words(entry)).collect();
            let allowed = may.iter().map(|outcome| match outcome {
                Outcome::Success => "200".to_owned(),
                Outcome::Refused => "409".to_owned(),
                Outcome::Unknown => "no answer".to_owned(),
            });
            let allowed = allowed.collect();
            self.find(
                *line,
                rule,
                format!("POST {call}"),
                allowed,
                codes.join(", "),
                last.answer.as_ref(),
            );
        }
        if !belief.answered(call, joint) && joint == Outcome::Success {
            belief.force(call);
        }
        self.belief = Some(belief);
        self.since = Since::Called(call, joint);
        self.explained_since = false;
        if joint == Outcome::Success {
            self.after_approve = call == Call::Approve;
        }
        // The cluster that a call alone answers with is one more overview.
        if let ([(line, only)], true) = (group, won)
            && let Some(answer) = &only.answer
            && answer.code == Some(200)
        {
            self.read(*line, "overview", false, answer);
        }
    }

    fn read(&mut self, line: usize, view: &str, own: bool, answer: &Recorded) {
        if self.trace.is_none() {
            return;
        }
        let Some(parsed) = parse(&self.words, view, answer) else {
            if let Some(belief) = &mut self.belief {
                // Nobody answered: somewhere in between nobody served, or a connection broke. Neither is a finding here.
                belief.close();
            }
            return;
        };
        let seen = match parsed {
            Ok(parsed) => parsed.seen,
            Err(misshape) => {
                let rule = if view == "overview" {
                    Rule::Api1
                } else if view == "state" {
                    Rule::Api3
                } else {
                    Rule::Api4
                };
                let due = vec!["200 in the shape of the API".to_owned()];
                self.find(line, rule, view.to_owned(), due, misshape.to_string(), Some(answer));
                return;
            }
        };
        if !words_missing(self.words.profile, &seen).is_empty() {
            return;
        }
        self.answers += 1;
        if self.belief.is_none() {
            let Observation::Overview(overview) = &seen else {
                return;
            };
            self.belief = Some(Belief::from_overview(self.scope(), overview));
        }
        let context = Context {
            since: self.since,
            explained_since: self.explained_since,
            after_approve: self.after_approve,
        };
        let Some(belief) = &mut self.belief else {
            return;
        };
        if belief.observe(&seen) {
            self.explained_since = true;
            return;
        }
        // A node's own view may lag; whether it ever agreed was for the run to see.
        if own {
            return;
        }
        let rule = blame::unexplained(belief, &context, &seen, &Views::default());
        let allowed = belief.states().iter().take(12).map(|cluster| cluster.to_string()).collect();
        if let Observation::Overview(overview) = &seen {
            belief.adopt(overview);
            let wrong: Vec<WrongStatus> = belief
                .hypotheses()
                .map(|hypothesis| WrongStatus {
                    expected: hypothesis.cluster.status(),
                    shown: overview.status,
                })
                .collect();
            for wrong in wrong {
                belief.tolerate(wrong);
            }
        }
        let words =
            answer.json.as_ref().map_or_else(|| "an answer".to_owned(), ToString::to_string);
        self.find(line, rule, view.to_owned(), allowed, words, Some(answer));
    }

    fn find(
        &mut self,
        line: usize,
        rule: Rule,
        view: String,
        allowed: Vec<String>,
        seen: String,
        answer: Option<&Recorded>,
    ) {
        let Some(trace) = &mut self.trace else {
            return;
        };
        if let Some(known) = trace.deviations.iter_mut().find(|known| known.rule == rule) {
            known.again += 1;
            return;
        }
        trace.deviations.push(Deviation {
            kind: Kind::WrongAnswer,
            rule,
            step: trace.steps,
            action: self.action.clone(),
            view: format!("{view} (line {line})"),
            allowed,
            seen,
            nearest: None,
            exchange: answer.map(|answer| exchange(&view, answer)),
            waived: None,
            again: 0,
        });
        trace.verdict = Verdict::Deviates;
    }
}
