//! Does every property hold, and where does each goal show? Asked of each new layer, so that the first answer is the
//! nearest.
//!
//! Judging costs far more than finding a state. Where the semantics promises [`Semantics::symmetric`], only one state of
//! each renaming class is judged, the one whose digits ascend; that is sound because no goal and no claim that is asked
//! names a node ([`Claim::tells_nodes_apart`]), and because the class is found in one layer. The same of renamed versions
//! ([`Semantics::versions_alike`]); and of nodes that are alike in a state, only the transitions of the first are judged.
//! A question that has its answer is not asked again.

use super::bits::ones;
use super::layers::Piece;
use super::local::Change;
use super::numbering::Numbering;
use super::relation::{Relation, numbers};
use crate::check::goal::Goal;
use crate::check::question::Questions;
use crate::spec::cluster::Cluster;
use crate::spec::property::{Claim, Taken};
use crate::spec::semantics::{Semantics, System};

/// The first state of a layer for each question; properties first, then goals.
pub(super) type Answers = Vec<Option<u64>>;

/// The questions, and where they are answered.
pub(super) struct Judge<'a, S> {
    questions: Questions<'a, S>,
    relation: &'a Relation<S>,
    /// By question: the layer and the number of the state that answers it.
    pub(super) answers: Vec<Option<(u64, u64)>>,
    /// By the last high digit: the states of a block whose digits ascend from there. None if all states are judged.
    ascending: Option<Vec<Vec<u64>>>,
    /// Whether of those only states are judged whose versions come up in order.
    versions_alike: bool,
}

impl<'a, S: Semantics> Judge<'a, S> {
    pub(super) fn new(
        system: &'a System<S>,
        relation: &'a Relation<S>,
        properties: &'a [Claim<S>],
        goals: &'a [Goal],
    ) -> Self {
        let questions = Questions::new(system, properties, goals);
        let alike = system.semantics.versions_alike();
        let numbering = &relation.numbering;
        Self {
            versions_alike: alike && !properties.iter().any(Claim::tells_versions_apart),
            relation,
            answers: vec![None; questions.open().len()],
            questions,
            ascending: (system.semantics.symmetric()
                && !properties.iter().any(Claim::tells_nodes_apart))
            .then(|| (0..numbering.digits()).map(|least| ascending(numbering, least)).collect()),
        }
    }

    /// Whether a question is left.
    fn curious(&self) -> bool {
        self.answers.iter().any(Option::is_none)
    }

    /// Takes what [`Judge::look`] found in the pieces of a layer.
    pub(super) fn settle(&mut self, depth: u64, found: impl IntoIterator<Item = Answers>) {
        for found in found {
            for (answer, number) in self.answers.iter_mut().zip(found) {
                let Some(number) = number else { continue };
                // Pieces come in any order; the least number is the answer of all.
                match answer {
                    Some((_, known)) => *known = number.min(*known),
                    None => *answer = Some((depth, number)),
                }
            }
        }
    }

    /// Asks the questions that are left of some new states.
    pub(super) fn look(&self, (first, words): Piece<'_>) -> Answers {
        let mut found = vec![None; self.answers.len()];
        if !self.curious() {
            return found;
        }
        let block_words = self.relation.numbering.block_words();
        let mut looked = Looked::of(self);
        let block_numbers = block_words as u64 * 64;
        let mut start = first;
        // A piece may begin or end within a block.
        let mut rest = words;
        while !rest.is_empty() {
            let skipped = (start % block_numbers / 64) as usize;
            let (part, after) = rest.split_at((block_words - skipped).min(rest.len()));
            self.look_at_block(start, skipped, part, &mut looked, &mut found);
            start += part.len() as u64 * 64;
            rest = after;
        }
        found
    }

