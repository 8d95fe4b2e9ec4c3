//! Which calls must succeed, and which must be refused? MODE-1 to MODE-8 (spec, sections 4 and 5).

use super::count::{
    all_upgraded, errors, joined, nobody_upgraded, on, quiet, served, tasks, two_versions,
};
use super::{Property, accepts};
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::rule::Rule;
use crate::spec::semantics::Semantics;
use crate::spec::transition::{Call, Transition};

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    vec![
        Property::state(
            "mode-1-start-succeeds-in-stable",
            Rule::Mode1,
            |cluster| served(cluster) && quiet(cluster),
            |system, cluster| accepts(system, cluster, Call::Start),
        ),
        Property::state(
            "mode-2-start-is-refused-with-an-error",
            Rule::Mode2,
            |cluster| served(cluster) && !on(cluster) && errors(cluster) && !tasks(cluster),
            |system, cluster| !accepts(system, cluster, Call::Start),
        ),
        Property::state(
            "mode-3-cancel-succeeds-until-an-upgraded-node-joins",
            Rule::Mode3,
            |cluster| served(cluster) && nobody_upgraded(cluster),
            |system, cluster| accepts(system, cluster, Call::Cancel),
        ),
        Property::state(
            "mode-3-cancel-is-refused-when-mixed",
            Rule::Mode3,
            |cluster| served(cluster) && on(cluster) && (errors(cluster) || two_versions(cluster)),
            |system, cluster| !accepts(system, cluster, Call::Cancel),
        ),
        Property::state(
            "mode-4-cancel-is-refused-once-all-are-upgraded",
            Rule::Mode4,
            may_approve,
            |system, cluster| !accepts(system, cluster, Call::Cancel),
        ),
        Property::state(
            "mode-5-approve-succeeds-once-all-are-upgraded",
            Rule::Mode5,
            may_approve,
            |system, cluster| accepts(system, cluster, Call::Approve),
        ),
        Property::state(
            "mode-5-approve-is-refused-until-all-are-upgraded",
            Rule::Mode5,
            |cluster| on(cluster) && !may_approve(cluster),
            |system, cluster| !accepts(system, cluster, Call::Approve),
        ),
        Property::step(
            "mode-6-after-approve-off-and-stable",
            Rule::Mode6,
            |it| it == Transition::Approve,
            |taken| on(taken.before),
            |system, taken| {
                let after = taken.after;
                !on(after) && (errors(after) || system.status(after) == ClusterStatus::Stable)
            },
        ),
        Property::state(
            "mode-7-start-is-refused-while-on",
            Rule::Mode7,
            |cluster| served(cluster) && on(cluster),
            |system, cluster| !accepts(system, cluster, Call::Start),
        ),
        Property::state(
            "mode-7-cancel-and-approve-are-refused-while-off",
            Rule::Mode7,
            |cluster| served(cluster) && !on(cluster),
            |system, cluster| {
                !accepts(system, cluster, Call::Cancel) && !accepts(system, cluster, Call::Approve)
            },
        ),
        Property::state(
            "mode-8-two-joined-versions-only-while-on",
            Rule::Mode8,
            |cluster| !on(cluster) && joined(cluster, |_| true) > 1,
            |_, cluster| !two_versions(cluster),
        ),
    ]
}

/// Whether `approve` must be let through.
fn may_approve(cluster: &Cluster) -> bool {
    served(cluster) && on(cluster) && !errors(cluster) && all_upgraded(cluster)
}
