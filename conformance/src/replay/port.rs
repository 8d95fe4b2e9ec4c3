//! Through what is a cluster spoken with? A seam with two arms: HTTP, and an endpoint in the same process (`simulation`).
//!
//! A port sends and waits; it judges nothing. Every answer comes with the times between which it was asked and given, since
//! a judge has no clock of its own.

use std::future::Future;

use zdu_model::judge::event::{
    Answer, Attempt, Caller, Micros, Racer, Reply, Silence, Source, View,
};
use zdu_model::judge::text::Text;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::transition::Call;

use crate::client::{self, Exchange};

/// Something that was sent, and what came back.
#[derive(Clone, Debug)]
pub struct Sent<T> {
    /// When it was sent.
    pub asked: Micros,
    /// When the answer was there.
    pub now: Micros,
    /// What came back, understood.
    pub answer: T,
    /// The same as it came.
    pub raw: client::Reply,
}

impl<T> Sent<T> {
    /// The exchange, fit to be shown.
    #[must_use]
    pub const fn exchange(&self) -> &Exchange {
        &self.raw.exchange
    }
}

/// Whoever reaches a cluster.
pub trait Port: Sync {
    /// What time it is.
    fn now(&self) -> Micros;

    /// Waits until that moment.
    fn wait(&self, until: Micros) -> impl Future<Output = ()> + Send;

    /// Reads a view; a node call asks for this id.
    fn read(
        &self,
        source: Source,
        view: View,
        id: Option<&Text>,
    ) -> impl Future<Output = Sent<Answer>> + Send;

    /// Sends a call, once.
    fn call(&self, call: Call) -> impl Future<Output = Sent<Reply>> + Send;

    /// Sends a call so many times at once, each over a connection of its own.
    fn race(&self, call: Call, times: u8) -> impl Future<Output = Vec<Sent<Racer>>> + Send;

    /// Asks for something that must come to nothing.
    fn attempt(
        &self,
        caller: Caller,
        attempt: Attempt,
        id: Option<&Text>,
    ) -> impl Future<Output = Sent<Result<u16, Silence>>> + Send;

    /// Whether there are credentials for this caller.
    fn can_be(&self, caller: Caller) -> bool;

    /// Whether traces of this profile say anything about the build: those of the page always do.
    fn runs(&self, profile: Profile) -> bool;
}
