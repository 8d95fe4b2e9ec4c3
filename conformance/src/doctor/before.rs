//! Is it the target file that is wrong, and not the build? What a run asks before its first step; it sends reads alone.
//!
//! A build under test may answer anything. So a fault is the file's only where the build agrees with itself about it: what one
//! view shows is held against another before anybody is told to mend the file.

use zdu_model::judge::event::{Answer, Caller, Silence, Source, View};
use zdu_model::judge::roster::Roster;
use zdu_model::judge::seen::{Observation, Overview, SeenVersion, words_missing};
use zdu_model::judge::served::{Entry, Served};
use zdu_model::judge::text::Text;
use zdu_model::spec::node::{NodeId, NodeStatus};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::transition::Call;

use crate::replay::{Port as _, Shown, Site};
use crate::target::Target;
use crate::words::{Remedy, Words};

/// Something in the target file that does not fit the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetFault {
    /// Nodes of the file that are not listed; beside them the listed ones that the file does not name.
    Missing(Vec<NodeId>, Vec<Text>),
    /// Nodes that are listed and that the file does not name.
    Unnamed(Vec<Text>),
    /// Versions that nodes run and the file does not name.
    Version(NodeId, Text),
    /// Words that the file's profile does not have.
    Profile(Vec<String>),
    /// The file says that the build has upgrade tasks, and it knows neither their flag nor their call.
    NoTasks,
    /// Nobody listens at the `url` of a node that is listed ACTIVE.
    Dead(NodeId, Silence),
    /// Something else than this API answers at the `url` of a node.
    Elsewhere(NodeId),
    /// At the `url` of the first the second answers, and so on.
    Swapped(Vec<(NodeId, NodeId)>),
}

/// What does not fit, and what nodes and versions are called.
pub struct TargetFaults<'a> {
    site: &'a Site,
    roster: Roster,
    found: Vec<TargetFault>,
}

impl<'a> TargetFaults<'a> {
    /// Those nodes that the cluster lists as up and that the file does not name, where it names any: whoever speaks of the whole
    /// cluster would leave them out.
    pub async fn unnamed(target: &Target, site: &'a Site) -> Self {
        let (mut faults, _) = Self::begin(target, site).await;
        faults.found.retain(|fault| matches!(fault, TargetFault::Unnamed(_)));
        faults
    }

    /// Looks for them. A cluster that cannot be read has none: that is for the run to find.
    pub async fn of(target: &Target, site: &'a Site) -> Self {
        let (mut faults, seen) = Self::begin(target, site).await;
        let Some(seen) = seen else { return faults };
        faults.versions(&seen).await;
        let words = words_missing(site.dictionary.profile, &Observation::Overview(seen.clone()));
        if !words.is_empty() && target.profile.is_some() {
            faults
                .found
                .push(TargetFault::Profile(words.iter().map(ToString::to_string).collect()));
        }
        let tasks = target.profile == Some(Profile::Finalization);
        if tasks && seen.tasks.is_none() && faults.knows_no_retry().await {
            faults.found.push(TargetFault::NoTasks);
        }
        faults.addresses(&seen).await;
        faults
    }

    /// What does not fit of the nodes, where the file names any; and the overview, where there is one.
    async fn begin(target: &Target, site: &'a Site) -> (Self, Option<Overview>) {
        let mut faults = Self { site, roster: site.dictionary.roster(), found: Vec::new() };
        let answer = site.read(Source::Cluster, View::Overview, None).await.answer;
        let Answer::Served(served) = answer else { return (faults, None) };
        let Served::Cluster { nodes: entries, .. } = &served else { return (faults, None) };
        let told = faults.roster.told(&served, None);
        let Some(Observation::Overview(seen)) = told.seen else { return (faults, None) };
        if !target.nodes.is_empty() {
            let ours: Vec<&Text> = told.entries.iter().map(|(_, entry)| &entry.id).collect();
            faults.nodes(entries, &ours, &seen).await;
        }
        (faults, Some(seen))
    }

    /// Whether there is nothing where `retryUpgrade` would be. Asked as a read: what takes a POST refuses that as such.
    async fn knows_no_retry(&self) -> bool {
        let url = self.site.call_url(Call::Retry);
        self.site.client.get(&url, Caller::Admin).await.code == Some(404)
    }

    /// What is found.
    #[must_use]
    pub fn found(&self) -> &[TargetFault] {
        &self.found
    }

