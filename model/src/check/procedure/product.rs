//! Which scenes can arise between the cluster, the operator and the faults? The product that [`super`] judges.
//!
//! Everything that the operator does, and keeps in mind, is here; what is right and wrong about it is not.

use std::collections::VecDeque;

use pathfinding::directed::bfs::bfs_loop;
use rustc_hash::FxHashMap;

use crate::check::graph::id;
use crate::check::sought::Bound;
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::node::{Node, NodeId, Phase, Version};
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::{Call, Kind, Transition};

use super::{Habit, Move, Operator, Remedy, Walk};

/// How far the operator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Stage {
    Before,
    Upgrading,
    Finalized,
}

/// A set of nodes, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Nodes(u128);

impl Nodes {
    pub(super) const fn has(self, id: NodeId) -> bool {
        self.0 >> id.index() & 1 == 1
    }

    pub(super) const fn set(&mut self, id: NodeId, is: bool) {
        self.0 = self.0 & !(1 << id.index()) | (is as u128) << id.index();
    }
}

/// A state of the product: the cluster, what the operator keeps in mind, the faults that may still strike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scene {
    pub(super) cluster: Cluster,
    pub(super) stage: Stage,
    /// The node that was last taken for its upgrade.
    pub(super) taken: Option<NodeId>,
    /// The nodes that were asked to stop and have not been booted since.
    pub(super) stopped: Nodes,
    /// The nodes that are left alone until after `approve`.
    pub(super) aside: Nodes,
    pub(super) faults: u8,
}

/// The version to which the cluster is upgraded.
const LATER: Version = Version(1);

impl Scene {
    /// The nodes that the operator looks after, with their phases.
    fn minded(&self) -> impl Iterator<Item = (NodeId, Phase, Version)> + '_ {
        (self.cluster.numbered())
            .filter(|(id, _)| !self.aside.has(*id))
            .map(|(id, node)| (id, node.phase, node.version))
    }
}

/// The cluster with an operator.
pub(super) struct Product<'a, S> {
    pub(super) system: &'a System<S>,
    pub(super) operator: Operator,
}

