//! What do users behind a load balancer live through while somebody follows the page? LB-6, as a property of the procedure with
//! rotation (spec, section 4, LB).
//!
//! Each node is in rotation or out of it. The operator takes a node out before it goes down or comes up, and puts it back once it
//! serves; the last one that serves stays in, since nobody else could. A load balancer that checks its members notices after a while
//! that one has died, or is back: until then it lags. At every moment it may send a request to any node that is in and not known to be
//! dead. Two things are asked of every moment: some node serves and gets requests, and no request goes to a node that does not serve.
//!
//! [`sizes`] proves both for every number of nodes, [`survival`] tells what faults do to them. Left out: requests that are under way when a node leaves, which whoever takes it out
//! waits for, and how requests are shared out (LB-5); both are seen on real load balancers.

pub mod sizes;
pub mod survival;

use std::collections::HashMap;
use std::fmt;

use crate::check::checker::{Agreed, Wanders, wander};
use crate::check::graph::id;
use crate::check::procedure::product::{Nodes, Product, Scene};
use crate::check::procedure::{Move, Operator};
use crate::check::sought::Bound;
use crate::spec::cluster::Cluster;
use crate::spec::node::NodeId;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::{Kind, Transition};

/// What the operator does about rotation. Every way but the first is a mutant, which the two properties must catch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Out before it goes down or comes up, in once it serves.
    #[default]
    Around,
    /// Never touches the load balancer.
    Without,
    /// Stops a node first, and takes it out then.
    OutLate,
    /// Puts a node back as soon as it is booted.
    BackEarly,
    /// Never puts a node back.
    NeverBack,
}

impl Way {
    /// All, the right one first.
    pub const ALL: [Self; 5] =
        [Self::Around, Self::Without, Self::OutLate, Self::BackEarly, Self::NeverBack];

    /// The way in words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Around => "out of rotation while it is down",
            Self::Without => "without rotation",
            Self::OutLate => "taken out after it was stopped",
            Self::BackEarly => "put back before it serves",
            Self::NeverBack => "never put back",
        }
    }
}

/// How the load balancer behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Balancer {
    /// It checks its members, and lags behind what becomes of them.
    #[default]
    Lags,
    /// It never checks its members.
    Blind,
    /// A mutant: it says yes and sends requests to a node that is out.
    Ignores,
}

/// A moment: cluster and operator, who is out, whom the load balancer takes to be dead.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    pub(super) scene: Scene,
    out: Nodes,
    dead: Nodes,
    /// The node that was taken out to be stopped or booted, and has not been yet.
    leaving: Option<NodeId>,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// The cluster, a fault or the operator, as without a load balancer.
    Move(Move),
    /// The operator takes a node out of rotation.
    Disconnect(NodeId),
    /// The operator puts a node into rotation.
    Connect(NodeId),
    /// The load balancer notices that a node is dead, or back.
    Notice(NodeId),
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Move(step) if step.by == Kind::Fault => format!("fault: {}", step.transition),
            Self::Move(step) => step.transition.to_string(),
            Self::Disconnect(id) => format!("Disconnect({id})"),
            Self::Connect(id) => format!("Connect({id})"),
            Self::Notice(id) => format!("Notice({id})"),
        })
    }
}

/// The procedure with a load balancer.
pub struct Rotation<'a, S> {
    product: Product<'a, S>,
    way: Way,
    balancer: Balancer,
    faults: u8,
    transitions: Vec<Transition>,
}

impl<'a, S: Semantics> Rotation<'a, S> {
    /// This operator, with up to so many faults.
    #[must_use]
    pub fn new(
        system: &'a System<S>,
        operator: Operator,
        (way, balancer): (Way, Balancer),
        faults: u8,
    ) -> Self {
        let transitions = system.scope.transitions();
        Self { product: Product { system, operator }, way, balancer, faults, transitions }
    }

    fn ids(moment: &Moment) -> impl Iterator<Item = NodeId> + use<S> {
        (0..moment.scene.cluster.nodes.len()).map(NodeId::at)
    }

    /// Whether a request may be sent to the node now.
    fn sends(&self, moment: &Moment, id: NodeId) -> bool {
        let out = moment.out.has(id) && self.balancer != Balancer::Ignores;
        !out && !moment.dead.has(id)
    }

    /// Whether somebody else would serve.
    fn others(&self, moment: &Moment, id: NodeId) -> bool {
        Self::ids(moment).any(|other| {
            other != id
                && !moment.out.has(other)
                && !moment.dead.has(other)
                && serves(moment, other)
        })
    }

