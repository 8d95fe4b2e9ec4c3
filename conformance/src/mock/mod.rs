//! What is there to test the suite against? A mock cluster that serves the API over real HTTP (spec, sections 1 to 3 and 6).
//!
//! The hidden state is the model's cluster, driven by the model's own transition relation or by a planted mutant of it
//! ([`Defect`]); requests and spontaneous transitions take effect after jittered delays that come from a seed. Each node has an
//! address of its own that refuses connections while the node does not serve. Left out: load balancing beyond taking
//! turns (section 4, LB), TLS, and DRAINING.
//!
//! From the outside in: `gate` accepts, `router` finds the handler, `auth` lets in, `desk` answers, `view` shows, `world` is what
//! happens, a `lane` for each node; `control` is the back door.

mod auth;
mod behaviour;
mod control;
mod defect;
mod desk;
mod gate;
mod lane;
mod options;
mod router;
mod view;
mod world;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use zdu_model::spec::node::NodeId;

pub use control::{NodeSnapshot, Snapshot};
pub use defect::{Defect, UnknownDefect, WireDefect};
pub use options::{Credentials, Layouts, MockError, Options};

use desk::{Desk, Shared, Via};
use gate::Gate;
use world::World;

/// How long [`Mock::stop`] waits for requests that are under way.
const STOP_MAX: Duration = Duration::from_secs(1);
/// What the nodes are listed with when they have no address of their own: the port of the cluster's own traffic.
const CLUSTER_PORT: u16 = 5801;

/// A running mock cluster. Dropping it closes its addresses soon; [`Mock::stop`] waits until they are closed.
#[derive(Debug)]
pub struct Mock {
    shared: Arc<Shared>,
    url: String,
    node_urls: Vec<String>,
    seed: u64,
    /// Dropped or told: every task of the mock ends.
    shutdown: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Mock {
    /// Starts a mock cluster in its initial state. Needs a Tokio runtime with time and I/O.
    ///
    /// # Errors
    /// If an option cannot be had, or an address is in use; the message says what to do.
    pub async fn start(options: Options) -> Result<Self, MockError> {
        let options = options.checked()?;
        let api = Gate::open(options.listen)?;
        let mut gates = node_gates(&options)?;
        let addresses = listed_addresses(&options, &gates);
        let context = options.context.clone();
        let url = format!("http://{}{context}", reachable(api.address()));
        let node_urls = gates
            .iter()
            .map(|gate| format!("http://{}{context}", reachable(gate.address())))
            .collect();
        let world = World::new(options.clone(), Instant::now());
        let shared = Arc::new(Shared::new(world, addresses));
        let mut mock = Self {
            shared: Arc::clone(&shared),
            url,
            node_urls,
            seed: options.seed,
            shutdown: watch::Sender::new(false),
            tasks: JoinSet::new(),
        };
        mock.serve(&options, api, Via::Api);
        for (position, mut gate) in gates.drain(..).enumerate() {
            gate.follow(position, shared.serving.subscribe());
            mock.serve(&options, gate, Via::Node(NodeId::at(position)));
        }
        let ended = mock.ended();
        mock.tasks.spawn(async move {
            tokio::select! {
                () = run(&shared) => {}
                () = ended => {}
            }
        });
        Ok(mock)
    }

    /// The API's base URL, context path included.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The base URLs of the nodes by number; empty without node listeners.
    #[must_use]
    pub fn node_urls(&self) -> &[String] {
        &self.node_urls
    }

    /// The nodes' ids, as the API lists them.
    #[must_use]
    pub fn node_ids(&self) -> Vec<String> {
        let count = self.shared.addresses.len();
        (0..count).map(|at| NodeId::at(at).to_string()).collect()
    }

    /// What all jitter and chance comes from.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The hidden state now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.shared.with(|world| Snapshot::of(world))
    }

    /// Ends what is under way and closes every address.
    pub async fn stop(mut self) {
        self.shutdown.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        // A client that holds a half-sent request open must not hold us.
        if timeout(STOP_MAX, ended).await.is_err() {
            self.tasks.shutdown().await;
        }
    }

    fn serve(&mut self, options: &Options, gate: Gate, via: Via) {
        let desk = Desk { shared: Arc::clone(&self.shared), via };
        let service = axum::serve(gate, router::router(options, &desk));
        let ended = self.ended();
        self.tasks.spawn(async move {
            // Accepting never fails: the gate waits instead.
            let _ = service.with_graceful_shutdown(ended).await;
        });
    }

    /// Completes when the mock is stopped or dropped.
    fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut shutdown = self.shutdown.subscribe();
        async move {
            let _ = shutdown.wait_for(|stopped| *stopped).await;
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // Told to end rather than cut off: a server that is cut off leaves its open connections behind.
        self.shutdown.send_replace(true);
        self.tasks.detach_all();
    }
}

/// Wakes whenever something is due, and only then.
async fn run(shared: &Shared) {
    loop {
        let woken = shared.woken.notified();
        match shared.advance() {
            Some(due) => tokio::select! {
                () = sleep_until(due) => {}
                () = woken => {}
            },
            None => woken.await,
        }
    }
}

/// With a given port the nodes take those that follow, so that a target file can name them.
fn node_gates(options: &Options) -> Result<Vec<Gate>, MockError> {
    let count = if options.node_listeners { options.nodes } else { 0 };
    (1..=count)
        .map(|number| {
            let port = match options.listen.port() {
                0 => 0,
                first => usize::from(first) + number,
            };
            let port = u16::try_from(port).map_err(|_| MockError::Ports)?;
            Gate::open(SocketAddr::new(options.listen.ip(), port))
        })
        .collect()
}

fn listed_addresses(options: &Options, gates: &[Gate]) -> Vec<(String, u16)> {
    let ip = reachable(options.listen).ip().to_string();
    let port = |position: usize| gates.get(position).map(|gate| gate.address().port());
    (0..options.nodes)
        .map(|position| (ip.clone(), port(position).unwrap_or(CLUSTER_PORT)))
        .collect()
}

/// The same address as a client on this machine reaches it.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}
