//! What must upgrade tasks do? FIN-1 to FIN-5, in profile `finalization` alone (spec, section 6).

use super::count::{served, tasks};
use super::{Property, accepts};
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::node::Phase;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::{Call, Transition};

/// The properties, in the order of the rules.
pub(super) fn properties<S: Semantics>() -> Vec<Property<S>> {
    vec![
        Property::step("fin-1-approve-with-tasks-runs-them", Rule::Fin1, approve_runs_tasks),
        Property::state("fin-1-running-is-some-node-finalizing", Rule::Fin1, running),
        Property::step("fin-2-done-everywhere-is-not-pending", Rule::Fin2, done_is_not_pending),
        Property::state("fin-3-failed-is-shown", Rule::Fin3, failed),
        Property::state("fin-4-retry-succeeds-exactly-after-failure", Rule::Fin4, retry_exactly),
        Property::step("fin-4-retry-runs-again-what-failed", Rule::Fin4, retry_runs_again),
        Property::state("fin-5-start-is-refused-with-tasks", Rule::Fin5, start_refused_with_tasks),
    ]
}

/// Whether some node is in this phase. Not [`Cluster::any`], which the statuses are defined by.
fn some(cluster: &Cluster, phase: Phase) -> bool {
    cluster.nodes.iter().any(|node| node.phase == phase)
}

fn approve_runs_tasks<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    transition != Transition::ApproveWithTasks
        || (after.tasks_pending
            && before.nodes.iter().zip(&after.nodes).all(|(was, is)| {
                was.version == is.version
                    && is.phase
                        == if was.phase == Phase::Active { Phase::Finalizing } else { was.phase }
            }))
}

fn running<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    (system.status(cluster) == ClusterStatus::RunningUpgradeTasks)
        == some(cluster, Phase::Finalizing)
}

fn done_is_not_pending<S: Semantics>(
    _: &System<S>,
    _: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    !matches!(transition, Transition::FinalizeOk(_))
        || some(after, Phase::Finalizing)
        || some(after, Phase::FinalizeFailed)
        || !after.tasks_pending
}

fn failed<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let must = tasks(cluster) && !some(cluster, Phase::Finalizing);
    (system.status(cluster) == ClusterStatus::UpgradeTasksFailed) == must
}

fn retry_exactly<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let may = served(cluster) && tasks(cluster) && !some(cluster, Phase::Finalizing);
    accepts(system, cluster, Call::Retry) == may
}

fn retry_runs_again<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    transition != Transition::Retry
        || (!some(after, Phase::FinalizeFailed)
            && before
                .nodes
                .iter()
                .zip(&after.nodes)
                .any(|(was, is)| was.phase != Phase::Finalizing && is.phase == Phase::Finalizing))
}

fn start_refused_with_tasks<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    !tasks(cluster) || !accepts(system, cluster, Call::Start)
}
