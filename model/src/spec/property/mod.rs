//! What must hold? The safety properties of section 5, in every reachable state and over every transition.
//!
//! Each is an implication: *when* its premise holds, *then* something must. The premise asks the states alone, never the
//! semantics that is judged, so that one question serves several: where it never arises the property is vacuous
//! ([`crate::check::vacuity`]), where it arises in what was seen the rule is at stake (section 8).
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

use std::sync::Arc;

use crate::spec::cluster::Cluster;
use crate::spec::profile::Profile;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Answer, Semantics, System};
use crate::spec::transition::{Call, Transition};

/// A transition that is looked at: the state before, what is taken, the state after.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    /// The state before.
    pub before: &'a Cluster,
    /// What is taken.
    pub transition: Transition,
    /// The state after.
    pub after: &'a Cluster,
}

/// A safety property.
#[derive(Clone)]
pub struct Property<S> {
    /// The name on the command line: the rule's id and a sentence.
    pub name: &'static str,
    /// The rule that it states.
    pub rule: Rule,
    claim: Claim<S>,
}

/// A premise.
type Of = dyn Fn(&Cluster) -> bool + Send + Sync;
/// What must then be.
type Must<S> = dyn Fn(&System<S>, &Cluster) -> bool + Send + Sync;
/// A premise over a transition.
type Over = dyn Fn(Taken<'_>) -> bool + Send + Sync;
/// What must then be over a transition.
type MustOver<S> = dyn Fn(&System<S>, Taken<'_>) -> bool + Send + Sync;

/// What a property asks: `then` wherever `when` holds.
#[derive(Clone)]
enum Claim<S> {
    /// Of every reachable state.
    State { when: Arc<Of>, then: Arc<Must<S>> },
    /// Of every transition out of a reachable state.
    Step { when: Arc<Over>, then: Arc<MustOver<S>> },
}

impl<S: Semantics> Property<S> {
    /// One about states: wherever `when` holds, `then` must.
    pub fn state(
        name: &'static str,
        rule: Rule,
        when: impl Fn(&Cluster) -> bool + Send + Sync + 'static,
        then: impl Fn(&System<S>, &Cluster) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name, rule, claim: Claim::State { when: Arc::new(when), then: Arc::new(then) } }
    }

    /// One about transitions: over each for which `when` holds, `then` must.
    pub fn step(
        name: &'static str,
        rule: Rule,
        when: impl Fn(Taken<'_>) -> bool + Send + Sync + 'static,
        then: impl Fn(&System<S>, Taken<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name, rule, claim: Claim::Step { when: Arc::new(when), then: Arc::new(then) } }
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

    /// Whether it asks something of transitions; otherwise of states.
    #[must_use]
    pub const fn is_about_steps(&self) -> bool {
        matches!(self.claim, Claim::Step { .. })
    }

    /// Whether its premise holds in this state. One about transitions says nothing of a state alone.
    #[must_use]
    pub fn speaks_of(&self, cluster: &Cluster) -> bool {
        match &self.claim {
            Claim::State { when, .. } => when(cluster),
            Claim::Step { .. } => false,
        }
    }

    /// Whether its premise holds over this transition. One about states says nothing of a transition.
    #[must_use]
    pub fn speaks_over(&self, taken: Taken<'_>) -> bool {
        match &self.claim {
            Claim::State { .. } => false,
            Claim::Step { when, .. } => when(taken),
        }
    }

    /// Whether it holds of this state alone, by its premise or by what it asks; always if it is about transitions.
    #[must_use]
    pub fn holds_of(&self, system: &System<S>, cluster: &Cluster) -> bool {
        match &self.claim {
            Claim::State { when, then } => !when(cluster) || then(system, cluster),
            Claim::Step { .. } => true,
        }
    }

    /// Whether it holds over this transition, by its premise or by what it asks; always if it is about states.
    #[must_use]
    pub fn holds_over(&self, system: &System<S>, taken: Taken<'_>) -> bool {
        match &self.claim {
            Claim::State { .. } => true,
            Claim::Step { when, then } => !when(taken) || then(system, taken),
        }
    }

    /// Whether it holds of this state and over these transitions out of it.
    #[must_use]
    pub fn holds_among(
        &self,
        system: &System<S>,
        before: &Cluster,
        successors: &[(Transition, Cluster)],
    ) -> bool {
        self.holds_of(system, before) && self.broken_among(system, before, successors).is_none()
    }

    /// The first of these transitions out of a state that breaks it.
    #[must_use]
    pub fn broken_among<'a>(
        &self,
        system: &System<S>,
        before: &Cluster,
        successors: &'a [(Transition, Cluster)],
    ) -> Option<&'a (Transition, Cluster)> {
        successors.iter().find(|(transition, after)| {
            !self.holds_over(system, Taken { before, transition: *transition, after })
        })
    }

    /// Whether the property holds in this state, and over every transition out of it.
    #[must_use]
    pub fn holds(&self, system: &System<S>, cluster: &Cluster) -> bool {
        self.holds_of(system, cluster) && self.broken_by(system, cluster).is_none()
    }

    /// The first transition out of this state that breaks the property.
    #[must_use]
    pub fn broken_by(
        &self,
        system: &System<S>,
        cluster: &Cluster,
    ) -> Option<(Transition, Cluster)> {
        if !self.is_about_steps() {
            return None;
        }
        self.broken_among(system, cluster, &system.successors(cluster)).cloned()
    }
}

/// Whether the call is answered 200 here.
fn accepts<S: Semantics>(system: &System<S>, cluster: &Cluster, call: Call) -> bool {
    system.answer(cluster, call) == Answer::Success
}
