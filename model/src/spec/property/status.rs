//! Which status must be shown? STATUS-1 to STATUS-7 as characterisations (spec, sections 4 and 5).
//!
//! A status is wrong under one rule alone: each property leaves to the others what their rules speak of. Where a rule
//! says both when a status is shown and when it is not, each half is a property.

use super::Property;
use super::count::{
    all_upgraded, errors, nobody_upgraded, old, on, quiet, tasks, two_versions, upgraded,
};
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::rule::Rule;
use crate::spec::semantics::Semantics;

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    use ClusterStatus::{Mixed, ReadyToRunUpgradeTasks, ReadyToUpgrade, Stable};
    vec![
        Property::state(
            "status-1-stable-with-mode-off-and-no-error",
            Rule::Status1,
            quiet,
            |system, cluster| system.status(cluster) == Stable,
        ),
        // An error with the mode off that shows STABLE breaks STATUS-5, and a status of section 6 that does breaks FIN.
        Property::state(
            "status-1-not-stable-while-mode-is-on",
            Rule::Status1,
            on,
            |system, cluster| system.status(cluster) != Stable,
        ),
        Property::state(
            "status-2-ready-to-upgrade-while-nobody-is-upgraded",
            Rule::Status2,
            nobody_upgraded,
            |system, cluster| system.status(cluster) == ReadyToUpgrade,
        ),
        Property::state(
            "status-2-not-ready-to-upgrade-with-mode-off-or-nobody-old",
            Rule::Status2,
            |cluster| !errors(cluster) && old(cluster) == 0 && !nobody_upgraded(cluster),
            |system, cluster| system.status(cluster) != ReadyToUpgrade,
        ),
        Property::state(
            "status-3-mixed-once-an-upgraded-node-joins-an-old-one",
            Rule::Status3,
            |cluster| on(cluster) && !errors(cluster) && old(cluster) > 0 && upgraded(cluster) > 0,
            |system, cluster| system.status(cluster) == Mixed,
        ),
        Property::state(
            "status-4-mixed-with-an-error-while-on",
            Rule::Status4,
            |cluster| on(cluster) && errors(cluster),
            |system, cluster| system.status(cluster) == Mixed,
        ),
        Property::state(
            "status-5-mixed-with-an-error-while-off",
            Rule::Status5,
            |cluster| !on(cluster) && errors(cluster) && !tasks(cluster),
            |system, cluster| system.status(cluster) == Mixed,
        ),
        // The other way round (MIXED for no reason) is the business of the status that should be shown.
        Property::state(
            "status-6-mixed-with-two-versions-none-of-them-original",
            Rule::Status6,
            |cluster| on(cluster) && !errors(cluster) && old(cluster) == 0 && two_versions(cluster),
            |system, cluster| system.status(cluster) == Mixed,
        ),
        Property::state(
            "status-7-ready-to-run-once-everybody-is-upgraded",
            Rule::Status7,
            ready_to_run,
            |system, cluster| system.status(cluster) == ReadyToRunUpgradeTasks,
        ),
        Property::state(
            "status-7-not-ready-to-run-with-mode-off-or-nobody-upgraded",
            Rule::Status7,
            |cluster| !on(cluster) || nobody_upgraded(cluster),
            |system, cluster| system.status(cluster) != ReadyToRunUpgradeTasks,
        ),
    ]
}

fn ready_to_run(cluster: &Cluster) -> bool {
    on(cluster) && !errors(cluster) && all_upgraded(cluster)
}
