//! What follows a set of states? By compiled tables where the semantics is local, else by asking for every state.

use super::bits::{Bits, ones};
use super::blocks::{Blocks, Source, Tally};
use super::compile::compile;
use super::local::{Allowed, Local};
use super::numbering::Numbering;
use crate::check::sought::{Bound, Stop};
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// The transition relation over state numbers.
#[derive(Clone, Debug)]
pub(super) struct Relation<S> {
    pub(super) system: System<S>,
    pub(super) numbering: Numbering,
    allowed: Allowed,
    blocks: Option<Blocks>,
}

impl<S: Semantics> Relation<S> {
    /// The relation of all transitions, or why it was not made: with many versions its tables take a while.
    pub(super) fn new(system: System<S>, stop: Stop<'_>) -> Result<Self, Bound> {
        Self::of(system, |_| true, stop)
    }

    /// The relation of those transitions that are allowed.
    pub(super) fn of(system: System<S>, allowed: Allowed, stop: Stop<'_>) -> Result<Self, Bound> {
        let blocks = if system.semantics.local() {
            Some(compile(Local::tabulate(&system, allowed, stop)?, stop)?)
        } else {
            None
        };
        Ok(Self { numbering: Numbering::new(system.scope), allowed, blocks, system })
    }

    /// How many blocks a plane has.
    pub(super) fn blocks(&self) -> usize {
        self.numbering.plane_words() / self.numbering.block_words()
    }

    /// A layer of fewer states than this is expanded before another thread has started.
    pub(super) const fn few_states(&self) -> u64 {
        if self.blocks.is_some() { 1 << 15 } else { 1 << 6 }
    }

    /// Adds the successors of the states of `frontier` in some blocks of a plane to `next`.
    pub(super) fn expand(
        &self,
        frontier: &Bits,
        plane: usize,
        blocks: std::ops::Range<usize>,
        next: &mut Bits,
    ) -> Tally {
        let words = self.numbering.block_words();
        let mut digits = self.numbering.high_digits(blocks.start);
        let mut tally = Tally::default();
        let states = &frontier.plane(plane)[blocks.start * words..blocks.end * words];
        for (states, block) in states.chunks_exact(words).zip(blocks) {
            if states.iter().any(|word| *word != 0) {
                tally += if let Some(compiled) = &self.blocks {
                    let source = Source { plane, block, digits: &digits, states };
                    compiled.expand(source, next)
                } else {
                    let first = self.numbering.first_of(plane, block);
                    self.expand_each(first, states, next)
                };
            }
            self.numbering.next_block(&mut digits);
        }
        tally
    }

    /// Of the states of a block those from which a transition leads into `goal`.
    pub(super) fn leading(&self, source: Source<'_>, goal: &Bits, found: &mut [u64]) {
        if let Some(compiled) = &self.blocks {
            compiled.leading(source, goal, found);
            return;
        }
        let first = self.numbering.first_of(source.plane, source.block);
        let mut successors = Vec::new();
        for number in numbers(first, source.states) {
            successors.clear();
            self.successors(number, &mut successors);
            if successors.iter().any(|(_, to)| goal.contains(*to)) {
                let bit = number - first;
                found[(bit / 64) as usize] |= 1 << (bit % 64);
            }
        }
    }

    fn expand_each(&self, first: u64, states: &[u64], next: &mut Bits) -> Tally {
        let mut tally = Tally::default();
        let mut successors = Vec::new();
        for number in numbers(first, states) {
            successors.clear();
            self.successors(number, &mut successors);
            tally += Tally { states: 1, transitions: successors.len() as u64 };
            for (_, successor) in &successors {
                next.insert(*successor);
            }
        }
        tally
    }

    /// The tables, where the semantics is local.
    pub(super) fn local(&self) -> Option<&Local> {
        self.blocks.as_ref().map(|compiled| &compiled.local)
    }

    /// Adds every transition out of a state and what it leads to, in the order of the tables of the spec.
    pub(super) fn successors(&self, number: u64, found: &mut Vec<(Transition, u64)>) {
        if let Some(compiled) = &self.blocks {
            compiled.local.successors(number, found);
        } else {
            let successors = self.system.successors(&self.numbering.decode(number));
            let numbered = successors
                .into_iter()
                .filter(|(transition, _)| (self.allowed)(*transition))
                .map(|(transition, after)| (transition, self.numbering.encode(&after)));
            found.extend(numbered);
        }
    }
}

/// The numbers in some words, of which the first bit is `first`.
pub(super) fn numbers(first: u64, words: &[u64]) -> impl Iterator<Item = u64> + '_ {
    words.iter().zip(0..).flat_map(move |(word, place)| {
        ones(*word).map(move |bit| first + place * 64 + u64::from(bit))
    })
}
