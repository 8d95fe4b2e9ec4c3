//! What if the cluster did one thing differently? Planted mutants, each tied to the rule that it breaks.
//!
//! A property that no mutant violates proves nothing, an engine that misses one is wrong, and a suite that passes a
//! mock with one planted is blind: this registry is how all three are tested. The spec itself is
//! [`crate::spec::semantics::Spec`].

use std::fmt;

use crate::spec::cluster::{Cluster, ClusterStatus, Joined, Mode};
use crate::spec::node::{NodeId, Phase, Version};
use crate::spec::profile::Profile;
use crate::spec::rule::Rule;
use crate::spec::semantics::Semantics;
use crate::spec::transition::{Call, Transition};

macro_rules! mutants {
    ($($variant:ident $name:literal $rule:ident $nodes:literal $versions:literal $text:literal)*; $($stuck:ident)*) => {
        /// One way in which a cluster can differ from the spec.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Mutant { $(#[doc = $text] $variant,)* }

        impl Mutant {
            /// Every mutant.
            pub const EVERY: &'static [Self] = &[$(Self::$variant),*];

            /// Those that break no safety property: nothing that they do is wrong, but something never happens.
            pub const STUCK: &'static [Self] = &[$(Self::$stuck),*];

            /// The name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The rule that it breaks.
            #[must_use]
            pub const fn rule(self) -> Rule {
                match self { $(Self::$variant => Rule::$rule,)* }
            }

            /// What it does differently.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The least number of nodes at which it shows in the model; whoever only sees answers needs another node that serves.
            #[must_use]
            pub const fn nodes_min(self) -> usize {
                match self { $(Self::$variant => $nodes,)* }
            }

            /// The least number of versions at which it shows.
            #[must_use]
            pub const fn versions_min(self) -> u8 {
                match self { $(Self::$variant => $versions,)* }
            }
        }
    };
}

