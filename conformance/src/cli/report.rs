//! `zdu report diff A B [C...]`: what became better or worse from run to run?

use std::path::PathBuf;

use clap::Subcommand;

use super::{Ended, Failure};
use crate::report::{diff, past};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu report diff rc1/report.json rc2/report.json rc3/report.json --format html > matrix.html"
)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Compare JSON reports rule by rule and trace by trace; exit 1 when the last is worse than the best before it
    Diff {
        /// The report.json of each run, the earliest first
        #[arg(value_name = "REPORT", num_args = 2.., required = true)]
        reports: Vec<PathBuf>,
        /// How the result is printed
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// For people, in the terminal
    Text,
    /// For programs
    Json,
    /// For people, in a browser; one file
    Html,
}

pub(super) fn run(args: &Args) -> Ended {
    let Action::Diff { reports, format } = &args.action;
    let read =
        |path: &PathBuf| past::read_file(path).map_err(|error| Failure::usage(error.to_string()));
    let runs = reports.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let diff = diff::diff(&runs);
    match format {
        Format::Text => print!("{}", diff::text(&diff)),
        Format::Json => print!("{}", diff.json()),
        Format::Html => println!("{}", diff::html(&diff)),
    }
    Ok(diff.exit())
}
