//! `zdu path`: what is the best way from one situation to another?
//!
//! Over every kind of transition, faults included, where every state can be held. In larger clusters from the initial
//! state only, by documented steps: that search takes nodes that look alike as one, and gives up after a while.

use serde_json::json;
use zdu_model::check::graph::Graph;
use zdu_model::ways::route::{Cost, NoRoute, Route, between, way_to};
use zdu_model::ways::situation::Situation;

use super::scope::{Format, ScopeArgs, graph_fits, graph_nodes_max, states_expected};
use super::steps::Shown;
use super::{Ended, Failure};
use crate::exit::Exit;

/// How many states are looked at in clusters whose states cannot all be held.
const STATES_MAX: usize = 200_000;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: zdu path --from \"status=MIXED, n2=ERROR\" --to \"STABLE, all=ACTIVE\" --cheapest

A situation is written as conditions that hold together:
  STABLE, status=MIXED              the cluster's status
  mode=on, origin=v0, origin=none   upgrade mode, and the recorded version
  served=yes, pending=no            whether the API answers; whether upgrade tasks are pending
  n2=ERROR, n1=ACTIVE v1, n3=v1     how a node is listed, and its installed version; ABSENT when it is not
  any=OFFLINE, all=ACTIVE, no=ERROR some node, every node, no node

The way begins in the state from which it is best. Exit codes: 0 there is a way, 1 there is none, 2 a situation cannot be read or
never arises, 3 the search was given up.")]
pub(super) struct Args {
    /// Where the way begins
    #[arg(long, value_name = "SITUATION")]
    from: String,
    /// Where it leads
    #[arg(long, value_name = "SITUATION")]
    to: String,
    /// The way with the fewest restarts instead of the fewest transitions
    #[arg(long)]
    cheapest: bool,
    #[command(flatten)]
    scope: ScopeArgs,
    /// How the way is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Ended {
    let scope = args.scope.scope();
    let read = |flag: &str, text: &str| {
        let situation: Situation = text.parse().map_err(|error| {
            Failure::usage(format!("--{flag}: {error}; how to write one: zdu path --help"))
        })?;
        (situation.fits(scope))
            .map_err(|error| Failure::usage(format!("--{flag} `{situation}`: {error}")))?;
        Ok(situation)
    };
    let (from, to) = (read("from", &args.from)?, read("to", &args.to)?);
    match find(args, &from, &to)? {
        Ok(route) => {
            match args.format {
                Format::Text => print!("{}", text(&from, &to, &route)),
                Format::Json => println!("{:#}", json(&from, &to, Some(&route), None)),
            }
            Ok(Exit::Fine)
        }
        Err(error) => {
            if args.format == Format::Json {
                println!("{:#}", json(&from, &to, None, Some(&error)));
            }
            Err(refusal(args, &from, &to, &error))
        }
    }
}

fn find(args: &Args, from: &Situation, to: &Situation) -> Result<Result<Route, NoRoute>, Failure> {
    let system = args.scope.system();
    let cost = if args.cheapest { Cost::Restarts } else { Cost::Steps };
    if graph_fits(system.scope) {
        return Ok(between(&system, &Graph::of(&system), from, to, cost));
    }
    let initial = system.scope.initial();
    if !from.holds(&system, &initial) {
        let nodes = graph_nodes_max(system.scope);
        return Err(Failure::new(
            Exit::Inconclusive,
            format!(
                "about {:.0e} states are too many to hold, and then a way can only begin where the cluster begins \
                 (STABLE, all=ACTIVE v0); ask for fewer nodes: zdu path --from \"{from}\" --to \"{to}\" --nodes {nodes}",
                states_expected(system.scope)
            ),
        ));
    }
    eprintln!(
        "about {:.0e} states are too many to hold: the way begins in the initial state and has no faults",
        states_expected(system.scope)
    );
    Ok(way_to(&system, &initial, to, cost, STATES_MAX))
}

fn refusal(args: &Args, from: &Situation, to: &Situation, error: &NoRoute) -> Failure {
    let flags = args.scope.flags();
    match error {
        NoRoute::NeverArises { .. } => Failure::usage(format!(
            "{error}; what can arise: zdu explore{flags}, or leave a condition out"
        )),
        NoRoute::NoWay => Failure::new(
            Exit::Deviation,
            format!("from `{from}` to `{to}`: {error}; look around: zdu explore{flags}"),
        ),
        NoRoute::GivenUp { .. } => Failure::new(
            Exit::Inconclusive,
            format!(
                "from `{from}` to `{to}`: {error}; ask for fewer nodes: zdu path --from \"{from}\" --to \"{to}\" --nodes {}",
                graph_nodes_max(args.scope.scope())
            ),
        ),
    }
}

fn text(from: &Situation, to: &Situation, route: &Route) -> String {
    if route.path.steps.is_empty() {
        return format!(
            "  0  {}\n     nothing to do: `{from}` and `{to}` hold at once\n",
            route.path.start
        );
    }
    let rules: Vec<&str> = route.rules().iter().map(|rule| rule.id()).collect();
    format!("{route}\nrules: {}\n", rules.join(", "))
}

fn json(
    from: &Situation,
    to: &Situation,
    route: Option<&Route>,
    error: Option<&NoRoute>,
) -> serde_json::Value {
    json!({
        "from": from.to_string(),
        "to": to.to_string(),
        "error": error.map(ToString::to_string),
        "transitions": route.map(|route| route.path.steps.len()),
        "restarts": route.map(Route::restarts),
        "rules": route.map(|route| route.rules().iter().map(|rule| rule.id()).collect::<Vec<_>>()),
        "path": route.map(|route| Shown::Path(route.path.clone()).json()),
    })
}