mutants! {
    StartDespiteError "start-despite-error" Mode2 2 2 "`start` is accepted with upgrade mode off and a node in error"
    StartWhileOn "start-while-on" Mode7 1 2 "`start` is accepted while upgrade mode is on"
    StartOnlyFromFirstVersion "start-only-from-first-version" Mode1 1 2 "`start` is refused once the cluster runs a later version"
    StartRecordsFirstVersion "start-records-first-version" Api2 1 2 "`start` always records the very first version as the original"
    StartRecordsNothing "start-records-nothing" Api1 1 2 "`start` answers 200 and records no original version"
    CancelWhenMixed "cancel-when-mixed" Mode3 2 2 "`cancel` is accepted while joined nodes run different versions"
    CancelDespiteError "cancel-despite-error" Mode3 2 2 "`cancel` is accepted while a node is in error"
    CancelWhenUpgraded "cancel-when-upgraded" Mode4 1 2 "`cancel` is accepted once all nodes are upgraded"
    CancelWhileOff "cancel-while-off" Mode7 1 2 "`cancel` is accepted while upgrade mode is off"
    CancelCountsOffline "cancel-counts-offline" Mode3 2 2 "`cancel` is refused because of an upgraded node that is OFFLINE"
    CancelKeepsMode "cancel-keeps-mode" Api5 1 2 "`cancel` answers 200 and leaves upgrade mode on"
    ApproveWhenMixed "approve-when-mixed" Mode5 2 2 "`approve` is accepted while joined nodes run different versions"
    ApproveDespiteError "approve-despite-error" Mode5 2 2 "`approve` is accepted while a node is in error"
    ApproveWhenNotUpgraded "approve-when-not-upgraded" Mode5 1 2 "`approve` is accepted while no joined node is upgraded"
    ApproveWhileOff "approve-while-off" Mode7 1 2 "`approve` is accepted while upgrade mode is off"
    ApproveCountsOffline "approve-counts-offline" Mode5 2 2 "`approve` is refused because of an old node that is OFFLINE"
    ApproveKeepsMode "approve-keeps-mode" Api6 1 2 "`approve` answers 200 and leaves upgrade mode on"
    OriginKept "origin-kept" Api1 1 2 "the original version is still given after upgrade mode is disabled"
    RefusedStartTakesEffect "refused-start-takes-effect" Api9 1 2 "a refused `start` records another original version"
    RefusedCancelTakesEffect "refused-cancel-takes-effect" Api9 1 2 "a refused `cancel` disables upgrade mode"
    RefusedApproveTakesEffect "refused-approve-takes-effect" Api9 1 2 "a refused `approve` disables upgrade mode"
    StableDespiteError "stable-despite-error" Status5 1 2 "the status is STABLE with upgrade mode off and a node in error"
    ErrorIgnoredWhileOn "error-ignored-while-on" Status4 1 2 "a node in error does not count while upgrade mode is on"
    MixedWhileOff "mixed-while-off" Status1 1 2 "the status is MIXED while a node is OFFLINE and upgrade mode is off"
    OfflineCountsAsUpgraded "offline-counts-as-upgraded" Status2 1 2 "an upgraded node that is OFFLINE makes the status MIXED"
    StableUntilUpgraded "stable-until-upgraded" Status2 1 2 "the status stays STABLE until an upgraded node has joined"
    OneUpgradedIsEnough "one-upgraded-is-enough" Status3 2 2 "the status is READY_TO_RUN_UPGRADE_TASKS as soon as one joined node is upgraded"
    TwoUpgradedAreEnough "two-upgraded-are-enough" Status3 3 2 "the status is READY_TO_RUN_UPGRADE_TASKS as soon as two joined nodes are upgraded"
    MixedNeedsOriginal "mixed-needs-original" Status6 2 3 "joined nodes of two later versions do not make the status MIXED"
    OfflineBlocksFinalizing "offline-blocks-finalizing" Status7 2 2 "an old node that is OFFLINE keeps the status MIXED"
    FirstVersionIsOriginal "first-version-is-original" Status2 1 2 "the status compares with the very first version, not with the recorded one"
    ReadyBreaks "ready-breaks" Node2 1 2 "a node that has finished loading is in ERROR"
    StopBreaks "stop-breaks" Node3 1 2 "a node that is stopped gracefully ends in ERROR"
    StopDropsFromList "stop-drops-from-list" Node5 1 2 "a node that is stopped while upgrade mode is on is removed at once"
    ErroredCannotStop "errored-cannot-stop" Node7 1 2 "an errored node cannot be stopped gracefully"
    ErroredCannotBeKilled "errored-cannot-be-killed" Node8 1 2 "an errored node stays in ERROR when it is shut down altogether"
    KilledStaysInError "killed-stays-in-error" Node4 1 2 "a node that dies is ERROR, not OFFLINE"
    RemovedCannotReturn "removed-cannot-return" Node9 1 2 "a removed node cannot be started again"
    NeverForgotten "never-forgotten" Node5 1 2 "an OFFLINE node stays listed once upgrade mode is disabled"
    ForgottenWhileOn "forgotten-while-on" Node5 1 2 "an OFFLINE node is removed while upgrade mode is on"
    VersionChangesWhileUp "version-changes-while-up" Node10 1 2 "a version can be installed on a running node, and is live at once"
    BreakTakesNeighbour "break-takes-neighbour" Node6 2 2 "an error on one node puts the next node into error as well"
    JoinsWithOtherVersion "joins-with-other-version" Mode8 2 2 "a node of another version joins while upgrade mode is off"
    RepairedWithOtherVersion "repaired-with-other-version" Mode8 2 2 "an errored node of another version is taken back while upgrade mode is off"
    TasksLeaveStable "tasks-leave-stable" Fin1 1 2 "the status is STABLE while upgrade tasks run (profile `finalization`)"
    TasksNeverPending "tasks-never-pending" Fin1 1 2 "upgrade tasks are never shown as pending (profile `finalization`)"
    DoneButPending "done-but-pending" Fin2 1 2 "upgrade tasks stay pending when every node is done (profile `finalization`)"
    FailureIsStable "failure-is-stable" Fin3 1 2 "the status is STABLE after upgrade tasks failed (profile `finalization`)"
    FailureKeepsRunning "failure-keeps-running" Fin3 1 2 "the status stays RUNNING_UPGRADE_TASKS after upgrade tasks failed (profile `finalization`)"
    RunningShownAsFailed "running-shown-as-failed" Fin1 1 2 "the status is UPGRADE_TASKS_FAILED while upgrade tasks run (profile `finalization`)"
    RetryInStable "retry-in-stable" Fin4 1 2 "`retryUpgrade` is accepted in STABLE (profile `finalization`)"
    RetryRefused "retry-refused" Fin4 1 2 "`retryUpgrade` is refused after upgrade tasks failed (profile `finalization`)"
    RetryDoesNothing "retry-does-nothing" Fin4 1 2 "`retryUpgrade` answers 200 and runs nothing (profile `finalization`)"
    StartWhileTasksRun "start-while-tasks-run" Fin5 1 2 "`start` is accepted while upgrade tasks run or after they failed (profile `finalization`)"
    NeverReady "never-ready" Node2 1 2 "a node that has joined never finishes loading"
    RejectedTriesAgain "rejected-tries-again" Node2 2 2 "a node of another version that is not let in tries for ever"
    NeverDown "never-down" Node3 1 2 "a node that is stopped gracefully never goes down"
    TasksNeverEnd "tasks-never-end" Fin2 1 2 "upgrade tasks run for ever (profile `finalization`)"
    ; NeverReady RejectedTriesAgain NeverDown TasksNeverEnd
}

