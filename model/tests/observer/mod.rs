//! Who only sees answers? A replay without a network: a scenario's steps are done to a cluster of any semantics, and
//! what it shows is judged by a belief of the spec.
//!
//! Hidden transitions happen in a fixed order, at the times that an [`Arm`] says. What it leaves out: unanswered calls,
//! and views that disagree with each other, which are the business of a replay on a real endpoint.

pub(crate) mod defects;

use zdu_model::judge::belief::{
    Belief, Observation, Outcome, Overview, Request, SeenNode, SeenVersion,
};
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Answer, Scope, Semantics, System};
use zdu_model::spec::transition::{Call, Kind, Transition};
use zdu_model::traces::trace::{Action, Trace};

/// The choices that neither the trace nor the spec makes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arm {
    /// Whether `approve` brings tasks (profile `finalization`).
    pub(crate) tasks: bool,
    /// Whether hidden transitions happen before a step that does not wait for them.
    pub(crate) eager: bool,
    /// Whether every state on the way is seen, not only the settled ones.
    pub(crate) polls: bool,
}

impl Arm {
    /// Every combination.
    pub(crate) const ALL: [Self; 8] = {
        let mut all = [Self { tasks: false, eager: false, polls: false }; 8];
        let mut index = 0;
        while index < 8 {
            all[index] =
                Self { tasks: index & 1 != 0, eager: index & 2 != 0, polls: index & 4 != 0 };
            index += 1;
        }
        all
    };
}

/// Why an observer calls a run a deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Everything seen is explained.
    Conforms,
    /// Something seen is not: after which step, and what.
    Inexplicable(usize, String),
    /// What is seen is explained, and can never settle.
    NeverSettles(usize),
}

struct Replay<S> {
    system: System<S>,
    arm: Arm,
    cluster: Cluster,
    doomed: Vec<bool>,
    belief: Belief,
}

/// Replays a trace on a cluster of this semantics.
pub(crate) fn replay<S: Semantics>(trace: &Trace, semantics: &S, arm: Arm) -> Verdict {
    let scope = trace.scope();
    let cluster = scope.initial();
    let mut replay = Replay {
        system: System { scope, semantics: semantics.clone() },
        arm,
        doomed: vec![false; scope.nodes],
        belief: Belief::certain(scope, cluster.clone()),
        cluster,
    };
    for (index, step) in trace.steps.iter().enumerate() {
        let action = step.action(scope).expect("a scenario's step");
        let settles = !step.then.is_empty();
        if let Err(what) = replay.step(action, settles) {
            return match what {
                Some(what) => Verdict::Inexplicable(index + 1, what),
                None => Verdict::NeverSettles(index + 1),
            };
        }
    }
    Verdict::Conforms
}

/// `None`: never settles.
type Deviation = Option<String>;

impl<S: Semantics> Replay<S> {
    fn step(&mut self, action: Action, settles: bool) -> Result<(), Deviation> {
        match action {
            Action::Call(call) => self.call(call)?,
            Action::Race(call, times) => {
                for _ in 0..times {
                    self.call(call)?;
                }
            }
            Action::Request(id, request) => {
                self.belief.request(id, request);
                self.take(id, request);
            }
            Action::Look | Action::UnknownNode | Action::Anonymous | Action::Plain => {}
        }
        if self.arm.polls {
            self.look()?;
        }
        if !settles && !self.arm.eager {
            return Ok(());
        }
        while let Some(transition) = self.hidden() {
            self.cluster = self.system.semantics.apply(&self.cluster, transition);
            if let Some(id) = transition.node()
                && matches!(transition, Transition::FinalizeFail(_))
            {
                self.doomed[id.index()] = false;
            }
            if self.arm.polls {
                self.look()?;
            }
        }
        if settles { self.settled() } else { Ok(()) }
    }

    fn call(&mut self, call: Call) -> Result<(), Deviation> {
        let outcome = match self.system.answer(&self.cluster, call) {
            Answer::Nobody => return Err(Some(format!("nobody answers {call}"))),
            Answer::Refused => {
                self.cluster = self.system.semantics.refused(&self.cluster, call);
                Outcome::Refused
            }
            Answer::Success => {
                let branches = call.transitions(self.system.scope.profile);
                let transition = if self.arm.tasks { branches.last() } else { branches.first() };
                let transition = *transition.expect("every call has a transition");
                self.cluster = self.system.semantics.apply(&self.cluster, transition);
                Outcome::Success
            }
        };
        if self.belief.answered(call, outcome) {
            Ok(())
        } else {
            Err(Some(format!("{call} is answered {outcome:?}")))
        }
    }

    fn take(&mut self, id: NodeId, request: Request) {
        let transition = request.transition(id);
        if self.system.semantics.enabled(&self.cluster, transition) {
            self.cluster = self.system.semantics.apply(&self.cluster, transition);
        } else if request == Request::FailTasks {
            self.doomed[id.index()] = true;
        }
    }

    /// The next thing that happens by itself.
    fn hidden(&self) -> Option<Transition> {
        let transition = self
            .system
            .scope
            .transitions()
            .into_iter()
            .filter(|transition| transition.kind() == Kind::Spontaneous)
            .find(|transition| self.system.semantics.enabled(&self.cluster, *transition))?;
        Some(match transition.node() {
            Some(id) if transition == Transition::FinalizeOk(id) && self.doomed[id.index()] => {
                Transition::FinalizeFail(id)
            }
            Some(_) | None => transition,
        })
    }

    /// Reads everything, from each node that serves.
    fn look(&mut self) -> Result<(), Deviation> {
        if !self.cluster.served() {
            self.belief.close();
            if self.belief.must_serve() {
                return Err(Some("nobody answers".to_owned()));
            }
            self.belief.narrow(|fits| !fits.cluster.served());
            return Ok(());
        }
        for seen in observations(&self.system, &self.cluster) {
            if !self.belief.observe(&seen) {
                return Err(Some(format!("{seen:?}")));
            }
        }
        Ok(())
    }

    fn settled(&mut self) -> Result<(), Deviation> {
        self.look()?;
        let served = self.cluster.served();
        self.belief.close();
        let settled = self.belief.settled();
        if settled.iter().all(|hypothesis| hypothesis.cluster.served() != served) {
            return Err(None);
        }
        // The looks go on for a quiet time, with or without an answer: what happens by itself has happened by then.
        self.belief.settle();
        self.belief.narrow(|fits| fits.cluster.served() == served);
        self.look()?;
        Ok(())
    }
}

fn observations<S: Semantics>(system: &System<S>, cluster: &Cluster) -> Vec<Observation> {
    let status = system.status(cluster);
    let seen: Vec<Option<SeenNode>> = cluster
        .nodes
        .iter()
        .map(|node| {
            Some(SeenNode {
                status: node.phase.listed()?,
                version: SeenVersion::Known(node.version),
            })
        })
        .collect();
    let Scope { profile, .. } = system.scope;
    let mut all = vec![Observation::Overview(Overview {
        mode: cluster.mode,
        origin: cluster.origin.map_or(SeenVersion::Nothing, SeenVersion::Known),
        status,
        tasks_pending: (profile == Profile::Finalization).then_some(cluster.tasks_pending),
        nodes: seen.clone(),
    })];
    for (id, node) in cluster.numbered() {
        all.push(Observation::Node(id, seen[id.index()]));
        if let Some(seen) = seen[id.index()]
            && node.phase.serves()
        {
            all.push(Observation::State(status, id, seen));
        }
    }
    all
}
