//! In what does an answer that nothing explains differ from the explanation that comes nearest? (spec, section 8)
//!
//! Nearest is not what differs in the fewest words. What was asked of a node may not have happened yet, so there is nearly
//! always an explanation in which that node alone differs; but what is listed of the nodes is what the status is drawn from.
//! So the explanations that list the nodes as seen come first, then those that show upgrade mode as seen; what is left, the
//! status, is what decides. A view that tells less is compared in what it tells.

use super::belief::{Belief, Hypothesis};
use super::finding::Difference;
use super::seen::{Observation, Overview, SeenNode};
use crate::spec::cluster::ClusterStatus;
use crate::spec::node::NodeId;

/// In what the nearest explanation differs; empty when none has anybody who serves.
#[must_use]
pub fn nearest(belief: &Belief, seen: &Observation) -> Vec<Difference> {
    let serving = belief.hypotheses().filter(|hypothesis| hypothesis.cluster.served());
    let differences = serving.map(|hypothesis| match seen {
        Observation::Overview(view) => whole(hypothesis, view),
        Observation::State(shown, node, listed) => {
            let node = one(hypothesis, *node, Some(*listed));
            status(hypothesis, *shown).into_iter().chain(node).collect()
        }
        Observation::Node(node, listed) => one(hypothesis, *node, *listed).into_iter().collect(),
    });
    differences.min_by_key(|differences| rank(differences)).unwrap_or_default()
}

/// How many nodes differ, then whether upgrade mode does, then whether the status does.
fn rank(differences: &[Difference]) -> [usize; 3] {
    let count = |which: fn(&Difference) -> bool| differences.iter().filter(|it| which(it)).count();
    [
        count(|it| matches!(it, Difference::Node { .. })),
        count(|it| matches!(it, Difference::Mode { .. })),
        count(|it| matches!(it, Difference::Status { .. })),
    ]
}

fn whole(hypothesis: &Hypothesis, seen: &Overview) -> Vec<Difference> {
    let cluster = &hypothesis.cluster;
    let mode = (!hypothesis.shows_mode(seen.mode, seen.origin)).then(|| Difference::Mode {
        seen: (seen.mode, seen.origin),
        due: (cluster.mode, cluster.origin),
    });
    let nodes = seen.nodes.iter().enumerate();
    let nodes = nodes.filter_map(|(index, listed)| one(hypothesis, NodeId::at(index), *listed));
    status(hypothesis, seen.status).into_iter().chain(mode).chain(nodes).collect()
}

fn status(hypothesis: &Hypothesis, seen: ClusterStatus) -> Option<Difference> {
    let due = hypothesis.cluster.status();
    (due != seen).then_some(Difference::Status { seen, due })
}

fn one(hypothesis: &Hypothesis, node: NodeId, seen: Option<SeenNode>) -> Option<Difference> {
    let due = hypothesis.cluster.node(node);
    (!hypothesis.lists_node(node, seen)).then_some(Difference::Node { node, seen, due })
}