    /// The same with its remedy, in words. A node that is missing is no fault where `may_boot` says that it is brought back.
    #[must_use]
    pub fn told(&self, may_boot: impl Fn(NodeId) -> bool) -> Vec<String> {
        let back = |fault: &&TargetFault| match fault {
            TargetFault::Missing(ids, others) => {
                others.is_empty() && ids.iter().all(|id| may_boot(*id))
            }
            TargetFault::Unnamed(_)
            | TargetFault::Version(..)
            | TargetFault::Profile(_)
            | TargetFault::NoTasks
            | TargetFault::Dead(..)
            | TargetFault::Elsewhere(_)
            | TargetFault::Swapped(_) => false,
        };
        let found = self.found.iter().filter(|fault| !back(fault));
        found.map(|fault| self.remedy(fault).line()).collect()
    }

    /// What one of them is, and what to do about it.
    #[must_use]
    pub fn remedy(&self, fault: &TargetFault) -> Remedy {
        Words::new(&self.roster.names()).target_fault(fault, self.site.dictionary.profile)
    }

    async fn nodes(&mut self, entries: &[Entry], ours: &[&Text], seen: &Overview) {
        let ghosts: Vec<&Text> = self.roster.ghosts().map(|entry| &entry.id).collect();
        let up = |entry: &&Entry| {
            entry.status.is_some_and(|status| status != NodeStatus::Offline)
                && !ours.contains(&&entry.id)
                && !ghosts.contains(&&entry.id)
        };
        let mut unnamed = Vec::new();
        for entry in entries.iter().filter(up) {
            // The build's own view of it must agree that there is such a node.
            let view = View::Node(NodeId::new(1));
            let answer = self.site.read(Source::Cluster, view, Some(&entry.id)).await.answer;
            if matches!(answer, Answer::Served(_)) {
                unnamed.push(entry.id.clone());
            }
        }
        let mut missing = Vec::new();
        for (index, _) in seen.nodes.iter().enumerate().filter(|(_, node)| node.is_none()) {
            let id = NodeId::at(index);
            let listed = match self.roster.id(id) {
                None => false,
                Some(text) => {
                    let answer =
                        self.site.read(Source::Cluster, View::Node(id), Some(text)).await.answer;
                    !matches!(answer, Answer::NotListed)
                }
            };
            if !listed {
                missing.push(id);
            }
        }
        match (missing.is_empty(), unnamed.is_empty()) {
            (true, true) => {}
            (true, false) => self.found.push(TargetFault::Unnamed(unnamed)),
            (false, _) => self.found.push(TargetFault::Missing(missing, unnamed)),
        }
    }

    async fn versions(&mut self, seen: &Overview) {
        for (index, node) in seen.nodes.iter().enumerate() {
            let id = NodeId::at(index);
            let Some(foreign @ SeenVersion::Foreign(_)) = node.map(|node| node.version) else {
                continue;
            };
            let own = self.site.look(Source::Cluster, View::Node(id)).await;
            let names = self.roster.names();
            let name = names.seen(foreign).unwrap_or_default();
            let agrees = match own.shown {
                Shown::Seen(Some(Observation::Node(_, Some(node)))) => {
                    own.roster.names().seen(node.version).as_ref() == Some(&name)
                }
                Shown::Seen(_) | Shown::Nobody(_) | Shown::Bad(_) => false,
            };
            if agrees {
                self.found.push(TargetFault::Version(id, name.into()));
            }
        }
    }

    async fn addresses(&mut self, seen: &Overview) {
        let cluster = self.site.look(Source::Cluster, View::State).await.shown;
        // A build that cannot say its own status says nothing of addresses either.
        if !matches!(cluster, Shown::Seen(Some(Observation::State(..)))) {
            return;
        }
        let mut who = Vec::new();
        for id in self.site.own() {
            let active =
                seen.nodes[id.index()].is_some_and(|node| node.status == Some(NodeStatus::Active));
            match self.site.look(Source::Node(id), View::State).await.shown {
                Shown::Seen(Some(Observation::State(_, answering, _))) => who.push((id, answering)),
                Shown::Seen(_) | Shown::Bad(_) if active => {
                    self.found.push(TargetFault::Elsewhere(id))
                }
                Shown::Nobody(silence @ (Silence::Broken(_) | Silence::TimedOut)) if active => {
                    self.found.push(TargetFault::Dead(id, silence));
                }
                Shown::Seen(_) | Shown::Bad(_) | Shown::Nobody(_) => {}
            }
        }
        // A build that names one node everywhere is wrong itself; addresses that are mixed up each name another.
        let mut named: Vec<NodeId> = who.iter().map(|(_, answering)| *answering).collect();
        named.sort_unstable();
        named.dedup();
        let swapped: Vec<(NodeId, NodeId)> =
            who.iter().copied().filter(|(id, answering)| id != answering).collect();
        if named.len() == who.len() && !swapped.is_empty() {
            self.found.push(TargetFault::Swapped(swapped));
        }
    }
}
