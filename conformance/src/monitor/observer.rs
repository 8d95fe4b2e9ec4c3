//! Overviews one after the other: what changed, and what nothing explains.

use std::collections::BTreeSet;

use zdu_model::judge::belief::{Observation, Overview, SeenVersion, words_missing};
use zdu_model::judge::watch::Watch;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;

use super::words::Words;
use crate::recording::{Recorded, exchange};
use crate::verdict::{Deviation, Kind, Sighting, StepRecord, TraceResult};
use crate::wire::Dictionary;

/// How many sightings a report keeps, so that memory stays flat.
const SIGHTINGS_KEPT: usize = 2000;

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Milliseconds since the watch began.
    pub at_ms: u64,
    /// What changed, or what is wrong.
    pub words: String,
    /// The rule that is broken, if one is.
    pub rule: Option<Rule>,
}

/// Watches one cluster.
#[derive(Debug)]
pub struct Observer {
    words: Words,
    watch: Watch,
    restart_ms: u64,
    last: Option<(u64, Option<Overview>)>,
    readings: usize,
    told: BTreeSet<(Rule, String)>,
    record: StepRecord,
    deviations: Vec<Deviation>,
    ended_ms: u64,
}

impl Observer {
    /// An observer that has seen nothing; no node restarts faster than `restart_ms`.
    #[must_use]
    pub fn new(dictionary: Dictionary, restart_ms: u64) -> Self {
        let scope = Scope {
            profile: dictionary.profile,
            nodes: dictionary.ids.len(),
            versions: u8::try_from(dictionary.versions.len()).unwrap_or(u8::MAX),
        };
        Self {
            words: Words::new(dictionary),
            watch: Watch::new(scope),
            restart_ms,
            last: None,
            readings: 0,
            told: BTreeSet::new(),
            record: StepRecord {
                number: 0,
                action: "watch".to_owned(),
                answers: Vec::new(),
                sightings: Vec::new(),
                settled_ms: None,
                deviations: Vec::new(),
                exchanges: Vec::new(),
            },
            deviations: Vec::new(),
            ended_ms: 0,
        }
    }

    /// How many readings there were.
    #[must_use]
    pub const fn readings(&self) -> usize {
        self.readings
    }

    /// Whether the last reading was answered.
    #[must_use]
    pub fn answered(&self) -> bool {
        self.last.as_ref().is_some_and(|(_, seen)| seen.is_some())
    }

    /// Takes a reading in, and says what there is to tell.
    pub fn overview(&mut self, at_ms: u64, answer: &Recorded) -> Vec<Change> {
        self.readings += 1;
        self.ended_ms = at_ms;
        match answer.code {
            None | Some(429 | 502..=504) => return self.nobody(at_ms, answer),
            Some(200) => {}
            Some(code) => {
                let fault = format!("{code}; 200 was due");
                return self.misshapen(at_ms, fault, answer);
            }
        }
        let overview = match self.words.dictionary().overview(&answer.body()) {
            Err(misshape) => return self.misshapen(at_ms, misshape.to_string(), answer),
            Ok(parsed) => match parsed.seen {
                Observation::Overview(overview) => overview,
                Observation::State(..) | Observation::Node(..) => return Vec::new(),
            },
        };
        let mut changes = self.changed(at_ms, &overview);
        let seen = Observation::Overview(overview.clone());
        let missing = words_missing(self.words.dictionary().profile, &seen);
        let foreign = matches!(overview.origin, SeenVersion::Foreign(_))
            || (overview.nodes.iter().flatten())
                .any(|node| matches!(node.version, SeenVersion::Foreign(_)));
        if foreign || !missing.is_empty() {
            let words = if foreign {
                "a version is seen that is not in `versions`; what it means cannot be judged"
                    .to_owned()
            } else {
                format!("{}: the model of this profile has no such state", missing.join(", "))
            };
            self.watch.lose_sight();
            changes.extend(self.find(
                at_ms,
                Kind::Unmodelled,
                Rule::Api1,
                None,
                String::new(),
                words,
                answer,
            ));
        } else {
            let close = (self.last.as_ref())
                .is_some_and(|(last, _)| at_ms.saturating_sub(*last) < self.restart_ms);
            for found in self.watch.see(&overview, close) {
                let (allowed, seen) =
                    (self.words.named(&found.allowed), self.words.named(&found.seen));
                changes.extend(self.find(
                    at_ms,
                    Kind::WrongAnswer,
                    found.rule,
                    found.node,
                    allowed,
                    seen,
                    answer,
                ));
            }
        }
        self.last = Some((at_ms, Some(overview)));
        changes
    }

