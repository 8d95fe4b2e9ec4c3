//! API-1 to API-9, API-11 and API-12: what calls do, and what the three views tell.

use zdu_conformance::wire;
use zdu_model::judge::belief::{Belief, Observation, Outcome, Overview, SeenNode, SeenVersion};
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::NodeStatus;
use zdu_model::spec::node::Phase::{Absent, Active, Error, Offline, StartingIn};
use zdu_model::spec::semantics::Answer::{Refused, Success};
use zdu_model::spec::semantics::{Scope, Semantics as _, Spec};
use zdu_model::spec::transition::{Call, Transition};
use zdu_model::traces::trace::Seen;

use crate::{N1, N2, N3, V0, V1, answer, off, on};

/// Certainty that the cluster is so.
fn certain(cluster: &Cluster) -> Belief {
    Belief::certain(Scope::documented(cluster.nodes.len(), 2), cluster.clone())
}

fn listed(status: NodeStatus, version: zdu_model::spec::node::Version) -> SeenNode {
    SeenNode { status: Some(status), version: SeenVersion::Known(version) }
}

/// The overview of two ACTIVE nodes, the second of which is upgraded.
fn mixed_overview() -> Overview {
    Overview {
        mode: Mode::On,
        origin: SeenVersion::Known(V0),
        status: ClusterStatus::Mixed,
        tasks: None,
        nodes: vec![Some(listed(NodeStatus::Active, V0)), Some(listed(NodeStatus::Active, V1))],
    }
}

// Proves each part of the overview: with that part wrong or missing nothing explains it.
#[test]
fn api_1_the_overview_tells_mode_status_origin_and_every_listed_node() {
    let seen = Seen::of(&on(&[(Active, V0), (Offline, V1), (Absent, V0)]));
    assert_eq!(seen.mode, Mode::On);
    assert_eq!(seen.status, Some(ClusterStatus::ReadyToUpgrade));
    assert_eq!(seen.origin, Some(V0));
    assert_eq!(seen.nodes, ["ACTIVE v0", "OFFLINE v1", "-"]);
    assert_eq!(Seen::of(&off(&[(Active, V0)])).origin, None);

    let right = mixed_overview();
    let explained = |view: &Overview| {
        let mut belief = certain(&on(&[(Active, V0), (Active, V1)]));
        belief.observe(&Observation::Overview(view.clone()))
    };
    assert!(explained(&right));
    let wrong = [
        Overview { mode: Mode::Off, ..right.clone() },
        Overview { status: ClusterStatus::Stable, ..right.clone() },
        Overview { origin: SeenVersion::Nothing, ..right.clone() },
        Overview { nodes: vec![right.nodes[0], None], ..right.clone() },
    ];
    for view in &wrong {
        assert!(!explained(view), "{view:?}");
    }
}

// Proves that the version recorded is the one that the cluster runs, not the very first one.
#[test]
fn api_2_start_enables_upgrade_mode_and_records_the_original_version() {
    let after = Transition::Start.apply(&off(&[(Active, V1), (Active, V1)]));
    assert_eq!((after.mode, after.origin), (Mode::On, Some(V1)));
    let after = Transition::Start.apply(&off(&[(Active, V0), (Offline, V1)]));
    assert_eq!((after.mode, after.origin), (Mode::On, Some(V0)));
    // A refused `start` records nothing.
    let refused = off(&[(Active, V0), (Error, V0)]);
    assert_eq!(answer(&refused, Call::Start), Refused);
    assert_eq!(Spec.refused(&refused, Call::Start).origin, None);
}

// Proves that the answering node is one that serves, and is listed as it is.
#[test]
fn api_3_state_tells_the_status_and_the_node_that_answers() {
    let cluster = on(&[(Active, V0), (StartingIn, V1), (Active, V0)]);
    let belief = certain(&cluster);
    let hypothesis = belief.hypotheses().next().expect("a certain belief");
    let explains =
        |status, id, node| belief.explains(hypothesis, &Observation::State(status, id, node));
    let (mixed, active) = (ClusterStatus::Mixed, listed(NodeStatus::Active, V0));
    assert!(explains(mixed, N1, active));
    assert!(explains(mixed, N3, active));
    assert!(!explains(ClusterStatus::Stable, N1, active));
    assert!(!explains(mixed, N2, listed(NodeStatus::Starting, V1)));
    assert!(!explains(mixed, N1, listed(NodeStatus::Active, V1)));
}

