//! How is the whole space explored? The second engine, which shares nothing with stateright's search (spec, section 3:
//! "independent implementations must agree").
//!
//! The door is narrow: [`Explicit`] searches and judges, [`Graph`] is the same space for whoever walks it, [`Numbering`]
//! names its states, [`Bits`] is a set of them. Behind it, in the order data meets them: `numbering` gives a state its number, `bits` holds a set
//! of numbers, `local` tabulates a relation that asks little of the other nodes, `compile` turns the tables into moves
//! of blocks of states, `blocks` makes those a few machine words at a time, `relation` is either that or the semantics
//! asked for every state, `layers` is the search, `judge` asks the properties and goals of a layer, `route` finds the way
//! to a state, `engine` puts these together, `graph` keeps what they found, `ways` looks
//! back from it.

mod bits;
mod blocks;
mod compile;
mod engine;
mod graph;
mod judge;
mod layers;
mod local;
mod numbering;
mod relation;
mod route;
mod ways;

pub use bits::Bits;
pub use engine::Explicit;
pub use graph::Graph;
pub use layers::Footprint;
pub use numbering::Numbering;
pub use ways::Ways;
