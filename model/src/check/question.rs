//! Which questions does a state answer? What all engines ask, in one place for those that ask states themselves.

use crate::check::goal::Goal;
use crate::spec::cluster::Cluster;
use crate::spec::property::{Claim, Taken};
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// Properties, which a state answers by breaking them, then goals, which it answers by showing them; each has its place.
pub(crate) struct Questions<'a, S> {
    system: &'a System<S>,
    properties: &'a [Claim<S>],
    goals: &'a [Goal],
    /// By row of the tables: the properties that may say something of its transitions.
    about: Vec<Vec<usize>>,
}

impl<'a, S: Semantics> Questions<'a, S> {
    pub(crate) fn new(
        system: &'a System<S>,
        properties: &'a [Claim<S>],
        goals: &'a [Goal],
    ) -> Self {
        let mut about = vec![Vec::new(); Transition::ROW_COUNT];
        for (place, property) in properties.iter().enumerate() {
            for transition in system.scope.transitions() {
                let row: &mut Vec<usize> = &mut about[transition.row()];
                if property.asks_of(transition) && row.last() != Some(&place) {
                    row.push(place);
                }
            }
        }
        Self { system, properties, goals, about }
    }

    /// All of them, none of which is answered yet.
    pub(crate) fn open(&self) -> Vec<bool> {
        vec![true; self.properties.len() + self.goals.len()]
    }

    /// As [`Questions::ask_state`], of the transitions out of the state.
    pub(crate) fn ask_steps(
        &self,
        cluster: &Cluster,
        open: &mut [bool],
        mut tell: impl FnMut(usize),
    ) {
        // Made once for all properties that ask for them: `Claim::holds` makes them for each.
        if self.asks_of_steps(open) {
            for (transition, after) in &self.system.successors(cluster) {
                let taken = Taken { before: cluster, transition: *transition, after };
                self.ask_step(taken, open, &mut tell);
            }
        }
    }

    /// Whether an `open` question is one about transitions.
    pub(crate) fn asks_of_steps(&self, open: &[bool]) -> bool {
        self.properties.iter().zip(open).any(|(property, open)| *open && property.is_about_steps())
    }

    /// Tells the places of the `open` questions that the state answers, which are then open no more.
    pub(crate) fn ask_state(
        &self,
        cluster: &Cluster,
        open: &mut [bool],
        mut tell: impl FnMut(usize),
    ) {
        let (properties, goals) = open.split_at_mut(self.properties.len());
        let mut note = |open: &mut bool, place, answered: bool| {
            if answered {
                *open = false;
                tell(place);
            }
        };
        for (place, (property, open)) in self.properties.iter().zip(properties).enumerate() {
            note(open, place, *open && !property.holds_of(self.system, cluster));
        }
        for (place, (goal, open)) in (self.properties.len()..).zip(self.goals.iter().zip(goals)) {
            note(open, place, *open && goal.shows(self.system, cluster));
        }
    }

    /// As [`Questions::ask_state`], of one transition.
    pub(crate) fn ask_step(
        &self,
        taken: Taken<'_>,
        open: &mut [bool],
        mut tell: impl FnMut(usize),
    ) {
        for place in &self.about[taken.transition.row()] {
            if open[*place] && !self.properties[*place].holds_over(self.system, taken) {
                open[*place] = false;
                tell(*place);
            }
        }
    }
}
