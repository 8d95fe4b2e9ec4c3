//! Who may do what when? The transition relation of sections 3 and 6: one variant a row, one place that changes state.
//!
//! A transition whose guard fails is disabled; it is not a self-loop. Calls that only read are not here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{NodeId, Phase, Version};
use crate::spec::profile::Profile;
use crate::spec::rule::Rule;

/// The API calls that change state.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Call {
    /// Enable upgrade mode.
    Start,
    /// Disable upgrade mode.
    Cancel,
    /// Finalize the upgrade.
    Approve,
    /// Run failed upgrade tasks again (profile `finalization`).
    Retry,
}

impl Call {
    /// Every call, in the order of section 1.
    pub const ALL: [Self; 4] = [Self::Start, Self::Cancel, Self::Approve, Self::Retry];

    /// The calls that a profile has.
    #[must_use]
    pub const fn of(profile: Profile) -> &'static [Self] {
        match profile {
            Profile::Documented => &[Self::Start, Self::Cancel, Self::Approve],
            Profile::Finalization => &Self::ALL,
        }
    }

    /// The name in traces and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Cancel => "cancel",
            Self::Approve => "approve",
            Self::Retry => "retry",
        }
    }

    /// The one status in which the call is allowed.
    #[must_use]
    pub const fn allowed_in(self) -> ClusterStatus {
        match self {
            Self::Start => ClusterStatus::Stable,
            Self::Cancel => ClusterStatus::ReadyToUpgrade,
            Self::Approve => ClusterStatus::ReadyToRunUpgradeTasks,
            Self::Retry => ClusterStatus::UpgradeTasksFailed,
        }
    }

    /// The transitions that the call can make; `approve` has two branches in profile `finalization`.
    #[must_use]
    pub const fn transitions(self, profile: Profile) -> &'static [Transition] {
        match (self, profile) {
            (Self::Start, _) => &[Transition::Start],
            (Self::Cancel, _) => &[Transition::Cancel],
            (Self::Approve, Profile::Documented) => &[Transition::Approve],
            (Self::Approve, Profile::Finalization) => {
                &[Transition::Approve, Transition::ApproveWithTasks]
            }
            (Self::Retry, _) => &[Transition::Retry],
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Who takes a transition (the last column of section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An API call.
    Api,
    /// Something that a person does to a node.
    Operator,
    /// Something that goes wrong.
    Fault,
    /// Something that the cluster does by itself, and under fairness does not put off for ever.
    Spontaneous,
}

/// A row of the transition table, with its node and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Transition {
    /// `start` answers 200.
    Start,
    /// `cancel` answers 200.
    Cancel,
    /// `approve` answers 200, and the upgrade brings no tasks.
    Approve,
    /// `approve` answers 200, and the upgrade brings tasks (profile `finalization`).
    ApproveWithTasks,
    /// `retryUpgrade` answers 200 (profile `finalization`).
    Retry,
    /// Graceful shutdown is requested.
    Stop(NodeId),
    /// The node is shut down altogether, or dies.
    Kill(NodeId),
    /// Another version is installed while the node is down.
    Install(NodeId, Version),
    /// The node is started.
    Boot(NodeId),
    /// Something goes wrong on the node.
    Break(NodeId),
    /// The error is fixed in place.
    Repair(NodeId),
    /// A starting node joins the cluster.
    Join(NodeId),
    /// A joined node has finished loading.
    Ready(NodeId),
    /// A starting node of another version is not let in.
    Reject(NodeId),
    /// A stopping node leaves the cluster.
    Leave(NodeId),
    /// A stopping node is down.
    Halt(NodeId),
    /// An OFFLINE node is removed from the cluster.
    Forget(NodeId),
    /// A node's upgrade tasks are done (profile `finalization`).
    FinalizeOk(NodeId),
    /// A node's upgrade tasks fail (profile `finalization`).
    FinalizeFail(NodeId),
}

