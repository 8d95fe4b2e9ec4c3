//! How is an endpoint reached over real sockets in real time?
//!
//! One address for the API and one for each node, which refuses connections while the node does not serve. Everything else
//! is the [`Endpoint`]'s: here is only when it is asked. Left out: TLS.

mod gate;
mod wire;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::endpoint::Endpoint;
use crate::exchange::{Outcome, Port};
use crate::options::{Options, OptionsError};
use crate::service::Begun;
use crate::snapshot::Snapshot;

use gate::Gate;

/// How long [`Mock::stop`] waits for requests that are under way.
const STOP_MAX: Duration = Duration::from_secs(1);

/// Where a mock listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// The API's address; port 0 takes a free one. The nodes listen on the same IP address, on the ports that follow, or on
    /// free ones.
    pub listen: SocketAddr,
    /// Whether each node has an address of its own.
    pub nodes: bool,
}

impl Default for Addresses {
    fn default() -> Self {
        Self { listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0), nodes: true }
    }
}

/// The mock cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    /// There is no such endpoint.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// Somebody else listens there.
    #[error(
        "{address} is already in use; stop what listens there, or choose another address with --listen \
         (port 0 takes a free one; with a given port the nodes take the ports that follow it)"
    )]
    AddressInUse {
        /// The address that is taken.
        address: SocketAddr,
    },
    /// The system does not let us listen there.
    #[error(
        "cannot listen on {address}: {source}; choose an address of this machine with --listen"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// There are not enough ports above the given one.
    #[error("the nodes' ports would end beyond 65535; choose a lower port, or 0, with --listen")]
    Ports,
}

