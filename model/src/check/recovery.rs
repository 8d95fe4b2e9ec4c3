//! Is there always a way back to STABLE? PROC-4 (spec, section 5), for every reachable state at once.
//!
//! One search backwards from all STABLE states, over API calls, operator's steps and what the cluster does by itself;
//! faults are no documented step. A way is asked for, not a certainty: that a node which starts also arrives is
//! [`crate::check::fairness`]'s to say. The way back from one given state, without the whole graph, is [`crate::ways::route`]'s.

use std::collections::VecDeque;

use crate::check::graph::{Graph, id};
use crate::check::path::Path;
use crate::spec::cluster::ClusterStatus;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::{Kind, Transition};

/// The shortest way back to STABLE from every reachable state.
#[derive(Clone, Debug)]
pub struct Recovery<'a> {
    graph: &'a Graph,
    /// How many steps it takes; none where there is no way.
    distance: Vec<Option<u32>>,
    /// The first step of a shortest way; none in STABLE and where there is no way.
    onward: Vec<Option<(Transition, u32)>>,
}

impl<'a> Recovery<'a> {
    /// Searches back from every STABLE state.
    #[must_use]
    pub fn of<S: Semantics>(system: &System<S>, graph: &'a Graph) -> Self {
        let count = graph.states().len();
        let mut recovery = Self { graph, distance: vec![None; count], onward: vec![None; count] };
        let backward = backward(graph);
        let mut queue = VecDeque::new();
        for (number, state) in graph.states().iter().enumerate() {
            if system.status(state) == ClusterStatus::Stable {
                recovery.distance[number] = Some(0);
                queue.push_back(number);
            }
        }
        while let Some(to) = queue.pop_front() {
            let distance = recovery.distance[to].map(|steps| steps + 1);
            for (transition, from) in &backward[to] {
                let from = *from as usize;
                if recovery.distance[from].is_none() {
                    recovery.distance[from] = distance;
                    recovery.onward[from] = Some((*transition, id(to)));
                    queue.push_back(from);
                }
            }
        }
        recovery
    }

    /// The state nearest to the initial one from which no documented steps lead back: a violation of PROC-4.
    #[must_use]
    pub fn stranded(&self) -> Option<usize> {
        self.distance.iter().position(Option::is_none)
    }

    /// How many steps lead back from this state; `None` where no steps do.
    #[must_use]
    pub fn distance(&self, state: usize) -> Option<u32> {
        self.distance[state]
    }

    /// The state with the longest shortest way back; of several the nearest to the initial one.
    #[must_use]
    pub fn farthest(&self) -> usize {
        let longest = self.distance.iter().max();
        (self.distance.iter()).position(|distance| Some(distance) == longest).unwrap_or(0)
    }

    /// A shortest way back from this state; `None` where there is none.
    #[must_use]
    pub fn way_back(&self, state: usize) -> Option<Path> {
        self.distance[state]?;
        let mut path = Path::from(self.graph.states()[state].clone());
        let mut at = state;
        while let Some((transition, to)) = self.onward[at] {
            at = to as usize;
            path.steps.push((transition, self.graph.states()[at].clone()));
        }
        Some(path)
    }
}

/// Every documented step, by the state that it leads to.
fn backward(graph: &Graph) -> Vec<Vec<(Transition, u32)>> {
    let mut backward = vec![Vec::new(); graph.states().len()];
    for from in 0..graph.states().len() {
        for (transition, to) in graph.edges(from) {
            if transition.kind() != Kind::Fault {
                backward[*to as usize].push((*transition, id(from)));
            }
        }
    }
    backward
}
