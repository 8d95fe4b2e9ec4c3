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
    /// Somebody else did this.
    Asked(NodeId, Request),
    /// Somebody else sent this.
    Called(Call),
}

impl Excuse {
    /// Whether it is the driver's, so that nothing is said of the build.
    #[must_use]
    pub const fn is_drivers(self) -> bool {
        match self {
            Self::Idle(_) | Self::Instead(..) => true,
            Self::Asked(..) | Self::Called(_) => false,
        }
    }

    /// Whether both are about the same kind of step, whatever version is installed.
    #[must_use]
    pub fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Idle(one), Self::Idle(other)) => one.name() == other.name(),
            (one, other) => one == other,
        }
    }
}

/// The excuse for what was found in a run, if there is one: the driver's before somebody else's.
///
/// `fresh` is the judge as it was before it heard anything. With `driver` the driver's excuses are looked for, too: not for one that
/// is known to do what it says.
#[must_use]
pub fn excuse(fresh: &Judge, heard: &[Heard], driver: bool) -> Option<Excuse> {
    if heard.len() > EVENTS_MAX {
        return None;
    }
    let own = || drivers(heard).into_iter().find(|one| explains(fresh, heard, *one));
    driver.then(own).flatten().or_else(|| others(fresh, heard))
}

/// The driver's excuses that a run speaks against in which nothing was found: with them what was seen there is not explained, so
/// the driver does such steps.
#[must_use]
pub fn refuted(fresh: &Judge, heard: &[Heard]) -> Vec<Excuse> {
    if heard.len() > EVENTS_MAX {
        return Vec::new();
    }
    drivers(heard).into_iter().filter(|one| !explains(fresh, heard, *one)).collect()
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

/// What a driver may have done otherwise than it says, for each kind of step that was asked for.
fn drivers(heard: &[Heard]) -> Vec<Excuse> {
    let mut asked: Vec<Request> = Vec::new();
    for (_, _, event) in heard {
        if let Event::Requested(_, request) = event
            && !asked.iter().any(|known| known.name() == request.name())
        {
            asked.push(*request);
        }
    }
    let swapped = [(Request::Stop, Request::Kill), (Request::Kill, Request::Stop)];
    let half = swapped.into_iter().filter(|(wanted, _)| asked.contains(wanted));
    let half = half.map(|(wanted, instead)| Excuse::Instead(wanted, instead));
    asked.iter().map(|request| Excuse::Idle(*request)).chain(half).collect()
}

/// Whether nothing is found in a run if the driver did otherwise so.
fn explains(fresh: &Judge, heard: &[Heard], excuse: Excuse) -> bool {
    let otherwise = |(asked, now, event): &Heard| {
        let event = match (event, excuse) {
            (Event::Requested(_, request), Excuse::Idle(idle)) if request.name() == idle.name() => {
                return None;
            }
            (Event::Requested(id, request), Excuse::Instead(wanted, instead))
                if *request == wanted =>
            {
                Event::Requested(*id, instead)
            }
            (event, _) => event.clone(),
        };
        Some((*asked, *now, event))
    };
    clear(fresh, heard.iter().filter_map(otherwise))
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
