//! What does somebody mean by `status=MIXED and count(ERROR) >= 2`? A situation: a question that a cluster answers with yes
//! or no, in the words of the API and the spec (section 2); what is not written is left open.
//!
//! | written | means |
//! | --- | --- |
//! | `STABLE`, `status=MIXED` | the cluster's status |
//! | `mode=on`, `origin=v0`, `origin=none` | upgrade mode, and the recorded version |
//! | `served=yes`, `pending=no`, `settled=yes` | whether the API answers; whether upgrade tasks are pending; whether nothing happens by itself |
//! | `n2=ERROR`, `n1=ACTIVE v1`, `n3=v1` | how a node is listed, and its installed version |
//! | `any=OFFLINE`, `all=ACTIVE v1`, `no=ERROR` | some node, every node, no node |
//! | `count(ERROR) >= 2`, `count(joined v1) = 1` | how many nodes look so |
//! | `n1.version > origin`, `any.version != n2.version`, `all.version = v1` | versions compared with the origin and with each other; with no origin recorded it is no |
//! | `not A`, `A and B`, `A, B`, `A or B`, `A implies B`, `( A )` | as one reads it; a comma binds least, `implies` next |
//! | `before(A)`, `after(A)`, `step=Approve`, `step=Stop n1` | of a transition: the state before, the one after, what is taken |
//!
//! `=` may be `!=` everywhere. A node's word is the API's (`STARTING`), `ABSENT` for one that is not listed, a phase of
//! section 2 (`StartingOut`), `joined`, `serving`, or `upgraded` (it runs another version than the origin). Case does not
//! matter. How it is read is [`super::reading`]'s. `condition` is what is asked of a state, `expr` puts conditions together, `misfit`
//! says what a cluster cannot be asked.

mod condition;
mod expr;
mod misfit;

use std::fmt;

use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::property::Taken;
use crate::spec::semantics::{Scope, Semantics, System};

pub(super) use condition::{Against, Condition, Look, Order, Shown, Who};
pub(super) use expr::{Expr, Side};
pub use misfit::Misfit;

use condition::node_fits;
use expr::{Asked, row_fits};

/// A question that a cluster, or a transition, answers with yes or no: conditions that hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Situation {
    pub(super) all: Vec<Expr>,
}

impl Situation {
    /// Every cluster with this status.
    #[must_use]
    pub fn of(status: ClusterStatus) -> Self {
        Self { all: vec![Expr::Is(Condition::Status(status))] }
    }

    /// What it asks for before it says anything, where the whole of it is an implication.
    #[must_use]
    pub fn premise(&self) -> Option<Self> {
        match self.all.as_slice() {
            [Expr::Implies(when, _)] => Some(Self { all: vec![when.as_ref().clone()] }),
            _ => None,
        }
    }

    /// Whether it speaks of a certain node, so that it tells the nodes apart.
    #[must_use]
    pub fn names_a_node(&self) -> bool {
        let mut names = false;
        self.visit(|expr, _| match expr {
            Expr::Is(condition) => names |= condition.names().iter().any(Option::is_some),
            Expr::Takes(_, node) => names |= node.is_some(),
            Expr::Not(_) | Expr::And(_) | Expr::Or(_) | Expr::Implies(..) | Expr::At(..) => {}
        });
        names
    }

    /// Whether it speaks of a certain version or of their order, so that it tells the versions apart.
    #[must_use]
    pub fn names_a_version(&self) -> bool {
        let mut names = false;
        self.visit(|expr, _| {
            if let Expr::Is(condition) = expr {
                names |= condition.names_a_version();
            }
        });
        names
    }

    /// Whether the cluster is in this situation.
    #[must_use]
    pub fn holds<S: Semantics>(&self, system: &System<S>, cluster: &Cluster) -> bool {
        self.all.iter().all(|expr| expr.holds(system, Asked::State(cluster)))
    }

    /// Whether it is so over this transition.
    #[must_use]
    pub fn holds_over<S: Semantics>(&self, system: &System<S>, taken: Taken<'_>) -> bool {
        self.all.iter().all(|expr| expr.holds(system, Asked::Step(taken)))
    }

    /// How many nodes of a cluster are enough to see that it does not hold there, whatever the cluster's size; `None`
    /// where it names a node, or nobody knows.
    #[must_use]
    pub fn witnesses_against(&self) -> Option<usize> {
        self.all.iter().try_fold(0, |most, it| Some(it.witnesses(false)?.max(most)))
    }

    /// The same for seeing that it holds.
    #[must_use]
    pub fn witnesses_for(&self) -> Option<usize> {
        self.all.iter().try_fold(0, |sum, it| Some(sum + it.witnesses(true)?))
    }

    fn visit<'a>(&'a self, mut look: impl FnMut(&'a Expr, bool)) {
        self.all.iter().for_each(|expr| expr.visit(false, &mut look));
    }

    /// Asks whether a cluster of this scope has the nodes, versions and words that are written, all about one state.
    ///
    /// # Errors
    /// [`Misfit`] for the first that it has not.
    pub fn fits(&self, scope: Scope) -> Result<(), Misfit> {
        let mut steps = false;
        self.visit(|expr, _| steps |= matches!(expr, Expr::At(..) | Expr::Takes(..)));
        if steps { Err(Misfit::Step) } else { self.fits_scope(scope) }
    }

    /// The same of a transition: each word about a state is within `before` or `after`.
    ///
    /// # Errors
    /// [`Misfit`] for the first that does not fit.
    pub fn fits_steps(&self, scope: Scope) -> Result<(), Misfit> {
        let mut unplaced = false;
        self.visit(|expr, placed| {
            unplaced |= match expr {
                Expr::Is(_) => !placed,
                // A side within a side, or what is taken in a state, makes no sense.
                Expr::At(..) | Expr::Takes(..) => placed,
                Expr::Not(_) | Expr::And(_) | Expr::Or(_) | Expr::Implies(..) => false,
            };
        });
        if unplaced { Err(Misfit::State) } else { self.fits_scope(scope) }
    }

    fn fits_scope(&self, scope: Scope) -> Result<(), Misfit> {
        let mut found = Ok(());
        self.visit(|expr, _| {
            if found.is_ok() {
                found = match expr {
                    Expr::Is(condition) => condition.fits(scope),
                    Expr::Takes(row, node) => row_fits(*row, scope)
                        .and_then(|()| node.map_or(Ok(()), |id| node_fits(id, scope))),
                    Expr::Not(_)
                    | Expr::And(_)
                    | Expr::Or(_)
                    | Expr::Implies(..)
                    | Expr::At(..) => Ok(()),
                };
            }
        });
        found
    }
}

/// As it can be read again.
impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, expr) in self.all.iter().enumerate() {
            if number > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{expr}")?;
        }
        Ok(())
    }
}
