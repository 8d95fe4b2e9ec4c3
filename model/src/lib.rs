//! The formal model of Confluence rolling upgrades through the ZDU REST API, and what can be known from it
//! without touching a cluster. Pure: no I/O, no clock, no async, no order that depends on hashing.

pub mod abstraction;
pub mod belief;
pub mod blame;
pub mod checker;
pub mod cluster;
pub mod engine;
pub mod fairness;
pub mod goal;
pub mod graph;
pub mod node;
pub mod path;
pub mod plan;
pub mod procedure;
pub mod profile;
pub mod property;
mod question;
pub mod recovery;
pub mod route;
pub mod rule;
pub mod scenario;
pub mod semantics;
pub mod situation;
pub mod slip;
pub mod space;
pub mod statuses;
pub mod suite;
pub mod survival;
pub mod symmetry;
pub mod trace;
pub mod transition;
pub mod vacuity;
pub mod watch;
