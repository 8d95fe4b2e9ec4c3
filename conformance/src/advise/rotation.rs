//! Which ACTIVE nodes does the load balancer have in rotation, and which not? Its list, node by node.

use std::collections::BTreeSet;

use zdu_balancer::{Error, Member, Place, rotation};
use zdu_model::judge::finding::Names;
use zdu_model::judge::seen::Overview;
use zdu_model::spec::node::{NodeId, NodeStatus};

use super::due::those;
use crate::target::{Target, node_of, word_of};

/// What the load balancer's list says of the nodes that are ACTIVE.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Not in rotation.
    pub out: BTreeSet<NodeId>,
    /// In rotation, each with its member.
    pub serving: Vec<Member>,
    /// Why it is not known of some node, or of any.
    pub unknown: Vec<Error>,
}

impl Places {
    /// What this list says, of nodes that are seen so.
    #[must_use]
    pub fn new(
        listed: &Result<Vec<Member>, Error>,
        seen: &Overview,
        target: &Target,
        names: &Names,
    ) -> Self {
        let mut places = Self::default();
        let members = match listed {
            Ok(members) => members,
            Err(error) => return Self { unknown: vec![error.clone()], ..places },
        };
        for id in those(seen, |status| status == NodeStatus::Active) {
            match rotation::find(members, &node_of(target, &word(target, names, id))) {
                Ok(member) if member.place == Place::In => places.serving.push(member.clone()),
                Ok(_) => {
                    places.out.insert(id);
                }
                Err(error) => places.unknown.push(error),
            }
        }
        places
    }
}

/// What a node is called by whoever names one to the load balancer.
pub(super) fn word(target: &Target, names: &Names, id: NodeId) -> String {
    word_of(target, id.index()).map_or_else(|| names.node(id), str::to_owned)
}
