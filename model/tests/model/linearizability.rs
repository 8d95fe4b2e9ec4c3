//! Calls sent at once (API-12): what the linearizability tester says, held against counting the answers.

use zdu_model::judge::belief::{Belief, Outcome};
use zdu_model::judge::race::{Linearized, Sent, linearize};
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{Node, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;

const SUCCESS: Outcome = Outcome::Success;
const REFUSED: Outcome = Outcome::Refused;

fn initial() -> Belief {
    let scope = Scope::documented(3, 2);
    Belief::certain(scope, scope.initial())
}

fn at_once(call: Call, outcomes: &[Outcome]) -> Vec<Sent> {
    (0..)
        .zip(outcomes)
        .map(|(turn, outcome)| Sent {
            call,
            began: turn,
            ended: 1000 + turn * 7919 % 97,
            outcome: *outcome,
        })
        .collect()
}

fn fits(before: &Belief, sent: &[Sent]) -> bool {
    matches!(linearize(before, sent), Linearized::Yes(_))
}

// Up to six racers, every combination of answers: an order exists exactly when one is accepted and the rest refused.
#[test]
fn api_12_an_order_exists_exactly_when_one_of_them_is_accepted() {
    for racers in 1..=6_u32 {
        for bits in 0..1_u32 << racers {
            let outcomes: Vec<Outcome> = (0..racers)
                .map(|bit| if bits >> bit & 1 == 1 { SUCCESS } else { REFUSED })
                .collect();
            let sent = at_once(Call::Start, &outcomes);
            assert_eq!(fits(&initial(), &sent), bits.count_ones() == 1, "{outcomes:?}");
        }
    }
}

// Refused everywhere: with mode off nobody may cancel, and the order says so without a winner.
#[test]
fn mode_7_a_race_of_what_is_refused_has_no_winner() {
    assert!(fits(&initial(), &at_once(Call::Cancel, &[REFUSED; 8])));
    let one = [REFUSED, REFUSED, SUCCESS];
    assert_eq!(linearize(&initial(), &at_once(Call::Cancel, &one)), Linearized::No);
}

// The tester tries every order; alike calls are taken in one order, so that 64 of them are decided, not given up.
#[test]
fn api_12_the_largest_race_is_decided_either_way() {
    let mut outcomes = vec![REFUSED; 64];
    assert_eq!(linearize(&initial(), &at_once(Call::Start, &outcomes)), Linearized::No);
    outcomes[40] = SUCCESS;
    assert!(fits(&initial(), &at_once(Call::Start, &outcomes)));
    outcomes[63] = SUCCESS;
    assert_eq!(linearize(&initial(), &at_once(Call::Start, &outcomes)), Linearized::No);
    assert_eq!(linearize(&initial(), &at_once(Call::Start, &[SUCCESS; 64])), Linearized::No);
}

// What counting cannot see: a refusal that was over before the winner was sent had no reason to be one.
#[test]
fn mode_1_a_refusal_before_the_winner_was_sent_is_wrong() {
    let early = |ended| Sent { call: Call::Start, began: 0, ended, outcome: REFUSED };
    let winner = Sent { call: Call::Start, began: 10, ended: 20, outcome: SUCCESS };
    assert_eq!(linearize(&initial(), &[early(5), winner]), Linearized::No);
    assert_eq!(linearize(&initial(), &[early(15), winner]), Linearized::Yes(vec![1, 0]));
}

// A call that nobody answered may have been the winner; it may also never have arrived.
#[test]
fn api_12_an_unanswered_call_may_be_the_winner_or_none() {
    let lost = [Outcome::Unknown, REFUSED, REFUSED];
    assert!(fits(&initial(), &at_once(Call::Start, &lost)));
    let won = [Outcome::Unknown, SUCCESS, REFUSED];
    assert!(fits(&initial(), &at_once(Call::Start, &won)));
    let twice = [Outcome::Unknown, SUCCESS, SUCCESS];
    assert!(!fits(&initial(), &at_once(Call::Start, &twice)));
}

// Different calls at once: cancel after start fits, cancel that was over before start began does not.
#[test]
fn mode_3_different_calls_at_once_are_ordered_too() {
    let start = Sent { call: Call::Start, began: 10, ended: 30, outcome: SUCCESS };
    let cancel = |began, ended| Sent { call: Call::Cancel, began, ended, outcome: SUCCESS };
    assert_eq!(linearize(&initial(), &[cancel(20, 40), start]), Linearized::Yes(vec![1, 0]));
    assert_eq!(linearize(&initial(), &[cancel(0, 5), start]), Linearized::No);
}

// Upgrade tasks may fail again between two calls only if somebody makes them: then two are accepted, rightly.
#[test]
fn fin_4_a_second_retry_is_right_only_where_tasks_failed_again() {
    let scope = Scope { profile: Profile::Finalization, nodes: 2, versions: 2 };
    let cluster = Cluster {
        mode: Mode::Off,
        origin: None,
        tasks_pending: true,
        nodes: vec![Node::new(Phase::FinalizeFailed, Version(1)); 2],
    };
    let before = Belief::certain(scope, cluster);
    let twice = at_once(Call::Retry, &[SUCCESS, SUCCESS]);
    assert_eq!(linearize(&before, &twice), Linearized::No);
    let mut doomed = before.clone();
    doomed.request(
        zdu_model::spec::node::NodeId::new(1),
        zdu_model::judge::belief::Request::FailTasks,
    );
    assert!(fits(&doomed, &twice));
}
