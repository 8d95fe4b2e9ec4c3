//! Do the traces that are made from the model do what is said of them? Judged by a walk of its own: the trace's steps
//! are made with the transition relation alone, every way that they can go, and nothing of the generator is asked.

use std::collections::BTreeSet;

use zdu_model::check::goal::Goal;
use zdu_model::judge::belief::Request;
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::spec::transition::{Kind, Transition};
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::suite::complete::complete;
use zdu_model::traces::suite::cost::Cost;
use zdu_model::traces::suite::coverage::{LOOKED_AT_MAX, Target, Unshown, coverage};
use zdu_model::traces::suite::risk::Risk;
use zdu_model::traces::suite::settled;
use zdu_model::traces::trace::{Action, Step, Trace};

/// Everything that one complete way of a trace shows.
type Shown = BTreeSet<Target>;

/// The transition of a step on a node, as the goals write it: on the first node, installing version 1.
fn as_goal(transition: Transition) -> Transition {
    let first = NodeId::new(1);
    if let Transition::Install(..) = transition {
        Transition::Install(first, Version(1))
    } else {
        transition.on(first)
    }
}

fn take(shown: &Shown, before: &Cluster, transition: Transition) -> (Shown, Cluster) {
    let mut shown = shown.clone();
    if let Some(id) = transition.node() {
        let phase = before.node(id).phase;
        shown.insert(Target::Goal(Goal::Phase(phase)));
        shown.insert(Target::Goal(Goal::Fires(as_goal(transition), phase)));
    } else {
        shown.insert(Target::Goal(Goal::Called(transition)));
    }
    (shown, transition.apply(before))
}

/// Every way to rest.
fn rest(system: &System, ways: BTreeSet<(Shown, Cluster)>) -> BTreeSet<(Shown, Cluster)> {
    let mut settled = BTreeSet::new();
    let mut open: Vec<_> = ways.into_iter().collect();
    while let Some((shown, cluster)) = open.pop() {
        let spontaneous: Vec<Transition> = (system.scope.transitions().into_iter())
            .filter(|transition| transition.kind() == Kind::Spontaneous)
            .filter(|transition| transition.enabled(&cluster))
            .collect();
        if spontaneous.is_empty() {
            let mut shown = shown;
            look(system, &cluster, &mut shown);
            settled.insert((shown, cluster));
        } else {
            open.extend(spontaneous.into_iter().map(|next| take(&shown, &cluster, next)));
        }
    }
    settled
}

fn look(system: &System, cluster: &Cluster, shown: &mut Shown) {
    for node in &cluster.nodes {
        shown.insert(Target::Goal(Goal::Phase(node.phase)));
    }
    if cluster.served() {
        shown.insert(Target::Goal(Goal::Status(cluster.status())));
        shown.insert(Target::Settled(cluster.status(), cluster.mode));
        for goal in [Goal::MixedVersions, Goal::MixedWithoutOriginal] {
            if goal.shows(system, cluster) {
                shown.insert(Target::Goal(goal));
            }
        }
    }
}

fn step(scope: Scope, shown: &Shown, cluster: &Cluster, step: &Step) -> BTreeSet<(Shown, Cluster)> {
    match step.action(scope).expect("a step") {
        Action::Call(call) => {
            assert!(cluster.served(), "nobody answers {call}");
            let taken: BTreeSet<_> = (call.transitions(scope.profile).iter())
                .filter(|transition| transition.enabled(cluster))
                .map(|transition| take(shown, cluster, *transition))
                .collect();
            if taken.is_empty() {
                assert_eq!(step.answer, [409]);
                let mut shown = shown.clone();
                shown.insert(Target::Goal(Goal::Refused(call, cluster.status())));
                BTreeSet::from([(shown, cluster.clone())])
            } else {
                assert_eq!(step.answer, [200]);
                taken
            }
        }
        Action::Request(id, request) => {
            let transition = request.transition(id);
            if transition.enabled(cluster) {
                return BTreeSet::from([take(shown, cluster, transition)]);
            }
            let mut shown = shown.clone();
            if request == Request::Repair {
                assert_eq!(cluster.node(id).phase, Phase::Error);
                shown.insert(Target::Goal(Goal::RepairRefused));
            }
            BTreeSet::from([(shown, cluster.clone())])
        }
        Action::Race(..)
        | Action::Look
        | Action::UnknownNode
        | Action::Anonymous
        | Action::Plain => {
            panic!("made suites have no {}", step.name())
        }
    }
}

/// What every way of the trace shows.
fn certain(trace: &Trace) -> Shown {
    let scope = trace.scope();
    let system = System::spec(scope);
    let mut ways = rest(&system, BTreeSet::from([(Shown::new(), scope.initial())]));
    for taken in &trace.steps {
        let next =
            (ways.iter()).flat_map(|(shown, cluster)| step(scope, shown, cluster, taken)).collect();
        ways = rest(&system, next);
    }
    let mut all = ways.into_iter().map(|(shown, _)| shown);
    let first = all.next().expect("a trace goes some way");
    all.fold(first, |certain, other| &certain & &other)
}

#[test]
fn coverage_shows_what_it_says_and_names_the_rest() {
    for (profile, nodes, versions) in [
        (Profile::Documented, 1, 2),
        (Profile::Documented, 2, 2),
        (Profile::Documented, 3, 2),
        (Profile::Documented, 3, 3),
        (Profile::Finalization, 2, 2),
    ] {
        let scope = Scope::documented(nodes, versions).with_profile(profile);
        let suite = coverage(scope, LOOKED_AT_MAX);
        let shown: Vec<Shown> = suite.traces.iter().map(certain).collect();
        for (target, trace) in &suite.covered {
            assert!(shown[*trace].contains(target), "{scope:?}: {target}");
        }
        for (target, why) in &suite.uncovered {
            assert!(matches!(why, Unshown::OnPurpose(_)), "{scope:?}: nothing shows {target}");
            // What is said to be out of reach must not be shown after all.
            assert!(shown.iter().all(|shown| !shown.contains(target)), "{target}");
        }
        let all = suite.covered.len() + suite.uncovered.len();
        assert_eq!(all, Target::all(profile).len());
    }
}

