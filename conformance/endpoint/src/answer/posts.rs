//! How is a POST answered, alone and among several at once (API-9, API-12)?
//!
//! A call is atomic from its guard to its answer. The defects of the race ask the guard when the request comes in and
//! handle it a gap later, so that others may come in between.

use std::time::Duration;

use super::bodies::{self, Kind};
use super::{Route, cluster_json};
use crate::cluster::Cluster;
use crate::cluster::calls::{Call, Carried};
use crate::contest::Race;
use crate::defect::Defect as D;
use crate::endpoint::Endpoint;
use crate::exchange::{Answer, Request};
use crate::freedom::Freedom;

/// How long an answer takes that never comes.
const NEVER: Duration = Duration::from_secs(86_400);
/// How long an endpoint that does not lock looks away at least between the guard and the effect.
const GAP_MIN: Duration = Duration::from_millis(50);

/// What a planted defect of the race does with a call that comes in, and how long it looks away.
pub(crate) fn begin(endpoint: &mut Endpoint, call: Call) -> Option<(Race, Duration)> {
    let defect = endpoint.options().defect?;
    let gap = endpoint.options().delay.max(GAP_MIN);
    let cluster = endpoint.cluster();
    match (defect, call) {
        (D::StartRaces, Call::Start)
        | (D::CancelRaces, Call::Cancel)
        | (D::ApproveRaces, Call::Approve) => {
            (cluster.served() && cluster.allowed(call)).then_some((Race::Allowed, gap))
        }
        (D::RaceNobodyWins | D::RaceLosersGet500 | D::RaceLoserUndoes, _) => {
            endpoint.contest(call).begin();
            Some((Race::Counted(call), gap))
        }
        (_, Call::Start | Call::Cancel | Call::Approve | Call::Retry) => None,
    }
}

/// Answers one POST that somebody serves and that the caller may send.
pub(super) fn answer(
    endpoint: &mut Endpoint,
    answering: usize,
    call: Call,
    race: Option<Race>,
) -> Answer {
    let tasks = endpoint.brings_tasks();
    let before = endpoint.cluster().clone();
    let outcome = match race {
        Some(Race::Allowed) => {
            endpoint.cluster_mut().perform(call, tasks);
            (200, Carried::Cluster)
        }
        Some(Race::Contested) => contested(endpoint, call, tasks),
        Some(Race::Counted(_)) | None => endpoint.cluster_mut().post(call, tasks),
    };
    carry(endpoint, answering, &before, call, outcome)
}

fn contested(endpoint: &mut Endpoint, call: Call, tasks: bool) -> (u16, Carried) {
    let cluster = endpoint.cluster_mut();
    match (cluster.defect, cluster.allowed(call)) {
        (Some(D::RaceNobodyWins), _) => (409, Carried::Refusal),
        (Some(D::RaceLosersGet500), false) => (500, Carried::Refusal),
        (Some(D::RaceLoserUndoes), false) if cluster.mode => {
            cluster.switch_mode(false, None);
            cluster.after_change();
            (409, Carried::Refusal)
        }
        (_, true) => cluster.accept(call, tasks),
        (_, false) => (409, Carried::Refusal),
    }
}

fn carry(
    endpoint: &mut Endpoint,
    answering: usize,
    before: &Cluster,
    call: Call,
    outcome: (u16, Carried),
) -> Answer {
    let (code, carried) = outcome;
    let kind = Kind::Post(call);
    let after = endpoint.cluster().clone();
    let mut answer = match carried {
        Carried::Cluster => {
            let status = after.status();
            Answer::json(code, cluster_json(endpoint, &after, status, answering, kind))
        }
        Carried::Stale => {
            let status = before.status();
            Answer::json(code, cluster_json(endpoint, before, status, answering, kind))
        }
        Carried::Nothing => Answer::empty(code),
        Carried::Refusal => refusal(endpoint, code, call, before),
    };
    bodies::bend_answer(&after, kind, &mut answer);
    let status = after.status();
    endpoint.cluster_mut().memory.status_at_post = Some(status);
    if never_answered(after.defect, call, code) {
        answer.after = NEVER;
    }
    answer
}

/// Whether a defect keeps the answer to a call back for ever.
fn never_answered(defect: Option<D>, call: Call, code: u16) -> bool {
    match defect {
        Some(D::StartNeverAnswered) => call == Call::Start && code == 200,
        Some(D::CancelNeverAnswered) => call == Call::Cancel && code == 200,
        Some(D::ApproveNeverAnswered) => call == Call::Approve && code == 200,
        Some(D::RefusalsNeverAnswered) => code == 409,
        Some(_) | None => false,
    }
}

/// The call takes effect although its answer does not say so.
fn take_effect(endpoint: &mut Endpoint, call: Call) {
    if endpoint.cluster().allowed(call) {
        let tasks = endpoint.brings_tasks();
        endpoint.cluster_mut().perform(call, tasks);
    }
}

/// What a defect does with a call that was refused because of who sent it (API-10).
pub(super) fn refused(
    endpoint: &mut Endpoint,
    request: &Request,
    route: Option<&Route>,
    code: u16,
) {
    let Some(Route::Post(call)) = route else { return };
    let acts = match endpoint.options().defect {
        Some(D::UnauthorizedTakesEffect) => request.method == "POST" && code == 401,
        Some(D::ForbiddenTakesEffect) => request.method == "POST" && code == 403,
        Some(D::AnonymousGetStarts) => request.method == "GET" && *call == Call::Start,
        Some(_) | None => false,
    };
    if acts {
        take_effect(endpoint, *call);
    }
}

/// What a defect does with a request by another method than its own (API-10).
pub(super) fn wrong_method(endpoint: &mut Endpoint, request: &Request, route: &Route) {
    let on = endpoint.cluster().mode;
    let acts = match (endpoint.options().defect, route, request.method.as_str()) {
        (Some(D::GetStarts), Route::Post(Call::Start), "GET") => Call::Start,
        (Some(D::GetCancels), Route::Post(Call::Cancel), "GET") => Call::Cancel,
        (Some(D::GetApproves), Route::Post(Call::Approve), "GET") => Call::Approve,
        (Some(D::PostedStateTurnsModeOn), Route::State, "POST") => Call::Start,
        (Some(D::PostedOverviewTurnsModeOff), Route::Overview, "POST") if on => {
            let cluster = endpoint.cluster_mut();
            cluster.switch_mode(false, None);
            cluster.after_change();
            return;
        }
        (Some(_) | None, _, _) => return,
    };
    take_effect(endpoint, acts);
}

fn refusal(endpoint: &mut Endpoint, code: u16, call: Call, before: &Cluster) -> Answer {
    let options = [Freedom::ConflictJson, Freedom::ConflictHtml, Freedom::ConflictEmpty];
    let (freedoms, random) = endpoint.chance();
    let picked = freedoms.pick(&options, random);
    if picked == Freedom::ConflictHtml {
        Answer::html(code, "Conflict")
    } else if picked == Freedom::ConflictEmpty {
        Answer::empty(code)
    } else {
        let status = before.status().word();
        let message = format!(
            "`{}` is allowed in {}, and the cluster is {status}",
            call.word(),
            call.allowed_in().word()
        );
        Answer::failure(code, &message)
    }
}
