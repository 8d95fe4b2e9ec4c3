//! The second engine: what did the search over numbered states find?

use super::blocks::Tally;
use super::graph::Graph;
use super::judge::Judge;
use super::layers::{Advance, Footprint, Layers};
use super::numbering::Numbering;
use super::relation::Relation;
use super::route::{Early, routes};
use crate::check::engine::{Engine, Exploration, Listener};
use crate::check::goal::Goal;
use crate::check::sought::{Bound, Bounds, Limit, Progress};
use crate::spec::property::Claim;
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
    /// How many bytes a search takes; `None` if the states have no numbers. Known before it: its sets, those of a second
    /// search for the way to what lies deep, while the first one's states are held, and the first layers. A set is a bit for
    /// each number of the planes that the spec reaches; a mutant may reach as many again. Tables of the relation come to it,
    /// which are small but for many versions, and the layers on a very long way.
    #[must_use]
    pub fn needs<S: Semantics>(&self, system: &System<S>) -> Option<u64> {
        let sets = 1 + 2 + self.threads.max(1) as u64;
        let set = Numbering::set_bytes(system.scope, system.semantics.local())?;
        set.checked_mul(sets)?.checked_add(Early::most_bytes(&Numbering::of(system.scope)?))
    }

    /// Explores as [`Engine::explore_within`] does, and keeps the states: `None` where the search was ended.
    ///
    /// # Panics
    /// If the numbers of the states do not fit 63 bits ([`Explicit::needs`] tells), or the semantics breaks its promise
    /// to be local.
    pub fn survey<S: Semantics>(
        &self,
        system: System<S>,
        properties: &[Claim<S>],
        goals: &[Goal],
        bounds: Bounds<'_>,
        progress: Listener<'_>,
    ) -> (Exploration, Option<Graph<S>>, Footprint) {
        let relation = match Relation::new(system.clone(), bounds.stop) {
            Ok(relation) => relation,
            Err(by) => {
                return (nothing(&system, properties, goals, by), None, Footprint::default());
            }
        };
        let mut judge = Judge::new(&system, &relation, properties, goals);
        let mut search = Layers::new(&relation, self.threads);
        let initial = relation.numbering.encode(&system.scope.initial());
        let is_last = |depth: u64| bounds.depth.is_some_and(|deepest| depth >= deepest);
        let first = (initial / 64 * 64, &[1 << (initial % 64)][..]);
        judge.settle(0, [judge.look(first, is_last(0))]);
        let mut early = Early::new(&search);
        let by = loop {
            if is_last(search.depth) {
                break Some(Bound::Depth);
            }
            let last = is_last(search.depth + 1);
            match search.advance(bounds.stop, |piece| judge.look(piece, last)) {
                Advance::Done => break None,
                Advance::Layer(found) => judge.settle(search.depth, found),
                Advance::Stopped(bound, found) => {
                    judge.settle(search.depth + 1, found);
                    break Some(bound);
                }
            }
            if !judge.answers.is_empty() {
                early.keep(&search);
            }
            progress(Progress {
                states: search.tally.states,
                transitions: search.tally.transitions,
                depth: search.depth,
            });
        };
        let Tally { states, transitions } = search.tally;
        let so_far = match by {
            Some(_) => search.progress(),
            None => Progress { states, transitions, depth: search.depth },
        };
        let ended = by.map(|by| Limit { by, so_far });
        let mut footprint = search.footprint();
        footprint.frontier_bytes += early.bytes();
        let (visited, tally) = search.keep();
        let runs = routes(&relation, self.threads, &judge.answers, early, bounds.stop);
        let exploration = Exploration::of(&system, so_far, ended, properties, runs);
        let graph = ended.is_none().then(|| Graph { relation, visited, tally });
        (exploration, graph, footprint)
    }
}

/// What is known where the search was ended before it began.
fn nothing<S: Semantics>(
    system: &System<S>,
    properties: &[Claim<S>],
    goals: &[Goal],
    by: Bound,
) -> Exploration {
    let so_far = Progress::default();
    let runs = vec![None; properties.len() + goals.len()];
    Exploration::of(system, so_far, Some(Limit { by, so_far }), properties, runs)
}

impl<S: Semantics> Engine<S> for Explicit {
    fn explore_within(
        &self,
        system: System<S>,
        properties: &[Claim<S>],
        goals: &[Goal],
        bounds: Bounds<'_>,
        progress: Listener<'_>,
    ) -> Exploration {
        self.survey(system, properties, goals, bounds, progress).0
    }
}