impl Transition {
    /// The node that it is about; `None` for API calls.
    #[must_use]
    pub const fn node(self) -> Option<NodeId> {
        match self {
            Self::Start | Self::Cancel | Self::Approve | Self::ApproveWithTasks | Self::Retry => {
                None
            }
            Self::Stop(id)
            | Self::Kill(id)
            | Self::Install(id, _)
            | Self::Boot(id)
            | Self::Break(id)
            | Self::Repair(id)
            | Self::Join(id)
            | Self::Ready(id)
            | Self::Reject(id)
            | Self::Leave(id)
            | Self::Halt(id)
            | Self::Forget(id)
            | Self::FinalizeOk(id)
            | Self::FinalizeFail(id) => Some(id),
        }
    }

    /// The call that makes it; `None` for a node's transitions.
    #[must_use]
    pub const fn call(self) -> Option<Call> {
        match self {
            Self::Start => Some(Call::Start),
            Self::Cancel => Some(Call::Cancel),
            Self::Approve | Self::ApproveWithTasks => Some(Call::Approve),
            Self::Retry => Some(Call::Retry),
            Self::Stop(_)
            | Self::Kill(_)
            | Self::Install(..)
            | Self::Boot(_)
            | Self::Break(_)
            | Self::Repair(_)
            | Self::Join(_)
            | Self::Ready(_)
            | Self::Reject(_)
            | Self::Leave(_)
            | Self::Halt(_)
            | Self::Forget(_)
            | Self::FinalizeOk(_)
            | Self::FinalizeFail(_) => None,
        }
    }

