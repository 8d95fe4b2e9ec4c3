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
//! matter. How it is read is [`super::reading`]'s.

use std::fmt;

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{Node, NodeId, NodeStatus, Phase, Version};
use crate::spec::property::Taken;
use crate::spec::semantics::{Scope, Semantics, System};
use crate::spec::transition::Transition;

/// A question that a cluster, or a transition, answers with yes or no: conditions that hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Situation {
    pub(super) all: Vec<Expr>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Expr {
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
pub(super) enum Side {
    Before,
    After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Condition {
    Status(ClusterStatus),
    Mode(Mode),
    Origin(Option<Version>),
    Served(bool),
    Pending(bool),
    Settled(bool),
    Node(Who, Look),
    Count(Look, Order, usize),
    Version(Who, Order, Against),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Who {
    One(NodeId),
    Any,
    All,
    No,
}

/// How two things compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Order {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Order {
    pub(super) const ALL: [Self; 6] =
        [Self::Is, Self::IsNot, Self::Less, Self::AtMost, Self::More, Self::AtLeast];

    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    fn holds<T: Ord>(self, one: T, other: T) -> bool {
        match self {
            Self::Is => one == other,
            Self::IsNot => one != other,
            Self::Less => one < other,
            Self::AtMost => one <= other,
            Self::More => one > other,
            Self::AtLeast => one >= other,
        }
    }
}

/// What a version is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Against {
    Version(Version),
    Origin,
    Node(NodeId),
}

/// What a node looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Look {
    pub(super) shown: Option<Shown>,
    pub(super) version: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shown {
    /// As the API lists it.
    Listed(NodeStatus),
    /// In exactly this phase, which may be hidden.
    In(Phase),
    /// It has joined the cluster.
    Joined,
    /// It answers API calls.
    Serving,
    /// It runs another version than the recorded one.
    Upgraded,
}

impl Look {
    fn fits(self, node: Node, cluster: &Cluster) -> bool {
        let shown = self.shown.is_none_or(|shown| match shown {
            Shown::Listed(status) => node.phase.listed() == Some(status),
            Shown::In(phase) => node.phase == phase,
            Shown::Joined => node.phase.joined(),
            Shown::Serving => node.phase.serves(),
            Shown::Upgraded => cluster.origin.is_some_and(|origin| origin != node.version),
        });
        shown && self.version.is_none_or(|version| node.version == version)
    }
}

impl Who {
    fn holds(self, cluster: &Cluster, is: impl Fn(Node) -> bool) -> bool {
        let mut nodes = cluster.nodes.iter();
        match self {
            Self::One(id) => nodes.nth(id.index()).is_some_and(|node| is(*node)),
            Self::Any => nodes.any(|node| is(*node)),
            Self::All => nodes.all(|node| is(*node)),
            Self::No => !nodes.any(|node| is(*node)),
        }
    }

    /// How many nodes show that it holds, or that it does not; `None` if it is a certain one.
    const fn witnesses(self, holds: bool) -> Option<usize> {
        match (self, holds) {
            (Self::One(_), _) => None,
            (Self::Any, true) | (Self::All | Self::No, false) => Some(1),
            (Self::Any, false) | (Self::All | Self::No, true) => Some(0),
        }
    }
}

impl Condition {
    fn holds<S: Semantics>(self, system: &System<S>, cluster: &Cluster) -> bool {
        match self {
            Self::Status(status) => system.status(cluster) == status,
            Self::Mode(mode) => cluster.mode == mode,
            Self::Origin(origin) => cluster.origin == origin,
            Self::Served(served) => cluster.served() == served,
            Self::Pending(pending) => cluster.tasks_pending == pending,
            Self::Settled(settled) => {
                let mut own = system.scope.node_ids().flat_map(Transition::spontaneous);
                own.any(|transition| system.semantics.enabled(cluster, transition)) != settled
            }
            Self::Node(who, look) => who.holds(cluster, |node| look.fits(node, cluster)),
            Self::Count(look, order, number) => {
                let looks = |node: &&Node| look.fits(**node, cluster);
                order.holds(cluster.nodes.iter().filter(looks).count(), number)
            }
            Self::Version(who, order, against) => {
                let other = match against {
                    Against::Version(version) => Some(version),
                    Against::Origin => cluster.origin,
                    Against::Node(id) => cluster.nodes.get(id.index()).map(|node| node.version),
                };
                other.is_some_and(|other| {
                    who.holds(cluster, |node| order.holds(node.version, other))
                })
            }
        }
    }

    fn witnesses(self, holds: bool) -> Option<usize> {
        match self {
            // The status is that of the few nodes that decide it: an error, tasks, or two joined versions.
            Self::Status(_) => Some(2),
            Self::Mode(_) | Self::Origin(_) | Self::Pending(_) => Some(0),
            Self::Served(served) => Some(usize::from(served == holds)),
            Self::Settled(_) => None,
            Self::Node(who, _) => who.witnesses(holds),
            Self::Count(_, order, number) => Some(match (order, holds) {
                (Order::AtLeast | Order::Is, true) | (Order::Less | Order::IsNot, false) => number,
                (Order::More | Order::IsNot, true) | (Order::AtMost | Order::Is, false) => {
                    number + 1
                }
                (Order::AtMost | Order::Less, true) | (Order::AtLeast | Order::More, false) => 0,
            }),
            Self::Version(who, _, against) => match against {
                Against::Version(_) | Against::Origin => who.witnesses(holds),
                Against::Node(_) => None,
            },
        }
    }

    /// The node that it names, if it does.
    fn names(self) -> [Option<NodeId>; 2] {
        let of = |who: Who| match who {
            Who::One(id) => Some(id),
            Who::Any | Who::All | Who::No => None,
        };
        match self {
            Self::Node(who, _) => [of(who), None],
            Self::Version(who, _, Against::Node(id)) => [of(who), Some(id)],
            Self::Version(who, _, Against::Version(_) | Against::Origin) => [of(who), None],
            Self::Status(_)
            | Self::Mode(_)
            | Self::Origin(_)
            | Self::Served(_)
            | Self::Pending(_)
            | Self::Settled(_)
            | Self::Count(..) => [None, None],
        }
    }
}

/// What an expression is asked of.
#[derive(Clone, Copy)]
enum Asked<'a> {
    State(&'a Cluster),
    Step(Taken<'a>),
}

impl Expr {
    fn holds<S: Semantics>(&self, system: &System<S>, of: Asked<'_>) -> bool {
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
    fn witnesses(&self, holds: bool) -> Option<usize> {
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
    fn visit<'a>(&'a self, placed: bool, look: &mut impl FnMut(&'a Self, bool)) {
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

impl Situation {
    /// Every cluster with this status.
    #[must_use]
    pub fn of(status: ClusterStatus) -> Self {
        Self { all: vec![Expr::Is(Condition::Status(status))] }
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
                    Expr::Takes(_, Some(id)) => node_fits(*id, scope),
                    Expr::Takes(_, None)
                    | Expr::Not(_)
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

fn node_fits(id: NodeId, scope: Scope) -> Result<(), Misfit> {
    if id.index() < scope.nodes {
        Ok(())
    } else {
        Err(Misfit::Node { given: id, last: NodeId::at(scope.nodes - 1) })
    }
}

impl Condition {
    fn fits(self, scope: Scope) -> Result<(), Misfit> {
        let version = |version: Version| {
            if version.0 < scope.versions {
                Ok(())
            } else {
                Err(Misfit::Version { given: version, last: Version(scope.versions - 1) })
            }
        };
        let word = |word: String, known: bool| {
            if known {
                Ok(())
            } else {
                Err(Misfit::Profile { given: word, profile: scope.profile.name() })
            }
        };
        self.names().into_iter().flatten().try_for_each(|id| node_fits(id, scope))?;
        match self {
            Self::Status(status) => word(status.to_string(), scope.profile.has(status)),
            Self::Origin(Some(origin)) => version(origin),
            Self::Version(_, _, Against::Version(other)) => version(other),
            Self::Node(_, look) | Self::Count(look, ..) => {
                look.version.map_or(Ok(()), version)?;
                match look.shown {
                    Some(Shown::Listed(status)) => {
                        word(status.to_string(), scope.profile.lists(status))
                    }
                    Some(Shown::In(phase)) => {
                        word(phase.to_string(), scope.profile.phases().contains(&phase))
                    }
                    Some(Shown::Joined | Shown::Serving | Shown::Upgraded) | None => Ok(()),
                }
            }
            Self::Origin(None)
            | Self::Mode(_)
            | Self::Served(_)
            | Self::Pending(_)
            | Self::Settled(_)
            | Self::Version(_, _, Against::Origin | Against::Node(_)) => Ok(()),
        }
    }
}

/// A situation that no cluster of the scope can be asked about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A node beyond the last.
    #[error("there is no {given}: the last node is {last}; ask for more with --nodes")]
    Node {
        /// What was written.
        given: NodeId,
        /// The last node that there is.
        last: NodeId,
    },
    /// A version beyond the last.
    #[error("there is no {given}: the last version is {last}; ask for more with --versions")]
    Version {
        /// What was written.
        given: Version,
        /// The last version that there is.
        last: Version,
    },
    /// A word of the other profile.
    #[error("nothing is {given} in profile {profile}; choose another with --profile")]
    Profile {
        /// What was written.
        given: String,
        /// The profile asked about.
        profile: &'static str,
    },
    /// Words about a transition where a state is meant.
    #[error(
        "before, after and step speak of a transition, and here a state is asked about; ask with --step"
    )]
    Step,
    /// Words about a state where a transition is meant.
    #[error(
        "of a transition say which state is meant: before( ... ) or after( ... ), neither within the other, and step=Stop beside them"
    )]
    State,
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

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yes_or_no = |is| if is { "yes" } else { "no" };
        match *self {
            Self::Status(status) => write!(f, "status={status}"),
            Self::Mode(mode) => write!(f, "mode={mode}"),
            Self::Origin(Some(origin)) => write!(f, "origin={origin}"),
            Self::Origin(None) => write!(f, "origin=none"),
            Self::Served(is) => write!(f, "served={}", yes_or_no(is)),
            Self::Pending(is) => write!(f, "pending={}", yes_or_no(is)),
            Self::Settled(is) => write!(f, "settled={}", yes_or_no(is)),
            Self::Node(who, look) => write!(f, "{who}={look}"),
            Self::Count(look, order, number) => {
                write!(f, "count({look}) {} {number}", order.sign())
            }
            Self::Version(who, order, against) => {
                write!(f, "{who}.version {} ", order.sign())?;
                match against {
                    Against::Version(version) => write!(f, "{version}"),
                    Against::Origin => f.write_str("origin"),
                    Against::Node(id) => write!(f, "{id}.version"),
                }
            }
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(id) => write!(f, "{id}"),
            Self::Any => f.write_str("any"),
            Self::All => f.write_str("all"),
            Self::No => f.write_str("no"),
        }
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown.map(|shown| shown.to_string());
        let version = self.version.map(|version| version.to_string());
        f.write_str(&shown.into_iter().chain(version).collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed(status) => write!(f, "{status}"),
            Self::In(phase) => write!(f, "{phase}"),
            Self::Joined => f.write_str("joined"),
            Self::Serving => f.write_str("serving"),
            Self::Upgraded => f.write_str("upgraded"),
        }
    }
}
