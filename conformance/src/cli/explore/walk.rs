//! How does one get on without choosing each step? To where an expression holds, at random, and back as a trace; and what could
//! somebody know who did what was done and sees the API?

use std::collections::BTreeSet;

use zdu_model::check::path::Path;
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::semantics::Semantics as _;
use zdu_model::spec::transition::{Kind, Transition};
use zdu_model::traces::trace::{Seen, Trace, Walked};
use zdu_model::ways::reading::BadSituation;
use zdu_model::ways::route::{Cost, way_to};
use zdu_model::ways::situation::Situation;

use super::bounds::STATES_MAX;
use super::session::Session;

/// The longest walk at random.
pub(super) const STEPS_MAX: usize = 10_000;

impl Session {
    /// Reads an expression about a state of this cluster.
    pub(super) fn expression(&self, words: &str) -> Result<Situation, String> {
        let it: Situation = words.parse().map_err(|error: BadSituation| error.to_string())?;
        it.fits(self.system.scope).map_err(|error| error.to_string())?;
        Ok(it)
    }

    /// Goes on by documented steps, the shortest way, to where the expression holds.
    pub(super) fn go(&mut self, words: &str) -> Result<(), String> {
        let to = self.expression(words)?;
        let route = way_to(&self.system, self.here(), &to, Cost::Steps, STATES_MAX)
            .map_err(|error| {
                format!(
                    "without faults: {error}; with faults: take one of the choices that are faults, then `go` again, or go there \
                     at random with `until`"
                )
            })?;
        route.path.steps.iter().for_each(|(transition, _)| {
            self.take(*transition);
        });
        Ok(())
    }

    /// Looks out for where the expression holds; for nothing where it is empty.
    pub(super) fn mark(&mut self, words: &str) -> Result<(), String> {
        self.marked = if words.trim().is_empty() { None } else { Some(self.expression(words)?) };
        Ok(())
    }

    /// Takes so many steps at random, [`STEPS_MAX`] at the most, or fewer if the expression holds then; the same seed walks the
    /// same way. Where it never holds, nothing is taken.
    pub(super) fn walk(
        &mut self,
        steps: usize,
        seed: u64,
        until: Option<&Situation>,
    ) -> Result<(), String> {
        let begin = (self.path().len(), self.undone.clone());
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..steps.min(STEPS_MAX) {
            if until.is_some_and(|it| it.holds(&self.system, self.here())) {
                return Ok(());
            }
            let onward = self.system.successors(self.here());
            // Always some: a node can be stopped, killed or booted.
            let Some((transition, _)) = random.choice(&onward) else { break };
            self.take(*transition);
        }
        match until {
            Some(it) if !it.holds(&self.system, self.here()) => {
                let looked = self.path().len() - begin.0;
                self.back_to(begin);
                Err(format!(
                    "`{it}` held nowhere on {looked} steps at random, which proves nothing; none of them was taken"
                ))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Every state in which the cluster may be for somebody who made the calls and the requests of the path, and read the
    /// overview after each step.
    pub(super) fn known(&self) -> BTreeSet<Cluster> {
        let mut known = BTreeSet::from([self.states[0].clone()]);
        for (transition, there) in self.path().iter().zip(&self.states[1..]) {
            let alone = self.with_what_happens(known);
            let taken = |state: &Cluster| {
                let enabled = self.system.semantics.enabled(state, *transition);
                enabled.then(|| self.system.semantics.apply(state, *transition))
            };
            known = if transition.kind() == Kind::Spontaneous {
                alone
            } else {
                let taken = alone.iter().filter_map(taken).collect();
                self.with_what_happens(taken)
            };
            // Where nobody serves, that is all one sees.
            known.retain(|state| {
                state.served() == there.served()
                    && (!there.served() || Seen::of(state) == Seen::of(there))
            });
        }
        known
    }

    /// The states, and those that the cluster comes to from them by itself.
    fn with_what_happens(&self, mut states: BTreeSet<Cluster>) -> BTreeSet<Cluster> {
        let mut open: Vec<Cluster> = states.iter().cloned().collect();
        while let Some(state) = open.pop() {
            for transition in self.system.scope.node_ids().flat_map(Transition::spontaneous) {
                if self.system.semantics.enabled(&state, transition) {
                    let after = self.system.semantics.apply(&state, transition);
                    if states.insert(after.clone()) {
                        open.push(after);
                    }
                }
            }
        }
        states
    }

    /// The path as it is.
    pub(super) fn walked(&self) -> Path {
        let steps = self.path().iter().copied().zip(self.states[1..].iter().cloned()).collect();
        Path { start: self.states[0].clone(), steps }
    }

    /// The path as a trace that `zdu replay` runs.
    pub(super) fn trace(&self, name: &str) -> Result<Walked, String> {
        Trace::walked(self.system.scope, name, "Saved from zdu explore.", &self.walked())
            .map_err(|error| error.to_string())
    }
}
