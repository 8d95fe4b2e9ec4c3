//! How would somebody else's engine be asked? The table as data, in three notations.
//!
//! `claims` are the properties that are written with it, `steps` those about transitions, `staying` those of liveness, `notation` writes a formula, and `tla`, `promela` and `quint` the whole in a
//! language each.

mod claims;
mod notation;
mod promela;
mod quint;
mod staying;
mod steps;
mod tla;

use crate::check::graph::Graph;
use crate::spec::cluster::Cluster;
use crate::spec::semantics::{Semantics, System};
use crate::spec::table::{Is, Place, Table};
use crate::spec::transition::Transition;

pub use claims::{Written, claims};
pub use promela::promela;
pub use quint::quint;
pub use staying::{Staying, staying};
pub use steps::{Fact, Over, Step, steps};
pub use tla::{tla, tla_configuration, tla_liveness_configuration};

/// What is written: a table at a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The rows.
    pub table: Table,
    /// The number of nodes.
    pub nodes: usize,
    /// The number of versions.
    pub versions: u8,
    /// What is planted in it, by name.
    pub planted: Option<String>,
}

/// Where a table does something else than a system: the first reachable state in which a transition leads elsewhere, or
/// another status is shown. For a few nodes: every state and transition is held at once.
#[must_use]
pub fn difference<S: Semantics>(
    table: &Table,
    system: &System<S>,
) -> Option<(Cluster, Option<Transition>)> {
    let transitions = system.scope.transitions();
    Graph::of(system).states().iter().find_map(|state| {
        let unlike = transitions.iter().find(|transition| {
            let enabled = system.semantics.enabled(state, **transition);
            let next = enabled.then(|| system.semantics.apply(state, **transition));
            table.next(state, **transition) != next
        });
        let shown = Is::Shown(system.status(state)).holds(table, Place::cluster(state));
        (unlike.is_some() || !shown).then(|| (state.clone(), unlike.copied()))
    })
}
