//! Which model does a command speak about? The flags that several commands share, and the system that they name.
//!
//! Mutants can be planted in the model, so that a reader sees every check fail for once: a check that cannot fail says
//! nothing. A mutant that cannot show at the size that is asked about is refused, not passed over.

use std::path::Path;

use clap::ValueEnum;
use zdu_model::check::procedure::Habit;
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::spec::table::{Guard, Table};

use super::Failure;

/// How many states are kept with all their transitions: some 300 bytes each.
pub(super) const GRAPH_STATES_MAX: f64 = 1e6;

/// How a dropped guard is told.
const WITHOUT: &str = "without ";

/// The size and family of the model.
#[derive(Clone, Debug, clap::Args)]
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
    /// A named mutant to plant in the model, to see what finds it; several show at once. All names: zdu check --mutants
    #[arg(long, value_name = "NAME", value_parser = planted)]
    pub(super) mutant: Vec<Planted>,
    /// A guard to drop from the table, to see what it is good for, such as Forget.mode; several may be given. All names: zdu check --mutants
    #[arg(long, value_name = "GUARD", value_parser = guard)]
    pub(super) without: Vec<Guard>,
}

/// What is planted: a cluster that does one thing differently, or an operator who does not follow the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planted {
    Cluster(Mutant),
    Operator(Habit),
}

impl Planted {
    /// Everything that can be planted.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let clusters = Mutant::EVERY.iter().copied().map(Self::Cluster);
        clusters.chain(Habit::BAD.into_iter().map(Self::Operator))
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cluster(mutant) => mutant.name(),
            Self::Operator(habit) => habit.name(),
        }
    }

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Cluster(mutant) => mutant.text(),
            Self::Operator(habit) => habit.text(),
        }
    }

    /// The rule that it breaks.
    pub(super) const fn rule(self) -> Option<Rule> {
        match self {
            Self::Cluster(mutant) => Some(mutant.rule()),
            Self::Operator(habit) => habit.breaks(),
        }
    }

    /// The smallest model in which it shows.
    pub(super) fn least(self) -> Scope {
        match self {
            Self::Cluster(mutant) => Scope {
                profile: if mutant.in_profile(Profile::Documented) {
                    Profile::Documented
                } else {
                    Profile::Finalization
                },
                nodes: mutant.nodes_min(),
                versions: mutant.versions_min(),
            },
            Self::Operator(habit) => Scope::documented(habit.nodes_min(), 2),
        }
    }
}

impl ScopeArgs {
    pub(super) fn scope(&self) -> Scope {
        Scope {
            profile: self.profile.into(),
            nodes: usize::from(self.nodes),
            versions: self.versions,
        }
    }

    /// A cluster of this scope with nothing planted.
    pub(super) fn plain(scope: Scope) -> Self {
        Self {
            nodes: u8::try_from(scope.nodes).unwrap_or(u8::MAX),
            versions: scope.versions,
            profile: scope.profile.into(),
            mutant: Vec::new(),
            without: Vec::new(),
        }
    }

    /// The same planted in a cluster of this scope.
    pub(super) fn of(&self, scope: Scope) -> Self {
        Self { mutant: self.mutant.clone(), without: self.without.clone(), ..Self::plain(scope) }
    }

    pub(super) fn system(&self) -> System<Mutants> {
        let clusters = self.mutant.iter().filter_map(|planted| match planted {
            Planted::Cluster(mutant) => Some(*mutant),
            Planted::Operator(_) => None,
        });
        let semantics =
            clusters.collect::<Mutants>().without(self.without.iter().copied().collect());
        System { scope: self.scope(), semantics }
    }

    /// The model that the JSON of a command says it is of, where it does; `nodes` where it is of every size. An operator's
    /// habit is no part of it.
    pub(super) fn said(json: &serde_json::Value, nodes: Option<usize>) -> Option<Self> {
        let number = |key: &str| u8::try_from(json[key].as_u64()?).ok();
        let nodes = || u8::try_from(nodes?).ok();
        let profile = ProfileArg::from_str(json["profile"].as_str()?, true).ok()?;
        let planted_in = json["mutant"].as_str().unwrap_or_default();
        let mut said = Self {
            nodes: number("nodes").or_else(nodes)?,
            versions: number("versions")?,
            profile,
            mutant: Vec::new(),
            without: Vec::new(),
        };
        for name in planted_in.split(", ").filter(|name| !name.is_empty()) {
            match name.strip_prefix(WITHOUT) {
                Some(name) => said.without.push(guard(name).ok()?),
                None => match planted(name).ok()? {
                    it @ Planted::Cluster(_) => said.mutant.push(it),
                    Planted::Operator(_) => {}
                },
            }
        }
        Some(said)
    }

