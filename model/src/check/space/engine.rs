//! The second engine: what did the search over numbered states find?

use super::blocks::Tally;
use super::judge::Judge;
use super::layers::{Footprint, Layers};
use super::relation::Relation;
use super::route::routes;
use crate::check::engine::{Engine, Exploration, Progress, with_breaking_step};
use crate::check::goal::Goal;
use crate::spec::property::Property;
use crate::spec::semantics::{Semantics, System};

/// The engine. Whatever the number of threads, it finds the same counts and the same runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explicit {
    /// How many threads search; 0 is taken as 1.
    pub threads: usize,
}

impl Default for Explicit {
    /// One thread for each core.
    fn default() -> Self {
        let threads = std::thread::available_parallelism();
        Self { threads: threads.map_or(1, std::num::NonZero::get) }
    }
}

impl Explicit {
    /// Explores as [`Engine::explore`] does, and says what memory the sets of the search took.
    ///
    /// # Panics
    /// If the numbers of the states do not fit 63 bits, or the semantics breaks its promise to be local.
    pub fn measure<S: Semantics>(
        &self,
        system: System<S>,
        properties: &[Property<S>],
        goals: &[Goal],
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> (Exploration, Footprint) {
        let relation = Relation::new(system.clone());
        let mut judge = Judge::new(&system, &relation.numbering, properties, goals);
        let mut search = Layers::new(&relation, self.threads);
        let initial = relation.numbering.encode(&system.scope.initial());
        judge.settle(0, [judge.look((initial / 64 * 64, &[1 << (initial % 64)]))]);
        while let Some(found) = search.advance(|piece| judge.look(piece)) {
            judge.settle(search.depth, found);
            progress(Progress {
                states: search.tally.states,
                transitions: search.tally.transitions,
                depth: search.depth,
            });
        }
        let (Tally { states, transitions }, depth) = (search.tally, search.depth);
        let footprint = search.footprint();
        drop(search);
        let mut violations = routes(&relation, self.threads, &judge.answers);
        let examples = violations.split_off(properties.len());
        let violations = properties
            .iter()
            .zip(violations)
            .map(|(property, path)| path.map(|path| with_breaking_step(&system, property, path)))
            .collect();
        let exploration = Exploration { states, transitions, depth, violations, examples };
        (exploration, footprint)
    }
}

impl<S: Semantics> Engine<S> for Explicit {
    fn explore(
        &self,
        system: System<S>,
        properties: &[Property<S>],
        goals: &[Goal],
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Exploration {
        self.measure(system, properties, goals, progress).0
    }
}
