//! Would everything that was seen be explained if a driver had done nothing, or something else, or if somebody else had driven
//! the cluster too? Asked of a run in which something was found, by judging it again with that one thing otherwise.
//!
//! It is an explanation, not a proof: a build that ignores what it is told looks the same from outside. So an excuse holds only if
//! with it nothing at all is found, in the whole run.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::event::{Event, Micros, Reply};
use super::seen::Request;
use super::trial::{Judge, Want};
use crate::spec::node::NodeId;
use crate::spec::transition::Call;

/// How many answers before the one that showed something a step of somebody else's is looked for.
const BEFORE: usize = 12;

/// How many events are judged again at most: a longer run has no excuse.
pub const EVENTS_MAX: usize = 4_000;

/// Something that a judge heard: when it began, when it was over, and what.
pub type Heard = (Micros, Micros, Event);

/// One thing that explains everything which the run without it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excuse {
    /// The driver says that it did this, and nothing happened, each time.
    Idle(Request),
    /// Asked for the first, it did the second, each time.
    Instead(Request, Request),
    /// The driver says that it did this on this node, and nothing happened, each time.
    Missed(Request, NodeId),
    /// It did this on this node alone, each time.
    Only(Request, NodeId),
    /// It did it on another node.
    Elsewhere(Detour),
    /// Somebody else did this.
    Asked(NodeId, Request),
    /// Somebody else sent this.
    Called(Call),
}

/// A step that was done on another node than it was asked for on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Detour {
    /// The step.
    pub request: Request,
    /// Where it was asked for.
    pub asked: NodeId,
    /// Where it was done.
    pub done: NodeId,
    /// What else went the same way.
    pub extent: Extent,
}

/// How much of what was asked for is done on another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// This step, asked for on this node.
    Step,
    /// Whatever is asked for on this node.
    Node,
    /// This step, on whichever node it is asked for.
    EveryNode,
    /// Whatever is asked for on either node, each being taken for the other.
    Exchanged,
}

impl Detour {
    /// On which node a step is done.
    fn leads(self, id: NodeId, request: Request) -> NodeId {
        let (here, like) = (id == self.asked, request.name() == self.request.name());
        let moved = match self.extent {
            Extent::Step => here && like,
            Extent::Node => here,
            Extent::EveryNode => like,
            Extent::Exchanged if id == self.done => return self.asked,
            Extent::Exchanged => here,
        };
        if moved { self.done } else { id }
    }
}

impl Excuse {
    /// Whether it is the driver's, so that nothing is said of the build.
    #[must_use]
    pub const fn is_drivers(self) -> bool {
        self.untrue().is_some()
    }

    /// The step that the driver said it did, and on which node alone, where others are none of it.
    #[must_use]
    pub const fn untrue(self) -> Option<(Request, Option<NodeId>)> {
        match self {
            Self::Idle(request) | Self::Instead(request, _) | Self::Only(request, _) => {
                Some((request, None))
            }
            Self::Missed(request, id) => Some((request, Some(id))),
            Self::Elsewhere(detour) => Some((detour.request, Some(detour.asked))),
            Self::Asked(..) | Self::Called(_) => None,
        }
    }

    /// Whether the other does not hold where this one is refuted: a step that was not missed was done, and where it was asked for.
    #[must_use]
    pub fn refutes(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Missed(step, id),
                Self::Idle(_) | Self::Missed(..) | Self::Only(..) | Self::Elsewhere(_),
            ) => other.done(id, step) != Some((id, step)),
            (Self::Idle(one), Self::Idle(other)) => one.name() == other.name(),
            (one, other) => one == other,
        }
    }

    /// What the driver did that was asked for this, and on which node, if anything.
    #[must_use]
    pub fn done(self, id: NodeId, request: Request) -> Option<(NodeId, Request)> {
        match self {
            Self::Idle(idle) if request.name() == idle.name() => None,
            Self::Missed(missed, at) if request.name() == missed.name() && id == at => None,
            Self::Only(only, at) if request.name() == only.name() && id != at => None,
            Self::Instead(wanted, instead) if request == wanted => Some((id, instead)),
            Self::Elsewhere(detour) => Some((detour.leads(id, request), request)),
            Self::Idle(_)
            | Self::Missed(..)
            | Self::Only(..)
            | Self::Instead(..)
            | Self::Asked(..)
            | Self::Called(_) => Some((id, request)),
        }
    }
}

/// The excuses for what was found in a run, the likeliest first: the driver's, and where there is none somebody else's.
///
/// `fresh` is the judge as it was before it heard anything. With `driver` the driver's excuses are looked for, too: not for one that
/// is known to do what it says.
#[must_use]
pub fn excuses(fresh: &Judge, heard: &[Heard], driver: bool) -> Vec<Excuse> {
    if heard.len() > EVENTS_MAX {
        return Vec::new();
    }
    let mut own = Vec::new();
    if driver {
        let asked = asked(heard);
        own.extend(drivers(&asked).into_iter().filter(|one| explains(fresh, heard, *one)));
        if own.is_empty() {
            own.extend(elsewhere(fresh, heard, &asked));
        }
    }
    if own.is_empty() { others(fresh, heard).into_iter().collect() } else { own }
}

/// The driver's excuses that a run speaks against in which nothing was found: with them what was seen there is not explained, so
/// the driver does such steps, and where it was asked to.
#[must_use]
pub fn refuted(fresh: &Judge, heard: &[Heard]) -> Vec<Excuse> {
    if heard.len() > EVENTS_MAX {
        return Vec::new();
    }
    drivers(&asked(heard)).into_iter().filter(|one| !explains(fresh, heard, *one)).collect()
}

