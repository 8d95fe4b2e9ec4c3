//! Where to? Finish the upgrade, go back to the original, or keep the version that the cluster has.

use serde::Serialize;

use super::Asked;
use super::settled::Settled;
use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{Phase, Version};

/// The direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To a later version: finish the upgrade, or make one.
    Forward,
    /// To the original version.
    Back,
    /// Upgrade mode is off: keep the version, and bring back who is missing.
    Stay,
}

/// Why it is this direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It was asked for.
    Asked,
    /// A node is upgraded already.
    Upgraded,
    /// No node is upgraded yet.
    NotUpgraded,
    /// Upgrade mode is off, so that no upgrade is under way.
    NoUpgrade,
    /// Back was asked for, but upgrade mode is off: there is nothing to go back to.
    NothingToGoBackTo,
    /// Forward was asked for, and the cluster runs that version already.
    Arrived,
}

/// Where to, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Aim {
    /// The direction.
    pub direction: Direction,
    /// Why this one.
    pub reason: Reason,
    /// The goal: STABLE, upgrade mode off, every node ACTIVE on this version.
    pub version: Version,
}

/// Why nothing can be advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No state of the model is listed so.
    #[error("no state of the model is listed so")]
    Unexplained,
    /// An upgrade goes to later versions alone.
    #[error("{to} is not later than {than}, which the cluster runs or comes from")]
    NotLater {
        /// The version that was asked for.
        to: Version,
        /// What it is not later than.
        than: Version,
    },
    /// No version later than this one is known.
    #[error("no version later than {than} is known")]
    NothingLater {
        /// The original version.
        than: Version,
    },
}

/// Where to, from here.
pub(super) fn aim(asked: &Asked<'_>, settled: &Settled) -> Result<Aim, Refusal> {
    match settled.standing.mode {
        Mode::Off => off(asked, settled.running),
        Mode::On => {
            let origin = asked.explanations.first().and_then(|cluster| cluster.origin);
            on(asked, origin.unwrap_or(Version::ORIGINAL))
        }
    }
}

fn latest(asked: &Asked<'_>) -> Version {
    Version(asked.scope.versions.saturating_sub(1))
}

fn off(asked: &Asked<'_>, running: Version) -> Result<Aim, Refusal> {
    let stay = |reason| Aim { direction: Direction::Stay, reason, version: running };
    let forward = |version| Aim { direction: Direction::Forward, reason: Reason::Asked, version };
    match (asked.direction, asked.to) {
        (Some(Direction::Back), _) => Ok(stay(Reason::NothingToGoBackTo)),
        (_, Some(to)) if to > running => Ok(forward(to)),
        (_, Some(to)) if to < running => Err(Refusal::NotLater { to, than: running }),
        (Some(Direction::Forward), None) if latest(asked) > running => Ok(forward(latest(asked))),
        (Some(Direction::Forward), _) => Ok(stay(Reason::Arrived)),
        (None | Some(Direction::Stay), _) => Ok(stay(Reason::NoUpgrade)),
    }
}

fn on(asked: &Asked<'_>, origin: Version) -> Result<Aim, Refusal> {
    let listed = |keep: &dyn Fn(Phase) -> bool| {
        let nodes = asked.explanations.iter().flat_map(|cluster: &Cluster| &cluster.nodes);
        let kept = nodes.filter(|node| keep(node.phase) && node.version > origin);
        kept.map(|node| node.version).max()
    };
    let joined = listed(&Phase::joined);
    let upgraded = joined
        .or_else(|| listed(&|phase| !phase.down()))
        .or_else(|| listed(&|phase| phase == Phase::Offline));
    let (direction, reason) = match (asked.direction, asked.to, upgraded) {
        (Some(direction @ (Direction::Forward | Direction::Back)), ..) => {
            (direction, Reason::Asked)
        }
        (None | Some(Direction::Stay), Some(to), _) if to == origin => {
            (Direction::Back, Reason::Asked)
        }
        (None | Some(Direction::Stay), Some(_), _) => (Direction::Forward, Reason::Asked),
        (None | Some(Direction::Stay), None, Some(_)) => (Direction::Forward, Reason::Upgraded),
        (None | Some(Direction::Stay), None, None) => (Direction::Back, Reason::NotUpgraded),
    };
    let version = match direction {
        Direction::Back | Direction::Stay => origin,
        Direction::Forward => {
            let to = asked.to.or(upgraded).unwrap_or_else(|| latest(asked));
            match joined {
                Some(than) if to < than => return Err(Refusal::NotLater { to, than }),
                _ if to > origin => to,
                _ if asked.to.is_some() => return Err(Refusal::NotLater { to, than: origin }),
                _ => return Err(Refusal::NothingLater { than: origin }),
            }
        }
    };
    Ok(Aim { direction, reason, version })
}
