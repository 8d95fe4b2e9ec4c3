//! What must the calls do? API-1 to API-9 as far as a state or a transition shows it (spec, sections 4 and 5).
//!
//! What a view shows (API-3, API-4, API-7, API-11), credentials (API-10) and calls at once (API-12) are seen over HTTP alone.

use super::Property;
use super::count::{joined, on, served};
use crate::spec::rule::Rule;
use crate::spec::semantics::{Answer, Semantics, System};
use crate::spec::transition::{Call, Transition};

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    vec![
        Property::state(
            "api-1-origin-is-recorded-while-mode-is-on",
            Rule::Api1,
            on,
            |_, cluster| cluster.origin.is_some(),
        ),
        Property::state(
            "api-1-no-origin-is-recorded-while-mode-is-off",
            Rule::Api1,
            |cluster| !on(cluster),
            |_, cluster| cluster.origin.is_none(),
        ),
        Property::step(
            "api-2-start-enables-the-mode-and-records-the-version",
            Rule::Api2,
            |it| it == Transition::Start,
            |_| true,
            |_, taken| {
                on(taken.after)
                    && taken.before.nodes == taken.after.nodes
                    && joined(taken.before, |version| Some(version) != taken.after.origin) == 0
            },
        ),
        Property::step(
            "api-5-cancel-disables-the-mode-and-nothing-else",
            Rule::Api5,
            |it| it == Transition::Cancel,
            |_| true,
            |_, taken| !on(taken.after) && taken.before.nodes == taken.after.nodes,
        ),
        Property::step(
            "api-6-approve-disables-the-mode",
            Rule::Api6,
            |it| it.call() == Some(Call::Approve),
            |_| true,
            |_, taken| {
                let tasks = taken.transition == Transition::ApproveWithTasks;
                !on(taken.after) && (tasks || taken.before.nodes == taken.after.nodes)
            },
        ),
        Property::state(
            "api-9-refused-calls-change-nothing",
            Rule::Api9,
            served,
            |system: &System<S>, cluster| {
                Call::of(system.scope.profile).iter().all(|call| {
                    system.answer(cluster, *call) != Answer::Refused
                        || system.semantics.refused(cluster, *call) == *cluster
                })
            },
        ),
    ]
}
