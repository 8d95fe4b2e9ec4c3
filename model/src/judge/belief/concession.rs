//! What is believed after an answer that nothing explains? (spec, section 8; the differences of builds: end of section 7)
//!
//! A run goes on after a deviation, so that one fault neither hides nor multiplies others: the belief takes over what
//! the endpoint shows, or from then on tolerates that one thing.

use std::collections::BTreeSet;

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{Node, Phase, Version};
use crate::spec::transition::Call;

use super::{Belief, Hypothesis, Overview, SeenVersion};

/// A status that an endpoint is known to show in place of another: reported once, then tolerated, so that one fault
/// neither hides nor multiplies others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WrongStatus {
    /// The model's.
    pub expected: ClusterStatus,
    /// The one shown.
    pub shown: ClusterStatus,
}

impl Belief {
    /// Makes a call's transition whether or not the guard holds: what to believe after an endpoint accepted what it must refuse.
    pub fn force(&mut self, call: Call) {
        let forced: Vec<_> = self
            .hypotheses
            .iter()
            .flat_map(|hypothesis| {
                call.transitions(self.scope.profile)
                    .iter()
                    .map(|transition| hypothesis.after(*transition))
            })
            .collect();
        self.hypotheses.extend(forced);
        self.closed = false;
    }

    /// Believes an overview that nothing explains: every state that lists the nodes so, in the mode that it shows.
    pub fn adopt(&mut self, seen: &Overview) {
        let taken: Vec<usize> = self.requests.iter().map(Vec::len).collect();
        let origin = match seen.mode {
            Mode::Off => None,
            Mode::On => Some(known(seen.origin, Version::ORIGINAL)),
        };
        self.closed = false;
        self.overfull = false;
        let previous = self.hypotheses.first().map(|first| first.cluster.clone());
        // Which version a node has whose version is not given, the explanations may tell in several ways.
        let kept: BTreeSet<Vec<Version>> = self
            .hypotheses
            .iter()
            .map(|hypothesis| versions(seen, &hypothesis.cluster))
            .chain(self.hypotheses.is_empty().then(|| vec![Version::ORIGINAL; seen.nodes.len()]))
            .collect();
        self.hypotheses = kept
            .iter()
            .flat_map(|versions| ways_to_list(seen, versions, previous.as_ref()))
            .map(|nodes| {
                let cluster = Cluster {
                    mode: seen.mode,
                    origin,
                    // Which the flag does not tell (section 7), but the status does.
                    tasks_pending: matches!(
                        seen.status,
                        ClusterStatus::RunningUpgradeTasks | ClusterStatus::UpgradeTasksFailed
                    ),
                    nodes,
                };
                Hypothesis::settled_in(cluster, &taken)
            })
            .collect();
        // What the status says narrows it down, where it says anything.
        if !seen.silent() {
            self.narrow(|hypothesis| hypothesis.cluster.status() == seen.status);
        }
    }

    /// From now on, accepts this status in place of the right one.
    pub fn tolerate(&mut self, wrong: WrongStatus) {
        self.tolerated.insert(wrong);
    }

    /// From now on, accepts an original version while upgrade mode is off.
    pub const fn tolerate_origin(&mut self) {
        self.tolerated_origin = true;
    }

    /// From now on, accepts answers while nobody serves.
    pub const fn tolerate_unserved(&mut self) {
        self.tolerated_unserved = true;
    }
}

/// The version that is given, or another where none is that the model knows.
const fn known(seen: SeenVersion, otherwise: Version) -> Version {
    match seen {
        SeenVersion::Known(version) => version,
        SeenVersion::Foreign(_) | SeenVersion::Nothing => otherwise,
    }
}

/// The nodes' versions as an overview gives them. A node whose version is not given keeps the one that it had.
fn versions(seen: &Overview, previous: &Cluster) -> Vec<Version> {
    let had =
        previous.nodes.iter().map(|node| node.version).chain(std::iter::repeat(Version::ORIGINAL));
    let listed = seen.nodes.iter().zip(had);
    listed.map(|(listed, had)| listed.map_or(had, |node| known(node.version, had))).collect()
}

/// Every choice of phases that is listed as an overview lists its nodes, with these versions.
fn ways_to_list(
    seen: &Overview,
    versions: &[Version],
    previous: Option<&Cluster>,
) -> Vec<Vec<Node>> {
    let mut ways: Vec<Vec<Node>> = vec![Vec::new()];
    for ((index, listed), version) in seen.nodes.iter().enumerate().zip(versions) {
        let previous_phase =
            previous.and_then(|cluster| cluster.nodes.get(index)).map(|node| node.phase);
        let anything =
            || Phase::ALL[..8].iter().copied().filter(|phase| phase.listed().is_some()).collect();
        let phases = match listed {
            Some(node) => node.status.map_or_else(
                // A silent entry says nothing: it is what it was, or anything that is listed.
                || previous_phase.map_or_else(anything, |phase| vec![phase]),
                |status| Phase::of(Some(status)),
            ),
            None => Phase::of(None),
        };
        ways = ways
            .iter()
            .flat_map(|way| {
                phases.iter().map(|phase| {
                    let node = Node::new(*phase, *version);
                    way.iter().copied().chain([node]).collect()
                })
            })
            .collect();
    }
    ways
}
