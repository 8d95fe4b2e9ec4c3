//! Is a suspicion real? Looks for a concrete run to a violation, in clusters of a few nodes.
//!
//! States that differ by a renaming of the nodes are one here, so that five nodes are within the limit. Where it matters
//! which node is next to which ([`Semantics::decided_by`] is `None`) every state counts for itself.

use rustc_hash::FxHashMap;

use crate::check::engine::with_breaking_step;
use crate::check::graph::id;
use crate::check::path::Path;
use crate::spec::cluster::Cluster;
use crate::spec::profile::Profile;
use crate::spec::property::Claim;
use crate::spec::semantics::{Scope, Semantics, System};
use crate::spec::transition::Transition;

use super::{Doubt, Verdict};

/// How many states are looked at for each number of nodes: all of N = 5 with two versions.
const STATES_MAX: usize = 60_000;

/// A run to a violation with the fewest nodes, none with more nodes than the suspect or three, whichever is more.
pub(super) fn confirm<S: Semantics>(
    semantics: &S,
    profile: Profile,
    versions: u8,
    claim: &Claim<S>,
    suspect: Cluster,
) -> Verdict {
    let nodes_max = suspect.nodes.len().max(3);
    for nodes in 1..=nodes_max {
        let system =
            System { scope: Scope { profile, nodes, versions }, semantics: semantics.clone() };
        if let Some(path) = run_to_violation(&system, claim) {
            return Verdict::Violated { nodes, path };
        }
    }
    Verdict::Undecided(Doubt::Unconfirmed { suspect, nodes: nodes_max })
}

/// A shortest run to a state, or over a transition, that breaks the property; none among so many states as are looked at.
fn run_to_violation<S: Semantics>(system: &System<S>, claim: &Claim<S>) -> Option<Path> {
    let symmetric = system.semantics.decided_by().is_some();
    let key = |cluster: &Cluster| {
        let mut key = cluster.clone();
        if symmetric {
            key.nodes.sort_unstable();
        }
        key
    };
    let initial = system.scope.initial();
    // Only ever looked up, never iterated: its order does not show.
    let mut seen = FxHashMap::from_iter([(key(&initial), ())]);
    let mut found: Vec<(Cluster, Option<(u32, Transition)>)> = vec![(initial, None)];
    let mut at = 0;
    while at < found.len() {
        let state = found[at].0.clone();
        if !claim.holds(system, &state) {
            return Some(with_breaking_step(system, claim, retrace(&found, at)));
        }
        for (transition, after) in system.successors(&state) {
            if found.len() < STATES_MAX && seen.insert(key(&after), ()).is_none() {
                found.push((after, Some((id(at), transition))));
            }
        }
        at += 1;
    }
    None
}

fn retrace(found: &[(Cluster, Option<(u32, Transition)>)], end: usize) -> Path {
    let mut steps = Vec::new();
    let mut at = end;
    while let (state, Some((parent, transition))) = &found[at] {
        steps.push((*transition, state.clone()));
        at = *parent as usize;
    }
    steps.reverse();
    Path { start: found[at].0.clone(), steps }
}
