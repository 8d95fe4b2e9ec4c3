//! How is the cluster written as JSON, with the freedoms that an answer has (spec sections 1 and 7)?
//!
//! Planted slips of the answers come afterwards, in `bodies`.

use super::json::{Fields, Json};
use crate::cluster::{Cluster, Phase, Status};
use crate::endpoint::Endpoint;
use crate::freedom::{Freedom, Freedoms};
use crate::names::{Ghost, Identity, Names};
use crate::options::Profile;
use crate::silence::{Silence, for_ever};

/// The users whom the serving nodes share.
const USERS: usize = 12;
/// When failed tasks were last asked for, in milliseconds.
const REQUESTED_MS: i64 = 1_750_957_209_135;

/// An entry of the list of nodes, with the node that it is.
pub(crate) type Entry = (Option<usize>, Json);

/// One reading of the cluster by one answering node.
pub(crate) struct View<'a> {
    pub(crate) cluster: &'a Cluster,
    /// The status that is shown.
    pub(crate) status: Status,
    pub(crate) names: &'a Names,
    pub(crate) silence: &'a Silence,
    pub(crate) context: &'a str,
    pub(crate) random: &'a mut fastrand::Rng,
    pub(crate) answering: usize,
}

impl Endpoint {
    /// What a node that answers sees now.
    pub(crate) fn view(&mut self, answering: usize) -> View<'_> {
        View {
            cluster: &self.cluster,
            status: self.cluster.status(),
            names: &self.names,
            silence: &self.silence,
            context: &self.options.context,
            random: &mut self.random,
            answering,
        }
    }
}