/// A limit is not a proof: where the search stops early, what it has not come to is not called unreachable.
#[test]
fn coverage_says_what_it_gave_up() {
    // The search goes on from where it has come to, so that a larger limit comes to `approve` in short ways.
    const LIMIT: usize = 3;
    let suite = coverage(Scope::documented(4, 2), LIMIT);
    let approve = Target::Goal(Goal::Called(Transition::Approve));
    let (_, why) = suite
        .uncovered
        .iter()
        .find(|(target, _)| *target == approve)
        .expect("four upgrades are more than so short a search comes to");
    assert!(matches!(why, Unshown::GivenUp(looked_at) if *looked_at > LIMIT), "{why}");
    assert!(suite.uncovered.iter().all(|(_, why)| !matches!(why, Unshown::Nowhere)));
}

#[test]
fn coverage_reads_back_and_stays_small() {
    let suite = coverage(Scope::documented(3, 2), LOOKED_AT_MAX);
    for trace in &suite.traces {
        assert_eq!(Trace::parse(&trace.to_json()).as_ref(), Ok(trace));
        assert!(trace.steps.len() <= 24, "{}", trace.name);
        assert!(!trace.rules.is_empty());
    }
    let cost: Cost = suite.traces.iter().map(Cost::of).sum();
    // The least that any suite could do: a step for each of the transitions and refusals that a step alone can show.
    assert!(cost.steps >= 20 && cost.steps <= 60, "{cost:?}");
    assert!(suite.covered.contains_key(&Target::Settled(ClusterStatus::Mixed, Mode::Off)));
}

/// Every pair of settled cluster and step is in some trace, found by a search of its own.
#[test]
fn complete_tries_every_step_in_every_settled_cluster() {
    for nodes in [1, 2] {
        let scope = Scope::documented(nodes, 2);
        let suite = complete(scope, 0, 5_000).expect("few enough");
        let system = System::spec(scope);
        let mut tried: BTreeSet<(Cluster, Transition)> = BTreeSet::new();
        for trace in &suite.traces {
            let mut at = scope.initial();
            for taken in &trace.steps {
                match taken.action(scope).expect("a step") {
                    Action::Request(id, request) => {
                        tried.insert((at.clone(), request.transition(id)));
                    }
                    Action::Call(call) => {
                        tried.insert((at.clone(), call.transitions(scope.profile)[0]));
                    }
                    Action::Race(..)
                    | Action::Look
                    | Action::UnknownNode
                    | Action::Anonymous
                    | Action::Plain => panic!("made suites have no {}", taken.name()),
                }
                let next = step(scope, &Shown::new(), &at, taken);
                let ends = rest(&system, next);
                if let [(_, end)] = &ends.into_iter().collect::<Vec<_>>()[..] {
                    at = end.clone();
                }
            }
        }
        let mut seen = BTreeSet::from([settled::class(&scope.initial())]);
        let mut open = vec![scope.initial()];
        let mut asked = 0;
        while let Some(cluster) = open.pop() {
            for transition in scope.transitions() {
                if transition.kind() == Kind::Spontaneous || !transition.enabled(&cluster) {
                    continue;
                }
                asked += 1;
                let alike = (tried.iter()).any(|(at, other)| {
                    settled::class(at) == settled::class(&cluster)
                        && as_goal(*other) == as_goal(transition)
                        && (transition.node().map(|id| cluster.node(id)))
                            == other.node().map(|id| at.node(id))
                });
                assert!(alike, "N={nodes}: {transition} in {cluster}");
                let after =
                    rest(&system, BTreeSet::from([(Shown::new(), transition.apply(&cluster))]));
                for (_, end) in after {
                    if seen.insert(settled::class(&end)) {
                        open.push(end);
                    }
                }
            }
        }
        assert!(asked > 40, "N={nodes}: {asked}");
        assert_eq!(seen.len(), suite.settled, "N={nodes}");
    }
}

#[test]
fn complete_with_more_states_is_larger_and_says_when_it_is_too_large() {
    let scope = Scope::documented(1, 2);
    let (short, long) = (complete(scope, 0, 5_000), complete(scope, 1, 5_000));
    let (short, long) = (short.expect("few"), long.expect("few"));
    assert!(long.traces.len() > 2 * short.traces.len());
    for trace in short.traces.iter().chain(&long.traces) {
        assert_eq!(Trace::parse(&trace.to_json()).as_ref(), Ok(trace));
    }
    let error = complete(Scope::documented(3, 2), 2, 1_000).expect_err("far too many");
    assert_eq!(error.limit, 1_000);
}

// By hand: what each of these would leave behind if its second half never came.
#[test]
fn what_a_trace_risks_is_the_worst_that_it_does() {
    for (name, risk) in [
        ("stable-cluster-read-only", Risk::Looks),
        ("stable-cluster-refuses", Risk::Looks),
        ("cancel-before-any-upgrade", Risk::Calls),
        ("happy-path", Risk::Operates),
        ("node-dies-before-any-upgrade", Risk::Harms),
        ("whole-cluster-in-error", Risk::Outage),
        ("happy-path-single-node", Risk::Outage),
    ] {
        let scenario = Scenario::named(name).expect("a scenario");
        let trace = scenario.trace(scenario.shipped).expect("its trace");
        assert_eq!(Risk::of(&trace), risk, "{name}");
    }
}
