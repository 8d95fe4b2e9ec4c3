//! An AJP13 connector beside a node's listener, as Tomcat has one: it opens and closes with the listener, and passes each request on.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often is looked whether the node listens.
const EVERY: Duration = Duration::from_millis(5);

/// A connector that runs until it is dropped.
pub(crate) struct Connector {
    pub(crate) address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Connector {
    /// Beside a node, with this name for its sessions.
    pub(crate) fn beside(node: SocketAddr, route: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let stop = Arc::new(AtomicBool::new(false));
        let (ends, route) = (Arc::clone(&stop), route.to_owned());
        let thread = std::thread::spawn(move || run(listener, node, &route, &ends));
        Self { address, stop, thread: Some(thread) }
    }
}

impl Drop for Connector {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Listens while the node does, on the same port each time.
fn run(listener: TcpListener, node: SocketAddr, route: &str, stop: &AtomicBool) {
    let address = listener.local_addr().expect("its address");
    let mut open = Some(listener);
    let mut alive = Arc::new(AtomicBool::new(true));
    while !stop.load(Ordering::SeqCst) {
        let up = TcpStream::connect(node).is_ok();
        match (&open, up) {
            (Some(listener), true) => {
                listener.set_nonblocking(true).expect("it may");
                while let Ok((stream, _)) = listener.accept() {
                    let (route, alive) = (route.to_owned(), Arc::clone(&alive));
                    stream.set_nonblocking(false).expect("it may");
                    std::thread::spawn(move || {
                        let _ = converse(stream, node, &route, &alive);
                    });
                }
            }
            (Some(_), false) => {
                alive.store(false, Ordering::SeqCst);
                open = None;
            }
            (None, true) => {
                alive = Arc::new(AtomicBool::new(true));
                open = TcpListener::bind(address).ok();
            }
            (None, false) => {}
        }
        std::thread::sleep(EVERY);
    }
    alive.store(false, Ordering::SeqCst);
}

/// One connection: requests one after the other, until either side ends it.
fn converse(
    mut stream: TcpStream,
    node: SocketAddr,
    route: &str,
    alive: &AtomicBool,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(EVERY))?;
    loop {
        let mut head = [0; 4];
        match stream.read(&mut head[..1]) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(_) if alive.load(Ordering::SeqCst) => continue,
            Err(error) => return Err(error),
        }
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.read_exact(&mut head[1..])?;
        let mut packet = vec![0; usize::from(u16::from_be_bytes([head[2], head[3]]))];
        stream.read_exact(&mut packet)?;
        stream.set_read_timeout(Some(EVERY))?;
        match packet.first() {
            // A ping of the connection.
            Some(10) => stream.write_all(&[b'A', b'B', 0, 1, 9])?,
            Some(2) => {
                let asked = Request::read(&packet[1..]).unwrap_or_default();
                stream.write_all(&answered(&asked, node, route))?;
            }
            _ => return Ok(()),
        }
    }
}

#[derive(Default)]
struct Request {
    path: String,
    cookie: String,
}

impl Request {
    /// Reads what follows the code of a forwarded request.
    fn read(packet: &[u8]) -> Option<Self> {
        let mut at = Reader(packet);
        at.byte()?;
        at.string()?;
        let path = at.string()?;
        for _ in 0..3 {
            at.string();
        }
        at.number()?;
        at.byte()?;
        let mut cookie = String::new();
        for _ in 0..at.number()? {
            // A well-known name is a number with these eight bits.
            let known = at.0.first() == Some(&0xa0);
            let is_cookie = if known { at.number()? == 0xa009 } else { at.string()? == "Cookie" };
            let value = at.string()?;
            if is_cookie {
                cookie = value;
            }
        }
        Some(Self { path, cookie })
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    fn string(&mut self) -> Option<String> {
        let length = self.number()?;
        if length == u16::MAX {
            return None;
        }
        let (text, rest) = self.0.split_at_checked(usize::from(length))?;
        // Each ends with a zero.
        self.0 = rest.get(1..)?;
        Some(String::from_utf8_lossy(text).into_owned())
    }
}

/// The node's answer, as packets.
fn answered(asked: &Request, node: SocketAddr, route: &str) -> Vec<u8> {
    let (code, body) = passed_on(asked, node).unwrap_or((503, String::new()));
    let own = asked.cookie.contains(&format!(".{route}"));
    let mut head = vec![4];
    head.extend(code.to_be_bytes());
    string(&mut head, "");
    head.extend(if own { 1_u16 } else { 2 }.to_be_bytes());
    head.extend(0xa003_u16.to_be_bytes());
    string(&mut head, &body.len().to_string());
    if !own {
        head.extend(0xa007_u16.to_be_bytes());
        string(&mut head, &format!("JSESSIONID=s.{route}; Path=/"));
    }
    let mut chunk = vec![3];
    chunk.extend(u16::try_from(body.len()).unwrap_or(0).to_be_bytes());
    chunk.extend(body.as_bytes());
    chunk.push(0);
    let mut all = packet(&head);
    if !body.is_empty() {
        all.extend(packet(&chunk));
    }
    all.extend(packet(&[5, 1]));
    all
}

fn packet(payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![b'A', b'B'];
    packet.extend(u16::try_from(payload.len()).unwrap_or(0).to_be_bytes());
    packet.extend(payload);
    packet
}

fn string(packet: &mut Vec<u8>, text: &str) {
    packet.extend(u16::try_from(text.len()).unwrap_or(0).to_be_bytes());
    packet.extend(text.as_bytes());
    packet.push(0);
}

fn passed_on(asked: &Request, node: SocketAddr) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(node)?;
    let request = format!("GET {} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", asked.path);
    stream.write_all(request.as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let code = text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(503);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((code, body.to_owned()))
}
