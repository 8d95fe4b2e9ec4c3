//! What state is the hidden cluster in, and which status follows from it (spec section 2 and section 6)?
//!
//! Written from the specification alone, so that a slip in the project's own model is not repeated here.
//! Transitions are in `transitions`, the calls in `calls`, planted slips of the status in `slips`.

use std::collections::BTreeSet;

use super::defect::Defect;
use super::slips;

/// Where a node is in its life; the listed word is not enough, because joining and leaving are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Active,
    StartingOut,
    StartingIn,
    TerminatingIn,
    TerminatingOut,
    Offline,
    Error,
    Absent,
    Finalizing,
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
    pub(crate) fn serving(self) -> bool {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Stable,
    ReadyToUpgrade,
    Mixed,
    ReadyToRun,
    Running,
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

/// Which transitions and statuses exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Profile {
    #[default]
    Documented,
    Finalization,
}

/// One node, hidden part included.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) phase: Phase,
    pub(crate) version: usize,
    /// What it ran or had installed since it went down; any of them may be listed while it is OFFLINE.
    pub(crate) past: Vec<usize>,
    /// The listed word before the last change of it, for the defects that answer from an old view.
    pub(crate) word_before: Option<&'static str>,
    /// Whether it went down out of Error.
    pub(crate) fell_in_error: bool,
    /// Installed, yet not run before the node is ACTIVE (one defect only).
    pub(crate) late_version: Option<usize>,
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
    pub(crate) memory: Memory,
}

/// What the status is derived from; defects bend it before the derivation.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) error: bool,
    pub(crate) mode: bool,
    pub(crate) joined: BTreeSet<usize>,
    pub(crate) origin: Option<usize>,
}

impl Cluster {
    /// The initial state: mode off, every node Active at version 0.
    pub(crate) fn new(
        nodes: usize,
        versions: usize,
        profile: Profile,
        defect: Option<Defect>,
    ) -> Self {
        let node = Node {
            phase: Phase::Active,
            version: 0,
            past: vec![0],
            word_before: None,
            fell_in_error: false,
            late_version: None,
        };
        Self {
            profile,
            versions,
            mode: false,
            origin: None,
            tasks_pending: false,
            nodes: vec![node; nodes],
            defect,
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

    pub(crate) fn joined_versions(&self) -> BTreeSet<usize> {
        self.nodes.iter().filter(|node| node.phase.joined()).map(|node| node.version).collect()
    }

    pub(crate) fn joinable(&self, index: usize) -> bool {
        let version = self.nodes[index].version;
        self.mode
            || self.nodes.iter().enumerate().all(|(other, node)| {
                other == index || !node.phase.joined() || node.version == version
            })
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
        let mut facts = self.facts();
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
            node.past = vec![node.version];
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
    } else if facts.joined.first().is_none_or(|version| Some(*version) == facts.origin) {
        Status::ReadyToUpgrade
    } else {
        Status::ReadyToRun
    }
}
