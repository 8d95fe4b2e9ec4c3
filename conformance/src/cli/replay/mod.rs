//! `zdu replay`: does an endpoint do what the traces say? `args` is what it is told; `live` carries it out on a target, `mocks` on mocks.

mod args;
mod live;
mod mocks;

use zdu_model::traces::trace::Trace;

pub(super) use args::Args;
use args::{embedded, target};
pub(super) use mocks::on_mocks;

use super::aim::credentials;
use super::resume::{how_to_go_on, how_to_resume};
use super::select::listed;
use super::{Ended, Failure, runtime, stop_on_ctrl_c};
use crate::exit::Exit;
use crate::printing::note;
use crate::verdict::Stop;

pub(super) fn run(args: Args) -> Ended {
    // Without a target the profile is the mock's, and each trace has its own.
    let own = args.profile.filter(|_| args.target.is_none() && args.url.is_none());
    let wanted = |trace: &Trace| own.is_none_or(|profile| trace.profile == profile.into());
    let mut traces = args.select.of(&args.traces, wanted)?;
    if args.last_failed {
        let past = live::past(&args)?;
        traces.retain(|trace| past.failed(&trace.name));
        if traces.is_empty() {
            let nothing = "none of these traces failed in the last run; leave out --last-failed to run them all";
            return Err(Failure::new(Exit::Nothing, nothing));
        }
    }
    let credentials = credentials()?;
    if args.select.list {
        match target(&args)? {
            None => print!("{}", listed(&traces, args.delay)),
            Some(target) => {
                let list = live::list(&args, &target, &credentials, &traces);
                print!("{}", runtime()?.block_on(list)?);
            }
        }
        return Ok(Exit::Fine);
    }
    args.output.make_room()?;
    let runtime = runtime()?;
    let stop = stop_on_ctrl_c(&runtime);
    let report = match target(&args)? {
        None if args.resume || args.record.is_some() || args.stop_when.is_some() => {
            return Err(Failure::usage(
                "--resume, --record and --stop-when are for runs against a target; give --target FILE or --url URL",
            ));
        }
        None => runtime.block_on(on_mocks(
            &embedded(&args)?,
            args.thresholds.gate(),
            (&args.traces, &traces),
            &stop,
        )),
        Some(target) => {
            runtime.block_on(live::replay(&args, &target, &credentials, &traces, &stop))?
        }
    };
    let ended = args.output.finish(&report);
    let resumable =
        args.output.report_dir.is_some() && (args.target.is_some() || args.url.is_some());
    if report.interrupted {
        note(&format!("zdu: {}", how_to_resume(resumable)));
    } else if let Some(Stop::Met { trace, .. }) = report.stopped() {
        note(&format!("zdu: {}", how_to_go_on(trace, resumable)));
    }
    ended
}
