//! What becomes of what is asked at one size? One search over every state asks safety, reachability, liveness and vacuity
//! together; from the states that it found the ways back are looked for (PROC-4). What does not fit the bounds is said
//! to be given up, never to hold.

use std::time::Instant;

use zdu_model::check::checker::Stateright;
use zdu_model::check::engine::{Engine as _, Exploration, Listener};
use zdu_model::check::fairness::{Liveness, Meanwhile};
use zdu_model::check::goal::Goal;
use zdu_model::check::graph::Graph;
use zdu_model::check::path::Path;
use zdu_model::check::sought::{Bound, Bounds, Limit, Progress, Sought};
use zdu_model::check::space::{Explicit, Graph as Numbered, Ways};
use zdu_model::check::symmetry::{Classes, Symmetric};
use zdu_model::check::vacuity::{Coverage, silences};
use zdu_model::spec::cluster::{Cluster, ClusterStatus};
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::property::Claim;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, Semantics as _, System};
use zdu_model::spec::transition::Kind as By;

use super::asked::{Asked, RECOVERY, TOGGLING};
use super::found::{Finding, Found, Kind, LeftOut, Looked, Verdict, broken};
use super::own::{self, Own};
use super::progress::{so_far, spinner, states};
use super::{Args, EngineArg};
use crate::cli::Failure;
use crate::cli::limits::{Watch, amount};
use crate::cli::scope::{graph_fits, graph_nodes_max, states_expected};
use crate::cli::steps::Shown;
use crate::exit::Exit;

/// What stateright keeps of each state, in bytes, about: measured at N = 4 and N = 5.
const STATERIGHT_STATE_BYTES: f64 = 300.0;

/// The claims and goals of one search, and where each kind of question has its answers.
struct Questions {
    claims: Vec<Claim<Mutants>>,
    goals: Vec<Goal>,
}

impl Questions {
    fn of(asked: &Asked, scope: Scope) -> Self {
        let mut claims: Vec<_> = asked.safety.iter().map(|it| it.claim.clone()).collect();
        claims.extend(asked.own.iter().filter_map(Own::claim));
        if asked.ladder() {
            claims.push(Liveness::ladder());
            claims.extend(asked.liveness.iter().map(Liveness::no_dead_end));
        }
        if asked.vacuity.is_empty() {
            return Self { claims, goals: asked.goals.clone() };
        }
        // Whether a rule is exercised is told by everything that is about it.
        claims.extend(silences(scope.profile));
        Self { claims, goals: Goal::all(scope.profile) }
    }
}

/// What a search found, sorted by what was asked.
struct Answers {
    safety: Vec<Sought<Path>>,
    own: Vec<Sought<Path>>,
    goals: Vec<Sought<Path>>,
    ladder: Sought<Path>,
    ends: Vec<Sought<Path>>,
    silences: Vec<Sought<Path>>,
}

impl Answers {
    fn of(asked: &Asked, found: &Exploration) -> Self {
        let mut violations = found.violations.iter().cloned();
        let mut take = |count: usize| violations.by_ref().take(count).collect::<Vec<_>>();
        let safety = take(asked.safety.len());
        let own = take(asked.own.iter().filter(|own| !own.leads()).count());
        let ladder = take(usize::from(asked.ladder())).pop();
        let ends = take(asked.liveness.len());
        Self {
            safety,
            own,
            ladder: ladder.unwrap_or(Sought::Nowhere),
            ends,
            silences: violations.collect(),
            goals: found.examples.clone(),
        }
    }
}

