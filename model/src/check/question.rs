//! Which questions does a state answer? What all engines ask, in one place for those that ask states themselves.

use crate::check::goal::Goal;
use crate::spec::cluster::Cluster;
use crate::spec::property::Claim;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// Properties, which a state answers by breaking them, then goals, which it answers by showing them; each has its place.
pub(crate) struct Questions<'a, S> {
    system: &'a System<S>,
    properties: &'a [Claim<S>],
    goals: &'a [Goal],
}

impl<'a, S: Semantics> Questions<'a, S> {
    pub(crate) const fn new(
        system: &'a System<S>,
        properties: &'a [Claim<S>],
        goals: &'a [Goal],
    ) -> Self {
        Self { system, properties, goals }
    }

    /// How many questions there are.
    pub(crate) const fn len(&self) -> usize {
        self.properties.len() + self.goals.len()
    }

    /// The places of the `open` questions that the state answers. The successors of the state are made once for all
    /// properties that ask for them: [`Claim::holds`] makes them for each.
    pub(crate) fn answered(&self, cluster: &Cluster, open: impl Fn(usize) -> bool) -> Vec<usize> {
        let onward = self.asks_of_steps(&open).then(|| self.system.successors(cluster));
        let mut answered = Vec::new();
        self.answered_with(cluster, &onward.unwrap_or_default(), open, |place| {
            answered.push(place)
        });
        answered
    }

    /// Whether an `open` question is one about transitions.
    pub(crate) fn asks_of_steps(&self, open: impl Fn(usize) -> bool) -> bool {
        let mut properties = self.properties.iter().enumerate();
        properties.any(|(place, property)| property.is_about_steps() && open(place))
    }

    /// Tells the places of the `open` questions that the state answers, of whose successors these are enough to know.
    pub(crate) fn answered_with(
        &self,
        cluster: &Cluster,
        onward: &[(Transition, Cluster)],
        open: impl Fn(usize) -> bool,
        mut answered: impl FnMut(usize),
    ) {
        for (place, property) in self.properties.iter().enumerate() {
            if open(place) && !property.holds_among(self.system, cluster, onward) {
                answered(place);
            }
        }
        for (place, goal) in (self.properties.len()..).zip(self.goals) {
            if open(place) && goal.shows(self.system, cluster) {
                answered(place);
            }
        }
    }
}
