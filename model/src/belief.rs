//! Which states of the model explain everything seen so far? (spec, section 8, with the readings of section 7)
//!
//! A belief is a set of hypotheses: states, closed under hidden transitions and under requested steps that may not have
//! taken effect yet. An answer that no hypothesis explains is a deviation; [`crate::blame`] names its rule. What is
//! seen is given in the model's words here; HTTP and JSON are the business of whoever asks.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cluster::{Cluster, ClusterStatus, Mode};
use crate::node::{Node, NodeId, NodeStatus, Phase, Version};
use crate::profile::Profile;
use crate::semantics::Scope;
use crate::transition::{Call, Transition};

/// A step of the operator or a fault that a driver can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Shut the node down gracefully.
    Stop,
    /// Shut it down altogether.
    Kill,
    /// Install this version.
    Install(Version),
    /// Start it.
    Boot,
    /// Make something go wrong on it.
    Break,
    /// Fix the error in place.
    Repair,
    /// Make its current or next upgrade tasks fail (profile `finalization`).
    FailTasks,
}

impl Request {
    /// The command's name in the target file and in traces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Install(_) => "install",
            Self::Boot => "boot",
            Self::Break => "break",
            Self::Repair => "repair",
            Self::FailTasks => "fail_tasks",
        }
    }

    /// The transition that it asks for.
    #[must_use]
    pub const fn transition(self, id: NodeId) -> Transition {
        match self {
            Self::Stop => Transition::Stop(id),
            Self::Kill => Transition::Kill(id),
            Self::Install(version) => Transition::Install(id, version),
            Self::Boot => Transition::Boot(id),
            Self::Break => Transition::Break(id),
            Self::Repair => Transition::Repair(id),
            Self::FailTasks => Transition::FinalizeFail(id),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Install(version) => write!(f, "install {version}"),
            Self::Stop | Self::Kill | Self::Boot | Self::Break | Self::Repair | Self::FailTasks => {
                f.pad(self.name())
            }
        }
    }
}

/// The version that an answer gives for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeenVersion {
    /// One of the versions that the model knows.
    Known(Version),
    /// A version that it does not know.
    Foreign,
    /// None: the field is absent or null, which conforms while the node is OFFLINE (section 7).
    Nothing,
}

/// One node as an answer lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeenNode {
    /// Its status.
    pub status: NodeStatus,
    /// Its version.
    pub version: SeenVersion,
}

/// The cluster as an overview lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Overview {
    /// Upgrade mode.
    pub mode: Mode,
    /// The original version; [`SeenVersion::Nothing`] when none is given.
    pub origin: SeenVersion,
    /// The cluster's status.
    pub status: ClusterStatus,
    /// `hasFinalizationTasks`; `None` in profile `documented`.
    pub tasks_pending: Option<bool>,
    /// Each node by number; `None` when it is not listed.
    pub nodes: Vec<Option<SeenNode>>,
}

/// One answer, or its absence, in the model's words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Observation {
    /// The overview.
    Overview(Overview),
    /// The status call: the cluster's status, which node answers, and how it lists itself.
    State(ClusterStatus, NodeId, SeenNode),
    /// The node call; `None` is 404.
    Node(NodeId, Option<SeenNode>),
}

/// What came back from a call that changes state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It took effect.
    Success,
    /// It was refused.
    Refused,
    /// Nobody said; it may or may not have taken effect.
    Unknown,
}

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

/// One explanation of what was seen: a state, and how far each node's requests have come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hypothesis {
    /// The state.
    pub cluster: Cluster,
    /// How many of each node's requests have taken effect (or came to nothing).
    taken: Vec<usize>,
    /// What each node ran or had installed since it went down: any of it may be listed while OFFLINE (section 7).
    shown: Vec<Versions>,
    /// Nodes whose next upgrade tasks are made to fail.
    doomed: Vec<bool>,
    /// Nodes that are still listed as they were before they were shut down or booted (section 7).
    lagging: Vec<Option<Listing>>,
}

