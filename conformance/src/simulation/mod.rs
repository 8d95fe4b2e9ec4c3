//! What if nothing took any time? Endpoint and judge in one process: no socket, no clock but a counted one, all chance from
//! one seed. A whole replay is a function call, so that a hundred thousand of them fit into minutes.
//!
//! [`World`] is a port and a driver at once; `walk` makes random traces. The same seed gives the same run, on every machine.

mod matrix;
mod walk;
mod watched;
mod world;

pub use matrix::{Blamed, blamed};
pub use walk::walk;
pub use watched::watched;
pub use world::World;

use std::collections::BTreeSet;
use std::future::Future;
use std::io::Write;
use std::pin::pin;
use std::slice;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use zdu_endpoint::{Credentials, Endpoint, Flavour, Freedom, Freedoms, Options, OptionsError};
use zdu_model::judge::excuse::Excuse;
use zdu_model::judge::roster::Known;
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::{Judge, Patience};
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::trace::Trace;

use crate::layout::Layout;
use crate::log::Log;
use crate::recording::{Head, Recorder, Recording, Source};
use crate::replay::{Permission, Session, family, play};
use crate::target::Timing;
use crate::verdict::{Command, TraceResult};
use crate::wire::Dictionary;

/// The administrator's password in a simulation, and that of the plain account.
pub const PASSWORD: &str = "simulated";

/// How a simulated run goes.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The endpoint; its number of nodes and profile are the trace's.
    pub options: Options,
    /// How it is spoken with.
    pub layout: Layout,
    /// How long things may take.
    pub timing: Timing,
    /// Whether each node is asked at an address of its own, too.
    pub own: bool,
    /// Whether the whole cluster can be reset.
    pub reset: bool,
    /// Whether it is asked what else would explain what was found.
    pub excuses: bool,
    /// What the driver does otherwise than it says.
    pub lie: Option<Excuse>,
}

impl Simulation {
    /// A simulation of this endpoint with times that fit its delay.
    #[must_use]
    pub fn of(options: Options) -> Self {
        let delay = options.delay.max(Duration::from_millis(1));
        Self {
            options,
            layout: Layout::Documented,
            timing: Timing {
                poll: delay * 4,
                request: Duration::from_secs(1),
                settle: delay * 100 + Duration::from_secs(1),
                quiet: delay * 12 + Duration::from_millis(40),
            },
            own: true,
            reset: false,
            excuses: false,
            lie: None,
        }
    }

    /// Replays one trace on a cluster of its own.
    ///
    /// # Errors
    /// [`OptionsError`] when such an endpoint cannot be had, or its defect cannot show.
    pub fn replay(&self, trace: &Trace) -> Result<TraceResult, OptionsError> {
        let mut results = self.replay_all(slice::from_ref(trace))?;
        Ok(results.remove(0))
    }

    /// Replays traces of one size and profile on one cluster, one after the other as a run does: what becomes known of the nodes is
    /// handed on, and what leads back to where traces start is a reset where there is one, else single steps.
    ///
    /// # Errors
    /// As [`Simulation::replay`].
    pub fn replay_all(&self, traces: &[Trace]) -> Result<Vec<TraceResult>, OptionsError> {
        self.replayed(traces, |_| Log::default())
    }

    /// The same, and the recording of it.
    ///
    /// # Errors
    /// As [`Simulation::replay`].
    ///
    /// # Panics
    /// If what was recorded cannot be read again.
    pub fn recorded(
        &self,
        traces: &[Trace],
    ) -> Result<(Vec<TraceResult>, Recording), OptionsError> {
        let (results, text) = self.written(traces)?;
        let recording = Recording::parse(&text, "a simulation").expect("what was just written");
        Ok((results, recording))
    }

    /// The same, and the text of its recording.
    ///
    /// # Errors
    /// As [`Simulation::replay`].
    pub fn written(&self, traces: &[Trace]) -> Result<(Vec<TraceResult>, String), OptionsError> {
        let written = Written::default();
        let results = self.replayed(traces, |head| Log {
            recorder: Some(Arc::new(Recorder::to(written.clone(), head))),
            ..Log::default()
        })?;
        Ok((results, written.text()))
    }

