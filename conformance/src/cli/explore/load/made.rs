//! Where did a run that was made part from the model? A report's trace or a recording's, walked up to the step where that was
//! found, with what was seen and allowed there.
//!
//! A replay is followed by what was done and then seen; of a watch, which others drove, some way is looked for from each thing
//! that was seen to the next.

use serde::Deserialize;
use zdu_model::judge::finding::Names;
use zdu_model::judge::seen::Overview;
use zdu_model::judge::text::Text;
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Scope, Semantics as _, System};
use zdu_model::spec::transition::Transition;
use zdu_model::ways::route::way_where;

use super::follow::{Done, Then, follow, lists, shows};
use super::{Loaded, Part};
use crate::cli::explore::bounds::STATES_MAX;
use crate::recording::{self, Recording};
use crate::verdict::{self, Command, Found, Stage, StepRecord, TraceResult};
use crate::words::Words;

/// A run that was made.
pub(super) struct Made {
    profile: Profile,
    names: Names,
    traces: Vec<Ran>,
}

/// A trace as it ran.
#[derive(Deserialize)]
struct Ran {
    name: Text,
    #[serde(default)]
    reason: Option<String>,
    timeline: Vec<StepRecord>,
    findings: Vec<Parted>,
}

/// Where it parted.
#[derive(Deserialize)]
struct Parted {
    #[serde(flatten)]
    found: Found,
    words: Told,
}

#[derive(Deserialize)]
struct Told {
    at: String,
    allowed: Vec<String>,
    seen: String,
}

/// A report's file, as far as it is needed.
#[derive(Deserialize)]
struct Report {
    profile: Profile,
    names: Names,
    traces: Vec<Ran>,
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

impl Made {
    /// The run of a report's or a recording's text; `None` where it is neither.
    pub(super) fn read(given: &str) -> Result<Option<Self>, String> {
        let given = given.trim();
        let head = |text: &str| serde_json::from_str::<Head>(text).map(|head| head.schema).ok();
        let first = given.lines().next().unwrap_or_default();
        if head(first).is_some_and(|schema| recording::is_read(&schema)) {
            return Recording::parse(given, "the recording")
                .map(|recording| Some(Self::recorded(&recording)))
                .map_err(|error| error.to_string());
        }
        if head(given).is_none_or(|schema| schema != verdict::SCHEMA) {
            return Ok(None);
        }
        let report: Report =
            serde_json::from_str(given).map_err(|error| format!("the report: {error}"))?;
        Ok(Some(Self { profile: report.profile, names: report.names, traces: report.traces }))
    }

    /// The cluster that a trace ran on; on mocks each has its own.
    pub(super) fn scope(&self, part: Part<'_>) -> Result<Scope, String> {
        let seen = |step: &StepRecord| step.sightings.iter().find_map(|it| it.seen.clone());
        let seen = self.trace(part.trace)?.timeline.iter().find_map(seen);
        Ok(Scope {
            profile: self.profile,
            nodes: seen.map_or(self.names.nodes.len(), |seen| seen.nodes.len()),
            versions: u8::try_from(self.names.versions.len()).unwrap_or(u8::MAX).max(2),
        })
    }

    fn recorded(recording: &Recording) -> Self {
        let names = recording.head.dictionary().names();
        let judged = recording::judge(recording, &Command::default());
        let ran = |trace: TraceResult| {
            let words = Words::new(&names);
            let told = |found: &Found| Told {
                at: words.place_in(&trace, found),
                allowed: words.allowed(&found.finding),
                seen: words.sight(&found.finding.seen),
            };
            let parted = |found: &Found| Parted { found: found.clone(), words: told(found) };
            Ran {
                reason: words.end(&trace),
                findings: trace.findings.iter().map(parted).collect(),
                name: trace.name,
                timeline: trace.timeline,
            }
        };
        let traces = judged.traces.into_iter().map(ran).collect();
        Self { profile: recording.head.profile, names: names.clone(), traces }
    }

    /// The way to where a trace parted, or to the step that is asked for.
    pub(super) fn path(&self, system: &System<Mutants>, part: Part<'_>) -> Result<Loaded, String> {
        let scope = self.scope(part)?;
        if system.scope != scope {
            let Scope { profile, nodes, versions } = scope;
            return Err(format!(
                "that run was made on {nodes} nodes, {versions} versions, profile {profile}; begin with it: zdu explore --load FILE"
            ));
        }
        let ran = self.trace(part.trace)?;
        let parted = match part.step {
            Some(step) => ran.findings.iter().find(|it| it.found.finding.step == step),
            None => ran.findings.iter().min_by_key(|it| it.found.finding.step),
        };
        let path = match ran.timeline.first() {
            Some(watch) if watch.stage == Stage::Watch => {
                ran.watched(system, watch, parted.and_then(|it| it.found.at_ms))
            }
            Some(_) | None => ran.replayed(system, part.step, parted),
        };
        let what = match (parted, &ran.reason) {
            (Some(it), _) => {
                let there = |other: &&Parted| other.found.finding.step == it.found.finding.step;
                let found: Vec<String> =
                    ran.findings.iter().filter(there).map(Parted::told).collect();
                format!("parted at {}\n{}", it.words.at, found.join("\n"))
            }
            (None, Some(reason)) => reason.clone(),
            (None, None) => "nothing was found there".to_owned(),
        };
        let note = format!("{}: {what}{}", ran.name, self.legend());
        Ok(Loaded { path, note: Some(note) })
    }

