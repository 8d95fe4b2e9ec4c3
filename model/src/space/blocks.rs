//! How are many transitions made at once? The tables of a local relation, compiled for blocks of states.
//!
//! A block is the states that differ only in the last two nodes. All of them have the same high nodes, so a transition
//! of a high node moves the whole block elsewhere: an OR of a few machine words, under a mask where the guard asks what
//! the low nodes show. A transition of a low node stays in the block: the successors of one such state are a block too,
//! looked up and ORed. An API call moves the block to another plane under a mask. Out-degrees are added up beside it,
//! each transition as a labelled triple, even where two of them lead to the same state.

use std::collections::BTreeMap;

use super::bits::{Bits, ones};
use super::local::{AMBIGUOUS, Called, Local, Summary, UNKNOWN};

/// A mask over a block: its first word in [`Blocks::masks`].
type Mask = usize;

/// A table of [`Blocks::images`].
type Image = usize;

/// A local relation, compiled.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    pub(super) local: Local,
    /// Masks over a block, each once, end to end.
    masks: Vec<u64>,
    /// For each state of a block, its successors as a block; each such table once.
    images: Vec<Vec<u64>>,
    /// By plane, for planes that have tables.
    planes: Vec<Option<PlaneMoves>>,
}

#[derive(Clone, Debug)]
struct PlaneMoves {
    /// By digit of the high node and summary of the other high nodes.
    high: Vec<HighMoves>,
    /// By summary of the high nodes.
    low: Vec<LowMoves>,
}

/// What a high node can do.
#[derive(Clone, Debug, Default)]
struct HighMoves {
    /// Within the plane: what digit it becomes, under which mask.
    moves: Vec<(usize, Mask)>,
    /// To another plane.
    leaving: Vec<Leaving>,
    /// Transitions out of every state of the block.
    degree: u64,
    /// Further transitions out of the states of a mask.
    degree_under: Vec<(u64, Mask)>,
}

/// The block moves to another plane, and perhaps another digit of a node.
#[derive(Clone, Copy, Debug)]
struct Leaving {
    plane: usize,
    digit: usize,
    mask: Mask,
}

/// What the nodes of the block can do, and API calls.
#[derive(Clone, Debug, Default)]
struct LowMoves {
    /// The successors by the low nodes, within the plane.
    image: Image,
    /// The same to other planes.
    leaving: Vec<(usize, Image)>,
    calls: Vec<CallMove>,
    /// For each state of the block, how many transitions the low nodes and the API can take.
    degrees: Vec<u8>,
    /// States that only an ambiguous entry speaks of.
    ambiguous: Option<Mask>,
}

#[derive(Clone, Debug)]
struct CallMove {
    plane: usize,
    mask: Mask,
    /// What each digit, and each state of the block, becomes; none if all stay.
    changed: Option<(Vec<usize>, Vec<usize>)>,
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
    pub(super) fn compile(local: Local) -> Self {
        let mut blocks = Compiler::new(&local);
        let planes: BTreeMap<_, _> = local
            .planes()
            .map(|plane| (plane, blocks.plane(plane)))
            .collect();
        let (masks, images) = (blocks.masks.items.concat(), blocks.images.items);
        let planes = (0..local.numbering.planes())
            .map(|plane| planes.get(&plane).cloned())
            .collect();
        Self {
            local,
            masks,
            images,
            planes,
        }
    }

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
        let moves = self.planes[source.plane]
            .as_ref()
            .expect("only planes with tables are reached");
        let mut before = [0; 64];
        let mut all = 0;
        for (before, digit) in before.iter_mut().zip(source.digits) {
            *before = all;
            all |= self.local.summary(*digit);
        }
        let low = &moves.low[all];
        let mut tally = self.expand_low::<WORDS>(low, source, next);

