//! A cluster under observation: what is believed of it, what was done to it, what was found.
//!
//! Every answer goes through the belief set of section 8. One that nothing explains becomes a deviation under one rule,
//! and what was seen is adopted, so that one fault neither hides nor multiplies others.

mod calls;
mod judge;
mod settle;
mod told;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use zdu_model::judge::belief::{Belief, Request};
use zdu_model::judge::blame::{Context, Since};
use zdu_model::spec::node::{NodeId, Phase};
use zdu_model::spec::rule::Rule;
use zdu_model::traces::trace::Seen;

use super::site::{Site, View};
use crate::client::Exchange;
use crate::driver::{Driver, DriverError};
use crate::verdict::{Deviation, Kind, Sighting, StepRecord};

/// How many exchanges of a step are kept, as the last ones: enough for a reading of every view before and after.
const EXCHANGES_KEPT: usize = 24;

/// How often a step is asked for again that may have come too early.
const ASKED_AGAIN_MAX: usize = 3;

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
    /// Views that are wrong in themselves, and no longer listened to.
    muted: BTreeSet<View>,
    /// Nodes whose own view never came to agree (API-11).
    disagreeing: BTreeSet<NodeId>,
    forgiving: bool,
    began: Instant,
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
            disagreeing: BTreeSet::new(),
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
    pub fn begin(&mut self, number: usize, action: &str) -> StepRecord {
        let mut last = std::mem::replace(&mut self.record, record(number, action));
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
        settled.states().into_iter().any(|cluster| expected.contains(&Seen::of(cluster)))
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
            .map_or(Phase::Active, |hypothesis| hypothesis.cluster.node(id).phase);
        let possible = self.belief.can_take(id, request);
        let certain = self.belief.must_take(id, request);
        self.belief.request(id, request);
        self.since(Since::Asked(id, request, from));
        self.after_approve = false;
        let site = self.site;
        site.log.step(site.id(id), &site.dictionary, request);
        let mut asked = self.driver.request(id, request).await;
        for _ in 0..ASKED_AGAIN_MAX {
            match asked {
                // Whoever refuses a step that the model says comes to nothing is right.
                Err(DriverError::Failed { .. }) if !possible => return Ok(()),
                // The node may not have come as far as it must, and nothing shows whether it has.
                Err(DriverError::Failed { .. }) if !certain && !self.interrupted() => {
                    tokio::time::sleep(self.site.timing.quiet).await;
                    asked = self.driver.request(id, request).await;
                }
                other => return other,
            }
        }
        asked
    }

    /// Whether the node may be one that is no longer listed.
    fn may_be_removed(&self, id: NodeId) -> bool {
        self.belief.hypotheses().any(|hypothesis| hypothesis.lists_node(id, None))
    }

    fn sight(&mut self, overview: &zdu_model::judge::belief::Overview) {
        let nodes = overview
            .nodes
            .iter()
            .enumerate()
            .map(|(index, node)| {
                format!("{} {}", self.site.id(NodeId::at(index)), self.site.seen_node(*node))
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
    pub fn find(&mut self, found: Finding<'_>) {
        if !self.record.deviations.contains(&found.rule) {
            self.record.deviations.push(found.rule);
        }
        let same = |known: &&mut Deviation| known.rule == found.rule && known.kind == found.kind;
        if let Some(known) = self.findings.iter_mut().find(same) {
            known.again += 1;
            return;
        }
        self.findings.push(Deviation {
            kind: found.kind,
            rule: found.rule,
            step: self.record.number,
            action: self.record.action.clone(),
            view: found.view,
            allowed: found.allowed,
            seen: found.seen,
            nearest: found.nearest,
            exchange: found.exchange.cloned(),
            waived: None,
            again: 0,
        });
    }
}

/// What whoever finds a deviation knows of it; the step under way is added by the session.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    /// Which kind of finding it is.
    pub kind: Kind,
    /// The rule that is broken.
    pub rule: Rule,
    /// Where it was seen.
    pub view: String,
    /// All that was allowed there.
    pub allowed: Vec<String>,
    /// What was seen.
    pub seen: String,
    /// In what the nearest allowed answer differs.
    pub nearest: Option<String>,
    /// The exchange that showed it.
    pub exchange: Option<&'a Exchange>,
}

fn record(number: usize, action: &str) -> StepRecord {
    StepRecord {
        number,
        action: action.to_owned(),
        answers: Vec::new(),
        sightings: Vec::new(),
        settled_ms: None,
        deviations: Vec::new(),
        exchanges: Vec::new(),
    }
}

const fn view_rule(view: View) -> Rule {
    match view {
        View::Overview => Rule::Api1,
        View::State => Rule::Api3,
        View::Node(_) => Rule::Api4,
    }
}
