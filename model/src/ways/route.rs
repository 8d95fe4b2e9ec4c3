//! How does one get from here to there? Shortest and cheapest ways between situations, with transitions and rules.
//!
//! [`between`] answers for two situations, over the reachable states; of the states that a situation leaves open it
//! takes those from which the way is best, and of these the nearest to the initial state. [`way_to`] answers for one
//! state that somebody is in: documented steps only, no faults; [`way_back`] is the way to STABLE (PROC-4). That
//! search treats nodes that look alike as one, so that clusters of eight nodes are within reach; the whole table for
//! small scopes is [`crate::check::recovery`]'s.
//!
//! The shortest way is not always a kind one: it kills the last node of an old version rather than upgrade it. Who
//! wants every node back asks for `STABLE, all=ACTIVE`.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::fmt;

use crate::check::graph::{Graph, id};
use crate::check::path::{Change, Path};
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::node::NodeId;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::{Kind, Transition};
use crate::ways::situation::Situation;

/// What makes a way good. The other figure decides between equals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cost {
    /// Few transitions.
    #[default]
    Steps,
    /// Few restarts: a node that is booted has been down.
    Restarts,
}

impl Cost {
    const fn after(self, spent: (u32, u32), transition: Transition) -> (u32, u32) {
        let restart = matches!(transition, Transition::Boot(_)) as u32;
        match self {
            Self::Steps => (spent.0 + 1, spent.1 + restart),
            Self::Restarts => (spent.0 + restart, spent.1 + 1),
        }
    }
}

/// A way, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The run.
    pub path: Path,
}

impl Route {
    /// How many nodes are booted on the way, each time counted.
    #[must_use]
    pub fn restarts(&self) -> usize {
        let boots =
            (self.path.steps.iter()).filter(|(step, _)| matches!(step, Transition::Boot(_)));
        boots.count()
    }

    /// The rules that speak of its transitions.
    #[must_use]
    pub fn rules(&self) -> BTreeSet<Rule> {
        (self.path.moves()).map(|(before, transition, _)| transition.rule(before)).collect()
    }
}

/// One line a transition: who takes it, what it is, its rule, what it changes.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  0  {}", self.path.start)?;
        for (number, (before, transition, after)) in self.path.moves().enumerate() {
            let by = match transition.kind() {
                Kind::Api => "call",
                Kind::Operator => "operator",
                Kind::Fault => "fault",
                Kind::Spontaneous => "cluster",
            };
            let (name, rule) = (transition.to_string(), transition.rule(before));
            let change = Change { before, after };
            writeln!(f, "{:>3}  {by:<9} {name:<18} {rule:<9} {change}", number + 1)?;
        }
        let (steps, restarts) = (self.path.steps.len(), self.restarts());
        let plural = |count| if count == 1 { "" } else { "s" };
        write!(
            f,
            "     {steps} transition{}, {restarts} restart{}",
            plural(steps),
            plural(restarts)
        )
    }
}

/// Why there is no way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoute {
    /// No reachable state is in the situation, on either side.
    #[error("no reachable state is in the situation `{situation}`")]
    NeverArises {
        /// The situation.
        situation: String,
    },
    /// No transitions lead there.
    #[error("no transitions lead there")]
    NoWay,
    /// The search was given up.
    #[error("no way was found among the first {states} states")]
    GivenUp {
        /// How many states were looked at.
        states: usize,
    },
}

/// The best way from some state in the one situation to some state in the other, over every kind of transition.
///
/// # Errors
/// [`NoRoute`] when a situation never arises, or nothing leads from the one to the other.
pub fn between<S: Semantics>(
    system: &System<S>,
    graph: &Graph,
    from: &Situation,
    to: &Situation,
    cost: Cost,
) -> Result<Route, NoRoute> {
    let arising = |situation: &Situation| {
        let found: Vec<u32> = (0..graph.states().len())
            .filter(|state| situation.holds(system, &graph.states()[*state]))
            .map(id)
            .collect();
        if found.is_empty() {
            Err(NoRoute::NeverArises { situation: situation.to_string() })
        } else {
            Ok(found)
        }
    };
    let (sources, goals) = (arising(from)?, arising(to)?);
    let way = cheapest(
        &sources,
        cost,
        |state| goals.binary_search(&state).is_ok(),
        |state| graph.edges(state as usize).to_vec(),
    );
    let state = |number: u32| graph.states()[number as usize].clone();
    way.map(|way| way.route(state)).ok_or(NoRoute::NoWay)
}

/// The best way back to STABLE from this state by documented steps; see [`way_to`].
///
/// # Errors
/// [`NoRoute`] when there is none, or none was found among so many states.
pub fn way_back<S: Semantics>(
    system: &System<S>,
    from: &Cluster,
    cost: Cost,
    states_max: usize,
) -> Result<Route, NoRoute> {
    let stable = Situation::of(ClusterStatus::Stable);
    way_to(system, from, &stable, cost, states_max)
}

