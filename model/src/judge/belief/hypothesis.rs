//! What is one explanation of what was seen, and what may happen to it unseen? (spec, section 8; listings: section 7)
//!
//! Beside a state it holds what a state does not tell: how far each node's requests have come, and which older listing
//! of a node still conforms. Which explanations there are is the business of the belief.

use crate::judge::seen::{Request, SeenNode, SeenVersion};
use crate::spec::cluster::{Cluster, Joined, Mode};
use crate::spec::node::{NodeId, NodeStatus, Phase, Version};
use crate::spec::profile::Profile;
use crate::spec::transition::{Call, Transition};

/// A set of versions, by index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Versions(u32);

impl Versions {
    const fn only(version: Version) -> Self {
        Self(1 << version.0)
    }

    const fn with(self, version: Version) -> Self {
        Self(self.0 | 1 << version.0)
    }

    const fn has(self, version: Version) -> bool {
        self.0 & 1 << version.0 != 0
    }
}

/// How a node is listed, and may be beyond the moment when it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Listing {
    status: Option<NodeStatus>,
    versions: Versions,
}

impl Listing {
    fn is(self, seen: Option<SeenNode>) -> bool {
        let Some(seen) = seen else {
            return self.status.is_none();
        };
        // A silent entry says nothing; where a version must be given is a matter of the answer's shape (section 1).
        seen.silent()
            || self.status == seen.status
                && match seen.version {
                    SeenVersion::Known(version) => self.versions.has(version),
                    SeenVersion::Nothing => true,
                    SeenVersion::Foreign(_) => false,
                }
    }
}

/// What a state does not tell of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Past {
    /// How many of its requests have taken effect (or came to nothing).
    taken: usize,
    /// What it ran or had installed since it went down: any of it may be listed while OFFLINE (section 7).
    shown: Versions,
    /// Its next upgrade tasks are made to fail.
    doomed: bool,
    /// It is still listed so, as before it was shut down or booted (section 7).
    lagging: Option<Listing>,
}

/// One explanation of what was seen: a state, and how far each node's requests have come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hypothesis {
    /// The state.
    pub cluster: Cluster,
    /// By node.
    past: Vec<Past>,
    /// A call whose answer did not come in time: it may still take effect (section 7).
    late: Option<Call>,
    /// The version that joined nodes ran last, as far as they ran one.
    ran: Version,
}

impl Hypothesis {
    /// This state, with so many requests behind each node and every listing up to date.
    pub(super) fn settled_in(cluster: Cluster, taken: &[usize]) -> Self {
        let past = cluster
            .nodes
            .iter()
            .zip(taken)
            .map(|(node, taken)| Past {
                taken: *taken,
                shown: Versions::only(node.version),
                doomed: false,
                lagging: None,
            })
            .collect();
        let ran = ran(&cluster).unwrap_or(Version::ORIGINAL);
        Self { cluster, past, late: None, ran }
    }

    /// The same with a call under way of which nobody said what became of it.
    pub(super) fn with_late(&self, call: Call) -> Self {
        Self { late: Some(call), ..self.clone() }
    }

    /// The same with nothing more to come of a call under way.
    pub(super) fn without_late(&self) -> Self {
        Self { late: None, ..self.clone() }
    }

    /// Whether a call may still take effect.
    pub(super) const fn is_late(&self) -> bool {
        self.late.is_some()
    }

    /// How the node is listed once every listing has caught up.
    fn listing(&self, id: NodeId) -> Listing {
        let node = self.cluster.node(id);
        let versions = if node.phase == Phase::Offline {
            self.past[id.index()].shown
        } else {
            Versions::only(node.version)
        };
        Listing { status: node.phase.listed(), versions }
    }

    /// How the node is listed now.
    fn latest_listing(&self, id: NodeId) -> Listing {
        let lagging = self.past[id.index()].lagging;
        lagging.unwrap_or_else(|| self.listing(id))
    }

    /// Whether the state's nodes are listed so.
    #[must_use]
    pub fn lists_nodes(&self, nodes: &[Option<SeenNode>]) -> bool {
        nodes.iter().enumerate().all(|(index, seen)| self.lists_node(NodeId::at(index), *seen))
    }

    /// Whether one node is listed so.
    #[must_use]
    pub fn lists_node(&self, id: NodeId, seen: Option<SeenNode>) -> bool {
        self.latest_listing(id).is(seen)
    }

    /// Whether a node that answers lists itself so: it may know better than the others do.
    pub(super) fn lists_itself(&self, id: NodeId, seen: SeenNode) -> bool {
        self.lists_node(id, Some(seen)) || self.listing(id).is(Some(seen))
    }

    /// Whether upgrade mode and original version are shown so.
    #[must_use]
    pub fn shows_mode(&self, mode: Mode, origin: SeenVersion) -> bool {
        let expected = self.cluster.origin.map_or(SeenVersion::Nothing, SeenVersion::Known);
        self.cluster.mode == mode && origin == expected
    }