impl Mutant {
    /// Whether it shows in this profile.
    #[must_use]
    pub const fn in_profile(self, profile: Profile) -> bool {
        self.rule().in_profile(profile)
    }

    /// Whether which node comes before which decides something: one breaks the next node, and the others let joined nodes of
    /// two versions come to a `start`, which then records what the first joined node runs.
    const fn orders_nodes(self) -> bool {
        matches!(
            self,
            Self::BreakTakesNeighbour
                | Self::StartWhileOn
                | Self::StartWhileTasksRun
                | Self::VersionChangesWhileUp
                | Self::JoinsWithOtherVersion
                | Self::RepairedWithOtherVersion
                | Self::CancelWhenMixed
                | Self::CancelDespiteError
                | Self::ApproveWhenMixed
                | Self::ApproveDespiteError
        )
    }

    /// Whether tables of what few nodes show say all that it does ([`Semantics::local`]): it asks for nothing that a
    /// summary of nodes does not tell, nor for their order, and comes to no mode, origin and pending tasks together that the
    /// spec does not.
    #[must_use]
    pub const fn tabulates(self) -> bool {
        !self.orders_nodes()
            && !matches!(
                self,
                Self::StartRecordsNothing
                    | Self::CancelCountsOffline
                    | Self::ApproveCountsOffline
                    | Self::OriginKept
                    | Self::TasksNeverPending
                    | Self::DoneButPending
                    | Self::RetryInStable
            )
    }

    /// Whether the status that it shows asks for nothing that a summary of all nodes does not tell
    /// ([`Semantics::tells_by_summary`]): these ask for nodes that are OFFLINE, or count.
    #[must_use]
    pub(crate) const fn tells_by_summary(self) -> bool {
        !matches!(
            self,
            Self::MixedWhileOff
                | Self::OfflineCountsAsUpgraded
                | Self::OfflineBlocksFinalizing
                | Self::TwoUpgradedAreEnough
        )
    }

    /// Those that break a safety property, and so are found out by whoever sees answers: the others never answer wrongly.
    pub const ALL: &'static [Self] = Self::EVERY.split_at(Self::EVERY.len() - Self::STUCK.len()).0;

    /// The mutant with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::EVERY.iter().copied().find(|mutant| mutant.name() == name)
    }

    /// Whether the mutant lets the call through where the spec refuses it.
    fn lets_through(self, cluster: &Cluster, call: Call) -> bool {
        let on = cluster.mode == Mode::On;
        let error = cluster.any(Phase::Error);
        let several = cluster.joined() == Joined::Several;
        let status = cluster.status();
        match (self, call) {
            (Self::StartDespiteError, Call::Start) => !on && status == ClusterStatus::Mixed,
            (Self::StartWhileOn, Call::Start) => on,
            (Self::StartWhileTasksRun, Call::Start) => matches!(
                status,
                ClusterStatus::RunningUpgradeTasks | ClusterStatus::UpgradeTasksFailed
            ),
            (Self::RetryInStable, Call::Retry) => status == ClusterStatus::Stable,
            (Self::CancelWhenMixed, Call::Cancel) => on && !error && several,
            (Self::CancelDespiteError, Call::Cancel) => on && error,
            (Self::CancelWhenUpgraded, Call::Cancel) => {
                status == ClusterStatus::ReadyToRunUpgradeTasks
            }
            (Self::CancelWhileOff, Call::Cancel) | (Self::ApproveWhileOff, Call::Approve) => !on,
            (Self::ApproveWhenMixed, Call::Approve) => on && !error && several,
            (Self::ApproveDespiteError, Call::Approve) => on && error,
            (Self::ApproveWhenNotUpgraded, Call::Approve) => {
                status == ClusterStatus::ReadyToUpgrade
            }
            _ => false,
        }
    }

    /// Whether the mutant refuses the call where the spec lets it through.
    fn refuses(self, cluster: &Cluster, call: Call) -> bool {
        let later = |joined| !matches!(joined, Joined::One(Version::ORIGINAL));
        match (self, call) {
            (Self::StartOnlyFromFirstVersion, Call::Start) => later(cluster.joined()),
            (Self::CancelCountsOffline, Call::Cancel) => {
                down_and(cluster, |version| Some(version) != cluster.origin)
            }
            (Self::ApproveCountsOffline, Call::Approve) => {
                down_and(cluster, |version| Some(version) == cluster.origin)
            }
            (Self::RetryRefused, Call::Retry) => true,
            _ => false,
        }
    }
}

