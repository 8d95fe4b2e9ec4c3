//! How does a team replay the suite from its own `cargo test`? One named test a trace, by a dev-dependency and five lines.
//!
//! ```toml
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! ```no_run
//! // tests/conformance.rs
//! use zdu_conformance::harness::Suite;
//!
//! fn main() -> std::process::ExitCode {
//!     Suite::shipped().main()
//! }
//! ```
//!
//! [`Suite::main`] asks the environment: with `ZDU_TARGET=cluster.toml` the traces are replayed on that target, one after the
//! other (also when each test is a process of its own, as under nextest); without it each one runs on a mock cluster of its
//! own, many at once. [`Suite::on_target`] takes a target and a driver made in code. Names, lists, filters and threads
//! work as in any other test; `--filter EXPRESSION`, `--partition 1/3`, `--report-dir DIR`, `--min-traces N`, `--fail-on-skip`,
//! `--require RULE` and `--max-broken N` as with `zdu replay`, for the tests of one process. What cannot be run is reported as ignored with the reason, never as passed.

mod demands;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use zdu_model::spec::profile::Profile;
use zdu_model::traces::scenario;
use zdu_model::traces::trace::{SCHEMA_FILE, Trace};

use crate::advise::left;
use crate::driver::{CommandDriver, Driver, Rotating};
use crate::exit::Exit;
use crate::lock::Lock;
use crate::log::Log;
use crate::replay::{
    Embedded, Permission, Played, Port as _, Series, Site, fitted, ordered, unfit,
};
use crate::run::{Gate, Run, not_begun};
use crate::secret::Credentials;
use crate::target::{NODES_MAX, Target};
use crate::verdict::{Command, End, Report, Stop, Verdict};
use crate::words::Words;

use demands::{Demands, Results, selected};

/// The environment variable that names a target file.
pub const TARGET: &str = "ZDU_TARGET";

/// A trace, or why its file cannot be used, by name.
type Entry = (String, Result<Trace, String>);

/// Who drives the nodes of a target, once it has been reached.
type Drive = dyn Fn(&Site) -> Box<dyn Driver> + Send + Sync;

/// The traces to replay as tests.
#[derive(Clone, Debug)]
pub struct Suite {
    entries: Vec<Entry>,
    demands: Demands,
}

impl Suite {
    /// The shipped traces.
    #[must_use]
    pub fn shipped() -> Self {
        let traces = scenario::all().filter_map(|scenario| scenario.trace(scenario.shipped));
        Self::of(traces)
    }

    /// These traces.
    #[must_use]
    pub fn of(traces: impl IntoIterator<Item = Trace>) -> Self {
        let entries = traces.into_iter().map(|trace| (trace.name.clone(), Ok(trace))).collect();
        Self { entries, demands: Demands::default() }
    }

