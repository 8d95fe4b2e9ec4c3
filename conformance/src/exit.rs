//! How does the process end? The exit codes of the interface, and which of several wins.

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// Everything conforms or holds, waived deviations included.
    Fine,
    /// A deviation or a violated property.
    Deviation,
    /// Wrong usage or configuration.
    Usage,
    /// Nothing deviates, yet something could not be finished.
    Inconclusive,
    /// Nothing was selected, or everything was skipped.
    Nothing,
    /// A waiver has expired or is no longer needed.
    StaleWaiver,
    /// The target cannot be reached.
    Unreachable,
    /// Interrupted; the partial report is written.
    Interrupted,
    /// Whoever read the output stopped reading; nothing is known of the result.
    Unread,
}

impl Exit {
    /// Every exit code.
    pub const ALL: [Self; 9] = [
        Self::Fine,
        Self::Deviation,
        Self::Usage,
        Self::Inconclusive,
        Self::Nothing,
        Self::StaleWaiver,
        Self::Unreachable,
        Self::Interrupted,
        Self::Unread,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Deviation => 1,
            Self::Usage => 2,
            Self::Inconclusive => 3,
            Self::Nothing => 4,
            Self::StaleWaiver => 5,
            Self::Unreachable => 6,
            Self::Interrupted => 130,
            // What a shell says of a program that SIGPIPE ended.
            Self::Unread => 141,
        }
    }

    /// The exit code with this number; one that nobody has is wrong usage.
    #[must_use]
    pub fn of_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|exit| exit.code() == code).unwrap_or(Self::Usage)
    }

    /// The run's verdict in one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "conforms",
            Self::Deviation => "deviates",
            Self::Usage => "unusable",
            Self::Inconclusive => "inconclusive",
            Self::Nothing => "nothing-run",
            Self::StaleWaiver => "stale-waiver",
            Self::Unreachable => "unreachable",
            Self::Interrupted => "interrupted",
            Self::Unread => "unread",
        }
    }

    /// What it means, in one sentence.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Fine => "everything conforms or holds (waived deviations included)",
            Self::Deviation => "a deviation or a violated property",
            Self::Usage => "wrong usage or configuration",
            Self::Inconclusive => {
                "nothing deviates, yet something could not be finished (a timeout, a limit reached, a run that ended early, a threshold \
                 that was not met)"
            }
            Self::Nothing => "nothing was selected or everything was skipped",
            Self::StaleWaiver => "a waiver that is expired or no longer needed",
            Self::Unreachable => "the target cannot be reached",
            Self::Interrupted => "interrupted, with the partial report written",
            Self::Unread => "whoever read the output stopped reading (a closed pipe)",
        }
    }

    /// Of several that apply, the one that counts: a deviation, then a stale waiver, then an unreachable target, then
    /// an inconclusive run.
    #[must_use]
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| match exit {
            Self::Unread => 8,
            Self::Interrupted => 7,
            Self::Usage => 6,
            Self::Deviation => 5,
            Self::StaleWaiver => 4,
            Self::Unreachable => 3,
            Self::Inconclusive => 2,
            Self::Nothing => 1,
            Self::Fine => 0,
        };
        all.into_iter().max_by_key(rank).unwrap_or(Self::Fine)
    }
}
