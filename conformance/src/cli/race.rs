//! `zdu race`: the same call several times at once, judged by API-12.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use zdu_model::judge::belief::Outcome;
use zdu_model::judge::blame;
use zdu_model::judge::event::{Source, Start, View};
use zdu_model::judge::trial::Settled;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::Action;

use super::aim::Aim;
use super::output::Output;
use super::{Ended, Failure, runtime, stop_on_ctrl_c};
use crate::driver::NoDriver;
use crate::exit::Exit;
use crate::lock::Lock;
use crate::log::Log;
use crate::replay::{Session, Shown, Site, judge_of};
use crate::run::Run;
use crate::target::Target;
use crate::verdict::{Command, End, LeftAs, NotReached, Report, Stage, TraceResult};
use crate::words::{misshape_words, silence};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu race start --target cluster.toml --times 8\n\nA call that may succeed needs `allow_disruption = \
                        true` in the target file: exactly one of the calls takes effect, and the cluster is left so."
)]
pub(super) struct Args {
    /// The call
    #[arg(value_enum)]
    call: CallArg,
    #[command(flatten)]
    aim: Aim,
    /// How many times at once
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(2..=64))]
    times: u8,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum CallArg {
    /// Enable upgrade mode
    Start,
    /// Disable upgrade mode
    Cancel,
    /// Finalize the upgrade
    Approve,
    /// Run failed upgrade tasks again (profile finalization)
    Retry,
}

impl From<CallArg> for Call {
    fn from(arg: CallArg) -> Self {
        match arg {
            CallArg::Start => Self::Start,
            CallArg::Cancel => Self::Cancel,
            CallArg::Approve => Self::Approve,
            CallArg::Retry => Self::Retry,
        }
    }
}

pub(super) fn run(args: &Args) -> Ended {
    args.output.make_room()?;
    let mut target = args.aim.read()?;
    let call = Call::from(args.call);
    if !Call::of(target.family()).contains(&call) {
        let message =
            format!("`{call}` exists in profile finalization only; set `profile`, or --profile");
        return Err(Failure::usage(message));
    }
    let runtime = runtime()?;
    let stop = stop_on_ctrl_c(&runtime);
    let report = runtime.block_on(async {
        let site = args.aim.connect(&mut target).await?;
        let _lock = Lock::take(&target.url).map_err(|error| Failure::usage(error.to_string()))?;
        race(args, call, &target, &site, &stop).await
    })?;
    args.output.finish(&report)
}

async fn race(
    args: &Args,
    call: Call,
    target: &Target,
    site: &Site,
    stop: &Arc<AtomicBool>,
) -> Result<Report, Failure> {
    let run = Run::begin(target.url.as_str(), target.family());
    let clock = Instant::now();
    let judge = judge_of(site, site.dictionary.roster());
    let mut session = Session::new(site, &NoDriver, judge, Log::default(), stop);
    session.read(Source::Cluster, View::Overview).await;
    if session.judge.last().is_none() {
        return Err(unseen(args, site).await);
    }
    session.start_from(Start::LastOverview);
    let again = ["race".to_owned(), call.to_string(), "--times".to_owned(), args.times.to_string()];
    let again = Command::zdu(again).with(args.aim.arguments());
    let why = "exactly one of several calls at once is accepted";
    let mut result =
        TraceResult { steps_all: 1, ..TraceResult::new(format!("race-of-{call}"), why, again) };
    let unsettled = session.settle().await != Some(Settled::Yes) && !session.interrupted();
    let may_succeed = session.judge.belief().clone().outcomes(call).contains(&Outcome::Success);
    if may_succeed && !target.allow_disruption {
        let message = format!(
            "{call} would be accepted now and change the cluster; set `allow_disruption = true` in the target file to \
             race it (without it only calls that are refused are sent)"
        );
        return Err(Failure::usage(message));
    }
    if unsettled {
        result.end = End::NotReached { after_step: 0, why: NotReached::Unsettled };
    } else if session.interrupted() {
        result.end = End::Interrupted;
    } else {
        let last = session.begin(1, Stage::Step(Action::Race(call, args.times)));
        result.timeline.push(last);
        session.race(call, args.times).await;
        let _ = session.settle().await;
        result.steps = 1;
    }
    result.rules =
        vec![if may_succeed { Rule::Api12 } else { Rule::Api9 }, blame::must_succeed(call)];
    let last = session.begin(0, Stage::Start);
    let seen = last.sightings.last().and_then(|last| last.seen.clone());
    result.timeline.push(last);
    result.findings = std::mem::take(&mut session.found);
    result.at_stake = session.judge.at_stake();
    result.foreign = session.judge.roster().foreign().to_vec();
    result.seconds = clock.elapsed().as_secs_f64();
    result.conclude();
    let interrupted = stop.load(Ordering::Relaxed);
    let run = Run {
        left_as: seen.map(LeftAs::Seen),
        interrupted,
        ..run.on(target, site).knowing(session.judge.roster())
    };
    Ok(run.finish(vec![result]))
}

/// Why there is no overview to begin from.
async fn unseen(args: &Args, site: &Site) -> Failure {
    match site.look(Source::Cluster, View::Overview).await.shown {
        Shown::Nobody(why) => Failure::new(
            Exit::Unreachable,
            format!("{} cannot be reached: {}", site.base, silence(&why)),
        ),
        Shown::Bad(fault) => Failure::new(
            Exit::Deviation,
            format!(
                "the overview cannot be judged ({}), so nothing was sent; see: zdu doctor{}",
                misshape_words(&fault),
                args.aim.words()
            ),
        ),
        Shown::Seen(_) => Failure::new(
            Exit::Inconclusive,
            "the overview could not be read at first; ask again".to_owned(),
        ),
    }
}
