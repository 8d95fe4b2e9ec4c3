//! What does the answer of a call say, or those of several calls at once? (MODE rules, API-2, API-5, API-6, API-9, API-12)

use std::collections::BTreeSet;

use super::inquiry::About;
use super::{Found, Judge, Kind};
use crate::judge::belief::Belief;
use crate::judge::blame::{self, Since};
use crate::judge::event::{Racer, Reply, Silence, View};
use crate::judge::finding::{Allowed, Place, Sight};
use crate::judge::race::{Linearized, Sent, linearize};
use crate::judge::seen::{Outcome, words_missing};
use crate::judge::served::{Misshape, Served};
use crate::spec::rule::Rule;
use crate::spec::transition::Call;

impl Judge {
    /// Takes in that a call was sent once.
    pub(super) fn called(&mut self, call: Call, reply: &Reply) {
        self.belief.close();
        let allowed = self.belief.outcomes(call);
        let must_serve = self.belief.must_serve();
        self.stakes.call(self.step, &self.belief, call);
        let outcome = outcome(&reply.code);
        let may_succeed = allowed.contains(&Outcome::Success);
        let due = self.due(&allowed);
        let wrong = match &reply.code {
            Ok(200 | 409) => None,
            // A proxy that was not patient enough: what became of the call is read (section 7).
            Ok(504) => None,
            Ok(code @ 502..=503) => must_serve.then(|| {
                let rule = if may_succeed { blame::must_succeed(call) } else { Rule::Api9 };
                (Kind::WrongAnswer, rule, Sight::Code(*code))
            }),
            Ok(code) => Some((
                Kind::WrongAnswer,
                blame::wrong_code(call, &allowed, *code),
                Sight::Code(*code),
            )),
            Err(Silence::TimedOut) => must_serve
                .then(|| (Kind::Timeout, blame::gives(call), Sight::Nobody(Silence::TimedOut))),
            Err(silence) => must_serve.then(|| {
                // A broken connection says nothing of the call.
                let rule = if may_succeed { blame::must_succeed(call) } else { Rule::Api9 };
                (Kind::Timeout, rule, Sight::Nobody(silence.clone()))
            }),
        };
        let found_already = wrong.is_some();
        if let Some((kind, rule, seen)) = wrong {
            self.find(Found {
                kind,
                rule,
                place: Place::Call(call),
                allowed: due.clone(),
                seen,
                nearest: Vec::new(),
                event: self.event,
            });
        }
        let before = self.belief.clone();
        let explained = self.take_outcome(call, outcome, &reply.code, (due, found_already));
        self.since(Since::Called(call, outcome));
        if outcome == Outcome::Success {
            self.succeeded(call);
        }
        if let (Ok(200), Some(body)) = (&reply.code, &reply.body) {
            if explained {
                self.judge_body(call, before, body);
            } else {
                self.believe_body(body);
            }
        }
    }

    fn due(&self, allowed: &BTreeSet<Outcome>) -> Vec<Allowed> {
        let codes = allowed.iter().map(|outcome| match outcome {
            Outcome::Success => Allowed::Code(200),
            Outcome::Refused => Allowed::Code(409),
            Outcome::Unknown => Allowed::Nobody,
        });
        let nobody = (!self.belief.must_serve()).then_some(Allowed::Nobody);
        codes.chain(nobody).collect()
    }

    /// Takes a call's outcome into the belief, or finds it inexplicable. Returns whether it was explained.
    fn take_outcome(
        &mut self,
        call: Call,
        outcome: Outcome,
        code: &Result<u16, Silence>,
        (due, found_already): (Vec<Allowed>, bool),
    ) -> bool {
        // While an entry is silent a refusal says nothing (section 7).
        if self.silent && outcome == Outcome::Refused {
            return true;
        }
        let before = self.belief.clone();
        if self.belief.answered(call, outcome) {
            return true;
        }
        if outcome == Outcome::Success {
            self.belief.force(call);
        }
        if !found_already {
            let seen = match code {
                Ok(code) => Sight::Code(*code),
                Err(silence) => Sight::Nobody(silence.clone()),
            };
            if before.may_serve() {
                self.inquire(About::Outcome { call, outcome, before, due, seen }, false);
            } else {
                let rule = blame::must_succeed(call);
                self.find(Found::wrong(rule, Place::Call(call), due, seen, self.event));
            }
        }
        self.forgiving = true;
        false
    }

