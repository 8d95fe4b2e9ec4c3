//! What may have happened unseen? (spec, section 8: hidden transitions, and requested steps that have not taken effect yet)
//!
//! Requests to one node take effect in the order they were made, at any moment. A hypothesis to which nothing more can
//! happen by itself is quiescent; where the belief has such ones the cluster may have settled.

use crate::spec::node::NodeId;
use crate::spec::profile::Profile;

use super::{Belief, Hypotheses, Hypothesis, Request};

impl Belief {
    /// Notes a step that was asked for. It takes effect at some later moment, after what was asked of the same node before.
    ///
    /// # Panics
    /// If the cluster has no such node.
    pub fn request(&mut self, id: NodeId, request: Request) {
        self.forget_taken_by_all();
        self.requests[id.index()].push(request);
        self.closed = false;
    }

    /// The requests that this hypothesis still waits for.
    pub fn waiting<'a>(
        &'a self,
        hypothesis: &'a Hypothesis,
    ) -> impl Iterator<Item = (NodeId, Request)> + 'a {
        hypothesis.waits_for(&self.requests)
    }

    /// Whether something that was asked of this hypothesis has not taken effect yet.
    #[must_use]
    pub fn waits(&self, hypothesis: &Hypothesis) -> bool {
        !hypothesis.has_taken(&self.requests) || hypothesis.is_late()
    }

    /// Whether this hypothesis has nothing left to happen by itself: no spontaneous transition is enabled, every request
    /// has taken effect, and every listing shows it.
    #[must_use]
    pub fn quiescent(&self, hypothesis: &Hypothesis) -> bool {
        !hypothesis.some_node_may_lag() && self.is_over(hypothesis)
    }

    fn is_over(&self, hypothesis: &Hypothesis) -> bool {
        !self.waits(hypothesis) && !hypothesis.moves(self.refuses_below)
    }

    /// The hypotheses that are quiescent once every listing has caught up.
    #[must_use]
    pub fn settled(&self) -> Vec<Hypothesis> {
        let over = self.hypotheses.iter().filter(|hypothesis| self.is_over(hypothesis));
        over.map(Hypothesis::caught_up).collect()
    }

    /// Whether every hypothesis is quiescent: nothing can still happen.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.hypotheses.iter().all(|hypothesis| self.quiescent(hypothesis))
    }

    /// The family of builds, and whether it may keep out versions below the original.
    const fn builds(&self) -> (Profile, bool) {
        (self.scope.profile, self.refuses_below)
    }

    /// Takes for granted that nothing more comes of a call whose answer did not come in time.
    pub fn forget_late(&mut self) {
        if self.hypotheses.iter().any(Hypothesis::is_late) {
            self.hypotheses = self.hypotheses.iter().map(Hypothesis::without_late).collect();
        }
    }

    /// Everything that some of these hypotheses may have become unseen.
    pub(super) fn reached_from(&self, from: Hypotheses) -> Hypotheses {
        from.closed_under(|hypothesis| hypothesis.successors(self.builds(), &self.requests))
    }

    /// Adds everything that may have happened unseen: hidden transitions and requests that take effect.
    pub fn close(&mut self) {
        if self.closed {
            return;
        }
        self.closed = true;
        let hypotheses = std::mem::take(&mut self.hypotheses);
        self.hypotheses = self.reached_from(hypotheses);
        self.overfull |= self.hypotheses.is_full();
    }

    /// Keeps only the quiescent hypotheses: lets everything happen that happens by itself.
    pub fn settle(&mut self) {
        self.close();
        self.hypotheses = self.settled().into_iter().collect();
    }

    /// Takes for granted that requests of this kind have taken effect, after a quiet time in which they could.
    pub fn assume_taken(&mut self, kind: Request) {
        self.close();
        let requests = std::mem::take(&mut self.requests);
        self.narrow(|hypothesis| {
            hypothesis.waits_for(&requests).all(|(_, request)| request != kind)
        });
        self.requests = requests;
    }

    /// Drops the requests that every hypothesis has behind it, so that memory stays flat over a long run.
    pub(super) fn forget_taken_by_all(&mut self) {
        let behind: Vec<usize> = (0..self.requests.len())
            .map(|index| {
                self.hypotheses
                    .iter()
                    .map(|hypothesis| hypothesis.taken(NodeId::at(index)))
                    .min()
                    .unwrap_or(0)
            })
            .collect();
        if behind.iter().all(|count| *count == 0) {
            return;
        }
        for (requests, count) in self.requests.iter_mut().zip(&behind) {
            requests.drain(..*count);
        }
        self.hypotheses = std::mem::take(&mut self.hypotheses)
            .into_iter()
            .map(|hypothesis| hypothesis.without(&behind))
            .collect();
    }
}
