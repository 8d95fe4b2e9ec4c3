//! Which entry is which node? Identity as section 7 reads it, and what a build serves beyond the model.
//!
//! An entry is a node by its id, else by its address, else by its name. Ids change when a node comes back from a boot, and the
//! entry that it leaves behind is a *ghost*: no node of the model. What breaks the rules of identity is told as an
//! [`Oddity`]; names, addresses and builds are kept so that views can be held against each other (API-11).

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Names;
use super::seen::{Observation, Overview, SeenNode, SeenVersion};
use super::served::{Entry, Field, Served};
use super::text::Text;
use crate::spec::node::{NodeId, NodeStatus, Version};

/// A node of the target, as whoever sets up the run names it; at least one of id, address and name is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Known {
    /// The id that the API lists, as far as it is known.
    pub id: Option<Text>,
    /// The `ipAddress` that the API lists.
    pub address: Option<Text>,
    /// The `portNumber` that the API lists.
    pub port: Option<i64>,
    /// The name: the `name` that the API lists, or what reports call the node by.
    pub name: Option<Text>,
    /// The `name` that the API was seen to list.
    pub listed: Option<Text>,
}

/// Something in a listing that breaks the identity of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A node that stayed up is listed under another id; the one that it had comes first.
    IdChanged(NodeId, Text, Text),
    /// An entry that is none of the nodes.
    Stranger(Text),
    /// One id twice, or two entries that both say that the node is up.
    Twice(Text),
    /// A node that was asked for by its id answers as another.
    OtherNode(NodeId, Text),
}

/// What is known of one node.
#[derive(Clone, Debug)]
struct Member {
    known: Known,
    /// It has been down, or was asked to come up: it may be listed under another id from now on.
    may_move: bool,
    /// Several entries could be it, none of them up.
    unclear: bool,
    /// In how many readings in a row it was unclear, and the entry of this id was silent.
    silent: BTreeMap<Text, u32>,
    /// The last entry that was it.
    last: Option<Entry>,
}

/// Who is who in a cluster, as far as its answers tell.
#[derive(Clone, Debug)]
pub struct Roster {
    members: Vec<Member>,
    versions: Vec<Text>,
    foreign: Vec<Text>,
    /// Ids that a node had before it came back under another one, with the entry if it is still listed.
    ghosts: BTreeMap<Text, Option<Entry>>,
    /// Fields that were given at least once, and those that could have been.
    given: BTreeSet<Field>,
    due: BTreeSet<Field>,
}

/// How many different unknown versions are told apart.
const FOREIGN_MAX: usize = 250;

/// How many versions the model knows at most.
const VERSIONS_MAX: usize = 16;

/// An answer in the model's words, and what is odd about who is in it.
#[derive(Clone, Debug)]
pub struct Told {
    /// The answer; `None` where it speaks of nobody whom the model knows.
    pub seen: Option<Observation>,
    /// The entries by node, for what the model has no word for.
    pub entries: Vec<(NodeId, Entry)>,
    /// What breaks the identity of nodes.
    pub oddities: Vec<Oddity>,
}

