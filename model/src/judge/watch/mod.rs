//! What can be said of a cluster that others drive? Overviews one after the other, with anything between them.
//!
//! Each overview is held against the model by itself: some choice of the hidden phases must give the status that is shown,
//! with joined nodes on one version while upgrade mode is off. Two that follow each other closely are held against each
//! other too. From any state every other can be reached, so that alone says nothing; what says something is time. Between
//! two readings that are closer than the fastest restart, no node has been down and is ACTIVE again, upgrade mode changed
//! once at most, and what is listed alike stayed alike. All else may have happened: each node's moves are followed
//! for that node alone, whatever its neighbours did, so memory is a handful of states a node. The price is that this
//! judge is milder than a replay's belief; what it finds is wrong all the same, if the fastest restart is not too long.

mod changes;
mod unserved;
mod watcher;

pub use unserved::unserved;
pub use watcher::{News, Watcher};

use std::collections::BTreeSet;

use crate::judge::blame::{self, Context};
use crate::judge::finding::{Allowed, Sight};
use crate::judge::seen::{Overview, SeenNode, SeenVersion};
use crate::judge::trial::status_premise;
use crate::spec::cluster::{Cluster, ClusterStatus, Joined, Mode};
use crate::spec::node::{Node, NodeId, NodeStatus, Phase, Version};
use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;
use changes::Changes;

/// Something that no run of the model explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The one rule that it breaks.
    pub rule: Rule,
    /// The node that it is about, if it is about one.
    pub node: Option<NodeId>,
    /// What was allowed.
    pub allowed: Allowed,
    /// What was seen.
    pub seen: Sight,
}

/// How much time has passed since the last reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Less than the fastest restart takes, as somebody who knows the cluster says.
    Short,
    /// Less than a restart usually takes; a node that shows otherwise is believed.
    AssumedShort,
    /// As much as a restart takes, or more.
    Long,
}

/// Everything that a node may be.
type May = BTreeSet<Node>;

/// A judge of overviews.
#[derive(Clone, Debug)]
pub struct Watch {
    scope: Scope,
    before: Option<(Overview, Vec<May>)>,
    /// The last overview, however long ago.
    last: Option<Overview>,
    /// The version that each node was listed with last.
    shown: Vec<SeenVersion>,
    after_approve: bool,
}

impl Watch {
    /// A judge that has seen nothing yet.
    #[must_use]
    pub const fn new(scope: Scope) -> Self {
        Self { scope, before: None, last: None, shown: Vec::new(), after_approve: false }
    }

    /// Takes an overview in, and says what nothing explains. `since` says how much time has passed since the last one. An
    /// overview with versions or words that the model does not know is the caller's to keep back.
    pub fn see(&mut self, seen: &Overview, since: Since) -> Vec<Wrong> {
        let mut findings = Vec::new();
        let mut may: Vec<May> = (seen.nodes.iter()).map(|node| listed(self.scope, *node)).collect();
        if let Some((before, was)) = self.before.take().filter(|_| since != Since::Long) {
            let changes = Changes { scope: self.scope, before: &before, was: &was, seen };
            // Who restarted faster than was assumed may have done anything else as well.
            if since == Since::Short || !changes.restarted() {
                changes.judge(&mut may, &mut findings);
                if before.mode == Mode::On && seen.mode == Mode::Off {
                    self.after_approve = before.status == ClusterStatus::ReadyToRunUpgradeTasks;
                }
            }
        }
        self.judge_alone(seen, &may, &mut findings);
        self.last = Some(seen.clone());
        self.shown.resize(seen.nodes.len(), SeenVersion::Nothing);
        for (shown, is) in self.shown.iter_mut().zip(versions(seen)) {
            *shown = if is == SeenVersion::Nothing { *shown } else { is };
        }
        self.before = Some((seen.clone(), may));
        findings
    }

    /// The rules that this overview can break: that of its status where it stands for a second reading, MODE-8 where nodes of
    /// different versions are up while upgrade mode is off, NODE-10 where a node shows another version so soon after the last.
    #[must_use]
    pub fn at_stake(&self, seen: &Overview, since: Since) -> BTreeSet<Rule> {
        let mut rules = BTreeSet::from([Rule::Api1]);
        if seen.silent() {
            return rules;
        }
        let up = |node: &&SeenNode| !matches!(node.status, None | Some(NodeStatus::Offline));
        let mut up = seen.nodes.iter().flatten().filter(up).map(|node| node.version);
        let first = up.next();
        if seen.mode == Mode::Off && up.any(|version| Some(version) != first) {
            rules.insert(Rule::Mode8);
        }
        if self.last.as_ref() == Some(seen) {
            let may: Vec<May> = (seen.nodes.iter()).map(|node| listed(self.scope, *node)).collect();
            let clusters = self.clusters(seen, &may);
            rules.extend(clusters.iter().take(1).map(status_premise));
        }
        let mut shown = self.shown.iter().zip(versions(seen));
        let other = |(was, is): (&SeenVersion, SeenVersion)| {
            *was != is && *was != SeenVersion::Nothing && is != SeenVersion::Nothing
        };
        if since != Since::Long && self.before.is_some() && shown.any(other) {
            rules.insert(Rule::Node10);
        }
        rules
    }

