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
//! `claim` is an implication, whoever states it; `count` asks the definitions in other words; `api`, `node`, `status`, `mode` and `finalization` state the rules of
//! that name.

mod api;
mod claim;
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

pub use claim::{Claim, Taken};

/// A safety property: a claim with a name, by a rule.
#[derive(Clone)]
pub struct Property<S> {
    /// The name on the command line: the rule's id and a sentence.
    pub name: &'static str,
    /// The rule that it states.
    pub rule: Rule,
    /// What it claims.
    pub claim: Claim<S>,
}

/// A property can be asked all that its claim can.
impl<S> std::ops::Deref for Property<S> {
    type Target = Claim<S>;

    fn deref(&self) -> &Claim<S> {
        &self.claim
    }
}

impl<S: Semantics> Property<S> {
    /// One about states: wherever `when` holds, `then` must.
    pub fn state(
        name: &'static str,
        rule: Rule,
        when: impl Fn(&Cluster) -> bool + Send + Sync + 'static,
        then: impl Fn(&System<S>, &Cluster) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name, rule, claim: Claim::state(when, then) }
    }

    /// One about these transitions: over each of them for which `when` holds, `then` must.
    pub fn step(
        name: &'static str,
        rule: Rule,
        of: fn(Transition) -> bool,
        when: impl Fn(Taken<'_>) -> bool + Send + Sync + 'static,
        then: impl Fn(&System<S>, Taken<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name, rule, claim: Claim::step(of, when, then) }
    }

    /// What all of them claim, in the same order.
    #[must_use]
    pub fn claims(properties: &[Self]) -> Vec<Claim<S>> {
        properties.iter().map(|property| property.claim.clone()).collect()
    }

    /// Every safety property of a profile. Each is decided node by node: most ask for what a summary of all nodes tells, the
    /// others something of each node and its transitions ([`Claim::is_decided_node_by_node`]).
    #[must_use]
    pub fn all(profile: Profile) -> Vec<Self> {
        let mut all =
            [api::properties(), node::properties(), status::properties(), mode::properties()]
                .concat();
        if profile == Profile::Finalization {
            all.extend(finalization::properties());
        }
        let decided = |it: Self| Self { claim: it.claim.decided_node_by_node(), ..it };
        all.into_iter().map(decided).collect()
    }
}

/// Whether the call is answered 200 here.
fn accepts<S: Semantics>(system: &System<S>, cluster: &Cluster, call: Call) -> bool {
    system.answer(cluster, call) == Answer::Success
}
