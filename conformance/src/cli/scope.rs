//! Which model does a command speak about? The flags that several commands share, and the system that they name.
//!
//! A mutant can be planted in the model, so that a reader sees every check fail for once: a check that cannot fail says
//! nothing. [`Subject`] is the spec or a mutant of it behind one type, so that each command is compiled once.

use std::path::Path;

use clap::ValueEnum;
use zdu_model::spec::cluster::{Cluster, ClusterStatus};
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Answer, Scope, Semantics, Spec, System};
use zdu_model::spec::transition::{Call, Transition};

use super::Failure;

/// How many states are kept with all their transitions: some 300 bytes each.
pub(super) const GRAPH_STATES_MAX: f64 = 1e6;

/// The size and family of the model.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct ScopeArgs {
    /// The number of nodes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(super) nodes: u8,
    /// The number of versions; 3 shows two different later versions at once
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=16))]
    pub(super) versions: u8,
    /// The family of builds
    #[arg(long, value_enum, default_value_t = ProfileArg::Documented)]
    pub(super) profile: ProfileArg,
    /// A named mutant to plant in the model, to see what finds it
    #[arg(long, value_name = "NAME", value_parser = mutant)]
    pub(super) mutant: Option<Mutant>,
}

impl ScopeArgs {
    pub(super) fn scope(self) -> Scope {
        Scope {
            profile: self.profile.into(),
            nodes: usize::from(self.nodes),
            versions: self.versions,
        }
    }

    pub(super) fn system(self) -> System<Subject> {
        System {
            scope: self.scope(),
            semantics: self.mutant.map_or(Subject::Spec, Subject::Mutated),
        }
    }

    /// The flags that name the same model again, those with their default value left out.
    pub(super) fn flags(self) -> String {
        let mut flags = String::new();
        if self.nodes != 3 {
            flags += &format!(" --nodes {}", self.nodes);
        }
        if self.versions != 2 {
            flags += &format!(" --versions {}", self.versions);
        }
        match self.profile {
            ProfileArg::Documented => {}
            ProfileArg::Finalization => flags += " --profile finalization",
        }
        if let Some(mutant) = self.mutant {
            flags += &format!(" --mutant {mutant}");
        }
        flags
    }
}

fn mutant(name: &str) -> Result<Mutant, String> {
    Mutant::named(name).ok_or_else(|| {
        let names: Vec<&str> = Mutant::ALL.iter().map(|mutant| mutant.name()).collect();
        format!("there is no mutant `{name}`; there are: {}", names.join(", "))
    })
}

/// About how many states a scope has; section 3 has the exact form. Never less than there are in profile `documented`.
pub(super) fn states_expected(scope: Scope) -> f64 {
    let digits = scope.profile.phases().len() * usize::from(scope.versions);
    let exponent = i32::try_from(scope.nodes).unwrap_or(i32::MAX);
    f64::from(scope.versions + 1) * (digits as f64).powi(exponent)
}

/// Whether every state and transition of the scope can be held at once.
pub(super) fn graph_fits(scope: Scope) -> bool {
    states_expected(scope) <= GRAPH_STATES_MAX
}

/// The largest number of nodes for which they can.
pub(super) fn graph_nodes_max(scope: Scope) -> usize {
    (1..=scope.nodes)
        .take_while(|nodes| graph_fits(Scope { nodes: *nodes, ..scope }))
        .last()
        .unwrap_or(1)
}

/// A profile on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfileArg {
    /// What the vendor's page says
    Documented,
    /// Builds with upgrade tasks
    Finalization,
}

impl From<ProfileArg> for Profile {
    fn from(arg: ProfileArg) -> Self {
        match arg {
            ProfileArg::Documented => Self::Documented,
            ProfileArg::Finalization => Self::Finalization,
        }
    }
}

/// How something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Writes a file, or prints the text when there is none to write.
pub(super) fn deliver(text: &str, file: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = file else {
        print!("{text}");
        return Ok(());
    };
    std::fs::write(file, text).map_err(|error| {
        Failure::usage(format!(
            "cannot write {}: {error}; choose another place with --out FILE",
            file.display()
        ))
    })?;
    eprintln!("wrote {}", file.display());
    Ok(())
}

/// What is explored: the spec, or the spec with one mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Spec,
    Mutated(Mutant),
}

macro_rules! ask {
    ($subject:expr, $asked:ident => $answer:expr) => {
        match $subject {
            Self::Spec => {
                let $asked = Spec;
                $answer
            }
            Self::Mutated($asked) => $answer,
        }
    };
}

impl Semantics for Subject {
    fn status(&self, cluster: &Cluster) -> ClusterStatus {
        ask!(self, it => it.status(cluster))
    }

    fn enabled(&self, cluster: &Cluster, transition: Transition) -> bool {
        ask!(self, it => it.enabled(cluster, transition))
    }

    fn apply(&self, cluster: &Cluster, transition: Transition) -> Cluster {
        ask!(self, it => it.apply(cluster, transition))
    }

    fn answer(&self, profile: Profile, cluster: &Cluster, call: Call) -> Answer {
        ask!(self, it => it.answer(profile, cluster, call))
    }

    fn refused(&self, cluster: &Cluster, call: Call) -> Cluster {
        ask!(self, it => it.refused(cluster, call))
    }

    fn decided_by(&self) -> Option<usize> {
        ask!(self, it => it.decided_by())
    }

    fn symmetric(&self) -> bool {
        ask!(self, it => it.symmetric())
    }

    fn local(&self) -> bool {
        ask!(self, it => it.local())
    }
}
