//! Do the views of one round tell the same of each node where the model has no word for it? (API-11)

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use zdu_model::judge::belief::Observation;
use zdu_model::judge::finding::Sight;
use zdu_model::judge::served::Field;
use zdu_model::spec::node::{NodeId, NodeStatus};

use super::super::site::View;
use crate::client::Exchange;
use crate::wire::{Answer, Details};

/// What the views of a round say of the nodes beyond the model: name, address, build.
#[derive(Default)]
pub(super) struct Told {
    /// The status with which a node was told of first, and the rest.
    nodes: BTreeMap<NodeId, (NodeStatus, Details)>,
    /// The first view that says something else.
    pub(super) differing: Option<Differing>,
}

/// A view that differs, in what, and the exchange that shows it.
pub(super) struct Differing {
    pub(super) view: View,
    pub(super) node: NodeId,
    pub(super) seen: Sight,
    pub(super) exchange: Exchange,
}

impl Told {
    /// Holds a view against those before it.
    pub(super) fn compare(&mut self, view: View, answer: &Answer, exchange: &Exchange) {
        if self.differing.is_none() {
            self.differing = self.difference(answer).map(|(node, seen)| Differing {
                view,
                node,
                seen,
                exchange: exchange.clone(),
            });
        }
    }

    fn difference(&mut self, answer: &Answer) -> Option<(NodeId, Sight)> {
        for (id, new) in &answer.details {
            let Some(status) = status_of(&answer.seen, *id) else {
                continue;
            };
            let (was, old) = match self.nodes.entry(*id) {
                Entry::Vacant(place) => {
                    place.insert((status, new.clone()));
                    continue;
                }
                Entry::Occupied(told) => told.into_mut(),
            };
            let mut seen = None;
            let mut differ = |field: Field, one: Option<&str>, other: Option<&str>| {
                if one != other && seen.is_none() {
                    let (was, is) = (one.map(Into::into), other.map(Into::into));
                    seen = Some(Sight::Differs { node: *id, field, was, is });
                }
            };
            differ(Field::Name, Some(&old.name), Some(&new.name));
            differ(Field::IpAddress, Some(&old.address), Some(&new.address));
            let ports = (old.port.to_string(), new.port.to_string());
            differ(Field::PortNumber, Some(&ports.0), Some(&ports.1));
            // Which version and build an OFFLINE node is listed with is free from answer to answer (section 7).
            if *was == status && status != NodeStatus::Offline {
                differ(Field::BuildNumber, old.build.as_deref(), new.build.as_deref());
            }
            if let Some(seen) = seen {
                return Some((*id, seen));
            }
        }
        None
    }
}

/// The status that an answer gives for a node.
fn status_of(seen: &Observation, id: NodeId) -> Option<NodeStatus> {
    match seen {
        Observation::Overview(view) => {
            let listed = view.nodes.get(id.index()).copied().flatten();
            listed.map(|node| node.status)
        }
        Observation::State(_, _, node) => Some(node.status),
        Observation::Node(_, node) => node.map(|node| node.status),
    }
}
