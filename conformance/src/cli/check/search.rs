//! What becomes of what is asked at one size? One search over every state asks safety, reachability, liveness and vacuity
//! together; from the states that it found the ways back are looked for (PROC-4). What does not fit the bounds is said
//! to be given up, never to hold.

use std::time::Instant;

use zdu_model::check::checker::Stateright;
use zdu_model::check::engine::{Engine as _, Exploration, Listener};
use zdu_model::check::fairness::Liveness;
use zdu_model::check::goal::Goal;
use zdu_model::check::sought::{Bound, Bounds, Limit, Progress, Sought};
use zdu_model::check::space::{Explicit, Graph as Numbered};
use zdu_model::check::symmetry::Symmetric;
use zdu_model::check::vacuity::silences;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::property::Claim;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, System};

use super::answers::{Answers, given_up, lively, reached, recovery, safety, toggling, vacuity};
use super::args::{Args, EngineArg};
use super::asked::{Asked, RECOVERY};
use super::found::{Finding, Found, Kind, Looked, Verdict};
use super::memory::{engine, fits_classes, fits_stateright};
use super::own::{self, Own};
use super::progress::{so_far, spinner, states};
use super::space::Space;
use crate::cli::Failure;
use crate::cli::limits::Watch;
use crate::exit::Exit;

/// The claims and goals of one search, and where each kind of question has its answers.
struct Questions {
    claims: Vec<Claim<Mutants>>,
    goals: Vec<Goal>,
}

impl Questions {
    fn of(asked: &Asked, scope: Scope) -> Self {
        let mut claims: Vec<_> = asked.safety.iter().map(|it| it.claim.clone()).collect();
        claims.extend(asked.own.iter().filter_map(Own::claim));
        claims.extend(asked.own.iter().filter_map(Own::silence));
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
    let mut silences = answers.own_silences.iter();
    found.findings.extend(about_states.zip(&answers.own).map(|(own, found)| {
        let silence = own.silence().and_then(|_| silences.next());
        let told = own.told(found);
        if silence.is_some_and(Sought::is_nowhere) { Own::silent(told) } else { told }
    }));
    if asked.recovery || asked.own.iter().any(Own::leads) {
        bar.set_message("ways");
        let ended = exploration.ended;
        found.findings.extend(ways(args, asked, system, &answers, (space, ended), &stop)?);
        if args.engine == EngineArg::Stateright {
            found.engine = "stateright, and explicit for ways";
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// What is asked of ways, among all the states that a search found; of none where it was ended.
fn ways(
    args: &Args,
    asked: &Asked,
    system: &System<Mutants>,
    answers: &Answers,
    (space, ended): (Option<Space>, Option<Limit>),
    stop: Stop<'_>,
) -> Result<Vec<Finding>, Failure> {
    let leading: Vec<&Own> = asked.own.iter().filter(|own| own.leads()).collect();
    let nothing = |limit| {
        let recovery = given_up(RECOVERY, Rule::Proc4, Kind::Recovery, limit);
        let own = leading.iter().map(|own| own.told(&Sought::GivenUp(limit)));
        asked.recovery.then_some(recovery).into_iter().chain(own).collect()
    };
    if let Some(limit) = ended {
        return Ok(nothing(limit));
    }
    let space = match space {
        Some(Space::Classes(classes)) if leading.is_empty() => Space::Classes(classes),
        Some(Space::Numbers(graph)) => Space::Numbers(graph),
        Some(Space::Classes(_)) | None => {
            let threads = engine(args, system)?.threads;
            match Numbered::explore_within(*system, threads, stop) {
                Ok(graph) => Space::Numbers(Box::new(graph)),
                Err(by) => return Ok(nothing(Limit { by, so_far: Progress::default() })),
            }
        }
    };
    let mut found = Vec::new();
    if asked.recovery {
        let threads = args.threads.map_or(Explicit::default().threads, usize::from);
        found.push(recovery(system, &space, threads, stop));
    }
    if let Space::Numbers(graph) = &space {
        let memory = args.limits.memory();
        let leads = |own: &&Own| own::leads(own, graph, &answers.ladder, memory, stop);
        found.extend(leading.iter().filter_map(leads));
    }
    Ok(found)
}

/// The reason to end a search now, if there is one.
type Stop<'a> = &'a (dyn Fn() -> Option<Bound> + Sync);

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
        EngineArg::Auto | EngineArg::Explicit => {
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

/// Whether both engines found the same.
fn agree(one: &Exploration, other: &Exploration, questions: &Questions) -> Result<(), Failure> {
    let counts = |found: &Exploration| (found.states, found.transitions, found.depth);
    let lengths = |found: &Exploration| {
        let all = found.violations.iter().chain(&found.examples);
        all.map(|it| it.found().map(|path| path.steps.len())).collect::<Vec<_>>()
    };
    // An engine that was ended stood somewhere else than the other.
    if let Some(limit) = one.ended.or(other.ended) {
        return Err(Failure::new(
            Verdict::GivenUp(limit.by).exit(),
            format!(
                "the engines were ended by {} before both had looked at the same, so that they cannot be compared; ask \
                 again, or of fewer nodes",
                limit.by.text()
            ),
        ));
    }
    if counts(one) != counts(other) || lengths(one) != lengths(other) {
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
