//! Where is one, how did one get there, and what can be said of that state? What the page and the menu show.

use serde_json::{Value, json};
use zdu_model::check::goal::Goal;
use zdu_model::check::path::Change;
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::Phase;
use zdu_model::spec::property::{Property, Taken};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Answer, Semantics as _, System};
use zdu_model::spec::transition::{Call, Kind, Transition};
use zdu_model::ways::route::{Cost, way_back};
use zdu_model::ways::situation::Situation;

use super::bounds::STATES_MAX;
use super::load::Loaded;
use crate::cli::steps::by;
use zdu_model::spec::mutants::Mutants;

/// The order in which choices are shown.
pub(super) const KINDS: [Kind; 4] = [Kind::Api, Kind::Operator, Kind::Fault, Kind::Spontaneous];

/// A path from the initial state.
pub(super) struct Session {
    pub(super) system: System<Mutants>,
    path: Vec<Transition>,
    /// The states passed, the first and the last included.
    pub(super) states: Vec<Cluster>,
    /// What was taken back, the next to take again last.
    pub(super) undone: Vec<Transition>,
    /// What is looked out for.
    pub(super) marked: Option<Situation>,
    /// What is to be seen where one began, and how many steps that is from the start.
    pub(super) note: Option<(usize, String)>,
}

/// A transition that is enabled.
pub(super) struct Choice {
    pub(super) transition: Transition,
    pub(super) rule: Rule,
    pub(super) changes: String,
    /// Whether it leads to what is looked out for.
    pub(super) marked: bool,
}

/// Something that does not happen, and by which rule.
pub(super) struct Refusal {
    pub(super) what: String,
    pub(super) answer: &'static str,
    pub(super) rule: Option<Rule>,
    pub(super) why: String,
}

/// What a property says of one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Here {
    Holds,
    /// Its premise does not arise here.
    Silent,
    Violated,
}

/// A property with its verdict here.
pub(super) struct Judged {
    pub(super) name: &'static str,
    pub(super) rule: Rule,
    pub(super) here: Here,
    /// The transition that breaks it.
    pub(super) breaks: Option<Transition>,
}

impl Session {
    /// Walks to where one begins, and says which step cannot be made.
    pub(super) fn new(system: System<Mutants>, begin: Loaded) -> Result<Self, String> {
        let Loaded { path, note } = begin;
        let mut session = Self {
            states: vec![system.scope.initial()],
            system,
            path: Vec::new(),
            undone: Vec::new(),
            marked: None,
            note: note.map(|note| (path.len(), note)),
        };
        for (index, transition) in path.into_iter().enumerate() {
            if !session.take(transition) {
                return Err(format!(
                    "step {}: {transition} is not possible in: {}",
                    index + 1,
                    session.here()
                ));
            }
        }
        Ok(session)
    }

    /// The state that one looks at.
    pub(super) fn here(&self) -> &Cluster {
        &self.states[self.states.len() - 1]
    }

    pub(super) fn path(&self) -> &[Transition] {
        &self.path
    }

    /// Takes a transition, if it is enabled.
    pub(super) fn take(&mut self, transition: Transition) -> bool {
        let may = (self.system.scope.transitions()).contains(&transition)
            && self.system.semantics.enabled(self.here(), transition);
        if may {
            let after = self.system.semantics.apply(self.here(), transition);
            self.path.push(transition);
            self.states.push(after);
            self.undone.clear();
        }
        may
    }

    /// Takes the last step back; false at the start.
    pub(super) fn undo(&mut self) -> bool {
        let Some(undone) = self.path.pop() else { return false };
        self.states.pop();
        self.undone.push(undone);
        true
    }

    /// Goes back to where so many steps were taken, and so much was undone.
    pub(super) fn back_to(&mut self, (steps, undone): (usize, Vec<Transition>)) {
        self.path.truncate(steps);
        self.states.truncate(steps + 1);
        self.undone = undone;
    }

    /// Takes again what was taken back last; false where nothing was.
    pub(super) fn redo(&mut self) -> bool {
        let mut undone = std::mem::take(&mut self.undone);
        let again = undone.pop().is_some_and(|transition| self.take(transition));
        self.undone = undone;
        again
    }

