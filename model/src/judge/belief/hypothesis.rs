//! What is one explanation of what was seen, and what may happen to it unseen? (spec, section 8; listings: section 7)
//!
//! Beside a state it holds what a state does not tell: how far each node's requests have come, and which older listing
//! of a node still conforms. Which explanations there are is the business of the belief.

use std::hash::{Hash, Hasher};

use crate::judge::seen::{Request, SeenNode, SeenVersion};
use crate::spec::cluster::{Cluster, Joined, Mode};
use crate::spec::node::{NodeId, NodeStatus, Phase, Version};
use crate::spec::profile::Profile;
use crate::spec::transition::{Call, Transition};

/// A set of versions, by index: the model has sixteen at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Versions(u16);

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

    /// Whether an entry may give its version so. Where a version must be given is a matter of the answer's shape (section 1).
    const fn may_be(self, seen: SeenVersion) -> bool {
        match seen {
            SeenVersion::Known(version) => self.has(version),
            SeenVersion::Nothing => true,
            SeenVersion::Foreign(_) => false,
        }
    }
}

/// How a node is listed.
#[derive(Clone, Copy, Debug)]
struct Listing {
    status: Option<NodeStatus>,
    versions: Versions,
}

impl Listing {
    fn is(self, seen: Option<SeenNode>) -> bool {
        match seen {
            None => self.status.is_none(),
            // A silent entry says nothing.
            Some(seen) => {
                seen.silent() || self.status == seen.status && self.versions.may_be(seen.version)
            }
        }
    }
}

/// The listings of a node from before it was shut down or booted, each of which may still be what is listed (section 7):
/// by status, not listed first, the versions. A set, so that to lag behind and to have caught up is one hypothesis, not two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stale([Versions; 10]);

impl Stale {
    const fn place(status: Option<NodeStatus>) -> usize {
        match status {
            None => 0,
            Some(status) => 1 + status as usize,
        }
    }

    fn is_empty(self) -> bool {
        self == Self::default()
    }

    fn with(mut self, listing: Listing) -> Self {
        self.0[Self::place(listing.status)].0 |= listing.versions.0;
        self
    }

    fn or(mut self, other: Self) -> Self {
        for (mine, other) in self.0.iter_mut().zip(other.0) {
            mine.0 |= other.0;
        }
        self
    }

    /// Those that are listed so.
    fn being(self, seen: Option<SeenNode>) -> Self {
        if seen.is_some_and(SeenNode::silent) {
            return self;
        }
        let place = Self::place(seen.and_then(|seen| seen.status));
        let mut left = Self::default();
        left.0[place] = match seen.map(|seen| seen.version) {
            None | Some(SeenVersion::Nothing) => self.0[place],
            // What an OFFLINE node had before is listed in any order.
            Some(seen @ SeenVersion::Known(_))
                if place == Self::place(Some(NodeStatus::Offline))
                    && self.0[place].may_be(seen) =>
            {
                self.0[place]
            }
            Some(SeenVersion::Known(version)) => {
                Versions(self.0[place].0 & Versions::only(version).0)
            }
            Some(SeenVersion::Foreign(_)) => Versions::default(),
        };
        left
    }
}

/// What a node may be listed as beside what its phase says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Listed {
    /// What it ran or had installed since it went down: any of it may be listed while OFFLINE (section 7).
    shown: Versions,
    /// It may still be listed so.
    stale: Stale,
}

/// What a state does not tell of a node.
#[derive(Clone, Copy, Debug)]
struct Untold {
    past: Past,
    listed: Listed,
}

/// What has come of what was asked of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Past {
    /// How many of its requests have taken effect (or came to nothing).
    taken: u16,
    /// Its next upgrade tasks are made to fail.
    doomed: bool,
}

/// One explanation of what was seen: a state, and how far each node's requests have come.
///
/// Two are the same when these are, whatever either may be listed as: where they meet they are joined, so that
/// the number of explanations does not grow with the ways to the same state.
#[derive(Clone, Debug)]
pub struct Hypothesis {
    /// The state.
    pub cluster: Cluster,
    /// By node.
    untold: Vec<Untold>,
    /// A call whose answer did not come in time: it may still take effect (section 7).
    late: Option<Call>,
    /// The version that joined nodes ran last, as far as they ran one.
    ran: Version,
}

