//! `zdu replay`: does an endpoint do what the traces say?

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use zdu_endpoint::Defect;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

use super::check::{Format, ProfileArg};
use super::mock::duration;
use super::resume::{Listeners, how_to_resume};
use super::{Ended, Failure, colour, progress, runtime, stop_on_ctrl_c};
use crate::driver::{CommandDriver, ControlDriver, Driver, ManualDriver};
use crate::exit::Exit;
use crate::replay::{self, Embedded, Permission, Site};
use crate::report;
use crate::secret::Credentials;
use crate::target::{Target, url_fault};
use crate::told::{Report, TraceResult};

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
    /// Where to write report.json, report.txt, junit.xml and report.html
    #[arg(long, value_name = "DIR")]
    report_dir: Option<PathBuf>,
    /// Go on with the run whose journal is in --report-dir, after Ctrl-C or a kill: traces that ended are not repeated
    #[arg(long, requires = "report_dir")]
    resume: bool,
    /// Write everything that is sent and seen into this file, to judge it again with `zdu validate`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: Args) -> Ended {
    let traces = select(&args)?;
    make_room(args.report_dir.as_deref())?;
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
        None => runtime.block_on(on_mocks(&embedded(&args)?, &traces, &stop)),
        Some(target) => {
            runtime.block_on(on_target(&args, &target, &credentials, &traces, &stop))?
        }
    };
    let ended = finish(&report, args.report_dir.as_deref(), args.format);
    if report.interrupted {
        let resumable = args.report_dir.is_some() && (args.target.is_some() || args.url.is_some());
        eprintln!("zdu: {}", how_to_resume(resumable, args.resume));
    }
    ended
}

/// Makes the folder for the reports before anything is run.
pub(super) fn make_room(folder: Option<&Path>) -> Result<(), Failure> {
    folder.map_or(Ok(()), |folder| {
        report::make(folder).map_err(|error| Failure::usage(error.to_string()))
    })
}

/// Prints a report, writes it where asked, and says how the process ends.
pub(super) fn finish(report: &Report, folder: Option<&Path>, format: Format) -> Ended {
    let redactor = Credentials::from_environment(|name| std::env::var(name).ok())
        .unwrap_or_default()
        .redactor();
    let report = &report.clone().redacted(&redactor);
    match format {
        Format::Text => print!("{}", report::text::render(report, colour())),
        Format::Json => print!("{}", report::json::render(report)),
    }
    if let Some(folder) = folder {
        let files =
            report::write_all(report, folder).map_err(|error| Failure::usage(error.to_string()))?;
        for file in files {
            eprintln!("wrote {}", file.display());
        }
    }
    Ok(replay::exit_of(report))
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
        target.profile = profile.into();
    }
    Ok(Some(target))
}

async fn on_target(
    args: &Args,
    target: &Target,
    credentials: &Credentials,
    traces: &[Trace],
    stop: &Arc<AtomicBool>,
) -> Result<Report, Failure> {
    let started = Timestamp::now();
    let clock = Instant::now();
    let mut site = match Site::connect(target, credentials).await {
        Ok(site) => site,
        Err(error) => {
            let exit = if error.unreachable() { Exit::Unreachable } else { Exit::Usage };
            return Err(Failure::new(
                exit,
                format!("{error}\ncheck it without touching anything: zdu doctor{}", which(args)),
            ));
        }
    };
    site.log = Listeners {
        folder: args.report_dir.as_deref(),
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
        traces.iter().filter(|trace| fits_profile(trace, target.profile)).cloned().collect();
    let bar = progress(traces.len() as u64, "replaying");
    let again = |trace: &Trace| format!("zdu replay --only {}{}", trace.name, which(args));
    let mut results =
        replay::replay_all(&site, driver.as_ref(), &traces, permission, stop, again, |result| {
            bar.set_message(result.name.clone());
            bar.inc(1);
        })
        .await;
    bar.finish_and_clear();
    let today = jiff::Zoned::now().date();
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

/// How the command line names the target, for commands to run next.
fn which(args: &Args) -> String {
    let mut words = String::new();
    if let Some(target) = &args.target {
        words.push_str(&format!(" --target {}", target.display()));
    }
    if let Some(url) = &args.url {
        words.push_str(&format!(" --url {url}"));
    }
    if let Some(control) = &args.control {
        words.push_str(&format!(" --control {control}"));
    }
    if args.manual {
        words.push_str(" --manual");
    }
    words
}

/// A documented trace says something about every build; one about finalization only about those that have it.
fn fits_profile(trace: &Trace, profile: Profile) -> bool {
    trace.profile == Profile::Documented || profile == Profile::Finalization
}

/// Replays traces on embedded mocks and draws up the report.
pub(super) async fn on_mocks(
    embedded: &Embedded,
    traces: &[Trace],
    stop: &Arc<AtomicBool>,
) -> Report {
    let started = Timestamp::now();
    let clock = Instant::now();
    let bar = progress(traces.len() as u64, "replaying");
    let again = |trace: &Trace| {
        let mut words = format!(
            "zdu replay --only {} --seed {} --delay {}",
            trace.name,
            embedded.seed,
            humantime::format_duration(embedded.delay)
        );
        if let Some(defect) = embedded.defect {
            words.push_str(&format!(" --defect {}", defect.name()));
        }
        if let Some(nodes) = embedded.nodes {
            words.push_str(&format!(" --nodes {nodes}"));
        }
        words
    };
    let results = embedded.replay_all(traces, stop, again, |_| bar.inc(1)).await;
    bar.finish_and_clear();
    let profile = if traces.iter().any(|trace| trace.profile == Profile::Finalization) {
        Profile::Finalization
    } else {
        Profile::Documented
    };
    let mut report = Report {
        target: "embedded mock".to_owned(),
        profile,
        nodes: embedded.nodes.unwrap_or_else(|| {
            traces.iter().map(|trace| usize::from(trace.nodes)).max().unwrap_or(0)
        }),
        layout: Some(Embedded::LAYOUT),
        versions: Embedded::VERSIONS.map(str::to_owned).to_vec(),
        seed: Some(embedded.seed),
        ..draft(started, clock, results, stop)
    };
    report.rules = replay::tally(profile, &report.traces);
    judged(report)
}

/// A report with what every run has.
pub(super) fn draft(
    started: Timestamp,
    clock: Instant,
    traces: Vec<TraceResult>,
    stop: &AtomicBool,
) -> Report {
    let unreachable = traces
        .iter()
        .find(|trace| {
            trace.steps == 0
                && trace.deviations.is_empty()
                && trace.verdict == crate::told::Verdict::Timeout
        })
        .and_then(|trace| trace.reason.clone());
    Report {
        schema: "zdu-report/1".to_owned(),
        verdict: String::new(),
        exit_code: 0,
        target: String::new(),
        profile: Profile::Documented,
        layout: None,
        nodes: 0,
        versions: Vec::new(),
        started: started.to_string(),
        seconds: clock.elapsed().as_secs_f64(),
        seed: None,
        skipped: replay::skips(&traces),
        traces,
        rules: std::collections::BTreeMap::default(),
        waivers: Vec::new(),
        interrupted: stop.load(Ordering::Relaxed),
        unreachable,
    }
}

pub(super) fn judged(mut report: Report) -> Report {
    let exit = replay::exit_of(&report);
    report.exit_code = exit.code();
    exit.word().clone_into(&mut report.verdict);
    report
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