impl<S: Semantics> Product<'_, S> {
    pub(super) fn first(&self, faults: u8) -> Scene {
        Scene {
            cluster: self.system.scope.initial(),
            stage: Stage::Before,
            taken: None,
            stopped: Nodes::default(),
            aside: Nodes::default(),
            faults,
        }
    }

    fn enabled(&self, scene: &Scene, transition: Transition) -> bool {
        self.system.semantics.enabled(&scene.cluster, transition)
    }

    /// The end that PROC-3 promises.
    pub(super) fn ended(&self, scene: &Scene) -> bool {
        scene.stage == Stage::Finalized
            && self.system.status(&scene.cluster) == ClusterStatus::Stable
            && (scene.cluster.nodes.iter()).all(|node| *node == Node::new(Phase::Active, LATER))
    }

    /// Every step out of a scene: the cluster's own, the faults', the operator's.
    pub(super) fn steps(&self, scene: &Scene, transitions: &[Transition]) -> Vec<Move> {
        if self.ended(scene) {
            return Vec::new();
        }
        let by = |by| move |transition| Move { by, transition };
        let own = (transitions.iter().copied())
            .filter(|transition| transition.kind() == Kind::Spontaneous)
            .map(by(Kind::Spontaneous));
        let faults = (transitions.iter().copied())
            .filter(|transition| scene.faults > 0 && strikes(*transition))
            .map(by(Kind::Fault));
        let operator = (self.intends(scene).into_iter()).map(|transition| Move {
            by: if transition.call().is_some() { Kind::Api } else { Kind::Operator },
            transition,
        });
        own.chain(faults)
            .chain(operator)
            .filter(|step| self.enabled(scene, step.transition))
            .collect()
    }

    /// What the operator would do now: see to a node in trouble, or take the next one, or call.
    fn intends(&self, scene: &Scene) -> Vec<Transition> {
        let cares: Vec<Transition> = (scene.minded())
            .filter_map(|(id, phase, version)| self.care(scene, id, phase, version))
            .collect();
        let stops_first = self.operator.habit == Habit::StopsAll
            && scene.stage == Stage::Upgrading
            && scene.minded().any(|(_, phase, version)| phase == Phase::Active && version != LATER);
        if !cares.is_empty() && !stops_first {
            return cares;
        }
        let ready = |phase| match self.operator.habit {
            Habit::Follows | Habit::KillsToUpgrade | Habit::CallsOff => phase == Phase::Active,
            // Whatever the others do, the next is stopped as well.
            Habit::StopsAll => scene.stage == Stage::Upgrading || phase == Phase::Active,
            Habit::DoesNotWait => {
                matches!(phase, Phase::Active | Phase::StartingOut | Phase::StartingIn)
            }
        };
        let calls = |call: Call| call.transitions(self.system.scope.profile).to_vec();
        if !scene.minded().all(|(_, phase, _)| ready(phase)) {
            // Nothing to do but wait; only failed upgrade tasks are run again.
            return calls(Call::Retry);
        }
        match scene.stage {
            Stage::Before => calls(Call::Start),
            Stage::Upgrading => {
                let next = (scene.minded())
                    .find(|(_, phase, version)| *phase == Phase::Active && *version != LATER);
                match (next, self.operator.habit) {
                    (Some(_), Habit::CallsOff) => calls(Call::Cancel),
                    (Some((id, ..)), Habit::KillsToUpgrade) => vec![Transition::Kill(id)],
                    (Some((id, ..)), Habit::Follows | Habit::DoesNotWait | Habit::StopsAll) => {
                        vec![Transition::Stop(id)]
                    }
                    (None, _) => calls(Call::Approve),
                }
            }
            Stage::Finalized => calls(Call::Retry),
        }
    }

    /// What a node needs before anything else is done.
    fn care(
        &self,
        scene: &Scene,
        id: NodeId,
        phase: Phase,
        version: Version,
    ) -> Option<Transition> {
        match phase {
            Phase::Error => Some(match self.operator.remedy {
                Remedy::StopAndReconnect | Remedy::FinalizeWithout => Transition::Stop(id),
                Remedy::ShutDownAndReconnect => Transition::Kill(id),
            }),
            Phase::Offline | Phase::Absent => {
                let in_hand = scene.stage == Stage::Upgrading && scene.taken == Some(id);
                let upgrade = in_hand || scene.stage == Stage::Finalized;
                Some(if upgrade && version != LATER {
                    Transition::Install(id, LATER)
                } else {
                    Transition::Boot(id)
                })
            }
            Phase::Active
            | Phase::StartingOut
            | Phase::StartingIn
            | Phase::TerminatingIn
            | Phase::TerminatingOut
            | Phase::Finalizing
            | Phase::FinalizeFailed => None,
        }
    }

    /// The scene after a step.
    pub(super) fn after(&self, scene: &Scene, step: Move) -> Scene {
        let mut next = scene.clone();
        next.cluster = self.system.semantics.apply(&scene.cluster, step.transition);
        next.faults -= u8::from(step.by == Kind::Fault);
        match step.transition.call() {
            Some(Call::Start) => next.stage = Stage::Upgrading,
            Some(Call::Approve) => {
                next.stage = Stage::Finalized;
                next.taken = None;
                next.aside = Nodes::default();
            }
            Some(Call::Cancel) => next.stage = Stage::Before,
            Some(Call::Retry) | None => {}
        }
        if step.by == Kind::Operator
            && let Some(id) = step.transition.node()
        {
            let was = scene.cluster.node(id).phase;
            if scene.stage == Stage::Upgrading && was == Phase::Active {
                next.taken = Some(id);
            }
            if matches!(step.transition, Transition::Stop(_) | Transition::Boot(_)) {
                let stopped = matches!(step.transition, Transition::Stop(_));
                next.stopped.set(id, stopped);
            }
            if was == Phase::Error && self.gives_up(scene) {
                next.aside.set(id, true);
            }
        }
        if self.gives_up(&next) {
            self.set_aside(&mut next);
        }
        next
    }

    /// Whether a node in trouble is left alone for now: the page's third answer, until `approve`.
    fn gives_up(&self, scene: &Scene) -> bool {
        self.operator.remedy == Remedy::FinalizeWithout && scene.stage != Stage::Finalized
    }

    /// Leaves the nodes alone that are down unasked. One that died while it was stopping for its upgrade goes on.
    fn set_aside(&self, scene: &mut Scene) {
        let kills = self.operator.habit == Habit::KillsToUpgrade;
        for index in 0..scene.cluster.nodes.len() {
            let id = NodeId::at(index);
            let asked = scene.taken == Some(id) && (kills || scene.stopped.has(id));
            if scene.cluster.node(id).phase.down() && !asked {
                scene.aside.set(id, true);
            }
        }
    }
}

/// Whether a fault can be this.
const fn strikes(transition: Transition) -> bool {
    matches!(transition, Transition::Break(_) | Transition::Kill(_) | Transition::FinalizeFail(_))
}

/// How many scenes are looked at between two questions whether to go on.
const SCENES_A_LOOK: usize = 1 << 6;

/// Every scene that can arise, nearest first.
pub(super) struct Scenes {
    pub(super) scenes: Vec<Scene>,
    pub(super) edges: Vec<Vec<(Move, u32)>>,
    parents: Vec<Option<(u32, Move)>>,
}

