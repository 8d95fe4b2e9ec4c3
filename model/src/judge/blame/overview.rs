//! Which rule does an overview break? Upgrade mode first, then the nodes, then the status, against the nearest hypothesis.

use super::{Context, Since, node};
use crate::judge::belief::{Belief, Hypothesis, Outcome, Overview, SeenVersion};
use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{NodeId, NodeStatus, Phase};
use crate::spec::rule::Rule;
use crate::spec::transition::Call;

/// The rule that an overview breaks which nothing explains.
pub(super) fn rule(belief: &Belief, context: &Context, view: &Overview) -> Rule {
    let shown = |status| view.nodes.iter().flatten().any(|node| node.status == Some(status));
    let tasks_run = shown(NodeStatus::RunningFinalizeUpgradeTasks);
    let tasks_failed = shown(NodeStatus::UpgradeTasksFailed);
    let may_be =
        |status| belief.hypotheses().any(|hypothesis| hypothesis.cluster.status() == status);
    // The status tells of tasks, and no node does.
    let retried = matches!(context.since, Since::Called(Call::Retry, Outcome::Success));
    match view.status {
        ClusterStatus::UpgradeTasksFailed if retried && !context.explained_since => {
            return Rule::Fin4;
        }
        status @ ClusterStatus::RunningUpgradeTasks
            if !tasks_run
                && !tasks_failed
                && (may_be(status) || context.after_approve && !context.tasks_seen) =>
        {
            return Rule::Fin1;
        }
        status @ ClusterStatus::UpgradeTasksFailed if !tasks_failed && may_be(status) => {
            return Rule::Fin3;
        }
        ClusterStatus::Stable
        | ClusterStatus::ReadyToUpgrade
        | ClusterStatus::Mixed
        | ClusterStatus::ReadyToRunUpgradeTasks
        | ClusterStatus::RunningUpgradeTasks
        | ClusterStatus::UpgradeTasksFailed => {}
    }
    let mode = |hypothesis: &Hypothesis| hypothesis.shows_mode(view.mode, view.origin);
    let nodes = |hypothesis: &Hypothesis| hypothesis.lists_nodes(&view.nodes);
    let fits = |hypothesis: &Hypothesis| mode(hypothesis) && nodes(hypothesis);
    // A node that joins makes READY_TO_UPGRADE MIXED at a moment that nobody sees: what is shown as finished was MIXED.
    let mixed = |hypothesis: &Hypothesis| {
        view.status == ClusterStatus::ReadyToRunUpgradeTasks
            && hypothesis.cluster.status() == ClusterStatus::Mixed
            && fits(hypothesis)
    };
    // Where the last original node may have left by then, it is the others that do not make it MIXED.
    let left = |hypothesis: &Hypothesis| mixed(hypothesis) && !original_joined(&hypothesis.cluster);
    let nearest_one =
        nearest(belief, left).or_else(|| nearest(belief, mixed)).or_else(|| nearest(belief, fits));
    if let Some(hypothesis) = nearest_one {
        let cluster = &hypothesis.cluster;
        return if cluster.status() == view.status {
            if cluster.tasks_pending { Rule::Fin1 } else { Rule::Fin2 }
        } else {
            status_rule(context, cluster, view.status)
        };
    }
    let modes = belief.hypotheses().any(mode);
    if !modes {
        return mode_rule(belief, context, view);
    }
    if view.mode == Mode::Off && several_versions_serve(view) {
        return Rule::Mode8;
    }
    // The node that fewest hypotheses get right is the one that went wrong.
    let wrong = (0..view.nodes.len())
        .min_by_key(|index| {
            belief
                .hypotheses()
                .filter(|hypothesis| hypothesis.lists_node(NodeId::at(*index), view.nodes[*index]))
                .count()
        })
        .map(NodeId::at);
    wrong.map_or(Rule::Api1, |id| {
        node::rule(belief, context, id, view.nodes[id.index()], Some(view.status))
    })
}

