//! How is a state reached? A shortest run, rebuilt after the search.
//!
//! The search keeps no parents: a parent a state would take more than thirty times the memory of the visited set. So the
//! layers up to the farthest state asked for are made once more and kept, and each way is found backwards: in the layer
//! before there is a state that leads here. It mostly differs in one node or in the plane, and those are tried first;
//! where none leads here (a call or a mutant that changes several nodes) the whole layer is asked.

use super::bits::Bits;
use super::layers::Layers;
use super::numbering::Numbering;
use super::relation::Relation;
use crate::check::path::Path;
use crate::spec::semantics::Semantics;
use crate::spec::transition::Transition;

/// A shortest run to each state, given with its distance from the initial state.
pub(super) fn routes<S: Semantics>(
    relation: &Relation<S>,
    threads: usize,
    targets: &[Option<(u64, u64)>],
) -> Vec<Option<Path>> {
    let Some(farthest) = targets.iter().flatten().map(|(depth, _)| *depth).max() else {
        return vec![None; targets.len()];
    };
    let mut search = Layers::new(relation, threads);
    let mut layers = vec![Layer::of(&search)];
    // The last layer holds only targets.
    while search.depth + 1 < farthest {
        let _ = search.advance(&|| None, |_| ());
        layers.push(Layer::of(&search));
    }
    let finder = Finder { relation, layers };
    targets.iter().map(|target| target.map(|(depth, number)| finder.route(depth, number))).collect()
}

/// A layer that is kept: as numbers while they are few, as bits once those are smaller.
enum Layer {
    Few(Vec<u64>),
    Many(Bits),
}

impl Layer {
    fn of<S: Semantics>(search: &Layers<'_, S>) -> Self {
        let frontier = &search.frontier;
        if frontier.count() * 8 < frontier.bytes() {
            Self::Few(frontier.iter().collect())
        } else {
            Self::Many(frontier.clone())
        }
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
}

impl<S: Semantics> Finder<'_, S> {
    fn route(&self, depth: u64, number: u64) -> Path {
        let numbering = &self.relation.numbering;
        let mut steps = Vec::new();
        let mut here = number;
        for layer in self.layers[..depth as usize].iter().rev() {
            let (before, transition) = self.before(layer, here);
            steps.push((transition, numbering.decode(here)));
            here = before;
        }
        steps.reverse();
        Path { start: numbering.decode(here), steps }
    }

    /// A state of the layer that leads to this one, and by what.
    fn before(&self, layer: &Layer, number: u64) -> (u64, Transition) {
        let mut successors = Vec::new();
        let mut leads = |before: u64| {
            successors.clear();
            self.relation.successors(before, &mut successors);
            let step = successors.iter().find(|(_, after)| *after == number);
            step.map(|(transition, _)| (before, *transition))
        };
        neighbours(&self.relation.numbering, number)
            .filter(|before| layer.contains(*before))
            .find_map(&mut leads)
            .or_else(|| layer.iter().find_map(&mut leads))
            .expect("a state is found from the layer before")
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
