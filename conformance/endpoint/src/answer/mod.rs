//! How is a request answered (spec section 1)?
//!
//! In this order: somebody must serve, the caller must be known, the path and the headers must be right; then the
//! cluster is asked. POSTs are the matter of `posts`, what bodies hold that of `view`, the lies of bodies that of `bodies`.

pub(crate) mod auth;
pub(crate) mod bodies;
mod control;
pub(crate) mod json;
pub(crate) mod posts;
pub(crate) mod view;

use crate::cluster::calls::Call;
use crate::cluster::{Cluster, Phase, Status};
use crate::defect::Defect as D;
use crate::endpoint::Endpoint;
use crate::exchange::{Answer, Port, Request, decode};
use crate::freedom::Freedom;
use crate::names::Names;
use crate::options::{Layouts, Options, Profile};

use crate::contest::Race;
use bodies::Kind;
use json::Json;
use view::loosen;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Overview,
    State,
    /// The id as it stands in the path, decoded; nothing when it is no text.
    Node(Option<String>),
    Post(Call),
    /// A page that anybody may see, below which the node stands that shows it.
    Page,
}

fn tail(path: &str, layouts: Layouts) -> Option<&str> {
    let documented = || path.strip_prefix("/rest/zdu/cluster/zdu");
    let product = || {
        let rest = path.strip_prefix("/rest/zdu")?;
        match rest.strip_prefix("/cluster") {
            Some(overview) => (overview.is_empty() || overview == "/").then_some(""),
            None => (rest.len() > 1).then_some(rest),
        }
    };
    match layouts {
        Layouts::Documented => documented(),
        Layouts::Product => product(),
        Layouts::Both => documented().or_else(product),
    }
}

/// Where a request to the API goes; nothing for an unknown path.
pub(crate) fn route(options: &Options, request: &Request) -> Option<Route> {
    let path = request.bare_path().strip_prefix(options.context.as_str())?;
    if matches!(path, "/login.action" | "/index.action") {
        return Some(Route::Page);
    }
    let route = match tail(path, options.layouts)? {
        "" | "/" => Route::Overview,
        "/state" => Route::State,
        "/start" => Route::Post(Call::Start),
        "/cancel" => Route::Post(Call::Cancel),
        "/approve" => Route::Post(Call::Approve),
        "/retryUpgrade" if options.profile == Profile::Finalization => Route::Post(Call::Retry),
        other => Route::Node(decode(other.strip_prefix("/nodes/")?)),
    };
    Some(route)
}

/// Whether it is a control call, which is answered whether the API is or not.
pub(crate) fn controls(options: &Options, request: &Request) -> bool {
    control::tail(&options.context, request.bare_path()).is_some()
}

/// Handles one request; nothing when the connection is closed instead.
pub(crate) fn handle(
    endpoint: &mut Endpoint,
    port: Port,
    request: &Request,
    race: Option<Race>,
) -> Option<Answer> {
    if let Some(tail) = control::tail(&endpoint.options().context, request.bare_path()) {
        return Some(control::answer(endpoint, request, tail));
    }
    let route = route(endpoint.options(), request);
    let Some(answering) = endpoint.answering(port, matches!(route, Some(Route::Post(_)))) else {
        return unserved(endpoint, port);
    };
    if let Some(refusal) = auth::refusal(endpoint.options(), request, route.as_ref()) {
        posts::refused(endpoint, request, route.as_ref(), refusal.code);
        return Some(refusal);
    }
    let Some(route) = route else {
        return Some(Answer::failure(404, "there is nothing at this path"));
    };
    if let Some(refusal) = auth::malformed(endpoint.options(), request, &route) {
        return Some(refusal);
    }
    posts::wrong_method(endpoint, request, &route);
    Some(match (route, request.method.as_str()) {
        (Route::Post(call), "POST") => posts::answer(endpoint, answering, call, race),
        (Route::Overview, "GET") => overview(endpoint, answering),
        (Route::State, "GET") => state(endpoint, answering),
        (Route::Node(Some(id)), "GET") => node(endpoint, answering, &id),
        (Route::Node(None), "GET") => Answer::failure(400, "the node's id is not valid UTF-8"),
        (Route::Page, "GET") => login(endpoint, answering),
        (Route::Post(_) | Route::Overview | Route::State | Route::Node(_) | Route::Page, _) => {
            Answer::failure(405, "this path answers another method")
        }
    })
}

/// The page to sign in, which the first page is to whoever has not, and which says at its foot who shows it: clients learn from it which node they were led to.
fn login(endpoint: &mut Endpoint, answering: usize) -> Answer {
    let view = endpoint.view(answering);
    let version = &view.names.versions[view.cluster.nodes[answering].version];
    let id = &view.names.nodes[answering].id;
    let mut answer = Answer::html(200, "Log In - Confluence");
    let foot = format!("<p>Powered by Atlassian Confluence {version} (node: {id})</p>\n</body>");
    answer.body = answer.body.replace("</body>", &foot);
    answer
}

