//! The belief set of section 8 with the readings of section 7: what each freedom allows, and what it does not.

use zdu_model::judge::belief::{
    Belief, Observation, Outcome, Overview, Request, SeenNode, SeenVersion,
};
use zdu_model::judge::blame::{self, Context, Since, Views};
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, NodeStatus, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;

const OLD: Version = Version(0);
const NEW: Version = Version(1);

fn node(status: NodeStatus, version: Version) -> Option<SeenNode> {
    Some(SeenNode { status: Some(status), version: SeenVersion::Known(version) })
}

fn overview(mode: Mode, status: ClusterStatus, nodes: &[Option<SeenNode>]) -> Overview {
    Overview {
        mode,
        origin: match mode {
            Mode::On => SeenVersion::Known(OLD),
            Mode::Off => SeenVersion::Nothing,
        },
        status,
        tasks: None,
        nodes: nodes.to_vec(),
    }
}

/// Two nodes in the initial state.
fn pair() -> Belief {
    let scope = Scope::documented(2, 2);
    Belief::certain(scope, scope.initial())
}

/// Two nodes with upgrade mode on.
fn upgrading() -> Belief {
    let mut belief = pair();
    assert!(belief.answered(Call::Start, Outcome::Success));
    belief
}

/// Whether this is seen of a cluster in which nothing is left to happen.
fn may_have_settled(belief: &Belief, seen: &Observation) -> bool {
    belief.settled().iter().any(|hypothesis| belief.explains(hypothesis, seen))
}

const FIRST: NodeId = NodeId::new(1);
const SECOND: NodeId = NodeId::new(2);

#[test]
fn a_step_that_was_asked_for_may_not_have_taken_effect_yet() {
    let mut belief = upgrading();
    belief.request(SECOND, Request::Kill);
    let before = overview(
        Mode::On,
        ClusterStatus::ReadyToUpgrade,
        &[node(NodeStatus::Active, OLD), node(NodeStatus::Active, OLD)],
    );
    let before = Observation::Overview(before);
    assert!(belief.observe(&before));
    // Explained, yet not settled: a node that stays ACTIVE for ever is a timeout.
    assert!(!may_have_settled(&belief, &before));
}

#[test]
fn a_shut_down_node_may_still_be_listed_as_before_while_the_status_has_moved_on() {
    // The only old node dies: the status is that of the upgraded one alone, whatever its listing says for a while.
    let mut belief = upgrading();
    belief.request(SECOND, Request::Stop);
    belief.settle();
    belief.request(SECOND, Request::Install(NEW));
    belief.settle();
    belief.request(SECOND, Request::Boot);
    belief.settle();
    belief.request(FIRST, Request::Kill);
    let lagging = overview(
        Mode::On,
        ClusterStatus::ReadyToRunUpgradeTasks,
        &[node(NodeStatus::Active, OLD), node(NodeStatus::Active, NEW)],
    );
    let lagging = Observation::Overview(lagging);
    assert!(belief.observe(&lagging));
    assert!(!may_have_settled(&belief, &lagging));
    // Without the kill the same listing is inexplicable.
    let mut still = upgrading();
    still.adopt(&overview(
        Mode::On,
        ClusterStatus::Mixed,
        &[node(NodeStatus::Active, OLD), node(NodeStatus::Active, NEW)],
    ));
    assert!(!still.observe(&lagging));
}

#[test]
fn an_overview_that_was_asked_for_while_somebody_served_may_list_that_nobody_does() {
    // Proves that such an answer is explained once, while the last node goes down, and never again after it.
    let mut belief = pair();
    belief.request(SECOND, Request::Kill);
    belief.settle();
    belief.request(FIRST, Request::Stop);
    let gone =
        overview(Mode::Off, ClusterStatus::Stable, &[node(NodeStatus::Terminating, OLD), None]);
    let gone = Observation::Overview(gone);
    // It says nothing of a cluster at rest.
    assert!(belief.observe(&gone));
    assert!(!may_have_settled(&belief, &gone));
    assert!(!belief.must_serve() && !belief.may_serve());
    assert!(!belief.observe(&gone));
}

