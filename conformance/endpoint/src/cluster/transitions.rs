//! What do the operator's steps, the faults and the spontaneous transitions do to the cluster (spec sections 3 and 6)?
//!
//! When they happen is the matter of `pace`. Planted slips of the life of a node stand beside the line they break.

use super::{Cluster, Phase, Status};
use crate::defect::Defect as D;

/// A step of the operator, or a fault, on one node (spec section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// A graceful stop.
    Stop,
    /// The process dies.
    Kill,
    /// The version at this position is installed.
    Install(usize),
    /// The node is started.
    Boot,
    /// Something goes wrong.
    Break,
    /// What went wrong is put right.
    Repair,
}

/// A transition that happens by itself; the last three exist in defects only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spontaneous {
    Join,
    Ready,
    Reject,
    Leave,
    Halt,
    Forget,
    FinalizeOk,
    Recover,
    Fall,
    Return,
}

impl Cluster {
    pub(crate) fn enabled(&self, index: usize, step: Step) -> bool {
        let node = &self.nodes[index];
        let phase = node.phase;
        let starting = matches!(phase, Phase::StartingOut | Phase::StartingIn);
        match step {
            Step::Stop if phase == Phase::Error => !self.has(D::ErroredCannotStop),
            Step::Stop => phase.serving() || (starting && !self.has(D::StopIgnoredWhileStarting)),
            Step::Kill if phase == Phase::Error => !self.has(D::ErroredCannotBeKilled),
            Step::Kill if starting => !self.has(D::KillIgnoredWhileStarting),
            Step::Kill => !phase.down(),
            Step::Install(version) => {
                let live = phase == Phase::Active && self.has(D::VersionChangesWhileUp);
                (phase.down() || live) && version != node.version
            }
            Step::Boot => {
                phase.down() && !(phase == Phase::Absent && self.has(D::RemovedCannotReturn))
            }
            Step::Break => (phase.serving() || starting) && !self.has(D::BreakIgnored),
            Step::Repair => {
                phase == Phase::Error
                    && !self.has(D::RepairLost)
                    && (self.joinable(index) || self.has(D::RepairedWithOtherVersion))
            }
        }
    }

    /// Whether the step comes to nothing, rather than to wait until it can be taken: it asks for what is there already, or is
    /// ignored.
    pub(crate) fn comes_to_nothing(&self, index: usize, step: Step) -> bool {
        let node = &self.nodes[index];
        let starting = matches!(node.phase, Phase::StartingOut | Phase::StartingIn);
        match step {
            Step::Install(version) => node.phase.down() && version == node.version,
            Step::Stop => starting && self.has(D::StopIgnoredWhileStarting),
            Step::Kill => starting && self.has(D::KillIgnoredWhileStarting),
            Step::Boot | Step::Break | Step::Repair => false,
        }
    }

    fn neighbour(&self, index: usize) -> usize {
        (index + 1) % self.nodes.len()
    }

    pub(crate) fn apply(&mut self, index: usize, step: Step) {
        match step {
            Step::Stop => self.stop(index),
            Step::Kill => self.kill(index),
            Step::Install(version) => self.install(index, version),
            Step::Boot => self.boot(index),
            Step::Break => self.break_down(index),
            Step::Repair => {
                let back = self.steps_back(index) || self.has(D::RepairedGoesOffline);
                let after = if back { Phase::Offline } else { Phase::Active };
                self.nodes[index].repaired = true;
                self.set_phase(index, after);
                if self.has(D::RepairTurnsModeOff) {
                    self.switch_mode(false, None);
                }
            }
        }
        self.after_change();
    }

    fn stop(&mut self, index: usize) {
        let phase = self.nodes[index].phase;
        let after = if self.has(D::StopLeadsToError) && phase == Phase::Active {
            Phase::Error
        } else if self.has(D::StopOfErroredReactivates) && phase == Phase::Error {
            Phase::Active
        } else if phase.joined() {
            Phase::TerminatingIn
        } else {
            Phase::TerminatingOut
        };
        self.set_phase(index, after);
        let next = self.neighbour(index);
        if self.has(D::StopTakesNeighbour)
            && next != index
            && self.nodes[next].phase == Phase::Active
        {
            self.set_phase(next, Phase::TerminatingIn);
        }
    }

    fn kill(&mut self, index: usize) {
        let after = if self.has(D::KilledStaysInError) {
            Phase::Error
        } else if self.has(D::KilledIsRemovedWithModeOn) && self.mode {
            Phase::Absent
        } else {
            Phase::Offline
        };
        self.set_phase(index, after);
        let next = self.neighbour(index);
        if self.has(D::KillTakesNeighbour)
            && next != index
            && self.nodes[next].phase == Phase::Active
        {
            self.set_phase(next, Phase::Offline);
        }
        if self.has(D::KillTurnsModeOff) && self.mode {
            self.switch_mode(false, None);
        }
    }

