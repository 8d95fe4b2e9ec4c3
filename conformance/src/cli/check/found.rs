//! What became of what was asked? Findings, and what they come to.

use zdu_model::check::abstraction::Proof;
use zdu_model::check::path::Path;
use zdu_model::check::procedure::rotation;
use zdu_model::check::sought::{Bound, Limit};
use zdu_model::check::survival::Table;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::System;

use crate::cli::steps::Shown;
use crate::exit::Exit;
use zdu_model::spec::mutants::Mutants;

/// What sort of question a property is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// In every reachable state and over every transition.
    Safety,
    /// Some run shows it.
    Reachability,
    /// It happens in the end.
    Liveness,
    /// There is a way back from everywhere.
    Recovery,
    /// The operator who follows the page sees it.
    Procedure,
    /// What is proved speaks about something.
    Vacuity,
    /// Somebody's own question.
    Own,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Safety,
        Self::Reachability,
        Self::Liveness,
        Self::Recovery,
        Self::Procedure,
        Self::Vacuity,
        Self::Own,
    ];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Safety => "safety",
            Self::Reachability => "reachability",
            Self::Liveness => "liveness",
            Self::Recovery => "recovery",
            Self::Procedure => "procedure",
            Self::Vacuity => "vacuity",
            Self::Own => "own",
        }
    }
}

/// What became of one property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// It holds.
    Holds,
    /// It fails.
    Violated,
    /// It fails, as the spec says that it must.
    MustFail,
    /// It fails under faults; the page promises it without any.
    NotSurvived,
    /// Some run shows it.
    Reached,
    /// No run shows it, for a reason that the spec gives.
    OnPurpose,
    /// No run shows it, or one does that must not.
    Gap,
    /// Nobody knows.
    Undecided,
    /// Nobody knows, because the search was ended before it had looked at everything.
    GivenUp(Bound),
}

impl Verdict {
    /// The word for programs.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::MustFail => "fails-as-it-must",
            Self::NotSurvived => "not-survived",
            Self::Reached => "reached",
            Self::OnPurpose => "unreachable-on-purpose",
            Self::Gap => "gap",
            Self::Undecided => "undecided",
            Self::GivenUp(_) => "given-up",
        }
    }

    /// The words for people.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "VIOLATED",
            Self::MustFail => "fails as it must",
            Self::NotSurvived => "not survived",
            Self::Reached => "reached",
            Self::OnPurpose => "on purpose not",
            Self::Gap => "GAP",
            Self::Undecided => "UNDECIDED",
            Self::GivenUp(_) => "GIVEN UP",
        }
    }

    pub(super) const fn exit(self) -> Exit {
        match self {
            Self::Violated | Self::Gap => Exit::Deviation,
            Self::GivenUp(Bound::Interrupted) => Exit::Interrupted,
            Self::Undecided | Self::GivenUp(Bound::Depth | Bound::Time | Bound::Memory) => {
                Exit::Inconclusive
            }
            Self::Holds | Self::MustFail | Self::NotSurvived | Self::Reached | Self::OnPurpose => {
                Exit::Fine
            }
        }
    }

    /// Whether its run is shown to people: to explain what fails, not for what is as it should be.
    pub(super) const fn explains(self) -> bool {
        match self {
            Self::Violated
            | Self::MustFail
            | Self::NotSurvived
            | Self::Gap
            | Self::Undecided
            | Self::GivenUp(_) => true,
            Self::Holds | Self::Reached | Self::OnPurpose => false,
        }
    }
}

/// One property with its verdict.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) name: String,
    /// The rule that it is about; none of one's own question.
    pub(super) rule: Option<Rule>,
    pub(super) kind: Kind,
    pub(super) verdict: Verdict,
    /// What else there is to say.
    pub(super) note: Option<String>,
    /// The run that shows it: a counterexample, or for what is reached an example.
    pub(super) run: Option<Shown>,
}

/// Something that was not done, and how to have it done.
#[derive(Clone, Debug)]
pub(super) struct LeftOut {
    pub(super) what: &'static str,
    pub(super) why: String,
    pub(super) next: String,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Looked {
    /// Every reachable state, unless a limit ended the search.
    States {
        states: u64,
        transitions: u64,
        depth: Option<u64>,
        ended: Option<Limit>,
        /// The states and transitions that the classes stand for, where it was classes that were counted.
        unfolded: Option<(u64, u64)>,
    },
    /// Every state of operator and cluster.
    Product { states: u64 },
    /// Every view of two nodes.
    Views { views: u64, clusters: u64, window: usize },
}

impl Looked {
    /// So many states of operator and cluster were looked at, too; where states of the cluster were, these are told.
    pub(super) const fn product(&mut self, more: u64) {
        if let Self::Product { states } = self {
            *states += more;
        }
    }

    pub(super) fn of(proof: &Proof) -> Self {
        Self::Views {
            views: proof.views.count() as u64,
            clusters: proof.clusters,
            window: proof.window,
        }
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(super) engine: &'static str,
    /// What was asked about; for every size at once its number of nodes says nothing.
    pub(super) system: System<Mutants>,
    /// The flags that ask for the same model again.
    pub(super) flags: String,
    /// The mutants that are planted in it.
    pub(super) mutant: Option<String>,
    pub(super) seconds: f64,
    pub(super) looked: Looked,
    pub(super) findings: Vec<Finding>,
    pub(super) left_out: Vec<LeftOut>,
    /// What the question does not include, and how to ask it.
    pub(super) not_asked: Vec<LeftOut>,
    /// What a cluster of each size survives.
    pub(super) survival: Option<Table>,
    /// What users behind a load balancer live through.
    pub(super) rotation: Option<rotation::survival::Table>,
}

impl Found {
    /// How the process ends. What was left out is no part of "holds".
    pub(crate) fn exit(&self) -> Exit {
        let left_out = self.findings.is_empty() || !self.left_out.is_empty();
        let left_out = left_out.then_some(Exit::Inconclusive);
        Exit::worst(self.findings.iter().map(|finding| finding.verdict.exit()).chain(left_out))
    }

    /// Whether everything is as it must be.
    pub(crate) fn holds(&self) -> bool {
        self.exit() == Exit::Fine
    }

    /// The verdict in one word.
    pub(super) fn verdict(&self) -> &'static str {
        let any = |verdict: Verdict| self.findings.iter().any(|it| it.verdict == verdict);
        if any(Verdict::Violated) {
            "violated"
        } else if any(Verdict::Gap) {
            "gap"
        } else if self.holds() {
            "holds"
        } else {
            "undecided"
        }
    }

    /// The findings of one kind.
    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = &Finding> {
        (self.findings.iter()).filter(move |finding| finding.kind == kind)
    }
}

/// What is said where it is known that there is a run, and not which.
pub(super) fn unshown(by: Bound) -> String {
    format!("the run to it was not found: ended by {}", by.text())
}

/// What is wrong at the end of a counterexample.
pub(super) fn broken(rule: Rule, system: &System<Mutants>, path: &Path) -> String {
    format!(
        "against {rule}: {} The status shown at the end is {}.",
        rule.text(),
        system.status(path.end())
    )
}
