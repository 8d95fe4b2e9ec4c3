//! When does an address accept connections? While the endpoint says that its port is open.
//!
//! A closed gate keeps its port bound without listening: connections are refused, and nobody else is given the port
//! meanwhile, so that the node comes back where it was. Connections that are open when the gate closes are not cut here; their
//! next request is answered 503 and they are closed.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::MockError;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;
/// How long to wait when the system has no socket for us, rather than asking again at once.
const PAUSE: Duration = Duration::from_millis(20);

/// An address that can be closed and opened again.
#[derive(Debug)]
pub(super) struct Gate {
    address: SocketAddr,
    socket: Socket,
    /// Which gates are open, and which of them this one is.
    open: watch::Receiver<Vec<bool>>,
    place: usize,
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
    pub(super) fn open(
        address: SocketAddr,
        place: usize,
        open: watch::Receiver<Vec<bool>>,
    ) -> Result<Self, MockError> {
        let listener = hold(address).and_then(|socket| socket.listen(BACKLOG));
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        match bound {
            Ok((address, listener)) => {
                Ok(Self { address, socket: Socket::Open(listener), open, place })
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

    /// The next connection.
    pub(super) async fn accept(&mut self) -> TcpStream {
        loop {
            self.adjust();
            match &self.socket {
                Socket::Open(listener) => tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, _)) => return stream,
                        Err(_) => sleep(PAUSE).await,
                    },
                    () = news(&mut self.open) => {}
                },
                Socket::Held(_) => news(&mut self.open).await,
                Socket::Lost => sleep(PAUSE).await,
            }
        }
    }

    /// Opens or closes as the endpoint says.
    fn adjust(&mut self) {
        let open = self.open.borrow_and_update()[self.place];
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

/// Waits until another gate, or this one, is to open or close.
async fn news(open: &mut watch::Receiver<Vec<bool>>) {
    if open.changed().await.is_err() {
        // The mock is gone, and its shutdown ends this wait.
        std::future::pending().await
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
