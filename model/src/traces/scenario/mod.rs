//! Which runs would a QA engineer name? Scenarios: functions of the number of nodes that write a trace.
//!
//! The shipped files are their instances; on a target with another number of nodes the same scenario writes its own.
//! A scenario says by hand what each call must answer and which status must be seen, and [`Script`] checks the model
//! against it: author and model must agree, or no trace is written.

mod errors;
mod finalization;
mod lifecycle;
mod membership;
mod mixed_off;
mod modes;
mod procedure;
mod reads;
mod script;
mod versions;

pub use script::Script;

use crate::spec::profile::Profile;
use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;
use crate::traces::trace::{SCHEMA, SCHEMA_FILE, Trace, json_schema};

/// A named run for any number of nodes that it makes sense for.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// The trace's name, and its file's.
    pub name: &'static str,
    /// Why it exists: what would go wrong for whom.
    pub why: &'static str,
    /// The family of builds that it is about.
    pub profile: Profile,
    /// The rules that it exercises.
    pub rules: &'static [Rule],
    /// How many versions it needs.
    pub versions: u8,
    /// The least and the largest number of nodes that it makes sense for.
    pub nodes: (u8, u8),
    /// The number of nodes of the shipped instance.
    pub shipped: u8,
    /// Writes the steps.
    pub write: fn(&mut Script),
}

impl Scenario {
    /// The scenario's trace for this number of nodes; `None` when it makes no sense for it.
    ///
    /// # Panics
    /// If the scenario and the model disagree: a mistake in one of them.
    #[must_use]
    pub fn trace(&self, nodes: u8) -> Option<Trace> {
        self.trace_in(self.profile, nodes)
    }

    /// The scenario's trace for this number of nodes on builds of another family: those of `documented` make sense on
    /// builds with upgrade tasks too, not the other way round.
    ///
    /// # Panics
    /// If the scenario and the model disagree: a mistake in one of them.
    #[must_use]
    pub fn trace_in(&self, profile: Profile, nodes: u8) -> Option<Trace> {
        if !(self.nodes.0..=self.nodes.1).contains(&nodes) || self.profile > profile {
            return None;
        }
        let scope = Scope { profile, nodes: usize::from(nodes), versions: self.versions };
        let mut script = Script::new(self.name, scope);
        (self.write)(&mut script);
        Some(Trace {
            schema: SCHEMA.to_owned(),
            name: self.name.to_owned(),
            why: self.why.to_owned(),
            profile,
            nodes,
            versions: self.versions,
            rules: self.rules.to_vec(),
            steps: script.into_steps(),
        })
    }

    /// The scenario with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        all().find(|scenario| scenario.name == name)
    }
}

/// The most nodes that a trace can have.
const MANY: u8 = 16;

/// A scenario of profile `documented` with two versions, shipped for three nodes or the nearest number that makes sense.
const fn documented(
    name: &'static str,
    why: &'static str,
    rules: &'static [Rule],
    nodes: (u8, u8),
    write: fn(&mut Script),
) -> Scenario {
    let (least, most) = nodes;
    Scenario {
        name,
        why,
        profile: Profile::Documented,
        rules,
        versions: 2,
        nodes,
        shipped: if most < 3 {
            most
        } else if least > 3 {
            least
        } else {
            3
        },
        write,
    }
}

impl Scenario {
    /// The same with this many versions.
    const fn with_versions(self, versions: u8) -> Self {
        Self { versions, ..self }
    }

    /// The same, shipped for this many nodes.
    const fn shipped_for(self, shipped: u8) -> Self {
        Self { shipped, ..self }
    }
}

/// Every scenario, theme by theme.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        procedure::SCENARIOS,
        modes::SCENARIOS,
        errors::SCENARIOS,
        mixed_off::SCENARIOS,
        lifecycle::SCENARIOS,
        membership::SCENARIOS,
        versions::SCENARIOS,
        reads::SCENARIOS,
        finalization::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}

/// The shipped traces: each file's name and its text.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    all()
        .filter_map(|scenario| scenario.trace(scenario.shipped))
        .map(|trace| (format!("{}.json", trace.name), trace.to_json()))
        .chain([(SCHEMA_FILE.to_owned(), json_schema())])
        .collect()
}
