//! How does a run go on from an answer that nothing explains? One fault must neither hide nor multiply others (section 8).
//!
//! A view that is wrong alone is no longer listened to; a cluster that is wrong is believed as it is shown, and its odd
//! status is tolerated from then on.

use super::Judge;
use super::inquiry::wrong_statuses;
use crate::judge::belief::Hypothesis;
use crate::judge::blame::{self, Views};
use crate::judge::event::View;
use crate::judge::seen::{Observation, SeenVersion};
use crate::spec::cluster::Mode;

impl Judge {
    /// Goes on from what was seen.
    pub(super) fn adopt(&mut self, view: View, seen: &Observation, again: &Views) {
        if self.belief.explains_but_for_service(seen) {
            self.belief.tolerate_unserved();
            let explained = self.belief.observe(seen);
            debug_assert!(explained, "tolerated-is-explained");
            return;
        }
        let latest = match (&again.overview, seen) {
            (Some(overview), _) | (None, Observation::Overview(overview)) => overview,
            (None, Observation::State(..) | Observation::Node(..)) => {
                self.muted.insert(view);
                return;
            }
        };
        if view == View::Overview && blame::odd_overview(&self.belief, again).is_some() {
            // The other views are right, and the overview is no longer listened to.
            self.muted.insert(view);
            return;
        }
        if self.belief.clone().observe(&Observation::Overview(latest.clone())) {
            // The overview is right: the view that is not is no longer listened to.
            if view != View::Overview {
                self.muted.insert(view);
            }
            return;
        }
        let fits = |hypothesis: &Hypothesis| {
            hypothesis.cluster.served()
                && hypothesis.shows_mode(latest.mode, latest.origin)
                && hypothesis.lists_nodes(&latest.nodes)
        };
        if self.belief.hypotheses().any(fits) {
            self.belief.narrow(fits);
        } else {
            self.belief.adopt(latest);
        }
        if !latest.silent() {
            for wrong in wrong_statuses(&self.belief, latest) {
                self.belief.tolerate(wrong);
            }
        }
        if latest.mode == Mode::Off && latest.origin != SeenVersion::Nothing {
            self.belief.tolerate_origin();
        }
    }
}
