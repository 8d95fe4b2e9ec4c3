//! How is a request to the API answered (spec section 1)?
//!
//! In this order: somebody must serve, the caller must be known, the path and the headers must be right; then the
//! cluster is asked.

use std::thread::sleep;
use std::time::Duration;

use super::auth;
use super::bodies::{self, Kind};
use super::calls::Call;
use super::cluster::{Cluster, Phase, Profile};
use super::defect::Defect as D;
use super::freedom::{Freedom, Freedoms};
use super::http::{Answer, Request, decode};
use super::json::Json;
use super::posts;
use super::view::{View, loosen};
use super::world::{Layout, Shared, World};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Route {
    Overview,
    State,
    Node(String),
    Post(Call),
}

fn tail(path: &str, layout: Layout) -> Option<&str> {
    let documented = || path.strip_prefix("/rest/zdu/cluster/zdu");
    let product = || {
        let rest = path.strip_prefix("/rest/zdu")?;
        match rest.strip_prefix("/cluster") {
            Some(overview) => (overview.is_empty() || overview == "/").then_some(""),
            None => (rest.len() > 1).then_some(rest),
        }
    };
    match layout {
        Layout::Documented => documented(),
        Layout::Product => product(),
        Layout::Both => documented().or_else(product),
    }
}

fn route(shared: &Shared, path: &str) -> Option<Route> {
    let path = path.strip_prefix(shared.options.context.as_str())?;
    let route = match tail(path, shared.options.layout)? {
        "" | "/" => Route::Overview,
        "/state" => Route::State,
        "/start" => Route::Post(Call::Start),
        "/cancel" => Route::Post(Call::Cancel),
        "/approve" => Route::Post(Call::Approve),
        "/retryUpgrade" if shared.options.profile == Profile::Finalization => {
            Route::Post(Call::Retry)
        }
        other => Route::Node(decode(other.strip_prefix("/nodes/")?)),
    };
    Some(route)
}

/// Answers one request.
pub(crate) fn handle(shared: &Shared, request: &Request) -> Answer {
    pause(shared);
    let mut answer = respond(shared, request);
    pause(shared);
    let freedoms = &shared.options.freedoms;
    let random = &mut shared.world().random;
    answer.chunked =
        freedoms.pick(&[Freedom::ContentLength, Freedom::Chunked], random) == Freedom::Chunked;
    answer.close = freedoms.pick(&[Freedom::KeepAlive, Freedom::CloseConnections], random)
        == Freedom::CloseConnections;
    answer
}

fn pause(shared: &Shared) {
    let freedoms = &shared.options.freedoms;
    if freedoms.has(Freedom::SlowAnswers) {
        let millis = slowness(freedoms, &mut shared.world().random);
        sleep(Duration::from_millis(millis));
    }
}

fn slowness(freedoms: &Freedoms, random: &mut fastrand::Rng) -> u64 {
    if freedoms.now(Freedom::SlowAnswers, random) { random.u64(0..4) } else { 0 }
}

fn respond(shared: &Shared, request: &Request) -> Answer {
    let route = route(shared, &request.path);
    let defect = shared.options.defect;
    let read = !matches!(route, Some(Route::Post(_)));
    let anyway = defect == Some(D::PostsAnsweredUnserved)
        || (read && defect == Some(D::ReadsAnsweredUnserved));
    {
        let mut world = shared.world();
        if !world.cluster.served() && !anyway {
            return unserved(shared, &mut world);
        }
    }
    if let Some(refusal) =
        auth::check(&shared.options, request, matches!(route, Some(Route::Post(_))))
    {
        return refusal;
    }
    if request.path.ends_with("/login.action") {
        return Answer::html(200, "Log in - Confluence");
    }
    let Some(route) = route else {
        return Answer::html(404, "Not Found");
    };
    if let Some(refusal) = strict(shared, request, &route) {
        return refusal;
    }
    if let (Route::Post(call), "POST") = (&route, request.method.as_str()) {
        return posts::post(shared, *call);
    }
    // Asked again, under the lock that the answer is given under: the last node may have gone in between.
    let mut world = shared.world();
    if !world.cluster.served() && !anyway {
        return unserved(shared, &mut world);
    }
    match (route, request.method.as_str()) {
        (Route::Overview, "GET") => overview(shared, &mut world),
        (Route::State, "GET") => state(shared, &mut world),
        (Route::Node(id), "GET") => node(shared, &mut world, &id),
        (Route::Post(_) | Route::Overview | Route::State | Route::Node(_), _) => {
            Answer::html(405, "Method Not Allowed")
        }
    }
}

