//! What does the id answer that a node had before it came back under another one? (section 7: that entry or 404, never the node)
//!
//! Asked once for each such id, when the cluster has settled: while it moves, what an old id answers says nothing.

use std::collections::VecDeque;

use super::settling::{Settling, Stage};
use super::{Found, Judge};
use crate::judge::event::{Answer, Attempt, Caller};
use crate::judge::finding::{Allowed, Place, Sight};
use crate::judge::served::Served;
use crate::judge::text::Text;
use crate::spec::node::NodeStatus;
use crate::spec::rule::Rule;

impl Judge {
    /// Asks for what nodes left behind, and goes on when that is known.
    pub(super) fn ask_left(&mut self, mut settling: Settling) {
        let ids = self.roster.left_behind();
        let open: VecDeque<Text> = ids.filter(|id| !self.left.contains(*id)).cloned().collect();
        if open.is_empty() {
            self.own_views(settling);
            return;
        }
        settling.stage = Stage::Left(open);
        self.settling = Some(settling);
    }

    /// Takes in what an old id answers.
    pub(super) fn left(&mut self, id: &Text, answer: Answer) {
        self.left.insert(id.clone());
        let seen = match answer {
            Answer::NotListed | Answer::Nobody(_) => None,
            Answer::Served(Served::Node(entry)) => {
                let down = matches!(entry.status, None | Some(NodeStatus::Offline));
                (entry.id != *id || !down).then_some(Sight::Left(entry.id, entry.status))
            }
            Answer::Bad(misshape) => Some(Sight::Misshapen(misshape)),
            // No other view is asked for at that address.
            Answer::Served(Served::Cluster { .. } | Served::State { .. }) => None,
        };
        self.stakes.at_stake(self.step, Rule::Api7);
        if let Some(seen) = seen {
            let rule = if matches!(seen, Sight::Left(..)) { Rule::Api4 } else { Rule::Api7 };
            let place = Place::Attempt(Caller::Admin, Attempt::UnknownNode);
            let due = vec![Allowed::LeftBehind(id.clone())];
            self.find(Found::wrong(rule, place, due, seen, self.event));
        }
        let Some(mut settling) = self.settling.take() else { return };
        if let Stage::Left(open) = &mut settling.stage {
            open.retain(|open| open != id);
            if open.is_empty() {
                self.own_views(settling);
                return;
            }
        }
        self.settling = Some(settling);
    }
}
