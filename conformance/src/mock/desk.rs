//! Who answers, and what? One request to one address: which node takes it, its code and its body, and the lies of codes.
//!
//! Each answer is given under one lock, so that API calls are atomic: what a body shows is what the call found or made. The
//! exception is planted on purpose (API-12). Bodies come from the view, effects from the world.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{NodeId, Phase};
use zdu_model::spec::semantics::Answer;
use zdu_model::spec::transition::{Call, Transition};

use super::defect::WireDefect;
use super::view::View;
use super::world::World;

/// How long a call that does not lock looks away between its guard and its effect (API-12).
const RACE_WINDOW_MIN: Duration = Duration::from_millis(50);

/// What all addresses of a mock share.
#[derive(Debug)]
pub(super) struct Shared {
    world: Mutex<World>,
    /// Told whenever the next thing may be due earlier than before.
    pub(super) woken: Notify,
    /// Which nodes serve.
    pub(super) serving: watch::Sender<Vec<bool>>,
    /// The nodes' addresses, as the API lists them.
    pub(super) addresses: Vec<(String, u16)>,
}

impl Shared {
    pub(super) fn new(world: World, addresses: Vec<(String, u16)>) -> Self {
        let serving = watch::Sender::new(vec![true; world.cluster.nodes.len()]);
        Self { world: Mutex::new(world), woken: Notify::new(), serving, addresses }
    }

    /// Looks at, or changes, the hidden state as of now.
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let result = self.quietly(look);
        self.woken.notify_one();
        result
    }

    /// Lets everything happen that is due; gives the instant of the next thing.
    pub(super) fn advance(&self) -> Option<Instant> {
        // Whoever waits for that instant is the caller: waking it again would make it spin.
        self.quietly(|world| world.next_due())
    }

    fn quietly<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        // A handler that panicked while it held the lock has already failed its own request; the others go on.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(Instant::now());
        let result = look(&mut world);
        let nodes = world.cluster.nodes.iter();
        let serving: Vec<_> = nodes.map(|node| node.phase.serves()).collect();
        // Still under the lock, so that gates hear the news in the order in which it happened.
        self.serving.send_if_modified(|known| {
            let changed = *known != serving;
            *known = serving;
            changed
        });
        result
    }
}

/// Which address a request came in by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Via {
    /// The API's: the serving nodes take turns.
    Api,
    /// A node's own.
    Node(NodeId),
}

/// An address with everything behind it: what handlers get.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) shared: Arc<Shared>,
    pub(super) via: Via,
}

impl Desk {
    /// Answers through a serving node, or says that there is none.
    fn answer(&self, body: impl FnOnce(&mut World, NodeId) -> Response) -> Response {
        self.shared.with(|world| match answering(world, self.via) {
            Some(local) => body(world, local),
            None => failure(StatusCode::SERVICE_UNAVAILABLE, "no node serves here now"),
        })
    }

    /// Whether somebody would answer now.
    pub(super) fn open(&self) -> bool {
        self.shared.with(|world| serving(world, self.via).next().is_some())
    }

    pub(super) fn overview(&self) -> Response {
        self.answer(|world, local| {
            let shown = self.view(world, &world.cluster, local).overview();
            let answer = broken_overview(world, &shown);
            after_effects(world);
            answer.unwrap_or_else(|| Json(shown).into_response())
        })
    }

    pub(super) fn state(&self) -> Response {
        self.answer(|world, local| {
            Json(self.view(world, &world.cluster, local).state()).into_response()
        })
    }

    pub(super) fn node(&self, id: &str) -> Response {
        self.answer(|world, local| {
            let view = self.view(world, &world.cluster, local);
            match find(world, id) {
                Some(found) if listed(world, found) => Json(view.single(found)).into_response(),
                found => {
                    let lies = world.has(WireDefect::UnknownNode200)
                        || (found.is_some() && world.has(WireDefect::RemovedNode200));
                    if lies {
                        Json(view.ghost(id)).into_response()
                    } else if world.has(WireDefect::UnknownNode500) {
                        failure(StatusCode::INTERNAL_SERVER_ERROR, "unexpected error")
                    } else {
                        failure(
                            StatusCode::NOT_FOUND,
                            &format!("no node `{id}` is listed in the cluster"),
                        )
                    }
                }
            }
        })
    }

    pub(super) async fn call(&self, call: Call) -> Response {
        if !self.shared.with(|world| races(world, call)) {
            return self.answer(|world, local| self.decide(world, local, call));
        }
        let (seen, window) = self.shared.with(|world| {
            let allowed = call.transitions(world.options.profile)[0].enabled(&world.cluster);
            (allowed, world.options.delay.max(RACE_WINDOW_MIN))
        });
        if !seen {
            return self.answer(|world, local| self.decide(world, local, call));
        }
        tokio::time::sleep(window).await;
        self.answer(|world, local| {
            let before = world.cluster.clone();
            world.make(call);
            self.accepted(world, local, call, before)
        })
    }