impl Scenes {
    /// # Errors
    /// The bound by which the search was ended.
    pub(super) fn of<S: Semantics>(
        product: &Product<'_, S>,
        faults: u8,
        stop: &dyn Fn(usize) -> Option<Bound>,
    ) -> Result<Self, Bound> {
        let transitions = product.system.scope.transitions();
        let first = product.first(faults);
        // Only ever looked up, never iterated: its order does not show.
        let mut numbers = FxHashMap::from_iter([(first.clone(), 0)]);
        let mut found = Self { scenes: vec![first], edges: Vec::new(), parents: vec![None] };
        let mut at = 0;
        while at < found.scenes.len() {
            if at.is_multiple_of(SCENES_A_LOOK)
                && let Some(bound) = stop(found.scenes.len())
            {
                return Err(bound);
            }
            let mut edges = Vec::new();
            for step in product.steps(&found.scenes[at], &transitions) {
                let after = product.after(&found.scenes[at], step);
                let to = *numbers.entry(after).or_insert_with_key(|after| {
                    found.scenes.push(after.clone());
                    found.parents.push(Some((id(at), step)));
                    id(found.scenes.len() - 1)
                });
                edges.push((step, to));
            }
            found.edges.push(edges);
            at += 1;
        }
        Ok(found)
    }

    pub(super) fn walk(&self, scene: usize) -> Walk {
        let mut steps = Vec::new();
        let mut at = scene;
        while let Some((parent, step)) = self.parents[at] {
            steps.push((step, self.scenes[at].cluster.clone()));
            at = parent as usize;
        }
        steps.reverse();
        Walk { start: self.scenes[at].cluster.clone(), steps, circle: None }
    }

    /// For each scene, whether the procedure's end can be reached from it without a further fault.
    pub(super) fn can_end(&self, ended: impl Fn(&Scene) -> bool) -> Vec<bool> {
        let mut backward = vec![Vec::new(); self.scenes.len()];
        for (from, edges) in self.edges.iter().enumerate() {
            for (_, to) in edges.iter().filter(|(step, _)| step.by != Kind::Fault) {
                backward[*to as usize].push(id(from));
            }
        }
        let mut ends: Vec<bool> = self.scenes.iter().map(ended).collect();
        let mut queue: VecDeque<usize> = (0..ends.len()).filter(|at| ends[*at]).collect();
        while let Some(to) = queue.pop_front() {
            for from in &backward[to] {
                if !std::mem::replace(&mut ends[*from as usize], true) {
                    queue.push_back(*from as usize);
                }
            }
        }
        ends
    }

    /// A run that goes round in a circle, so that the end may be put off for ever; none if there is no circle.
    pub(super) fn circle(&self) -> Option<Walk> {
        let left = self.on_or_after_a_circle();
        let (at, turn) = (0..left.len())
            .filter(|at| left[*at])
            .find_map(|at| Some((at, self.back_to(at, &left)?)))?;
        let mut walk = self.walk(at);
        walk.circle = Some(walk.steps.len());
        let turn = turn.into_iter().map(|(step, to)| (step, self.scenes[to].cluster.clone()));
        walk.steps.extend(turn);
        Some(walk)
    }

    /// A shortest way from a scene back to itself.
    fn back_to(&self, start: usize, left: &[bool]) -> Option<Vec<(Move, usize)>> {
        let onward = |at: &usize| {
            let edges = self.edges[*at].iter().map(|(_, to)| *to as usize);
            edges.filter(|to| left[*to]).collect::<Vec<_>>()
        };
        let step = |pair: &[usize]| {
            let (step, _) = self.edges[pair[0]].iter().find(|(_, to)| *to as usize == pair[1])?;
            Some((*step, pair[1]))
        };
        bfs_loop(&start, onward)?.windows(2).map(step).collect()
    }

    /// For each scene, whether it lies on a circle or is come to from one: what is left when scenes without a step to
    /// them are taken away until none is.
    fn on_or_after_a_circle(&self) -> Vec<bool> {
        let mut left = vec![true; self.scenes.len()];
        let mut degree = vec![0_usize; self.scenes.len()];
        for (_, to) in self.edges.iter().flatten() {
            degree[*to as usize] += 1;
        }
        let mut queue: VecDeque<usize> = (0..degree.len()).filter(|at| degree[*at] == 0).collect();
        while let Some(at) = queue.pop_front() {
            left[at] = false;
            for (_, to) in &self.edges[at] {
                degree[*to as usize] -= 1;
                if degree[*to as usize] == 0 {
                    queue.push_back(*to as usize);
                }
            }
        }
        left
    }
}