pub(crate) fn unserved(shared: &Shared, world: &mut World) -> Answer {
    let options = [
        Freedom::Unserved503,
        Freedom::Unserved502,
        Freedom::UnservedDrop,
        Freedom::UnservedRefuse,
    ];
    let picked = shared.options.freedoms.pick(&options, &mut world.random);
    if picked == Freedom::Unserved502 {
        Answer::html(502, "Bad Gateway")
    } else if matches!(picked, Freedom::UnservedDrop | Freedom::UnservedRefuse) {
        Answer::drop()
    } else {
        Answer::html(503, "Service Unavailable")
    }
}

fn strict(shared: &Shared, request: &Request, route: &Route) -> Option<Answer> {
    let freedoms = &shared.options.freedoms;
    let posts = matches!(route, Route::Post(_)) && request.method == "POST";
    let is_json =
        |name: &str| request.header(name).is_some_and(|value| value.contains("application/json"));
    if freedoms.has(Freedom::StrictHeaders) {
        if !is_json("accept") {
            return Some(Answer::html(406, "Not Acceptable"));
        }
        if posts && !is_json("content-type") {
            return Some(Answer::html(415, "Unsupported Media Type"));
        }
        if posts && request.header("x-atlassian-token") != Some("no-check") {
            return Some(Answer::new(403, "text/plain", "XSRF check failed".to_owned()));
        }
    }
    let body: String = String::from_utf8_lossy(&request.body).split_whitespace().collect();
    let plain = body.is_empty() || body == "{}";
    (posts && freedoms.has(Freedom::StrictBody) && !plain).then(|| Answer::html(400, "Bad Request"))
}

/// A view by one of the serving nodes.
fn view<'a>(shared: &'a Shared, cluster: &'a Cluster, random: &'a mut fastrand::Rng) -> View<'a> {
    let serving: Vec<usize> =
        (0..cluster.nodes.len()).filter(|index| cluster.nodes[*index].phase.serving()).collect();
    let freedoms = &shared.options.freedoms;
    let mut answering = match serving.len() {
        0 => 0,
        count if freedoms.has(Freedom::RotateNodes) => serving[random.usize(..count)],
        _ => serving[0],
    };
    if cluster.has(D::BuildInfoOfOfflineNode) {
        answering =
            cluster.nodes.iter().position(|node| node.phase == Phase::Offline).unwrap_or(answering);
    }
    if cluster.has(D::BuildInfoOfErroredNode) {
        answering =
            cluster.nodes.iter().position(|node| node.phase == Phase::Error).unwrap_or(answering);
    }
    View { cluster, names: &shared.names, freedoms, random, answering }
}

pub(crate) fn cluster_json(
    shared: &Shared,
    cluster: &Cluster,
    random: &mut fastrand::Rng,
    kind: Kind,
) -> String {
    let mut json = view(shared, cluster, random).cluster();
    bodies::bend_cluster(cluster, &shared.names, kind, &mut json);
    finish(shared, json, random)
}

fn finish(shared: &Shared, mut json: Json, random: &mut fastrand::Rng) -> String {
    loosen(&mut json, &shared.options.freedoms, random);
    json.to_string()
}

fn overview(shared: &Shared, world: &mut World) -> Answer {
    let body = cluster_json(shared, &world.cluster, &mut world.random, Kind::Overview);
    let mut answer = Answer::json(200, body);
    bodies::bend_answer(&world.cluster, Kind::Overview, &mut answer);
    let cluster = &mut world.cluster;
    cluster.memory.reads += 1;
    let on = cluster.mode;
    let tenth = cluster.memory.reads.is_multiple_of(10);
    if on
        && (cluster.has(D::OverviewTurnsModeOff)
            || (cluster.has(D::TenthOverviewTurnsModeOff) && tenth))
    {
        cluster.switch_mode(false, None);
        cluster.after_change();
    }
    if on && cluster.has(D::OverviewMovesOrigin) {
        cluster.origin = Some(cluster.versions - 1);
    }
    answer
}

