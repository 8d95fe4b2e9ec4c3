//! Which path does a trace take, or a counterexample? Both are walked in the model, so that they can be looked at step
//! by step.
//!
//! A trace says what is done and what must then be seen; the cluster's own steps in between are looked for: the first
//! way on which everything is seen. A counterexample is the JSON of `zdu check --format json`, or a run in the informal trace
//! format.

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;
use zdu_model::judge::belief::Request;
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::semantics::{Semantics as _, System};
use zdu_model::spec::transition::{Kind, Transition};
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::trace::{Action, SCHEMA, Seen, Step, Trace};

use crate::cli::itf;
use zdu_model::spec::mutants::Mutants;

/// A way on: the steps taken, where they lead, and the nodes whose tasks are to fail.
type Way = (Vec<Transition>, Cluster, BTreeSet<NodeId>);

/// The path that is meant: a scenario's name, a trace, a check's result, or transitions by name.
pub(super) fn path(system: &System<Mutants>, given: &str) -> Result<Vec<Transition>, String> {
    let given = given.trim();
    if let Some(scenario) = Scenario::named(given) {
        let nodes = u8::try_from(system.scope.nodes).unwrap_or(u8::MAX);
        let trace = scenario.trace_in(system.scope.profile, nodes).ok_or_else(|| {
            let (least, most) = scenario.nodes;
            format!("that scenario is for {least} to {most} nodes in profile {}", scenario.profile)
        })?;
        return of_trace(system, &trace);
    }
    if !given.starts_with(['{', '[']) {
        return names(system, given.split([';', '\n']).map(str::trim));
    }
    let json: Value =
        serde_json::from_str(given).map_err(|error| format!("this is not JSON: {error}"))?;
    if json["schema"] == SCHEMA {
        let trace = Trace::parse(given).map_err(|error| error.to_string())?;
        return of_trace(system, &trace);
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

/// The first path on which everything is seen that the trace says.
fn of_trace(system: &System<Mutants>, trace: &Trace) -> Result<Vec<Transition>, String> {
    if trace.scope() != system.scope {
        return Err(format!(
            "that trace is for {} nodes, {} versions, profile {}; start with: zdu explore --nodes {} --versions {} --profile {}",
            trace.nodes, trace.versions, trace.profile, trace.nodes, trace.versions, trace.profile
        ));
    }
    let mut ways: Vec<Way> = vec![(Vec::new(), system.scope.initial(), BTreeSet::new())];
    for (index, step) in trace.steps.iter().enumerate() {
        let mut next: Vec<Way> = Vec::new();
        let mut seen = BTreeSet::new();
        for way in &ways {
            for way in onward(system, step, way)? {
                // Of two ways to one state the first is enough.
                if seen.insert((way.1.clone(), way.2.clone())) {
                    next.push(way);
                }
            }
        }
        if next.is_empty() {
            return Err(format!("step {} ({}) cannot be followed here", index + 1, step.name()));
        }
        ways = next;
    }
    Ok(ways.swap_remove(0).0)
}

/// Every way on after a step; the quickest first.
fn onward(system: &System<Mutants>, step: &Step, way: &Way) -> Result<Vec<Way>, String> {
    let action = step.action(system.scope)?;
    let mut done: Vec<Way> = Vec::new();
    // A request takes effect at once or after something else has happened.
    for (path, cluster, failing) in quiet(system, way) {
        let mut take = |transition: Transition| {
            if system.semantics.enabled(&cluster, transition) {
                let mut path = path.clone();
                path.push(transition);
                let after = system.semantics.apply(&cluster, transition);
                done.push((path, after, failing.clone()));
            }
        };
        match action {
            Action::Call(call) | Action::Race(call, _) => {
                if step.answer.contains(&200) {
                    (call.transitions(system.scope.profile).iter()).for_each(|it| take(*it));
                }
                // Refused, or nobody is there to answer: nothing changes.
                if step.answer != [200] {
                    done.push((path, cluster, failing));
                }
            }
            Action::Request(id, Request::FailTasks) => {
                let failing = failing.iter().copied().chain([id]).collect();
                done.push((path, cluster, failing));
            }
            Action::Request(id, request) => {
                take(request.transition(id));
                if matches!(request, Request::Repair | Request::Install(_)) {
                    done.push((path, cluster, failing));
                }
            }
            Action::Look | Action::UnknownNode | Action::Anonymous | Action::Plain => {
                done.push((path, cluster, failing));
            }
        }
    }
    if step.then.is_empty() {
        return Ok(done);
    }
    Ok((done.iter())
        .flat_map(|way| quiet(system, way))
        .filter(|(_, cluster, failing)| {
            settled(system, cluster, failing) && step.then.contains(&Seen::of(cluster))
        })
        .collect())
}

/// What may happen by itself: spontaneous transitions, and tasks that were made to fail.
fn hidden(
    system: &System<Mutants>,
    cluster: &Cluster,
    failing: &BTreeSet<NodeId>,
) -> Vec<Transition> {
    (system.scope.transitions().into_iter())
        .filter(|transition| {
            let fails = transition.node().is_some_and(|id| failing.contains(&id));
            if let Transition::FinalizeFail(_) = transition {
                fails
            } else {
                transition.kind() == Kind::Spontaneous
                    && !(fails && matches!(transition, Transition::FinalizeOk(_)))
            }
        })
        .filter(|transition| system.semantics.enabled(cluster, *transition))
        .collect()
}

fn settled(system: &System<Mutants>, cluster: &Cluster, failing: &BTreeSet<NodeId>) -> bool {
    hidden(system, cluster, failing).is_empty()
}

/// The way as it is, and with whatever may happen by itself.
fn quiet(system: &System<Mutants>, way: &Way) -> Vec<Way> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::from([(way.1.clone(), way.2.clone())]);
    let mut open = VecDeque::from([way.clone()]);
    while let Some(way) = open.pop_front() {
        let (path, cluster, failing) = &way;
        for transition in hidden(system, cluster, failing) {
            let after = system.semantics.apply(cluster, transition);
            let mut failing = failing.clone();
            if let Transition::FinalizeFail(id) = transition {
                failing.remove(&id);
            }
            if seen.insert((after.clone(), failing.clone())) {
                let mut path = path.clone();
                path.push(transition);
                open.push_back((path, after, failing));
            }
        }
        all.push(way);
    }
    all
}
