//! Somebody who does exactly what a list says, while the cluster does what it likes: every interleaving is walked, and what
//! must never happen on the way is asserted. Knows the spec's transitions and nothing of how lists are made.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;
use zdu_model::judge::seen::Request;
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{NodeId, NodeStatus, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::transition::{Kind, Transition};
use zdu_model::ways::advice::{Aim, Mark, Step, Until, What};

pub(crate) fn spontaneous(cluster: &Cluster) -> Vec<Cluster> {
    (cluster.numbered())
        .flat_map(|(id, _)| Transition::spontaneous(id))
        .filter(|transition| transition.enabled(cluster))
        .map(|transition| transition.apply(cluster))
        .collect()
}

/// Whether the goal is reached: STABLE, upgrade mode off, every node ACTIVE on the version.
pub(crate) fn arrived(cluster: &Cluster, version: Version) -> bool {
    let right = |phase, runs| phase == Phase::Active && runs == version;
    cluster.mode == Mode::Off
        && !cluster.tasks_pending
        && cluster.nodes.iter().all(|node| right(node.phase, node.version))
}

fn met(cluster: &Cluster, until: Until) -> bool {
    let listed = |id: NodeId| cluster.node(id).phase.listed();
    match until {
        Until::Answers(_) => true,
        Until::Active(id) => listed(id) == Some(NodeStatus::Active),
        Until::Down(id) => matches!(listed(id), None | Some(NodeStatus::Offline)),
        Until::Still(id) => !matches!(
            listed(id),
            Some(
                NodeStatus::Starting
                    | NodeStatus::Terminating
                    | NodeStatus::RunningFinalizeUpgradeTasks
            )
        ),
        Until::Status(status) => cluster.status() == status,
    }
}

/// What a list may do that others may not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Leave {
    /// This node is left aside on purpose: the others are taken while it is down.
    pub(crate) aside: Option<NodeId>,
}

/// One way through a list.
struct Walk<'a> {
    profile: Profile,
    steps: &'a [Step],
    aim: Aim,
    leave: Leave,
    /// Whether somebody must serve at every moment.
    must_serve: bool,
    from: &'a Cluster,
}

/// Follows the list from this state in every possible way. Adds every state that is passed to `passed`; returns the settled
/// states in which the list ends with asking again.
///
/// # Panics
/// When it waits for ever, sends what is refused, kills who serves, installs what is older than the original, leaves nobody
/// serving without saying so, or ends elsewhere than at the goal.
pub(crate) fn follow(
    profile: Profile,
    from: &Cluster,
    aim: Aim,
    steps: &[Step],
    leave: Leave,
    passed: &mut FxHashSet<Cluster>,
) -> BTreeSet<Cluster> {
    let outage = steps.iter().any(|step| step.marks.contains(&Mark::Outage));
    // An outage is told where nobody else is there, or is to be there: nowhere else.
    assert!(!outage || from.nodes.len() == 1 || leave.aside.is_some(), "an outage from {from}");
    let must_serve = from.served() && !outage;
    let walk = Walk { profile, steps, aim, leave, must_serve, from };
    let mut ask_again = BTreeSet::new();
    let mut seen: FxHashSet<(Cluster, usize)> = FxHashSet::from_iter([(from.clone(), 0)]);
    let mut open = vec![(from.clone(), 0)];
    while let Some((cluster, at)) = open.pop() {
        walk.check(&cluster, at);
        if !passed.contains(&cluster) {
            passed.insert(cluster.clone());
        }
        let by_itself = spontaneous(&cluster);
        let mut next: Vec<(Cluster, usize)> =
            by_itself.iter().map(|after| (after.clone(), at)).collect();
        match steps.get(at) {
            Some(step) if step.what == What::AskAgain => {
                assert_eq!(at + 1, steps.len(), "nothing comes after asking again");
                if by_itself.is_empty() {
                    ask_again.insert(cluster);
                }
            }
            Some(step) => {
                let done = walk.done(&cluster, at, step);
                assert!(
                    !done.is_empty() || !by_itself.is_empty(),
                    "{} waits for ever in {cluster}",
                    walk.place(at)
                );
                next.extend(done.into_iter().map(|after| (after, at + 1)));
            }
            None => assert!(
                !by_itself.is_empty() || arrived(&cluster, walk.aim.version),
                "{} ends in {cluster}",
                walk.place(at)
            ),
        }
        for one in next {
            if seen.insert(one.clone()) {
                open.push(one);
            }
        }
    }
    ask_again
}

impl Walk<'_> {
    fn place(&self, at: usize) -> String {
        let steps: Vec<_> = self.steps.iter().map(|step| step.what).collect();
        format!("step {at} from {} for {:?} of {steps:#?}", self.from, self.aim)
    }

    fn check(&self, cluster: &Cluster, at: usize) {
        assert!(!self.must_serve || cluster.served(), "{} unserved: {cluster}", self.place(at));
    }

    /// What the step leads to; nothing where it waits.
    fn done(&self, cluster: &Cluster, at: usize, step: &Step) -> Vec<Cluster> {
        match step.what {
            What::Wait(until) if met(cluster, until) => vec![cluster.clone()],
            What::Wait(_) => Vec::new(),
            What::PutRight(id) => {
                assert!(cluster.node(id).phase.down(), "{} while it runs", self.place(at));
                vec![cluster.clone()]
            }
            What::Call(call) => {
                let made = call.transitions(self.profile).iter();
                let made: Vec<Cluster> = made
                    .filter(|transition| transition.enabled(cluster))
                    .map(|transition| transition.apply(cluster))
                    .collect();
                assert!(!made.is_empty(), "{} is refused in {cluster}", self.place(at));
                made
            }
            What::Request(id, request) => vec![self.requested(cluster, at, id, request)],
            What::AskAgain => Vec::new(),
        }
    }

    fn requested(&self, cluster: &Cluster, at: usize, id: NodeId, request: Request) -> Cluster {
        let phase = cluster.node(id).phase;
        let transition = request.transition(id);
        assert_eq!(transition.kind(), Kind::Operator);
        assert!(request != Request::Kill || !phase.serves(), "{} kills {id}", self.place(at));
        if request == Request::Stop && phase.serves() {
            // PROC-2, and the reason for it.
            let others = cluster.numbered().filter(|(other, _)| *other != id);
            let others = others.filter(|(other, _)| self.leave.aside != Some(*other));
            for (other, node) in others {
                assert!(node.phase.serves(), "{}: {other} in {cluster}", self.place(at));
            }
        }
        if let Request::Install(version) = request {
            let floor = cluster.origin.or_else(|| cluster.joined_versions().first().copied());
            assert!(floor.is_none_or(|floor| version >= floor), "{} goes below", self.place(at));
            assert!(phase.down(), "{} while it runs", self.place(at));
            if cluster.node(id).version == version {
                let unsure = self.steps[at].marks.contains(&Mark::MayBeInstalled);
                assert!(unsure, "{} is installed already", self.place(at));
                return cluster.clone();
            }
        }
        assert!(transition.enabled(cluster), "{} is not possible in {cluster}", self.place(at));
        transition.apply(cluster)
    }
}
