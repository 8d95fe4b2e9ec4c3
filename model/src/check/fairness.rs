//! What must happen in the end? Liveness under weak fairness (spec, section 5, "Liveness").
//!
//! Weak fairness of each spontaneous transition, per transition and node: one that stays enabled for ever is taken. A
//! violation is a lasso: a run to a loop, and a loop on which a node stays where it must not, on which every
//! spontaneous transition is either taken or, somewhere on the loop, disabled. Such loops are looked for in the
//! strongly connected components of the states in which the node stays. For weak fairness whole components are
//! enough: if one is not fair, then no part of it is. Doing nothing for ever is a loop too, and it is fair where no
//! spontaneous transition is enabled; so a dead end needs no rule of its own.
//!
//! **The ladder.** With no further API, operator or fault step there are no such loops where each spontaneous transition
//! takes its node down a ladder ([`Liveness::ladder`]): every run then ends, by fairness in a state in which no
//! spontaneous transition is enabled, and a node stays for ever exactly where it stays in such a state
//! ([`Liveness::no_dead_end`]). Both are claims about single states and transitions, so any engine decides liveness at any
//! size. For all sizes at once the second is asked of the node alone ([`Liveness::moves_itself`]), which is more than is
//! needed.
//!
//! Not stateright's `eventually`: that overlooks loops. PROC-4, which asks for a way and not for a certainty, is
//! [`crate::check::space::Graph::ways_to`]'s.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use crate::check::graph::{Graph, id};
use crate::check::path::{Change, Path};
use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{NodeId, NodeStatus, Phase};
use crate::spec::profile::Profile;
use crate::spec::property::Claim;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Scope, Semantics, System};
use crate::spec::transition::{Kind, Transition};

/// A situation in which a node must not stay for ever.
#[derive(Clone, Copy)]
pub struct Liveness {
    /// The name on the command line: the rule's id and a sentence.
    pub name: &'static str,
    /// The rule that it states.
    pub rule: Rule,
    /// Whether the node is in that situation.
    pub stays: fn(&Cluster, NodeId) -> bool,
}

impl Liveness {
    /// Every liveness property of a profile.
    #[must_use]
    pub fn all(profile: Profile) -> Vec<Self> {
        let mut all = vec![
            Self {
                name: "node-2-no-node-stays-starting",
                rule: Rule::Node2,
                stays: |cluster, id| listed(cluster, id) == Some(NodeStatus::Starting),
            },
            Self {
                name: "node-3-no-node-stays-terminating",
                rule: Rule::Node3,
                stays: |cluster, id| listed(cluster, id) == Some(NodeStatus::Terminating),
            },
            Self {
                name: "node-5-no-offline-node-stays-listed-while-mode-is-off",
                rule: Rule::Node5,
                stays: |cluster, id| {
                    cluster.mode == Mode::Off && cluster.node(id).phase == Phase::Offline
                },
            },
        ];
        if profile == Profile::Finalization {
            all.push(Self {
                name: "fin-2-no-node-runs-its-tasks-for-ever",
                rule: Rule::Fin2,
                stays: |cluster, id| {
                    listed(cluster, id) == Some(NodeStatus::RunningFinalizeUpgradeTasks)
                },
            });
        }
        all
    }

    /// Each spontaneous transition takes its node down a ladder, and no other node up: so no run of them is endless.
    pub fn ladder<S: Semantics>() -> Claim<S> {
        Claim::step(
            |it| it.kind() == Kind::Spontaneous,
            |_| true,
            |_, taken| {
                let nodes = || taken.before.numbered().zip(&taken.after.nodes);
                nodes().all(|((id, was), is)| {
                    let (from, to) = (rung(was.phase), rung(is.phase));
                    if taken.transition.node() == Some(id) { to < from } else { to <= from }
                })
            },
        )
    }

    /// Where nothing happens by itself any more, no node is in the situation.
    pub fn no_dead_end<S: Semantics>(&self) -> Claim<S> {
        let stays = self.stays;
        Claim::state(
            move |cluster| any(cluster, stays),
            |system: &System<S>, cluster| {
                let mut spontaneous = system.scope.node_ids().flat_map(Transition::spontaneous);
                spontaneous.any(|transition| system.semantics.enabled(cluster, transition))
            },
        )
    }

    /// Every node in the situation can itself do something by itself.
    pub fn moves_itself<S: Semantics>(&self) -> Claim<S> {
        let stays = self.stays;
        Claim::state(
            move |cluster| any(cluster, stays),
            move |system: &System<S>, cluster| {
                let mut staying = system.scope.node_ids().filter(|id| stays(cluster, *id));
                staying.all(|id| {
                    let mut own = Transition::spontaneous(id).into_iter();
                    own.any(|transition| system.semantics.enabled(cluster, transition))
                })
            },
        )
    }

