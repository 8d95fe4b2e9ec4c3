//! `zdu suite`: which traces are there, what do they cost, and where do their files come from?
//!
//! By scenario: those that people named, and that are shipped. By coverage, or complete up to `k` extra states: made from
//! the model ([`zdu_model::traces::suite`]).

mod files;

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::scenario::{self, Scenario};
use zdu_model::traces::suite::complete::complete;
use zdu_model::traces::suite::cost::Cost;
use zdu_model::traces::suite::coverage::{LOOKED_AT_MAX, Unshown, coverage};
use zdu_model::traces::trace::{Trace, json_schema};

use super::mock::duration;
use super::scope::ProfileArg;
use super::{Ended, Failure};
use crate::exit::Exit;
use crate::words::counted;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  zdu suite --write traces                                  the shipped traces and their JSON Schema
  zdu suite --by coverage --nodes 4 --cost --settle 5m      few short traces that show everything, and how long they take
  zdu suite --complete-then mine.json > mine-done.json      fill in what must be seen
  zdu suite --by complete --extra 1 --nodes 1 --write full  every sequence of two steps from every settled cluster

--by complete says what it guarantees. What coverage cannot reach is named with the reason, not searched for ever.")]
pub(super) struct Args {
    /// How the traces are chosen
    #[arg(long, value_enum, default_value_t = By::Scenario)]
    by: By,
    /// List the traces: name, steps, rules (what happens without other flags)
    #[arg(long)]
    list: bool,
    /// List what each trace costs: steps, waits, restarts, expected time
    #[arg(long)]
    cost: bool,
    /// How long a step takes to settle, for --cost
    #[arg(long, default_value = "5m", value_parser = duration)]
    settle: Duration,
    /// Write the traces and their JSON Schema into this folder, and remove those of the kind that are no more
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Print one trace
    #[arg(long, value_name = "NAME")]
    show: Option<String>,
    /// Fill in what must be seen after each step of a trace written by hand, and print it
    #[arg(long, value_name = "FILE")]
    complete_then: Option<PathBuf>,
    /// Print the JSON Schema of a trace
    #[arg(long)]
    schema: bool,
    /// The number of nodes; by default each scenario's own, and 3 for coverage, 1 for complete
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=16))]
    nodes: Option<u8>,
    /// The number of versions, for coverage and complete
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=16))]
    versions: u8,
    /// The family of builds; by default each scenario's own, and documented for coverage and complete
    #[arg(long, value_enum)]
    profile: Option<ProfileArg>,
    /// How many states more than the model an endpoint may have, for complete
    #[arg(long, default_value_t = 0, value_name = "K", value_parser = clap::value_parser!(u8).range(0..=3))]
    extra: u8,
    /// The most traces to make, for complete
    #[arg(long, default_value_t = 5_000, value_name = "TRACES")]
    limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum By {
    /// What people named
    Scenario,
    /// Few short traces that show everything that can be shown for certain
    Coverage,
    /// Every sequence of a few steps from every settled cluster; for small clusters
    Complete,
}

/// The chosen traces, and what is to be said of the choice.
struct Chosen {
    traces: Vec<Trace>,
    notes: Vec<String>,
    /// Whether the choice was made to the end.
    exit: Exit,
}

pub(super) fn run(args: &Args) -> Ended {
    if args.schema {
        print!("{}", json_schema());
        return Ok(Exit::Fine);
    }
    if let Some(file) = &args.complete_then {
        print!("{}", completed(file)?.to_json());
        return Ok(Exit::Fine);
    }
    if let Some(name) = args.show.as_deref().filter(|_| args.by == By::Scenario) {
        print!("{}", shown(args, name)?.to_json());
        return Ok(Exit::Fine);
    }
    let chosen = choose(args)?;
    if chosen.traces.is_empty() {
        return Err(Failure::new(
            Exit::Nothing,
            "no scenario makes sense for that size and profile; see them all: zdu suite --list",
        ));
    }
    if let Some(name) = &args.show {
        let trace = (chosen.traces.iter())
            .find(|trace| trace.name == *name)
            .ok_or_else(|| no_trace(name))?;
        print!("{}", trace.to_json());
        return Ok(Exit::Fine);
    }
    if let Some(folder) = &args.write {
        files::write(folder, args.by, &chosen.traces)?;
    } else if args.cost && !args.list {
        print!("{}", costs(&chosen.traces, args.settle));
    } else {
        print!("{}", list(&chosen.traces));
        if args.cost {
            print!("\n{}", costs(&chosen.traces, args.settle));
        }
    }
    for note in &chosen.notes {
        println!("{note}");
    }
    Ok(chosen.exit)
}

/// A trace written by hand, with everything that must be seen.
fn completed(file: &std::path::Path) -> Result<Trace, Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
    let trace: Trace = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("{shown} is no trace: {error}; its form: zdu suite --schema"))
    })?;
    trace.completed().map_err(|error| {
        Failure::usage(format!("{shown}: {error}; what is possible there: zdu explore"))
    })
}

fn no_trace(name: &str) -> Failure {
    Failure::usage(format!("there is no trace `{name}`; see the names: zdu suite --list"))
}