    fn look_at_block(
        &self,
        first: u64,
        skipped: usize,
        words: &[u64],
        looked: &mut Looked,
        found: &mut Answers,
    ) {
        if words.iter().all(|word| *word == 0) {
            return;
        }
        let Some(ascending) = &self.ascending else {
            for number in numbers(first, words) {
                looked.plane = self.relation.numbering.digits_of(number, &mut looked.digits);
                self.ask(number, looked, found);
            }
            return;
        };
        let numbering = &self.relation.numbering;
        let plane_numbers = numbering.plane_numbers();
        let block = (first % plane_numbers) / (numbering.block_words() as u64 * 64);
        let plane = (first / plane_numbers) as usize;
        let in_order =
            |digits: &[usize]| !self.versions_alike || numbering.versions_in_order(plane, digits);
        let digits = &mut looked.digits;
        if !numbering.ascending_high_digits(block as usize, digits) || !in_order(digits) {
            return;
        }
        looked.plane = plane;
        let mask = &ascending[digits.last().copied().unwrap_or(0)][skipped..];
        for (place, (word, mask)) in words.iter().zip(mask).enumerate() {
            for bit in ones(word & mask) {
                let state = (skipped + place) * 64 + bit as usize;
                numbering.set_block_digits(state, &mut looked.digits);
                if in_order(&looked.digits) {
                    self.ask(first + place as u64 * 64 + u64::from(bit), looked, found);
                }
            }
        }
    }

    /// Asks the questions that are left of the state that is looked at.
    fn ask(&self, number: u64, looked: &mut Looked, found: &mut Answers) {
        let numbering = &self.relation.numbering;
        let Looked { plane, digits, open, cluster, after, steps } = looked;
        numbering.set(cluster, *plane, digits.iter().copied());
        let mut tell = |place: usize| found[place] = Some(number);
        let Some(local) = self.relation.local() else {
            self.questions.ask(cluster, open, tell);
            return;
        };
        self.questions.ask_state(cluster, open, &mut tell);
        if !*steps {
            return;
        }
        numbering.set(after, *plane, digits.iter().copied());
        local.moves(*plane, digits, self.ascending.is_some(), |transition, to, change| {
            if to != *plane {
                numbering.set_plane(after, to);
            }
            match change {
                Change::Nodes(becomes) => {
                    let each = after.nodes.iter_mut().zip(digits.iter());
                    each.for_each(|(node, digit)| *node = numbering.node(becomes[*digit]));
                }
                Change::Node(position, digit) => after.nodes[position] = numbering.node(digit),
            }
            self.questions.ask_step(Taken { before: cluster, transition, after }, open, &mut tell);
            if to != *plane {
                numbering.set_plane(after, *plane);
            }
            match change {
                Change::Nodes(_) => after.nodes.clone_from(&cluster.nodes),
                Change::Node(position, _) => after.nodes[position] = cluster.nodes[position],
            }
        });
    }
}

/// The state that is looked at, and the questions that are left; what else is kept from one state to the next is memory.
struct Looked {
    open: Vec<bool>,
    /// Whether some of them were about transitions when it began.
    steps: bool,
    plane: usize,
    digits: Vec<usize>,
    cluster: Cluster,
    after: Cluster,
}

impl Looked {
    fn of<S: Semantics>(judge: &Judge<'_, S>) -> Self {
        let initial = judge.relation.system.scope.initial();
        let open: Vec<bool> = judge.answers.iter().map(Option::is_none).collect();
        Self {
            steps: judge.questions.asks_of_steps(&open),
            open,
            plane: 0,
            digits: Vec::new(),
            cluster: initial.clone(),
            after: initial,
        }
    }
}

/// The states of a block whose digits are at least `least` and ascend.
fn ascending(numbering: &Numbering, least: usize) -> Vec<u64> {
    let mut mask = vec![0; numbering.block_words()];
    for state in 0..numbering.block_states() {
        let digits = numbering.block_digits(state);
        if least <= digits[0] && digits.is_sorted() {
            mask[state / 64] |= 1 << (state % 64);
        }
    }
    mask
}