/// The best way from this state to a situation by documented steps: calls, operator's steps, and what the cluster does
/// by itself. Looks at no more than `states_max` states, up to a renaming of the nodes where the situation allows it.
///
/// # Errors
/// [`NoRoute`] when there is none, or none was found among so many states.
pub fn way_to<S: Semantics>(
    system: &System<S>,
    from: &Cluster,
    to: &Situation,
    cost: Cost,
    states_max: usize,
) -> Result<Route, NoRoute> {
    // Who promises no bound may tell a node from its neighbour.
    let symmetric = !to.names_a_node() && system.semantics.decided_by().is_some();
    let alike = |cluster: &Cluster| alike(cluster, symmetric);
    let transitions: Vec<Transition> = (system.scope.transitions().into_iter())
        .filter(|transition| transition.kind() != Kind::Fault)
        .collect();
    let states = std::cell::RefCell::new(vec![from.clone()]);
    // Only ever looked up, never iterated: its order does not show.
    let mut numbers = HashMap::from([(alike(from), 0)]);
    let way = cheapest(
        &[0],
        cost,
        |state| to.holds(system, &states.borrow()[state as usize]),
        |state| {
            let before = states.borrow()[state as usize].clone();
            let mut edges = Vec::new();
            let mut tried = BTreeSet::new();
            for transition in &transitions {
                // Of several nodes that look alike the first stands for all.
                let twin = transition.node().filter(|_| symmetric).map(|id| {
                    let node = before.node(id);
                    (transition.on(NodeId::at(0)), node)
                });
                if twin.is_some_and(|twin| tried.contains(&twin))
                    || !system.semantics.enabled(&before, *transition)
                {
                    continue;
                }
                tried.extend(twin);
                let after = system.semantics.apply(&before, *transition);
                let mut states = states.borrow_mut();
                if let Some(number) = numbers.get(&alike(&after)) {
                    edges.push((*transition, *number));
                } else if states.len() < states_max {
                    let number = id(states.len());
                    numbers.insert(alike(&after), number);
                    states.push(after);
                    edges.push((*transition, number));
                }
            }
            edges
        },
    );
    let states = states.into_inner();
    match way {
        Some(way) => Ok(retold(
            system,
            from,
            &transitions,
            &way,
            |number| alike(&states[number as usize]),
            alike,
        )),
        None if states.len() < states_max => Err(NoRoute::NoWay),
        None => Err(NoRoute::GivenUp { states: states.len() }),
    }
}

/// The way with the states that it passes itself: in the search a state's twin may have stood for it.
fn retold<S: Semantics>(
    system: &System<S>,
    from: &Cluster,
    transitions: &[Transition],
    way: &Way,
    state: impl Fn(u32) -> Cluster,
    alike: impl Fn(&Cluster) -> Cluster,
) -> Route {
    let mut path = Path::from(from.clone());
    for (_, to) in &way.edges {
        let goal = state(*to);
        let before = path.end().clone();
        let step = (transitions.iter())
            .filter(|transition| system.semantics.enabled(&before, **transition))
            .map(|transition| (*transition, system.semantics.apply(&before, *transition)))
            .find(|(_, after)| alike(after) == goal)
            .expect("a state can do what its twin can");
        path.steps.push(step);
    }
    Route { path }
}

/// With `symmetric` the cluster with its nodes in order: the same for clusters that differ by a renaming of the nodes.
fn alike(cluster: &Cluster, symmetric: bool) -> Cluster {
    let mut sorted = cluster.clone();
    if symmetric {
        sorted.nodes.sort_unstable();
    }
    sorted
}

/// A source, and the edges from it.
struct Way {
    source: u32,
    edges: Vec<(Transition, u32)>,
}

impl Way {
    fn route(&self, state: impl Fn(u32) -> Cluster) -> Route {
        Route {
            path: Path {
                start: state(self.source),
                steps: (self.edges.iter())
                    .map(|(transition, to)| (*transition, state(*to)))
                    .collect(),
            },
        }
    }
}

/// What was spent to come to a state, and the edge by which.
type Reached = HashMap<u32, ((u32, u32), Option<(u32, Transition)>)>;

/// Dijkstra's search from several sources. Of equally good ways it takes the one by smaller numbers.
fn cheapest(
    sources: &[u32],
    cost: Cost,
    goal: impl Fn(u32) -> bool,
    mut edges: impl FnMut(u32) -> Vec<(Transition, u32)>,
) -> Option<Way> {
    let mut reached: Reached = sources.iter().map(|source| (*source, ((0, 0), None))).collect();
    let mut queue: BinaryHeap<Reverse<((u32, u32), u32)>> =
        (sources.iter()).map(|source| Reverse(((0, 0), *source))).collect();
    while let Some(Reverse((spent, state))) = queue.pop() {
        if reached[&state].0 < spent {
            continue;
        }
        if goal(state) {
            return Some(retrace(&reached, state));
        }
        for (transition, to) in edges(state) {
            let next = cost.after(spent, transition);
            if reached.get(&to).is_none_or(|known| next < known.0) {
                reached.insert(to, (next, Some((state, transition))));
                queue.push(Reverse((next, to)));
            }
        }
    }
    None
}

fn retrace(reached: &Reached, end: u32) -> Way {
    let mut edges = Vec::new();
    let mut at = end;
    while let Some((parent, transition)) = reached[&at].1 {
        edges.push((transition, at));
        at = parent;
    }
    edges.reverse();
    Way { source: at, edges }
}
