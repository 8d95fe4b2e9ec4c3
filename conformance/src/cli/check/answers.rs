//! What does a search's result say of each thing that was asked? A finding for each, in the order asked.

use zdu_model::check::engine::Exploration;
use zdu_model::check::fairness::{Liveness, Meanwhile};
use zdu_model::check::goal::Goal;
use zdu_model::check::graph::Graph;
use zdu_model::check::path::Path;
use zdu_model::check::sought::{Bound, Limit, Progress, Sought};
use zdu_model::check::space::Ways;
use zdu_model::check::vacuity::Coverage;
use zdu_model::spec::cluster::{Cluster, ClusterStatus};
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::spec::transition::Kind as By;

use super::asked::{Asked, RECOVERY, TOGGLING};
use super::found::{Finding, Found, Kind, LeftOut, Verdict, broken, unshown};
use super::own::Own;
use super::space::Space;
use crate::cli::scope::{graph_fits, graph_nodes_max};
use crate::cli::steps::Shown;

/// What a search found, sorted by what was asked.
pub(super) struct Answers {
    pub(super) safety: Vec<Sought<Path>>,
    pub(super) own: Vec<Sought<Path>>,
    pub(super) own_silences: Vec<Sought<Path>>,
    pub(super) goals: Vec<Sought<Path>>,
    pub(super) ladder: Sought<Path>,
    ends: Vec<Sought<Path>>,
    silences: Vec<Sought<Path>>,
}

impl Answers {
    pub(super) fn of(asked: &Asked, found: &Exploration) -> Self {
        let mut violations = found.violations.iter().cloned();
        let mut take = |count: usize| violations.by_ref().take(count).collect::<Vec<_>>();
        let safety = take(asked.safety.len());
        let own = take(asked.own.iter().filter(|own| !own.leads()).count());
        let own_silences = take(asked.own.iter().filter_map(Own::silence).count());
        let ladder = take(usize::from(asked.ladder())).pop();
        let ends = take(asked.liveness.len());
        Self {
            safety,
            own,
            own_silences,
            ladder: ladder.unwrap_or(Sought::Nowhere),
            ends,
            silences: violations.collect(),
            goals: found.examples.clone(),
        }
    }
}

/// Something of which nobody knows, because the search was ended.
pub(super) fn given_up(name: impl Into<String>, rule: Rule, kind: Kind, limit: Limit) -> Finding {
    Finding {
        name: name.into(),
        rule: Some(rule),
        kind,
        verdict: Verdict::GivenUp(limit.by),
        note: Some(limit.to_string()),
        run: None,
    }
}

pub(super) fn safety(asked: &Asked, system: &System<Mutants>, answers: &Answers) -> Vec<Finding> {
    let each = asked.safety.iter().zip(&answers.safety);
    each.map(|(property, violation)| {
        let finding = |verdict, note, run| Finding {
            name: property.name.to_owned(),
            rule: Some(property.rule),
            kind: Kind::Safety,
            verdict,
            note,
            run,
        };
        match violation {
            Sought::Nowhere => finding(Verdict::Holds, None, None),
            Sought::Found(path) => finding(
                Verdict::Violated,
                Some(broken(property.rule, system, path)),
                Some(Shown::Path(path.clone())),
            ),
            Sought::Somewhere(by) => finding(Verdict::Violated, Some(unshown(*by)), None),
            Sought::GivenUp(limit) => given_up(property.name, property.rule, Kind::Safety, *limit),
        }
    })
    .collect()
}

/// The goals that are asked, of all that were looked for.
pub(super) fn reached(
    asked: &Asked,
    scope: Scope,
    goals: &[Goal],
    examples: &[Sought<Path>],
) -> Vec<Finding> {
    let each = goals.iter().zip(examples).filter(|(goal, _)| asked.goals.contains(goal));
    each.map(|(goal, example)| {
        let because = goal.unreachable_because(scope);
        let (verdict, note) = match (example, because) {
            (Sought::Found(path), None) => {
                (Verdict::Reached, format!("in {} steps", path.steps.len()))
            }
            (Sought::Somewhere(by), None) => (Verdict::Reached, unshown(*by)),
            (Sought::Found(_) | Sought::Somewhere(_), Some(why)) => {
                (Verdict::Gap, format!("reached, though {why}"))
            }
            (Sought::Nowhere, Some(why)) => (Verdict::OnPurpose, why.to_owned()),
            (Sought::Nowhere, None) => (Verdict::Gap, "no run shows it".to_owned()),
            (Sought::GivenUp(limit), _) => {
                return given_up(goal.to_string(), goal.rule(), Kind::Reachability, *limit);
            }
        };
        Finding {
            name: goal.to_string(),
            rule: Some(goal.rule()),
            kind: Kind::Reachability,
            verdict,
            note: Some(note),
            run: example.found().cloned().map(Shown::Path),
        }
    })
    .collect()
}

