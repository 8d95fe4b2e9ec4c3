//! Which defects can the mock plant? Every mutant of the model, and what only the wire can get wrong.
//!
//! A suite is tested by the endpoints that it must fail, so each row names the rule of section 4 (or 6) that it breaks. A
//! defect whose effect the model can express is a [`Mutant`] and lives there; here are the others: lies in a view, wrong
//! codes, broken bodies, effects of reads, and things that never come to an end. One defect at a time.

use std::fmt;
use std::str::FromStr;

use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;

macro_rules! wire_defects {
    ($($variant:ident $name:literal $rule:ident $nodes:literal $text:literal)*) => {
        /// One way in which an endpoint can be wrong that no mutant of the model expresses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum WireDefect { $(#[doc = $text] $variant,)* }

        impl WireDefect {
            /// Every wire defect.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

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

            /// What is wrong.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The least number of nodes at which it shows.
            #[must_use]
            pub const fn nodes_min(self) -> usize {
                match self { $(Self::$variant => $nodes,)* }
            }
        }
    };
}

wire_defects! {
    OverviewOmitsNode "overview-omits-node" Api1 2 "the overview misses the last listed node"
    OverviewListsGhost "overview-lists-ghost" Api1 1 "the overview lists a node that does not exist"
    OverviewRepeatsNode "overview-repeats-node" Api1 1 "the overview lists the first node twice"
    OriginalVersionMissing "original-version-missing" Api1 1 "the overview gives no original version while upgrade mode is on"
    OriginalVersionFollows "original-version-follows" Api1 1 "the original version is whatever the answering node runs now"
    ModeHidden "mode-hidden" Api1 1 "the overview says that upgrade mode is off while it is on"
    FieldMissing "field-missing" Api1 1 "nodes have no field `version`"
    FieldMistyped "field-mistyped" Api1 1 "a node's `portNumber` is text"
    UnknownStatusWord "unknown-status-word" Api1 1 "the cluster's status is a word outside the schema while upgrade mode is on"
    TruncatedJson "truncated-json" Api1 1 "the overview's body breaks off in the middle"
    HtmlWith200 "html-with-200" Api1 1 "the overview answers 200 with an HTML page"
    AcceptedAnswers202 "accepted-answers-202" Api2 1 "a call that is accepted answers 202"
    StartAnswersBefore "start-answers-before" Api2 1 "the answer to `start` shows the cluster before the call"
    StartAnswersEmpty "start-answers-empty" Api2 1 "`start` answers 200 without a body"
    StartHasNoEffect "start-has-no-effect" Api2 1 "`start` answers as if it had worked, and nothing changes"
    BuildInfoOfDownNode "build-info-of-down-node" Api3 2 "`buildInfo` names a node that does not serve when there is one"
    BuildInfoMissing "build-info-missing" Api3 1 "`state` gives no `buildInfo`"
    AnswersUnserved "answers-unserved" Api3 1 "the API answers while no node serves"
    TasksMissing "tasks-missing" Api4 1 "`nodes/{id}` has no `tasksTotal`"
    TasksNegative "tasks-negative" Api4 1 "`nodes/{id}` gives a negative number of tasks"
    CancelAnswersBefore "cancel-answers-before" Api5 1 "the answer to `cancel` shows the cluster before the call"
    ApproveAnswersBefore "approve-answers-before" Api6 1 "the answer to `approve` shows the cluster before the call"
    UnknownNode200 "unknown-node-200" Api7 1 "an unknown node answers 200 as if it were OFFLINE"
    UnknownNode500 "unknown-node-500" Api7 1 "an unknown node answers 500"
    RemovedNode200 "removed-node-200" Api7 2 "a removed node answers 200 as if it were OFFLINE"
    ReadTurnsModeOff "read-turns-mode-off" Api8 1 "reading the overview disables upgrade mode"
    ReadRepairs "read-repairs" Api8 2 "reading the overview takes every errored node back"
    RefusedAnswers400 "refused-answers-400" Api9 1 "a refused call answers 400"
    RefusedAnswers500 "refused-answers-500" Api9 1 "a refused call answers 500"
    RefusedAnswers200 "refused-answers-200" Api9 1 "a refused call answers 200, without effect"
    NoAuthentication "no-authentication" Api10 1 "whoever gives no credentials, or wrong ones, is served"
    NoAuthorization "no-authorization" Api10 1 "an account without system administration is served"
    AnyPassword "any-password" Api10 1 "any password is accepted for the administrator's name"
    LoginRedirect "login-redirect" Api10 1 "without credentials the answer is a redirect to a login page"
    StateAlwaysStable "state-always-stable" Api11 1 "`state` always says STABLE"
    StateLags "state-lags" Api11 1 "`state` gives the status before the last change of status"
    NodeViewOfAnother "node-view-of-another" Api11 2 "`nodes/{id}` gives the status and version of the next node"
    NodeViewStale "node-view-stale" Api11 1 "`nodes/{id}` always tells what was so at the beginning"
    StartRaces "start-races" Api12 1 "several `start` sent at once are all answered 200"
    CancelRaces "cancel-races" Api12 1 "several `cancel` sent at once are all answered 200"
    ApproveRaces "approve-races" Api12 1 "several `approve` sent at once are all answered 200"
    RepairLost "repair-lost" Node1 2 "repairing an errored node has no effect"
    RepairedListedDraining "repaired-listed-draining" Node1 2 "a node that was repaired is listed DRAINING, not ACTIVE"
    StartingForever "starting-forever" Node2 2 "a node that was booted stays STARTING for ever"
    TerminatingForever "terminating-forever" Node3 2 "a node that is stopped gracefully stays TERMINATING for ever"
    OfflineListedActive "offline-listed-active" Node4 2 "a node that does not respond is listed ACTIVE"
    ErrorListedActive "error-listed-active" Node6 2 "a node on which something went wrong is listed ACTIVE"
    InstallLost "install-lost" Node10 1 "installing a version has no effect"
    VersionStaleAfterBoot "version-stale-after-boot" Node10 1 "a node that runs a newly installed version is listed with the one before"
    FirstStartRefused "first-start-refused" Mode1 1 "the first `start` answers 409 in STABLE, the next one works"
    ApproveKeepsStatus "approve-keeps-status" Mode6 1 "the status stays READY_TO_RUN_UPGRADE_TASKS after `approve`"
    FinalizationFlagMissing "finalization-flag-missing" Fin1 1 "the overview has no `hasFinalizationTasks` (profile `finalization`)"
    FinalizingForever "finalizing-forever" Fin2 1 "upgrade tasks never come to an end (profile `finalization`)"
}

