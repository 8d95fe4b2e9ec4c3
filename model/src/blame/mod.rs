//! Which rule does an inexplicable answer break? One rule, and the right one (section 4, with the readings of section 7).
//!
//! The belief says that nothing explains an answer; here the answer is compared with the hypotheses part by part. The
//! views are held against each other first (API-11), then upgrade mode, nodes and status against the nearest
//! hypotheses; what was done last decides between rules that speak of the same part. A cluster that does not settle is
//! blamed on what it still waits for.

use std::collections::BTreeSet;

use crate::belief::{
    Belief, Hypothesis, Observation, Outcome, Overview, Request, SeenNode, SeenVersion,
};
use crate::cluster::{Cluster, ClusterStatus, Joined, Mode};
use crate::node::{NodeId, NodeStatus, Phase};
use crate::profile::Profile;
use crate::rule::Rule;
use crate::transition::{Call, Kind};

/// What was done since the cluster was last seen settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Nothing but reads.
    Reads,
    /// A call, and what came back.
    Called(Call, Outcome),
    /// A step on a node, and the phase that the node was in when it was asked for.
    Asked(NodeId, Request, Phase),
}

/// What was known when the answer came.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// What was done last.
    pub since: Since,
    /// Whether an answer since then has been explained already: then what was done last is not what changed it.
    pub explained_since: bool,
    /// Whether the last call that succeeded was `approve`.
    pub after_approve: bool,
}

/// Every view, read again after an answer that nothing explains.
#[derive(Clone, Debug, Default)]
pub struct Views {
    /// The overview, if it could be read.
    pub overview: Option<Overview>,
    /// The answer of the status call, if it could be read.
    pub state: Option<(ClusterStatus, NodeId, SeenNode)>,
    /// The answer of each node call by number; the outer `None` is one that could not be read, the inner is 404.
    pub nodes: Vec<Option<Option<SeenNode>>>,
}

/// The rule that an answer breaks which nothing in `belief` explains.
#[must_use]
pub fn unexplained(belief: &Belief, context: &Context, seen: &Observation, again: &Views) -> Rule {
    if !belief.may_serve() {
        return view_rule(seen);
    }
    match seen {
        Observation::Overview(view) => {
            odd_overview(belief, again).unwrap_or_else(|| overview_rule(belief, context, view))
        }
        Observation::State(status, id, node) => {
            state_rule(belief, context, (*status, *id, *node), again)
        }
        Observation::Node(id, node) => node_view_rule(belief, context, *id, *node, again),
    }
}