    /// How the operator goes about the procedure.
    pub(super) fn habit(&self) -> Habit {
        let mut operators = self.mutant.iter().filter_map(|planted| match planted {
            Planted::Cluster(_) => None,
            Planted::Operator(habit) => Some(*habit),
        });
        operators.next().unwrap_or_default()
    }

    /// Whether everything that is planted can show in this model; with `any_size` whatever the number of nodes.
    pub(super) fn can_show(&self, any_size: bool) -> Result<(), Failure> {
        let here = self.scope();
        let operators = |planted: &&Planted| matches!(planted, Planted::Operator(_));
        if self.mutant.iter().filter(operators).count() > 1 {
            return Err(Failure::usage(
                "an operator has one habit at a time; the names: zdu check --mutants",
            ));
        }
        for guard in &self.without {
            if Table::of(here.profile).without(guard.name()).is_none() {
                return Err(Failure::usage(format!(
                    "profile {} has no guard {guard}, so that dropping it would show nothing; ask with --profile finalization",
                    here.profile
                )));
            }
        }
        for planted in &self.mutant {
            let least = planted.least();
            let nodes = if any_size { here.nodes.max(least.nodes) } else { here.nodes };
            let other_profile =
                least.profile == Profile::Finalization && here.profile != Profile::Finalization;
            if nodes < least.nodes || here.versions < least.versions || other_profile {
                let mut there = self.clone();
                there.nodes = u8::try_from(nodes.max(least.nodes)).unwrap_or(u8::MAX);
                there.versions = here.versions.max(least.versions);
                if other_profile {
                    there.profile = ProfileArg::Finalization;
                }
                let profile = if other_profile { " in profile finalization" } else { "" };
                return Err(Failure::usage(format!(
                    "the mutant {} shows from {} nodes and {} versions on{profile}, so here nothing could find it; ask: zdu \
                     check{}",
                    planted.name(),
                    least.nodes,
                    least.versions,
                    there.flags()
                )));
            }
        }
        Ok(())
    }

    /// What is planted and what is dropped, by name.
    pub(super) fn planted(&self) -> Option<String> {
        let planted = self.mutant.iter().map(|planted| planted.name().to_owned());
        let dropped = self.without.iter().map(|guard| format!("{WITHOUT}{guard}"));
        let names: Vec<String> = planted.chain(dropped).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// The same, for a command that knows no operator.
    pub(super) fn without_operator(&self) -> Result<(), Failure> {
        if self.habit() != Habit::Follows {
            return Err(Failure::usage(format!(
                "{} is a habit of whoever follows the page; ask about it: zdu check{} --procedure",
                self.habit().name(),
                self.flags()
            )));
        }
        self.can_show(false)
    }

    /// The flags that name the same model again, those with their default value left out.
    pub(super) fn flags(&self) -> String {
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
        for planted in &self.mutant {
            flags += &format!(" --mutant {}", planted.name());
        }
        for guard in &self.without {
            flags += &format!(" --without {guard}");
        }
        flags
    }
}

fn guard(name: &str) -> Result<Guard, String> {
    Guard::named(name).ok_or_else(|| {
        let near = nearest(name, Guard::all().map(Guard::name));
        format!("there is no guard `{name}`; did you mean `{near}`? All names: zdu check --mutants")
    })
}

fn nearest<'a>(name: &str, all: impl Iterator<Item = &'a str>) -> &'a str {
    let like = |word: &str| strsim::normalized_damerau_levenshtein(word, name);
    all.max_by(|one, other| like(one).total_cmp(&like(other))).unwrap_or_default()
}

fn planted(name: &str) -> Result<Planted, String> {
    Planted::all().find(|planted| planted.name() == name).ok_or_else(|| {
        let near = nearest(name, Planted::all().map(Planted::name));
        format!(
            "there is no mutant `{name}`; did you mean `{near}`? All names: zdu check --mutants"
        )
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

impl From<Profile> for ProfileArg {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Documented => Self::Documented,
            Profile::Finalization => Self::Finalization,
        }
    }
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

/// How a run is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RunFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// The run alone, in the informal trace format of TLA+ and Quint
    Itf,
}

/// Writes a file, or prints the text when there is none to write.
pub(super) fn deliver(text: &str, file: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = file else {
        print!("{text}");
        return Ok(());
    };
    std::fs::write(file, text).map_err(|error| {
        Failure::usage(format!("cannot write {}: {error}; choose another file", file.display()))
    })?;
    eprintln!("wrote {}", file.display());
    Ok(())
}
