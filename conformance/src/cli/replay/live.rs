//! `zdu replay` against a target: what is asked before the first step, the run, and how the cluster is left.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use zdu_model::judge::roster::Known;
use zdu_model::judge::seen::Request;
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::traces::suite::risk::Risk;
use zdu_model::traces::trace::Trace;

use super::args::{Args, replaying, which};
use crate::advise::left;
use crate::cli::Failure;
use crate::cli::aim::waiting_for;
use crate::cli::doctor::skipped;
use crate::cli::onlook::Line;
use crate::cli::resume::Listeners;
use crate::cli::select::listed;
use crate::doctor::{TargetFaults, prospects};
use crate::driver::{CommandDriver, ControlDriver, Driver, ManualDriver, Rotating};
use crate::exit::Exit;
use crate::journal::{self, Head, Past, Planned, settings};
use crate::layout::Layout;
use crate::lock::Lock;
use crate::log::Log;
use crate::printing::note;
use crate::progress::Onlooker;
use crate::replay::{Idle, Played, Port as _, Series, Site, about, ordered, revive};
use crate::run::Run;
use crate::secret::Credentials;
use crate::target::{Target, TargetNode};
use crate::verdict::{Command, Report, SetUp};
use crate::words;

pub(super) async fn replay(
    args: &Args,
    target: &Target,
    credentials: &Credentials,
    traces: &[Trace],
    stop: &Arc<AtomicBool>,
) -> Result<Report, Failure> {
    let run = Run::begin(target.url.as_str(), target.family());
    let target = &with_nodes(args, target)?;
    let mut set_up = SetUp::default();
    let site = match waiting_for(&target.url, Site::connect(target, credentials)).await {
        Err(error) if error.unreachable() => {
            if back(args, target, credentials, stop, &mut set_up).await? {
                Site::connect(target, credentials).await
            } else {
                Err(error)
            }
        }
        connected => connected,
    };
    let site = site.map_err(|error| {
        let exit = if error.unreachable() { Exit::Unreachable } else { Exit::Usage };
        Failure::new(exit, format!("{error}\n{}", ask_the_doctor(args)))
    })?;
    if let Some(error) = args.stop_when.as_ref().and_then(|it| it.fits(site.scope()).err()) {
        return Err(Failure::usage(format!("--stop-when: {error}")));
    }
    let _lock = Lock::take(&target.url).map_err(|error| Failure::usage(error.to_string()))?;
    let (driver, hand) = driver(args, target, &site, stop);
    let driver = Rotating::around(driver, target, &site.dictionary);
    let permission = args.permission(target);
    let traces = ordered(&site, driver.as_ref(), permission, traces);
    // Where the run that is gone on with may have left the cluster is ours to leave.
    let ours = is_ours(args)?;
    fits(args, target, &site, |id| (ours || args.take_over) && driver.can(id, Request::Boot))
        .await?;
    let again = |trace: &Trace| replaying(&args.traces, trace).with(which(args));
    let gate = args.thresholds.gate();
    let run = Run { gate, take_over: args.take_over, ..run.on(target, &site) };
    let record = recording(args);
    let log = Listeners {
        folder: args.output.report_dir.as_deref(),
        goes_on: args.goes_on(),
        record: record.as_deref(),
    }
    .begin(&site, head(args, &run, target, &site, &traces))
    .await?;
    let run = match &log.journal {
        Some(journal) => journal.known(run),
        None => run,
    };
    let line = Line::new(&traces, site.dictionary.names(), args.output.quiet, hand.is_none());
    let line = Arc::new(line);
    let looks_on = Some(Arc::clone(&line) as Arc<dyn Onlooker>);
    let log = Log { onlookers: hand.into_iter().chain(looks_on).collect(), ..log };
    let ticks = tokio::spawn(ticking(Arc::clone(&line)));
    let series = Series {
        site: &site,
        driver: driver.as_ref(),
        permission,
        take_over: args.take_over || ours,
        max_broken: args.max_broken,
        stop_when: args.stop_when.as_ref(),
        log: &log,
        stop,
    };
    let drives = |trace: &Trace| site.runs(about(trace)) && Risk::of(trace) > Risk::Looks;
    if traces.iter().any(drives) {
        let idle = series.try_reset(&mut set_up).await;
        let useless = |idle: Idle| Failure::usage(words::useless_reset(&idle));
        idle.map_or(Ok(()), |idle| Err(useless(idle))).inspect_err(|_| line.end())?;
    }
    let Played { results, roster, left: leaving, .. } = series.replay(&traces, again).await;
    set_up.add(&leaving);
    ticks.abort();
    line.end();
    let (left_as, bring_back) = left(&site, target, driver.as_ref()).await;
    let run = Run {
        left_as: Some(left_as),
        bring_back,
        interrupted: stop.load(Ordering::Relaxed),
        set_up,
        ..run.knowing(&roster)
    };
    let results = log.whole(results);
    log.ended(&run, &results);
    Ok(run.finish(results))
}

/// Which of the traces can be run on the target, with what they cost, and why the others cannot: the doctor's answer, from reads alone.
/// Where nobody answers, all that are selected.
pub(super) async fn list(
    args: &Args,
    target: &Target,
    credentials: &Credentials,
    traces: &[Trace],
) -> Result<String, Failure> {
    let settle = target.timing.settle;
    let site = match waiting_for(&target.url, Site::connect(target, credentials)).await {
        Ok(site) => site,
        Err(error) => {
            note(&format!("zdu: which of them can be run is not known: {error}"));
            return Ok(listed(traces, settle));
        }
    };
    let (driver, _) = driver(args, target, &site, &Arc::default());
    let driven = (driver.as_ref(), args.permission(target));
    let aim: Command = which(args).into_iter().take(2).collect();
    let command =
        |words: &[&str]| Command::zdu(words.iter().copied()).with(aim.words().iter().cloned());
    let told = prospects((target, &site), driven, traces, command).await;
    let ready = match told.obstacle.filter(|_| !args.take_over) {
        None => listed(&told.ready, settle),
        Some(remedy) => words::no_trace(told.ready.len(), &remedy).line() + "\n",
    };
    Ok(ready + &skipped(&told.skipped))
}