/// A listing that lasts beyond the moment when the node changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Listing {
    status: Option<NodeStatus>,
    versions: Versions,
}

impl Hypothesis {
    fn settled_in(cluster: Cluster, taken: Vec<usize>) -> Self {
        let shown = cluster
            .nodes
            .iter()
            .map(|node| Versions::only(node.version))
            .collect();
        let doomed = vec![false; cluster.nodes.len()];
        let lagging = vec![None; cluster.nodes.len()];
        Self {
            cluster,
            taken,
            shown,
            doomed,
            lagging,
        }
    }

    fn after(&self, transition: Transition) -> Self {
        let mut next = Self {
            cluster: transition.apply(&self.cluster),
            ..self.clone()
        };
        for (shown, node) in next.shown.iter_mut().zip(&next.cluster.nodes) {
            *shown = if node.phase.joined() {
                Versions::only(node.version)
            } else {
                shown.with(node.version)
            };
        }
        next
    }

    /// How the node is listed once every listing has caught up.
    fn listing(&self, id: NodeId) -> Listing {
        let node = self.cluster.node(id);
        let versions = if node.phase == Phase::Offline {
            self.shown[id.index()]
        } else {
            Versions::only(node.version)
        };
        Listing {
            status: node.phase.listed(),
            versions,
        }
    }

    fn lists(&self, id: NodeId, seen: Option<SeenNode>) -> bool {
        self.lagging[id.index()]
            .unwrap_or_else(|| self.listing(id))
            .is(seen)
    }

    /// The same, still listed as before: a node that was shut down or booted may be, for a while.
    fn still_listed_as(mut self, before: &Self, id: NodeId) -> Self {
        let old = before.lagging[id.index()].unwrap_or_else(|| before.listing(id));
        self.lagging[id.index()] = Some(old);
        self
    }

    /// Whether the state's nodes are listed so.
    #[must_use]
    pub fn lists_nodes(&self, nodes: &[Option<SeenNode>]) -> bool {
        nodes
            .iter()
            .enumerate()
            .all(|(index, seen)| self.lists(NodeId::at(index), *seen))
    }

    /// Whether one node is listed so.
    #[must_use]
    pub fn lists_node(&self, id: NodeId, seen: Option<SeenNode>) -> bool {
        self.lists(id, seen)
    }

    /// Whether the node is still listed as it was before it was shut down or booted (section 7).
    #[must_use]
    pub fn lags(&self, id: NodeId) -> bool {
        self.lagging[id.index()].is_some()
    }

    /// Whether upgrade mode and original version are shown so.
    #[must_use]
    pub fn shows_mode(&self, mode: Mode, origin: SeenVersion) -> bool {
        let expected = self
            .cluster
            .origin
            .map_or(SeenVersion::Nothing, SeenVersion::Known);
        self.cluster.mode == mode && origin == expected
    }
}

impl Listing {
    fn is(self, seen: Option<SeenNode>) -> bool {
        let Some(seen) = seen else {
            return self.status.is_none();
        };
        let offline = seen.status == NodeStatus::Offline;
        self.status == Some(seen.status)
            && match seen.version {
                SeenVersion::Known(version) => self.versions.has(version),
                // Section 7: an OFFLINE node's version may be absent or null.
                SeenVersion::Nothing => offline,
                SeenVersion::Foreign => false,
            }
    }
}

/// A status that an endpoint is known to show in place of another: reported once, then tolerated, so that one fault
/// neither hides nor multiplies others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WrongStatus {
    /// The model's.
    pub expected: ClusterStatus,
    /// The one shown.
    pub shown: ClusterStatus,
}

/// The hypotheses that explain everything seen so far.
#[derive(Clone, Debug)]
pub struct Belief {
    scope: Scope,
    requests: Vec<Vec<Request>>,
    hypotheses: BTreeSet<Hypothesis>,
    tolerated: BTreeSet<WrongStatus>,
    tolerated_tasks: bool,
    tolerated_origin: bool,
}

