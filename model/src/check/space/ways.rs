//! From where do transitions lead to something? For every reachable state at once, which is what PROC-4 asks for: from
//! each of them some documented steps lead back to STABLE (spec, section 5).
//!
//! Backwards from the states that are meant, a layer at a time: of each block of states those from which a transition leads
//! into what is known already, by the same compiled moves as the search forward. A way is asked for, not a certainty: that
//! a node which starts also arrives is [`crate::check::fairness`]'s to say.

use std::collections::BTreeMap;

use super::bits::Bits;
use super::blocks::Source;
use super::graph::Graph;
use super::layers::{Advance, BothEnds, Halt, Layers, on_threads};
use super::local::Allowed;
use super::numbering::Numbering;
use super::relation::{Relation, numbers};
use super::route::{Early, routes};
use crate::check::path::Path;
use crate::check::sought::{Bound, Stop};
use crate::spec::cluster::Cluster;
use crate::spec::semantics::Semantics;

/// How many blocks a thread takes at a time.
const BLOCKS: usize = 1 << 8;

/// From where transitions lead to the states that are meant.
#[derive(Clone, Debug)]
pub struct Ways {
    /// How many states are meant.
    pub goals: u64,
    /// How many transitions the longest of the shortest ways has.
    pub longest: u64,
    /// A state from which it takes that many.
    pub farthest: Option<Cluster>,
    /// How many states no way leads from.
    pub stranded: u64,
    /// A shortest run to one of them, unless looking for it was ended.
    pub stranding: Option<Path>,
}

impl<S: Semantics> Graph<S> {
    /// Looks from every reachable state for a way to one for which `goal` holds, over the transitions that are allowed.
    /// With a symmetric semantics `goal` must not tell the nodes apart. Takes two sets of states beside the graph's
    /// own, and where states are stranded those of a search of one thread.
    ///
    /// # Errors
    /// The bound by which the search was ended: then nothing is known.
    pub fn ways_to(
        &self,
        threads: usize,
        goal: impl Fn(&Cluster) -> bool,
        allowed: Allowed,
        stop: Stop<'_>,
    ) -> Result<Ways, Bound> {
        let relation = Relation::of(self.relation.system.clone(), allowed, stop)?;
        let mut known = self.mark(goal, false);
        let mut ways = Ways {
            goals: known.count(),
            longest: 0,
            farthest: known.iter().next().map(|number| self.decode(number)),
            stranded: 0,
            stranding: None,
        };
        loop {
            let new = self.before(&relation, threads, &known, stop)?;
            let Some(first) = new.iter().next() else { break };
            ways.longest += 1;
            ways.farthest = Some(self.decode(first));
            known.add(&new);
        }
        let stranded = known.left_of(&self.visited);
        ways.stranded = stranded.count();
        if ways.stranded > 0 {
            ways.stranding = self.nearest(&stranded, stop);
        }
        Ok(ways)
    }

    /// The reachable states for which `holds` does. Whoever tells the nodes apart says so; else, with a symmetric
    /// semantics, states that differ by a renaming of the nodes are not asked twice.
    #[must_use]
    pub fn mark(&self, holds: impl Fn(&Cluster) -> bool, tells_nodes_apart: bool) -> Bits {
        let numbering = &self.relation.numbering;
        let (words, blocks) = (numbering.block_words(), self.relation.blocks());
        let symmetric = !tells_nodes_apart && self.relation.system.semantics.symmetric();
        let mut marked = Bits::new(numbering);
        for plane in (0..numbering.planes()).filter(|plane| self.visited.holds_plane(*plane)) {
            // Of blocks whose high nodes differ by a renaming one answers for all.
            let mut known: BTreeMap<Vec<usize>, Vec<u64>> = BTreeMap::new();
            let mut digits = numbering.high_digits(0);
            let (states, marked) = (self.visited.plane(plane), marked.plane_mut(plane));
            for block in 0..blocks {
                let here = block * words..(block + 1) * words;
                if states[here.clone()].iter().any(|word| *word != 0) {
                    let mut key = digits.clone();
                    if symmetric {
                        key.sort_unstable();
                    }
                    let mask = known
                        .entry(key)
                        .or_insert_with_key(|high| mask(numbering, plane, high, &holds));
                    for ((marked, state), mask) in
                        marked[here.clone()].iter_mut().zip(&states[here]).zip(mask)
                    {
                        *marked = state & *mask;
                    }
                }
                numbering.next_block(&mut digits);
            }
        }
        marked
    }

