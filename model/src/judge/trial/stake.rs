//! Which rules could an observation have broken? (spec, section 8, "at stake")
//!
//! A rule is at stake in a step when some explanation held its premise there and what was observed was judged. Only such a rule
//! may be called held. The premises of statuses come from the properties; those of calls and requests from the transitions
//! that they ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::Judge;
use super::heard::Heard;
use crate::judge::belief::Belief;
use crate::judge::blame::{self, Context, Since};
use crate::judge::course::{Course, Stand};
use crate::judge::roster::Told;
use crate::judge::seen::{Observation, Outcome, Request};
use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{NodeId, Phase};
use crate::spec::rule::Rule;
use crate::spec::transition::Call;

/// In how many steps each rule was at stake.
#[derive(Clone, Debug, Default)]
pub(super) struct Stakes {
    /// The number of steps, and the last of them.
    rules: BTreeMap<Rule, (u64, usize)>,
    /// What the requests of this step put at stake once the cluster has settled.
    due: BTreeSet<Rule>,
    /// What the last call put at stake once a view is judged.
    after_call: BTreeSet<Rule>,
}

impl Stakes {
    pub(super) fn counted(&self) -> BTreeMap<Rule, u64> {
        self.rules.iter().map(|(rule, (count, _))| (*rule, *count)).collect()
    }

    /// A rule was at stake in a judged observation of this step.
    pub(super) fn at_stake(&mut self, step: usize, rule: Rule) {
        let (count, last) = self.rules.entry(rule).or_insert((0, usize::MAX));
        if *last != step {
            (*count, *last) = (*count + 1, step);
        }
    }

    fn all_at_stake(&mut self, step: usize, rules: impl IntoIterator<Item = Rule>) {
        for rule in rules {
            self.at_stake(step, rule);
        }
    }

    /// A step on a node is asked for: its rule is at stake when the cluster has settled.
    pub(super) fn request(&mut self, belief: &Belief, id: NodeId, request: Request) {
        let transition = request.transition(id);
        for cluster in belief.states() {
            if transition.enabled(cluster) {
                self.due.insert(transition.rule(cluster));
            } else if matches!(request, Request::Boot | Request::Repair)
                && cluster.mode == Mode::Off
                && !cluster.joinable(id)
            {
                self.due.insert(Rule::Mode8);
            }
            if request == Request::Boot && cluster.mode == Mode::Off && !cluster.joinable(id) {
                self.due.insert(Rule::Mode8);
            }
        }
    }

    /// A call was answered: the rules by which it succeeds or is refused were at stake, and what it must do will be when
    /// the cluster is read.
    pub(super) fn call(&mut self, step: usize, belief: &Belief, call: Call) {
        self.after_call.clear();
        let profile = belief.scope().profile;
        let states: Vec<&Cluster> = belief.states().into_iter().filter(|c| c.served()).collect();
        for cluster in states {
            let accepted =
                call.transitions(profile).iter().any(|transition| transition.enabled(cluster));
            if accepted {
                self.at_stake(step, blame::must_succeed(call));
                self.after_call.insert(blame::gives(call));
                if call == Call::Approve {
                    self.after_call.insert(Rule::Mode6);
                }
            } else {
                self.at_stake(step, blame::refused_by(profile, call, cluster));
                self.after_call.insert(Rule::Api9);
            }
        }
    }

    /// A call was sent several times at once.
    pub(super) fn race(&mut self, step: usize, belief: &Belief, call: Call) {
        self.call(step, belief, call);
        if belief.clone().outcomes(call).contains(&Outcome::Success) {
            self.at_stake(step, Rule::Api12);
        }
    }

