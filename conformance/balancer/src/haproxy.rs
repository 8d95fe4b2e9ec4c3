//! HAProxy (LB-2): a server's administrative state, over the runtime API.
//!
//! Out is `maint`: no request goes there, not even of a session that belongs there; what has begun goes on and is waited for.
//! Draining is `drain`, where sessions of its own may still use it. Each command is one line over a connection of its own.

use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use crate::keys::{drain, duration};
use crate::staged;
use crate::{Doing, Error, Member, Place};

/// How long one command may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The keys of kind `haproxy`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HaproxyKeys {
    /// The socket of the runtime API: a path, or `host:port`.
    pub socket: String,
    /// The backend.
    pub backend: String,
    /// How a server is taken out.
    #[serde(default)]
    pub how: staged::How,
    /// How long a node is waited for until nothing runs through it.
    #[serde(default = "drain", deserialize_with = "duration")]
    pub drain: Duration,
}

/// A backend of HAProxy.
#[derive(Clone, Debug)]
pub struct Haproxy {
    keys: HaproxyKeys,
}

impl Haproxy {
    /// The backend that these keys name.
    #[must_use]
    pub fn new(keys: &HaproxyKeys) -> Self {
        Self { keys: keys.clone() }
    }

    /// Sends one command, and gives what comes back.
    async fn say(&self, command: &str) -> Result<String, Error> {
        let gone = |reason: String| Error::Unreachable {
            what: format!("HAProxy's runtime API at {}", self.keys.socket),
            reason: format!("{reason}; `stats socket` in its configuration says where it listens"),
        };
        let spoken = async {
            if self.keys.socket.contains('/') {
                exchange(UnixStream::connect(&self.keys.socket).await?, command).await
            } else {
                exchange(TcpStream::connect(&self.keys.socket).await?, command).await
            }
        };
        match tokio::time::timeout(LIMIT, spoken).await {
            Ok(Ok(text)) => Ok(text.trim().to_owned()),
            Ok(Err(error)) => Err(gone(error.to_string())),
            Err(_) => Err(gone(format!("no answer within {LIMIT:?}"))),
        }
    }

    async fn state(&self, member: &str, state: &str) -> Result<(), Error> {
        let command = format!("set server {}/{member} state {state}", self.keys.backend);
        let said = self.say(&command).await?;
        if said.is_empty() {
            return Ok(());
        }
        let hint =
            if said.contains("ermission") { "; `stats socket` needs `level admin`" } else { "" };
        Err(Error::Refused { what: format!("`{command}`"), said: format!("{said}{hint}") })
    }

    async fn servers(&self) -> Result<Vec<Member>, Error> {
        let command = "show stat";
        let table = self.say(command).await?;
        let wrong = |said: String| Error::Unexpected { what: format!("`{command}`"), said };
        let mut lines = table.lines();
        let header = lines.next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default();
        let header: Vec<&str> = header.split(',').collect();
        let column = |name: &str| {
            header.iter().position(|one| *one == name).ok_or_else(|| {
                wrong(format!(
                    "it has no column `{name}`; is {} HAProxy's runtime API?",
                    self.keys.socket
                ))
            })
        };
        let (backend, name) = (column("pxname")?, column("svname")?);
        let (status, current) = (column("status")?, column("scur")?);
        let (address, sent) = (column("addr").ok(), column("stot").ok());
        let mut members = Vec::new();
        let mut there = false;
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
            if cell(backend) != self.keys.backend || cell(name) == "FRONTEND" {
                continue;
            }
            there = true;
            if cell(name) == "BACKEND" {
                continue;
            }
            let place = if cell(status).starts_with("MAINT") {
                Place::Out
            } else if cell(status).starts_with("DRAIN") {
                Place::Draining
            } else {
                Place::In
            };
            let healthy = match cell(status) {
                "no check" => None,
                status if status.starts_with("DOWN") => Some(false),
                status if status.starts_with("UP") => Some(true),
                _ => None,
            };
            members.push(Member {
                name: cell(name).to_owned(),
                address: address.map(cell).filter(|text| !text.is_empty()).map(str::to_owned),
                place,
                healthy,
                busy: cell(current).parse().ok(),
                sent: sent.and_then(|at| cell(at).parse().ok()),
            });
        }
        if !there {
            return Err(wrong(format!(
                "no backend `{}`; set `backend` of [balancer] to its name",
                self.keys.backend
            )));
        }
        Ok(members)
    }
}

impl staged::Staged for Haproxy {
    fn how(&self) -> (staged::How, Duration) {
        (self.keys.how, self.keys.drain)
    }

    fn members(&self) -> Doing<'_, Vec<Member>> {
        Box::pin(self.servers())
    }

    fn set<'a>(&'a self, member: &'a str, place: Place) -> Doing<'a, ()> {
        Box::pin(self.state(
            member,
            match place {
                Place::In => "ready",
                Place::Draining => "drain",
                Place::Out => "maint",
            },
        ))
    }
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    command: &str,
) -> std::io::Result<String> {
    stream.write_all(format!("{command}\n").as_bytes()).await?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