/// What happens to a request while nobody serves at its port.
fn unserved(endpoint: &mut Endpoint, port: Port) -> Option<Answer> {
    let options = [
        Freedom::Unserved503,
        Freedom::Unserved502,
        Freedom::UnservedDrop,
        Freedom::UnservedRefuse,
    ];
    let (freedoms, random) = endpoint.chance();
    let picked = match port {
        Port::Api => freedoms.pick(&options, random),
        // Its address is closed by then; only a connection that was open before comes here.
        Port::Node(_) => Freedom::Unserved503,
    };
    if matches!(picked, Freedom::UnservedDrop | Freedom::UnservedRefuse) {
        return None;
    }
    let mut answer = if picked == Freedom::Unserved502 {
        Answer::html(502, "Bad Gateway")
    } else if freedoms.has(Freedom::Unserved503) {
        Answer::html(503, "Service Unavailable")
    } else {
        Answer::failure(503, "no node serves here now")
    };
    // So that a client which keeps connections open finds the closed address next time.
    answer.close = true;
    Some(answer)
}

/// A Cluster as it is shown, with this status.
pub(crate) fn cluster_json(
    endpoint: &mut Endpoint,
    shown: &Cluster,
    status: Status,
    answering: usize,
    kind: Kind,
) -> String {
    let mut view = endpoint.view(answering);
    view.cluster = shown;
    view.status = status;
    let names = view.names;
    let mut entries = view.entries();
    bodies::bend_entries(shown, names, kind, answering, &mut entries);
    let mut json = view.cluster(entries);
    bodies::bend_cluster(shown, names, kind, answering, &mut json);
    written(endpoint, json)
}

/// Ends the writing of a body.
fn written(endpoint: &mut Endpoint, mut json: Json) -> String {
    let (freedoms, random) = endpoint.chance();
    loosen(&mut json, freedoms, random);
    json.to_string()
}

fn overview(endpoint: &mut Endpoint, answering: usize) -> Answer {
    endpoint.look(answering);
    let shown = endpoint.cluster().clone();
    let status = endpoint.torn_status();
    let body = cluster_json(endpoint, &shown, status, answering, Kind::Overview);
    let mut answer = Answer::json(200, body);
    bodies::bend_answer(&shown, Kind::Overview, &mut answer);
    effects_of_an_overview(endpoint);
    answer
}

/// What a defective overview changes once it has been read (API-8).
fn effects_of_an_overview(endpoint: &mut Endpoint) {
    let cluster = endpoint.cluster_mut();
    cluster.memory.reads += 1;
    let on = cluster.mode;
    let tenth = cluster.memory.reads.is_multiple_of(10);
    if on
        && (cluster.has(D::ReadTurnsModeOff)
            || (cluster.has(D::TenthOverviewTurnsModeOff) && tenth))
    {
        cluster.switch_mode(false, None);
        cluster.after_change();
    }
    if on && cluster.has(D::OverviewMovesOrigin) {
        cluster.origin = Some(cluster.versions - 1);
    }
    if cluster.has(D::ReadRepairs) && cluster.any(Phase::Error) {
        for index in 0..cluster.nodes.len() {
            if cluster.nodes[index].phase == Phase::Error {
                cluster.set_phase(index, Phase::Active);
            }
        }
        cluster.after_change();
    }
    if tenth && cluster.has(D::IdsChangeByThemselves) {
        endpoint.rename_first();
    }
}

fn state(endpoint: &mut Endpoint, mut answering: usize) -> Answer {
    let cluster = endpoint.cluster();
    let at = |phase: Phase| cluster.nodes.iter().position(|node| node.phase == phase);
    let offline = at(Phase::Offline);
    if cluster.has(D::BuildInfoOfDownNode) {
        answering = offline.unwrap_or(answering);
    }
    if cluster.has(D::BuildInfoOfErroredNode) {
        answering = at(Phase::Error).unwrap_or(answering);
    }
    let mut view = endpoint.view(answering);
    let (cluster, names) = (view.cluster, view.names);
    let mut json = view.state();
    if let (Some(defect), Some(info)) = (cluster.defect, json.field("buildInfo")) {
        bodies::bend_node(cluster, names, answering, info, defect);
    }
    bodies::bend_state(cluster, names, &mut json);
    let body = written(endpoint, json);
    let mut answer = Answer::json(200, body);
    bodies::bend_answer(endpoint.cluster(), Kind::State, &mut answer);
    let cluster = endpoint.cluster_mut();
    if let (true, Some(index)) = (cluster.has(D::StateReadRemovesOffline), offline) {
        cluster.set_phase(index, Phase::Absent);
        cluster.after_change();
    }
    answer
}

