//! What must the calls do? API-1 to API-9 as far as a state or a transition shows it (spec, sections 4 and 5).
//!
//! What a view shows (API-3, API-4, API-7, API-11), credentials (API-10) and calls at once (API-12) are seen over HTTP alone.

use super::Property;
use super::count::{joined, on};
use crate::spec::cluster::Cluster;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Answer, Semantics, System};
use crate::spec::transition::{Call, Transition};

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    vec![
        Property::state(
            "api-1-origin-is-recorded-exactly-while-mode-is-on",
            Rule::Api1,
            origin_iff_on,
        ),
        Property::step(
            "api-2-start-enables-the-mode-and-records-the-version",
            Rule::Api2,
            start_records,
        ),
        Property::step(
            "api-5-cancel-disables-the-mode-and-nothing-else",
            Rule::Api5,
            cancel_disables,
        ),
        Property::step("api-6-approve-disables-the-mode", Rule::Api6, approve_disables),
        Property::state("api-9-refused-calls-change-nothing", Rule::Api9, refused_changes_nothing),
    ]
}

fn origin_iff_on<S: Semantics>(_: &System<S>, cluster: &Cluster) -> bool {
    cluster.origin.is_some() == on(cluster)
}

fn start_records<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    transition != Transition::Start
        || (on(after)
            && before.nodes == after.nodes
            && joined(before, |version| Some(version) != after.origin) == 0)
}

fn cancel_disables<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    transition != Transition::Cancel || (!on(after) && before.nodes == after.nodes)
}

fn approve_disables<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    match transition.call() {
        Some(Call::Approve) => {
            !on(after)
                && (transition == Transition::ApproveWithTasks || before.nodes == after.nodes)
        }
        Some(Call::Start | Call::Cancel | Call::Retry) | None => true,
    }
}

fn refused_changes_nothing<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    Call::of(system.scope.profile).iter().all(|call| {
        system.answer(cluster, *call) != Answer::Refused
            || system.semantics.refused(cluster, *call) == *cluster
    })
}
