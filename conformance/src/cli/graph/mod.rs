//! `zdu graph`: the cluster statuses and what leads from one to the other, or every state, as a picture.

mod notation;
mod svg;

use std::path::PathBuf;

use clap::ValueEnum;
use zdu_model::check::graph::Graph;
use zdu_model::spec::semantics::Scope;
use zdu_model::ways::statuses::Statuses;

use super::scope::{ScopeArgs, deliver, graph_fits, graph_nodes_max, states_expected};
use super::typed::Typed;
use super::{Ended, Failure};
use crate::exit::Exit;

/// The most states that a picture of every state shows: beyond that nobody reads it.
const DRAWN_MAX: usize = 2_500;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  zdu graph --format svg --out statuses.svg
  zdu graph --states --nodes 1 | dot -Tsvg > states.svg")]
pub(super) struct Args {
    /// Every state instead of the cluster statuses; for small clusters
    #[arg(long)]
    states: bool,
    /// What is written
    #[arg(long, value_enum, default_value_t = Picture::Dot)]
    format: Picture,
    /// The file to write; stdout by default
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    scope: ScopeArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Picture {
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// A drawing, of the statuses only
    Svg,
}

pub(super) fn run(args: &Args) -> Ended {
    args.scope.without_operator()?;
    let system = args.scope.system();
    if !graph_fits(system.scope) {
        return Err(Failure::usage(format!(
            "that cluster has too many states to hold; take fewer nodes: {}",
            fewer(args, system.scope)
        )));
    }
    let graph = Graph::of(&system);
    let text = if args.states {
        if graph.states().len() > DRAWN_MAX {
            return Err(Failure::usage(format!(
                "a picture of {} states helps nobody, and more than {DRAWN_MAX} are not drawn; take fewer nodes: {}; or the \
                 statuses: {}; or look around: zdu explore{}",
                graph.states().len(),
                fewer(args, system.scope),
                Typed::now().without("--states"),
                args.scope.flags()
            )));
        }
        match args.format {
            Picture::Dot => notation::states_dot(&system, &graph),
            Picture::Mermaid => notation::states_mermaid(&system, &graph),
            Picture::Svg => {
                return Err(Failure::usage(format!(
                    "only the statuses are drawn; for every state let Graphviz draw: {} | dot -Tsvg",
                    Typed::now().without("--out").with("--format", "dot")
                )));
            }
        }
    } else {
        let statuses = Statuses::of(&system, &graph);
        match args.format {
            Picture::Dot => notation::statuses_dot(&statuses),
            Picture::Mermaid => notation::statuses_mermaid(&statuses),
            Picture::Svg => svg::draw(&statuses, system.scope),
        }
    };
    deliver(&text, args.out.as_deref())?;
    Ok(Exit::Fine)
}

/// The same picture of as many nodes as can be shown.
fn fewer(args: &Args, scope: Scope) -> Typed {
    let drawn =
        |nodes: &usize| states_expected(Scope { nodes: *nodes, ..scope }) <= DRAWN_MAX as f64;
    let most = if args.states {
        (1..scope.nodes).rev().find(drawn).unwrap_or(1)
    } else {
        graph_nodes_max(scope)
    };
    Typed::now().with("--nodes", &most.to_string())
}
