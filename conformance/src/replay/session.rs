//! A cluster under observation: what is believed of it, what was done to it, what was found.
//!
//! Every answer goes through the belief set of section 8. One that nothing explains becomes a deviation under one rule,
//! and what was seen is adopted, so that one fault neither hides nor multiplies others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use zdu_model::belief::{
    Belief, Hypothesis, Observation, Outcome, Request, WrongStatus, words_missing,
};
use zdu_model::blame::{self, Context, Since, Views};
use zdu_model::checker::Linearized;
use zdu_model::node::{NodeId, NodeStatus, Phase};
use zdu_model::rule::Rule;
use zdu_model::trace::Seen;
use zdu_model::transition::Call;

use super::site::{Read, Site, View};
use crate::client::Exchange;
use crate::driver::{Driver, DriverError};
use crate::verdict::{Deviation, Kind, Sighting, StepRecord};
use crate::wire::Details;

/// How many exchanges of a step are kept, as the last ones: enough for a reading of every view before and after.
const EXCHANGES_KEPT: usize = 24;

/// How many sightings of a step are kept.
const SIGHTINGS_KEPT: usize = 200;

/// Whether a cluster has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has.
    Yes,
    /// It has not, in time.
    TimedOut,
    /// The overview cannot be read any more, so nothing can be judged.
    Blind,
    /// Somebody asked to stop.
    Interrupted,
}

/// A cluster under observation.
pub struct Session<'a> {
    /// What is observed.
    pub site: &'a Site,
    /// Who carries out steps.
    pub driver: &'a dyn Driver,
    /// What is believed.
    pub belief: Belief,
    /// What was found.
    pub findings: Vec<Deviation>,
    /// The step under way.
    pub record: StepRecord,
    /// What the driver could not do beside a step.
    pub trouble: Option<String>,
    stop: &'a AtomicBool,
    since: Since,
    explained_since: bool,
    after_approve: bool,
    muted: BTreeSet<View>,
    forgiving: bool,
    began: Instant,
}

/// What one reading of every view came to.
struct Round {
    /// Some hypothesis in which nothing is left to happen explains every answer of the round.
    calm: bool,
    /// Why nobody answered though somebody serves in every explanation.
    unanswered: Option<(View, Exchange)>,
    /// The overview was of another shape.
    blind: bool,
}

impl<'a> Session<'a> {
    /// A session that starts from this belief.
    #[must_use]
    pub fn new(
        site: &'a Site,
        driver: &'a dyn Driver,
        belief: Belief,
        stop: &'a AtomicBool,
    ) -> Self {
        Self {
            site,
            driver,
            belief,
            findings: Vec::new(),
            record: record(0, "at the start"),
            trouble: None,
            stop,
            since: Since::Reads,
            explained_since: false,
            after_approve: false,
            muted: BTreeSet::new(),
            forgiving: false,
            began: Instant::now(),
        }
    }

    /// Starts over from this belief, as after a reset.
    pub fn start_from(&mut self, belief: Belief) {
        self.belief = belief;
        self.since = Since::Reads;
        self.explained_since = false;
        self.after_approve = false;
    }

    /// Begins a step, and gives the record of the last one.
    pub fn begin(&mut self, number: usize, deed: &str) -> StepRecord {
        let mut last = std::mem::replace(&mut self.record, record(number, deed));
        if last.deviations.is_empty() {
            last.exchanges.clear();
        }
        last
    }

