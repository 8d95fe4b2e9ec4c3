//! Which POST is accepted in which status, and what does it do (spec sections 3 and 6)?
//!
//! `allowed` is the guard, `perform` the effect, `post` both with the code that answers. Each asks the specification
//! first and the planted defect second.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function concerns a handful of the many defects"
)]

use super::{Cluster, Phase, Status};
use crate::defect::Defect as D;
use crate::options::Profile;

/// A call that changes state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    Start,
    Cancel,
    Approve,
    Retry,
}

impl Call {
    /// The word in its path.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Cancel => "cancel",
            Self::Approve => "approve",
            Self::Retry => "retryUpgrade",
        }
    }

    /// The one status that it is accepted in.
    pub(crate) const fn allowed_in(self) -> Status {
        match self {
            Self::Start => Status::Stable,
            Self::Cancel => Status::ReadyToUpgrade,
            Self::Approve => Status::ReadyToRun,
            Self::Retry => Status::Failed,
        }
    }
}

/// What the answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    Cluster,
    /// The cluster as it was before the call.
    Stale,
    Nothing,
    /// Whatever a refusal carries, which is free.
    Refusal,
}

impl Cluster {
    fn any_of(&self, phase: Phase, other_than_origin: bool) -> bool {
        self.nodes
            .iter()
            .any(|n| n.phase == phase && (Some(n.version) != self.origin) == other_than_origin)
    }

    /// Whether the call is accepted.
    pub(crate) fn allowed(&self, call: Call) -> bool {
        let status = self.status();
        let by_the_book = status == call.allowed_in();
        let Some(defect) = self.defect else {
            return by_the_book;
        };
        (by_the_book || self.accepted_by_slip(call, defect)) && !self.refused_by_slip(call, defect)
    }

    fn accepted_by_slip(&self, call: Call, defect: D) -> bool {
        let status = self.status_by_the_book();
        let error = self.any(Phase::Error);
        let on = self.mode;
        let later = self.joined_versions().all_but(self.origin);
        match (call, defect) {
            (Call::Start, D::StartDespiteError) => error && !on,
            (Call::Start, D::StartAcceptedInReady) => status == Status::ReadyToUpgrade,
            (Call::Start, D::StartAcceptedInMixed) => status == Status::Mixed && on && !error,
            (Call::Start, D::StartAcceptedInReadyToRun) => status == Status::ReadyToRun,
            (Call::Start, D::StartAcceptedInErrorWithModeOn) => on && error,
            (Call::Start, D::StartWhileOn) => on,
            (Call::Start, D::StartWhileTasksRun) => {
                matches!(status, Status::Running | Status::Failed)
            }
            (Call::Start, D::StartAcceptedWhileRunning) => status == Status::Running,
            (Call::Start, D::StartAcceptedAfterFailure) => status == Status::Failed,
            (Call::Cancel, D::CancelWhenMixed) => status == Status::Mixed && on && !error,
            (Call::Cancel, D::CancelDespiteError) => status == Status::Mixed && on && error,
            (Call::Cancel, D::CancelWhenUpgraded) => status == Status::ReadyToRun,
            (Call::Cancel, D::CancelWhileOff) => status == Status::Stable,
            (Call::Cancel, D::CancelAcceptedInErrorWithModeOff) => error && !on,
            (Call::Approve, D::ApproveWhenMixed) => status == Status::Mixed && on && !error,
            (Call::Approve, D::ApproveWhenNotUpgraded) => status == Status::ReadyToUpgrade,
            (Call::Approve, D::ApproveWhileOff) => status == Status::Stable,
            (Call::Approve, D::ApproveDespiteError) => on && error,
            (Call::Approve, D::ApproveAcceptedWithTwoLater) => on && !error && later,
            (Call::Approve, D::ApproveAcceptedInErrorWithModeOff) => error && !on,
            (Call::Retry, D::RetryAcceptedInStable) => status == Status::Stable,
            (Call::Retry, D::RetryAcceptedWhileRunning) => status == Status::Running,
            _ => false,
        }
    }

