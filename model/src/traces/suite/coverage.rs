//! What are few and short traces that show everything? Every goal of [`crate::check::goal`] that settled steps show for
//! certain, and every pair of status and upgrade mode that a settled cluster has.
//!
//! Greedy: from where the trace is, or from the start if that is nearer, the shortest way to something new, and of
//! several the one that shows most. Not proven to be the least possible: covering with fewest steps is as hard as the
//! rural postman's problem. What cannot be reached is named with the reason, and the search ends.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use crate::check::goal::Goal;
use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::Phase;
use crate::spec::profile::Profile;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Scope, System};
use crate::spec::transition::Transition;
use crate::traces::trace::{Action, Trace};

use super::settled::{Move, class, moves};
use super::written;

/// The most steps of one trace: what a reviewer still reads.
const STEPS_MAX: usize = 24;
/// How many settled clusters one search looks at, up to a renaming of the nodes.
const LOOKED_AT_MAX: usize = 20_000;

/// Something that the suite must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A goal of the model.
    Goal(Goal),
    /// A settled cluster with this status and upgrade mode, while somebody answers.
    Settled(ClusterStatus, Mode),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Goal(goal) => write!(f, "{goal}"),
            Self::Settled(status, mode) => write!(f, "settled in {status}, upgrade mode {mode}"),
        }
    }
}

impl Target {
    /// Everything to show.
    #[must_use]
    pub fn all(profile: Profile) -> Vec<Self> {
        use ClusterStatus::{
            Mixed, ReadyToRunUpgradeTasks, ReadyToUpgrade, Stable, UpgradeTasksFailed,
        };
        let pairs = [
            (Stable, Mode::Off),
            (ReadyToUpgrade, Mode::On),
            (Mixed, Mode::On),
            (Mixed, Mode::Off),
            (ReadyToRunUpgradeTasks, Mode::On),
            (UpgradeTasksFailed, Mode::Off),
        ];
        let goals = Goal::all(profile).into_iter().map(Self::Goal);
        goals
            .chain(
                (pairs.into_iter())
                    .filter(|(status, _)| profile.has(*status))
                    .map(|(status, mode)| Self::Settled(status, mode)),
            )
            .collect()
    }

    /// Why settled steps cannot show it for certain, when that is known beforehand.
    #[must_use]
    pub fn out_of_reach(self, scope: Scope) -> Option<&'static str> {
        const TASKS: &str =
            "whether an upgrade brings tasks, and whether they fail, is the cluster's choice";
        const PASSING: &str = "the phase passes by itself: no step meets it for certain";
        const ALONE: &str =
            "with a single node MIXED means that it is in error, and then nobody answers";
        let goal = match self {
            Self::Goal(Goal::Status(ClusterStatus::Mixed))
            | Self::Settled(ClusterStatus::Mixed, _)
                if scope.nodes == 1 =>
            {
                return Some(ALONE);
            }
            Self::Settled(ClusterStatus::UpgradeTasksFailed, _) => return Some(TASKS),
            Self::Settled(..) => return None,
            Self::Goal(goal) => goal,
        };
        if let Some(why) = goal.unreachable_because(scope) {
            return Some(why);
        }
        let tasks = |phase| matches!(phase, Phase::Finalizing | Phase::FinalizeFailed);
        let passing = |phase| {
            matches!(
                phase,
                Phase::StartingOut
                    | Phase::StartingIn
                    | Phase::TerminatingIn
                    | Phase::TerminatingOut
            )
        };
        match goal {
            Goal::Fires(_, phase) | Goal::Phase(phase) if tasks(phase) => Some(TASKS),
            Goal::Status(status) | Goal::Refused(_, status) => matches!(
                status,
                ClusterStatus::RunningUpgradeTasks | ClusterStatus::UpgradeTasksFailed
            )
            .then_some(TASKS),
            Goal::Called(Transition::Approve) if scope.profile == Profile::Finalization => {
                Some(TASKS)
            }
            Goal::Called(Transition::ApproveWithTasks | Transition::Retry) => Some(TASKS),
            Goal::Fires(
                Transition::Stop(_) | Transition::Kill(_) | Transition::Break(_),
                phase,
            ) if passing(phase) => Some(PASSING),
            Goal::Phase(_)
            | Goal::Called(_)
            | Goal::Fires(..)
            | Goal::RepairRefused
            | Goal::MixedVersions
            | Goal::MixedWithoutOriginal => None,
        }
    }
}

/// The suite, and what it shows.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The traces.
    pub traces: Vec<Trace>,
    /// What each target's first trace is, by its place.
    pub covered: BTreeMap<Target, usize>,
    /// What no trace shows, with the reason when it is on purpose.
    pub uncovered: Vec<(Target, Option<&'static str>)>,
}

