//! Mistakes in what upgrade tasks do (profile `finalization`).

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a defect differs from the spec in one transition and is the spec in all others"
)]

use super::{Defect, effect, errors, guard, instead, on, status, with_phase};
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::cluster::ClusterStatus;
use zdu_model::spec::cluster::ClusterStatus::{Mixed, Stable};
use zdu_model::spec::cluster::Mode;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::node::Phase;
use zdu_model::spec::transition::Transition;

fn failed(cluster: &Cluster) -> bool {
    cluster.status() == ClusterStatus::UpgradeTasksFailed
}

fn clears_pending(cluster: &Cluster, transition: Transition, of: NodeId) -> Cluster {
    let mut next = transition.apply(cluster);
    if cluster.node(of).phase == Phase::FinalizeFailed {
        next.tasks_pending = false;
    }
    next
}

/// Wrong upgrade tasks (profile `finalization`).
pub(crate) const TASKS: &[Defect] = &[
    guard("retry accepted in STABLE", 1, |c, t| {
        t.enabled(c) || (t == Transition::Retry && c.status() == Stable)
    }),
    guard("retry accepted while on", 1, |c, t| t.enabled(c) || (t == Transition::Retry && on(c))),
    guard("retry accepted while MIXED", 2, |c, t| {
        t.enabled(c) || (t == Transition::Retry && c.status() == Mixed)
    }),
    guard("start accepted after failed tasks", 1, |c, t| {
        t.enabled(c) || (t == Transition::Start && failed(c))
    }),
    guard("approve accepted after failed tasks", 1, |c, t| {
        t.enabled(c)
            || (matches!(t, Transition::Approve | Transition::ApproveWithTasks) && failed(c))
    }),
    guard("cancel accepted after failed tasks", 1, |c, t| {
        t.enabled(c) || (t == Transition::Cancel && failed(c))
    }),
    effect("a node with failed tasks that is stopped takes them away", 2, |c, t| match t {
        Transition::Stop(id) => clears_pending(c, t, id),
        _ => t.apply(c),
    }),
    effect("a node with failed tasks that dies takes them away", 2, |c, t| match t {
        Transition::Kill(id) => clears_pending(c, t, id),
        _ => t.apply(c),
    }),
    effect("an error on a node with failed tasks takes them away", 2, |c, t| match t {
        Transition::Break(id) => clears_pending(c, t, id),
        _ => t.apply(c),
    }),
    effect("retry runs the first failed node only", 2, |c, t| {
        let mut next = t.apply(c);
        if t == Transition::Retry
            && let Some(first) = next.nodes.iter().position(|node| node.phase == Phase::Finalizing)
        {
            for node in &mut next.nodes[first + 1..] {
                if node.phase == Phase::Finalizing {
                    node.phase = Phase::FinalizeFailed;
                }
            }
        }
        next
    }),
    effect("retry does nothing when the failed node is gone", 2, |c, t| {
        if t == Transition::Retry && !c.any(Phase::FinalizeFailed) { c.clone() } else { t.apply(c) }
    }),
    effect("one success is enough", 2, |c, t| {
        let mut next = t.apply(c);
        if let Transition::FinalizeOk(_) = t {
            next.tasks_pending = false;
        }
        next
    }),
    effect("one failure fails every node", 2, |c, t| {
        let mut next = t.apply(c);
        if let Transition::FinalizeFail(_) = t {
            for node in &mut next.nodes {
                if matches!(node.phase, Phase::Active | Phase::Finalizing) {
                    node.phase = Phase::FinalizeFailed;
                }
            }
        }
        next
    }),
    effect("a failed node is in error", 2, |c, t| match t {
        Transition::FinalizeFail(id) => with_phase(t.apply(c), id, Phase::Error),
        _ => t.apply(c),
    }),
    effect("a failed node is ACTIVE", 1, |c, t| match t {
        Transition::FinalizeFail(id) => with_phase(t.apply(c), id, Phase::Active),
        _ => t.apply(c),
    }),
    effect("a cancelled upgrade has tasks", 1, |c, t| {
        let mut next = t.apply(c);
        next.tasks_pending |= t == Transition::Cancel;
        next
    }),
    effect("approve with tasks keeps upgrade mode", 1, |c, t| {
        let mut next = t.apply(c);
        if t == Transition::ApproveWithTasks {
            next.mode = Mode::On;
            next.origin = c.origin;
        }
        next
    }),
    status("failed while a task still runs", 2, |c| {
        instead(
            c,
            c.any(Phase::Finalizing) && c.any(Phase::FinalizeFailed),
            ClusterStatus::UpgradeTasksFailed,
        )
    }),
    status("tasks failed for ever", 1, |c| {
        instead(
            c,
            c.status() == ClusterStatus::RunningUpgradeTasks,
            ClusterStatus::UpgradeTasksFailed,
        )
    }),
    status("error hides failed tasks", 2, |c| instead(c, failed(c) && errors(c) > 0, Mixed)),
];
