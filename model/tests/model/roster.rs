//! Which entry is which node? (section 7, "Which entry is which node" and the one after it)

use std::collections::BTreeSet;

use zdu_model::judge::event::{Event, Start};
use zdu_model::judge::roster::{Known, Roster};
use zdu_model::judge::seen::Observation;
use zdu_model::judge::served::{Entry, Served};
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::{Judge, Patience};
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, NodeStatus};
use zdu_model::spec::semantics::Scope;

fn entry(id: &str, status: Option<NodeStatus>) -> Entry {
    Entry { id: Text::from(id), name: Some(Text::from("confluence-1")), status, ..Entry::default() }
}

/// Whether the node is listed in an overview with this one entry.
fn is_listed(roster: &mut Roster, entry: Entry) -> bool {
    let (mode, status) = (Mode::Off, ClusterStatus::Stable);
    let served = Served::Cluster { mode, status, origin: None, tasks: None, nodes: vec![entry] };
    match roster.told(&served, None).seen {
        Some(Observation::Overview(view)) => view.nodes[0].is_some(),
        Some(Observation::State(..) | Observation::Node(..)) | None => false,
    }
}

// An id that the node left behind is none of its own, until the cluster begins anew: a reset may give it again.
#[test]
fn an_id_that_was_left_behind_may_come_again_after_a_reset() {
    let known = Known { id: Some(Text::from("old")), ..Known::default() };
    let known = Known { listed: Some(Text::from("confluence-1")), ..known };
    let mut roster = Roster::new(vec![known], vec![Text::from("9.2.1")]);
    roster.may_move(NodeId::at(0));
    assert!(is_listed(&mut roster, entry("new", Some(NodeStatus::Active))));
    assert!(!is_listed(&mut roster, entry("old", None)), "a ghost");
    let patience = Patience { settle: 1, quiet: 1, poll: 1 };
    let mut judge = Judge::new(Scope::documented(1, 2), roster, patience, BTreeSet::new());
    judge.hear(0, 0, Event::Begin(Start::Initial));
    let mut roster = judge.roster().clone();
    roster.may_move(NodeId::at(0));
    assert!(is_listed(&mut roster, entry("old", None)), "the node, silent for a moment");
}
