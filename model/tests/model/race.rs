//! Which rule do the answers of calls that were sent at once break? (section 4: API-9, API-12, MODE-1)

use std::collections::BTreeSet;

use zdu_model::judge::event::{Event, Racer, Reply, Start};
use zdu_model::judge::roster::{Known, Roster};
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::{Judge, Patience};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;

/// What is found where a STABLE cluster of one node answers so to several `start` at once.
fn found(codes: &[u16]) -> Vec<Rule> {
    let id = Some(Text::from("n1"));
    let known = Known { id: id.clone(), listed: id, ..Known::default() };
    let roster = Roster::new(vec![known], vec![Text::from("9.2.1"), Text::from("9.2.4")]);
    let patience = Patience { settle: 10, quiet: 1, poll: 1 };
    let mut judge = Judge::new(Scope::documented(1, 2), roster, patience, BTreeSet::new());
    judge.hear(0, 0, Event::Begin(Start::Initial));
    let racer = |code: &u16| {
        let reply = Reply { code: Ok(*code), body: None };
        Racer { sent: 0, answered: 1, reply }
    };
    judge.hear(0, 1, Event::Raced(Call::Start, codes.iter().map(racer).collect()));
    judge.findings().iter().map(|finding| finding.rule).collect()
}

// Once one has succeeded the others are to be refused: with 409, and for nothing else are they blamed.
#[test]
fn api_9_who_loses_a_race_is_answered_409() {
    assert_eq!(found(&[200, 409, 409]), []);
    assert_eq!(found(&[200, 400, 400]), [Rule::Api9]);
    assert_eq!(found(&[200, 409, 500]), [Rule::Api9]);
    // Where none has succeeded, one should have.
    assert_eq!(found(&[400, 400]), [Rule::Mode1]);
}
