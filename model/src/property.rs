//! What must hold? The safety properties of section 5, in every reachable state and over every transition.
//!
//! Each is stated from the other side than section 2 defines it: a status is characterised by counting nodes rather
//! than by calling [`Cluster::status`], a guard by what it must let through and what it must refuse. So a slip in a
//! definition is caught instead of being repeated. Reachability is [`crate::goal`]'s; liveness is not a safety
//! property and not here.

use crate::cluster::{Cluster, ClusterStatus, Mode};
use crate::node::{NodeStatus, Phase, Version};
use crate::profile::Profile;
use crate::rule::Rule;
use crate::semantics::{Answer, Semantics, System};
use crate::transition::{Call, Transition};

/// A safety property.
#[derive(Clone, Copy)]
pub struct Property<S> {
    /// The name on the command line: the rule's id and a sentence.
    pub name: &'static str,
    /// The rule that it states.
    pub rule: Rule,
    /// What is asked of every reachable state.
    pub check: Check<S>,
}

/// What a property asks.
#[derive(Clone, Copy)]
pub enum Check<S> {
    /// Of every reachable state.
    State(fn(&System<S>, &Cluster) -> bool),
    /// Of every transition out of a reachable state: state before, transition, state after.
    Step(fn(&System<S>, &Cluster, Transition, &Cluster) -> bool),
}

impl<S: Semantics> Property<S> {
    /// Whether the property holds in this state, and over every transition out of it.
    #[must_use]
    pub fn holds(&self, system: &System<S>, cluster: &Cluster) -> bool {
        match self.check {
            Check::State(holds) => holds(system, cluster),
            Check::Step(_) => self.broken_by(system, cluster).is_none(),
        }
    }

    /// The first transition out of this state that breaks the property.
    #[must_use]
    pub fn broken_by(
        &self,
        system: &System<S>,
        cluster: &Cluster,
    ) -> Option<(Transition, Cluster)> {
        match self.check {
            Check::State(_) => None,
            Check::Step(holds) => system
                .successors(cluster)
                .into_iter()
                .find(|(transition, after)| !holds(system, cluster, *transition, after)),
        }
    }

