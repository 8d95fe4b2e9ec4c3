//! How does one get from here to there? Shortest and cheapest ways between situations, with transitions and rules.
//!
//! [`between`] answers for two situations, over the reachable states by number; of the states that a situation leaves
//! open it takes those from which the way is best, and of these the one with the least number, which is like the initial
//! state in its first nodes. [`way_to`] answers for one
//! state that somebody is in: documented steps only, no faults; [`way_back`] is the way to STABLE (PROC-4). That
//! search treats nodes that look alike as one, so that clusters of eight nodes are within reach; whether there
//! is one from every state is [`crate::check::space::Graph::ways_to`]'s to say.
//!
//! The shortest way is not always a kind one: it kills the last node of an old version rather than upgrade it. Who
//! wants every node back asks for `STABLE, all=ACTIVE`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pathfinding::directed::dijkstra::dijkstra;

use crate::check::path::Path;
use crate::check::sought::Bound;
use crate::check::space::{Graph, Numbering};
use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::rule::Rule;
use crate::spec::semantics::{Scope, Semantics, System};
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

/// Why there is no way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoute {
    /// No reachable state is in the situation, on either side.
    #[error(
        "no reachable state is in the situation `{situation}`; there are {states} reachable states"
    )]
    NeverArises {
        /// The situation.
        situation: String,
        /// How many states are reachable.
        states: u64,
    },
    /// What is to be avoided covers an end of the way.
    #[error(
        "`{avoiding}` is to be avoided, and is so in every state of `{end}`, which is an end of the way"
    )]
    Avoided {
        /// What is to be avoided.
        avoiding: String,
        /// The end that it covers.
        end: String,
    },
    /// No transitions lead there: everything that can be come to was looked at.
    #[error("no transitions lead there; all {states} states that can be come to were looked at")]
    NoWay {
        /// How many states were looked at.
        states: u64,
    },
    /// The search was given up, so that nobody knows.
    #[error("{}", given_up(*states))]
    GivenUp {
        /// How many states were looked at.
        states: u64,
    },
}

fn given_up(states: u64) -> String {
    if states == 0 {
        "nothing was looked at: the search was ended before it began".to_owned()
    } else {
        format!("no way was found among the {states} states that were looked at, which are not all")
    }
}

/// What way is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Quest<'a> {
    /// Where it begins: in the state of this situation from which it is best.
    pub from: &'a Situation,
    /// Where it leads.
    pub to: &'a Situation,
    /// Where it never passes, its two ends included.
    pub avoiding: Option<&'a Situation>,
    /// Which transitions may be taken on it.
    pub allowed: fn(Transition) -> bool,
    /// What makes it good.
    pub cost: Cost,
}

impl Quest<'_> {
    /// How many bytes a search takes beside the reachable states: for each number what was spent to come to it, from
    /// where, and a place in a queue. `None` if the states have no numbers of 32 bits.
    #[must_use]
    pub fn needs(scope: Scope, spec: bool) -> Option<u64> {
        let numbers = Numbering::set_bytes(scope, spec)?.checked_mul(8)?;
        u32::try_from(numbers).ok()?;
        Some(numbers * (size_of::<u32>() * 2 + size_of::<u32>()) as u64)
    }
}

/// The best way from some state in the one situation to some state in the other, among the reachable states.
///
/// # Errors
/// [`NoRoute`] when a situation never arises or is avoided altogether, nothing leads from the one to the other, or the search was ended.
///
/// # Panics
/// If the states have no numbers of 32 bits: [`Quest::needs`] tells.
pub fn between<S: Semantics>(
    graph: &Graph<S>,
    quest: Quest<'_>,
    stop: &(dyn Fn() -> Option<Bound> + Sync),
) -> Result<Route, NoRoute> {
    let marked = |situation: &Situation| {
        let system = graph.system();
        graph.mark(|state| situation.holds(system, state), situation.names_a_node())
    };
    let arising = |situation: &Situation| {
        let marked = marked(situation);
        if marked.count() > 0 {
            return Ok(marked);
        }
        let states = graph.state_count();
        Err(NoRoute::NeverArises { situation: situation.to_string(), states })
    };
    let (from, to) = (arising(quest.from)?, arising(quest.to)?);
    let avoiding = quest.avoiding.map(marked);
    let may = |number: u64| avoiding.as_ref().is_none_or(|set| !set.contains(number));
    for (end, marked) in [(quest.from, &from), (quest.to, &to)] {
        if let Some(avoiding) = quest.avoiding
            && !marked.iter().any(may)
        {
            let (avoiding, end) = (avoiding.to_string(), end.to_string());
            return Err(NoRoute::Avoided { avoiding, end });
        }
    }
    let mut search = Search::new(graph.bound());
    for source in from.iter().filter(|number| may(*number)) {
        search.reach(source, (0, 0), source);
    }
    let mut edges = Vec::new();
    let mut looked_at = 0;
    while let Some((spent, state)) = search.nearest() {
        if to.contains(state) {
            return Ok(Route { path: search.path(graph, quest, state) });
        }
        if looked_at % STATES_A_LOOK == 0 && stop().is_some() {
            return Err(NoRoute::GivenUp { states: looked_at });
        }
        looked_at += 1;
        graph.successors(state, &mut edges);
        for (transition, after) in &edges {
            if (quest.allowed)(*transition) && may(*after) {
                search.reach(*after, quest.cost.after(spent, *transition), state);
            }
        }
    }
    Err(NoRoute::NoWay { states: looked_at })
}

/// How many states are looked at between two questions whether to go on.
const STATES_A_LOOK: u64 = 1 << 12;

