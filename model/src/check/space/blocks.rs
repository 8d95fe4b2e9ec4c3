//! How are many transitions made at once? The tables of a local relation, compiled for blocks of states by
//! [`super::compile`].
//!
//! A block is the states that differ only in the last two nodes. All of them have the same high nodes, so a transition
//! of a high node moves the whole block elsewhere: an OR of a few machine words, under a mask where the guard asks what
//! the low nodes show. A transition of a low node stays in the block: the successors of one such state are a block too,
//! looked up and ORed. An API call moves the block to another plane under a mask. Out-degrees are added up beside it,
//! each transition as a labelled triple, even where two of them lead to the same state.

use super::bits::{Bits, ones};
use super::local::{AMBIGUOUS, Local};

/// A mask over a block: its first word in [`Blocks::masks`].
pub(super) type Mask = usize;

/// A table of [`Blocks::images`].
pub(super) type Image = usize;

/// A local relation, compiled.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    pub(super) local: Local,
    /// Masks over a block, each once, end to end.
    pub(super) masks: Vec<u64>,
    /// For each state of a block, its successors as a block; each such table once.
    pub(super) images: Vec<Vec<u64>>,
    /// By plane, for planes that have tables.
    pub(super) planes: Vec<Option<PlaneMoves>>,
}

#[derive(Clone, Debug)]
pub(super) struct PlaneMoves {
    /// By digit of the high node and place of the summary of the other high nodes.
    pub(super) high: Vec<HighMoves>,
    /// By place of the summary of the high nodes.
    pub(super) low: Vec<LowMoves>,
}

/// What a high node can do.
#[derive(Clone, Debug, Default)]
pub(super) struct HighMoves {
    /// Within the plane: what digit it becomes, under which mask.
    pub(super) moves: Vec<(usize, Mask)>,
    /// To another plane.
    pub(super) leaving: Vec<Leaving>,
    /// Transitions out of every state of the block.
    pub(super) degree: u64,
    /// Further transitions out of the states of a mask.
    pub(super) degree_under: Vec<(u64, Mask)>,
}

/// The block moves to another plane, and perhaps another digit of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaving {
    pub(super) plane: usize,
    pub(super) digit: usize,
    pub(super) mask: Mask,
}

/// What the nodes of the block can do, and API calls.
#[derive(Clone, Debug, Default)]
pub(super) struct LowMoves {
    /// The successors by the low nodes, within the plane.
    pub(super) image: Image,
    /// The same to other planes.
    pub(super) leaving: Vec<(usize, Image)>,
    pub(super) calls: Vec<CallMove>,
    /// For each state of the block, how many transitions the low nodes and the API can take.
    pub(super) degrees: Vec<u8>,
    /// States that only an ambiguous entry speaks of.
    pub(super) ambiguous: Option<Mask>,
}

#[derive(Clone, Debug)]
pub(super) struct CallMove {
    pub(super) plane: usize,
    pub(super) mask: Mask,
    /// What each digit, and each state of the block, becomes; none if all stay.
    pub(super) changed: Option<(Vec<usize>, Vec<usize>)>,
}

/// What was expanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// States.
    pub(super) states: u64,
    /// Transitions out of them.
    pub(super) transitions: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.states += other.states;
        self.transitions += other.transitions;
    }
}

/// The block that is being expanded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// Its plane.
    pub(super) plane: usize,
    /// Its place in the plane.
    pub(super) block: usize,
    /// The digits of its high nodes.
    pub(super) digits: &'a [usize],
    /// The states of it that are expanded.
    pub(super) states: &'a [u64],
}

impl Blocks {
    /// Adds the successors of a block's states to `next`.
    ///
    /// # Panics
    /// If an ambiguous entry speaks of one of the states: then the semantics is not local.
    pub(super) fn expand(&self, source: Source<'_>, next: &mut Bits) -> Tally {
        // Two versions make blocks of four words: worth a loop that the compiler can unroll.
        match self.local.numbering.block_words() {
            4 => self.expand_words::<4>(source, next),
            _ => self.expand_words::<0>(source, next),
        }
    }

