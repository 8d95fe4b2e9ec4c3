//! What becomes of a request, from its connection to its answer?
//!
//! What takes time is told as data; nothing is waited for.

use std::time::Duration;

use crate::answer::posts;
use crate::answer::{self, Route, auth};
use crate::cluster::calls::Call;
use crate::contest::{Race, Ticket, Waiting};
use crate::defect::Defect;
use crate::endpoint::Endpoint;
use crate::exchange::{Answer, Outcome, Port, Request};
use crate::freedom::Freedom;
use crate::names::micros;

/// What is known when a request has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// What [`Endpoint::finish`] wants.
    pub ticket: Ticket,
    /// How long it takes before the request is handled.
    pub wait: Duration,
}

impl Endpoint {
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