/// Dijkstra's search over numbered states. Of what is equally near it takes the least number first.
struct Search {
    /// By number: what was spent to come there, in one word; [`u32::MAX`] where nobody has come yet.
    spent: Vec<u32>,
    /// By number: from where. A source comes from itself.
    parents: Vec<u32>,
    /// What is still to be looked at, by what was spent.
    open: BTreeMap<u32, Vec<u32>>,
    /// What was spent, and what is left to look at there, the least number last. Every step costs something, so that
    /// nothing is added any more.
    now: (u32, Vec<u32>),
}

impl Search {
    fn new(bound: u64) -> Self {
        let bound = usize::try_from(bound).expect("the numbers fit the memory");
        Self {
            spent: vec![u32::MAX; bound],
            parents: vec![0; bound],
            open: BTreeMap::new(),
            now: (0, Vec::new()),
        }
    }

    fn reach(&mut self, number: u64, (most, rest): (u32, u32), parent: u64) {
        // A way of 65,536 transitions would pass more states than have numbers of 32 bits in its shortest form.
        let spent = most << 16 | rest;
        let known = &mut self.spent[number as usize];
        if spent < *known {
            *known = spent;
            self.parents[number as usize] = narrow(parent);
            self.open.entry(spent).or_default().push(narrow(number));
        }
    }

    fn nearest(&mut self) -> Option<((u32, u32), u64)> {
        loop {
            let Some(number) = self.now.1.pop() else {
                self.now = self.open.pop_first()?;
                self.now.1.sort_unstable_by_key(|number| Reverse(*number));
                continue;
            };
            let spent = self.now.0;
            // A better way may have been found since.
            if self.spent[number as usize] == spent {
                return Some(((spent >> 16, spent & 0xFFFF), u64::from(number)));
            }
        }
    }

    /// The way to a state: back to its source, and each step named by what it cost.
    fn path<S: Semantics>(&self, graph: &Graph<S>, quest: Quest<'_>, end: u64) -> Path {
        let mut numbers = vec![end];
        let mut at = end;
        while u64::from(self.parents[at as usize]) != at {
            at = u64::from(self.parents[at as usize]);
            numbers.push(at);
        }
        numbers.reverse();
        let mut path = Path::from(graph.decode(numbers[0]));
        let mut edges = Vec::new();
        for pair in numbers.windows(2) {
            graph.successors(pair[0], &mut edges);
            let best = (edges.iter())
                .filter(|(transition, to)| *to == pair[1] && (quest.allowed)(*transition))
                .min_by_key(|(transition, _)| quest.cost.after((0, 0), *transition))
                .expect("a state was come to from its parent");
            path.steps.push((best.0, graph.decode(pair[1])));
        }
        path
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).expect("the states have numbers of 32 bits")
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
    let documented = |transition: &Transition| transition.kind() != Kind::Fault;
    let is = |state: &Cluster| to.holds(system, state);
    search(system, from, is, (documented, symmetric), cost, states_max)
}

/// A shortest way from this state to one for which `is` holds, whoever takes its steps. Looks at no more than `states_max`
/// states.
///
/// # Errors
/// [`NoRoute`] when there is none, or none was found among so many states.
pub fn way_where<S: Semantics>(
    system: &System<S>,
    from: &Cluster,
    is: impl Fn(&Cluster) -> bool,
    states_max: usize,
) -> Result<Route, NoRoute> {
    search(system, from, is, (|_: &Transition| true, false), Cost::Steps, states_max)
}

/// Looks for the best way over transitions that may be taken; with `symmetric` up to a renaming of the nodes.
fn search<S: Semantics>(
    system: &System<S>,
    from: &Cluster,
    is: impl Fn(&Cluster) -> bool,
    (may, symmetric): (impl Fn(&Transition) -> bool, bool),
    cost: Cost,
    states_max: usize,
) -> Result<Route, NoRoute> {
    let alike = |cluster: &Cluster| alike(cluster, symmetric);
    let transitions: Vec<_> = system.scope.transitions().into_iter().filter(may).collect();
    let steps = |cluster: &Cluster| -> Vec<(Transition, Cluster)> {
        (transitions.iter())
            .filter(|transition| system.semantics.enabled(cluster, **transition))
            .map(|transition| (*transition, system.semantics.apply(cluster, *transition)))
            .collect()
    };
    let mut looked_at = 0;
    let found = dijkstra(
        &alike(from),
        |cluster| {
            looked_at += 1;
            let steps = if looked_at > states_max { Vec::new() } else { steps(cluster) };
            steps.into_iter().map(|(transition, after)| {
                let (most, rest) = cost.after((0, 0), transition);
                (alike(&after), u64::from(most) << 32 | u64::from(rest))
            })
        },
        is,
    );
    let Some((way, _)) = found else {
        return Err(if looked_at > states_max {
            NoRoute::GivenUp { states: states_max as u64 }
        } else {
            NoRoute::NoWay { states: looked_at as u64 }
        });
    };
    // Told in the states that are passed themselves: in the search a state's twin may have stood for it.
    let mut path = Path::from(from.clone());
    for goal in &way[1..] {
        let step = (steps(path.end()).into_iter())
            .filter(|(_, after)| alike(after) == *goal)
            .min_by_key(|(transition, _)| cost.after((0, 0), *transition))
            .expect("a state can do what its twin can");
        path.steps.push(step);
    }
    Ok(Route { path })
}

/// With `symmetric` the cluster with its nodes in order: the same for clusters that differ by a renaming of the nodes.
fn alike(cluster: &Cluster, symmetric: bool) -> Cluster {
    let mut sorted = cluster.clone();
    if symmetric {
        sorted.nodes.sort_unstable();
    }
    sorted
}
