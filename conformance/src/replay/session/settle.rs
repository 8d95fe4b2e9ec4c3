//! Reading every view until the cluster has settled, or has not in time.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use zdu_model::judge::belief::{Hypothesis, Observation, Request, words_missing};
use zdu_model::judge::blame;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;

use super::super::site::{Read, View};
use super::told::Told;
use super::{Finding, Session, Settled, view_rule};
use crate::client::Exchange;
use crate::told::Kind;
use crate::wire::Answer;

/// From how many milliseconds on silence is a time-out, not a refused connection.
const SILENCE_MS: u64 = 200;

/// What one reading of every view came to.
struct Round {
    /// The hypotheses in which nothing is left to happen and that explain every answer of the round.
    calm: BTreeSet<Hypothesis>,
    /// Why nobody answered though somebody serves in every explanation.
    unanswered: Option<(View, Exchange)>,
    /// The overview was of another shape.
    blind: bool,
}

impl Session<'_> {
    /// Reads until the cluster has settled.
    pub async fn settle(&mut self) -> Settled {
        let timing = self.site.timing;
        let began = Instant::now();
        let deadline = began + timing.settle;
        let mut pause = (timing.poll / 16).max(Duration::from_millis(1)).min(timing.poll);
        let mut quiet_until: Option<Instant> = None;
        let mut blind_since: Option<Instant> = None;
        let end = loop {
            let asked = Instant::now();
            let round = self.round().await;
            let now = Instant::now();
            if !round.blind {
                blind_since = None;
            } else if now >= *blind_since.get_or_insert(now) + timing.quiet {
                break Settled::Blind;
            }
            if !round.calm.is_empty() {
                if self.belief.is_settled() || now >= *quiet_until.get_or_insert(now + timing.quiet)
                {
                    break Settled::Yes;
                }
            } else {
                quiet_until = None;
                // A round that began in time may have been kept waiting; the next one decides.
                if asked >= deadline {
                    self.time_out(round.unanswered);
                    break Settled::TimedOut;
                }
            }
            if self.interrupted() {
                break Settled::Interrupted;
            }
            let left = quiet_until.unwrap_or(deadline).saturating_duration_since(now);
            tokio::time::sleep(pause.min(left.max(Duration::from_millis(1)))).await;
            pause = (pause * 2).min(timing.poll);
        };
        if end == Settled::Yes {
            self.look_again().await;
            self.belief.assume_taken(Request::FailTasks);
            self.own_views(deadline).await;
            self.tell_who_serves().await;
            let took = began.elapsed().as_millis();
            self.record.settled_ms = Some(u64::try_from(took).unwrap_or(u64::MAX));
        }
        end
    }

    /// Reads the overview once more: what reading the other views changed shows only now (API-8).
    async fn look_again(&mut self) {
        if self.muted.contains(&View::Overview) {
            return;
        }
        self.only_reads();
        if let Read::Seen(answer, exchange) = self.site.read(View::Overview).await
            && words_missing(self.site.dictionary.profile, &answer.seen).is_empty()
            && !self.belief.observe(&answer.seen)
        {
            self.keep(&exchange);
            self.judge(View::Overview, &answer.seen, &exchange).await;
        }
    }

    /// Lets the driver put nodes back into rotation; what it cannot do is kept for whoever plays the trace.
    async fn tell_who_serves(&mut self) {
        let serving: Vec<NodeId> = self
            .site
            .scope()
            .node_ids()
            .filter(|id| {
                let serves = |hypothesis: &Hypothesis| hypothesis.cluster.node(*id).phase.serves();
                self.belief.hypotheses().all(serves)
            })
            .collect();
        if let Err(error) = self.driver.serving(&serving).await {
            self.trouble = Some(error.to_string());
        }
    }

    fn time_out(&mut self, unanswered: Option<(View, Exchange)>) {
        let limit = humantime::format_duration(self.site.timing.settle);
        if let Some((view, exchange)) = unanswered {
            let rule = view_rule(view);
            let seen = format!("no answer within {limit}, though a node serves");
            let allowed = self.site.allowed(&self.belief, view);
            let name = self.site.view_name(view);
            self.find(Finding {
                kind: Kind::Timeout,
                rule,
                view: name,
                allowed,
                seen,
                nearest: None,
                exchange: Some(&exchange),
            });
            return;
        }
        let rule = blame::stuck(&self.belief, &self.context());
        let mut settled = self.belief.clone();
        settled.settle();
        let allowed = self.site.allowed(&settled, View::Overview);
        let last = self.record.sightings.last().map_or_else(
            || "nobody answers".to_owned(),
            |last| {
                format!(
                    "{}, {}: {}",
                    last.status.as_deref().unwrap_or("no status"),
                    last.mode,
                    last.nodes.join(", ")
                )
            },
        );
        let seen = format!("not settled within {limit}; last seen: {last}");
        let exchange = self.record.exchanges.last().cloned();
        self.find(Finding {
            kind: Kind::Timeout,
            rule,
            view: "overview".to_owned(),
            allowed,
            seen,
            nearest: None,
            exchange: exchange.as_ref(),
        });
    }

    /// Reads every view once and takes the answers in.
    async fn round(&mut self) -> Round {
        self.belief.close();
        let mut round = Round { calm: self.belief.settled(), unanswered: None, blind: false };
        let mut told = Told::default();
        let heard = |view: &View| !self.muted.contains(view);
        let views: Vec<View> = self.site.views().filter(heard).collect();
        for view in views {
            match self.site.read(view).await {
                Read::Nobody(exchange) => {
                    if self.nobody(view, exchange, &mut round) {
                        break;
                    }
                }
                Read::Bad(fault, exchange) => {
                    self.misshapen(view, fault, &exchange);
                    round.blind |= view == View::Overview;
                    round.calm.clear();
                }
                Read::Seen(answer, exchange) => {
                    told.compare(self.site, view, &answer, &exchange);
                    self.seen(view, &answer, &exchange, &mut round).await;
                }
            }
        }
        if let (Some(differing), false) = (told.differing, round.calm.is_empty()) {
            self.find(Finding {
                kind: Kind::WrongAnswer,
                rule: Rule::Api11,
                view: self.site.view_name(differing.view),
                allowed: vec!["what the overview says of the node".to_owned()],
                seen: differing.words,
                nearest: None,
                exchange: Some(&differing.exchange),
            });
        }
        round
    }

    /// Takes in that nobody answered; whether the round is over with that.
    fn nobody(&mut self, view: View, exchange: Exchange, round: &mut Round) -> bool {
        self.keep(&exchange);
        self.belief.close();
        if self.belief.must_serve() {
            round.calm.clear();
            round.unanswered = Some((view, exchange));
            return true;
        }
        round.calm.retain(|hypothesis| !hypothesis.cluster.served());
        if view == View::Overview {
            self.sight_nobody();
        }
        // Silence costs a time-out each; one view tells as much as all.
        exchange.took_ms > SILENCE_MS
    }

    /// Notes an answer of another shape. Nothing more is to be learnt from the view, unless it is the overview.
    fn misshapen(&mut self, view: View, fault: String, exchange: &Exchange) {
        self.keep(exchange);
        let rule = match view {
            View::Node(id) if self.may_be_removed(id) => Rule::Api7,
            View::Overview | View::State | View::Node(_) => shape_rule(view, &fault),
        };
        self.find(Finding {
            kind: Kind::WrongAnswer,
            rule,
            view: self.site.view_name(view),
            allowed: self.site.allowed(&self.belief, view),
            seen: fault,
            nearest: None,
            exchange: Some(exchange),
        });
        if view != View::Overview {
            self.muted.insert(view);
        }
    }

    /// Takes an answer in, or judges it.
    async fn seen(&mut self, view: View, answer: &Answer, exchange: &Exchange, round: &mut Round) {
        self.keep(exchange);
        if let Observation::Overview(overview) = &answer.seen {
            self.sight(overview);
        }
        let missing = words_missing(self.site.dictionary.profile, &answer.seen);
        if !missing.is_empty() {
            self.find(Finding {
                kind: Kind::Unmodelled,
                rule: view_rule(view),
                view: self.site.view_name(view),
                allowed: Vec::new(),
                seen: format!(
                    "{}: the model of this profile has no such state",
                    missing.join(", ")
                ),
                nearest: None,
                exchange: Some(exchange),
            });
            round.calm.clear();
            return;
        }
        round.calm.retain(|hypothesis| self.belief.explains(hypothesis, &answer.seen));
        if self.belief.observe(&answer.seen) {
            self.explained_since = true;
            self.forgiving = false;
        } else {
            self.judge(view, &answer.seen, exchange).await;
            round.calm.clear();
        }
    }

    /// Reads each serving node's own view until it agrees (API-11): views may lag, but not for ever.
    async fn own_views(&mut self, deadline: Instant) {
        for id in self.site.scope().node_ids() {
            let Some(base) = self.site.node_bases.get(id.index()).cloned().flatten() else {
                continue;
            };
            // One that was waited for in vain once would only be so again.
            let serves = !self.disagreeing.contains(&id)
                && self
                    .belief
                    .hypotheses()
                    .all(|hypothesis| hypothesis.cluster.node(id).phase.serves());
            let mut pause = Duration::from_millis(1);
            while serves && !self.interrupted() {
                let read = self.site.read_at(&base, View::Overview).await;
                let (words, exchange) = match read {
                    Read::Seen(answer, exchange) => {
                        if self.belief.observe(&answer.seen) {
                            break;
                        }
                        (self.site.seen_words(&answer.seen), exchange)
                    }
                    Read::Bad(fault, exchange) => (fault, exchange),
                    Read::Nobody(exchange) => ("no answer".to_owned(), exchange),
                };
                if Instant::now() >= deadline {
                    self.disagreeing.insert(id);
                    let name = format!("overview of node {} itself", self.site.id(id));
                    let allowed = self.site.allowed(&self.belief, View::Overview);
                    self.find(Finding {
                        kind: Kind::WrongAnswer,
                        rule: Rule::Api11,
                        view: name,
                        allowed,
                        seen: words,
                        nearest: None,
                        exchange: Some(&exchange),
                    });
                    break;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(self.site.timing.poll);
            }
        }
    }
}

/// The rule for a view that cannot be read: its own, or that of the one field of another profile.
fn shape_rule(view: View, fault: &str) -> Rule {
    if fault.starts_with("`hasFinalizationTasks`") { Rule::Fin1 } else { view_rule(view) }
}
