//! Where does a report go? To the terminal as asked, into a folder, and to GitHub where a run is made there.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use zdu_model::spec::rule::Rule;

use super::scope::Format;
use super::{Ended, Failure, colour};
use crate::exit::Exit;
use crate::printing::note;
use crate::report::{self, github, json, text};
use crate::run::Gate;
use crate::verdict::Report;

/// How a report is given.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Output {
    /// Where to write report.json, report.txt, junit.xml and report.html
    #[arg(long, value_name = "DIR")]
    pub(super) report_dir: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Print 15 lines at most: a line a bug, the numbers, the next command, the verdict
    #[arg(short, long)]
    pub(super) quiet: bool,
}

impl Output {
    /// Makes the folder for the reports before anything is run: who does so loses no run to a folder that cannot be had.
    pub(super) fn make_room(&self) -> Result<(), Failure> {
        self.report_dir.as_deref().map_or(Ok(()), |folder| {
            report::make(folder).map_err(|error| Failure::usage(error.to_string()))
        })
    }

    /// Writes a report where asked, prints it, and says how the process ends. Files first: whoever reads along may be gone;
    /// and where they cannot be written, what is printed is all that is left of the run.
    pub(super) fn finish(&self, report: &Report) -> Ended {
        let folder = self.report_dir.as_deref();
        let written = folder.map_or(Ok(Vec::new()), |folder| report::write_all(report, folder));
        let text = match (self.format, self.quiet) {
            (Format::Text, false) => text::render(report, colour()),
            (Format::Text, true) => text::short(report, colour()),
            (Format::Json, _) => json::render(report),
        };
        // A reader who has gone, or a terminal that hung up, is none of the run's business.
        let _ = std::io::stdout().write_all(text.as_bytes());
        tell_github(report);
        let exit = Exit::of_code(report.exit_code);
        let written = written.map_err(|error| Failure::usage(error.to_string()).after(exit))?;
        for file in written.iter().filter(|_| !self.quiet) {
            note(&format!("wrote {}", file.display()));
        }
        Ok(exit)
    }
}

/// Annotations and a step summary, where GitHub's variables say that it listens. What it cannot take changes no verdict.
fn tell_github(report: &Report) {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    // GitHub reads both streams; a report as JSON stays whole.
    if set("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        eprint!("{}", github::annotations(report));
    }
    if let Some(file) = set("GITHUB_STEP_SUMMARY")
        && let Err(error) = github::append_summary(report, Path::new(&file))
    {
        eprintln!("zdu: cannot write the step summary: {error}");
    }
}

/// What a run must reach.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Thresholds {
    /// End with 3 if fewer traces than this were run
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    min_traces: usize,
    /// End with 3 if any selected trace was not run
    #[arg(long)]
    fail_on_skip: bool,
    /// End with 3 if this rule was not tried; may be given several times
    #[arg(long, value_name = "RULE")]
    require: Vec<Rule>,
}

impl Thresholds {
    pub(super) fn gate(&self) -> Gate {
        Gate {
            min_traces: self.min_traces,
            fail_on_skip: self.fail_on_skip,
            require: self.require.clone(),
        }
    }
}
