//! How do tests and drivers move the mock's nodes? The control calls below `/_mock`, beside the API and open to all.
//!
//! Steps are only taken down here; when they take effect is the world's matter. What is shown by `GET /_mock/state` is
//! [`Snapshot`], the hidden state that no real endpoint shows.

use std::collections::BTreeMap;

use axum::Json;
use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Serialize;
use tokio::time::Instant;
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, Phase, Version};

use super::desk::{Desk, failure, find};
use super::lane::Operation;
use super::view::name;
use super::world::World;

/// The names of the steps, for the answer to an unknown one.
const STEPS: &str = "stop, kill, boot, break, repair, install?version=… and fail_tasks";

/// The hidden state at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Whether upgrade mode is on.
    pub mode: Mode,
    /// The recorded version, while there is one.
    pub origin: Option<String>,
    /// The status that the cluster shows.
    pub status: ClusterStatus,
    /// Whether upgrade tasks are pending.
    pub tasks_pending: bool,
    /// What all chance comes from.
    pub seed: u64,
    /// The planted defect's name.
    pub defect: Option<&'static str>,
    /// The nodes, the removed ones included.
    pub nodes: Vec<NodeSnapshot>,
    /// The model's state, for tests that compare with the model.
    #[serde(skip)]
    pub cluster: Cluster,
}

/// A node of the hidden state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeSnapshot {
    /// The id that the API lists.
    pub id: String,
    /// The name that the API lists.
    pub name: String,
    /// The phase, finer than what the API lists.
    pub phase: Phase,
    /// The installed version.
    pub version: String,
    /// The requests that have not taken effect yet, in order.
    pub pending: Vec<String>,
    /// Whether the node's current or next upgrade tasks will fail.
    pub fail_tasks: bool,
}

impl Snapshot {
    pub(super) fn of(world: &World) -> Self {
        let nodes = world.cluster.numbered().map(|(id, node)| NodeSnapshot {
            id: id.to_string(),
            name: name(id),
            phase: node.phase,
            version: world.version(node.version).to_owned(),
            pending: world.lane(id).queue().map(|step| word(world, step)).collect(),
            fail_tasks: world.lane(id).fail_tasks,
        });
        let origin = world.cluster.origin;
        Self {
            mode: world.cluster.mode,
            origin: origin.map(|version| world.version(version).to_owned()),
            status: world.status(),
            tasks_pending: world.cluster.tasks_pending,
            seed: world.options.seed,
            defect: world.options.defect.map(|defect| defect.name()),
            nodes: nodes.collect(),
            cluster: world.cluster.clone(),
        }
    }
}

fn word(world: &World, step: Operation) -> String {
    match step {
        Operation::Stop => "stop".to_owned(),
        Operation::Kill => "kill".to_owned(),
        Operation::Boot => "boot".to_owned(),
        Operation::Break => "break".to_owned(),
        Operation::Repair => "repair".to_owned(),
        Operation::Install(version) => format!("install {}", world.version(version)),
    }
}

/// The control calls, below a context path or none.
pub(super) fn routes(context: &str) -> Router<Desk> {
    Router::new()
        .route(&format!("{context}/_mock/state"), get(state))
        .route(&format!("{context}/_mock/reset"), post(reset))
        .route(&format!("{context}/_mock/nodes/{{id}}/{{step}}"), post(step))
}

async fn state(State(desk): State<Desk>) -> Response {
    let snapshot = desk.shared.with(|world| Snapshot::of(world));
    Json(snapshot).into_response()
}

async fn reset(State(desk): State<Desk>) -> StatusCode {
    desk.shared.with(|world| world.reset(Instant::now()));
    StatusCode::NO_CONTENT
}

async fn step(
    State(desk): State<Desk>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<BTreeMap<String, String>>, QueryRejection>,
) -> Response {
    let (Ok(Path((id, step))), Ok(Query(query))) = (path, query) else {
        return failure(StatusCode::BAD_REQUEST, "the address is not valid UTF-8");
    };
    let version = query.get("version").map(String::as_str);
    let taken = desk.shared.with(|world| request(world, &id, &step, version));
    match taken {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err((code, message)) => failure(code, &message),
    }
}

/// Takes a step down, or says why not.
fn request(
    world: &mut World,
    id: &str,
    step: &str,
    version: Option<&str>,
) -> Result<(), (StatusCode, String)> {
    let node = find(world, id).ok_or_else(|| {
        let last = NodeId::at(world.cluster.nodes.len() - 1);
        let message = format!("there is no node `{id}`; there are n1 to {last}");
        (StatusCode::NOT_FOUND, message)
    })?;
    let operation = match step {
        "stop" => Operation::Stop,
        "kill" => Operation::Kill,
        "boot" => Operation::Boot,
        "break" => Operation::Break,
        "repair" => Operation::Repair,
        "install" => Operation::Install(known_version(world, version)?),
        "fail_tasks" => {
            world.fail_tasks(node);
            return Ok(());
        }
        unknown => {
            let message = format!("there is no step `{unknown}`; there are {STEPS}");
            return Err((StatusCode::NOT_FOUND, message));
        }
    };
    world.request(node, operation, Instant::now());
    Ok(())
}

fn known_version(world: &World, given: Option<&str>) -> Result<Version, (StatusCode, String)> {
    let known = &world.options.versions;
    let found = known.iter().position(|version| Some(version.as_str()) == given);
    let place = found.and_then(|place| u8::try_from(place).ok());
    place.map(Version).ok_or_else(|| {
        let given = given.unwrap_or_default();
        let known = known.join(", ");
        let message = format!("there is no version `{given}`; there are {known}");
        (StatusCode::BAD_REQUEST, message)
    })
}
