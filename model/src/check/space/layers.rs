//! In which order are the states found? Breadth first, a layer at a time, so that the first time is the shortest way.
//!
//! A layer is made in two sweeps. Each thread takes pieces of the frontier as it gets to them and adds their successors
//! to a set of its own; then each piece of these sets is merged, less what was visited before, into the next frontier.
//! No thread writes where another reads or writes, and a union does not depend on who found what: every result is the
//! same for any number of threads. Memory: for `T` threads, `2 + T` sets, each of a bit a number.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::bits::Bits;
use super::blocks::Tally;
use super::relation::Relation;
use crate::check::sought::{Bound, Progress, Stop};
use crate::spec::semantics::Semantics;

/// How many machine words a thread takes at a time: some tens of microseconds of work.
const PIECE_WORDS: usize = 1 << 10;

/// A search, layer by layer.
pub(super) struct Layers<'a, S> {
    pub(super) relation: &'a Relation<S>,
    pub(super) visited: Bits,
    /// The states of the last layer.
    pub(super) frontier: Bits,
    /// By thread; empty between two layers.
    next: Vec<Bits>,
    /// The last layer's distance from the initial state.
    pub(super) depth: u64,
    /// The states of all layers but the last, and the transitions out of them. Expanding counts them anyway; counting
    /// each layer as it is found would take as long again as finding it.
    pub(super) tally: Tally,
    /// The states of the layer before the last.
    earlier: u64,
}

/// What a search took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// The visited set, in bytes.
    pub visited_bytes: u64,
    /// All other sets of the search, and the layers that it kept, in bytes.
    pub frontier_bytes: u64,
}

/// New states: the first number of some words, and the words.
pub(super) type Piece<'a> = (u64, &'a [u64]);

impl<'a, S: Semantics> Layers<'a, S> {
    /// A search that has seen the initial state.
    pub(super) fn new(relation: &'a Relation<S>, threads: usize) -> Self {
        let initial = relation.numbering.encode(&relation.system.scope.initial());
        // Not a clone: that would touch every page of a plane which as yet takes none.
        let [mut visited, mut frontier] = [(); 2].map(|()| Bits::new(&relation.numbering));
        visited.insert(initial);
        frontier.insert(initial);
        Self {
            visited,
            frontier,
            next: vec![Bits::new(&relation.numbering); threads.max(1)],
            depth: 0,
            tally: Tally::default(),
            earlier: 0,
            relation,
        }
    }

