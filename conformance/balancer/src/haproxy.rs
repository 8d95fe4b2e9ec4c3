//! HAProxy (LB-2): a server's administrative state, over the runtime API.
//!
//! Out is `maint`: no request goes there, not even of a session that belongs there; what has begun goes on and is waited for.
//! With `how = "drain"` the server is in `drain` first, where sessions of its own may still use it, until none does or `drain` has
//! passed; then `maint`. Each command is one line over a connection of its own; a state that HAProxy has taken is kept by it, so
//! nothing can be left half done.

use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use crate::settings::{drain, duration};
use crate::{Balancer, Doing, Error, Member, Place};

/// How long one command may take.
const LIMIT: Duration = Duration::from_secs(10);

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(50);

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
    pub how: How,
    /// How long a node is waited for until nothing runs through it.
    #[serde(default = "drain", deserialize_with = "duration")]
    pub drain: Duration,
}

/// How a server is taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Its sessions move at once.
    #[default]
    Maint,
    /// Its sessions may end there first.
    Drain,
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

    async fn set(&self, member: &str, state: &str) -> Result<(), Error> {
        let command = format!("set server {}/{member} state {state}", self.keys.backend);
        let said = self.say(&command).await?;
        if said.is_empty() {
            return Ok(());
        }
        let hint =
            if said.contains("ermission") { "; `stats socket` needs `level admin`" } else { "" };
        Err(Error::Refused { what: format!("`{command}`"), said: format!("{said}{hint}") })
    }

    async fn members(&self) -> Result<Vec<Member>, Error> {
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
        let address = column("addr").ok();
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

    async fn member(&self, name: &str) -> Result<Member, Error> {
        let members = self.members().await?;
        let there = members.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(", ");
        let found = members.into_iter().find(|member| member.name == name);
        found.ok_or_else(|| Error::NoSuchMember { node: name.to_owned(), there })
    }

    /// Sets a state, and looks whether it was taken.
    async fn change(&self, member: &str, state: &str, place: Place) -> Result<(), Error> {
        let before = self.member(member).await?.place;
        if before == place {
            return Ok(());
        }
        self.set(member, state).await?;
        let after = self.member(member).await?.place;
        if after == place {
            return Ok(());
        }
        let first = Error::Refused {
            what: format!("state {state} of {member}"),
            said: format!("HAProxy took the command and shows the server as `{}`", after.name()),
        };
        let was = match before {
            Place::In => "ready",
            Place::Draining => "drain",
            Place::Out => "maint",
        };
        Err(first.after(self.set(member, was).await))
    }

    /// Lets a server's own sessions end there for a while.
    async fn drained(&self, member: &str) -> Result<(), Error> {
        if self.keys.how == How::Maint || self.member(member).await?.place == Place::Out {
            return Ok(());
        }
        self.change(member, "drain", Place::Draining).await?;
        let began = Instant::now();
        while began.elapsed() < self.keys.drain {
            if self.member(member).await?.busy.unwrap_or(0) == 0 {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }
}

impl Balancer for Haproxy {
    fn list(&self) -> Doing<'_, Vec<Member>> {
        Box::pin(self.members())
    }

    fn disconnect<'a>(&'a self, member: &'a str) -> Doing<'a, ()> {
        Box::pin(async move {
            let before = self.member(member).await?.place;
            let done = match self.drained(member).await {
                Ok(()) => self.change(member, "maint", Place::Out).await,
                Err(error) => Err(error),
            };
            match done {
                // What was drained on the way here is ready again.
                Err(first) if before == Place::In => {
                    Err(first.after(self.set(member, "ready").await))
                }
                other => other,
            }
        })
    }

    fn connect<'a>(&'a self, member: &'a str) -> Doing<'a, ()> {
        Box::pin(self.change(member, "ready", Place::In))
    }

    fn busy<'a>(&'a self, member: &'a str) -> Doing<'a, u64> {
        Box::pin(async move { Ok(self.member(member).await?.busy.unwrap_or(0)) })
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