    fn trace(&self, name: Option<&str>) -> Result<&Ran, String> {
        let mut all = self.traces.iter();
        let found = match name {
            Some(name) => all.find(|ran| ran.name.raw() == name),
            None => all
                .find(|ran| !ran.findings.is_empty())
                .or_else(|| self.traces.iter().find(|ran| !ran.timeline.is_empty())),
        };
        found.ok_or_else(|| {
            let names: Vec<String> = self.traces.iter().map(|ran| ran.name.to_string()).collect();
            format!("there is no such trace in it; there are: {}", names.join(", "))
        })
    }

    /// What the model's words are called there, where that is something else.
    fn legend(&self) -> String {
        let nodes = self.names.nodes.iter().zip(1..).map(|(name, at)| (format!("n{at}"), name));
        let versions = self.names.versions.iter().zip(0..);
        let versions = versions.map(|(name, at)| (format!("v{at}"), name));
        let other = nodes.chain(versions).filter(|(ours, name)| ours != name.raw());
        let told: Vec<String> = other.map(|(ours, name)| format!("{ours} is {name}")).collect();
        if told.is_empty() { String::new() } else { format!("\n({})", told.join(", ")) }
    }
}

impl Parted {
    fn told(&self) -> String {
        let rule = self.found.finding.rule;
        let allowed = self.words.allowed.join("\n       or ");
        format!("  {rule}\n      was {}\n  allowed {allowed}", self.words.seen)
    }
}

impl Ran {
    /// The way of a replay.
    fn replayed(
        &self,
        system: &System<Mutants>,
        to: Option<usize>,
        parted: Option<&Parted>,
    ) -> Vec<Transition> {
        let start = self.timeline.iter().find(|step| step.number == 0).and_then(last_seen);
        let initial = system.scope.initial();
        let begin = match start {
            Some(seen) if !shows(system.scope, &initial, Some(seen)) => {
                towards(system, &initial, |state| shows(system.scope, state, Some(seen)))
                    .unwrap_or_default()
            }
            Some(_) | None => Vec::new(),
        };
        let to = to.or(parted.map(|it| it.found.finding.step)).unwrap_or(usize::MAX);
        let done = |step: &StepRecord| match step.stage {
            Stage::Step(action) if step.number <= to => {
                let then = match step.sightings.last() {
                    // What was seen where it parted is what nothing explains.
                    Some(last) if parted.is_none() || step.number < to => {
                        let settled = step.settled_ms.is_some();
                        Then::Shown { seen: last.seen.clone(), settled }
                    }
                    Some(_) | None => Then::Anything,
                };
                Some(Done { action, answers: step.answers.clone(), then })
            }
            Stage::Step(_) | Stage::Home | Stage::Start | Stage::Watch => None,
        };
        let steps: Vec<Done> = self.timeline.iter().filter_map(done).collect();
        follow(system, begin, &steps).unwrap_or_else(|stuck| stuck.path)
    }

    /// Some way through what was seen up to this moment, as far as there is one.
    fn watched(
        &self,
        system: &System<Mutants>,
        watch: &StepRecord,
        until_ms: Option<u64>,
    ) -> Vec<Transition> {
        let before = |at: u64| until_ms.is_none_or(|until| at <= until);
        let seen = watch.sightings.iter().filter(|it| before(it.at_ms));
        let (mut path, mut here) = (Vec::new(), system.scope.initial());
        for seen in seen.filter_map(|it| it.seen.as_ref()) {
            let on = towards(system, &here, |state| shows(system.scope, state, Some(seen)));
            // What is wrong in the overview may be its status alone.
            let on = on
                .or_else(|| towards(system, &here, |state| lists(system.scope, state, Some(seen))));
            let Some(on) = on else { break };
            here = on.iter().fold(here, |at, it| system.semantics.apply(&at, *it));
            path.extend(on);
        }
        path
    }
}

fn last_seen(step: &StepRecord) -> Option<&Overview> {
    step.sightings.last()?.seen.as_ref()
}

/// A shortest way from a state to one that is meant, whoever takes its steps; `None` where none was found.
fn towards(
    system: &System<Mutants>,
    from: &Cluster,
    is: impl Fn(&Cluster) -> bool,
) -> Option<Vec<Transition>> {
    let route = way_where(system, from, is, STATES_MAX).ok()?;
    Some(route.path.steps.into_iter().map(|(transition, _)| transition).collect())
}