/// A defect that the mock can plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Defect {
    /// The cluster behaves differently.
    Mutant(Mutant),
    /// The cluster behaves, its API does not tell.
    Wire(WireDefect),
}

impl Defect {
    /// Every defect: the model's mutants, then those of the wire.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mutants = Mutant::ALL.iter().copied().map(Self::Mutant);
        mutants.chain(WireDefect::ALL.iter().copied().map(Self::Wire)).collect()
    }

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mutant(mutant) => mutant.name(),
            Self::Wire(defect) => defect.name(),
        }
    }

    /// The rule that it breaks.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::Mutant(mutant) => mutant.rule(),
            Self::Wire(defect) => defect.rule(),
        }
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Mutant(mutant) => mutant.text(),
            Self::Wire(defect) => defect.text(),
        }
    }

    /// The least number of nodes at which it shows to someone who sees only answers.
    #[must_use]
    pub fn nodes_min(self) -> usize {
        match self {
            Self::Mutant(mutant) if takes_down_a_node(mutant) => mutant.nodes_min().max(2),
            // With two nodes both are in error, and nobody is left to say so.
            Self::Mutant(mutant @ Mutant::BreakTakesNeighbour) => mutant.nodes_min().max(3),
            Self::Mutant(mutant) => mutant.nodes_min(),
            Self::Wire(defect) => defect.nodes_min(),
        }
    }

    /// The least number of versions at which it shows.
    #[must_use]
    pub const fn versions_min(self) -> u8 {
        match self {
            Self::Mutant(mutant) => mutant.versions_min(),
            Self::Wire(_) => 2,
        }
    }

    /// Whether it shows in this profile.
    #[must_use]
    pub const fn in_profile(self, profile: Profile) -> bool {
        self.rule().in_profile(profile)
    }

    /// Whether it shows only on a mock that asks for credentials.
    #[must_use]
    pub fn needs_credentials(self) -> bool {
        self.rule() == Rule::Api10
    }

    /// Which branch of `approve` it shows in (section 6): with tasks, without, or either.
    #[must_use]
    pub fn needs_tasks(self) -> Option<bool> {
        match self {
            Self::Wire(WireDefect::FinalizationFlagMissing) => None,
            // Both are about the step from READY_TO_RUN_UPGRADE_TASKS straight to STABLE.
            Self::Mutant(Mutant::ApproveKeepsMode) | Self::Wire(WireDefect::ApproveKeepsStatus) => {
                Some(false)
            }
            Self::Mutant(_) | Self::Wire(_) => {
                (!self.in_profile(Profile::Documented)).then_some(true)
            }
        }
    }
}

