//! `zdu replay`: does an endpoint do what the traces say?

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use zdu_endpoint::Defect;
use zdu_model::judge::event::{Source, View};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

use super::check::ProfileArg;
use super::mock::duration;
use super::output::{Output, Thresholds};
use super::resume::{Listeners, how_to_resume};
use super::{Ended, Failure, progress, runtime, stop_on_ctrl_c};
use crate::driver::{CommandDriver, ControlDriver, Driver, ManualDriver};
use crate::exit::Exit;
use crate::replay::{self, Embedded, Permission, Site};
use crate::run::{Gate, Run};
use crate::secret::Credentials;
use crate::target::{Target, url_fault};
use crate::verdict::{Command, LeftAs, Report};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: zdu replay traces --target cluster.toml --report-dir report\n\nWithout --target or --url each trace \
                        runs on an embedded mock cluster of its own. Credentials come from the environment: ZDU_USERNAME \
                        with ZDU_PASSWORD, or ZDU_TOKEN."
)]
pub(super) struct Args {
    /// Trace files, or folders of them; none: the shipped traces
    #[arg(value_name = "TRACE or DIR")]
    traces: Vec<PathBuf>,
    /// The target file
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    target: Option<PathBuf>,
    /// A target without a file: reads and refused calls only, unless --control or --manual drives its nodes
    #[arg(long)]
    url: Option<String>,
    /// Drive the nodes through a mock's control calls below this URL
    #[arg(long, value_name = "URL", conflicts_with = "manual")]
    control: Option<String>,
    /// Drive the nodes by hand: says what to do and waits for Enter
    #[arg(long)]
    manual: bool,
    /// Send reads only
    #[arg(long)]
    observe_only: bool,
    /// Only traces whose name contains this; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Only traces that exercise this rule; may be given several times
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// The family of builds, for --url and the embedded mock
    #[arg(long, value_enum)]
    profile: Option<ProfileArg>,
    /// The versions, the original first; go before the target file's
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    versions: Vec<String>,
    /// The number of nodes of the embedded mock; each trace's own by default
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=16))]
    nodes: Option<u8>,
    /// A defect to plant in the embedded mock
    #[arg(long, value_name = "NAME", conflicts_with_all = ["target", "url"])]
    defect: Option<String>,
    /// How long a step of the embedded mock takes on average
    #[arg(long, default_value = "2ms", value_parser = duration)]
    delay: Duration,
    /// What the embedded mock's jitter comes from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many traces run at once on embedded mocks
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    thresholds: Thresholds,
    /// Go on with the run whose journal is in --report-dir, after Ctrl-C or a kill: traces that ended are not repeated
    #[arg(long, requires = "report_dir")]
    resume: bool,
    /// Write everything that is sent and seen into this file, to judge it again with `zdu validate`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Ended {
    let traces = select(&args)?;
    args.output.make_room()?;
    let credentials = Credentials::from_environment(|name| std::env::var(name).ok())
        .map_err(|error| Failure::usage(error.to_string()))?;
    let runtime = runtime()?;
    let stop = stop_on_ctrl_c(&runtime);
    let report = match target(&args)? {
        None if args.resume || args.record.is_some() => {
            return Err(Failure::usage(
                "--resume and --record are for runs against a target; give --target FILE or --url URL",
            ));
        }
        None => runtime.block_on(on_mocks(
            &embedded(&args)?,
            args.thresholds.gate(),
            (&args.traces, &traces),
            &stop,
        )),
        Some(target) => {
            runtime.block_on(on_target(&args, &target, &credentials, &traces, &stop))?
        }
    };
    let ended = args.output.finish(&report);
    if report.interrupted {
        let resumable =
            args.output.report_dir.is_some() && (args.target.is_some() || args.url.is_some());
        eprintln!("zdu: {}", how_to_resume(resumable, args.resume));
    }
    ended
}

fn embedded(args: &Args) -> Result<Embedded, Failure> {
    let defect = args
        .defect
        .as_deref()
        .map(str::parse::<Defect>)
        .transpose()
        .map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Embedded {
        delay: args.delay,
        seed: args.seed,
        defect,
        nodes: args.nodes.map(usize::from),
        jobs: usize::from(args.jobs),
        settle: None,
    })
}

