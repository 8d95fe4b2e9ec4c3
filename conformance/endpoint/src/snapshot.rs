//! What is hidden, told to whoever tests?

use serde::Serialize;

use crate::cluster::transitions::Step;
use crate::cluster::{Phase, Status};
use crate::defect::Defect;
use crate::endpoint::Endpoint;
use crate::freedom::Freedom;

/// Whether upgrade mode is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is enabled.
    On,
    /// It is disabled.
    Off,
}

/// The hidden state at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Whether upgrade mode is on.
    pub mode: Mode,
    /// The recorded version, while there is one.
    pub origin: Option<String>,
    /// The status that the cluster takes itself to have, planted slips included.
    pub status: Status,
    /// Whether upgrade tasks are pending.
    pub tasks_pending: bool,
    /// Whether nothing will happen by itself.
    pub idle: bool,
    /// What all chance comes from.
    pub seed: u64,
    /// The planted defect's name.
    pub defect: Option<&'static str>,
    /// The freedoms that are used.
    pub freedoms: Vec<&'static str>,
    /// The nodes, the removed ones included.
    pub nodes: Vec<NodeSnapshot>,
    /// The ids of the entries that nodes have left behind.
    pub ghosts: Vec<String>,
}

/// A node of the hidden state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeSnapshot {
    /// The id that the API lists.
    pub id: String,
    /// The name that the API lists.
    pub name: String,
    /// The phase, finer than what the API lists.
    pub phase: Phase,
    /// The installed version.
    pub version: String,
    /// The requests that have not taken effect yet, in order.
    pub pending: Vec<String>,
    /// Whether the node's current or next upgrade tasks will fail.
    pub fail_tasks: bool,
    /// Whether overviews list it as a silent entry at the moment.
    pub silent: bool,
}

impl Endpoint {
    /// The hidden state, as of the last call.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self)
    }
}

impl Snapshot {
    fn of(endpoint: &Endpoint) -> Self {
        let Endpoint { options, names, silence, cluster, pace, .. } = endpoint;
        let version = |version: usize| names.versions[version].clone();
        let word = |step: Step| match step {
            Step::Stop => "stop".to_owned(),
            Step::Kill => "kill".to_owned(),
            Step::Boot => "boot".to_owned(),
            Step::Break => "break".to_owned(),
            Step::Repair => "repair".to_owned(),
            Step::Install(wanted) => format!("install {}", version(wanted)),
        };
        let nodes = cluster.nodes.iter().enumerate().map(|(index, node)| NodeSnapshot {
            id: names.nodes[index].id.clone(),
            name: names.nodes[index].name.clone(),
            phase: node.phase,
            version: version(node.version),
            pending: pace.queue(index).map(word).collect(),
            fail_tasks: pace.will_fail(index),
            silent: silence.is_silent(index),
        });
        Self {
            mode: if cluster.mode { Mode::On } else { Mode::Off },
            origin: cluster.origin.map(version),
            status: cluster.status(),
            tasks_pending: cluster.tasks_pending,
            idle: pace.idle() && !silence.any() && names.next_due().is_none(),
            seed: options.seed,
            defect: options.defect.map(Defect::name),
            freedoms: options.freedoms.iter().map(Freedom::name).collect(),
            nodes: nodes.collect(),
            ghosts: names.ghosts.iter().map(|ghost| ghost.known.id.clone()).collect(),
        }
    }

    /// Whether some node serves.
    #[must_use]
    pub fn served(&self) -> bool {
        self.nodes.iter().any(|node| node.phase.serving())
    }
}
