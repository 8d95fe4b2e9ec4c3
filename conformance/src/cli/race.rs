//! `zdu race`: the same call several times at once, judged by API-12.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use jiff::Timestamp;
use zdu_model::judge::belief::{Belief, Observation, Outcome};
use zdu_model::judge::blame;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;

use super::aim::Aim;
use super::check::Format;
use super::replay::{draft, finish, judged, make_room};
use super::{Ended, Failure, runtime, stop_on_ctrl_c};
use crate::driver::NoDriver;
use crate::exit::Exit;
use crate::replay::{self, Read, Session, Settled, Site, View, conclude};
use crate::target::Target;
use crate::told::{Report, TraceResult, Verdict};

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
    /// Where to write report.json, report.txt, junit.xml and report.html
    #[arg(long, value_name = "DIR")]
    report_dir: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
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
    make_room(args.report_dir.as_deref())?;
    let mut target = args.aim.read()?;
    let call = Call::from(args.call);
    if !Call::of(target.profile).contains(&call) {
        let message =
            format!("`{call}` exists in profile finalization only; set `profile`, or --profile");
        return Err(Failure::usage(message));
    }
    let runtime = runtime()?;
    let stop = stop_on_ctrl_c(&runtime);
    let report = runtime.block_on(async {
        let site = args.aim.connect(&mut target).await?;
        race(args, call, &target, &site, &stop).await
    })?;
    finish(&report, args.report_dir.as_deref(), args.format)
}

async fn race(
    args: &Args,
    call: Call,
    target: &Target,
    site: &Site,
    stop: &Arc<AtomicBool>,
) -> Result<Report, Failure> {
    let (started, clock) = (Timestamp::now(), Instant::now());
    let belief = match site.read(View::Overview).await {
        Read::Seen(answer, _) => match &answer.seen {
            Observation::Overview(seen) => Belief::from_overview(site.scope(), seen),
            Observation::State(..) | Observation::Node(..) => {
                Belief::certain(site.scope(), site.scope().initial())
            }
        },
        Read::Bad(fault, _) => {
            let message = format!(
                "the overview cannot be judged ({fault}), so nothing was sent; see: zdu doctor{}",
                args.aim.words()
            );
            return Err(Failure::new(Exit::Deviation, message));
        }
        Read::Nobody(exchange) => {
            let why = exchange.failure.unwrap_or_else(|| "a proxy answers for nobody".to_owned());
            return Err(Failure::new(
                Exit::Unreachable,
                format!("{} cannot be reached: {why}", site.base),
            ));
        }
    };
    let mut session = Session::new(site, &NoDriver, belief, stop);
    let words = format!("zdu race {call} --times {}{}", args.times, args.aim.words());
    let mut result = TraceResult::of_run(
        &format!("race-of-{call}"),
        "exactly one of several calls at once is accepted",
        &words,
    );
    let unsettled = session.settle().await == Settled::TimedOut;
    let may_succeed = session.belief.outcomes(call).contains(&Outcome::Success);
    if may_succeed && !target.allow_disruption {
        let message = format!(
            "{call} would be accepted now and change the cluster; set `allow_disruption = true` in the target file to \
             race it (without it only calls that are refused are sent)"
        );
        return Err(Failure::usage(message));
    }
    if unsettled {
        result.reason = Some("the cluster had not settled before the race".to_owned());
    } else if session.interrupted() {
        result.verdict = Verdict::Skipped;
        result.reason = Some("interrupted".to_owned());
    } else {
        let last = session.begin(1, &format!("{} x {call} at once", args.times));
        result.timeline.push(last);
        session.race(call, args.times).await;
        let _ = session.settle().await;
        result.steps = 1;
        if may_succeed {
            result.reason = Some(format!(
                "the cluster is left as the race left it; what next: zdu advise{}",
                args.aim.words()
            ));
        }
    }
    result.rules =
        vec![if may_succeed { Rule::Api12 } else { Rule::Api9 }, blame::must_succeed(call)];
    let last = session.begin(0, "");
    result.timeline.push(last);
    result.deviations = std::mem::take(&mut session.findings);
    result.seconds = clock.elapsed().as_secs_f64();
    conclude(&mut result);
    let today = jiff::Zoned::now().date();
    let mut results = vec![result];
    replay::waive(&mut results, &target.waivers, today);
    let mut report = Report {
        target: site.client.redactor().clean(&target.url),
        profile: target.profile,
        layout: Some(site.layout),
        nodes: site.dictionary.ids.len(),
        versions: target.versions.clone(),
        waivers: replay::waiver_records(&results, &target.waivers, today),
        ..draft(started, clock, results, stop)
    };
    report.rules = replay::tally(report.profile, &report.traces);
    Ok(judged(report))
}