    /// Everything that can happen next, by who does it.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let before = self.here();
        let mut choices: Vec<Choice> = (self.system.successors(before).iter())
            .map(|(transition, after)| Choice {
                transition: *transition,
                rule: transition.rule(before),
                changes: Change::shown_by(&self.system, before, after).to_string(),
                marked: self.marked.as_ref().is_some_and(|it| it.holds(&self.system, after)),
            })
            .collect();
        // A stable sort: within a kind the order of the tables stays.
        choices
            .sort_by_key(|choice| KINDS.iter().position(|kind| *kind == choice.transition.kind()));
        choices
    }

    /// The calls that are refused here, and what is asked of a node and comes to nothing.
    pub(super) fn refusals(&self) -> Vec<Refusal> {
        let here = self.here();
        let status = self.system.status(here);
        let calls = Call::of(self.system.scope.profile).iter().copied();
        let mut refusals: Vec<Refusal> = calls
            .filter_map(|call| match self.system.answer(here, call) {
                Answer::Success => None,
                Answer::Refused => {
                    let rule = refusal(call, status, here.mode);
                    Some(Refusal {
                        what: call.to_string(),
                        answer: "409",
                        rule: Some(rule),
                        why: rule.text().to_owned(),
                    })
                }
                Answer::Nobody => Some(Refusal {
                    what: call.to_string(),
                    answer: "no answer",
                    rule: None,
                    why: "No node serves, so nobody answers (section 2).".to_owned(),
                }),
            })
            .collect();
        for (id, node) in here.numbered() {
            let mut nothing = |transition: Transition, rule: Rule| {
                if !self.system.semantics.enabled(here, transition) {
                    refusals.push(Refusal {
                        what: transition.to_string(),
                        answer: "nothing",
                        rule: Some(rule),
                        why: rule.text().to_owned(),
                    });
                }
            };
            match node.phase {
                Phase::Error => nothing(Transition::Repair(id), Rule::Mode8),
                Phase::StartingOut => nothing(Transition::Join(id), Rule::Mode8),
                Phase::Offline if here.mode == Mode::On => {
                    nothing(Transition::Forget(id), Rule::Node5);
                }
                Phase::Active
                | Phase::StartingIn
                | Phase::TerminatingIn
                | Phase::TerminatingOut
                | Phase::Offline
                | Phase::Absent
                | Phase::Finalizing
                | Phase::FinalizeFailed => {}
            }
        }
        refusals
    }

    /// Every safety property, judged in this state and over the transitions out of it.
    pub(super) fn properties(&self) -> Vec<Judged> {
        let here = self.here();
        let onward = self.system.successors(here);
        (Property::all(self.system.scope.profile).into_iter())
            .map(|property| {
                let breaks = property.broken_among(&self.system, here, &onward);
                let mut taken = (onward.iter()).map(|(transition, after)| Taken {
                    before: here,
                    transition: *transition,
                    after,
                });
                let speaks =
                    property.speaks_of(here) || taken.any(|taken| property.speaks_over(taken));
                let holds = breaks.is_none() && property.holds_of(&self.system, here);
                Judged {
                    name: property.name,
                    rule: property.rule,
                    here: match (holds, speaks) {
                        (false, _) => Here::Violated,
                        (true, true) => Here::Holds,
                        (true, false) => Here::Silent,
                    },
                    breaks: breaks.map(|(transition, _)| *transition),
                }
            })
            .collect()
    }

    /// The shortest way back to STABLE by documented steps.
    pub(super) fn way_back(&self) -> Result<Vec<Transition>, String> {
        way_back(&self.system, self.here(), Cost::Steps, STATES_MAX)
            .map(|route| route.path.steps.iter().map(|step| step.0).collect())
            .map_err(|error| error.to_string())
    }

    /// The steps so far: each transition with its rule and what it changed.
    pub(super) fn steps(&self) -> Vec<Choice> {
        (self.path.iter().zip(self.states.windows(2)))
            .map(|(transition, pair)| Choice {
                transition: *transition,
                rule: transition.rule(&pair[0]),
                changes: Change::shown_by(&self.system, &pair[0], &pair[1]).to_string(),
                marked: self.marked.as_ref().is_some_and(|it| it.holds(&self.system, &pair[1])),
            })
            .collect()
    }

    /// All of it, for the page.
    pub(super) fn json(&self) -> Value {
        let here = self.here();
        let choice = |choice: &Choice| {
            json!({
                "transition": choice.transition.to_string(),
                "by": by(choice.transition.kind()),
                "node": choice.transition.node().map(|id| id.to_string()),
                "rule": choice.rule.id(),
                "rule_text": choice.rule.text(),
                "changes": choice.changes,
                "marked": choice.marked,
            })
        };
        json!({
            "status": self.system.status(here).word(),
            "mode": here.mode.to_string(),
            "origin": here.origin.map(|version| version.to_string()),
            "served": here.served(),
            "tasks_pending": here.tasks_pending,
            "state": here.to_string(),
            "marked": self.marked.as_ref().is_some_and(|it| it.holds(&self.system, here)),
            "known": self.known().iter().map(ToString::to_string).collect::<Vec<_>>(),
            "since": self.states.iter().map(|before| Change::shown_by(&self.system, before, here).to_string()).collect::<Vec<_>>(),
            "nodes": here.numbered().map(|(id, node)| json!({
                "id": id.to_string(),
                "phase": node.phase.to_string(),
                "listed": node.phase.listed().map(|status| status.word()),
                "joined": node.phase.joined(),
                "serves": node.phase.serves(),
                "version": node.version.to_string(),
            })).collect::<Vec<_>>(),
            "path": self.steps().iter().map(choice).collect::<Vec<_>>(),
            "enabled": self.choices().iter().map(choice).collect::<Vec<_>>(),
            "refused": self.refusals().iter().map(|refusal| json!({
                "what": refusal.what,
                "answer": refusal.answer,
                "rule": refusal.rule.map(Rule::id),
                "why": refusal.why,
            })).collect::<Vec<_>>(),
            "properties": self.properties().iter().map(|judged| json!({
                "name": judged.name,
                "rule": judged.rule.id(),
                "rule_text": judged.rule.text(),
                "verdict": match judged.here {
                    Here::Holds => "holds",
                    Here::Silent => "silent",
                    Here::Violated => "violated",
                },
                "breaks": judged.breaks.map(|transition| transition.to_string()),
            })).collect::<Vec<_>>(),
        })
    }
}

/// The rule by which a call is refused. A status alone does not tell: MIXED comes with upgrade mode on and off.
const fn refusal(call: Call, status: ClusterStatus, mode: Mode) -> Rule {
    match (call, mode) {
        (Call::Start, Mode::On) => Rule::Mode7,
        (Call::Cancel | Call::Approve, Mode::Off) => Rule::Mode7,
        (Call::Start | Call::Cancel | Call::Approve | Call::Retry, _) => {
            Goal::Refused(call, status).rule()
        }
    }
}