    fn refused_by_slip(&self, call: Call, defect: D) -> bool {
        let memory = &self.memory;
        match (call, defect) {
            (_, D::RefusesEverything) => true,
            (Call::Start, D::StartRefused) => true,
            (Call::Start, D::FirstStartRefused) => memory.refusals == 0,
            (Call::Start, D::StartOnlyFromFirstVersion) => {
                self.joined_versions().first().is_some_and(|version| version > 0)
            }
            (Call::Start, D::StartRefusedInSecondCycle) => memory.starts > 0,
            (Call::Start, D::StartRefusedAfterCancel) => memory.cancels > 0,
            (Call::Start, D::StartRefusedAfterApprove) => memory.approves > 0,
            (Call::Start, D::StartRefusedAfterError) => memory.broken,
            (Call::Start, D::StartRefusedWhileNodeRemoved) => self.any(Phase::Absent),
            (Call::Start, D::StartRefusedAfterReconnect) => {
                memory.removed && !self.any(Phase::Absent)
            }
            (Call::Start, D::StableDespiteError) => self.any(Phase::Error),
            (Call::Cancel, D::CancelRefused) => true,
            (Call::Cancel, D::CancelRefusedWithOffline) => self.any(Phase::Offline),
            (Call::Cancel, D::CancelCountsOffline) => self.any_of(Phase::Offline, true),
            (Call::Cancel, D::CancelRefusedAfterRollback) => memory.mixed_in_mode,
            (Call::Cancel, D::CancelRefusedAfterError) => memory.broken_in_mode,
            (Call::Cancel, D::CancelRefusedInSecondCycle) => memory.starts > 1,
            (Call::Approve, D::ApproveRefused) => true,
            (Call::Approve, D::ApproveCountsOffline) => self.any_of(Phase::Offline, false),
            (Call::Approve, D::ApproveRefusedWithUpgradedOffline) => {
                self.any_of(Phase::Offline, true)
            }
            (Call::Approve, D::ApproveRefusedAfterError) => memory.broken_in_mode,
            (Call::Approve, D::ApproveRefusedInSecondCycle) => memory.approves > 0,
            (Call::Approve, D::ApproveRefusedForMiddleVersion) => {
                self.joined_versions().iter().all(|version| version + 1 < self.versions)
            }
            (Call::Approve, D::ApproveRefusedForEarlierVersion) => {
                self.joined_versions().iter().all(|version| Some(version) < self.origin)
            }
            (Call::Retry, D::RetryRefused) => true,
            _ => false,
        }
    }

    /// The effect of an accepted call; `tasks` says whether this upgrade brings any.
    pub(crate) fn perform(&mut self, call: Call, tasks: bool) {
        match call {
            Call::Start => self.start(),
            Call::Cancel => {
                self.memory.cancels += 1;
                self.leave_mode(D::CancelKeepsOrigin);
                if self.has(D::CancelRestartsNode) {
                    self.set_phase(0, Phase::StartingOut);
                }
            }
            Call::Approve => self.approve(tasks),
            Call::Retry => self.retry(),
        }
        self.after_change();
    }

    fn leave_mode(&mut self, keeps_origin: D) {
        let keeps = self.has(keeps_origin) || self.has(D::OriginKept);
        let kept = self.origin.filter(|_| keeps);
        self.switch_mode(false, kept);
    }

    fn start(&mut self) {
        self.memory.starts += 1;
        let joined = self.joined_versions();
        let running = joined.first();
        let latest = self.versions - 1;
        let origin = if self.has(D::OriginIsLatest) {
            Some(latest)
        } else if self.has(D::StartRecordsFirstVersion) {
            Some(0)
        } else {
            running
        };
        self.switch_mode(true, origin);
        if self.has(D::StartUpgradesNode) {
            self.nodes[0].version = latest;
        }
        if self.has(D::StartRestartsNode) {
            self.set_phase(0, Phase::StartingIn);
        }
    }

    fn approve(&mut self, tasks: bool) {
        self.memory.approves += 1;
        self.leave_mode(D::ApproveKeepsOrigin);
        if self.has(D::ApproveRemovesActiveNode) && self.nodes.len() > 1 {
            self.set_phase(0, Phase::Absent);
        }
        if self.has(D::ApproveStopsNode) {
            self.set_phase(0, Phase::TerminatingIn);
        }
        if tasks && self.profile == Profile::Finalization {
            self.tasks_pending = !self.has(D::TasksNeverPending);
            let only_one = self.has(D::ApproveFinalizesOneNode);
            self.finalize_all(Phase::Active, only_one);
            if self.has(D::ApproveStaysInMode) {
                self.mode = true;
                self.origin = self.joined_versions().first();
            }
        }
    }

    fn finalize_all(&mut self, phase: Phase, only_one: bool) {
        let chosen: Vec<usize> =
            (0..self.nodes.len()).filter(|index| self.nodes[*index].phase == phase).collect();
        for index in chosen.into_iter().take(if only_one { 1 } else { usize::MAX }) {
            self.set_phase(index, Phase::Finalizing);
        }
    }

    fn retry(&mut self) {
        if !self.tasks_pending && !self.any(Phase::FinalizeFailed) {
            return;
        }
        if self.has(D::RetryEndsTasks) {
            for index in 0..self.nodes.len() {
                if self.nodes[index].phase == Phase::FinalizeFailed {
                    self.set_phase(index, Phase::Active);
                }
            }
            self.tasks_pending = false;
            return;
        }
        let failed = self.any(Phase::FinalizeFailed);
        if failed {
            self.finalize_all(Phase::FinalizeFailed, self.has(D::RetryRunsOneNode));
        }
        if !failed || self.has(D::RetryRunsEveryNode) {
            self.finalize_all(Phase::Active, false);
        }
    }

    /// Guard, effect and answer of one POST.
    pub(crate) fn post(&mut self, call: Call, tasks: bool) -> (u16, Carried) {
        if self.allowed(call) { self.accept(call, tasks) } else { self.refuse(call) }
    }

