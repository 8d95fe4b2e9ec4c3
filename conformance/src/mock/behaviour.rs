//! Whose transition relation drives the mock? The spec's, or that of one planted mutant of the model.
//!
//! Defects of the wire are not here: their cluster behaves as the spec says.

use zdu_model::spec::cluster::{Cluster, ClusterStatus};
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::semantics::{Semantics, Spec};
use zdu_model::spec::transition::{Call, Transition};

use super::defect::Defect;

/// What the hidden cluster does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Behaviour {
    /// What the spec says.
    Spec,
    /// What the spec says, except for one mutant.
    Mutant(Mutant),
}

impl Behaviour {
    pub(super) const fn of(defect: Option<Defect>) -> Self {
        match defect {
            Some(Defect::Mutant(mutant)) => Self::Mutant(mutant),
            Some(Defect::Wire(_)) | None => Self::Spec,
        }
    }
}

impl Semantics for Behaviour {
    fn status(&self, cluster: &Cluster) -> ClusterStatus {
        match self {
            Self::Spec => Spec.status(cluster),
            Self::Mutant(mutant) => mutant.status(cluster),
        }
    }

    fn enabled(&self, cluster: &Cluster, transition: Transition) -> bool {
        match self {
            Self::Spec => Spec.enabled(cluster, transition),
            Self::Mutant(mutant) => mutant.enabled(cluster, transition),
        }
    }

    fn apply(&self, cluster: &Cluster, transition: Transition) -> Cluster {
        match self {
            Self::Spec => Spec.apply(cluster, transition),
            Self::Mutant(mutant) => mutant.apply(cluster, transition),
        }
    }

    fn refused(&self, cluster: &Cluster, call: Call) -> Cluster {
        match self {
            Self::Spec => Spec.refused(cluster, call),
            Self::Mutant(mutant) => mutant.refused(cluster, call),
        }
    }
}
