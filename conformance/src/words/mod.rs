//! How is what was found said to people? The one room that puts data into sentences, in the target's words: nodes by name,
//! versions as served.
//!
//! Every report, the monitor's lines and the explorer ask here. Nothing reads a sentence back: whoever needs to know more
//! than to show it holds the data.

mod advice;
mod course;
mod end;
mod fault;
mod finding;
mod hand;
mod load;
mod number;
mod part;
mod step;
mod stranger;
mod upgrade;

use zdu_model::judge::finding::Names;
use zdu_model::judge::seen::{Observation, Overview, SeenNode, SeenVersion};
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{Node, NodeId, Phase};

pub use course::Course;
pub use end::{ENDS_UNTOLD, silence, stopped, unmet};
pub use fault::{no_trace, unfitting, useless_reset};
pub use finding::misshape_words;
pub use hand::HandNote;
pub use load::{failure, slowest, turns};
pub use number::{counted, millis, seconds};
pub use part::{earlier, parts};
pub use step::set_up;
pub use stranger::{Remedy, remedy, stranger};

/// Sentences about one target.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    names: &'a Names,
}

impl<'a> Words<'a> {
    /// Sentences with these names.
    #[must_use]
    pub const fn new(names: &'a Names) -> Self {
        Self { names }
    }

    /// What a node is called.
    #[must_use]
    pub fn node(self, id: NodeId) -> String {
        self.names.node(id)
    }

    /// A version as an answer gives it.
    #[must_use]
    pub fn version(self, version: SeenVersion) -> String {
        self.names.seen(version).unwrap_or_else(|| "no version".to_owned())
    }

    /// The same where a column says what it is: nothing for none.
    #[must_use]
    pub fn version_or_nothing(self, version: SeenVersion) -> String {
        self.names.seen(version).unwrap_or_default()
    }

    /// A node as an answer lists it, without its name: `ACTIVE 9.2.1`.
    #[must_use]
    pub fn listing(self, node: Option<SeenNode>) -> String {
        node.map_or_else(
            || "not listed".to_owned(),
            |node| match (node.status, self.names.seen(node.version)) {
                (None, _) => "not answering its cluster at the moment".to_owned(),
                (Some(status), None) => status.to_string(),
                (Some(status), Some(version)) => format!("{status} {version}"),
            },
        )
    }

    /// A node as an answer lists it, with its name.
    #[must_use]
    pub fn listed_node(self, id: NodeId, node: Option<SeenNode>) -> String {
        format!("{} {}", self.node(id), self.listing(node))
    }

    /// A node of the model as it must be listed, without its name.
    #[must_use]
    pub fn due(self, node: Node) -> String {
        match node.phase.listed() {
            None => "not listed".to_owned(),
            // What section 7 says of the version that an OFFLINE node is listed with.
            Some(status) if node.phase == Phase::Offline => format!(
                "{status} ({}, any other that it ran or had installed since it went down, or none)",
                self.names.version(node.version)
            ),
            Some(status) => format!("{status} {}", self.names.version(node.version)),
        }
    }

    /// Upgrade mode and original version: `mode on from 9.2.1`.
    #[must_use]
    pub fn mode(self, mode: Mode, origin: SeenVersion) -> String {
        match (mode, self.names.seen(origin)) {
            (Mode::Off, None) => "mode off".to_owned(),
            (Mode::On, None) => "mode on from no version".to_owned(),
            (mode, Some(origin)) => format!("mode {mode} from {origin}"),
        }
    }

    /// Upgrade mode, original version and pending tasks as an overview shows them.
    #[must_use]
    pub fn mode_of(self, view: &Overview) -> String {
        let tasks = if view.tasks == Some(true) { ", with upgrade tasks" } else { "" };
        format!("{}{tasks}", self.mode(view.mode, view.origin))
    }

    /// Each node with its name.
    fn listed(self, nodes: impl Iterator<Item = (NodeId, String)>) -> String {
        let listed: Vec<String> =
            nodes.map(|(id, words)| format!("{} {words}", self.node(id))).collect();
        listed.join(", ")
    }

    /// An overview on one line.
    #[must_use]
    pub fn overview(self, view: &Overview) -> String {
        let nodes = view.nodes.iter().enumerate();
        let nodes = nodes.map(|(index, node)| (NodeId::at(index), self.listing(*node)));
        format!("{}, {}: {}", view.status, self.mode_of(view), self.listed(nodes))
    }

    /// A state of the model as the overview must show it.
    #[must_use]
    pub fn cluster(self, cluster: &Cluster) -> String {
        let origin = cluster.origin.map_or(SeenVersion::Nothing, SeenVersion::Known);
        let tasks = if cluster.tasks_pending { ", tasks pending" } else { "" };
        format!(
            "{}, {}{tasks}: {}",
            cluster.status(),
            self.mode(cluster.mode, origin),
            self.listed(cluster.numbered().map(|(id, node)| (id, self.due(node))))
        )
    }

    /// Any answer on one line.
    #[must_use]
    pub fn observation(self, seen: &Observation) -> String {
        match seen {
            Observation::Overview(view) => self.overview(view),
            Observation::State(status, id, node) => {
                format!("{status}, answered by {} {}", self.node(*id), self.listing(Some(*node)))
            }
            Observation::Node(id, node) => format!("{} {}", self.node(*id), self.listing(*node)),
        }
    }

    /// What is listed otherwise than before, part by part; the whole where there was nothing before.
    #[must_use]
    pub fn change(self, before: Option<&Overview>, now: &Overview) -> Vec<String> {
        let Some(before) = before else {
            return vec![self.overview(now)];
        };
        let mut parts = Vec::new();
        if before.status != now.status {
            parts.push(format!("{} -> {}", before.status, now.status));
        }
        let (was, is) = (self.mode_of(before), self.mode_of(now));
        if was != is {
            parts.push(format!("{was} -> {is}"));
        }
        for (index, (was, is)) in before.nodes.iter().zip(&now.nodes).enumerate() {
            if was != is {
                let node = self.node(NodeId::at(index));
                parts.push(format!("{node} {} -> {}", self.listing(*was), self.listing(*is)));
            }
        }
        parts
    }
}
