//! `zdu report diff A B`: what became better or worse between two runs?

use std::path::PathBuf;

use clap::Subcommand;

use super::{Ended, Failure};
use crate::report::{diff, json};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: zdu report diff before/report.json after/report.json")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Compare two JSON reports rule by rule and trace by trace; exit 1 when something got worse
    Diff {
        /// The earlier report.json
        before: PathBuf,
        /// The later report.json
        after: PathBuf,
    },
}

pub(super) fn run(args: &Args) -> Ended {
    let Action::Diff { before, after } = &args.action;
    let read = |path| json::read_file(path).map_err(|error| Failure::usage(error.to_string()));
    let diff = diff::diff(&read(before)?, &read(after)?);
    print!("{diff}");
    Ok(diff.exit())
}