    /// `WORDS` is the words of a block, or 0 if only the numbering knows.
    fn expand_words<const WORDS: usize>(&self, source: Source<'_>, next: &mut Bits) -> Tally {
        let moves =
            self.planes[source.plane].as_ref().expect("only planes with tables are reached");
        let shows = self.local.shows(source.digits);
        let low = &moves.low[self.local.place(shows.all)];
        let mut tally = self.expand_low::<WORDS>(low, source, next);

        let others_count = self.others_count();
        let mut stride = 1;
        for digit in source.digits.iter().rev() {
            let others = shows.beside(self.local.summary(*digit));
            let high = &moves.high[digit * others_count + self.local.place(others)];
            let rest = source.block - digit * stride;
            tally.transitions += self.expand_high::<WORDS>(high, source, (rest, stride), next);
            tally.transitions += high.degree * tally.states;
            stride *= self.local.numbering.digits();
        }
        tally
    }

    /// The transitions of the nodes of the block, and API calls.
    fn expand_low<const WORDS: usize>(
        &self,
        low: &LowMoves,
        source: Source<'_>,
        next: &mut Bits,
    ) -> Tally {
        let words = self.words::<WORDS>();
        let states = &source.states[..words];
        if let Some(mask) = low.ambiguous {
            let reached = states.iter().zip(self.mask(mask)).any(|(s, m)| s & m != 0);
            assert!(!reached, "{AMBIGUOUS}");
        }
        let mut tally = Tally::default();
        let image = &self.images[low.image];
        let target = &mut next.plane_mut(source.plane)[source.block * words..][..words];
        for (word, bits) in states.iter().enumerate() {
            for bit in ones(*bits) {
                let state = word * 64 + bit as usize;
                tally.states += 1;
                tally.transitions += u64::from(low.degrees[state]);
                or(target, &image[state * words..][..words]);
            }
        }
        for (plane, image) in &low.leaving {
            let target = &mut next.plane_mut(*plane)[source.block * words..][..words];
            for (word, bits) in states.iter().enumerate() {
                for bit in ones(*bits) {
                    let state = word * 64 + bit as usize;
                    or(target, &self.images[*image][state * words..][..words]);
                }
            }
        }
        for call in &low.calls {
            self.make_call(source, call, next);
        }
        tally
    }

    /// The transitions of one high node, of which the block without its digit and the digit's stride are given; how
    /// many there are beside those that every state has.
    fn expand_high<const WORDS: usize>(
        &self,
        high: &HighMoves,
        source: Source<'_>,
        (rest, stride): (usize, usize),
        next: &mut Bits,
    ) -> u64 {
        let words = self.words::<WORDS>();
        let states = &source.states[..words];
        let at = |digit: usize| (rest + digit * stride) * words;
        let plane = next.plane_mut(source.plane);
        for (digit, mask) in &high.moves {
            or_under(&mut plane[at(*digit)..][..words], states, &self.masks[*mask..][..words]);
        }
        for step in &high.leaving {
            let target = &mut next.plane_mut(step.plane)[at(step.digit)..][..words];
            or_under(target, states, &self.masks[step.mask..][..words]);
        }
        let under = high.degree_under.iter();
        under
            .map(|(weight, mask)| weight * count_under(states, &self.masks[*mask..][..words]))
            .sum()
    }

