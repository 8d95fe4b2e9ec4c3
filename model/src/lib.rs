//! The formal model of Confluence rolling upgrades through the ZDU REST API, and what can be known from it
//! without touching a cluster. Pure: no I/O, no clock, no async, no order that depends on hashing.

pub mod cluster;
pub mod node;
pub mod profile;
pub mod rule;
pub mod semantics;
pub mod transition;
