//! What is looked at again before a rule is named? The views as they are after an answer that nothing explains.
//!
//! Whether only one view is wrong, or the cluster, or a call that did nothing, shows in what is read next. Nothing of it is
//! believed before the rule is named. What section 7 lets happen for a moment that nobody sees (a silent member, a node that
//! comes back under another id) is no deviation when what is read next speaks for it.

use std::collections::VecDeque;

use super::{Found, Judge, Kind, Want};
use crate::judge::belief::{Belief, WrongStatus};
use crate::judge::blame::{self, Views};
use crate::judge::event::{Source, View};
use crate::judge::finding::{Allowed, Place, Sight};
use crate::judge::nearest::nearest;
use crate::judge::seen::{Observation, Outcome, Overview};
use crate::judge::text::Text;
use crate::spec::rule::Rule;
use crate::spec::transition::Call;

/// What nothing explains.
#[derive(Clone, Debug)]
pub(super) enum About {
    /// A view.
    Read { view: View, seen: Observation },
    /// The outcome of a call.
    Outcome { call: Call, outcome: Outcome, before: Belief, due: Vec<Allowed>, seen: Sight },
    /// The cluster that a call answers with.
    Body { call: Call, before: Belief, seen: Observation },
    /// The answers of several calls at once.
    Race { call: Call, times: u8, won: usize, before: Belief, due: Vec<Allowed>, seen: Sight },
}

/// An answer that nothing explains, and what was read since.
#[derive(Clone, Debug)]
pub(super) struct Inquiry {
    about: About,
    /// The event that showed it.
    event: usize,
    /// What is still to be read.
    left: VecDeque<View>,
    views: Views,
    /// The overview that was read after all other views.
    last: Option<Overview>,
    /// Some overview around it had a silent entry.
    silent: bool,
    /// Under which id a node was asked for.
    asked: Option<Text>,
}

impl Inquiry {
    pub(super) fn wants(&self) -> Want {
        self.left.front().map_or(Want::Nothing, |view| Want::Read {
            source: Source::Cluster,
            view: *view,
            not_before: 0,
        })
    }

    /// Takes a view in, and says whether nothing is left to read.
    pub(super) fn take(&mut self, view: View, seen: Option<Observation>) -> bool {
        if let Some(at) = self.left.iter().position(|left| *left == view) {
            self.left.remove(at);
        }
        match seen {
            Some(Observation::Overview(overview)) => {
                self.silent |= overview.silent();
                if self.views.overview.is_none() && !self.left.is_empty() {
                    self.views.overview = Some(overview);
                } else {
                    self.last = Some(overview);
                }
            }
            Some(Observation::State(status, id, node)) => {
                self.views.state = Some((status, id, node));
            }
            Some(Observation::Node(id, node)) => {
                if let Some(place) = self.views.nodes.get_mut(id.index()) {
                    *place = Some(node);
                }
            }
            None => {}
        }
        self.left.is_empty()
    }

    /// The views as they were read again. Of a cluster that changes meanwhile only the last overview is told: its views
    /// were read at different moments, and need not agree.
    fn again(&self) -> Views {
        if self.last.is_none() || self.last == self.views.overview {
            return self.views.clone();
        }
        Views {
            overview: self.last.clone(),
            state: None,
            nodes: vec![None; self.views.nodes.len()],
        }
    }
}

impl Judge {
    /// Looks again before a rule is named: at every view, or at the overview alone.
    pub(super) fn inquire(&mut self, about: About, every_view: bool) {
        let overview = VecDeque::from([View::Overview]);
        let left =
            if every_view { self.views().into_iter().chain(overview).collect() } else { overview };
        let asked = match &about {
            About::Read { view: View::Node(id), .. } => self.roster.id(*id).cloned(),
            About::Read { view: View::Overview | View::State, .. }
            | About::Outcome { .. }
            | About::Body { .. }
            | About::Race { .. } => None,
        };
        self.inquiry = Some(Inquiry {
            about,
            event: self.event,
            left,
            views: Views { overview: None, state: None, nodes: vec![None; self.scope.nodes] },
            last: None,
            silent: self.silent,
            asked,
        });
    }

