//! Do the views of one round tell the same of each node where the model has no word for it? (API-11)

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use zdu_model::judge::belief::Observation;
use zdu_model::spec::node::{NodeId, NodeStatus};

use super::super::site::{Site, View};
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
    pub(super) words: String,
    pub(super) exchange: Exchange,
}

impl Told {
    /// Holds a view against those before it.
    pub(super) fn compare(
        &mut self,
        site: &Site,
        view: View,
        answer: &Answer,
        exchange: &Exchange,
    ) {
        if self.differing.is_none() {
            self.differing = self.difference(site, answer).map(|words| Differing {
                view,
                words,
                exchange: exchange.clone(),
            });
        }
    }

    fn difference(&mut self, site: &Site, answer: &Answer) -> Option<String> {
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
            let mut words = Vec::new();
            let mut differ = |field: &str, one: &str, other: &str| {
                if one != other {
                    words.push(format!("{field} {other} instead of {one}"));
                }
            };
            differ("name", &old.name, &new.name);
            differ("ipAddress", &old.address, &new.address);
            differ("portNumber", &old.port.to_string(), &new.port.to_string());
            // Which version and build an OFFLINE node is listed with is free from answer to answer (section 7).
            if *was == status && status != NodeStatus::Offline {
                let none = "none";
                differ(
                    "buildNumber",
                    old.build.as_deref().unwrap_or(none),
                    new.build.as_deref().unwrap_or(none),
                );
            }
            if !words.is_empty() {
                return Some(format!("{}: {}", site.id(*id), words.join(", ")));
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
