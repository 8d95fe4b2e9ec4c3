//! How did an upgrade go, for whoever watched it?

use zdu_model::judge::course::{Remark, Since, Stand};

use super::{Words, counted, millis};
use crate::verdict::Upgrade;

impl Words<'_> {
    /// How an upgrade went, a label and a line each.
    #[must_use]
    pub fn upgrade(self, upgrade: &Upgrade) -> Vec<(&'static str, String)> {
        let mut lines = vec![("upgrade", self.stand(&upgrade.stand))];
        lines.extend(upgrade.since.map(|since| ("since", self::since(since))));
        for version in &upgrade.earlier {
            let version = self.names.version(*version);
            lines.push(("before", format!("an upgrade to {version} was finished")));
        }
        for turn in &upgrade.turns {
            let node = self.node(turn.node);
            let took = if turn.took == 0 {
                "was down between two readings".to_owned()
            } else {
                format!("did not serve for {}", millis(turn.took / 1000))
            };
            let versions = if turn.from == turn.to {
                format!("again on {}", self.version(turn.to))
            } else {
                format!("from {} to {}", self.version(turn.from), self.version(turn.to))
            };
            lines.push(("node", format!("{node} {took}, {versions}")));
        }
        if let Some(fewest) = upgrade.fewest {
            let served = if upgrade.unserved_ms == 0 {
                "somebody served at every reading".to_owned()
            } else {
                format!(
                    "nobody served for {} in all, {} at a stretch",
                    millis(upgrade.unserved_ms),
                    millis(upgrade.longest_ms)
                )
            };
            let fewest = counted(fewest, "node");
            lines.push(("service", format!("{fewest} serving at the fewest; {served}")));
        }
        if let Some(nodes) = &upgrade.tasks_failed {
            let nodes: Vec<String> = nodes.iter().map(|id| self.node(*id)).collect();
            let at =
                if nodes.is_empty() { String::new() } else { format!(" at {}", nodes.join(", ")) };
            lines.push(("tasks", format!("upgrade tasks failed{at}")));
        }
        lines.extend(upgrade.remarks.iter().map(|remark| ("procedure", self.remark(*remark))));
        lines
    }

    fn stand(self, stand: &Stand) -> String {
        match stand {
            Stand::NotBegun => "upgrade mode was never on".to_owned(),
            Stand::Underway { upgraded, of } => {
                format!("not finished: {upgraded} of {} upgraded and serving", counted(*of, "node"))
            }
            Stand::CalledOff => {
                "called off: upgrade mode is off again, every node on the original version"
                    .to_owned()
            }
            Stand::Finished(version) => {
                let version = self.names.version(*version);
                format!("finished: STABLE, upgrade mode off, every node ACTIVE on {version}")
            }
            Stand::Unknown => "not known whether it is finished: nobody answers".to_owned(),
        }
    }

    fn remark(self, remark: Remark) -> String {
        let rule = remark.rule();
        match remark {
            Remark::NotStopped(id) => format!(
                "{rule}: {} came back on another version and was never seen to stop gracefully (it may have, between two readings)",
                self.node(id)
            ),
            Remark::NotWaited(id, other) => format!(
                "{rule}: {} was taken while {} was not ACTIVE again",
                self.node(id),
                self.node(other)
            ),
        }
    }
}

fn since(since: Since) -> String {
    match since {
        Since::Changed { serving, of } => {
            format!(
                "that has changed: {serving} of {} serving at the last reading",
                counted(of, "node")
            )
        }
        Since::Unanswered => "nobody answers any more".to_owned(),
    }
}
