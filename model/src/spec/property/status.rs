//! Which status must be shown? STATUS-1 to STATUS-7 as characterisations (spec, sections 4 and 5).
//!
//! A status is wrong under one rule alone: each property leaves to the others what their rules speak of.

use super::Property;
use super::count::{all_upgraded, errors, old, on, tasks, two_versions, upgraded};
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::rule::Rule;
use crate::spec::semantics::{Semantics, System};

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    vec![
        Property::state("status-1-stable-is-mode-off-and-no-error", Rule::Status1, stable),
        Property::state(
            "status-2-ready-to-upgrade-is-nobody-upgraded",
            Rule::Status2,
            ready_to_upgrade,
        ),
        Property::state(
            "status-3-mixed-once-an-upgraded-node-joins-an-old-one",
            Rule::Status3,
            mixed_old_and_new,
        ),
        Property::state("status-4-mixed-with-an-error-while-on", Rule::Status4, mixed_error_on),
        Property::state("status-5-mixed-with-an-error-while-off", Rule::Status5, mixed_error_off),
        Property::state(
            "status-6-mixed-is-an-error-or-two-versions",
            Rule::Status6,
            mixed_two_versions,
        ),
        Property::state("status-7-ready-to-run-is-everybody-upgraded", Rule::Status7, ready_to_run),
    ]
}

fn stable<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    // An error with the mode off that shows STABLE breaks STATUS-5, and a status of section 6 that does breaks FIN.
    let is = system.status(cluster) == ClusterStatus::Stable;
    let must = !on(cluster) && !errors(cluster) && !tasks(cluster);
    (!must || is) && (!is || !on(cluster))
}

fn ready_to_upgrade<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let is = system.status(cluster) == ClusterStatus::ReadyToUpgrade;
    let must = on(cluster) && !errors(cluster) && upgraded(cluster) == 0;
    if must { is } else { !is || errors(cluster) || old(cluster) > 0 }
}

fn mixed_old_and_new<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    !(on(cluster) && old(cluster) > 0 && upgraded(cluster) > 0 && !errors(cluster))
        || system.status(cluster) == ClusterStatus::Mixed
}

fn mixed_error_on<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    !(on(cluster) && errors(cluster)) || system.status(cluster) == ClusterStatus::Mixed
}

fn mixed_error_off<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    on(cluster)
        || !errors(cluster)
        || tasks(cluster)
        || system.status(cluster) == ClusterStatus::Mixed
}

fn mixed_two_versions<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let is = system.status(cluster) == ClusterStatus::Mixed;
    let without_original =
        on(cluster) && two_versions(cluster) && old(cluster) == 0 && !errors(cluster);
    // The other way round (MIXED for no reason) is the business of the status that should be shown.
    !without_original || is
}

fn ready_to_run<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let is = system.status(cluster) == ClusterStatus::ReadyToRunUpgradeTasks;
    let must = on(cluster) && !errors(cluster) && all_upgraded(cluster);
    if must { is } else { !is || on(cluster) && (errors(cluster) || upgraded(cluster) > 0) }
}
