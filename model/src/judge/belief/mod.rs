//! Which states of the model explain everything seen so far? (spec, section 8, with the readings of section 7)
//!
//! A belief is a set of hypotheses: states, closed under hidden transitions and under requested steps that may not have
//! taken effect yet. An answer that no hypothesis explains is a deviation; [`crate::judge::blame`] names its rule. What is
//! seen is given in the model's words here; HTTP and JSON are the business of whoever asks.
//!
//! In the order data meets them: `hypothesis` is one explanation of it, `hypotheses` keeps them, `closure`
//! adds what may have happened unseen, `explanation` keeps what explains an answer, `concession` goes on after an
//! answer that nothing explains.

mod closure;
mod concession;
mod explanation;
mod hypotheses;
mod hypothesis;

pub use super::seen::{
    Observation, Outcome, Overview, Request, SeenNode, SeenVersion, words_missing,
};
pub use concession::WrongStatus;
use hypotheses::Hypotheses;
pub use hypothesis::Hypothesis;

use std::collections::BTreeSet;

use crate::spec::cluster::Cluster;
use crate::spec::node::NodeId;
use crate::spec::semantics::Scope;

/// The hypotheses that explain everything seen so far.
#[derive(Clone, Debug)]
pub struct Belief {
    scope: Scope,
    /// What was asked of each node, less what every hypothesis has behind it.
    requests: Vec<Vec<Request>>,
    hypotheses: Hypotheses,
    /// Whether everything that may have happened unseen is among them.
    closed: bool,
    /// More may have happened unseen than can be held: everything is explained from then on.
    overfull: bool,
    tolerated: BTreeSet<WrongStatus>,
    tolerated_origin: bool,
    tolerated_unserved: bool,
    /// The build may keep out a node whose version is below the original (section 7).
    refuses_below: bool,
}

impl Belief {
    /// Certainty that the cluster is in this state, with nothing requested.
    #[must_use]
    pub fn certain(scope: Scope, cluster: Cluster) -> Self {
        let nodes = cluster.nodes.len();
        Self {
            scope,
            requests: vec![Vec::new(); nodes],
            hypotheses: Hypotheses::from_iter([Hypothesis::settled_in(cluster, &vec![0; nodes])]),
            closed: false,
            overfull: false,
            tolerated: BTreeSet::new(),
            tolerated_origin: false,
            tolerated_unserved: false,
            refuses_below: false,
        }
    }

    /// Everything that this overview can mean, with nothing requested: how to begin on a cluster that one meets.
    #[must_use]
    pub fn from_overview(scope: Scope, seen: &Overview) -> Self {
        let mut belief = Self::certain(scope, scope.initial());
        belief.adopt(seen);
        belief
    }

    /// Lets the build keep out a node whose version is below the original (section 7).
    #[must_use]
    pub fn refusing_below(mut self, refuses: bool) -> Self {
        self.refuses_below = refuses;
        self.closed = false;
        self
    }

    /// The size and profile.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether more may have happened unseen than can be held: then nothing that is seen can be judged any more.
    #[must_use]
    pub const fn is_overfull(&self) -> bool {
        self.overfull
    }

    /// The hypotheses, in a fixed order.
    pub fn hypotheses(&self) -> impl ExactSizeIterator<Item = &Hypothesis> {
        self.hypotheses.iter()
    }

    /// The distinct states among the hypotheses.
    #[must_use]
    pub fn states(&self) -> BTreeSet<&Cluster> {
        self.hypotheses.iter().map(|hypothesis| &hypothesis.cluster).collect()
    }

    /// Whether some hypothesis has a node that serves.
    #[must_use]
    pub fn may_serve(&self) -> bool {
        self.hypotheses.iter().any(|hypothesis| hypothesis.cluster.served())
    }

    /// Whether no hypothesis is without a node that serves: then somebody must answer.
    #[must_use]
    pub fn must_serve(&self) -> bool {
        self.hypotheses.iter().all(|hypothesis| hypothesis.cluster.served())
    }

    /// Whether some hypothesis lets this request take effect now.
    #[must_use]
    pub fn can_take(&self, id: NodeId, request: Request) -> bool {
        request == Request::FailTasks
            || self
                .hypotheses
                .iter()
                .any(|hypothesis| request.transition(id).enabled(&hypothesis.cluster))
    }

    /// Whether every hypothesis lets this request take effect now.
    #[must_use]
    pub fn must_take(&self, id: NodeId, request: Request) -> bool {
        request == Request::FailTasks
            || self
                .hypotheses
                .iter()
                .all(|hypothesis| request.transition(id).enabled(&hypothesis.cluster))
    }

    /// Takes in the hypotheses of a branch of the same run.
    pub fn join(&mut self, branch: Self) {
        self.hypotheses.extend(branch.hypotheses);
        self.closed = false;
    }

    /// Keeps only the hypotheses for which `keep` holds, if there are any.
    pub fn narrow(&mut self, keep: impl Fn(&Hypothesis) -> bool) {
        let count = self.hypotheses.len();
        if self.hypotheses.iter().any(&keep) {
            self.hypotheses.retain(keep);
            self.closed &= self.hypotheses.len() == count;
        }
    }

    fn those(&self, hold: impl Fn(&Hypothesis) -> bool) -> Hypotheses {
        self.hypotheses.iter().filter(|hypothesis| hold(hypothesis)).cloned().collect()
    }

    /// Believes these and no others. Without any it stays as it was, and returns false.
    fn narrow_to(&mut self, kept: Hypotheses) -> bool {
        let some = !kept.is_empty();
        if some {
            self.closed &= kept.is(&self.hypotheses);
            self.hypotheses = kept;
        }
        some
    }
}