        let (mut stride, mut after) = (1, 0);
        for (digit, before) in source.digits.iter().zip(before).rev() {
            let others = before | after;
            after |= self.local.summary(*digit);
            let high = &moves.high[digit * self.local.summary_count() + others];
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
            or_under(
                &mut plane[at(*digit)..][..words],
                states,
                &self.masks[*mask..][..words],
            );
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

    fn mask(&self, mask: Mask) -> &[u64] {
        &self.masks[mask..][..self.local.numbering.block_words()]
    }

    const fn words<const WORDS: usize>(&self) -> usize {
        if WORDS == 0 {
            self.local.numbering.block_words()
        } else {
            WORDS
        }
    }

    fn make_call(&self, source: Source<'_>, call: &CallMove, next: &mut Bits) {
        let words = source.states.len();
        let mask = self.mask(call.mask);
        let Some((digits, states)) = &call.changed else {
            let at = source.block * words;
            let target = &mut next.plane_mut(call.plane)[at..at + words];
            or_under(target, source.states, mask);
            return;
        };
        if source.states.iter().zip(mask).all(|(s, m)| s & m == 0) {
            return;
        }
        let radix = self.local.numbering.digits();
        let block = source
            .digits
            .iter()
            .fold(0, |block, digit| block * radix + digits[*digit]);
        let target = &mut next.plane_mut(call.plane)[block * words..][..words];
        for (word, (bits, under)) in source.states.iter().zip(mask).enumerate() {
            for bit in ones(bits & under) {
                let state = states[word * 64 + bit as usize];
                target[state / 64] |= 1 << (state % 64);
            }
        }
    }
}

fn or(target: &mut [u64], more: &[u64]) {
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

/// Keeps each item once.
#[derive(Debug, Default)]
struct Pool {
    items: Vec<Vec<u64>>,
    places: BTreeMap<Vec<u64>, usize>,
}

impl Pool {
    fn place(&mut self, item: Vec<u64>) -> usize {
        *self.places.entry(item).or_insert_with_key(|item| {
            self.items.push(item.clone());
            self.items.len() - 1
        })
    }
}

/// Turns the tables into moves of blocks.
struct Compiler<'a> {
    local: &'a Local,
    masks: Pool,
    images: Pool,
    /// The digits of each state of a block, and the summary of them.
    block: Vec<(Vec<usize>, Summary)>,
    /// The states of a block with each summary.
    showing: BTreeMap<Summary, Vec<u64>>,
}

impl<'a> Compiler<'a> {
    fn new(local: &'a Local) -> Self {
        let radix = local.numbering.digits();
        let block: Vec<_> = (0..local.numbering.block_states())
            .map(|state| {
                let digits = if local.numbering.block_nodes() == 1 {
                    vec![state]
                } else {
                    vec![state / radix, state % radix]
                };
                let summary = digits
                    .iter()
                    .fold(0, |all, digit| all | local.summary(*digit));
                (digits, summary)
            })
            .collect();
        let mut showing = BTreeMap::new();
        for (state, (_, summary)) in block.iter().enumerate() {
            let mask = showing.entry(*summary);
            mask.or_insert_with(|| vec![0; local.numbering.block_words()])[state / 64] |=
                1 << (state % 64);
        }
        Self {
            local,
            masks: Pool::default(),
            images: Pool::default(),
            block,
            showing,
        }
    }

    fn place(&mut self, mask: Vec<u64>) -> Mask {
        let words = mask.len();
        self.masks.place(mask) * words
    }

    fn plane(&mut self, plane: usize) -> PlaneMoves {
        let summaries = self.local.summary_count();
        let digits = 0..self.local.numbering.digits();
        PlaneMoves {
            high: if self.local.numbering.high_nodes() == 0 {
                Vec::new()
            } else {
                digits
                    .flat_map(|digit| (0..summaries).map(move |others| (digit, others)))
                    .map(|(digit, others)| {
                        if self.local.can_be_others(others) {
                            self.high(plane, digit, others)
                        } else {
                            HighMoves::default()
                        }
                    })
                    .collect()
            },
            low: (0..summaries)
                .map(|summary| {
                    if self.local.can_be_others(summary) {
                        self.low(plane, summary)
                    } else {
                        LowMoves::default()
                    }
                })
                .collect(),
        }
    }

