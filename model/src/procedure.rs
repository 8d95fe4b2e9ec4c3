//! What does an operator live through who follows the page? PROC-1 to PROC-3 (spec, section 5, "Procedure").
//!
//! The operator starts, then takes one node after the other (stop, wait until it is down, install, boot, wait until it
//! is ACTIVE), then approves; the cluster does the rest in any order. Up to `f` faults strike whenever they can: a node
//! breaks, a boot fails (it breaks while STARTING), a node is killed. To a node in ERROR, or OFFLINE unasked, the page
//! gives three answers, [`Remedy`]. What a cluster of N survives is read off every run of this product.
//!
//! Readings, where the page is silent. The operator attends to trouble before taking the next node, and takes it only
//! when every node that is not set aside is ACTIVE. A node that died is booted with the version that it has: PROC-1
//! forbids to upgrade it as it is. A set-aside node is left alone until after `approve`, and then brought to the
//! later version and booted (NODE-9). Out of scope: an operator who makes mistakes, but for the two planted in
//! [`Habit`], which PROC-1 and PROC-2 must catch.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use crate::cluster::{Cluster, ClusterStatus};
use crate::graph::id;
use crate::node::{Node, NodeId, Phase, Version};
use crate::path::Change;
use crate::semantics::{Semantics, System};
use crate::transition::{Call, Kind, Transition};

/// The page's answers to a node in ERROR ("Node errors during rolling upgrade").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remedy {
    /// Shut it down gracefully, put it right, boot it again, and only then go on.
    StopAndReconnect,
    /// Shut it down altogether, put it right, boot it again, and only then go on.
    ShutDownAndReconnect,
    /// Shut it down, finalize without it, and connect it again afterwards.
    FinalizeWithout,
}

impl Remedy {
    /// The three, in the order of the page.
    pub const ALL: [Self; 3] = [
        Self::StopAndReconnect,
        Self::ShutDownAndReconnect,
        Self::FinalizeWithout,
    ];

    /// The remedy in words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::StopAndReconnect => "stop it gracefully, boot it again",
            Self::ShutDownAndReconnect => "shut it down altogether, boot it again",
            Self::FinalizeWithout => "finalize without it, connect it afterwards",
        }
    }
}

/// How closely the operator follows the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Habit {
    /// As the page says.
    #[default]
    Follows,
    /// Takes the next node while the last one is still STARTING: breaks PROC-2.
    DoesNotWait,
    /// Kills a node to upgrade it: breaks PROC-1.
    KillsToUpgrade,
}

/// Who upgrades the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// What the operator does about an errored node.
    pub remedy: Remedy,
    /// How closely the operator follows the page.
    pub habit: Habit,
}

impl Operator {
    /// One who follows the page and has this remedy.
    #[must_use]
    pub const fn who(remedy: Remedy) -> Self {
        Self {
            remedy,
            habit: Habit::Follows,
        }
    }
}

/// How far the operator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Before,
    Upgrading,
    Finalized,
}

/// A set of nodes, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Nodes(u128);

impl Nodes {
    const fn has(self, id: NodeId) -> bool {
        self.0 >> id.index() & 1 == 1
    }

    const fn set(&mut self, id: NodeId, is: bool) {
        self.0 = self.0 & !(1 << id.index()) | (is as u128) << id.index();
    }
}

/// A state of the product: the cluster, what the operator keeps in mind, the faults that may still strike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Scene {
    cluster: Cluster,
    stage: Stage,
    /// The node that was last taken for its upgrade.
    taken: Option<NodeId>,
    /// The nodes that were asked to stop and have not been booted since.
    stopped: Nodes,
    /// The nodes that are left alone until after `approve`.
    aside: Nodes,
    faults: u8,
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

/// A step of the product: who takes it and what it is. A fault can kill a node as well as the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Move {
    /// Who takes the step here.
    pub by: Kind,
    /// What it does.
    pub transition: Transition,
}

/// The operator's and the cluster's doings, from the initial state on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The state that it starts in.
    pub start: Cluster,
    /// Each step, and the cluster after it.
    pub steps: Vec<(Move, Cluster)>,
}

impl Walk {
    /// The state that it ends in.
    #[must_use]
    pub fn end(&self) -> &Cluster {
        self.steps.last().map_or(&self.start, |(_, state)| state)
    }
}

/// One line a step, faults marked.
impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  0  {}", self.start)?;
        let mut before = &self.start;
        for (number, (step, after)) in self.steps.iter().enumerate() {
            let name = if step.by == Kind::Fault {
                format!("fault: {}", step.transition)
            } else {
                step.transition.to_string()
            };
            writeln!(
                f,
                "{:>3}  {name:<18} {}",
                number + 1,
                Change { before, after }
            )?;
            before = after;
        }
        write!(f, "     {}", self.end())
    }
}

/// What every run of a procedure shows; a walk is a shortest run to a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Distinct states of the product of cluster and operator.
    pub states: usize,
    /// A node is upgraded without having been stopped gracefully (PROC-1).
    pub not_stopped: Option<Walk>,
    /// The next node is taken while the last one is not ACTIVE again (PROC-2).
    pub not_waited: Option<Walk>,
    /// At some moment nobody serves (PROC-3).
    pub unserved: Option<Walk>,
    /// At some moment nothing that the operator would still do leads to the end: STABLE, every node ACTIVE at the
    /// later version (PROC-3).
    pub unfinishable: Option<Walk>,
    /// The run goes round in a circle, so that the end may be put off for ever (PROC-3).
    pub endless: Option<Walk>,
}

impl Outcome {
    /// Whether some node serves at every moment of every run.
    #[must_use]
    pub const fn always_served(&self) -> bool {
        self.unserved.is_none()
    }