    /// Whether the operator has a node out that shall go back now.
    fn back(&self, moment: &Moment, id: NodeId) -> bool {
        moment.out.has(id)
            && match self.way {
                Way::Around | Way::OutLate => serves(moment, id),
                Way::BackEarly => !moment.scene.cluster.node(id).phase.down(),
                Way::Without | Way::NeverBack => false,
            }
    }

    /// Whether the operator has stopped a node and takes it out only now.
    fn late(&self, moment: &Moment, id: NodeId) -> bool {
        self.way == Way::OutLate
            && moment.scene.stopped.has(id)
            && !serves(moment, id)
            && !moment.out.has(id)
            && self.others(moment, id)
    }

    /// What the operator does in place of a step, or before it.
    fn instead(&self, moment: &Moment, step: Move) -> Turn {
        let (Transition::Stop(id) | Transition::Boot(id)) = step.transition else {
            return Turn::Move(step);
        };
        let around = match self.way {
            Way::Around | Way::BackEarly | Way::NeverBack => true,
            Way::OutLate | Way::Without => false,
        };
        if around && !moment.out.has(id) && self.others(moment, id) {
            Turn::Disconnect(id)
        } else {
            Turn::Move(step)
        }
    }
}

fn serves(moment: &Moment, id: NodeId) -> bool {
    moment.scene.cluster.node(id).phase.serves()
}

impl<S: Semantics> Wanders for Rotation<'_, S> {
    type State = Moment;
    type Step = Turn;

    fn first(&self) -> Moment {
        Moment {
            scene: self.product.first(self.faults),
            out: Nodes::default(),
            dead: Nodes::default(),
            leaving: None,
        }
    }

    fn steps(&self, moment: &Moment) -> Vec<Turn> {
        let base = self.product.steps(&moment.scene, &self.transitions);
        let mut turns = Vec::new();
        if self.balancer == Balancer::Lags {
            let news =
                |id: &NodeId| !moment.out.has(*id) && moment.dead.has(*id) == serves(moment, *id);
            turns.extend(Self::ids(moment).filter(news).map(Turn::Notice));
        }
        let operator = |step: &Move| step.by == Kind::Operator;
        // Whoever took a node out does with it what it was taken out for, as long as that can be done.
        let leaving = moment.leaving.filter(|id| {
            base.iter().any(|step| operator(step) && step.transition.node() == Some(*id))
        });
        let back = Self::ids(moment)
            .filter(|id| leaving != Some(*id) && self.back(moment, *id))
            .map(Turn::Connect);
        let late = Self::ids(moment).filter(|id| self.late(moment, *id)).map(Turn::Disconnect);
        let due: Vec<Turn> = back.chain(late).collect();
        let waits = leaving.is_none() && !due.is_empty();
        for step in base {
            let own = matches!(step.by, Kind::Operator | Kind::Api);
            let other = leaving.is_some() && step.transition.node() != leaving;
            if own && (waits || other) {
                continue;
            }
            turns.push(if operator(&step) { self.instead(moment, step) } else { Turn::Move(step) });
        }
        if waits {
            turns.extend(due);
        }
        turns
    }

    fn after(&self, moment: &Moment, turn: Turn) -> Moment {
        let mut next = moment.clone();
        match turn {
            Turn::Move(step) => {
                next.scene = self.product.after(&moment.scene, step);
                if step.by == Kind::Operator {
                    next.leaving = None;
                }
            }
            Turn::Disconnect(id) => {
                next.out.set(id, true);
                next.leaving = (self.way != Way::OutLate).then_some(id);
            }
            Turn::Connect(id) => {
                next.out.set(id, false);
                next.dead.set(id, false);
            }
            Turn::Notice(id) => next.dead.set(id, !serves(moment, id)),
        }
        next
    }

    fn wrong(&self, moment: &Moment) -> [bool; 2] {
        let sends = |id: &NodeId| self.sends(moment, *id);
        let reached = Self::ids(moment).filter(sends).any(|id| serves(moment, id));
        let lost = Self::ids(moment).filter(sends).any(|id| !serves(moment, id));
        [!reached, lost]
    }
}

/// A run of the procedure with a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turns {
    /// The state that it starts in.
    pub start: Cluster,
    /// Each turn, the cluster after it, and the nodes that are out then.
    pub steps: Vec<(Turn, Cluster, Vec<NodeId>)>,
}

