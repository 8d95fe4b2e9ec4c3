//! `zdu report`: what does a journal come to, and what became better or worse from run to run?

use std::path::PathBuf;

use clap::Subcommand;

use super::output::Output;
use super::{Ended, Failure};
use crate::journal::{JournalError, Past, merged};
use crate::report::{diff, past};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  zdu report diff rc1/report.json rc2/report.json rc3/report.json --format html > matrix.html\n  \
                        zdu report from report/journal.jsonl --report-dir report"
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
    /// Make the report of a run from its journal, wherever that ended; of several runs that shared the traces, one report
    From {
        /// The journal.jsonl of each run
        #[arg(value_name = "JOURNAL", required = true)]
        journals: Vec<PathBuf>,
        #[command(flatten)]
        output: Output,
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
    match &args.action {
        Action::Diff { reports, format } => compare(reports, *format),
        Action::From { journals, output } => from(journals, output),
    }
}

fn from(journals: &[PathBuf], output: &Output) -> Ended {
    output.make_room()?;
    let read = |path: &PathBuf| match Past::read(path) {
        Err(JournalError::None { path }) => {
            Err(Failure::usage(format!("{path} holds no run; give the journal.jsonl of one")))
        }
        read => read.map_err(|error| Failure::usage(error.to_string())),
    };
    let pasts = journals.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let report = merged(&pasts).map_err(|error| Failure::usage(error.to_string()))?;
    output.finish(&report)
}

fn compare(reports: &[PathBuf], format: Format) -> Ended {
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
