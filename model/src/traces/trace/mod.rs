//! What is replayed, and what must then be seen? A trace: named steps with the answers and settled clusters that the
//! model allows (spec, section 8; the interface's "Traces").
//!
//! A trace can be run in the model alone: [`Trace::run`] recomputes every expectation, and refuses a trace that the model
//! cannot follow with the step and the reason. Its JSON is written a step a line, to be read in a diff.
//!
//! In the order data meets them: `format` reads and writes the file, `step` is what it says of one step, `action` is what
//! the step means, `run` is the model following it, `walked` makes a trace of a run.

mod action;
mod format;
mod run;
mod step;
mod walked;

pub use action::Action;
pub use format::{SCHEMA, SCHEMA_FILE, json_schema};
pub use run::Run;
pub use step::{Seen, Step};
pub use walked::Walked;

use serde::{Deserialize, Serialize};

use crate::spec::profile::Profile;
use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;

/// A named run with what must be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// Always `zdu-trace/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The name, as in the file's name.
    pub name: String,
    /// Why it exists: what would go wrong for whom.
    pub why: String,
    /// The family of builds that it is about.
    #[serde(default)]
    pub profile: Profile,
    /// How many nodes it starts with, all ACTIVE at version 0, upgrade mode off.
    #[schemars(range(min = 1, max = 16))]
    pub nodes: u8,
    /// How many versions it needs, at least 2.
    #[schemars(range(min = 2, max = 16))]
    pub versions: u8,
    /// The rules that it exercises.
    pub rules: Vec<Rule>,
    /// What is done and seen, in order.
    pub steps: Vec<Step>,
}

impl Trace {
    /// The size and profile of the cluster that it runs on.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope { profile: self.profile, nodes: usize::from(self.nodes), versions: self.versions }
    }
}

/// A trace that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// The JSON is not a trace.
    #[error("not a trace: {0}")]
    Shape(String),
    /// It is of another format.
    #[error("schema is `{0}`, but this program reads `{SCHEMA}`")]
    Schema(String),
    /// A number in the head makes no sense.
    #[error("{0}")]
    Head(String),
    /// The model cannot follow a step.
    #[error("step {number} ({what}): {reason}")]
    Step {
        /// Counted from 1.
        number: usize,
        /// What the step does.
        what: String,
        /// Why the model cannot follow, or what it expects instead.
        reason: String,
    },
}

impl TraceError {
    /// What is wrong with the step at this place, counted from 0.
    fn at(index: usize, step: &Step, reason: String) -> Self {
        Self::Step { number: index + 1, what: step.name().to_owned(), reason }
    }
}
