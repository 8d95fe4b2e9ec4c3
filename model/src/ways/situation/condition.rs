//! What can be asked of a state in one breath? Its status, its mode, how its nodes look, and which versions they run.

use std::fmt;

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{Node, NodeId, NodeStatus, Phase, Version};
use crate::spec::semantics::{Scope, Semantics, System};
use crate::spec::transition::Transition;

use super::Misfit;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::ways) enum Condition {
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
pub(in crate::ways) enum Who {
    One(NodeId),
    Any,
    All,
    No,
}

/// How two things compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::ways) enum Order {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Order {
    pub(in crate::ways) const ALL: [Self; 6] =
        [Self::Is, Self::IsNot, Self::Less, Self::AtMost, Self::More, Self::AtLeast];

    pub(in crate::ways) const fn sign(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    pub(super) fn holds<T: Ord>(self, one: T, other: T) -> bool {
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
pub(in crate::ways) enum Against {
    Version(Version),
    Origin,
    Node(NodeId),
}

/// What a node looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::ways) struct Look {
    pub(in crate::ways) shown: Option<Shown>,
    pub(in crate::ways) version: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::ways) enum Shown {
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
    pub(super) fn fits(self, node: Node, cluster: &Cluster) -> bool {
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
    pub(super) fn holds(self, cluster: &Cluster, is: impl Fn(Node) -> bool) -> bool {
        let mut nodes = cluster.nodes.iter();
        match self {
            Self::One(id) => nodes.nth(id.index()).is_some_and(|node| is(*node)),
            Self::Any => nodes.any(|node| is(*node)),
            Self::All => nodes.all(|node| is(*node)),
            Self::No => !nodes.any(|node| is(*node)),
        }
    }

    /// How many nodes show that it holds, or that it does not; `None` if it is a certain one.
    pub(super) const fn witnesses(self, holds: bool) -> Option<usize> {
        match (self, holds) {
            (Self::One(_), _) => None,
            (Self::Any, true) | (Self::All | Self::No, false) => Some(1),
            (Self::Any, false) | (Self::All | Self::No, true) => Some(0),
        }
    }
}

impl Condition {
    pub(super) fn holds<S: Semantics>(self, system: &System<S>, cluster: &Cluster) -> bool {
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

    pub(super) fn witnesses(self, holds: bool) -> Option<usize> {
        match self {
            // The status is that of the few nodes that decide it: an error, tasks, or two joined versions.
            Self::Status(_) => Some(2),
            Self::Mode(_) | Self::Origin(_) | Self::Pending(_) => Some(0),
            Self::Served(served) => Some(usize::from(served == holds)),
            // Whether a node can do something by itself is told by its phase and the mode alone.
            Self::Settled(settled) => Some(usize::from(settled != holds)),
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

    /// Whether it says something else once the versions have other names.
    pub(super) fn names_a_version(self) -> bool {
        match self {
            Self::Origin(origin) => origin.is_some(),
            Self::Node(_, look) | Self::Count(look, ..) => look.version.is_some(),
            Self::Version(_, order, against) => {
                matches!(against, Against::Version(_)) || !matches!(order, Order::Is | Order::IsNot)
            }
            Self::Status(_)
            | Self::Mode(_)
            | Self::Served(_)
            | Self::Pending(_)
            | Self::Settled(_) => false,
        }
    }

    /// The node that it names, if it does.
    pub(super) fn names(self) -> [Option<NodeId>; 2] {
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

pub(super) fn node_fits(id: NodeId, scope: Scope) -> Result<(), Misfit> {
    if id.index() < scope.nodes {
        Ok(())
    } else {
        Err(Misfit::Node { given: id, last: NodeId::at(scope.nodes - 1) })
    }
}

impl Condition {
    pub(super) fn fits(self, scope: Scope) -> Result<(), Misfit> {
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
        if let Self::Count(_, _, given) = self
            && given > scope.nodes
        {
            return Err(Misfit::Count { given, nodes: scope.nodes });
        }
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