    fn replayed(
        &self,
        traces: &[Trace],
        log: impl FnOnce(&Head) -> Log,
    ) -> Result<Vec<TraceResult>, OptionsError> {
        let Some(first) = traces.first() else { return Ok(Vec::new()) };
        let (world, dictionary) = self.world(first)?;
        let (scope, patience) = (dictionary.scope(), Patience::from(self.timing));
        let own: BTreeSet<NodeId> =
            if self.own { scope.node_ids().collect() } else { BTreeSet::new() };
        let head = Head { own: own.clone(), ..Head::new(&dictionary, Source::Replay, patience) };
        let log = log(&head);
        let stop = AtomicBool::new(false);
        let permission = Permission { disrupt: true, post: true };
        let mut roster = dictionary.roster();
        let replay = |trace| {
            let judge = Judge::new(scope, roster.clone(), patience, own.clone());
            let mut session = Session::new(&world, &world, judge, log.clone(), &stop);
            // Whether a step below the original leads anywhere is the endpoint's to decide.
            session.downgrades = true;
            session.remembers = self.excuses;
            let run = play(&mut session, trace, permission, Command::zdu(["simulate"]));
            let mut result = at_once(run);
            result.excuse = session.excuses().first().copied();
            result.conclude();
            roster = session.judge.roster().clone();
            log.finished(trace, &result);
            result
        };
        Ok(traces.iter().map(replay).collect())
    }

    /// A cluster for this trace, and what is known of it.
    fn world(&self, trace: &Trace) -> Result<(World, Dictionary), OptionsError> {
        let nodes = usize::from(trace.nodes);
        let options = Options { nodes, profile: family(trace.profile), ..self.options.clone() };
        let versions: Vec<Text> =
            options.versions.iter().map(|name| Text::from(name.as_str())).collect();
        let endpoint = Endpoint::new(options)?;
        let known = endpoint.node_ids().iter().zip(endpoint.node_names()).map(|(id, name)| Known {
            id: Some(Text::from(id.as_str())),
            listed: Some(Text::from(name)),
            ..Known::default()
        });
        let dictionary = Dictionary { profile: trace.profile, nodes: known.collect(), versions };
        Ok((World::new(endpoint, self), dictionary))
    }
}

/// A recording that is kept in memory.
#[derive(Clone, Debug, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An endpoint for a simulation: three versions, credentials for everybody, all chance from this seed.
#[must_use]
pub fn options(seed: u64) -> Options {
    Options {
        seed,
        versions: ["9.2.1", "9.2.4", "9.3.0"].map(str::to_owned).to_vec(),
        delay: Duration::from_millis(2),
        credentials: Some(Credentials {
            user: "admin".to_owned(),
            password: PASSWORD.to_owned(),
            token: None,
            plain: Some(("plain".to_owned(), PASSWORD.to_owned())),
        }),
        ..Options::default()
    }
}

/// How many steps a random walk has at most.
const STEPS_MAX: usize = 12;

/// A random run on one cluster of one to four nodes, of either profile, of this flavour: three to five walks one after the other. All
/// of it from one seed.
///
/// # Panics
/// Never: such endpoints can be had.
#[must_use]
pub fn run(seed: u64, flavour: Flavour) -> Vec<TraceResult> {
    let (simulation, traces) = random(seed, flavour);
    simulation.replay_all(&traces).expect("such an endpoint can be had")
}

/// What a random run does, and where. Every other one comes back by resets.
///
/// # Panics
/// Never: the numbers are small.
#[must_use]
pub fn random(seed: u64, flavour: Flavour) -> (Simulation, Vec<Trace>) {
    let scope = scope_of(seed);
    let mut chance = fastrand::Rng::with_seed(seed);
    let reset = chance.bool();
    let walks: Vec<Trace> = (0..chance.u8(3..=5))
        .map(|_| walk(scope, chance.u64(..), chance.usize(2..=STEPS_MAX)))
        .collect();
    let mut freedoms = Freedoms::of(flavour);
    if chance.bool() {
        // A cluster that was reset gives the same ids again.
        freedoms = freedoms.without(Freedom::OpaqueIds);
    }
    if !reset {
        // Without a reset nothing leads back below the original where that is refused.
        freedoms = freedoms.without(Freedom::NoDowngrade);
    }
    let simulation = Simulation::of(Options { freedoms, ..options(seed) });
    (Simulation { reset, ..simulation }, walks)
}

/// A long walk on a cluster of its own.
#[must_use]
fn alone(seed: u64, flavour: Flavour) -> (Simulation, Trace) {
    let options = Options { freedoms: Freedoms::of(flavour), ..options(seed) };
    (Simulation::of(options), walk(scope_of(seed), seed, STEPS_MAX))
}

fn scope_of(seed: u64) -> Scope {
    let nodes = 1 + usize::try_from(seed % 4).expect("a small number");
    let profile = if seed.is_multiple_of(2) { Profile::Documented } else { Profile::Finalization };
    Scope { profile, nodes, versions: 3 }
}

/// The same trace in this profile, where it has one.
#[must_use]
pub fn trace_of(trace: &Trace, profile: Profile) -> Trace {
    // What is about upgrade tasks means nothing in the page's own profile.
    let profile = if trace.profile == Profile::Finalization { trace.profile } else { profile };
    Trace { profile, ..trace.clone() }
}

/// Runs what never waits.
///
/// # Panics
/// If it waits after all: everything in a simulation is there at once.
pub fn at_once<F: Future>(run: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(run).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing in a simulation waits"),
    }
}
