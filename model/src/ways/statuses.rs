//! Which cluster status follows which, and by what? The state graph folded to the statuses that an admin sees.
//!
//! An edge says that some reachable state has the transition, not that every state of that status has it. Transitions
//! that leave the status as it is are counted beside, not drawn.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::graph::Graph;
use crate::spec::cluster::ClusterStatus;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Kind;

/// What leads from one status to another: the row of the table, who takes it, and the rule that speaks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// Who takes it.
    pub kind: Kind,
    /// The row's name.
    pub name: &'static str,
    /// The rule that speaks of it.
    pub rule: Rule,
}

/// The statuses and what leads from each to each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses {
    /// How many reachable states have each status.
    pub states: BTreeMap<ClusterStatus, usize>,
    /// What changes the status.
    pub edges: BTreeMap<(ClusterStatus, ClusterStatus), BTreeSet<Cause>>,
}

impl Statuses {
    /// Folds a graph.
    #[must_use]
    pub fn of<S: Semantics>(system: &System<S>, graph: &Graph) -> Self {
        let status: Vec<ClusterStatus> =
            (graph.states().iter()).map(|state| system.status(state)).collect();
        let mut folded = Self { states: BTreeMap::new(), edges: BTreeMap::new() };
        for (number, state) in graph.states().iter().enumerate() {
            *folded.states.entry(status[number]).or_default() += 1;
            for (transition, to) in graph.edges(number) {
                let edge = (status[number], status[*to as usize]);
                if edge.0 == edge.1 {
                    continue;
                }
                folded.edges.entry(edge).or_default().insert(Cause {
                    kind: transition.kind(),
                    name: transition.name(),
                    rule: transition.rule(state),
                });
            }
        }
        folded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::semantics::Scope;

    /// Start, and nothing else, leads from STABLE to READY_TO_UPGRADE; Approve and nothing else from the end to STABLE.
    #[test]
    fn mode_1_and_mode_5_only_calls_change_the_mode() {
        let system = System::spec(Scope::documented(2, 2));
        let folded = Statuses::of(&system, &Graph::of(&system));
        let names = |from, to| -> Vec<&str> {
            let causes = folded.edges.get(&(from, to)).into_iter().flatten();
            causes.map(|cause| cause.name).collect()
        };
        use ClusterStatus::{ReadyToRunUpgradeTasks, ReadyToUpgrade, Stable};
        assert_eq!(names(Stable, ReadyToUpgrade), ["Start"]);
        assert_eq!(names(ReadyToUpgrade, Stable), ["Cancel"]);
        assert_eq!(names(ReadyToRunUpgradeTasks, Stable), ["Approve"]);
        assert_eq!(names(Stable, ReadyToRunUpgradeTasks), [""; 0]);
        assert_eq!(folded.states.values().sum::<usize>(), 742);
    }
}