    /// A view was explained.
    pub(super) fn seen(
        &mut self,
        step: usize,
        belief: &Belief,
        seen: &Observation,
        context: &Context,
    ) {
        match seen {
            Observation::Overview(view) => {
                self.at_stake(step, Rule::Api1);
                let after_call = std::mem::take(&mut self.after_call);
                self.all_at_stake(step, after_call);
                if context.since == Since::Attempted {
                    self.at_stake(step, Rule::Api10);
                }
                for cluster in belief.states() {
                    for (_, node) in cluster.numbered() {
                        self.all_at_stake(step, of_phase(node.phase, cluster.mode));
                    }
                    if !view.silent() {
                        self.at_stake(step, status_premise(cluster));
                    }
                }
            }
            Observation::State(..) => {
                self.at_stake(step, Rule::Api3);
                for cluster in belief.states() {
                    self.at_stake(step, status_premise(cluster));
                }
            }
            Observation::Node(_, Some(_)) => self.at_stake(step, Rule::Api4),
            Observation::Node(_, None) => self.at_stake(step, Rule::Api7),
        }
    }

    /// The cluster has settled: what was asked for was judged.
    pub(super) fn settled(&mut self, step: usize) {
        let due = std::mem::take(&mut self.due);
        self.all_at_stake(step, due);
    }
}

/// The rules whose premise a node in this phase is, when the cluster is listed.
fn of_phase(phase: Phase, mode: Mode) -> Option<Rule> {
    match phase {
        Phase::Active => Some(Rule::Node1),
        Phase::StartingOut | Phase::StartingIn => Some(Rule::Node2),
        Phase::TerminatingIn | Phase::TerminatingOut => Some(Rule::Node3),
        Phase::Offline if mode == Mode::Off => Some(Rule::Node5),
        Phase::Offline => Some(Rule::Node4),
        Phase::Error => Some(Rule::Node6),
        Phase::Absent => None,
        Phase::Finalizing => Some(Rule::Fin1),
        Phase::FinalizeFailed => Some(Rule::Fin3),
    }
}

/// The rule whose premise a cluster is, when its status is judged.
#[must_use]
pub fn status_premise(cluster: &Cluster) -> Rule {
    let versions = cluster.joined_versions();
    let upgraded = versions.iter().any(|version| Some(*version) != cluster.origin);
    let original = versions.iter().any(|version| Some(*version) == cluster.origin);
    let error = cluster.any(Phase::Error);
    let tasks = cluster.tasks_pending
        || cluster.any(Phase::Finalizing)
        || cluster.any(Phase::FinalizeFailed);
    match (cluster.mode, error) {
        _ if tasks && cluster.any(Phase::Finalizing) => Rule::Fin1,
        (Mode::Off, _) if cluster.any(Phase::FinalizeFailed) => Rule::Fin3,
        (Mode::Off, _) if tasks => Rule::Fin1,
        (Mode::On, true) => Rule::Status4,
        (Mode::Off, true) => Rule::Status5,
        (Mode::Off, false) => Rule::Status1,
        (Mode::On, false) if versions.len() > 1 && original => Rule::Status3,
        (Mode::On, false) if versions.len() > 1 => Rule::Status6,
        (Mode::On, false) if upgraded => Rule::Status7,
        (Mode::On, false) => Rule::Status2,
    }
}

impl Judge {
    /// Follows how an upgrade goes. What it put at stake of PROC-1 to PROC-3 counts once it is finished; PROC-4 whenever the
    /// cluster is STABLE again.
    pub(super) fn follow(&mut self, heard: &Heard) {
        let seen = match heard {
            Heard::Seen(Told { seen: Some(Observation::Overview(seen)), .. }) => seen,
            Heard::Nobody(_) => {
                self.course.silence(self.now);
                return;
            }
            Heard::Seen(_) | Heard::Bad(_) => return,
        };
        if self.course.see(self.now, seen) {
            self.stakes.at_stake(self.step, Rule::Proc4);
        }
        let finished = matches!(self.course.stand(), Stand::Finished(_));
        // A fault that somebody asked for need not show as one.
        let due = |rule: &Rule| *rule != Rule::Proc3 || !self.faulted;
        if finished {
            let stakes: Vec<Rule> = self.course.at_stake().into_keys().filter(due).collect();
            self.stakes.all_at_stake(self.step, stakes);
        }
        if finished {
            self.course = Course::default();
        }
    }
}