/// The target that the arguments name; `None` is the embedded mock.
fn target(args: &Args) -> Result<Option<Target>, Failure> {
    let mut target = match (&args.target, &args.url) {
        (Some(path), _) => Target::read(path).map_err(|error| Failure::usage(error.to_string()))?,
        (None, Some(url)) => {
            if let Some(fault) = url_fault(url) {
                return Err(Failure::usage(fault));
            }
            let mut target = Target::at(url);
            if args.control.is_some() {
                // A mock has its own versions and is quick; driving it is consent.
                target.versions = Embedded::VERSIONS.map(str::to_owned).to_vec();
                target.timing =
                    Embedded { delay: Duration::from_millis(20), ..Embedded::default() }.timing();
            }
            target.allow_disruption = args.control.is_some() || args.manual;
            target
        }
        (None, None) => return Ok(None),
    };
    // Flags go before the file.
    if let Some(profile) = args.profile {
        target.profile = Some(profile.into());
    }
    target.with_versions(&args.versions).map(Some).map_err(Failure::usage)
}

async fn on_target(
    args: &Args,
    target: &Target,
    credentials: &Credentials,
    traces: &[Trace],
    stop: &Arc<AtomicBool>,
) -> Result<Report, Failure> {
    let run = Run::begin(target.url.as_str(), target.family());
    let site = match Site::connect(target, credentials).await {
        Ok(site) => site,
        Err(error) => {
            let exit = if error.unreachable() { Exit::Unreachable } else { Exit::Usage };
            return Err(Failure::new(
                exit,
                format!(
                    "{error}\ncheck it without touching anything: zdu doctor {}",
                    which(args).into_iter().collect::<Command>()
                ),
            ));
        }
    };
    let log = Listeners {
        folder: args.output.report_dir.as_deref(),
        resume: args.resume,
        record: args.record.as_deref(),
    }
    .begin(target, &site)
    .await?;
    let driver: Box<dyn Driver> = match (&args.control, args.manual) {
        (Some(control), _) => Box::new(ControlDriver::new(&site.client, control, &site.dictionary)),
        (None, true) => Box::new(ManualDriver::new(&site)),
        (None, false) => Box::new(CommandDriver::new(
            target,
            &site.dictionary,
            target.timing.settle,
            site.client.redactor(),
        )),
    };
    let permission = Permission {
        disrupt: target.allow_disruption && !args.observe_only,
        post: !args.observe_only,
    };
    let traces: Vec<Trace> =
        traces.iter().filter(|trace| site.runs(trace.profile)).cloned().collect();
    let bar = progress(traces.len() as u64, "replaying");
    let again = |trace: &Trace| replaying(&args.traces, trace).with(which(args));
    let listeners = (&log, stop.as_ref());
    let (results, roster) =
        replay::replay_all(&site, driver.as_ref(), &traces, permission, listeners, again, |done| {
            bar.set_message(done.name.to_string());
            bar.inc(1);
        })
        .await;
    bar.finish_and_clear();
    let run = Run {
        left_as: Some(site.look(Source::Cluster, View::Overview).await.left_as()),
        interrupted: stop.load(Ordering::Relaxed),
        gate: args.thresholds.gate(),
        ..run.on(target, &site).knowing(&roster)
    };
    Ok(run.finish(results))
}

/// How the command line names the target, for commands to run next.
fn which(args: &Args) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(target) = &args.target {
        words.extend(["--target".to_owned(), target.display().to_string()]);
    }
    for (flag, value) in [("--url", &args.url), ("--control", &args.control)] {
        words.extend(value.iter().flat_map(|value| [flag.to_owned(), value.clone()]));
    }
    if args.manual {
        words.push("--manual".to_owned());
    }
    if let Some(profile) = args.profile {
        words.extend(["--profile".to_owned(), Profile::from(profile).to_string()]);
    }
    if !args.versions.is_empty() {
        words.extend(["--versions".to_owned(), args.versions.join(",")]);
    }
    words
}

/// The beginning of a command that replays one trace of these files, or of the shipped ones.
fn replaying(files: &[PathBuf], trace: &Trace) -> Command {
    let files = files.iter().map(|path| path.display().to_string());
    Command::zdu(["replay"]).with(files).with(["--only", trace.name.as_str()])
}