fn shown(args: &Args, name: &str) -> Result<Trace, Failure> {
    let scenario = Scenario::named(name).ok_or_else(|| no_trace(name))?;
    let nodes = args.nodes.unwrap_or(scenario.shipped);
    let profile = args.profile.map_or(scenario.profile, Profile::from);
    scenario.trace_in(profile, nodes).ok_or_else(|| {
        let (least, most) = scenario.nodes;
        Failure::usage(format!(
            "`{name}` makes sense for {least} to {most} nodes in profile {}, not for {nodes} in {profile}; try: zdu suite \
             --show {name}",
            scenario.profile
        ))
    })
}

fn choose(args: &Args) -> Result<Chosen, Failure> {
    let scope = |nodes: u8| Scope {
        profile: args.profile.unwrap_or(ProfileArg::Documented).into(),
        nodes: usize::from(args.nodes.unwrap_or(nodes)),
        versions: args.versions,
    };
    match args.by {
        By::Scenario => Ok(Chosen {
            traces: scenario::all()
                .filter_map(|scenario| {
                    let nodes = args.nodes.unwrap_or(scenario.shipped);
                    let profile = args.profile.map_or(scenario.profile, Profile::from);
                    scenario.trace_in(profile, nodes)
                })
                .collect(),
            notes: Vec::new(),
            exit: Exit::Fine,
        }),
        By::Coverage => Ok(covering(scope(3))),
        By::Complete => completing(args, scope(1)),
    }
}

fn covering(scope: Scope) -> Chosen {
    let suite = coverage(scope, LOOKED_AT_MAX);
    let mut notes = vec![format!(
        "{} things to show, {} shown; the other {}:",
        suite.covered.len() + suite.uncovered.len(),
        suite.covered.len(),
        suite.uncovered.len()
    )];
    notes.extend(
        suite.uncovered.iter().map(|(target, why)| format!("  not shown: {target} ({why})")),
    );
    let given_up = suite.uncovered.iter().any(|(_, why)| matches!(why, Unshown::GivenUp(_)));
    if given_up {
        notes.push("a limit was reached, so that this is not all that can be shown".to_owned());
    }
    let exit = if given_up { Exit::Inconclusive } else { Exit::Fine };
    Chosen { traces: suite.traces, notes, exit }
}

fn completing(args: &Args, scope: Scope) -> Result<Chosen, Failure> {
    let suite = complete(scope, usize::from(args.extra), args.limit).map_err(|error| {
        Failure::new(
            Exit::Inconclusive,
            format!(
                "{error}; allow more: zdu suite --by complete --nodes {} --extra {} --limit {}",
                scope.nodes,
                args.extra,
                args.limit.saturating_mul(10)
            ),
        )
    })?;
    let length = match args.extra {
        0 => "one step".to_owned(),
        extra => format!("up to {} steps", extra + 1),
    };
    let notes = vec![
        format!(
            "{} settled clusters up to a renaming of the nodes, every sequence of {length} from each.",
            suite.settled
        ),
        format!(
            "guarantee: an endpoint that treats nodes alike and answers the same to the same steps, and that differs from the \
             model within {length} of a settled cluster reached the shortest way, is found."
        ),
        format!(
            "where overviews tell clusters apart, that finds every endpoint of up to {} states more than the model; {} of the \
             {} look like another one, and there it takes a step or two more.",
            args.extra, suite.alike, suite.settled
        ),
    ];
    Ok(Chosen { traces: suite.traces, notes, exit: Exit::Fine })
}

pub(super) fn list(traces: &[Trace]) -> String {
    let mut text = String::new();
    for trace in traces {
        let rules: Vec<&str> = trace.rules.iter().map(|rule| rule.id()).collect();
        text += &format!(
            "{:<46} N={} V={} {:>3} steps {} {}\n",
            trace.name,
            trace.nodes,
            trace.versions,
            trace.steps.len(),
            if trace.approves() { "reset" } else { "     " },
            rules.join(" ")
        );
    }
    let steps: usize = traces.iter().map(|trace| trace.steps.len()).sum();
    let resets = traces.iter().filter(|trace| trace.approves()).count();
    let note = match resets {
        0 => String::new(),
        _ => format!(
            "reset: {} an upgrade; on a build that keeps versions below the original out (section 7), going home from each needs `reset`: {} in all\n",
            if resets == 1 { "such a trace finalizes" } else { "such traces finalize" },
            counted(resets, "reset")
        ),
    };
    text + &format!("{}, {}\n{note}", counted(traces.len(), "trace"), counted(steps, "step"))
}

pub(super) fn costs(traces: &[Trace], settle: Duration) -> String {
    let row = |name: &str, cost: Cost| {
        format!(
            "{name:<46} {:>5} {:>5} {:>8}  {}\n",
            cost.steps,
            cost.waits,
            cost.restarts,
            humantime::format_duration(cost.time(settle))
        )
    };
    let head =
        format!("{:<46} {:>5} {:>5} {:>8}  expected time\n", "trace", "steps", "waits", "restarts");
    let rows: String = (traces.iter()).map(|trace| row(&trace.name, Cost::of(trace))).collect();
    let total: Cost = traces.iter().map(Cost::of).sum();
    let total = row(&format!("{} traces", traces.len()), total);
    format!(
        "{head}{rows}{total}The times are for waits of {} each, one for a step on a node; the way back to where traces start is not counted.\n",
        humantime::format_duration(settle)
    )
}
