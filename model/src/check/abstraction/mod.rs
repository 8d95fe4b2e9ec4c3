//! Do the safety properties hold for every number of nodes at once? (spec, section 5, "All sizes")
//!
//! **The abstraction.** A cluster of any size is looked at two nodes at a time: its *views* are its mode, origin and
//! pending tasks together with one or two of its nodes ([`views`]). A set of views stands for every cluster, of any
//! size, all of whose views are in it. The least set that has the views of the initial states and is closed under the
//! transitions therefore covers every reachable state of every size. It is found by running the very same
//! [`Semantics`] on all small clusters that the set stands for, up to a *window* of a few nodes.
//!
//! **Why small clusters are enough.** Take a cluster `c`, a transition `t` that is enabled in it, and two nodes `P` of
//! what it leads to. If some sub-cluster `d` of `c` with no more nodes than the window contains `P`, allows `t`, and
//! is changed by it as `c` is, then `P` is a view of what `t` makes of `d`. And `d` is among the small clusters looked
//! at, since all its views are views of `c`. What the spec asks of the nodes is either "none" (no error, no other
//! version joined, none finalizing), which holds in every sub-cluster of one in which it holds; or "some" (served,
//! another version joined, some node left to finalize), for which one node is a witness. No transition needs more
//! than `P`, its own node and one witness, hence four nodes. Nor does any property: its violation is a status or an
//! answer beside what the nodes are, and for that an error, two joined versions and a node that serves are enough
//! witnesses, of which the last is also one of the joined; or else it is about the transition's node and one other.
//! [`Semantics::decided_by`] declares that number; it is [`None`] for a semantics that nobody
//! has argued about, and then the verdict is never "holds". A promise is not taken on trust alone: clusters of one node
//! more are looked at too, and if they show a view that the others did not, nothing "holds" either. The tests check the argument: every concrete transition
//! up to N = 4 and random ones with N = 6 are simulated, and every violation at a larger size shows in the window.
//!
//! **Why not another abstraction.** None or some of each local state, as a bit mask, has 2^16 sets for two versions
//! and 2^30 for three with finalization: too many to enumerate, and it cannot tell that two joined nodes run one
//! version. Backward coverability needs the inverse of each guard, and so a second copy of the relation, blind to planted
//! mutants. Views of two nodes number a few thousand, and say exactly what MODE-8 is about.
//!
//! **Versions.** Where the semantics promises [`Semantics::versions_alike`] and no claim names a version, of clusters that
//! differ by a renaming of the versions but for the first only one is looked at, and the set of views is kept closed under
//! renaming. So sixteen versions cost little more than as many as the nodes of a window can show.
//!
//! Left out: PROC-4 (not safety; liveness is made of claims that are: [`crate::check::fairness`]), and the number of versions, which is a parameter. A set of views can
//! stand for clusters that are not reachable. So a violation is only reported as one with a concrete run to it;
//! without one the verdict is [`Verdict::Undecided`].

mod certificate;
mod leads;
pub mod views;
mod witness;

use std::collections::BTreeMap;
use std::fmt;

use crate::check::path::Path;
use crate::check::sought::Bound;
use crate::spec::cluster::Cluster;
use crate::spec::profile::Profile;
use crate::spec::property::Claim;
use crate::spec::semantics::{Scope, Semantics, System};
use crate::spec::transition::Transition;

pub use certificate::{Certificate, Derived, certificate};
pub use leads::{Leads, Question, leads};
use views::{Pairs, Plane, Views};

/// What is known of a property for all sizes at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds for every number of nodes.
    Holds,
    /// It fails, and this is a run to a state, or over a transition, that breaks it.
    Violated {
        /// The number of nodes of that run; with fewer it was not found to fail.
        nodes: usize,
        /// The run.
        path: Path,
    },
    /// The abstraction cannot tell.
    Undecided(Doubt),
}

