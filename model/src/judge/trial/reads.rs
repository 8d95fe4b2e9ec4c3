//! What does a view show, and is it explained? (API-1, API-3, API-4, API-7, API-8, and the rules of what is shown)

use super::heard::{Heard, Taken};
use super::inquiry::About;
use super::settling::Settling;
use super::{Found, Judge, Kind, view_rule};
use crate::judge::event::{Answer, Micros, Source, View};
use crate::judge::finding::{Allowed, Place, Sight};
use crate::judge::roster::{Oddity, Told};
use crate::judge::seen::{Observation, words_missing};
use crate::judge::served::{Fault, Field, Misshape, Served};
use crate::spec::node::{NodeId, NodeStatus};
use crate::spec::profile::Profile;
use crate::spec::rule::Rule;

impl Judge {
    /// Takes in that a view was read.
    pub(super) fn read(&mut self, asked: Micros, source: Source, view: View, answer: Answer) {
        let heard = self.understand(view, answer);
        if (source, view) == (Source::Cluster, View::Overview) {
            self.follow(&heard);
        }
        if let (Some(inquiry), Source::Cluster) = (&mut self.inquiry, source) {
            let seen = match heard {
                Heard::Seen(Told { seen, .. }) => {
                    seen.filter(|seen| words_missing(self.scope.profile, seen).is_empty())
                }
                Heard::Nobody(_) | Heard::Bad(_) => None,
            };
            if inquiry.take(view, seen) {
                self.conclude();
                self.proceed();
            }
            return;
        }
        match (self.settling.take(), source) {
            (Some(settling), source) => self.read_in(settling, asked, source, view, heard),
            (None, Source::Cluster) => self.read_alone(view, heard),
            // A node's own view counts only when the cluster has settled: before, it may lag.
            (None, Source::Node(_)) => {}
        }
        self.proceed();
    }

    /// Takes in a view that nobody waits for.
    fn read_alone(&mut self, view: View, heard: Heard) {
        match heard {
            Heard::Nobody(_) => self.belief.close(),
            Heard::Bad(misshape) => self.misshapen(view, misshape),
            Heard::Seen(told) => {
                self.seen(view, told);
            }
        }
    }

    pub(super) fn understand(&mut self, view: View, answer: Answer) -> Heard {
        let wrong = |place: &str, is: &str, due: &str| {
            let fault = Fault::Mistyped { is: is.to_owned(), due: due.to_owned() };
            Heard::Bad(Misshape { place: place.to_owned(), fault })
        };
        match (answer, view) {
            (Answer::Nobody(silence), _) => Heard::Nobody(silence),
            (Answer::Bad(misshape), _) => Heard::Bad(misshape),
            (Answer::NotListed, View::Node(id)) => {
                let seen = (!self.roster.unclear(id)).then_some(Observation::Node(id, None));
                Heard::Seen(Told { seen, entries: Vec::new(), oddities: Vec::new() })
            }
            (Answer::NotListed, View::Overview | View::State) => Heard::Bad(Misshape {
                place: String::new(),
                fault: Fault::Code { code: 404, location: None },
            }),
            (Answer::Served(served), view) => {
                let asked = match view {
                    View::Node(id) => Some(id),
                    View::Overview | View::State => None,
                };
                match (&served, view) {
                    (Served::Cluster { .. }, View::Overview)
                    | (Served::State { .. }, View::State)
                    | (Served::Node(_), View::Node(_)) => {}
                    (Served::Cluster { .. }, _) => return wrong("", "a cluster", "another view"),
                    (Served::State { .. }, _) => return wrong("", "a status", "another view"),
                    (Served::Node(_), _) => return wrong("", "a node", "another view"),
                }
                let told = self.roster.told(&served, asked);
                if let Some(Observation::Overview(overview)) = &told.seen {
                    self.last = Some(overview.clone());
                }
                Heard::Seen(told)
            }
        }
    }

