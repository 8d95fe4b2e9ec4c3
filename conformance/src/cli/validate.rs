//! `zdu validate FILE`: a recorded run judged after the fact.

use std::path::PathBuf;

use super::output::Output;
use super::{Ended, Failure};
use crate::exit::Exit;
use crate::recording::{self, Recording, Source};
use crate::run::Run;
use crate::verdict::{Command, End};

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
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: &Args) -> Ended {
    args.output.make_room()?;
    let recording =
        Recording::read(&args.file).map_err(|error| Failure::usage(error.to_string()))?;
    let shown = args.file.display();
    if recording.cut {
        eprintln!("zdu: the last line of {shown} is cut off and was left out");
    }
    let found =
        recording::judge(&recording, &Command::zdu(["validate".to_owned(), shown.to_string()]));
    // Of a run that did not come to its first answer its recording may still say why.
    let told = found.traces.iter().any(|trace| trace.end != End::Done);
    if found.answers == 0 && !told {
        let message = format!(
            "{shown} holds no answer that can be judged; record one with: zdu monitor --record FILE"
        );
        return Err(Failure::new(Exit::Nothing, message));
    }
    eprintln!("{} answers in {} judged", found.answers, shown);
    let head = &recording.head;
    let run = Run {
        layout: Some(head.layout),
        names: head.dictionary().names(),
        ends_untold: head.source == Source::Replay && !head.tells_ends(),
        ..Run::begin(head.target.as_str(), head.profile)
    };
    args.output.finish(&run.finish(found.traces))
}
