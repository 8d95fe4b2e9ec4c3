//! What do the API's three views show of the hidden cluster? The JSON of the spec's section 1, and the lies of views.
//!
//! Codes and the answers of calls are the next file's. JSON is built by hand here, not from the client's wire types: a
//! mistake that both sides share would go unseen.

use serde_json::{Map, Value, json};
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::{Node, NodeId, NodeStatus, Phase};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Semantics as _;

use super::defect::WireDefect;
use super::world::World;

/// The users whom the serving nodes share.
const USERS: usize = 12;

/// One look at the cluster through one node.
pub(super) struct View<'a> {
    pub(super) world: &'a World,
    /// The cluster that is shown: the present one, or the one before a call.
    pub(super) cluster: &'a Cluster,
    /// The node that answers.
    pub(super) local: NodeId,
    /// The nodes' addresses, as the API lists them.
    pub(super) addresses: &'a [(String, u16)],
}

impl View<'_> {
    /// `Cluster`: the answer of the overview and of every call.
    pub(super) fn overview(&self) -> Value {
        let mut map = Map::new();
        let on = self.cluster.mode == Mode::On && !self.has(WireDefect::ModeHidden);
        map.insert("upgradeModeEnabled".into(), json!(on));
        map.insert("state".into(), json!(self.status()));
        if let Some(version) = self.original() {
            map.insert("originalVersion".into(), json!(version));
        }
        if self.world.options.profile == Profile::Finalization
            && !self.has(WireDefect::FinalizationFlagMissing)
        {
            let pending = self.cluster.tasks_pending;
            map.insert("hasFinalizationTasks".into(), json!(pending));
        }
        map.insert("nodes".into(), Value::Array(self.nodes()));
        Value::Object(map)
    }

    /// `ClusterState`: the answer of the status.
    pub(super) fn state(&self) -> Value {
        let mut build = self.local;
        let status = if self.has(WireDefect::StateAlwaysStable) {
            ClusterStatus::Stable.word()
        } else if self.has(WireDefect::StateLags) {
            self.world.earlier_status.word()
        } else {
            self.status()
        };
        if self.has(WireDefect::BuildInfoMissing) {
            return json!({ "state": status });
        }
        if self.has(WireDefect::BuildInfoOfDownNode) {
            let silent = |node: Node| !node.phase.serves() && node.phase.listed().is_some();
            let mut numbered = self.cluster.numbered();
            build = numbered.find(|(_, node)| silent(*node)).map_or(build, |(id, _)| id);
        }
        let info = self.node(build, self.cluster.node(build));
        json!({ "state": status, "buildInfo": info })
    }

    /// `Node` of a listed node.
    pub(super) fn single(&self, id: NodeId) -> Value {
        let mut shown = self.cluster.node(id);
        if self.has(WireDefect::NodeViewOfAnother) {
            shown = self.cluster.nodes[(id.index() + 1) % self.cluster.nodes.len()];
        }
        if self.has(WireDefect::NodeViewStale) {
            shown = Cluster::initial(1).nodes[0];
        }
        let mut value = self.node(id, shown);
        if self.has(WireDefect::TasksMissing) {
            remove(&mut value, "tasksTotal");
        }
        if self.has(WireDefect::TasksNegative) {
            value["tasksTotal"] = json!(-1);
        }
        value
    }

    /// `Node` of a node that is not listed: only defects show one.
    pub(super) fn ghost(&self, id: &str) -> Value {
        let offline = Node::new(Phase::Offline, self.cluster.node(self.local).version);
        let mut value = self.node(self.local, offline);
        value["id"] = json!(id);
        value["name"] = json!(format!("confluence-{id}"));
        value["local"] = json!(false);
        value
    }

    fn nodes(&self) -> Vec<Value> {
        let listed = self.cluster.numbered();
        let mut nodes: Vec<_> = listed
            .filter(|(_, node)| node.phase.listed().is_some())
            .map(|(id, node)| self.node(id, node))
            .collect();
        if self.has(WireDefect::OverviewOmitsNode) {
            nodes.pop();
        } else if self.has(WireDefect::OverviewListsGhost) {
            nodes.push(self.ghost("n0"));
        } else if self.has(WireDefect::OverviewRepeatsNode) {
            nodes.extend(nodes.first().cloned());
        }
        nodes
    }

    fn has(&self, defect: WireDefect) -> bool {
        self.world.has(defect)
    }

    fn status(&self) -> &'static str {
        if self.has(WireDefect::UnknownStatusWord) && self.cluster.mode == Mode::On {
            return "UPGRADING";
        }
        let status = self.world.behaviour.status(self.cluster);
        let approved = ClusterStatus::ReadyToRunUpgradeTasks;
        let keeps = self.has(WireDefect::ApproveKeepsStatus)
            && status == ClusterStatus::Stable
            && self.world.earlier_status == approved;
        if keeps { approved.word() } else { status.word() }
    }

    fn original(&self) -> Option<&str> {
        if self.has(WireDefect::OriginalVersionMissing) {
            return None;
        }
        let recorded = self.cluster.origin?;
        let shown = if self.has(WireDefect::OriginalVersionFollows) {
            self.cluster.node(self.local).version
        } else {
            recorded
        };
        Some(self.world.version(shown))
    }

    fn node(&self, id: NodeId, node: Node) -> Value {
        let (ip, port) = &self.addresses[id.index()];
        let version = self.listed_version(id, node);
        let mut value = json!({
            "id": id.to_string(),
            "name": name(id),
            "ipAddress": ip,
            "portNumber": port,
            "state": self.listed_status(id, node.phase),
            "version": version,
            "buildNumber": build_number(version),
            "tasksTotal": if node.phase == Phase::Finalizing { 2 } else { 0 },
            "activeUserCount": self.users(node.phase),
            "local": id == self.local,
        });
        if self.has(WireDefect::FieldMissing) {
            remove(&mut value, "version");
        }
        if self.has(WireDefect::FieldMistyped) {
            value["portNumber"] = json!(port.to_string());
        }
        value
    }

    fn listed_version(&self, id: NodeId, node: Node) -> &str {
        let stale = self.has(WireDefect::VersionStaleAfterBoot);
        let earlier = self.world.lane(id).earlier;
        let version = earlier.filter(|_| stale && !node.phase.down());
        self.world.version(version.unwrap_or(node.version))
    }

    fn listed_status(&self, id: NodeId, phase: Phase) -> &'static str {
        let as_active = (phase == Phase::Offline && self.has(WireDefect::OfflineListedActive))
            || (phase == Phase::Error && self.has(WireDefect::ErrorListedActive));
        let shown = if as_active { Phase::Active } else { phase };
        let draining = self.has(WireDefect::RepairedListedDraining);
        let status = if draining && phase == Phase::Active && self.world.lane(id).repaired {
            Some(NodeStatus::Draining)
        } else {
            shown.listed()
        };
        // Only a node that is shown although it is removed has none.
        status.unwrap_or(NodeStatus::Offline).word()
    }

    fn users(&self, phase: Phase) -> usize {
        let nodes = self.cluster.nodes.iter();
        let serving = nodes.filter(|node| node.phase.serves()).count();
        if phase.serves() { USERS / serving.max(1) } else { 0 }
    }
}

/// The name of a node, as the API lists it.
pub(super) fn name(id: NodeId) -> String {
    format!("confluence-{}", id.number())
}

fn remove(value: &mut Value, field: &str) {
    if let Some(map) = value.as_object_mut() {
        map.remove(field);
    }
}

/// A build number such as `90204` for 9.2.4: each number of the version, two digits each after the first.
fn build_number(version: &str) -> String {
    let numbers = version.split(|letter: char| !letter.is_ascii_digit());
    let mut numbers = numbers.filter(|number| !number.is_empty());
    let mut build = numbers.next().unwrap_or("0").to_owned();
    for number in numbers {
        build.push_str(&format!("{number:0>2}"));
    }
    build
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_numbers_follow_versions() {
        assert_eq!(build_number("9.2.1"), "90201");
        assert_eq!(build_number("10.12.3-m04"), "10120304");
        assert_eq!(build_number("next"), "0");
    }
}
