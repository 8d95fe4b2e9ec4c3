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
//! work as in any other test. What cannot be run is reported as ignored with the reason, never as passed.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use zdu_model::traces::scenario;
use zdu_model::traces::trace::{SCHEMA_FILE, Trace};

use crate::driver::{CommandDriver, Driver, Rotating};
use crate::exit::Exit;
use crate::lock::Lock;
use crate::log::Log;
use crate::replay::{
    Embedded, MAX_BROKEN, Permission, Played, Port as _, Series, Site, fitted, unfit,
};
use crate::run::Run;
use crate::secret::Credentials;
use crate::target::Target;
use crate::verdict::{Command, Report, Verdict};
use crate::words::Words;

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
        Self { entries }
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
        Self { entries }
    }

    /// Only the traces for which `keep` holds; files that are no traces stay, as tests that fail.
    #[must_use]
    pub fn only(mut self, keep: impl Fn(&Trace) -> bool) -> Self {
        self.entries.retain(|(_, trace)| trace.as_ref().map_or(true, &keep));
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
        let mut arguments = Arguments::from_args();
        arguments.test_threads = arguments.test_threads.or(Some(embedded.jobs));
        let trials = self.entries.into_iter().map(|entry| {
            let embedded = embedded.clone();
            trial(entry, false, move |trace| {
                let seed = embedded.seed.to_string();
                let words =
                    Command::zdu(["replay", "--only", trace.name.as_str(), "--seed", &seed]);
                let stop = AtomicBool::new(false);
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(|error| format!("cannot wait for the network: {error}"))?;
                let result = runtime.block_on(embedded.replay(trace, &stop, words));
                let nodes = embedded.nodes.unwrap_or(usize::from(trace.nodes));
                let run = Run {
                    names: Embedded::names(nodes),
                    ..Run::begin("embedded mock", trace.profile)
                };
                Ok(run.finish(vec![result]))
            })
        });
        libtest_mimic::run(&arguments, trials.collect()).exit_code()
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
        let mut arguments = Arguments::from_args();
        // A cluster is in one state at a time.
        arguments.test_threads = Some(1);
        let reached = match live.reach() {
            Ok(reached) => Arc::new(reached),
            Err(reason) => return cannot(&reason, Exit::Unreachable),
        };
        let trials = self.entries.into_iter().map(|entry| {
            let reached = Arc::clone(&reached);
            let ignored = entry.1.as_ref().is_ok_and(|trace| reached.unfit(trace));
            trial(entry, ignored, move |trace| reached.replay(trace))
        });
        libtest_mimic::run(&arguments, trials.collect()).exit_code()
    }
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

    /// Whether the trace cannot be replayed here: asked before anything runs, so that lists show it too.
    fn unfit(&self, trace: &Trace) -> bool {
        let scope = self.site.scope();
        let can_be = |who| self.site.can_be(who);
        let trace = fitted(trace, scope);
        let downgrades = self.live.target.allow_downgrade;
        unfit(scope, self.driver.as_ref(), can_be, &trace, self.permission(), downgrades).is_some()
    }

    fn replay(&self, trace: &Trace) -> Result<Report, String> {
        // Each test may be a process of its own: they wait for each other.
        let _lock = Lock::wait(&self.live.target.url).map_err(|error| error.to_string())?;
        let stop = AtomicBool::new(false);
        let words = |trace: &Trace| {
            let words = ["replay", "--only", trace.name.as_str()];
            Command::zdu(words).with(self.live.again.iter().cloned())
        };
        let traces = std::slice::from_ref(trace);
        let run = Run::begin(self.live.target.url.as_str(), self.live.target.family());
        let log = Log::default();
        let series = Series {
            site: &self.site,
            driver: self.driver.as_ref(),
            permission: self.permission(),
            take_over: true,
            max_broken: MAX_BROKEN,
            log: &log,
            stop: &stop,
        };
        let Played { results, roster } = self.runtime.block_on(series.replay(traces, words));
        Ok(run.on(&self.live.target, &self.site).knowing(&roster).finish(results))
    }
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
