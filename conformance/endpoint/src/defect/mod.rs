//! Which defects can be planted, and under which rule is each one rightly reported?
//!
//! The registry. Its rows are in `table`; the first rule of a row is the best one, and any other of the row is right too,
//! because most defects break more than one rule and which of them shows first depends on what a tester looks at first. What a
//! defect does stands beside the line that it bends.

mod table;

use std::fmt;
use std::str::FromStr;

use crate::registry::{UnknownName, find};

pub use table::Defect;

/// What a suite should find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// An answer that no conforming cluster gives.
    Deviates,
    /// Something never settles.
    TimesOut,
    /// One or the other, as it depends on the moments at which the tester looks.
    Either,
}

impl Class {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deviates => "deviates",
            Self::TimesOut => "timeout",
            Self::Either => "either",
        }
    }
}

/// What must be there for a defect to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Needs {
    /// Nothing special.
    Nothing,
    /// The profile `finalization`.
    Finalization,
    /// Credentials that are asked for.
    Credentials,
    /// Credentials, and an account without system administration.
    PlainAccount,
}

impl Needs {
    /// The word for it; empty for nothing.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Finalization => "finalization",
            Self::Credentials => "credentials",
            Self::PlainAccount => "plain-account",
        }
    }
}

/// What the registry knows of a defect.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The least number of nodes at which it shows to whoever sees only answers.
    pub nodes: usize,
    /// The least number of versions.
    pub versions: usize,
    /// How it is found.
    pub class: Class,
    /// What it needs.
    pub needs: Needs,
    /// The rules that it breaks, the best one first.
    pub rules: &'static [&'static str],
    /// What is wrong, in one line.
    pub text: &'static str,
}

/// Shows only to a tester that looks in the right moment, or for long enough after a step has settled.
const FLEETING: &[Defect] = &[
    Defect::VersionSwitchesAfterJoining,
    Defect::TerminatingHasAnotherWord,
    Defect::StartingHasAnotherWord,
    Defect::StopIgnoredWhileStarting,
    Defect::KillIgnoredWhileStarting,
    Defect::ErrorRecoversByItself,
    Defect::ErrorFallsOfflineByItself,
    Defect::RemovedComesBackByItself,
    Defect::TenthOverviewTurnsModeOff,
    Defect::PendingClearedByFirstNode,
    Defect::TasksNeverPending,
    Defect::FailureClearsPending,
    Defect::FailureShownAtOnce,
    Defect::RetryAcceptedWhileRunning,
    Defect::StartAcceptedWhileRunning,
];

impl Defect {
    /// Whether it shows only to a tester that looks in the right moment, or for long enough after a step has settled.
    #[must_use]
    pub fn fleeting(self) -> bool {
        FLEETING.contains(&self)
    }

    /// Whether it is about nodes that come back under new ids: then they do.
    #[must_use]
    pub const fn needs_new_ids(self) -> bool {
        matches!(
            self,
            Self::GhostComesAlive
                | Self::GhostInError
                | Self::GhostNeverRemoved
                | Self::GhostAnswersNode
                | Self::NewIdAnswers404
                | Self::NewIdUnknown
        )
    }

    /// Which branch of `approve` it shows in (spec section 6): with tasks, without, or either.
    #[must_use]
    pub const fn tasks(self) -> Option<bool> {
        match (self, self.row().needs) {
            // About the step from READY_TO_RUN_UPGRADE_TASKS straight to STABLE.
            (Self::ApproveKeepsMode | Self::ApproveKeepsStatus, _) => Some(false),
            (_, Needs::Finalization) => Some(true),
            (_, Needs::Nothing | Needs::Credentials | Needs::PlainAccount) => None,
        }
    }

    /// The registry for a reader: a line a defect.
    #[must_use]
    pub fn table() -> String {
        let line = |defect: &Self| {
            let row = defect.row();
            let fleeting = if defect.fleeting() { " (fleeting)" } else { "" };
            format!(
                "{:<10} {:<42} N>={} V>={} {:<8} {:<13} {}{fleeting}",
                row.rules[0],
                defect.name(),
                row.nodes,
                row.versions,
                row.class.word(),
                row.needs.word(),
                row.text
            )
        };
        Self::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The registry for a program: a list of objects.
    #[must_use]
    pub fn json() -> serde_json::Value {
        let object = |defect: &Self| {
            let row = defect.row();
            serde_json::json!({
                "name": defect.name(),
                "text": row.text,
                "rules": row.rules,
                "nodes_min": row.nodes,
                "versions_min": row.versions,
                "needs": row.needs.word(),
                "class": row.class.word(),
                "fleeting": defect.fleeting(),
            })
        };
        Self::ALL.iter().map(object).collect()
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Defect {
    type Err = UnknownName;

    fn from_str(given: &str) -> Result<Self, UnknownName> {
        find(Self::ALL, Self::name, given, "defect", "--list-defects")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const RULES: &[(&str, u32)] =
        &[("API", 12), ("NODE", 10), ("STATUS", 7), ("MODE", 8), ("FIN", 5)];

    fn known(rule: &str) -> bool {
        let (family, number) = rule.split_once('-').unwrap_or((rule, ""));
        RULES.iter().any(|(known, last)| {
            *known == family && number.parse().is_ok_and(|it: u32| (1..=*last).contains(&it))
        })
    }

    #[test]
    fn every_row_is_sound() {
        let mut names = BTreeSet::new();
        for defect in Defect::ALL {
            let (name, row) = (defect.name(), defect.row());
            assert!(names.insert(name), "{name} stands there twice");
            assert_eq!(name.parse(), Ok(*defect));
            let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b"-0123456789".contains(&b));
            assert!(plain, "{name}");
            assert!(row.nodes >= 1 && row.versions >= 2 && !row.text.is_empty(), "{name}");
            assert!(!row.rules.is_empty(), "{name} breaks no rule");
            for rule in row.rules {
                assert!(known(rule), "{name} names {rule}");
            }
            let distinct: BTreeSet<_> = row.rules.iter().collect();
            assert_eq!(distinct.len(), row.rules.len(), "{name} names a rule twice");
        }
        assert_eq!(Defect::json().as_array().map(Vec::len), Some(names.len()));
    }

    // What nothing breaks, no suite is tested for. The procedure is the operator's, and there is no load balancer here.
    #[test]
    fn every_rule_about_an_endpoint_is_broken_by_a_defect() {
        for (family, last) in RULES {
            for number in 1..=*last {
                let rule = format!("{family}-{number}");
                let broken = Defect::ALL.iter().any(|defect| defect.row().rules[0] == rule);
                assert!(broken, "{rule}");
            }
        }
    }

    // Users and the README know these names.
    #[test]
    fn names_that_are_known_outside_stay() {
        for name in
            ["stable-despite-error", "start-races", "forgotten-while-on", "unknown-node-200"]
        {
            assert!(name.parse::<Defect>().is_ok(), "{name}");
        }
    }
}
