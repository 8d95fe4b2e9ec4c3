//! How is a state reached? A shortest run, rebuilt after the search.
//!
//! The search keeps no parents: a parent a state would take more than thirty times the memory of the visited set. It keeps
//! its first layers, as long as they take no more than a plane of that set, and each way is found backwards in them: in the layer
//! before there is a state that leads here. It mostly differs in one node or in the plane, and those are tried first;
//! where none leads here (a call or a mutant that changes several nodes) the whole layer is asked. What lies deeper is
//! searched for once more, with every layer kept.

use super::bits::Bits;
use super::layers::{Advance, Layers};
use super::numbering::Numbering;
use super::relation::Relation;
use crate::check::engine::Run;
use crate::check::path::Path;
use crate::check::sought::{Bound, Stop};
use crate::spec::semantics::Semantics;
use crate::spec::transition::Transition;

/// How many states are asked what they lead to between two questions whether to go on.
const STATES_A_LOOK: usize = 1 << 10;

/// The layers of a search from the first on, as far as they are kept.
#[derive(Debug)]
pub(super) struct Early {
    layers: Vec<Layer>,
    /// How many states more may be kept.
    room: usize,
}

impl Early {
    /// The most that they take, in bytes: as much as a plane of the sets of the search.
    pub(super) const fn most_bytes(numbering: &Numbering) -> u64 {
        numbering.plane_words() as u64 * 8
    }

    /// The first layer of a search that begins.
    pub(super) fn new<S: Semantics>(search: &Layers<'_, S>) -> Self {
        Self { layers: vec![Layer::of(search)], room: search.relation.numbering.plane_words() }
    }

    /// What they take, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        let of = |layer: &Layer| match layer {
            Layer::Few(numbers) => numbers.len() as u64 * 8,
            Layer::Many(bits) => bits.bytes(),
        };
        self.layers.iter().map(of).sum()
    }

    /// Keeps the layer that the search is at, unless it or one before it is too large.
    pub(super) fn keep<S: Semantics>(&mut self, search: &Layers<'_, S>) {
        if self.layers.len() as u64 != search.depth {
            return;
        }
        let count = search.frontier.count() as usize;
        if let Some(room) = self.room.checked_sub(count) {
            self.room = room;
            self.layers.push(Layer::few(&search.frontier, count));
        }
    }
}

/// A shortest run to each state, given with its distance from the initial state.
pub(super) fn routes<S: Semantics>(
    relation: &Relation<S>,
    threads: usize,
    targets: &[Option<(u64, u64)>],
    early: Early,
    stop: Stop<'_>,
) -> Vec<Run> {
    let mut finder = Finder { relation, layers: early.layers, stop };
    let farthest = targets.iter().flatten().map(|(depth, _)| *depth).max().unwrap_or(0);
    let deepened = finder.deepen(threads, farthest);
    let run = |(depth, number): (u64, u64)| {
        if depth as usize > finder.layers.len() {
            deepened?;
        }
        finder.route(depth, number)
    };
    targets.iter().map(|target| target.map(run)).collect()
}

/// A layer that is kept: as numbers while they are few, as bits once those are smaller.
#[derive(Debug)]
enum Layer {
    Few(Vec<u64>),
    Many(Bits),
}

impl Layer {
    fn of<S: Semantics>(search: &Layers<'_, S>) -> Self {
        let frontier = &search.frontier;
        let count = frontier.count();
        if count * 8 < frontier.bytes() {
            Self::few(frontier, count as usize)
        } else {
            Self::Many(frontier.clone())
        }
    }

    /// So many numbers, in no more memory than they take.
    fn few(states: &Bits, count: usize) -> Self {
        let mut numbers = Vec::with_capacity(count);
        numbers.extend(states.iter());
        Self::Few(numbers)
    }

    fn contains(&self, number: u64) -> bool {
        match self {
            Self::Few(numbers) => numbers.binary_search(&number).is_ok(),
            Self::Many(bits) => bits.contains(number),
        }
    }

    fn iter(&self) -> Box<dyn Iterator<Item = u64> + '_> {
        match self {
            Self::Few(numbers) => Box::new(numbers.iter().copied()),
            Self::Many(bits) => Box::new(bits.iter()),
        }
    }
}

struct Finder<'a, S> {
    relation: &'a Relation<S>,
    layers: Vec<Layer>,
    stop: Stop<'a>,
}

impl<S: Semantics> Finder<'_, S> {
    /// Finds the layers before the farthest that are missing; the last layer would hold only targets.
    fn deepen(&mut self, threads: usize, farthest: u64) -> Result<(), Bound> {
        if farthest as usize <= self.layers.len() {
            return Ok(());
        }
        let mut search = Layers::new(self.relation, threads);
        while search.depth + 1 < farthest {
            if let Advance::Stopped(by, _) = search.advance(self.stop, |_| ()) {
                return Err(by);
            }
            if search.depth as usize == self.layers.len() {
                self.layers.push(Layer::of(&search));
            }
        }
        Ok(())
    }

    fn route(&self, depth: u64, number: u64) -> Result<Path, Bound> {
        let numbering = &self.relation.numbering;
        let mut steps = Vec::new();
        let mut here = number;
        for layer in self.layers[..depth as usize].iter().rev() {
            let (before, transition) = self.before(layer, here)?;
            steps.push((transition, numbering.decode(here)));
            here = before;
        }
        steps.reverse();
        Ok(Path { start: numbering.decode(here), steps })
    }

    /// A state of the layer that leads to this one, and by what.
    fn before(&self, layer: &Layer, number: u64) -> Result<(u64, Transition), Bound> {
        let mut successors = Vec::new();
        let mut leads = |before: u64| {
            successors.clear();
            self.relation.successors(before, &mut successors);
            let step = successors.iter().find(|(_, after)| *after == number);
            step.map(|(transition, _)| (before, *transition))
        };
        let near = neighbours(&self.relation.numbering, number);
        if let Some(found) = near.filter(|it| layer.contains(*it)).find_map(&mut leads) {
            return Ok(found);
        }
        for (place, before) in layer.iter().enumerate() {
            if place % STATES_A_LOOK == STATES_A_LOOK - 1
                && let Some(by) = (self.stop)()
            {
                return Err(by);
            }
            if let Some(found) = leads(before) {
                return Ok(found);
            }
        }
        unreachable!("a state is found from the layer before")
    }
}

/// The states that differ from this one in at most one node, or in the plane, or in both.
fn neighbours(numbering: &Numbering, number: u64) -> impl Iterator<Item = u64> + '_ {
    let mut digits = Vec::new();
    numbering.digits_of(number, &mut digits);
    let offset = number % numbering.plane_numbers();
    let planes = 0..numbering.planes() as u64;
    planes.flat_map(move |plane| {
        let first = plane * numbering.plane_numbers();
        let others = digits.clone().into_iter().enumerate();
        others.flat_map(move |(position, digit)| {
            let stride = numbering.stride(position);
            let rest = first + offset - digit as u64 * stride;
            (0..numbering.digits() as u64).map(move |other| rest + other * stride)
        })
    })
}
