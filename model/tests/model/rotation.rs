//! The procedure with rotation (LB-6): who gets requests, and whether any goes to a node that is down. Two engines, and every size.

use zdu_model::check::checker::{Agreed, Wanders as _};
use zdu_model::check::procedure::rotation::sizes::{all_sizes, picture};
use zdu_model::check::procedure::rotation::{
    Balancer, Outcome, Rotation, Turns, Way, other_engine, rotation,
};
use zdu_model::check::procedure::{Operator, Remedy};
use zdu_model::check::sought::Bound;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Scope, System};

const OPERATOR: Operator = Operator::who(Remedy::StopAndReconnect);

fn run(nodes: usize, how: (Way, Balancer), faults: u8) -> Outcome {
    let system = System::spec(Scope::documented(nodes, 2));
    let of = Rotation::new(&system, OPERATOR, how, faults);
    rotation(&of, &|_| None).expect("nothing ends it")
}

fn names(run: &Turns) -> Vec<String> {
    run.steps.iter().map(|(turn, ..)| turn.to_string()).collect()
}

const LAGS: Balancer = Balancer::Lags;

#[test]
fn lb_6_with_rotation_some_node_is_reached_and_no_request_is_lost() {
    for balancer in [Balancer::Lags, Balancer::Blind] {
        for nodes in 2..=5 {
            let outcome = run(nodes, (Way::Around, balancer), 0);
            assert_eq!((outcome.unreached, outcome.lost), (None, None), "N={nodes}");
            // By hand: the procedure's own, 3 + 7N, and for each node one moment more when it is out and still up, and one
            // when it is up again and still out.
            assert_eq!(outcome.moments, 3 + 9 * nodes);
        }
    }
}

#[test]
fn lb_6_without_rotation_requests_are_lost_as_soon_as_a_node_stops() {
    for nodes in 2..=4 {
        let outcome = run(nodes, (Way::Without, LAGS), 0);
        let lost = outcome.lost.expect("a request is lost");
        assert_eq!(names(&lost), ["Start", "Stop(n1)"], "{lost:?}");
        // What the node did is not the cluster's fault: somebody serves all the time, as PROC-3 says.
        let blind = run(nodes, (Way::Without, Balancer::Blind), 0);
        assert_eq!(blind.unreached, None);
    }
}

#[test]
fn lb_6_one_node_alone_cannot_be_taken_out() {
    let outcome = run(1, (Way::Around, LAGS), 0);
    let unreached = outcome.unreached.expect("an outage");
    assert_eq!(names(&unreached), ["Start", "Stop(n1)"]);
    assert!(outcome.lost.is_some());
}

#[test]
fn lb_6_every_other_way_is_found() {
    for way in [Way::OutLate, Way::BackEarly] {
        assert!(run(3, (way, LAGS), 0).lost.is_some(), "{way:?}");
    }
    // Nobody is left in the end: the last node in rotation is stopped with all others out.
    assert!(run(3, (Way::NeverBack, LAGS), 0).unreached.is_some());
    let ignored = run(3, (Way::Around, Balancer::Ignores), 0).lost.expect("a request is lost");
    assert_eq!(names(&ignored), ["Start", "Disconnect(n1)", "Stop(n1)"]);
}

// Whoever dies is sent requests until the load balancer has noticed: no rotation helps against that.
#[test]
fn lb_6_a_node_that_dies_loses_requests_until_it_is_noticed() {
    for nodes in 1..=4 {
        let outcome = run(nodes, (Way::Around, LAGS), 1);
        let lost = outcome.lost.expect("a request is lost");
        assert_eq!(lost.steps.len(), 1, "{lost:?}");
        // By hand, as without a load balancer: one is out for its upgrade, and a fault takes one more.
        assert_eq!(outcome.unreached.is_none(), nodes >= 3, "N={nodes}");
    }
}

#[test]
fn both_engines_agree() {
    for (nodes, how, faults) in [
        (2, (Way::Around, LAGS), 0),
        (3, (Way::Around, LAGS), 0),
        (4, (Way::Around, LAGS), 0),
        (2, (Way::Around, LAGS), 1),
        (2, (Way::Without, LAGS), 0),
        (3, (Way::Without, LAGS), 0),
        (4, (Way::Without, LAGS), 0),
        (3, (Way::BackEarly, LAGS), 0),
        (2, (Way::NeverBack, Balancer::Ignores), 0),
    ] {
        let here = run(nodes, how, faults);
        let length = |run: &Option<Turns>| run.as_ref().map(|run| run.steps.len());
        let due = Agreed {
            states: here.moments,
            violations: [length(&here.unreached), length(&here.lost)],
        };
        let system = System::spec(Scope::documented(nodes, 2));
        assert_eq!(
            other_engine(system, OPERATOR, how, faults),
            due,
            "N={nodes} {how:?} f={faults}"
        );
    }
}

#[test]
fn lb_6_holds_for_every_number_of_nodes() {
    for profile in [Profile::Documented, Profile::Finalization] {
        let scope = Scope::documented(2, 2).with_profile(profile);
        let all = all_sizes(scope, Way::Around, LAGS);
        assert!(all.reached && all.kept, "{profile:?}");
        // The other side: what fails at one size is not proven for all.
        for how in [(Way::Without, LAGS), (Way::BackEarly, LAGS), (Way::Around, Balancer::Ignores)]
        {
            let all = all_sizes(scope, how.0, how.1);
            assert!(!all.kept, "{how:?}");
        }
        assert!(!all_sizes(scope, Way::NeverBack, LAGS).reached);
    }
}

// The pictures are tested against real clusters: every moment of every size has one of them.
#[test]
fn every_moment_of_every_size_has_a_picture() {
    for how in [(Way::Around, LAGS), (Way::Without, LAGS)] {
        let all = all_sizes(Scope::documented(2, 2), how.0, how.1);
        for nodes in 2..=5 {
            let system = System::spec(Scope::documented(nodes, 2));
            let of = Rotation::new(&system, OPERATOR, how, 0);
            let mut queue = vec![of.first()];
            let mut known = std::collections::HashSet::new();
            while let Some(moment) = queue.pop() {
                if known.insert(moment.clone()) {
                    let seen_here = picture(&moment);
                    assert!(all.pictures.contains(&seen_here), "N={nodes} {seen_here:?}");
                    queue.extend(of.steps(&moment).into_iter().map(|turn| of.after(&moment, turn)));
                }
            }
        }
    }
}

#[test]
fn a_search_that_is_ended_is_no_outcome() {
    let system = System::spec(Scope::documented(3, 2));
    let of = Rotation::new(&system, OPERATOR, (Way::Around, LAGS), 1);
    let ended = rotation(&of, &|moments| (moments > 100).then_some(Bound::Memory));
    assert_eq!(ended, Err(Bound::Memory));
}
