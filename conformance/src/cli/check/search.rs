//! What becomes of what is asked? Each kind of property by the room of the model that answers it.

use zdu_model::check::checker::Stateright;
use zdu_model::check::engine::{Engine, Exploration, Progress};
use zdu_model::check::fairness::{Liveness, Meanwhile};
use zdu_model::check::graph::Graph;
use zdu_model::check::recovery::Recovery;
use zdu_model::check::space::Explicit;
use zdu_model::check::symmetry::Symmetric;
use zdu_model::check::vacuity::Coverage;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::System;

use super::asked::{Asked, RECOVERY, TOGGLING};
use super::found::{Finding, Found, Kind, LeftOut, Looked, Verdict, broken};
use super::progress::spinner;
use super::{Args, EngineArg};
use crate::cli::scope::{
    GRAPH_STATES_MAX, ScopeArgs, Subject, graph_fits, graph_nodes_max, states_expected,
};
use crate::cli::steps::Shown;

/// How large a search one is warned of, in states.
const STATES_WARNED: f64 = 5e6;

/// Safety and reachability, by an engine.
pub(super) fn explore(args: &Args, asked: &Asked, system: &System<Subject>, found: &mut Found) {
    let expected = states_expected(system.scope);
    if expected > STATES_WARNED && !args.symmetry {
        eprintln!("about {expected:.0e} states: this takes a while; Ctrl-C ends it");
    }
    let engine = args.engine.unwrap_or(if graph_fits(system.scope) {
        EngineArg::Stateright
    } else {
        EngineArg::Explicit
    });
    let bar = spinner("searching");
    let mut listen = |progress: Progress| {
        bar.set_message(format!(
            "{} states, {} transitions, depth {}",
            progress.states, progress.transitions, progress.depth
        ));
        bar.tick();
    };
    let explicit = args
        .threads
        .map_or_else(Explicit::default, |threads| Explicit { threads: usize::from(threads) });
    let (safety, goals) = (&asked.safety, &asked.goals);
    let exploration = if args.symmetry {
        found.engine = "symmetric";
        Symmetric.explore(*system, safety, goals, &mut listen)
    } else {
        match engine {
            EngineArg::Stateright => {
                found.engine = "stateright";
                Stateright.explore(*system, safety, goals, &mut listen)
            }
            EngineArg::Explicit => {
                found.engine = "explicit";
                explicit.explore(*system, safety, goals, &mut listen)
            }
        }
    };
    bar.finish_and_clear();
    found.looked = Looked::States {
        states: exploration.states,
        transitions: exploration.transitions,
        depth: Some(exploration.depth),
    };
    found.findings.extend(of_states(asked, system, exploration));
}

fn of_states(asked: &Asked, system: &System<Subject>, exploration: Exploration) -> Vec<Finding> {
    let safety = (asked.safety.iter().zip(exploration.violations)).map(|(property, violation)| {
        let (verdict, note) = violation.as_ref().map_or((Verdict::Holds, None), |path| {
            (Verdict::Violated, Some(broken(property.rule, system, path)))
        });
        Finding {
            name: property.name.to_owned(),
            rule: property.rule,
            kind: Kind::Safety,
            verdict,
            note,
            run: violation.map(Shown::Path),
        }
    });
    let goals = (asked.goals.iter().zip(exploration.examples)).map(|(goal, example)| {
        let because = goal.unreachable_because(system.scope);
        let (verdict, note) = match (&example, because) {
            (Some(path), None) => {
                let steps = path.steps.len();
                (Verdict::Reached, format!("in {steps} steps"))
            }
            (Some(_), Some(why)) => (Verdict::Gap, format!("reached, though {why}")),
            (None, Some(why)) => (Verdict::OnPurpose, why.to_owned()),
            (None, None) => (Verdict::Gap, "no run shows it".to_owned()),
        };
        Finding {
            name: goal.to_string(),
            rule: goal.rule(),
            kind: Kind::Reachability,
            verdict,
            note: Some(note),
            run: example.map(Shown::Path),
        }
    });
    safety.chain(goals).collect()
}