impl PartialEq for Hypothesis {
    fn eq(&self, other: &Self) -> bool {
        (&self.cluster, self.late, self.ran) == (&other.cluster, other.late, other.ran)
            && (self.untold.iter().zip(&other.untold)).all(|(one, other)| one.past == other.past)
    }
}

impl Eq for Hypothesis {}

impl Hash for Hypothesis {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Cluster { mode, origin, tasks_pending, nodes } = &self.cluster;
        (mode, origin, tasks_pending, self.late, self.ran).hash(state);
        for (node, Untold { past, .. }) in nodes.iter().zip(&self.untold) {
            // One word a node: that is what the time of a closure goes into.
            let (phase, version) = (node.phase as u64, u64::from(node.version.0));
            let (taken, doomed) = (u64::from(past.taken), u64::from(past.doomed));
            state.write_u64(phase | version << 8 | taken << 16 | doomed << 32);
        }
    }
}

impl Hypothesis {
    /// This state, with so many requests behind each node and every listing up to date.
    pub(super) fn settled_in(cluster: Cluster, taken: &[usize]) -> Self {
        let taken = taken.iter().map(|taken| u16::try_from(*taken).unwrap_or(u16::MAX));
        let untold = (cluster.nodes.iter().zip(taken))
            .map(|(node, taken)| Untold {
                past: Past { taken, doomed: false },
                listed: Listed { shown: Versions::only(node.version), stale: Stale::default() },
            })
            .collect();
        let ran = ran(&cluster).unwrap_or(Version::ORIGINAL);
        Self { cluster, untold, late: None, ran }
    }

    /// Lets this hypothesis be listed as the same one was elsewhere; whether that is new.
    pub(super) fn join(&mut self, same: &Self) -> bool {
        let mut wider = false;
        for (mine, other) in self.untold.iter_mut().zip(&same.untold) {
            let (mine, other) = (&mut mine.listed, other.listed);
            let joined = Listed {
                shown: Versions(mine.shown.0 | other.shown.0),
                stale: mine.stale.or(other.stale),
            };
            wider |= joined != *mine;
            *mine = joined;
        }
        wider
    }