    /// Takes an answer in, or looks again before it is judged.
    pub(super) fn seen(&mut self, view: View, told: Told) -> Taken {
        // What is said of an id of which it is not known whose it is speaks against nothing.
        let nothing = if told.oddities.is_empty() { Taken::Explained } else { Taken::Not };
        for oddity in told.oddities {
            self.odd(view, oddity);
        }
        let Some(seen) = told.seen else { return nothing };
        if let Observation::Overview(overview) = &seen {
            self.silent = overview.silent();
            let at_tasks = Some(NodeStatus::RunningFinalizeUpgradeTasks);
            self.tasks_seen |= overview.nodes.iter().flatten().any(|node| node.status == at_tasks);
        }
        let words = words_missing(self.scope.profile, &seen);
        if !words.is_empty() {
            let words = words.into_iter().map(str::to_owned).collect();
            self.find(Found {
                kind: Kind::Unmodelled,
                rule: view_rule(view),
                place: Place::View(view),
                allowed: Vec::new(),
                seen: Sight::Unmodelled { words, versions: Vec::new() },
                nearest: Vec::new(),
                event: self.event,
            });
            return Taken::Not;
        }
        // While an entry is silent the status says nothing in any view (section 7).
        let unsaid = self.silent
            && matches!(seen, Observation::State(..))
            && self.belief.observe_but_for_status(&seen);
        if unsaid {
            return Taken::Not;
        }
        if self.belief.observe(&seen) {
            self.stakes.seen(self.step, &self.belief, &seen, &self.context());
            self.explained_since = true;
            self.forgiving = false;
            return Taken::Explained;
        }
        self.inquire(About::Read { view, seen }, true);
        Taken::Not
    }

    /// Names what breaks the identity of nodes.
    fn odd(&mut self, view: View, oddity: Oddity) {
        let (rule, allowed, seen) = match oddity {
            Oddity::IdChanged(id, was, is) => {
                (Rule::Api1, Allowed::SameId(id, was), Sight::Id(id, is))
            }
            Oddity::Stranger(id) => (view_rule(view), Allowed::KnownNode, Sight::Stranger(id)),
            Oddity::Twice(id) => (view_rule(view), Allowed::KnownNode, Sight::Twice(id)),
            Oddity::OtherNode(id, is) => {
                let due = self.roster.id(id).cloned().unwrap_or_default();
                (view_rule(view), Allowed::SameId(id, due), Sight::Id(id, is))
            }
        };
        let place = Place::View(view);
        self.find(Found::wrong(rule, place, vec![allowed], seen, self.event));
    }

    /// Notes an answer of another shape. Nothing more is to be learnt from the view, unless it is the overview.
    pub(super) fn misshapen(&mut self, view: View, misshape: Misshape) {
        let rule = match view {
            View::Node(id) if self.may_be_removed(id) => Rule::Api7,
            View::Overview
                if misshape.is_in(Field::HasFinalizationTasks)
                    && self.scope.profile == Profile::Finalization =>
            {
                Rule::Fin1
            }
            View::Overview | View::State | View::Node(_) => view_rule(view),
        };
        let allowed = match misshape.fault {
            Fault::Code { .. } => self.allowed(&self.belief, view),
            Fault::Missing
            | Fault::Null
            | Fault::Mistyped { .. }
            | Fault::Negative(_)
            | Fault::UnknownWord(_)
            | Fault::TooMany(_)
            | Fault::Html
            | Fault::Empty
            | Fault::NotJson(_) => vec![Allowed::Shape],
        };
        let seen = Sight::Misshapen(misshape);
        self.find(Found::wrong(rule, Place::View(view), allowed, seen, self.event));
        if view != View::Overview {
            self.muted.insert(view);
        }
    }

    /// Whether the node may be one that is no longer listed.
    fn may_be_removed(&self, id: NodeId) -> bool {
        self.belief.hypotheses().any(|hypothesis| hypothesis.lists_node(id, None))
    }

    /// Takes in a view that the cluster is waited for with.
    fn read_in(
        &mut self,
        settling: Settling,
        asked: Micros,
        source: Source,
        view: View,
        heard: Heard,
    ) {
        match source {
            Source::Cluster => self.read_in_round(settling, asked, view, heard),
            Source::Node(id) => self.read_own(settling, asked, id, heard),
        }
    }
}
