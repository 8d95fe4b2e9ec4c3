//! What does an operator live through who follows the page? PROC-1 to PROC-3 (spec, section 5, "Procedure").
//!
//! The operator starts, then takes one node after the other (stop, wait until it is down, install, boot, wait until it
//! is ACTIVE), then approves; the cluster does the rest in any order. Up to `f` faults strike whenever they can: a node
//! breaks, a boot fails (it breaks while STARTING), a node is killed. To a node in ERROR, or OFFLINE unasked, the page
//! gives three answers, [`Remedy`]. What a cluster of N survives is read off every run of this product.
//!
//! Readings, where the page is silent. The operator attends to trouble before taking the next node, and takes it only
//! when every node that is not set aside is ACTIVE. A node that died is booted with the version that it has: PROC-1
//! forbids to upgrade it as it is. A set-aside node is left alone until after `approve`, and then brought to the
//! later version and booted (NODE-9). Out of scope: an operator who makes mistakes, but for those planted in
//! [`Habit`], which PROC-1 to PROC-3 must catch.

mod product;
pub mod rotation;

use std::fmt;

use crate::check::path::Change;
use crate::check::sought::Bound;
use crate::spec::cluster::Cluster;
use crate::spec::node::Phase;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::{Kind, Transition};

use product::{Product, Scene, Scenes, Stage};

/// The page's answers to a node in ERROR ("Node errors during rolling upgrade").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remedy {
    /// Shut it down gracefully, put it right, boot it again, and only then go on.
    StopAndReconnect,
    /// Shut it down altogether, put it right, boot it again, and only then go on.
    ShutDownAndReconnect,
    /// Shut it down, finalize without it, and connect it again afterwards.
    FinalizeWithout,
}

impl Remedy {
    /// The three, in the order of the page.
    pub const ALL: [Self; 3] =
        [Self::StopAndReconnect, Self::ShutDownAndReconnect, Self::FinalizeWithout];

    /// The remedy in words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::StopAndReconnect => "stop it gracefully, boot it again",
            Self::ShutDownAndReconnect => "shut it down altogether, boot it again",
            Self::FinalizeWithout => "finalize without it, connect it afterwards",
        }
    }
}

/// How closely the operator follows the page. Every habit but the first is a mutant of the procedure, as those of
/// [`crate::spec::mutant`] are of the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Habit {
    /// As the page says.
    #[default]
    Follows,
    /// Takes the next node while the last one is still STARTING: breaks PROC-2.
    DoesNotWait,
    /// Kills a node to upgrade it: breaks PROC-1.
    KillsToUpgrade,
    /// Stops all nodes at once: nobody serves, against PROC-3.
    StopsAll,
    /// Calls the upgrade off as soon as it has begun, and begins again: against PROC-3 it never ends.
    CallsOff,
}

impl Habit {
    /// Those that break a rule.
    pub const BAD: [Self; 4] =
        [Self::DoesNotWait, Self::KillsToUpgrade, Self::StopsAll, Self::CallsOff];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Follows => "operator-follows",
            Self::DoesNotWait => "operator-does-not-wait",
            Self::KillsToUpgrade => "operator-kills-to-upgrade",
            Self::StopsAll => "operator-stops-all",
            Self::CallsOff => "operator-calls-off",
        }
    }

    /// What the operator does.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Follows => "the operator does as the page says",
            Self::DoesNotWait => {
                "the operator takes the next node while the last one is still STARTING"
            }
            Self::KillsToUpgrade => "the operator kills a node to upgrade it",
            Self::StopsAll => "the operator stops all nodes at once",
            Self::CallsOff => {
                "the operator cancels as soon as the upgrade has begun, and begins again"
            }
        }
    }

    /// The rule that it breaks, if it breaks one.
    #[must_use]
    pub const fn breaks(self) -> Option<Rule> {
        match self {
            Self::Follows => None,
            Self::DoesNotWait => Some(Rule::Proc2),
            Self::KillsToUpgrade => Some(Rule::Proc1),
            Self::StopsAll | Self::CallsOff => Some(Rule::Proc3),
        }
    }

    /// The least number of nodes at which it shows.
    #[must_use]
    pub const fn nodes_min(self) -> usize {
        match self {
            Self::Follows | Self::KillsToUpgrade | Self::CallsOff => 1,
            Self::DoesNotWait | Self::StopsAll => 2,
        }
    }
}

/// Who upgrades the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// What the operator does about an errored node.
    pub remedy: Remedy,
    /// How closely the operator follows the page.
    pub habit: Habit,
}

impl Operator {
    /// One who follows the page and has this remedy.
    #[must_use]
    pub const fn who(remedy: Remedy) -> Self {
        Self { remedy, habit: Habit::Follows }
    }
}

