//! Sending a call, or several of one at once, and judging what came back.

use std::collections::BTreeSet;

use zdu_model::judge::belief::{Belief, Hypothesis, Observation, Outcome, words_missing};
use zdu_model::judge::blame::{self, Since, Views};
use zdu_model::judge::race::Linearized;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;

use super::super::site::{Read, View};
use super::{Finding, Session};
use crate::client::{Exchange, Reply};
use crate::told::Kind;

impl Session<'_> {
    /// Sends a call once, and judges its answer.
    pub async fn call(&mut self, call: Call) {
        self.belief.close();
        let allowed = self.belief.outcomes(call);
        let served = self.belief.must_serve();
        let reply = self.site.post(call).await;
        self.keep(&reply.exchange);
        self.record.answers.extend(reply.code);
        let view = format!("POST {call}");
        let may_succeed = allowed.contains(&Outcome::Success);
        let outcome = outcome(reply.code);
        let fault = reply
            .code
            .filter(|code| !matches!(code, 200 | 409 | 502..=504))
            .map(|code| (code, wrong_code(call, &allowed, code)));
        let expected = self.allowed_codes(&allowed);
        if let Some((code, rule)) = fault {
            self.find(Finding {
                kind: Kind::WrongAnswer,
                rule,
                view: view.clone(),
                allowed: expected.clone(),
                seen: code.to_string(),
                nearest: None,
                exchange: Some(&reply.exchange),
            });
        } else if reply.nobody() && served {
            let seen = reply
                .exchange
                .failure
                .clone()
                .unwrap_or_else(|| format!("{:?}", reply.code.unwrap_or(0)));
            // A proxy's word for "nobody" while somebody serves is a wrong answer; a broken connection says nothing.
            let kind = if reply.code.is_some() { Kind::WrongAnswer } else { Kind::Timeout };
            let rule = if may_succeed { blame::must_succeed(call) } else { Rule::Api9 };
            self.find(Finding {
                kind,
                rule,
                view: view.clone(),
                allowed: expected.clone(),
                seen,
                nearest: None,
                exchange: Some(&reply.exchange),
            });
        }
        let before = self.belief.clone();
        let explained = self
            .take_outcome(call, outcome, fault.is_some(), &view, expected, &reply.exchange)
            .await;
        self.since(Since::Called(call, outcome));
        if outcome == Outcome::Success {
            self.after_approve = call == Call::Approve;
            if reply.code == Some(200) {
                if explained {
                    self.judge_body(call, &before, &reply).await;
                } else {
                    self.believe_body(&reply.body);
                }
            }
        }
    }

    fn allowed_codes(&self, allowed: &BTreeSet<Outcome>) -> Vec<String> {
        let mut lines: Vec<String> = allowed
            .iter()
            .map(
                |outcome| {
                    if *outcome == Outcome::Success { "200".to_owned() } else { "409".to_owned() }
                },
            )
            .collect();
        if !self.belief.must_serve() {
            lines.push("no answer: nobody serves".to_owned());
        }
        lines
    }

    /// Takes a call's outcome into the belief, or finds it inexplicable. Returns whether it was explained.
    async fn take_outcome(
        &mut self,
        call: Call,
        outcome: Outcome,
        found_already: bool,
        view: &str,
        expected: Vec<String>,
        exchange: &Exchange,
    ) -> bool {
        let before = self.belief.clone();
        if self.belief.answered(call, outcome) {
            return true;
        }
        if outcome == Outcome::Success {
            self.belief.force(call);
        }
        if !found_already {
            let rule = if !before.may_serve() {
                blame::must_succeed(call)
            } else if outcome == Outcome::Success && self.changed_nothing(&before, call).await {
                // It was refused after all, and the code is what is wrong.
                Rule::Api9
            } else {
                blame::outcome(&before, call, outcome)
            };
            let seen =
                exchange.code.map_or_else(|| "no answer".to_owned(), |code| code.to_string());
            self.find(Finding {
                kind: Kind::WrongAnswer,
                rule,
                view: view.to_owned(),
                allowed: expected,
                seen,
                nearest: None,
                exchange: Some(exchange),
            });
        }
        self.forgiving = true;
        false
    }

    /// Whether the cluster is seen as it was before a call, and not as the call would have made it.
    async fn changed_nothing(&mut self, before: &Belief, call: Call) -> bool {
        let Read::Seen(answer, _) = self.site.read(View::Overview).await else {
            return false;
        };
        let mut made = before.clone();
        made.force(call);
        made.narrow(|hypothesis| !before.hypotheses().any(|was| was == hypothesis));
        before.clone().observe(&answer.seen) && !made.observe(&answer.seen)
    }

    /// Takes in what a call answers with where it explains anything: one finding about the call, or about clusters as
    /// they are listed, is enough.
    fn believe_body(&mut self, body: &[u8]) {
        if let Ok(answer) = self.site.dictionary.overview(body) {
            let _ = self.belief.observe(&answer.seen);
        }
    }

    /// Judges the cluster that a successful call answers with.
    async fn judge_body(&mut self, call: Call, before: &Belief, reply: &Reply) {
        if self.muted.contains(&View::Overview) {
            self.believe_body(&reply.body);
            return;
        }
        let (body, exchange) = (reply.body.as_slice(), &reply.exchange);
        let view = format!("POST {call}");
        match self.site.dictionary.overview(body) {
            Err(misshape) => {
                let due = vec!["200 with the cluster as JSON".to_owned()];
                self.find(Finding {
                    kind: Kind::WrongAnswer,
                    rule: gives(call),
                    view,
                    allowed: due,
                    seen: misshape.to_string(),
                    nearest: None,
                    exchange: Some(exchange),
                });
            }
            Ok(answer) => {
                if !words_missing(self.site.dictionary.profile, &answer.seen).is_empty()
                    || self.belief.observe(&answer.seen)
                {
                    return;
                }
                let again = self.read_again().await;
                let overview_is_right = again
                    .overview
                    .clone()
                    .is_some_and(|view| self.belief.clone().observe(&Observation::Overview(view)));
                let wrongly = accepted_where_refused(before, call, &answer.seen);
                let rule = if let Some(rule) = wrongly {
                    rule
                } else if overview_is_right && before.clone().observe(&answer.seen) {
                    // It tells of the cluster as it was: the answer is wrong, and nothing else.
                    gives(call)
                } else if overview_is_right {
                    // It was so for a moment; what is read now says nothing about it.
                    let nothing = Views::default();
                    blame::unexplained(&self.belief, &self.context(), &answer.seen, &nothing)
                } else {
                    blame::unexplained(&self.belief, &self.context(), &answer.seen, &again)
                };
                self.found_unexplained(rule, &view, View::Overview, &answer.seen, exchange);
                if !overview_is_right {
                    self.adopt(View::Overview, &answer.seen, &again);
                }
            }
        }
    }

    /// Sends one call several times at once, and judges the answers together (API-12).
    pub async fn race(&mut self, call: Call, times: u8) {
        self.belief.close();
        let allowed = self.belief.outcomes(call);
        let sent = crate::race::send(self.site, call, times).await;
        let order = crate::race::order(&self.belief, call, &sent);
        let replies: Vec<_> = sent.into_iter().map(|one| one.reply).collect();
        for reply in &replies {
            self.keep(&reply.exchange);
            self.record.answers.extend(reply.code);
        }
        let count = |code| replies.iter().filter(|reply| reply.code == Some(code)).count();
        let (won, lost) = (count(200), count(409));
        let silent = replies.iter().filter(|reply| reply.nobody()).count();
        let other = replies.len() - won - lost - silent;
        let odd = replies
            .iter()
            .filter(|reply| !reply.nobody())
            .filter_map(|reply| reply.code)
            .find(|code| !matches!(code, 200 | 409));
        let may_succeed = allowed.contains(&Outcome::Success);
        let first = replies.first().map(|reply| reply.exchange.clone());
        let kind = if odd.is_some() || order == Linearized::No {
            Some(Kind::WrongAnswer)
        } else if silent > 0 && self.belief.must_serve() {
            Some(Kind::Timeout)
        } else {
            None
        };
        if let Some(kind) = kind {
            let rule = match odd {
                Some(code) => wrong_code(call, &allowed, code),
                None => self.race_rule(call, &allowed, won).await,
            };
            self.find(Finding {
                kind,
                rule,
                view: format!("POST {call} x {times}"),
                allowed: vec![if may_succeed {
                    format!("1 x 200, {} x 409", times - 1)
                } else {
                    format!("{times} x 409")
                }],
                seen: format!("{won} x 200, {lost} x 409, {other} x other, {silent} x no answer"),
                nearest: None,
                exchange: first.as_ref(),
            });
            self.forgiving |= kind == Kind::WrongAnswer;
        }
        let outcome = match (won, silent) {
            (0, 0) => Outcome::Refused,
            (0, _) => Outcome::Unknown,
            _ => Outcome::Success,
        };
        if !self.belief.answered(call, outcome) && outcome == Outcome::Success {
            self.belief.force(call);
        }
        self.since(Since::Called(call, outcome));
        if outcome == Outcome::Success {
            self.after_approve = call == Call::Approve;
        }
    }

    /// The rule that the answers of a race break which cannot have come about one after the other.
    async fn race_rule(&mut self, call: Call, allowed: &BTreeSet<Outcome>, won: usize) -> Rule {
        let before = self.belief.clone();
        let may_succeed = allowed.contains(&Outcome::Success);
        match won {
            0 if may_succeed => blame::must_succeed(call),
            0 => Rule::Api9,
            // Whoever accepts and does nothing accepts again: it is the call that is wrong, not how several meet.
            _ if self.changed_nothing(&before, call).await => wrong_code(call, allowed, 200),
            _ if may_succeed => Rule::Api12,
            _ => blame::outcome(&before, call, Outcome::Success),
        }
    }
}