    /// A violation without a loop: a run to a state in which some node stays and nothing happens by itself.
    #[must_use]
    pub fn dead_end(&self, stem: Path) -> Lasso {
        let end = stem.end().clone();
        let node = end.numbered().map(|(id, _)| id).find(|id| (self.stays)(&end, *id));
        Lasso { node: node.unwrap_or(NodeId::at(0)), stem, turn: Path::from(end) }
    }

    /// A lasso on which some node stays for ever, if there is one.
    #[must_use]
    pub fn lasso(&self, scope: Scope, graph: &Graph, meanwhile: Meanwhile) -> Option<Lasso> {
        let fair = Fair::new(scope);
        scope.node_ids().find_map(|node| {
            let inside: Vec<bool> =
                graph.states().iter().map(|state| (self.stays)(state, node)).collect();
            components(graph, &inside, meanwhile)
                .into_iter()
                .filter(|component| fair.is_fair(graph, component, meanwhile))
                // A smaller number is nearer to the initial state, so the stem is as short as can be.
                .min_by_key(|component| component.first().copied())
                .map(|component| Lasso { node, ..fair.lasso(graph, &component, meanwhile) })
        })
    }
}

/// Whether some node is in the situation.
fn any(cluster: &Cluster, stays: fn(&Cluster, NodeId) -> bool) -> bool {
    cluster.numbered().any(|(id, _)| stays(cluster, id))
}

/// How far up the ladder a phase is: how many spontaneous transitions a node can make from there at the most.
const fn rung(phase: Phase) -> u8 {
    match phase {
        Phase::Active | Phase::Error | Phase::Absent | Phase::FinalizeFailed => 0,
        Phase::Offline | Phase::StartingIn | Phase::Finalizing => 1,
        Phase::StartingOut | Phase::TerminatingOut => 2,
        Phase::TerminatingIn => 3,
    }
}

fn listed(cluster: &Cluster, id: NodeId) -> Option<NodeStatus> {
    cluster.node(id).phase.listed()
}

/// What may go on happening for ever, besides what the cluster does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meanwhile {
    /// No further API, operator or fault step: the words of section 5.
    Nothing,
    /// API calls go on, operator and faults do not: section 5 without the word "API".
    Calls,
}

impl Meanwhile {
    const fn allows(self, transition: Transition) -> bool {
        match transition.kind() {
            Kind::Spontaneous => true,
            Kind::Api => matches!(self, Self::Calls),
            Kind::Operator | Kind::Fault => false,
        }
    }
}

/// A violation of liveness: a run to a loop, and the loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasso {
    /// The node that stays.
    pub node: NodeId,
    /// How the loop is reached from the initial state.
    pub stem: Path,
    /// One turn of the loop, from the stem's last state back to it. Without steps: nothing happens any more.
    pub turn: Path,
}

/// The stem's steps, then those of the loop, numbered on.
impl fmt::Display for Lasso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.stem)?;
        if self.turn.steps.is_empty() {
            return write!(f, "     and there {} stays: nothing can happen", self.node);
        }
        writeln!(f, "     and from there for ever, {} staying:", self.node)?;
        let first = self.stem.steps.len() + 1;
        for (number, (before, transition, after)) in self.turn.moves().enumerate() {
            let name = transition.to_string();
            let change = Change::of(before, after);
            writeln!(f, "{:>3}  {name:<18} {change}", first + number)?;
        }
        write!(f, "     back after step {}", first + self.turn.steps.len() - 1)
    }
}

/// The strongly connected components of the states that are `inside`, over what `meanwhile` allows; each sorted.
/// Tarjan's algorithm, with a stack of its own: a deep graph must not overflow the call stack.
fn components(graph: &Graph, inside: &[bool], meanwhile: Meanwhile) -> Vec<Vec<u32>> {
    const UNSEEN: u32 = u32::MAX;
    let count = graph.states().len();
    let (mut order, mut low) = (vec![UNSEEN; count], vec![0; count]);
    let mut open = vec![false; count];
    let (mut stack, mut work) = (Vec::new(), Vec::new());
    let (mut next, mut found) = (0, Vec::new());
    for root in (0..count).filter(|state| inside[*state]) {
        if order[root] == UNSEEN {
            work.push((root, 0));
        }
        while let Some((state, edge)) = work.pop() {
            if edge == 0 {
                order[state] = next;
                low[state] = next;
                next += 1;
                stack.push(id(state));
                open[state] = true;
            }
            let edges = graph.edges(state);
            let step = (edge..edges.len()).find(|at| {
                let (transition, to) = edges[*at];
                let to = to as usize;
                if !inside[to] || !meanwhile.allows(transition) {
                    return false;
                }
                if open[to] {
                    low[state] = low[state].min(order[to]);
                }
                order[to] == UNSEEN
            });
            if let Some(at) = step {
                work.push((state, at + 1));
                work.push((edges[at].1 as usize, 0));
                continue;
            }
            if low[state] == order[state] {
                let from = stack
                    .iter()
                    .rposition(|member| *member as usize == state)
                    .expect("a component's root is on the stack");
                let mut component = stack.split_off(from);
                for member in &component {
                    open[*member as usize] = false;
                }
                component.sort_unstable();
                found.push(component);
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[state]);
            }
        }
    }
    found
}