#[test]
fn what_is_too_much_to_hold_is_said_and_nothing_is_judged_by_it() {
    // Six nodes, each asked for eight steps that nobody sees: 9^6 ways to have come so far.
    let scope = Scope { profile: Profile::Documented, nodes: 6, versions: 2 };
    let mut belief = Belief::certain(scope, scope.initial());
    for id in scope.node_ids() {
        for _ in 0..4 {
            belief.request(id, Request::Kill);
            belief.request(id, Request::Boot);
        }
    }
    assert!(!belief.is_overfull());
    belief.close();
    assert!(belief.is_overfull());
    let nobody = overview(Mode::Off, ClusterStatus::Mixed, &[None; 6]);
    assert!(belief.observe(&Observation::Overview(nobody.clone())));
    // Beginning anew from what is seen it judges again.
    belief.adopt(&overview(Mode::Off, ClusterStatus::Stable, &[node(NodeStatus::Active, OLD); 6]));
    assert!(!belief.is_overfull());
    assert!(!belief.observe(&Observation::Overview(nobody)));
}

#[test]
fn an_offline_node_is_listed_with_any_version_that_it_had_since_or_none() {
    let mut belief = upgrading();
    belief.request(SECOND, Request::Kill);
    belief.settle();
    belief.request(SECOND, Request::Install(NEW));
    belief.settle();
    let listed = |version| {
        Observation::Node(SECOND, Some(SeenNode { status: Some(NodeStatus::Offline), version }))
    };
    for version in [SeenVersion::Known(OLD), SeenVersion::Known(NEW), SeenVersion::Nothing] {
        assert!(belief.clone().observe(&listed(version)), "{version:?}");
    }
    assert!(!belief.clone().observe(&listed(SeenVersion::Foreign(0))));
    // Once it has joined, only the installed one will do.
    belief.request(SECOND, Request::Boot);
    belief.settle();
    let active = |version| Observation::Node(SECOND, node(NodeStatus::Active, version));
    assert!(!belief.clone().observe(&active(OLD)));
    assert!(belief.observe(&active(NEW)));
}

#[test]
fn an_upgraded_node_may_join_at_any_moment_while_it_is_starting() {
    let mut belief = upgrading();
    belief.request(SECOND, Request::Stop);
    belief.settle();
    belief.request(SECOND, Request::Install(NEW));
    belief.settle();
    belief.request(SECOND, Request::Boot);
    let starting = |status| {
        Observation::Overview(overview(
            Mode::On,
            status,
            &[node(NodeStatus::Active, OLD), node(NodeStatus::Starting, NEW)],
        ))
    };
    assert!(belief.clone().observe(&starting(ClusterStatus::ReadyToUpgrade)));
    assert!(belief.clone().observe(&starting(ClusterStatus::Mixed)));
    // Going back is not a freedom: who has joined has joined.
    assert!(belief.observe(&starting(ClusterStatus::Mixed)));
    assert!(!belief.observe(&starting(ClusterStatus::ReadyToUpgrade)));
}

#[test]
fn an_outcome_that_nobody_told_leaves_both_open() {
    let mut belief = pair();
    assert!(belief.answered(Call::Start, Outcome::Unknown));
    let nodes = [node(NodeStatus::Active, OLD), node(NodeStatus::Active, OLD)];
    let on = Observation::Overview(overview(Mode::On, ClusterStatus::ReadyToUpgrade, &nodes));
    let off = Observation::Overview(overview(Mode::Off, ClusterStatus::Stable, &nodes));
    assert!(belief.clone().observe(&off));
    assert!(belief.observe(&on));
    assert!(!belief.observe(&off));
}

#[test]
fn requests_to_one_node_take_effect_in_their_order() {
    // Installed before the boot, so the node cannot come back with the old version.
    let mut belief = upgrading();
    belief.request(SECOND, Request::Kill);
    belief.settle();
    belief.request(SECOND, Request::Install(NEW));
    belief.request(SECOND, Request::Boot);
    assert!(!belief.observe(&Observation::Node(SECOND, node(NodeStatus::Active, OLD))));
    assert!(belief.observe(&Observation::Node(SECOND, node(NodeStatus::Active, NEW))));
}

