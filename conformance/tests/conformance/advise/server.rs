//! A server that gives one overview to whoever asks in the layout of deployed builds, and notes whether anything else was sent
//! than reads.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

pub(crate) struct Server {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    only_reads: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(overview: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let ended = Arc::new(AtomicBool::new(false));
        let only_reads = Arc::new(AtomicBool::new(true));
        let (end, reads) = (Arc::clone(&ended), Arc::clone(&only_reads));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                if !answer(stream, &overview) {
                    reads.store(false, Ordering::SeqCst);
                }
            }
        });
        Self { address, ended, only_reads, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn only_reads(&self) -> bool {
        self.only_reads.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread, which then sees that it has ended.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers one request; whether it was a read.
fn answer(mut stream: TcpStream, overview: &str) -> bool {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
            _ => return true,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let found = request.starts_with("GET /rest/zdu/cluster ");
    let (code, body) = if found { ("200 OK", overview) } else { ("404 Not Found", "{}") };
    let _ = write!(
        stream,
        "HTTP/1.1 {code}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    request.starts_with("GET ")
}