/// Replays traces on embedded mocks and draws up the report.
pub(super) async fn on_mocks(
    embedded: &Embedded,
    gate: Gate,
    (files, traces): (&[PathBuf], &[Trace]),
    stop: &Arc<AtomicBool>,
) -> Report {
    let profile = if traces.iter().any(|trace| trace.profile == Profile::Finalization) {
        Profile::Finalization
    } else {
        Profile::Documented
    };
    let nodes = embedded
        .nodes
        .unwrap_or_else(|| traces.iter().map(|trace| usize::from(trace.nodes)).max().unwrap_or(0));
    let run = Run {
        layout: Some(Embedded::LAYOUT),
        names: Embedded::names(nodes),
        seed: Some(embedded.seed),
        left_as: Some(LeftAs::Gone),
        gate,
        ..Run::begin("embedded mock", profile)
    };
    let bar = progress(traces.len() as u64, "replaying");
    let again = |trace: &Trace| {
        let (seed, delay) = (embedded.seed, humantime::format_duration(embedded.delay));
        let mut command = replaying(files, trace).with([
            "--seed".to_owned(),
            seed.to_string(),
            "--delay".to_owned(),
            delay.to_string(),
        ]);
        if let Some(defect) = embedded.defect {
            command = command.with(["--defect", defect.name()]);
        }
        if let Some(nodes) = embedded.nodes {
            command = command.with(["--nodes".to_owned(), nodes.to_string()]);
        }
        command
    };
    let results = embedded.replay_all(traces, stop, again, |_| bar.inc(1)).await;
    bar.finish_and_clear();
    Run { interrupted: stop.load(Ordering::Relaxed), ..run }.finish(results)
}

/// The traces that the arguments select.
fn select(args: &Args) -> Result<Vec<Trace>, Failure> {
    let mut traces = if args.traces.is_empty() { shipped() } else { load(&args.traces)? };
    let rules: Vec<Rule> = args
        .rule
        .iter()
        .map(|text| {
            text.parse().map_err(|error: zdu_model::spec::rule::UnknownRule| {
                Failure::usage(error.to_string())
            })
        })
        .collect::<Result<_, _>>()?;
    traces.retain(|trace| {
        (args.only.is_empty() || args.only.iter().any(|part| trace.name.contains(part.as_str())))
            && (rules.is_empty() || rules.iter().any(|rule| trace.rules.contains(rule)))
    });
    if let (Some(profile), None, None) = (args.profile, &args.target, &args.url) {
        traces.retain(|trace| trace.profile == profile.into());
    }
    if traces.is_empty() {
        return Err(Failure::new(
            Exit::Nothing,
            "no trace is selected; `zdu suite --list` names them all",
        ));
    }
    Ok(traces)
}

/// The shipped traces.
pub(super) fn shipped() -> Vec<Trace> {
    scenario::all().filter_map(|scenario| scenario.trace(scenario.shipped)).collect()
}

/// Reads trace files and folders of them.
fn load(paths: &[PathBuf]) -> Result<Vec<Trace>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let fail = |error: std::io::Error| Failure::usage(unreadable(path, &error));
        if path.is_dir() {
            let mut found = Vec::new();
            for entry in std::fs::read_dir(path).map_err(fail)? {
                let file = entry.map_err(fail)?.path();
                let name = file
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default();
                if name.ends_with(".json") && !name.ends_with(".schema.json") {
                    found.push(file);
                }
            }
            if found.is_empty() {
                return Err(Failure::new(
                    Exit::Nothing,
                    format!("{} holds no trace (*.json)", path.display()),
                ));
            }
            found.sort();
            files.extend(found);
        } else {
            files.push(path.clone());
        }
    }
    files
        .iter()
        .map(|file| {
            let text = std::fs::read_to_string(file)
                .map_err(|error| Failure::usage(unreadable(file, &error)))?;
            Trace::parse(&text).map_err(|error| {
                Failure::usage(format!(
                    "{}: {error}\nmend the file, or write the shipped ones anew: zdu suite --write {}",
                    file.display(),
                    file.parent().filter(|folder| *folder != Path::new("")).map_or_else(|| "traces".to_owned(), |folder| folder.display().to_string())
                ))
            })
        })
        .collect()
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!(
        "cannot read {}: {error}; give a trace file or a folder of them, or nothing for the shipped traces",
        path.display()
    )
}
