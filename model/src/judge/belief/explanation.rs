//! Which hypotheses explain an answer? (spec, section 8; when nobody answers, and what a listing may show: section 7)
//!
//! An answer is explained by a state that shows it; the outcome of a call, by one in which the call has it. What was
//! tolerated before counts as explained. With no hypothesis left the answer deviates; which rule it breaks is
//! [`crate::judge::blame`]'s business, and what to believe then is `concession`'s.

use std::collections::BTreeSet;

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::transition::Call;

use super::{
    Belief, Hypotheses, Hypothesis, Observation, Outcome, Overview, SeenVersion, WrongStatus,
};

impl Belief {
    /// Whether a hypothesis explains an answer by itself, with nothing happening before.
    #[must_use]
    pub fn explains(&self, hypothesis: &Hypothesis, seen: &Observation) -> bool {
        (self.tolerated_unserved || hypothesis.cluster.served()) && self.shows(hypothesis, seen)
    }

    /// The states that explain everything seen so far and are as this overview lists them, no listing being late.
    #[must_use]
    pub fn listed_so(&self, seen: &Overview) -> BTreeSet<&Cluster> {
        let seen = Observation::Overview(seen.clone());
        let so = |hypothesis: &&Hypothesis| self.explains(&hypothesis.caught_up(), &seen);
        self.hypotheses.iter().filter(so).map(|hypothesis| &hypothesis.cluster).collect()
    }

    /// Whether only that nobody serves speaks against an answer.
    #[must_use]
    pub fn explains_but_for_service(&self, seen: &Observation) -> bool {
        self.hypotheses
            .iter()
            .any(|hypothesis| !hypothesis.cluster.served() && self.shows(hypothesis, seen))
    }

    /// Whether only the cluster's status speaks against an answer.
    #[must_use]
    pub fn explains_but_for_status(&self, seen: &Observation) -> bool {
        self.hypotheses.iter().any(|hypothesis| self.shows_but_for_status(hypothesis, seen))
    }

    fn shows_but_for_status(&self, hypothesis: &Hypothesis, seen: &Observation) -> bool {
        let cluster = &hypothesis.cluster;
        let served = self.tolerated_unserved || cluster.served();
        served
            && match seen {
                Observation::Overview(view) => {
                    self.shows_mode(hypothesis, view) && hypothesis.lists_nodes(&view.nodes)
                }
                Observation::State(_, id, node) => {
                    (cluster.node(*id).phase.serves() || !cluster.served())
                        && hypothesis.lists_node(*id, Some(*node))
                }
                Observation::Node(..) => false,
            }
    }

    /// Takes in what the status call answers, but for the status: whether it is explained is asked of [`Belief::explains`].
    /// A member may have been silent in that moment, and then the status says nothing of the cluster (section 7).
    #[must_use]
    pub fn observe_but_for_status(&mut self, seen: &Observation) -> bool {
        self.close();
        if self.overfull {
            return true;
        }
        let kept = self.those(|hypothesis| self.shows_but_for_status(hypothesis, seen));
        self.narrow_to(having_shown(kept, seen))
    }

    /// Whether a hypothesis shows an answer, if somebody answers at all.
    fn shows(&self, hypothesis: &Hypothesis, seen: &Observation) -> bool {
        let cluster = &hypothesis.cluster;
        match seen {
            Observation::Overview(view) => {
                self.shows_mode(hypothesis, view)
                    && (view.silent() || self.shows_status(cluster, view.status))
                    && hypothesis.lists_nodes(&view.nodes)
            }
            Observation::State(status, id, node) => {
                self.shows_status(cluster, *status)
                    && (cluster.node(*id).phase.serves() || !cluster.served())
                    && hypothesis.lists_node(*id, Some(*node))
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

    /// Takes an answer in: keeps what explains it. Returns false, and leaves the belief closed but otherwise as it was,
    /// when nothing does.
    #[must_use]
    pub fn observe(&mut self, seen: &Observation) -> bool {
        self.close();
        if self.overfull {
            return true;
        }
        let kept = match seen {
            Observation::Overview(view) if !view.silent() => self.torn(view),
            Observation::Overview(_) | Observation::Node(..) => {
                self.those(|hypothesis| self.explains(hypothesis, seen))
            }
            Observation::State(..) => {
                if !self.hypotheses.iter().any(|hypothesis| self.explains(hypothesis, seen)) {
                    return false;
                }
                return self.observe_but_for_status(seen);
            }
        };
        let explained = self.narrow_to(having_shown(kept, seen));
        if explained {
            self.forget_taken_by_all();
        }
        explained
    }

    /// The hypotheses that list an overview's nodes in its mode, and have its status or may have had it since what was seen
    /// before: an overview read while the cluster moves is put together while things happen (section 7). Who was asked
    /// while it served, and stops meanwhile, lists itself as stopping.
    fn torn(&self, view: &Overview) -> Hypotheses {
        let lists = self.those(|hypothesis| {
            self.shows_mode(hypothesis, view) && hypothesis.lists_nodes(&view.nodes)
        });
        let right = |hypothesis: &Hypothesis| {
            (self.tolerated_unserved || hypothesis.cluster.served())
                && self.shows_status(&hypothesis.cluster, view.status)
        };
        if lists.iter().all(right) {
            return lists;
        }
        let since = self.reached_from(self.those(right));
        lists.into_iter().filter(|hypothesis| since.contains(hypothesis)).collect()
    }

    /// Takes the outcome of a call in. Returns false, and leaves the belief closed but otherwise as it was, when no
    /// hypothesis explains it.
    #[must_use]
    pub fn answered(&mut self, call: Call, outcome: Outcome) -> bool {
        self.close();
        if self.overfull {
            return true;
        }
        let mut kept = Vec::new();
        for hypothesis in self.hypotheses.iter() {
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
                        kept.push(hypothesis.clone());
                    }
                }
                // Whom nobody heard it cannot take effect on.
                Outcome::Unknown if !self.may_serve() => kept.push(hypothesis.clone()),
                Outcome::Unknown => kept.push(hypothesis.with_late(call)),
            }
        }
        let kept: Hypotheses = kept.into_iter().collect();
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

/// These hypotheses after such an answer: no listing goes back to what it was before.
fn having_shown(explaining: Hypotheses, seen: &Observation) -> Hypotheses {
    let shown = |hypothesis: Hypothesis| match seen {
        Observation::Overview(view) => hypothesis.having_listed_all(&view.nodes),
        Observation::State(_, id, node) => hypothesis.having_listed_itself(*id, *node),
        Observation::Node(id, node) => hypothesis.having_listed(*id, *node),
    };
    explaining.into_iter().map(shown).collect()
}