// Proves that the status is judged, and that the number of tasks must be there and make sense.
#[test]
fn api_4_node_tells_the_nodes_status_and_its_tasks() {
    let mut belief = certain(&on(&[(Active, V0), (Offline, V1)]));
    let offline = listed(NodeStatus::Offline, V1);
    assert!(belief.observe(&Observation::Node(N2, Some(offline))));
    let active = listed(NodeStatus::Active, V1);
    assert!(!belief.observe(&Observation::Node(N2, Some(active))));

    let body = |tasks: &str| {
        format!(
            r#"{{"id":"n1","name":"one","ipAddress":"10.0.0.1","portNumber":5801,"state":"ACTIVE","version":"9.2.1",
                "buildNumber":"9000"{tasks},"activeUserCount":0,"local":true}}"#
        )
    };
    let read = |tasks: &str| wire::node(body(tasks).as_bytes());
    assert!(read(r#","tasksTotal":2"#).is_ok());
    for wrong in ["", r#","tasksTotal":-1"#, r#","tasksTotal":"2""#] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

// Proves that `cancel` leaves nothing of upgrade mode behind, and touches no node.
#[test]
fn api_5_cancel_disables_upgrade_mode() {
    let before = on(&[(Active, V0), (Offline, V1)]);
    assert_eq!(answer(&before, Call::Cancel), Success);
    assert_eq!(Transition::Cancel.apply(&before), off(&[(Active, V0), (Offline, V1)]));
    // A refused one leaves it enabled.
    let upgraded = on(&[(Active, V1), (Active, V1)]);
    assert_eq!(answer(&upgraded, Call::Cancel), Refused);
    assert_eq!(Spec.refused(&upgraded, Call::Cancel).mode, Mode::On);
}

// Proves that no `cancel` is needed after `approve`: none is even allowed.
#[test]
fn api_6_approve_disables_upgrade_mode_by_itself() {
    let before = on(&[(Active, V1), (Active, V1)]);
    assert_eq!(answer(&before, Call::Approve), Success);
    let after = Transition::Approve.apply(&before);
    assert_eq!(after, off(&[(Active, V1), (Active, V1)]));
    assert_eq!(answer(&after, Call::Cancel), Refused);
    let unready = on(&[(Active, V0), (Active, V1)]);
    assert_eq!(Spec.refused(&unready, Call::Approve).mode, Mode::On);
}

// Proves both directions: 404 for who is not listed, and only for them.
#[test]
fn api_7_a_node_that_is_not_listed_answers_404() {
    let mut belief = certain(&off(&[(Active, V0), (Absent, V1)]));
    assert!(belief.observe(&Observation::Node(N2, None)));
    let offline = listed(NodeStatus::Offline, V1);
    assert!(!belief.observe(&Observation::Node(N2, Some(offline))));
    assert!(!belief.observe(&Observation::Node(N1, None)));
}

// Proves that a reading leaves no room for a change: the second one must tell the same.
#[test]
fn api_8_reads_change_nothing() {
    let mut belief = certain(&on(&[(Active, V0), (Active, V1)]));
    let view = mixed_overview();
    assert!(belief.observe(&Observation::Overview(view.clone())));
    assert!(belief.observe(&Observation::Overview(view.clone())));
    let disabled = Overview {
        mode: Mode::Off,
        origin: SeenVersion::Nothing,
        status: ClusterStatus::Stable,
        ..view
    };
    assert!(!belief.observe(&Observation::Overview(disabled)));
}

// Proves for each call in a status that refuses it that the cluster stays as it was, and that an allowed one changes it.
#[test]
fn api_9_a_call_that_is_not_allowed_is_refused_and_changes_nothing() {
    let refused = [
        (Call::Start, on(&[(Active, V0), (Active, V0)])),
        (Call::Start, off(&[(Active, V0), (Error, V0)])),
        (Call::Cancel, off(&[(Active, V0), (Active, V0)])),
        (Call::Cancel, on(&[(Active, V0), (Active, V1)])),
        (Call::Cancel, on(&[(Active, V1), (Active, V1)])),
        (Call::Approve, off(&[(Active, V0), (Active, V0)])),
        (Call::Approve, on(&[(Active, V0), (Active, V1)])),
    ];
    for (call, cluster) in refused {
        assert_eq!(answer(&cluster, call), Refused, "{call} in {cluster}");
        assert_eq!(Spec.refused(&cluster, call), cluster, "{call} in {cluster}");
        let mut belief = certain(&cluster);
        assert!(!belief.answered(call, Outcome::Success));
        assert!(belief.answered(call, Outcome::Refused));
        assert!(belief.states().contains(&cluster));
    }
    let allowed = off(&[(Active, V0), (Active, V0)]);
    assert_eq!(answer(&allowed, Call::Start), Success);
    assert_ne!(Transition::Start.apply(&allowed), allowed);
}

// Proves that what one view has told binds the others.
#[test]
fn api_11_the_three_views_tell_the_same() {
    let mut belief = certain(&on(&[(Active, V0), (Active, V1)]));
    assert!(belief.observe(&Observation::Overview(mixed_overview())));
    let (old, new) = (listed(NodeStatus::Active, V0), listed(NodeStatus::Active, V1));
    assert!(belief.observe(&Observation::State(ClusterStatus::Mixed, N1, old)));
    assert!(belief.observe(&Observation::Node(N2, Some(new))));
    let ready = ClusterStatus::ReadyToUpgrade;
    assert!(!belief.observe(&Observation::State(ready, N1, old)));
    assert!(!belief.observe(&Observation::Node(N2, Some(old))));
}

// Proves that whoever comes second is refused: the first one has changed the status.
#[test]
fn api_12_of_several_calls_at_once_exactly_one_succeeds() {
    let before = [
        (Call::Start, off(&[(Active, V0), (Active, V0)])),
        (Call::Cancel, on(&[(Active, V0), (Active, V0)])),
        (Call::Approve, on(&[(Active, V1), (Active, V1)])),
    ];
    for (call, cluster) in before {
        let mut belief = certain(&cluster);
        assert!(belief.answered(call, Outcome::Success), "{call}");
        assert!(!belief.clone().answered(call, Outcome::Success), "{call}");
        assert!(belief.answered(call, Outcome::Refused), "{call}");
    }
}