    /// Every safety property of a profile.
    #[must_use]
    pub fn all(profile: Profile) -> Vec<Self> {
        let state = |name, rule, check| Self {
            name,
            rule,
            check: Check::State(check),
        };
        let step = |name, rule, check| Self {
            name,
            rule,
            check: Check::Step(check),
        };
        let mut all = vec![
            state(
                "api-1-origin-is-recorded-exactly-while-mode-is-on",
                Rule::Api1,
                origin_iff_on::<S>,
            ),
            step(
                "api-2-start-enables-the-mode-and-records-the-version",
                Rule::Api2,
                start_records::<S>,
            ),
            step(
                "api-5-cancel-disables-the-mode-and-nothing-else",
                Rule::Api5,
                cancel_disables::<S>,
            ),
            step(
                "api-6-approve-disables-the-mode",
                Rule::Api6,
                approve_disables::<S>,
            ),
            state(
                "api-9-refused-calls-change-nothing",
                Rule::Api9,
                refused_changes_nothing::<S>,
            ),
            step(
                "node-2-starting-becomes-active",
                Rule::Node2,
                starting_becomes_active::<S>,
            ),
            step(
                "node-3-terminating-becomes-offline",
                Rule::Node3,
                terminating_becomes_offline::<S>,
            ),
            step(
                "node-4-a-killed-node-is-offline",
                Rule::Node4,
                killed_is_offline::<S>,
            ),
            state(
                "node-5-every-offline-node-is-forgotten-while-mode-is-off",
                Rule::Node5,
                offline_is_forgotten::<S>,
            ),
            step(
                "node-5-no-other-node-is-forgotten",
                Rule::Node5,
                only_offline_is_forgotten::<S>,
            ),
            step(
                "node-6-only-the-broken-node-is-in-error",
                Rule::Node6,
                only_broken_is_in_error::<S>,
            ),
            state(
                "node-7-an-errored-node-can-be-stopped",
                Rule::Node7,
                errored_can_stop::<S>,
            ),
            state(
                "node-8-an-errored-node-can-be-killed",
                Rule::Node8,
                errored_can_be_killed::<S>,
            ),
            state(
                "node-9-a-removed-node-can-be-booted",
                Rule::Node9,
                removed_can_be_booted::<S>,
            ),
            step(
                "node-10-version-changes-only-while-down",
                Rule::Node10,
                version_changes_while_down::<S>,
            ),
            state(
                "status-1-stable-is-mode-off-and-no-error",
                Rule::Status1,
                stable::<S>,
            ),
            state(
                "status-2-ready-to-upgrade-is-nobody-upgraded",
                Rule::Status2,
                ready_to_upgrade::<S>,
            ),
            state(
                "status-3-mixed-once-an-upgraded-node-joins-an-old-one",
                Rule::Status3,
                mixed_old_and_new::<S>,
            ),
            state(
                "status-4-mixed-with-an-error-while-on",
                Rule::Status4,
                mixed_error_on::<S>,
            ),
            state(
                "status-5-mixed-with-an-error-while-off",
                Rule::Status5,
                mixed_error_off::<S>,
            ),
            state(
                "status-6-mixed-is-an-error-or-two-versions",
                Rule::Status6,
                mixed_two_versions::<S>,
            ),
            state(
                "status-7-ready-to-run-is-everybody-upgraded",
                Rule::Status7,
                ready_to_run::<S>,
            ),
            state(
                "mode-1-start-succeeds-in-stable",
                Rule::Mode1,
                start_succeeds::<S>,
            ),
            state(
                "mode-2-start-is-refused-with-an-error",
                Rule::Mode2,
                start_refused_with_error::<S>,
            ),
            state(
                "mode-3-cancel-succeeds-until-an-upgraded-node-joins",
                Rule::Mode3,
                cancel_succeeds::<S>,
            ),
            state(
                "mode-3-cancel-is-refused-when-mixed",
                Rule::Mode3,
                cancel_refused_when_mixed::<S>,
            ),
            state(
                "mode-4-cancel-is-refused-once-all-are-upgraded",
                Rule::Mode4,
                cancel_refused_when_upgraded::<S>,
            ),
            state(
                "mode-5-approve-succeeds-exactly-when-all-are-upgraded",
                Rule::Mode5,
                approve_exactly::<S>,
            ),
            step(
                "mode-6-after-approve-off-and-stable",
                Rule::Mode6,
                stable_after_approve::<S>,
            ),
            state(
                "mode-7-start-is-refused-while-on-cancel-and-approve-while-off",
                Rule::Mode7,
                refused_by_mode::<S>,
            ),
            state(
                "mode-8-two-joined-versions-only-while-on",
                Rule::Mode8,
                one_version_while_off::<S>,
            ),
        ];
        if profile == Profile::Finalization {
            all.extend([
                step(
                    "fin-1-approve-with-tasks-runs-them",
                    Rule::Fin1,
                    approve_runs_tasks::<S>,
                ),
                state(
                    "fin-1-running-is-some-node-finalizing",
                    Rule::Fin1,
                    running::<S>,
                ),
                step(
                    "fin-2-done-everywhere-is-not-pending",
                    Rule::Fin2,
                    done_is_not_pending::<S>,
                ),
                state("fin-3-failed-is-shown", Rule::Fin3, failed::<S>),
                state(
                    "fin-4-retry-succeeds-exactly-after-failure",
                    Rule::Fin4,
                    retry_exactly::<S>,
                ),
                step(
                    "fin-4-retry-runs-again-what-failed",
                    Rule::Fin4,
                    retry_runs_again::<S>,
                ),
                state(
                    "fin-5-start-is-refused-with-tasks",
                    Rule::Fin5,
                    start_refused_with_tasks::<S>,
                ),
            ]);
        }
        all
    }
}

// What the definitions of section 2 say, asked in other words.

fn on(cluster: &Cluster) -> bool {
    cluster.mode == Mode::On
}

fn served(cluster: &Cluster) -> bool {
    cluster.nodes.iter().any(|node| {
        matches!(
            node.phase.listed(),
            Some(
                NodeStatus::Active
                    | NodeStatus::RunningFinalizeUpgradeTasks
                    | NodeStatus::UpgradeTasksFailed
            )
        )
    })
}

fn errors(cluster: &Cluster) -> bool {
    cluster
        .nodes
        .iter()
        .any(|node| node.phase.listed() == Some(NodeStatus::Error))
}

/// Whether one of the two statuses of section 6 applies.
fn tasks(cluster: &Cluster) -> bool {
    let any = |status| {
        cluster
            .nodes
            .iter()
            .any(|node| node.phase.listed() == Some(status))
    };
    any(NodeStatus::RunningFinalizeUpgradeTasks)
        || (!on(cluster) && (cluster.tasks_pending || any(NodeStatus::UpgradeTasksFailed)))
}

