//! What must be reachable, and what is unreachable on purpose? (spec, section 5, "Reachability")
//!
//! A safety property whose premise never arises holds for nothing. So every status, phase, transition in every phase
//! that allows it, and refusal is a goal; a goal that a scope cannot reach carries the reason, and any other unreached
//! goal fails the check.

use std::fmt;

use crate::spec::cluster::{Cluster, ClusterStatus, Joined, Mode};
use crate::spec::node::{Node, NodeId, Phase, Version};
use crate::spec::profile::Profile;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Answer, Scope, Semantics, System};
use crate::spec::transition::{Call, Transition};

/// A situation that some run must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Goal {
    /// The cluster has this status.
    Status(ClusterStatus),
    /// Some node is in this phase.
    Phase(Phase),
    /// An API transition is taken.
    Called(Transition),
    /// A node's transition is taken in this phase; the transition stands for every node and version.
    Fires(Transition, Phase),
    /// A call is refused in this status.
    Refused(Call, ClusterStatus),
    /// An errored node cannot be taken back, because it runs another version (MODE-8).
    RepairRefused,
    /// MIXED without any error: two joined versions.
    MixedVersions,
    /// MIXED without any error, and no joined node runs the original version (STATUS-6).
    MixedWithoutOriginal,
}

const FIRST: NodeId = NodeId::new(1);

impl Goal {
    /// Every goal of a profile.
    #[must_use]
    pub fn all(profile: Profile) -> Vec<Self> {
        let statuses = ClusterStatus::ALL.into_iter().filter(|status| profile.has(*status));
        let mut goals: Vec<Self> = statuses.clone().map(Self::Status).collect();
        goals.extend(profile.phases().iter().copied().map(Self::Phase));
        for call in Call::of(profile) {
            goals.extend(call.transitions(profile).iter().copied().map(Self::Called));
            goals.extend(
                statuses
                    .clone()
                    .filter(|status| *status != call.allowed_in())
                    .map(|status| Self::Refused(*call, status)),
            );
        }
        goals.extend(Self::firings(profile));
        goals.extend([Self::RepairRefused, Self::MixedVersions, Self::MixedWithoutOriginal]);
        goals
    }

    /// Each row of the tables of sections 3 and 6 in each phase that its guard names, written out by hand: a guard that
    /// loses a phase loses a goal.
    fn firings(profile: Profile) -> Vec<Self> {
        use Phase::{
            Absent, Active, Error, FinalizeFailed, Finalizing, Offline, StartingIn, StartingOut,
            TerminatingIn, TerminatingOut,
        };
        let rows: [(Transition, &[Phase]); 14] = [
            (
                Transition::Stop(FIRST),
                &[Active, StartingIn, StartingOut, Error, Finalizing, FinalizeFailed],
            ),
            (
                Transition::Kill(FIRST),
                &[
                    Active,
                    StartingOut,
                    StartingIn,
                    TerminatingIn,
                    TerminatingOut,
                    Error,
                    Finalizing,
                    FinalizeFailed,
                ],
            ),
            (Transition::Install(FIRST, Version(1)), &[Offline, Absent]),
            (Transition::Boot(FIRST), &[Offline, Absent]),
            (
                Transition::Break(FIRST),
                &[Active, StartingOut, StartingIn, Finalizing, FinalizeFailed],
            ),
            (Transition::Repair(FIRST), &[Error]),
            (Transition::Join(FIRST), &[StartingOut]),
            (Transition::Ready(FIRST), &[StartingIn]),
            (Transition::Reject(FIRST), &[StartingOut]),
            (Transition::Leave(FIRST), &[TerminatingIn]),
            (Transition::Halt(FIRST), &[TerminatingOut]),
            (Transition::Forget(FIRST), &[Offline]),
            (Transition::FinalizeOk(FIRST), &[Finalizing]),
            (Transition::FinalizeFail(FIRST), &[Finalizing]),
        ];
        rows.into_iter()
            .flat_map(|(transition, phases)| phases.iter().map(move |phase| (transition, *phase)))
            .filter(|(_, phase)| profile.phases().contains(phase))
            .map(|(transition, phase)| Self::Fires(transition, phase))
            .collect()
    }

