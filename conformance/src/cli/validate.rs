//! `zdu validate FILE`: a recorded run judged after the fact.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use jiff::Timestamp;

use super::check::Format;
use super::replay::{draft, finish, judged, make_room};
use super::{Ended, Failure};
use crate::exit::Exit;
use crate::recording::{self, Recording};
use crate::replay;
use crate::shell::quoted_path;
use crate::verdict::Report;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu validate upgrade.jsonl\n\nA recording is made by `zdu replay --record FILE` or `zdu monitor --record \
                        FILE`. Of a replay every answer is held against the steps before it; of a watch only what no operator \
                        can have caused is found."
)]
pub(super) struct Args {
    /// The recording
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write report.json, report.txt, junit.xml and report.html
    #[arg(long, value_name = "DIR")]
    report_dir: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Ended {
    make_room(args.report_dir.as_deref())?;
    let (started, clock) = (Timestamp::now(), Instant::now());
    let recording =
        Recording::read(&args.file).map_err(|error| Failure::usage(error.to_string()))?;
    let shown = args.file.display();
    if recording.cut {
        eprintln!("zdu: the last line of {shown} is cut off and was left out");
    }
    let found = recording::judge(&recording, &format!("zdu validate {}", quoted_path(&args.file)));
    if found.answers == 0 {
        let message = format!(
            "{shown} holds no answer that can be judged; record one with: zdu monitor --record FILE"
        );
        return Err(Failure::new(Exit::Nothing, message));
    }
    eprintln!("{} answers in {} judged", found.answers, shown);
    let mut report = Report {
        target: recording.head.target.clone(),
        profile: recording.head.profile,
        layout: Some(recording.head.layout),
        nodes: recording.head.nodes.len(),
        versions: recording.head.versions.clone(),
        ..draft(started, clock, found.traces, &AtomicBool::new(false))
    };
    report.rules = replay::tally(report.profile, &report.traces);
    finish(&judged(report), args.report_dir.as_deref(), args.format)
}