/// Whether the mutant shows only while a node does not serve, so that another one must be there to answer.
fn takes_down_a_node(mutant: Mutant) -> bool {
    matches!(
        mutant,
        Mutant::StableDespiteError
            | Mutant::ErrorIgnoredWhileOn
            | Mutant::MixedWhileOff
            | Mutant::OfflineCountsAsUpgraded
            | Mutant::ReadyBreaks
            | Mutant::StopBreaks
            | Mutant::StopDropsFromList
            | Mutant::ErroredCannotStop
            | Mutant::ErroredCannotBeKilled
            | Mutant::KilledStaysInError
            | Mutant::RemovedCannotReturn
            | Mutant::NeverForgotten
            | Mutant::ForgottenWhileOn
    )
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No defect has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no defect `{given}`; the nearest is `{nearest}`, and `zdu mock --list-defects` names them all"
)]
pub struct UnknownDefect {
    /// What was asked for.
    pub given: String,
    /// The known name that is most like it.
    pub nearest: &'static str,
}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(given: &str) -> Result<Self, UnknownDefect> {
        let all = Self::all();
        if let Some(defect) = all.iter().find(|defect| defect.name() == given) {
            return Ok(*defect);
        }
        let nearest = all
            .iter()
            .map(|defect| defect.name())
            .min_by_key(|name| strsim::damerau_levenshtein(name, given))
            .expect("the registry is not empty");
        Err(UnknownDefect { given: given.to_owned(), nearest })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    // Names are the key on the command line: two defects of one name would hide one of them.
    #[test]
    fn every_defect_has_its_own_name_and_is_found_by_it() {
        let names: BTreeSet<_> = Defect::all().into_iter().map(Defect::name).collect();
        assert_eq!(names.len(), Defect::all().len());
        for defect in Defect::all() {
            assert_eq!(defect.name().parse(), Ok(defect));
        }
    }

    // What nothing breaks, no suite is tested for. The procedure is the operator's, and there is no load balancer here.
    #[test]
    fn every_rule_about_an_endpoint_has_a_defect() {
        for rule in Rule::ALL {
            let ours = !rule.id().starts_with("PROC-") && !rule.id().starts_with("LB-");
            let broken = Defect::all().iter().any(|defect| defect.rule() == *rule);
            assert_eq!(ours, broken, "{rule}");
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_known_one() {
        let error = "start-race".parse::<Defect>().expect_err("no such defect");
        assert_eq!(error.nearest, "start-races");
    }
}