/// Everything that is asked of states, as far as the bounds allow.
pub(super) fn explore(
    args: &Args,
    asked: &Asked,
    system: &System<Mutants>,
    watch: &Watch,
    found: &mut Found,
) -> Result<(), Failure> {
    let questions = Questions::of(asked, system.scope);
    let bar = spinner("searching");
    let stop = || watch.stop();
    let bounds = Bounds { depth: args.depth, stop: &stop };
    let began = Instant::now();
    let as_specified = system.semantics == Mutants::NONE && !args.symmetry;
    let total = states(system.scope).filter(|_| as_specified);
    let mut listen = |progress: Progress| {
        bar.set_message(so_far(progress, total, began));
        bar.tick();
    };
    let (exploration, space) = run(args, system, &questions, bounds, &mut listen, found)
        .inspect_err(|_| {
            bar.finish_and_clear();
        })?;
    found.looked = Looked::States {
        states: exploration.states,
        transitions: exploration.transitions,
        depth: Some(exploration.depth),
        ended: exploration.ended,
        unfolded: space.as_ref().and_then(Space::unfolded),
    };
    let answers = Answers::of(asked, &exploration);
    found.findings.extend(safety(asked, system, &answers));
    found.findings.extend(reached(asked, system.scope, &questions.goals, &answers.goals));
    bar.set_message("liveness");
    found.findings.extend(lively(asked, system, &answers));
    if !asked.vacuity.is_empty() {
        found.findings.extend(vacuity(asked, system.scope, &answers));
    }
    if asked.toggling {
        toggling(system, found);
    }
    let about_states = asked.own.iter().filter(|own| !own.leads());
    found.findings.extend(about_states.zip(&answers.own).map(|(own, found)| own.told(found)));
    let leading: Vec<&Own> = asked.own.iter().filter(|own| own.leads()).collect();
    if asked.recovery || !leading.is_empty() {
        bar.set_message("ways");
        if let Some(limit) = exploration.ended {
            let recovery = given_up(RECOVERY, Rule::Proc4, Kind::Recovery, limit);
            found.findings.extend(asked.recovery.then_some(recovery));
            found.findings.extend(leading.iter().map(|own| own.told(&Sought::GivenUp(limit))));
        } else {
            let threads = args.threads.map_or(Explicit::default().threads, usize::from);
            let space = match space {
                Some(Space::Classes(classes)) if leading.is_empty() => Space::Classes(classes),
                Some(Space::Numbers(graph)) => Space::Numbers(graph),
                Some(Space::Classes(_)) | None => {
                    let threads = engine(args, system)?.threads;
                    Space::Numbers(Box::new(Numbered::explore(*system, threads)))
                }
            };
            if asked.recovery {
                found.findings.push(recovery(system, &space, threads, &stop));
            }
            if let Space::Numbers(graph) = &space {
                let memory = args.limits.memory();
                let leads = |own: &&Own| own::leads(own, graph, &answers.ladder, memory, &stop);
                found.findings.extend(leading.iter().filter_map(leads));
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// The states that were found, in the form in which the engine keeps them.
enum Space {
    Numbers(Box<Numbered<Mutants>>),
    Classes(Box<Classes<Mutants>>),
}

impl Space {
    /// How many states and transitions stand behind what was counted.
    fn unfolded(&self) -> Option<(u64, u64)> {
        match self {
            Self::Numbers(_) => None,
            Self::Classes(classes) => Some(classes.unfolded()),
        }
    }
}

/// The search, by the engine that was asked for; the explicit and the symmetric one keep the states.
fn run(
    args: &Args,
    system: &System<Mutants>,
    questions: &Questions,
    bounds: Bounds<'_>,
    listen: Listener<'_>,
    found: &mut Found,
) -> Result<(Exploration, Option<Space>), Failure> {
    let (claims, goals) = (&questions.claims, &questions.goals);
    if args.symmetry {
        fits_classes(args, system)?;
        found.engine = "symmetric";
        let (found, classes) = Symmetric.survey(system, claims, goals, bounds, listen);
        return Ok((found, classes.map(|classes| Space::Classes(Box::new(classes)))));
    }
    let stateright = |listen: Listener<'_>| {
        fits_stateright(args, system)?;
        Ok(Stateright.explore_within(*system, claims, goals, bounds, listen))
    };
    let explicit = |listen: Listener<'_>| {
        let (found, graph, _) =
            engine(args, system)?.survey(*system, claims, goals, bounds, listen);
        Ok((found, graph.map(|graph| Space::Numbers(Box::new(graph)))))
    };
    match args.engine {
        EngineArg::Stateright => {
            found.engine = "stateright";
            Ok((stateright(listen)?, None))
        }
        EngineArg::Explicit => {
            found.engine = "explicit";
            explicit(listen)
        }
        EngineArg::Both => {
            found.engine = "explicit and stateright, which agree";
            fits_stateright(args, system)?;
            let (one, graph) = explicit(listen)?;
            let other = stateright(listen)?;
            agree(&one, &other, questions)?;
            Ok((one, graph))
        }
    }
}

/// The explicit engine with as many threads as asked for, or as the memory allows.
fn engine(args: &Args, system: &System<Mutants>) -> Result<Explicit, Failure> {
    let memory = args.limits.memory();
    let most = args
        .threads
        .map_or_else(Explicit::default, |threads| Explicit { threads: usize::from(threads) });
    let fits = |engine: &Explicit, system: &System<Mutants>| {
        engine.needs(system).is_some_and(|needs| needs <= memory)
    };
    let fewer = (1..=most.threads.max(1)).rev().map(|threads| Explicit { threads });
    if let Some(engine) = fewer.into_iter().find(|engine| fits(engine, system)) {
        return Ok(engine);
    }
    let one = Explicit { threads: 1 };
    let needs = one.needs(system);
    let classes = Classes::needs(system).is_some_and(|needs| needs <= memory);
    let by_classes = (classes && system.semantics.symmetric()).then(|| {
        format!("up to a renaming of the nodes it fits: zdu check{} --symmetry", args.scope.flags())
    });
    let fits = |system: &System<Mutants>| fits(&one, system);
    Err(does_not_fit(args, system, "a bit for each of", needs, fits, by_classes))
}

/// Whether the classes fit the memory.
fn fits_classes(args: &Args, system: &System<Mutants>) -> Result<(), Failure> {
    let memory = args.limits.memory();
    let fits = |system: &System<Mutants>| Classes::needs(system).is_some_and(|it| it <= memory);
    if fits(system) {
        return Ok(());
    }
    Err(does_not_fit(
        args,
        system,
        "a class of renamed states for",
        Classes::needs(system),
        fits,
        None,
    ))
}

/// Nothing was looked at, since what is kept takes too much; what fits instead.
fn does_not_fit(
    args: &Args,
    system: &System<Mutants>,
    kept: &str,
    needs: Option<u64>,
    fits: impl Fn(&System<Mutants>) -> bool,
    instead: Option<String>,
) -> Failure {
    let needs = needs.map_or_else(|| "more than any machine has".to_owned(), amount);
    let smaller =
        |nodes: &usize| fits(&System { scope: Scope { nodes: *nodes, ..system.scope }, ..*system });
    let nearest = (1..system.scope.nodes).rev().find(smaller).map(|nodes| {
        let mut there = args.scope.clone();
        there.nodes = u8::try_from(nodes).unwrap_or(1);
        let symmetry = if args.symmetry { " --symmetry" } else { "" };
        format!("the nearest size that fits: zdu check{}{symmetry}", there.flags())
    });
    let mut next: Vec<String> = instead.into_iter().chain(nearest).collect();
    if next.is_empty() {
        next.push("give it more memory with --memory".to_owned());
    }
    Failure::new(
        Exit::Inconclusive,
        format!(
            "nothing was looked at: {kept} about {:.0e} states takes {needs}, and {} may be taken; {}; every size at once: \
             zdu check --all-sizes",
            states_expected(system.scope),
            amount(args.limits.memory()),
            next.join("; "),
        ),
    )
}

/// Stateright keeps every state with its path, which is not known beforehand to the byte.
fn fits_stateright(args: &Args, system: &System<Mutants>) -> Result<(), Failure> {
    let needs = states_expected(system.scope) * STATERIGHT_STATE_BYTES;
    if needs <= args.limits.memory() as f64 || args.depth.is_some() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Inconclusive,
        format!(
            "nothing was looked at: stateright would take about {:.0e} bytes, and {} may be taken; search with: zdu \
             check{} --engine explicit",
            needs,
            amount(args.limits.memory()),
            args.scope.flags()
        ),
    ))
}

