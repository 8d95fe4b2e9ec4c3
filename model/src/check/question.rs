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
        let mut successors: Option<Vec<(Transition, Cluster)>> = None;
        let mut broken = |property: &Claim<S>| {
            if !property.is_about_steps() {
                return !property.holds_of(self.system, cluster);
            }
            let onward = successors.get_or_insert_with(|| self.system.successors(cluster));
            property.broken_among(self.system, cluster, onward).is_some()
        };
        let mut answered = Vec::new();
        for (place, property) in self.properties.iter().enumerate() {
            if open(place) && broken(property) {
                answered.push(place);
            }
        }
        for (place, goal) in (self.properties.len()..).zip(self.goals) {
            if open(place) && goal.shows(self.system, cluster) {
                answered.push(place);
            }
        }
        answered
    }
}