    fn nobody(&mut self, at_ms: u64, answer: &Recorded) -> Vec<Change> {
        let silent = matches!(self.last, Some((_, None)));
        self.watch.lose_sight();
        self.last = Some((at_ms, None));
        if silent {
            return Vec::new();
        }
        let why =
            (answer.failure.clone()).unwrap_or_else(|| format!("{}", answer.code.unwrap_or(0)));
        self.sighted(at_ms, None, "nobody answers".to_owned(), Vec::new());
        vec![Change { at_ms, words: format!("nobody answers ({why})"), rule: None }]
    }

    fn misshapen(&mut self, at_ms: u64, fault: String, answer: &Recorded) -> Vec<Change> {
        self.watch.lose_sight();
        self.last = Some((at_ms, None));
        let due = "200 with the cluster as JSON".to_owned();
        self.find(at_ms, Kind::WrongAnswer, Rule::Api1, None, due, fault, answer)
    }

    /// What is listed otherwise than before.
    fn changed(&mut self, at_ms: u64, now: &Overview) -> Vec<Change> {
        let nodes = |view: &Overview| -> Vec<String> {
            (view.nodes.iter().enumerate())
                .map(|(index, node)| self.words.node(NodeId::at(index), *node))
                .collect()
        };
        let (mode, listed) = (self.words.mode(now), nodes(now));
        let mut parts = Vec::new();
        match self.last.as_ref().and_then(|(_, seen)| seen.as_ref()) {
            None => parts.push(format!("{}, {mode}: {}", now.status, listed.join(", "))),
            Some(before) => {
                if before.status != now.status {
                    parts.push(format!("{} -> {}", before.status, now.status));
                }
                let was = self.words.mode(before);
                if was != mode {
                    parts.push(format!("{was} -> {mode}"));
                }
                for (was, is) in nodes(before).iter().zip(&listed) {
                    if was != is {
                        parts.push(format!("{was} -> {is}"));
                    }
                }
            }
        }
        if parts.is_empty() {
            return Vec::new();
        }
        self.sighted(at_ms, Some(now.status.word().to_owned()), mode, listed);
        vec![Change { at_ms, words: parts.join("; "), rule: None }]
    }

    fn sighted(&mut self, at_ms: u64, status: Option<String>, mode: String, nodes: Vec<String>) {
        if self.record.sightings.len() < SIGHTINGS_KEPT {
            self.record.sightings.push(Sighting { at_ms, status, mode, nodes });
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a finding has this many parts, and each is named where it is found"
    )]
    fn find(
        &mut self,
        at_ms: u64,
        kind: Kind,
        rule: Rule,
        node: Option<NodeId>,
        allowed: String,
        seen: String,
        answer: &Recorded,
    ) -> Vec<Change> {
        let about =
            node.map_or_else(|| "overview".to_owned(), |id| format!("node {}", self.words.id(id)));
        // A wrong status is seen in every reading until it ends: told once, then counted.
        if !self.told.insert((rule, format!("{about} {seen}"))) {
            if let Some(known) = self.deviations.iter_mut().find(|known| known.rule == rule) {
                known.again += 1;
            }
            return Vec::new();
        }
        let words = if allowed.is_empty() {
            seen.clone()
        } else {
            format!("{about}: {seen}; allowed: {allowed}")
        };
        if let Some(known) =
            (self.deviations.iter_mut()).find(|known| known.rule == rule && known.kind == kind)
        {
            known.again += 1;
        } else {
            self.record.deviations.push(rule);
            self.deviations.push(Deviation {
                kind,
                rule,
                step: 0,
                action: format!(
                    "watch, after {:.1} s",
                    std::time::Duration::from_millis(at_ms).as_secs_f64()
                ),
                view: about,
                allowed: vec![allowed],
                seen,
                nearest: None,
                exchange: Some(exchange("overview", answer)),
                waived: None,
                again: 0,
            });
        }
        vec![Change { at_ms, words, rule: Some(rule) }]
    }

    /// What is said of the whole watch.
    #[must_use]
    pub fn result(self, name: &str, replay: &str) -> TraceResult {
        let mut result =
            TraceResult::of_run(name, "what was seen of a cluster that others drive", replay);
        result.steps = self.readings;
        result.seconds = std::time::Duration::from_millis(self.ended_ms).as_secs_f64();
        result.rules = vec![Rule::Api1];
        result.deviations = self.deviations;
        result.timeline = vec![self.record];
        crate::replay::conclude(&mut result);
        result
    }
}
