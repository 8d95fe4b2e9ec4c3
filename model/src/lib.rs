//! The formal model of Confluence rolling upgrades through the ZDU REST API, and what can be known from it
//! without touching a cluster. Pure: no I/O, no clock, no async, no order that depends on hashing.
//!
//! Six shelves, in the order in which data meets them; each uses those before it and none after it:
//!
//! - [`spec`]: the rules, the states, the transitions, and the properties that state the rules again from the other side;
//! - [`check`]: engines and proofs: what holds in every reachable state, what can be reached, what happens for ever;
//! - [`export`]: the same model as data, in the notations of other engines;
//! - [`judge`]: what explains the answers of an endpoint, and which rule is broken when nothing does;
//! - [`traces`]: what is replayed, who writes it, and which traces are worth it;
//! - [`ways`]: how one gets from one situation to another.

pub mod check;
pub mod export;
pub mod judge;
pub mod spec;
pub mod traces;
pub mod ways;
