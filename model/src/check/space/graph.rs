//! How do the reachable states hang together? The graph, for whoever walks it: liveness, paths, pictures.
//!
//! Only the set of states is held, a bit each; edges are made when they are asked for. What is true of cycles is not
//! answered here.

use super::bits::Bits;
use super::blocks::Tally;
use super::layers::{Advance, Layers};
use super::relation::Relation;
use crate::check::sought::{Bound, Stop};
use crate::spec::cluster::Cluster;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// The reachable states of a system and the transitions between them, by number.
#[derive(Clone, Debug)]
pub struct Graph<S> {
    pub(super) relation: Relation<S>,
    pub(super) visited: Bits,
    pub(super) tally: Tally,
}

impl<S: Semantics> Graph<S> {
    /// Explores a system on this many threads.
    ///
    /// # Panics
    /// If the numbers of the states do not fit 63 bits, or the semantics breaks its promise to be local.
    #[must_use]
    pub fn explore(system: System<S>, threads: usize) -> Self {
        Self::explore_within(system, threads, &|| None).expect("there is no reason to end")
    }

    /// The same, unless there is a reason to end before everything is explored.
    ///
    /// # Errors
    /// That reason.
    ///
    /// # Panics
    /// As [`Graph::explore`].
    pub fn explore_within(
        system: System<S>,
        threads: usize,
        stop: Stop<'_>,
    ) -> Result<Self, Bound> {
        let relation = Relation::new(system, stop)?;
        let mut search = Layers::new(&relation, threads);
        loop {
            match search.advance(stop, |_| ()) {
                Advance::Layer(_) => {}
                Advance::Done => break,
                Advance::Stopped(bound, _) => return Err(bound),
            }
        }
        let (tally, visited) = (search.tally, search.visited);
        Ok(Self { visited, tally, relation })
    }

    /// The system that was explored.
    #[must_use]
    pub const fn system(&self) -> &System<S> {
        &self.relation.system
    }

    /// How many states are reachable.
    #[must_use]
    pub const fn state_count(&self) -> u64 {
        self.tally.states
    }

    /// How many transitions there are between them, as labelled triples.
    #[must_use]
    pub const fn transition_count(&self) -> u64 {
        self.tally.transitions
    }

    /// A number above that of every reachable state: the length of an array indexed by number. At two versions at most 2
    /// times the number of states in profile `documented` (up to 6 nodes), up to 3.5 times in profile `finalization`
    /// (up to 5 nodes).
    #[must_use]
    pub fn bound(&self) -> u64 {
        self.visited.bound()
    }

    /// The memory of the set of states, in bytes.
    #[must_use]
    pub fn visited_bytes(&self) -> u64 {
        self.visited.bytes()
    }

    /// The number of the initial state.
    #[must_use]
    pub fn initial(&self) -> u64 {
        self.encode(&self.relation.system.scope.initial())
    }

    /// The numbers of the reachable states, ascending.
    pub fn states(&self) -> impl Iterator<Item = u64> + '_ {
        self.visited.iter()
    }

    /// Whether the state with this number is reachable.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        self.visited.contains(number)
    }

    /// Replaces `found` by every transition out of a reachable state and what it leads to, in the order of the tables
    /// of the spec.
    pub fn successors(&self, number: u64, found: &mut Vec<(Transition, u64)>) {
        found.clear();
        self.relation.successors(number, found);
    }

    /// The state with this number.
    #[must_use]
    pub fn decode(&self, number: u64) -> Cluster {
        self.relation.numbering.decode(number)
    }

    /// The number of a state.
    ///
    /// # Panics
    /// If the cluster is not of the scope.
    #[must_use]
    pub fn encode(&self, cluster: &Cluster) -> u64 {
        self.relation.numbering.encode(cluster)
    }
}