    /// Whether somebody asked to stop.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn context(&self) -> Context {
        Context {
            since: self.since,
            explained_since: self.explained_since,
            after_approve: self.after_approve,
        }
    }

    fn since(&mut self, since: Since) {
        self.since = since;
        self.explained_since = false;
    }

    fn keep(&mut self, exchange: &Exchange) {
        if self.record.exchanges.len() == EXCHANGES_KEPT {
            self.record.exchanges.remove(0);
        }
        self.record.exchanges.push(exchange.clone());
    }

    /// Whether the cluster, once everything has happened that happens by itself, may be one of these.
    #[must_use]
    pub fn may_be_seen_as(&self, expected: &[Seen]) -> bool {
        let mut settled = self.belief.clone();
        settled.settle();
        settled
            .states()
            .into_iter()
            .any(|cluster| expected.contains(&Seen::of(cluster)))
    }

    /// Notes that only reads follow.
    pub fn only_reads(&mut self) {
        self.since(Since::Reads);
    }

    /// Asks the driver for a step on a node.
    ///
    /// # Errors
    /// [`DriverError`] when it cannot be asked for; the belief then holds that it may have been all the same.
    pub async fn request(&mut self, id: NodeId, request: Request) -> Result<(), DriverError> {
        self.belief.close();
        let from = self
            .belief
            .hypotheses()
            .next()
            .map_or(Phase::Active, |hypothesis| {
                hypothesis.cluster.node(id).phase
            });
        let possible = self.belief.can_take(id, request);
        self.belief.request(id, request);
        self.since(Since::Asked(id, request, from));
        self.after_approve = false;
        let site = self.site;
        site.log.step(site.id(id), &site.dictionary, request);
        match self.driver.request(id, request).await {
            // Whoever refuses a step that the model says comes to nothing is right.
            Err(DriverError::Failed { .. }) if !possible => Ok(()),
            other => other,
        }
    }

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
                    let rule = shape_rule(view, &fault);
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

    /// Names the rule that an inexplicable answer breaks, and goes on from what was seen.
    async fn judge(&mut self, view: View, seen: &Observation, exchange: &Exchange) {
        let again = self.read_again().await;
        let rule = blame::unexplained(&self.belief, &self.context(), seen, &again);
        if !self.forgiving {
            let name = self.site.view_name(view);
            self.found_unexplained(rule, &name, view, seen, exchange);
        }
        self.forgiving = false;
        self.adopt(view, seen, &again);
    }

    fn found_unexplained(
        &mut self,
        rule: Rule,
        name: &str,
        view: View,
        seen: &Observation,
        exchange: &Exchange,
    ) {
        let allowed = self.site.allowed(&self.belief, view);
        let nearest = match seen {
            Observation::Overview(overview) => self.site.nearest(&self.belief, overview),
            Observation::State(..) | Observation::Node(..) => None,
        };
        let words = self.site.seen_words(seen);
        self.find(
            Kind::WrongAnswer,
            rule,
            name.to_owned(),
            allowed,
            words,
            nearest,
            Some(exchange),
        );
    }

    /// Reads every view once more, without believing anything.
    async fn read_again(&mut self) -> Views {
        let mut views = Views {
            overview: None,
            state: None,
            nodes: vec![None; self.site.dictionary.ids.len()],
        };
        for view in self.site.views() {
            let read = self.site.read(view).await;
            if let Read::Seen(answer, exchange) = read {
                self.keep(&exchange);
                if !words_missing(self.site.dictionary.profile, &answer.seen).is_empty() {
                    continue;
                }
                match answer.seen {
                    Observation::Overview(overview) => views.overview = Some(overview),
                    Observation::State(status, id, node) => views.state = Some((status, id, node)),
                    Observation::Node(id, node) => views.nodes[id.index()] = Some(node),
                }
            }
        }
        views
    }

    /// Goes on from what was seen.
    fn adopt(&mut self, view: View, seen: &Observation, again: &Views) {
        let latest = match (&again.overview, seen) {
            (Some(overview), _) => overview,
            (None, Observation::Overview(overview)) => overview,
            (None, Observation::State(..) | Observation::Node(..)) => {
                self.muted.insert(view);
                return;
            }
        };
        if view == View::Overview && blame::odd_overview(&self.belief, again).is_some() {
            // The other views are right, and the overview is no longer listened to.
            self.muted.insert(view);
            return;
        }
        if self
            .belief
            .clone()
            .observe(&Observation::Overview(latest.clone()))
        {
            // The overview is right: the view that is not is no longer listened to.
            if view != View::Overview {
                self.muted.insert(view);
            }
            return;
        }
        let fits = |hypothesis: &Hypothesis| {
            hypothesis.cluster.served()
                && hypothesis.shows_mode(latest.mode, latest.origin)
                && hypothesis.lists_nodes(&latest.nodes)
        };
        if self.belief.hypotheses().any(fits) {
            self.belief.narrow(fits);
        } else {
            self.belief.adopt(latest);
        }
        let wrong: Vec<WrongStatus> = self
            .belief
            .hypotheses()
            .map(|hypothesis| WrongStatus {
                expected: hypothesis.cluster.status(),
                shown: latest.status,
            })
            .collect();
        for wrong in wrong {
            self.belief.tolerate(wrong);
        }
        let tasks = latest.tasks_pending;
        if self
            .belief
            .hypotheses()
            .any(|hypothesis| tasks.is_some_and(|seen| seen != hypothesis.cluster.tasks_pending))
        {
            self.belief.tolerate_tasks();
        }
        if latest.mode == zdu_model::cluster::Mode::Off
            && latest.origin != zdu_model::belief::SeenVersion::Nothing
        {
            self.belief.tolerate_origin();
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

    fn sight(&mut self, overview: &zdu_model::belief::Overview) {
        let nodes = overview
            .nodes
            .iter()
            .enumerate()
            .map(|(index, node)| {
                format!(
                    "{} {}",
                    self.site.id(NodeId::at(index)),
                    self.site.seen_node(*node)
                )
            })
            .collect();
        let sighting = Sighting {
            at_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            status: Some(overview.status.word().to_owned()),
            mode: self.site.seen_mode(overview),
            nodes,
        };
        self.sighted(sighting);
    }

    fn sight_nobody(&mut self) {
        let sighting = Sighting {
            at_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            status: None,
            mode: "nobody answers".to_owned(),
            nodes: Vec::new(),
        };
        self.sighted(sighting);
    }

    fn sighted(&mut self, sighting: Sighting) {
        let same = self.record.sightings.last().is_some_and(|last| {
            (&last.status, &last.mode, &last.nodes)
                == (&sighting.status, &sighting.mode, &sighting.nodes)
        });
        if !same && self.record.sightings.len() < SIGHTINGS_KEPT {
            self.record.sightings.push(sighting);
        }
    }

    /// Notes a finding; a rule that is broken again is only counted.
    #[expect(
        clippy::too_many_arguments,
        reason = "a deviation has this many parts, and each is named where it is found"
    )]
    pub fn find(
        &mut self,
        kind: Kind,
        rule: Rule,
        view: String,
        allowed: Vec<String>,
        seen: String,
        nearest: Option<String>,
        exchange: Option<&Exchange>,
    ) {
        if !self.record.deviations.contains(&rule) {
            self.record.deviations.push(rule);
        }
        if let Some(known) = self
            .findings
            .iter_mut()
            .find(|known| known.rule == rule && known.kind == kind)
        {
            known.again += 1;
            return;
        }
        self.findings.push(Deviation {
            kind,
            rule,
            step: self.record.number,
            deed: self.record.deed.clone(),
            view,
            allowed,
            seen,
            nearest,
            exchange: exchange.cloned(),
            waived: None,
            again: 0,
        });
    }
}

fn record(number: usize, deed: &str) -> StepRecord {
    StepRecord {
        number,
        deed: deed.to_owned(),
        answers: Vec::new(),
        sightings: Vec::new(),
        settled_ms: None,
        deviations: Vec::new(),
        exchanges: Vec::new(),
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

const fn view_rule(view: View) -> Rule {
    match view {
        View::Overview => Rule::Api1,
        View::State => Rule::Api3,
        View::Node(_) => Rule::Api4,
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