/// A step of the product: who takes it and what it is. A fault can kill a node as well as the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Move {
    /// Who takes the step here.
    pub by: Kind,
    /// What it does.
    pub transition: Transition,
}

/// The operator's and the cluster's doings, from the initial state on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The state that it starts in.
    pub start: Cluster,
    /// Each step, and the cluster after it.
    pub steps: Vec<(Move, Cluster)>,
    /// After how many steps it is where it will be again after the last one: a circle, gone round for ever.
    pub circle: Option<usize>,
}

impl Walk {
    /// The state that it ends in.
    #[must_use]
    pub fn end(&self) -> &Cluster {
        self.steps.last().map_or(&self.start, |(_, state)| state)
    }
}

/// One line a step, faults marked.
impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  0  {}", self.start)?;
        let mut before = &self.start;
        for (number, (step, after)) in self.steps.iter().enumerate() {
            let name = if step.by == Kind::Fault {
                format!("fault: {}", step.transition)
            } else {
                step.transition.to_string()
            };
            writeln!(f, "{:>3}  {name:<18} {}", number + 1, Change::of(before, after))?;
            before = after;
        }
        match self.circle {
            None => write!(f, "     {}", self.end()),
            Some(first) => write!(
                f,
                "     after step {} again as after step {first}, and so for ever",
                self.steps.len()
            ),
        }
    }
}

/// What every run of a procedure shows; a walk is a shortest run to a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Distinct states of the product of cluster and operator.
    pub states: usize,
    /// A node is upgraded without having been stopped gracefully (PROC-1).
    pub not_stopped: Option<Walk>,
    /// The next node is taken while the last one is not ACTIVE again (PROC-2).
    pub not_waited: Option<Walk>,
    /// At some moment nobody serves (PROC-3).
    pub unserved: Option<Walk>,
    /// At some moment nothing that the operator would still do leads to the end: STABLE, every node ACTIVE at the
    /// later version (PROC-3).
    pub unfinishable: Option<Walk>,
    /// The run goes round in a circle, so that the end may be put off for ever (PROC-3).
    pub endless: Option<Walk>,
}

impl Outcome {
    /// Whether some node serves at every moment of every run.
    #[must_use]
    pub const fn always_served(&self) -> bool {
        self.unserved.is_none()
    }

    /// Whether the upgrade comes to its end on every run.
    #[must_use]
    pub const fn always_finishes(&self) -> bool {
        self.unfinishable.is_none() && self.endless.is_none()
    }
}

/// Runs the procedure in every possible way, with up to this many faults. Each scene takes some hundred bytes; `stop` is
/// asked again and again, with how many there are, for a reason to end.
///
/// # Errors
/// The bound by which it was ended: then nothing is known.
pub fn procedure<S: Semantics>(
    system: &System<S>,
    operator: Operator,
    faults: u8,
    stop: &dyn Fn(usize) -> Option<Bound>,
) -> Result<Outcome, Bound> {
    let product = Product { system, operator };
    let scenes = Scenes::of(&product, faults, stop)?;
    let observed = |wrong: fn(&Scene, Move) -> bool| {
        (0..scenes.scenes.len()).find_map(|at| {
            let scene = &scenes.scenes[at];
            let (step, to) = (scenes.edges[at].iter()).find(|(step, _)| wrong(scene, *step))?;
            let mut walk = scenes.walk(at);
            let after = scenes.scenes[*to as usize].cluster.clone();
            walk.steps.push((*step, after));
            Some(walk)
        })
    };
    let first = |wrong: &dyn Fn(usize) -> bool| {
        (0..scenes.scenes.len()).find(|at| wrong(*at)).map(|at| scenes.walk(at))
    };
    let ends = scenes.can_end(|scene| product.ended(scene));
    Ok(Outcome {
        states: scenes.scenes.len(),
        not_stopped: observed(upgraded_unstopped),
        not_waited: observed(taken_early),
        unserved: first(&|at| !scenes.scenes[at].cluster.served()),
        unfinishable: first(&|at| !ends[at]),
        endless: scenes.circle(),
    })
}

/// PROC-1: while the upgrade runs, a version is installed only on a node that was asked to stop.
fn upgraded_unstopped(scene: &Scene, step: Move) -> bool {
    matches!(step.transition, Transition::Install(id, _)
        if scene.stage == Stage::Upgrading && !scene.stopped.has(id))
}

/// PROC-2: a node that serves is taken only when the one before it is ACTIVE, or given up by the page's third answer.
fn taken_early(scene: &Scene, step: Move) -> bool {
    let (Transition::Stop(id) | Transition::Kill(id)) = step.transition else {
        return false;
    };
    step.by == Kind::Operator
        && scene.stage == Stage::Upgrading
        && scene.cluster.node(id).phase == Phase::Active
        && scene.taken.is_some_and(|last| {
            scene.cluster.node(last).phase != Phase::Active && !scene.aside.has(last)
        })
}