    fn install(&mut self, index: usize, version: usize) {
        let next = self.neighbour(index);
        let target = if self.has(D::InstallOnNeighbour) { next } else { index };
        let lost = self.has(D::InstallLost);
        let node = &mut self.nodes[target];
        node.version_before = Some(node.version);
        if lost || (self.defect == Some(D::RollbackIgnored) && version < node.version) {
            return;
        }
        if self.defect == Some(D::VersionSwitchesAfterJoining) {
            node.late_version = Some(version);
            return;
        }
        node.version = version;
        node.past.insert(version);
    }

    fn boot(&mut self, index: usize) {
        let upgraded = self.mode && Some(self.nodes[index].version) != self.origin;
        let removed = self.nodes[index].phase == Phase::Absent;
        let broken = (self.has(D::UpgradedBootsIntoError) && upgraded)
            || (self.has(D::ReconnectedBootsIntoError) && removed);
        if self.has(D::BootRunsFirstVersion) {
            self.nodes[index].version = 0;
        }
        if self.has(D::BootTakesClusterVersion) {
            let joined = self.joined_versions();
            if let (1, Some(version)) = (joined.len(), joined.first()) {
                self.nodes[index].version = version;
            }
        }
        let node = &mut self.nodes[index];
        node.repaired = false;
        node.boots += 1;
        node.left_entry = !removed;
        self.set_phase(index, if broken { Phase::Error } else { Phase::StartingOut });
    }

    fn break_down(&mut self, index: usize) {
        let next = self.neighbour(index);
        if self.has(D::BreakHitsNeighbour) && self.nodes[next].phase == Phase::Active {
            self.set_phase(next, Phase::Error);
            return;
        }
        if self.has(D::BreakTakesNeighbour) && self.nodes[next].phase == Phase::Active {
            self.set_phase(next, Phase::Error);
        }
        let after = if self.has(D::BreakLooksOffline) { Phase::Offline } else { Phase::Error };
        self.set_phase(index, after);
        if self.has(D::BreakTurnsModeOff) && self.mode {
            self.switch_mode(false, None);
        }
        if self.has(D::BreakTurnsModeOn) && !self.mode {
            let origin = self.joined_versions().first();
            self.switch_mode(true, origin);
        }
        if self.has(D::BreakMovesOrigin) && self.mode {
            self.origin = Some(self.versions - 1);
        }
    }

    /// The one spontaneous transition that is enabled for a node, if there is one.
    pub(crate) fn next(&self, index: usize) -> Option<Spontaneous> {
        let node = &self.nodes[index];
        match node.phase {
            Phase::StartingOut => self.next_of_starting(index),
            Phase::StartingIn if self.has(D::StartingForever) => None,
            Phase::StartingIn if self.has(D::StartingForEverAfterError) && self.memory.broken => {
                None
            }
            Phase::StartingIn => Some(Spontaneous::Ready),
            Phase::TerminatingIn if self.has(D::TerminatingForever) => None,
            Phase::TerminatingIn => Some(Spontaneous::Leave),
            Phase::TerminatingOut if self.has(D::ErrorTerminatesForEver) && node.fell_in_error => {
                None
            }
            Phase::TerminatingOut => Some(Spontaneous::Halt),
            Phase::Offline => self.next_of_offline(index),
            Phase::Error if self.has(D::ErrorRemovedWithModeOff) && !self.mode => {
                Some(Spontaneous::Forget)
            }
            Phase::Error if self.has(D::ErrorRecoversByItself) && self.joinable(index) => {
                Some(Spontaneous::Recover)
            }
            Phase::Error if self.has(D::ErrorFallsOfflineByItself) => Some(Spontaneous::Fall),
            Phase::Absent if self.has(D::RemovedComesBackByItself) => Some(Spontaneous::Return),
            Phase::Finalizing if self.has(D::FinalizingForever) => None,
            Phase::Finalizing => Some(Spontaneous::FinalizeOk),
            Phase::Active | Phase::Error | Phase::Absent | Phase::FinalizeFailed => None,
        }
    }

    fn next_of_starting(&self, index: usize) -> Option<Spontaneous> {
        let version = self.nodes[index].version;
        if self.steps_back(index) {
            return Some(Spontaneous::Reject);
        }
        if self.mode {
            let upgraded = Some(version) != self.origin;
            let refused = self.has(D::UpgradedRejectedWithModeOn) && upgraded;
            return Some(if refused { Spontaneous::Reject } else { Spontaneous::Join });
        }
        if self.joinable(index) || self.has(D::JoinsWithOtherVersion) {
            Some(Spontaneous::Join)
        } else if self.has(D::OtherVersionHangsStarting) {
            None
        } else {
            Some(Spontaneous::Reject)
        }
    }

