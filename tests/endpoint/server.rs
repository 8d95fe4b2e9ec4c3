//! How do connections come in and go, one thread each?
//!
//! Threads rather than tasks: a handler may simply sleep, and the endpoint works in a test with any runtime or none.

use std::io::{BufRead, BufReader, ErrorKind, Result};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, sleep};
use std::time::Duration;

use super::http::{self, Answer, Request};

/// Whether the port is open at this moment.
pub(crate) type Gate = Box<dyn Fn() -> bool + Send>;

type Handler = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

const GLANCE: Duration = Duration::from_millis(1);
const IDLE: Duration = Duration::from_millis(50);
const REQUEST: Duration = Duration::from_secs(5);

/// One port and the thread that listens there.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(port: u16, gate: Option<Gate>, handler: Handler) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopped);
        let listening = thread::spawn(move || match gate {
            None => listen(&listener, &seen, &handler),
            Some(gate) => listen_behind(listener, address, &gate, &seen, &handler),
        });
        Ok(Self { address, stopped, listening: Some(listening) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener; nobody listens when the gate is closed, and then nothing needs to be woken.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_millis(200));
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn listen(listener: &TcpListener, stopped: &Arc<AtomicBool>, handler: &Handler) {
    while !stopped.load(Ordering::SeqCst) {
        if let Ok((stream, _)) = listener.accept() {
            hand_over(stream, stopped, handler);
        }
    }
}

/// Listens while the gate is open and lets connections be refused while it is closed.
fn listen_behind(
    listener: TcpListener,
    address: SocketAddr,
    gate: &Gate,
    stopped: &Arc<AtomicBool>,
    handler: &Handler,
) {
    let mut open = Some(listener);
    while !stopped.load(Ordering::SeqCst) {
        if gate() {
            let Some(listener) = open.take().or_else(|| TcpListener::bind(address).ok()) else {
                sleep(GLANCE);
                continue;
            };
            let accepted = listener.set_nonblocking(true).and_then(|()| listener.accept());
            open = Some(listener);
            match accepted {
                Ok((stream, _)) if stream.set_nonblocking(false).is_ok() => {
                    hand_over(stream, stopped, handler)
                }
                Ok(_) | Err(_) => sleep(GLANCE),
            }
        } else {
            open = None;
            sleep(GLANCE);
        }
    }
}

fn hand_over(stream: TcpStream, stopped: &Arc<AtomicBool>, handler: &Handler) {
    let stopped = Arc::clone(stopped);
    let handler = Arc::clone(handler);
    thread::spawn(move || {
        // A connection that fails is the client's affair.
        let _ = converse(stream, &stopped, &handler);
    });
}

fn converse(stream: TcpStream, stopped: &AtomicBool, handler: &Handler) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut out = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while await_request(&mut reader, stopped)? {
        let request = http::read(&mut reader)?;
        let answer = handler(&request);
        if answer.dropped || stopped.load(Ordering::SeqCst) {
            break;
        }
        let close = answer.close || request.last;
        http::write(&mut out, &answer, close)?;
        if close {
            break;
        }
    }
    out.shutdown(Shutdown::Both)
}

/// Waits for the first byte of a request; false when there will be none.
fn await_request(reader: &mut BufReader<TcpStream>, stopped: &AtomicBool) -> Result<bool> {
    reader.get_ref().set_read_timeout(Some(IDLE))?;
    while !stopped.load(Ordering::SeqCst) {
        match reader.fill_buf() {
            Ok(bytes) => {
                let more = !bytes.is_empty();
                reader.get_ref().set_read_timeout(Some(REQUEST))?;
                return Ok(more);
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}
