//! `zdu path`: what is the best way from one situation to another?
//!
//! Over every kind of transition, faults included unless they are forbidden, among all reachable states, as long as they
//! fit the memory; nothing is answered about a smaller question instead.

use std::path::PathBuf;

use serde_json::json;
use zdu_model::check::space::{Explicit, Graph};
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::semantics::{Scope, Semantics as _, System};
use zdu_model::spec::transition::Kind;
use zdu_model::ways::route::{Cost, NoRoute, Quest, Route, between};
use zdu_model::ways::situation::Situation;

use super::itf;
use super::limits::{LimitArgs, Watch, amount};
use super::saved::save;
use super::scope::{RunFormat, ScopeArgs, states_expected};
use super::steps::{Shown, lines};
use super::typed::Typed;
use super::{Ended, Failure};
use crate::exit::Exit;
use crate::verdict::Command;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: zdu path --from \"status=MIXED, n2=ERROR\" --to \"STABLE, all=ACTIVE\" --cheapest

How a situation is written: zdu explain expressions. The way begins in the state from which it is best. Exit codes: 0 there is a way, 1 there is none, 2 a situation cannot be read,
3 the search was given up.")]
pub(super) struct Args {
    /// Where the way begins
    #[arg(long, value_name = "SITUATION")]
    from: String,
    /// Where it leads
    #[arg(long, value_name = "SITUATION")]
    to: String,
    /// Where it never passes, its two ends included
    #[arg(long, value_name = "SITUATION")]
    avoiding: Option<String>,
    /// Nothing may go wrong on the way
    #[arg(long)]
    without_faults: bool,
    /// The way with the fewest restarts instead of the fewest transitions
    #[arg(long)]
    cheapest: bool,
    /// Write the way as a trace for zdu replay, from the initial state on
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// How the way is printed
    #[arg(long, value_enum, default_value_t = RunFormat::Text)]
    format: RunFormat,
}

pub(super) fn run(args: &Args) -> Ended {
    let system = args.scope.system();
    let scope = system.scope;
    let read = |flag: &str, text: &str| {
        let situation: Situation = text.parse().map_err(|error| {
            Failure::usage(format!("--{flag}: {error}\nhow to write one: zdu explain expressions"))
        })?;
        (situation.fits(scope))
            .map_err(|error| Failure::usage(format!("--{flag} `{situation}`: {error}")))?;
        Ok(situation)
    };
    let (from, to) = (read("from", &args.from)?, read("to", &args.to)?);
    let avoiding = args.avoiding.as_deref().map(|text| read("avoiding", text)).transpose()?;
    args.scope.without_operator()?;
    let quest = Quest {
        from: &from,
        to: &to,
        avoiding: avoiding.as_ref(),
        allowed: if args.without_faults {
            |transition| transition.kind() != Kind::Fault
        } else {
            |_| true
        },
        cost: if args.cheapest { Cost::Restarts } else { Cost::Steps },
    };
    match find(args, quest)? {
        Ok(route) => {
            match args.format {
                RunFormat::Text => print!("{}", text(&system, &from, &to, &route)),
                RunFormat::Itf => {
                    println!("{:#}", itf::written(&route.path, None, scope.versions));
                }
                RunFormat::Json => println!("{:#}", json(args, quest, Ok(&route))),
            }
            if let Some(file) = &args.save {
                let why = format!("From `{from}` to `{to}`.");
                save(file, &system, &why, &route.path)?;
            }
            Ok(Exit::Fine)
        }
        Err(error) => {
            if args.format == RunFormat::Json {
                println!("{:#}", json(args, quest, Err(&error)));
            }
            Err(refusal(args, quest, &error))
        }
    }
}

