//! The formal model of Confluence rolling upgrades through the ZDU REST API, and what can be known from it
//! without touching a cluster. Pure: no I/O, no clock, no async, no order that depends on hashing.

pub mod checker;
pub mod cluster;
pub mod engine;
pub mod goal;
pub mod node;
pub mod path;
pub mod profile;
pub mod property;
mod question;
pub mod rule;
pub mod semantics;
pub mod slip;
pub mod space;
pub mod symmetry;
pub mod transition;
