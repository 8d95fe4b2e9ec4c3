//! What a monitor keeps of a watch: what was seen, what was found and what showed it. The judging is [`Watcher`]'s.

use zdu_model::judge::event::{Answer, Micros};
use zdu_model::judge::watch::{News, Watcher};

use crate::client::Exchange;
use crate::verdict::{Command, Found, Sighting, Stage, StepRecord, TraceResult, Upgrade};
use crate::wire::Dictionary;

/// How many sightings a report keeps, so that memory stays flat.
const SIGHTINGS_KEPT: usize = 2000;

/// Watches one cluster.
#[derive(Clone, Debug)]
pub struct Observer {
    watcher: Watcher,
    record: StepRecord,
    found: Vec<Found>,
    ended: Micros,
}

impl Observer {
    /// An observer that has seen nothing; no node restarts faster than `restart`, where somebody says. With `learns` a version
    /// that comes up is taken for one of the target's.
    #[must_use]
    pub fn new(dictionary: &Dictionary, restart: Option<Micros>, learns: bool) -> Self {
        Self {
            watcher: Watcher::new(dictionary.scope(), dictionary.roster(), restart, learns),
            record: StepRecord::new(0, Stage::Watch),
            found: Vec::new(),
            ended: 0,
        }
    }

    /// Who watches.
    #[must_use]
    pub const fn watcher(&self) -> &Watcher {
        &self.watcher
    }

    /// What was found so far.
    #[must_use]
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// Takes a reading in, and says what there is to tell.
    pub fn hear(
        &mut self,
        (_, now): (Micros, Micros),
        answer: Answer,
        exchange: &Exchange,
    ) -> Vec<News> {
        self.ended = now;
        let news = self.watcher.hear(now, answer);
        for one in &news {
            let seen = match one {
                News::Seen { now, .. } => Some(now.clone()),
                News::Nobody(_) => None,
                News::Found(_) => continue,
            };
            if self.record.sightings.len() < SIGHTINGS_KEPT {
                let ghosts = self.watcher.roster().ghosts().map(|entry| entry.id.clone());
                let ghosts = ghosts.collect();
                self.record.sightings.push(Sighting { at_ms: now / 1000, seen, ghosts });
            }
        }
        for (index, finding) in self.watcher.findings().iter().enumerate() {
            match self.found.get_mut(index) {
                Some(known) => known.finding.again = finding.again,
                None => {
                    self.record.rules.push(finding.rule);
                    self.found.push(Found {
                        at_ms: Some(now / 1000),
                        exchange: Some(exchange.clone()),
                        finding: finding.clone(),
                        waived: None,
                    });
                }
            }
        }
        news
    }

    /// What is said of the whole watch.
    #[must_use]
    pub fn result(self, name: &str, replay: Command) -> TraceResult {
        let why = "what was seen of a cluster that others drive";
        let mut result = TraceResult::new(name, why, replay);
        result.steps = self.watcher.readings();
        result.steps_all = result.steps;
        result.seconds = std::time::Duration::from_micros(self.ended).as_secs_f64();
        result.at_stake = self.watcher.at_stake();
        result.upgrade = Some(Upgrade::of(self.watcher.course(), self.ended));
        result.foreign = self.watcher.roster().foreign().to_vec();
        result.findings = self.found;
        result.timeline = vec![self.record];
        result.conclude();
        result
    }
}
