//! The way home (section 7, "Versions below the original").

use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{Node, NodeId, Phase, Version};
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::trace::Action;
use zdu_model::ways::plan::{Home, back};

const OLD: Version = Version(0);
const NEW: Version = Version(1);

fn all(phase: Phase, version: Version) -> Cluster {
    Cluster { nodes: vec![Node::new(phase, version); 3], ..Cluster::initial(3) }
}

fn home(from: &Cluster, version: Version, downgrades: bool) -> Option<Vec<Action>> {
    back(Scope::documented(3, 2), from, Home { version, downgrades }, |_, _| true)
}

// With every node down the model lets the first one set the version; a build may remember which one it ran.
#[test]
fn a_finalized_cluster_goes_back_only_where_a_build_is_known_to_allow_it() {
    for phase in [Phase::Active, Phase::Offline, Phase::Absent] {
        let finalized = all(phase, NEW);
        assert_eq!(home(&finalized, OLD, false), None, "{phase:?}");
        assert!(home(&finalized, OLD, true).is_some(), "{phase:?}");
    }
    assert_eq!(home(&all(Phase::Active, NEW), NEW, false), Some(Vec::new()));
}

// The original is not below itself.
#[test]
fn an_upgraded_node_goes_back_to_the_original() {
    let mut cluster = all(Phase::Active, OLD);
    (cluster.mode, cluster.origin) = (Mode::On, Some(OLD));
    cluster.nodes[NodeId::new(2).index()].version = NEW;
    assert!(home(&cluster, OLD, false).is_some());
    // Nor may anybody go below it, where the cluster began later.
    let later = Cluster { origin: Some(NEW), ..cluster };
    assert_eq!(home(&later, OLD, false), None);
}
