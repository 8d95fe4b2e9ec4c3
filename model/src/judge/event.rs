//! What can happen that a judge hears of? Everything that was asked, sent and answered, in the model's words (spec, section 8).
//!
//! Feeders turn the world into events: a live replay, a recording, a monitor, a simulation. The same events give the same
//! findings, whoever feeds them, so an event also carries its time; a judge has no clock of its own.

use serde::{Deserialize, Serialize};

use super::seen::Request;
use super::served::{Misshape, Served};
use super::text::Text;
use crate::spec::node::{NodeId, Version};
use crate::spec::transition::Call;

/// A moment, in microseconds since whoever feeds began.
pub type Micros = u64;

/// One of the three views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// The overview.
    Overview,
    /// The status call.
    State,
    /// The node call.
    Node(NodeId),
}

/// Who is asked: whichever node answers at the cluster's address, or one node at its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The cluster's address.
    Cluster,
    /// This node's own address.
    Node(NodeId),
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caller {
    /// The system administrator.
    Admin,
    /// Somebody without credentials.
    Anonymous,
    /// The system administrator's name with a wrong password.
    WrongPassword,
    /// A wrong bearer token.
    WrongToken,
    /// An account without system administration.
    Plain,
}

/// Something that is asked of the API in a way that must come to nothing (API-7, API-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attempt {
    /// A view, read.
    Read(View),
    /// A call, sent as it should be.
    Call(Call),
    /// A call's address asked with GET.
    CallByGet(Call),
    /// A view's address asked with POST.
    ReadByPost(View),
    /// The node call for an id that was never listed.
    UnknownNode,
}

/// What came back of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No answer of the application: no connection, a broken one, or a proxy's word for it.
    Nobody(Silence),
    /// 200 in the shape of section 1.
    Served(Served),
    /// 404 to a node call.
    NotListed,
    /// Anything else.
    Bad(Misshape),
}

/// In which way nobody answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Silence {
    /// 502, 503 or 504, a proxy's or a loading server's.
    Code(u16),
    /// No connection, or a broken one, and why.
    Broken(Text),
    /// No answer within the time that a request may take.
    TimedOut,
}

/// What came back of a POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The code, if anybody answered.
    pub code: Result<u16, Silence>,
    /// What a 200 answered with.
    pub body: Option<Result<Served, Misshape>>,
}

/// One of several calls sent at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Racer {
    /// When it was sent.
    pub sent: Micros,
    /// When its answer was there.
    pub answered: Micros,
    /// What came back.
    pub reply: Reply,
}

/// From where a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// From the initial state: every node ACTIVE on the original version, upgrade mode off.
    Initial,
    /// The same on a later version, below which nothing leads back (section 7, "Versions below the original").
    InitialOn(Version),
    /// From what the last overview can mean.
    LastOverview,
}

/// What a judge hears of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is known where the cluster is; before, answers are not judged.
    Begin(Start),
    /// A step of the trace begins; 0 is before the first. What is found belongs to it.
    Step(usize),
    /// Only reads follow.
    Look,
    /// A step on a node is asked for; it takes effect at some moment from now on, if ever.
    Requested(NodeId, Request),
    /// A call was sent once.
    Called(Call, Reply),
    /// A call was sent several times at once.
    Raced(Call, Vec<Racer>),
    /// Something was asked in a way that must come to nothing.
    Attempted(Caller, Attempt, Result<u16, Silence>),
    /// The cluster must settle from now on.
    Settle,
    /// A view was read.
    Read(Source, View, Answer),
    /// The id was asked for that a node had before it came back under another one.
    Left(Text, Answer),
}
