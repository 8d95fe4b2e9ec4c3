//! Which traces are worth replaying, when nobody has named them? Traces made from the model (interface, `zdu suite`).
//!
//! [`coverage`] makes few and short ones that show everything that settled steps can show for certain; [`complete`]
//! tries every sequence of a few steps from every settled cluster. Both walk over settled clusters ([`settled`]): a
//! step, and then everything that happens by itself. The scenarios, which people named, are [`crate::traces::scenario`]'s.
//!
//! Left out: steps that are made before the last one has settled, races, and failing upgrade tasks. What such a step
//! meets is not certain, so that no goal could be called covered; the scenarios have them.

pub mod complete;
pub mod cost;
pub mod coverage;
pub mod risk;
pub mod settled;

use std::collections::BTreeSet;

use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;
use crate::traces::trace::{Action, Run, SCHEMA, Trace};

/// Writes a trace that does this, with what must be seen after each step.
///
/// # Panics
/// If the model cannot follow: the actions came from it.
fn written(
    scope: Scope,
    name: String,
    why: String,
    rules: &BTreeSet<Rule>,
    actions: &[Action],
) -> Trace {
    let mut run = Run::new(scope);
    let steps = (actions.iter())
        .map(|action| {
            let step = run.take(*action, true);
            step.expect("the model follows the actions that it was asked for")
        })
        .collect();
    let narrow = |number: usize| u8::try_from(number).expect("a trace has at most 16 nodes");
    Trace {
        schema: SCHEMA.to_owned(),
        name,
        why,
        profile: scope.profile,
        nodes: narrow(scope.nodes),
        versions: scope.versions,
        rules: rules.iter().copied().collect(),
        steps,
    }
}
