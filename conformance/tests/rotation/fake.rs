//! A load balancer with HAProxy's runtime API and one defect, to see that the checks of this suite notice.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What it does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Nothing.
    None,
    /// It takes commands and does nothing.
    Ignores,
    /// It says that a server is out, and sends requests there for a while longer.
    Lags,
    /// It sends requests to servers in maintenance as to others.
    SendsToMaintenance,
    /// Whenever a server goes out or comes in, every user is moved.
    DropsSessions,
}

/// How long one that lags does so.
const LAG: Duration = Duration::from_millis(400);

struct Member {
    name: String,
    at: SocketAddr,
    out: bool,
    changed: Instant,
}

struct State {
    defect: Defect,
    members: Mutex<Vec<Member>>,
    turn: AtomicUsize,
    /// How often a server went out or came in.
    changes: AtomicUsize,
    stop: AtomicBool,
}

/// One that runs until it is dropped.
pub(crate) struct Fake {
    pub(crate) port: u16,
    pub(crate) api: SocketAddr,
    state: Arc<State>,
}

impl Fake {
    pub(crate) fn start(nodes: &[SocketAddr], defect: Defect) -> Self {
        let member = |(number, at): (usize, &SocketAddr)| Member {
            name: format!("n{number}"),
            at: *at,
            out: false,
            changed: Instant::now() - LAG,
        };
        let state = Arc::new(State {
            defect,
            members: Mutex::new((1..).zip(nodes).map(member).collect()),
            turn: AtomicUsize::new(0),
            changes: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let requests = serve(&state, |state, stream| state.pass_on(stream));
        let api = serve(&state, |state, stream| state.command(stream));
        Self { port: requests.port(), api, state }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        for address in [SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)), self.api] {
            let _ = TcpStream::connect(address);
        }
    }
}

type Handler = fn(&State, &TcpStream) -> io::Result<()>;

fn serve(state: &Arc<State>, handle: Handler) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("its address");
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
    address
}

impl State {
    fn members(&self) -> std::sync::MutexGuard<'_, Vec<Member>> {
        self.members.lock().expect("the members")
    }

    /// The runtime API: a line, an answer, the end.
    fn command(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let told = match words[..] {
            ["show", "stat"] => {
                let mut table = "# pxname,svname,scur,status,addr\n".to_owned();
                for member in self.members().iter() {
                    let status = if member.out { "MAINT" } else { "no check" };
                    table.push_str(&format!(
                        "confluence,{},0,{status},{}\n",
                        member.name, member.at
                    ));
                }
                table
            }
            ["set", "server", which, "state", state] => {
                let name = which.rsplit('/').next().unwrap_or_default();
                if self.defect != Defect::Ignores {
                    self.changes.fetch_add(1, Ordering::SeqCst);
                    let mut members = self.members();
                    for member in members.iter_mut().filter(|member| member.name == name) {
                        member.out = state == "maint";
                        member.changed = Instant::now();
                    }
                }
                "\n".to_owned()
            }
            _ => "Unknown command\n".to_owned(),
        };
        stream.write_all(told.as_bytes())
    }

    /// Whether a request may go to a member now.
    fn sends(&self, member: &Member) -> bool {
        let late = self.defect == Defect::Lags && member.changed.elapsed() < LAG;
        !member.out || late || self.defect == Defect::SendsToMaintenance
    }

    /// The member that a session belongs to, else the next in turn.
    fn choose(&self, session: Option<&str>) -> Option<(String, SocketAddr)> {
        let members = self.members();
        let all: Vec<&Member> = members.iter().filter(|member| self.sends(member)).collect();
        let own = all.iter().find(|member| session == Some(self.session(&member.name).as_str()));
        let next = || all.get(self.turn.fetch_add(1, Ordering::SeqCst) % all.len().max(1));
        own.or_else(next).map(|member| (member.name.clone(), member.at))
    }

    fn session(&self, name: &str) -> String {
        let changes = self.changes.load(Ordering::SeqCst);
        let age = if self.defect == Defect::DropsSessions { changes } else { 0 };
        format!("{name}-{age}")
    }

    fn pass_on(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut head = String::new();
        let mut reader = BufReader::new(stream);
        while reader.read_line(&mut head)? > 0 && !head.ends_with("\r\n\r\n") {}
        let session =
            head.split("SERVERID=").nth(1).and_then(|rest| rest.split([';', '\r']).next());
        let chosen = self.choose(session);
        let passed = chosen.and_then(|(name, at)| {
            let mut node = TcpStream::connect(at).ok()?;
            node.write_all(head.as_bytes()).ok()?;
            let mut told = Vec::new();
            node.read_to_end(&mut told).ok()?;
            Some((name, told))
        });
        let Some((name, told)) = passed else {
            return stream
                .write_all(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        };
        let end = told.windows(2).position(|two| two == b"\r\n").unwrap_or(told.len());
        stream.write_all(&told[..end])?;
        let cookie = format!("\r\nSet-Cookie: SERVERID={}; path=/", self.session(&name));
        stream.write_all(cookie.as_bytes())?;
        stream.write_all(&told[end..])
    }
}
