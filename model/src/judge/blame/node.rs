//! Which rule does the listing of one node break? What was asked of it last decides, then what it was and is shown as.

use std::collections::BTreeSet;

use super::{Context, Since};
use crate::judge::belief::{Belief, Outcome, Request, SeenNode};
use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::{NodeId, NodeStatus, Phase};
use crate::spec::rule::Rule;
use crate::spec::transition::Call;

/// The rule for a node that is listed as no hypothesis has it.
pub(super) fn rule(
    belief: &Belief,
    context: &Context,
    id: NodeId,
    seen: Option<SeenNode>,
    status: Option<ClusterStatus>,
) -> Rule {
    let phases: BTreeSet<Phase> =
        belief.hypotheses().map(|hypothesis| hypothesis.cluster.node(id).phase).collect();
    let (asked, of_another) = match context.since {
        Since::Asked(other, request, from) if other == id => (Some((request, from)), None),
        Since::Asked(_, request, _) => (None, Some(request)),
        Since::Called(..) | Since::Reads | Since::Attempted => (None, None),
    };
    let was_in_error = phases.iter().all(|phase| *phase == Phase::Error);
    let gone = seen.is_none_or(|seen| seen.status == Some(NodeStatus::Offline));
    if was_in_error && gone && asked.is_none() {
        // Nobody shut it down: it is no longer listed as what it is.
        return Rule::Node6;
    }
    let refused = matches!(context.since, Since::Called(_, Outcome::Refused));
    if refused && !context.explained_since {
        return Rule::Api9;
    }
    let Some(seen) = seen else {
        // It is not listed though it should be. With upgrade mode off it may have gone OFFLINE unseen before.
        let off = belief.hypotheses().all(|hypothesis| hypothesis.cluster.mode == Mode::Off);
        return match asked {
            Some((Request::Repair, _)) if off => Rule::Node1,
            Some((Request::Break, _)) if off => Rule::Node6,
            Some((Request::Boot, Phase::Absent)) if off => Rule::Node9,
            Some((Request::Boot, _)) if off => Rule::Node2,
            Some(_) | None => Rule::Node5,
        };
    };
    let Some(shown) = seen.status else {
        // A silent entry says nothing, so it is never the one that is wrong.
        return Rule::Node1;
    };
    if phases.iter().any(|phase| phase.listed() == Some(shown)) {
        return Rule::Node10;
    }
    if let Some((request, from)) = asked
        && !matches!(request, Request::Install(_))
    {
        return asked_rule(belief, context, (id, request, from), (shown, status));
    }
    let was_active = phases.iter().all(|phase| *phase == Phase::Active);
    if let (Some(request), true) = (of_another, was_active) {
        // What was asked of one node came over another.
        match (request, shown) {
            (Request::Stop, NodeStatus::Terminating | NodeStatus::Offline) => return Rule::Node3,
            (Request::Kill, NodeStatus::Offline) => return Rule::Node4,
            (Request::Break, NodeStatus::Error) => return Rule::Node6,
            (_, _) => {}
        }
    }
    if phases.iter().all(|phase| *phase == Phase::Absent) {
        return Rule::Node5;
    }
    match context.since {
        Since::Reads => return Rule::Api8,
        Since::Called(call, Outcome::Success) if !context.explained_since => {
            return match call {
                Call::Start => Rule::Api2,
                Call::Cancel => Rule::Api5,
                Call::Approve if phases.contains(&Phase::Finalizing) => match shown {
                    NodeStatus::Active | NodeStatus::RunningFinalizeUpgradeTasks => Rule::Fin1,
                    // A node at its tasks can only have failed at them.
                    NodeStatus::Starting
                    | NodeStatus::Terminating
                    | NodeStatus::Offline
                    | NodeStatus::Error
                    | NodeStatus::Draining
                    | NodeStatus::UpgradeTasksFailed => Rule::Fin3,
                },
                Call::Approve => Rule::Api6,
                Call::Retry => Rule::Fin4,
            };
        }
        Since::Called(..) | Since::Asked(..) | Since::Attempted => {}
    }
    match shown {
        NodeStatus::Error => Rule::Node6,
        NodeStatus::Offline => Rule::Node4,
        NodeStatus::Starting => Rule::Node2,
        NodeStatus::Terminating | NodeStatus::Draining => Rule::Node3,
        NodeStatus::RunningFinalizeUpgradeTasks => Rule::Fin1,
        NodeStatus::UpgradeTasksFailed => Rule::Fin3,
        NodeStatus::Active => {
            let was = |phase| phases.contains(&phase);
            if was(Phase::Error) {
                Rule::Node6
            } else if was(Phase::Finalizing) {
                Rule::Fin1
            } else if was(Phase::FinalizeFailed) {
                Rule::Fin3
            } else if was(Phase::Offline) {
                Rule::Node4
            } else if was(Phase::TerminatingIn) || was(Phase::TerminatingOut) {
                Rule::Node3
            } else {
                Rule::Node2
            }
        }
    }
}

/// The rule when the node on which a step was asked for is listed as nothing explains.
fn asked_rule(
    belief: &Belief,
    context: &Context,
    (id, request, from): (NodeId, Request, Phase),
    (seen, status): (NodeStatus, Option<ClusterStatus>),
) -> Rule {
    let outsider = belief
        .hypotheses()
        .all(|hypothesis| hypothesis.cluster.mode == Mode::Off && !hypothesis.cluster.joinable(id));
    let comes_back = matches!(request, Request::Boot | Request::Repair);
    if outsider && comes_back {
        return if seen == NodeStatus::Error { Rule::Node6 } else { Rule::Mode8 };
    }
    // The error was seen, and now neither node nor status tells of one: only reads came in between.
    let taken_away = request == Request::Break
        && context.explained_since
        && seen == NodeStatus::Active
        && status.is_some_and(|status| status != ClusterStatus::Mixed)
        && belief.hypotheses().all(|hypothesis| hypothesis.cluster.node(id).phase == Phase::Error);
    if taken_away {
        return Rule::Api8;
    }
    request.transition(id).rule_in(Some(from))
}
