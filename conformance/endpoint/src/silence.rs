//! Which entries are silent, and since when (spec section 7, "silent member")?
//!
//! A silence begins with an overview that shows it and ends with the first one after its time that does not, so that whoever
//! reads overviews knows at every moment whether one goes on: while it does, the status of no view and no refusal counts.

use std::time::Duration;

use crate::cluster::{Cluster, Phase};
use crate::defect::Defect as D;
use crate::freedom::Freedom;
use crate::names::micros;

/// One overview in so many begins a silence at any moment.
const MOMENTS: u32 = 24;
/// How many delays there are at least between two silences of one node.
const CALM_DELAYS: u32 = 20;

/// What is silent.
#[derive(Debug, Clone)]
pub(crate) struct Silence {
    nodes: Vec<Silent>,
}

#[derive(Debug, Clone, Copy)]
struct Silent {
    until: Option<Duration>,
    calm_until: Duration,
    /// The phase in which it was last decided whether to be silent.
    decided: Phase,
}

impl Silence {
    pub(crate) fn new(nodes: usize) -> Self {
        let silent = Silent { until: None, calm_until: Duration::ZERO, decided: Phase::Active };
        Self { nodes: vec![silent; nodes] }
    }

    pub(crate) fn is_silent(&self, index: usize) -> bool {
        self.nodes[index].until.is_some()
    }

    pub(crate) fn any(&self) -> bool {
        self.nodes.iter().any(|node| node.until.is_some())
    }

    /// An overview is read: what is over ends, and what may begin does.
    pub(crate) fn look(
        &mut self,
        cluster: &mut Cluster,
        answering: usize,
        now: Duration,
        delay: Duration,
        random: &mut fastrand::Rng,
    ) {
        let freedoms = cluster.freedoms;
        let (members, moments) =
            (freedoms.has(Freedom::SilentMembers), freedoms.has(Freedom::SilentMoments));
        if !members && !moments {
            return;
        }
        let mut began = false;
        for (index, silent) in self.nodes.iter_mut().enumerate() {
            let phase = cluster.nodes[index].phase;
            let over = phase == Phase::Absent || index == answering;
            if silent.until.is_some_and(|until| over || until <= now) {
                silent.until = None;
                silent.calm_until = now + CALM_DELAYS * delay;
            }
            let moves = !phase.serving() && !matches!(phase, Phase::Error | Phase::Absent);
            let decides = members && moves && silent.decided != phase && random.bool();
            silent.decided = phase;
            let moment = moments && silent.calm_until <= now && random.u32(..MOMENTS) == 0;
            if silent.until.is_none() && !over && (decides || moment) {
                silent.until =
                    Some(now + Duration::from_micros(random.u64(1..=micros(delay).max(1))));
                began = true;
            }
        }
        if !self.any() {
            cluster.doubt = false;
        } else if began && freedoms.now(Freedom::SilentStatus, random) {
            cluster.doubt = true;
        }
    }
}

/// Whether a defect keeps a node silent for ever.
pub(crate) fn for_ever(cluster: &Cluster, index: usize) -> bool {
    let node = &cluster.nodes[index];
    match cluster.defect {
        Some(D::OfflineStaysSilent) => node.phase == Phase::Offline,
        Some(D::StartingStaysSilent) => node.boots > 0 && !node.phase.down(),
        Some(D::ErrorStaysSilent) => node.phase == Phase::Error,
        Some(_) | None => false,
    }
}