/// Whether the cluster may be where the run that is gone on with left it.
fn is_ours(args: &Args) -> Result<bool, Failure> {
    Ok(args.goes_on() && past(args)?.left_away())
}

/// Brings back a cluster at which nobody answers, where the run that is gone on with may have left it so, or somebody consents.
/// Returns whether anything could be tried.
async fn back(
    args: &Args,
    target: &Target,
    credentials: &Credentials,
    stop: &Arc<AtomicBool>,
    done: &mut SetUp,
) -> Result<bool, Failure> {
    let driven = target.allow_disruption && !args.observe_only && !args.manual;
    if target.nodes.is_empty() || !driven || !(args.take_over || is_ours(args)?) {
        return Ok(false);
    }
    let known = if args.goes_on() { past(args)?.head().and_then(|head| head.layout) } else { None };
    let layout = target.layout.or(known).unwrap_or(Layout::Documented);
    let site = Site::unheard(target, credentials, layout)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let _lock = Lock::take(&target.url).map_err(|error| Failure::usage(error.to_string()))?;
    let (driver, _) = driver(args, target, &site, stop);
    let line = Line::new(&[], site.dictionary.names(), args.output.quiet, false);
    let log = Log { onlookers: vec![Arc::new(line)], ..Log::default() };
    revive(&site, driver.as_ref(), &log, stop, done).await;
    Ok(true)
}

/// The target with the nodes that the run had which is gone on with, where its file names none: one that is down may not be
/// listed now.
fn with_nodes(args: &Args, target: &Target) -> Result<Target, Failure> {
    let mut target = target.clone();
    if args.goes_on() && target.nodes.is_empty() {
        let known = past(args)?.head().map(|head| head.nodes.clone()).unwrap_or_default();
        let text = |text: Option<Text>| text.map(|text| text.raw().to_owned());
        let node = |known: Known| TargetNode {
            id: text(known.id),
            address: text(known.address),
            ..TargetNode::default()
        };
        target.nodes = known.into_iter().map(node).collect();
    }
    Ok(target)
}

/// Moves the line every second.
async fn ticking(line: Arc<Line>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        line.tick();
    }
}

/// Who carries steps out; and the same as an onlooker where that is a person, who wants to be told which step it is.
fn driver(
    args: &Args,
    target: &Target,
    site: &Site,
    stop: &Arc<AtomicBool>,
) -> (Box<dyn Driver>, Option<Arc<dyn Onlooker>>) {
    match (&args.control, args.manual) {
        (Some(control), _) => {
            (Box::new(ControlDriver::new(&site.client, control, &site.dictionary)), None)
        }
        (None, true) => {
            let hand = ManualDriver::new(site, stop);
            (Box::new(hand.clone()), Some(Arc::new(hand)))
        }
        (None, false) => {
            let settle = target.timing.settle;
            let redactor = site.client.redactor();
            (Box::new(CommandDriver::new(target, &site.dictionary, settle, redactor)), None)
        }
    }
}

/// Where the recording goes. Of a run that is gone on with the first part is kept, and the next is written beside it.
fn recording(args: &Args) -> Option<PathBuf> {
    let first = args.record.clone()?;
    if !args.goes_on() || !first.exists() {
        return Some(first);
    }
    let extension = first.extension().map_or_else(|| "jsonl".into(), |it| it.to_string_lossy());
    let mut parts = (2..).map(|part: u32| first.with_extension(format!("{part}.{extension}")));
    let next = parts.find(|it| !it.exists()).unwrap_or_else(|| first.clone());
    note(&format!("{} is kept; what comes now is recorded in {}", first.display(), next.display()));
    Some(next)
}

/// Whether the target file fits the target; nothing has been sent but reads.
async fn fits(
    args: &Args,
    target: &Target,
    site: &Site,
    may_boot: impl Fn(NodeId) -> bool,
) -> Result<(), Failure> {
    let faults = TargetFaults::of(target, site).await.told(may_boot);
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(format!("{}\n{}", words::unfitting(&faults), ask_the_doctor(args))))
}

fn ask_the_doctor(args: &Args) -> String {
    // The doctor drives nobody: it wants the target alone.
    let aim: Command = which(args).into_iter().take(2).collect();
    format!("check it without touching anything: zdu doctor {aim}")
}

/// What the journal says first.
fn head(args: &Args, run: &Run, target: &Target, site: &Site, traces: &[Trace]) -> Head {
    let planned =
        |trace: &Trace| Planned::of(trace, replaying(&args.traces, trace).with(which(args)));
    let text = args.target.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
    let settings = settings(&text.unwrap_or_default());
    let nodes = site.dictionary.nodes.clone();
    let head = Head::of(run, target, nodes, settings, traces.iter().map(planned).collect());
    Head { again: args.last_failed, ..head }
}

/// The last run of the report's folder.
pub(super) fn past(args: &Args) -> Result<Past, Failure> {
    let folder = args.output.report_dir.clone().unwrap_or_default();
    Past::read(&folder.join(journal::FILE)).map_err(|error| Failure::usage(error.to_string()))
}