fn clear(fresh: &Judge, events: impl Iterator<Item = Heard>) -> bool {
    let mut judge = fresh.clone();
    for (asked, now, event) in events {
        judge.hear(asked, now, event);
        if !judge.findings().is_empty() {
            return false;
        }
    }
    true
}

/// Each kind of step with each node that it was asked for on, the first first.
fn asked(heard: &[Heard]) -> Vec<(NodeId, Request)> {
    let mut asked: Vec<(NodeId, Request)> = Vec::new();
    for (_, _, event) in heard {
        if let Event::Requested(id, request) = event
            && !asked.iter().any(|(at, known)| at == id && known.name() == request.name())
        {
            asked.push((*id, *request));
        }
    }
    asked
}

/// What a driver may have done otherwise than it says, on the node that it was asked for, or nowhere.
fn drivers(asked: &[(NodeId, Request)]) -> Vec<Excuse> {
    let mut kinds: Vec<Request> = Vec::new();
    for (_, request) in asked {
        if !kinds.iter().any(|known| known.name() == request.name()) {
            kinds.push(*request);
        }
    }
    let swapped = [(Request::Stop, Request::Kill), (Request::Kill, Request::Stop)];
    let half = swapped.into_iter().filter(|(wanted, _)| kinds.contains(wanted));
    let half = half.map(|(wanted, instead)| Excuse::Instead(wanted, instead));
    let missed = asked.iter().map(|(id, request)| Excuse::Missed(*request, *id));
    let only = asked.iter().map(|(id, request)| Excuse::Only(*request, *id));
    let idle = kinds.iter().map(|request| Excuse::Idle(*request));
    idle.chain(half).chain(missed).chain(only).collect()
}

/// Whether nothing is found in a run if the driver did otherwise so.
fn explains(fresh: &Judge, heard: &[Heard], excuse: Excuse) -> bool {
    clear(fresh, otherwise(heard, |id, request| excuse.done(id, request)))
}

/// A run in which this was done where something was asked for.
fn otherwise<'a>(
    heard: &'a [Heard],
    done: impl Fn(NodeId, Request) -> Option<(NodeId, Request)> + 'a,
) -> impl Iterator<Item = Heard> + 'a {
    heard.iter().filter_map(move |(asked, now, event)| {
        let event = if let Event::Requested(id, request) = event {
            let (id, request) = done(*id, *request)?;
            Event::Requested(id, request)
        } else {
            event.clone()
        };
        Some((*asked, *now, event))
    })
}

/// The detour that explains a run, if one does. That nothing was done must not explain it as well: then no other node shows anything.
fn elsewhere(fresh: &Judge, heard: &[Heard], asked: &[(NodeId, Request)]) -> Option<Excuse> {
    const EXTENTS: [Extent; 4] = [Extent::Step, Extent::Node, Extent::EveryNode, Extent::Exchanged];
    let nodes: Vec<NodeId> = fresh.belief().scope().node_ids().collect();
    let detours = asked.iter().flat_map(|(at, request)| {
        let others = nodes.iter().filter(move |done| *done != at);
        others.flat_map(move |done| {
            let (request, asked, done) = (*request, *at, *done);
            EXTENTS.map(|extent| Detour { request, asked, done, extent })
        })
    });
    let mut shown = detours.filter(|detour| {
        let nothing = |id, request| (detour.leads(id, request) == id).then_some((id, request));
        explains(fresh, heard, Excuse::Elsewhere(*detour))
            && !clear(fresh, otherwise(heard, nothing))
    });
    shown.next().map(Excuse::Elsewhere)
}

fn others(fresh: &Judge, heard: &[Heard]) -> Option<Excuse> {
    let mut judge = fresh.clone();
    let shown = heard.iter().position(|(asked, now, event)| {
        judge.hear(*asked, *now, event.clone());
        !judge.findings().is_empty()
    })?;
    let scope = fresh.belief().scope();
    let reply = Reply { code: Ok(200), body: None };
    let calls = Call::of(scope.profile).iter();
    let calls = calls.map(|call| (Excuse::Called(*call), Event::Called(*call, reply.clone())));
    let nodes: BTreeSet<NodeId> = scope.node_ids().collect();
    let requests = [Request::Stop, Request::Kill, Request::Boot, Request::Break, Request::Repair];
    let requests = nodes.iter().flat_map(|id| {
        requests.map(|request| (Excuse::Asked(*id, request), Event::Requested(*id, request)))
    });
    let begun = heard.iter().position(|(_, _, event)| matches!(event, Event::Begin(_)))?;
    for (excuse, event) in calls.chain(requests) {
        for place in (shown.saturating_sub(BEFORE).max(begun + 1)..=shown).rev() {
            if rests_with(fresh, heard, place, &event) {
                return Some(excuse);
            }
        }
    }
    None
}

/// Whether nothing is found in a run if this came in before the event at `place`, and the cluster came to rest wherever the run
/// went on. What is explained by a change that never shows is explained by anything.
fn rests_with(fresh: &Judge, heard: &[Heard], place: usize, event: &Event) -> bool {
    let mut judge = fresh.clone();
    for (index, (asked, now, next)) in heard.iter().enumerate() {
        if index == place {
            judge.hear(*asked, *asked, event.clone());
        }
        let goes_on = matches!(next, Event::Requested(..) | Event::Called(..) | Event::Raced(..));
        if index >= place && goes_on && judge.wants() != Want::Nothing {
            return false;
        }
        judge.hear(*asked, *now, next.clone());
        if !judge.findings().is_empty() {
            return false;
        }
    }
    judge.wants() == Want::Nothing
}
