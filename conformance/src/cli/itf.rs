//! How are runs exchanged with other checkers of TLA+ and Quint? In the informal trace format (ITF) of Apalache, with the
//! variables of `zdu export`.

use serde_json::{Value, json};
use zdu_model::check::path::Path;
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::node::{Node, Phase, Version};
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::spec::transition::Transition;

/// A run; `back` is the state to which a run that goes round returns.
pub(super) fn written(path: &Path, back: Option<usize>, versions: u8) -> Value {
    let states = std::iter::once(&path.start).chain(path.steps.iter().map(|(_, state)| state));
    let states = states.enumerate().map(|(index, state)| written_state(index, state, versions));
    let actions: Vec<String> = path.steps.iter().map(|(step, _)| step.to_string()).collect();
    let mut itf = json!({
        "#meta": { "format": "ITF", "description": "Created by zdu", "transitions": actions },
        "vars": ["mode", "origin", "pending", "phase", "version"],
        "states": states.collect::<Vec<_>>(),
    });
    if let Some(back) = back {
        itf["loop"] = back.into();
    }
    itf
}

fn number(number: usize) -> Value {
    json!({ "#bigint": number.to_string() })
}

fn written_state(index: usize, state: &Cluster, versions: u8) -> Value {
    // As in the exports no origin is the version after the last.
    let origin = state.origin.map_or(usize::from(versions), Version::index);
    let map = |of: &dyn Fn(Node) -> Value| {
        let pairs = state.numbered().map(|(id, node)| json!([number(id.index() + 1), of(node)]));
        json!({ "#map": pairs.collect::<Vec<_>>() })
    };
    json!({
        "#meta": { "index": index },
        "mode": state.mode.to_string(),
        "origin": number(origin),
        "pending": state.tasks_pending,
        "phase": map(&|node| node.phase.to_string().into()),
        "version": map(&|node| number(node.version.index())),
    })
}

/// The cluster that a run is of, where this is one: nodes and versions as its first state has them, the profile as asked.
pub(super) fn scope(itf: &Value, asked: Scope) -> Option<Scope> {
    let first = itf["states"].as_array()?.first()?;
    let nodes = first["phase"]["#map"].as_array()?.len();
    // What stands for no origin is the version after the last.
    let none = read_number(&first["origin"]).filter(|_| first["mode"] == Mode::Off.to_string());
    let versions = none.and_then(|it| u8::try_from(it).ok()).unwrap_or(asked.versions);
    let fits = (1..=16).contains(&nodes) && (2..=16).contains(&versions);
    fits.then_some(Scope { nodes, versions, ..asked })
}

/// The state in which a run of this model begins, and its transitions.
///
/// # Errors
/// The first state that is none, or that no transition leads to.
pub(super) fn read(
    system: &System<Mutants>,
    itf: &Value,
) -> Result<(Cluster, Vec<Transition>), String> {
    let states = itf["states"].as_array().ok_or("there are no `states` in this ITF trace")?;
    let mut begin: Option<(Cluster, Cluster)> = None;
    let mut path = Vec::new();
    for (index, state) in states.iter().enumerate() {
        let there = read_state(system, state).ok_or_else(|| {
            format!(
                "state {index} is no state of this model; the variables are those of zdu export"
            )
        })?;
        let Some((_, here)) = &mut begin else {
            begin = Some((there.clone(), there));
            continue;
        };
        let taken = system.successors(here).into_iter().find(|(_, after)| *after == there);
        // A checker may stay where it is.
        if let Some((transition, _)) = taken {
            path.push(transition);
        } else if there != *here {
            return Err(format!("no transition leads to state {index}: {there}"));
        }
        *here = there;
    }
    let (start, _) = begin.ok_or("there are no `states` in this ITF trace")?;
    Ok((start, path))
}

fn read_number(value: &Value) -> Option<usize> {
    let written = || value["#bigint"].as_str()?.parse().ok();
    value.as_u64().and_then(|number| usize::try_from(number).ok()).or_else(written)
}

fn read_state(system: &System<Mutants>, state: &Value) -> Option<Cluster> {
    let scope = system.scope;
    let of = |variable: &str, number: usize| {
        let pairs = state[variable]["#map"].as_array()?;
        let pair = pairs.iter().find(|pair| read_number(&pair[0]) == Some(number))?;
        Some(pair[1].clone())
    };
    let version = |number: usize| {
        let number = u8::try_from(number).ok()?;
        (number < scope.versions).then_some(Version(number))
    };
    let mut nodes = Vec::new();
    for number in 1..=scope.nodes {
        let phase = of("phase", number)?;
        let phase =
            Phase::ALL.into_iter().find(|it| Some(it.to_string().as_str()) == phase.as_str());
        nodes.push(Node::new(phase?, version(read_number(&of("version", number)?)?)?));
    }
    let mode = [Mode::On, Mode::Off].into_iter().find(|it| state["mode"] == it.to_string());
    Some(Cluster {
        mode: mode?,
        origin: version(read_number(&state["origin"])?),
        tasks_pending: state["pending"].as_bool()?,
        nodes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use zdu_model::spec::node::NodeId;
    use zdu_model::spec::semantics::Semantics as _;

    /// Proves that what is written is read again, and that a state which nothing leads to is named.
    #[test]
    fn a_run_is_written_and_read() {
        let system = System { scope: Scope::documented(2, 2), semantics: Mutants::NONE };
        let transitions = [Transition::Start, Transition::Kill(NodeId::new(2))];
        let path = transitions.iter().fold(Path::from(system.scope.initial()), |mut path, it| {
            let after = system.semantics.apply(path.end(), *it);
            path.steps.push((*it, after));
            path
        });
        let itf = written(&path, Some(1), 2);
        assert_eq!(itf["loop"], 1);
        assert_eq!(itf["states"][0]["origin"], json!({ "#bigint": "2" }));
        let run = Ok((system.scope.initial(), transitions.to_vec()));
        assert_eq!(read(&system, &itf), run);
        // The run says of how many nodes and versions it is, whatever was asked for.
        assert_eq!(scope(&itf, Scope::documented(3, 5)), Some(system.scope));
        assert_eq!(scope(&json!({ "states": [] }), system.scope), None);
        // Numbers may also be plain ones.
        let mut plain = itf.clone();
        plain["states"][2]["origin"] = 0.into();
        assert_eq!(read(&system, &plain), run);
        let mut astray = itf;
        astray["states"][2]["phase"]["#map"][0][1] = "Absent".into();
        assert!(read(&system, &astray).is_err_and(|error| error.contains("state 2")));
    }
}