fn down_and(cluster: &Cluster, which: impl Fn(Version) -> bool) -> bool {
    cluster.nodes.iter().any(|node| node.phase == Phase::Offline && which(node.version))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a mutant differs from the spec in one method and is the spec in all others"
)]
impl Semantics for Mutant {
    fn status(&self, cluster: &Cluster) -> ClusterStatus {
        let right = cluster.status();
        let on = cluster.mode == Mode::On;
        let upgraded = |version: Version| Some(version) != cluster.origin;
        let error_blind = || {
            let mut blind = cluster.clone();
            blind.nodes.retain(|node| node.phase != Phase::Error);
            blind.status()
        };
        match self {
            Self::StableDespiteError if !on && right == ClusterStatus::Mixed => error_blind(),
            Self::ErrorIgnoredWhileOn if on => error_blind(),
            Self::MixedWhileOff
                if right == ClusterStatus::Stable && cluster.any(Phase::Offline) =>
            {
                ClusterStatus::Mixed
            }
            Self::OfflineCountsAsUpgraded
                if right == ClusterStatus::ReadyToUpgrade && down_and(cluster, upgraded) =>
            {
                ClusterStatus::Mixed
            }
            Self::OneUpgradedIsEnough | Self::TwoUpgradedAreEnough
                if on && !cluster.any(Phase::Error) =>
            {
                let enough = if *self == Self::OneUpgradedIsEnough { 1 } else { 2 };
                let upgraded = cluster
                    .nodes
                    .iter()
                    .filter(|node| node.phase.joined() && upgraded(node.version))
                    .count();
                let old = cluster
                    .nodes
                    .iter()
                    .any(|node| node.phase.joined() && Some(node.version) == cluster.origin);
                if upgraded >= enough && old {
                    ClusterStatus::ReadyToRunUpgradeTasks
                } else {
                    right
                }
            }
            Self::MixedNeedsOriginal if on && !cluster.any(Phase::Error) => {
                let joined = cluster.joined_versions();
                if joined.len() > 1 && joined.iter().all(|version| upgraded(*version)) {
                    ClusterStatus::ReadyToRunUpgradeTasks
                } else {
                    right
                }
            }
            Self::OfflineBlocksFinalizing
                if right == ClusterStatus::ReadyToRunUpgradeTasks
                    && down_and(cluster, |version| !upgraded(version)) =>
            {
                ClusterStatus::Mixed
            }
            Self::FirstVersionIsOriginal if on => {
                let mut misread = cluster.clone();
                misread.origin = Some(Version::ORIGINAL);
                misread.status()
            }
            Self::StableUntilUpgraded if right == ClusterStatus::ReadyToUpgrade => {
                ClusterStatus::Stable
            }
            Self::FailureKeepsRunning if right == ClusterStatus::UpgradeTasksFailed => {
                ClusterStatus::RunningUpgradeTasks
            }
            Self::RunningShownAsFailed if right == ClusterStatus::RunningUpgradeTasks => {
                ClusterStatus::UpgradeTasksFailed
            }
            Self::TasksLeaveStable if right == ClusterStatus::RunningUpgradeTasks => {
                ClusterStatus::Stable
            }
            Self::FailureIsStable if right == ClusterStatus::UpgradeTasksFailed => {
                ClusterStatus::Stable
            }
            _ => right,
        }
    }

