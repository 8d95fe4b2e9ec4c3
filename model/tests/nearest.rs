//! The difference that decides is named, not the one that is always there.

use zdu_model::judge::belief::{Belief, Overview, Request, SeenNode, SeenVersion};
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
    assert_eq!(nearest(&belief, &seen), [Difference::Status { seen: ClusterStatus::Stable, due }]);
    // The negative: what is explained differs in nothing.
    let fits = Overview { status: due, ..seen };
    assert_eq!(nearest(&belief, &fits), []);
}
