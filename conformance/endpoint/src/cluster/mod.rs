//! What state is the hidden cluster in, and which status follows from it (spec section 2 and section 6)?
//!
//! Written from the specification alone, so that a slip in the model that judges it is not repeated here.
//! Transitions are in `transitions`, the calls in `calls`, when things happen in `pace`, planted slips of the status in `slips`.

pub(crate) mod calls;
pub(crate) mod pace;
mod slips;
pub(crate) mod transitions;

use serde::Serialize;

use crate::defect::Defect;
use crate::freedom::{Freedom, Freedoms};
use crate::options::Profile;

/// Where a node is in its life; the listed word is not enough, because joining and leaving are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Phase {
    /// Serves.
    Active,
    /// Loads, has not joined yet.
    StartingOut,
    /// Loads, has joined.
    StartingIn,
    /// Shuts down, still in the cluster.
    TerminatingIn,
    /// Shuts down, has left the cluster.
    TerminatingOut,
    /// Does not respond, still listed.
    Offline,
    /// Something went wrong.
    Error,
    /// Removed from the list.
    Absent,
    /// Serves while its upgrade tasks run.
    Finalizing,
    /// Serves although its upgrade tasks have failed.
    FinalizeFailed,
}

impl Phase {
    pub(crate) fn joined(self) -> bool {
        match self {
            Self::Active
            | Self::StartingIn
            | Self::TerminatingIn
            | Self::Finalizing
            | Self::FinalizeFailed => true,
            Self::StartingOut
            | Self::TerminatingOut
            | Self::Offline
            | Self::Error
            | Self::Absent => false,
        }
    }

    /// Active, or one of the two phases of the finalization profile that serve like it.
    #[must_use]
    pub const fn serving(self) -> bool {
        matches!(self, Self::Active | Self::Finalizing | Self::FinalizeFailed)
    }

    pub(crate) fn down(self) -> bool {
        matches!(self, Self::Offline | Self::Absent)
    }

    /// The listed word; none for a node that is not listed.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::Active => Some("ACTIVE"),
            Self::StartingOut | Self::StartingIn => Some("STARTING"),
            Self::TerminatingIn | Self::TerminatingOut => Some("TERMINATING"),
            Self::Offline => Some("OFFLINE"),
            Self::Error => Some("ERROR"),
            Self::Absent => None,
            Self::Finalizing => Some("RUNNING_FINALIZE_UPGRADE_TASKS"),
            Self::FinalizeFailed => Some("UPGRADE_TASKS_FAILED"),
        }
    }
}

/// The cluster's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// STABLE
    Stable,
    /// READY_TO_UPGRADE
    ReadyToUpgrade,
    /// MIXED
    Mixed,
    /// READY_TO_RUN_UPGRADE_TASKS
    #[serde(rename = "READY_TO_RUN_UPGRADE_TASKS")]
    ReadyToRun,
    /// RUNNING_UPGRADE_TASKS
    #[serde(rename = "RUNNING_UPGRADE_TASKS")]
    Running,
    /// UPGRADE_TASKS_FAILED
    #[serde(rename = "UPGRADE_TASKS_FAILED")]
    Failed,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Stable => "STABLE",
            Self::ReadyToUpgrade => "READY_TO_UPGRADE",
            Self::Mixed => "MIXED",
            Self::ReadyToRun => "READY_TO_RUN_UPGRADE_TASKS",
            Self::Running => "RUNNING_UPGRADE_TASKS",
            Self::Failed => "UPGRADE_TASKS_FAILED",
        }
    }
}

/// A set of versions, given by their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Versions(u64);

impl Versions {
    pub(crate) const fn one(version: usize) -> Self {
        Self(1 << version)
    }

    pub(crate) fn insert(&mut self, version: usize) {
        self.0 |= 1 << version;
    }

    pub(crate) const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    pub(crate) const fn first(self) -> Option<usize> {
        if self.0 == 0 { None } else { Some(self.0.trailing_zeros() as usize) }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |version| self.0 >> version & 1 == 1)
    }

    pub(crate) fn all_but(self, origin: Option<usize>) -> bool {
        origin.is_none_or(|origin| self.0 >> origin & 1 == 0)
    }
}

impl Extend<usize> for Versions {
    fn extend<T: IntoIterator<Item = usize>>(&mut self, versions: T) {
        versions.into_iter().for_each(|version| self.insert(version));
    }
}

impl FromIterator<usize> for Versions {
    fn from_iter<T: IntoIterator<Item = usize>>(versions: T) -> Self {
        let mut set = Self::default();
        set.extend(versions);
        set
    }
}

/// One node, hidden part included.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) phase: Phase,
    pub(crate) version: usize,
    /// What it ran or had installed since it went down; any of them may be listed while it is OFFLINE.
    pub(crate) past: Versions,
    /// The listed word before the last change of it, for the defects that answer from an old view.
    pub(crate) word_before: Option<&'static str>,
    /// Whether it went down out of Error.
    pub(crate) fell_in_error: bool,
    /// Installed, yet not run before the node is ACTIVE (one defect only).
    pub(crate) late_version: Option<usize>,
    /// What was installed before the last install (one defect only).
    pub(crate) version_before: Option<usize>,
    /// Whether it runs since it was repaired, not since it was booted (one defect only).
    pub(crate) repaired: bool,
    /// How often it was booted, and whether it was still listed when it was last.
    pub(crate) boots: u32,
    pub(crate) left_entry: bool,
}

