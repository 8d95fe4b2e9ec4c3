//! The difference that decides is named, not the one that is always there.

use zdu_model::judge::belief::{Belief, Observation, Overview, Request, SeenNode, SeenVersion};
use zdu_model::judge::finding::Difference;
use zdu_model::judge::nearest::nearest;
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, NodeStatus, Version};
use zdu_model::spec::semantics::Scope;

// STATUS-5: a node was broken with upgrade mode off, is listed ERROR, and the cluster says STABLE. That the node need not be
// in error yet explains the status as well, but it is not what is wrong: MIXED was due.
#[test]
fn status_5_of_a_broken_node_the_status_decides_and_not_the_node() {
    let scope = Scope::documented(2, 2);
    let mut belief = Belief::certain(scope, scope.initial());
    belief.request(NodeId::new(2), Request::Break);
    belief.close();
    let node = |status| Some(SeenNode { status, version: SeenVersion::Known(Version::ORIGINAL) });
    let seen = Overview {
        mode: Mode::Off,
        origin: SeenVersion::Nothing,
        status: ClusterStatus::Stable,
        tasks: None,
        nodes: vec![node(Some(NodeStatus::Active)), node(Some(NodeStatus::Error))],
    };
    let due = ClusterStatus::Mixed;
    let of = |seen: &Overview| nearest(&belief, &Observation::Overview(seen.clone()));
    assert_eq!(of(&seen), [Difference::Status { seen: ClusterStatus::Stable, due }]);
    // The negative: what is explained differs in nothing.
    assert_eq!(of(&Overview { status: due, ..seen }), []);
}

// The status call tells no more than the status and one node, and is compared in these.
#[test]
fn a_view_that_tells_less_is_compared_in_what_it_tells() {
    let scope = Scope::documented(2, 2);
    let belief = Belief::certain(scope, scope.initial());
    let up = SeenNode {
        status: Some(NodeStatus::Active),
        version: SeenVersion::Known(Version::ORIGINAL),
    };
    let mixed = Observation::State(ClusterStatus::Mixed, NodeId::new(1), up);
    let due = ClusterStatus::Stable;
    let differs = [Difference::Status { seen: ClusterStatus::Mixed, due }];
    assert_eq!(nearest(&belief, &mixed), differs);
    let gone = Observation::Node(NodeId::new(2), None);
    let due = scope.initial().node(NodeId::new(2));
    let node = NodeId::new(2);
    assert_eq!(nearest(&belief, &gone), [Difference::Node { node, seen: None, due }]);
}
