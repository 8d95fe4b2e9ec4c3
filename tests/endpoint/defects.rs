//! What are the planted defects, row by row?
//!
//! Columns: name, least N, least V, verdict, needs, rules (the best one first), what is wrong.

use super::defect::{Needs, Row, Verdict};

macro_rules! defects {
    ($($variant:ident $nodes:literal $versions:literal $verdict:ident $needs:ident [$($rule:literal)+] $text:literal;)+) => {
        /// One planted defect.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Defect { $($variant),+ }

        impl Defect {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row {
                        nodes: $nodes,
                        versions: $versions,
                        verdict: Verdict::$verdict,
                        needs: Needs::$needs,
                        rules: &[$($rule),+],
                        text: $text,
                    }),+
                }
            }
        }
    };
}

defects! {
    // Start.
    StartAcceptedInError 2 2 Deviates Nothing ["MODE-2" "API-9"] "start is accepted with a node in error and upgrade mode off";
    StartAcceptedInErrorWithModeOn 2 2 Deviates Nothing ["MODE-7" "MODE-2" "API-9"] "start is accepted with a node in error and upgrade mode on";
    StartAcceptedInReady 1 2 Deviates Nothing ["MODE-7" "API-9" "API-12"] "start is accepted in READY_TO_UPGRADE";
    StartAcceptedInMixed 2 2 Deviates Nothing ["MODE-7" "API-9"] "start is accepted in MIXED";
    StartAcceptedInReadyToRun 1 2 Deviates Nothing ["MODE-7" "API-9"] "start is accepted once all nodes are upgraded";
    StartRefused 1 2 Deviates Nothing ["MODE-1" "API-2"] "start is always refused";
    StartRefusedInSecondCycle 1 2 Deviates Nothing ["MODE-1" "API-2"] "start succeeds only once";
    StartRefusedAfterCancel 1 2 Deviates Nothing ["MODE-1" "API-2" "API-5"] "start is refused after a cancel";
    StartRefusedAfterApprove 1 2 Deviates Nothing ["MODE-1" "API-2" "API-6" "MODE-6"] "start is refused after an approve";
    StartRefusedAfterError 2 2 Deviates Nothing ["MODE-1" "API-2"] "start is refused once a node has been in error, although it is repaired or gone";
    StartRefusedWhileNodeRemoved 2 2 Deviates Nothing ["MODE-1" "API-2"] "start is refused while a removed node is missing";
    StartRefusedAfterReconnect 2 2 Deviates Nothing ["MODE-1" "API-2" "NODE-9"] "start is refused when a removed node is back";
    StartWithoutEffect 1 2 Deviates Nothing ["API-2" "MODE-1"] "start answers 200 and does nothing";
    StartAnswers202 1 2 Deviates Nothing ["API-2" "MODE-1"] "start answers 202";
    StartAnswers204 1 2 Deviates Nothing ["API-2" "MODE-1"] "start answers 204";
    StartAnswers500 1 2 Deviates Nothing ["MODE-1" "API-2"] "start answers 500 and works";
    StartBodyStale 1 2 Deviates Nothing ["API-2" "API-1" "API-11" "MODE-1"] "start answers with the cluster as it was before";
    StartBodyEmpty 1 2 Deviates Nothing ["API-2" "API-1" "MODE-1"] "start answers 200 without a body";
    StartUpgradesNode 1 2 Deviates Nothing ["NODE-10" "API-2"] "start changes the version of the first node while it runs";
    StartRestartsNode 2 2 Deviates Nothing ["NODE-1" "API-2" "NODE-2"] "start restarts the first node";
    // Cancel.
    CancelAcceptedInMixed 2 2 Deviates Nothing ["MODE-3" "API-9" "MODE-8"] "cancel is accepted while two versions run";
    CancelAcceptedInError 2 2 Deviates Nothing ["MODE-3" "API-9"] "cancel is accepted while a node is in error";
    CancelAcceptedWhenAllUpgraded 1 2 Deviates Nothing ["MODE-4" "API-9"] "cancel is accepted once all nodes are upgraded";
    CancelAcceptedWhileOff 1 2 Deviates Nothing ["MODE-7" "API-9" "API-12"] "cancel answers 200 while upgrade mode is off";
    CancelAcceptedInErrorWithModeOff 2 2 Deviates Nothing ["MODE-7" "API-9" "MODE-3"] "cancel answers 200 while upgrade mode is off and a node is in error";
    CancelRefused 1 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is always refused";
    CancelRefusedWithOffline 2 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is refused while a node is OFFLINE";
    CancelRefusedWithUpgradedOffline 2 2 Deviates Nothing ["MODE-3" "API-5" "STATUS-2"] "cancel is refused while an upgraded node is OFFLINE";
    CancelRefusedAfterRollback 2 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is refused once versions were mixed, although that is rolled back";
    CancelRefusedAfterError 2 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is refused after an error that is repaired or gone";
    CancelRefusedInSecondCycle 1 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is refused in the second upgrade";
    CancelWithoutEffect 1 2 Deviates Nothing ["API-5" "MODE-3"] "cancel answers 200 and does nothing";
    CancelAnswers202 1 2 Deviates Nothing ["API-5" "MODE-3"] "cancel answers 202";
    CancelAnswers409 1 2 Deviates Nothing ["MODE-3" "API-9" "API-5"] "cancel answers 409 and works";
    CancelBodyStale 1 2 Deviates Nothing ["API-5" "API-1" "API-11" "MODE-3"] "cancel answers with the cluster as it was before";
    CancelBodyLacksMode 1 2 Deviates Nothing ["API-5" "API-1" "MODE-3"] "cancel answers without upgradeModeEnabled";
    CancelKeepsOrigin 1 2 Deviates Nothing ["API-1" "API-5"] "originalVersion stays after cancel";
    CancelRestartsNode 2 2 Deviates Nothing ["API-5" "NODE-1" "NODE-2"] "cancel restarts the first node";
    // Approve.
    ApproveAcceptedInMixed 2 2 Deviates Nothing ["MODE-5" "API-9" "MODE-8"] "approve is accepted while two versions run";
    ApproveAcceptedInReady 1 2 Deviates Nothing ["MODE-5" "API-9"] "approve is accepted in READY_TO_UPGRADE";
    ApproveAcceptedWhileOff 1 2 Deviates Nothing ["MODE-7" "MODE-5" "API-9" "API-12"] "approve answers 200 while upgrade mode is off";
    ApproveAcceptedInError 2 2 Deviates Nothing ["MODE-5" "API-9"] "approve is accepted while a node is in error";
    ApproveAcceptedInErrorWithModeOff 2 2 Deviates Nothing ["MODE-7" "MODE-5" "API-9"] "approve answers 200 while upgrade mode is off and a node is in error";
    ApproveAcceptedWithTwoLater 2 3 Deviates Nothing ["MODE-5" "API-9" "STATUS-6"] "approve is accepted with two later versions at once";
    ApproveRefused 1 2 Deviates Nothing ["MODE-5" "API-6"] "approve is always refused";
    ApproveRefusedWithOldOffline 2 2 Deviates Nothing ["MODE-5" "API-6" "STATUS-7"] "approve is refused while an OFFLINE node has the original version";
    ApproveRefusedWithUpgradedOffline 2 2 Deviates Nothing ["MODE-5" "API-6"] "approve is refused while an upgraded node is OFFLINE";
    ApproveRefusedAfterError 2 2 Deviates Nothing ["MODE-5" "API-6"] "approve is refused after an error that is repaired or gone";
    ApproveRefusedInSecondCycle 1 2 Deviates Nothing ["MODE-5" "API-6"] "approve succeeds only once";
    ApproveRefusedForMiddleVersion 1 3 Deviates Nothing ["MODE-5" "API-6"] "approve is refused unless the last version runs";
    ApproveRefusedForEarlierVersion 1 2 Deviates Nothing ["MODE-5" "API-6"] "in a second upgrade, approve is refused for a version before the original one";
    ApproveWithoutEffect 1 2 Deviates Nothing ["API-6" "MODE-6" "MODE-5"] "approve answers 200 and does nothing";
    ApproveAnswers204 1 2 Deviates Nothing ["API-6" "MODE-5"] "approve answers 204";
    ApproveAnswers303 1 2 Deviates Nothing ["API-6" "MODE-5"] "approve answers 303 without a body";
    ApproveAnswers409 1 2 Deviates Nothing ["MODE-5" "API-9" "API-6"] "approve answers 409 and works";
    ApproveBodyStale 1 2 Deviates Nothing ["API-6" "MODE-6" "API-1" "API-11" "MODE-5"] "approve answers with the cluster as it was before";
    ApproveBodyLacksNodes 1 2 Deviates Nothing ["API-6" "API-1" "MODE-5"] "approve answers without the nodes";
    ApproveKeepsOrigin 1 2 Deviates Nothing ["API-1" "API-6" "MODE-6"] "originalVersion stays after approve";
    ApproveRemovesActiveNode 2 2 Deviates Nothing ["NODE-5" "API-6" "NODE-1" "MODE-6"] "approve removes a node that is ACTIVE";
    ApproveStopsNode 2 2 Deviates Nothing ["NODE-1" "API-6" "NODE-3" "NODE-5" "MODE-6"] "approve stops the first node";
    // Refusals.
    RefusesEverything 1 2 Deviates Nothing ["MODE-1" "API-2"] "every POST is refused";
    RefusedStartAnswers400 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-2" "API-12"] "a refused start answers 400";
    RefusedStartAnswers200 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-2" "API-12"] "a refused start answers 200";
    RefusedCancelAnswers200 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-3" "MODE-4" "API-12"] "a refused cancel answers 200";
    RefusedCancelAnswers500 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-3" "MODE-4" "API-12"] "a refused cancel answers 500";
    RefusedCancelWhileOffAnswers404 1 2 Deviates Nothing ["API-9" "MODE-7" "API-12"] "cancel answers 404 while upgrade mode is off";
    RefusedApproveAnswers200 1 2 Deviates Nothing ["API-9" "MODE-5" "MODE-7" "API-12"] "a refused approve answers 200";
    RefusedApproveAnswers412 1 2 Deviates Nothing ["API-9" "MODE-5" "MODE-7" "API-12"] "a refused approve answers 412";
    RefusedApproveWhileOffAnswers204 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-5" "API-12"] "approve answers 204 while upgrade mode is off";
    RefusedInErrorAnswers403 2 2 Deviates Nothing ["API-9" "MODE-2" "MODE-3" "MODE-5" "MODE-7"] "a call that is refused because of an error answers 403";
    RefusedStartTurnsModeOff 1 2 Deviates Nothing ["API-9" "MODE-7" "API-12"] "a refused start turns upgrade mode off";
    RefusedStartMovesOrigin 1 2 Deviates Nothing ["API-9" "MODE-7" "API-1" "API-12"] "a refused start records the last version as the original one";
    RefusedStartInErrorTurnsModeOn 2 2 Deviates Nothing ["API-9" "MODE-2"] "a start that is refused because of an error turns upgrade mode on";
    RefusedCancelTurnsModeOff 1 2 Deviates Nothing ["API-9" "MODE-3" "MODE-4"] "a refused cancel turns upgrade mode off";
    RefusedCancelRemovesOffline 2 2 Deviates Nothing ["API-9" "MODE-3" "MODE-4" "NODE-5"] "a refused cancel removes an OFFLINE node";
    RefusedApproveTurnsModeOff 1 2 Deviates Nothing ["API-9" "MODE-5"] "a refused approve turns upgrade mode off";
    RefusedApproveBreaksNode 2 2 Deviates Nothing ["API-9" "MODE-5" "MODE-7" "NODE-6" "API-12"] "a refused approve breaks a node";
    RefusedApproveRepairsNode 2 2 Deviates Nothing ["API-9" "MODE-5" "MODE-7" "NODE-6"] "a refused approve repairs an errored node";
    // The status.
    ErrorIgnoredWithModeOn 2 2 Deviates Nothing ["STATUS-4" "MODE-3"] "an errored node does not make the cluster MIXED with upgrade mode on";
    ErrorIgnoredWithModeOff 2 2 Deviates Nothing ["STATUS-5" "MODE-2"] "with upgrade mode off an errored node leaves the cluster STABLE, and start is accepted";
    ErrorLooksStable 2 2 Deviates Nothing ["STATUS-5"] "with upgrade mode off an errored node leaves the cluster STABLE, though start is refused";
    ErrorOfFirstNodeIgnored 2 2 Deviates Nothing ["STATUS-5" "STATUS-4" "MODE-2" "MODE-3"] "the status does not see an error of the first node";
    ErrorOfLastNodeIgnored 2 2 Deviates Nothing ["STATUS-5" "STATUS-4" "MODE-2" "MODE-3"] "the status does not see an error of the last node";
    ErrorOfOldNodeIgnored 2 2 Deviates Nothing ["STATUS-4" "MODE-3"] "with upgrade mode on the status sees errors of upgraded nodes only";
    ErrorCountsByItsVersion 2 2 Deviates Nothing ["STATUS-4" "MODE-3"] "with upgrade mode on an errored node counts as a joined one";
    ErrorIgnoredOnceAllUpgraded 2 2 Deviates Nothing ["STATUS-4" "MODE-5"] "an errored node does not count once all joined nodes are upgraded";
    ErrorIgnoredInSecondCycle 2 2 Deviates Nothing ["STATUS-4" "MODE-3"] "in the second upgrade the status does not see errors";
    KilledErrorStillMixed 2 2 Deviates Nothing ["STATUS-2" "NODE-8" "NODE-7" "STATUS-4" "STATUS-7" "STATUS-1"] "an errored node that is OFFLINE since keeps the cluster MIXED";
    MixedAfterRepairWithModeOn 2 2 Deviates Nothing ["STATUS-2" "STATUS-4" "STATUS-7"] "with upgrade mode on the cluster stays MIXED after the error is gone";
    MixedAfterRepairWithModeOff 2 2 Deviates Nothing ["STATUS-1" "STATUS-5" "MODE-1"] "with upgrade mode off the cluster stays MIXED after the error is gone";
    OfflineUpgradedCounts 2 2 Deviates Nothing ["STATUS-2" "MODE-3"] "an upgraded node that is OFFLINE counts";
    OfflineOldCounts 2 2 Deviates Nothing ["STATUS-7" "MODE-5"] "an OFFLINE node of the original version counts";
    OfflineOtherLaterCounts 2 3 Deviates Nothing ["STATUS-7" "STATUS-6" "MODE-5"] "an OFFLINE node of another later version counts once all joined nodes are upgraded";
    AbsentCounts 2 2 Deviates Nothing ["STATUS-7" "STATUS-2" "STATUS-3" "MODE-5"] "a removed node counts";
    ComparesWithFirstVersion 1 2 Deviates Nothing ["STATUS-2" "STATUS-7" "API-2" "MODE-3"] "upgraded means another version than the very first one, also in a second upgrade";
    MiddleVersionIsNoUpgrade 1 3 Deviates Nothing ["STATUS-7" "STATUS-3" "MODE-5"] "only the last version counts as upgraded";
    EarlierVersionIsNoUpgrade 1 2 Deviates Nothing ["STATUS-7" "STATUS-3" "MODE-5"] "in a second upgrade an earlier version does not count as another one";
    MixedShownReady 2 2 Deviates Nothing ["STATUS-3" "MODE-3"] "READY_TO_UPGRADE until the last node is upgraded";
    MixedShownReadyToRun 2 2 Deviates Nothing ["STATUS-3" "MODE-5" "STATUS-7"] "READY_TO_RUN_UPGRADE_TASKS from the first upgraded node on";
    MixedNeedsTwoUpgraded 2 2 Deviates Nothing ["STATUS-3" "MODE-3"] "a single upgraded node does not make the cluster MIXED";
    MixedEndsWithLastOldNode 3 2 Deviates Nothing ["STATUS-3" "MODE-5" "STATUS-7"] "a single old node does not keep the cluster MIXED";
    MixedMissedInSecondCycle 2 2 Deviates Nothing ["STATUS-3" "MODE-3"] "in the second upgrade MIXED is missed";
    MixedMissedAfterError 2 2 Deviates Nothing ["STATUS-3" "MODE-3"] "after an error, two joined versions are not MIXED";
    MixedAfterRollback 2 2 Deviates Nothing ["STATUS-2" "MODE-3"] "the cluster stays MIXED although the upgraded nodes are rolled back or gone";
    ReadyToRunShownMixed 1 2 Deviates Nothing ["STATUS-7" "MODE-5"] "MIXED although all nodes are upgraded";
    ReadyToRunShownReady 1 2 Deviates Nothing ["STATUS-7" "MODE-4" "MODE-5"] "READY_TO_UPGRADE although all nodes are upgraded";
    ReadyToRunMissedInSecondCycle 1 2 Deviates Nothing ["STATUS-7" "MODE-5"] "in the second upgrade MIXED although all nodes are upgraded";
    ReadyToRunOnlyWithAllNodes 2 2 Deviates Nothing ["STATUS-7" "MODE-5"] "MIXED unless every node is ACTIVE and upgraded";
    TwoLaterVersionsReadyToRun 2 3 Deviates Nothing ["STATUS-6" "MODE-5"] "two later versions are not MIXED";
    ReadyShownStable 1 2 Deviates Nothing ["STATUS-2" "API-2" "MODE-7" "MODE-3"] "STABLE after start, until a node is upgraded";
    ReadyShownMixedWhenOffline 2 2 Deviates Nothing ["STATUS-2" "MODE-3"] "MIXED while a node is OFFLINE, though no joined one is upgraded";
    StableShownReadyAfterCancel 1 2 Deviates Nothing ["STATUS-1" "API-5" "MODE-1" "MODE-3"] "READY_TO_UPGRADE after cancel";
    StableShownReadyToRunAfterApprove 1 2 Deviates Nothing ["MODE-6" "STATUS-1" "API-6"] "READY_TO_RUN_UPGRADE_TASKS after approve";
    StableShownMixedAfterRemoval 2 2 Deviates Nothing ["STATUS-1" "MODE-1" "NODE-5"] "MIXED while a removed node is missing";
    StableShownMixedInSecondCycle 1 2 Deviates Nothing ["MODE-6" "STATUS-1"] "MIXED after the second approve";
    // The life of a node.
    StopLeadsToError 2 2 Deviates Nothing ["NODE-3" "NODE-6"] "a stopped node is ERROR";
    StopTakesNeighbour 3 2 Deviates Nothing ["NODE-1" "NODE-3"] "stopping a node stops its neighbour too";
    StopIgnoredWhileStarting 2 2 TimesOut Nothing ["NODE-3"] "a STARTING node cannot be stopped";
    StoppedIsRemovedWithModeOn 2 2 Deviates Nothing ["NODE-3" "NODE-5"] "a stopped node is removed at once with upgrade mode on";
    StoppedEndsInError 2 2 Either Nothing ["NODE-3" "NODE-6"] "a stopped node ends in ERROR";
    StoppedComesBack 1 2 Either Nothing ["NODE-3"] "a stopped node comes back by itself";
    StopOfErroredReactivates 2 2 Deviates Nothing ["NODE-7" "NODE-6"] "stopping an errored node makes it ACTIVE";
    StoppedErrorIsRemovedWithModeOn 2 2 Deviates Nothing ["NODE-7" "NODE-5"] "an errored node that is stopped is removed at once with upgrade mode on";
    StoppedErrorEndsInError 2 2 Either Nothing ["NODE-7"] "an errored node that is stopped is in ERROR again";
    TerminatingForEver 2 2 TimesOut Nothing ["NODE-3"] "a stopped node is TERMINATING for ever";
    ErrorTerminatesForEver 2 2 TimesOut Nothing ["NODE-7"] "an errored node that is stopped is TERMINATING for ever";
    ErrorCannotBeStopped 2 2 TimesOut Nothing ["NODE-7"] "an errored node does not react to a stop";
    ErrorCannotBeKilled 2 2 TimesOut Nothing ["NODE-8"] "an errored node that is shut down altogether stays ERROR";
    KillLeadsToError 2 2 Deviates Nothing ["NODE-4" "NODE-6"] "a node that does not respond is ERROR";
    KillTakesNeighbour 3 2 Deviates Nothing ["NODE-4" "NODE-1"] "a node that does not respond takes its neighbour with it";
    KillTurnsModeOff 2 2 Deviates Nothing ["STATUS-2" "API-1" "API-5" "NODE-4" "STATUS-3" "STATUS-7"] "a node that does not respond turns upgrade mode off";
    KilledIsRemovedWithModeOn 2 2 Deviates Nothing ["NODE-4" "NODE-5"] "a node that does not respond is removed at once with upgrade mode on";
    KillIgnoredWhileStarting 2 2 TimesOut Nothing ["NODE-4"] "a STARTING node cannot be killed";
    InstallOnNeighbour 2 2 Deviates Nothing ["NODE-10"] "a version is installed on the next node, which runs";
    RollbackIgnored 1 2 Deviates Nothing ["NODE-10"] "installing an earlier version has no effect";
    VersionSwitchesAfterJoining 2 2 Deviates Nothing ["NODE-10" "NODE-2"] "a node starts with its old version and changes it while it runs";
    BootRunsFirstVersion 1 2 Deviates Nothing ["NODE-10" "NODE-2"] "a booted node runs the first version, whatever is installed";
    BootTakesClusterVersion 2 2 Deviates Nothing ["NODE-10" "NODE-2"] "a booted node runs the cluster's version, whatever is installed";
    UpgradedBootsIntoError 2 2 Deviates Nothing ["NODE-2" "NODE-6"] "an upgraded node is ERROR after its boot";
    StartingForEver 2 2 TimesOut Nothing ["NODE-2"] "a booted node is STARTING for ever";
    StartingForEverAfterError 2 2 TimesOut Nothing ["NODE-2"] "once a node has been in error, a booted node is STARTING for ever";
    UpgradedRejectedWithModeOn 2 2 Either Nothing ["NODE-2" "MODE-8" "STATUS-3"] "an upgraded node is OFFLINE again with upgrade mode on";
    OlderThanOriginRejected 2 2 Either Nothing ["NODE-2" "MODE-8" "STATUS-3"] "in a second upgrade a node of an earlier version is OFFLINE again";
    OtherVersionJoinsWithModeOff 2 2 Deviates Nothing ["MODE-8" "STATUS-1"] "a node of another version joins with upgrade mode off";
    OtherVersionHangsStarting 2 2 TimesOut Nothing ["MODE-8" "NODE-2"] "a node of another version is STARTING for ever with upgrade mode off";
    OtherVersionRepairedWithModeOff 2 2 Deviates Nothing ["MODE-8" "NODE-6"] "an errored node of another version is repaired with upgrade mode off";
    RejectedIsError 2 2 Deviates Nothing ["MODE-8" "NODE-6" "NODE-2"] "a node of another version that may not join is ERROR";
    NeverForgotten 2 2 TimesOut Nothing ["NODE-5"] "an OFFLINE node is never removed";
    NeverForgottenAfterApprove 2 2 TimesOut Nothing ["NODE-5"] "an OFFLINE node is not removed after approve";
    NeverForgottenAfterCancel 2 2 TimesOut Nothing ["NODE-5"] "an OFFLINE node is not removed after cancel";
    NeverForgottenAfterError 2 2 TimesOut Nothing ["NODE-5"] "an OFFLINE node is not removed if it was in error before";
    OnlyOneForgotten 3 2 TimesOut Nothing ["NODE-5"] "only one node is ever removed";
    ForgottenWithModeOn 2 2 Deviates Nothing ["NODE-5" "NODE-4" "API-1"] "an OFFLINE node is removed with upgrade mode on";
    RemovedCannotReconnect 2 2 TimesOut Nothing ["NODE-9"] "a removed node cannot be connected again";
    ReconnectedBootsIntoError 2 2 Deviates Nothing ["NODE-9" "NODE-2" "NODE-6"] "a removed node that is connected again is ERROR";
    RemovedComesBackByItself 2 2 Deviates Nothing ["NODE-5" "NODE-9" "NODE-2"] "a removed node comes back by itself";
    BreakIgnored 2 2 TimesOut Nothing ["NODE-6"] "a node on which something went wrong stays as it is";
    BreakHitsNeighbour 2 2 Deviates Nothing ["NODE-6" "NODE-1"] "something goes wrong on one node and the next one is ERROR";
    BreakSpreads 3 2 Deviates Nothing ["NODE-6" "NODE-1"] "something goes wrong on one node and the next one is ERROR too";
    BreakLooksOffline 2 2 Deviates Nothing ["NODE-6" "NODE-4"] "a node on which something went wrong is OFFLINE";
    BreakTurnsModeOff 2 2 Deviates Nothing ["STATUS-4" "API-1" "API-5" "NODE-6"] "an error turns upgrade mode off";
    BreakTurnsModeOn 2 2 Deviates Nothing ["STATUS-5" "API-1" "API-2" "NODE-6"] "an error turns upgrade mode on";
    BreakMovesOrigin 2 2 Deviates Nothing ["API-1" "API-2" "STATUS-4" "NODE-6"] "an error changes originalVersion to the last version";
    RepairIgnored 2 2 TimesOut Nothing ["NODE-6"] "an errored node cannot be repaired";
    RepairedGoesOffline 2 2 Deviates Nothing ["NODE-6" "NODE-1" "NODE-4"] "a repaired node is OFFLINE";
    RepairTurnsModeOff 2 2 Deviates Nothing ["STATUS-2" "API-1" "API-5" "NODE-6" "STATUS-4" "STATUS-3"] "a repair turns upgrade mode off";
    ErrorRemovedWithModeOff 2 2 Deviates Nothing ["NODE-6" "NODE-5"] "an errored node is removed with upgrade mode off";
    ErrorRecoversByItself 2 2 Deviates Nothing ["NODE-6"] "an errored node is ACTIVE again by itself";
    ErrorFallsOfflineByItself 2 2 Deviates Nothing ["NODE-6" "NODE-8"] "an errored node is OFFLINE by itself";
    SecondUpgradeKicksOldNode 3 2 Deviates Nothing ["NODE-1" "NODE-4"] "the second upgraded node drives an old one out";
    // Upgrade mode and the original version.
    OriginIsLatest 1 2 Deviates Nothing ["API-2" "API-1" "STATUS-2" "MODE-3"] "start records the last version as the original one";
    OriginIsFirstInSecondCycle 1 2 Deviates Nothing ["API-2" "API-1" "STATUS-2"] "start always records the very first version";
    OriginDrifts 1 2 Deviates Nothing ["API-1" "STATUS-7" "STATUS-3" "MODE-5"] "originalVersion follows the node that became ACTIVE last";
    OriginMissing 1 2 Deviates Nothing ["API-1" "API-2"] "originalVersion is missing while upgrade mode is on";
    OriginNullWhileOn 1 2 Deviates Nothing ["API-1" "API-2"] "originalVersion is null while upgrade mode is on";
    OriginIsNumber 1 2 Deviates Nothing ["API-1" "API-2"] "originalVersion is a number";
    OriginIsEmpty 1 2 Deviates Nothing ["API-1" "API-2"] "originalVersion is an empty string";
    ModeDropsWhenAllUpgraded 1 2 Deviates Nothing ["STATUS-7" "API-6" "API-1" "MODE-5"] "upgrade mode turns itself off when all nodes are upgraded";
    ModeLostWhenAllDown 1 2 Deviates Nothing ["API-1" "STATUS-2" "STATUS-7" "API-5" "MODE-8"] "upgrade mode is off after the whole cluster was down";
    // The three views.
    OverviewStatusStale 1 2 Deviates Nothing ["API-11" "API-1"] "the overview shows the status before the current one";
    OverviewModeAlwaysOff 1 2 Deviates Nothing ["API-1" "API-11" "API-2"] "the overview shows upgrade mode off, always";
    OverviewModeStaysOn 1 2 Deviates Nothing ["API-1" "API-5" "API-6" "API-11" "MODE-6"] "the overview shows upgrade mode on, ever after the first start";
    OverviewMissesNode 2 2 Deviates Nothing ["API-1" "API-11"] "the overview misses the last node";
    OverviewMissesErrored 2 2 Deviates Nothing ["API-1" "NODE-6" "API-11"] "the overview misses errored nodes";
    OverviewMissesOffline 2 2 Deviates Nothing ["API-1" "NODE-4" "NODE-5" "API-11"] "the overview misses OFFLINE nodes";
    OverviewMissesUpgraded 2 2 Deviates Nothing ["API-1" "API-11"] "the overview misses upgraded nodes";
    OverviewDoublesNode 1 2 Deviates Nothing ["API-1" "API-11"] "the overview lists a node twice";
    OverviewHasGhost 1 2 Deviates Nothing ["API-1" "API-7" "API-11"] "the overview lists a node that does not exist";
    OverviewKeepsRemoved 2 2 Deviates Nothing ["NODE-5" "API-1" "API-11" "API-7"] "the overview lists removed nodes as ERROR";
    OverviewShowsErrorActive 2 2 Deviates Nothing ["NODE-6" "API-11" "API-1" "STATUS-1" "STATUS-2"] "the overview shows errored nodes as ACTIVE";
    OverviewShowsLatestVersion 1 2 Deviates Nothing ["NODE-10" "API-1" "API-11"] "with upgrade mode on the overview shows the last version for every node";
    StateStale 1 2 Deviates Nothing ["API-11" "API-3"] "the status call shows the status before the current one";
    StateAlwaysStable 1 2 Deviates Nothing ["API-11" "API-3"] "the status call shows STABLE, always";
    StateIgnoresError 2 2 Deviates Nothing ["API-11" "API-3" "STATUS-4" "STATUS-5"] "the status call does not see errors";
    BuildInfoOfOfflineNode 2 2 Deviates Nothing ["API-3"] "buildInfo is a node that is OFFLINE";
    BuildInfoOfErroredNode 2 2 Deviates Nothing ["API-3"] "buildInfo is a node that is in error";
    BuildInfoHasFirstVersion 1 2 Deviates Nothing ["API-11" "API-3" "NODE-10"] "buildInfo has the first version, always";
    BuildInfoIsGhost 1 2 Deviates Nothing ["API-3" "API-11" "API-7"] "buildInfo has the id of no node";
    NodeViewStale 2 2 Deviates Nothing ["API-11" "API-4"] "the node call shows the node's status before the current one";
    NodeViewAlwaysActive 2 2 Deviates Nothing ["API-11" "API-4"] "the node call shows ACTIVE, always";
    NodeViewShowsErrorActive 2 2 Deviates Nothing ["API-11" "API-4" "NODE-6"] "the node call shows errored nodes as ACTIVE";
    NodeViewOfNeighbour 2 2 Deviates Nothing ["API-4" "API-11"] "the node call shows the next node";
    NodeViewHasNameAsId 1 2 Deviates Nothing ["API-4" "API-11"] "the node call shows another id";
    NodeViewHasFirstVersion 1 2 Deviates Nothing ["API-11" "API-4" "NODE-10"] "the node call shows the first version, always";
    NodeViewLacksTasks 1 2 Deviates Nothing ["API-4"] "the node call lacks tasksTotal";
    NodeViewIsList 1 2 Deviates Nothing ["API-4"] "the node call answers with a list";
    OfflineShownActive 2 2 Either Nothing ["NODE-4" "NODE-3"] "an OFFLINE node is listed ACTIVE";
    OfflineShownAsError 2 2 Deviates Nothing ["NODE-4" "NODE-3"] "an OFFLINE node is listed ERROR";
    ErrorShownActive 2 2 Either Nothing ["NODE-6" "STATUS-1" "STATUS-2" "STATUS-4" "STATUS-5"] "an errored node is listed ACTIVE";
    UpgradedShownStarting 2 2 Either Nothing ["NODE-2" "API-3" "NODE-1"] "an upgraded node is listed STARTING until upgrade mode is off";
    // 404.
    UnknownNodeAnswers200 1 2 Deviates Nothing ["API-7"] "an unknown id answers 200 with another node";
    UnknownNodeAnswers204 1 2 Deviates Nothing ["API-7"] "an unknown id answers 204";
    UnknownNodeAnswers500 1 2 Deviates Nothing ["API-7"] "an unknown id answers 500";
    RemovedNodeAnswers200 2 2 Deviates Nothing ["API-7" "NODE-5" "API-11"] "a removed node answers 200";
    RemovedNodeAnswers400 2 2 Deviates Nothing ["API-7" "NODE-5"] "a removed node answers 400";
    ListedNodeAnswers404 1 2 Deviates Nothing ["API-4" "API-7" "API-11"] "the last node answers 404 though it is listed";
    OfflineNodeAnswers404 2 2 Deviates Nothing ["API-4" "API-7" "API-11"] "an OFFLINE node answers 404 though it is listed";
    ErroredNodeAnswers404 2 2 Deviates Nothing ["API-4" "API-7" "API-11"] "an errored node answers 404 though it is listed";
    ReconnectedNodeAnswers404 2 2 Deviates Nothing ["NODE-9" "API-4" "API-7" "API-11"] "once a node was removed, the last node answers 404 though it is listed";
    NodeFailsWhileOffline 2 2 Deviates Nothing ["API-4" "API-7" "API-11"] "an OFFLINE node answers 500";
    // Reads that change something.
    OverviewTurnsModeOff 1 2 Deviates Nothing ["API-8" "API-1" "API-2" "STATUS-2"] "reading the overview turns upgrade mode off";
    TenthOverviewTurnsModeOff 1 2 Deviates Nothing ["API-8" "API-1" "API-2" "STATUS-2"] "every tenth reading of the overview turns upgrade mode off";
    OverviewMovesOrigin 1 2 Deviates Nothing ["API-8" "API-1" "API-2" "STATUS-2"] "reading the overview changes originalVersion to the last version";
    NodeReadRepairs 2 2 Deviates Nothing ["API-8" "NODE-6"] "reading an errored node repairs it";
    NodeReadBoots 2 2 Deviates Nothing ["API-8" "NODE-4" "NODE-3"] "reading an OFFLINE node boots it";
    StateReadRemovesOffline 2 2 Deviates Nothing ["API-8" "NODE-5" "NODE-4" "API-1"] "reading the status removes an OFFLINE node";
    UnknownNodeReadTurnsModeOff 1 2 Deviates Nothing ["API-8" "API-7" "API-1"] "reading an unknown node turns upgrade mode off";
    // Bodies.
    ClusterLacksMode 1 2 Deviates Nothing ["API-1"] "no upgradeModeEnabled";
    ClusterLacksState 1 2 Deviates Nothing ["API-1"] "no state of the cluster";
    ClusterLacksNodes 1 2 Deviates Nothing ["API-1"] "no nodes";
    NodesIsNull 1 2 Deviates Nothing ["API-1"] "nodes is null";
    ModeIsText 1 2 Deviates Nothing ["API-1"] "upgradeModeEnabled is a string";
    ModeIsNumber 1 2 Deviates Nothing ["API-1"] "upgradeModeEnabled is a number";
    StateInLowerCase 1 2 Deviates Nothing ["API-1" "API-11"] "the cluster's state is in lower case";
    MixedHasAnotherWord 2 2 Deviates Nothing ["API-1" "STATUS-3" "STATUS-4" "STATUS-5" "API-11"] "MIXED is called MIXED_VERSIONS";
    NodeLacksState 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "nodes have no state";
    NodeLacksId 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "nodes have no id";
    NodeLacksName 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "nodes have no name";
    NodeLacksTasks 1 2 Deviates Nothing ["API-4" "API-1" "API-3"] "nodes have no tasksTotal";
    NodeLacksLocal 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "nodes have no local";
    ActiveNodeLacksVersion 1 2 Deviates Nothing ["API-1" "API-4" "API-3" "NODE-1"] "ACTIVE nodes have no version";
    StartingNodeHasNullVersion 2 2 Deviates Nothing ["API-1" "API-4" "NODE-2"] "STARTING nodes have version null";
    ErroredNodeLacksVersion 2 2 Deviates Nothing ["API-1" "API-4" "NODE-6"] "errored nodes have no version";
    PortIsText 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "portNumber is a string";
    BuildNumberIsNumber 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "buildNumber is a number";
    TasksAreNegative 1 2 Deviates Nothing ["API-4" "API-1" "API-3"] "tasksTotal is negative";
    TasksAreNull 1 2 Deviates Nothing ["API-4" "API-1" "API-3"] "tasksTotal is null";
    UsersAreText 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "activeUserCount is a string";
    LocalIsText 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "local is a string";
    ActiveHasAnotherWord 1 2 Deviates Nothing ["API-1" "NODE-1" "API-4" "API-3"] "ACTIVE is called RUNNING";
    TerminatingHasAnotherWord 2 2 Deviates Nothing ["API-1" "NODE-3" "API-4"] "TERMINATING is called STOPPING";
    OfflineHasAnotherWord 2 2 Deviates Nothing ["API-1" "NODE-4" "NODE-3" "API-4"] "OFFLINE is called DOWN";
    StateLacksState 1 2 Deviates Nothing ["API-3"] "the status call lacks the state";
    StateLacksBuildInfo 1 2 Deviates Nothing ["API-3"] "the status call lacks buildInfo";
    BuildInfoIsNull 1 2 Deviates Nothing ["API-3"] "buildInfo is null";
    OverviewTruncated 1 2 Deviates Nothing ["API-1"] "the overview is cut off";
    OverviewIsHtml 1 2 Deviates Nothing ["API-1"] "the overview is an HTML page with 200";
    OverviewIsEmpty 1 2 Deviates Nothing ["API-1"] "the overview is empty with 200";
    OverviewRedirects 1 2 Deviates Nothing ["API-1" "API-10"] "the overview redirects to a login page";
    OverviewFailsInMixed 2 2 Deviates Nothing ["API-1" "STATUS-3" "STATUS-4" "STATUS-5"] "the overview answers 500 in MIXED";
    StateIsHtml 1 2 Deviates Nothing ["API-3"] "the status call answers an HTML page with 200";
    StateTruncated 1 2 Deviates Nothing ["API-3"] "the status call's answer is cut off";
    StateFailsInError 2 2 Deviates Nothing ["API-3" "STATUS-4" "STATUS-5" "API-11"] "the status call answers 500 while a node is in error";
    StateFailsWithModeOn 1 2 Deviates Nothing ["API-3" "API-11"] "the status call answers 500 with upgrade mode on";
    NodeRedirects 1 2 Deviates Nothing ["API-4" "API-10"] "the node call redirects to a login page";
    PostsRedirect 1 2 Deviates Nothing ["API-2" "MODE-1" "API-9" "API-10" "MODE-7"] "every POST redirects to a login page, and works";
    PostBodyTruncated 1 2 Deviates Nothing ["API-2" "API-1" "MODE-1"] "the answers to POSTs are cut off";
    // Several at once, nobody there, and who may call.
    RaceStartAllWin 1 2 Deviates Nothing ["API-12" "MODE-7"] "of several starts at once, all are answered 200";
    RaceCancelAllWin 1 2 Deviates Nothing ["API-12" "MODE-7"] "of several cancels at once, all are answered 200";
    RaceApproveAllWin 1 2 Deviates Nothing ["API-12" "MODE-7"] "of several approves at once, all are answered 200";
    RaceNobodyWins 1 2 Deviates Nothing ["API-12" "MODE-1"] "of several calls at once, none is answered 200";
    RaceLosersGet500 1 2 Deviates Nothing ["API-12" "API-9"] "of several calls at once, the losers are answered 500";
    RaceLoserUndoes 1 2 Deviates Nothing ["API-12" "API-9" "API-2"] "of several starts at once, a loser turns upgrade mode off";
    ReadsAnsweredUnserved 1 2 Deviates Nothing ["NODE-1" "NODE-4" "API-1" "API-3"] "reads are answered while no node is ACTIVE";
    PostsAnsweredUnserved 1 2 Deviates Nothing ["MODE-1" "API-9" "NODE-1" "NODE-4" "API-2"] "POSTs are answered while no node is ACTIVE";
    AnonymousReads 1 2 Deviates Auth ["API-10"] "reads need no credentials";
    AnonymousPosts 1 2 Deviates Auth ["API-10"] "POSTs need no credentials";
    AnonymousIs403 1 2 Deviates Auth ["API-10"] "403 without credentials";
    AnonymousIsSentToLogin 1 2 Deviates Auth ["API-10"] "302 to a login page without credentials";
    WrongPasswordAccepted 1 2 Deviates Auth ["API-10"] "any password will do";
    PlainAccountReads 1 2 Deviates Plain ["API-10"] "an account without system administration may read";
    PlainAccountPosts 1 2 Deviates Plain ["API-10"] "an account without system administration may POST";
    PlainAccountIs401 1 2 Deviates Plain ["API-10"] "401 for an account without system administration";
    // Profile finalization.
    TasksShownStable 1 2 Deviates Tasks ["FIN-1" "FIN-2"] "STABLE while tasks run";
    TasksShownActive 1 2 Deviates Tasks ["FIN-1"] "nodes are ACTIVE while their tasks run";
    TasksFlagFalse 1 2 Deviates Tasks ["FIN-1"] "hasFinalizationTasks is always false";
    TasksFlagMissing 1 2 Deviates Tasks ["FIN-1" "API-1"] "no hasFinalizationTasks";
    TasksFlagAlwaysTrue 1 2 Deviates Tasks ["FIN-1" "FIN-2"] "hasFinalizationTasks is always true";
    TasksNeverEnd 1 2 TimesOut Tasks ["FIN-2"] "tasks run for ever";
    TasksFailByThemselves 1 2 Deviates Tasks ["FIN-2" "FIN-3"] "tasks always fail";
    TasksEndInError 2 2 Deviates Tasks ["FIN-2" "NODE-6"] "nodes are ERROR when their tasks are done";
    TasksTurnModeOn 1 2 Deviates Tasks ["FIN-2" "API-6" "API-2" "MODE-6"] "upgrade mode is on again when the tasks are done";
    PendingNeverCleared 1 2 Deviates Tasks ["FIN-2" "FIN-1" "FIN-3"] "tasks stay pending when all are done";
    PendingClearedByFirstNode 2 2 Deviates Tasks ["FIN-1"] "hasFinalizationTasks is false when the first node is done";
    ApproveFinalizesOneNode 2 2 Deviates Tasks ["FIN-1"] "only one node runs tasks";
    ApproveStaysInMode 1 2 Deviates Tasks ["FIN-1" "API-6" "MODE-6" "FIN-2"] "upgrade mode stays on after approve";
    FailureShownStable 1 2 Deviates Tasks ["FIN-3" "FIN-5"] "STABLE after tasks have failed";
    FailureShownMixed 1 2 Deviates Tasks ["FIN-3"] "MIXED after tasks have failed";
    FailureShownRunning 1 2 Deviates Tasks ["FIN-3"] "RUNNING_UPGRADE_TASKS after tasks have failed";
    FailureShownAtOnce 2 2 Deviates Tasks ["FIN-3" "FIN-1"] "UPGRADE_TASKS_FAILED while other nodes' tasks run";
    FailureSpreads 2 2 Deviates Tasks ["FIN-3"] "the tasks of all nodes fail with those of one";
    FailureClearsPending 1 2 Deviates Tasks ["FIN-1" "FIN-3"] "hasFinalizationTasks is false once tasks have failed";
    FailedNodeShownActive 1 2 Either Tasks ["FIN-3"] "a node whose tasks failed is listed ACTIVE";
    FailedNodeShownError 1 2 Deviates Tasks ["FIN-3" "NODE-6"] "a node whose tasks failed is listed ERROR";
    FailedTasksBreakNode 2 2 Deviates Tasks ["FIN-3" "NODE-6"] "a node whose tasks failed is in error";
    RetryRefused 1 2 Deviates Tasks ["FIN-4"] "retryUpgrade is always refused";
    RetryAcceptedInStable 1 2 Deviates Tasks ["FIN-4" "API-9"] "retryUpgrade answers 200 in STABLE";
    RetryAcceptedWhileRunning 1 2 Deviates Tasks ["FIN-4" "API-9"] "retryUpgrade answers 200 while tasks run";
    RetryWithoutEffect 1 2 Deviates Tasks ["FIN-4"] "retryUpgrade answers 200 and does nothing";
    RetryEndsTasks 1 2 Deviates Tasks ["FIN-4" "FIN-2"] "retryUpgrade declares the tasks done";
    RetryRunsEveryNode 2 2 Deviates Tasks ["FIN-4"] "retryUpgrade runs the tasks of all nodes again";
    RetryRunsOneNode 2 2 Deviates Tasks ["FIN-4"] "retryUpgrade runs the tasks of one node only";
    RefusedRetryAnswers200 1 2 Deviates Tasks ["FIN-4" "API-9"] "a refused retryUpgrade answers 200";
    StartAcceptedWhileRunning 1 2 Deviates Tasks ["FIN-5" "API-9"] "start is accepted while tasks run";
    StartAcceptedAfterFailure 1 2 Deviates Tasks ["FIN-5" "API-9"] "start is accepted after tasks have failed";
}
