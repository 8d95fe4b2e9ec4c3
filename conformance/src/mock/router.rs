//! Which path leads to which handler? Both layouts of the API (spec, section 1), below the context path, and the control calls.
//!
//! Whatever a client sends gets a clear 4xx: an unknown path 404, a wrong method 405, a body that is not JSON 400, one that
//! is too large 413.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde::de::IgnoredAny;
use zdu_model::spec::transition::Call;

use super::auth::admit;
use super::control;
use super::desk::{Desk, failure};
use super::options::Options;
use crate::layout::Layout;

/// The largest body in bytes: the API's own are empty.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The service of one address.
pub(super) fn router(options: &Options, desk: &Desk) -> Router {
    let mut api = Router::new();
    for layout in options.layouts.list() {
        api = api.merge(layout_routes(*layout, options));
    }
    let api = api
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state((desk.clone(), Arc::new(options.clone())), admit));
    let mut control = control::routes("");
    if !options.context.is_empty() {
        control = control.merge(control::routes(&options.context));
    }
    control
        .method_not_allowed_fallback(wrong_method)
        .merge(api)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(desk.clone())
}

fn layout_routes(layout: Layout, options: &Options) -> Router<Desk> {
    let at = |path: &str| format!("{}{path}", options.context);
    let mut routes = Router::new()
        .route(&at(layout.overview()), get(overview))
        .route(&at(&layout.state()), get(state))
        .route(&at(&format!("{}/nodes/{{id}}", layout.prefix())), get(node));
    // The page writes the overview with a slash at its end, and also works without.
    if let Some(bare) = layout.overview().strip_suffix('/') {
        routes = routes.route(&at(bare), get(overview));
    }
    for call in Call::of(options.profile) {
        let handler = move |desk, body| make(desk, body, *call);
        routes = routes.route(&at(&layout.call(*call)), post(handler));
    }
    routes
}

async fn overview(State(desk): State<Desk>) -> Response {
    desk.overview()
}

async fn state(State(desk): State<Desk>) -> Response {
    desk.state()
}

async fn node(State(desk): State<Desk>, id: Result<Path<String>, PathRejection>) -> Response {
    match id {
        Ok(Path(id)) => desk.node(&id),
        Err(_) => failure(StatusCode::BAD_REQUEST, "the node's id is not valid UTF-8"),
    }
}

async fn make(
    State(desk): State<Desk>,
    body: Result<Bytes, BytesRejection>,
    call: Call,
) -> Response {
    match body {
        Err(error) => failure(error.status(), "the body cannot be read or is too large"),
        Ok(body) if !empty_or_json(&body) => {
            failure(StatusCode::BAD_REQUEST, "the body is neither empty nor JSON")
        }
        Ok(_) => desk.call(call).await,
    }
}

fn empty_or_json(body: &[u8]) -> bool {
    body.trim_ascii().is_empty() || serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

async fn unknown_path() -> Response {
    failure(StatusCode::NOT_FOUND, "there is nothing at this path")
}

async fn wrong_method() -> Response {
    failure(StatusCode::METHOD_NOT_ALLOWED, "this path answers another method")
}