    /// Goes one layer on. Each piece of the new layer is shown to `look`, on some thread; what it gives is collected,
    /// in no certain order. A search that was stopped cannot go on.
    pub(super) fn advance<T: Send>(
        &mut self,
        stop: Stop<'_>,
        look: impl Fn(Piece<'_>) -> T + Sync,
    ) -> Advance<T> {
        let halt = Halt::new(stop);
        let expanded = self.expand(&halt);
        if let Some(bound) = halt.bound() {
            return Advance::Stopped(bound, Vec::new());
        }
        self.tally += expanded;
        self.earlier = expanded.states;
        let seen = self.merge(&halt, &look);
        if let Some(bound) = halt.bound() {
            return Advance::Stopped(bound, seen);
        }
        if seen.is_empty() {
            return Advance::Done;
        }
        self.depth += 1;
        Advance::Layer(seen)
    }

    /// The states that were found, and their number; everything else is given back.
    pub(super) fn keep(self) -> (Bits, Tally) {
        (self.visited, self.tally)
    }

    /// What was found so far. The states of the last layer are counted one by one, so that this takes a while.
    pub(super) fn progress(&self) -> Progress {
        Progress {
            states: self.visited.count(),
            transitions: self.tally.transitions,
            depth: self.depth,
        }
    }

    /// The memory of the sets.
    pub(super) fn footprint(&self) -> Footprint {
        let next = self.next.iter().map(Bits::bytes).sum::<u64>();
        Footprint {
            visited_bytes: self.visited.bytes(),
            frontier_bytes: self.frontier.bytes() + next,
        }
    }

    /// How many threads the last layer is worth, judged by the one before.
    fn threads(&self) -> usize {
        if self.earlier < self.relation.few_states() { 1 } else { self.next.len() }
    }

    fn expand(&mut self, halt: &Halt<'_>) -> Tally {
        let threads = self.threads();
        let (relation, frontier) = (self.relation, &self.frontier);
        let blocks = relation.blocks();
        let piece = (PIECE_WORDS / relation.numbering.block_words()).max(1);
        let pieces = (0..relation.numbering.planes())
            .filter(|plane| frontier.holds_plane(*plane))
            .flat_map(|plane| {
                let starts = (0..blocks).step_by(piece);
                starts.map(move |start| (plane, start..blocks.min(start + piece)))
            });
        let queue = BothEnds::new(pieces);
        let mut workers: Vec<_> = self.next[..threads].iter_mut().enumerate().collect();
        let tallies = on_threads(&mut workers, |(worker, next)| {
            let mut tally = Tally::default();
            while let Some((plane, blocks)) = queue.take(*worker).filter(|_| halt.goes_on()) {
                tally += relation.expand(frontier, plane, blocks, next);
            }
            tally
        });
        let mut sum = Tally::default();
        tallies.into_iter().for_each(|tally| sum += tally);
        sum
    }

    /// Makes what is new in `next` the frontier, and empties `next`; what `look` gave for each piece with new states.
    fn merge<T: Send>(
        &mut self,
        halt: &Halt<'_>,
        look: &(impl Fn(Piece<'_>) -> T + Sync),
    ) -> Vec<T> {
        for plane in 0..self.relation.numbering.planes() {
            if self.next.iter().any(|set| set.holds_plane(plane)) {
                self.visited.plane_mut(plane);
                self.frontier.plane_mut(plane);
            }
        }
        let threads = self.threads();
        let mut workers: Vec<_> = (0..threads).collect();
        let queue = BothEnds::new(self.parts());
        let seen = on_threads(&mut workers, |worker| {
            let mut seen = Vec::new();
            while let Some(mut part) = queue.take(*worker).filter(|_| halt.goes_on()) {
                if part.merge() {
                    seen.push(look((part.first, part.frontier)));
                }
            }
            seen
        });
        seen.into_iter().flatten().collect()
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

/// What became of going one layer on.
pub(super) enum Advance<T> {
    /// There is a new layer.
    Layer(Vec<T>),
    /// There are no new states.
    Done,
    /// The search was ended, with what was seen of a layer that is not whole.
    Stopped(Bound, Vec<T>),
}

/// Whether the threads of a sweep go on; once one of them has been told to stop, none does.
pub(super) struct Halt<'a> {
    stop: Stop<'a>,
    is: AtomicBool,
    bound: Mutex<Option<Bound>>,
}

impl<'a> Halt<'a> {
    pub(super) fn new(stop: Stop<'a>) -> Self {
        Self { stop, bound: Mutex::new(None), is: AtomicBool::new(false) }
    }

    pub(super) fn goes_on(&self) -> bool {
        if self.is.load(Ordering::Relaxed) {
            return false;
        }
        let Some(bound) = (self.stop)() else { return true };
        self.is.store(true, Ordering::Relaxed);
        if let Ok(mut first) = self.bound.lock() {
            first.get_or_insert(bound);
        }
        false
    }

    pub(super) fn bound(&self) -> Option<Bound> {
        self.bound.lock().ok().and_then(|bound| *bound)
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
    /// Whether a state is new.
    fn merge(&mut self) -> bool {
        let Some((first, others)) = self.next.split_first_mut() else {
            self.frontier.fill(0);
            return false;
        };
        for other in others {
            if other.iter().all(|word| *word == 0) {
                continue;
            }
            for (first, other) in first.iter_mut().zip(other.iter_mut()) {
                *first |= *other;
                *other = 0;
            }
        }
        let mut any = 0;
        let sets = self.frontier.iter_mut().zip(self.visited.iter_mut());
        for (next, (frontier, visited)) in first.iter_mut().zip(sets) {
            let new = *next & !*visited;
            *next = 0;
            *visited |= new;
            *frontier = new;
            any |= new;
        }
        any != 0
    }
}

/// Work that threads take from both ends. Most transitions stay in their plane, so a thread that works from one end
/// mostly writes near that end, and finds there in the next sweep what it wrote in this one.
pub(super) struct BothEnds<W>(Mutex<VecDeque<W>>);

impl<W> BothEnds<W> {
    pub(super) fn new(work: impl IntoIterator<Item = W>) -> Self {
        Self(Mutex::new(work.into_iter().collect()))
    }

    /// The next piece for this worker; none once all is taken.
    pub(super) fn take(&self, worker: usize) -> Option<W> {
        let mut left = self.0.lock().ok()?;
        if worker.is_multiple_of(2) { left.pop_front() } else { left.pop_back() }
    }
}

/// Runs `work` for each item, each on a thread of its own; the first on this one.
pub(super) fn on_threads<I: Send, O: Send>(
    items: &mut [I],
    work: impl Fn(&mut I) -> O + Sync,
) -> Vec<O> {
    let Some((first, others)) = items.split_first_mut() else {
        return Vec::new();
    };
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> =
            others.iter_mut().map(|item| scope.spawn(move || work(item))).collect();
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
