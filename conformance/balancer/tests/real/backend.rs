//! Nodes behind a load balancer that say who they are: each a listener that opens and closes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A node that answers each request with its name, on a new connection each time.
pub(crate) struct Backend {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    stop: Arc<AtomicBool>,
    /// How many requests are being answered.
    pub(crate) busy: Arc<AtomicUsize>,
    /// While this is held no answer is given.
    pub(crate) gate: Arc<Mutex<()>>,
}

impl Backend {
    pub(crate) fn start(name: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let backend = Self {
            name: name.to_owned(),
            address,
            stop: Arc::default(),
            busy: Arc::default(),
            gate: Arc::default(),
        };
        let (stop, busy, gate) =
            (Arc::clone(&backend.stop), Arc::clone(&backend.busy), Arc::clone(&backend.gate));
        let name = name.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let (busy, gate, name) = (Arc::clone(&busy), Arc::clone(&gate), name.clone());
                std::thread::spawn(move || answer(stream, &busy, &gate, &name));
            }
        });
        backend
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // The listener wakes, sees that it is over, and closes.
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(stream: TcpStream, busy: &AtomicUsize, gate: &Mutex<()>, name: &str) {
    let mut reader = BufReader::new(&stream);
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    busy.fetch_add(1, Ordering::SeqCst);
    while reader.read_line(&mut line).is_ok() && !line.ends_with("\r\n\r\n") {}
    drop(gate.lock());
    let cookie = format!("Set-Cookie: JSESSIONID=x.{name}; Path=/\r\n");
    let length = name.len();
    let _ = write!(
        &stream,
        "HTTP/1.1 200 OK\r\n{cookie}Content-Length: {length}\r\nConnection: close\r\n\r\n{name}"
    );
    let _ = stream.shutdown(Shutdown::Write);
    busy.fetch_sub(1, Ordering::SeqCst);
}

/// One request; the status and the body.
pub(crate) fn get(port: u16, path: &str, cookie: Option<&str>) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let cookie = cookie.map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n{cookie}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let code = text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((code, body.to_owned()))
}

/// The nodes that answer so many requests.
pub(crate) fn who(port: u16, times: usize) -> std::collections::BTreeSet<String> {
    let ask = |_| get(port, "/", None).map_or_else(|error| error.to_string(), |(_, body)| body);
    (0..times).map(ask).collect()
}
