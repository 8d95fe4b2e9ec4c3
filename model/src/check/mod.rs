//! Does it hold? Engines that look at every reachable state, and proofs for every size (section 5).
//!
//! `goal` is what must be reachable and `vacuity` that nothing is proved of nothing. `checker` is stateright's search, `space` the
//! engine of numbered states, `symmetry` the one up to renaming; `engine` is what each of them gives, and `sought`
//! that what was given up is not what is nowhere. `graph`
//! and `path` keep states and runs in the open, for `fairness` (liveness) and `procedure` (who follows
//! the page) with `survival`. `abstraction` proves every size at once.

pub mod abstraction;
pub mod checker;
pub mod engine;
pub mod fairness;
pub mod goal;
pub mod graph;
pub mod path;
pub mod procedure;
mod question;
pub mod sought;
pub mod space;
pub mod survival;
pub mod symmetry;
pub mod vacuity;
