//! What does a belief allow? Everything that a view may show, as findings tell it.

use std::collections::BTreeSet;

use zdu_model::judge::belief::Belief;
use zdu_model::judge::event::View;
use zdu_model::judge::finding::Allowed;

/// How many allowed answers are kept before the rest is only counted.
const ALLOWED_KEPT: usize = 12;

/// Everything that the belief allows a view to show, and how many more there are than are kept.
#[must_use]
pub(super) fn allowed(belief: &Belief, view: View) -> (Vec<Allowed>, usize) {
    let mut all: BTreeSet<Allowed> = BTreeSet::new();
    for cluster in belief.states() {
        all.insert(match view {
            _ if !cluster.served() => Allowed::Nobody,
            View::Overview => Allowed::Overview(cluster.clone()),
            View::State => {
                let by = cluster.numbered().filter(|(_, node)| node.phase.serves());
                Allowed::State(cluster.status(), by.collect())
            }
            View::Node(id) => Allowed::Node(id, cluster.node(id)),
        });
    }
    let more = all.len().saturating_sub(ALLOWED_KEPT);
    (all.into_iter().take(ALLOWED_KEPT).collect(), more)
}