impl View<'_> {
    const fn freedoms(&self) -> Freedoms {
        self.cluster.freedoms
    }

    /// The entries of every listed node, and of what nodes have left behind.
    pub(crate) fn entries(&mut self) -> Vec<Entry> {
        let names = self.names;
        let mut entries = Vec::with_capacity(self.cluster.nodes.len() + names.ghosts.len());
        for index in 0..self.cluster.nodes.len() {
            if self.cluster.nodes[index].phase != Phase::Absent {
                entries.push((Some(index), self.node(index, false)));
            }
        }
        for ghost in &names.ghosts {
            entries.push((None, self.ghost(ghost)));
        }
        if self.freedoms().has(Freedom::ShuffleNodes) {
            self.random.shuffle(&mut entries);
        }
        entries
    }

    /// A Cluster with these entries.
    pub(crate) fn cluster(&mut self, entries: Vec<Entry>) -> Json {
        let mut fields = vec![
            ("upgradeModeEnabled", Json::Bool(self.cluster.mode)),
            ("state", Json::word(self.status.word())),
        ];
        match self.cluster.origin {
            Some(version) => {
                fields.push(("originalVersion", Json::text(&self.names.versions[version])))
            }
            None => {
                let options = [Freedom::OriginAbsent, Freedom::OriginNull];
                if self.freedoms().pick(&options, self.random) == Freedom::OriginNull {
                    fields.push(("originalVersion", Json::Null));
                }
            }
        }
        fields.push(("nodes", Json::List(entries.into_iter().map(|(_, entry)| entry).collect())));
        if self.cluster.profile == Profile::Finalization
            && !self.freedoms().now(Freedom::FlagAbsent, self.random)
        {
            fields.push(("hasFinalizationTasks", Json::Bool(self.flag())));
        }
        if self.freedoms().has(Freedom::Links) {
            fields.push(("links", Json::List(Vec::new())));
        }
        Json::Object(fields)
    }

    /// Each node speaks for itself and for the database alone, where section 7 leaves it open.
    fn flag(&mut self) -> bool {
        let up = self.cluster.nodes.iter().filter(|node| !node.phase.down());
        let mut versions = up.map(|node| node.version);
        let first = versions.next();
        let several = versions.any(|version| Some(version) != first);
        let status = self.cluster.status_by_the_book();
        let open =
            self.cluster.mode || matches!(status, Status::Running | Status::Failed) || several;
        if open && self.freedoms().now(Freedom::FlagEarly, self.random) {
            return self.random.bool();
        }
        self.cluster.tasks_pending
    }

    /// A ClusterState.
    pub(crate) fn state(&mut self) -> Json {
        let answering = self.node(self.answering, false);
        Json::Object(vec![("state", Json::word(self.status.word())), ("buildInfo", answering)])
    }

    /// A Node; `called` when it is the answer to its own call.
    pub(crate) fn node(&mut self, index: usize, called: bool) -> Json {
        let node = &self.cluster.nodes[index];
        let phase = node.phase;
        let silent = index != self.answering
            && (self.silence.is_silent(index) || for_ever(self.cluster, index));
        let names = self.names;
        let mut fields = Vec::with_capacity(14);
        self.identity(&mut fields, &names.nodes[index]);
        if silent {
            self.silent(&mut fields);
        } else {
            fields.push(("state", phase.word().map_or(Json::Null, Json::word)));
            let offline = phase == Phase::Offline;
            let version = self.version(index, offline);
            let needed = phase.serving();
            self.maybe(&mut fields, "version", Freedom::VersionAbsent, needed || offline, version);
            let build = self.build(index, offline);
            self.maybe(&mut fields, "buildNumber", Freedom::BuildAbsent, offline, build);
            let (tasks, users) = self.counts(index);
            let needed = called && phase.serving();
            self.maybe(
                &mut fields,
                "tasksTotal",
                Freedom::TasksAbsent,
                needed,
                Some(Json::Number(tasks)),
            );
            self.maybe(
                &mut fields,
                "activeUserCount",
                Freedom::UsersAbsent,
                false,
                Some(Json::Number(users)),
            );
            let local = Some(Json::Bool(index == self.answering));
            self.maybe(&mut fields, "local", Freedom::LocalAbsent, false, local);
            if self.freedoms().has(Freedom::FinalizationShown) {
                fields.push(("finalization", finalization(phase)));
            }
        }
        if self.freedoms().has(Freedom::Links) {
            fields.push(("links", self.links(&names.nodes[index])));
        }
        Json::Object(fields)
    }

    /// The entry that a node has left behind.
    pub(crate) fn ghost(&mut self, ghost: &Ghost) -> Json {
        let mut fields = Vec::with_capacity(12);
        self.identity(&mut fields, &ghost.known);
        if ghost.silent {
            self.silent(&mut fields);
            return Json::Object(fields);
        }
        fields.push(("state", Json::word("OFFLINE")));
        if self.random.bool() {
            fields.push(("version", Json::text(&self.names.versions[ghost.version])));
            fields.push(("buildNumber", Json::text(&self.names.builds[ghost.version])));
        } else {
            fields.push(("version", Json::Null));
        }
        fields.push(("tasksTotal", Json::Number(0)));
        fields.push(("activeUserCount", Json::Number(0)));
        fields.push(("local", Json::Bool(false)));
        Json::Object(fields)
    }

    /// What an entry is known by. Where ids change something must stay that a node is known by.
    fn identity(&mut self, fields: &mut Fields, known: &Identity) {
        let freedoms = self.freedoms();
        let change = freedoms.has(Freedom::IdsChange);
        let moves = change && freedoms.has(Freedom::AddressesChange);
        let nameless = freedoms.has(Freedom::NameAbsent) && !moves;
        fields.push(("id", Json::text(&known.id)));
        self.maybe(fields, "name", Freedom::NameAbsent, moves, Some(Json::text(&known.name)));
        let address = Some(Json::text(&known.address));
        self.maybe(fields, "ipAddress", Freedom::AddressAbsent, change && nameless, address);
        let port = Some(Json::Number(known.port.into()));
        self.maybe(fields, "portNumber", Freedom::PortAbsent, false, port);
    }

    /// What a silent entry says: nothing.
    fn silent(&mut self, fields: &mut Fields) {
        for key in ["state", "version", "buildNumber", "tasksTotal", "activeUserCount", "local"] {
            if self.random.bool() {
                fields.push((key, Json::Null));
            }
        }
    }

    /// Writes a field, unless a freedom leaves it out; a `kept` one is left out by nothing but its value.
    fn maybe(
        &mut self,
        fields: &mut Fields,
        key: &'static str,
        freedom: Freedom,
        kept: bool,
        value: Option<Json>,
    ) {
        let Some(value) = value else { return };
        if kept || !self.freedoms().now(freedom, self.random) {
            fields.push((key, value));
        } else if self.freedoms().now(Freedom::FieldsNull, self.random) {
            fields.push((key, Json::Null));
        }
    }

    fn links(&self, known: &Identity) -> Json {
        let path = format!("http://127.0.0.1{}/rest/zdu/nodes/{}", self.context, known.id);
        let link = vec![("rel", Json::word("self")), ("href", Json::text(&path))];
        Json::List(vec![Json::Object(link)])
    }

    /// The running tasks and the users of a node.
    fn counts(&mut self, index: usize) -> (i64, i64) {
        if self.freedoms().has(Freedom::CountersVary) {
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
        let chosen = self.freedoms().pick(options, self.random);
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

/// The tasks that failed on a node, in words such as a build's.
fn finalization(phase: Phase) -> Json {
    if phase != Phase::FinalizeFailed {
        return Json::Null;
    }
    let error = Json::Object(vec![
        ("taskName", Json::word("SplitLocationUpgradeTask")),
        ("exceptionMessage", Json::word("duplicate key in table location")),
        ("clusterUpgradeTask", Json::Bool(true)),
        ("errors", Json::List(vec![Json::word("row 12 could not be migrated")])),
    ]);
    Json::Object(vec![
        ("lastRequested", Json::Number(REQUESTED_MS)),
        ("runsClusterWideTasks", Json::Bool(true)),
        ("errors", Json::List(vec![error])),
    ])
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
