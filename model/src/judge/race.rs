//! Can calls that were sent at once have happened one after the other? (API-12)
//!
//! Each call had its effect at one moment between being sent and being answered. Stateright's tester looks for an order
//! of such moments in which the model gives every answer; here is the reference object that it asks: a belief, so that
//! whatever the cluster does by itself between two calls is allowed for.
//!
//! The tester tries every order, which is a factorial of ways when none fits. Calls that are alike and whose times do
//! not tell them apart are therefore taken in a fixed order: swapping two of them changes nothing. What is left is
//! bounded by `STEPS_MAX`. A call without an answer may have happened at any moment, or never; it is allowed for
//! inside the reference object, since the tester would multiply the orders by every place that it could take. That is
//! generous: one unanswered call may explain more than one answer.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use stateright::semantics::{ConsistencyTester as _, LinearizabilityTester, SequentialSpec};

use crate::judge::belief::{Belief, Outcome};
use crate::spec::transition::Call;

/// How many answers are tried before the search is given up.
const STEPS_MAX: u32 = 20_000;

/// A call that was sent, and what came back. Times are in any unit, from any zero that all calls share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The call.
    pub call: Call,
    /// When it was sent, or somewhat before.
    pub began: u64,
    /// When the answer was there, or somewhat after.
    pub ended: u64,
    /// What came back.
    pub outcome: Outcome,
}

/// Whether the calls can have happened one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linearized {
    /// They can, in this order: positions of the calls that were answered.
    Yes(Vec<usize>),
    /// No order of the calls explains the answers.
    No,
    /// The search was given up.
    Undecided,
}

/// A call as the tester takes it: with what must come before it.
#[derive(Clone, Debug)]
struct Ranked {
    position: usize,
    call: Call,
    /// Calls that are alike and come first, by position.
    after: Vec<usize>,
}

/// What the tester asks: which answers are possible now.
#[derive(Clone, Debug)]
struct Reference {
    belief: Belief,
    taken: BTreeSet<usize>,
    /// Calls that nobody answered.
    unanswered: Vec<Call>,
    steps: Rc<Cell<u32>>,
}

impl SequentialSpec for Reference {
    type Op = Ranked;
    type Ret = Outcome;

    /// Only asked for calls in flight, of which the tester is told none.
    fn invoke(&mut self, operation: &Ranked) -> Outcome {
        let _ = self.belief.answered(operation.call, Outcome::Unknown);
        Outcome::Unknown
    }

    fn is_valid_step(&mut self, operation: &Ranked, answer: &Outcome) -> bool {
        self.steps.set(self.steps.get() + 1);
        let in_order = operation.after.iter().all(|other| self.taken.contains(other));
        if !in_order || self.steps.get() > STEPS_MAX {
            return false;
        }
        self.taken.insert(operation.position);
        for call in &self.unanswered {
            let _ = self.belief.answered(*call, Outcome::Unknown);
        }
        self.belief.answered(operation.call, *answer)
    }
}

/// Looks for an order of the calls in which the model, from what is believed before the first, gives every answer.
#[must_use]
pub fn linearize(before: &Belief, sent: &[Sent]) -> Linearized {
    let answered: Vec<usize> =
        (0..sent.len()).filter(|position| sent[*position].outcome != Outcome::Unknown).collect();
    let steps = Rc::new(Cell::new(0));
    let reference = Reference {
        belief: before.clone(),
        taken: BTreeSet::new(),
        unanswered: sent
            .iter()
            .filter(|one| one.outcome == Outcome::Unknown)
            .map(|one| one.call)
            .collect(),
        steps: Rc::clone(&steps),
    };
    let mut tester = LinearizabilityTester::new(reference);
    for moment in moments(sent, &answered) {
        let told = match moment {
            Moment::Began(position) => {
                let operation = Ranked {
                    position,
                    call: sent[position].call,
                    after: alike_before(sent, &answered, position),
                };
                tester.on_invoke(position, operation)
            }
            Moment::Ended(position) => tester.on_return(position, sent[position].outcome),
        };
        assert!(told.is_ok(), "each call begins once and ends once after it");
    }
    match tester.serialized_history() {
        Some(order) => {
            Linearized::Yes(order.into_iter().map(|(operation, _)| operation.position).collect())
        }
        None if steps.get() > STEPS_MAX => Linearized::Undecided,
        None => Linearized::No,
    }
}

#[derive(Clone, Copy, Debug)]
enum Moment {
    Began(usize),
    Ended(usize),
}

/// Everything that happened, in order; of what happened at one moment the beginnings come first, which leaves more
/// orders open.
fn moments(sent: &[Sent], answered: &[usize]) -> Vec<Moment> {
    let mut all: Vec<(u64, bool, Moment)> = Vec::new();
    for position in answered {
        let one = sent[*position];
        all.push((one.began, false, Moment::Began(*position)));
        all.push((one.ended.max(one.began), true, Moment::Ended(*position)));
    }
    all.sort_by_key(|(at, ended, _)| (*at, *ended));
    all.into_iter().map(|(_, _, moment)| moment).collect()
}

/// The calls that are alike this one and may be taken before it without loss: they neither began nor ended later. If an
/// order fits with the two the other way round, it fits with them swapped.
fn alike_before(sent: &[Sent], answered: &[usize], position: usize) -> Vec<usize> {
    // Only what others did meanwhile tells times apart: a beginning counts the ends before it, an end the beginnings.
    let rank = |position: usize| {
        let one = sent[position];
        let ends = answered.iter().filter(|other| sent[**other].ended < one.began);
        let begins = answered.iter().filter(|other| sent[**other].began <= one.ended);
        (ends.count(), begins.count())
    };
    let mine = rank(position);
    answered
        .iter()
        .copied()
        .filter(|other| {
            let (one, two) = (sent[*other], sent[position]);
            let theirs = rank(*other);
            one.call == two.call
                && one.outcome == two.outcome
                && theirs.0 <= mine.0
                && theirs.1 <= mine.1
                && (theirs, *other) < (mine, position)
        })
        .collect()
}
