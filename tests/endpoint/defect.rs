//! Which defects can be planted, and under which rule is each one rightly reported?
//!
//! The table is in `defects`. The first rule of a row is the best one; any other of the row is right too, because most slips break
//! more than one rule and which of them shows first depends on what a tester looks at first.

pub(crate) use super::defects::Defect;

/// What a suite should find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// An answer that no conforming cluster gives.
    Deviates,
    /// Something never settles.
    TimesOut,
    /// One or the other, as it depends on the moments at which the tester looks.
    Either,
}

/// What must be there for the defect to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// The profile `finalization`.
    Tasks,
    /// `--auth`.
    Auth,
    /// `--auth` and `--plain`.
    Plain,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) nodes: usize,
    pub(crate) versions: usize,
    pub(crate) verdict: Verdict,
    pub(crate) needs: Needs,
    pub(crate) rules: &'static [&'static str],
    pub(crate) text: &'static str,
}

/// Shows only to a tester that looks in the right moment, or for long enough after a step has settled.
const FLEETING: &[Defect] = &[
    Defect::StartingNodeHasNullVersion,
    Defect::VersionSwitchesAfterJoining,
    Defect::TerminatingHasAnotherWord,
    Defect::StopIgnoredWhileStarting,
    Defect::KillIgnoredWhileStarting,
    Defect::ErrorRecoversByItself,
    Defect::ErrorFallsOfflineByItself,
    Defect::RemovedComesBackByItself,
    Defect::TenthOverviewTurnsModeOff,
    Defect::PendingClearedByFirstNode,
    Defect::FailureShownAtOnce,
    Defect::RetryAcceptedWhileRunning,
    Defect::StartAcceptedWhileRunning,
];

impl Defect {
    /// The name on the command line: the variant's words, with hyphens.
    pub(crate) fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|defect| defect.name() == name)
    }

    pub(crate) fn fleeting(self) -> bool {
        FLEETING.contains(&self)
    }

    /// Whether the API answers although nobody serves.
    pub(crate) fn answers_unserved(self) -> bool {
        matches!(self, Self::ReadsAnsweredUnserved | Self::PostsAnsweredUnserved)
    }

    fn verdict_word(self) -> &'static str {
        match self.row().verdict {
            Verdict::Deviates => "deviates",
            Verdict::TimesOut => "timeout",
            Verdict::Either => "either",
        }
    }

    fn needs_word(self) -> &'static str {
        match self.row().needs {
            Needs::Nothing => "",
            Needs::Tasks => "finalization",
            Needs::Auth => "auth",
            Needs::Plain => "plain",
        }
    }

    /// The registry for a reader.
    pub(crate) fn table() -> String {
        let line = |defect: &Self| {
            let row = defect.row();
            let fleeting = if defect.fleeting() { " (fleeting)" } else { "" };
            format!(
                "{:<38} N>={} V>={} {:<8} {:<12} {:<24} {}{fleeting}",
                defect.name(),
                row.nodes,
                row.versions,
                defect.verdict_word(),
                defect.needs_word(),
                row.rules.join(","),
                row.text
            )
        };
        Self::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The registry for a program: a list of objects.
    pub(crate) fn json() -> String {
        let object = |defect: &Self| {
            let row = defect.row();
            serde_json::json!({
                "name": defect.name(),
                "text": row.text,
                "rules": row.rules,
                "nodes_min": row.nodes,
                "versions_min": row.versions,
                "profile": if row.needs == Needs::Tasks { "finalization" } else { "documented" },
                "needs": defect.needs_word(),
                "verdict": defect.verdict_word(),
                "timeout": row.verdict != Verdict::Deviates,
                "fleeting": defect.fleeting(),
            })
        };
        serde_json::Value::from(Self::ALL.iter().map(object).collect::<Vec<_>>()).to_string()
    }
}