    /// Takes in what a call answers with where it explains anything: one finding about the call, or about clusters as
    /// they are listed, is enough.
    fn believe_body(&mut self, body: &Result<Served, Misshape>) {
        if let Ok(served @ Served::Cluster { .. }) = body
            && let Some(seen) = self.roster.told(served, None).seen
        {
            let _ = self.belief.observe(&seen);
        }
    }

    /// Judges the cluster that a successful call answers with.
    fn judge_body(&mut self, call: Call, before: Belief, body: &Result<Served, Misshape>) {
        if self.muted.contains(&View::Overview) {
            self.believe_body(body);
            return;
        }
        let served = match body {
            Ok(served @ Served::Cluster { .. }) => served,
            Ok(Served::State { .. } | Served::Node(_)) => return,
            Err(misshape) => {
                let (place, seen) = (Place::Call(call), Sight::Misshapen(misshape.clone()));
                let due = vec![Allowed::Shape];
                self.find(Found::wrong(blame::gives(call), place, due, seen, self.event));
                return;
            }
        };
        let told = self.roster.told(served, None);
        let Some(seen) = told.seen else { return };
        if !words_missing(self.scope.profile, &seen).is_empty() || self.belief.observe(&seen) {
            return;
        }
        self.inquire(About::Body { call, before, seen }, true);
    }

    /// Takes in that a call was sent several times at once (API-12).
    pub(super) fn raced(&mut self, call: Call, racers: &[Racer]) {
        self.belief.close();
        self.stakes.race(self.step, &self.belief, call);
        let allowed = self.belief.outcomes(call);
        let sent: Vec<Sent> = racers
            .iter()
            .map(|racer| Sent {
                call,
                began: racer.sent,
                ended: racer.answered,
                outcome: match racer.reply.code {
                    Ok(200) => Outcome::Success,
                    Ok(409) => Outcome::Refused,
                    Ok(_) | Err(_) => Outcome::Unknown,
                },
            })
            .collect();
        let order = linearize(&self.belief, &sent);
        let count = |code| racers.iter().filter(|racer| racer.reply.code == Ok(code)).count();
        let (won, lost) = (count(200), count(409));
        let nobody = |racer: &&Racer| matches!(racer.reply.code, Err(_) | Ok(502..=504));
        let silent = racers.iter().filter(nobody).count();
        let other = racers.len() - won - lost - silent;
        let odd = racers
            .iter()
            .filter(|racer| !nobody(racer))
            .filter_map(|racer| racer.reply.code.as_ref().ok())
            .find(|code| !matches!(code, 200 | 409))
            .copied();
        let times = u8::try_from(racers.len()).unwrap_or(u8::MAX);
        let due = vec![if allowed.contains(&Outcome::Success) {
            Allowed::OneWins(times)
        } else {
            Allowed::Code(409)
        }];
        let seen = Sight::Answers { won, lost, other, silent };
        let place = Place::Race(call, times);
        let before = self.belief.clone();
        let outcome = match (won, silent) {
            (0, 0) => Outcome::Refused,
            (0, _) => Outcome::Unknown,
            _ => Outcome::Success,
        };
        // While an entry is silent a refusal says nothing (section 7).
        let excused = self.silent && won == 0;
        if !excused && !self.belief.answered(call, outcome) && outcome == Outcome::Success {
            self.belief.force(call);
        }
        if let Some(code) = odd {
            // Once one has succeeded the others are to be refused.
            let refused = BTreeSet::from([Outcome::Refused]);
            let due_of_it = if won > 0 && code >= 300 { &refused } else { &allowed };
            let rule = blame::wrong_code(call, due_of_it, code);
            self.find(Found::wrong(rule, place, due, seen, self.event));
            self.forgiving = true;
        } else if order == Linearized::No && !excused {
            self.inquire(About::Race { call, times, won, before, due, seen }, false);
            self.forgiving = true;
        } else if silent > 0 && before.must_serve() {
            self.find(Found {
                kind: Kind::Timeout,
                rule: blame::gives(call),
                place,
                allowed: due,
                seen,
                nearest: Vec::new(),
                event: self.event,
            });
        }
        self.since(Since::Called(call, outcome));
        if outcome == Outcome::Success {
            self.succeeded(call);
        }
    }
}

/// What an answer's code says about a call.
const fn outcome(code: &Result<u16, Silence>) -> Outcome {
    match code {
        Ok(200..=299) => Outcome::Success,
        Ok(400..=499) => Outcome::Refused,
        Ok(_) | Err(_) => Outcome::Unknown,
    }
}
