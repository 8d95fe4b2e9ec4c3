//! Which way did a cluster take of which one knows what was done and what was then seen? What it did by itself in between is
//! looked for: the first way on which everything is seen.

use std::collections::{BTreeSet, VecDeque};

use zdu_model::judge::belief::{Belief, Observation, Overview, Request};
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::semantics::{Scope, Semantics as _, System};
use zdu_model::spec::transition::{Kind, Transition};
use zdu_model::traces::trace::{Action, Seen, Step};

/// A way on: the steps taken, where they lead, and the nodes whose tasks are to fail.
type Way = (Vec<Transition>, Cluster, BTreeSet<NodeId>);

/// What was done, and what was then seen.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) action: Action,
    /// The codes that were answered, or may be; none where nobody said.
    pub(super) answers: Vec<u16>,
    pub(super) then: Then,
}

/// What is seen after a step.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// Nobody looks.
    Anything,
    /// One of these, settled.
    Settled(Vec<Seen>),
    /// This; nobody answers where it is none. Where no state shows it, the way goes on from those that list the nodes so, or
    /// else from any.
    Shown { seen: Option<Overview>, settled: bool },
}

/// A step that no way leads over.
#[derive(Clone, Debug)]
pub(super) struct Stuck {
    /// Counted from 0.
    pub(super) step: usize,
    /// The way up to it.
    pub(super) path: Vec<Transition>,
}

impl Done {
    /// What a trace says of a step.
    pub(super) fn of(step: &Step, scope: Scope) -> Result<Self, String> {
        let then =
            if step.then.is_empty() { Then::Anything } else { Then::Settled(step.then.clone()) };
        Ok(Self { action: step.action(scope)?, answers: step.answer.clone(), then })
    }
}

/// The first way, beginning with this one, on which everything is seen.
pub(super) fn follow(
    system: &System<Mutants>,
    begin: Vec<Transition>,
    steps: &[Done],
) -> Result<Vec<Transition>, Stuck> {
    let after = |cluster, transition: &Transition| system.semantics.apply(&cluster, *transition);
    let there = begin.iter().fold(system.scope.initial(), after);
    let mut ways: Vec<Way> = vec![(begin, there, BTreeSet::new())];
    for (step, done) in steps.iter().enumerate() {
        let next = distinct(ways.iter().flat_map(|way| onward(system, done, way)));
        if next.is_empty() {
            return Err(Stuck { step, path: ways.swap_remove(0).0 });
        }
        ways = match &done.then {
            Then::Anything => next,
            then @ (Then::Settled(_) | Then::Shown { .. }) => {
                let quiet = distinct(next.iter().flat_map(|way| quiet(system, way)));
                let fits = |way: &&Way| then.fits(system, way);
                let shown: Vec<Way> = quiet.iter().filter(fits).cloned().collect();
                match (shown.is_empty(), then) {
                    (false, _) => shown,
                    (true, Then::Shown { seen, settled }) => {
                        let calm = |way: &Way| !settled || is_settled(system, &way.1, &way.2);
                        let calm: Vec<Way> = quiet.into_iter().filter(calm).collect();
                        let listed = |way: &&Way| lists(system.scope, &way.1, seen.as_ref());
                        let nearest: Vec<Way> = calm.iter().filter(listed).cloned().collect();
                        if nearest.is_empty() { calm } else { nearest }
                    }
                    (true, Then::Settled(_) | Then::Anything) => {
                        return Err(Stuck { step, path: ways.swap_remove(0).0 });
                    }
                }
            }
        };
    }
    Ok(ways.swap_remove(0).0)
}

/// Of two ways to one state the first is enough.
fn distinct(ways: impl Iterator<Item = Way>) -> Vec<Way> {
    let mut seen = BTreeSet::new();
    ways.filter(|way| seen.insert((way.1.clone(), way.2.clone()))).collect()
}

impl Then {
    fn fits(&self, system: &System<Mutants>, (_, cluster, failing): &Way) -> bool {
        let is_settled = || is_settled(system, cluster, failing);
        match self {
            Self::Anything => true,
            Self::Settled(seen) => is_settled() && seen.contains(&Seen::of(cluster)),
            Self::Shown { seen, settled } => {
                (!settled || is_settled()) && shows(system.scope, cluster, seen.as_ref())
            }
        }
    }
}

