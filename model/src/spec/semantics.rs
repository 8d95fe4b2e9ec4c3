//! What does the cluster do? The seam between the spec and everything that explores or serves it.
//!
//! [`Spec`] is sections 2, 3 and 6. The other implementation, [`crate::spec::mutant::Mutant`], differs from it in one named
//! point: properties, engines and the suite are tested by what they say of it.

use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::node::NodeId;
use crate::spec::profile::Profile;
use crate::spec::transition::{Call, Transition};

/// How large a model is, and of which profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The family of builds.
    pub profile: Profile,
    /// The number of nodes, `N` in the spec; at least 1.
    pub nodes: usize,
    /// The number of versions, `V` in the spec; at least 2.
    pub versions: u8,
}

impl Scope {
    /// Profile `documented` with this many nodes and versions.
    #[must_use]
    pub const fn documented(nodes: usize, versions: u8) -> Self {
        Self { profile: Profile::Documented, nodes, versions }
    }

    /// The same size in another profile.
    #[must_use]
    pub const fn with_profile(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// The initial state.
    #[must_use]
    pub fn initial(&self) -> Cluster {
        Cluster::initial(self.nodes)
    }

    /// Every transition that this model could ever take.
    #[must_use]
    pub fn transitions(&self) -> Vec<Transition> {
        Transition::every(self.profile, self.nodes, self.versions)
    }

    /// The nodes' numbers.
    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes).map(NodeId::at)
    }
}

/// What an API call that changes state answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Nobody serves: no answer at all.
    Nobody,
    /// 200, and the call's transition is made.
    Success,
    /// 409, and nothing changes.
    Refused,
}

/// A transition relation with the status that it shows. The provided methods are the spec's.
pub trait Semantics: Clone + Send + Sync + 'static {
    /// The status that is shown.
    fn status(&self, cluster: &Cluster) -> ClusterStatus {
        cluster.status()
    }

    /// Whether the transition can be taken.
    fn enabled(&self, cluster: &Cluster, transition: Transition) -> bool {
        transition.enabled(cluster)
    }

    /// What the transition leads to.
    fn apply(&self, cluster: &Cluster, transition: Transition) -> Cluster {
        transition.apply(cluster)
    }

    /// What a call answers in this state.
    fn answer(&self, profile: Profile, cluster: &Cluster, call: Call) -> Answer {
        if !cluster.served() {
            Answer::Nobody
        } else if call
            .transitions(profile)
            .iter()
            .any(|transition| self.enabled(cluster, *transition))
        {
            Answer::Success
        } else {
            Answer::Refused
        }
    }

    /// What a refused call leads to: the same state (API-9).
    fn refused(&self, cluster: &Cluster, _call: Call) -> Cluster {
        cluster.clone()
    }

    /// How many nodes of a cluster, chosen well, decide what a transition does to two of them, and what a property says
    /// of it, whatever the cluster's size; [`crate::check::abstraction`] tells exactly what that means. A number is a
    /// promise, also that it does not matter which node is next to which. Without one nothing is concluded for all
    /// sizes.
    fn decided_by(&self) -> Option<usize> {
        None
    }

    /// Whether renaming the nodes changes nothing: renamed states have the same transitions, renamed, and the same
    /// status and answers. A promise that lets an engine judge one state of each renaming class.
    fn symmetric(&self) -> bool {
        false
    }

    /// Whether renaming the versions, but for the first, changes nothing: renamed states have the same transitions,
    /// renamed, and the same status and answers. A promise that lets an engine judge one state of each such class.
    fn versions_alike(&self) -> bool {
        false
    }

    /// Whether the relation asks little of the other nodes, so that an engine may tabulate it instead of asking for
    /// every state. A promise of three things. Of a set of nodes, only its *summary* counts: which versions are joined,
    /// and whether some node is Active, in Error, Finalizing or FinalizeFailed. A node's transition depends only on
    /// mode, origin, pending tasks, that node, and the summary of the others, and changes only these and that node. An
    /// API call depends on mode, origin, pending tasks and the summary of all nodes, and what it makes of a node also
    /// on that node. It includes [`Semantics::symmetric`], and need only hold in reachable states.
    fn local(&self) -> bool {
        false
    }

    /// Whether the status, what a call answers and what a refused one leads to depend on mode, origin, pending tasks and
    /// the summary of all nodes alone ([`Semantics::local`], which it includes). A promise that lets an engine judge what
    /// one node adds to a state once for all states in which it adds that.
    fn tells_by_summary(&self) -> bool {
        false
    }
}

/// The spec itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spec;

impl Semantics for Spec {
    /// Two nodes, the transition's own, and one for a guard that asks for some node.
    fn decided_by(&self) -> Option<usize> {
        Some(4)
    }

    fn symmetric(&self) -> bool {
        true
    }

    fn versions_alike(&self) -> bool {
        true
    }

    fn local(&self) -> bool {
        true
    }

    fn tells_by_summary(&self) -> bool {
        true
    }
}

/// A model of one size under one semantics: what is explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System<S = Spec> {
    /// Its size and profile.
    pub scope: Scope,
    /// What its transitions do.
    pub semantics: S,
}

impl System<Spec> {
    /// The spec at this size.
    #[must_use]
    pub const fn spec(scope: Scope) -> Self {
        Self { scope, semantics: Spec }
    }
}

impl<S: Semantics> System<S> {
    /// Every transition that is enabled in this state and what it leads to, in the order of the tables.
    #[must_use]
    pub fn successors(&self, cluster: &Cluster) -> Vec<(Transition, Cluster)> {
        self.scope
            .transitions()
            .into_iter()
            .filter(|transition| self.semantics.enabled(cluster, *transition))
            .map(|transition| (transition, self.semantics.apply(cluster, transition)))
            .collect()
    }

    /// The status that is shown.
    pub fn status(&self, cluster: &Cluster) -> ClusterStatus {
        self.semantics.status(cluster)
    }

    /// What a call answers in this state.
    pub fn answer(&self, cluster: &Cluster, call: Call) -> Answer {
        self.semantics.answer(self.scope.profile, cluster, call)
    }
}
