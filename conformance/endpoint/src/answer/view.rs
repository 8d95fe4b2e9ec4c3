//! How is the cluster written as JSON, with the freedoms that an answer has (spec section 1)?
//!
//! Planted slips of the answers come afterwards, in `bodies`.

use super::json::Json;
use crate::cluster::{Cluster, Phase};
use crate::freedom::{Freedom, Freedoms};
use crate::names::Names;
use crate::options::Profile;

/// The users whom the serving nodes share.
const USERS: usize = 12;

/// An entry of the list of nodes, with the node that it is.
pub(crate) type Entry = (Option<usize>, Json);

/// One reading of the cluster by one answering node.
pub(crate) struct View<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) names: &'a Names,
    pub(crate) freedoms: Freedoms,
    pub(crate) random: &'a mut fastrand::Rng,
    pub(crate) answering: usize,
}

impl View<'_> {
    /// The entries of every listed node.
    pub(crate) fn entries(&mut self) -> Vec<Entry> {
        let nodes = self.cluster.nodes.iter().enumerate();
        let listed = nodes.filter(|(_, node)| node.phase != Phase::Absent).map(|(index, _)| index);
        let mut entries: Vec<Entry> = listed.map(|index| (Some(index), self.node(index))).collect();
        if self.freedoms.has(Freedom::ShuffleNodes) {
            self.random.shuffle(&mut entries);
        }
        entries
    }

    /// A Cluster with these entries.
    pub(crate) fn cluster(&mut self, entries: Vec<Entry>) -> Json {
        let mut fields = vec![
            ("upgradeModeEnabled", Json::Bool(self.cluster.mode)),
            ("state", Json::word(self.cluster.status().word())),
        ];
        match self.cluster.origin {
            Some(version) => {
                fields.push(("originalVersion", Json::text(&self.names.versions[version])))
            }
            None => {
                let options = [Freedom::OriginAbsent, Freedom::OriginNull];
                if self.freedoms.pick(&options, self.random) == Freedom::OriginNull {
                    fields.push(("originalVersion", Json::Null));
                }
            }
        }
        fields.push(("nodes", Json::List(entries.into_iter().map(|(_, entry)| entry).collect())));
        if self.cluster.profile == Profile::Finalization {
            fields.push(("hasFinalizationTasks", Json::Bool(self.cluster.tasks_pending)));
        }
        Json::Object(fields)
    }

    /// A ClusterState.
    pub(crate) fn state(&mut self) -> Json {
        let answering = self.node(self.answering);
        Json::Object(vec![
            ("state", Json::word(self.cluster.status().word())),
            ("buildInfo", answering),
        ])
    }

    /// A Node.
    pub(crate) fn node(&mut self, index: usize) -> Json {
        let node = &self.cluster.nodes[index];
        let (tasks, users) = self.counts(index);
        let offline = node.phase == Phase::Offline;
        let known = &self.names.nodes[index];
        let mut fields = Vec::with_capacity(12);
        fields.extend([
            ("id", Json::text(&known.id)),
            ("name", Json::text(&known.name)),
            ("ipAddress", Json::text(&known.address)),
            ("portNumber", Json::Number(known.port.into())),
            ("state", node.phase.word().map_or(Json::Null, Json::word)),
        ]);
        if let Some(version) = self.version(index, offline) {
            fields.push(("version", version));
        }
        if let Some(build) = self.build(index, offline) {
            fields.push(("buildNumber", build));
        }
        fields.extend([
            ("tasksTotal", Json::Number(tasks)),
            ("activeUserCount", Json::Number(users)),
            ("local", Json::Bool(index == self.answering)),
        ]);
        Json::Object(fields)
    }

    /// The running tasks and the users of a node.
    fn counts(&mut self, index: usize) -> (i64, i64) {
        if self.freedoms.has(Freedom::CountersVary) {
            return (self.random.i64(0..4), self.random.i64(0..200));
        }
        let phase = self.cluster.nodes[index].phase;
        let serving = self.cluster.nodes.iter().filter(|node| node.phase.serving()).count();
        let users = if phase.serving() { USERS / serving.max(1) } else { 0 };
        let tasks = if phase == Phase::Finalizing { 2 } else { 0 };
        (tasks, i64::try_from(users).unwrap_or_default())
    }

    fn version(&mut self, index: usize, offline: bool) -> Option<Json> {
        let options = [
            Freedom::OfflineVersionInstalled,
            Freedom::OfflineVersionOld,
            Freedom::OfflineVersionAbsent,
            Freedom::OfflineVersionNull,
        ];
        let versions = &self.names.versions;
        self.choose(index, offline, &options, &|version| Json::text(&versions[version]))
    }

    fn build(&mut self, index: usize, offline: bool) -> Option<Json> {
        let options = [
            Freedom::OfflineBuildInstalled,
            Freedom::OfflineBuildOld,
            Freedom::OfflineBuildAbsent,
            Freedom::OfflineBuildNull,
        ];
        let builds = &self.names.builds;
        self.choose(index, offline, &options, &|version| Json::text(&builds[version]))
    }

    /// The options stand in this order: installed, old, absent, null.
    fn choose(
        &mut self,
        index: usize,
        offline: bool,
        options: &[Freedom; 4],
        text: &dyn Fn(usize) -> Json,
    ) -> Option<Json> {
        let node = &self.cluster.nodes[index];
        if !offline {
            return Some(text(node.version));
        }
        let chosen = self.freedoms.pick(options, self.random);
        if chosen == options[1] {
            let nth = self.random.usize(..node.past.len());
            Some(text(node.past.iter().nth(nth).unwrap_or(node.version)))
        } else if chosen == options[2] {
            None
        } else if chosen == options[3] {
            Some(Json::Null)
        } else {
            Some(text(node.version))
        }
    }
}

/// The freedoms of JSON itself: order of the fields, and fields that nobody asked for.
pub(crate) fn loosen(json: &mut Json, freedoms: Freedoms, random: &mut fastrand::Rng) {
    let (extra, shuffled) =
        (freedoms.has(Freedom::ExtraFields), freedoms.has(Freedom::ShuffleFields));
    if !extra && !shuffled {
        return;
    }
    json.visit_objects(&mut |fields| {
        if freedoms.now(Freedom::ExtraFields, random) {
            fields.push(match random.u8(..4) {
                0 => ("plannedFor", Json::Null),
                1 => {
                    let link = Json::word("https://wiki.example.org/x?a=\"b\"\u{e9}");
                    ("_links", Json::Object(vec![("self", link)]))
                }
                2 => ("states", Json::List(vec![Json::word("ERROR"), Json::Number(-1)])),
                _ => ("uptimeMs", Json::Raw("1.5e9")),
            });
        }
        if shuffled {
            random.shuffle(fields);
        }
    });
}
