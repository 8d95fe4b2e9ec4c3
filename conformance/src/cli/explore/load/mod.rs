//! Which path does a trace take, a counterexample, or a run that was made? Each is walked in the model, so that it can be
//! looked at step by step.
//!
//! A counterexample is the JSON of `zdu check --format json`, or a run in the informal trace format. What a trace or a run leaves
//! open is looked for (`follow`); a run is in a report or a recording (`made`).

mod follow;
mod made;

use serde_json::Value;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::spec::transition::Transition;
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::trace::{SCHEMA, Trace};

use crate::cli::itf;
use follow::{Done, follow};
use made::Made;

/// Which part of what is loaded is meant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part<'a> {
    /// The trace of a run.
    pub(super) trace: Option<&'a str>,
    /// The step after which one begins to look.
    pub(super) step: Option<usize>,
}

/// Where one begins to look.
#[derive(Clone, Debug, Default)]
pub(super) struct Loaded {
    /// The way there.
    pub(super) path: Vec<Transition>,
    /// What is to be seen there.
    pub(super) note: Option<String>,
}

/// The size and family of the cluster that a run was made on, as far as the run tells; else what was `asked` for.
pub(super) fn scope(given: &str, part: Part<'_>, asked: Scope) -> Result<Scope, String> {
    if let Some(made) = Made::read(given)? {
        return made.scope(part);
    }
    let itf = serde_json::from_str(given).ok().and_then(|json| itf::scope(&json, asked));
    Ok(itf.unwrap_or(asked))
}

/// The path that is meant: a scenario's name, a trace, a run, a check's result, or transitions by name.
pub(super) fn path(
    system: &System<Mutants>,
    given: &str,
    part: Part<'_>,
) -> Result<Loaded, String> {
    let given = given.trim();
    if let Some(made) = Made::read(given)? {
        return made.path(system, part);
    }
    if let Some(name) = part.trace {
        return Err(format!("--trace {name} is for a report or a recording, and this is none"));
    }
    alone(system, given, part.step).map(|path| Loaded { path, note: None })
}

/// The same of what is no run.
fn alone(
    system: &System<Mutants>,
    given: &str,
    step: Option<usize>,
) -> Result<Vec<Transition>, String> {
    if let Some(scenario) = Scenario::named(given) {
        let nodes = u8::try_from(system.scope.nodes).unwrap_or(u8::MAX);
        let trace = scenario.trace_in(system.scope.profile, nodes).ok_or_else(|| {
            let (least, most) = scenario.nodes;
            format!("that scenario is for {least} to {most} nodes in profile {}", scenario.profile)
        })?;
        return of_trace(system, &trace, step);
    }
    if !given.starts_with(['{', '[']) {
        return names(system, given.split([';', '\n']).map(str::trim));
    }
    let json: Value =
        serde_json::from_str(given).map_err(|error| format!("this is not JSON: {error}"))?;
    if json["schema"] == SCHEMA {
        let trace = Trace::parse(given).map_err(|error| error.to_string())?;
        return of_trace(system, &trace, step);
    }
    if json["vars"].is_array() && json["states"].is_array() {
        return itf::read(system, &json);
    }
    let found = counterexample(&json).ok_or("there is no trace and no counterexample in it")?;
    names(system, found.iter().filter_map(|step| step["transition"].as_str()))
}

/// The transition with this name.
pub(super) fn named(system: &System<Mutants>, name: &str) -> Option<Transition> {
    let squeezed = |name: &str| name.to_lowercase().replace(' ', "");
    (system.scope.transitions().into_iter())
        .find(|transition| squeezed(&transition.to_string()) == squeezed(name))
}

fn names<'a>(
    system: &System<Mutants>,
    names: impl Iterator<Item = &'a str>,
) -> Result<Vec<Transition>, String> {
    names
        .filter(|name| !name.is_empty())
        .map(|name| {
            named(system, name).ok_or_else(|| {
                format!("`{name}` is no scenario, no file, and no transition of this cluster")
            })
        })
        .collect()
}

/// The steps of the first counterexample in a check's result; of a lasso its stem and one turn.
fn counterexample(json: &Value) -> Option<Vec<&Value>> {
    if let Some(steps) = json.as_array() {
        return Some(steps.iter().collect());
    }
    if let (Some(stem), Some(turn)) = (json["stem"].as_array(), json["loop"].as_array()) {
        return Some(stem.iter().chain(turn).collect());
    }
    // What `zdu path` prints.
    if json["path"].is_array() {
        return counterexample(&json["path"]);
    }
    let properties = json["properties"].as_array()?.iter();
    properties
        .filter(|property| !property["counterexample"].is_null())
        .find_map(|property| counterexample(&property["counterexample"]))
}

/// The first path on which everything is seen that the trace says, up to what this step does where one is given.
fn of_trace(
    system: &System<Mutants>,
    trace: &Trace,
    to: Option<usize>,
) -> Result<Vec<Transition>, String> {
    if trace.scope() != system.scope {
        return Err(format!(
            "that trace is for {} nodes, {} versions, profile {}; start with: zdu explore --nodes {} --versions {} --profile {}",
            trace.nodes, trace.versions, trace.profile, trace.nodes, trace.versions, trace.profile
        ));
    }
    let mut steps: Vec<Done> =
        (trace.steps.iter()).map(|step| Done::of(step, system.scope)).collect::<Result<_, _>>()?;
    if let Some(to) = to {
        steps.truncate(to);
        if let (Some(last), true) = (steps.last_mut(), to <= trace.steps.len()) {
            last.then = follow::Then::Anything;
        }
    }
    follow(system, Vec::new(), &steps).map_err(|stuck| {
        let name = trace.steps[stuck.step].name();
        format!("step {} ({name}) cannot be followed here", stuck.step + 1)
    })
}