    /// Of the states of a block those from which a transition leads into `goal`: the moves of [`Blocks::expand`], asked
    /// the other way round.
    pub(super) fn leading(&self, source: Source<'_>, goal: &Bits, found: &mut [u64]) {
        let words = source.states.len();
        let moves =
            self.planes[source.plane].as_ref().expect("only planes with tables are reached");
        let radix = self.local.numbering.digits();
        let target = |plane: usize, block: usize| {
            let states = goal.plane(plane).get(block * words..(block + 1) * words);
            states.filter(|states| states.iter().any(|word| *word != 0))
        };
        let mut under = |goal: Option<&[u64]>, mask: &[u64]| {
            for (place, goal) in goal.unwrap_or_default().iter().enumerate() {
                found[place] |= source.states[place] & mask[place] & goal;
            }
        };
        let shows = self.local.shows(source.digits);
        let others_count = self.others_count();
        for (position, digit) in source.digits.iter().enumerate() {
            let others = shows.beside(self.local.summary(*digit));
            let stride = radix.pow((source.digits.len() - 1 - position) as u32);
            let rest = source.block - digit * stride;
            let high = &moves.high[digit * others_count + self.local.place(others)];
            for (to, mask) in &high.moves {
                under(target(source.plane, rest + to * stride), self.mask(*mask));
            }
            for step in &high.leaving {
                under(target(step.plane, rest + step.digit * stride), self.mask(step.mask));
            }
        }
        let low = &moves.low[self.local.place(shows.all)];
        for call in low.calls.iter().filter(|call| call.changed.is_none()) {
            under(target(call.plane, source.block), self.mask(call.mask));
        }
        for call in &low.calls {
            let Some((digits, states)) = &call.changed else { continue };
            let block = source.digits.iter().fold(0, |block, digit| block * radix + digits[*digit]);
            let Some(goal) = target(call.plane, block) else { continue };
            let mask = self.mask(call.mask);
            each(
                source.states,
                |state| {
                    let to = states[state];
                    mask[state / 64] >> (state % 64) & goal[to / 64] >> (to % 64) & 1 == 1
                },
                found,
            );
        }
        let images = low.leaving.iter().copied().chain([(source.plane, low.image)]);
        for (plane, image) in images {
            let Some(goal) = target(plane, source.block) else { continue };
            let image = &self.images[image];
            each(
                source.states,
                |state| {
                    let next = &image[state * words..][..words];
                    next.iter().zip(goal).any(|(next, goal)| next & goal != 0)
                },
                found,
            );
        }
    }

    /// How many summaries the high nodes but one can have.
    fn others_count(&self) -> usize {
        let high = self.local.numbering.high_nodes();
        if high == 0 { 0 } else { self.local.shown_by(high - 1).len() }
    }

    fn mask(&self, mask: Mask) -> &[u64] {
        &self.masks[mask..][..self.local.numbering.block_words()]
    }

    const fn words<const WORDS: usize>(&self) -> usize {
        if WORDS == 0 { self.local.numbering.block_words() } else { WORDS }
    }

    fn make_call(&self, source: Source<'_>, call: &CallMove, next: &mut Bits) {
        let words = source.states.len();
        let mask = self.mask(call.mask);
        if source.states.iter().zip(mask).all(|(s, m)| s & m == 0) {
            return;
        }
        let Some((digits, states)) = &call.changed else {
            let at = source.block * words;
            let target = &mut next.plane_mut(call.plane)[at..at + words];
            or_under(target, source.states, mask);
            return;
        };
        let radix = self.local.numbering.digits();
        let block = source.digits.iter().fold(0, |block, digit| block * radix + digits[*digit]);
        let target = &mut next.plane_mut(call.plane)[block * words..][..words];
        for (word, (bits, under)) in source.states.iter().zip(mask).enumerate() {
            for bit in ones(bits & under) {
                let state = states[word * 64 + bit as usize];
                target[state / 64] |= 1 << (state % 64);
            }
        }
    }
}

/// Adds those of the states for which `is` holds, and that have not been found yet.
fn each(states: &[u64], is: impl Fn(usize) -> bool, found: &mut [u64]) {
    for (place, (bits, found)) in states.iter().zip(found).enumerate() {
        for bit in ones(bits & !*found) {
            *found |= u64::from(is(place * 64 + bit as usize)) << bit;
        }
    }
}

pub(super) fn or(target: &mut [u64], more: &[u64]) {
    for (target, more) in target.iter_mut().zip(more) {
        *target |= more;
    }
}

fn or_under(target: &mut [u64], more: &[u64], mask: &[u64]) {
    for ((target, more), mask) in target.iter_mut().zip(more).zip(mask) {
        *target |= more & mask;
    }
}

fn count_under(states: &[u64], mask: &[u64]) -> u64 {
    let both = states.iter().zip(mask).map(|(state, mask)| state & mask);
    both.map(|word| u64::from(word.count_ones())).sum()
}
