//! How is the whole space explored? The second engine, which shares nothing with stateright's search (spec, section 3:
//! "independent implementations must agree").
//!
//! States are numbered, a set of states is a bit each, and the search goes layer by layer over such sets. In the order
//! data meets them: `numbering` gives a state its number, `bits` holds a set of numbers, `local` tabulates a relation
//! that asks little of the other nodes, `compile` turns the tables into moves of blocks of states, `blocks` makes those
//! a few machine words at a time, `relation` is either that or the semantics asked for every state, `layers` is the
//! search, `judge` asks the properties and goals, `route` finds the way to a state, `engine` is the engine, `graph` is
//! the same space for whoever walks it.

pub mod bits;
mod blocks;
mod compile;
pub mod engine;
pub mod graph;
mod judge;
mod layers;
mod local;
pub mod numbering;
mod relation;
mod route;

pub use engine::Explicit;
pub use graph::Graph;
