//! What are the planted defects, row by row?
//!
//! Columns: least N, least V, how it is found, what it needs, the rules (the best one first), what is wrong. The variant's words with
//! hyphens are the name on the command line.

use super::{Class, Needs, Row};

macro_rules! defects {
    ($($variant:ident $name:literal $nodes:literal $versions:literal $class:ident $needs:ident [$($rule:literal)+] $text:literal;)+) => {
        /// One planted defect.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Defect { $(#[doc = $text] $variant),+ }

        impl Defect {
            /// Every defect.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What is known of it.
            #[must_use]
            pub const fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row {
                        nodes: $nodes,
                        versions: $versions,
                        class: Class::$class,
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
    StartDespiteError "start-despite-error" 2 2 Deviates Nothing ["MODE-2" "API-9"] "start is accepted with a node in error and upgrade mode off";
    StartAcceptedInErrorWithModeOn "start-accepted-in-error-with-mode-on" 2 2 Deviates Nothing ["MODE-7" "MODE-2" "API-9"] "start is accepted with a node in error and upgrade mode on";
    StartWhileOn "start-while-on" 1 2 Deviates Nothing ["MODE-7" "API-9" "API-12"] "start is accepted whenever upgrade mode is on";
    StartOnlyFromFirstVersion "start-only-from-first-version" 1 2 Deviates Nothing ["MODE-1" "API-2"] "start is refused once the cluster runs a later version";
    FirstStartRefused "first-start-refused" 1 2 Deviates Nothing ["MODE-1" "API-2" "API-12"] "the first start answers 409 in STABLE, the next one works";
    StartAcceptedInReady "start-accepted-in-ready" 1 2 Deviates Nothing ["MODE-7" "API-9" "API-12"] "start is accepted in READY_TO_UPGRADE";
    StartAcceptedInMixed "start-accepted-in-mixed" 2 2 Deviates Nothing ["MODE-7" "API-9"] "start is accepted in MIXED";
    StartAcceptedInReadyToRun "start-accepted-in-ready-to-run" 1 2 Deviates Nothing ["MODE-7" "API-9"] "start is accepted once all nodes are upgraded";
    StartRefused "start-refused" 1 2 Deviates Nothing ["MODE-1" "API-2"] "start is always refused";
    StartRefusedInSecondCycle "start-refused-in-second-cycle" 1 2 Deviates Nothing ["MODE-1" "API-2"] "start succeeds only once";
    StartRefusedAfterCancel "start-refused-after-cancel" 1 2 Deviates Nothing ["MODE-1" "API-2" "API-5"] "start is refused after a cancel";
    StartRefusedAfterApprove "start-refused-after-approve" 1 2 Deviates Nothing ["MODE-1" "API-2" "API-6" "MODE-6"] "start is refused after an approve";
    StartRefusedAfterError "start-refused-after-error" 2 2 Deviates Nothing ["MODE-1" "API-2"] "start is refused once a node has been in error, although it is repaired or gone";
    StartRefusedWhileNodeRemoved "start-refused-while-node-removed" 2 2 Deviates Nothing ["MODE-1" "API-2"] "start is refused while a removed node is missing";
    StartRefusedAfterReconnect "start-refused-after-reconnect" 2 2 Deviates Nothing ["MODE-1" "API-2" "NODE-9"] "start is refused when a removed node is back";
    StartHasNoEffect "start-has-no-effect" 1 2 Deviates Nothing ["API-2" "MODE-1"] "start answers 200 and does nothing";
    StartAnswers202 "start-answers-202" 1 2 Deviates Nothing ["API-2" "MODE-1"] "start answers 202";
    StartAnswers204 "start-answers-204" 1 2 Deviates Nothing ["API-2" "MODE-1"] "start answers 204";
    StartAnswers500 "start-answers-500" 1 2 Deviates Nothing ["MODE-1" "API-2"] "start answers 500 and works";
    StartAnswersBefore "start-answers-before" 1 2 Deviates Nothing ["API-2" "API-1" "API-11" "MODE-1"] "start answers with the cluster as it was before";
    StartAnswersEmpty "start-answers-empty" 1 2 Deviates Nothing ["API-2" "API-1" "MODE-1"] "start answers 200 without a body";
    StartUpgradesNode "start-upgrades-node" 1 2 Deviates Nothing ["NODE-10" "API-2"] "start changes the version of the first node while it runs";
    StartRestartsNode "start-restarts-node" 2 2 Deviates Nothing ["NODE-1" "API-2" "NODE-2"] "start restarts the first node";
    // Cancel.
    CancelWhenMixed "cancel-when-mixed" 2 2 Deviates Nothing ["MODE-3" "API-9" "MODE-8"] "cancel is accepted while two versions run";
    CancelDespiteError "cancel-despite-error" 2 2 Deviates Nothing ["MODE-3" "API-9"] "cancel is accepted while a node is in error";
    CancelWhenUpgraded "cancel-when-upgraded" 1 2 Deviates Nothing ["MODE-4" "API-9"] "cancel is accepted once all nodes are upgraded";
    CancelWhileOff "cancel-while-off" 1 2 Deviates Nothing ["MODE-7" "API-9" "API-12"] "cancel answers 200 while upgrade mode is off";
    CancelAcceptedInErrorWithModeOff "cancel-accepted-in-error-with-mode-off" 2 2 Deviates Nothing ["MODE-7" "API-9" "MODE-3"] "cancel answers 200 while upgrade mode is off and a node is in error";
    CancelRefused "cancel-refused" 1 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is always refused";
    CancelRefusedWithOffline "cancel-refused-with-offline" 2 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is refused while a node is OFFLINE";
    CancelCountsOffline "cancel-counts-offline" 2 2 Deviates Nothing ["MODE-3" "API-5" "STATUS-2"] "cancel is refused while an upgraded node is OFFLINE";
    CancelRefusedAfterRollback "cancel-refused-after-rollback" 2 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is refused once versions were mixed, although that is rolled back";
    CancelRefusedAfterError "cancel-refused-after-error" 2 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is refused after an error that is repaired or gone";
    CancelRefusedInSecondCycle "cancel-refused-in-second-cycle" 1 2 Deviates Nothing ["MODE-3" "API-5"] "cancel is refused in the second upgrade";
    CancelKeepsMode "cancel-keeps-mode" 1 2 Deviates Nothing ["API-5" "MODE-3"] "cancel answers 200 and does nothing";
    CancelAnswers202 "cancel-answers-202" 1 2 Deviates Nothing ["API-5" "MODE-3"] "cancel answers 202";
    CancelAnswers409 "cancel-answers-409" 1 2 Deviates Nothing ["MODE-3" "API-9" "API-5"] "cancel answers 409 and works";
    CancelAnswersBefore "cancel-answers-before" 1 2 Deviates Nothing ["API-5" "API-1" "API-11" "MODE-3"] "cancel answers with the cluster as it was before";
    CancelBodyLacksMode "cancel-body-lacks-mode" 1 2 Deviates Nothing ["API-5" "API-1" "MODE-3"] "cancel answers without upgradeModeEnabled";
    CancelKeepsOrigin "cancel-keeps-origin" 1 2 Deviates Nothing ["API-1" "API-5"] "originalVersion stays after cancel";
    OriginKept "origin-kept" 1 2 Deviates Nothing ["API-1" "API-5" "API-6" "MODE-6"] "originalVersion stays after upgrade mode is disabled";
    CancelRestartsNode "cancel-restarts-node" 2 2 Deviates Nothing ["API-5" "NODE-1" "NODE-2"] "cancel restarts the first node";
    // Approve.
    ApproveWhenMixed "approve-when-mixed" 2 2 Deviates Nothing ["MODE-5" "API-9" "MODE-8"] "approve is accepted while two versions run";
    ApproveWhenNotUpgraded "approve-when-not-upgraded" 1 2 Deviates Nothing ["MODE-5" "API-9"] "approve is accepted in READY_TO_UPGRADE";
    ApproveWhileOff "approve-while-off" 1 2 Deviates Nothing ["MODE-7" "MODE-5" "API-9" "API-12"] "approve answers 200 while upgrade mode is off";
    ApproveDespiteError "approve-despite-error" 2 2 Deviates Nothing ["MODE-5" "API-9"] "approve is accepted while a node is in error";
    ApproveAcceptedInErrorWithModeOff "approve-accepted-in-error-with-mode-off" 2 2 Deviates Nothing ["MODE-7" "MODE-5" "API-9"] "approve answers 200 while upgrade mode is off and a node is in error";
    ApproveAcceptedWithTwoLater "approve-accepted-with-two-later" 2 3 Deviates Nothing ["MODE-5" "API-9" "STATUS-6"] "approve is accepted with two later versions at once";
    ApproveRefused "approve-refused" 1 2 Deviates Nothing ["MODE-5" "API-6"] "approve is always refused";
    ApproveCountsOffline "approve-counts-offline" 2 2 Deviates Nothing ["MODE-5" "API-6" "STATUS-7"] "approve is refused while an OFFLINE node has the original version";
    ApproveRefusedWithUpgradedOffline "approve-refused-with-upgraded-offline" 2 2 Deviates Nothing ["MODE-5" "API-6"] "approve is refused while an upgraded node is OFFLINE";
    ApproveRefusedAfterError "approve-refused-after-error" 2 2 Deviates Nothing ["MODE-5" "API-6"] "approve is refused after an error that is repaired or gone";
    ApproveRefusedInSecondCycle "approve-refused-in-second-cycle" 1 2 Deviates Nothing ["MODE-5" "API-6"] "approve succeeds only once";
    ApproveRefusedForMiddleVersion "approve-refused-for-middle-version" 1 3 Deviates Nothing ["MODE-5" "API-6"] "approve is refused unless the last version runs";
    ApproveRefusedForEarlierVersion "approve-refused-for-earlier-version" 1 2 Deviates Nothing ["MODE-5" "API-6"] "in a second upgrade, approve is refused for a version before the original one";
    ApproveKeepsMode "approve-keeps-mode" 1 2 Deviates Nothing ["API-6" "MODE-6" "MODE-5"] "approve answers 200 and does nothing";
    ApproveAnswers204 "approve-answers-204" 1 2 Deviates Nothing ["API-6" "MODE-5"] "approve answers 204";
    ApproveAnswers303 "approve-answers-303" 1 2 Deviates Nothing ["API-6" "MODE-5"] "approve answers 303 without a body";
    ApproveAnswers409 "approve-answers-409" 1 2 Deviates Nothing ["MODE-5" "API-9" "API-6"] "approve answers 409 and works";
    ApproveAnswersBefore "approve-answers-before" 1 2 Deviates Nothing ["API-6" "MODE-6" "API-1" "API-11" "MODE-5"] "approve answers with the cluster as it was before";
    ApproveBodyLacksNodes "approve-body-lacks-nodes" 1 2 Deviates Nothing ["API-6" "API-1" "MODE-5"] "approve answers without the nodes";
    ApproveKeepsOrigin "approve-keeps-origin" 1 2 Deviates Nothing ["API-1" "API-6" "MODE-6"] "originalVersion stays after approve";
    ApproveRemovesActiveNode "approve-removes-active-node" 2 2 Deviates Nothing ["NODE-5" "API-6" "NODE-1" "MODE-6"] "approve removes a node that is ACTIVE";
    ApproveStopsNode "approve-stops-node" 2 2 Deviates Nothing ["NODE-1" "API-6" "NODE-3" "NODE-5" "MODE-6"] "approve stops the first node";
    // Refusals.
    RefusesEverything "refuses-everything" 1 2 Deviates Nothing ["MODE-1" "API-2"] "every POST is refused";
    AcceptedAnswers202 "accepted-answers-202" 1 2 Deviates Nothing ["API-2" "API-5" "API-6" "MODE-1"] "every call that is accepted answers 202";
    RefusedAnswers200 "refused-answers-200" 1 2 Deviates Nothing ["API-9" "MODE-2" "MODE-3" "MODE-4" "MODE-5" "MODE-7" "API-12" "FIN-4" "FIN-5"] "every refused call answers 200, without effect";
    RefusedAnswers400 "refused-answers-400" 1 2 Deviates Nothing ["API-9" "MODE-2" "MODE-3" "MODE-4" "MODE-5" "MODE-7" "API-12" "FIN-4" "FIN-5"] "every refused call answers 400";
    RefusedAnswers500 "refused-answers-500" 1 2 Deviates Nothing ["API-9" "MODE-2" "MODE-3" "MODE-4" "MODE-5" "MODE-7" "API-12" "FIN-4" "FIN-5"] "every refused call answers 500";
    RefusedStartAnswers400 "refused-start-answers-400" 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-2" "API-12"] "a refused start answers 400";
    RefusedStartAnswers200 "refused-start-answers-200" 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-2" "API-12"] "a refused start answers 200";
    RefusedCancelAnswers200 "refused-cancel-answers-200" 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-3" "MODE-4" "API-12"] "a refused cancel answers 200";
    RefusedCancelAnswers500 "refused-cancel-answers-500" 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-3" "MODE-4" "API-12"] "a refused cancel answers 500";
    RefusedCancelWhileOffAnswers404 "refused-cancel-while-off-answers-404" 1 2 Deviates Nothing ["API-9" "MODE-7" "API-12"] "cancel answers 404 while upgrade mode is off";
    RefusedApproveAnswers200 "refused-approve-answers-200" 1 2 Deviates Nothing ["API-9" "MODE-5" "MODE-7" "API-12"] "a refused approve answers 200";
    RefusedApproveAnswers412 "refused-approve-answers-412" 1 2 Deviates Nothing ["API-9" "MODE-5" "MODE-7" "API-12"] "a refused approve answers 412";
    RefusedApproveWhileOffAnswers204 "refused-approve-while-off-answers-204" 1 2 Deviates Nothing ["API-9" "MODE-7" "MODE-5" "API-12"] "approve answers 204 while upgrade mode is off";
    RefusedInErrorAnswers403 "refused-in-error-answers-403" 2 2 Deviates Nothing ["API-9" "MODE-2" "MODE-3" "MODE-5" "MODE-7"] "a call that is refused because of an error answers 403";
    RefusedStartTurnsModeOff "refused-start-turns-mode-off" 1 2 Deviates Nothing ["API-9" "MODE-7" "API-12"] "a refused start turns upgrade mode off";
    RefusedStartTakesEffect "refused-start-takes-effect" 1 2 Deviates Nothing ["API-9" "MODE-7" "API-1" "API-12"] "a refused start records the last version as the original one";
    RefusedStartInErrorTurnsModeOn "refused-start-in-error-turns-mode-on" 2 2 Deviates Nothing ["API-9" "MODE-2"] "a start that is refused because of an error turns upgrade mode on";
    RefusedCancelTakesEffect "refused-cancel-takes-effect" 1 2 Deviates Nothing ["API-9" "MODE-3" "MODE-4"] "a refused cancel turns upgrade mode off";
    RefusedCancelRemovesOffline "refused-cancel-removes-offline" 2 2 Deviates Nothing ["API-9" "MODE-3" "MODE-4" "NODE-5"] "a refused cancel removes an OFFLINE node";
    RefusedApproveTakesEffect "refused-approve-takes-effect" 1 2 Deviates Nothing ["API-9" "MODE-5"] "a refused approve turns upgrade mode off";
    RefusedApproveBreaksNode "refused-approve-breaks-node" 2 2 Deviates Nothing ["API-9" "MODE-5" "MODE-7" "NODE-6" "API-12"] "a refused approve breaks a node";
    RefusedApproveRepairsNode "refused-approve-repairs-node" 2 2 Deviates Nothing ["API-9" "MODE-5" "MODE-7" "NODE-6"] "a refused approve repairs an errored node";
    // The status.
    ErrorIgnoredWhileOn "error-ignored-while-on" 2 2 Deviates Nothing ["STATUS-4" "MODE-3"] "an errored node does not make the cluster MIXED with upgrade mode on";
    ErrorIgnoredWithModeOff "error-ignored-with-mode-off" 2 2 Deviates Nothing ["STATUS-5" "MODE-2"] "with upgrade mode off an errored node leaves the cluster STABLE, and start is accepted";
    StableDespiteError "stable-despite-error" 2 2 Deviates Nothing ["STATUS-5"] "with upgrade mode off an errored node leaves the cluster STABLE, though start is refused";
    ErrorOfFirstNodeIgnored "error-of-first-node-ignored" 2 2 Deviates Nothing ["STATUS-5" "STATUS-4" "MODE-2" "MODE-3"] "the status does not see an error of the first node";
    ErrorOfLastNodeIgnored "error-of-last-node-ignored" 2 2 Deviates Nothing ["STATUS-5" "STATUS-4" "MODE-2" "MODE-3"] "the status does not see an error of the last node";
    ErrorOfOldNodeIgnored "error-of-old-node-ignored" 2 2 Deviates Nothing ["STATUS-4" "MODE-3"] "with upgrade mode on the status sees errors of upgraded nodes only";
    ErrorCountsByItsVersion "error-counts-by-its-version" 2 2 Deviates Nothing ["STATUS-4" "MODE-3"] "with upgrade mode on an errored node counts as a joined one";
    ErrorIgnoredOnceAllUpgraded "error-ignored-once-all-upgraded" 2 2 Deviates Nothing ["STATUS-4" "MODE-5"] "an errored node does not count once all joined nodes are upgraded";
    ErrorIgnoredInSecondCycle "error-ignored-in-second-cycle" 2 2 Deviates Nothing ["STATUS-4" "MODE-3"] "in the second upgrade the status does not see errors";
    KilledErrorStillMixed "killed-error-still-mixed" 2 2 Deviates Nothing ["STATUS-2" "NODE-8" "NODE-7" "STATUS-4" "STATUS-7" "STATUS-1"] "an errored node that is OFFLINE since keeps the cluster MIXED";
    MixedAfterRepairWithModeOn "mixed-after-repair-with-mode-on" 2 2 Deviates Nothing ["STATUS-2" "STATUS-4" "STATUS-7"] "with upgrade mode on the cluster stays MIXED after the error is gone";
    MixedAfterRepairWithModeOff "mixed-after-repair-with-mode-off" 2 2 Deviates Nothing ["STATUS-1" "STATUS-5" "MODE-1"] "with upgrade mode off the cluster stays MIXED after the error is gone";
    OfflineCountsAsUpgraded "offline-counts-as-upgraded" 2 2 Deviates Nothing ["STATUS-2" "MODE-3"] "an upgraded node that is OFFLINE counts";
    OfflineBlocksFinalizing "offline-blocks-finalizing" 2 2 Deviates Nothing ["STATUS-7" "MODE-5"] "an OFFLINE node of the original version counts";
    OfflineOtherLaterCounts "offline-other-later-counts" 2 3 Deviates Nothing ["STATUS-7" "STATUS-6" "MODE-5"] "an OFFLINE node of another later version counts once all joined nodes are upgraded";
    AbsentCounts "absent-counts" 2 2 Deviates Nothing ["STATUS-7" "STATUS-2" "STATUS-3" "MODE-5"] "a removed node counts";
    FirstVersionIsOriginal "first-version-is-original" 1 2 Deviates Nothing ["STATUS-2" "STATUS-7" "API-2" "MODE-3"] "upgraded means another version than the very first one, also in a second upgrade";
    MiddleVersionIsNoUpgrade "middle-version-is-no-upgrade" 1 3 Deviates Nothing ["STATUS-7" "STATUS-3" "MODE-5"] "only the last version counts as upgraded";
    EarlierVersionIsNoUpgrade "earlier-version-is-no-upgrade" 1 2 Deviates Nothing ["STATUS-7" "STATUS-3" "MODE-5"] "in a second upgrade an earlier version does not count as another one";
    MixedShownReady "mixed-shown-ready" 2 2 Deviates Nothing ["STATUS-3" "MODE-3"] "READY_TO_UPGRADE until the last node is upgraded";
    OneUpgradedIsEnough "one-upgraded-is-enough" 2 2 Deviates Nothing ["STATUS-3" "MODE-5" "STATUS-7"] "READY_TO_RUN_UPGRADE_TASKS from the first upgraded node on";
    MixedNeedsTwoUpgraded "mixed-needs-two-upgraded" 2 2 Deviates Nothing ["STATUS-3" "MODE-3"] "a single upgraded node does not make the cluster MIXED";
    MixedEndsWithLastOldNode "mixed-ends-with-last-old-node" 3 2 Deviates Nothing ["STATUS-3" "MODE-5" "STATUS-7"] "a single old node does not keep the cluster MIXED";
    TwoUpgradedAreEnough "two-upgraded-are-enough" 3 2 Deviates Nothing ["STATUS-3" "MODE-5" "STATUS-7"] "READY_TO_RUN_UPGRADE_TASKS as soon as two joined nodes are upgraded";
    MixedMissedInSecondCycle "mixed-missed-in-second-cycle" 2 2 Deviates Nothing ["STATUS-3" "MODE-3"] "in the second upgrade MIXED is missed";
    MixedMissedAfterError "mixed-missed-after-error" 2 2 Deviates Nothing ["STATUS-3" "MODE-3"] "after an error, two joined versions are not MIXED";
    MixedAfterRollback "mixed-after-rollback" 2 2 Deviates Nothing ["STATUS-2" "MODE-3"] "the cluster stays MIXED although the upgraded nodes are rolled back or gone";
    ReadyToRunShownMixed "ready-to-run-shown-mixed" 1 2 Deviates Nothing ["STATUS-7" "MODE-5"] "MIXED although all nodes are upgraded";
    ReadyToRunShownReady "ready-to-run-shown-ready" 1 2 Deviates Nothing ["STATUS-7" "MODE-4" "MODE-5"] "READY_TO_UPGRADE although all nodes are upgraded";
    ReadyToRunMissedInSecondCycle "ready-to-run-missed-in-second-cycle" 1 2 Deviates Nothing ["STATUS-7" "MODE-5"] "in the second upgrade MIXED although all nodes are upgraded";
    ReadyToRunOnlyWithAllNodes "ready-to-run-only-with-all-nodes" 2 2 Deviates Nothing ["STATUS-7" "MODE-5"] "MIXED unless every node is ACTIVE and upgraded";
    MixedNeedsOriginal "mixed-needs-original" 2 3 Deviates Nothing ["STATUS-6" "MODE-5"] "two later versions are not MIXED";
    ReadyShownStable "ready-shown-stable" 1 2 Deviates Nothing ["STATUS-2" "API-2" "MODE-7" "MODE-3"] "STABLE after start, until a node is upgraded";
    ReadyShownMixedWhenOffline "ready-shown-mixed-when-offline" 2 2 Deviates Nothing ["STATUS-2" "MODE-3"] "MIXED while a node is OFFLINE, though no joined one is upgraded";
    StableShownReadyAfterCancel "stable-shown-ready-after-cancel" 1 2 Deviates Nothing ["STATUS-1" "API-5" "MODE-1" "MODE-3"] "READY_TO_UPGRADE after cancel";
    ApproveKeepsStatus "approve-keeps-status" 1 2 Deviates Nothing ["MODE-6" "STATUS-1" "API-6"] "READY_TO_RUN_UPGRADE_TASKS after approve";
    StableShownMixedAfterRemoval "stable-shown-mixed-after-removal" 2 2 Deviates Nothing ["STATUS-1" "MODE-1" "NODE-5"] "MIXED while a removed node is missing";
    StableShownMixedInSecondCycle "stable-shown-mixed-in-second-cycle" 1 2 Deviates Nothing ["MODE-6" "STATUS-1"] "MIXED after the second approve";
    MixedWhileOff "mixed-while-off" 2 2 Deviates Nothing ["STATUS-1" "MODE-1" "NODE-5"] "MIXED while a node is OFFLINE and upgrade mode is off";
    // The life of a node.
    StopLeadsToError "stop-leads-to-error" 2 2 Deviates Nothing ["NODE-3" "NODE-6"] "a stopped node is ERROR";
    StopTakesNeighbour "stop-takes-neighbour" 3 2 Deviates Nothing ["NODE-1" "NODE-3"] "stopping a node stops its neighbour too";
    StopIgnoredWhileStarting "stop-ignored-while-starting" 2 2 TimesOut Nothing ["NODE-3"] "a STARTING node cannot be stopped";
    StopDropsFromList "stop-drops-from-list" 2 2 Deviates Nothing ["NODE-3" "NODE-5"] "a stopped node is removed at once with upgrade mode on";
    StopBreaks "stop-breaks" 2 2 Either Nothing ["NODE-3" "NODE-6"] "a stopped node ends in ERROR";
    StoppedComesBack "stopped-comes-back" 1 2 Either Nothing ["NODE-3"] "a stopped node comes back by itself";
    StopOfErroredReactivates "stop-of-errored-reactivates" 2 2 Deviates Nothing ["NODE-7" "NODE-6"] "stopping an errored node makes it ACTIVE";
    StoppedErrorIsRemovedWithModeOn "stopped-error-is-removed-with-mode-on" 2 2 Deviates Nothing ["NODE-7" "NODE-5"] "an errored node that is stopped is removed at once with upgrade mode on";
    StoppedErrorEndsInError "stopped-error-ends-in-error" 2 2 Either Nothing ["NODE-7"] "an errored node that is stopped is in ERROR again";
    TerminatingForever "terminating-forever" 2 2 TimesOut Nothing ["NODE-3"] "a stopped node is TERMINATING for ever";
    ErrorTerminatesForEver "error-terminates-for-ever" 2 2 TimesOut Nothing ["NODE-7"] "an errored node that is stopped is TERMINATING for ever";
    ErroredCannotStop "errored-cannot-stop" 2 2 TimesOut Nothing ["NODE-7"] "an errored node does not react to a stop";
    ErroredCannotBeKilled "errored-cannot-be-killed" 2 2 TimesOut Nothing ["NODE-8"] "an errored node that is shut down altogether stays ERROR";
    KilledStaysInError "killed-stays-in-error" 2 2 Deviates Nothing ["NODE-4" "NODE-6"] "a node that does not respond is ERROR";
    KillTakesNeighbour "kill-takes-neighbour" 3 2 Deviates Nothing ["NODE-4" "NODE-1"] "a node that does not respond takes its neighbour with it";
    KillTurnsModeOff "kill-turns-mode-off" 2 2 Deviates Nothing ["STATUS-2" "API-1" "API-5" "NODE-4" "STATUS-3" "STATUS-7"] "a node that does not respond turns upgrade mode off";
    KilledIsRemovedWithModeOn "killed-is-removed-with-mode-on" 2 2 Deviates Nothing ["NODE-4" "NODE-5"] "a node that does not respond is removed at once with upgrade mode on";
    KillIgnoredWhileStarting "kill-ignored-while-starting" 2 2 TimesOut Nothing ["NODE-4"] "a STARTING node cannot be killed";
    InstallOnNeighbour "install-on-neighbour" 2 2 Deviates Nothing ["NODE-10"] "a version is installed on the next node, which runs";
    InstallLost "install-lost" 2 2 Deviates Nothing ["NODE-10" "NODE-2"] "installing a version has no effect";
    VersionChangesWhileUp "version-changes-while-up" 1 2 Deviates Nothing ["NODE-10"] "a version can be installed on a running node, and is live at once";
    VersionStaleAfterBoot "version-stale-after-boot" 2 2 Deviates Nothing ["NODE-10" "API-1" "API-4"] "a node that runs a newly installed version is listed with the one before";
    RollbackIgnored "rollback-ignored" 1 2 Deviates Nothing ["NODE-10"] "installing an earlier version has no effect";
    VersionSwitchesAfterJoining "version-switches-after-joining" 2 2 Deviates Nothing ["NODE-10" "NODE-2"] "a node starts with its old version and changes it while it runs";
    BootRunsFirstVersion "boot-runs-first-version" 1 2 Deviates Nothing ["NODE-10" "NODE-2"] "a booted node runs the first version, whatever is installed";
    BootTakesClusterVersion "boot-takes-cluster-version" 2 2 Deviates Nothing ["NODE-10" "NODE-2"] "a booted node runs the cluster's version, whatever is installed";
    UpgradedBootsIntoError "upgraded-boots-into-error" 2 2 Deviates Nothing ["NODE-2" "NODE-6"] "an upgraded node is ERROR after its boot";
    ReadyBreaks "ready-breaks" 2 2 Deviates Nothing ["NODE-2" "NODE-6"] "a node that has finished loading is in ERROR";
    StartingForever "starting-forever" 2 2 TimesOut Nothing ["NODE-2"] "a booted node is STARTING for ever";
    StartingForEverAfterError "starting-for-ever-after-error" 2 2 TimesOut Nothing ["NODE-2"] "once a node has been in error, a booted node is STARTING for ever";
    UpgradedRejectedWithModeOn "upgraded-rejected-with-mode-on" 2 2 Either Nothing ["NODE-2" "MODE-8" "STATUS-3"] "an upgraded node is OFFLINE again with upgrade mode on";
    JoinsWithOtherVersion "joins-with-other-version" 2 2 Deviates Nothing ["MODE-8" "STATUS-1"] "a node of another version joins with upgrade mode off";
    OtherVersionHangsStarting "other-version-hangs-starting" 2 2 TimesOut Nothing ["MODE-8" "NODE-2"] "a node of another version is STARTING for ever with upgrade mode off";
    RepairedWithOtherVersion "repaired-with-other-version" 2 2 Deviates Nothing ["MODE-8" "NODE-6"] "an errored node of another version is repaired with upgrade mode off";
    RejectedIsError "rejected-is-error" 2 2 Deviates Nothing ["MODE-8" "NODE-6" "NODE-2"] "a node of another version that may not join is ERROR";
    NeverForgotten "never-forgotten" 2 2 TimesOut Nothing ["NODE-5"] "an OFFLINE node is never removed";
    NeverForgottenAfterApprove "never-forgotten-after-approve" 2 2 TimesOut Nothing ["NODE-5"] "an OFFLINE node is not removed after approve";
    NeverForgottenAfterCancel "never-forgotten-after-cancel" 2 2 TimesOut Nothing ["NODE-5"] "an OFFLINE node is not removed after cancel";
    NeverForgottenAfterError "never-forgotten-after-error" 2 2 TimesOut Nothing ["NODE-5"] "an OFFLINE node is not removed if it was in error before";
    OnlyOneForgotten "only-one-forgotten" 3 2 TimesOut Nothing ["NODE-5"] "only one node is ever removed";
    ForgottenWhileOn "forgotten-while-on" 2 2 Deviates Nothing ["NODE-5" "NODE-4" "API-1"] "an OFFLINE node is removed with upgrade mode on";
    RemovedCannotReturn "removed-cannot-return" 2 2 TimesOut Nothing ["NODE-9"] "a removed node cannot be connected again";
    ReconnectedBootsIntoError "reconnected-boots-into-error" 2 2 Deviates Nothing ["NODE-9" "NODE-2" "NODE-6"] "a removed node that is connected again is ERROR";
    RemovedComesBackByItself "removed-comes-back-by-itself" 2 2 Deviates Nothing ["NODE-5" "NODE-9" "NODE-2"] "a removed node comes back by itself";
    BreakIgnored "break-ignored" 2 2 TimesOut Nothing ["NODE-6"] "a node on which something went wrong stays as it is";
    BreakHitsNeighbour "break-hits-neighbour" 2 2 Deviates Nothing ["NODE-6" "NODE-1"] "something goes wrong on one node and the next one is ERROR";
    BreakTakesNeighbour "break-takes-neighbour" 3 2 Deviates Nothing ["NODE-6" "NODE-1"] "something goes wrong on one node and the next one is ERROR too";
    BreakLooksOffline "break-looks-offline" 2 2 Deviates Nothing ["NODE-6" "NODE-4"] "a node on which something went wrong is OFFLINE";
    BreakTurnsModeOff "break-turns-mode-off" 2 2 Deviates Nothing ["STATUS-4" "API-1" "API-5" "NODE-6"] "an error turns upgrade mode off";
    BreakTurnsModeOn "break-turns-mode-on" 2 2 Deviates Nothing ["STATUS-5" "API-1" "API-2" "NODE-6"] "an error turns upgrade mode on";
    BreakMovesOrigin "break-moves-origin" 2 2 Deviates Nothing ["API-1" "API-2" "STATUS-4" "NODE-6"] "an error changes originalVersion to the last version";
    RepairLost "repair-lost" 2 2 TimesOut Nothing ["NODE-1" "NODE-6"] "an errored node cannot be repaired";
    RepairedGoesOffline "repaired-goes-offline" 2 2 Deviates Nothing ["NODE-6" "NODE-1" "NODE-4"] "a repaired node is OFFLINE";
    RepairedListedDraining "repaired-listed-draining" 2 2 Deviates Nothing ["NODE-1" "NODE-6" "API-1"] "a node that was repaired is listed DRAINING, not ACTIVE";
    RepairTurnsModeOff "repair-turns-mode-off" 2 2 Deviates Nothing ["STATUS-2" "API-1" "API-5" "NODE-6" "STATUS-4" "STATUS-3"] "a repair turns upgrade mode off";
    ErrorRemovedWithModeOff "error-removed-with-mode-off" 2 2 Deviates Nothing ["NODE-6" "NODE-5"] "an errored node is removed with upgrade mode off";
    ErrorRecoversByItself "error-recovers-by-itself" 2 2 Deviates Nothing ["NODE-6"] "an errored node is ACTIVE again by itself";
    ErrorFallsOfflineByItself "error-falls-offline-by-itself" 2 2 Deviates Nothing ["NODE-6" "NODE-8"] "an errored node is OFFLINE by itself";
    SecondUpgradeKicksOldNode "second-upgrade-kicks-old-node" 3 2 Deviates Nothing ["NODE-1" "NODE-4"] "the second upgraded node drives an old one out";
    // Upgrade mode and the original version.
    OriginIsLatest "origin-is-latest" 1 2 Deviates Nothing ["API-2" "API-1" "STATUS-2" "MODE-3"] "start records the last version as the original one";
    StartRecordsFirstVersion "start-records-first-version" 1 2 Deviates Nothing ["API-2" "API-1" "STATUS-2"] "start always records the very first version";
    OriginDrifts "origin-drifts" 1 2 Deviates Nothing ["API-1" "STATUS-7" "STATUS-3" "MODE-5"] "originalVersion follows the node that became ACTIVE last";
    OriginalVersionFollows "original-version-follows" 1 2 Deviates Nothing ["API-1" "STATUS-7" "API-2"] "originalVersion is whatever the answering node runs now";
    OriginalVersionMissing "original-version-missing" 1 2 Deviates Nothing ["API-1" "API-2"] "originalVersion is missing while upgrade mode is on";
    OriginNullWhileOn "origin-null-while-on" 1 2 Deviates Nothing ["API-1" "API-2"] "originalVersion is null while upgrade mode is on";
    OriginIsNumber "origin-is-number" 1 2 Deviates Nothing ["API-1" "API-2"] "originalVersion is a number";
    OriginIsEmpty "origin-is-empty" 1 2 Deviates Nothing ["API-1" "API-2"] "originalVersion is an empty string";
    ModeDropsWhenAllUpgraded "mode-drops-when-all-upgraded" 1 2 Deviates Nothing ["STATUS-7" "API-6" "API-1" "MODE-5"] "upgrade mode turns itself off when all nodes are upgraded";
    ModeLostWhenAllDown "mode-lost-when-all-down" 1 2 Deviates Nothing ["API-1" "STATUS-2" "STATUS-7" "API-5" "MODE-8"] "upgrade mode is off after the whole cluster was down";
    // The three views.
    OverviewStatusStale "overview-status-stale" 1 2 Deviates Nothing ["API-11" "API-1"] "the overview shows the status before the current one";
    ModeHidden "mode-hidden" 1 2 Deviates Nothing ["API-1" "API-11" "API-2"] "the overview shows upgrade mode off, always";
    OverviewModeStaysOn "overview-mode-stays-on" 1 2 Deviates Nothing ["API-1" "API-5" "API-6" "API-11" "MODE-6"] "the overview shows upgrade mode on, ever after the first start";
    OverviewOmitsNode "overview-omits-node" 2 2 Deviates Nothing ["API-1" "API-11"] "the overview misses the last node";
    OverviewMissesErrored "overview-misses-errored" 2 2 Deviates Nothing ["API-1" "NODE-6" "API-11"] "the overview misses errored nodes";
    OverviewMissesOffline "overview-misses-offline" 2 2 Deviates Nothing ["API-1" "NODE-4" "NODE-5" "API-11"] "the overview misses OFFLINE nodes";
    OverviewMissesUpgraded "overview-misses-upgraded" 2 2 Deviates Nothing ["API-1" "API-11"] "the overview misses upgraded nodes";
    OverviewRepeatsNode "overview-repeats-node" 1 2 Deviates Nothing ["API-1" "API-11"] "the overview lists a node twice";
    OverviewListsGhost "overview-lists-ghost" 1 2 Deviates Nothing ["API-1" "API-7" "API-11"] "the overview lists a node that does not exist";
    OverviewKeepsRemoved "overview-keeps-removed" 2 2 Deviates Nothing ["NODE-5" "API-1" "API-11" "API-7"] "the overview lists removed nodes as ERROR";
    OverviewShowsErrorActive "overview-shows-error-active" 2 2 Deviates Nothing ["NODE-6" "API-11" "API-1" "STATUS-1" "STATUS-2"] "the overview shows errored nodes as ACTIVE";
    OverviewShowsLatestVersion "overview-shows-latest-version" 1 2 Deviates Nothing ["NODE-10" "API-1" "API-11"] "with upgrade mode on the overview shows the last version for every node";
    StateLags "state-lags" 1 2 Deviates Nothing ["API-11" "API-3"] "the status call shows the status before the current one";
    StateAlwaysStable "state-always-stable" 1 2 Deviates Nothing ["API-11" "API-3"] "the status call shows STABLE, always";
    StateIgnoresError "state-ignores-error" 2 2 Deviates Nothing ["API-11" "API-3" "STATUS-4" "STATUS-5"] "the status call does not see errors";
    BuildInfoOfDownNode "build-info-of-down-node" 2 2 Deviates Nothing ["API-3"] "buildInfo is a node that is OFFLINE";
    BuildInfoOfErroredNode "build-info-of-errored-node" 2 2 Deviates Nothing ["API-3"] "buildInfo is a node that is in error";
    BuildInfoHasFirstVersion "build-info-has-first-version" 1 2 Deviates Nothing ["API-11" "API-3" "NODE-10"] "buildInfo has the first version, always";
    BuildInfoIsGhost "build-info-is-ghost" 1 2 Deviates Nothing ["API-3" "API-11" "API-7"] "buildInfo has the id of no node";
    NodeViewStale "node-view-stale" 2 2 Deviates Nothing ["API-11" "API-4"] "the node call shows the node's status before the current one";
    NodeViewAlwaysActive "node-view-always-active" 2 2 Deviates Nothing ["API-11" "API-4"] "the node call shows ACTIVE, always";
    NodeViewShowsErrorActive "node-view-shows-error-active" 2 2 Deviates Nothing ["API-11" "API-4" "NODE-6"] "the node call shows errored nodes as ACTIVE";
    NodeViewOfAnother "node-view-of-another" 2 2 Deviates Nothing ["API-4" "API-11"] "the node call shows the next node";
    NodeViewHasNameAsId "node-view-has-name-as-id" 1 2 Deviates Nothing ["API-4" "API-11"] "the node call shows another id";
    NodeViewHasFirstVersion "node-view-has-first-version" 1 2 Deviates Nothing ["API-11" "API-4" "NODE-10"] "the node call shows the first version, always";
    TasksMissing "tasks-missing" 1 2 Deviates Nothing ["API-4"] "the node call lacks tasksTotal";
    NodeViewIsList "node-view-is-list" 1 2 Deviates Nothing ["API-4"] "the node call answers with a list";
    OfflineListedActive "offline-listed-active" 2 2 Either Nothing ["NODE-4" "NODE-3"] "an OFFLINE node is listed ACTIVE";
    OfflineShownAsError "offline-shown-as-error" 2 2 Deviates Nothing ["NODE-4" "NODE-3"] "an OFFLINE node is listed ERROR";
    ErrorListedActive "error-listed-active" 2 2 Either Nothing ["NODE-6" "STATUS-1" "STATUS-2" "STATUS-4" "STATUS-5"] "an errored node is listed ACTIVE";
    UpgradedShownStarting "upgraded-shown-starting" 2 2 Either Nothing ["NODE-2" "API-3" "NODE-1"] "an upgraded node is listed STARTING until upgrade mode is off";
    // 404.
    UnknownNode200 "unknown-node-200" 1 2 Deviates Nothing ["API-7"] "an unknown id answers 200 with another node";
    UnknownNodeAnswers204 "unknown-node-answers-204" 1 2 Deviates Nothing ["API-7"] "an unknown id answers 204";
    UnknownNode500 "unknown-node-500" 1 2 Deviates Nothing ["API-7"] "an unknown id answers 500";
    RemovedNode200 "removed-node-200" 2 2 Deviates Nothing ["API-7" "NODE-5" "API-11"] "a removed node answers 200";
    RemovedNodeAnswers400 "removed-node-answers-400" 2 2 Deviates Nothing ["API-7" "NODE-5"] "a removed node answers 400";
    ListedNodeAnswers404 "listed-node-answers-404" 1 2 Deviates Nothing ["API-4" "API-7" "API-11"] "the last node answers 404 though it is listed";
    OfflineNodeAnswers404 "offline-node-answers-404" 2 2 Deviates Nothing ["API-4" "API-7" "API-11"] "an OFFLINE node answers 404 though it is listed";
    ErroredNodeAnswers404 "errored-node-answers-404" 2 2 Deviates Nothing ["API-4" "API-7" "API-11"] "an errored node answers 404 though it is listed";
    ReconnectedNodeAnswers404 "reconnected-node-answers-404" 2 2 Deviates Nothing ["NODE-9" "API-4" "API-7" "API-11"] "once a node was removed, the last node answers 404 though it is listed";
    NodeFailsWhileOffline "node-fails-while-offline" 2 2 Deviates Nothing ["API-4" "API-7" "API-11"] "an OFFLINE node answers 500";
    // Reads that change something.
    ReadTurnsModeOff "read-turns-mode-off" 1 2 Deviates Nothing ["API-8" "API-1" "API-2" "STATUS-2"] "reading the overview turns upgrade mode off";
    ReadRepairs "read-repairs" 2 2 Deviates Nothing ["API-8" "NODE-6"] "reading the overview takes every errored node back";
    TenthOverviewTurnsModeOff "tenth-overview-turns-mode-off" 1 2 Deviates Nothing ["API-8" "API-1" "API-2" "STATUS-2"] "every tenth reading of the overview turns upgrade mode off";
    OverviewMovesOrigin "overview-moves-origin" 1 2 Deviates Nothing ["API-8" "API-1" "API-2" "STATUS-2"] "reading the overview changes originalVersion to the last version";
    NodeReadRepairs "node-read-repairs" 2 2 Deviates Nothing ["API-8" "NODE-6"] "reading an errored node repairs it";
    NodeReadBoots "node-read-boots" 2 2 Deviates Nothing ["API-8" "NODE-4" "NODE-3"] "reading an OFFLINE node boots it";
    StateReadRemovesOffline "state-read-removes-offline" 2 2 Deviates Nothing ["API-8" "NODE-5" "NODE-4" "API-1"] "reading the status removes an OFFLINE node";
    UnknownNodeReadTurnsModeOff "unknown-node-read-turns-mode-off" 1 2 Deviates Nothing ["API-8" "API-7" "API-1"] "reading an unknown node turns upgrade mode off";
    // Bodies.
    ClusterLacksMode "cluster-lacks-mode" 1 2 Deviates Nothing ["API-1"] "no upgradeModeEnabled";
    ClusterLacksState "cluster-lacks-state" 1 2 Deviates Nothing ["API-1"] "no state of the cluster";
    ClusterLacksNodes "cluster-lacks-nodes" 1 2 Deviates Nothing ["API-1"] "no nodes";
    NodesIsNull "nodes-is-null" 1 2 Deviates Nothing ["API-1"] "nodes is null";
    ModeIsText "mode-is-text" 1 2 Deviates Nothing ["API-1"] "upgradeModeEnabled is a string";
    ModeIsNumber "mode-is-number" 1 2 Deviates Nothing ["API-1"] "upgradeModeEnabled is a number";
    StateInLowerCase "state-in-lower-case" 1 2 Deviates Nothing ["API-1" "API-11"] "the cluster's state is in lower case";
    UnknownStatusWord "unknown-status-word" 1 2 Deviates Nothing ["API-1" "API-2" "API-3"] "the cluster's status is UPGRADING while upgrade mode is on";
    MixedHasAnotherWord "mixed-has-another-word" 2 2 Deviates Nothing ["API-1" "STATUS-3" "STATUS-4" "STATUS-5" "API-11"] "MIXED is called MIXED_VERSIONS";
    NodeLacksState "node-lacks-state" 1 2 TimesOut Nothing ["NODE-1" "API-1" "API-4"] "nodes have no state, ever";
    NodeLacksId "node-lacks-id" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "nodes have no id";
    NodeLacksTasks "node-lacks-tasks" 1 2 Deviates Nothing ["API-4" "API-1" "API-3"] "nodes have no tasksTotal";
    FieldMissing "field-missing" 1 2 Deviates Nothing ["API-1" "API-4" "API-3" "NODE-1"] "ACTIVE nodes have no version";
    FieldMistyped "field-mistyped" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "portNumber is a string";
    BuildNumberIsNumber "build-number-is-number" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "buildNumber is a number";
    TasksNegative "tasks-negative" 1 2 Deviates Nothing ["API-4" "API-1" "API-3"] "tasksTotal is negative";
    TasksAreNull "tasks-are-null" 1 2 Deviates Nothing ["API-4" "API-1" "API-3"] "tasksTotal is null";
    UsersAreText "users-are-text" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "activeUserCount is a string";
    LocalIsText "local-is-text" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "local is a string";
    ActiveHasAnotherWord "active-has-another-word" 1 2 Deviates Nothing ["API-1" "NODE-1" "API-4" "API-3"] "ACTIVE is called RUNNING";
    TerminatingHasAnotherWord "terminating-has-another-word" 2 2 Deviates Nothing ["API-1" "NODE-3" "API-4"] "TERMINATING is called STOPPING";
    OfflineHasAnotherWord "offline-has-another-word" 2 2 Deviates Nothing ["API-1" "NODE-4" "NODE-3" "API-4"] "OFFLINE is called DOWN";
    StateLacksState "state-lacks-state" 1 2 Deviates Nothing ["API-3"] "the status call lacks the state";
    BuildInfoMissing "build-info-missing" 1 2 Deviates Nothing ["API-3"] "the status call lacks buildInfo";
    BuildInfoIsNull "build-info-is-null" 1 2 Deviates Nothing ["API-3"] "buildInfo is null";
    TruncatedJson "truncated-json" 1 2 Deviates Nothing ["API-1"] "the overview is cut off";
    HtmlWith200 "html-with-200" 1 2 Deviates Nothing ["API-1"] "the overview is an HTML page with 200";
    OverviewIsEmpty "overview-is-empty" 1 2 Deviates Nothing ["API-1"] "the overview is empty with 200";
    OverviewRedirects "overview-redirects" 1 2 Deviates Nothing ["API-1" "API-10"] "the overview redirects to a login page";
    OverviewFailsInMixed "overview-fails-in-mixed" 2 2 Deviates Nothing ["API-1" "STATUS-3" "STATUS-4" "STATUS-5"] "the overview answers 500 in MIXED";
    StateIsHtml "state-is-html" 1 2 Deviates Nothing ["API-3"] "the status call answers an HTML page with 200";
    StateTruncated "state-truncated" 1 2 Deviates Nothing ["API-3"] "the status call's answer is cut off";
    StateFailsInError "state-fails-in-error" 2 2 Deviates Nothing ["API-3" "STATUS-4" "STATUS-5" "API-11"] "the status call answers 500 while a node is in error";
    StateFailsWithModeOn "state-fails-with-mode-on" 1 2 Deviates Nothing ["API-3" "API-11"] "the status call answers 500 with upgrade mode on";
    NodeRedirects "node-redirects" 1 2 Deviates Nothing ["API-4" "API-10"] "the node call redirects to a login page";
    PostsRedirect "posts-redirect" 1 2 Deviates Nothing ["API-2" "MODE-1" "API-9" "API-10" "MODE-7"] "every POST redirects to a login page, and works";
    PostBodyTruncated "post-body-truncated" 1 2 Deviates Nothing ["API-2" "API-1" "MODE-1"] "the answers to POSTs are cut off";
    // Several at once, nobody there, and who may call.
    StartRaces "start-races" 1 2 Deviates Nothing ["API-12" "MODE-7"] "of several starts at once, all are answered 200";
    CancelRaces "cancel-races" 1 2 Deviates Nothing ["API-12" "MODE-7"] "of several cancels at once, all are answered 200";
    ApproveRaces "approve-races" 1 2 Deviates Nothing ["API-12" "MODE-7"] "of several approves at once, all are answered 200";
    RaceNobodyWins "race-nobody-wins" 1 2 Deviates Nothing ["API-12" "MODE-1"] "of several calls at once, none is answered 200";
    RaceLosersGet500 "race-losers-get-500" 1 2 Deviates Nothing ["API-12" "API-9"] "of several calls at once, the losers are answered 500";
    RaceLoserUndoes "race-loser-undoes" 1 2 Deviates Nothing ["API-12" "API-9" "API-2"] "of several starts at once, a loser turns upgrade mode off";
    ReadsAnsweredUnserved "reads-answered-unserved" 1 2 Deviates Nothing ["NODE-1" "NODE-4" "API-1" "API-3"] "reads are answered while no node is ACTIVE";
    AnswersUnserved "answers-unserved" 1 2 Deviates Nothing ["NODE-1" "API-3" "NODE-4" "API-1" "MODE-1" "API-9"] "the API answers while no node serves";
    PostsAnsweredUnserved "posts-answered-unserved" 1 2 Deviates Nothing ["MODE-1" "API-9" "NODE-1" "NODE-4" "API-2"] "POSTs are answered while no node is ACTIVE";
    AnonymousReads "anonymous-reads" 1 2 Deviates Credentials ["API-10"] "reads need no credentials";
    AnonymousPosts "anonymous-posts" 1 2 Deviates Credentials ["API-10"] "POSTs need no credentials";
    NoAuthentication "no-authentication" 1 2 Deviates Credentials ["API-10"] "whoever gives no credentials, or wrong ones, is served";
    AnonymousIs403 "anonymous-is-403" 1 2 Deviates Credentials ["API-10"] "403 without credentials";
    LoginRedirect "login-redirect" 1 2 Deviates Credentials ["API-10"] "302 to a login page without credentials";
    AnyPassword "any-password" 1 2 Deviates Credentials ["API-10"] "any password will do";
    PlainAccountReads "plain-account-reads" 1 2 Deviates PlainAccount ["API-10"] "an account without system administration may read";
    PlainAccountPosts "plain-account-posts" 1 2 Deviates PlainAccount ["API-10"] "an account without system administration may POST";
    NoAuthorization "no-authorization" 1 2 Deviates PlainAccount ["API-10"] "an account without system administration is served";
    PlainAccountIs401 "plain-account-is-401" 1 2 Deviates PlainAccount ["API-10"] "401 for an account without system administration";
    // Fields (spec section 1).
    ActiveVersionNull "active-version-null" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "ACTIVE nodes have version null";
    VersionIsNumber "version-is-number" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "version is a number";
    OfflineVersionIsNumber "offline-version-is-number" 2 2 Deviates Nothing ["API-1" "API-4"] "version of an OFFLINE node is a number";
    IdIsNumber "id-is-number" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "id is a number";
    IdIsNull "id-is-null" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "id is null";
    NameIsNumber "name-is-number" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "name is a number";
    AddressIsNumber "address-is-number" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "ipAddress is a number";
    PortIsFraction "port-is-fraction" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "portNumber is a fraction";
    UsersNegative "users-negative" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "activeUserCount is negative";
    TasksAreText "tasks-are-text" 1 2 Deviates Nothing ["API-4" "API-1" "API-3"] "tasksTotal is a string";
    LinksAreText "links-are-text" 1 2 Deviates Nothing ["API-1" "API-4" "API-3"] "links is a string";
    FinalizationIsText "finalization-is-text" 1 2 Deviates Nothing ["API-1" "API-4" "API-3" "FIN-3"] "finalization is a string";
    FlagIsText "flag-is-text" 1 2 Deviates Finalization ["API-1" "FIN-1"] "hasFinalizationTasks is a string";
    ModeIsNull "mode-is-null" 1 2 Deviates Nothing ["API-1"] "upgradeModeEnabled is null";
    ClusterStateIsNull "cluster-state-is-null" 1 2 Deviates Nothing ["API-1"] "the cluster's state is null";
    NodesIsObject "nodes-is-object" 1 2 Deviates Nothing ["API-1"] "nodes is an object";
    StartingHasAnotherWord "starting-has-another-word" 2 2 Deviates Nothing ["API-1" "NODE-2" "API-4"] "STARTING is called JOINING";
    NodeStateNull "node-state-null" 2 2 TimesOut Nothing ["NODE-1" "API-1"] "the overview lists every node but the answering one with state null, ever";
    OfflineStaysSilent "offline-stays-silent" 2 2 TimesOut Nothing ["NODE-3" "NODE-4" "NODE-5"] "a node that is down is a silent entry for ever";
    StartingStaysSilent "starting-stays-silent" 2 2 TimesOut Nothing ["NODE-2"] "a node that was booted is a silent entry for ever";
    ErrorStaysSilent "error-stays-silent" 2 2 TimesOut Nothing ["NODE-6"] "an errored node is a silent entry for ever";
    StatusNeverCatchesUp "status-never-catches-up" 2 2 Deviates Nothing ["API-11" "STATUS-3" "STATUS-4" "STATUS-5" "STATUS-7" "STATUS-2" "API-1"] "the overview's status stays as it was when a POST was last answered";
    // Identity (spec section 7).
    IdsChangeByThemselves "ids-change-by-themselves" 1 2 Deviates Nothing ["API-1" "API-11" "API-4" "API-7"] "a node that stays up has another id after every tenth overview";
    IdsSwap "ids-swap" 2 2 Deviates Nothing ["API-1" "API-11" "NODE-1"] "with upgrade mode on, the first two nodes have each other's id";
    AddressesSwap "addresses-swap" 2 2 Deviates Nothing ["API-1" "API-11" "NODE-1"] "with upgrade mode on, the first two nodes have each other's ipAddress";
    IdListedTwice "id-listed-twice" 1 2 Deviates Nothing ["API-1" "API-11"] "the overview lists the first node's id again, OFFLINE";
    GhostComesAlive "ghost-comes-alive" 2 2 Deviates Nothing ["API-1" "NODE-4" "API-11" "NODE-3" "NODE-2"] "the old entry of a node that came back under a new id is ACTIVE";
    GhostInError "ghost-in-error" 2 2 Deviates Nothing ["API-1" "NODE-6" "API-11"] "the old entry of a node that came back under a new id is ERROR";
    GhostNeverRemoved "ghost-never-removed" 2 2 TimesOut Nothing ["NODE-5"] "the old entry of a node that came back under a new id is never removed";
    GhostAnswersNode "ghost-answers-node" 2 2 Deviates Nothing ["API-4" "API-11" "API-7"] "nodes/{old id} answers the node, not its old entry";
    NewIdAnswers404 "new-id-answers-404" 2 2 Deviates Nothing ["API-4" "API-7" "API-11"] "nodes/{new id} answers 404 though it is listed";
    NewIdUnknown "new-id-unknown" 2 2 Deviates Nothing ["API-1" "NODE-2" "API-11"] "a node comes back under a new id, with an address and a name that nobody knows";
    // Who may call (API-10), for each call.
    StartByAnybody "start-by-anybody" 1 2 Deviates Credentials ["API-10"] "start needs no credentials";
    CancelByAnybody "cancel-by-anybody" 1 2 Deviates Credentials ["API-10"] "cancel needs no credentials";
    ApproveByAnybody "approve-by-anybody" 1 2 Deviates Credentials ["API-10"] "approve needs no credentials";
    StartWithAnyPassword "start-with-any-password" 1 2 Deviates Credentials ["API-10"] "start takes any password for the administrator's name";
    CancelWithAnyPassword "cancel-with-any-password" 1 2 Deviates Credentials ["API-10"] "cancel takes any password for the administrator's name";
    ApproveWithAnyPassword "approve-with-any-password" 1 2 Deviates Credentials ["API-10"] "approve takes any password for the administrator's name";
    StartWithAnyToken "start-with-any-token" 1 2 Deviates Credentials ["API-10"] "start takes any bearer token";
    CancelWithAnyToken "cancel-with-any-token" 1 2 Deviates Credentials ["API-10"] "cancel takes any bearer token";
    ApproveWithAnyToken "approve-with-any-token" 1 2 Deviates Credentials ["API-10"] "approve takes any bearer token";
    StartByPlainAccount "start-by-plain-account" 1 2 Deviates PlainAccount ["API-10"] "an account without system administration may start";
    CancelByPlainAccount "cancel-by-plain-account" 1 2 Deviates PlainAccount ["API-10"] "an account without system administration may cancel";
    ApproveByPlainAccount "approve-by-plain-account" 1 2 Deviates PlainAccount ["API-10"] "an account without system administration may approve";
    AnyToken "any-token" 1 2 Deviates Credentials ["API-10"] "any bearer token will do";
    UnauthorizedTakesEffect "unauthorized-takes-effect" 1 2 Deviates Credentials ["API-10"] "a POST that is answered 401 takes effect all the same";
    ForbiddenTakesEffect "forbidden-takes-effect" 1 2 Deviates PlainAccount ["API-10"] "a POST that is answered 403 takes effect all the same";
    GetStarts "get-starts" 1 2 Deviates Nothing ["API-10" "API-8"] "a GET of start enables upgrade mode";
    GetCancels "get-cancels" 1 2 Deviates Nothing ["API-10" "API-8"] "a GET of cancel disables upgrade mode";
    GetApproves "get-approves" 1 2 Deviates Nothing ["API-10" "API-8"] "a GET of approve finalizes the upgrade";
    AnonymousGetStarts "anonymous-get-starts" 1 2 Deviates Credentials ["API-10" "API-8"] "a GET of start without credentials enables upgrade mode, and answers 401";
    PostedOverviewTurnsModeOff "posted-overview-turns-mode-off" 1 2 Deviates Nothing ["API-10" "API-8"] "a POST to the overview disables upgrade mode";
    PostedStateTurnsModeOn "posted-state-turns-mode-on" 1 2 Deviates Nothing ["API-10" "API-8"] "a POST to the status call enables upgrade mode";
    // Calls that take for ever.
    StartNeverAnswered "start-never-answered" 1 2 TimesOut Nothing ["API-2" "MODE-1"] "start takes effect and is never answered";
    CancelNeverAnswered "cancel-never-answered" 1 2 TimesOut Nothing ["API-5" "MODE-3"] "cancel takes effect and is never answered";
    ApproveNeverAnswered "approve-never-answered" 1 2 TimesOut Nothing ["API-6" "MODE-5"] "approve takes effect and is never answered";
    RefusalsNeverAnswered "refusals-never-answered" 1 2 TimesOut Nothing ["API-9" "MODE-2" "MODE-3" "MODE-4" "MODE-5" "MODE-7" "API-2" "API-5" "API-6"] "a refused call is never answered";
    // Profile finalization.
    TasksLeaveStable "tasks-leave-stable" 1 2 Deviates Finalization ["FIN-1" "FIN-2"] "STABLE while tasks run";
    TasksShownActive "tasks-shown-active" 1 2 Deviates Finalization ["FIN-1"] "nodes are ACTIVE while their tasks run";
    TasksFlagAlwaysTrue "tasks-flag-always-true" 1 2 Deviates Finalization ["FIN-1" "FIN-2"] "hasFinalizationTasks is always true";
    FinalizingForever "finalizing-forever" 1 2 TimesOut Finalization ["FIN-2"] "tasks run for ever";
    TasksFailByThemselves "tasks-fail-by-themselves" 1 2 Deviates Finalization ["FIN-2" "FIN-3"] "tasks always fail";
    TasksEndInError "tasks-end-in-error" 2 2 Deviates Finalization ["FIN-2" "NODE-6"] "nodes are ERROR when their tasks are done";
    TasksTurnModeOn "tasks-turn-mode-on" 1 2 Deviates Finalization ["FIN-2" "API-6" "API-2" "MODE-6"] "upgrade mode is on again when the tasks are done";
    DoneButPending "done-but-pending" 1 2 Deviates Finalization ["FIN-2" "FIN-1" "FIN-3"] "tasks stay pending when all are done";
    PendingClearedByFirstNode "pending-cleared-by-first-node" 2 2 Deviates Finalization ["FIN-1"] "hasFinalizationTasks is false when the first node is done";
    TasksNeverPending "tasks-never-pending" 1 2 Deviates Finalization ["FIN-1" "FIN-3"] "upgrade tasks are never pending";
    ApproveFinalizesOneNode "approve-finalizes-one-node" 2 2 Deviates Finalization ["FIN-1"] "only one node runs tasks";
    ApproveStaysInMode "approve-stays-in-mode" 1 2 Deviates Finalization ["FIN-1" "API-6" "MODE-6" "FIN-2"] "upgrade mode stays on after approve";
    FailureIsStable "failure-is-stable" 1 2 Deviates Finalization ["FIN-3" "FIN-5"] "STABLE after tasks have failed";
    FailureShownMixed "failure-shown-mixed" 1 2 Deviates Finalization ["FIN-3"] "MIXED after tasks have failed";
    FailureShownRunning "failure-shown-running" 1 2 Deviates Finalization ["FIN-3"] "RUNNING_UPGRADE_TASKS after tasks have failed";
    FailureShownAtOnce "failure-shown-at-once" 2 2 Deviates Finalization ["FIN-3" "FIN-1"] "UPGRADE_TASKS_FAILED while other nodes' tasks run";
    FailureSpreads "failure-spreads" 2 2 Deviates Finalization ["FIN-3"] "the tasks of all nodes fail with those of one";
    FailureClearsPending "failure-clears-pending" 1 2 Deviates Finalization ["FIN-1" "FIN-3"] "hasFinalizationTasks is false once tasks have failed";
    FailedNodeShownActive "failed-node-shown-active" 1 2 Either Finalization ["FIN-3"] "a node whose tasks failed is listed ACTIVE";
    FailedNodeShownError "failed-node-shown-error" 1 2 Deviates Finalization ["FIN-3" "NODE-6"] "a node whose tasks failed is listed ERROR";
    FailedTasksBreakNode "failed-tasks-break-node" 2 2 Deviates Finalization ["FIN-3" "NODE-6"] "a node whose tasks failed is in error";
    RetryRefused "retry-refused" 1 2 Deviates Finalization ["FIN-4"] "retryUpgrade is always refused";
    RetryAcceptedInStable "retry-accepted-in-stable" 1 2 Deviates Finalization ["FIN-4" "API-9"] "retryUpgrade answers 200 in STABLE";
    RetryAcceptedWhileRunning "retry-accepted-while-running" 1 2 Deviates Finalization ["FIN-4" "API-9"] "retryUpgrade answers 200 while tasks run";
    RetryDoesNothing "retry-does-nothing" 1 2 Deviates Finalization ["FIN-4"] "retryUpgrade answers 200 and does nothing";
    RetryEndsTasks "retry-ends-tasks" 1 2 Deviates Finalization ["FIN-4" "FIN-2"] "retryUpgrade declares the tasks done";
    RetryRunsEveryNode "retry-runs-every-node" 2 2 Deviates Finalization ["FIN-4"] "retryUpgrade runs the tasks of all nodes again";
    RetryRunsOneNode "retry-runs-one-node" 2 2 Deviates Finalization ["FIN-4"] "retryUpgrade runs the tasks of one node only";
    RefusedRetryAnswers200 "refused-retry-answers-200" 1 2 Deviates Finalization ["FIN-4" "API-9"] "a refused retryUpgrade answers 200";
    StartAcceptedWhileRunning "start-accepted-while-running" 1 2 Deviates Finalization ["FIN-5" "API-9"] "start is accepted while tasks run";
    StartAcceptedAfterFailure "start-accepted-after-failure" 1 2 Deviates Finalization ["FIN-5" "API-9"] "start is accepted after tasks have failed";
    StartWhileTasksRun "start-while-tasks-run" 1 2 Deviates Finalization ["FIN-5" "API-9"] "start is accepted while upgrade tasks run or after they failed";
}
