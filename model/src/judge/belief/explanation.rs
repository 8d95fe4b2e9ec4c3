//! Which hypotheses explain an answer? (spec, section 8; when nobody answers, and what a listing may show: section 7)
//!
//! An answer is explained by a state that shows it; the outcome of a call, by one in which the call has it. What was
//! tolerated before counts as explained. With no hypothesis left the answer deviates; which rule it breaks is
//! [`crate::judge::blame`]'s business, and what to believe then is `concession`'s.

use std::collections::BTreeSet;

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::transition::Call;

use super::{Belief, Hypothesis, Observation, Outcome, Overview, SeenVersion, WrongStatus};

impl Belief {
    /// Whether a hypothesis explains an answer by itself, with nothing happening before.
    #[must_use]
    pub fn explains(&self, hypothesis: &Hypothesis, seen: &Observation) -> bool {
        (self.tolerated_unserved || hypothesis.cluster.served()) && self.shows(hypothesis, seen)
    }

    /// Whether only that nobody serves speaks against an answer.
    #[must_use]
    pub fn explains_but_for_service(&self, seen: &Observation) -> bool {
        self.hypotheses
            .iter()
            .any(|hypothesis| !hypothesis.cluster.served() && self.shows(hypothesis, seen))
    }

    /// Whether a hypothesis shows an answer, if somebody answers at all.
    fn shows(&self, hypothesis: &Hypothesis, seen: &Observation) -> bool {
        let cluster = &hypothesis.cluster;
        match seen {
            Observation::Overview(view) => {
                self.shows_mode(hypothesis, view)
                    && self.shows_status(cluster, view.status)
                    && self.shows_tasks(cluster, view.tasks_pending)
                    && hypothesis.lists_nodes(&view.nodes)
            }
            Observation::State(status, id, node) => {
                self.shows_status(cluster, *status)
                    && (cluster.node(*id).phase.serves() || !cluster.served())
                    && hypothesis.lists_itself(*id, *node)
            }
            Observation::Node(id, node) => hypothesis.lists_node(*id, *node),
        }
    }

    fn shows_mode(&self, hypothesis: &Hypothesis, view: &Overview) -> bool {
        let left_over = self.tolerated_origin && view.mode == Mode::Off;
        let origin = if left_over { SeenVersion::Nothing } else { view.origin };
        hypothesis.shows_mode(view.mode, origin)
    }

    fn shows_status(&self, cluster: &Cluster, shown: ClusterStatus) -> bool {
        let expected = cluster.status();
        expected == shown || self.tolerated.contains(&WrongStatus { expected, shown })
    }

    fn shows_tasks(&self, cluster: &Cluster, shown: Option<bool>) -> bool {
        self.tolerated_tasks || shown.is_none_or(|pending| pending == cluster.tasks_pending)
    }

    /// Takes an answer in: keeps what explains it. Returns false, and leaves the belief closed but otherwise as it was,
    /// when nothing does.
    #[must_use]
    pub fn observe(&mut self, seen: &Observation) -> bool {
        self.close();
        let kept = self.those(|hypothesis| self.explains(hypothesis, seen));
        let explained = self.narrow_to(kept);
        if explained {
            self.forget_taken_by_all();
        }
        explained
    }

    /// Takes the outcome of a call in. Returns false, and leaves the belief closed but otherwise as it was, when no
    /// hypothesis explains it.
    #[must_use]
    pub fn answered(&mut self, call: Call, outcome: Outcome) -> bool {
        self.close();
        let mut kept = BTreeSet::new();
        for hypothesis in &self.hypotheses {
            let mut taken = call
                .transitions(self.scope.profile)
                .iter()
                .filter(|transition| transition.enabled(&hypothesis.cluster))
                .map(|transition| hypothesis.after(*transition))
                .peekable();
            match outcome {
                Outcome::Success => kept.extend(taken),
                Outcome::Refused => {
                    let answers = hypothesis.cluster.served() || self.tolerated_unserved;
                    if answers && taken.peek().is_none() {
                        kept.insert(hypothesis.clone());
                    }
                }
                Outcome::Unknown => {
                    kept.extend(taken);
                    kept.insert(hypothesis.clone());
                }
            }
        }
        // What the call has made is new.
        self.closed = outcome == Outcome::Refused && kept.len() == self.hypotheses.len();
        self.narrow_to(kept)
    }

    /// Which outcomes a call can have here.
    #[must_use]
    pub fn outcomes(&mut self, call: Call) -> BTreeSet<Outcome> {
        self.close();
        [Outcome::Success, Outcome::Refused]
            .into_iter()
            .filter(|outcome| self.clone().answered(call, *outcome))
            .collect()
    }
}