fn state(shared: &Shared, world: &mut World) -> Answer {
    let World { cluster, random, .. } = world;
    let mut reading = view(shared, cluster, random);
    let answering = reading.answering;
    let mut json = reading.state();
    if let (Some(defect), Some(info)) = (cluster.defect, json.field("buildInfo")) {
        bodies::bend_node(cluster, answering, info, defect);
    }
    bodies::bend_state(cluster, &shared.names, &mut json);
    let mut answer = Answer::json(200, finish(shared, json, random));
    bodies::bend_answer(cluster, Kind::State, &mut answer);
    let offline = cluster.nodes.iter().position(|node| node.phase == Phase::Offline);
    if let (true, Some(index)) = (cluster.has(D::StateReadRemovesOffline), offline) {
        cluster.set_phase(index, Phase::Absent);
        cluster.after_change();
    }
    answer
}

fn node(shared: &Shared, world: &mut World, id: &str) -> Answer {
    let World { cluster, random, .. } = world;
    let defect = cluster.defect;
    let known = shared.names.index(id);
    let listed = known.filter(|index| cluster.nodes[*index].phase != Phase::Absent);
    let Some(mut index) = listed else {
        return unlisted(shared, world, known);
    };
    let phase = cluster.nodes[index].phase;
    let hidden = match defect {
        Some(D::ListedNodeAnswers404) => index + 1 == cluster.nodes.len(),
        Some(D::OfflineNodeAnswers404) => phase == Phase::Offline,
        Some(D::ErroredNodeAnswers404) => phase == Phase::Error,
        Some(D::ReconnectedNodeAnswers404) => {
            cluster.memory.removed && index + 1 == cluster.nodes.len()
        }
        Some(_) | None => false,
    };
    if hidden {
        return Answer::html(404, "Not Found");
    }
    let asked = index;
    if defect == Some(D::NodeViewOfNeighbour) {
        let next = (index + 1) % cluster.nodes.len();
        index = if cluster.nodes[next].phase == Phase::Absent { index } else { next };
    }
    let mut json = view(shared, cluster, random).node(index);
    if let Some(defect) = defect {
        bodies::bend_node(cluster, index, &mut json, defect);
    }
    bodies::bend_node_view(cluster, &shared.names, index, &mut json);
    let mut answer = Answer::json(200, finish(shared, json, random));
    bodies::bend_answer(cluster, Kind::Node(asked), &mut answer);
    if defect == Some(D::NodeReadRepairs) && phase == Phase::Error {
        cluster.set_phase(asked, Phase::Active);
        cluster.after_change();
    }
    if defect == Some(D::NodeReadBoots) && phase == Phase::Offline {
        cluster.set_phase(asked, Phase::StartingOut);
        cluster.after_change();
    }
    answer
}

/// The answer for an id that is not listed; `known` is the index of a node that was removed.
fn unlisted(shared: &Shared, world: &mut World, known: Option<usize>) -> Answer {
    let World { cluster, random, .. } = world;
    let first = cluster.nodes.iter().position(|node| node.phase.serving()).unwrap_or(0);
    match (cluster.defect, known) {
        (Some(D::UnknownNodeAnswers200), None) => {
            Answer::json(200, view(shared, cluster, random).node(first).to_string())
        }
        (Some(D::UnknownNodeAnswers500), None) => Answer::html(500, "Oops"),
        (Some(D::UnknownNodeAnswers204), None) => Answer::empty(204),
        (Some(D::RemovedNodeAnswers200), Some(index)) => {
            let mut json = view(shared, cluster, random).node(index);
            json.replace("state", Json::text("OFFLINE"));
            Answer::json(200, json.to_string())
        }
        (Some(D::RemovedNodeAnswers400), Some(_)) => Answer::html(400, "Bad Request"),
        (Some(D::UnknownNodeReadTurnsModeOff), _) if cluster.mode => {
            cluster.switch_mode(false, None);
            cluster.after_change();
            Answer::html(404, "Not Found")
        }
        (Some(_) | None, _) => Answer::html(404, "Not Found"),
    }
}