/// Whether both engines found the same.
fn agree(one: &Exploration, other: &Exploration, questions: &Questions) -> Result<(), Failure> {
    let counts = |found: &Exploration| (found.states, found.transitions, found.depth);
    let lengths = |found: &Exploration| {
        let all = found.violations.iter().chain(&found.examples);
        all.map(|it| it.found().map(|path| path.steps.len())).collect::<Vec<_>>()
    };
    // An engine that was ended by the clock or by hand stood somewhere else than the other.
    let comparable =
        [one, other].iter().all(|found| found.ended.is_none_or(|limit| limit.by == Bound::Depth));
    if !comparable {
        return Err(Failure::new(
            Exit::Inconclusive,
            "the engines were ended before both had looked at the same, so that they cannot be compared; give them more \
             time with --time, or the same depth with --depth",
        ));
    }
    if one.ended.is_none() && counts(one) != counts(other) || lengths(one) != lengths(other) {
        let place =
            (lengths(one).iter().zip(lengths(other))).position(|(one, other)| *one != other);
        return Err(Failure::new(
            Exit::Inconclusive,
            format!(
                "the engines disagree, which is a bug of one of them, please report it: states, transitions and depth {:?} \
                 and {:?}; first differing question {place:?} of {}",
                counts(one),
                counts(other),
                questions.claims.len() + questions.goals.len()
            ),
        ));
    }
    Ok(())
}

