//! Which calls must succeed, and which must be refused? MODE-1 to MODE-8 (spec, sections 4 and 5).

use super::count::{all_upgraded, errors, on, served, tasks, two_versions, upgraded};
use super::{Property, accepts};
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::rule::Rule;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::{Call, Transition};

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    vec![
        Property::state("mode-1-start-succeeds-in-stable", Rule::Mode1, start_succeeds),
        Property::state(
            "mode-2-start-is-refused-with-an-error",
            Rule::Mode2,
            start_refused_with_error,
        ),
        Property::state(
            "mode-3-cancel-succeeds-until-an-upgraded-node-joins",
            Rule::Mode3,
            cancel_succeeds,
        ),
        Property::state(
            "mode-3-cancel-is-refused-when-mixed",
            Rule::Mode3,
            cancel_refused_when_mixed,
        ),
        Property::state(
            "mode-4-cancel-is-refused-once-all-are-upgraded",
            Rule::Mode4,
            cancel_refused_when_upgraded,
        ),
        Property::state(
            "mode-5-approve-succeeds-exactly-when-all-are-upgraded",
            Rule::Mode5,
            approve_exactly,
        ),
        Property::step("mode-6-after-approve-off-and-stable", Rule::Mode6, stable_after_approve),
        Property::state(
            "mode-7-start-is-refused-while-on-cancel-and-approve-while-off",
            Rule::Mode7,
            refused_by_mode,
        ),
        Property::state(
            "mode-8-two-joined-versions-only-while-on",
            Rule::Mode8,
            one_version_while_off,
        ),
    ]
}

fn start_succeeds<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let must = served(cluster) && !on(cluster) && !errors(cluster) && !tasks(cluster);
    !must || accepts(system, cluster, Call::Start)
}

fn start_refused_with_error<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    on(cluster) || !errors(cluster) || tasks(cluster) || !accepts(system, cluster, Call::Start)
}

fn cancel_succeeds<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let must = served(cluster) && on(cluster) && !errors(cluster) && upgraded(cluster) == 0;
    !must || accepts(system, cluster, Call::Cancel)
}

fn cancel_refused_when_mixed<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let mixed = on(cluster) && (errors(cluster) || two_versions(cluster));
    !mixed || !accepts(system, cluster, Call::Cancel)
}

fn cancel_refused_when_upgraded<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let refused = on(cluster) && !errors(cluster) && all_upgraded(cluster);
    !refused || !accepts(system, cluster, Call::Cancel)
}

fn approve_exactly<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let may = served(cluster) && !errors(cluster) && all_upgraded(cluster);
    !on(cluster) || accepts(system, cluster, Call::Approve) == may
}

fn stable_after_approve<S: Semantics>(
    system: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    transition != Transition::Approve
        || !on(before)
        || (!on(after) && (errors(after) || system.status(after) == ClusterStatus::Stable))
}

fn refused_by_mode<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let accepted = |call| accepts(system, cluster, call);
    if on(cluster) {
        !accepted(Call::Start)
    } else {
        !accepted(Call::Cancel) && !accepted(Call::Approve)
    }
}

fn one_version_while_off<S: Semantics>(_: &System<S>, cluster: &Cluster) -> bool {
    on(cluster) || !two_versions(cluster)
}
