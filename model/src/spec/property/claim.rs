//! What is claimed? An implication about every reachable state, or about every transition out of one.

use std::sync::Arc;

use crate::spec::cluster::Cluster;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

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

/// An implication: wherever its premise holds, something must.
#[derive(Clone)]
pub struct Claim<S> {
    asks: Asks<S>,
    tells_nodes_apart: bool,
    tells_versions_apart: bool,
    node_by_node: bool,
}

/// A premise.
type Of = dyn Fn(&Cluster) -> bool + Send + Sync;
/// What must then be.
type Must<S> = dyn Fn(&System<S>, &Cluster) -> bool + Send + Sync;
/// A premise over a transition.
type Over = dyn Fn(Taken<'_>) -> bool + Send + Sync;
/// Which transitions something is about.
type Which = fn(Transition) -> bool;
/// What must then be over a transition.
type MustOver<S> = dyn Fn(&System<S>, Taken<'_>) -> bool + Send + Sync;

#[derive(Clone)]
enum Asks<S> {
    /// Of every reachable state.
    State { when: Arc<Of>, then: Arc<Must<S>> },
    /// Of every transition out of a reachable state.
    Step { of: Which, when: Arc<Over>, then: Arc<MustOver<S>> },
}

impl<S: Semantics> Claim<S> {
    /// One about states: wherever `when` holds, `then` must.
    pub fn state(
        when: impl Fn(&Cluster) -> bool + Send + Sync + 'static,
        then: impl Fn(&System<S>, &Cluster) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::of(Asks::State { when: Arc::new(when), then: Arc::new(then) })
    }

    /// One about these transitions: over each of them for which `when` holds, `then` must.
    pub fn step(
        of: fn(Transition) -> bool,
        when: impl Fn(Taken<'_>) -> bool + Send + Sync + 'static,
        then: impl Fn(&System<S>, Taken<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::of(Asks::Step { of, when: Arc::new(when), then: Arc::new(then) })
    }

    /// The claim that its premise never holds, which is broken exactly where this one speaks. It is not decided node by node,
    /// though this one may be: a premise asks whether there are such nodes.
    #[must_use]
    pub fn is_silent(&self) -> Self {
        let asks = match &self.asks {
            Asks::State { when, .. } => {
                Asks::State { when: Arc::clone(when), then: Arc::new(|_, _| false) }
            }
            Asks::Step { of, when, .. } => {
                Asks::Step { of: *of, when: Arc::clone(when), then: Arc::new(|_, _| false) }
            }
        };
        Self { asks, node_by_node: false, ..*self }
    }

    const fn of(asks: Asks<S>) -> Self {
        Self { asks, tells_nodes_apart: false, tells_versions_apart: false, node_by_node: false }
    }

    /// The same claim, of which it is known whether it says something else of a state when its nodes are renamed. None of
    /// the spec's does.
    #[must_use]
    pub fn telling_nodes_apart(self, tells_nodes_apart: bool) -> Self {
        Self { tells_nodes_apart, ..self }
    }

    /// Whether it may say something else of a state when its nodes are renamed.
    #[must_use]
    pub const fn tells_nodes_apart(&self) -> bool {
        self.tells_nodes_apart
    }

    /// The same of the versions but for the first.
    #[must_use]
    pub fn telling_versions_apart(self, tells_versions_apart: bool) -> Self {
        Self { tells_versions_apart, ..self }
    }

    /// Whether it may say something else of a state when its versions, but for the first, are renamed.
    #[must_use]
    pub const fn tells_versions_apart(&self) -> bool {
        self.tells_versions_apart
    }

    /// The same claim, of which it is known that it is decided node by node.
    #[must_use]
    pub fn decided_node_by_node(self) -> Self {
        Self { node_by_node: true, ..self }
    }

    /// Whether it holds in a state, and over the transitions out of it, exactly where it does so for each node, of which
    /// mode, origin, pending tasks, the node itself and the summary of the others decide
    /// ([`Semantics::tells_by_summary`], which must be promised, too). A promise, as that one is.
    #[must_use]
    pub const fn is_decided_node_by_node(&self) -> bool {
        self.node_by_node
    }

    /// Whether it asks something of transitions; otherwise of states.
    #[must_use]
    pub const fn is_about_steps(&self) -> bool {
        matches!(self.asks, Asks::Step { .. })
    }

    /// Whether it may say something of this transition, wherever it is taken; one about states never does.
    #[must_use]
    pub fn asks_of(&self, transition: Transition) -> bool {
        match self.asks {
            Asks::State { .. } => false,
            Asks::Step { of, .. } => of(transition),
        }
    }

    /// Whether its premise holds in this state. One about transitions says nothing of a state alone.
    #[must_use]
    pub fn speaks_of(&self, cluster: &Cluster) -> bool {
        match &self.asks {
            Asks::State { when, .. } => when(cluster),
            Asks::Step { .. } => false,
        }
    }

    /// Whether its premise holds over this transition. One about states says nothing of a transition.
    #[must_use]
    pub fn speaks_over(&self, taken: Taken<'_>) -> bool {
        match &self.asks {
            Asks::State { .. } => false,
            Asks::Step { of, when, .. } => of(taken.transition) && when(taken),
        }
    }

    /// Whether it holds of this state alone, by its premise or by what it asks; always if it is about transitions.
    #[must_use]
    pub fn holds_of(&self, system: &System<S>, cluster: &Cluster) -> bool {
        match &self.asks {
            Asks::State { when, then } => !when(cluster) || then(system, cluster),
            Asks::Step { .. } => true,
        }
    }

    /// Whether it holds over this transition, by its premise or by what it asks; always if it is about states.
    #[must_use]
    pub fn holds_over(&self, system: &System<S>, taken: Taken<'_>) -> bool {
        match &self.asks {
            Asks::State { .. } => true,
            Asks::Step { of, when, then } => {
                !of(taken.transition) || !when(taken) || then(system, taken)
            }
        }
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

    /// Whether it holds in this state, and over every transition out of it.
    #[must_use]
    pub fn holds(&self, system: &System<S>, cluster: &Cluster) -> bool {
        self.holds_of(system, cluster) && self.broken_by(system, cluster).is_none()
    }

    /// The first transition out of this state that breaks it.
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