    /// The trace files of a folder, read now. A file that is no trace becomes a test that fails and says why.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        let mut entries = Vec::new();
        match std::fs::read_dir(folder) {
            Ok(found) => entries.extend(found.flatten().filter_map(|entry| read(&entry.path()))),
            Err(error) => entries.push((
                folder.display().to_string(),
                Err(format!("cannot read the folder: {error}")),
            )),
        }
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        Self { entries, demands: Demands::default() }
    }

    /// Only the traces for which `keep` holds; files that are no traces stay, as tests that fail.
    #[must_use]
    pub fn only(mut self, keep: impl Fn(&Trace) -> bool) -> Self {
        self.entries.retain(|(_, trace)| trace.as_ref().map_or(true, &keep));
        self
    }

    /// Only the traces that an expression means: `rule(STATUS-*) and not needs(break)`.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn filter(mut self, expression: &str) -> Result<Self, String> {
        self.demands.narrow(expression)?;
        Ok(self)
    }

    /// What the tests must reach together, in one process: else it ends with 3 though none failed.
    #[must_use]
    pub fn must_reach(mut self, gate: Gate) -> Self {
        self.demands.gate = gate;
        self
    }

    /// After so many tests in a row that found the cluster where nothing brought it back the others are not run.
    #[must_use]
    pub const fn max_broken(mut self, tests: usize) -> Self {
        self.demands.max_broken = tests;
        self
    }

    /// Writes the report of all tests of the process into this folder, as `zdu replay --report-dir` does.
    #[must_use]
    pub fn report_in(mut self, folder: &Path) -> Self {
        self.demands.report_in(folder);
        self
    }

    /// Runs the tests that the command line selects: on the target that `ZDU_TARGET` names, else on mock clusters.
    #[must_use]
    pub fn main(self) -> ExitCode {
        match std::env::var_os(TARGET).filter(|path| !path.is_empty()) {
            None => self.on_mocks(Embedded::default()),
            Some(path) => self.on_target_file(Path::new(&path)),
        }
    }

    /// Runs the tests on mock clusters, each on its own, as many at once as `embedded` says.
    #[must_use]
    pub fn on_mocks(self, embedded: Embedded) -> ExitCode {
        let (entries, demands, mut arguments) = match self.asked() {
            Ok(asked) => asked,
            Err(reason) => return misused(&reason),
        };
        arguments.test_threads = arguments.test_threads.or(Some(embedded.jobs));
        let results = Arc::new(Results::default());
        let trials = entries.into_iter().map(|entry| {
            let (embedded, results) = (embedded.clone(), Arc::clone(&results));
            trial(entry, false, move |trace| {
                let report = on_mock(&embedded, trace)?;
                results.add(&report.traces, false);
                Ok(report)
            })
        });
        let conclusion = libtest_mimic::run(&arguments, trials.collect());
        if arguments.list {
            return conclusion.exit_code();
        }
        let nodes = embedded.nodes.unwrap_or(NODES_MAX);
        let names = Embedded::names(nodes);
        let run = Run { names, ..Run::begin("embedded mock", Profile::Finalization) };
        demands.conclude(run, &conclusion.exit_code(), conclusion.has_failed(), results.taken())
    }

    /// The traces that are asked for, here and on the command line; what else is asked; and what is left for the tests.
    fn asked(self) -> Result<(Vec<Entry>, Demands, Arguments), String> {
        let mut demands = self.demands;
        let left = demands.take_from(std::env::args())?;
        let entries = selected(&demands.selection, self.entries);
        Ok((entries, demands, Arguments::from_iter(left)))
    }

    /// Runs the tests on the target that a file describes, driven by the file's commands.
    #[must_use]
    pub fn on_target_file(self, path: &Path) -> ExitCode {
        let target = match Target::read(path) {
            Ok(target) => target,
            Err(error) => return cannot(&error.to_string(), Exit::Usage),
        };
        let credentials = match Credentials::from_environment(|name| std::env::var(name).ok()) {
            Ok(credentials) => credentials,
            Err(error) => return cannot(&error.to_string(), Exit::Usage),
        };
        let drive = {
            let target = target.clone();
            move |site: &Site| -> Box<dyn Driver> {
                let redactor = site.client.redactor();
                let limit = target.timing.settle;
                Box::new(CommandDriver::new(&target, &site.dictionary, limit, redactor))
            }
        };
        self.on(Live {
            target,
            credentials,
            drive: Box::new(drive),
            again: vec!["--target".to_owned(), path.display().to_string()],
        })
    }

    /// Runs the tests on a target made in code; `drive` says who carries out steps on its nodes.
    #[must_use]
    pub fn on_target(
        self,
        target: Target,
        credentials: Credentials,
        drive: impl Fn(&Site) -> Box<dyn Driver> + Send + Sync + 'static,
    ) -> ExitCode {
        let again = vec!["--url".to_owned(), target.url.clone()];
        self.on(Live { target, credentials, drive: Box::new(drive), again })
    }

    fn on(self, live: Live) -> ExitCode {
        let (entries, demands, mut arguments) = match self.asked() {
            Ok(asked) => asked,
            Err(reason) => return misused(&reason),
        };
        // A cluster is in one state at a time.
        arguments.test_threads = Some(1);
        let reached = match live.reach() {
            Ok(reached) => Arc::new(reached),
            Err(reason) => return cannot(&reason, Exit::Unreachable),
        };
        let results = Arc::new(Results::default());
        let most = demands.max_broken;
        let trials = reached.ordered(entries).into_iter().map(|entry| {
            let (reached, results) = (Arc::clone(&reached), Arc::clone(&results));
            let unfit =
                entry.1.as_ref().ok().and_then(|trace| Some((trace, reached.unfit(trace)?)));
            let ignored = unfit.is_some();
            if let Some((trace, end)) =
                unfit.filter(|_| !arguments.ignored && !arguments.include_ignored)
            {
                // Tests that are ignored are not run, and the report names them with the reason.
                results.add(&[not_begun(trace, reached.again(trace), end)], false);
            }
            trial(entry, ignored, move |trace| reached.replay(trace, most, &results))
        });
        let conclusion = libtest_mimic::run(&arguments, trials.collect());
        if arguments.list {
            return conclusion.exit_code();
        }
        let run = reached.finished();
        demands.conclude(run, &conclusion.exit_code(), conclusion.has_failed(), results.taken())
    }
}