/// How many joined nodes run a version for which `which` holds.
fn joined(cluster: &Cluster, which: impl Fn(Version) -> bool) -> usize {
    cluster
        .nodes
        .iter()
        .filter(|node| {
            matches!(
                node.phase,
                Phase::Active
                    | Phase::StartingIn
                    | Phase::TerminatingIn
                    | Phase::Finalizing
                    | Phase::FinalizeFailed
            ) && which(node.version)
        })
        .count()
}

fn old(cluster: &Cluster) -> usize {
    joined(cluster, |version| Some(version) == cluster.origin)
}

fn upgraded(cluster: &Cluster) -> usize {
    joined(cluster, |version| Some(version) != cluster.origin)
}

/// Whether some two joined nodes run different versions, by comparing the largest with the smallest.
fn two_versions(cluster: &Cluster) -> bool {
    let versions = cluster.joined_versions();
    versions.first() != versions.last()
}

fn all_upgraded(cluster: &Cluster) -> bool {
    upgraded(cluster) > 0 && old(cluster) == 0 && !two_versions(cluster)
}

fn same_nodes(before: &Cluster, after: &Cluster) -> bool {
    before.nodes == after.nodes
}

// API

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
            && same_nodes(before, after)
            && joined(before, |version| Some(version) != after.origin) == 0)
}

fn cancel_disables<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    transition != Transition::Cancel || (!on(after) && same_nodes(before, after))
}

fn approve_disables<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    match transition.call() {
        Some(Call::Approve) => {
            !on(after) && (transition == Transition::ApproveWithTasks || same_nodes(before, after))
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

// NODE

/// What the listing of the transition's node was and is.
fn listed(
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> Option<(Option<NodeStatus>, Option<NodeStatus>)> {
    transition.node().map(|id| {
        (
            before.node(id).phase.listed(),
            after.node(id).phase.listed(),
        )
    })
}

fn starting_becomes_active<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    let (was, is) = listed(before, transition, after).unwrap_or_default();
    let starting = was == Some(NodeStatus::Starting);
    (!matches!(transition, Transition::Join(_)) || starting && is == Some(NodeStatus::Starting))
        && (!matches!(transition, Transition::Ready(_))
            || starting && is == Some(NodeStatus::Active))
}

fn terminating_becomes_offline<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    let (_, is) = listed(before, transition, after).unwrap_or_default();
    // A stopping node that is not listed at all breaks NODE-5, not this rule.
    let stopping = matches!(
        is,
        Some(NodeStatus::Terminating | NodeStatus::Offline) | None
    );
    (!matches!(transition, Transition::Stop(_)) || is == Some(NodeStatus::Terminating))
        && (!matches!(transition, Transition::Leave(_) | Transition::Halt(_)) || stopping)
}

fn killed_is_offline<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    !matches!(transition, Transition::Kill(_))
        || listed(before, transition, after).is_some_and(|(_, is)| is == Some(NodeStatus::Offline))
}

fn offline_is_forgotten<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    on(cluster)
        || cluster.numbered().all(|(id, node)| {
            node.phase != Phase::Offline
                || system.semantics.enabled(cluster, Transition::Forget(id))
        })
}

fn only_offline_is_forgotten<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    _: Transition,
    after: &Cluster,
) -> bool {
    before.nodes.iter().zip(&after.nodes).all(|(was, is)| {
        let forgotten = was.phase.listed().is_some() && is.phase.listed().is_none();
        !forgotten || (was.phase == Phase::Offline && !on(before))
    })
}

fn only_broken_is_in_error<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    let Transition::Break(id) = transition else {
        return true;
    };
    before
        .numbered()
        .zip(&after.nodes)
        .all(|((other, was), is)| {
            if other == id {
                is.phase == Phase::Error
            } else {
                was == *is
            }
        })
}

fn errored_can_stop<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    cluster.numbered().all(|(id, node)| {
        node.phase != Phase::Error || system.semantics.enabled(cluster, Transition::Stop(id))
    })
}

fn errored_can_be_killed<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    cluster.numbered().all(|(id, node)| {
        node.phase != Phase::Error || system.semantics.enabled(cluster, Transition::Kill(id))
    })
}

fn removed_can_be_booted<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    cluster.numbered().all(|(id, node)| {
        node.phase != Phase::Absent || system.semantics.enabled(cluster, Transition::Boot(id))
    })
}