    /// Names the rule, as far as it can be told from what was read.
    pub(super) fn conclude(&mut self) {
        let Some(inquiry) = self.inquiry.take() else { return };
        let event = inquiry.event;
        let again = inquiry.again();
        if let Some(last) = inquiry.last.as_ref().or(again.overview.as_ref()) {
            self.silent = last.silent();
        }
        match &inquiry.about {
            About::Read { view, seen } => {
                if !self.excused(&inquiry, *view, seen, &again) {
                    let rule = blame::unexplained(&self.belief, &self.context(), seen, &again);
                    if !self.forgiving {
                        self.found_unexplained(rule, Place::View(*view), *view, seen, event);
                    }
                    self.forgiving = false;
                    self.adopt(*view, seen, &again);
                }
            }
            About::Outcome { call, outcome, before, due, seen } => {
                // While an entry is silent a refusal says nothing (section 7).
                if *outcome == Outcome::Refused && inquiry.silent {
                    self.forgiving = false;
                    return;
                }
                let nothing = inquiry.last.clone().map(Observation::Overview).is_some_and(|seen| {
                    *outcome == Outcome::Success && blame::changed_nothing(before, *call, &seen)
                });
                let rule = if nothing {
                    // It was refused after all, and the code is what is wrong.
                    Rule::Api9
                } else {
                    blame::outcome(before, *call, *outcome)
                };
                let place = Place::Call(*call);
                self.find(Found::wrong(rule, place, due.clone(), seen.clone(), event));
            }
            About::Body { call, before, seen } => {
                self.conclude_body(*call, before, seen, &again, event);
            }
            About::Race { call, times, won, before, due, seen } => {
                if *won == 0 && inquiry.silent {
                    self.forgiving = false;
                    return;
                }
                let overview = inquiry.last.clone().map(Observation::Overview);
                let rule = race_rule(*call, before, *won, overview.as_ref());
                let place = Place::Race(*call, *times);
                self.find(Found::wrong(rule, place, due.clone(), seen.clone(), event));
            }
        }
    }

    /// Whether an answer that nothing explains is one that section 7 lets happen for a moment.
    fn excused(&self, inquiry: &Inquiry, view: View, seen: &Observation, again: &Views) -> bool {
        let fits_now = |seen: &Observation| self.belief.clone().observe(seen);
        let overview_fits =
            || again.overview.clone().is_some_and(|view| fits_now(&Observation::Overview(view)));
        if self.belief.explains_but_for_status(seen) {
            if inquiry.silent {
                return true;
            }
            // A member may have been silent in a moment in which no overview was read.
            if let (View::State, Some((status, id, node))) = (view, again.state)
                && fits_now(&Observation::State(status, id, node))
                && overview_fits()
            {
                return true;
            }
        }
        // What an id answers under which the node is no longer listed is not the node.
        let elsewhere = |id| {
            self.roster.id(id) != inquiry.asked.as_ref()
                || self.roster.unclear(id)
                // Nobody was there to say where it is.
                || again.overview.is_none() && self.roster.moves(id)
        };
        matches!(view, View::Node(id) if elsewhere(id))
    }

    fn conclude_body(
        &mut self,
        call: Call,
        before: &Belief,
        seen: &Observation,
        again: &Views,
        event: usize,
    ) {
        let overview_is_right = again
            .overview
            .clone()
            .is_some_and(|view| self.belief.clone().observe(&Observation::Overview(view)));
        let rule = if let Some(rule) = blame::accepted_where_refused(before, call, seen) {
            rule
        } else if overview_is_right && before.clone().observe(seen) {
            // It tells of the cluster as it was: the answer is wrong, and nothing else.
            blame::gives(call)
        } else if overview_is_right {
            // It was so for a moment; what is read now says nothing about it.
            blame::unexplained(&self.belief, &self.context(), seen, &Views::default())
        } else {
            blame::unexplained(&self.belief, &self.context(), seen, again)
        };
        self.found_unexplained(rule, Place::Call(call), View::Overview, seen, event);
        if !overview_is_right {
            self.adopt(View::Overview, seen, again);
        }
    }

    fn found_unexplained(
        &mut self,
        rule: Rule,
        place: Place,
        view: View,
        seen: &Observation,
        event: usize,
    ) {
        let allowed = self.allowed(&self.belief, view);
        let nearest = nearest(&self.belief, seen);
        let seen = Sight::Answer(seen.clone());
        self.find(Found { kind: Kind::WrongAnswer, rule, place, allowed, seen, nearest, event });
    }
}

/// The rule that the answers of a race break which cannot have come about one after the other.
fn race_rule(call: Call, before: &Belief, won: usize, overview: Option<&Observation>) -> Rule {
    let allowed = before.clone().outcomes(call);
    let may_succeed = allowed.contains(&Outcome::Success);
    match won {
        0 if may_succeed => blame::must_succeed(call),
        0 => Rule::Api9,
        // Whoever accepts and does nothing accepts again: it is the call that is wrong, not how several meet.
        _ if overview.is_some_and(|seen| blame::changed_nothing(before, call, seen)) => {
            blame::wrong_code(call, &allowed, 200)
        }
        _ if may_succeed => Rule::Api12,
        _ => blame::outcome(before, call, Outcome::Success),
    }
}

/// A status that is shown in place of the right one, for every explanation.
pub(super) fn wrong_statuses(belief: &Belief, shown: &Overview) -> Vec<WrongStatus> {
    belief
        .hypotheses()
        .map(|hypothesis| WrongStatus {
            expected: hypothesis.cluster.status(),
            shown: shown.status,
        })
        .collect()
}
