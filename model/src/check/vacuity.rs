//! Does what is proved speak about anything? (spec, section 5, "Reachability")
//!
//! A property holds for nothing where its premise never arises, a transition that never fires is proved harmless for
//! free, a rule that nothing exercises is only words. This room looks for all three in one scope: the premise of every
//! safety and liveness property, every goal of [`crate::check::goal`], every rule. What cannot arise on purpose is listed
//! with the reason; anything else is a gap, and so is a reason for something that does arise after all.
//!
//! The premises are written here, apart from the properties, and from the same other side: by counting.

use std::collections::BTreeSet;
use std::fmt;

use crate::check::fairness::Liveness;
use crate::check::goal::Goal;
use crate::check::graph::Graph;
use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{Phase, Version};
use crate::spec::property::Property;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Scope, Semantics, System};
use crate::spec::transition::{Call, Transition};

/// When a property says anything.
#[derive(Clone, Copy)]
pub enum Premise {
    /// In these states.
    State(fn(&Cluster) -> bool),
    /// Over these transitions, out of any state.
    Step(fn(Transition) -> bool),
}

/// The premise of the safety property with this name; `None` if it has none, which a test forbids.
#[must_use]
pub fn premise(property: &str) -> Option<Premise> {
    use Premise::{State, Step};
    Some(match property {
        "api-1-origin-is-recorded-exactly-while-mode-is-on" => State(on),
        "api-2-start-enables-the-mode-and-records-the-version" => Step(|t| t == Transition::Start),
        "api-5-cancel-disables-the-mode-and-nothing-else" => Step(|t| t == Transition::Cancel),
        "api-6-approve-disables-the-mode" => Step(|t| t.call() == Some(Call::Approve)),
        "api-9-refused-calls-change-nothing" => State(served),
        "node-2-starting-becomes-active" => {
            Step(|t| matches!(t, Transition::Join(_) | Transition::Ready(_)))
        }
        "node-3-terminating-becomes-offline" => {
            Step(|t| matches!(t, Transition::Stop(_) | Transition::Leave(_) | Transition::Halt(_)))
        }
        "node-4-a-killed-node-is-offline" => Step(|t| matches!(t, Transition::Kill(_))),
        "node-5-every-offline-node-is-forgotten-while-mode-is-off" => {
            State(|c| !on(c) && count(c, Phase::Offline) > 0)
        }
        "node-5-no-other-node-is-forgotten" => Step(|t| matches!(t, Transition::Forget(_))),
        "node-6-only-the-broken-node-is-in-error" => Step(|t| matches!(t, Transition::Break(_))),
        "node-7-an-errored-node-can-be-stopped" | "node-8-an-errored-node-can-be-killed" => {
            State(error)
        }
        "node-9-a-removed-node-can-be-booted" => State(|c| count(c, Phase::Absent) > 0),
        "node-10-version-changes-only-while-down" => Step(|t| matches!(t, Transition::Install(..))),
        "status-1-stable-is-mode-off-and-no-error" => State(quiet),
        "status-2-ready-to-upgrade-is-nobody-upgraded" => State(nobody_upgraded),
        "status-3-mixed-once-an-upgraded-node-joins-an-old-one" => {
            State(|c| on(c) && !error(c) && old(c) > 0 && upgraded(c) > 0)
        }
        "status-4-mixed-with-an-error-while-on" => State(|c| on(c) && error(c)),
        "status-5-mixed-with-an-error-while-off" => State(|c| !on(c) && error(c) && !tasks(c)),
        "status-6-mixed-is-an-error-or-two-versions" => {
            State(|c| on(c) && !error(c) && old(c) == 0 && versions(c) > 1)
        }
        "status-7-ready-to-run-is-everybody-upgraded" => State(all_upgraded),
        "mode-1-start-succeeds-in-stable" => State(|c| served(c) && quiet(c)),
        "mode-2-start-is-refused-with-an-error" => {
            State(|c| served(c) && !on(c) && error(c) && !tasks(c))
        }
        "mode-3-cancel-succeeds-until-an-upgraded-node-joins" => {
            State(|c| served(c) && nobody_upgraded(c))
        }
        "mode-3-cancel-is-refused-when-mixed" => {
            State(|c| served(c) && on(c) && (error(c) || versions(c) > 1))
        }
        "mode-4-cancel-is-refused-once-all-are-upgraded"
        | "mode-5-approve-succeeds-exactly-when-all-are-upgraded" => {
            State(|c| served(c) && all_upgraded(c))
        }
        "mode-6-after-approve-off-and-stable" => Step(|t| t == Transition::Approve),
        "mode-7-start-is-refused-while-on-cancel-and-approve-while-off" => State(served),
        "mode-8-two-joined-versions-only-while-on" => {
            State(|c| !on(c) && joined(c).nth(1).is_some())
        }
        "fin-1-approve-with-tasks-runs-them" => Step(|t| t == Transition::ApproveWithTasks),
        "fin-1-running-is-some-node-finalizing" => State(|c| count(c, Phase::Finalizing) > 0),
        "fin-2-done-everywhere-is-not-pending" => Step(|t| matches!(t, Transition::FinalizeOk(_))),
        "fin-3-failed-is-shown" => State(failed),
        "fin-4-retry-succeeds-exactly-after-failure" => State(|c| served(c) && failed(c)),
        "fin-4-retry-runs-again-what-failed" => Step(|t| t == Transition::Retry),
        "fin-5-start-is-refused-with-tasks" => State(|c| served(c) && tasks(c)),
        _ => return None,
    })
}

