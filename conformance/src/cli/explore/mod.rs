//! `zdu explore`: what can happen next, what is refused and why, and which properties hold right here?
//!
//! In the browser (`server`, with the page beside it) or in the terminal (`menu`); both show what `session` finds, and
//! both load traces and counterexamples (`load`), go on at random or to where an
//! expression holds, and save traces (`walk`). A session is a path from the initial state and nothing else, so that
//! the page's address holds all of it.

mod load;
mod menu;
mod server;
mod session;
mod walk;

use std::net::SocketAddr;
use std::path::PathBuf;

use super::scope::ScopeArgs;
use super::{Ended, Failure};
use session::Session;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  zdu explore                                        prints the address to open in a browser
  zdu explore --tui --nodes 2                        a numbered menu in the terminal
  zdu check --mutant cancel-despite-error --format json > found.json
  zdu explore --mutant cancel-despite-error --load found.json   walk through a counterexample")]
pub(super) struct Args {
    /// A numbered menu in the terminal instead of a page
    #[arg(long)]
    tui: bool,
    /// Where the page is served; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", conflicts_with = "tui")]
    listen: SocketAddr,
    /// A scenario's name, a trace's file, the JSON of a check, or a run in the informal trace format: where to begin
    #[arg(long, value_name = "NAME or FILE")]
    load: Option<String>,
    #[command(flatten)]
    scope: ScopeArgs,
}

pub(super) fn run(args: &Args) -> Ended {
    args.scope.without_operator()?;
    let system = args.scope.system();
    let path = match &args.load {
        None => Vec::new(),
        Some(what) => {
            let file = PathBuf::from(what);
            let given = if file.exists() {
                std::fs::read_to_string(&file)
                    .map_err(|error| Failure::usage(format!("cannot read {what}: {error}")))?
            } else {
                what.clone()
            };
            load::path(&system, &given).map_err(|error| {
                Failure::usage(format!("{what}: {error}; the names of scenarios: zdu suite --list"))
            })?
        }
    };
    let session = Session::new(system, path).map_err(Failure::usage)?;
    if args.tui {
        menu::run(session)
    } else {
        server::run(args.listen, &session, &args.scope.flags())
    }
}
