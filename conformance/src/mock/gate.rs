//! When does an address accept connections? The API's always, a node's own only while the node serves.
//!
//! A closed gate keeps its port bound without listening: connections are refused, and nobody else is given the port
//! meanwhile, so that the node comes back where it was. Connections that are open when the gate closes are not cut here; their
//! next request is answered 503 and they are closed.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::options::MockError;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;
/// How long to wait when the system has no socket for us, rather than asking again at once.
const PAUSE: Duration = Duration::from_millis(20);

/// An address that can be closed and opened again.
#[derive(Debug)]
pub(super) struct Gate {
    address: SocketAddr,
    socket: Socket,
    /// The node whose gate it is, by position, with the news of who serves.
    node: Option<(usize, watch::Receiver<Vec<bool>>)>,
}

#[derive(Debug)]
enum Socket {
    Open(TcpListener),
    Held(TcpSocket),
    /// The port could not be bound again; it is tried once more after a pause.
    Lost,
}

impl Gate {
    /// Opens the address.
    ///
    /// # Errors
    /// If it is in use, or the system does not let us have it.
    pub(super) fn open(address: SocketAddr) -> Result<Self, MockError> {
        let listener = hold(address).and_then(|socket| socket.listen(BACKLOG));
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        match bound {
            Ok((address, listener)) => {
                Ok(Self { address, socket: Socket::Open(listener), node: None })
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                Err(MockError::AddressInUse { address })
            }
            Err(source) => Err(MockError::Listen { address, source }),
        }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ties the gate to the node at this position.
    pub(super) fn follow(&mut self, position: usize, serving: watch::Receiver<Vec<bool>>) {
        self.node = Some((position, serving));
    }

    fn wanted_open(&mut self) -> bool {
        match &mut self.node {
            Some((position, serving)) => serving.borrow_and_update()[*position],
            None => true,
        }
    }

    /// Opens or closes as the node demands.
    fn adjust(&mut self) {
        let open = self.wanted_open();
        let address = self.address;
        let lost = |_| Socket::Lost;
        let mut socket = std::mem::replace(&mut self.socket, Socket::Lost);
        if !open && matches!(socket, Socket::Open(_)) {
            // Two sockets cannot hold one port while one of them listens, so it goes first.
            drop(socket);
            socket = Socket::Lost;
        }
        if matches!(socket, Socket::Lost) {
            socket = hold(address).map_or_else(lost, Socket::Held);
        }
        self.socket = match socket {
            Socket::Held(held) if open => held.listen(BACKLOG).map_or_else(lost, Socket::Open),
            Socket::Held(_) | Socket::Open(_) | Socket::Lost => socket,
        };
    }
}

impl Listener for Gate {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            self.adjust();
            let node = self.node.as_mut().map(|(_, serving)| serving);
            match &self.socket {
                Socket::Open(listener) => tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok(connection) => return connection,
                        Err(_) => sleep(PAUSE).await,
                    },
                    () = news(node) => {}
                },
                Socket::Held(_) => news(node).await,
                Socket::Lost => sleep(PAUSE).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Waits until who serves has changed.
async fn news(serving: Option<&mut watch::Receiver<Vec<bool>>>) {
    match serving {
        Some(serving) => {
            if serving.changed().await.is_err() {
                // The mock is gone, and its shutdown ends this wait.
                std::future::pending().await
            }
        }
        None => std::future::pending().await,
    }
}

fn hold(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Elsewhere the option lets two processes listen on one port.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}
