//! From every reachable state, in every direction: the list reaches its goal, keeps somebody serving, sends nothing that is
//! refused, and with one fault more at any point the next list does.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;
use zdu_model::check::space::Graph;
use zdu_model::judge::seen::{Overview, SeenNode, SeenVersion};
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::{Node, NodeId, NodeStatus, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::spec::transition::{Kind, Transition};
use zdu_model::ways::advice::{
    Advice, Allowed, Asked, Direction, Refusal, WayOut, advise, explanations,
};

use super::follow::{Leave, arrived, follow, spontaneous};

/// What somebody asks for.
type Wish = (Option<Direction>, Option<Version>);

fn ask(scope: Scope, explanations: &[Cluster], wish: Wish) -> Result<Advice, Refusal> {
    let silent = BTreeSet::new();
    let can = |_, _| true;
    let (direction, to) = wish;
    advise(&Asked { scope, explanations, silent: &silent, direction, to, loads: &[], can: &can })
}

/// Every wish: nothing, back, and forward to each version.
fn wishes(scope: Scope) -> Vec<Wish> {
    let forward = (0..scope.versions).map(|to| (Some(Direction::Forward), Some(Version(to))));
    [(None, None), (Some(Direction::Back), None), (Some(Direction::Forward), None)]
        .into_iter()
        .chain(forward)
        .collect()
}

fn reachable(scope: Scope) -> Vec<Cluster> {
    let graph = Graph::explore(System::spec(scope), 1);
    graph.states().map(|number| graph.decode(number)).collect()
}

fn is_settled(cluster: &Cluster) -> bool {
    spontaneous(cluster).is_empty()
}

/// The lowest version that may be meant: an upgrade to what is not later than this must be refused.
fn refusable(cluster: &Cluster, to: Version) -> bool {
    let joined = cluster.joined_versions();
    let not_later = cluster.origin.is_some_and(|origin| to <= origin);
    not_later || joined.last().is_some_and(|highest| to < *highest)
}

/// What was learnt over all states of a scope, so that nothing is proven of nothing.
#[derive(Debug, Default)]
struct Learnt {
    lists: usize,
    longest: usize,
    nothing_to_do: usize,
    refused: usize,
    by_direction: BTreeMap<Direction, usize>,
    statuses: BTreeSet<ClusterStatus>,
    without: usize,
}

/// A direction and a version to reach: what a list depends on.
type Goal = (Direction, Version);

/// Follows every list from every settled state, and asks again from wherever one fault more leads.
fn prove(scope: Scope) -> Learnt {
    let mut learnt = Learnt::default();
    // Where somebody may be when a fault strikes: by goal, and of those who named no direction.
    let mut passed: BTreeMap<Goal, FxHashSet<Cluster>> = BTreeMap::new();
    let mut passed_plainly: BTreeMap<Version, FxHashSet<Cluster>> = BTreeMap::new();
    for cluster in reachable(scope).into_iter().filter(is_settled) {
        let mut lists: BTreeMap<Goal, Advice> = BTreeMap::new();
        for wish in wishes(scope) {
            let Ok(advice) = ask(scope, std::slice::from_ref(&cluster), wish) else {
                refused_rightly(&cluster, wish);
                learnt.refused += 1;
                continue;
            };
            let goal = (advice.aim.direction, advice.aim.version);
            if let Some(known) = lists.get(&goal) {
                assert_eq!(known.steps, advice.steps, "one goal, one list");
                continue;
            }
            let states = passed.entry(goal).or_default();
            follow_all(scope, &cluster, &advice, states, &mut learnt);
            if wish == (None, None) {
                let states = passed_plainly.entry(goal.1).or_default();
                follow(
                    scope.profile,
                    &cluster,
                    advice.aim,
                    &advice.steps,
                    Leave::default(),
                    states,
                );
            }
            lists.insert(goal, advice);
        }
    }
    for ((direction, version), states) in &passed {
        let wish = match direction {
            Direction::Forward => (Some(Direction::Forward), Some(*version)),
            Direction::Back => (Some(Direction::Back), None),
            Direction::Stay => (None, None),
        };
        one_fault_more(scope, wish, *version, states);
    }
    for (version, states) in &passed_plainly {
        // Of three versions it may be another that is seen on an upgraded node after the fault; a list names its own.
        if scope.versions == 2 {
            one_fault_more(scope, (None, None), *version, states);
        }
    }
    learnt
}

fn refused_rightly(cluster: &Cluster, (direction, to): Wish) {
    assert_eq!(direction, Some(Direction::Forward), "{cluster}");
    match to {
        Some(to) => assert!(refusable(cluster, to), "to {to} in {cluster}"),
        // Without a wish for a version only where no later one exists.
        None => assert!(cluster.origin.is_some_and(|origin| origin > Version::ORIGINAL)),
    }
}

/// Follows the list and the three ways out of each error.
fn follow_all(
    scope: Scope,
    cluster: &Cluster,
    advice: &Advice,
    passed: &mut FxHashSet<Cluster>,
    learnt: &mut Learnt,
) {
    let aim = advice.aim;
    learnt.lists += 1;
    learnt.longest = learnt.longest.max(advice.steps.len());
    *learnt.by_direction.entry(aim.direction).or_default() += 1;
    learnt.statuses.insert(cluster.status());
    // Nothing is to be done exactly where everything is as it should be.
    assert_eq!(advice.nothing_to_do(), arrived(cluster, aim.version), "{cluster}");
    assert!(!advice.nothing_to_do() || cluster.status() == ClusterStatus::Stable);
    learnt.nothing_to_do += usize::from(advice.nothing_to_do());
    calls_are_allowed(scope, cluster, advice);
    let open = follow(scope.profile, cluster, aim, &advice.steps, Leave::default(), passed);
    assert!(open.is_empty(), "{cluster} is settled: nothing is open");
    let in_error: Vec<NodeId> = (cluster.numbered())
        .filter(|(_, node)| node.phase == Phase::Error)
        .map(|(id, _)| id)
        .collect();
    assert_eq!(advice.errors.iter().map(|error| error.node).collect::<Vec<_>>(), in_error);
    for error in &advice.errors {
        let order: Vec<WayOut> = error.ways.iter().map(|way| way.way).collect();
        let all = [WayOut::StopGracefully, WayOut::ShutDownAltogether, WayOut::GoOnWithout];
        assert_eq!(order, all[..if scope.nodes == 1 { 2 } else { 3 }]);
        for way in &error.ways {
            let aside = (way.way == WayOut::GoOnWithout).then_some(error.node);
            learnt.without += usize::from(aside.is_some());
            follow(scope.profile, cluster, aim, &way.steps, Leave { aside }, passed);
        }
    }
}

/// What is said of the calls is what the spec's guards say, and the list's first step is no call that is refused.
fn calls_are_allowed(scope: Scope, cluster: &Cluster, advice: &Advice) {
    for now in &advice.calls {
        let enabled = now.call.transitions(scope.profile).iter().any(|one| one.enabled(cluster));
        let due = match (cluster.served(), enabled) {
            (false, _) => Allowed::Unanswered,
            (true, true) => Allowed::Yes,
            (true, false) => Allowed::No,
        };
        assert_eq!(now.allowed, due, "{} in {cluster}", now.call);
    }
}

/// A fault strikes at any point of any list: from wherever that settles, asking again in the same direction leads to the same goal;
/// forward, and where nobody is left to tell which version the cluster ran, to the version that the list named. That this list reaches it is what is proven of every settled state.
fn one_fault_more(scope: Scope, wish: Wish, version: Version, passed: &FxHashSet<Cluster>) {
    let faults: Vec<Transition> = (scope.transitions().into_iter())
        .filter(|one| one.kind() == Kind::Fault || matches!(one, Transition::Kill(_)))
        .collect();
    let mut seen: FxHashSet<Cluster> = FxHashSet::default();
    let mut open: Vec<Cluster> = Vec::new();
    for cluster in passed {
        for fault in faults.iter().filter(|fault| fault.enabled(cluster)) {
            let after = fault.apply(cluster);
            if seen.insert(after.clone()) {
                open.push(after);
            }
        }
    }
    while let Some(cluster) = open.pop() {
        let by_itself = spontaneous(&cluster);
        if by_itself.is_empty() {
            let nobody = cluster.mode == Mode::Off && cluster.joined_versions().is_empty();
            let again = (wish.0, wish.1.or(nobody.then_some(version)));
            let again = ask(scope, std::slice::from_ref(&cluster), again);
            let goal = again.map(|advice| advice.aim.version);
            let same = goal == Ok(version);
            assert!(same, "after a fault {wish:?} leads to {goal:?}, not {version}: {cluster}");
        }
        open.extend(by_itself.into_iter().filter(|after| seen.insert(after.clone())));
    }
}

fn proven(scope: Scope) {
    let learnt = prove(scope);
    assert!(learnt.nothing_to_do > 0 && learnt.refused > 0, "{learnt:?}");
    assert_eq!(learnt.by_direction.len(), 3, "{learnt:?}");
    // A shutdown with its wait, putting right, and three steps up, for each node and once more for the one that must serve
    // before a call is answered; three calls with their waits.
    assert!(learnt.longest <= 6 * (scope.nodes + 1) + 6, "{learnt:?}");
    assert!(scope.nodes == 1 || learnt.without > 0);
}

#[test]
fn proc_4_every_list_reaches_its_goal_in_profile_documented() {
    for nodes in 1..=4 {
        proven(Scope::documented(nodes, 2));
    }
}

#[test]
fn proc_4_every_list_reaches_its_goal_with_three_versions() {
    for nodes in 1..=3 {
        proven(Scope::documented(nodes, 3));
        proven(Scope::documented(nodes, 3).with_profile(Profile::Finalization));
    }
}

#[test]
fn proc_4_every_list_reaches_its_goal_in_profile_finalization() {
    for nodes in 1..=4 {
        proven(Scope::documented(nodes, 2).with_profile(Profile::Finalization));
    }
}

/// What an overview may show of a state at the least: no version of a node that is OFFLINE.
fn shown(cluster: &Cluster) -> Overview {
    let node = |node: &Node| {
        let status = node.phase.listed()?;
        let told = (status != NodeStatus::Offline).then_some(SeenVersion::Known(node.version));
        let version = told.unwrap_or(SeenVersion::Nothing);
        Some(SeenNode { status: Some(status), version })
    };
    Overview {
        mode: cluster.mode,
        origin: cluster.origin.map_or(SeenVersion::Nothing, SeenVersion::Known),
        status: cluster.status(),
        tasks: None,
        nodes: cluster.nodes.iter().map(node).collect(),
    }
}

/// The same but for the version of nodes that are down, which nothing tells.
fn same(one: &Cluster, other: &Cluster) -> bool {
    let alike = |(one, other): (&Node, &Node)| {
        one.phase == other.phase && (one.phase.down() || one.version == other.version)
    };
    let tasks = one.tasks_pending == other.tasks_pending || one.any(Phase::FinalizeFailed);
    tasks && one.nodes.iter().zip(&other.nodes).all(alike)
}

/// Advice on what an overview shows is right in every state that it may be, settled or not; where it ends with asking again,
/// the next list does not.
fn prove_by_overview(scope: Scope) -> (usize, usize) {
    let mut classes: BTreeMap<Overview, Vec<Cluster>> = BTreeMap::new();
    for cluster in reachable(scope).into_iter().filter(Cluster::served) {
        classes.entry(shown(&cluster)).or_default().push(cluster);
    }
    let (mut lists, mut several) = (0, 0);
    for (overview, states) in &classes {
        let explained = explanations(scope, overview);
        several += usize::from(explained.len() > 1);
        for state in states {
            let found = explained.iter().any(|one| same(one, state));
            assert!(found, "{state} is none of {explained:?}");
        }
        for direction in [None, Some(Direction::Back), Some(Direction::Forward)] {
            let Ok(advice) = ask(scope, &explained, (direction, None)) else { continue };
            lists += 1;
            assert!(advice.calls.iter().all(|now| now.allowed != Allowed::Unanswered));
            for from in states {
                let open = followed(scope, from, &advice);
                for settled in open.iter().filter(|settled| settled.served()) {
                    let again = explanations(scope, &shown(settled));
                    let again = ask(scope, &again, (direction, None));
                    let again = again.unwrap_or_else(|refusal| panic!("{settled}: {refusal}"));
                    assert!(followed(scope, settled, &again).is_empty(), "again from {settled}");
                }
            }
        }
    }
    (lists, several)
}

fn followed(scope: Scope, from: &Cluster, advice: &Advice) -> BTreeSet<Cluster> {
    let passed = &mut FxHashSet::default();
    follow(scope.profile, from, advice.aim, &advice.steps, Leave::default(), passed)
}

#[test]
fn a_list_is_right_in_every_state_that_an_overview_may_mean() {
    for profile in Profile::ALL {
        for nodes in 1..=3 {
            let (lists, several) =
                prove_by_overview(Scope::documented(nodes, 2).with_profile(profile));
            assert!(lists > 0 && (several > 0 || nodes == 1));
        }
    }
}