    fn high(&mut self, plane: usize, digit: usize, others: Summary) -> HighMoves {
        let local = self.local;
        let mut targets: BTreeMap<(usize, usize), Vec<u64>> = BTreeMap::new();
        let mut degrees: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let words = local.numbering.block_words();
        for (summary, states) in &self.showing {
            let rows = local.rows(plane, digit, others | summary);
            for row in rows {
                let mask = targets.entry((row.plane, row.digit));
                or(mask.or_insert_with(|| vec![0; words]), states);
            }
            // What the other nodes cannot show does not occur, so it may not spoil that all states have one degree.
            if local.can_be_others(others | summary) {
                let mask = degrees.entry(rows.len() as u64);
                or(mask.or_insert_with(|| vec![0; words]), states);
            }
        }
        let degree = degrees.keys().next().copied().unwrap_or(0);
        let mut moves = Vec::new();
        let mut leaving = Vec::new();
        for ((to, digit), mask) in targets {
            let mask = self.place(mask);
            if to == plane {
                moves.push((digit, mask));
            } else {
                let plane = to;
                leaving.push(Leaving { plane, digit, mask });
            }
        }
        HighMoves {
            moves,
            leaving,
            degree,
            degree_under: degrees
                .into_iter()
                .filter(|(all, _)| *all > degree)
                .map(|(all, mask)| (all - degree, self.place(mask)))
                .collect(),
        }
    }

    fn low(&mut self, plane: usize, summary: Summary) -> LowMoves {
        let local = self.local;
        let words = local.numbering.block_words();
        let mut images: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        let mut calls: Vec<(&Called, Vec<u64>)> = Vec::new();
        let mut ambiguous = vec![0; words];
        let mut degrees = vec![0; self.block.len()];
        for (state, (digits, shown)) in self.block.iter().enumerate() {
            let (word, bit) = (state / 64, 1 << (state % 64));
            for (position, digit) in digits.iter().enumerate() {
                let stride = if position + 1 == digits.len() {
                    1
                } else {
                    local.numbering.digits()
                };
                let other = digits.iter().enumerate().filter(|(at, _)| *at != position);
                let others = other.fold(summary, |all, (_, digit)| all | local.summary(*digit));
                let rows = local.rows(plane, *digit, others);
                degrees[state] += u8::try_from(rows.len()).expect("a node has few transitions");
                for row in rows {
                    let next = state - digit * stride + row.digit * stride;
                    let image = images.entry(row.plane);
                    image.or_insert_with(|| vec![0; self.block.len() * words])
                        [state * words + next / 64] |= 1 << (next % 64);
                }
            }
            for called in local.calls(plane, summary | shown) {
                if called.ambiguous {
                    ambiguous[word] |= bit;
                    continue;
                }
                degrees[state] += 1;
                let like = |(known, _): &(&Called, _)| {
                    known.plane == called.plane && known.digits == called.digits
                };
                let place = calls.iter().position(like).unwrap_or_else(|| {
                    calls.push((called, vec![0; words]));
                    calls.len() - 1
                });
                calls[place].1[word] |= bit;
            }
        }
        let none = || vec![0; self.block.len() * words];
        let here = images.remove(&plane).unwrap_or_else(none);
        LowMoves {
            image: self.images.place(here),
            leaving: images
                .into_iter()
                .map(|(plane, image)| (plane, self.images.place(image)))
                .collect(),
            calls: calls
                .into_iter()
                .map(|(called, mask)| CallMove {
                    plane: called.plane,
                    mask: self.place(mask),
                    changed: self.changed(called),
                })
                .collect(),
            degrees,
            ambiguous: ambiguous
                .iter()
                .any(|word| *word != 0)
                .then(|| self.place(ambiguous)),
        }
    }

    /// What a call makes of digits and of the states of a block, unless it leaves them alone.
    fn changed(&self, called: &Called) -> Option<(Vec<usize>, Vec<usize>)> {
        let radix = self.local.numbering.digits();
        let becomes = |digit: usize| match called.digits[digit] {
            // Not in a cluster of that summary, so nobody asks.
            UNKNOWN => digit,
            becomes => becomes,
        };
        let digits: Vec<_> = (0..radix).map(becomes).collect();
        let same = digits.iter().enumerate().all(|(was, is)| was == *is);
        (!same).then(|| {
            let states = self.block.iter().map(|(of, _)| {
                of.iter()
                    .fold(0, |state, digit| state * radix + digits[*digit])
            });
            let states = states.collect();
            (digits, states)
        })
    }
}
