//! What if the cluster did several things differently? Mutants planted together; with none of them it is the spec.
//!
//! Where several differ from the spec at once, the first of the registry decides.

use std::fmt;

use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::mutant::Mutant;
use crate::spec::semantics::{Semantics, Spec};
use crate::spec::table::Guards;
use crate::spec::transition::{Call, Transition};

/// Some mutants, a bit each, and the guards that are dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mutants {
    bits: u128,
    dropped: Guards,
}

impl Mutants {
    /// None: the spec.
    pub const NONE: Self = Self { bits: 0, dropped: Guards::NONE };

    /// Those of the registry that are planted.
    pub fn iter(self) -> impl Iterator<Item = Mutant> {
        let mut left = self.bits;
        std::iter::from_fn(move || {
            let place = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            Mutant::EVERY.get(place).copied()
        })
    }

    /// The same with these guards dropped.
    #[must_use]
    pub const fn without(self, dropped: Guards) -> Self {
        Self { dropped, ..self }
    }

    /// What a transition leads to where a guard of its row is dropped.
    fn loose(self, cluster: &Cluster, transition: Transition) -> Option<Option<Cluster>> {
        if self.dropped == Guards::NONE { None } else { self.dropped.next(cluster, transition) }
    }

    /// What the first of them gives that gives something else than the spec.
    fn first<T: PartialEq>(self, right: T, other: impl Fn(Mutant) -> T) -> T {
        let mut others = self.iter().map(other);
        others.find(|other| *other != right).unwrap_or(right)
    }
}

const _: () = assert!(Mutant::EVERY.len() <= 128, "every mutant has a bit");

impl FromIterator<Mutant> for Mutants {
    fn from_iter<I: IntoIterator<Item = Mutant>>(mutants: I) -> Self {
        let bits = mutants.into_iter().fold(0, |bits, mutant| bits | 1 << mutant as u32);
        Self { bits, ..Self::NONE }
    }
}

impl Semantics for Mutants {
    fn status(&self, cluster: &Cluster) -> ClusterStatus {
        self.first(Spec.status(cluster), |mutant| mutant.status(cluster))
    }

    fn enabled(&self, cluster: &Cluster, transition: Transition) -> bool {
        let right = self
            .loose(cluster, transition)
            .map_or_else(|| Spec.enabled(cluster, transition), |next| next.is_some());
        self.first(right, |mutant| mutant.enabled(cluster, transition))
    }

    fn apply(&self, cluster: &Cluster, transition: Transition) -> Cluster {
        let loose = self.loose(cluster, transition).flatten();
        let right = loose.unwrap_or_else(|| Spec.apply(cluster, transition));
        self.first(right, |mutant| mutant.apply(cluster, transition))
    }

    fn refused(&self, cluster: &Cluster, call: Call) -> Cluster {
        self.first(Spec.refused(cluster, call), |mutant| mutant.refused(cluster, call))
    }

    fn decided_by(&self) -> Option<usize> {
        if self.dropped != Guards::NONE {
            // Nodes of two versions may then have joined when Start records what the first of them runs.
            return None;
        }
        self.iter()
            .try_fold(Spec.decided_by()?, |most, mutant| Some(most.max(mutant.decided_by()?)))
    }

    /// Nobody has argued about a table without a guard: nodes of two versions may then have joined when Start asks the first.
    fn symmetric(&self) -> bool {
        let all = || self.iter().all(|mutant| mutant.symmetric());
        self.dropped == Guards::NONE && Spec.symmetric() && all()
    }

    fn versions_alike(&self) -> bool {
        Spec.versions_alike() && self.iter().all(|mutant| mutant.versions_alike())
    }

    fn local(&self) -> bool {
        self.dropped == Guards::NONE && Spec.local() && self.iter().all(Mutant::tabulates)
    }

    fn tells_by_summary(&self) -> bool {
        self.local() && Spec.tells_by_summary() && self.iter().all(Mutant::tells_by_summary)
    }
}

/// The names, separated by commas.
impl fmt::Display for Mutants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dropped = self.dropped.iter().map(|guard| format!("without {guard}"));
        let names: Vec<String> =
            self.iter().map(|mutant| mutant.name().to_owned()).chain(dropped).collect();
        f.pad(&names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::node::{NodeId, Phase};

    /// Proves that each planted mutant shows beside the others, and that with none the spec is left.
    #[test]
    fn several_mutants_show_at_once() {
        let both: Mutants =
            [Mutant::StableDespiteError, Mutant::ErroredCannotStop].into_iter().collect();
        let mut cluster = Cluster::initial(2);
        cluster.nodes[0].phase = Phase::Error;
        let stop = Transition::Stop(NodeId::new(1));
        assert_eq!(both.status(&cluster), ClusterStatus::Stable);
        assert!(!both.enabled(&cluster, stop));
        assert_eq!(both.to_string(), "stable-despite-error, errored-cannot-stop");
        assert_eq!(Mutants::NONE.status(&cluster), ClusterStatus::Mixed);
        assert!(Mutants::NONE.enabled(&cluster, stop) && Mutants::NONE.local());
        assert!(both.local() && both.symmetric() && both.decided_by() == Some(4));
        let neighbour: Mutants = [Mutant::BreakTakesNeighbour].into_iter().collect();
        assert!(!neighbour.symmetric() && neighbour.decided_by().is_none());
    }
}