    fn enabled(&self, cluster: &Cluster, transition: Transition) -> bool {
        let right = transition.enabled(cluster);
        let phase = |id: NodeId| cluster.node(id).phase;
        if let Some(call) = transition.call() {
            let served = cluster.served();
            return served
                && (right || self.lets_through(cluster, call))
                && !self.refuses(cluster, call);
        }
        match (self, transition) {
            (Self::ErroredCannotStop, Transition::Stop(id))
            | (Self::ErroredCannotBeKilled, Transition::Kill(id)) => {
                right && phase(id) != Phase::Error
            }
            (Self::RemovedCannotReturn, Transition::Boot(id)) => {
                right && phase(id) != Phase::Absent
            }
            (Self::NeverForgotten, Transition::Forget(_))
            | (Self::NeverReady, Transition::Ready(_))
            | (Self::NeverDown, Transition::Halt(_))
            | (Self::TasksNeverEnd, Transition::FinalizeOk(_)) => false,
            (Self::ForgottenWhileOn, Transition::Forget(id)) => phase(id) == Phase::Offline,
            (Self::VersionChangesWhileUp, Transition::Install(id, version)) => {
                right || (phase(id) == Phase::Active && cluster.node(id).version != version)
            }
            (Self::JoinsWithOtherVersion, Transition::Join(id)) => phase(id) == Phase::StartingOut,
            (Self::JoinsWithOtherVersion, Transition::Reject(_)) => false,
            (Self::RepairedWithOtherVersion, Transition::Repair(id)) => phase(id) == Phase::Error,
            _ => right,
        }
    }

    fn apply(&self, cluster: &Cluster, transition: Transition) -> Cluster {
        let mut next = transition.apply(cluster);
        match (self, transition) {
            (Self::StartRecordsFirstVersion, Transition::Start) => {
                next.origin = Some(Version::ORIGINAL);
            }
            (Self::StartRecordsNothing, Transition::Start) => next.origin = None,
            (Self::CancelKeepsMode, Transition::Cancel)
            | (Self::ApproveKeepsMode, Transition::Approve)
            | (Self::RetryDoesNothing, Transition::Retry) => return cluster.clone(),
            (Self::OriginKept, Transition::Cancel | Transition::Approve) => {
                next.origin = cluster.origin;
            }
            (Self::RejectedTriesAgain, Transition::Reject(_)) => return cluster.clone(),
            (Self::StopBreaks, Transition::Halt(id))
            | (Self::ReadyBreaks, Transition::Ready(id)) => {
                next.nodes[id.index()].phase = Phase::Error;
            }
            (Self::StopDropsFromList, Transition::Halt(id)) if cluster.mode == Mode::On => {
                next.nodes[id.index()].phase = Phase::Absent;
            }
            (Self::KilledStaysInError, Transition::Kill(id)) => {
                next.nodes[id.index()].phase = Phase::Error;
            }
            (Self::BreakTakesNeighbour, Transition::Break(id)) => {
                let next_one = (id.index() + 1) % cluster.nodes.len();
                if next.nodes[next_one].phase == Phase::Active {
                    next.nodes[next_one].phase = Phase::Error;
                }
            }
            (Self::TasksNeverPending, Transition::ApproveWithTasks) => next.tasks_pending = false,
            (Self::DoneButPending, Transition::FinalizeOk(_)) => {
                next.tasks_pending = cluster.tasks_pending;
            }
            _ => {}
        }
        next
    }

    fn refused(&self, cluster: &Cluster, call: Call) -> Cluster {
        let mut next = cluster.clone();
        match (self, call) {
            (Self::RefusedStartTakesEffect, Call::Start) if cluster.mode == Mode::On => {
                next.origin = Some(Version(u8::from(cluster.origin == Some(Version::ORIGINAL))));
            }
            (Self::RefusedCancelTakesEffect, Call::Cancel)
            | (Self::RefusedApproveTakesEffect, Call::Approve)
                if cluster.mode == Mode::On =>
            {
                next.mode = Mode::Off;
                next.origin = None;
            }
            _ => {}
        }
        next
    }

    /// As the spec, where the order of the nodes decides nothing.
    fn decided_by(&self) -> Option<usize> {
        (!self.orders_nodes()).then_some(4)
    }

    fn symmetric(&self) -> bool {
        !self.orders_nodes()
    }

    fn versions_alike(&self) -> bool {
        // The only mutant that names a version beside the first.
        *self != Self::RefusedStartTakesEffect
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