    fn next_of_offline(&self, index: usize) -> Option<Spontaneous> {
        let forgotten_early = self.has(D::ForgottenWhileOn) && self.mode;
        let kept = self.has(D::NeverForgotten)
            || (self.has(D::NeverForgottenAfterApprove) && self.memory.approves > 0)
            || (self.has(D::NeverForgottenAfterCancel) && self.memory.cancels > 0)
            || (self.has(D::NeverForgottenAfterError) && self.nodes[index].fell_in_error)
            || (self.has(D::OnlyOneForgotten) && self.memory.removed);
        ((forgotten_early || !self.mode) && !kept).then_some(Spontaneous::Forget)
    }

    pub(crate) fn happen(&mut self, index: usize, what: Spontaneous) {
        match what {
            Spontaneous::Join => self.set_phase(index, Phase::StartingIn),
            Spontaneous::Ready => self.ready(index),
            Spontaneous::Reject if self.has(D::RejectedIsError) => {
                self.set_phase(index, Phase::Error)
            }
            Spontaneous::Reject | Spontaneous::Fall => self.set_phase(index, Phase::Offline),
            Spontaneous::Leave => self.set_phase(index, Phase::TerminatingOut),
            Spontaneous::Halt => self.halt(index),
            Spontaneous::Forget => self.set_phase(index, Phase::Absent),
            Spontaneous::FinalizeOk => self.finalize_ok(index),
            Spontaneous::Recover => self.set_phase(index, Phase::Active),
            Spontaneous::Return => self.set_phase(index, Phase::StartingOut),
        }
        self.after_change();
    }

    fn ready(&mut self, index: usize) {
        if let Some(version) = self.nodes[index].late_version.take() {
            self.nodes[index].version = version;
        }
        let after = if self.has(D::ReadyBreaks) { Phase::Error } else { Phase::Active };
        self.set_phase(index, after);
        let origin = self.origin;
        let upgraded = self
            .nodes
            .iter()
            .filter(|node| node.phase == Phase::Active && Some(node.version) != origin);
        if self.has(D::SecondUpgradeKicksOldNode) && self.mode && upgraded.count() == 2 {
            let old = self
                .nodes
                .iter()
                .position(|node| node.phase == Phase::Active && Some(node.version) == origin);
            if let Some(old) = old {
                self.set_phase(old, Phase::Offline);
            }
        }
        if self.has(D::OriginDrifts) && self.mode {
            self.origin = Some(self.nodes[index].version);
        }
    }

    fn halt(&mut self, index: usize) {
        let node = &self.nodes[index];
        let (removed, broken) = if node.fell_in_error {
            (D::StoppedErrorIsRemovedWithModeOn, D::StoppedErrorEndsInError)
        } else {
            (D::StopDropsFromList, D::StopBreaks)
        };
        let after = if self.has(removed) && self.mode {
            Phase::Absent
        } else if self.has(broken) {
            Phase::Error
        } else if self.has(D::StoppedComesBack) && self.joinable(index) {
            Phase::Active
        } else {
            Phase::Offline
        };
        self.set_phase(index, after);
    }

    fn finalize_ok(&mut self, index: usize) {
        let after = if self.has(D::TasksFailByThemselves) {
            Phase::FinalizeFailed
        } else if self.has(D::TasksEndInError) {
            Phase::Error
        } else {
            Phase::Active
        };
        self.set_phase(index, after);
        let unfinished = self.any(Phase::Finalizing) || self.any(Phase::FinalizeFailed);
        if (!unfinished && !self.has(D::DoneButPending)) || self.has(D::PendingClearedByFirstNode) {
            self.tasks_pending = false;
        }
        if !unfinished && self.has(D::TasksTurnModeOn) {
            let origin = self.joined_versions().first();
            self.switch_mode(true, origin);
        }
    }

    /// The tasks of one node fail; only asked for on a node that is Finalizing.
    pub(crate) fn finalize_fail(&mut self, index: usize) {
        let after =
            if self.has(D::FailedTasksBreakNode) { Phase::Error } else { Phase::FinalizeFailed };
        self.set_phase(index, after);
        if self.has(D::FailureSpreads) {
            for other in 0..self.nodes.len() {
                if self.nodes[other].phase == Phase::Finalizing {
                    self.set_phase(other, Phase::FinalizeFailed);
                }
            }
        }
        if self.has(D::FailureClearsPending) {
            self.tasks_pending = false;
        }
        self.after_change();
    }

    /// Slips that look at the cluster as a whole after every change.
    pub(crate) fn after_change(&mut self) {
        let all_active = self.nodes.iter().all(|node| node.phase == Phase::Active);
        let upgraded = self.status_by_the_book() == Status::ReadyToRun;
        if self.has(D::ModeDropsWhenAllUpgraded) && all_active && upgraded {
            self.switch_mode(false, None);
        }
        let nobody = self.nodes.iter().all(|node| !node.phase.joined());
        if self.has(D::ModeLostWhenAllDown) && nobody && self.mode {
            self.switch_mode(false, None);
        }
        self.note();
    }
}
