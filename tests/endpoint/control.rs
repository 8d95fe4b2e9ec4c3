//! How do drivers reach the operator's steps and the faults?
//!
//! `POST /nodes/{id}/{stop|kill|install|boot|break|repair|fail_tasks}` answers 202 at once and takes effect later,
//! `POST /reset` answers 204 when everything is as it was at the start, `GET /state` tells the hidden state.

use super::cluster::Phase;
use super::http::{Answer, Request, decode};
use super::json::Json;
use super::transitions::Step;
use super::world::Shared;

/// Answers one request on the control port.
pub(crate) fn handle(shared: &Shared, request: &Request) -> Answer {
    let parts: Vec<String> = request.path.split('/').skip(1).map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["state"]) => state(shared),
        ("POST", ["reset"]) => {
            let mut world = shared.world();
            world.pace.clear();
            world.cluster = shared.options.cluster();
            Answer::empty(204)
        }
        ("POST", ["nodes", id, step]) => step_on(shared, request, id, step),
        _ => plain(404, "no such control call"),
    }
}

fn plain(code: u16, text: &str) -> Answer {
    Answer::new(code, "text/plain", format!("{text}\n"))
}

fn step_on(shared: &Shared, request: &Request, id: &str, step: &str) -> Answer {
    let Some(index) = shared.names.index(id) else {
        return plain(404, "no such node");
    };
    let now = shared.now();
    let step = match step {
        "stop" => Step::Stop,
        "kill" => Step::Kill,
        "boot" => Step::Boot,
        "break" => Step::Break,
        "repair" => Step::Repair,
        "install" => {
            let wanted = request.parameter("version").unwrap_or_default();
            match shared.names.versions.iter().position(|version| *version == wanted) {
                Some(version) => Step::Install(version),
                None => return plain(400, "no such version"),
            }
        }
        "fail_tasks" => {
            shared.world().pace.request_failure(index, now);
            return Answer::empty(202);
        }
        _ => return plain(404, "no such step"),
    };
    shared.world().pace.request(index, step, now);
    Answer::empty(202)
}

fn state(shared: &Shared) -> Answer {
    let world = shared.world();
    let cluster = &world.cluster;
    let version = |version: usize| Json::text(&shared.names.versions[version]);
    let nodes = cluster.nodes.iter().zip(&shared.names.ids).map(|(node, id)| {
        Json::object(vec![
            ("id", Json::text(id)),
            ("phase", Json::text(&format!("{:?}", node.phase))),
            ("version", version(node.version)),
            ("listed", Json::bool(node.phase != Phase::Absent)),
        ])
    });
    let json = Json::object(vec![
        ("mode", Json::bool(cluster.mode)),
        ("origin", cluster.origin.map_or_else(Json::null, version)),
        ("status", Json::text(cluster.status_by_the_book().word())),
        ("tasksPending", Json::bool(cluster.tasks_pending)),
        ("idle", Json::bool(world.pace.idle())),
        ("nodes", Json::List(nodes.collect())),
    ]);
    Answer::json(200, json.to_string())
}
