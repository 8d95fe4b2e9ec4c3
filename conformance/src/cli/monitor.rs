//! `zdu monitor`: what happens on a cluster that others drive, judged as it comes.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::aim::Aim;
use super::check::Format;
use super::mock::duration;
use super::output::Output;
use super::{Ended, Failure, runtime, stop_on_ctrl_c};
use crate::exit::Exit;
use crate::monitor;
use crate::recording::{Head, Recorder, Source};
use crate::run::Run;
use crate::verdict::{Command, LeftAs};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu monitor --target cluster.toml --for 2h --record upgrade.jsonl\n\nReads the overview every `poll` and \
                        sends nothing else. Ctrl-C ends the watch with the report; judge a recording again with `zdu validate`."
)]
pub(super) struct Args {
    #[command(flatten)]
    aim: Aim,
    /// How long to watch; until Ctrl-C by default
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    limit: Option<Duration>,
    /// No node restarts faster than this: readings that are closer are held against each other
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    restart: Duration,
    /// Write everything that is seen into this file
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: &Args) -> Ended {
    args.output.make_room()?;
    let mut target = args.aim.read()?;
    let runtime = runtime()?;
    let stop = stop_on_ctrl_c(&runtime);
    let run = Run::begin(target.url.as_str(), target.profile);
    let (site, observer) = runtime.block_on(async {
        let site = args.aim.connect(&mut target).await?;
        let restart_ms = u64::try_from(args.restart.as_millis()).unwrap_or(u64::MAX);
        let recorder = match &args.record {
            None => None,
            Some(path) => Some(
                Recorder::create(path, &Head::of(&site, Source::Monitor, restart_ms))
                    .map_err(|error| Failure::usage(error.to_string()))?,
            ),
        };
        eprintln!("watching {} every {:?}; Ctrl-C ends it", site.base, site.timing.poll);
        let text = args.output.format == Format::Text;
        let names = site.names();
        let hear = |change: &monitor::Change| {
            let at = Timestamp::now().strftime("%H:%M:%SZ");
            let line = match change.words(&names) {
                (Some(rule), words) => format!("{at} !! {rule} {words}"),
                (None, words) => format!("{at}    {words}"),
            };
            if text {
                println!("{line}");
            } else {
                eprintln!("{line}");
            }
        };
        let observer =
            monitor::watch(&site, args.limit, args.restart, recorder.as_ref(), &stop, hear).await;
        Ok::<_, Failure>((site, observer))
    })?;
    if observer.readings() == 0 {
        return Err(Failure::new(Exit::Nothing, "nothing was read; watch longer with --for"));
    }
    let again = Command::zdu(["monitor"]).with(args.aim.arguments());
    let left_as = observer.last().map(|seen| LeftAs::Seen(seen.clone()));
    let results = vec![observer.result("monitor", again)];
    // Ctrl-C is how a watch ends; it is no interruption.
    let report = Run { left_as, ..run.on(&target, &site) }.finish(results);
    args.output.finish(&report)
}
