//! What must hold? The safety properties of section 5, in every reachable state and over every transition.
//!
//! Each is stated from the other side than section 2 defines it: a status is characterised by counting nodes rather
//! than by calling [`Cluster::status`], a guard by what it must let through and what it must refuse. So a mutant in a
//! definition is caught instead of being repeated. Reachability is [`crate::check::goal`]'s; liveness is not a safety
//! property and not here.
//!
//! `count` asks the definitions in other words; `api`, `node`, `status`, `mode` and `finalization` state the rules of
//! that name.

mod api;
mod count;
mod finalization;
mod mode;
mod node;
mod status;

use crate::spec::cluster::Cluster;
use crate::spec::profile::Profile;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Answer, Semantics, System};
use crate::spec::transition::{Call, Transition};

/// A safety property.
#[derive(Clone, Copy)]
pub struct Property<S> {
    /// The name on the command line: the rule's id and a sentence.
    pub name: &'static str,
    /// The rule that it states.
    pub rule: Rule,
    /// What is asked of every reachable state.
    pub check: Check<S>,
}

/// What a property asks.
#[derive(Clone, Copy)]
pub enum Check<S> {
    /// Of every reachable state.
    State(fn(&System<S>, &Cluster) -> bool),
    /// Of every transition out of a reachable state: state before, transition, state after.
    Step(fn(&System<S>, &Cluster, Transition, &Cluster) -> bool),
}

impl<S: Semantics> Property<S> {
    const fn state(
        name: &'static str,
        rule: Rule,
        holds: fn(&System<S>, &Cluster) -> bool,
    ) -> Self {
        Self { name, rule, check: Check::State(holds) }
    }

    const fn step(
        name: &'static str,
        rule: Rule,
        holds: fn(&System<S>, &Cluster, Transition, &Cluster) -> bool,
    ) -> Self {
        Self { name, rule, check: Check::Step(holds) }
    }

    /// Every safety property of a profile.
    #[must_use]
    pub fn all(profile: Profile) -> Vec<Self> {
        let mut all =
            [api::properties(), node::properties(), status::properties(), mode::properties()]
                .concat();
        if profile == Profile::Finalization {
            all.extend(finalization::properties());
        }
        all
    }

    /// Whether the property holds in this state, and over every transition out of it.
    #[must_use]
    pub fn holds(&self, system: &System<S>, cluster: &Cluster) -> bool {
        match self.check {
            Check::State(holds) => holds(system, cluster),
            Check::Step(_) => self.broken_by(system, cluster).is_none(),
        }
    }

    /// The first transition out of this state that breaks the property.
    #[must_use]
    pub fn broken_by(
        &self,
        system: &System<S>,
        cluster: &Cluster,
    ) -> Option<(Transition, Cluster)> {
        match self.check {
            Check::State(_) => None,
            Check::Step(holds) => system
                .successors(cluster)
                .into_iter()
                .find(|(transition, after)| !holds(system, cluster, *transition, after)),
        }
    }
}

/// Whether the call is answered 200 here.
fn accepts<S: Semantics>(system: &System<S>, cluster: &Cluster, call: Call) -> bool {
    system.answer(cluster, call) == Answer::Success
}