/// One trace on a mock of its own.
fn on_mock(embedded: &Embedded, trace: &Trace) -> Result<Report, String> {
    let seed = embedded.seed.to_string();
    let words = Command::zdu(["replay", "--only", trace.name.as_str(), "--seed", &seed]);
    let stop = AtomicBool::new(false);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot wait for the network: {error}"))?;
    let result = runtime.block_on(embedded.replay(trace, &stop, words));
    let nodes = embedded.nodes.unwrap_or(usize::from(trace.nodes));
    let names = Embedded::names(nodes);
    let run = Run { names, ..Run::begin("embedded mock", trace.profile) };
    Ok(run.finish(vec![result]))
}

/// A target that tests share.
struct Live {
    target: Target,
    credentials: Credentials,
    drive: Box<Drive>,
    /// How a command line names the target.
    again: Vec<String>,
}

/// A target that has been reached.
struct Reached {
    runtime: tokio::runtime::Runtime,
    site: Site,
    driver: Box<dyn Driver>,
    live: Live,
}

impl Live {
    fn reach(self) -> Result<Reached, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start a thread for the network: {error}"))?;
        let site = runtime
            .block_on(Site::connect(&self.target, &self.credentials))
            .map_err(|error| error.to_string())?;
        let driver = (self.drive)(&site);
        let driver = Rotating::around(driver, &self.target, &site.dictionary);
        Ok(Reached { runtime, site, driver, live: self })
    }
}

impl Reached {
    fn permission(&self) -> Permission {
        Permission { disrupt: self.live.target.allow_disruption, post: true }
    }

    /// Why the trace cannot be replayed here, if it cannot: asked before anything runs, so that lists show it too.
    fn unfit(&self, trace: &Trace) -> Option<End> {
        let scope = self.site.scope();
        let can_be = |who| self.site.can_be(who);
        let trace = fitted(trace, scope);
        let downgrades = self.live.target.allow_downgrade;
        unfit(scope, self.driver.as_ref(), can_be, &trace, self.permission(), downgrades)
    }

    /// The traces in the order in which they are taken; what is no trace comes first.
    fn ordered(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let (traces, others): (Vec<Entry>, Vec<Entry>) =
            entries.into_iter().partition(|(_, trace)| trace.is_ok());
        let traces: Vec<Trace> = traces.into_iter().filter_map(|(_, trace)| trace.ok()).collect();
        let traces = ordered(&self.site, self.driver.as_ref(), self.permission(), &traces);
        let traces = traces.into_iter().map(|trace| (trace.name.clone(), Ok(trace)));
        others.into_iter().chain(traces).collect()
    }

