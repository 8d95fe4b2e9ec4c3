//! Reading every view until the cluster has settled, or has not in time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use zdu_model::belief::{Hypothesis, Observation, Request, words_missing};
use zdu_model::blame;
use zdu_model::node::{NodeId, NodeStatus};
use zdu_model::rule::Rule;

use super::super::site::{Read, Site, View};
use super::{Session, Settled, view_rule};
use crate::client::Exchange;
use crate::verdict::Kind;
use crate::wire::Details;

/// What one reading of every view came to.
struct Round {
    /// Some hypothesis in which nothing is left to happen explains every answer of the round.
    calm: bool,
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
        let mut pause = (timing.poll / 16)
            .max(Duration::from_millis(1))
            .min(timing.poll);
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
            if round.calm {
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
            let left = quiet_until
                .unwrap_or(deadline)
                .saturating_duration_since(now);
            tokio::time::sleep(pause.min(left.max(Duration::from_millis(1)))).await;
            pause = (pause * 2).min(timing.poll);
        };
        if end == Settled::Yes {
            self.belief.assume_taken(Request::FailTasks);
            self.own_views(deadline).await;
            self.tell_who_serves().await;
            let took = began.elapsed().as_millis();
            self.record.settled_ms = Some(u64::try_from(took).unwrap_or(u64::MAX));
        }
        end
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
            self.find(
                Kind::Timeout,
                rule,
                name,
                allowed,
                seen,
                None,
                Some(&exchange),
            );
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
        self.find(
            Kind::Timeout,
            rule,
            "overview".to_owned(),
            allowed,
            seen,
            None,
            exchange.as_ref(),
        );
    }

    /// Reads every view once and takes the answers in.
    async fn round(&mut self) -> Round {
        self.belief.close();
        let mut calm = self.belief.settled();
        let mut told: BTreeMap<NodeId, (NodeStatus, Details)> = BTreeMap::new();
        let mut blind = false;
        let mut differing: Option<(View, String, Exchange)> = None;
        let views: Vec<View> = self
            .site
            .views()
            .filter(|view| !self.muted.contains(view))
            .collect();
        for view in views {
            match self.site.read(view).await {
                Read::Nobody(exchange) => {
                    self.keep(&exchange);
                    self.belief.close();
                    if self.belief.must_serve() {
                        return Round {
                            calm: false,
                            unanswered: Some((view, exchange)),
                            blind,
                        };
                    }
                    calm.retain(|hypothesis| !hypothesis.cluster.served());
                    if view == View::Overview {
                        self.sight_nobody();
                    }
                    if exchange.took_ms > 200 {
                        // Silence costs a time-out each; one view tells as much as all.
                        break;
                    }
                }
                Read::Bad(fault, exchange) => {
                    self.keep(&exchange);
                    let rule = match view {
                        View::Node(id) if self.is_removed(id) => Rule::Api7,
                        View::Overview | View::State | View::Node(_) => shape_rule(view, &fault),
                    };
                    let name = self.site.view_name(view);
                    let allowed = self.site.allowed(&self.belief, view);
                    self.find(
                        Kind::WrongAnswer,
                        rule,
                        name,
                        allowed,
                        fault,
                        None,
                        Some(&exchange),
                    );
                    if view == View::Overview {
                        blind = true;
                    } else {
                        self.muted.insert(view);
                    }
                    calm.clear();
                }
                Read::Seen(answer, exchange) => {
                    self.keep(&exchange);
                    if let Observation::Overview(overview) = &answer.seen {
                        self.sight(overview);
                    }
                    let missing = words_missing(self.site.dictionary.profile, &answer.seen);
                    if !missing.is_empty() {
                        let name = self.site.view_name(view);
                        let words = format!(
                            "{}: the model of this profile has no such state",
                            missing.join(", ")
                        );
                        self.find(
                            Kind::Unmodelled,
                            view_rule(view),
                            name,
                            Vec::new(),
                            words,
                            None,
                            Some(&exchange),
                        );
                        calm.clear();
                        continue;
                    }
                    if differing.is_none() {
                        differing = difference(self.site, &mut told, &answer.seen, &answer.details)
                            .map(|words| (view, words, exchange.clone()));
                    }
                    calm.retain(|hypothesis| self.belief.explains(hypothesis, &answer.seen));
                    if self.belief.observe(&answer.seen) {
                        self.explained_since = true;
                        self.forgiving = false;
                    } else {
                        self.judge(view, &answer.seen, &exchange).await;
                        calm.clear();
                    }
                }
            }
        }
        if let (Some((view, words, exchange)), false) = (differing, calm.is_empty()) {
            let name = self.site.view_name(view);
            let due = vec!["what the overview says of the node".to_owned()];
            self.find(
                Kind::WrongAnswer,
                Rule::Api11,
                name,
                due,
                words,
                None,
                Some(&exchange),
            );
        }
        Round {
            calm: !calm.is_empty(),
            unanswered: None,
            blind,
        }
    }

    /// Reads each serving node's own view until it agrees (API-11): views may lag, but not for ever.
    async fn own_views(&mut self, deadline: Instant) {
        for id in self.site.scope().node_ids() {
            let Some(base) = self.site.node_bases.get(id.index()).cloned().flatten() else {
                continue;
            };
            let serves = self
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
                    let name = format!("overview of node {} itself", self.site.id(id));
                    let allowed = self.site.allowed(&self.belief, View::Overview);
                    self.find(
                        Kind::WrongAnswer,
                        Rule::Api11,
                        name,
                        allowed,
                        words,
                        None,
                        Some(&exchange),
                    );
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
    if fault.starts_with("`hasFinalizationTasks`") {
        Rule::Fin1
    } else {
        view_rule(view)
    }
}

/// What a view says of a node that the views before it did not, beyond the model: name, address, build.
fn difference(
    site: &Site,
    told: &mut BTreeMap<NodeId, (NodeStatus, Details)>,
    seen: &Observation,
    details: &[(NodeId, Details)],
) -> Option<String> {
    let status_of = |id: NodeId| match seen {
        Observation::Overview(view) => view
            .nodes
            .get(id.index())
            .copied()
            .flatten()
            .map(|node| node.status),
        Observation::State(_, _, node) => Some(node.status),
        Observation::Node(_, node) => node.map(|node| node.status),
    };
    for (id, new) in details {
        let Some(status) = status_of(*id) else {
            continue;
        };
        let Some((was, old)) = told.get(id) else {
            told.insert(*id, (status, new.clone()));
            continue;
        };
        let mut words = Vec::new();
        let mut differ = |field: &str, one: String, other: String| {
            if one != other {
                words.push(format!("{field} {other} instead of {one}"));
            }
        };
        differ("name", old.name.clone(), new.name.clone());
        differ("ipAddress", old.address.clone(), new.address.clone());
        differ("portNumber", old.port.to_string(), new.port.to_string());
        // Which version and build an OFFLINE node is listed with is free from answer to answer (section 7).
        if *was == status && status != NodeStatus::Offline {
            differ(
                "buildNumber",
                format!("{:?}", old.build),
                format!("{:?}", new.build),
            );
        }
        if !words.is_empty() {
            return Some(format!("{}: {}", site.id(*id), words.join(", ")));
        }
    }
    None
}