impl Belief {
    /// Certainty that the cluster is in this state, with nothing requested.
    #[must_use]
    pub fn certain(scope: Scope, cluster: Cluster) -> Self {
        let nodes = cluster.nodes.len();
        Self {
            scope,
            requests: vec![Vec::new(); nodes],
            hypotheses: BTreeSet::from([Hypothesis::settled_in(cluster, vec![0; nodes])]),
            tolerated: BTreeSet::new(),
            tolerated_tasks: false,
            tolerated_origin: false,
        }
    }

    /// Everything that this overview can mean, with nothing requested: how to begin on a cluster that one meets.
    #[must_use]
    pub fn from_overview(scope: Scope, seen: &Overview) -> Self {
        let mut belief = Self::certain(scope, scope.initial());
        belief.adopt(seen);
        belief
    }

    /// The size and profile.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The hypotheses, in a fixed order.
    pub fn hypotheses(&self) -> impl ExactSizeIterator<Item = &Hypothesis> {
        self.hypotheses.iter()
    }

    /// The distinct states among the hypotheses.
    #[must_use]
    pub fn states(&self) -> BTreeSet<&Cluster> {
        self.hypotheses
            .iter()
            .map(|hypothesis| &hypothesis.cluster)
            .collect()
    }

    /// Whether this hypothesis has nothing left to happen by itself: no spontaneous transition is enabled and every
    /// request has taken effect.
    #[must_use]
    pub fn quiescent(&self, hypothesis: &Hypothesis) -> bool {
        self.all_taken(hypothesis)
            && hypothesis.lagging.iter().all(Option::is_none)
            && self.next_moves(hypothesis).is_empty()
    }

    fn all_taken(&self, hypothesis: &Hypothesis) -> bool {
        hypothesis
            .taken
            .iter()
            .zip(&self.requests)
            .all(|(taken, requests)| *taken == requests.len())
    }

