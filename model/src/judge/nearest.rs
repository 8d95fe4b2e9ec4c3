//! In what does an overview that nothing explains differ from the explanation that comes nearest? (spec, section 8)
//!
//! Nearest is not what differs in the fewest words. What was asked of a node may not have happened yet, so there is nearly
//! always an explanation in which that node alone differs; but what is listed of the nodes is what the status is drawn from.
//! So the explanations that list the nodes as seen come first, then those that show upgrade mode as seen; what is left, the
//! status, is what decides.

use super::belief::{Belief, Hypothesis};
use super::finding::Difference;
use super::seen::Overview;
use crate::spec::node::NodeId;

/// In what the nearest explanation differs; empty when none has anybody who serves.
#[must_use]
pub fn nearest(belief: &Belief, seen: &Overview) -> Vec<Difference> {
    belief
        .hypotheses()
        .filter(|hypothesis| hypothesis.cluster.served())
        .map(|hypothesis| differences(hypothesis, seen))
        .min_by_key(|differences| rank(differences))
        .unwrap_or_default()
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

fn differences(hypothesis: &Hypothesis, seen: &Overview) -> Vec<Difference> {
    let cluster = &hypothesis.cluster;
    let status = (cluster.status() != seen.status)
        .then(|| Difference::Status { seen: seen.status, due: cluster.status() });
    let mode = (!hypothesis.shows_mode(seen.mode, seen.origin)).then(|| Difference::Mode {
        seen: (seen.mode, seen.origin),
        due: (cluster.mode, cluster.origin),
    });
    let nodes = seen.nodes.iter().enumerate().filter_map(|(index, listed)| {
        let node = NodeId::at(index);
        (!hypothesis.lists_node(node, *listed)).then(|| Difference::Node {
            node,
            seen: *listed,
            due: cluster.node(node),
        })
    });
    status.into_iter().chain(mode).chain(nodes).collect()
}