fn version_changes_while_down<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    _: Transition,
    after: &Cluster,
) -> bool {
    before.nodes.iter().zip(&after.nodes).all(|(was, is)| {
        was.version == is.version
            || (matches!(was.phase, Phase::Offline | Phase::Absent) && was.phase == is.phase)
    })
}

// STATUS

fn stable<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    // An error with the mode off that shows STABLE breaks STATUS-5, and a status of section 6 that does breaks FIN.
    let is = system.status(cluster) == ClusterStatus::Stable;
    let must = !on(cluster) && !errors(cluster) && !tasks(cluster);
    (!must || is) && (!is || !on(cluster))
}

fn ready_to_upgrade<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let is = system.status(cluster) == ClusterStatus::ReadyToUpgrade;
    let must = on(cluster) && !errors(cluster) && upgraded(cluster) == 0;
    if must {
        is
    } else {
        !is || errors(cluster) || old(cluster) > 0
    }
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
    if must {
        is
    } else {
        !is || on(cluster) && (errors(cluster) || upgraded(cluster) > 0)
    }
}

// MODE

fn start_succeeds<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let must = served(cluster) && !on(cluster) && !errors(cluster) && !tasks(cluster);
    !must || system.answer(cluster, Call::Start) == Answer::Success
}

fn start_refused_with_error<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    on(cluster)
        || !errors(cluster)
        || tasks(cluster)
        || system.answer(cluster, Call::Start) != Answer::Success
}

fn cancel_succeeds<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let must = served(cluster) && on(cluster) && !errors(cluster) && upgraded(cluster) == 0;
    !must || system.answer(cluster, Call::Cancel) == Answer::Success
}

fn cancel_refused_when_mixed<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let mixed = on(cluster) && (errors(cluster) || two_versions(cluster));
    !mixed || system.answer(cluster, Call::Cancel) != Answer::Success
}

fn cancel_refused_when_upgraded<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let refused = on(cluster) && !errors(cluster) && all_upgraded(cluster);
    !refused || system.answer(cluster, Call::Cancel) != Answer::Success
}

fn approve_exactly<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let may = served(cluster) && !errors(cluster) && all_upgraded(cluster);
    !on(cluster) || (system.answer(cluster, Call::Approve) == Answer::Success) == may
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
    let accepted = |call| system.answer(cluster, call) == Answer::Success;
    if on(cluster) {
        !accepted(Call::Start)
    } else {
        !accepted(Call::Cancel) && !accepted(Call::Approve)
    }
}

fn one_version_while_off<S: Semantics>(_: &System<S>, cluster: &Cluster) -> bool {
    on(cluster) || !two_versions(cluster)
}

// FIN

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
                        == if was.phase == Phase::Active {
                            Phase::Finalizing
                        } else {
                            was.phase
                        }
            }))
}

fn running<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let some = cluster
        .nodes
        .iter()
        .any(|node| node.phase == Phase::Finalizing);
    (system.status(cluster) == ClusterStatus::RunningUpgradeTasks) == some
}

fn done_is_not_pending<S: Semantics>(
    _: &System<S>,
    _: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    let left = after
        .nodes
        .iter()
        .filter(|node| matches!(node.phase, Phase::Finalizing | Phase::FinalizeFailed))
        .count();
    !matches!(transition, Transition::FinalizeOk(_)) || left > 0 || !after.tasks_pending
}

fn failed<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let running = cluster
        .nodes
        .iter()
        .any(|node| node.phase == Phase::Finalizing);
    let must = tasks(cluster) && !running;
    (system.status(cluster) == ClusterStatus::UpgradeTasksFailed) == must
}

fn retry_exactly<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    let running = cluster
        .nodes
        .iter()
        .any(|node| node.phase == Phase::Finalizing);
    let may = served(cluster) && tasks(cluster) && !running;
    (system.answer(cluster, Call::Retry) == Answer::Success) == may
}

fn retry_runs_again<S: Semantics>(
    _: &System<S>,
    before: &Cluster,
    transition: Transition,
    after: &Cluster,
) -> bool {
    transition != Transition::Retry
        || (!after
            .nodes
            .iter()
            .any(|node| node.phase == Phase::FinalizeFailed)
            && before
                .nodes
                .iter()
                .zip(&after.nodes)
                .any(|(was, is)| was.phase != Phase::Finalizing && is.phase == Phase::Finalizing))
}

fn start_refused_with_tasks<S: Semantics>(system: &System<S>, cluster: &Cluster) -> bool {
    !tasks(cluster) || system.answer(cluster, Call::Start) != Answer::Success
}