    /// The requests that this hypothesis still waits for.
    pub fn waiting<'a>(
        &'a self,
        hypothesis: &'a Hypothesis,
    ) -> impl Iterator<Item = (NodeId, Request)> + 'a {
        self.requests
            .iter()
            .zip(&hypothesis.taken)
            .enumerate()
            .flat_map(|(index, (requests, taken))| {
                requests[*taken..]
                    .iter()
                    .map(move |request| (NodeId::at(index), *request))
            })
    }

    /// Whether a request of this hypothesis has not shown yet: it has not taken effect, or the listing lags behind it.
    #[must_use]
    pub fn unseen(&self, hypothesis: &Hypothesis) -> bool {
        !self.all_taken(hypothesis) || hypothesis.lagging.iter().any(Option::is_some)
    }

    /// The hypotheses that are quiescent.
    #[must_use]
    pub fn settled(&self) -> BTreeSet<Hypothesis> {
        self.hypotheses
            .iter()
            .filter(|hypothesis| self.quiescent(hypothesis))
            .cloned()
            .collect()
    }

    /// Keeps only the quiescent hypotheses: lets everything happen that happens by itself.
    pub fn settle(&mut self) {
        self.close();
        self.hypotheses = self.settled();
    }

    /// Takes in the hypotheses of a branch of the same run.
    pub fn join(&mut self, branch: Self) {
        self.hypotheses.extend(branch.hypotheses);
    }

    /// Whether every hypothesis is quiescent: nothing can still happen.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.hypotheses
            .iter()
            .all(|hypothesis| self.quiescent(hypothesis))
    }

    /// Whether some hypothesis has a node that serves.
    #[must_use]
    pub fn may_serve(&self) -> bool {
        self.hypotheses
            .iter()
            .any(|hypothesis| hypothesis.cluster.served())
    }

    /// Whether no hypothesis is without a node that serves: then somebody must answer.
    #[must_use]
    pub fn must_serve(&self) -> bool {
        self.hypotheses
            .iter()
            .all(|hypothesis| hypothesis.cluster.served())
    }

    /// Notes a step that was asked for. It takes effect at some later moment, after what was asked of the same node before.
    ///
    /// # Panics
    /// If the cluster has no such node.
    pub fn request(&mut self, id: NodeId, request: Request) {
        self.forget_taken_by_all();
        self.requests[id.index()].push(request);
    }

    /// Takes for granted that requests of this kind have taken effect, after a quiet time in which they could.
    pub fn assume_taken(&mut self, kind: Request) {
        self.close();
        let taken: BTreeSet<_> = self
            .hypotheses
            .iter()
            .filter(|hypothesis| self.waiting(hypothesis).all(|(_, request)| request != kind))
            .cloned()
            .collect();
        if !taken.is_empty() {
            self.hypotheses = taken;
        }
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

    /// Adds everything that may have happened unseen: hidden transitions and requests that take effect.
    pub fn close(&mut self) {
        let mut open: VecDeque<Hypothesis> = self.hypotheses.iter().cloned().collect();
        while let Some(hypothesis) = open.pop_front() {
            for next in self.next_moves(&hypothesis) {
                if self.hypotheses.insert(next.clone()) {
                    open.push_back(next);
                }
            }
        }
    }

    /// What may happen unseen to a hypothesis next.
    fn next_moves(&self, hypothesis: &Hypothesis) -> Vec<Hypothesis> {
        let mut moves = Vec::new();
        for (index, requests) in self.requests.iter().enumerate() {
            if let Some(request) = requests.get(hypothesis.taken[index]) {
                let id = NodeId::at(index);
                let taken = take(hypothesis, id, *request);
                let moved = taken.cluster != hypothesis.cluster;
                if moved && matches!(request, Request::Stop | Request::Kill | Request::Boot) {
                    moves.push(taken.clone().still_listed_as(hypothesis, id));
                }
                if !moved && *request == Request::FailTasks {
                    // No tasks run now: whether the next ones fail, or nothing comes of it, is open.
                    let mut armed = taken.clone();
                    armed.doomed[index] = true;
                    moves.push(armed);
                }
                moves.push(taken);
            }
            if hypothesis.lagging[index].is_some() {
                let mut caught_up = hypothesis.clone();
                caught_up.lagging[index] = None;
                moves.push(caught_up);
            }
        }
        let spontaneous = self.scope.node_ids().flat_map(Transition::spontaneous);
        for transition in spontaneous.filter(|transition| transition.enabled(&hypothesis.cluster)) {
            let doomed = transition
                .node()
                .is_some_and(|id| hypothesis.doomed[id.index()]);
            moves.push(match transition.node() {
                Some(id) if doomed && transition == Transition::FinalizeOk(id) => {
                    let mut failed = hypothesis.after(Transition::FinalizeFail(id));
                    failed.doomed[id.index()] = false;
                    failed
                }
                Some(_) | None => hypothesis.after(transition),
            });
        }
        moves
    }

    /// Whether a hypothesis explains an answer by itself, with nothing happening before.
    #[must_use]
    pub fn explains(&self, hypothesis: &Hypothesis, seen: &Observation) -> bool {
        let cluster = &hypothesis.cluster;
        cluster.served()
            && match seen {
                Observation::Overview(view) => {
                    self.shows_mode(hypothesis, view)
                        && self.shows_status(cluster, view.status)
                        && (self.tolerated_tasks
                            || view
                                .tasks_pending
                                .is_none_or(|seen| seen == cluster.tasks_pending))
                        && hypothesis.lists_nodes(&view.nodes)
                }
                Observation::State(status, id, node) => {
                    self.shows_status(cluster, *status)
                        && cluster.node(*id).phase.serves()
                        && (hypothesis.lists(*id, Some(*node))
                            || hypothesis.listing(*id).is(Some(*node)))
                }
                Observation::Node(id, node) => hypothesis.lists(*id, *node),
            }
    }

    fn shows_mode(&self, hypothesis: &Hypothesis, view: &Overview) -> bool {
        let left_over = self.tolerated_origin && view.mode == Mode::Off;
        let origin = if left_over {
            SeenVersion::Nothing
        } else {
            view.origin
        };
        hypothesis.shows_mode(view.mode, origin)
    }

    fn shows_status(&self, cluster: &Cluster, shown: ClusterStatus) -> bool {
        let expected = cluster.status();
        expected == shown || self.tolerated.contains(&WrongStatus { expected, shown })
    }

    /// Takes an answer in: keeps what explains it. Returns false, and leaves the belief closed but otherwise as it was,
    /// when nothing does.
    #[must_use]
    pub fn observe(&mut self, seen: &Observation) -> bool {
        self.close();
        let kept: BTreeSet<_> = self
            .hypotheses
            .iter()
            .filter(|hypothesis| self.explains(hypothesis, seen))
            .cloned()
            .collect();
        let explained = !kept.is_empty();
        if explained {
            self.hypotheses = kept;
            self.forget_taken_by_all();
        }
        explained
    }

    /// Takes the outcome of a call in. Returns false, and leaves the belief closed but otherwise as it was, when no
    /// hypothesis explains it.
    #[must_use]
    pub fn answered(&mut self, call: Call, outcome: Outcome) -> bool {
        self.close();
        let mut kept = BTreeSet::new();
        for hypothesis in &self.hypotheses {
            let mut taken = call
                .transitions(self.scope.profile)
                .iter()
                .filter(|transition| transition.enabled(&hypothesis.cluster))
                .map(|transition| hypothesis.after(*transition))
                .peekable();
            match outcome {
                Outcome::Success => kept.extend(taken),
                Outcome::Refused => {
                    if hypothesis.cluster.served() && taken.peek().is_none() {
                        kept.insert(hypothesis.clone());
                    }
                }
                Outcome::Unknown => {
                    kept.extend(taken);
                    kept.insert(hypothesis.clone());
                }
            }
        }
        let explained = !kept.is_empty();
        if explained {
            self.hypotheses = kept;
        }
        explained
    }

    /// Which outcomes a call can have here.
    #[must_use]
    pub fn outcomes(&mut self, call: Call) -> BTreeSet<Outcome> {
        self.close();
        [Outcome::Success, Outcome::Refused]
            .into_iter()
            .filter(|outcome| self.clone().answered(call, *outcome))
            .collect()
    }

    /// Makes a call's transition whether or not the guard holds: what to believe after an endpoint accepted what it must refuse.
    pub fn force(&mut self, call: Call) {
        let forced: BTreeSet<_> = self
            .hypotheses
            .iter()
            .flat_map(|hypothesis| {
                call.transitions(self.scope.profile)
                    .iter()
                    .map(|transition| hypothesis.after(*transition))
            })
            .collect();
        self.hypotheses.extend(forced);
    }

    /// Believes an overview that nothing explains: every state that lists the nodes so, in the mode that it shows.
    pub fn adopt(&mut self, seen: &Overview) {
        let taken: Vec<usize> = self.requests.iter().map(Vec::len).collect();
        let known = |version: SeenVersion, otherwise: Version| match version {
            SeenVersion::Known(version) => version,
            SeenVersion::Foreign | SeenVersion::Nothing => otherwise,
        };
        let previous = self
            .hypotheses
            .first()
            .map(|hypothesis| hypothesis.cluster.clone());
        let mut nodes: Vec<Vec<Node>> = vec![Vec::new()];
        for (index, listed) in seen.nodes.iter().enumerate() {
            let was = previous
                .as_ref()
                .and_then(|cluster| cluster.nodes.get(index))
                .map_or(Version::ORIGINAL, |node| node.version);
            let version = listed.map_or(was, |node| known(node.version, was));
            let phases = Phase::of(listed.map(|node| node.status));
            nodes = nodes
                .into_iter()
                .flat_map(|before| {
                    phases.iter().map(move |phase| {
                        let mut nodes = before.clone();
                        nodes.push(Node::new(*phase, version));
                        nodes
                    })
                })
                .collect();
        }
        let origin = match seen.mode {
            Mode::Off => None,
            Mode::On => Some(known(seen.origin, Version::ORIGINAL)),
        };
        self.hypotheses = nodes
            .into_iter()
            .map(|nodes| {
                let cluster = Cluster {
                    mode: seen.mode,
                    origin,
                    tasks_pending: seen.tasks_pending.unwrap_or(false),
                    nodes,
                };
                Hypothesis::settled_in(cluster, taken.clone())
            })
            .collect();
        // What the status says narrows it down, where it says anything.
        let fitting: BTreeSet<_> = self
            .hypotheses
            .iter()
            .filter(|hypothesis| hypothesis.cluster.status() == seen.status)
            .cloned()
            .collect();
        if !fitting.is_empty() {
            self.hypotheses = fitting;
        }
    }

    /// Keeps only the hypotheses for which `keep` holds, if there are any.
    pub fn narrow(&mut self, keep: impl Fn(&Hypothesis) -> bool) {
        let kept: BTreeSet<_> = self
            .hypotheses
            .iter()
            .filter(|hypothesis| keep(hypothesis))
            .cloned()
            .collect();
        if !kept.is_empty() {
            self.hypotheses = kept;
        }
    }

    /// From now on, accepts this status in place of the right one.
    pub fn tolerate(&mut self, wrong: WrongStatus) {
        self.tolerated.insert(wrong);
    }

    /// From now on, accepts any `hasFinalizationTasks`.
    pub const fn tolerate_tasks(&mut self) {
        self.tolerated_tasks = true;
    }

    /// From now on, accepts an original version while upgrade mode is off.
    pub const fn tolerate_origin(&mut self) {
        self.tolerated_origin = true;
    }

    /// Drops the requests that every hypothesis has behind it, so that memory stays flat over a long run.
    fn forget_taken_by_all(&mut self) {
        let nodes = self.requests.len();
        let behind: Vec<usize> = (0..nodes)
            .map(|index| {
                self.hypotheses
                    .iter()
                    .map(|hypothesis| hypothesis.taken[index])
                    .min()
                    .unwrap_or(0)
            })
            .collect();
        if behind.iter().all(|count| *count == 0) {
            return;
        }
        for (requests, count) in self.requests.iter_mut().zip(&behind) {
            requests.drain(..*count);
        }
        self.hypotheses = std::mem::take(&mut self.hypotheses)
            .into_iter()
            .map(|mut hypothesis| {
                for (taken, count) in hypothesis.taken.iter_mut().zip(&behind) {
                    *taken -= count;
                }
                hypothesis
            })
            .collect();
    }
}

/// The hypothesis after a node's next request took effect, or came to nothing because its guard does not hold.
fn take(hypothesis: &Hypothesis, id: NodeId, request: Request) -> Hypothesis {
    let transition = request.transition(id);
    let mut next = if transition.enabled(&hypothesis.cluster) {
        hypothesis.after(transition)
    } else {
        hypothesis.clone()
    };
    next.taken[id.index()] += 1;
    next
}

/// Whether a profile has words for everything in an answer; if not, the words that it lacks.
#[must_use]
pub fn words_missing(profile: Profile, seen: &Observation) -> Vec<&'static str> {
    let node = |node: &SeenNode| (!profile.lists(node.status)).then(|| node.status.word());
    let cluster = |status: &ClusterStatus| (!profile.has(*status)).then(|| status.word());
    match seen {
        Observation::Overview(view) => cluster(&view.status)
            .into_iter()
            .chain(view.nodes.iter().flatten().filter_map(node))
            .collect(),
        Observation::State(status, _, seen) => {
            cluster(status).into_iter().chain(node(seen)).collect()
        }
        Observation::Node(_, seen) => seen.as_ref().and_then(node).into_iter().collect(),
    }
}
