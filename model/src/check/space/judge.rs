//! Does every property hold, and where does each goal show? Asked of each new layer, so that the first answer is the
//! nearest.
//!
//! Judging costs far more than finding a state. Where the semantics promises [`Semantics::symmetric`], only one state of
//! each renaming class is judged, the one whose digits ascend; that is sound because no goal and no claim that is asked
//! names a node ([`Claim::tells_nodes_apart`]), and because the class is found in one layer. The same of renamed versions
//! ([`Semantics::versions_alike`]); and of nodes that are alike in a state, only the transitions of the first are judged.
//! And where semantics and claims promise to be decided node by node ([`Claim::is_decided_node_by_node`]), a state is asked
//! such claims only if nothing that was asked before has all that its nodes add to it: what holds in a state holds of each
//! node among such others. Every state is looked at, and nothing is concluded from one that is not reached.
//! A question that has its answer is not asked again.

use std::sync::atomic::{AtomicBool, Ordering};

use super::bits::ones;
use super::layers::Piece;
use super::local::{Change, Local};
use super::numbering::Numbering;
use super::relation::{Relation, numbers};
use crate::check::goal::Goal;
use crate::check::question::Questions;
use crate::spec::cluster::Cluster;
use crate::spec::property::{Claim, Taken};
use crate::spec::semantics::{Semantics, System};

/// The questions that states of a piece answer, by their place, properties first, then goals; and the state, the first to do so.
pub(super) type Answers = Vec<(usize, u64)>;

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
    /// By question: whether it is decided node by node.
    node_by_node: Vec<bool>,
    right: Option<Right>,
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
            node_by_node: (properties.iter().map(Claim::is_decided_node_by_node))
                .chain(goals.iter().map(|_| false))
                .collect(),
            right: relation
                .local()
                .filter(|_| system.semantics.tells_by_summary())
                .map(|local| Right::new(local, numbering.planes())),
        }
    }

    /// Whether a question is left.
    fn curious(&self) -> bool {
        self.answers.iter().any(Option::is_none)
    }

    /// Takes what [`Judge::look`] found in the pieces of a layer.
    pub(super) fn settle(&mut self, depth: u64, found: impl IntoIterator<Item = Answers>) {
        for found in found {
            for (place, number) in found {
                // Pieces come in any order; the least number is the answer of all.
                match &mut self.answers[place] {
                    Some((_, known)) => *known = number.min(*known),
                    answer => *answer = Some((depth, number)),
                }
            }
        }
    }

    /// Asks the questions that are left of some new states, and unless they are the last that are looked at of the transitions
    /// out of them.
    pub(super) fn look(&self, (first, words): Piece<'_>, last: bool) -> Answers {
        let mut found = Vec::new();
        if !self.curious() {
            return found;
        }
        let block_words = self.relation.numbering.block_words();
        let mut looked = Looked::of(self, last);
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
        let Looked { plane, digits, every, others, none_broken, cluster, after } = looked;
        let known = self.right.as_ref().zip(self.relation.local());
        let right = known.is_some_and(|(right, local)| right.are(local, *plane, digits));
        let Open { questions: open, any, steps } = if right { others } else { every };
        if !*any {
            return;
        }
        numbering.set(cluster, *plane, digits.iter().copied());
        let mut tell = |place: usize| {
            found.push((place, number));
            *none_broken &= !self.node_by_node[place];
        };
        self.questions.ask_state(cluster, open, &mut tell);
        match (self.relation.local(), *steps) {
            (_, false) => {}
            (None, true) => self.questions.ask_steps(cluster, open, tell),
            (Some(local), true) => {
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
                        Change::Node(position, digit) => {
                            after.nodes[position] = numbering.node(digit)
                        }
                    }
                    let taken = Taken { before: cluster, transition, after };
                    self.questions.ask_step(taken, open, &mut tell);
                    if to != *plane {
                        numbering.set_plane(after, *plane);
                    }
                    match change {
                        Change::Nodes(_) => after.nodes.clone_from(&cluster.nodes),
                        Change::Node(position, _) => {
                            after.nodes[position] = cluster.nodes[position]
                        }
                    }
                });
            }
        }
        if let Some((known, local)) = known.filter(|_| !right && *none_broken) {
            known.note(local, *plane, digits);
        }
    }
}

/// What was found to be right: by plane, and by entry of its tables, whether a node of that digit among others of that summary
/// was in a state that breaks none of the claims which are decided node by node and still open.
struct Right(Vec<Vec<AtomicBool>>);

impl Right {
    fn new(local: &Local, planes: usize) -> Self {
        let mut right = Self((0..planes).map(|_| Vec::new()).collect());
        for plane in local.planes() {
            right.0[plane].resize_with(local.entries(), AtomicBool::default);
        }
        right
    }

    /// The entries of a state.
    fn of<'a>(
        &'a self,
        local: &'a Local,
        plane: usize,
        digits: &'a [usize],
    ) -> impl Iterator<Item = &'a AtomicBool> {
        let shows = local.shows(digits);
        let others = move |digit| shows.beside(local.summary(digit));
        digits.iter().map(move |digit| &self.0[plane][local.entry(*digit, others(*digit))])
    }

    /// Whether all entries of a state are right.
    fn are(&self, local: &Local, plane: usize, digits: &[usize]) -> bool {
        self.of(local, plane, digits).all(|it| it.load(Ordering::Relaxed))
    }

    /// Notes that a state breaks nothing.
    fn note(&self, local: &Local, plane: usize, digits: &[usize]) {
        self.of(local, plane, digits).for_each(|it| it.store(true, Ordering::Relaxed));
    }
}

/// Questions that are left.
struct Open {
    questions: Vec<bool>,
    /// Whether there were any when it began.
    any: bool,
    /// Whether some of them were about transitions when it began.
    steps: bool,
}

/// The state that is looked at, and the questions that are left; what else is kept from one state to the next is memory.
struct Looked {
    every: Open,
    /// Those that are not decided node by node.
    others: Open,
    /// Whether no state broke a claim that is decided node by node.
    none_broken: bool,
    plane: usize,
    digits: Vec<usize>,
    cluster: Cluster,
    after: Cluster,
}

impl Looked {
    fn of<S: Semantics>(judge: &Judge<'_, S>, last: bool) -> Self {
        let initial = judge.relation.system.scope.initial();
        let open = |which: &dyn Fn(bool) -> bool| {
            let each = judge.answers.iter().zip(&judge.node_by_node);
            let open: Vec<bool> = each.map(|(it, node)| it.is_none() && which(*node)).collect();
            let steps = !last && judge.questions.asks_of_steps(&open);
            Open { any: open.contains(&true), steps, questions: open }
        };
        Self {
            every: open(&|_| true),
            others: open(&|node_by_node| !node_by_node),
            none_broken: true,
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
