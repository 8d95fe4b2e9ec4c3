//! In which order are the states found? Breadth first, a layer at a time, so that the first time is the shortest way.
//!
//! A layer is made in two sweeps. Each thread takes pieces of the frontier as it gets to them and adds their successors
//! to a set of its own; then each piece of these sets is merged, less what was visited before, into the next frontier.
//! No thread writes where another reads or writes, and a union does not depend on who found what: every result is the
//! same for any number of threads. Memory: for `T` threads, `2 + T` sets, each of a bit a number.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bits::Bits;
use super::engine::Footprint;
use super::relation::Relation;
use crate::semantics::Semantics;

/// How many machine words a thread takes at a time: some tens of microseconds of work.
const PIECE_WORDS: usize = 1 << 10;

/// A search, layer by layer.
pub(super) struct Layers<'a, S> {
    relation: &'a Relation<S>,
    pub(super) visited: Bits,
    /// The states of the last layer.
    pub(super) frontier: Bits,
    /// By thread; empty between two layers.
    next: Vec<Bits>,
    /// The last layer's distance from the initial state.
    pub(super) depth: u64,
    /// The states so far.
    pub(super) states: u64,
    /// The states of the last layer.
    new: u64,
    /// The transitions out of all layers but the last.
    pub(super) transitions: u64,
}

/// New states: the first number of some words, and the words.
pub(super) type Piece<'a> = (u64, &'a [u64]);

impl<'a, S: Semantics> Layers<'a, S> {
    /// A search that has seen the initial state.
    pub(super) fn new(relation: &'a Relation<S>, threads: usize) -> Self {
        let mut frontier = Bits::new(&relation.numbering);
        frontier.insert(relation.numbering.encode(&relation.system.scope.initial()));
        Self {
            visited: frontier.clone(),
            frontier,
            next: vec![Bits::new(&relation.numbering); threads.max(1)],
            depth: 0,
            states: 1,
            new: 1,
            transitions: 0,
            relation,
        }
    }

    /// Goes one layer on. Each piece of the new layer is shown to `look`, on some thread; what it gives is collected,
    /// in no certain order. `None`, and no new layer, when there are no new states.
    pub(super) fn advance<T: Send>(
        &mut self,
        look: impl Fn(Piece<'_>) -> T + Sync,
    ) -> Option<Vec<T>> {
        self.transitions += self.expand();
        let (new, seen) = self.merge(&look);
        self.states += new;
        self.new = new;
        self.depth += u64::from(new > 0);
        (new > 0).then_some(seen)
    }

    /// The memory of the sets.
    pub(super) fn footprint(&self) -> Footprint {
        let next = self.next.iter().map(Bits::bytes).sum::<u64>();
        Footprint {
            visited_bytes: self.visited.bytes(),
            frontier_bytes: self.frontier.bytes() + next,
        }
    }

    /// How many threads the next layer is worth.
    fn threads(&self) -> usize {
        if self.new < self.relation.few_states() {
            1
        } else {
            self.next.len()
        }
    }

    fn expand(&mut self) -> u64 {
        let (relation, frontier) = (self.relation, &self.frontier);
        let blocks = relation.blocks();
        let piece = (PIECE_WORDS / relation.numbering.block_words()).max(1);
        let pieces: Vec<_> = (0..relation.numbering.planes())
            .filter(|plane| frontier.holds_plane(*plane))
            .flat_map(|plane| {
                let starts = (0..blocks).step_by(piece);
                starts.map(move |start| (plane, start..blocks.min(start + piece)))
            })
            .collect();
        let taken = AtomicUsize::new(0);
        let threads = pieces.len().clamp(1, self.threads());
        let transitions = on_threads(&mut self.next[..threads], |next: &mut Bits| {
            let mut transitions = 0;
            while let Some((plane, blocks)) = pieces.get(taken.fetch_add(1, Ordering::Relaxed)) {
                transitions += relation.expand(frontier, *plane, blocks.clone(), next);
            }
            transitions
        });
        transitions.into_iter().sum()
    }

    /// Makes what is new in `next` the frontier, and empties `next`.
    fn merge<T: Send>(&mut self, look: &(impl Fn(Piece<'_>) -> T + Sync)) -> (u64, Vec<T>) {
        for plane in 0..self.relation.numbering.planes() {
            if self.next.iter().any(|set| set.holds_plane(plane)) {
                self.visited.plane_mut(plane);
                self.frontier.plane_mut(plane);
            }
        }
        let threads = self.threads();
        let parts = self.parts();
        let mut results = Vec::new();
        results.resize_with(parts.len().clamp(1, threads), || (0, Vec::new()));
        let parts = Mutex::new(parts.into_iter());
        let take = || parts.lock().ok().and_then(|mut parts| parts.next());
        on_threads(&mut results, |(new, seen): &mut (u64, Vec<T>)| {
            while let Some(mut part) = take() {
                let found = part.merge();
                if found > 0 {
                    *new += found;
                    seen.push(look((part.first, part.frontier)));
                }
            }
        });
        let new = results.iter().map(|(new, _)| new).sum();
        (
            new,
            results.into_iter().flat_map(|(_, seen)| seen).collect(),
        )
    }

    /// The same words of all sets, piece by piece.
    fn parts(&mut self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let plane_numbers = self.relation.numbering.plane_numbers();
        let mut next: Vec<_> = self.next.iter_mut().map(Bits::planes_mut).collect();
        let planes = self.visited.planes_mut().zip(self.frontier.planes_mut());
        for (plane, (visited, frontier)) in (0..).zip(planes) {
            let mut next: Vec<_> = next
                .iter_mut()
                .filter_map(Iterator::next)
                .map(|words| words.chunks_mut(PIECE_WORDS))
                .collect();
            let visited = visited.chunks_mut(PIECE_WORDS);
            let both = visited.zip(frontier.chunks_mut(PIECE_WORDS));
            for (piece, (visited, frontier)) in (0..).zip(both) {
                parts.push(Part {
                    first: plane * plane_numbers + piece * PIECE_WORDS as u64 * 64,
                    visited,
                    frontier,
                    next: next.iter_mut().filter_map(Iterator::next).collect(),
                });
            }
        }
        parts
    }
}

/// The same words of all sets.
struct Part<'a> {
    first: u64,
    visited: &'a mut [u64],
    frontier: &'a mut [u64],
    next: Vec<&'a mut [u64]>,
}

impl Part<'_> {
    /// How many states are new.
    fn merge(&mut self) -> u64 {
        self.frontier.fill(0);
        for next in &mut self.next {
            for (frontier, next) in self.frontier.iter_mut().zip(next.iter_mut()) {
                *frontier |= *next;
                *next = 0;
            }
        }
        let mut new = 0;
        for (frontier, visited) in self.frontier.iter_mut().zip(self.visited.iter_mut()) {
            *frontier &= !*visited;
            *visited |= *frontier;
            new += u64::from(frontier.count_ones());
        }
        new
    }
}

/// Runs `work` for each item, each on a thread of its own; the first on this one.
fn on_threads<I: Send, O: Send>(items: &mut [I], work: impl Fn(&mut I) -> O + Sync) -> Vec<O> {
    let Some((first, others)) = items.split_first_mut() else {
        return Vec::new();
    };
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = others
            .iter_mut()
            .map(|item| scope.spawn(move || work(item)))
            .collect();
        let mut results = vec![work(first)];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}