    /// The command that replays it.
    fn again(&self, trace: &Trace) -> Command {
        let words = ["replay", "--only", trace.name.as_str()];
        Command::zdu(words).with(self.live.again.iter().cloned())
    }

    fn replay(&self, trace: &Trace, most: usize, so_far: &Results) -> Result<Report, String> {
        // Each test may be a process of its own: they wait for each other.
        let _lock = Lock::wait(&self.live.target.url).map_err(|error| error.to_string())?;
        let stop = AtomicBool::new(false);
        let words = |trace: &Trace| self.again(trace);
        let run = Run::begin(self.live.target.url.as_str(), self.live.target.family());
        let run = run.on(&self.live.target, &self.site);
        let lost = so_far.lost();
        if lost >= most.max(1) {
            let end = End::Unfinished(Stop::ClusterLost(lost));
            let results = vec![not_begun(trace, words(trace), end)];
            so_far.add(&results, true);
            return Ok(run.finish(results));
        }
        let log = Log::default();
        let series = Series {
            site: &self.site,
            driver: self.driver.as_ref(),
            permission: self.permission(),
            take_over: true,
            max_broken: 1,
            log: &log,
            stop: &stop,
        };
        let traces = std::slice::from_ref(trace);
        let Played { results, roster, lost } = self.runtime.block_on(series.replay(traces, words));
        so_far.add(&results, lost);
        Ok(run.knowing(&roster).finish(results))
    }

    /// The run of all tests, once they have ended.
    fn finished(&self) -> Run {
        let target = &self.live.target;
        let (left_as, bring_back) =
            self.runtime.block_on(left(&self.site, target, self.driver.as_ref()));
        let run = Run::begin(target.url.as_str(), target.family()).on(target, &self.site);
        Run { left_as: Some(left_as), bring_back, take_over: true, ..run }
    }
}

/// Says why the command line cannot be read.
fn misused(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::from(Exit::Usage.code())
}

/// Says why nothing can be run.
fn cannot(reason: &str, exit: Exit) -> ExitCode {
    eprintln!("{TARGET}: {reason}\ncheck it without touching anything: zdu doctor --target FILE");
    ExitCode::from(exit.code())
}

fn read(path: &Path) -> Option<Entry> {
    let file = path.file_name()?.to_str()?;
    let name = file.strip_suffix(".json").filter(|_| file != SCHEMA_FILE)?;
    let trace = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))
        .and_then(|text| {
            Trace::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
        });
    Some((name.to_owned(), trace))
}

fn trial(
    (name, trace): Entry,
    ignored: bool,
    replay: impl FnOnce(&Trace) -> Result<Report, String> + Send + 'static,
) -> Trial {
    Trial::ignorable_test(name, move || match trace {
        Ok(trace) => judged(&replay(&trace)?),
        Err(reason) => Err(Failed::from(reason)),
    })
    .with_ignored_flag(ignored)
}

/// What a test says of a run of one trace.
fn judged(report: &Report) -> Result<Completion, Failed> {
    let Some(trace) = report.traces.first() else {
        return Err(Failed::from("nothing was run"));
    };
    let names = report.names_in(trace);
    let why = Words::new(&names).end(trace).unwrap_or_default();
    match trace.verdict {
        Verdict::Pass | Verdict::Waived => Ok(Completion::Completed),
        Verdict::Skipped | Verdict::NotApplicable => {
            Ok(Completion::ignored_with(format!("{}: {why}", trace.verdict)))
        }
        Verdict::Deviates
        | Verdict::Timeout
        | Verdict::Unmodelled
        | Verdict::Broken
        | Verdict::Unfinished => Err(Failed::from(Words::new(&names).story(trace))),
    }
}
