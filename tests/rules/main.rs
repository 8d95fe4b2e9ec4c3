//! Does the model say what the rules say? A test a rule, on clusters built by hand, the negative case beside the positive.
//!
//! What is expected is written by hand from the specification, never asked from the function under test. API-10, PROC and LB
//! are not about the model's cluster: API-10 is tested over HTTP by its traces, the procedure in the model's own tests.

mod api;
mod fin;
mod mode;
mod node;
mod status;

use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{Node, NodeId, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Answer, Semantics as _, Spec};
use zdu_model::spec::transition::{Call, Transition};

const V0: Version = Version(0);
const V1: Version = Version(1);
const V2: Version = Version(2);
const N1: NodeId = NodeId::new(1);
const N2: NodeId = NodeId::new(2);
const N3: NodeId = NodeId::new(3);

/// A cluster with upgrade mode off.
fn off(nodes: &[(Phase, Version)]) -> Cluster {
    Cluster {
        mode: Mode::Off,
        origin: None,
        tasks_pending: false,
        nodes: nodes.iter().map(|(phase, version)| Node::new(*phase, *version)).collect(),
    }
}

/// A cluster with upgrade mode on, enabled when the cluster ran version 0.
fn on(nodes: &[(Phase, Version)]) -> Cluster {
    Cluster { mode: Mode::On, origin: Some(V0), ..off(nodes) }
}

/// The same with upgrade tasks pending.
fn pending(cluster: Cluster) -> Cluster {
    Cluster { tasks_pending: true, ..cluster }
}

/// What a call answers on builds of the page.
fn answer(cluster: &Cluster, call: Call) -> Answer {
    Spec.answer(Profile::Documented, cluster, call)
}

/// What a call answers on builds with upgrade tasks.
fn answer_with_tasks(cluster: &Cluster, call: Call) -> Answer {
    Spec.answer(Profile::Finalization, cluster, call)
}

/// The phase of the transition's node after it.
fn phase_after(cluster: &Cluster, transition: Transition) -> Phase {
    assert!(transition.enabled(cluster), "{transition} is not possible in {cluster}");
    let id = transition.node().expect("a transition of a node");
    transition.apply(cluster).node(id).phase
}
