//! How are conditions put together? By words, and for a transition by the state that is meant.

use std::fmt;

use crate::spec::cluster::Cluster;
use crate::spec::node::NodeId;
use crate::spec::property::Taken;
use crate::spec::semantics::{Scope, Semantics, System};
use crate::spec::transition::Transition;

use super::Misfit;
use super::condition::Condition;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::ways) enum Expr {
    Is(Condition),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Implies(Box<Expr>, Box<Expr>),
    /// Of the state before a transition, or after it.
    At(Side, Box<Expr>),
    /// What is taken, by the row of the table, and of which node.
    Takes(Transition, Option<NodeId>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::ways) enum Side {
    Before,
    After,
}

/// What an expression is asked of.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    State(&'a Cluster),
    Step(Taken<'a>),
}

impl Expr {
    pub(super) fn holds<S: Semantics>(&self, system: &System<S>, of: Asked<'_>) -> bool {
        let here = match of {
            Asked::State(cluster) => cluster,
            Asked::Step(taken) => taken.before,
        };
        match self {
            Self::Is(condition) => condition.holds(system, here),
            Self::Not(expr) => !expr.holds(system, of),
            Self::And(all) => all.iter().all(|expr| expr.holds(system, of)),
            Self::Or(some) => some.iter().any(|expr| expr.holds(system, of)),
            Self::Implies(when, then) => !when.holds(system, of) || then.holds(system, of),
            Self::At(side, expr) => match (of, side) {
                (Asked::Step(taken), Side::After) => expr.holds(system, Asked::State(taken.after)),
                (Asked::Step(_) | Asked::State(_), _) => expr.holds(system, Asked::State(here)),
            },
            Self::Takes(row, node) => match of {
                Asked::State(_) => false,
                Asked::Step(taken) => {
                    let id = taken.transition.node();
                    taken.transition.name() == row.name() && node.is_none_or(|it| id == Some(it))
                }
            },
        }
    }

    /// How many nodes are enough for it to hold, or not to, in a part of a cluster as it does in the whole; `None` if
    /// nobody knows.
    pub(super) fn witnesses(&self, holds: bool) -> Option<usize> {
        let sum = |all: &[Self]| all.iter().try_fold(0, |sum, it| Some(sum + it.witnesses(holds)?));
        let most =
            |all: &[Self]| all.iter().try_fold(0, |most, it| Some(it.witnesses(holds)?.max(most)));
        match self {
            Self::Is(condition) => condition.witnesses(holds),
            Self::Not(expr) => expr.witnesses(!holds),
            Self::And(all) => {
                if holds {
                    sum(all)
                } else {
                    most(all)
                }
            }
            Self::Or(some) => {
                if holds {
                    most(some)
                } else {
                    sum(some)
                }
            }
            Self::Implies(when, then) => {
                let (when, then) = (when.witnesses(!holds)?, then.witnesses(holds)?);
                Some(if holds { when.max(then) } else { when + then })
            }
            Self::At(_, expr) => expr.witnesses(holds),
            Self::Takes(_, None) => Some(0),
            Self::Takes(_, Some(_)) => None,
        }
    }

    /// Shows every part to `look`, with whether it stands within `before` or `after`.
    pub(super) fn visit<'a>(&'a self, placed: bool, look: &mut impl FnMut(&'a Self, bool)) {
        look(self, placed);
        match self {
            Self::Is(_) | Self::Takes(..) => {}
            Self::Not(expr) => expr.visit(placed, look),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|it| it.visit(placed, look)),
            Self::Implies(when, then) => {
                when.visit(placed, look);
                then.visit(placed, look);
            }
            Self::At(_, expr) => expr.visit(true, look),
        }
    }
}

/// Whether the table of the profile has the row.
pub(super) fn row_fits(row: Transition, scope: Scope) -> Result<(), Misfit> {
    let rows = Transition::every(scope.profile, 1, 2);
    if rows.iter().any(|it| it.name() == row.name()) {
        Ok(())
    } else {
        let given = format!("step {}", row.word());
        Err(Misfit::Profile { given, profile: scope.profile.name() })
    }
}

impl Expr {
    /// How tightly it binds: what binds less than its surroundings stands in parentheses.
    const fn binds(&self) -> u8 {
        match self {
            Self::Implies(..) => 0,
            Self::Or(_) => 1,
            Self::And(_) => 2,
            Self::Not(_) => 3,
            Self::Is(_) | Self::At(..) | Self::Takes(..) => 4,
        }
    }

    fn within(&self, binds: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.binds() < binds { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |all: &[Self], word: &str, binds: u8, f: &mut fmt::Formatter<'_>| {
            for (number, expr) in all.iter().enumerate() {
                if number > 0 {
                    f.write_str(word)?;
                }
                expr.within(binds, f)?;
            }
            Ok(())
        };
        match self {
            Self::Is(condition) => write!(f, "{condition}"),
            Self::Not(expr) => {
                f.write_str("not ")?;
                expr.within(3, f)
            }
            Self::And(all) => joined(all, " and ", 3, f),
            Self::Or(some) => joined(some, " or ", 2, f),
            Self::Implies(when, then) => {
                when.within(1, f)?;
                f.write_str(" implies ")?;
                then.within(0, f)
            }
            Self::At(Side::Before, expr) => write!(f, "before({expr})"),
            Self::At(Side::After, expr) => write!(f, "after({expr})"),
            Self::Takes(row, node) => {
                write!(f, "step={}", row.name())?;
                node.map_or(Ok(()), |id| write!(f, " {id}"))
            }
        }
    }
}