fn find(args: &Args, quest: Quest<'_>) -> Result<Result<Route, NoRoute>, Failure> {
    let system = args.scope.system();
    let explicit = Explicit::default();
    let needs = |nodes: usize| {
        let scope = Scope { nodes, ..system.scope };
        let there = System { scope, ..system };
        let search = Quest::needs(scope, system.semantics.local())?;
        explicit.needs(&there)?.checked_add(search)
    };
    let memory = args.limits.memory();
    let fits = |nodes: &usize| needs(*nodes).is_some_and(|needs| needs <= memory);
    if !fits(&system.scope.nodes) {
        let needs = needs(system.scope.nodes)
            .map_or_else(|| "more than any machine has".to_owned(), amount);
        let nearest = (1..system.scope.nodes).rev().find(fits).unwrap_or(1);
        return Err(Failure::new(
            Exit::Inconclusive,
            format!(
                "nothing was looked at: a way among about {:.0e} states takes {needs}, and {} may be taken; the nearest size \
                 that fits: {}",
                states_expected(system.scope),
                amount(memory),
                Command::zdu(["path", "--from"])
                    .with([&quest.from.to_string(), "--to", &quest.to.to_string()])
                    .with(["--nodes", &nearest.to_string()]),
            ),
        ));
    }
    let watch = Watch::begin(args.limits);
    let stop = || watch.stop();
    let Ok(graph) = Graph::explore_within(system, explicit.threads, &stop) else {
        return Ok(Err(NoRoute::GivenUp { states: 0 }));
    };
    Ok(between(&graph, quest, &stop))
}

fn refusal(args: &Args, quest: Quest<'_>, error: &NoRoute) -> Failure {
    let flags = args.scope.flags();
    let from_to = format!("from `{}` to `{}`", quest.from, quest.to);
    match error {
        NoRoute::NeverArises { .. } => Failure::new(
            Exit::Deviation,
            format!("{error}; what can arise: zdu explore{flags}, or leave a condition out"),
        ),
        NoRoute::Avoided { .. } => {
            let typed = Typed::now().without("--avoiding");
            Failure::new(Exit::Deviation, format!("{from_to}: {error}; leave it out: {typed}"))
        }
        NoRoute::NoWay { .. } => Failure::new(
            Exit::Deviation,
            format!("{from_to}: {error}; look around: zdu explore{flags}"),
        ),
        NoRoute::GivenUp { .. } => Failure::new(
            Exit::Inconclusive,
            format!(
                "{from_to}: {error}; give it more time with --time, or fewer nodes with --nodes"
            ),
        ),
    }
}

fn text(system: &System<Mutants>, from: &Situation, to: &Situation, route: &Route) -> String {
    if route.path.steps.is_empty() {
        return format!(
            "  0  {}\n     nothing to do: `{from}` and `{to}` hold at once\n",
            route.path.start
        );
    }
    let rules: Vec<&str> = route.rules().iter().map(|rule| rule.id()).collect();
    let (steps, restarts) = (route.path.steps.len(), route.restarts());
    let plural = |count| if count == 1 { "" } else { "s" };
    format!(
        "{}     {steps} transition{}, {restarts} restart{}\nrules: {}\n",
        lines(system, &route.path),
        plural(steps),
        plural(restarts),
        rules.join(", ")
    )
}

fn json(args: &Args, quest: Quest<'_>, found: Result<&Route, &NoRoute>) -> serde_json::Value {
    let route = found.ok();
    let verdict = match found {
        Ok(_) => "found",
        Err(NoRoute::NoWay { .. } | NoRoute::NeverArises { .. } | NoRoute::Avoided { .. }) => {
            "none"
        }
        Err(NoRoute::GivenUp { .. }) => "given-up",
    };
    json!({
        "profile": args.scope.scope().profile.name(),
        "nodes": args.scope.nodes,
        "versions": args.scope.versions,
        "mutant": args.scope.planted(),
        "from": quest.from.to_string(),
        "to": quest.to.to_string(),
        "avoiding": quest.avoiding.map(ToString::to_string),
        "without_faults": args.without_faults,
        "verdict": verdict,
        "error": found.err().map(ToString::to_string),
        "transitions": route.map(|route| route.path.steps.len()),
        "restarts": route.map(Route::restarts),
        "rules": route.map(|route| route.rules().iter().map(|rule| rule.id()).collect::<Vec<_>>()),
        "path": route.map(|route| Shown::Path(route.path.clone()).json(&args.scope.system())),
    })
}