/// Why the abstraction cannot tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody declares how many nodes decide what this semantics does, so small clusters say nothing about large ones.
    Unbounded,
    /// Smaller clusters were looked at than are needed.
    Narrow {
        /// The nodes of the largest that were.
        window: usize,
        /// How many nodes it takes.
        needed: usize,
    },
    /// Clusters of more nodes than are declared to decide everything still showed something new.
    Sensitive {
        /// How many nodes they had.
        nodes: usize,
    },
    /// The search was ended before all small clusters were looked at.
    Ended(Bound),
    /// Some small cluster breaks the property, but no run to such a cluster was found: it may be an artefact.
    Unconfirmed {
        /// The cluster that breaks it.
        suspect: Cluster,
        /// The largest number of nodes for which every state, or as many as the limit allows, was searched.
        nodes: usize,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("holds for every number of nodes"),
            Self::Violated { nodes, path } => write!(f, "fails with {nodes} nodes:\n{path}"),
            Self::Undecided(Doubt::Unbounded) => f.write_str(
                "cannot be decided: nothing says how many nodes decide what this cluster does",
            ),
            Self::Undecided(Doubt::Narrow { window, needed }) => write!(
                f,
                "cannot be decided: clusters of {needed} nodes decide, and only {window} were looked at"
            ),
            Self::Undecided(Doubt::Sensitive { nodes }) => write!(
                f,
                "cannot be decided: clusters of {nodes} nodes do what no part of them does"
            ),
            Self::Undecided(Doubt::Ended(bound)) => {
                write!(f, "cannot be decided: ended by {}", bound.text())
            }
            Self::Undecided(Doubt::Unconfirmed { suspect, nodes }) => write!(
                f,
                "cannot be decided: `{suspect}` breaks it, but no run to it was found with up to {nodes} nodes"
            ),
        }
    }
}

/// What was proved, and how much was looked at.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The largest small cluster that was looked at.
    pub window: usize,
    /// The views that cover every reachable state.
    pub views: Views,
    /// The size of the largest clusters that showed a view which no smaller ones had.
    pub widest: usize,
    /// How many small clusters were looked at.
    pub clusters: u64,
    /// A verdict for each claim, in the order asked.
    pub verdicts: Vec<Verdict>,
}

/// The reason to end the search now, if there is one.
type Stop<'a> = &'a dyn Fn() -> Option<Bound>;

/// How many clusters are looked at between two questions whether to go on.
const CLUSTERS_A_LOOK: u64 = 1 << 10;

/// How many nodes decide the spec: assumed, for want of better, where a semantics declares nothing.
const DECIDED_BY: usize = 4;

/// How many bytes the views take at the most while they are looked for: those that are known, and for each size of cluster
/// those with which it was looked at last.
#[must_use]
pub fn needs<S: Semantics>(semantics: &S, scope: Scope) -> u64 {
    let sizes = semantics.decided_by().unwrap_or(DECIDED_BY) as u64 + 1;
    Views::bytes_max(scope.profile, scope.versions) * (sizes + 2)
}

/// Judges the claims for every number of nodes at once, and looks at one node more than is promised to be enough.
#[must_use]
pub fn prove<S: Semantics>(
    semantics: &S,
    profile: Profile,
    versions: u8,
    claims: &[Claim<S>],
    stop: Stop<'_>,
) -> Proof {
    let window = semantics.decided_by().unwrap_or(DECIDED_BY) + 1;
    prove_within(semantics, profile, versions, claims, window, stop)
}

/// As [`prove`], looking at clusters of no more nodes than the window. With the promised number it takes the promise on
/// trust, and is several times faster.
#[must_use]
pub fn prove_within<S: Semantics>(
    semantics: &S,
    profile: Profile,
    versions: u8,
    claims: &[Claim<S>],
    window: usize,
    stop: Stop<'_>,
) -> Proof {
    let bound = semantics.decided_by();
    let mut suspects: Vec<Option<Cluster>> = vec![None; claims.len()];
    let mut clusters: u64 = 0;
    let mut ended = None;
    let alike = semantics.versions_alike() && !claims.iter().any(Claim::tells_versions_apart);
    let search = Search { semantics, profile, versions, window, alike };
    let closed = search.closure(
        search.initial(),
        |_| true,
        |system, cluster, steps| {
            clusters += 1;
            for (claim, suspect) in claims.iter().zip(&mut suspects) {
                if suspect.is_none()
                    && !(claim.holds_of(system, cluster)
                        && claim.broken_among(system, cluster, steps).is_none())
                {
                    *suspect = Some(cluster.clone());
                }
            }
            if clusters.is_multiple_of(CLUSTERS_A_LOOK) {
                ended = stop();
            }
            ended.is_none()
        },
    );
    let verdicts = (claims.iter().zip(suspects))
        .map(|(claim, suspect)| match (suspect, bound) {
            (None, _) if ended.is_some() => {
                Verdict::Undecided(Doubt::Ended(ended.unwrap_or(Bound::Interrupted)))
            }
            (None, Some(needed)) if window < needed => {
                Verdict::Undecided(Doubt::Narrow { window, needed })
            }
            (None, Some(needed)) if closed.widest > needed => {
                Verdict::Undecided(Doubt::Sensitive { nodes: closed.widest })
            }
            (None, Some(_)) => Verdict::Holds,
            (None, None) => Verdict::Undecided(Doubt::Unbounded),
            (Some(suspect), _) => witness::confirm(semantics, profile, versions, claim, suspect),
        })
        .collect();
    Proof { window, views: closed.views, widest: closed.widest, clusters, verdicts }
}

