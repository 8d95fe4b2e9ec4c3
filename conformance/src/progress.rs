//! What goes on in a run? News for whoever looks on, as it happens; data, no sentence.

use std::fmt::Debug;

use zdu_model::judge::event::Micros;
use zdu_model::traces::trace::{Action, Trace};

use crate::verdict::{Means, Stage, TraceResult};

/// Something that happens in a run.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// A trace begins.
    Began(&'a Trace),
    /// One of its steps begins; counted from 1.
    Step(usize, Stage),
    /// The cluster is waited for until it has settled, at most so long.
    Waiting(Micros),
    /// It has.
    Settled,
    /// This is about to be done to bring the cluster to where traces start.
    Way(&'a [Action]),
    /// The whole cluster is about to be brought back to its initial state.
    Resetting,
    /// A reset did not lead there and the single steps did: no other is tried.
    IdleReset,
    /// The cluster does not come back by itself; this is tried.
    Reviving(Means),
    /// Something was found.
    Found,
    /// A trace has ended.
    Ended(&'a TraceResult),
}

/// Whoever looks on.
pub trait Onlooker: Debug + Send + Sync {
    /// Hears of something that happens.
    fn hear(&self, news: News<'_>);
}