/// The rule by which a call had to be refused, if what it answers with shows that it was accepted in such a state: where
/// it might have been accepted, or refused, its code alone told nothing.
fn accepted_where_refused(before: &Belief, call: Call, seen: &Observation) -> Option<Rule> {
    let refuses = |hypothesis: &Hypothesis| {
        let mut transitions = call.transitions(before.scope().profile).iter();
        !transitions.any(|transition| transition.enabled(&hypothesis.cluster))
    };
    if !before.hypotheses().any(refuses) {
        return None;
    }
    let mut refusing = before.clone();
    refusing.narrow(refuses);
    let mut made = refusing.clone();
    made.force(call);
    made.narrow(|hypothesis| !refusing.hypotheses().any(|was| was == hypothesis));
    made.observe(seen).then(|| blame::outcome(&refusing, call, Outcome::Success))
}

/// What an answer's code says about a call.
const fn outcome(code: Option<u16>) -> Outcome {
    match code {
        Some(200..=299) => Outcome::Success,
        Some(400..=499) => Outcome::Refused,
        Some(_) | None => Outcome::Unknown,
    }
}

/// The rule that a code breaks which is neither 200 nor 409.
fn wrong_code(call: Call, allowed: &BTreeSet<Outcome>, code: u16) -> Rule {
    let accepted = matches!(code, 200..=299);
    if accepted && allowed.contains(&Outcome::Success) {
        gives(call)
    } else if !accepted && !allowed.contains(&Outcome::Refused) {
        blame::must_succeed(call)
    } else {
        Rule::Api9
    }
}

/// The rule that says what a call that succeeds does and answers.
const fn gives(call: Call) -> Rule {
    match call {
        Call::Start => Rule::Api2,
        Call::Cancel => Rule::Api5,
        Call::Approve => Rule::Api6,
        Call::Retry => Rule::Fin4,
    }
}