    /// How many of the node's requests have taken effect.
    pub(super) fn taken(&self, id: NodeId) -> usize {
        self.past[id.index()].taken
    }

    /// Whether none of the requests, by node, is left.
    pub(super) fn has_taken(&self, requests: &[Vec<Request>]) -> bool {
        self.past.iter().zip(requests).all(|(past, requests)| past.taken == requests.len())
    }

    /// Counts from here on, after these many of each node's requests were dropped.
    pub(super) fn without(mut self, dropped: &[usize]) -> Self {
        for (past, count) in self.past.iter_mut().zip(dropped) {
            past.taken -= count;
        }
        self
    }

    /// Whether the node is still listed as it was before it was shut down or booted (section 7).
    #[must_use]
    pub fn lags(&self, id: NodeId) -> bool {
        self.past[id.index()].lagging.is_some()
    }

    /// Whether some node is still listed as before.
    pub(super) fn some_node_lags(&self) -> bool {
        self.past.iter().any(|past| past.lagging.is_some())
    }

    /// The same after a transition.
    pub(super) fn after(&self, transition: Transition) -> Self {
        let cluster = transition.apply(&self.cluster);
        let ran = ran(&cluster).unwrap_or(self.ran);
        let mut next = Self { cluster, past: self.past.clone(), late: self.late, ran };
        for (past, node) in next.past.iter_mut().zip(&next.cluster.nodes) {
            past.shown = if node.phase.joined() {
                Versions::only(node.version)
            } else {
                past.shown.with(node.version)
            };
        }
        next
    }

    /// Whether a build may keep the node out because its version is below the one that the cluster comes from (section 7,
    /// "Versions below the original").
    fn below(&self, id: NodeId) -> bool {
        self.cluster.node(id).version < self.cluster.origin.unwrap_or(self.ran)
    }

    /// What may happen unseen next: a node's next request or a late call takes effect, a listing catches up, or something
    /// happens by itself.
    pub(super) fn successors(
        &self,
        (profile, refuses_below): (Profile, bool),
        requests: &[Vec<Request>],
    ) -> Vec<Self> {
        let mut successors = Vec::new();
        if let Some(call) = self.late {
            let handled = self.without_late();
            let made = call.transitions(profile).iter();
            let made = made.filter(|transition| transition.enabled(&self.cluster));
            successors.extend(made.map(|transition| handled.after(*transition)));
            successors.push(handled);
        }
        for (id, _) in self.cluster.numbered() {
            if let Some(request) = requests[id.index()].get(self.taken(id)) {
                let below = refuses_below && self.below(id);
                successors.extend(self.taking(id, *request, below));
            }
            if self.lags(id) {
                let mut caught_up = self.clone();
                caught_up.past[id.index()].lagging = None;
                successors.push(caught_up);
            }
            successors.extend(
                Transition::spontaneous(id)
                    .into_iter()
                    .filter(|transition| transition.enabled(&self.cluster))
                    .map(|transition| self.by_itself(transition)),
            );
            let phase = self.cluster.node(id).phase;
            if refuses_below
                && phase == Phase::StartingOut
                && self.below(id)
                && self.cluster.joinable(id)
            {
                successors.push(self.after(Transition::Reject(id)));
            }
        }
        successors
    }

    /// The same after a node's next request took effect, or came to nothing because its guard does not hold; with the
    /// other thing that this may mean, if it may mean two.
    fn taking(
        &self,
        id: NodeId,
        request: Request,
        below: bool,
    ) -> impl Iterator<Item = Self> + use<> {
        let transition = request.transition(id);
        let enabled = transition.enabled(&self.cluster);
        let mut taken = if enabled { self.after(transition) } else { self.clone() };
        taken.past[id.index()].taken += 1;
        let mut other = None;
        if enabled && matches!(request, Request::Stop | Request::Kill | Request::Boot) {
            // A node that was shut down or booted may be listed as before, for a while.
            let mut late = taken.clone();
            late.past[id.index()].lagging = Some(self.latest_listing(id));
            other = Some(late);
        }
        if enabled && request == Request::Repair && below {
            other = Some(taken.after(Transition::Reject(id)));
        }
        if !enabled && request == Request::FailTasks {
            // No tasks run now: whether the next ones fail, or nothing comes of it, is open.
            let mut armed = taken.clone();
            armed.past[id.index()].doomed = true;
            other = Some(armed);
        }
        [taken].into_iter().chain(other)
    }

    /// The same after something that happens by itself: upgrade tasks that are made to fail do so.
    fn by_itself(&self, transition: Transition) -> Self {
        if let Transition::FinalizeOk(id) = transition
            && self.past[id.index()].doomed
        {
            let mut failed = self.after(Transition::FinalizeFail(id));
            failed.past[id.index()].doomed = false;
            return failed;
        }
        self.after(transition)
    }
}

/// The one version that the joined nodes run, if they run one.
fn ran(cluster: &Cluster) -> Option<Version> {
    match cluster.joined() {
        Joined::One(version) => Some(version),
        Joined::Nobody | Joined::Several => None,
    }
}