    /// The part of `post` behind the guard.
    pub(crate) fn accept(&mut self, call: Call, tasks: bool) -> (u16, Carried) {
        let no_effect = match call {
            Call::Start => self.has(D::StartHasNoEffect),
            Call::Cancel => self.has(D::CancelKeepsMode),
            Call::Approve => self.has(D::ApproveKeepsMode),
            Call::Retry => self.has(D::RetryDoesNothing),
        };
        if !no_effect {
            self.perform(call, tasks);
        }
        let Some(defect) = self.defect else {
            return (200, Carried::Cluster);
        };
        match (call, defect) {
            (_, D::AcceptedAnswers202) => (202, Carried::Cluster),
            (Call::Start, D::StartAnswers202) => (202, Carried::Cluster),
            (Call::Start, D::StartAnswers204) => (204, Carried::Nothing),
            (Call::Start, D::StartAnswers500) => (500, Carried::Refusal),
            (Call::Start, D::StartAnswersBefore) => (200, Carried::Stale),
            (Call::Start, D::StartAnswersEmpty) => (200, Carried::Nothing),
            (Call::Cancel, D::CancelAnswers202) => (202, Carried::Cluster),
            (Call::Cancel, D::CancelAnswers409) => (409, Carried::Refusal),
            (Call::Cancel, D::CancelAnswersBefore) => (200, Carried::Stale),
            (Call::Approve, D::ApproveAnswers204) => (204, Carried::Nothing),
            (Call::Approve, D::ApproveAnswers409) => (409, Carried::Refusal),
            (Call::Approve, D::ApproveAnswers303) => (303, Carried::Nothing),
            (Call::Approve, D::ApproveAnswersBefore) => (200, Carried::Stale),
            _ => (200, Carried::Cluster),
        }
    }

    /// The answer to a call that the guard refuses; nothing changes unless a defect says so.
    pub(crate) fn refuse(&mut self, call: Call) -> (u16, Carried) {
        let Some(defect) = self.defect else {
            return (409, Carried::Refusal);
        };
        let error = self.any(Phase::Error);
        self.refusal_with_effect(call, defect, error);
        if call == Call::Start {
            self.memory.refusals += 1;
        }
        match (call, defect) {
            (_, D::RefusedAnswers200) => (200, Carried::Cluster),
            (_, D::RefusedAnswers400) => (400, Carried::Refusal),
            (_, D::RefusedAnswers500) => (500, Carried::Refusal),
            (Call::Start, D::RefusedStartAnswers400) => (400, Carried::Refusal),
            (Call::Start, D::RefusedStartAnswers200) => (200, Carried::Cluster),
            (_, D::RefusedInErrorAnswers403) if error => (403, Carried::Refusal),
            (Call::Cancel, D::RefusedCancelAnswers200) => (200, Carried::Cluster),
            (Call::Cancel, D::RefusedCancelAnswers500) => (500, Carried::Refusal),
            (Call::Cancel, D::RefusedCancelWhileOffAnswers404) if !self.mode => {
                (404, Carried::Refusal)
            }
            (Call::Approve, D::RefusedApproveAnswers200) => (200, Carried::Cluster),
            (Call::Approve, D::RefusedApproveAnswers412) => (412, Carried::Refusal),
            (Call::Approve, D::RefusedApproveWhileOffAnswers204) if !self.mode => {
                (204, Carried::Nothing)
            }
            (Call::Retry, D::RefusedRetryAnswers200) => (200, Carried::Cluster),
            _ => (409, Carried::Refusal),
        }
    }

    fn refusal_with_effect(&mut self, call: Call, defect: D, error: bool) {
        let other = self.nodes.iter().rposition(|node| node.phase == Phase::Active);
        match (call, defect) {
            (Call::Start, D::RefusedStartTurnsModeOff) if self.mode => {
                self.switch_mode(false, None)
            }
            (Call::Start, D::RefusedStartTakesEffect) if self.mode => {
                self.origin = Some(self.versions - 1)
            }
            (Call::Start, D::RefusedStartInErrorTurnsModeOn) if error && !self.mode => {
                let origin = self.joined_versions().first();
                self.switch_mode(true, origin);
            }
            (Call::Cancel, D::RefusedCancelTakesEffect) if self.mode => {
                self.switch_mode(false, None)
            }
            (Call::Cancel, D::RefusedCancelRemovesOffline) => {
                if let Some(index) = self.nodes.iter().position(|node| node.phase == Phase::Offline)
                {
                    self.set_phase(index, Phase::Absent);
                }
            }
            (Call::Approve, D::RefusedApproveTakesEffect) if self.mode => {
                self.switch_mode(false, None)
            }
            (Call::Approve, D::RefusedApproveBreaksNode) => {
                if let Some(index) = other {
                    self.set_phase(index, Phase::Error);
                }
            }
            (Call::Approve, D::RefusedApproveRepairsNode) => {
                if let Some(index) = self.nodes.iter().position(|node| node.phase == Phase::Error) {
                    self.set_phase(index, Phase::Active);
                }
            }
            _ => return,
        }
        self.after_change();
    }
}