    /// Whether the upgrade comes to its end on every run.
    #[must_use]
    pub const fn always_finishes(&self) -> bool {
        self.unfinishable.is_none() && self.endless.is_none()
    }
}

/// Runs the procedure in every possible way, with up to this many faults.
#[must_use]
pub fn procedure<S: Semantics>(system: &System<S>, operator: Operator, faults: u8) -> Outcome {
    let product = Product { system, operator };
    let scenes = Scenes::of(&product, faults);
    let observed = |wrong: fn(&Scene, Move) -> bool| {
        (0..scenes.scenes.len()).find_map(|at| {
            let scene = &scenes.scenes[at];
            let (step, to) = (scenes.edges[at].iter()).find(|(step, _)| wrong(scene, *step))?;
            let mut walk = scenes.walk(at);
            let after = scenes.scenes[*to as usize].cluster.clone();
            walk.steps.push((*step, after));
            Some(walk)
        })
    };
    let first = |wrong: &dyn Fn(usize) -> bool| {
        (0..scenes.scenes.len())
            .find(|at| wrong(*at))
            .map(|at| scenes.walk(at))
    };
    let ends = scenes.can_end(|scene| product.ended(scene));
    let circles = scenes.on_a_circle();
    Outcome {
        states: scenes.scenes.len(),
        not_stopped: observed(upgraded_unstopped),
        not_waited: observed(taken_early),
        unserved: first(&|at| !scenes.scenes[at].cluster.served()),
        unfinishable: first(&|at| !ends[at]),
        endless: first(&|at| circles[at]),
    }
}

/// PROC-1: while the upgrade runs, a version is installed only on a node that was asked to stop.
fn upgraded_unstopped(scene: &Scene, step: Move) -> bool {
    matches!(step.transition, Transition::Install(id, _)
        if scene.stage == Stage::Upgrading && !scene.stopped.has(id))
}

/// PROC-2: a node that serves is taken only when the one before it is ACTIVE, or given up by the page's third answer.
fn taken_early(scene: &Scene, step: Move) -> bool {
    let (Transition::Stop(id) | Transition::Kill(id)) = step.transition else {
        return false;
    };
    step.by == Kind::Operator
        && scene.stage == Stage::Upgrading
        && scene.cluster.node(id).phase == Phase::Active
        && scene.taken.is_some_and(|last| {
            scene.cluster.node(last).phase != Phase::Active && !scene.aside.has(last)
        })
}

/// The cluster with an operator.
struct Product<'a, S> {
    system: &'a System<S>,
    operator: Operator,
}

impl<S: Semantics> Product<'_, S> {
    fn first(&self, faults: u8) -> Scene {
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
    fn ended(&self, scene: &Scene) -> bool {
        scene.stage == Stage::Finalized
            && self.system.status(&scene.cluster) == ClusterStatus::Stable
            && (scene.cluster.nodes.iter()).all(|node| *node == Node::new(Phase::Active, LATER))
    }

    /// Every step out of a scene: the cluster's own, the faults', the operator's.
    fn steps(&self, scene: &Scene, transitions: &[Transition]) -> Vec<Move> {
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
            by: if transition.call().is_some() {
                Kind::Api
            } else {
                Kind::Operator
            },
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
        if !cares.is_empty() {
            return cares;
        }
        let ready = |phase| match self.operator.habit {
            Habit::Follows | Habit::KillsToUpgrade => phase == Phase::Active,
            Habit::DoesNotWait => {
                matches!(
                    phase,
                    Phase::Active | Phase::StartingOut | Phase::StartingIn
                )
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
                match next {
                    Some((id, ..)) if self.operator.habit == Habit::KillsToUpgrade => {
                        vec![Transition::Kill(id)]
                    }
                    Some((id, ..)) => vec![Transition::Stop(id)],
                    None => calls(Call::Approve),
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
    fn after(&self, scene: &Scene, step: Move) -> Scene {
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
            Some(Call::Cancel | Call::Retry) | None => {}
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
    matches!(
        transition,
        Transition::Break(_) | Transition::Kill(_) | Transition::FinalizeFail(_)
    )
}

/// Every scene that can arise, nearest first.
struct Scenes {
    scenes: Vec<Scene>,
    edges: Vec<Vec<(Move, u32)>>,
    parents: Vec<Option<(u32, Move)>>,
}

impl Scenes {
    fn of<S: Semantics>(product: &Product<'_, S>, faults: u8) -> Self {
        let transitions = product.system.scope.transitions();
        let first = product.first(faults);
        // Only ever looked up, never iterated: its order does not show.
        let mut numbers = HashMap::from([(first.clone(), 0)]);
        let mut found = Self {
            scenes: vec![first],
            edges: Vec::new(),
            parents: vec![None],
        };
        let mut at = 0;
        while at < found.scenes.len() {
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
        found
    }

    fn walk(&self, scene: usize) -> Walk {
        let mut steps = Vec::new();
        let mut at = scene;
        while let Some((parent, step)) = self.parents[at] {
            steps.push((step, self.scenes[at].cluster.clone()));
            at = parent as usize;
        }
        steps.reverse();
        Walk {
            start: self.scenes[at].cluster.clone(),
            steps,
        }
    }

    /// For each scene, whether the procedure's end can be reached from it without a further fault.
    fn can_end(&self, ended: impl Fn(&Scene) -> bool) -> Vec<bool> {
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

    /// For each scene, whether it lies on a circle or on a way from one to another: what is left when scenes without
    /// a step from, and then without a step to, are taken away until none is.
    fn on_a_circle(&self) -> Vec<bool> {
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
