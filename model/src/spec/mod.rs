//! What is specified? Rules, states, transitions and properties (sections 2 to 6).
//!
//! `rule` names what must be so; `node`, `cluster` and `profile` are the states; `transition` is the one table that changes
//! them; `semantics` is the seam that engines and endpoints go through, and `mutant` the ways to get it wrong,
//! `mutants` several at once;
//! `table` is that table once more, as data;
//! `property` states the rules once more, from the other side.

pub mod cluster;
pub mod mutant;
pub mod mutants;
pub mod node;
pub mod profile;
pub mod property;
pub mod rule;
pub mod semantics;
pub mod table;
pub mod transition;
