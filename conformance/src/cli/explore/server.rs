//! The model in the browser: one page and a small JSON API on loopback. It holds no state: each request names the whole
//! path, so that undo is a shorter path, and an address can be sent to a colleague.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use zdu_model::spec::semantics::System;
use zdu_model::spec::transition::Transition;
use zdu_model::traces::scenario;

use super::load::{self, Loaded};
use super::session::Session;
use super::walk::STEPS_MAX;
use crate::cli::{Ended, Failure, runtime};
use crate::exit::Exit;
use zdu_model::spec::mutants::Mutants;

/// How many bytes may be loaded.
const BODY_MAX: usize = 64 << 20;

const PAGE: &str = include_str!("page.html");

/// What is explored.
struct Model {
    system: System<Mutants>,
    /// The path to begin with, and what is to be seen there.
    begin: Vec<Transition>,
    note: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    /// Transitions by name, separated by `;`.
    #[serde(default)]
    path: String,
    /// What is looked out for.
    #[serde(default)]
    mark: String,
    /// Where to go.
    #[serde(default)]
    to: String,
    /// How many steps to walk at random, and from which seed.
    steps: Option<usize>,
    seed: Option<u64>,
}

/// A path that cannot be walked: 400 with the reason.
struct Bad(String);

impl IntoResponse for Bad {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self.0 }))).into_response()
    }
}

type Answer = Result<Json<Value>, Bad>;

pub(super) fn run(listen: SocketAddr, session: &Session, flags: &str) -> Ended {
    let model = Arc::new(Model {
        system: session.system,
        begin: session.path().to_vec(),
        note: session.note.as_ref().map(|(_, note)| note.clone()),
    });
    let router = Router::new()
        .route("/", get(page))
        .route("/api/model", get(model_json))
        .route("/api/state", get(state))
        .route("/api/back", get(back))
        .route("/api/go", get(go))
        .route("/api/walk", get(walk))
        .route("/api/trace", get(trace))
        .route("/api/load", post(loaded))
        // A report holds what went over the wire.
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(model);
    let runtime = runtime()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(|error| {
                Failure::usage(format!(
                    "cannot listen on {listen}: {error}; take a free port: zdu explore{flags} --listen 127.0.0.1:0"
                ))
            })?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::usage(format!("cannot listen on {listen}: {error}")))?;
        println!("open http://{address}/ in a browser; Ctrl-C ends it");
        let stop = async {
            // Without a signal handler there is only the default, which ends the process as well.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        axum::serve(listener, router)
            .with_graceful_shutdown(stop)
            .await
            .map_err(|error| Failure::usage(format!("the page cannot be served: {error}")))
    })?;
    Ok(Exit::Fine)
}

async fn page() -> Response {
    // Everything is in the page; nothing may be fetched from elsewhere.
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE)).into_response()
}

async fn model_json(State(model): State<Arc<Model>>) -> Json<Value> {
    let scope = model.system.scope;
    let nodes = u8::try_from(scope.nodes).unwrap_or(u8::MAX);
    let scenarios: Vec<Value> = scenario::all()
        .filter(|scenario| {
            scenario.versions == scope.versions && scenario.trace_in(scope.profile, nodes).is_some()
        })
        .map(|scenario| json!({ "name": scenario.name, "why": scenario.why }))
        .collect();
    let planted = model.system.semantics.to_string();
    let mutant = (!planted.is_empty()).then_some(planted);
    Json(json!({
        "profile": scope.profile.name(),
        "nodes": scope.nodes,
        "versions": scope.versions,
        "mutant": mutant,
        "scenarios": scenarios,
        "begin": names(&model.begin),
        "note": model.note,
    }))
}

fn names(path: &[Transition]) -> Vec<String> {
    path.iter().map(ToString::to_string).collect()
}

fn session(model: &Model, asked: &Asked) -> Result<Session, Bad> {
    let path = (asked.path.split(';').map(str::trim))
        .filter(|name| !name.is_empty())
        .map(|name| {
            load::named(&model.system, name)
                .ok_or_else(|| Bad(format!("`{name}` is no transition of this cluster")))
        })
        .collect::<Result<_, _>>()?;
    let mut session = Session::new(model.system, Loaded { path, note: None }).map_err(Bad)?;
    session.mark(&asked.mark).map_err(Bad)?;
    Ok(session)
}

/// The shortest way to where an expression holds.
async fn go(State(model): State<Arc<Model>>, Query(asked): Query<Asked>) -> Answer {
    let mut session = session(&model, &asked)?;
    session.go(&asked.to).map_err(Bad)?;
    Ok(Json(json!({ "path": names(session.path()) })))
}

/// A walk at random, until an expression holds where one is given.
async fn walk(State(model): State<Arc<Model>>, Query(asked): Query<Asked>) -> Answer {
    let mut session = session(&model, &asked)?;
    let to = (!asked.to.trim().is_empty()).then(|| session.expression(&asked.to)).transpose();
    let to = to.map_err(Bad)?;
    let seed = asked.seed.unwrap_or_else(|| fastrand::u64(..));
    session.walk(asked.steps.unwrap_or(STEPS_MAX), seed, to.as_ref()).map_err(Bad)?;
    Ok(Json(json!({ "path": names(session.path()), "seed": seed })))
}

/// The path as a trace.
async fn trace(State(model): State<Arc<Model>>, Query(asked): Query<Asked>) -> Result<String, Bad> {
    let walked = session(&model, &asked)?.trace("saved").map_err(Bad)?;
    Ok(walked.trace.to_json())
}

async fn state(State(model): State<Arc<Model>>, Query(asked): Query<Asked>) -> Answer {
    Ok(Json(session(&model, &asked)?.json()))
}

async fn back(State(model): State<Arc<Model>>, Query(asked): Query<Asked>) -> Answer {
    let way = session(&model, &asked)?.way_back().map_err(Bad)?;
    Ok(Json(json!({ "path": names(&way) })))
}

/// A scenario's name, a trace, a report or a recording, the result of a check, or transitions by name.
async fn loaded(State(model): State<Arc<Model>>, body: String) -> Answer {
    let found = load::path(&model.system, &body, load::Part::default()).map_err(Bad)?;
    // Counterexamples of a mutant cannot be walked in the spec; better said here than by an empty page.
    let session = Session::new(model.system, found).map_err(Bad)?;
    let note = session.note.as_ref().map(|(_, note)| note);
    Ok(Json(json!({ "path": names(session.path()), "note": note })))
}