    /// Whether the same hypothesis is listed in the same way, too.
    pub(super) fn is_listed_as(&self, same: &Self) -> bool {
        self.untold.iter().zip(&same.untold).all(|(one, other)| one.listed == other.listed)
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
            self.untold[id.index()].listed.shown
        } else {
            Versions::only(node.version)
        };
        Listing { status: node.phase.listed(), versions }
    }

    /// Whether the state's nodes are listed so.
    #[must_use]
    pub fn lists_nodes(&self, nodes: &[Option<SeenNode>]) -> bool {
        nodes.iter().enumerate().all(|(index, seen)| self.lists_node(NodeId::at(index), *seen))
    }

    /// Whether one node is listed so.
    #[must_use]
    pub fn lists_node(&self, id: NodeId, seen: Option<SeenNode>) -> bool {
        self.listing(id).is(seen) || !self.untold[id.index()].listed.stale.being(seen).is_empty()
    }

    /// The same after a node was listed so: what it was listed as before that is over.
    pub(super) fn having_listed(mut self, id: NodeId, seen: Option<SeenNode>) -> Self {
        let stale = &mut self.untold[id.index()].listed.stale;
        *stale = stale.being(seen);
        self
    }

    /// The same after the nodes were listed so.
    pub(super) fn having_listed_all(self, nodes: &[Option<SeenNode>]) -> Self {
        nodes.iter().enumerate().fold(self, |hypothesis, (index, seen)| {
            hypothesis.having_listed(NodeId::at(index), *seen)
        })
    }

    /// The same after a node listed itself so: it may know better than the others do.
    pub(super) fn having_listed_itself(self, id: NodeId, seen: SeenNode) -> Self {
        if self.listing(id).is(Some(seen)) { self } else { self.having_listed(id, Some(seen)) }
    }

    /// The same after every listing has caught up.
    pub(super) fn caught_up(&self) -> Self {
        let mut caught_up = self.clone();
        for untold in &mut caught_up.untold {
            untold.listed.stale = Stale::default();
        }
        caught_up
    }

    /// Whether upgrade mode and original version are shown so.
    #[must_use]
    pub fn shows_mode(&self, mode: Mode, origin: SeenVersion) -> bool {
        let expected = self.cluster.origin.map_or(SeenVersion::Nothing, SeenVersion::Known);
        self.cluster.mode == mode && origin == expected
    }

    /// How many of the node's requests have taken effect.
    pub(super) fn taken(&self, id: NodeId) -> usize {
        usize::from(self.untold[id.index()].past.taken)
    }

    /// Whether none of the requests, by node, is left.
    pub(super) fn has_taken(&self, requests: &[Vec<Request>]) -> bool {
        self.waits_for(requests).next().is_none()
    }

    /// Those of the requests, by node, that are left.
    pub(super) fn waits_for<'a>(
        &'a self,
        requests: &'a [Vec<Request>],
    ) -> impl Iterator<Item = (NodeId, Request)> + 'a {
        requests.iter().enumerate().flat_map(|(index, requests)| {
            let id = NodeId::at(index);
            requests[self.taken(id)..].iter().map(move |request| (id, *request))
        })
    }

    /// Counts from here on, after these many of each node's requests were dropped.
    pub(super) fn without(mut self, dropped: &[usize]) -> Self {
        for (Untold { past, .. }, count) in self.untold.iter_mut().zip(dropped) {
            past.taken -= u16::try_from(*count).unwrap_or(past.taken);
        }
        self
    }

    /// Whether the node may still be listed as it was before it was shut down or booted (section 7).
    #[must_use]
    pub fn may_lag(&self, id: NodeId) -> bool {
        !self.untold[id.index()].listed.stale.is_empty()
    }

    /// Whether some node may still be listed as before.
    pub(super) fn some_node_may_lag(&self) -> bool {
        self.untold.iter().any(|untold| !untold.listed.stale.is_empty())
    }

    /// The same after a transition.
    pub(super) fn after(&self, transition: Transition) -> Self {
        let cluster = transition.apply(&self.cluster);
        let ran = ran(&cluster).unwrap_or(self.ran);
        let mut next = Self { cluster, untold: self.untold.clone(), late: self.late, ran };
        for (Untold { listed, .. }, node) in next.untold.iter_mut().zip(&next.cluster.nodes) {
            listed.shown = if node.phase.joined() {
                Versions::only(node.version)
            } else {
                listed.shown.with(node.version)
            };
        }
        next
    }

    /// Whether a build may keep the node out because its version is below the one that the cluster comes from (section 7,
    /// "Versions below the original").
    fn below(&self, id: NodeId) -> bool {
        self.cluster.node(id).version < self.cluster.origin.unwrap_or(self.ran)
    }

    /// What happens to a node by itself next, if anything does.
    fn spontaneous(
        &self,
        id: NodeId,
        refuses_below: bool,
    ) -> impl Iterator<Item = Transition> + use<'_> {
        let kept_out = refuses_below
            && self.cluster.node(id).phase == Phase::StartingOut
            && self.below(id)
            && self.cluster.joinable(id);
        Transition::spontaneous(id)
            .into_iter()
            .filter(|transition| transition.enabled(&self.cluster))
            .chain(kept_out.then_some(Transition::Reject(id)))
    }

    /// Whether anything happens by itself.
    pub(super) fn moves(&self, refuses_below: bool) -> bool {
        (self.cluster.numbered())
            .any(|(id, _)| self.spontaneous(id, refuses_below).next().is_some())
    }

    /// What may happen unseen next: a node's next request or a late call takes effect, or something happens by itself.
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
            let moves = self.spontaneous(id, refuses_below);
            successors.extend(moves.map(|transition| self.by_itself(transition)));
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
        taken.untold[id.index()].past.taken += 1;
        let mut other = None;
        if enabled && matches!(request, Request::Stop | Request::Kill | Request::Boot) {
            // A node that was shut down or booted may be listed as before, for a while.
            let stale = &mut taken.untold[id.index()].listed.stale;
            *stale = stale.with(self.listing(id));
        }
        if enabled && request == Request::Repair && below {
            other = Some(taken.after(Transition::Reject(id)));
        }
        if !enabled && request == Request::FailTasks {
            // No tasks run now: whether the next ones fail, or nothing comes of it, is open.
            let mut armed = taken.clone();
            armed.untold[id.index()].past.doomed = true;
            other = Some(armed);
        }
        [taken].into_iter().chain(other)
    }

    /// The same after something that happens by itself: upgrade tasks that are made to fail do so.
    fn by_itself(&self, transition: Transition) -> Self {
        if let Transition::FinalizeOk(id) = transition
            && self.untold[id.index()].past.doomed
        {
            let mut failed = self.after(Transition::FinalizeFail(id));
            failed.untold[id.index()].past.doomed = false;
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