    /// Why a scope cannot reach the goal, when that is on purpose.
    #[must_use]
    pub fn unreachable_because(self, scope: Scope) -> Option<&'static str> {
        let single = scope.nodes == 1;
        match self {
            Self::Fires(Transition::Reject(_), _) if single => {
                Some("a single node has no other node whose version could keep it out")
            }
            Self::RepairRefused if single => {
                Some("a single node has no other node whose version could keep it out")
            }
            Self::MixedVersions | Self::MixedWithoutOriginal if single => {
                Some("a single node cannot run two versions")
            }
            Self::Refused(_, ClusterStatus::Mixed) if single => {
                Some("with a single node MIXED means that it is in error, and then nobody answers")
            }
            Self::MixedWithoutOriginal if scope.versions == 2 => {
                Some("two versions other than the original need three versions")
            }
            Self::Status(_)
            | Self::Phase(_)
            | Self::Called(_)
            | Self::Fires(..)
            | Self::Refused(..)
            | Self::RepairRefused
            | Self::MixedVersions
            | Self::MixedWithoutOriginal => None,
        }
    }

    /// Whether the goal shows in this state.
    #[must_use]
    pub fn shows<S: Semantics>(self, system: &System<S>, cluster: &Cluster) -> bool {
        let in_phase = |phase: Phase| {
            cluster.numbered().filter(move |(_, node): &(NodeId, Node)| node.phase == phase)
        };
        match self {
            Self::Status(status) => system.status(cluster) == status,
            Self::Phase(phase) => cluster.any(phase),
            Self::Called(transition) => system.semantics.enabled(cluster, transition),
            Self::Fires(transition, phase) => in_phase(phase).any(|(id, node)| {
                let there = if let Transition::Install(..) = transition {
                    Transition::Install(id, Version(u8::from(node.version == Version(0))))
                } else {
                    transition.on(id)
                };
                system.semantics.enabled(cluster, there)
            }),
            Self::Refused(call, status) => {
                system.status(cluster) == status && system.answer(cluster, call) == Answer::Refused
            }
            Self::RepairRefused => in_phase(Phase::Error)
                .any(|(id, _)| !system.semantics.enabled(cluster, Transition::Repair(id))),
            Self::MixedVersions => {
                system.status(cluster) == ClusterStatus::Mixed && !cluster.any(Phase::Error)
            }
            Self::MixedWithoutOriginal => {
                cluster.mode == Mode::On
                    && system.status(cluster) == ClusterStatus::Mixed
                    && !cluster.any(Phase::Error)
                    && cluster.joined() == Joined::Several
                    && !cluster
                        .joined_versions()
                        .iter()
                        .any(|version| Some(*version) == cluster.origin)
            }
        }
    }

    /// The rule that the goal exercises.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::Status(status) => match status {
                ClusterStatus::Stable => Rule::Status1,
                ClusterStatus::ReadyToUpgrade => Rule::Status2,
                ClusterStatus::Mixed => Rule::Status4,
                ClusterStatus::ReadyToRunUpgradeTasks => Rule::Status7,
                ClusterStatus::RunningUpgradeTasks => Rule::Fin1,
                ClusterStatus::UpgradeTasksFailed => Rule::Fin3,
            },
            Self::Phase(phase) => match phase {
                Phase::Active => Rule::Node1,
                Phase::StartingOut | Phase::StartingIn => Rule::Node2,
                Phase::TerminatingIn | Phase::TerminatingOut => Rule::Node3,
                Phase::Offline => Rule::Node4,
                Phase::Error => Rule::Node6,
                Phase::Absent => Rule::Node5,
                Phase::Finalizing => Rule::Fin1,
                Phase::FinalizeFailed => Rule::Fin3,
            },
            Self::Called(transition) => match transition.call() {
                Some(Call::Start) => Rule::Mode1,
                Some(Call::Cancel) => Rule::Mode3,
                Some(Call::Approve) | None => Rule::Mode5,
                Some(Call::Retry) => Rule::Fin4,
            },
            Self::Fires(transition, phase) => transition.rule_in(Some(phase)),
            Self::Refused(call, status) => refusal(call, status),
            Self::RepairRefused => Rule::Mode8,
            Self::MixedVersions => Rule::Status3,
            Self::MixedWithoutOriginal => Rule::Status6,
        }
    }
}

/// The rule by which a call is refused in a status with a given upgrade mode read off the status alone.
const fn refusal(call: Call, status: ClusterStatus) -> Rule {
    match (call, status) {
        (Call::Start, ClusterStatus::Mixed) => Rule::Mode2,
        (Call::Start, ClusterStatus::RunningUpgradeTasks | ClusterStatus::UpgradeTasksFailed) => {
            Rule::Fin5
        }
        (Call::Start, _) => Rule::Mode7,
        (Call::Cancel, ClusterStatus::Mixed) => Rule::Mode3,
        (Call::Cancel, ClusterStatus::ReadyToRunUpgradeTasks) => Rule::Mode4,
        (Call::Approve, ClusterStatus::Mixed | ClusterStatus::ReadyToUpgrade) => Rule::Mode5,
        (Call::Cancel | Call::Approve, _) => Rule::Mode7,
        (Call::Retry, _) => Rule::Fin4,
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "the cluster is {status}"),
            Self::Phase(phase) => write!(f, "a node is {phase}"),
            Self::Called(transition) => write!(f, "{transition} is taken"),
            Self::Fires(transition, phase) => {
                write!(f, "{} is taken in {phase}", transition.name())
            }
            Self::Refused(call, status) => write!(f, "{call} is refused in {status}"),
            Self::RepairRefused => {
                f.write_str("an errored node of another version is not taken back")
            }
            Self::MixedVersions => f.write_str("MIXED because joined nodes run two versions"),
            Self::MixedWithoutOriginal => {
                f.write_str("MIXED while no joined node runs the original version")
            }
        }
    }
}