/// The rule when only the overview is wrong: status call and node calls are explained, and contradict it.
#[must_use]
pub fn odd_overview(belief: &Belief, again: &Views) -> Option<Rule> {
    let view = again.overview.as_ref()?;
    if explained(belief, view) {
        // It was wrong for a moment only, and the others were not asked in that moment.
        return None;
    }
    let state = again
        .state
        .map(|(status, id, node)| Observation::State(status, id, node))?;
    let nodes: Option<Vec<Observation>> = again
        .nodes
        .iter()
        .enumerate()
        .map(|(index, node)| node.map(|node| Observation::Node(NodeId::at(index), node)))
        .collect();
    let others: Vec<Observation> = nodes?.into_iter().chain([state]).collect();
    let right = belief
        .hypotheses()
        .any(|hypothesis| others.iter().all(|seen| belief.explains(hypothesis, seen)));
    if !right {
        return None;
    }
    let mut rule = None;
    for (listed, own) in view.nodes.iter().zip(&again.nodes) {
        match (listed, own.as_ref()?) {
            (None, Some(_)) | (Some(_), None) => return Some(Rule::Api1),
            (Some(listed), Some(own)) if !agree(*listed, *own) => rule = Some(Rule::Api11),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    if again
        .state
        .is_some_and(|(status, ..)| status != view.status)
    {
        rule = Some(Rule::Api11);
    }
    rule
}

/// The rule that says what a view gives.
#[must_use]
pub const fn view_rule(seen: &Observation) -> Rule {
    match seen {
        Observation::Overview(_) => Rule::Api1,
        Observation::State(..) => Rule::Api3,
        Observation::Node(..) => Rule::Api4,
    }
}

fn state_rule(
    belief: &Belief,
    context: &Context,
    seen: (ClusterStatus, NodeId, SeenNode),
    again: &Views,
) -> Rule {
    let (status, id, node) = seen;
    let status_known = belief
        .hypotheses()
        .any(|hypothesis| hypothesis.cluster.status() == status);
    if let Some(view) = &again.overview {
        if view.status != status && explained(belief, view) {
            return Rule::Api11;
        }
        let listed = view.nodes.get(id.index()).copied().flatten();
        if status_known {
            let serves = belief
                .hypotheses()
                .any(|hypothesis| hypothesis.cluster.node(id).phase.serves());
            return if listed.is_some_and(|listed| agree(listed, node)) && explained(belief, view)
                || !serves
            {
                Rule::Api3
            } else if explained(belief, view) {
                Rule::Api11
            } else {
                overview_rule(belief, context, view)
            };
        }
        return overview_rule(
            belief,
            context,
            &Overview {
                status,
                ..view.clone()
            },
        );
    }
    if status_known {
        return Rule::Api3;
    }
    nearest(belief, |_| true).map_or(Rule::Api3, |hypothesis| {
        status_rule(context, &hypothesis.cluster, status)
    })
}

fn node_view_rule(
    belief: &Belief,
    context: &Context,
    id: NodeId,
    seen: Option<SeenNode>,
    again: &Views,
) -> Rule {
    let listed = again
        .overview
        .as_ref()
        .map(|view| view.nodes.get(id.index()).copied().flatten());
    match (listed, seen) {
        (Some(None), Some(_)) => Rule::Api7,
        (Some(Some(_)), None) => Rule::Api4,
        (Some(Some(listed)), Some(seen)) if !agree(listed, seen) => Rule::Api11,
        _ => match &again.overview {
            Some(view) if !explained(belief, view) => overview_rule(belief, context, view),
            Some(_) | None => node_rule(belief, context, id, seen, None),
        },
    }
}

/// Whether two listings of a node tell the same; what is listed for an OFFLINE node's version is free.
fn agree(one: SeenNode, other: SeenNode) -> bool {
    one.status == other.status
        && (one.version == other.version || one.status == NodeStatus::Offline)
}

fn explained(belief: &Belief, view: &Overview) -> bool {
    let view = Observation::Overview(view.clone());
    belief
        .hypotheses()
        .any(|hypothesis| belief.explains(hypothesis, &view))
}

fn overview_rule(belief: &Belief, context: &Context, view: &Overview) -> Rule {
    let runs_on_nobody = view.status == ClusterStatus::RunningUpgradeTasks
        && !(view.nodes.iter().flatten())
            .any(|node| node.status == NodeStatus::RunningFinalizeUpgradeTasks);
    if runs_on_nobody
        && belief
            .hypotheses()
            .any(|hypothesis| hypothesis.cluster.any(Phase::Finalizing))
    {
        return Rule::Fin1;
    }
    let mode = |hypothesis: &Hypothesis| hypothesis.shows_mode(view.mode, view.origin);
    let nodes = |hypothesis: &Hypothesis| hypothesis.lists_nodes(&view.nodes);
    if let Some(hypothesis) = nearest(belief, |hypothesis| mode(hypothesis) && nodes(hypothesis)) {
        let cluster = &hypothesis.cluster;
        return if cluster.status() == view.status {
            if cluster.tasks_pending {
                Rule::Fin1
            } else {
                Rule::Fin2
            }
        } else {
            status_rule(context, cluster, view.status)
        };
    }
    let modes = belief.hypotheses().any(mode);
    if !modes {
        return mode_rule(belief, context, view);
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
        node_rule(
            belief,
            context,
            id,
            view.nodes[id.index()],
            Some(view.status),
        )
    })
}

fn nearest(belief: &Belief, fits: impl Fn(&Hypothesis) -> bool) -> Option<&Hypothesis> {
    let mut fitting = belief
        .hypotheses()
        .filter(|hypothesis| fits(hypothesis))
        .peekable();
    let first = fitting.peek().copied();
    fitting
        .find(|hypothesis| belief.quiescent(hypothesis))
        .or(first)
}

/// The rule for a status that is wrong for these nodes and this mode.
#[must_use]
pub fn status_rule(context: &Context, cluster: &Cluster, seen: ClusterStatus) -> Rule {
    match cluster.status() {
        ClusterStatus::RunningUpgradeTasks => Rule::Fin1,
        ClusterStatus::UpgradeTasksFailed => Rule::Fin3,
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
            let original = cluster
                .joined_versions()
                .iter()
                .any(|version| Some(*version) == cluster.origin);
            if !cluster.any(Phase::Error) {
                if original {
                    Rule::Status3
                } else {
                    Rule::Status6
                }
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
    let same_mode = belief
        .hypotheses()
        .any(|hypothesis| hypothesis.cluster.mode == view.mode);
    match context.since {
        Since::Called(_, Outcome::Refused) if !context.explained_since => Rule::Api9,
        Since::Called(Call::Start, Outcome::Success) if !context.explained_since => {
            if same_mode && view.origin == SeenVersion::Nothing {
                Rule::Api1
            } else {
                Rule::Api2
            }
        }
        Since::Called(Call::Cancel, Outcome::Success) if !context.explained_since && !same_mode => {
            Rule::Api5
        }
        Since::Called(Call::Approve, Outcome::Success)
            if !context.explained_since && !same_mode =>
        {
            Rule::Api6
        }
        Since::Called(..) | Since::Reads => {
            if same_mode {
                Rule::Api1
            } else {
                Rule::Api8
            }
        }
        Since::Asked(..) => {
            let several = belief
                .hypotheses()
                .any(|hypothesis| hypothesis.cluster.joined() == Joined::Several);
            if !same_mode && context.explained_since {
                Rule::Api8
            } else if view.mode == Mode::Off && !same_mode && several {
                Rule::Mode8
            } else {
                Rule::Api1
            }
        }
    }
}

/// The rule for a node that is listed as no hypothesis has it.
fn node_rule(
    belief: &Belief,
    context: &Context,
    id: NodeId,
    seen: Option<SeenNode>,
    status: Option<ClusterStatus>,
) -> Rule {
    let phases: BTreeSet<Phase> = belief
        .hypotheses()
        .map(|hypothesis| hypothesis.cluster.node(id).phase)
        .collect();
    let refused = matches!(context.since, Since::Called(_, Outcome::Refused));
    if refused && !context.explained_since {
        return Rule::Api9;
    }
    let asked = match context.since {
        Since::Asked(other, request, from) if other == id => Some((request, from)),
        Since::Asked(..) | Since::Called(..) | Since::Reads => None,
    };
    let Some(seen) = seen else {
        // It is not listed though it should be. With upgrade mode off it may have gone OFFLINE unseen before.
        let off = belief
            .hypotheses()
            .all(|hypothesis| hypothesis.cluster.mode == Mode::Off);
        return match asked {
            Some((Request::Repair, _)) if off => Rule::Node1,
            Some((Request::Break, _)) if off => Rule::Node6,
            Some((Request::Boot, Phase::Absent)) if off => Rule::Node9,
            Some((Request::Boot, _)) if off => Rule::Node2,
            Some(_) | None => Rule::Node5,
        };
    };
    if phases
        .iter()
        .any(|phase| phase.listed() == Some(seen.status))
    {
        return Rule::Node10;
    }
    if let Some((request, from)) = asked {
        let outsider = belief.hypotheses().all(|hypothesis| {
            hypothesis.cluster.mode == Mode::Off && !hypothesis.cluster.joinable(id)
        });
        match request {
            Request::Stop => {
                return if from == Phase::Error {
                    Rule::Node7
                } else {
                    Rule::Node3
                };
            }
            Request::Kill => {
                return if from == Phase::Error {
                    Rule::Node8
                } else {
                    Rule::Node4
                };
            }
            Request::Boot | Request::Repair if outsider => return Rule::Mode8,
            Request::Boot => {
                return if from == Phase::Absent {
                    Rule::Node9
                } else {
                    Rule::Node2
                };
            }
            Request::Break => {
                // The error was seen, and now neither node nor status tells of one: only reads came in between.
                let taken_away = context.explained_since
                    && phases.iter().all(|phase| *phase == Phase::Error)
                    && seen.status == NodeStatus::Active
                    && status.is_some_and(|status| status != ClusterStatus::Mixed);
                return if taken_away { Rule::Api8 } else { Rule::Node6 };
            }
            Request::Repair => return Rule::Node1,
            Request::FailTasks => return Rule::Fin3,
            Request::Install(_) => {}
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
                Call::Approve if phases.contains(&Phase::Finalizing) => match seen.status {
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
        Since::Called(..) | Since::Asked(..) => {}
    }
    match seen.status {
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

/// The rule that a call's outcome breaks which nothing in `belief` explains.
#[must_use]
pub fn outcome(belief: &Belief, call: Call, outcome: Outcome) -> Rule {
    if outcome == Outcome::Refused {
        return must_succeed(call);
    }
    let mut rules = belief
        .hypotheses()
        .map(|hypothesis| refused_by(belief.scope().profile, call, &hypothesis.cluster));
    rules.next().unwrap_or(Rule::Api9)
}

/// The rule by which a call succeeds where it does.
#[must_use]
pub const fn must_succeed(call: Call) -> Rule {
    match call {
        Call::Start => Rule::Mode1,
        Call::Cancel => Rule::Mode3,
        Call::Approve => Rule::Mode5,
        Call::Retry => Rule::Fin4,
    }
}

/// The rule by which a call is refused in a state that refuses it.
#[must_use]
pub fn refused_by(profile: Profile, call: Call, cluster: &Cluster) -> Rule {
    let on = cluster.mode == Mode::On;
    let status = cluster.status();
    match call {
        Call::Start if on => Rule::Mode7,
        Call::Start if profile == Profile::Finalization && status != ClusterStatus::Mixed => {
            Rule::Fin5
        }
        Call::Start => Rule::Mode2,
        Call::Cancel | Call::Approve if !on => Rule::Mode7,
        Call::Cancel if status == ClusterStatus::Mixed => Rule::Mode3,
        Call::Cancel => Rule::Mode4,
        Call::Approve => Rule::Mode5,
        Call::Retry => Rule::Fin4,
    }
}

/// The rule to name when the cluster does not settle in time: what it still waits for.
#[must_use]
pub fn stuck(belief: &Belief, context: &Context) -> Rule {
    let asked = match context.since {
        Since::Asked(id, request, from) => Some((id, request, from)),
        Since::Called(..) | Since::Reads => None,
    };
    let by_request = |request: Request, from: Phase| match request {
        Request::Stop if from == Phase::Error => Rule::Node7,
        Request::Stop => Rule::Node3,
        Request::Kill if from == Phase::Error => Rule::Node8,
        Request::Kill => Rule::Node4,
        Request::Install(_) => Rule::Node10,
        Request::Boot if from == Phase::Absent => Rule::Node9,
        Request::Boot => Rule::Node2,
        Request::Break => Rule::Node6,
        Request::Repair => Rule::Node1,
        Request::FailTasks => Rule::Fin3,
    };
    let Some(hypothesis) = belief
        .hypotheses()
        .find(|hypothesis| !belief.quiescent(hypothesis))
    else {
        return Rule::Api11;
    };
    let waits = belief
        .hypotheses()
        .all(|hypothesis| belief.unseen(hypothesis));
    if let (true, Some((_, request, from))) = (waits, asked) {
        return by_request(request, from);
    }
    let stuck = belief.scope().transitions().into_iter().find(|transition| {
        transition.kind() == Kind::Spontaneous && transition.enabled(&hypothesis.cluster)
    });
    match (stuck, asked) {
        (Some(transition), Some((id, Request::Stop, Phase::Error)))
            if transition.node() == Some(id) =>
        {
            Rule::Node7
        }
        (Some(transition), _) => transition.rule(&hypothesis.cluster),
        (None, Some((_, request, from))) => by_request(request, from),
        (None, None) => Rule::Api11,
    }
}
