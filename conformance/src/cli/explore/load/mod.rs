//! Which path does a trace take, a counterexample, or a run that was made? Each is walked in the model, so that it can be
//! looked at step by step.
//!
//! A counterexample is the JSON of `zdu check --format json`, or a run in the informal trace format. What a trace or a run leaves
//! open is looked for (`follow`); a run is in a report or a recording (`made`).

mod follow;
mod made;

use serde_json::Value;
use zdu_model::check::path::Path;
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::spec::transition::Transition;
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::trace::{SCHEMA, Trace};

use crate::cli::scope::ScopeArgs;
use crate::cli::{itf, saved};
use crate::verdict::Command;
use follow::{Done, follow};
use made::Made;

/// Which part of what is loaded is meant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part<'a> {
    /// The trace of a run.
    pub(super) trace: Option<&'a str>,
    /// The step after which one begins to look.
    pub(super) step: Option<usize>,
    /// The words that load it again, behind `zdu explore` and the model's flags.
    pub(super) again: &'a [String],
}

impl Part<'_> {
    /// The command that begins with this model.
    fn command(&self, model: &str) -> Command {
        let flags = model.split_whitespace().map(str::to_owned);
        Command::zdu(["explore"]).with(flags).with(self.again.iter().cloned())
    }
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
    alone(system, given, part).map(|path| Loaded { path, note: None })
}

/// The same of what is no run.
fn alone(system: &System<Mutants>, given: &str, part: Part<'_>) -> Result<Vec<Transition>, String> {
    if let Some(scenario) = Scenario::named(given) {
        let nodes = u8::try_from(system.scope.nodes).unwrap_or(u8::MAX);
        let trace = scenario.trace_in(system.scope.profile, nodes).ok_or_else(|| {
            let (least, most) = scenario.nodes;
            format!("that scenario is for {least} to {most} nodes in profile {}", scenario.profile)
        })?;
        return of_trace(system, &trace, part);
    }
    if !given.starts_with(['{', '[']) {
        return names(system, given.split([';', '\n']).map(str::trim));
    }
    let json: Value =
        serde_json::from_str(given).map_err(|error| format!("this is not JSON: {error}"))?;
    if json["schema"] == SCHEMA {
        let trace = Trace::parse(given).map_err(|error| error.to_string())?;
        return of_trace(system, &trace, part);
    }
    if json["vars"].is_array() && json["states"].is_array() {
        let (start, path) = itf::read(system, &json)?;
        return from_the_start(system, start, path);
    }
    let found = run(&json).ok_or("there is no trace and no run in it")?;
    // Of a proof for every size each run has a size of its own.
    let start = found.iter().find_map(|step| serde_json::from_value(step["cluster"].clone()).ok());
    let nodes = start.as_ref().map(|start: &Cluster| start.nodes.len());
    if let Some(said) = ScopeArgs::said(&json, nodes)
        && said.system() != *system
    {
        return Err(of_another(&said, part));
    }
    let path = names(system, found.iter().filter_map(|step| step["transition"].as_str()))?;
    match start {
        Some(start) if nodes == Some(system.scope.nodes) => from_the_start(system, start, path),
        Some(_) | None => Ok(path),
    }
}

/// Why a run cannot be walked in the model that one looks at, and what to type.
fn of_another(model: &ScopeArgs, part: Part<'_>) -> String {
    let Scope { nodes, versions, profile } = model.scope();
    let planted = model.planted().map_or_else(String::new, |planted| format!(", {planted}"));
    format!(
        "that is of {nodes} nodes, {versions} versions, profile {profile}{planted}; start with: {}",
        part.command(&model.flags())
    )
}

/// A path that begins in this state, after a shortest one from the initial state to there.
fn from_the_start(
    system: &System<Mutants>,
    start: Cluster,
    path: Vec<Transition>,
) -> Result<Vec<Transition>, String> {
    let there = saved::from_the_start(system, &Path::from(start)).map_err(|error| error.message)?;
    Ok(there.steps.into_iter().map(|(transition, _)| transition).chain(path).collect())
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
                format!(
                    "`{name}` is no scenario (zdu suite --list), no file, and no transition of this cluster"
                )
            })
        })
        .collect()
}

/// The steps of the first counterexample in a check's result, or else of what was asked to be reached; of a lasso its stem
/// and one turn.
fn run(json: &Value) -> Option<Vec<&Value>> {
    if let Some(steps) = json.as_array() {
        return Some(steps.iter().collect());
    }
    if let (Some(stem), Some(turn)) = (json["stem"].as_array(), json["loop"].as_array()) {
        return Some(stem.iter().chain(turn).collect());
    }
    // What `zdu path` prints.
    if json["path"].is_array() {
        return run(&json["path"]);
    }
    let properties = json["properties"].as_array()?;
    let counterexample = properties.iter().find_map(|property| run(&property["counterexample"]));
    let asked = |property: &&Value| property["kind"] == "own";
    counterexample
        .or_else(|| properties.iter().filter(asked).find_map(|property| run(&property["example"])))
}

/// The first path on which everything is seen that the trace says, up to what this step does where one is given.
fn of_trace(
    system: &System<Mutants>,
    trace: &Trace,
    part: Part<'_>,
) -> Result<Vec<Transition>, String> {
    if trace.scope() != system.scope {
        return Err(of_another(&ScopeArgs::plain(trace.scope()), part));
    }
    let mut steps: Vec<Done> =
        (trace.steps.iter()).map(|step| Done::of(step, system.scope)).collect::<Result<_, _>>()?;
    if let Some(to) = part.step {
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
