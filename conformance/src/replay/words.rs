//! How are states and answers put into words? What a deviation shows as allowed, as seen, and as the nearest miss.

use std::collections::BTreeSet;

use zdu_model::judge::belief::{Belief, Observation, Overview, SeenNode, SeenVersion};
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{Node, NodeId, Phase, Version};

use super::site::{Site, View};

/// How many allowed answers are listed before the rest is only counted.
const ALLOWED_SHOWN: usize = 12;

impl Site {
    fn version(&self, version: Version) -> &str {
        self.dictionary.version_name(version)
    }

    fn seen_version(&self, version: SeenVersion) -> &str {
        match version {
            SeenVersion::Known(version) => self.version(version),
            SeenVersion::Foreign(_) => "a version that is not in `versions`",
            SeenVersion::Nothing => "no version",
        }
    }

    fn node_words(&self, node: Node) -> String {
        match node.phase.listed() {
            None => "not listed".to_owned(),
            // Section 7 leaves open which version an OFFLINE node is listed with.
            Some(status) if node.phase == Phase::Offline => {
                format!("{status} (any version that it had since)")
            }
            Some(status) => format!("{status} {}", self.version(node.version)),
        }
    }

    /// A node as an answer lists it.
    #[must_use]
    pub fn seen_node(&self, node: Option<SeenNode>) -> String {
        node.map_or_else(
            || "not listed".to_owned(),
            |node| format!("{} {}", node.status, self.seen_version(node.version)),
        )
    }

    fn mode_words(&self, mode: Mode, origin: SeenVersion) -> String {
        match (mode, origin) {
            (Mode::Off, SeenVersion::Nothing) => "mode off".to_owned(),
            (mode, origin) => format!("mode {mode} from {}", self.seen_version(origin)),
        }
    }

    /// Upgrade mode and original version as an overview shows them.
    #[must_use]
    pub fn seen_mode(&self, view: &Overview) -> String {
        let mut words = self.mode_words(view.mode, view.origin);
        if view.tasks_pending == Some(true) {
            words.push_str(", tasks pending");
        }
        words
    }

    fn listed<'a>(&self, nodes: impl Iterator<Item = (NodeId, String)> + 'a) -> String {
        let listed: Vec<String> =
            nodes.map(|(id, words)| format!("{} {words}", self.id(id))).collect();
        listed.join(", ")
    }

    /// A state as the overview must show it.
    #[must_use]
    pub fn cluster_words(&self, cluster: &Cluster) -> String {
        let origin = cluster.origin.map_or(SeenVersion::Nothing, SeenVersion::Known);
        let tasks = if cluster.tasks_pending { ", tasks pending" } else { "" };
        format!(
            "{}, {}{tasks}: {}",
            cluster.status(),
            self.mode_words(cluster.mode, origin),
            self.listed(cluster.numbered().map(|(id, node)| (id, self.node_words(node))))
        )
    }

    /// An answer in words.
    #[must_use]
    pub fn seen_words(&self, seen: &Observation) -> String {
        match seen {
            Observation::Overview(view) => format!(
                "{}, {}: {}",
                view.status,
                self.seen_mode(view),
                self.listed(
                    view.nodes
                        .iter()
                        .enumerate()
                        .map(|(index, node)| (NodeId::at(index), self.seen_node(*node)))
                )
            ),
            Observation::State(status, id, node) => {
                format!("{status}, answered by {} {}", self.id(*id), self.seen_node(Some(*node)))
            }
            Observation::Node(id, node) => format!("{} {}", self.id(*id), self.seen_node(*node)),
        }
    }

    /// Everything that the belief allows a view to show, a line each.
    #[must_use]
    pub fn allowed(&self, belief: &Belief, view: View) -> Vec<String> {
        let mut lines: BTreeSet<String> = BTreeSet::new();
        for cluster in belief.states() {
            if !cluster.served() {
                lines.insert("no answer: nobody serves".to_owned());
                continue;
            }
            match view {
                View::Overview => {
                    lines.insert(self.cluster_words(cluster));
                }
                View::State => {
                    let serving = cluster.numbered().filter(|(_, node)| node.phase.serves());
                    let by = self.listed(serving.map(|(id, node)| (id, self.node_words(node))));
                    lines.insert(format!("{}, answered by one of: {by}", cluster.status()));
                }
                View::Node(id) => {
                    lines.insert(format!("{} {}", self.id(id), self.node_words(cluster.node(id))));
                }
            }
        }
        let more = lines.len().saturating_sub(ALLOWED_SHOWN);
        let mut lines: Vec<String> = lines.into_iter().take(ALLOWED_SHOWN).collect();
        if more > 0 {
            lines.push(format!("... and {more} more"));
        }
        lines
    }

    /// How the nearest explanation differs from an overview: the parts that do not fit, with both sides.
    #[must_use]
    pub fn nearest(&self, belief: &Belief, view: &Overview) -> Option<String> {
        belief
            .hypotheses()
            .filter(|hypothesis| hypothesis.cluster.served())
            .map(|hypothesis| {
                let cluster = &hypothesis.cluster;
                let mut misses = Vec::new();
                if cluster.status() != view.status {
                    misses.push(format!("status {} instead of {}", view.status, cluster.status()));
                }
                if !hypothesis.shows_mode(view.mode, view.origin) {
                    let origin = cluster.origin.map_or(SeenVersion::Nothing, SeenVersion::Known);
                    let must = self.mode_words(cluster.mode, origin);
                    misses.push(format!(
                        "{} instead of {must}",
                        self.mode_words(view.mode, view.origin)
                    ));
                }
                for (index, seen) in view.nodes.iter().enumerate() {
                    let id = NodeId::at(index);
                    if !hypothesis.lists_node(id, *seen) {
                        let must = self.node_words(cluster.node(id));
                        misses.push(format!(
                            "{} {} instead of {must}",
                            self.id(id),
                            self.seen_node(*seen)
                        ));
                    }
                }
                misses
            })
            .min_by_key(Vec::len)
            .filter(|misses| !misses.is_empty())
            .map(|misses| misses.join("; "))
    }
}
