//! Does one thing lead to another, for every number of nodes? Under section 5's fairness, with nothing else happening.
//!
//! Where each step that the cluster takes by itself takes a node down a ladder ([`crate::check::fairness`]), every such run
//! comes to rest, so only this can go wrong: from a reachable cluster in which the first holds the cluster comes to rest, and
//! the second held nowhere on the way. Two sets of views decide it: that of every reachable cluster; and, begun with those
//! of its clusters in which the first holds and the second does not, the one that is closed under steps that the cluster
//! takes by itself to where the second does not hold. If nothing that the latter stands for is at rest without the second,
//! then nothing is, whatever its size: a node can do something by itself or not by its phase and the mode alone, so a part
//! of a cluster at rest is at rest; and a part that has, beside what decides the step, the nodes which show that the first
//! holds and the second does not, is changed as the whole is.

use crate::check::sought::Bound;
use crate::spec::cluster::Cluster;
use crate::spec::profile::Profile;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Kind;

use super::views::Views;
use super::{DECIDED_BY, Doubt, Search, Seen, Stop};

/// Clusters of more nodes take too long to look at.
const WINDOW_MAX: usize = 6;

/// Does `when` lead to `then`?
#[derive(Clone, Copy)]
pub struct Question<'a, S> {
    /// The first.
    pub when: &'a dyn Fn(&System<S>, &Cluster) -> bool,
    /// The second.
    pub then: &'a dyn Fn(&System<S>, &Cluster) -> bool,
    /// How many nodes show that the first holds, and how many that the second does not, whatever the cluster's size.
    pub witnesses: (usize, usize),
    /// Whether it speaks of a certain version, or of their order.
    pub tells_versions_apart: bool,
}

/// What is known for all sizes at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leads {
    /// It does, for every number of nodes.
    Always,
    /// The first holds in no reachable cluster of any size, so that this says nothing.
    NeverArises,
    /// This one, which may be an artefact, is at rest without the second.
    Suspect(Cluster),
    /// The abstraction cannot tell.
    Undecided(Doubt),
}

/// Asks it for every number of nodes, of a cluster of which it is known that what it does by itself comes to an end.
#[must_use]
pub fn leads<S: Semantics>(
    semantics: &S,
    profile: Profile,
    versions: u8,
    question: Question<'_, S>,
    stop: Stop<'_>,
) -> Leads {
    let Some(decided_by) = semantics.decided_by() else {
        return Leads::Undecided(Doubt::Unbounded);
    };
    let Question { when, then, witnesses: (first, not_second), .. } = question;
    let needed = decided_by.max(2 + first) + not_second;
    if needed > WINDOW_MAX {
        return Leads::Undecided(Doubt::Narrow { window: WINDOW_MAX, needed });
    }
    let alike = semantics.versions_alike() && !question.tells_versions_apart;
    let window = needed.max(DECIDED_BY);
    let search = Search { semantics, profile, versions, window, alike };
    let mut ended: Option<Bound> = None;
    let mut owing = Views::none(profile, versions);
    let mut arises = false;
    let _ = search.closure(
        search.initial(),
        |_| true,
        |system, cluster, _| {
            if when(system, cluster) {
                arises = true;
                if !then(system, cluster) {
                    owing.absorb(cluster, alike);
                }
            }
            ended = stop();
            ended.is_none()
        },
    );
    let mut suspect = None;
    let by_itself = |(system, step, after): Seen<'_, S>| {
        step.kind() == Kind::Spontaneous && !then(system, after)
    };
    if ended.is_none() {
        let _ = search.closure(owing, by_itself, |system, cluster, steps| {
            let moves = steps.iter().any(|(step, _)| step.kind() == Kind::Spontaneous);
            if !moves && !then(system, cluster) {
                suspect = Some(cluster.clone());
            }
            ended = stop();
            ended.is_none() && suspect.is_none()
        });
    }
    match (ended, suspect, arises) {
        (_, Some(suspect), _) => Leads::Suspect(suspect),
        (Some(bound), None, _) => Leads::Undecided(Doubt::Ended(bound)),
        (None, None, true) => Leads::Always,
        (None, None, false) => Leads::NeverArises,
    }
}