/// A running mock cluster. Dropping it closes its addresses soon; [`Mock::stop`] waits until they are closed.
#[derive(Debug)]
pub struct Mock {
    shared: Arc<Shared>,
    url: String,
    node_urls: Vec<String>,
    /// Dropped or told: every task of the mock ends.
    shutdown: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Mock {
    /// Starts a mock cluster in its initial state on free loopback ports. Needs a Tokio runtime with time and I/O.
    ///
    /// # Errors
    /// If an option cannot be had, or the system gives no port.
    pub async fn start(options: Options) -> Result<Self, MockError> {
        Self::start_at(Addresses::default(), options).await
    }

    /// The same on chosen addresses.
    ///
    /// # Errors
    /// If an option cannot be had, or an address is in use; the message says what to do.
    pub async fn start_at(addresses: Addresses, options: Options) -> Result<Self, MockError> {
        let endpoint = Endpoint::new(options)?;
        let context = endpoint.options().context.clone();
        let nodes = endpoint.options().nodes;
        let open = watch::Sender::new(vec![true; nodes + 1]);
        let gates = gates(addresses, nodes, &open)?;
        let url = |gate: &Gate| format!("http://{}{context}", reachable(gate.address()));
        let mut mock = Self {
            url: url(&gates[0]),
            node_urls: gates[1..].iter().map(url).collect(),
            shared: Arc::new(Shared {
                endpoint: Mutex::new(endpoint),
                started: Instant::now(),
                woken: Notify::new(),
                open,
            }),
            shutdown: watch::Sender::new(false),
            tasks: JoinSet::new(),
        };
        for (place, gate) in gates.into_iter().enumerate() {
            let serving = serve(gate, place, Arc::clone(&mock.shared), mock.shutdown.subscribe());
            mock.tasks.spawn(serving);
        }
        let (shared, ended) = (Arc::clone(&mock.shared), ended(mock.shutdown.subscribe()));
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

    /// The base URLs of the nodes by number; empty without node addresses.
    #[must_use]
    pub fn node_urls(&self) -> &[String] {
        &self.node_urls
    }

    /// The nodes' ids, as the API lists them at first.
    #[must_use]
    pub fn node_ids(&self) -> Vec<String> {
        self.shared.with(|endpoint, _| endpoint.node_ids().to_vec())
    }

    /// The hidden state now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.shared.with(|endpoint, _| endpoint.snapshot())
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
}

impl Drop for Mock {
    fn drop(&mut self) {
        // Told to end rather than cut off: a server that is cut off leaves its open connections behind.
        self.shutdown.send_replace(true);
        self.tasks.detach_all();
    }
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    endpoint: Mutex<Endpoint>,
    started: Instant,
    /// Told whenever the next thing may be due earlier than before.
    woken: Notify,
    /// Which gates are open: the API's, then the nodes'.
    open: watch::Sender<Vec<bool>>,
}

impl Shared {
    /// Looks at the endpoint, or changes it, as of now.
    fn with<T>(&self, look: impl FnOnce(&mut Endpoint, Duration) -> T) -> T {
        let result = self.quietly(look);
        self.woken.notify_one();
        result
    }

    fn quietly<T>(&self, look: impl FnOnce(&mut Endpoint, Duration) -> T) -> T {
        // A task that panicked while it held the lock has already failed its own request; the others go on.
        let mut endpoint = self.endpoint.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.started.elapsed();
        endpoint.advance(now);
        let result = look(&mut endpoint, now);
        // The API's address carries the control calls too, so it stays open; where the endpoint would have connections
        // refused, they are closed without an answer.
        let nodes = 0..endpoint.options().nodes;
        let nodes = nodes.map(|index| endpoint.open(Port::Node(index), now));
        let open: Vec<bool> = std::iter::once(true).chain(nodes).collect();
        // Still under the lock, so that gates hear the news in the order in which it happened.
        self.open.send_if_modified(|known| {
            let changed = *known != open;
            *known = open;
            changed
        });
        result
    }

    /// Handles a request to its end, even if its client gives up: the effect of a slow one comes all the same.
    async fn answer(self: Arc<Self>, port: Port, request: crate::Request) -> Outcome {
        let handled = tokio::spawn(async move {
            let Begun { ticket, wait } =
                self.with(|endpoint, now| endpoint.begin(port, &request, now));
            pause(wait).await;
            self.with(|endpoint, now| endpoint.finish(ticket, now))
        });
        let outcome = handled.await.unwrap_or(Outcome::Dropped);
        pause(outcome.answer().map_or(Duration::ZERO, |answer| answer.after)).await;
        outcome
    }
}

async fn pause(wait: Duration) {
    if !wait.is_zero() {
        sleep(wait).await;
    }
}

/// Wakes whenever something is due, and only then.
async fn run(shared: &Shared) {
    loop {
        let woken = shared.woken.notified();
        // Whoever waits for that instant is this task: waking it again would make it spin.
        match shared.quietly(|endpoint, _| endpoint.next_due()) {
            Some(due) => tokio::select! {
                () = sleep_until(shared.started + due) => {}
                () = woken => {}
            },
            None => woken.await,
        }
    }
}

/// Completes when the mock is stopped or dropped.
async fn ended(mut shutdown: watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stopped| *stopped).await;
}

/// Accepts connections at one address until the mock ends, and then waits for those that are open.
async fn serve(mut gate: Gate, place: usize, shared: Arc<Shared>, shutdown: watch::Receiver<bool>) {
    let port = place.checked_sub(1).map_or(Port::Api, Port::Node);
    let mut connections = JoinSet::new();
    let mut stopped = std::pin::pin!(ended(shutdown.clone()));
    loop {
        tokio::select! {
            stream = gate.accept() => {
                connections.spawn(converse(stream, port, Arc::clone(&shared), shutdown.clone()));
            }
            // Those that have ended are let go.
            Some(_) = connections.join_next() => {}
            () = &mut stopped => break,
        }
    }
    drop(gate);
    while connections.join_next().await.is_some() {}
}

/// One connection from its first request to its last.
async fn converse(
    stream: TcpStream,
    port: Port,
    shared: Arc<Shared>,
    shutdown: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let shared = Arc::clone(&shared);
        async move {
            let outcome = match wire::read(request).await {
                Ok(request) => shared.answer(port, request).await,
                Err(answer) => Outcome::Answer(answer),
            };
            match outcome {
                Outcome::Answer(answer) => Ok(wire::write(answer)),
                // hyper closes the connection on an error.
                Outcome::Dropped | Outcome::Refused => {
                    Err(io::Error::from(io::ErrorKind::ConnectionAborted))
                }
            }
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // A connection that fails is the client's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = ended(shutdown) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// The API's gate, then those of the nodes. With a given port the nodes take those that follow, so that a target file can
/// name them.
fn gates(
    addresses: Addresses,
    nodes: usize,
    open: &watch::Sender<Vec<bool>>,
) -> Result<Vec<Gate>, MockError> {
    let count = if addresses.nodes { nodes } else { 0 };
    (0..=count)
        .map(|place| {
            let port = match addresses.listen.port() {
                0 => 0,
                first => usize::from(first) + place,
            };
            let port = u16::try_from(port).map_err(|_| MockError::Ports)?;
            Gate::open(SocketAddr::new(addresses.listen.ip(), port), place, open.subscribe())
        })
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
