//! Does every property hold, and where does each goal show? Asked of each new layer, so that the first answer is the
//! nearest.
//!
//! Judging costs far more than finding a state. Where the semantics promises [`Semantics::symmetric`], only one state of
//! each renaming class is judged, the one whose digits ascend; that is sound because no goal and no claim that is asked
//! names a node ([`Claim::tells_nodes_apart`]), and because the class is found in one layer. The same of renamed versions
//! ([`Semantics::versions_alike`]). A question that has its answer is not asked again.

use super::layers::Piece;
use super::numbering::Numbering;
use super::relation::numbers;
use crate::check::goal::Goal;
use crate::check::question::Questions;
use crate::spec::property::Claim;
use crate::spec::semantics::{Semantics, System};

/// The first state of a layer for each question; properties first, then goals.
pub(super) type Answers = Vec<Option<u64>>;

/// The questions, and where they are answered.
pub(super) struct Judge<'a, S> {
    questions: Questions<'a, S>,
    numbering: &'a Numbering,
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
        numbering: &'a Numbering,
        properties: &'a [Claim<S>],
        goals: &'a [Goal],
    ) -> Self {
        let questions = Questions::new(system, properties, goals);
        let alike = system.semantics.versions_alike();
        Self {
            versions_alike: alike && !properties.iter().any(Claim::tells_versions_apart),
            numbering,
            answers: vec![None; questions.len()],
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
        let block_words = self.numbering.block_words();
        let block_numbers = block_words as u64 * 64;
        let mut start = first;
        // A piece may begin or end within a block.
        let mut rest = words;
        while !rest.is_empty() {
            let skipped = (start % block_numbers / 64) as usize;
            let (part, after) = rest.split_at((block_words - skipped).min(rest.len()));
            self.look_at_block(start, skipped, part, &mut found);
            start += part.len() as u64 * 64;
            rest = after;
        }
        found
    }

    fn look_at_block(&self, first: u64, skipped: usize, words: &[u64], found: &mut Answers) {
        if words.iter().all(|word| *word == 0) {
            return;
        }
        let Some(ascending) = &self.ascending else {
            for number in numbers(first, words) {
                self.ask(number, found);
            }
            return;
        };
        let plane_numbers = self.numbering.plane_numbers();
        let block = (first % plane_numbers) / (self.numbering.block_words() as u64 * 64);
        let high = self.numbering.high_digits(block as usize);
        let plane = (first / plane_numbers) as usize;
        let in_order = |digits: &[usize]| {
            !self.versions_alike || self.numbering.versions_in_order(plane, digits)
        };
        if !high.is_sorted() || !in_order(&high) {
            return;
        }
        let mask = &ascending[high.last().copied().unwrap_or(0)][skipped..];
        let judged: Vec<_> = words.iter().zip(mask).map(|(word, mask)| word & mask).collect();
        let mut digits = Vec::new();
        for number in numbers(first, &judged) {
            self.numbering.digits_of(number, &mut digits);
            if in_order(&digits) {
                self.ask(number, found);
            }
        }
    }

    fn ask(&self, number: u64, found: &mut Answers) {
        let cluster = self.numbering.decode(number);
        let open = |place: usize| self.answers[place].is_none() && found[place].is_none();
        for place in self.questions.answered(&cluster, open) {
            found[place] = Some(number);
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