/// Whether a defect hides a listed node from its own call.
fn hidden(cluster: &Cluster, names: &Names, index: usize) -> bool {
    let last = index + 1 == cluster.nodes.len();
    let phase = cluster.nodes[index].phase;
    match cluster.defect {
        Some(D::ListedNodeAnswers404) => last,
        Some(D::OfflineNodeAnswers404) => phase == Phase::Offline,
        Some(D::ErroredNodeAnswers404) => phase == Phase::Error,
        Some(D::NewIdAnswers404) => names.renamed(index),
        Some(D::ReconnectedNodeAnswers404) => cluster.memory.removed && last,
        Some(_) | None => false,
    }
}

fn not_listed(id: &str) -> Answer {
    Answer::failure(404, &format!("no node `{id}` is listed in the cluster"))
}

fn node(endpoint: &mut Endpoint, answering: usize, id: &str) -> Answer {
    let names = endpoint.names();
    let cluster = endpoint.cluster();
    let old = names.ghost(id).filter(|_| cluster.has(D::GhostAnswersNode)).map(|ghost| ghost.node);
    let known = names.index(id).or(old);
    let listed = known.filter(|index| cluster.nodes[*index].phase != Phase::Absent);
    let Some(asked) = listed else {
        return ghost(endpoint, answering, id)
            .unwrap_or_else(|| unlisted(endpoint, answering, id, known));
    };
    if hidden(cluster, names, asked) {
        return not_listed(id);
    }
    let phase = cluster.nodes[asked].phase;
    let mut index = asked;
    if cluster.has(D::NodeViewOfAnother) {
        let next = (asked + 1) % cluster.nodes.len();
        index = if cluster.nodes[next].phase == Phase::Absent { asked } else { next };
    }
    let mut view = endpoint.view(answering);
    let (cluster, names) = (view.cluster, view.names);
    let mut json = view.node(index, true);
    if let Some(defect) = cluster.defect {
        bodies::bend_node(cluster, names, index, &mut json, defect);
    }
    bodies::bend_node_view(cluster, names, index, &mut json);
    let body = written(endpoint, json);
    let mut answer = Answer::json(200, body);
    bodies::bend_answer(endpoint.cluster(), Kind::Node(asked), &mut answer);
    let cluster = endpoint.cluster_mut();
    if cluster.has(D::NodeReadRepairs) && phase == Phase::Error {
        cluster.set_phase(asked, Phase::Active);
        cluster.after_change();
    }
    if cluster.has(D::NodeReadBoots) && phase == Phase::Offline {
        cluster.set_phase(asked, Phase::StartingOut);
        cluster.after_change();
    }
    answer
}

/// The answer for an id that a node has left behind.
fn ghost(endpoint: &mut Endpoint, answering: usize, id: &str) -> Option<Answer> {
    let ghost = endpoint.names().ghost(id)?.clone();
    let (freedoms, random) = endpoint.chance();
    if freedoms.now(Freedom::GhostsAnswer404, random) {
        return Some(not_listed(id));
    }
    let mut view = endpoint.view(answering);
    let mut json = view.ghost(&ghost);
    bodies::bend_ghost(view.cluster, &mut json);
    Some(Answer::json(200, written(endpoint, json)))
}

/// The answer for an id that is not listed; `known` is the index of a node that was removed.
fn unlisted(endpoint: &mut Endpoint, answering: usize, id: &str, known: Option<usize>) -> Answer {
    match (endpoint.options().defect, known) {
        (Some(D::UnknownNode200), None) => {
            let json = endpoint.view(answering).node(answering, true);
            Answer::json(200, json.to_string())
        }
        (Some(D::UnknownNode500), None) => Answer::failure(500, "unexpected error"),
        (Some(D::UnknownNodeAnswers204), None) => Answer::empty(204),
        (Some(D::RemovedNode200), Some(index)) => {
            let mut json = endpoint.view(answering).node(index, true);
            json.replace("state", Json::word("OFFLINE"));
            Answer::json(200, json.to_string())
        }
        (Some(D::RemovedNodeAnswers400), Some(_)) => Answer::failure(400, "bad request"),
        (Some(D::UnknownNodeReadTurnsModeOff), _) if endpoint.cluster().mode => {
            let cluster = endpoint.cluster_mut();
            cluster.switch_mode(false, None);
            cluster.after_change();
            not_listed(id)
        }
        (Some(_) | None, _) => not_listed(id),
    }
}
