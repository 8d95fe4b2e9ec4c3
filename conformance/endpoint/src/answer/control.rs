//! How do tests and drivers reach the operator's steps and the faults? The control calls below `/_mock`, beside the API and
//! open to all.
//!
//! `POST nodes/{id}/{stop|kill|install|boot|break|repair|fail_tasks}` answers 202 at once and takes effect later,
//! `POST reset` answers 204 when everything is as it was at the start, `GET state` tells the hidden state.

use crate::cluster::transitions::Step;
use crate::endpoint::Endpoint;
use crate::exchange::{Answer, Request, decode};
use crate::options::Profile;

/// The names of the steps, for the answer to an unknown one.
const STEPS: &str = "stop, kill, boot, break, repair, install?version=… and fail_tasks";

/// The rest of the path of a control call, with the context path or without.
pub(super) fn tail<'a>(context: &str, path: &'a str) -> Option<&'a str> {
    let below = |path: &'a str| path.strip_prefix("/_mock/");
    below(path).or_else(|| below(path.strip_prefix(context)?))
}

/// Answers a control call.
pub(super) fn answer(endpoint: &mut Endpoint, request: &Request, tail: &str) -> Answer {
    let wrong_method = || Answer::failure(405, "this path answers another method");
    let parts: Option<Vec<String>> = tail.split('/').map(decode).collect();
    let Some(parts) = parts else {
        return Answer::failure(400, "the address is not valid UTF-8");
    };
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (parts.as_slice(), request.method.as_str()) {
        (["state"], "GET") => state(endpoint),
        (["reset"], "POST") => {
            endpoint.reset(endpoint.clock());
            Answer::empty(204)
        }
        (["nodes", id, step], "POST") => step_on(endpoint, request, id, step),
        (["state"] | ["reset"] | ["nodes", _, _], _) => wrong_method(),
        _ => Answer::failure(404, "there is no such control call"),
    }
}

fn state(endpoint: &Endpoint) -> Answer {
    match serde_json::to_string(&endpoint.snapshot()) {
        Ok(text) => Answer::json(200, text),
        Err(error) => Answer::failure(500, &error.to_string()),
    }
}

fn step_on(endpoint: &mut Endpoint, request: &Request, id: &str, step: &str) -> Answer {
    let Some(index) = endpoint.names().meant(id) else {
        let known = match endpoint.names().handles.as_slice() {
            [first, .., last] if first == "n1" => format!("{first} to {last}"),
            handles => handles.join(", "),
        };
        return Answer::failure(404, &format!("there is no node `{id}`; there are {known}"));
    };
    let step = match step {
        "stop" => Step::Stop,
        "kill" => Step::Kill,
        "boot" => Step::Boot,
        "break" => Step::Break,
        "repair" => Step::Repair,
        "install" => {
            let wanted = request.parameter("version").unwrap_or_default();
            let versions = &endpoint.names().versions;
            match versions.iter().position(|version| *version == wanted) {
                Some(version) => Step::Install(version),
                None => {
                    let known = versions.join(", ");
                    let message = format!("there is no version `{wanted}`; there are {known}");
                    return Answer::failure(400, &message);
                }
            }
        }
        "fail_tasks" if endpoint.options().profile == Profile::Documented => {
            let message =
                "nodes have no upgrade tasks in profile documented; choose profile finalization";
            return Answer::failure(409, message);
        }
        "fail_tasks" => {
            endpoint.fail_tasks(index, endpoint.clock());
            return Answer::empty(202);
        }
        unknown => {
            let message = format!("there is no step `{unknown}`; there are {STEPS}");
            return Answer::failure(404, &message);
        }
    };
    endpoint.step(index, step, endpoint.clock());
    Answer::empty(202)
}
