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
mod reached;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use zdu_model::spec::profile::Profile;
use zdu_model::traces::scenario;
use zdu_model::traces::trace::{SCHEMA_FILE, Trace};

use crate::driver::{CommandDriver, Driver};
use crate::exit::Exit;
use crate::replay::{Embedded, Site};
use crate::run::{Gate, Run};
use crate::secret::Credentials;
use crate::target::{NODES_MAX, Target};
use crate::verdict::{Command, Report, Verdict};
use crate::words::Words;

use demands::{Demands, Results, selected};
use reached::Live;

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
        let again = vec!["--target".to_owned(), path.display().to_string()];
        let target = match Target::read(path) {
            Ok(target) => target,
            Err(error) => return cannot(&error.to_string(), &again, Exit::Usage),
        };
        let credentials = match Credentials::from_environment(|name| std::env::var(name).ok()) {
            Ok(credentials) => credentials,
            Err(error) => return cannot(&error.to_string(), &again, Exit::Usage),
        };
        let drive = {
            let target = target.clone();
            move |site: &Site| -> Box<dyn Driver> {
                let redactor = site.client.redactor();
                let limit = target.timing.settle;
                Box::new(CommandDriver::new(&target, &site.dictionary, limit, redactor))
            }
        };
        self.on(Live { target, credentials, drive: Box::new(drive), again })
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
        let again = live.again.clone();
        let mut reached = match live.reach() {
            Ok(reached) => reached,
            Err((reason, exit)) => return cannot(&reason, &again, exit),
        };
        let entries = reached.ordered(entries);
        if !arguments.list {
            // A test by its exact name shares the target with others, each of which would try the reset.
            let begun = reached.begin(&demands, &entries, !arguments.exact);
            if let Err(reason) = begun {
                return cannot(&reason, &again, Exit::Usage);
            }
        }
        let reached = Arc::new(reached);
        let results = Arc::new(Results::default());
        let most = demands.max_broken;
        let trials = entries.into_iter().map(|entry| {
            let (reached, results) = (Arc::clone(&reached), Arc::clone(&results));
            let unfit =
                entry.1.as_ref().ok().and_then(|trace| Some((trace, reached.unfit(trace)?)));
            let ignored = unfit.is_some();
            if let Some((trace, end)) =
                unfit.filter(|_| !arguments.ignored && !arguments.include_ignored)
            {
                // Tests that are ignored are not run, and the report names them with the reason.
                results.add(&[reached.not_begun(trace, end)], false);
            }
            trial(entry, ignored, move |trace| reached.replay(trace, most, &results))
        });
        let conclusion = libtest_mimic::run(&arguments, trials.collect());
        if arguments.list {
            return conclusion.exit_code();
        }
        let (run, results) = (reached.finished(), results.taken());
        reached.log.ended(&run, &results);
        demands.conclude(run, &conclusion.exit_code(), conclusion.has_failed(), results)
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

/// Says why the command line cannot be read.
fn misused(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::from(Exit::Usage.code())
}

/// Says why nothing can be run.
fn cannot(reason: &str, again: &[String], exit: Exit) -> ExitCode {
    let doctor = Command::zdu(["doctor"]).with(again.iter().cloned());
    eprintln!("{reason}\ncheck it without touching anything: {doctor}");
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
