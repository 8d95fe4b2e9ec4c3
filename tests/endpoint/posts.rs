//! How is a POST answered, alone and among several at once (API-9, API-12)?
//!
//! One lock from the guard to the answer makes each call atomic; the defects of the race give it up in between.

use std::thread::sleep;
use std::time::Duration;

use super::api::{cluster_json, unserved};
use super::bodies::{self, Kind};
use super::calls::{Call, Carried};
use super::cluster::Cluster;
use super::defect::Defect as D;
use super::freedom::Freedom;
use super::http::Answer;
use super::json::Json;
use super::world::{Shared, World};

fn tasks(shared: &Shared, world: &mut World) -> bool {
    let options = [Freedom::ApproveWithTasks, Freedom::ApproveWithoutTasks];
    shared.options.freedoms.pick(&options, &mut world.random) == Freedom::ApproveWithTasks
}

/// Answers one POST; with a defect of the race, only after a gap in which others may come.
pub(crate) fn post(shared: &Shared, call: Call) -> Answer {
    let Some(defect) = shared.options.defect else {
        return post_at_once(shared, call);
    };
    let gap = Duration::from_millis(25);
    match (defect, call) {
        (D::RaceStartAllWin, Call::Start)
        | (D::RaceCancelAllWin, Call::Cancel)
        | (D::RaceApproveAllWin, Call::Approve) => {
            let allowed = shared.world().cluster.allowed(call);
            sleep(gap);
            let mut world = shared.world();
            if !allowed || !world.cluster.served() {
                drop(world);
                return post_at_once(shared, call);
            }
            let before = world.cluster.clone();
            world.cluster.perform(call, false);
            carry(shared, &mut world, &before, call, (200, Carried::Cluster))
        }
        (D::RaceNobodyWins | D::RaceLosersGet500 | D::RaceLoserUndoes, _) => {
            contested(shared, call, defect, gap)
        }
        _ => post_at_once(shared, call),
    }
}

fn contested(shared: &Shared, call: Call, defect: D, gap: Duration) -> Answer {
    let contest_of = |world: &mut World, change: i64| {
        let contest = world.contest(call);
        contest.running =
            contest.running.saturating_add_signed(i32::try_from(change).unwrap_or_default());
        contest.contested = contest.contested && contest.running > 0 || contest.running > 1;
        contest.contested
    };
    contest_of(&mut shared.world(), 1);
    sleep(gap);
    let mut world = shared.world();
    let contested = world.contest(call).contested;
    contest_of(&mut world, -1);
    if !contested {
        drop(world);
        return post_at_once(shared, call);
    }
    let before = world.cluster.clone();
    let allowed = world.cluster.allowed(call);
    let outcome = match (defect, allowed) {
        (D::RaceNobodyWins, _) => (409, Carried::Refusal),
        (D::RaceLosersGet500, false) => (500, Carried::Refusal),
        (D::RaceLoserUndoes, false) if world.cluster.mode => {
            world.cluster.switch_mode(false, None);
            world.cluster.after_change();
            (409, Carried::Refusal)
        }
        (_, true) => world.cluster.accept(call, true),
        (_, false) => (409, Carried::Refusal),
    };
    carry(shared, &mut world, &before, call, outcome)
}

fn post_at_once(shared: &Shared, call: Call) -> Answer {
    let mut world = shared.world();
    if !world.cluster.served() && shared.options.defect != Some(D::PostsAnsweredUnserved) {
        return unserved(shared, &mut world);
    }
    let before = world.cluster.clone();
    let tasks = tasks(shared, &mut world);
    let outcome = world.cluster.post(call, tasks);
    carry(shared, &mut world, &before, call, outcome)
}

fn carry(
    shared: &Shared,
    world: &mut World,
    before: &Cluster,
    call: Call,
    outcome: (u16, Carried),
) -> Answer {
    let (code, carried) = outcome;
    let World { cluster, random, .. } = world;
    let mut answer = match carried {
        Carried::Cluster => {
            Answer::json(code, cluster_json(shared, cluster, random, Kind::Post(call)))
        }
        Carried::Stale => {
            Answer::json(code, cluster_json(shared, before, random, Kind::Post(call)))
        }
        Carried::Nothing => Answer::empty(code),
        Carried::Refusal => refusal(shared, code, random),
    };
    bodies::bend_answer(cluster, Kind::Post(call), &mut answer);
    answer
}

fn refusal(shared: &Shared, code: u16, random: &mut fastrand::Rng) -> Answer {
    let options = [Freedom::ConflictEmpty, Freedom::ConflictHtml, Freedom::ConflictJson];
    let picked = shared.options.freedoms.pick(&options, random);
    if picked == Freedom::ConflictHtml {
        Answer::html(code, "Conflict")
    } else if picked == Freedom::ConflictJson {
        let message = Json::text("The cluster is not in a state that allows this.");
        let json =
            Json::object(vec![("status-code", Json::number(code.into())), ("message", message)]);
        Answer::json(code, json.to_string())
    } else {
        Answer::empty(code)
    }
}