/// What only planted defects look at; a correct endpoint has no use for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    pub(crate) starts: u32,
    pub(crate) cancels: u32,
    pub(crate) approves: u32,
    /// A node has been in Error, ever.
    pub(crate) broken: bool,
    /// A node has been in Error since upgrade mode was last switched.
    pub(crate) broken_in_mode: bool,
    /// Two joined versions have been seen since upgrade mode was last switched.
    pub(crate) mixed_in_mode: bool,
    /// A node has been removed, ever.
    pub(crate) removed: bool,
    pub(crate) reads: u32,
    /// The status when a POST was last handled.
    pub(crate) status_at_post: Option<Status>,
    /// How many starts were refused.
    pub(crate) refusals: u32,
    pub(crate) status: Option<Status>,
    pub(crate) status_before: Option<Status>,
}

/// The whole hidden state.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    pub(crate) profile: Profile,
    pub(crate) versions: usize,
    pub(crate) mode: bool,
    pub(crate) origin: Option<usize>,
    pub(crate) tasks_pending: bool,
    pub(crate) nodes: Vec<Node>,
    pub(crate) defect: Option<Defect>,
    pub(crate) freedoms: Freedoms,
    /// While entries are silent: the cluster says MIXED and refuses every call.
    pub(crate) doubt: bool,
    /// The statuses since the last answer, the present one last.
    pub(crate) recent: Vec<Status>,
    /// The version that joined nodes ran last with upgrade mode off.
    pub(crate) ran: usize,
    pub(crate) memory: Memory,
}

/// What the status is derived from; defects bend it before the derivation.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) error: bool,
    pub(crate) mode: bool,
    pub(crate) joined: Versions,
    pub(crate) origin: Option<usize>,
}

impl Cluster {
    /// The initial state: mode off, every node Active at version 0.
    pub(crate) fn new(
        nodes: usize,
        versions: usize,
        profile: Profile,
        defect: Option<Defect>,
        freedoms: Freedoms,
    ) -> Self {
        let node = Node {
            phase: Phase::Active,
            version: 0,
            past: Versions::one(0),
            word_before: None,
            fell_in_error: false,
            late_version: None,
            version_before: None,
            repaired: false,
            boots: 0,
            left_entry: false,
        };
        Self {
            profile,
            versions,
            mode: false,
            origin: None,
            tasks_pending: false,
            nodes: vec![node; nodes],
            defect,
            freedoms,
            doubt: false,
            recent: Vec::new(),
            ran: 0,
            memory: Memory::default(),
        }
    }

