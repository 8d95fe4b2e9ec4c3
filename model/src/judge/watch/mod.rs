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

use std::collections::BTreeSet;

use crate::judge::belief::{Overview, SeenNode, SeenVersion};
use crate::judge::blame::{self, Context, Since};
use crate::spec::cluster::{Cluster, ClusterStatus, Joined, Mode};
use crate::spec::node::{Node, NodeId, NodeStatus, Phase, Version};
use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;
use changes::Changes;

/// Something that no run of the model explains.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The one rule that it breaks.
    pub rule: Rule,
    /// The node that it is about, if it is about one.
    pub node: Option<NodeId>,
    /// What was allowed, in the model's words.
    pub allowed: String,
    /// What was seen.
    pub seen: String,
}

/// Everything that a node may be.
type May = BTreeSet<Node>;

/// A judge of overviews.
#[derive(Clone, Debug)]
pub struct Watch {
    scope: Scope,
    before: Option<(Overview, Vec<May>)>,
    after_approve: bool,
}

impl Watch {
    /// A judge that has seen nothing yet.
    #[must_use]
    pub const fn new(scope: Scope) -> Self {
        Self { scope, before: None, after_approve: false }
    }

    /// Takes an overview in, and says what nothing explains. `close` says that less time has passed since the last one
    /// than the fastest restart takes. An overview with versions or words that the model does not know is the
    /// caller's to keep back.
    pub fn see(&mut self, seen: &Overview, close: bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut may: Vec<May> = (seen.nodes.iter()).map(|listed| self.listed(*listed)).collect();
        if let Some((before, was)) = self.before.take().filter(|_| close) {
            let changes = Changes { scope: self.scope, before: &before, was: &was, seen };
            changes.judge(&mut may, &mut findings);
            if before.mode == Mode::On && seen.mode == Mode::Off {
                self.after_approve = before.status == ClusterStatus::ReadyToRunUpgradeTasks;
            }
        }
        self.judge_alone(seen, &may, &mut findings);
        self.before = Some((seen.clone(), may));
        findings
    }

    /// Nobody answered: what comes next is held against nothing.
    pub fn lose_sight(&mut self) {
        self.before = None;
    }

    fn listed(&self, listed: Option<SeenNode>) -> May {
        let every = || (0..self.scope.versions).map(Version).collect();
        let versions: BTreeSet<Version> = match listed {
            // What an OFFLINE node is listed with is any version that it had since (section 7).
            Some(node) if node.status == NodeStatus::Offline => every(),
            Some(SeenNode { version: SeenVersion::Known(version), .. }) => {
                BTreeSet::from([version])
            }
            Some(_) | None => every(),
        };
        let phases = Phase::of(listed.map(|node| node.status));
        (phases.iter())
            .flat_map(|phase| versions.iter().map(|version| Node::new(*phase, *version)))
            .collect()
    }

    /// What one overview says by itself.
    fn judge_alone(&self, seen: &Overview, may: &[May], findings: &mut Vec<Finding>) {
        match (seen.mode, seen.origin) {
            (Mode::On, SeenVersion::Nothing) => findings.push(Finding {
                rule: Rule::Api1,
                node: None,
                allowed: "an original version while upgrade mode is on".to_owned(),
                seen: "none".to_owned(),
            }),
            (Mode::Off, SeenVersion::Known(version)) => findings.push(Finding {
                rule: Rule::Api1,
                node: None,
                allowed: "no original version while upgrade mode is off".to_owned(),
                seen: format!("{version}"),
            }),
            (Mode::On | Mode::Off, _) => {}
        }
        let clusters = self.clusters(seen, may);
        let Some(first) = clusters.first() else {
            return;
        };
        let several =
            |cluster: &Cluster| cluster.mode == Mode::Off && cluster.joined() == Joined::Several;
        if clusters.iter().all(several) {
            findings.push(Finding {
                rule: Rule::Mode8,
                node: None,
                allowed: "joined nodes on one version while upgrade mode is off".to_owned(),
                seen: first.to_string(),
            });
            return;
        }
        let right: Vec<&Cluster> = clusters.iter().filter(|cluster| !several(cluster)).collect();
        let statuses: BTreeSet<ClusterStatus> =
            right.iter().map(|cluster| cluster.status()).collect();
        if let (false, Some(cluster)) = (statuses.contains(&seen.status), right.first()) {
            let context = Context {
                since: Since::Reads,
                explained_since: true,
                after_approve: self.after_approve,
            };
            let words: Vec<&str> = statuses.iter().map(|status| status.word()).collect();
            findings.push(Finding {
                rule: blame::status_rule(&context, cluster, seen.status),
                node: None,
                allowed: format!("{} with nodes and upgrade mode as listed", words.join(" or ")),
                seen: seen.status.to_string(),
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
                tasks_pending: seen.tasks_pending.unwrap_or(false),
                nodes,
            })
            .collect()
    }
}

/// How many choices of hidden phases are looked at: 16 nodes that start or stop at once have as many.
const CHOICES_MAX: usize = 1 << 16;