/// The transitions that are taken fairly, each with a bit of its own.
struct Fair {
    bits: BTreeMap<Transition, u128>,
}

impl Fair {
    fn new(scope: Scope) -> Self {
        let spontaneous: Vec<Transition> = scope
            .transitions()
            .into_iter()
            .filter(|transition| transition.kind() == Kind::Spontaneous)
            .collect();
        assert!(spontaneous.len() <= 128, "each fair transition has a bit");
        Self {
            bits: (spontaneous.into_iter())
                .enumerate()
                .map(|(bit, transition)| (transition, 1 << bit))
                .collect(),
        }
    }

    fn bit(&self, transition: Transition) -> u128 {
        self.bits.get(&transition).copied().unwrap_or(0)
    }

    fn enabled(&self, graph: &Graph, state: u32) -> u128 {
        let edges = graph.edges(state as usize).iter();
        edges.fold(0, |mask, (transition, _)| mask | self.bit(*transition))
    }

    /// Whether every fair transition is disabled somewhere in the component or taken within it.
    fn is_fair(&self, graph: &Graph, component: &[u32], meanwhile: Meanwhile) -> bool {
        let owed =
            (component.iter()).fold(u128::MAX, |owed, state| owed & self.enabled(graph, *state));
        owed == 0
            || component.iter().fold(owed, |owed, state| {
                within(graph, component, meanwhile, *state)
                    .fold(owed, |owed, (transition, _)| owed & !self.bit(transition))
            }) == 0
    }

    /// A stem to the component and a turn in it that owes no fair transition anything.
    fn lasso(&self, graph: &Graph, component: &[u32], meanwhile: Meanwhile) -> Lasso {
        let first = component[0];
        let mut turn = Vec::new();
        let mut at = first;
        let mut owed = self.enabled(graph, first);
        while owed != 0 {
            let walk = nearest(graph, component, meanwhile, at, |transition, to| {
                owed & (self.bit(transition) | !self.enabled(graph, to)) != 0
            });
            for (transition, to) in walk {
                owed &= self.enabled(graph, to) & !self.bit(transition);
                turn.push((transition, to));
                at = to;
            }
        }
        if at != first {
            turn.extend(nearest(graph, component, meanwhile, at, |_, to| to == first));
        }
        let state = |number: u32| graph.states()[number as usize].clone();
        Lasso {
            node: NodeId::at(0),
            stem: graph.path_to(first as usize),
            turn: Path {
                start: state(first),
                steps: (turn.into_iter()).map(|(transition, to)| (transition, state(to))).collect(),
            },
        }
    }
}

/// The edges that stay in the component.
fn within<'a>(
    graph: &'a Graph,
    component: &'a [u32],
    meanwhile: Meanwhile,
    state: u32,
) -> impl Iterator<Item = (Transition, u32)> + 'a {
    (graph.edges(state as usize).iter().copied()).filter(move |(transition, to)| {
        meanwhile.allows(*transition) && component.binary_search(to).is_ok()
    })
}

/// A shortest walk in the component from a state to an edge for which `wanted` holds, that edge included.
fn nearest(
    graph: &Graph,
    component: &[u32],
    meanwhile: Meanwhile,
    from: u32,
    wanted: impl Fn(Transition, u32) -> bool,
) -> Vec<(Transition, u32)> {
    let mut seen = BTreeSet::from([from]);
    let mut queue = VecDeque::from([(from, Vec::new())]);
    while let Some((state, walk)) = queue.pop_front() {
        for (transition, to) in within(graph, component, meanwhile, state) {
            let mut longer = walk.clone();
            longer.push((transition, to));
            if wanted(transition, to) {
                return longer;
            }
            if seen.insert(to) {
                queue.push_back((to, longer));
            }
        }
    }
    unreachable!("a component that owes nothing has a walk to whatever pays, and back")
}
