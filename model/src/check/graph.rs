//! Which states are reachable, and what leads from each to each? The state graph in the open, for questions about
//! whole runs: loops ([`crate::check::fairness`]), pictures ([`crate::ways::statuses`]).
//!
//! A plain breadth-first search into an index; a state's number is its place in that order, so a smaller number is
//! never farther from the initial state. It keeps every state and edge: N = 4 with two versions takes some fifty
//! megabytes. Larger scopes are for an engine that does not keep them.

use rustc_hash::FxHashMap;

use crate::check::path::Path;
use crate::spec::cluster::Cluster;
use crate::spec::property::Taken;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// The reachable states of a system and the transitions between them.
#[derive(Clone, Debug)]
pub struct Graph {
    states: Vec<Cluster>,
    /// The edges of state `s` are `edges[offsets[s]..offsets[s + 1]]`.
    offsets: Vec<usize>,
    edges: Vec<(Transition, u32)>,
    /// The edge by which the search first came to a state; none for the initial state.
    parents: Vec<Option<(u32, Transition)>>,
}

impl Graph {
    /// Every state that is reachable from the initial one.
    #[must_use]
    pub fn of<S: Semantics>(system: &System<S>) -> Self {
        let transitions = system.scope.transitions();
        let initial = system.scope.initial();
        // Only ever looked up, never iterated: its order does not show.
        let mut numbers = FxHashMap::from_iter([(initial.clone(), 0)]);
        let mut graph = Self {
            states: vec![initial],
            offsets: vec![0],
            edges: Vec::new(),
            parents: vec![None],
        };
        let mut at = 0;
        while at < graph.states.len() {
            let before = graph.states[at].clone();
            for transition in &transitions {
                if !system.semantics.enabled(&before, *transition) {
                    continue;
                }
                let after = system.semantics.apply(&before, *transition);
                let to = if let Some(number) = numbers.get(&after) {
                    *number
                } else {
                    let number = id(graph.states.len());
                    numbers.insert(after.clone(), number);
                    graph.states.push(after);
                    graph.parents.push(Some((id(at), *transition)));
                    number
                };
                graph.edges.push((*transition, to));
            }
            graph.offsets.push(graph.edges.len());
            at += 1;
        }
        graph
    }

    /// The states, nearest to the initial one first.
    #[must_use]
    pub fn states(&self) -> &[Cluster] {
        &self.states
    }

    /// How many transitions there are, as labelled triples.
    #[must_use]
    pub fn transitions(&self) -> usize {
        self.edges.len()
    }

    /// The transitions out of a state, in the order of the tables, and the number of the state that each leads to.
    #[must_use]
    pub fn edges(&self, state: usize) -> &[(Transition, u32)] {
        &self.edges[self.offsets[state]..self.offsets[state + 1]]
    }

    /// The same as steps: the state before, the transition, the state after.
    pub fn taken(&self, state: usize) -> impl Iterator<Item = Taken<'_>> {
        let before = &self.states[state];
        self.edges(state).iter().map(move |(transition, to)| Taken {
            before,
            transition: *transition,
            after: &self.states[*to as usize],
        })
    }

    /// A shortest run from the initial state to this one.
    #[must_use]
    pub fn path_to(&self, state: usize) -> Path {
        let mut steps = Vec::new();
        let mut at = state;
        while let Some((parent, transition)) = self.parents[at] {
            steps.push((transition, self.states[at].clone()));
            at = parent as usize;
        }
        steps.reverse();
        Path { start: self.states[at].clone(), steps }
    }
}

/// A state's number.
///
/// # Panics
/// Beyond four thousand million states, which no memory holds.
pub(crate) fn id(number: usize) -> u32 {
    u32::try_from(number).expect("the graph has fewer than 2^32 states")
}