    fn decide(&self, world: &mut World, local: NodeId, call: Call) -> Response {
        let before = world.cluster.clone();
        match world.call(call) {
            Answer::Success => self.accepted(world, local, call, before),
            Answer::Refused | Answer::Nobody => self.refused(world, local, call, &before),
        }
    }

    fn accepted(&self, world: &mut World, local: NodeId, call: Call, before: Cluster) -> Response {
        let shown = if answers_before(world, call) { &before } else { &world.cluster };
        let body = self.view(world, shown, local).overview();
        if call == Call::Start && world.has(WireDefect::StartHasNoEffect) {
            world.set(before);
        }
        if call == Call::Start && world.has(WireDefect::StartAnswersEmpty) {
            return StatusCode::OK.into_response();
        }
        let code = if world.has(WireDefect::AcceptedAnswers202) {
            StatusCode::ACCEPTED
        } else {
            StatusCode::OK
        };
        (code, Json(body)).into_response()
    }

    fn refused(&self, world: &World, local: NodeId, call: Call, before: &Cluster) -> Response {
        if world.has(WireDefect::RefusedAnswers200) {
            return Json(self.view(world, before, local).overview()).into_response();
        }
        let code = if world.has(WireDefect::RefusedAnswers400) {
            StatusCode::BAD_REQUEST
        } else if world.has(WireDefect::RefusedAnswers500) {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::CONFLICT
        };
        let reason = format!(
            "`{call}` is allowed in {}, and the cluster is {}",
            call.allowed_in(),
            before.status()
        );
        failure(code, &reason)
    }

    fn view<'a>(&'a self, world: &'a World, cluster: &'a Cluster, local: NodeId) -> View<'a> {
        View { world, cluster, local, addresses: &self.shared.addresses }
    }
}

/// An error as the API words it.
pub(super) fn failure(code: StatusCode, message: &str) -> Response {
    let reason = code.canonical_reason().unwrap_or_default();
    let body = json!({ "statusCode": code.as_u16(), "reason": reason, "message": message });
    (code, Json(body)).into_response()
}

/// The node with this id, listed or not.
pub(super) fn find(world: &World, id: &str) -> Option<NodeId> {
    let mut numbered = world.cluster.numbered();
    numbered.find(|(known, _)| known.to_string() == id).map(|(known, _)| known)
}

fn listed(world: &World, id: NodeId) -> bool {
    world.cluster.node(id).phase.listed().is_some()
}

/// The nodes that could answer there.
fn serving(world: &World, via: Via) -> impl Iterator<Item = NodeId> + '_ {
    let unserved = world.has(WireDefect::AnswersUnserved) && !world.cluster.served();
    world
        .cluster
        .numbered()
        .filter(move |(id, node)| match via {
            Via::Api => node.phase.serves() || (unserved && id.index() == 0),
            Via::Node(own) => *id == own && node.phase.serves(),
        })
        .map(|(id, _)| id)
}

fn answering(world: &mut World, via: Via) -> Option<NodeId> {
    let all: Vec<_> = serving(world, via).collect();
    let turn = world.handed_on;
    world.handed_on = turn.wrapping_add(1);
    (!all.is_empty()).then(|| all[turn % all.len()])
}

fn races(world: &World, call: Call) -> bool {
    match call {
        Call::Start => world.has(WireDefect::StartRaces),
        Call::Cancel => world.has(WireDefect::CancelRaces),
        Call::Approve => world.has(WireDefect::ApproveRaces),
        Call::Retry => false,
    }
}

fn answers_before(world: &World, call: Call) -> bool {
    match call {
        Call::Start => world.has(WireDefect::StartAnswersBefore),
        Call::Cancel => world.has(WireDefect::CancelAnswersBefore),
        Call::Approve => world.has(WireDefect::ApproveAnswersBefore),
        Call::Retry => false,
    }
}

fn broken_overview(world: &World, shown: &Value) -> Option<Response> {
    if world.has(WireDefect::HtmlWith200) {
        return Some(Html("<!DOCTYPE html><title>Confluence</title>").into_response());
    }
    if !world.has(WireDefect::TruncatedJson) {
        return None;
    }
    let mut text = shown.to_string();
    text.truncate(text.len() / 2);
    Some(([("content-type", "application/json")], text).into_response())
}

/// What a defective overview changes once it has been read (API-8).
fn after_effects(world: &mut World) {
    if world.has(WireDefect::ReadTurnsModeOff) && world.cluster.mode == Mode::On {
        world.force(Transition::Cancel);
    }
    if world.has(WireDefect::ReadRepairs) {
        let numbered = world.cluster.numbered();
        let errored: Vec<_> =
            numbered.filter(|(_, node)| node.phase == Phase::Error).map(|(id, _)| id).collect();
        for id in errored {
            world.force(Transition::Repair(id));
        }
    }
}
