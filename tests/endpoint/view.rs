//! How is the cluster written as JSON, with the freedoms that an answer has?
//!
//! Planted slips of the answers come afterwards, in `bodies`.

use super::cluster::{Cluster, Phase, Profile};
use super::freedom::{Freedom, Freedoms};
use super::json::Json;

/// What never changes about the nodes and versions.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) ids: Vec<String>,
    pub(crate) names: Vec<String>,
    pub(crate) versions: Vec<String>,
}

impl Names {
    /// Ids in one of four styles, chosen by the seed; seed 0 gives `n1`, `n2` and so on.
    pub(crate) fn new(nodes: usize, versions: Vec<String>, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed ^ 0x1d5);
        let id = |number: usize, random: &mut fastrand::Rng| match seed % 4 {
            0 => format!("n{number}"),
            1 => format!("{:08x}", random.u32(..)),
            2 => format!("{:016x}{:016x}", random.u64(..), random.u64(..)),
            _ => format!("wiki-{:x}.example.org_{}", random.u16(..), 100 - number),
        };
        let ids = (1..=nodes).map(|number| id(number, &mut random)).collect();
        let names = (1..=nodes).map(|number| format!("confluence-{number}")).collect();
        Self { ids, names, versions }
    }

    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|known| known == id)
    }

    fn build(version: usize) -> Json {
        Json::text(&(9012 + 7 * version).to_string())
    }
}

/// One reading of the cluster by one answering node.
pub(crate) struct View<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) names: &'a Names,
    pub(crate) freedoms: &'a Freedoms,
    pub(crate) random: &'a mut fastrand::Rng,
    pub(crate) answering: usize,
}

impl View<'_> {
    pub(crate) fn cluster(&mut self) -> Json {
        let mut listed: Vec<usize> = (0..self.cluster.nodes.len())
            .filter(|index| self.cluster.nodes[*index].phase != Phase::Absent)
            .collect();
        if self.freedoms.has(Freedom::ShuffleNodes) {
            self.random.shuffle(&mut listed);
        }
        let nodes = listed.into_iter().map(|index| self.node(index)).collect();
        let mut fields = vec![
            ("upgradeModeEnabled", Json::bool(self.cluster.mode)),
            ("state", Json::text(self.cluster.status().word())),
        ];
        match self.cluster.origin {
            Some(version) => {
                fields.push(("originalVersion", Json::text(&self.names.versions[version])))
            }
            None => {
                let options = [Freedom::OriginAbsent, Freedom::OriginNull];
                if self.freedoms.pick(&options, self.random) == Freedom::OriginNull {
                    fields.push(("originalVersion", Json::null()));
                }
            }
        }
        fields.push(("nodes", Json::List(nodes)));
        if self.cluster.profile == Profile::Finalization {
            fields.push(("hasFinalizationTasks", Json::bool(self.cluster.tasks_pending)));
        }
        Json::object(fields)
    }

    pub(crate) fn state(&mut self) -> Json {
        let answering = self.node(self.answering);
        Json::object(vec![
            ("state", Json::text(self.cluster.status().word())),
            ("buildInfo", answering),
        ])
    }

    pub(crate) fn node(&mut self, index: usize) -> Json {
        let node = &self.cluster.nodes[index];
        let number = i64::try_from(index + 1).unwrap_or_default();
        let (tasks, users) = if self.freedoms.has(Freedom::CountersVary) {
            (self.random.i64(0..4), self.random.i64(0..200))
        } else {
            (0, number)
        };
        let offline = node.phase == Phase::Offline;
        let mut fields = vec![
            ("id", Json::text(&self.names.ids[index])),
            ("name", Json::text(&self.names.names[index])),
            ("ipAddress", Json::text(&format!("10.0.0.{}", 10 + number))),
            ("portNumber", Json::number(5801)),
            ("state", node.phase.word().map_or_else(Json::null, Json::text)),
        ];
        if let Some(version) = self.version(index, offline) {
            fields.push(("version", version));
        }
        if let Some(build) = self.build(index, offline) {
            fields.push(("buildNumber", build));
        }
        fields.extend([
            ("tasksTotal", Json::number(tasks)),
            ("activeUserCount", Json::number(users)),
            ("local", Json::bool(index == self.answering)),
        ]);
        Json::object(fields)
    }

    fn version(&mut self, index: usize, offline: bool) -> Option<Json> {
        let options = [
            Freedom::OfflineVersionInstalled,
            Freedom::OfflineVersionOld,
            Freedom::OfflineVersionAbsent,
            Freedom::OfflineVersionNull,
        ];
        let versions = self.names;
        let text = |version: usize| Json::text(&versions.versions[version]);
        self.choose(index, offline, &options, &text)
    }

    fn build(&mut self, index: usize, offline: bool) -> Option<Json> {
        let options = [
            Freedom::OfflineBuildInstalled,
            Freedom::OfflineBuildOld,
            Freedom::OfflineBuildAbsent,
            Freedom::OfflineBuildNull,
        ];
        self.choose(index, offline, &options, &Names::build)
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
            Some(text(node.past[self.random.usize(..node.past.len())]))
        } else if chosen == options[2] {
            None
        } else if chosen == options[3] {
            Some(Json::null())
        } else {
            Some(text(node.version))
        }
    }
}

/// The freedoms of JSON itself: order of the fields, and fields that nobody asked for.
pub(crate) fn loosen(json: &mut Json, freedoms: &Freedoms, random: &mut fastrand::Rng) {
    json.visit_objects(&mut |fields| {
        if freedoms.now(Freedom::ExtraFields, random) {
            let extra = [
                ("plannedFor", Json::null()),
                (
                    "_links",
                    Json::object(vec![(
                        "self",
                        Json::text("https://wiki.example.org/x?a=\"b\"\u{e9}"),
                    )]),
                ),
                ("states", Json::List(vec![Json::text("ERROR"), Json::number(-1)])),
                ("uptimeMs", Json::Raw("1.5e9".to_owned())),
            ];
            let (key, value) = extra[random.usize(..extra.len())].clone();
            fields.push((key.to_owned(), value));
        }
        if freedoms.has(Freedom::ShuffleFields) {
            random.shuffle(fields);
        }
    });
}
