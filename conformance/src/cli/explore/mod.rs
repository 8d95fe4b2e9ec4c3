//! `zdu explore`: what can happen next, what is refused and why, and which properties hold right here?
//!
//! In the browser (`server`, with the page beside it) or in the terminal (`menu`); both show what `session` finds, and
//! both load traces and counterexamples (`load`), go on at random or to where an
//! expression holds, and save traces (`walk`). A session is a path from the initial state and nothing else, so that
//! the page's address holds all of it.

mod bounds;
mod load;
mod menu;
mod server;
mod session;
mod walk;

use std::net::SocketAddr;
use std::path::PathBuf;

use super::scope::ScopeArgs;
use super::{Ended, Failure};
use load::{Loaded, Part};
use session::Session;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  zdu explore                                        prints the address to open in a browser
  zdu explore --tui --nodes 2                        a numbered menu in the terminal
  zdu check --mutant cancel-despite-error --format json > found.json
  zdu explore --mutant cancel-despite-error --load found.json   walk through a counterexample
  zdu explore --load report/report.json              where a replay parted from the model")]
pub(super) struct Args {
    /// A numbered menu in the terminal instead of a page
    #[arg(long)]
    tui: bool,
    /// Where the page is served; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", conflicts_with = "tui")]
    listen: SocketAddr,
    /// A scenario's name, a trace's file, the JSON of a check, a run in the informal trace format, a report (report.json) or a
    /// recording: where to begin. What was found in a run is shown at the step where it parted from the model
    #[arg(long, value_name = "NAME or FILE")]
    load: Option<String>,
    /// Which trace of a report or a recording; the first in which something was found by default
    #[arg(long, value_name = "NAME", requires = "load")]
    trace: Option<String>,
    /// The step of a trace after which to begin
    #[arg(long, value_name = "NUMBER", requires = "load")]
    step: Option<usize>,
    #[command(flatten)]
    scope: ScopeArgs,
}

pub(super) fn run(args: &Args) -> Ended {
    args.scope.without_operator()?;
    let mut system = args.scope.system();
    let mut flags = args.scope.clone();
    let begin = match &args.load {
        None => Loaded::default(),
        Some(what) => {
            let given = text_of(what)?;
            let wrong = |error: String| Failure::usage(format!("{what}: {error}"));
            let tui = args.tui.then(|| "--tui".to_owned());
            let again: Vec<String> =
                tui.into_iter().chain(["--load".to_owned(), what.clone()]).collect();
            let part = Part { trace: args.trace.as_deref(), step: args.step, again: &again };
            // A run says itself which cluster it was made on.
            system.scope = load::scope(&given, part, system.scope).map_err(wrong)?;
            flags = args.scope.of(system.scope);
            load::path(&system, &given, part).map_err(wrong)?
        }
    };
    let session = Session::new(system, begin).map_err(Failure::usage)?;
    if args.tui { menu::run(session) } else { server::run(args.listen, &session, &flags.flags()) }
}

/// The text of a file of this name; the name itself where there is none.
fn text_of(what: &str) -> Result<String, Failure> {
    let file = PathBuf::from(what);
    if file.exists() {
        std::fs::read_to_string(&file)
            .map_err(|error| Failure::usage(format!("cannot read {what}: {error}")))
    } else {
        Ok(what.to_owned())
    }
}