/// Something of which nobody knows, because the search was ended.
fn given_up(name: impl Into<String>, rule: Rule, kind: Kind, limit: Limit) -> Finding {
    Finding {
        name: name.into(),
        rule: Some(rule),
        kind,
        verdict: Verdict::GivenUp(limit.by),
        note: Some(limit.to_string()),
        run: None,
    }
}

fn safety(asked: &Asked, system: &System<Mutants>, answers: &Answers) -> Vec<Finding> {
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
            Sought::GivenUp(limit) => given_up(property.name, property.rule, Kind::Safety, *limit),
        }
    })
    .collect()
}

/// The goals that are asked, of all that were looked for.
fn reached(asked: &Asked, scope: Scope, goals: &[Goal], examples: &[Sought<Path>]) -> Vec<Finding> {
    let each = goals.iter().zip(examples).filter(|(goal, _)| asked.goals.contains(goal));
    each.map(|(goal, example)| {
        let because = goal.unreachable_because(scope);
        let (verdict, note) = match (example, because) {
            (Sought::Found(path), None) => {
                (Verdict::Reached, format!("in {} steps", path.steps.len()))
            }
            (Sought::Found(_), Some(why)) => (Verdict::Gap, format!("reached, though {why}")),
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
fn lively(asked: &Asked, system: &System<Mutants>, answers: &Answers) -> Vec<Finding> {
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
            (Sought::GivenUp(limit), _) | (_, Sought::GivenUp(limit)) => {
                given_up(liveness.name, liveness.rule, Kind::Liveness, *limit)
            }
            (Sought::Nowhere, Sought::Nowhere) => finding(Verdict::Holds, None, None),
            (Sought::Nowhere, Sought::Found(_)) if graph_fits(system.scope) => {
                let graph = graph.get_or_insert_with(|| Graph::of(system));
                match liveness.lasso(system.scope, graph, Meanwhile::Nothing) {
                    Some(lasso) => finding(Verdict::Violated, None, Some(Shown::Lasso(lasso))),
                    None => finding(Verdict::Holds, None, None),
                }
            }
            (Sought::Nowhere, Sought::Found(_)) => finding(
                Verdict::Undecided,
                Some("the cluster may go on by itself for ever, and so many states are not held at once"),
                None,
            ),
        }
    })
    .collect()
}

/// The lasso that section 5 wants seen: with API calls going on for ever a node may stay STARTING.
fn toggling(system: &System<Mutants>, found: &mut Found) {
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
fn recovery(
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
                "no documented steps lead back from {stranded} states; the nearest is the last"
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

fn vacuity(asked: &Asked, scope: Scope, answers: &Answers) -> Vec<Finding> {
    let coverage = Coverage::of::<Mutants, _>(scope, &answers.silences, &answers.goals);
    (coverage.premises.iter().chain(&coverage.rules))
        .filter(|it| (asked.vacuity.iter()).any(|(name, _)| *name == it.what))
        .map(|it| {
            let (verdict, note) = match (it.arises, it.on_purpose) {
                (Sought::Nowhere, None) => (Verdict::Gap, Some("it never arises".to_owned())),
                (Sought::Found(()), Some(why)) => {
                    (Verdict::Gap, Some(format!("it arises, though {why}")))
                }
                (Sought::Nowhere, Some(why)) => (Verdict::OnPurpose, Some(why.to_owned())),
                (Sought::Found(()), None) => (Verdict::Reached, None),
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
