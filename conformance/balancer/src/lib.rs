//! How is a node taken out of a load balancer's rotation, and put back? The four kinds of the vendor's page (spec, section 4, LB).
//!
//! A balancer is seen through [`Balancer`]: what its members are, one of them out, one of them in, and waiting until nothing
//! runs through one any more. A file a kind: [`nginx`] edits a configuration and reloads, [`haproxy`] speaks with the runtime API,
//! [`apache`] with the balancer manager, [`mod_jk`] with the status worker, [`azure`] with the resource manager.
//! [`rotation`] is what every kind has in common: which member is which node, never the last one, out only once it is idle,
//! and as it was after a failure.
//!
//! Nodes are known here by the names that the balancer may use for them; who is meant by them is the caller's to know.

pub mod apache;
pub mod azure;
pub mod haproxy;
mod http;
mod keys;
pub mod mod_jk;
pub mod nginx;
pub mod rotation;
mod settings;
mod staged;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

pub use rotation::{Node, Rotation};
pub use settings::{Common, Kind, KindName, Settings};
pub use staged::How;

/// Something that a balancer is asked for.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A load balancer in front of a group of nodes.
pub trait Balancer: Send + Sync + Debug {
    /// The members of the group, in the balancer's order. Changes nothing.
    fn list(&self) -> Doing<'_, Vec<Member>>;

    /// Takes a member out of rotation: when this is done, no new request goes to it. Nothing happens where it is out.
    fn disconnect<'a>(&'a self, member: &'a str) -> Doing<'a, ()>;

    /// Puts a member into rotation. Nothing happens where it is in.
    fn connect<'a>(&'a self, member: &'a str) -> Doing<'a, ()>;

    /// Takes back what a run left half done that was killed. Kinds whose changes are done in one go have nothing to mend.
    fn mend(&self) -> Doing<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// How much still runs through a member that is out, if anything: requests, sessions, or processes that hold some.
    fn busy<'a>(&'a self, member: &'a str) -> Doing<'a, u64>;
}

/// A member of the group, as the balancer has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What the balancer calls it.
    pub name: String,
    /// Where its requests go, where that is not the name: `host:port`.
    pub address: Option<String>,
    /// Whether it is in rotation.
    pub place: Place,
    /// Whether the balancer takes it to be well; `None` where it does not say.
    pub healthy: Option<bool>,
    /// How many sessions or requests run through it now, where the balancer says.
    pub busy: Option<u64>,
    /// How many were sent to it so far, where the balancer counts.
    pub sent: Option<u64>,
}

/// A member's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Requests go to it.
    In,
    /// Only what has begun, or belongs to a session of its own, goes to it.
    Draining,
    /// No new request goes to it.
    Out,
}

impl Place {
    /// As it is shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Draining => "draining",
            Self::Out => "out",
        }
    }
}

/// Why a balancer was not changed, or not asked. Whatever was changed before has been put back, unless [`Error::LeftChanged`] says
/// otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No member is this node.
    #[error(
        "the load balancer has no member {node}; it has {there}: set `member` of the node to the one that is meant"
    )]
    NoSuchMember {
        /// The names tried.
        node: String,
        /// The members that there are.
        there: String,
    },
    /// Several members could be the node.
    #[error("{node} may be any of {those}: set `member` of the node to the one that is meant")]
    Ambiguous {
        /// The names tried.
        node: String,
        /// The members.
        those: String,
    },
    /// Nobody else would serve.
    #[error(
        "{member} is the last member in rotation; put another node in first: zdu balancer connect NODE"
    )]
    LastMember {
        /// The member.
        member: String,
    },
    /// It did not become idle.
    #[error(
        "{member} is still busy ({busy}) after {after:?}, and is back in rotation; give it longer with `drain` of [balancer], or \"0s\" not to wait; an Apache whose \
         count never falls needs `still`"
    )]
    StillBusy {
        /// The member.
        member: String,
        /// What still ran.
        busy: u64,
        /// How long was waited.
        after: std::time::Duration,
    },
    /// The balancer cannot be spoken with.
    #[error("cannot reach {what}: {reason}")]
    Unreachable {
        /// What was tried.
        what: String,
        /// Why not, and what to do.
        reason: String,
    },
    /// The balancer refused.
    #[error("{what} was refused: {said}")]
    Refused {
        /// What was asked.
        what: String,
        /// What it said, and what to do.
        said: String,
    },
    /// It took the request, and its own list tells that nothing came of it.
    #[error(
        "the load balancer took the request to bring {member} from `{}` to `{}`, and shows it as `{}`; its own log, or whoever else \
         drives it, knows why: look with zdu balancer list", .was.name(), .asked.name(), .shown.name()
    )]
    Ignored {
        /// The member.
        member: String,
        /// Where it was.
        was: Place,
        /// Where it was to be.
        asked: Place,
        /// Where it is.
        shown: Place,
    },
    /// The answer is not what this kind of balancer gives.
    #[error("{what} is not as expected: {said}")]
    Unexpected {
        /// What was read.
        what: String,
        /// How, and what to do.
        said: String,
    },
    /// Putting things back failed as well.
    #[error(
        "{first}; putting it back failed as well ({then}); the load balancer may be left changed: look with zdu balancer list"
    )]
    LeftChanged {
        /// The first failure.
        first: Box<Error>,
        /// The second one.
        then: Box<Error>,
    },
}

impl Error {
    /// This failure, with what putting things back came to.
    pub(crate) fn after(self, back: Result<(), Self>) -> Self {
        match back {
            Ok(()) => self,
            Err(then) => Self::LeftChanged { first: Box::new(self), then: Box::new(then) },
        }
    }
}

/// A balancer of this kind, which nothing is asked of yet.
#[must_use]
pub fn open(settings: &Settings) -> Box<dyn Balancer> {
    match &settings.kind {
        Kind::Nginx(keys) => Box::new(nginx::Nginx::new(keys)),
        Kind::Haproxy(keys) => Box::new(haproxy::Haproxy::new(keys)),
        Kind::Apache(keys) => Box::new(apache::Apache::new(keys)),
        Kind::ModJk(keys) => Box::new(mod_jk::ModJk::new(keys)),
        Kind::Azure(keys) => Box::new(azure::Azure::new(keys)),
    }
}
