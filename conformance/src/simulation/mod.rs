//! What if nothing took any time? Endpoint and judge in one process: no socket, no clock but a counted one, all chance from
//! one seed. A whole replay is a function call, so that a hundred thousand of them fit into minutes.
//!
//! [`World`] is a port and a driver at once; `walk` makes random traces. The same seed gives the same run, on every machine.

mod matrix;
mod walk;
mod world;

pub use matrix::{Blamed, blamed};
pub use walk::walk;
pub use world::World;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use zdu_endpoint::{Endpoint, Options, OptionsError};
use zdu_model::judge::roster::{Known, Roster};
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::{Judge, Patience};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::trace::Trace;

use crate::layout::Layout;
use crate::log::Log;
use crate::replay::{Permission, Session, play};
use crate::target::Timing;
use crate::verdict::{Command, TraceResult};

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
                poll: delay,
                request: Duration::from_secs(1),
                settle: delay * 100 + Duration::from_secs(5),
                quiet: delay * 12 + Duration::from_millis(40),
            },
            own: true,
            reset: false,
        }
    }

    /// Replays one trace on a cluster of its own.
    ///
    /// # Errors
    /// [`OptionsError`] when such an endpoint cannot be had, or its defect cannot show.
    pub fn replay(&self, trace: &Trace, log: &Log) -> Result<TraceResult, OptionsError> {
        let profile = match trace.profile {
            Profile::Documented => zdu_endpoint::Profile::Documented,
            Profile::Finalization => zdu_endpoint::Profile::Finalization,
        };
        let options = Options { nodes: usize::from(trace.nodes), profile, ..self.options.clone() };
        let versions = options.versions.iter().map(|name| Text::from(name.as_str())).collect();
        let endpoint = Endpoint::new(options)?;
        let known = endpoint.node_ids().iter().zip(endpoint.node_names()).map(|(id, name)| Known {
            id: Some(Text::from(id.as_str())),
            listed: Some(Text::from(name)),
            ..Known::default()
        });
        let roster = Roster::new(known.collect(), versions);
        let scope = Scope {
            profile: trace.profile,
            nodes: usize::from(trace.nodes),
            versions: roster.versions(),
        };
        let own = self.own.then(|| scope.node_ids().collect()).unwrap_or_default();
        let world = World::new(endpoint, self);
        let judge = Judge::new(scope, roster, Patience::from(self.timing), own);
        let stop = AtomicBool::new(false);
        let mut session = Session::new(&world, &world, judge, log.clone(), &stop);
        let permission = Permission { disrupt: true, post: true };
        let run = play(&mut session, trace, permission, Command::zdu(["simulate"]));
        Ok(at_once(run))
    }
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
