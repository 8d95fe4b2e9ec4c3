//! Two overviews that follow each other closely: what can have happened in between, and what cannot.

use std::collections::BTreeSet;

use super::{May, Wrong, listed};
use crate::judge::finding::{Allowed, Sight};
use crate::judge::seen::{Overview, SeenNode, SeenVersion};
use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{Node, NodeId, NodeStatus, Phase, Version};
use crate::spec::rule::Rule;
use crate::spec::semantics::Scope;
use crate::spec::transition::{Call, Transition};

/// Two overviews that follow each other closely.
pub(super) struct Changes<'a> {
    pub(super) scope: Scope,
    pub(super) before: &'a Overview,
    pub(super) was: &'a [May],
    pub(super) seen: &'a Overview,
}

impl Changes<'_> {
    /// Says what no time so short allows, and narrows what each node may be.
    pub(super) fn judge(&self, may: &mut [May], findings: &mut Vec<Wrong>) {
        for (index, now) in may.iter_mut().enumerate() {
            let reached = self.reached(index);
            let both: May = now.intersection(&reached).copied().collect();
            if self.seen.nodes[index].is_some_and(SeenNode::silent) {
                *now = reached;
            } else if both.is_empty() {
                findings.push(self.jump(index));
            } else {
                *now = both;
            }
        }
        match (self.before.mode, self.seen.mode) {
            (Mode::Off, Mode::On) => findings.extend(self.started()),
            (Mode::On, Mode::Off) => findings.extend(self.ended()),
            (Mode::On, Mode::On) if self.before.origin != self.seen.origin => {
                findings.push(Wrong {
                    rule: Rule::Api1,
                    node: None,
                    allowed: Allowed::SameOrigin(self.before.origin),
                    seen: Sight::Origin(self.seen.origin),
                })
            }
            (Mode::On, Mode::On) | (Mode::Off, Mode::Off) => {}
        }
    }

    /// Whether a node that was up is up again, as nothing but a restart explains it.
    pub(super) fn restarted(&self) -> bool {
        let up = |node: Option<SeenNode>| {
            let status = node.and_then(|node| node.status);
            status.is_some_and(|status| Phase::of(Some(status)).iter().any(|phase| phase.serves()))
        };
        (0..self.seen.nodes.len()).any(|index| {
            up(self.before.nodes[index])
                && up(self.seen.nodes[index])
                && self.before.nodes[index] != self.seen.nodes[index]
                && self.listed(index).is_disjoint(&self.reached(index))
        })
    }

    /// What a node may be as it is listed now.
    fn listed(&self, index: usize) -> May {
        listed(self.scope, self.seen.nodes[index])
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
                let back = next.phase.serves() && !node.phase.serves();
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
        let status = self.seen.nodes[index].and_then(|node| node.status);
        (self.was[index].iter())
            .flat_map(|node| {
                Phase::of(status).into_iter().map(|phase| Node::new(phase, node.version))
            })
            .collect()
    }

    fn jump(&self, index: usize) -> Wrong {
        let (was, is) = (self.before.nodes[index], self.seen.nodes[index]);
        let rule = match (was, is) {
            (Some(was), Some(is)) if was.status == is.status => Rule::Node10,
            (Some(_), None) => Rule::Node5,
            (Some(was), Some(is)) => match (was.status, is.status) {
                (Some(NodeStatus::Terminating), _) => Rule::Node3,
                (Some(NodeStatus::Starting), Some(NodeStatus::Active)) => Rule::Node10,
                (_, Some(NodeStatus::Starting)) => Rule::Node2,
                (_, Some(NodeStatus::Error)) => Rule::Node6,
                (_, _) => Rule::Node1,
            },
            (None, _) => Rule::Node9,
        };
        let id = NodeId::at(index);
        Wrong {
            rule,
            node: Some(id),
            allowed: Allowed::SoonAfter(id, was),
            seen: Sight::Node(id, is),
        }
    }

    /// Whether somebody can have enabled upgrade mode in between.
    fn started(&self) -> Option<Wrong> {
        let wrong = |rule, allowed, seen| Some(Wrong { rule, node: None, allowed, seen });
        let between: Vec<May> =
            (0..self.seen.nodes.len()).map(|index| self.between(index)).collect();
        let stuck =
            (between.iter()).position(|may| may.iter().all(|node| node.phase == Phase::Error));
        if let Some(index) = stuck {
            let allowed = Allowed::StartRefused(NodeId::at(index));
            return wrong(Rule::Mode2, allowed, Sight::ModeChanged(Mode::On));
        }
        let fits = |version: Version| {
            between.iter().all(|may| {
                may.iter().any(|node| {
                    node.phase != Phase::Error && (!node.phase.joined() || node.version == version)
                })
            })
        };
        match self.seen.origin {
            SeenVersion::Known(origin) if !fits(origin) => {
                wrong(Rule::Api2, Allowed::OriginOfJoined, Sight::Origin(self.seen.origin))
            }
            SeenVersion::Known(_) | SeenVersion::Foreign(_) | SeenVersion::Nothing => None,
        }
    }

    /// Whether somebody can have disabled upgrade mode in between.
    fn ended(&self) -> Option<Wrong> {
        let SeenVersion::Known(origin) = self.before.origin else {
            return None;
        };
        let between: Vec<May> =
            (0..self.seen.nodes.len()).map(|index| self.between(index)).collect();
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
        (!cancelled && !finalized).then_some(Wrong {
            rule: Rule::Mode3,
            node: None,
            allowed: Allowed::NoEndInMixed,
            seen: Sight::ModeChanged(Mode::Off),
        })
    }
}

/// A node's moves, whatever the other nodes do: an operator, a fault or the cluster may make any of them.
fn moves(scope: Scope, mode: Mode, node: Node) -> Vec<Node> {
    let alone = Cluster { mode, origin: None, tasks_pending: false, nodes: vec![node] };
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