/// Liveness, recovery and vacuity, where every state and transition can be held.
pub(super) fn in_the_graph(
    args: &Args,
    asked: &Asked,
    system: &System<Subject>,
    found: &mut Found,
) {
    let parts: Vec<&'static str> = [
        ("liveness", !asked.liveness.is_empty() || asked.toggling),
        ("recovery (PROC-4)", asked.recovery),
        ("vacuity", !asked.vacuity.is_empty()),
    ]
    .into_iter()
    .filter_map(|(part, is)| is.then_some(part))
    .collect();
    if parts.is_empty() {
        return;
    }
    if args.symmetry || !graph_fits(system.scope) {
        let (why, next) = if args.symmetry {
            (
                "renaming forgets which node stays where it is".to_owned(),
                format!("zdu check{} --property", found.flags),
            )
        } else {
            let scope = ScopeArgs {
                nodes: u8::try_from(graph_nodes_max(system.scope)).unwrap_or(1),
                ..args.scope
            };
            (
                format!(
                    "it takes every transition at once, and about {:.0e} states are more than {GRAPH_STATES_MAX:.0e}",
                    states_expected(system.scope)
                ),
                format!("zdu check{} --property", scope.flags()),
            )
        };
        found.left_out.extend(parts.into_iter().map(|what| LeftOut {
            what,
            why: why.clone(),
            next: format!("{next} {}", what.split(' ').next().unwrap_or(what)),
        }));
        return;
    }
    let bar = spinner("holding every state and transition");
    let graph = Graph::of(system);
    if !asked.states() {
        found.looked = Looked::States {
            states: graph.states().len() as u64,
            transitions: graph.transitions() as u64,
            depth: None,
        };
    }
    bar.set_message("liveness");
    found.findings.extend((asked.liveness.iter()).map(|liveness| lively(liveness, system, &graph)));
    if asked.toggling {
        found.findings.extend(toggling(system, &graph));
    }
    if asked.recovery {
        bar.set_message("ways back");
        found.findings.push(recovery(system, &graph));
    }
    if !asked.vacuity.is_empty() {
        bar.set_message("premises");
        found.findings.extend(vacuity(asked, system, &graph));
    }
    bar.finish_and_clear();
}

fn lively(liveness: &Liveness, system: &System<Subject>, graph: &Graph) -> Finding {
    let lasso = liveness.lasso(system.scope, graph, Meanwhile::Nothing);
    Finding {
        name: liveness.name.to_owned(),
        rule: liveness.rule,
        kind: Kind::Liveness,
        verdict: if lasso.is_some() { Verdict::Violated } else { Verdict::Holds },
        note: None,
        run: lasso.map(Shown::Lasso),
    }
}

/// The lasso that section 5 wants seen: with API calls going on for ever a node may stay STARTING.
fn toggling(system: &System<Subject>, graph: &Graph) -> Option<Finding> {
    let starting = (Liveness::all(system.scope.profile).into_iter())
        .find(|liveness| liveness.rule == Rule::Node2)?;
    let lasso = starting.lasso(system.scope, graph, Meanwhile::Calls);
    let (verdict, note) = match (&lasso, system.scope.nodes) {
        (Some(_), 2..) => (
            Verdict::MustFail,
            "Start and Cancel for ever keep a node of the other version from joining and from being rejected; so liveness \
             is asked with no further API step",
        ),
        (Some(_), _) => (Verdict::Violated, "a single node has nobody who could keep it out"),
        (None, 2..) => (Verdict::Violated, "section 5 says that it fails"),
        (None, _) => (Verdict::Holds, "a single node has nobody who could keep it out"),
    };
    Some(Finding {
        name: TOGGLING.to_owned(),
        rule: starting.rule,
        kind: Kind::Liveness,
        verdict,
        note: Some(note.to_owned()),
        run: lasso.map(Shown::Lasso),
    })
}

fn recovery(system: &System<Subject>, graph: &Graph) -> Finding {
    let recovery = Recovery::of(system, graph);
    let (verdict, note, run) = match recovery.stranded() {
        Some(state) => (
            Verdict::Violated,
            "no documented steps lead back from the last state".to_owned(),
            graph.path_to(state),
        ),
        None => {
            let farthest = recovery.farthest();
            let way = recovery.way_back(farthest).unwrap_or_else(|| graph.path_to(farthest));
            (
                Verdict::Holds,
                format!("never more than {} steps, from: {}", way.steps.len(), way.start),
                way,
            )
        }
    };
    Finding {
        name: RECOVERY.to_owned(),
        rule: Rule::Proc4,
        kind: Kind::Recovery,
        verdict,
        note: Some(note),
        run: Some(Shown::Path(run)),
    }
}

fn vacuity(asked: &Asked, system: &System<Subject>, graph: &Graph) -> Vec<Finding> {
    let coverage = Coverage::of(system, graph);
    (coverage.premises.iter().chain(&coverage.rules))
        .filter(|it| (asked.vacuity.iter()).any(|(name, _)| *name == it.what))
        .map(|it| {
            let (verdict, note) = match (it.is_gap(), it.on_purpose) {
                (true, None) => (Verdict::Gap, Some("it never arises".to_owned())),
                (true, Some(why)) => (Verdict::Gap, Some(format!("it arises, though {why}"))),
                (false, Some(why)) => (Verdict::OnPurpose, Some(why.to_owned())),
                (false, None) => (Verdict::Reached, None),
            };
            Finding {
                name: it.what.clone(),
                rule: it.rule,
                kind: Kind::Vacuity,
                verdict,
                note,
                run: None,
            }
        })
        .collect()
}