/// The rule that an overview breaks which every view confirms.
fn blamed(belief: &mut Belief, since: Since, view: &Overview) -> Rule {
    assert!(!belief.observe(&Observation::Overview(view.clone())), "it is explained");
    let again = Views {
        overview: Some(view.clone()),
        state: Some((view.status, FIRST, view.nodes[0].expect("the first node is listed"))),
        nodes: view.nodes.iter().copied().map(Some).collect(),
    };
    let context =
        Context { since, explained_since: false, after_approve: false, tasks_seen: false };
    blame::unexplained(belief, &context, &Observation::Overview(view.clone()), &again)
}

#[test]
fn stable_despite_an_error_breaks_status_5_and_an_accepted_start_mode_2() {
    // The difference that is reported of deployed builds, each half under its own rule.
    let mut belief = pair();
    belief.request(SECOND, Request::Break);
    belief.settle();
    let seen = overview(
        Mode::Off,
        ClusterStatus::Stable,
        &[node(NodeStatus::Active, OLD), node(NodeStatus::Error, OLD)],
    );
    let since = Since::Asked(SECOND, Request::Break, Phase::Active);
    assert_eq!(blamed(&mut belief, since, &seen), Rule::Status5);
    assert_eq!(blame::outcome(&belief, Call::Start, Outcome::Success), Rule::Mode2);
}

#[test]
fn what_was_done_last_decides_between_rules_on_the_same_part() {
    let nodes = [node(NodeStatus::Active, OLD), node(NodeStatus::Active, OLD)];
    let off = overview(Mode::Off, ClusterStatus::Stable, &nodes);
    let on = overview(Mode::On, ClusterStatus::ReadyToUpgrade, &nodes);
    let called = |call, outcome| Since::Called(call, outcome);
    // Mode off where it is on, and the other way round.
    let cases = [
        (upgrading(), called(Call::Start, Outcome::Success), &off, Rule::Api2),
        (pair(), called(Call::Cancel, Outcome::Success), &on, Rule::Api5),
        (pair(), called(Call::Approve, Outcome::Success), &on, Rule::Api6),
        (upgrading(), called(Call::Approve, Outcome::Refused), &off, Rule::Api9),
        (upgrading(), Since::Reads, &off, Rule::Api8),
    ];
    for (mut belief, since, seen, rule) in cases {
        assert_eq!(blamed(&mut belief, since, seen), rule, "{since:?}");
    }
}

#[test]
fn a_node_that_goes_astray_is_blamed_on_the_step_that_it_was_asked_for() {
    let lost = [
        (Request::Stop, Phase::Active, NodeStatus::Error, Rule::Node3),
        (Request::Kill, Phase::Active, NodeStatus::Error, Rule::Node4),
        (Request::Break, Phase::Active, NodeStatus::Starting, Rule::Node6),
    ];
    for (request, from, seen, rule) in lost {
        let mut belief = upgrading();
        belief.request(SECOND, request);
        let status = if seen == NodeStatus::Error {
            ClusterStatus::Mixed
        } else {
            ClusterStatus::ReadyToUpgrade
        };
        let view = overview(Mode::On, status, &[node(NodeStatus::Active, OLD), node(seen, OLD)]);
        assert_eq!(
            blamed(&mut belief, Since::Asked(SECOND, request, from), &view),
            rule,
            "{request}"
        );
    }
}

#[test]
fn status_6_is_broken_where_the_last_original_node_may_have_left() {
    // Two later versions and an original node that stops: whoever calls that finished forgets that two versions are left.
    let versions = [NEW, Version(2), OLD];
    let shown = |status, last| {
        let nodes = [NodeStatus::Active, NodeStatus::Active, last];
        let nodes: Vec<_> = nodes.into_iter().zip(versions).map(|(it, v)| node(it, v)).collect();
        overview(Mode::On, status, &nodes)
    };
    let mut belief = Belief::from_overview(
        Scope::documented(3, 3),
        &shown(ClusterStatus::Mixed, NodeStatus::Active),
    );
    let finished = |last| shown(ClusterStatus::ReadyToRunUpgradeTasks, last);
    let since = Since::Asked(NodeId::at(2), Request::Stop, Phase::Active);
    let active = finished(NodeStatus::Active);
    assert_eq!(blamed(&mut belief.clone(), since, &active), Rule::Status3);
    belief.request(NodeId::at(2), Request::Stop);
    assert_eq!(blamed(&mut belief, since, &finished(NodeStatus::Terminating)), Rule::Status6);
}
