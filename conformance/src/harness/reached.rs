//! Tests that share a target: what is asked of it before the first, each as a run of one trace, and what is left in the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use zdu_model::judge::seen::Request;
use zdu_model::traces::suite::risk::Risk;
use zdu_model::traces::trace::Trace;

use super::demands::{Demands, Results};
use super::{Drive, Entry};
use crate::advise::left;
use crate::doctor::TargetFaults;
use crate::driver::{Driver, Rotating};
use crate::exit::Exit;
use crate::journal::{Head, Journal, Planned};
use crate::lock::Lock;
use crate::log::Log;
use crate::replay::{Permission, Played, Series, Site, fitted, ordered, unfit};
use crate::run::{Run, not_begun};
use crate::secret::Credentials;
use crate::target::Target;
use crate::verdict::{Command, End, Report, SetUp, Stop, TraceResult};
use crate::words;

/// A target that tests share.
pub(super) struct Live {
    pub(super) target: Target,
    pub(super) credentials: Credentials,
    pub(super) drive: Box<Drive>,
    /// How a command line names the target.
    pub(super) again: Vec<String>,
}

/// A target that has been reached.
pub(super) struct Reached {
    runtime: tokio::runtime::Runtime,
    site: Site,
    driver: Box<dyn Driver>,
    live: Live,
    /// The journal beside the reports, where there are any.
    pub(super) log: Log,
    /// What was done before the first test.
    set_up: SetUp,
}

impl Live {
    pub(super) fn reach(self) -> Result<Reached, (String, Exit)> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| {
                (format!("cannot start a thread for the network: {error}"), Exit::Usage)
            })?;
        let site =
            runtime.block_on(Site::connect(&self.target, &self.credentials)).map_err(|error| {
                let exit = if error.unreachable() { Exit::Unreachable } else { Exit::Usage };
                (error.to_string(), exit)
            })?;
        let driver = (self.drive)(&site);
        let driver = Rotating::around(driver, &self.target, &site.dictionary);
        let (log, set_up) = (Log::default(), SetUp::default());
        Ok(Reached { runtime, site, driver, live: self, log, set_up })
    }
}

impl Reached {
    fn permission(&self) -> Permission {
        Permission { disrupt: self.live.target.allow_disruption, post: true }
    }

    /// Makes the checks of a run before its first step, and begins its journal where a report is asked for.
    ///
    /// # Errors
    /// Why nothing may be run.
    pub(super) fn begin(
        &mut self,
        demands: &Demands,
        entries: &[Entry],
        tries: bool,
    ) -> Result<(), String> {
        let may_boot = |id| self.driver.can(id, Request::Boot);
        let faults = self.runtime.block_on(TargetFaults::of(&self.live.target, &self.site));
        let faults = faults.told(may_boot);
        if !faults.is_empty() {
            return Err(words::unfitting(&faults));
        }
        let traces = entries.iter().filter_map(|(_, trace)| trace.as_ref().ok());
        let traces: Vec<&Trace> = traces.collect();
        if let Some(folder) = demands.report_dir() {
            let run = Run { gate: demands.gate.clone(), ..self.run() };
            let planned = traces.iter().map(|trace| Planned::of(trace, self.again(trace)));
            let nodes = self.site.dictionary.nodes.clone();
            let head = Head::of(&run, &self.live.target, nodes, BTreeMap::new(), planned.collect());
            let journal = Journal::create(folder, head).map_err(|error| error.to_string())?;
            self.log.journal = Some(Arc::new(journal));
        }
        if tries && traces.iter().any(|trace| Risk::of(trace) > Risk::Looks) {
            let _lock = Lock::wait(&self.live.target.url).map_err(|error| error.to_string())?;
            let (stop, mut done) = (AtomicBool::new(false), SetUp::default());
            let idle = self.runtime.block_on(self.series(&stop).try_reset(&mut done));
            self.set_up = done;
            return idle.map_or(Ok(()), |idle| Err(words::useless_reset(&idle)));
        }
        Ok(())
    }

    /// The result of a trace that is not run.
    pub(super) fn not_begun(&self, trace: &Trace, end: End) -> TraceResult {
        let result = not_begun(trace, self.again(trace), end);
        self.log.finished(&fitted(trace, self.site.scope()), &result);
        result
    }

    fn run(&self) -> Run {
        let target = &self.live.target;
        let run = Run::begin(target.url.as_str(), target.family()).on(target, &self.site);
        Run { take_over: true, ..run }
    }

    fn series<'a>(&'a self, stop: &'a AtomicBool) -> Series<'a> {
        Series {
            site: &self.site,
            driver: self.driver.as_ref(),
            permission: self.permission(),
            take_over: true,
            max_broken: 1,
            stop_when: None,
            log: &self.log,
            stop,
        }
    }

    /// Why the trace cannot be replayed here, if it cannot: asked before anything runs, so that lists show it too.
    pub(super) fn unfit(&self, trace: &Trace) -> Option<End> {
        let scope = self.site.scope();
        let trace = fitted(trace, scope);
        let downgrades = self.live.target.allow_downgrade;
        unfit(&self.site, scope, self.driver.as_ref(), &trace, self.permission(), downgrades)
    }

    /// The traces in the order in which they are taken; what is no trace comes first.
    pub(super) fn ordered(&self, entries: Vec<Entry>) -> Vec<Entry> {
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

    pub(super) fn replay(
        &self,
        trace: &Trace,
        most: usize,
        so_far: &Results,
    ) -> Result<Report, String> {
        // Each test may be a process of its own: they wait for each other.
        let _lock = Lock::wait(&self.live.target.url).map_err(|error| error.to_string())?;
        let stop = AtomicBool::new(false);
        let words = |trace: &Trace| self.again(trace);
        let run = self.run();
        let lost = so_far.lost();
        if lost >= most.max(1) {
            let end = End::Unfinished(Stop::ClusterLost(lost));
            let results = vec![self.not_begun(trace, end)];
            so_far.add(&results, true);
            return Ok(run.finish(results));
        }
        let traces = std::slice::from_ref(trace);
        let series = self.series(&stop);
        let Played { results, roster, lost, .. } =
            self.runtime.block_on(series.replay(traces, words));
        so_far.add(&results, lost);
        Ok(run.knowing(&roster).finish(results))
    }

    /// The run of all tests, once they have ended.
    pub(super) fn finished(&self) -> Run {
        let target = &self.live.target;
        let (left_as, bring_back) =
            self.runtime.block_on(left(&self.site, target, self.driver.as_ref()));
        Run { left_as: Some(left_as), bring_back, set_up: self.set_up, ..self.run() }
    }
}