/// Whether nodes of different versions are listed as serving, and so have joined for certain.
fn several_versions_serve(view: &Overview) -> bool {
    let mut versions = view
        .nodes
        .iter()
        .flatten()
        .filter(|node| node.status == Some(NodeStatus::Active))
        .map(|node| node.version);
    versions.next().is_some_and(|first| versions.any(|version| version != first))
}

/// A hypothesis that fits, one in which nothing is left to happen before others.
pub(super) fn nearest(belief: &Belief, fits: impl Fn(&Hypothesis) -> bool) -> Option<&Hypothesis> {
    let mut fitting = belief.hypotheses().filter(|hypothesis| fits(hypothesis)).peekable();
    let first = fitting.peek().copied();
    fitting.find(|hypothesis| belief.quiescent(hypothesis)).or(first)
}

/// Whether a joined node runs the original version.
fn original_joined(cluster: &Cluster) -> bool {
    cluster.joined_versions().iter().any(|version| Some(*version) == cluster.origin)
}

/// The rule for a status that is wrong for these nodes and this mode.
#[must_use]
pub fn status_rule(context: &Context, cluster: &Cluster, seen: ClusterStatus) -> Rule {
    match cluster.status() {
        ClusterStatus::RunningUpgradeTasks => Rule::Fin1,
        ClusterStatus::UpgradeTasksFailed if cluster.any(Phase::FinalizeFailed) => Rule::Fin3,
        // Nobody failed: tasks are pending that nobody runs.
        ClusterStatus::UpgradeTasksFailed => Rule::Fin1,
        ClusterStatus::Stable => match seen {
            ClusterStatus::RunningUpgradeTasks | ClusterStatus::UpgradeTasksFailed => Rule::Fin2,
            ClusterStatus::Stable
            | ClusterStatus::ReadyToUpgrade
            | ClusterStatus::Mixed
            | ClusterStatus::ReadyToRunUpgradeTasks => {
                if context.after_approve {
                    Rule::Mode6
                } else {
                    Rule::Status1
                }
            }
        },
        ClusterStatus::ReadyToUpgrade => Rule::Status2,
        ClusterStatus::ReadyToRunUpgradeTasks => Rule::Status7,
        ClusterStatus::Mixed => {
            if !cluster.any(Phase::Error) {
                if original_joined(cluster) { Rule::Status3 } else { Rule::Status6 }
            } else if cluster.mode == Mode::On {
                Rule::Status4
            } else {
                Rule::Status5
            }
        }
    }
}

/// The rule for an upgrade mode or an original version that no hypothesis has.
fn mode_rule(belief: &Belief, context: &Context, view: &Overview) -> Rule {
    // Everything else says that upgrade mode is on: the flag is wrong, not what it tells of.
    let flag_alone = belief.hypotheses().any(|hypothesis| {
        view.mode == Mode::Off
            && hypothesis.shows_mode(Mode::On, view.origin)
            && hypothesis.cluster.status() == view.status
            && hypothesis.lists_nodes(&view.nodes)
    });
    if flag_alone {
        return Rule::Api1;
    }
    let same_mode = belief.hypotheses().any(|hypothesis| hypothesis.cluster.mode == view.mode);
    match context.since {
        Since::Called(_, Outcome::Refused) if !context.explained_since => Rule::Api9,
        Since::Called(Call::Start, Outcome::Success) if !context.explained_since => {
            if same_mode && view.origin == SeenVersion::Nothing { Rule::Api1 } else { Rule::Api2 }
        }
        Since::Called(Call::Cancel, Outcome::Success) if !context.explained_since && !same_mode => {
            Rule::Api5
        }
        Since::Called(Call::Approve, Outcome::Success)
            if !context.explained_since && !same_mode =>
        {
            Rule::Api6
        }
        Since::Called(..) | Since::Reads | Since::Attempted => {
            let finalizes = context.after_approve
                || matches!(context.since, Since::Called(Call::Retry, Outcome::Success));
            if !same_mode && finalizes && view.mode == Mode::On {
                Rule::Api6
            } else if same_mode {
                Rule::Api1
            } else {
                Rule::Api8
            }
        }
        Since::Asked(..) => Rule::Api1,
    }
}