    /// The reachable states that are not known, and from which a transition leads into those that are.
    fn before(
        &self,
        relation: &Relation<S>,
        threads: usize,
        known: &Bits,
        stop: Stop<'_>,
    ) -> Result<Bits, Bound> {
        let numbering = &relation.numbering;
        let words = numbering.block_words();
        let mut new = Bits::new(numbering);
        for plane in (0..numbering.planes()).filter(|plane| self.visited.holds_plane(*plane)) {
            new.plane_mut(plane);
        }
        let halt = Halt::new(stop);
        let pieces = new.planes_mut().enumerate().flat_map(|(plane, new)| {
            let pieces = new.chunks_mut(BLOCKS * words).enumerate();
            pieces.map(move |(piece, new)| (plane, piece * BLOCKS, new))
        });
        let queue = BothEnds::new(pieces);
        let mut workers: Vec<_> = (0..threads.max(1)).collect();
        on_threads(&mut workers, |worker| {
            let mut open = vec![0; words];
            while let Some((plane, first, new)) = queue.take(*worker).filter(|_| halt.goes_on()) {
                let mut digits = numbering.high_digits(first);
                for (place, new) in new.chunks_exact_mut(words).enumerate() {
                    let block = first + place;
                    let at = numbering.first_of(plane, block);
                    let states = self.visited.words_from(at, words);
                    let settled = known.words_from(at, words);
                    for (place, (open, state)) in open.iter_mut().zip(states).enumerate() {
                        *open = state & !settled.get(place).copied().unwrap_or(0);
                    }
                    if open.iter().any(|word| *word != 0) {
                        let source = Source { plane, block, digits: &digits, states: &open };
                        relation.leading(source, known, new);
                    }
                    numbering.next_block(&mut digits);
                }
            }
        });
        drop(queue);
        halt.bound().map_or(Ok(new), Err)
    }

    /// A shortest run to a state of a set; none if the set has no reachable state, or looking for it was ended.
    fn nearest(&self, set: &Bits, stop: Stop<'_>) -> Option<Path> {
        let mut search = Layers::new(&self.relation, 1);
        let mut early = Early::new(&search);
        let first = |(first, words): (u64, &[u64])| {
            let there = set.words_from(first, words.len());
            let both: Vec<u64> = words.iter().zip(there).map(|(one, other)| one & other).collect();
            numbers(first, &both).next()
        };
        let initial = self.initial();
        let mut found = set.contains(initial).then_some(initial);
        while found.is_none() {
            match search.advance(stop, first) {
                Advance::Layer(pieces) => found = pieces.into_iter().flatten().min(),
                Advance::Done | Advance::Stopped(..) => return None,
            }
            early.keep(&search);
        }
        let target = found.map(|number| (search.depth, number));
        routes(&self.relation, 1, &[target], early, stop).pop().flatten()?.ok()
    }
}

/// The states of a block for which `holds` does.
fn mask(
    numbering: &Numbering,
    plane: usize,
    high: &[usize],
    holds: &impl Fn(&Cluster) -> bool,
) -> Vec<u64> {
    let mut mask = vec![0; numbering.block_words()];
    let mut digits = high.to_vec();
    for state in 0..numbering.block_states() {
        digits.truncate(high.len());
        digits.extend(numbering.block_digits(state));
        if holds(&numbering.cluster(plane, &digits)) {
            mask[state / 64] |= 1 << (state % 64);
        }
    }
    mask
}