/// Whether a state shows this overview, with no listing late; none is that nobody answers.
pub(super) fn shows(scope: Scope, cluster: &Cluster, seen: Option<&Overview>) -> bool {
    let Some(seen) = seen else { return !cluster.served() };
    let belief = Belief::certain(scope, cluster.clone());
    let seen = Observation::Overview(seen.clone());
    belief.hypotheses().any(|hypothesis| belief.explains(hypothesis, &seen))
}

/// Whether a state lists the nodes as this overview does, whatever else it shows.
pub(super) fn lists(scope: Scope, cluster: &Cluster, seen: Option<&Overview>) -> bool {
    let belief = Belief::certain(scope, cluster.clone());
    seen.is_some_and(|seen| belief.hypotheses().any(|it| it.lists_nodes(&seen.nodes)))
}

/// Every way on after what is done; the quickest first.
fn onward(system: &System<Mutants>, step: &Done, way: &Way) -> Vec<Way> {
    let mut done: Vec<Way> = Vec::new();
    // A request takes effect at once or after something else has happened.
    for (path, cluster, failing) in quiet(system, way) {
        let mut take = |transition: Transition| {
            if system.semantics.enabled(&cluster, transition) {
                let mut path = path.clone();
                path.push(transition);
                let after = system.semantics.apply(&cluster, transition);
                done.push((path, after, failing.clone()));
            }
        };
        match step.action {
            Action::Call(call) | Action::Race(call, _) => {
                if step.answers.is_empty() || step.answers.contains(&200) {
                    (call.transitions(system.scope.profile).iter()).for_each(|it| take(*it));
                }
                // Refused, or nobody is there to answer: nothing changes.
                if step.answers != [200] {
                    done.push((path, cluster, failing));
                }
            }
            Action::Request(id, Request::FailTasks) => {
                let failing = failing.iter().copied().chain([id]).collect();
                done.push((path, cluster, failing));
            }
            Action::Request(id, request) => {
                take(request.transition(id));
                if matches!(request, Request::Repair | Request::Install(_)) {
                    done.push((path, cluster, failing));
                }
            }
            Action::Look | Action::UnknownNode | Action::Anonymous | Action::Plain => {
                done.push((path, cluster, failing));
            }
        }
    }
    done
}

/// What may happen by itself: spontaneous transitions, and tasks that were made to fail.
fn hidden(
    system: &System<Mutants>,
    cluster: &Cluster,
    failing: &BTreeSet<NodeId>,
) -> Vec<Transition> {
    (system.scope.transitions().into_iter())
        .filter(|transition| {
            let fails = transition.node().is_some_and(|id| failing.contains(&id));
            if let Transition::FinalizeFail(_) = transition {
                fails
            } else {
                transition.kind() == Kind::Spontaneous
                    && !(fails && matches!(transition, Transition::FinalizeOk(_)))
            }
        })
        .filter(|transition| system.semantics.enabled(cluster, *transition))
        .collect()
}

fn is_settled(system: &System<Mutants>, cluster: &Cluster, failing: &BTreeSet<NodeId>) -> bool {
    hidden(system, cluster, failing).is_empty()
}

/// The way as it is, and with whatever may happen by itself.
fn quiet(system: &System<Mutants>, way: &Way) -> Vec<Way> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::from([(way.1.clone(), way.2.clone())]);
    let mut open = VecDeque::from([way.clone()]);
    while let Some(way) = open.pop_front() {
        let (path, cluster, failing) = &way;
        for transition in hidden(system, cluster, failing) {
            let after = system.semantics.apply(cluster, transition);
            let mut failing = failing.clone();
            if let Transition::FinalizeFail(id) = transition {
                failing.remove(&id);
            }
            if seen.insert((after.clone(), failing.clone())) {
                let mut path = path.clone();
                path.push(transition);
                open.push_back((path, after, failing));
            }
        }
        all.push(way);
    }
    all
}
