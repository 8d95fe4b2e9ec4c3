//! What is kept of the course of an upgrade that was watched.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use zdu_model::judge::course::{Course, Remark, Since, Stand, Turn};
use zdu_model::judge::event::Micros;
use zdu_model::spec::node::{NodeId, Version};

/// How an upgrade went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upgrade {
    /// How far it has come.
    pub stand: Stand,
    /// What became of the cluster after the upgrade's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// The versions of upgrades that were finished before the one under way.
    pub earlier: Vec<Version>,
    /// For how long nobody served.
    pub unserved_ms: u64,
    /// The longest time at a stretch.
    pub longest_ms: u64,
    /// How many outages there were while upgrade mode was on.
    pub outages: u32,
    /// The fewest nodes that were seen to serve at once.
    pub fewest: Option<usize>,
    /// Whose upgrade tasks were seen to fail; nobody where only the cluster's status said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks_failed: Option<BTreeSet<NodeId>>,
    /// Nodes that left service and came back; times in microseconds.
    pub turns: Vec<Turn>,
    /// Steps of the procedure that were not kept, as far as readings show.
    pub remarks: Vec<Remark>,
}

impl Upgrade {
    /// How it went up to this moment.
    #[must_use]
    pub fn of(course: &Course, now: Micros) -> Self {
        let (unserved, longest) = course.unserved(now);
        Self {
            stand: course.stand(),
            since: course.since(),
            earlier: course.earlier().to_vec(),
            unserved_ms: unserved / 1000,
            longest_ms: longest / 1000,
            outages: course.outages(),
            fewest: course.fewest(),
            tasks_failed: course.tasks_failed().cloned(),
            turns: course.turns().to_vec(),
            remarks: course.remarks().to_vec(),
        }
    }
}