    pub(crate) fn has(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    pub(crate) fn served(&self) -> bool {
        self.nodes.iter().any(|node| node.phase.serving())
    }

    pub(crate) fn any(&self, phase: Phase) -> bool {
        self.nodes.iter().any(|node| node.phase == phase)
    }

    pub(crate) fn joined_versions(&self) -> Versions {
        self.nodes.iter().filter(|node| node.phase.joined()).map(|node| node.version).collect()
    }

    pub(crate) fn joinable(&self, index: usize) -> bool {
        let version = self.nodes[index].version;
        self.mode
            || self.nodes.iter().enumerate().all(|(other, node)| {
                other == index || !node.phase.joined() || node.version == version
            })
    }

    /// Whether this build refuses the node because its version is a step back (section 7).
    pub(crate) fn steps_back(&self, index: usize) -> bool {
        let floor = if self.mode { self.origin.unwrap_or(self.ran) } else { self.ran };
        self.freedoms.has(Freedom::NoDowngrade) && self.nodes[index].version < floor
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts {
            error: self.any(Phase::Error),
            mode: self.mode,
            joined: self.joined_versions(),
            origin: self.origin,
        }
    }

    /// The status that the cluster believes to have: guards and answers follow it, slips included.
    pub(crate) fn status(&self) -> Status {
        if self.doubt { Status::Mixed } else { self.sure_status() }
    }

    /// The same without the doubt that silent entries bring.
    pub(crate) fn sure_status(&self) -> Status {
        let mut facts = self.facts();
        if self.freedoms.has(Freedom::ErrorLooksStable) && !facts.mode {
            facts.error = false;
        }
        slips::bend_facts(self, &mut facts);
        let status = self.finalization_status().unwrap_or_else(|| derive(&facts));
        slips::bend_status(self, status)
    }

    /// The status without any slip.
    pub(crate) fn status_by_the_book(&self) -> Status {
        self.finalization_status().unwrap_or_else(|| derive(&self.facts()))
    }

    fn finalization_status(&self) -> Option<Status> {
        if self.any(Phase::Finalizing) {
            Some(Status::Running)
        } else if !self.mode && (self.any(Phase::FinalizeFailed) || self.tasks_pending) {
            Some(Status::Failed)
        } else {
            None
        }
    }

    /// Moves a node to a phase and keeps the books that hang on it.
    pub(crate) fn set_phase(&mut self, index: usize, phase: Phase) {
        let node = &mut self.nodes[index];
        if node.phase.word() != phase.word() {
            node.word_before = node.phase.word();
        }
        if phase == Phase::Offline {
            node.past = Versions::one(node.version);
        }
        if phase == Phase::Error {
            node.fell_in_error = true;
            self.memory.broken = true;
            self.memory.broken_in_mode = true;
        } else if phase.joined() {
            node.fell_in_error = false;
        }
        if phase == Phase::Absent {
            self.memory.removed = true;
        }
        node.phase = phase;
    }

    pub(crate) fn switch_mode(&mut self, on: bool, origin: Option<usize>) {
        self.mode = on;
        self.origin = origin;
        self.memory.broken_in_mode = self.any(Phase::Error);
        self.memory.mixed_in_mode = false;
    }

    /// Called after every change: what the defects with a memory need to have noticed.
    pub(crate) fn note(&mut self) {
        if self.joined_versions().len() > 1 {
            self.memory.mixed_in_mode = true;
        }
        if let (false, Some(version)) = (self.mode, self.joined_versions().first()) {
            self.ran = version;
        }
        let shown = self.sure_status();
        if self.recent.last() != Some(&shown) {
            self.recent.push(shown);
        }
        let status = self.status_by_the_book();
        if self.memory.status != Some(status) {
            self.memory.status_before = self.memory.status;
            self.memory.status = Some(status);
        }
    }
}

/// Section 2, line by line.
pub(crate) fn derive(facts: &Facts) -> Status {
    if facts.error {
        Status::Mixed
    } else if !facts.mode {
        Status::Stable
    } else if facts.joined.len() > 1 {
        Status::Mixed
    } else if facts.joined.first().is_none_or(|version| Some(version) == facts.origin) {
        Status::ReadyToUpgrade
    } else {
        Status::ReadyToRun
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashSet, VecDeque};

    use super::calls::Call;
    use super::transitions::Step;
    use super::*;

    fn key(cluster: &Cluster) -> String {
        let nodes: Vec<_> = cluster.nodes.iter().map(|node| (node.phase, node.version)).collect();
        format!("{} {:?} {} {nodes:?}", cluster.mode, cluster.origin, cluster.tasks_pending)
    }

    /// Every labelled transition out of a state.
    fn successors(cluster: &Cluster) -> Vec<(String, Cluster)> {
        let mut found = Vec::new();
        let mut add = |label: String, change: &dyn Fn(&mut Cluster)| {
            let mut next = cluster.clone();
            change(&mut next);
            found.push((label, next));
        };
        for call in [Call::Start, Call::Cancel, Call::Approve, Call::Retry] {
            if cluster.served() && cluster.allowed(call) {
                add(format!("{call:?}"), &|next| next.perform(call, false));
                if call == Call::Approve && cluster.profile == Profile::Finalization {
                    add("Approve with tasks".to_owned(), &|next| next.perform(call, true));
                }
            }
        }
        for index in 0..cluster.nodes.len() {
            let mut steps = vec![Step::Stop, Step::Kill, Step::Boot, Step::Break, Step::Repair];
            steps.extend((0..cluster.versions).map(Step::Install));
            for step in steps {
                if cluster.enabled(index, step) {
                    add(format!("{step:?} {index}"), &|next| next.apply(index, step));
                }
            }
            if let Some(what) = cluster.next(index) {
                add(format!("{what:?} {index}"), &|next| next.happen(index, what));
            }
            if cluster.nodes[index].phase == Phase::Finalizing {
                add(format!("FinalizeFail {index}"), &|next| next.finalize_fail(index));
            }
        }
        found
    }

    fn count(nodes: usize, versions: usize, profile: Profile) -> (usize, usize) {
        let first = Cluster::new(nodes, versions, profile, None, Freedoms::default());
        let mut seen = HashSet::from([key(&first)]);
        let mut labelled = HashSet::new();
        let mut waiting = VecDeque::from([first]);
        while let Some(cluster) = waiting.pop_front() {
            let from = key(&cluster);
            for (label, next) in successors(&cluster) {
                let to = key(&next);
                labelled.insert(format!("{from} {label} {to}"));
                if seen.insert(to) {
                    waiting.push_back(next);
                }
            }
        }
        (seen.len(), labelled.len())
    }

    /// Proves that the endpoint moves exactly as sections 3 and 6 say, as far as the counts that they pin can tell.
    #[test]
    fn the_reachable_states_and_transitions_are_as_many_as_the_specification_says() {
        assert_eq!(count(1, 2, Profile::Documented), (44, 132));
        assert_eq!(count(2, 2, Profile::Documented), (742, 4_262));
        assert_eq!(count(2, 3, Profile::Documented), (2_223, 13_794));
        assert_eq!(count(1, 2, Profile::Finalization), (64, 200));
        assert_eq!(count(2, 2, Profile::Finalization), (1_092, 6_528));
    }
}
