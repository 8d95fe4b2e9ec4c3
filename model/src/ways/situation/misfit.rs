//! Why can a situation not be asked about? It names what the cluster has not, or mixes states with transitions.

use crate::spec::node::{NodeId, Version};

/// A situation that no cluster of the scope can be asked about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A node beyond the last.
    #[error("there is no {given}: the last node is {last}; ask for more with --nodes")]
    Node {
        /// What was written.
        given: NodeId,
        /// The last node that there is.
        last: NodeId,
    },
    /// A version beyond the last.
    #[error("there is no {given}: the last version is {last}; ask for more with --versions")]
    Version {
        /// What was written.
        given: Version,
        /// The last version that there is.
        last: Version,
    },
    /// More nodes than there are.
    #[error("no {given} nodes can look so: there are {nodes}; ask for more with --nodes")]
    Count {
        /// What was written.
        given: usize,
        /// How many nodes there are.
        nodes: usize,
    },
    /// A word of the other profile.
    #[error("there is no {given} in profile {profile}; choose another with --profile")]
    Profile {
        /// What was written.
        given: String,
        /// The profile asked about.
        profile: &'static str,
    },
    /// Words about a transition where a state is meant.
    #[error(
        "before, after and step speak of a transition, and here a state is asked about; ask with --step"
    )]
    Step,
    /// Words about a state where a transition is meant.
    #[error(
        "of a transition say which state is meant: before( ... ) or after( ... ), neither within the other, and step=Stop beside them"
    )]
    State,
}
