//! Why should somebody else believe a proof for all sizes? Its views, each with a small cluster and a transition that show it.
//!
//! In this order each view is an initial one, or one of what a transition makes of a cluster all of whose views stand before
//! it; and none is missing. Both can be checked without anything of ours: `model/certificate.py` does.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::check::sought::Bound;
use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{Node, Version};
use crate::spec::profile::Profile;
use crate::spec::semantics::Semantics;
use crate::spec::transition::Transition;

use super::{DECIDED_BY, Search, Stop};

/// A view, and why it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Derived {
    /// Whether upgrade mode is on.
    pub mode: Mode,
    /// The recorded version.
    pub origin: Option<Version>,
    /// Whether upgrade tasks are pending.
    pub tasks_pending: bool,
    /// One node or two.
    pub nodes: Vec<Node>,
    /// The cluster that the transition was taken in; none of an initial view.
    pub from: Option<Cluster>,
    /// The transition.
    pub step: Option<String>,
}

/// The proof that no cluster of any size leaves the views.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The name of this format.
    pub schema: &'static str,
    /// The family of builds.
    pub profile: &'static str,
    /// The number of versions.
    pub versions: u8,
    /// Clusters of up to so many nodes decide what a transition does to two of them.
    pub window: usize,
    /// The properties that hold in every cluster that the views stand for.
    pub holds: Vec<String>,
    /// The views, each after those that it comes from.
    pub views: Vec<Derived>,
}

/// The views that cover every reachable state of every size, each with where it comes from.
///
/// # Errors
/// The reason to end, where there was one.
pub fn certificate<S: Semantics>(
    semantics: &S,
    profile: Profile,
    versions: u8,
    holds: Vec<String>,
    stop: Stop<'_>,
) -> Result<Certificate, Bound> {
    let window = semantics.decided_by().unwrap_or(DECIDED_BY);
    let mut found = Found::default();
    for nodes in 1..=2 {
        found.absorb(&Cluster::initial(nodes), None);
    }
    let mut ended = None;
    let search = Search { semantics, profile, versions, window, alike: false };
    let _ = search.closure(
        search.initial(),
        |_| true,
        |_, cluster, steps| {
            for (transition, after) in steps {
                found.absorb(after, Some((cluster, *transition)));
            }
            ended = stop();
            ended.is_none()
        },
    );
    let schema = "zdu-certificate/1";
    let profile = profile.name();
    let made = Certificate { schema, profile, versions, window, holds, views: found.views };
    ended.map_or(Ok(made), Err)
}

#[derive(Default)]
struct Found {
    known: BTreeSet<Cluster>,
    views: Vec<Derived>,
}

impl Found {
    fn absorb(&mut self, cluster: &Cluster, by: Option<(&Cluster, Transition)>) {
        let count = cluster.nodes.len();
        let pairs = (0..count).flat_map(|one| (one..count).map(move |other| (one, other)));
        for (one, other) in pairs {
            let mut view = Cluster { nodes: vec![cluster.nodes[one]], ..cluster.clone() };
            if other != one {
                view.nodes.push(cluster.nodes[other]);
                view.nodes.sort_unstable();
            }
            if self.known.insert(view.clone()) {
                self.views.push(Derived {
                    mode: view.mode,
                    origin: view.origin,
                    tasks_pending: view.tasks_pending,
                    nodes: view.nodes,
                    from: by.map(|(from, _)| from.clone()),
                    step: by.map(|(_, step)| step.to_string()),
                });
            }
        }
    }
}
