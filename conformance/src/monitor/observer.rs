//! Overviews one after the other: what changed, and what nothing explains.

use zdu_model::judge::belief::{Observation, Overview, SeenVersion, words_missing};
use zdu_model::judge::event::{Silence, View};
use zdu_model::judge::finding::{Allowed, Finding, Names, Place, Sight};
use zdu_model::judge::served::{Fault, Misshape};
use zdu_model::judge::watch::Watch;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;

use crate::recording::{Recorded, exchange};
use crate::verdict::{Command, Found, Kind, Sighting, Stage, StepRecord, TraceResult};
use crate::wire::Dictionary;
use crate::words::{self, Words};

/// How many sightings a report keeps, so that memory stays flat.
const SIGHTINGS_KEPT: usize = 2000;

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The cluster is listed otherwise than before, if it was listed.
    Listed(Option<Overview>, Overview),
    /// Nobody answers any more.
    Nobody(Silence),
    /// Something is wrong.
    Found(Box<Finding>),
}

impl Change {
    /// The change in one line, and the rule that is broken, if one is.
    #[must_use]
    pub fn words(&self, names: &Names) -> (Option<Rule>, String) {
        let say = Words::new(names);
        match self {
            Self::Listed(before, now) => (None, say.change(before.as_ref(), now).join("; ")),
            Self::Nobody(silence) => {
                (None, format!("nobody answers ({})", words::silence(silence)))
            }
            Self::Found(found) => (Some(found.rule), say.line(found)),
        }
    }
}

/// Watches one cluster.
#[derive(Debug)]
pub struct Observer {
    dictionary: Dictionary,
    watch: Watch,
    restart_ms: u64,
    last: Option<(u64, Option<Overview>)>,
    readings: usize,
    told: Vec<(Rule, Place, Sight)>,
    record: StepRecord,
    findings: Vec<Found>,
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
            dictionary,
            watch: Watch::new(scope),
            restart_ms,
            last: None,
            readings: 0,
            told: Vec::new(),
            record: StepRecord::new(0, Stage::Watch),
            findings: Vec::new(),
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

    /// What was seen last; `None` when nobody answered.
    #[must_use]
    pub fn last(&self) -> Option<&Overview> {
        self.last.as_ref().and_then(|(_, seen)| seen.as_ref())
    }

    /// Takes a reading in, and says what there is to tell.
    pub fn overview(&mut self, at_ms: u64, answer: &Recorded) -> Vec<Change> {
        self.readings += 1;
        self.ended_ms = at_ms;
        match answer.code {
            None | Some(429 | 502..=504) => return self.nobody(at_ms, answer),
            Some(200) => {}
            Some(code) => {
                let fault = Fault::Code { code, location: None };
                return self.misshapen(at_ms, Misshape { place: String::new(), fault }, answer);
            }
        }
        let overview = match self.dictionary.overview(&answer.body()) {
            Err(misshape) => return self.misshapen(at_ms, misshape, answer),
            Ok(parsed) => match parsed.seen {
                Observation::Overview(overview) => overview,
                Observation::State(..) | Observation::Node(..) => return Vec::new(),
            },
        };
        let mut changes = self.changed(at_ms, &overview);
        let seen = Observation::Overview(overview.clone());
        let missing = words_missing(self.dictionary.profile, &seen);
        let foreign = matches!(overview.origin, SeenVersion::Foreign(_))
            || (overview.nodes.iter().flatten())
                .any(|node| matches!(node.version, SeenVersion::Foreign(_)));
        if foreign || !missing.is_empty() {
            self.watch.lose_sight();
            let seen = Sight::Unmodelled {
                words: missing.iter().map(|word| (*word).to_owned()).collect(),
                versions: if foreign { vec!["of a node".into()] } else { Vec::new() },
            };
            let rule = Rule::Api1;
            changes.extend(self.find(at_ms, Kind::Unmodelled, rule, None, seen, answer));
        } else {
            let close = (self.last.as_ref())
                .is_some_and(|(last, _)| at_ms.saturating_sub(*last) < self.restart_ms);
            for found in self.watch.see(&overview, close) {
                let allowed = Some(found.allowed);
                let kind = Kind::WrongAnswer;
                changes.extend(self.find(at_ms, kind, found.rule, allowed, found.seen, answer));
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
        let code = answer.code.map_or(Silence::TimedOut, Silence::Code);
        self.sighted(at_ms, None);
        vec![Change::Nobody(answer.failure.clone().unwrap_or(code))]
    }

    fn misshapen(&mut self, at_ms: u64, fault: Misshape, answer: &Recorded) -> Vec<Change> {
        self.watch.lose_sight();
        self.last = Some((at_ms, None));
        let (allowed, seen) = (Some(Allowed::Shape), Sight::Misshapen(fault));
        self.find(at_ms, Kind::WrongAnswer, Rule::Api1, allowed, seen, answer)
    }

    /// What is listed otherwise than before.
    fn changed(&mut self, at_ms: u64, now: &Overview) -> Vec<Change> {
        let before = self.last().cloned();
        if before.as_ref() == Some(now) {
            return Vec::new();
        }
        self.sighted(at_ms, Some(now.clone()));
        vec![Change::Listed(before, now.clone())]
    }

    fn sighted(&mut self, at_ms: u64, seen: Option<Overview>) {
        if self.record.sightings.len() < SIGHTINGS_KEPT {
            self.record.sightings.push(Sighting { at_ms, seen, ghosts: Vec::new() });
        }
    }

    fn find(
        &mut self,
        at_ms: u64,
        kind: Kind,
        rule: Rule,
        allowed: Option<Allowed>,
        seen: Sight,
        answer: &Recorded,
    ) -> Vec<Change> {
        let place = match seen {
            Sight::Node(id, _) => Place::View(View::Node(id)),
            _ => Place::View(View::Overview),
        };
        // A wrong status is seen in every reading until it ends: told once, then counted.
        let key = (rule, place, seen.clone());
        let known = self
            .findings
            .iter_mut()
            .find(|known| known.finding.rule == rule && known.finding.kind == kind);
        if let Some(known) = known {
            known.finding.again += 1;
        }
        if self.told.contains(&key) {
            return Vec::new();
        }
        self.told.push(key);
        let finding = Finding {
            kind,
            rule,
            step: 0,
            place,
            allowed: allowed.into_iter().collect(),
            allowed_more: 0,
            seen,
            nearest: Vec::new(),
            event: self.readings,
            again: 0,
        };
        if !self.record.rules.contains(&rule) {
            self.record.rules.push(rule);
        }
        if !self.findings.iter().any(|it| it.finding.rule == rule && it.finding.kind == kind) {
            let exchange = Some(exchange("overview", answer));
            let finding = finding.clone();
            self.findings.push(Found { finding, at_ms: Some(at_ms), exchange, waived: None });
        }
        vec![Change::Found(Box::new(finding))]
    }

    /// What is said of the whole watch.
    #[must_use]
    pub fn result(self, name: &str, replay: Command) -> TraceResult {
        let mut result =
            TraceResult::new(name, "what was seen of a cluster that others drive", replay);
        result.steps = self.readings;
        result.seconds = std::time::Duration::from_millis(self.ended_ms).as_secs_f64();
        result.rules = vec![Rule::Api1];
        result.findings = self.findings;
        result.timeline = vec![self.record];
        result.conclude();
        result
    }
}
