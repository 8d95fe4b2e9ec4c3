//! `zdu monitor`: what happens on a cluster that others drive, judged as it comes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::aim::Aim;
use super::check::Format;
use super::mock::duration;
use super::replay::{draft, finish, judged, make_room};
use super::{Ended, Failure, runtime, stop_on_ctrl_c};
use crate::exit::Exit;
use crate::monitor;
use crate::recording::{Head, Recorder, Source};
use crate::replay::{self, exit_of};
use crate::told::Report;

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
    /// Where to write report.json, report.txt, junit.xml and report.html
    #[arg(long, value_name = "DIR")]
    report_dir: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args) -> Ended {
    make_room(args.report_dir.as_deref())?;
    let mut target = args.aim.read()?;
    let runtime = runtime()?;
    let stop = stop_on_ctrl_c(&runtime);
    let (started, clock) = (Timestamp::now(), Instant::now());
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
        let text = args.format == Format::Text;
        let hear = |change: &monitor::Change| {
            let at = Timestamp::now().strftime("%H:%M:%SZ");
            let line = match change.rule {
                Some(rule) => format!("{at} !! {rule} {}", change.words),
                None => format!("{at}    {}", change.words),
            };
            let line = site.client.redactor().clean(&line);
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
    let again = format!("zdu monitor{}", args.aim.words());
    let mut results = vec![observer.result("monitor", &again)];
    let today = jiff::Zoned::now().date();
    replay::waive(&mut results, &target.waivers, today);
    let mut report = Report {
        target: site.client.redactor().clean(&target.url),
        profile: target.profile,
        layout: Some(site.layout),
        nodes: site.dictionary.ids.len(),
        versions: target.versions.clone(),
        ..draft(started, clock, results, &stop)
    };
    // Ctrl-C is how a watch ends; it is no interruption.
    report.interrupted = false;
    report.rules = replay::tally(report.profile, &report.traces);
    let report = judged(report);
    finish(&report, args.report_dir.as_deref(), args.format)?;
    Ok(exit_of(&report))
}
