//! Sending a call, or several of one at once, and judging what came back.

use std::collections::BTreeSet;

use zdu_model::belief::{Belief, Observation, Outcome, words_missing};
use zdu_model::blame::{self, Since};
use zdu_model::checker::Linearized;
use zdu_model::rule::Rule;
use zdu_model::transition::Call;

use super::super::site::{Read, View};
use super::Session;
use crate::client::Exchange;
use crate::verdict::Kind;

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
        let wrong_code = if may_succeed { gives(call) } else { Rule::Api9 };
        let (outcome, fault) = match reply.code {
            Some(200) => (Outcome::Success, None),
            Some(409) => (Outcome::Refused, None),
            Some(code @ 201..=299) => (Outcome::Success, Some((code, wrong_code))),
            Some(code @ (300..=399 | 500..=501 | 505..)) => (
                Outcome::Unknown,
                Some((
                    code,
                    if may_succeed {
                        blame::must_succeed(call)
                    } else {
                        Rule::Api9
                    },
                )),
            ),
            Some(code @ 400..=499) => (
                Outcome::Refused,
                Some((
                    code,
                    if may_succeed {
                        blame::must_succeed(call)
                    } else {
                        Rule::Api9
                    },
                )),
            ),
            Some(_) | None => (Outcome::Unknown, None),
        };
        let expected = self.allowed_codes(&allowed);
        if let Some((code, rule)) = fault {
            self.find(
                Kind::WrongAnswer,
                rule,
                view.clone(),
                expected.clone(),
                code.to_string(),
                None,
                Some(&reply.exchange),
            );
        } else if reply.nobody() && served {
            let seen = reply
                .exchange
                .failure
                .clone()
                .unwrap_or_else(|| format!("{:?}", reply.code.unwrap_or(0)));
            // A proxy's word for "nobody" while somebody serves is a wrong answer; a broken connection says nothing.
            let kind = if reply.code.is_some() {
                Kind::WrongAnswer
            } else {
                Kind::Timeout
            };
            let rule = if may_succeed {
                blame::must_succeed(call)
            } else {
                Rule::Api9
            };
            self.find(
                kind,
                rule,
                view.clone(),
                expected.clone(),
                seen,
                None,
                Some(&reply.exchange),
            );
        }
        let explained = self
            .take_outcome(
                call,
                outcome,
                fault.is_some(),
                &view,
                expected,
                &reply.exchange,
            )
            .await;
        self.since(Since::Called(call, outcome));
        if outcome == Outcome::Success {
            self.after_approve = call == Call::Approve;
            if reply.code == Some(200) {
                self.judge_body(call, &reply.body, &reply.exchange, explained)
                    .await;
            }
        }
    }

    fn allowed_codes(&self, allowed: &BTreeSet<Outcome>) -> Vec<String> {
        let mut lines: Vec<String> = allowed
            .iter()
            .map(|outcome| {
                if *outcome == Outcome::Success {
                    "200".to_owned()
                } else {
                    "409".to_owned()
                }
            })
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
            let seen = exchange
                .code
                .map_or_else(|| "no answer".to_owned(), |code| code.to_string());
            self.find(
                Kind::WrongAnswer,
                rule,
                view.to_owned(),
                expected,
                seen,
                None,
                Some(exchange),
            );
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

    /// Judges the cluster that a successful call answers with.
    async fn judge_body(&mut self, call: Call, body: &[u8], exchange: &Exchange, explained: bool) {
        if !explained || self.muted.contains(&View::Overview) {
            // One finding about this call, or about clusters as they are listed, is enough.
            if let Ok(answer) = self.site.dictionary.overview(body) {
                let _ = self.belief.observe(&answer.seen);
            }
            return;
        }
        let view = format!("POST {call}");
        match self.site.dictionary.overview(body) {
            Err(misshape) => {
                let due = vec!["200 with the cluster as JSON".to_owned()];
                self.find(
                    Kind::WrongAnswer,
                    gives(call),
                    view,
                    due,
                    misshape.to_string(),
                    None,
                    Some(exchange),
                );
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
                let rule = if overview_is_right {
                    gives(call)
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
        let count = |code| {
            replies
                .iter()
                .filter(|reply| reply.code == Some(code))
                .count()
        };
        let (won, lost) = (count(200), count(409));
        let silent = replies.iter().filter(|reply| reply.nobody()).count();
        let other = replies.len() - won - lost - silent;
        let may_succeed = allowed.contains(&Outcome::Success);
        let view = format!("POST {call} x {times}");
        let seen = format!("{won} x 200, {lost} x 409, {other} x other, {silent} x no answer");
        let first = replies.first().map(|reply| reply.exchange.clone());
        let (rule, expected) = if may_succeed {
            (Rule::Api12, format!("1 x 200, {} x 409", times - 1))
        } else {
            let rule = if won > 0 {
                blame::outcome(&self.belief, call, Outcome::Success)
            } else {
                Rule::Api9
            };
            (rule, format!("{times} x 409"))
        };
        let wrong = other > 0 || order == Linearized::No;
        if wrong {
            self.find(
                Kind::WrongAnswer,
                rule,
                view,
                vec![expected],
                seen,
                None,
                first.as_ref(),
            );
            self.forgiving = true;
        } else if silent > 0 && self.belief.must_serve() {
            self.find(
                Kind::Timeout,
                rule,
                view,
                vec![expected],
                seen,
                None,
                first.as_ref(),
            );
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