    /// Who takes it.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Start | Self::Cancel | Self::Approve | Self::ApproveWithTasks | Self::Retry => {
                Kind::Api
            }
            Self::Stop(_) | Self::Kill(_) | Self::Install(..) | Self::Boot(_) | Self::Repair(_) => {
                Kind::Operator
            }
            Self::Break(_) | Self::FinalizeFail(_) => Kind::Fault,
            Self::Join(_)
            | Self::Ready(_)
            | Self::Reject(_)
            | Self::Leave(_)
            | Self::Halt(_)
            | Self::Forget(_)
            | Self::FinalizeOk(_) => Kind::Spontaneous,
        }
    }

    /// The names of the rows of the spec's tables.
    const ROWS: [&'static str; 19] = [
        "Start",
        "Cancel",
        "Approve",
        "Approve with tasks",
        "Retry",
        "Stop",
        "Kill",
        "Install",
        "Boot",
        "Break",
        "Repair",
        "Join",
        "Ready",
        "Reject",
        "Leave",
        "Halt",
        "Forget",
        "FinalizeOk",
        "FinalizeFail",
    ];

    /// The place of its row in the tables: below [`Transition::ROW_COUNT`], whatever its node and version.
    #[must_use]
    pub const fn row(self) -> usize {
        match self {
            Self::Start => 0,
            Self::Cancel => 1,
            Self::Approve => 2,
            Self::ApproveWithTasks => 3,
            Self::Retry => 4,
            Self::Stop(_) => 5,
            Self::Kill(_) => 6,
            Self::Install(..) => 7,
            Self::Boot(_) => 8,
            Self::Break(_) => 9,
            Self::Repair(_) => 10,
            Self::Join(_) => 11,
            Self::Ready(_) => 12,
            Self::Reject(_) => 13,
            Self::Leave(_) => 14,
            Self::Halt(_) => 15,
            Self::Forget(_) => 16,
            Self::FinalizeOk(_) => 17,
            Self::FinalizeFail(_) => 18,
        }
    }

    /// How many rows there are.
    pub const ROW_COUNT: usize = Self::ROWS.len();

    /// The row's name in the spec's table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Self::ROWS[self.row()]
    }

    /// The same as a word of a program.
    #[must_use]
    pub const fn word(self) -> &'static str {
        if let Self::ApproveWithTasks = self { "ApproveWithTasks" } else { self.name() }
    }

    /// The rule that speaks of it when it is taken in this state.
    #[must_use]
    pub fn rule(self, before: &Cluster) -> Rule {
        self.rule_in(self.node().map(|id| before.node(id).phase))
    }

    /// The rule that speaks of it when its node is in this phase.
    #[must_use]
    pub const fn rule_in(self, phase: Option<Phase>) -> Rule {
        let in_error = matches!(phase, Some(Phase::Error));
        match self {
            Self::Start => Rule::Mode1,
            Self::Cancel => Rule::Mode3,
            Self::Approve => Rule::Mode5,
            Self::ApproveWithTasks => Rule::Fin1,
            Self::Retry => Rule::Fin4,
            Self::Stop(_) if in_error => Rule::Node7,
            Self::Stop(_) | Self::Leave(_) | Self::Halt(_) => Rule::Node3,
            Self::Kill(_) if in_error => Rule::Node8,
            Self::Kill(_) => Rule::Node4,
            Self::Install(..) => Rule::Node10,
            Self::Boot(_) if matches!(phase, Some(Phase::Absent)) => Rule::Node9,
            Self::Boot(_) | Self::Join(_) | Self::Ready(_) => Rule::Node2,
            Self::Break(_) => Rule::Node6,
            Self::Repair(_) => Rule::Node1,
            Self::Reject(_) => Rule::Mode8,
            Self::Forget(_) => Rule::Node5,
            Self::FinalizeOk(_) => Rule::Fin2,
            Self::FinalizeFail(_) => Rule::Fin3,
        }
    }

    /// The same transition of another node; API calls stay as they are.
    #[must_use]
    pub const fn on(self, id: NodeId) -> Self {
        match self {
            Self::Start | Self::Cancel | Self::Approve | Self::ApproveWithTasks | Self::Retry => {
                self
            }
            Self::Stop(_) => Self::Stop(id),
            Self::Kill(_) => Self::Kill(id),
            Self::Install(_, version) => Self::Install(id, version),
            Self::Boot(_) => Self::Boot(id),
            Self::Break(_) => Self::Break(id),
            Self::Repair(_) => Self::Repair(id),
            Self::Join(_) => Self::Join(id),
            Self::Ready(_) => Self::Ready(id),
            Self::Reject(_) => Self::Reject(id),
            Self::Leave(_) => Self::Leave(id),
            Self::Halt(_) => Self::Halt(id),
            Self::Forget(_) => Self::Forget(id),
            Self::FinalizeOk(_) => Self::FinalizeOk(id),
            Self::FinalizeFail(_) => Self::FinalizeFail(id),
        }
    }

    /// The transitions that a node makes by itself, whether enabled or not.
    #[must_use]
    pub const fn spontaneous(id: NodeId) -> [Self; 7] {
        [
            Self::Join(id),
            Self::Ready(id),
            Self::Reject(id),
            Self::Leave(id),
            Self::Halt(id),
            Self::Forget(id),
            Self::FinalizeOk(id),
        ]
    }

    /// Every transition that a cluster of this size could ever take, in the order of the tables.
    pub fn every(profile: Profile, nodes: usize, versions: u8) -> Vec<Self> {
        let mut all = vec![Self::Start, Self::Cancel, Self::Approve];
        if profile == Profile::Finalization {
            all.extend([Self::ApproveWithTasks, Self::Retry]);
        }
        for id in (0..nodes).map(NodeId::at) {
            all.extend([Self::Stop(id), Self::Kill(id)]);
            all.extend((0..versions).map(|version| Self::Install(id, Version(version))));
            all.extend([Self::Boot(id), Self::Break(id), Self::Repair(id)]);
            all.extend([Self::Join(id), Self::Ready(id), Self::Reject(id)]);
            all.extend([Self::Leave(id), Self::Halt(id), Self::Forget(id)]);
            if profile == Profile::Finalization {
                all.extend([Self::FinalizeOk(id), Self::FinalizeFail(id)]);
            }
        }
        all
    }

    /// Whether the guard holds in this state.
    #[must_use]
    pub fn enabled(self, cluster: &Cluster) -> bool {
        let phase = |id: NodeId| cluster.node(id).phase;
        match self {
            Self::Start | Self::Cancel | Self::Approve | Self::ApproveWithTasks | Self::Retry => {
                self.call()
                    .is_some_and(|call| cluster.served() && cluster.status() == call.allowed_in())
            }
            Self::Stop(id) => match phase(id) {
                Phase::Active
                | Phase::StartingIn
                | Phase::StartingOut
                | Phase::Error
                | Phase::Finalizing
                | Phase::FinalizeFailed => true,
                Phase::TerminatingIn | Phase::TerminatingOut | Phase::Offline | Phase::Absent => {
                    false
                }
            },
            Self::Kill(id) => !phase(id).down(),
            Self::Install(id, version) => phase(id).down() && cluster.node(id).version != version,
            Self::Boot(id) => phase(id).down(),
            Self::Break(id) => match phase(id) {
                Phase::Active
                | Phase::StartingOut
                | Phase::StartingIn
                | Phase::Finalizing
                | Phase::FinalizeFailed => true,
                Phase::TerminatingIn
                | Phase::TerminatingOut
                | Phase::Offline
                | Phase::Error
                | Phase::Absent => false,
            },
            Self::Repair(id) => phase(id) == Phase::Error && cluster.joinable(id),
            Self::Join(id) => phase(id) == Phase::StartingOut && cluster.joinable(id),
            Self::Ready(id) => phase(id) == Phase::StartingIn,
            Self::Reject(id) => phase(id) == Phase::StartingOut && !cluster.joinable(id),
            Self::Leave(id) => phase(id) == Phase::TerminatingIn,
            Self::Halt(id) => phase(id) == Phase::TerminatingOut,
            Self::Forget(id) => phase(id) == Phase::Offline && cluster.mode == Mode::Off,
            Self::FinalizeOk(id) | Self::FinalizeFail(id) => phase(id) == Phase::Finalizing,
        }
    }

    /// Makes the transition. The guard is the caller's to ask: defective endpoints take transitions that are
    /// not enabled, and the mock must be able to.
    #[must_use]
    pub fn apply(self, before: &Cluster) -> Cluster {
        let mut cluster = before.clone();
        match self {
            Self::Start => {
                cluster.mode = Mode::On;
                // Any that has joined would do: where the guard holds somebody has, and all run one version.
                let first = before.nodes.iter().find(|node| node.phase.joined());
                cluster.origin = first.map(|node| node.version);
            }
            Self::Cancel | Self::Approve => {
                cluster.mode = Mode::Off;
                cluster.origin = None;
            }
            Self::ApproveWithTasks => {
                cluster.mode = Mode::Off;
                cluster.origin = None;
                cluster.tasks_pending = true;
                turn_all(&mut cluster, Phase::Active, Phase::Finalizing);
            }
            Self::Retry => {
                let from = if before.any(Phase::FinalizeFailed) {
                    Phase::FinalizeFailed
                } else {
                    Phase::Active
                };
                turn_all(&mut cluster, from, Phase::Finalizing);
            }
            Self::Stop(id) => {
                let gone = if before.node(id).phase.joined() {
                    Phase::TerminatingIn
                } else {
                    Phase::TerminatingOut
                };
                cluster.nodes[id.index()].phase = gone;
            }
            Self::Kill(id) | Self::Reject(id) | Self::Halt(id) => {
                cluster.nodes[id.index()].phase = Phase::Offline;
            }
            Self::Install(id, version) => cluster.nodes[id.index()].version = version,
            Self::Boot(id) => cluster.nodes[id.index()].phase = Phase::StartingOut,
            Self::Break(id) => cluster.nodes[id.index()].phase = Phase::Error,
            Self::Repair(id) | Self::Ready(id) => cluster.nodes[id.index()].phase = Phase::Active,
            Self::Join(id) => cluster.nodes[id.index()].phase = Phase::StartingIn,
            Self::Leave(id) => cluster.nodes[id.index()].phase = Phase::TerminatingOut,
            Self::Forget(id) => cluster.nodes[id.index()].phase = Phase::Absent,
            Self::FinalizeOk(id) => {
                cluster.nodes[id.index()].phase = Phase::Active;
                let left = cluster.any(Phase::Finalizing) || cluster.any(Phase::FinalizeFailed);
                cluster.tasks_pending &= left;
            }
            Self::FinalizeFail(id) => cluster.nodes[id.index()].phase = Phase::FinalizeFailed,
        }
        cluster
    }
}

fn turn_all(cluster: &mut Cluster, from: Phase, to: Phase) {
    for node in &mut cluster.nodes {
        if node.phase == from {
            node.phase = to;
        }
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.node()) {
            (Self::Install(id, version), _) => write!(f, "Install({id}, {version})"),
            (_, Some(id)) => write!(f, "{}({id})", self.name()),
            (_, None) => f.pad(self.name()),
        }
    }
}