impl Roster {
    /// A roster of these nodes and versions, the original version first.
    #[must_use]
    pub fn new(nodes: Vec<Known>, versions: Vec<Text>) -> Self {
        let members = nodes
            .into_iter()
            .map(|known| Member {
                known,
                may_move: true,
                unclear: false,
                silent: BTreeMap::new(),
                last: None,
            })
            .collect();
        Self {
            members,
            versions,
            foreign: Vec::new(),
            ghosts: BTreeMap::new(),
            given: BTreeSet::new(),
            due: BTreeSet::new(),
        }
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// How reports call nodes and versions.
    #[must_use]
    pub fn names(&self) -> Names {
        let name = |(index, member): (usize, &Member)| {
            let known = &member.known;
            let given = known.name.as_ref().or(member.known.listed.as_ref()).or(known.id.as_ref());
            given
                .or(known.address.as_ref())
                .cloned()
                .unwrap_or_else(|| Text::from(NodeId::at(index).to_string()))
        };
        Names {
            nodes: self.members.iter().enumerate().map(name).collect(),
            versions: self.versions.clone(),
            foreign: self.foreign.clone(),
        }
    }

    /// The id under which a node is asked for now; `None` before it was ever listed.
    #[must_use]
    pub fn id(&self, node: NodeId) -> Option<&Text> {
        self.members.get(node.index())?.known.id.as_ref()
    }

    /// The nodes as they are known now.
    #[must_use]
    pub fn known(&self) -> Vec<Known> {
        self.members.iter().map(|member| member.known.clone()).collect()
    }

    /// The last entry that was this node.
    #[must_use]
    pub fn entry(&self, node: NodeId) -> Option<&Entry> {
        self.members.get(node.index())?.last.as_ref()
    }

    /// The entries that nodes left behind and that are still listed.
    pub fn ghosts(&self) -> impl Iterator<Item = &Entry> {
        self.ghosts.values().flatten()
    }

    /// The ids that nodes left behind, whether their entries are still listed or not.
    pub fn left_behind(&self) -> impl Iterator<Item = &Text> {
        self.ghosts.keys()
    }

    /// Optional fields that could have been given and never were.
    #[must_use]
    pub fn left_out(&self) -> Vec<Field> {
        self.due.difference(&self.given).copied().collect()
    }

    /// What nodes left behind is to be learnt anew: a cluster that was reset may give an id again that one had left behind.
    pub fn forget_left_behind(&mut self) {
        self.ghosts.clear();
    }

    /// Takes the versions that were met for the model's own from now on, as far as there is room; whether any was new.
    pub fn learn(&mut self) -> bool {
        let room = VERSIONS_MAX.saturating_sub(self.versions.len()).min(self.foreign.len());
        self.versions.extend(self.foreign.drain(..room));
        room > 0
    }

    /// How many versions are known.
    #[must_use]
    pub fn versions(&self) -> u8 {
        u8::try_from(self.versions.len()).unwrap_or(u8::MAX)
    }

    /// Versions that were met and are not known.
    #[must_use]
    pub fn foreign(&self) -> &[Text] {
        &self.foreign
    }

    /// A node was asked to come up: from now on it may be listed under another id.
    pub fn may_move(&mut self, node: NodeId) {
        if let Some(member) = self.members.get_mut(node.index()) {
            member.may_move = true;
        }
    }

    /// The cluster has settled: who is up stays under the id that it has.
    pub fn settled(&mut self) {
        for member in &mut self.members {
            let status = member.last.as_ref().and_then(|entry| entry.status);
            member.may_move = !status.is_some_and(is_up);
        }
    }

    /// Half of the time that a step has is over: of a node with an OFFLINE entry and a silent one, the silent one is what it left behind,
    /// however few readings there were.
    pub fn silence_lasts(&mut self) {
        for readings in self.members.iter_mut().flat_map(|member| member.silent.values_mut()) {
            *readings = SILENCE_MAX;
        }
    }

    /// Whether a node may come back under another id at this moment, so that what its old id answers says nothing.
    #[must_use]
    pub fn moves(&self, node: NodeId) -> bool {
        self.members.get(node.index()).is_some_and(|member| member.may_move)
            || self.ghosts.values().any(Option::is_some)
    }

    /// Whether several entries could be the node, so that its id is not known.
    #[must_use]
    pub fn unclear(&self, node: NodeId) -> bool {
        self.members.get(node.index()).is_some_and(|member| member.unclear)
    }

    fn version(&mut self, text: Option<&Text>) -> SeenVersion {
        let Some(text) = text else {
            return SeenVersion::Nothing;
        };
        let place = |list: &[Text]| {
            list.iter().position(|known| known == text).and_then(|at| u8::try_from(at).ok())
        };
        if let Some(index) = place(&self.versions) {
            return SeenVersion::Known(Version(index));
        }
        if place(&self.foreign).is_none() && self.foreign.len() < FOREIGN_MAX {
            self.foreign.push(text.clone());
        }
        SeenVersion::Foreign(place(&self.foreign).unwrap_or(u8::MAX))
    }

    fn seen(&mut self, entry: &Entry) -> SeenNode {
        SeenNode { status: entry.status, version: self.version(entry.version.as_ref()) }
    }

    fn note_fields(&mut self, entry: &Entry) {
        let down = entry.status.is_none_or(|status| status == NodeStatus::Offline);
        let fields = [
            (Field::Name, entry.name.is_some(), true),
            (Field::IpAddress, entry.address.is_some(), true),
            (Field::PortNumber, entry.port.is_some(), true),
            (Field::Version, entry.version.is_some(), !down),
            (Field::BuildNumber, entry.build.is_some(), !down),
            (Field::TasksTotal, entry.tasks.is_some(), !down),
            (Field::ActiveUserCount, entry.users.is_some(), !down),
            (Field::Local, entry.local.is_some(), !down),
        ];
        for (field, given, due) in fields {
            if given {
                self.given.insert(field);
            }
            if due {
                self.due.insert(field);
            }
        }
    }

    /// Which node an entry speaks of, by id, else by address, else by name; `None` if it is none of them.
    fn whose(&self, entry: &Entry) -> Option<usize> {
        let one = |fits: &dyn Fn(&Member) -> bool| {
            let mut found = self
                .members
                .iter()
                .enumerate()
                .filter(|(_, member)| fits(member))
                .map(|(at, _)| at);
            let first = found.next()?;
            // What several nodes have in common tells none of them.
            found.next().is_none().then_some(first)
        };
        let by_id = one(&|member| member.known.id.as_ref() == Some(&entry.id));
        by_id
            .or_else(|| {
                let address = entry.address.as_ref()?;
                one(&|member| {
                    let ports = member.known.port.is_none()
                        || entry.port.is_none()
                        || member.known.port == entry.port;
                    member.known.address.as_ref() == Some(address) && ports
                })
            })
            .or_else(|| {
                let name = entry.name.as_ref()?;
                one(&|member| {
                    member.known.listed.as_ref() == Some(name)
                        || member.known.name.as_ref() == Some(name)
                })
            })
    }

    /// Takes an entry as what its node is now.
    fn settle_on(&mut self, index: usize, entry: &Entry, oddities: &mut Vec<Oddity>) {
        let swapped = entry.address.as_ref().is_some_and(|address| {
            let same = |member: &Member| {
                member.known.address.as_ref() == Some(address)
                    && (entry.port.is_none()
                        || member.known.port.is_none()
                        || member.known.port == entry.port)
            };
            let mut others = self.members.iter().enumerate().filter(|(_, member)| same(member));
            // The address of another node, and of that one alone.
            matches!((others.next(), others.next()), (Some((other, taken)), None)
                if other != index && !taken.may_move)
        });
        let member = &mut self.members[index];
        let was = member.known.id.clone();
        let stayed = !member.may_move;
        match was {
            Some(was) if was != entry.id => {
                if stayed {
                    oddities.push(Oddity::IdChanged(
                        NodeId::at(index),
                        was.clone(),
                        entry.id.clone(),
                    ));
                }
                self.ghosts.entry(was).or_insert(None);
            }
            Some(was) if stayed && swapped => {
                oddities.push(Oddity::IdChanged(NodeId::at(index), was, entry.id.clone()));
            }
            Some(_) | None => {}
        }
        self.ghosts.remove(&entry.id);
        let member = &mut self.members[index];
        member.known.id = Some(entry.id.clone());
        if entry.address.is_some() {
            member.known.address.clone_from(&entry.address);
        }
        if entry.port.is_some() {
            member.known.port = entry.port;
        }
        if entry.name.is_some() {
            member.known.listed.clone_from(&entry.name);
        }
        if !entry.status.is_some_and(is_up) {
            member.may_move = true;
        }
        member.last = Some(entry.clone());
    }

    /// Puts an answer into the model's words.
    pub fn told(&mut self, served: &Served, asked: Option<NodeId>) -> Told {
        match served {
            Served::Cluster { mode, status, origin, tasks, nodes } => {
                self.due.insert(Field::HasFinalizationTasks);
                if tasks.is_some() {
                    self.given.insert(Field::HasFinalizationTasks);
                }
                let origin = self.version(origin.as_ref());
                let mut oddities = Vec::new();
                let entries = self.listed(nodes, &mut oddities);
                let mut listed = vec![None; self.members.len()];
                for (id, entry) in &entries {
                    listed[id.index()] = Some(self.seen(entry));
                }
                let seen = Observation::Overview(Overview {
                    mode: *mode,
                    origin,
                    status: *status,
                    tasks: *tasks,
                    nodes: listed,
                });
                Told { seen: Some(seen), entries, oddities }
            }
            Served::State { status, by } => {
                self.note_fields(by);
                let Some(index) = self.whose(by) else {
                    let oddities = vec![Oddity::Stranger(by.id.clone())];
                    return Told { seen: None, entries: Vec::new(), oddities };
                };
                let mut oddities = Vec::new();
                self.settle_on(index, by, &mut oddities);
                let id = NodeId::at(index);
                let seen = Observation::State(*status, id, self.seen(by));
                Told { seen: Some(seen), entries: vec![(id, by.clone())], oddities }
            }
            Served::Node(entry) => {
                self.note_fields(entry);
                let Some(id) = asked else {
                    return Told { seen: None, entries: Vec::new(), oddities: Vec::new() };
                };
                if self.id(id).is_some_and(|known| *known != entry.id) {
                    let oddities = vec![Oddity::OtherNode(id, entry.id.clone())];
                    return Told { seen: None, entries: Vec::new(), oddities };
                }
                let seen = Observation::Node(id, Some(self.seen(entry)));
                Told { seen: Some(seen), entries: vec![(id, entry.clone())], oddities: Vec::new() }
            }
        }
    }

    /// Finds each node's entry in a listing. Of several that could be one node the one that is neither OFFLINE nor silent is
    /// it; of several that are OFFLINE or silent each is an explanation, so that what they differ in tells nothing.
    fn listed(&mut self, nodes: &[Entry], oddities: &mut Vec<Oddity>) -> Vec<(NodeId, Entry)> {
        let mut ids = BTreeSet::new();
        for entry in nodes {
            self.note_fields(entry);
            if !ids.insert(&entry.id) {
                oddities.push(Oddity::Twice(entry.id.clone()));
            }
        }
        let mut candidates: Vec<Vec<&Entry>> = vec![Vec::new(); self.members.len()];
        for ghost in self.ghosts.values_mut() {
            *ghost = None;
        }
        for entry in nodes {
            let up = entry.status.is_some_and(|status| status != NodeStatus::Offline);
            if let (Some(ghost), false) = (self.ghosts.get_mut(&entry.id), up) {
                *ghost = Some(entry.clone());
                continue;
            }
            match self.whose(entry) {
                Some(index) => candidates[index].push(entry),
                None if up => oddities.push(Oddity::Stranger(entry.id.clone())),
                // What somebody left behind before we came.
                None => {
                    self.ghosts.insert(entry.id.clone(), Some(entry.clone()));
                }
            }
        }
        let mut found = Vec::new();
        for (index, candidates) in candidates.iter().enumerate() {
            let up =
                |entry: &&&Entry| entry.status.is_some_and(|status| status != NodeStatus::Offline);
            let mut ups = candidates.iter().filter(up);
            let member = &mut self.members[index];
            member.unclear = candidates.len() > 1 && !candidates.iter().any(|entry| up(&entry));
            let before = std::mem::take(&mut member.silent);
            let silent = candidates.iter().filter(|entry| member.unclear && entry.status.is_none());
            let readings = |id: &Text| before.get(id).map_or(1, |known| known.saturating_add(1));
            member.silent = silent.map(|entry| (entry.id.clone(), readings(&entry.id))).collect();
            // Who came back under an id of its own is silent for a time of its own.
            let lasting = member.silent.values().all(|readings| *readings > SILENCE_MAX);
            let chosen = match (ups.next(), candidates.as_slice()) {
                (Some(chosen), _) => {
                    if let Some(second) = ups.next() {
                        oddities.push(Oddity::Twice(second.id.clone()));
                    }
                    (*chosen).clone()
                }
                (None, []) => {
                    self.members[index].may_move = true;
                    continue;
                }
                (None, [only]) => (*only).clone(),
                (None, several) => {
                    let own = self.members[index].known.id.clone();
                    let mut one = several
                        .iter()
                        .find(|entry| Some(&entry.id) == own.as_ref())
                        .map_or_else(|| several[0].clone(), |entry| (*entry).clone());
                    one.version = None;
                    // A node is silent for a while, what it left behind may be for ever.
                    let offline = several.iter().find_map(|entry| entry.status);
                    one.status = offline.filter(|_| lasting);
                    one
                }
            };
            self.settle_on(index, &chosen, oddities);
            for entry in candidates {
                if entry.id != chosen.id && chosen.status.is_some_and(|s| s != NodeStatus::Offline)
                {
                    self.ghosts.insert(entry.id.clone(), Some((*entry).clone()));
                }
            }
            found.push((NodeId::at(index), chosen));
        }
        found
    }
}

/// For how many readings a node may be silent beside an entry that is OFFLINE.
const SILENCE_MAX: u32 = 50;

/// Whether a node that is listed so serves.
const fn is_up(status: NodeStatus) -> bool {
    match status {
        NodeStatus::Active
        | NodeStatus::RunningFinalizeUpgradeTasks
        | NodeStatus::UpgradeTasksFailed => true,
        NodeStatus::Starting
        | NodeStatus::Terminating
        | NodeStatus::Offline
        | NodeStatus::Error
        | NodeStatus::Draining => false,
    }
}
