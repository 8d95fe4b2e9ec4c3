//! How do the tables of a local relation become moves of blocks? What [`super::blocks`] runs is made here, once a search.
//!
//! For a high node: the tables asked for each digit and each summary of the other high nodes, under the summary of each
//! state of the block, give masks. For the block's own nodes they give, for each of its states, a block of successors.
//! Equal masks and tables are kept once, so that what the search touches stays in the nearest cache.

use std::collections::BTreeMap;

use super::blocks::{Blocks, CallMove, HighMoves, Leaving, LowMoves, Mask, PlaneMoves, or};
use super::local::{Called, Local, Summary, UNKNOWN};
use crate::check::sought::{Bound, Stop};

/// Compiles the tables, unless there is a reason to end before all are.
pub(super) fn compile(local: Local, stop: Stop<'_>) -> Result<Blocks, Bound> {
    let mut blocks = Compiler::new(&local, stop);
    let planes: BTreeMap<_, _> = (local.planes())
        .map(|plane| Ok((plane, blocks.plane(plane)?)))
        .collect::<Result<_, Bound>>()?;
    let (masks, images) = (blocks.masks.items.concat(), blocks.images.items);
    let planes = (0..local.numbering.planes()).map(|plane| planes.get(&plane).cloned()).collect();
    Ok(Blocks { local, masks, images, planes })
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
    stop: Stop<'a>,
    masks: Pool,
    images: Pool,
    /// The digits of each state of a block, and the summary of them.
    block: Vec<(Vec<usize>, Summary)>,
    /// The states of a block with each summary.
    showing: BTreeMap<Summary, Vec<u64>>,
}

impl<'a> Compiler<'a> {
    fn new(local: &'a Local, stop: Stop<'a>) -> Self {
        let block: Vec<_> = (0..local.numbering.block_states())
            .map(|state| {
                let digits = local.numbering.block_digits(state);
                let summary = digits.iter().fold(0, |all, digit| all | local.summary(*digit));
                (digits, summary)
            })
            .collect();
        let mut showing = BTreeMap::new();
        for (state, (_, summary)) in block.iter().enumerate() {
            let mask = showing.entry(*summary);
            mask.or_insert_with(|| vec![0; local.numbering.block_words()])[state / 64] |=
                1 << (state % 64);
        }
        Self { local, stop, masks: Pool::default(), images: Pool::default(), block, showing }
    }

    fn place(&mut self, mask: Vec<u64>) -> Mask {
        let words = mask.len();
        self.masks.place(mask) * words
    }

    fn plane(&mut self, plane: usize) -> Result<PlaneMoves, Bound> {
        let (local, stop) = (self.local, self.stop);
        let goes_on = || stop().map_or(Ok(()), Err);
        let nodes = local.numbering.high_nodes();
        let shown = |nodes: usize| local.shown_by(nodes).iter().map(|(summary, _)| *summary);
        let high = if nodes == 0 {
            Vec::new()
        } else {
            let digits = 0..local.numbering.digits();
            let each = digits.flat_map(|digit| shown(nodes - 1).map(move |it| (digit, it)));
            each.map(|(digit, others)| goes_on().map(|()| self.high(plane, digit, others)))
                .collect::<Result<_, _>>()?
        };
        let low = shown(nodes)
            .map(|summary| goes_on().map(|()| self.low(plane, summary)))
            .collect::<Result<_, _>>()?;
        Ok(PlaneMoves { high, low })
    }

    fn high(&mut self, plane: usize, digit: usize, others: Summary) -> HighMoves {
        let (local, tables) = (self.local, self.local.tables(plane));
        let mut targets: BTreeMap<(usize, usize), Vec<u64>> = BTreeMap::new();
        let mut degrees: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let words = local.numbering.block_words();
        for (summary, states) in &self.showing {
            let rows = local.rows(tables, digit, others | summary);
            for row in rows {
                let mask = targets.entry((row.plane, row.digit));
                or(mask.or_insert_with(|| vec![0; words]), states);
            }
            let mask = degrees.entry(rows.len() as u64);
            or(mask.or_insert_with(|| vec![0; words]), states);
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
        let (local, tables) = (self.local, self.local.tables(plane));
        let words = local.numbering.block_words();
        let none = || vec![0; self.block.len() * words];
        let mut here = none();
        let mut images: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        let mut calls: Vec<(&Called, Vec<u64>)> = Vec::new();
        let mut ambiguous = vec![0; words];
        let mut degrees = vec![0; self.block.len()];
        for (state, (digits, shown)) in self.block.iter().enumerate() {
            let (word, bit) = (state / 64, 1 << (state % 64));
            for (position, digit) in digits.iter().enumerate() {
                let stride =
                    if position + 1 == digits.len() { 1 } else { local.numbering.digits() };
                let other = digits.iter().enumerate().filter(|(at, _)| *at != position);
                let others = other.fold(summary, |all, (_, digit)| all | local.summary(*digit));
                let rows = local.rows(tables, *digit, others);
                degrees[state] += u8::try_from(rows.len()).expect("a node has few transitions");
                for row in rows {
                    let next = state - digit * stride + row.digit * stride;
                    let image = if row.plane == plane {
                        &mut here
                    } else {
                        images.entry(row.plane).or_insert_with(none)
                    };
                    image[state * words + next / 64] |= 1 << (next % 64);
                }
            }
            for called in local.calls(tables, summary | shown) {
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
            ambiguous: ambiguous.iter().any(|word| *word != 0).then(|| self.place(ambiguous)),
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
            let states = self
                .block
                .iter()
                .map(|(of, _)| of.iter().fold(0, |state, digit| state * radix + digits[*digit]));
            let states = states.collect();
            (digits, states)
        })
    }
}