/// Why the premise of a property cannot arise in a scope, when that is on purpose.
#[must_use]
pub fn vacuous_because(property: &str, scope: Scope) -> Option<&'static str> {
    match property {
        "status-3-mixed-once-an-upgraded-node-joins-an-old-one"
        | "status-6-mixed-is-an-error-or-two-versions"
        | "mode-8-two-joined-versions-only-while-on"
            if scope.nodes == 1 =>
        {
            Some("a single node cannot run two versions")
        }
        "mode-2-start-is-refused-with-an-error" | "mode-3-cancel-is-refused-when-mixed"
            if scope.nodes == 1 =>
        {
            Some("with a single node MIXED means that it is in error, and then nobody answers")
        }
        "status-6-mixed-is-an-error-or-two-versions" if scope.versions == 2 => {
            Some("two versions other than the original need three versions")
        }
        _ => None,
    }
}

/// Why no state of the model can exercise a rule: it speaks about something that the model leaves out.
#[must_use]
pub const fn beyond_the_model(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::Api3 | Rule::Api4 | Rule::Api7 | Rule::Api8 | Rule::Api10 | Rule::Api11 => {
            Some("what a read answers: replay exercises it against an endpoint")
        }
        Rule::Api12 => Some("several calls at once: a race against an endpoint exercises it"),
        Rule::Proc1 | Rule::Proc2 | Rule::Proc3 => {
            Some("an operator who follows the page: the procedure exercises it")
        }
        Rule::Proc4 => Some("a way back from every state: the search for ways back exercises it"),
        Rule::Lb1 | Rule::Lb2 | Rule::Lb3 | Rule::Lb4 | Rule::Lb5 | Rule::Lb6 => {
            Some("the load balancer is not part of the model")
        }
        Rule::Api1
        | Rule::Api2
        | Rule::Api5
        | Rule::Api6
        | Rule::Api9
        | Rule::Node1
        | Rule::Node2
        | Rule::Node3
        | Rule::Node4
        | Rule::Node5
        | Rule::Node6
        | Rule::Node7
        | Rule::Node8
        | Rule::Node9
        | Rule::Node10
        | Rule::Status1
        | Rule::Status2
        | Rule::Status3
        | Rule::Status4
        | Rule::Status5
        | Rule::Status6
        | Rule::Status7
        | Rule::Mode1
        | Rule::Mode2
        | Rule::Mode3
        | Rule::Mode4
        | Rule::Mode5
        | Rule::Mode6
        | Rule::Mode7
        | Rule::Mode8
        | Rule::Fin1
        | Rule::Fin2
        | Rule::Fin3
        | Rule::Fin4
        | Rule::Fin5 => None,
    }
}

/// Something that a scope was asked to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What, in words: a property's name, a goal, a rule's id.
    pub what: String,
    /// The rule that it is about.
    pub rule: Rule,
    /// Whether it arises.
    pub arises: bool,
    /// Why it does not, when that is on purpose.
    pub on_purpose: Option<&'static str>,
}

impl Asked {
    /// Whether it should arise and does not, or is excused and does.
    #[must_use]
    pub const fn is_gap(&self) -> bool {
        self.arises == self.on_purpose.is_some()
    }
}

/// What one scope shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The premise of every safety and liveness property.
    pub premises: Vec<Asked>,
    /// Every goal.
    pub goals: Vec<Asked>,
    /// Every rule of the profile.
    pub rules: Vec<Asked>,
}