/// A set of views that is closed under the transitions.
struct Closure {
    views: Views,
    /// The size of the largest clusters that showed a view which no smaller ones had.
    widest: usize,
}

/// How the small clusters are looked at.
#[derive(Clone, Copy, Debug)]
struct Search<'a, S> {
    semantics: &'a S,
    profile: Profile,
    versions: u8,
    /// The nodes of the largest.
    window: usize,
    /// Whether those that differ by a renaming of the versions but for the first are one.
    alike: bool,
}

impl<S: Semantics> Search<'_, S> {
    /// The views of the initial states.
    fn initial(&self) -> Views {
        let mut views = Views::none(self.profile, self.versions);
        for nodes in 1..=2 {
            views.absorb(&Cluster::initial(nodes), self.alike);
        }
        views
    }

    /// The least set that has these views and is closed under those transitions that are `followed`, of every cluster
    /// that it stands for, up to the window. Each such cluster is shown once, with its transitions; where `visit` says
    /// no, the search ends before the set is closed.
    fn closure(
        &self,
        mut views: Views,
        follow: impl Fn(Seen<'_, S>) -> bool,
        mut visit: impl FnMut(&System<S>, &Cluster, &[(Transition, Cluster)]) -> bool,
    ) -> Closure {
        // Nodes that look alike do alike, unless it matters which node is next to which.
        let symmetric = self.semantics.decided_by().is_some();
        let systems: Vec<_> = (1..=self.window)
            .map(|nodes| {
                let scope = Scope { profile: self.profile, nodes, versions: self.versions };
                let semantics = self.semantics.clone();
                (System { scope, semantics }, scope.transitions())
            })
            .collect();
        let mut seen: BTreeMap<(usize, Plane), Pairs> = BTreeMap::new();
        let (mut size, mut widest, mut goes_on) = (1, 0, true);
        while size <= self.window && goes_on {
            let (system, transitions) = &systems[size - 1];
            let mut grown = false;
            for plane in views.planes() {
                let pairs = views.pairs(plane).clone();
                let known = seen.insert((size, plane), pairs.clone());
                let versions = (self.versions, self.alike);
                views::clusters(&pairs, known.as_ref(), plane, versions, size, |cluster| {
                    if !goes_on {
                        return;
                    }
                    let steps = steps(system, transitions, cluster, symmetric);
                    goes_on = visit(system, cluster, &steps);
                    for (transition, after) in &steps {
                        if follow((system, *transition, after)) {
                            grown |= views.absorb(after, self.alike);
                        }
                    }
                });
            }
            if grown {
                widest = widest.max(size);
            }
            // Smaller clusters first: there are fewer of them, and a violation is best shown small.
            size = if grown { 1 } else { size + 1 };
        }
        Closure { views, widest }
    }
}

/// A transition, and what it leads to.
type Seen<'a, S> = (&'a System<S>, Transition, &'a Cluster);

/// The transitions out of a cluster whose nodes are sorted; with `symmetric` only of the first of equal nodes.
fn steps<S: Semantics>(
    system: &System<S>,
    transitions: &[Transition],
    cluster: &Cluster,
    symmetric: bool,
) -> Vec<(Transition, Cluster)> {
    let stands_for_itself = |transition: &Transition| {
        let index = transition.node().map_or(0, |id| id.index());
        !symmetric || index == 0 || cluster.nodes[index] != cluster.nodes[index - 1]
    };
    (transitions.iter().copied())
        .filter(stands_for_itself)
        .filter(|transition| system.semantics.enabled(cluster, *transition))
        .map(|transition| (transition, system.semantics.apply(cluster, transition)))
        .collect()
}
