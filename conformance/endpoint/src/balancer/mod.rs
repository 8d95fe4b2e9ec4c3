//! How is a load balancer staged that does what it is asked, or one thing of it wrong?
//!
//! Two addresses: one for users, whose requests go to the members by session, else in turn; one for the runtime API, as HAProxy has
//! it, with the two commands that matter here. A connection serves one request. Left out: checks of health, TLS, weights; a member
//! that refuses a connection is answered 503 for, and nobody else is tried, so that each loss shows.

mod defect;

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use defect::{BalancerDefect, BalancerRow};

use BalancerDefect::{
    DropsSessions, IgnoresConnect, IgnoresDisconnect, KeepsUsers, Lags, LosesRequests, NeverDrains,
    NeverRebalances, SendsToMaintenance,
};

/// The name of the backend.
pub const BACKEND: &str = "confluence";

/// How long one that lags does so.
const WHILE: Duration = Duration::from_millis(400);

/// How many requests one that loses some loses after each change.
const LOST: usize = 10;

/// How long a member may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Member {
    name: String,
    at: SocketAddr,
    out: bool,
    changed: Option<Instant>,
    /// Whether it has been out.
    was_out: bool,
    sent: usize,
    running: usize,
}

#[derive(Debug)]
struct State {
    defect: Option<BalancerDefect>,
    members: Mutex<Vec<Member>>,
    turn: AtomicUsize,
    /// How often a server went out or came in.
    changes: AtomicUsize,
    /// How many of the next requests are lost.
    to_lose: AtomicUsize,
    stop: AtomicBool,
}

/// A load balancer that runs until it is dropped.
#[derive(Debug)]
pub struct MockBalancer {
    /// Where users go.
    pub front: SocketAddr,
    /// Where the runtime API listens.
    pub api: SocketAddr,
    state: Arc<State>,
}

impl MockBalancer {
    /// Starts one at these addresses (port 0 takes a free one), in front of these members.
    ///
    /// # Errors
    /// When one of the addresses cannot be listened on.
    pub fn start(
        (front, api): (SocketAddr, SocketAddr),
        members: &[(String, SocketAddr)],
        defect: Option<BalancerDefect>,
    ) -> io::Result<Self> {
        let member = |(name, at): &(String, SocketAddr)| Member {
            name: name.clone(),
            at: *at,
            out: false,
            changed: None,
            was_out: false,
            sent: 0,
            running: 0,
        };
        let state = Arc::new(State {
            defect,
            members: Mutex::new(members.iter().map(member).collect()),
            turn: AtomicUsize::new(0),
            changes: AtomicUsize::new(0),
            to_lose: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let front = serve(&state, front, State::pass_on)?;
        let api = serve(&state, api, State::command)?;
        Ok(Self { front, api, state })
    }
}

impl Drop for MockBalancer {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        for address in [self.front, self.api] {
            let _ = TcpStream::connect(address);
        }
    }
}

type Handler = fn(&State, &TcpStream) -> io::Result<()>;

fn serve(state: &Arc<State>, at: SocketAddr, handle: Handler) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(at)?;
    let address = listener.local_addr()?;
    let state = Arc::clone(state);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if state.stop.load(Ordering::SeqCst) {
                break;
            }
            let state = Arc::clone(&state);
            std::thread::spawn(move || handle(&state, &stream));
        }
    });
    Ok(address)
}