impl Coverage {
    /// Looks through every reachable state.
    #[must_use]
    pub fn of<S: Semantics>(system: &System<S>, graph: &Graph) -> Self {
        let scope = system.scope;
        let some = |holds: &dyn Fn(&Cluster) -> bool| graph.states().iter().any(holds);
        let fired: BTreeSet<Transition> = (0..graph.states().len())
            .flat_map(|state| graph.edges(state).iter().map(|edge| edge.0))
            .collect();
        let safety = Property::<S>::all(scope.profile).into_iter().map(|property| Asked {
            what: property.name.to_owned(),
            rule: property.rule,
            arises: premise(property.name).is_some_and(|premise| match premise {
                Premise::State(arises) => some(&arises),
                Premise::Step(arises) => fired.iter().any(|transition| arises(*transition)),
            }),
            on_purpose: vacuous_because(property.name, scope),
        });
        let liveness = Liveness::all(scope.profile).into_iter().map(|liveness| Asked {
            what: liveness.name.to_owned(),
            rule: liveness.rule,
            arises: some(&|state| scope.node_ids().any(|id| (liveness.stays)(state, id))),
            on_purpose: None,
        });
        let premises: Vec<Asked> = safety.chain(liveness).collect();
        let goals: Vec<Asked> = Goal::all(scope.profile)
            .into_iter()
            .map(|goal| Asked {
                what: goal.to_string(),
                rule: goal.rule(),
                arises: some(&|state| goal.shows(system, state)),
                on_purpose: goal.unreachable_because(scope),
            })
            .collect();
        let rules = rules(scope, premises.iter().chain(&goals));
        Self { premises, goals, rules }
    }

    /// What should arise and does not, and what is excused and arises after all.
    pub fn gaps(&self) -> impl Iterator<Item = &Asked> {
        self.all().filter(|asked| asked.is_gap())
    }

    /// What does not arise, on purpose.
    pub fn excused(&self) -> impl Iterator<Item = &Asked> {
        self.all().filter(|asked| !asked.arises && asked.on_purpose.is_some())
    }

    fn all(&self) -> impl Iterator<Item = &Asked> {
        self.premises.iter().chain(&self.goals).chain(&self.rules)
    }
}

/// A rule arises with anything that is about it, and is excused with all of it.
fn rules<'a>(scope: Scope, asked: impl Iterator<Item = &'a Asked> + Clone) -> Vec<Asked> {
    (Rule::ALL.iter().copied())
        .filter(|rule| rule.in_profile(scope.profile))
        .map(|rule| {
            let about = || asked.clone().filter(move |asked| asked.rule == rule);
            Asked {
                what: rule.id().to_owned(),
                rule,
                arises: about().any(|asked| asked.arises),
                on_purpose: beyond_the_model(rule).or_else(|| {
                    let reasons: Option<Vec<_>> = about().map(|asked| asked.on_purpose).collect();
                    reasons?.first().copied()
                }),
            }
        })
        .collect()
}

/// The gaps, then what is unreachable on purpose.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for gap in self.gaps() {
            match gap.on_purpose {
                None => writeln!(f, "gap: {} never arises", gap.what)?,
                Some(why) => writeln!(f, "gap: {} arises, though {why}", gap.what)?,
            }
        }
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for excused in self.excused() {
            let why = excused.on_purpose.unwrap_or_default();
            match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, what)) => what.push(&excused.what),
                None => reasons.push((why, vec![&excused.what])),
            }
        }
        for (why, what) in reasons {
            writeln!(f, "not here, on purpose: {} ({why})", what.join("; "))?;
        }
        let arise = self.all().filter(|asked| asked.arises).count();
        write!(f, "{arise} of {} arise", self.all().count())
    }
}

fn on(cluster: &Cluster) -> bool {
    cluster.mode == Mode::On
}

fn count(cluster: &Cluster, phase: Phase) -> usize {
    (cluster.nodes.iter()).filter(|node| node.phase == phase).count()
}

fn error(cluster: &Cluster) -> bool {
    count(cluster, Phase::Error) > 0
}

fn served(cluster: &Cluster) -> bool {
    [Phase::Active, Phase::Finalizing, Phase::FinalizeFailed]
        .iter()
        .any(|phase| count(cluster, *phase) > 0)
}

fn joined(cluster: &Cluster) -> impl Iterator<Item = Version> + '_ {
    let nodes = cluster.nodes.iter();
    nodes.filter(|node| node.phase.joined()).map(|node| node.version)
}

fn versions(cluster: &Cluster) -> usize {
    joined(cluster).collect::<BTreeSet<_>>().len()
}

fn old(cluster: &Cluster) -> usize {
    joined(cluster).filter(|version| Some(*version) == cluster.origin).count()
}

fn upgraded(cluster: &Cluster) -> usize {
    joined(cluster).count() - old(cluster)
}

fn nobody_upgraded(cluster: &Cluster) -> bool {
    on(cluster) && !error(cluster) && upgraded(cluster) == 0
}

fn all_upgraded(cluster: &Cluster) -> bool {
    on(cluster) && !error(cluster) && old(cluster) == 0 && versions(cluster) == 1
}

fn tasks(cluster: &Cluster) -> bool {
    count(cluster, Phase::Finalizing) > 0 || failed(cluster)
}

fn failed(cluster: &Cluster) -> bool {
    !on(cluster)
        && count(cluster, Phase::Finalizing) == 0
        && (cluster.tasks_pending || count(cluster, Phase::FinalizeFailed) > 0)
}

fn quiet(cluster: &Cluster) -> bool {
    !on(cluster) && !error(cluster) && !tasks(cluster)
}
