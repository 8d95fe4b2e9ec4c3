//! What can be said of a cluster that others drive? Overviews one after the other, with anything between them.
//!
//! Each overview is held against the model by itself: some choice of the hidden phases must give the status that is shown,
//! with joined nodes on one version while upgrade mode is off. Two that follow each other closely are held against each
//! other too. From any state every other can be reached, so that alone says nothing; what says something is time. Between
//! two readings that are closer than the fastest restart, no node has been down and is ACTIVE again, upgrade mode changed
//! once at most, and what is listed alike stayed alike. All else may have happened: each node's moves are followed
//! for that node alone, whatever its neighbours did, so memory is a handful of states a node. The price is that this
//! judge is milder than a replay's belief; what it finds is wrong all the same, if the fastest restart is not too long.

use std::collections::BTreeSet;

use crate::belief::{Overview, SeenNode, SeenVersion};
use crate::blame::{self, Context, Since};
use crate::cluster::{Cluster, ClusterStatus, Joined, Mode};
use crate::node::{Node, NodeId, NodeStatus, Phase, Version};
use crate::rule::Rule;
use crate::semantics::Scope;
use crate::transition::{Call, Transition};

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
        Self {
            scope,
            before: None,
            after_approve: false,
        }
    }

    /// Takes an overview in, and says what nothing explains. `close` says that less time has passed since the last one
    /// than the fastest restart takes. An overview with versions or words that the model does not know is the
    /// caller's to keep back.
    pub fn see(&mut self, seen: &Overview, close: bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut may: Vec<May> = (seen.nodes.iter())
            .map(|listed| self.listed(*listed))
            .collect();
        if let Some((before, was)) = self.before.take().filter(|_| close) {
            let changes = Changes {
                scope: self.scope,
                before: &before,
                was: &was,
                seen,
            };
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
            Some(SeenNode {
                version: SeenVersion::Known(version),
                ..
            }) => BTreeSet::from([version]),
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
        let right: Vec<&Cluster> = clusters
            .iter()
            .filter(|cluster| !several(cluster))
            .collect();
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
                allowed: format!(
                    "{} with nodes and upgrade mode as listed",
                    words.join(" or ")
                ),
                seen: seen.status.to_string(),
            });
        }
    }

    /// The clusters that an overview can stand for. Versions of nodes that are down are left out: no status looks at them.
    fn clusters(&self, seen: &Overview, may: &[May]) -> Vec<Cluster> {
        let origin = match (seen.mode, seen.origin) {
            (Mode::On, SeenVersion::Known(version)) => Some(version),
            (Mode::On, SeenVersion::Nothing | SeenVersion::Foreign) | (Mode::Off, _) => None,
        };
        let mut choices: Vec<Vec<Node>> = vec![Vec::new()];
        for nodes in may {
            // Two stand for all that no status tells apart: that keeps sixteen nodes within reach.
            let mut told: BTreeSet<Node> = BTreeSet::new();
            for node in nodes {
                let down = !node.phase.joined() && node.phase != Phase::Error;
                let version = if down {
                    Version::ORIGINAL
                } else {
                    node.version
                };
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

/// Two overviews that follow each other closely.
struct Changes<'a> {
    scope: Scope,
    before: &'a Overview,
    was: &'a [May],
    seen: &'a Overview,
}

impl Changes<'_> {
    fn judge(&self, may: &mut [May], findings: &mut Vec<Finding>) {
        for (index, now) in may.iter_mut().enumerate() {
            let reached = self.reached(index);
            let both: May = now.intersection(&reached).copied().collect();
            if both.is_empty() {
                findings.push(self.jump(index));
            } else {
                *now = both;
            }
        }
        match (self.before.mode, self.seen.mode) {
            (Mode::Off, Mode::On) => findings.extend(self.started()),
            (Mode::On, Mode::Off) => findings.extend(self.ended()),
            (Mode::On, Mode::On) if self.before.origin != self.seen.origin => {
                findings.push(Finding {
                    rule: Rule::Api1,
                    node: None,
                    allowed: "the original version stays while upgrade mode is on".to_owned(),
                    seen: format!("{:?}, then {:?}", self.before.origin, self.seen.origin),
                })
            }
            (Mode::On, Mode::On) | (Mode::Off, Mode::Off) => {}
        }
    }

    fn alike(&self, index: usize) -> bool {
        self.before.nodes[index] == self.seen.nodes[index]
    }

    /// What a node can have become, or passed, since the last reading.
    fn reached(&self, index: usize) -> May {
        let modes = [self.before.mode, self.seen.mode];
        let mut found: BTreeSet<(Node, bool)> =
            self.was[index].iter().map(|node| (*node, false)).collect();
        let mut open: Vec<(Node, bool)> = found.iter().copied().collect();
        while let Some((node, went_down)) = open.pop() {
            for next in modes.iter().flat_map(|mode| moves(self.scope, *mode, node)) {
                let back = next.phase == Phase::Active && node.phase == Phase::StartingIn;
                if went_down && back {
                    continue;
                }
                let down = went_down || next.phase.down() && !node.phase.down();
                if found.insert((next, down)) {
                    open.push((next, down));
                }
            }
        }
        found.into_iter().map(|(node, _)| node).collect()
    }

    /// What a node can have been when upgrade mode changed.
    fn between(&self, index: usize) -> May {
        if !self.alike(index) {
            return self.reached(index);
        }
        let status = self.seen.nodes[index].map(|node| node.status);
        (self.was[index].iter())
            .flat_map(|node| {
                Phase::of(status)
                    .into_iter()
                    .map(|phase| Node::new(phase, node.version))
            })
            .collect()
    }

    fn jump(&self, index: usize) -> Finding {
        let (was, is) = (self.before.nodes[index], self.seen.nodes[index]);
        let rule = match (was, is) {
            (Some(was), Some(is)) if was.status == is.status => Rule::Node10,
            (Some(_), None) => Rule::Node5,
            (Some(was), Some(is)) => match (was.status, is.status) {
                (NodeStatus::Terminating, _) => Rule::Node3,
                (NodeStatus::Starting, NodeStatus::Active) => Rule::Node10,
                (_, NodeStatus::Starting) => Rule::Node2,
                (_, NodeStatus::Error) => Rule::Node6,
                (_, _) => Rule::Node1,
            },
            (None, _) => Rule::Node9,
        };
        let words = |seen: Option<SeenNode>| {
            seen.map_or_else(
                || "not listed".to_owned(),
                |node| match node.version {
                    SeenVersion::Known(version) => format!("{} {version}", node.status),
                    SeenVersion::Foreign | SeenVersion::Nothing => node.status.to_string(),
                },
            )
        };
        Finding {
            rule,
            node: Some(NodeId::at(index)),
            allowed: format!("what {} can become in so short a time", words(was)),
            seen: words(is),
        }
    }

    /// Whether somebody can have enabled upgrade mode in between.
    fn started(&self) -> Option<Finding> {
        let wrong = |rule, allowed: &str, seen: String| {
            Some(Finding {
                rule,
                node: None,
                allowed: allowed.to_owned(),
                seen,
            })
        };
        let between: Vec<May> = (0..self.seen.nodes.len())
            .map(|index| self.between(index))
            .collect();
        let stuck =
            (between.iter()).position(|may| may.iter().all(|node| node.phase == Phase::Error));
        if let Some(index) = stuck {
            let seen = format!(
                "upgrade mode was enabled while {} was ERROR",
                NodeId::at(index)
            );
            return wrong(
                Rule::Mode2,
                "`start` is refused while a node is in error",
                seen,
            );
        }
        let fits = |version: Version| {
            between.iter().all(|may| {
                may.iter().any(|node| {
                    node.phase != Phase::Error && (!node.phase.joined() || node.version == version)
                })
            })
        };
        match self.seen.origin {
            SeenVersion::Known(origin) if !fits(origin) => wrong(
                Rule::Api2,
                "the original version is the one that the joined nodes ran",
                format!("{origin}"),
            ),
            SeenVersion::Known(_) | SeenVersion::Foreign | SeenVersion::Nothing => None,
        }
    }

    /// Whether somebody can have disabled upgrade mode in between.
    fn ended(&self) -> Option<Finding> {
        let SeenVersion::Known(origin) = self.before.origin else {
            return None;
        };
        let between: Vec<May> = (0..self.seen.nodes.len())
            .map(|index| self.between(index))
            .collect();
        let fits = |right: &dyn Fn(Version) -> bool| {
            between.iter().all(|may| {
                may.iter().any(|node| {
                    node.phase != Phase::Error && (!node.phase.joined() || right(node.version))
                })
            })
        };
        let cancelled = fits(&|version| version == origin);
        let finalized = (0..self.scope.versions)
            .map(Version)
            .filter(|version| *version != origin)
            .any(|target| fits(&|version| version == target));
        (!cancelled && !finalized).then(|| Finding {
            rule: Rule::Mode3,
            node: None,
            allowed: "neither `cancel` nor `approve` is allowed in MIXED".to_owned(),
            seen: "upgrade mode is off all the same".to_owned(),
        })
    }
}

/// A node's moves, whatever the other nodes do: an operator, a fault or the cluster may make any of them.
fn moves(scope: Scope, mode: Mode, node: Node) -> Vec<Node> {
    let alone = Cluster {
        mode,
        origin: None,
        tasks_pending: false,
        nodes: vec![node],
    };
    let mut found: Vec<Node> = Transition::every(scope.profile, 1, scope.versions)
        .into_iter()
        .filter(|transition| transition.node().is_some() && transition.enabled(&alone))
        .map(|transition| transition.apply(&alone).nodes[0])
        .collect();
    // Calls that move every node at once.
    if Call::of(scope.profile).contains(&Call::Retry) {
        match node.phase {
            Phase::Active | Phase::FinalizeFailed => {
                found.push(Node::new(Phase::Finalizing, node.version));
            }
            Phase::StartingOut
            | Phase::StartingIn
            | Phase::TerminatingIn
            | Phase::TerminatingOut
            | Phase::Offline
            | Phase::Error
            | Phase::Absent
            | Phase::Finalizing => {}
        }
    }
    found
}
