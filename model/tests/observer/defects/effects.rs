//! Mistakes in what it leaves behind.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a defect differs from the spec in one transition and is the spec in all others"
)]

use super::{Defect, SPEC, effect, errored, errors, joined_upgraded, on, with_phase, with_version};
use zdu_model::spec::cluster::ClusterStatus::ReadyToRunUpgradeTasks as AllUpgraded;
use zdu_model::spec::cluster::Joined;
use zdu_model::spec::cluster::Mode;
use zdu_model::spec::node::Phase;
use zdu_model::spec::node::Version;
use zdu_model::spec::transition::Call;
use zdu_model::spec::transition::Transition;

/// Wrong effects.
pub(crate) const EFFECTS: &[Defect] = &[
    effect("an error takes the version back", 2, |c, t| match t {
        Transition::Break(id) => with_version(t.apply(c), id, Version::ORIGINAL),
        _ => t.apply(c),
    }),
    effect("a repair takes the version back", 1, |c, t| match t {
        Transition::Repair(id) => with_version(t.apply(c), id, Version::ORIGINAL),
        _ => t.apply(c),
    }),
    effect("a repair upgrades", 1, |c, t| match t {
        Transition::Repair(id) => with_version(t.apply(c), id, Version(1)),
        _ => t.apply(c),
    }),
    effect("a kill takes the version back", 1, |c, t| match t {
        Transition::Kill(id) => with_version(t.apply(c), id, Version::ORIGINAL),
        _ => t.apply(c),
    }),
    effect("a restart takes the version back", 1, |c, t| match t {
        Transition::Leave(id) => with_version(t.apply(c), id, Version::ORIGINAL),
        _ => t.apply(c),
    }),
    effect("a removed node loses its version", 2, |c, t| match t {
        Transition::Forget(id) => with_version(t.apply(c), id, Version::ORIGINAL),
        _ => t.apply(c),
    }),
    effect("approve puts the nodes that are down on the version too", 2, |c, t| {
        let mut next = t.apply(c);
        if let (Transition::Approve, Joined::One(version)) = (t, c.joined()) {
            for node in &mut next.nodes {
                node.version = version;
            }
        }
        next
    }),
    effect("cancel puts the nodes that are down back on the original", 2, |c, t| {
        let mut next = t.apply(c);
        if let (Transition::Cancel, Some(version)) = (t, c.origin) {
            for node in &mut next.nodes {
                node.version = version;
            }
        }
        next
    }),
    effect("an errored node that is stopped is removed at once", 2, |c, t| match t {
        Transition::Stop(id) if errored(c, id) => with_phase(t.apply(c), id, Phase::Absent),
        _ => t.apply(c),
    }),
    effect("an errored node that is killed is removed at once", 2, |c, t| match t {
        Transition::Kill(id) if errored(c, id) => with_phase(t.apply(c), id, Phase::Absent),
        _ => t.apply(c),
    }),
    effect("a node killed while it stops is in error", 2, |c, t| match t {
        Transition::Kill(id) if c.node(id).phase.listed() == Phase::TerminatingIn.listed() => {
            with_phase(t.apply(c), id, Phase::Error)
        }
        _ => t.apply(c),
    }),
    effect("a node killed while it starts is in error", 2, |c, t| match t {
        Transition::Kill(id) if c.node(id).phase.listed() == Phase::StartingIn.listed() => {
            with_phase(t.apply(c), id, Phase::Error)
        }
        _ => t.apply(c),
    }),
    effect("a rejected node is in error", 2, |c, t| match t {
        Transition::Reject(id) => with_phase(t.apply(c), id, Phase::Error),
        _ => t.apply(c),
    }),
    effect("one repair repairs all", 3, |c, t| {
        let mut next = t.apply(c);
        if let Transition::Repair(_) = t {
            for node in &mut next.nodes {
                if node.phase == Phase::Error {
                    node.phase = Phase::Active;
                }
            }
        }
        next
    }),
    effect("a second error heals the first", 3, |c, t| {
        let mut next = t.apply(c);
        if let Transition::Break(id) = t {
            for (index, node) in next.nodes.iter_mut().enumerate() {
                if node.phase == Phase::Error && index != id.index() {
                    node.phase = Phase::Active;
                }
            }
        }
        next
    }),
    effect("an outage of all nodes disables upgrade mode", 1, |c, t| {
        let mut next = t.apply(c);
        if next.nodes.iter().all(|node| node.phase.down()) {
            next.mode = Mode::Off;
            next.origin = None;
        }
        next
    }),
    effect("errors on all nodes disable upgrade mode", 1, |c, t| {
        let mut next = t.apply(c);
        if errors(&next) == next.nodes.len() {
            next.mode = Mode::Off;
            next.origin = None;
        }
        next
    }),
    effect("after an outage the first to join is the original", 1, |c, t| {
        let mut next = t.apply(c);
        if let Transition::Join(id) = t
            && on(c)
            && c.joined() == Joined::Nobody
        {
            next.origin = Some(c.node(id).version);
        }
        next
    }),
    effect("the original follows once all are upgraded", 1, |c, t| {
        let mut next = t.apply(c);
        if next.status() == AllUpgraded && joined_upgraded(&next) == next.nodes.len() {
            next.origin = Some(next.nodes[0].version);
        }
        next
    }),
    effect("an error disables upgrade mode", 2, |c, t| {
        let mut next = t.apply(c);
        if let Transition::Break(_) = t {
            next.mode = Mode::Off;
            next.origin = None;
        }
        next
    }),
    effect("start lists removed nodes again", 2, |c, t| {
        let mut next = t.apply(c);
        if t == Transition::Start {
            for node in &mut next.nodes {
                if node.phase == Phase::Absent {
                    node.phase = Phase::Offline;
                }
            }
        }
        next
    }),
    Defect {
        name: "a refused start with an error enables upgrade mode",
        nodes_min: 2,
        refused: |c, call| {
            let mut next = c.clone();
            if call == Call::Start && !on(c) {
                next.mode = Mode::On;
                next.origin = Some(Version::ORIGINAL);
            }
            next
        },
        ..SPEC
    },
    Defect {
        name: "a refused cancel while off enables upgrade mode",
        nodes_min: 1,
        refused: |c, call| {
            let mut next = c.clone();
            if call == Call::Cancel && !on(c) {
                next.mode = Mode::On;
                next.origin = Some(Version::ORIGINAL);
            }
            next
        },
        ..SPEC
    },
    Defect {
        name: "a refused approve removes who is OFFLINE",
        nodes_min: 2,
        refused: |c, call| {
            let mut next = c.clone();
            if call == Call::Approve {
                for node in &mut next.nodes {
                    if node.phase == Phase::Offline {
                        node.phase = Phase::Absent;
                    }
                }
            }
            next
        },
        ..SPEC
    },
    Defect {
        name: "a refused cancel removes who is OFFLINE",
        nodes_min: 2,
        refused: |c, call| {
            let mut next = c.clone();
            if call == Call::Cancel {
                for node in &mut next.nodes {
                    if node.phase == Phase::Offline {
                        node.phase = Phase::Absent;
                    }
                }
            }
            next
        },
        ..SPEC
    },
];