/// Liveness by the ladder; where a mutant leaves it, by lassos, which take every transition at once.
pub(super) fn lively(asked: &Asked, system: &System<Mutants>, answers: &Answers) -> Vec<Finding> {
    let each = asked.liveness.iter().zip(&answers.ends);
    let mut graph = None;
    each.map(|(liveness, end)| {
        let finding = |verdict, note: Option<&str>, lasso| Finding {
            name: liveness.name.to_owned(),
            rule: Some(liveness.rule),
            kind: Kind::Liveness,
            verdict,
            note: note.map(str::to_owned),
            run: lasso,
        };
        match (end, &answers.ladder) {
            (Sought::Found(stem), _) => finding(
                Verdict::Violated,
                None,
                Some(Shown::Lasso(liveness.dead_end(stem.clone()))),
            ),
            (Sought::Somewhere(by), _) => finding(Verdict::Violated, Some(&unshown(*by)), None),
            (Sought::GivenUp(limit), _) | (_, Sought::GivenUp(limit)) => {
                given_up(liveness.name, liveness.rule, Kind::Liveness, *limit)
            }
            (Sought::Nowhere, Sought::Nowhere) => finding(Verdict::Holds, None, None),
            (Sought::Nowhere, _) if graph_fits(system.scope) => {
                let graph = graph.get_or_insert_with(|| Graph::of(system));
                match liveness.lasso(system.scope, graph, Meanwhile::Nothing) {
                    Some(lasso) => finding(Verdict::Violated, None, Some(Shown::Lasso(lasso))),
                    None => finding(Verdict::Holds, None, None),
                }
            }
            (Sought::Nowhere, Sought::Found(_) | Sought::Somewhere(_)) => finding(
                Verdict::Undecided,
                Some("the cluster may go on by itself for ever, and so many states are not held at once"),
                None,
            ),
        }
    })
    .collect()
}

/// The lasso that section 5 wants seen: with API calls going on for ever a node may stay STARTING.
pub(super) fn toggling(system: &System<Mutants>, found: &mut Found) {
    if !graph_fits(system.scope) {
        found.left_out.push(LeftOut {
            what: "toggling",
            why: "a lasso is looked for where every state and transition is held at once"
                .to_owned(),
            next: format!(
                "zdu check --nodes {} --property toggling",
                graph_nodes_max(system.scope)
            ),
        });
        return;
    }
    let graph = Graph::of(system);
    let starting = (Liveness::all(system.scope.profile).into_iter())
        .find(|liveness| liveness.rule == Rule::Node2);
    let Some(starting) = starting else { return };
    let lasso = starting.lasso(system.scope, &graph, Meanwhile::Calls);
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
    found.findings.push(Finding {
        name: TOGGLING.to_owned(),
        rule: Some(starting.rule),
        kind: Kind::Liveness,
        verdict,
        note: Some(note.to_owned()),
        run: lasso.map(Shown::Lasso),
    });
}

/// PROC-4, from every state at once.
pub(super) fn recovery(
    system: &System<Mutants>,
    space: &Space,
    threads: usize,
    stop: &(dyn Fn() -> Option<Bound> + Sync),
) -> Finding {
    let stable = |cluster: &Cluster| system.status(cluster) == ClusterStatus::Stable;
    let documented =
        |transition: zdu_model::spec::transition::Transition| transition.kind() != By::Fault;
    let (ways, (states, transitions)) = match space {
        Space::Numbers(graph) => (
            graph.ways_to(threads, stable, documented, stop),
            (graph.state_count(), graph.transition_count()),
        ),
        Space::Classes(classes) => {
            (classes.ways_to(stable, documented, &|| stop()), classes.unfolded())
        }
    };
    let (verdict, note, run) = match ways {
        Err(by) => {
            let so_far = Progress { states, transitions, depth: 0 };
            let note = format!("of none of {states} states it is known; ended by {}", by.text());
            let limit = Limit { by, so_far };
            return Finding {
                note: Some(note),
                ..given_up(RECOVERY, Rule::Proc4, Kind::Recovery, limit)
            };
        }
        Ok(Ways { stranded: 0, longest, farthest, .. }) => {
            let from = farthest.map_or_else(String::new, |state| format!(", from: {state}"));
            (Verdict::Holds, format!("never more than {longest} steps{from}"), None)
        }
        Ok(Ways { stranded, stranding, .. }) => (
            Verdict::Violated,
            format!(
                "no documented steps lead back from {stranded} states; {}",
                if stranding.is_some() {
                    "the nearest is the last"
                } else {
                    "looking for the run to the nearest was ended"
                }
            ),
            stranding.map(Shown::Path),
        ),
    };
    Finding {
        name: RECOVERY.to_owned(),
        rule: Some(Rule::Proc4),
        kind: Kind::Recovery,
        verdict,
        note: Some(note),
        run,
    }
}

pub(super) fn vacuity(asked: &Asked, scope: Scope, answers: &Answers) -> Vec<Finding> {
    let coverage = Coverage::of::<Mutants, _>(scope, &answers.silences, &answers.goals);
    (coverage.premises.iter().chain(&coverage.rules))
        .filter(|it| (asked.vacuity.iter()).any(|(name, _)| *name == it.what))
        .map(|it| {
            let (verdict, note) = match (it.arises, it.on_purpose) {
                (Sought::Nowhere, None) => (Verdict::Gap, Some("it never arises".to_owned())),
                (Sought::Found(()) | Sought::Somewhere(_), Some(why)) => {
                    (Verdict::Gap, Some(format!("it arises, though {why}")))
                }
                (Sought::Nowhere, Some(why)) => (Verdict::OnPurpose, Some(why.to_owned())),
                (Sought::Found(()) | Sought::Somewhere(_), None) => (Verdict::Reached, None),
                (Sought::GivenUp(limit), _) => {
                    return given_up(it.what.clone(), it.rule, Kind::Vacuity, limit);
                }
            };
            Finding {
                name: it.what.clone(),
                rule: Some(it.rule),
                kind: Kind::Vacuity,
                verdict,
                note,
                run: None,
            }
        })
        .collect()
}
