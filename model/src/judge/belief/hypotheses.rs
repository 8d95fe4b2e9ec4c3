//! How are hypotheses kept? In the order in which they came up, each once: those that are the same in all but listings are
//! joined.

use std::collections::VecDeque;

use indexmap::IndexSet;
use indexmap::set::MutableValues;
use rustc_hash::FxBuildHasher;

use super::Hypothesis;

/// How many are held at most: some 50 MB.
pub(super) const HYPOTHESES_MAX: usize = 1 << 17;

/// A set of hypotheses.
#[derive(Clone, Debug, Default)]
pub(super) struct Hypotheses(IndexSet<Hypothesis, FxBuildHasher>);

impl Hypotheses {
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Hypothesis> {
        self.0.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there may be more that are not held.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= HYPOTHESES_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn first(&self) -> Option<&Hypothesis> {
        self.0.first()
    }

    pub(super) fn contains(&self, hypothesis: &Hypothesis) -> bool {
        self.0.contains(hypothesis)
    }

    /// Whether both hold the same hypotheses with the same listings, in the same order.
    pub(super) fn is(&self, other: &Self) -> bool {
        let same =
            |(one, other): (&Hypothesis, &Hypothesis)| one == other && one.is_listed_as(other);
        self.0.len() == other.0.len() && self.iter().zip(other.iter()).all(same)
    }

    /// Keeps those for which `keep` holds.
    pub(super) fn retain(&mut self, keep: impl Fn(&Hypothesis) -> bool) {
        self.0.retain(keep);
    }

    /// Takes a hypothesis in, and gives its place if that tells anything new.
    fn insert(&mut self, hypothesis: Hypothesis) -> Option<usize> {
        if let Some((place, known)) = self.0.get_full_mut2(&hypothesis) {
            return known.join(&hypothesis).then_some(place);
        }
        let (place, _) = self.0.insert_full(hypothesis);
        Some(place)
    }

    /// Everything that these become by any number of steps, or as much of it as may be held.
    pub(super) fn closed_under(mut self, steps: impl Fn(&Hypothesis) -> Vec<Hypothesis>) -> Self {
        let mut open: VecDeque<usize> = (0..self.0.len()).collect();
        while let Some(place) = open.pop_front()
            && !self.is_full()
        {
            for next in steps(&self.0[place]) {
                open.extend(self.insert(next));
            }
        }
        self
    }
}

impl FromIterator<Hypothesis> for Hypotheses {
    fn from_iter<I: IntoIterator<Item = Hypothesis>>(hypotheses: I) -> Self {
        let mut set = Self::default();
        set.extend(hypotheses);
        set
    }
}

impl Extend<Hypothesis> for Hypotheses {
    fn extend<I: IntoIterator<Item = Hypothesis>>(&mut self, hypotheses: I) {
        for hypothesis in hypotheses {
            self.insert(hypothesis);
        }
    }
}

impl IntoIterator for Hypotheses {
    type Item = Hypothesis;
    type IntoIter = indexmap::set::IntoIter<Hypothesis>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
