//! `zdu suite`: which traces are there, and where do their files come from?

use std::path::PathBuf;

use zdu_model::scenario;

use super::{Ended, Failure};
use crate::exit::Exit;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: zdu suite --write traces")]
pub(super) struct Args {
    /// List the scenarios: name, steps, rules
    #[arg(long)]
    list: bool,
    /// Write the shipped traces and their JSON schema into this folder
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Print one scenario's trace
    #[arg(long, value_name = "NAME")]
    show: Option<String>,
    /// The number of nodes of the printed or listed traces; the shipped number by default
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=16))]
    nodes: Option<u8>,
}

pub(super) fn run(args: &Args) -> Ended {
    if let Some(folder) = &args.write {
        return write(folder);
    }
    if let Some(name) = &args.show {
        let scenario = scenario::Scenario::named(name).ok_or_else(|| {
            Failure::usage(format!(
                "there is no scenario `{name}`; `zdu suite --list` names them"
            ))
        })?;
        let nodes = args.nodes.unwrap_or(scenario.shipped);
        let trace = scenario.trace(nodes).ok_or_else(|| {
            let (least, most) = scenario.nodes;
            Failure::usage(format!(
                "`{name}` makes sense for {least} to {most} nodes, not for {nodes}"
            ))
        })?;
        print!("{}", trace.to_json());
        return Ok(Exit::Fine);
    }
    list(args.nodes);
    Ok(Exit::Fine)
}

fn list(nodes: Option<u8>) {
    let (mut count, mut steps) = (0, 0);
    for scenario in scenario::all() {
        let Some(trace) = scenario.trace(nodes.unwrap_or(scenario.shipped)) else {
            continue;
        };
        let rules: Vec<&str> = trace.rules.iter().map(|rule| rule.id()).collect();
        println!(
            "{:<46} N={} V={} {:>3} steps  {}",
            trace.name,
            trace.nodes,
            trace.versions,
            trace.steps.len(),
            rules.join(" ")
        );
        count += 1;
        steps += trace.steps.len();
    }
    println!("{count} traces, {steps} steps");
}

fn write(folder: &PathBuf) -> Ended {
    let fail = |error: std::io::Error| {
        Failure::usage(format!("cannot write into {}: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(fail)?;
    for (name, text) in scenario::files() {
        std::fs::write(folder.join(&name), text).map_err(fail)?;
        println!("{name}");
    }
    Ok(Exit::Fine)
}