impl State {
    fn members(&self) -> MutexGuard<'_, Vec<Member>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, defect: BalancerDefect) -> bool {
        self.defect == Some(defect)
    }

    /// The runtime API: a line, an answer, the end.
    fn command(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let told = match words[..] {
            ["show", "stat"] => self.table(),
            ["set", "server", which, "state", state] => self.set(which, state),
            _ => "Unknown command\n".to_owned(),
        };
        stream.write_all(told.as_bytes())
    }

    fn table(&self) -> String {
        let mut table = "# pxname,svname,scur,stot,status,addr\n".to_owned();
        for Member { name, at, out, sent, running, .. } in self.members().iter() {
            let status = if *out { "MAINT" } else { "no check" };
            let running = running + usize::from(*out && self.has(NeverDrains));
            table.push_str(&format!("{BACKEND},{name},{running},{sent},{status},{at}\n"));
        }
        table
    }

    fn set(&self, which: &str, state: &str) -> String {
        let mut members = self.members();
        let named = which.strip_prefix(BACKEND).and_then(|rest| rest.strip_prefix('/'));
        let found = members.iter_mut().find(|member| named == Some(member.name.as_str()));
        let (Some(member), "maint" | "ready") = (found, state) else {
            return "No such server, or no such state\n".to_owned();
        };
        let out = state == "maint";
        let ignored = if out { IgnoresDisconnect } else { IgnoresConnect };
        if member.out != out && !self.has(ignored) {
            self.changes.fetch_add(1, Ordering::SeqCst);
            member.changed = Some(Instant::now());
            member.out = out;
            member.was_out |= out;
            self.to_lose.store(if self.has(LosesRequests) { LOST } else { 0 }, Ordering::SeqCst);
        }
        "\n".to_owned()
    }

    /// Whether a request may go to a member now; `own` if its sender belongs there.
    fn sends(&self, member: &Member, own: bool) -> bool {
        let late = || member.changed.is_some_and(|changed| changed.elapsed() < WHILE);
        match self.defect {
            Some(Lags) => !member.out || late(),
            Some(SendsToMaintenance) => true,
            Some(KeepsUsers) => !member.out || own,
            Some(NeverRebalances) => !member.was_out,
            Some(
                IgnoresDisconnect | IgnoresConnect | NeverDrains | DropsSessions | LosesRequests,
            )
            | None => !member.out,
        }
    }

    /// The member that a session belongs to, else the next in turn.
    fn choose(&self, session: Option<&str>) -> Option<(usize, SocketAddr, String)> {
        let mut members = self.members();
        let fewer = |left: usize| left.checked_sub(1);
        if self.to_lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok() {
            return None;
        }
        let own = |member: &Member| session == Some(self.session(&member.name).as_str());
        let may = |at: &usize| self.sends(&members[*at], own(&members[*at]));
        let all: Vec<usize> = (0..members.len()).filter(may).collect();
        let next = || all.get(self.turn.fetch_add(1, Ordering::SeqCst) % all.len().max(1));
        let at = *all.iter().find(|at| own(&members[**at])).or_else(next)?;
        members[at].sent += 1;
        members[at].running += 1;
        Some((at, members[at].at, self.session(&members[at].name)))
    }

    /// What says that somebody belongs to a member.
    fn session(&self, name: &str) -> String {
        let changes = self.changes.load(Ordering::SeqCst);
        let age = if self.has(DropsSessions) { changes } else { 0 };
        format!("{name}-{age}")
    }

    fn pass_on(&self, mut stream: &TcpStream) -> io::Result<()> {
        let request = Request::read(stream)?;
        let Some((at, address, session)) = self.choose(request.session()) else {
            return stream.write_all(UNAVAILABLE);
        };
        let told = request.sent_to(address);
        self.members()[at].running -= 1;
        let Ok(told) = told else {
            return stream.write_all(UNAVAILABLE);
        };
        let end = told.windows(2).position(|two| two == b"\r\n").unwrap_or(told.len());
        let cookie = format!("\r\nSet-Cookie: {COOKIE}{session}; path=/");
        stream.write_all(&[&told[..end], cookie.as_bytes(), &told[end..]].concat())
    }
}

const COOKIE: &str = "SERVERID=";

const UNAVAILABLE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// What a user sent.
#[derive(Debug)]
struct Request {
    /// The lines of its head, without those about the connection.
    head: String,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &TcpStream) -> io::Result<Self> {
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        let mut line = String::new();
        while reader.read_line(&mut line)? > 0 && line != "\r\n" {
            let lower = line.to_ascii_lowercase();
            if let Some(given) = lower.strip_prefix("content-length:") {
                length = given.trim().parse().map_err(io::Error::other)?;
            }
            if !lower.starts_with("connection:") {
                head.push_str(&line);
            }
            line.clear();
        }
        let mut body = Vec::new();
        reader.take(length).read_to_end(&mut body)?;
        Ok(Self { head, body })
    }

    fn session(&self) -> Option<&str> {
        self.head.split(COOKIE).nth(1)?.split([';', '\r']).next()
    }

    /// Sends it on, and gives what comes back.
    fn sent_to(&self, address: SocketAddr) -> io::Result<Vec<u8>> {
        let mut node = TcpStream::connect(address)?;
        node.set_read_timeout(Some(PATIENCE))?;
        let head = format!("{}Connection: close\r\n\r\n", self.head);
        node.write_all(&[head.as_bytes(), &self.body].concat())?;
        let mut told = Vec::new();
        node.read_to_end(&mut told)?;
        if told.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(told) }
    }
}