/// What every run shows; a run is a shortest one to a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Distinct moments.
    pub moments: usize,
    /// At some moment no node that serves gets requests.
    pub unreached: Option<Turns>,
    /// At some moment a request may go to a node that does not serve (LB-6).
    pub lost: Option<Turns>,
}

/// Every run of the procedure with a load balancer. `stop` is asked again and again, with how many moments there are.
///
/// # Errors
/// The bound by which it was ended: then nothing is known.
pub fn rotation<S: Semantics>(
    rotation: &Rotation<'_, S>,
    stop: &dyn Fn(usize) -> Option<Bound>,
) -> Result<Outcome, Bound> {
    search(rotation, stop, |_| false)
}

/// A shortest run on which a request is lost. Nothing is looked at beyond it: whoever leaves every node in rotation has a
/// great many moments.
///
/// # Errors
/// As [`rotation`].
pub fn shortest_loss<S: Semantics>(
    rotation: &Rotation<'_, S>,
    stop: &dyn Fn(usize) -> Option<Bound>,
) -> Result<Option<Turns>, Bound> {
    search(rotation, stop, |[_, lost]| lost.is_some()).map(|outcome| outcome.lost)
}

/// Breadth first, until all is seen or what was found is enough.
fn search<S: Semantics>(
    rotation: &Rotation<'_, S>,
    stop: &dyn Fn(usize) -> Option<Bound>,
    enough: impl Fn([Option<usize>; 2]) -> bool,
) -> Result<Outcome, Bound> {
    let first = rotation.first();
    // Only ever looked up, never iterated: its order does not show.
    let mut numbers = HashMap::from([(first.clone(), 0_u32)]);
    let mut moments = vec![first];
    let mut parents: Vec<Option<(u32, Turn)>> = vec![None];
    let mut wrong = [None; 2];
    let mut at = 0;
    while at < moments.len() {
        if at.is_multiple_of(64)
            && let Some(bound) = stop(moments.len())
        {
            return Err(bound);
        }
        for (found, is) in wrong.iter_mut().zip(rotation.wrong(&moments[at])) {
            if is && found.is_none() {
                *found = Some(at);
            }
        }
        if enough(wrong) {
            break;
        }
        for turn in rotation.steps(&moments[at]) {
            let after = rotation.after(&moments[at], turn);
            numbers.entry(after).or_insert_with_key(|after| {
                moments.push(after.clone());
                parents.push(Some((id(at), turn)));
                id(moments.len() - 1)
            });
        }
        at += 1;
    }
    let run = |end: usize| {
        let (mut steps, mut at) = (Vec::new(), end);
        while let Some((parent, turn)) = parents[at] {
            let moment = &moments[at];
            let ids = (0..moment.scene.cluster.nodes.len()).map(NodeId::at);
            let out = ids.filter(|id| moment.out.has(*id)).collect();
            steps.push((turn, moment.scene.cluster.clone(), out));
            at = parent as usize;
        }
        steps.reverse();
        Turns { start: moments[at].scene.cluster.clone(), steps }
    };
    let [unreached, lost] = wrong.map(|at| at.map(run));
    Ok(Outcome { moments: moments.len(), unreached, lost })
}

/// What the other engine makes of it: how many moments there are, and how long a shortest run to each violation is.
#[must_use]
pub fn other_engine<S: Semantics>(
    system: System<S>,
    operator: Operator,
    how: (Way, Balancer),
    faults: u8,
) -> Agreed {
    wander(Owned { system, operator, how, faults })
}

/// The same with a system of its own, as that engine wants it.
struct Owned<S> {
    system: System<S>,
    operator: Operator,
    how: (Way, Balancer),
    faults: u8,
}

impl<S: Semantics> Owned<S> {
    fn lent(&self) -> Rotation<'_, S> {
        Rotation::new(&self.system, self.operator, self.how, self.faults)
    }
}

impl<S: Semantics> Wanders for Owned<S> {
    type State = Moment;
    type Step = Turn;

    fn first(&self) -> Moment {
        self.lent().first()
    }

    fn steps(&self, moment: &Moment) -> Vec<Turn> {
        self.lent().steps(moment)
    }

    fn after(&self, moment: &Moment, turn: Turn) -> Moment {
        self.lent().after(moment, turn)
    }

    fn wrong(&self, moment: &Moment) -> [bool; 2] {
        self.lent().wrong(moment)
    }
}