    /// Nobody answered: what comes next is held against nothing.
    pub fn lose_sight(&mut self) {
        self.before = None;
    }

    /// What one overview says by itself.
    fn judge_alone(&self, seen: &Overview, may: &[May], findings: &mut Vec<Wrong>) {
        match (seen.mode, seen.origin) {
            (Mode::On, SeenVersion::Nothing) => findings.push(Wrong {
                rule: Rule::Api1,
                node: None,
                allowed: Allowed::Origin,
                seen: Sight::Origin(SeenVersion::Nothing),
            }),
            (Mode::Off, SeenVersion::Known(_) | SeenVersion::Foreign(_)) => findings.push(Wrong {
                rule: Rule::Api1,
                node: None,
                allowed: Allowed::NoOrigin,
                seen: Sight::Origin(seen.origin),
            }),
            (Mode::On | Mode::Off, _) => {}
        }
        // A silent entry says nothing of its node, so nothing can be said of the cluster (section 7).
        if seen.silent() {
            return;
        }
        let clusters = self.clusters(seen, may);
        let Some(first) = clusters.first().filter(|_| clusters.len() < CHOICES_MAX) else {
            return;
        };
        let several =
            |cluster: &Cluster| cluster.mode == Mode::Off && cluster.joined() == Joined::Several;
        if clusters.iter().all(several) {
            findings.push(Wrong {
                rule: Rule::Mode8,
                node: None,
                allowed: Allowed::OneVersion,
                seen: Sight::State((*first).clone()),
            });
            return;
        }
        let right: Vec<&Cluster> = clusters.iter().filter(|cluster| !several(cluster)).collect();
        let statuses: BTreeSet<ClusterStatus> =
            right.iter().map(|cluster| cluster.status()).collect();
        // A status may be a little older than the nodes beside it: only what stands unchanged in the next reading is wrong
        // (section 7).
        let stands = self.last.as_ref() == Some(seen);
        if let (true, false, Some(cluster)) =
            (stands, statuses.contains(&seen.status), right.first())
        {
            let context = Context {
                since: blame::Since::Reads,
                explained_since: true,
                after_approve: self.after_approve,
                tasks_seen: false,
            };
            findings.push(Wrong {
                rule: blame::status_rule(&context, cluster, seen.status),
                node: None,
                allowed: Allowed::OneOfStatuses(statuses.iter().copied().collect()),
                seen: Sight::Status(seen.status),
            });
        }
    }

    /// The clusters that an overview can stand for. Versions of nodes that are down are left out: no status looks at them.
    fn clusters(&self, seen: &Overview, may: &[May]) -> Vec<Cluster> {
        let origin = match (seen.mode, seen.origin) {
            (Mode::On, SeenVersion::Known(version)) => Some(version),
            (Mode::On, SeenVersion::Nothing | SeenVersion::Foreign(_)) | (Mode::Off, _) => None,
        };
        let mut choices: Vec<Vec<Node>> = vec![Vec::new()];
        for nodes in may {
            // Two stand for all that no status tells apart: that keeps sixteen nodes within reach.
            let mut told: BTreeSet<Node> = BTreeSet::new();
            for node in nodes {
                let down = !node.phase.joined() && node.phase != Phase::Error;
                let version = if down { Version::ORIGINAL } else { node.version };
                told.insert(Node::new(node.phase, version));
            }
            choices = (choices.iter())
                .flat_map(|chosen| {
                    told.iter().map(move |node| {
                        let mut chosen = chosen.clone();
                        chosen.push(*node);
                        chosen
                    })
                })
                .take(CHOICES_MAX)
                .collect();
        }
        (choices.into_iter())
            .map(|nodes| Cluster {
                mode: seen.mode,
                origin,
                tasks_pending: matches!(
                    seen.status,
                    ClusterStatus::RunningUpgradeTasks | ClusterStatus::UpgradeTasksFailed
                ),
                nodes,
            })
            .collect()
    }
}

/// What each node of an overview is listed with.
fn versions(seen: &Overview) -> impl Iterator<Item = SeenVersion> + '_ {
    seen.nodes.iter().map(|node| node.map_or(SeenVersion::Nothing, |node| node.version))
}

/// How many choices of hidden phases are looked at: 16 nodes that start or stop at once have as many. Where there are more
/// the status is not judged.
const CHOICES_MAX: usize = 1 << 16;

/// What a node may be that is listed so, if it is listed as the model lists nodes.
fn listed(scope: Scope, node: Option<SeenNode>) -> May {
    let every = || (0..scope.versions).map(Version).collect();
    let versions: BTreeSet<Version> = match node {
        // What an OFFLINE node is listed with is any version that it had since (section 7).
        Some(node) if node.status == Some(NodeStatus::Offline) => every(),
        Some(SeenNode { version: SeenVersion::Known(version), .. }) => BTreeSet::from([version]),
        Some(_) | None => every(),
    };
    let phases = match node {
        Some(node) if node.silent() => scope.profile.phases().to_vec(),
        Some(node) => Phase::of(node.status),
        None => Phase::of(None),
    };
    (phases.iter())
        .flat_map(|phase| versions.iter().map(|version| Node::new(*phase, *version)))
        .collect()
}
