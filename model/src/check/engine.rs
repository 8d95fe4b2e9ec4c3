//! What did an exhaustive search find? The result that every engine gives, so that engines can be compared.

use crate::check::goal::Goal;
use crate::check::path::Path;
use crate::spec::property::Property;
use crate::spec::semantics::{Semantics, System};

/// What is known so far, while a search runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Distinct states found.
    pub states: u64,
    /// Transitions taken, as labelled triples.
    pub transitions: u64,
    /// The length of the longest shortest path so far.
    pub depth: u64,
}

/// A search over every reachable state.
pub trait Engine<S: Semantics> {
    /// Explores all of `system`, judges each property and looks for each goal.
    fn explore(
        &self,
        system: System<S>,
        properties: &[Property<S>],
        goals: &[Goal],
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Exploration;
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// Distinct reachable states.
    pub states: u64,
    /// Transitions between them: (state, transition with its node and version, next state).
    pub transitions: u64,
    /// The length of the longest shortest path from the initial state.
    pub depth: u64,
    /// A shortest run to a violation for each property, in the order asked; `None` where it holds.
    pub violations: Vec<Option<Path>>,
    /// A shortest run to each goal, in the order asked; `None` where it is unreachable.
    pub examples: Vec<Option<Path>>,
}

/// Extends a run that ends where `property` fails by the transition that breaks it, if it is one.
#[must_use]
pub fn with_breaking_step<S: Semantics>(
    system: &System<S>,
    property: &Property<S>,
    mut path: Path,
) -> Path {
    path.steps.extend(property.broken_by(system, path.end()));
    path
}
