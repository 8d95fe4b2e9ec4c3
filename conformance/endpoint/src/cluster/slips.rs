//! How do the planted slips of the status differ from spec section 2?
//!
//! `bend_facts` changes what the status is derived from, `bend_status` the result. Both reach the guards of the calls,
//! as such a slip would in a real build; slips of the answer alone are in `bodies`.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function concerns a handful of the many defects"
)]

use super::{Cluster, Facts, Phase, Status, Versions};
use crate::defect::Defect as D;

fn versions(cluster: &Cluster, phase: Phase) -> impl Iterator<Item = usize> {
    cluster.nodes.iter().filter(move |node| node.phase == phase).map(|node| node.version)
}

fn is_error(cluster: &Cluster, index: usize) -> bool {
    cluster.nodes[index].phase == Phase::Error
}

pub(crate) fn bend_facts(cluster: &Cluster, facts: &mut Facts) {
    let Some(defect) = cluster.defect else { return };
    let latest = cluster.versions - 1;
    let last = cluster.nodes.len() - 1;
    match defect {
        D::ErrorIgnoredWhileOn if facts.mode => facts.error = false,
        D::ErrorIgnoredWithModeOff | D::StableDespiteError if !facts.mode => facts.error = false,
        D::ErrorOfFirstNodeIgnored => {
            facts.error = (1..=last).any(|index| is_error(cluster, index))
        }
        D::ErrorOfLastNodeIgnored => facts.error = (0..last).any(|index| is_error(cluster, index)),
        D::ErrorCountsByItsVersion if facts.mode => {
            facts.error = false;
            facts.joined.extend(versions(cluster, Phase::Error));
        }
        D::ErrorOfOldNodeIgnored if facts.mode => {
            facts.error =
                versions(cluster, Phase::Error).any(|version| Some(version) != facts.origin);
        }
        D::ErrorIgnoredOnceAllUpgraded if facts.mode && facts.joined.all_but(facts.origin) => {
            facts.error = false;
        }
        D::ErrorIgnoredInSecondCycle if facts.mode && cluster.memory.starts > 1 => {
            facts.error = false
        }
        D::KilledErrorStillMixed => {
            facts.error |=
                cluster.nodes.iter().any(|node| node.phase == Phase::Offline && node.fell_in_error);
        }
        D::MixedAfterRepairWithModeOn if facts.mode => facts.error |= cluster.memory.broken_in_mode,
        D::MixedAfterRepairWithModeOff if !facts.mode => {
            facts.error |= cluster.memory.broken_in_mode
        }
        D::OfflineCountsAsUpgraded if facts.mode => {
            let origin = facts.origin;
            facts.joined.extend(
                versions(cluster, Phase::Offline).filter(|version| Some(*version) != origin),
            );
        }
        D::OfflineBlocksFinalizing if facts.mode => {
            let origin = facts.origin;
            facts.joined.extend(
                versions(cluster, Phase::Offline).filter(|version| Some(*version) == origin),
            );
        }
        D::OfflineOtherLaterCounts if facts.mode && facts.joined.all_but(facts.origin) => {
            let origin = facts.origin;
            facts.joined.extend(
                versions(cluster, Phase::Offline).filter(|version| Some(*version) != origin),
            );
        }
        D::AbsentCounts if facts.mode => facts.joined.extend(versions(cluster, Phase::Absent)),
        D::FirstVersionIsOriginal if facts.mode => facts.origin = Some(0),
        D::MiddleVersionIsNoUpgrade if facts.mode => {
            let origin = facts.origin;
            let seen = facts.joined.iter();
            facts.joined = seen
                .filter_map(|version| if version == latest { Some(version) } else { origin })
                .collect();
        }
        D::EarlierVersionIsNoUpgrade if facts.mode => {
            let origin = facts.origin.unwrap_or_default();
            let seen: Versions = facts.joined.iter().map(|version| version.max(origin)).collect();
            facts.joined = seen;
        }
        _ => {}
    }
}

/// How many joined nodes run the origin, and how many another version.
fn shares(cluster: &Cluster) -> (usize, usize) {
    let joined = || cluster.nodes.iter().filter(|node| node.phase.joined());
    let old = joined().filter(|node| Some(node.version) == cluster.origin).count();
    (old, joined().count() - old)
}

pub(crate) fn bend_status(cluster: &Cluster, status: Status) -> Status {
    let Some(defect) = cluster.defect else {
        return status;
    };
    let error = cluster.any(Phase::Error);
    let by_version = status == Status::Mixed && cluster.mode && !error;
    let (old, upgraded) = shares(cluster);
    let memory = &cluster.memory;
    let all_active = cluster.nodes.iter().all(|node| node.phase == Phase::Active);
    match defect {
        D::MixedShownReady if by_version && old > 0 => Status::ReadyToUpgrade,
        D::OneUpgradedIsEnough if by_version && old > 0 => Status::ReadyToRun,
        D::MixedNeedsTwoUpgraded if by_version && old > 0 && upgraded == 1 => {
            Status::ReadyToUpgrade
        }
        D::MixedEndsWithLastOldNode if by_version && old == 1 && upgraded > 1 => Status::ReadyToRun,
        D::TwoUpgradedAreEnough if by_version && old > 0 && upgraded > 1 => Status::ReadyToRun,
        D::MixedWhileOff if status == Status::Stable && cluster.any(Phase::Offline) => {
            Status::Mixed
        }
        D::MixedMissedInSecondCycle if by_version && memory.starts > 1 => Status::ReadyToUpgrade,
        D::MixedMissedAfterError if by_version && memory.broken => Status::ReadyToUpgrade,
        D::MixedAfterRollback if status == Status::ReadyToUpgrade && memory.mixed_in_mode => {
            Status::Mixed
        }
        D::ReadyToRunShownMixed if status == Status::ReadyToRun => Status::Mixed,
        D::ReadyToRunShownReady if status == Status::ReadyToRun => Status::ReadyToUpgrade,
        D::ReadyToRunMissedInSecondCycle if status == Status::ReadyToRun && memory.starts > 1 => {
            Status::Mixed
        }
        D::MixedNeedsOriginal if by_version && old == 0 => Status::ReadyToRun,
        D::ReadyShownStable if status == Status::ReadyToUpgrade => Status::Stable,
        D::ReadyShownMixedWhenOffline
            if status == Status::ReadyToUpgrade && cluster.any(Phase::Offline) =>
        {
            Status::Mixed
        }
        D::ReadyToRunOnlyWithAllNodes if status == Status::ReadyToRun && !all_active => {
            Status::Mixed
        }
        D::StableShownReadyAfterCancel if status == Status::Stable && memory.cancels > 0 => {
            Status::ReadyToUpgrade
        }
        D::ApproveKeepsStatus if status == Status::Stable && memory.approves > 0 => {
            Status::ReadyToRun
        }
        D::StableShownMixedAfterRemoval
            if status == Status::Stable && cluster.any(Phase::Absent) =>
        {
            Status::Mixed
        }
        D::StableShownMixedInSecondCycle if status == Status::Stable && memory.approves > 1 => {
            Status::Mixed
        }
        D::TasksLeaveStable if status == Status::Running => Status::Stable,
        D::FailureIsStable if status == Status::Failed => Status::Stable,
        D::FailureShownMixed if status == Status::Failed => Status::Mixed,
        D::FailureShownAtOnce
            if status == Status::Running && cluster.any(Phase::FinalizeFailed) =>
        {
            Status::Failed
        }
        D::FailureShownRunning if status == Status::Failed => Status::Running,
        _ => status,
    }
}
