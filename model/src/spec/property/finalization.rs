//! What must upgrade tasks do? FIN-1 to FIN-5, in profile `finalization` alone (spec, section 6).

use super::count::{served, some, tasks};
use super::{Property, accepts};
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::node::Phase;
use crate::spec::rule::Rule;
use crate::spec::semantics::Semantics;
use crate::spec::transition::{Call, Transition};

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    use ClusterStatus::{RunningUpgradeTasks, UpgradeTasksFailed};
    vec![
        Property::step(
            "fin-1-approve-with-tasks-runs-them",
            Rule::Fin1,
            |it| it == Transition::ApproveWithTasks,
            |_| true,
            |_, taken| {
                let runs = |phase| if phase == Phase::Active { Phase::Finalizing } else { phase };
                taken.after.tasks_pending
                    && taken
                        .before
                        .nodes
                        .iter()
                        .zip(&taken.after.nodes)
                        .all(|(was, is)| was.version == is.version && is.phase == runs(was.phase))
            },
        ),
        Property::state(
            "fin-1-running-while-some-node-finalizes",
            Rule::Fin1,
            running,
            |system, cluster| system.status(cluster) == RunningUpgradeTasks,
        ),
        Property::state(
            "fin-1-not-running-while-no-node-finalizes",
            Rule::Fin1,
            |cluster| !running(cluster),
            |system, cluster| system.status(cluster) != RunningUpgradeTasks,
        ),
        Property::step(
            "fin-2-done-everywhere-is-not-pending",
            Rule::Fin2,
            |it| matches!(it, Transition::FinalizeOk(_)),
            |taken| !running(taken.after) && !some(taken.after, Phase::FinalizeFailed),
            |_, taken| !taken.after.tasks_pending,
        ),
        Property::state("fin-3-failed-is-shown", Rule::Fin3, failed, |system, cluster| {
            system.status(cluster) == UpgradeTasksFailed
        }),
        Property::state(
            "fin-3-no-failure-is-shown-without-one",
            Rule::Fin3,
            |cluster| !failed(cluster),
            |system, cluster| system.status(cluster) != UpgradeTasksFailed,
        ),
        Property::state(
            "fin-4-retry-succeeds-after-failure",
            Rule::Fin4,
            |cluster| served(cluster) && failed(cluster),
            |system, cluster| accepts(system, cluster, Call::Retry),
        ),
        Property::state(
            "fin-4-retry-is-refused-without-failure",
            Rule::Fin4,
            |cluster| !(served(cluster) && failed(cluster)),
            |system, cluster| !accepts(system, cluster, Call::Retry),
        ),
        Property::step(
            "fin-4-retry-runs-again-what-failed",
            Rule::Fin4,
            |it| it == Transition::Retry,
            |_| true,
            |_, taken| {
                let mut nodes = taken.before.nodes.iter().zip(&taken.after.nodes);
                !some(taken.after, Phase::FinalizeFailed)
                    && nodes.any(|(was, is)| {
                        was.phase != Phase::Finalizing && is.phase == Phase::Finalizing
                    })
            },
        ),
        Property::state(
            "fin-5-start-is-refused-with-tasks",
            Rule::Fin5,
            |cluster| served(cluster) && tasks(cluster),
            |system, cluster| !accepts(system, cluster, Call::Start),
        ),
    ]
}

fn running(cluster: &Cluster) -> bool {
    some(cluster, Phase::Finalizing)
}

/// Whether upgrade tasks failed, or are pending with nobody who runs them.
fn failed(cluster: &Cluster) -> bool {
    tasks(cluster) && !running(cluster)
}
