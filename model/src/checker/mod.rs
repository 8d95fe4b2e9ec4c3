//! What stateright does for us, and the only room that names it: `search` explores every state, `linearizability` asks
//! whether calls that were sent at once can have happened one after the other (API-12).

mod linearizability;
mod search;

pub use linearizability::{Linearized, Sent, linearize};
pub use search::Stateright;
