//! Do both properties of the procedure with rotation hold for every number of nodes at once?
//!
//! Nodes that look alike, to the cluster and to whoever follows the page, are counted: none, one, two or more. From each such picture
//! every step is taken in the clusters that it stands for, with two and with three nodes for "two or more". That is enough since a step
//! changes one node, or all alike, and depends on the others only by whether there are some of a kind, or two. So the pictures that are
//! come to from the initial one hold every moment of every cluster of two nodes or more; that they do is tested on real clusters.
//!
//! Without faults alone, where the next node is always one of several that look alike: then it does not matter which is taken.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Balancer, Moment, Rotation, Way};
use crate::check::checker::Wanders as _;
use crate::check::procedure::product::{Nodes, Scene, Stage};
use crate::check::procedure::{Operator, Remedy};
use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{Node, NodeId, Version};
use crate::spec::semantics::{Scope, Spec, System};

/// What tells a node from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Look {
    node: Node,
    /// Taken, stopped, set aside, out, taken to be dead, leaving.
    marks: [bool; 6],
}

/// How many nodes look so: one, or two and more.
type Counted = BTreeMap<Look, bool>;

/// Clusters of every size that differ only in how many nodes there are of looks that there are two or more of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Picture {
    many: Counted,
    /// Upgrade mode, the original version, pending tasks, and how far the operator is.
    rest: (Mode, Option<Version>, bool, u8),
}

/// What was found of all sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllSizes {
    /// The pictures that can arise.
    pub pictures: BTreeSet<Picture>,
    /// Whether in each of them some node serves and gets requests.
    pub reached: bool,
    /// Whether in each of them no request goes to a node that does not serve.
    pub kept: bool,
}

/// The picture of a moment.
#[must_use]
pub fn picture(moment: &Moment) -> Picture {
    let scene = &moment.scene;
    let mut many = Counted::new();
    for (index, node) in scene.cluster.nodes.iter().enumerate() {
        let id = NodeId::at(index);
        let marks = [
            scene.taken == Some(id),
            scene.stopped.has(id),
            scene.aside.has(id),
            moment.out.has(id),
            moment.dead.has(id),
            moment.leaving == Some(id),
        ];
        let look = Look { node: *node, marks };
        many.entry(look).and_modify(|many| *many = true).or_insert(false);
    }
    let stage = match scene.stage {
        Stage::Before => 0,
        Stage::Upgrading => 1,
        Stage::Finalized => 2,
    };
    let Cluster { mode, origin, tasks_pending, .. } = scene.cluster;
    Picture { many, rest: (mode, origin, tasks_pending, stage) }
}

/// Both properties, for every number of nodes from two on, for whoever follows the page without faults.
#[must_use]
pub fn all_sizes(scope: Scope, way: Way, balancer: Balancer) -> AllSizes {
    let mut found = AllSizes { pictures: BTreeSet::new(), reached: true, kept: true };
    let operator = Operator::who(Remedy::StopAndReconnect);
    let system = |nodes| System { scope: Scope { nodes, ..scope }, semantics: Spec };
    let two = system(2);
    let first = Rotation::new(&two, operator, (way, balancer), 0).first();
    let mut queue = VecDeque::from([(picture(&first), first)]);
    while let Some((seen, moment)) = queue.pop_front() {
        if !found.pictures.insert(seen.clone()) {
            continue;
        }
        for moment in stood_for(&seen, &moment) {
            let system = system(moment.scene.cluster.nodes.len());
            let rotation = Rotation::new(&system, operator, (way, balancer), 0);
            let [unreached, lost] = rotation.wrong(&moment);
            found.reached &= !unreached;
            found.kept &= !lost;
            for turn in rotation.steps(&moment) {
                let after = rotation.after(&moment, turn);
                queue.push_back((picture(&after), after));
            }
        }
    }
    found
}

/// The clusters of a picture with two and with three nodes of each look that there are several of; the example gives the rest.
fn stood_for(picture: &Picture, example: &Moment) -> Vec<Moment> {
    let looks: Vec<(Look, bool)> = picture.many.iter().map(|(look, many)| (*look, *many)).collect();
    let choices = looks.iter().fold(vec![Vec::new()], |so_far: Vec<Vec<usize>>, (_, many)| {
        let counts: &[usize] = if *many { &[2, 3] } else { &[1] };
        let with = |before: &Vec<usize>| {
            counts.iter().map(|count| [before.as_slice(), &[*count]].concat()).collect::<Vec<_>>()
        };
        so_far.iter().flat_map(with).collect()
    });
    let moment = |counts: Vec<usize>| {
        let mut nodes: Vec<Look> = (looks.iter().zip(counts))
            .flat_map(|((look, _), count)| std::iter::repeat_n(*look, count))
            .collect();
        // Whoever takes the first of several goes on with the one that is leaving.
        nodes.sort_by_key(|look| !look.marks[5]);
        let marked = |mark: usize| {
            let mut set = Nodes::default();
            for (index, look) in nodes.iter().enumerate() {
                set.set(NodeId::at(index), look.marks[mark]);
            }
            set
        };
        let one = |mark: usize| nodes.iter().position(|look| look.marks[mark]).map(NodeId::at);
        Moment {
            scene: Scene {
                cluster: Cluster {
                    nodes: nodes.iter().map(|look| look.node).collect(),
                    ..example.scene.cluster.clone()
                },
                taken: one(0),
                stopped: marked(1),
                aside: marked(2),
                ..example.scene.clone()
            },
            out: marked(3),
            dead: marked(4),
            leaving: one(5),
        }
    };
    choices.into_iter().map(moment).collect()
}