/// What a move shows for certain, the cluster after it included.
fn targets(system: &System, step: &Move) -> BTreeSet<Target> {
    let mut shown: BTreeSet<Target> = step.shows.iter().copied().map(Target::Goal).collect();
    // Who leaves a phase was in it.
    shown.extend(step.shows.iter().filter_map(|goal| match goal {
        Goal::Fires(_, phase) => Some(Target::Goal(Goal::Phase(*phase))),
        Goal::Status(_)
        | Goal::Phase(_)
        | Goal::Called(_)
        | Goal::Refused(..)
        | Goal::RepairRefused
        | Goal::MixedVersions
        | Goal::MixedWithoutOriginal => None,
    }));
    if let Some(after) = step.after() {
        shown.extend(standing(system, after));
    }
    shown
}

/// What a settled cluster shows by itself.
fn standing(system: &System, cluster: &Cluster) -> BTreeSet<Target> {
    let mut shown: BTreeSet<Target> =
        (cluster.nodes.iter()).map(|node| Target::Goal(Goal::Phase(node.phase))).collect();
    // Nobody sees a status while nobody answers.
    if cluster.served() {
        let status = cluster.status();
        shown.insert(Target::Goal(Goal::Status(status)));
        shown.insert(Target::Settled(status, cluster.mode));
        shown.extend(
            [Goal::MixedVersions, Goal::MixedWithoutOriginal]
                .into_iter()
                .filter(|goal| goal.shows(system, cluster))
                .map(Target::Goal),
        );
    }
    shown
}

/// A shortest way to a move that shows something of what is left; of several the one that shows most.
fn nearest(system: &System, from: &Cluster, left: &BTreeSet<Target>) -> Option<Vec<Move>> {
    let mut parents: BTreeMap<Cluster, Option<(Cluster, Move)>> =
        BTreeMap::from([(from.clone(), None)]);
    let mut seen = BTreeSet::from([class(from)]);
    let mut layer = VecDeque::from([from.clone()]);
    while !layer.is_empty() && seen.len() <= LOOKED_AT_MAX {
        let mut best: Option<(usize, Cluster, Move)> = None;
        let mut next = VecDeque::new();
        for cluster in &layer {
            for step in moves(system.scope, cluster) {
                // A step that can end in two ways leads nowhere for certain.
                let Some(after) = step.after().cloned() else {
                    continue;
                };
                let new = targets(system, &step).intersection(left).count();
                if new > best.as_ref().map_or(0, |best| best.0) {
                    best = Some((new, cluster.clone(), step.clone()));
                }
                if best.is_none() && seen.insert(class(&after)) {
                    parents.insert(after.clone(), Some((cluster.clone(), step)));
                    next.push_back(after);
                }
            }
        }
        if let Some((_, cluster, step)) = best {
            let mut way = vec![step];
            let mut at = cluster;
            while let Some(Some((before, step))) = parents.get(&at) {
                way.push(step.clone());
                at = before.clone();
            }
            way.reverse();
            return Some(way);
        }
        layer = next;
    }
    None
}

/// A trace being made.
#[derive(Default)]
struct Draft {
    actions: Vec<Action>,
    rules: BTreeSet<Rule>,
    new: BTreeSet<Target>,
}

/// Makes the suite for a scope.
///
/// # Panics
/// If the scope has more than 16 nodes, which no trace can have.
#[must_use]
pub fn coverage(scope: Scope) -> Coverage {
    let system = System::spec(scope);
    let initial = scope.initial();
    let all = Target::all(scope.profile);
    let mut left: BTreeSet<Target> =
        (all.iter().copied()).filter(|target| target.out_of_reach(scope).is_none()).collect();
    let mut drafts = vec![Draft::default()];
    let mut covered = BTreeMap::new();
    let mut at = initial.clone();
    for target in standing(&system, &initial) {
        if left.remove(&target) {
            covered.insert(target, 0);
            drafts[0].new.insert(target);
        }
    }
    loop {
        let begun = drafts.last().map_or(0, |draft| draft.actions.len());
        let here = nearest(&system, &at, &left).filter(|way| begun + way.len() <= STEPS_MAX);
        let again = (begun > 0).then(|| nearest(&system, &initial, &left)).flatten();
        let (way, anew) = match (here, again) {
            (Some(here), Some(again)) if again.len() < here.len() => (again, true),
            (Some(here), _) => (here, false),
            (None, Some(again)) => (again, true),
            (None, None) => break,
        };
        if anew {
            drafts.push(Draft::default());
        }
        let trace = drafts.len() - 1;
        let draft = &mut drafts[trace];
        for step in way {
            for target in targets(&system, &step) {
                if left.remove(&target) {
                    covered.insert(target, trace);
                    draft.new.insert(target);
                }
            }
            draft.rules.extend(&step.rules);
            draft.actions.push(step.action);
            if let Some(after) = step.after() {
                at = after.clone();
            }
        }
    }
    let traces = (drafts.iter().enumerate())
        .map(|(index, draft)| {
            let new: Vec<String> = draft.new.iter().map(ToString::to_string).collect();
            let name = format!("coverage-{:02}", index + 1);
            let why = format!("The first of the suite to show: {}.", new.join("; "));
            written(scope, name, why, &draft.rules, &draft.actions)
        })
        .collect();
    let uncovered = (all.into_iter())
        .filter(|target| !covered.contains_key(target))
        .map(|target| (target, target.out_of_reach(scope)))
        .collect();
    Coverage { traces, covered, uncovered }
}
