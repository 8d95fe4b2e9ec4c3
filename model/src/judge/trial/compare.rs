//! Do the views of one round tell the same of each node where the model has no word for it? (API-11) And does a view agree with
//! itself?
//!
//! Names, addresses and builds, where both views give them. What may differ from read to read is not compared.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;

use crate::judge::belief::Belief;
use crate::judge::event::View;
use crate::judge::roster::Told;
use crate::judge::seen::Overview;
use crate::judge::served::{Entry, Field};
use crate::judge::text::Text;
use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{NodeId, NodeStatus};

/// What the views of a round say of the nodes beyond the model.
#[derive(Clone, Debug, Default)]
pub(super) struct Compared {
    nodes: BTreeMap<NodeId, Entry>,
    /// The first thing that a view says otherwise than one before it.
    pub(super) differing: Option<Differing>,
}

/// A view that differs, and in what.
#[derive(Clone, Debug)]
pub(super) struct Differing {
    pub(super) view: View,
    pub(super) event: usize,
    pub(super) node: NodeId,
    pub(super) field: Field,
    pub(super) was: Option<Text>,
    pub(super) is: Option<Text>,
}

impl Compared {
    /// Holds a view against those before it.
    pub(super) fn compare(&mut self, view: View, event: usize, told: &Told) {
        for (node, entry) in &told.entries {
            let was = match self.nodes.entry(*node) {
                Place::Vacant(place) => {
                    place.insert(entry.clone());
                    continue;
                }
                Place::Occupied(was) => was.into_mut(),
            };
            if let (None, Some((field, was, is))) = (&self.differing, difference(was, entry)) {
                self.differing = Some(Differing { view, event, node: *node, field, was, is });
            }
        }
    }

    /// How many builds the nodes that are not OFFLINE are listed with.
    pub(super) fn builds(&self) -> usize {
        let builds: std::collections::BTreeSet<&Text> = self
            .nodes
            .values()
            .filter(|entry| entry.status != Some(NodeStatus::Offline))
            .filter_map(|entry| entry.build.as_ref())
            .collect();
        builds.len()
    }
}

/// The first field in which two entries of one node say different things.
fn difference(was: &Entry, is: &Entry) -> Option<(Field, Option<Text>, Option<Text>)> {
    // An id that is another one is another entry: a node that came back meanwhile.
    if was.id != is.id {
        return None;
    }
    let number = |port: Option<i64>| port.map(|port| Text::from(port.to_string()));
    // Which version and build an OFFLINE node is listed with is free from answer to answer (section 7).
    let same = was.status == is.status && is.status != Some(NodeStatus::Offline);
    let build = |entry: &Entry| entry.build.clone().filter(|_| same);
    [
        (Field::Name, was.name.clone(), is.name.clone()),
        (Field::IpAddress, was.address.clone(), is.address.clone()),
        (Field::PortNumber, number(was.port), number(is.port)),
        (Field::BuildNumber, build(was), build(is)),
    ]
    .into_iter()
    .find(|(_, was, is)| was.is_some() && is.is_some() && was != is)
}

/// Whether a settled, STABLE cluster of one version says that upgrade tasks will come (section 7, `hasFinalizationTasks`). Which
/// version a node runs that is listed without one is known as far as every explanation has the same.
pub(super) fn flag_is_wrong(overview: &Overview, builds: usize, belief: &Belief) -> bool {
    let one_version = |cluster: &Cluster| {
        let mut up = cluster.nodes.iter().filter(|node| !node.phase.down());
        let first = up.next().map(|node| node.version);
        up.all(|node| Some(node.version) == first)
    };
    overview.tasks == Some(true)
        && overview.mode == Mode::Off
        && overview.status == ClusterStatus::Stable
        && builds <= 1
        && belief.hypotheses().all(|hypothesis| one_version(&hypothesis.cluster))
}
