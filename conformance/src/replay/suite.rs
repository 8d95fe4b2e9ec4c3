//! How are many traces replayed? One after the other on a live target; what becomes known of its nodes is handed on.

use std::sync::atomic::{AtomicBool, Ordering};

use zdu_model::judge::roster::Roster;
use zdu_model::judge::trial::{Judge, Patience};
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::trace::Trace;

use super::player::{Permission, play};
use super::session::Session;
use super::site::Site;
use crate::driver::Driver;
use crate::log::Log;
use crate::run::not_begun;
use crate::verdict::{Command, End, TraceResult};

/// The trace to replay on a cluster of this size and profile in place of a given one: the scenario's own, when the trace is
/// a scenario's instance; else the trace itself.
#[must_use]
pub fn fitted(trace: &Trace, scope: Scope) -> Trace {
    let own = |profile, nodes: u8| {
        Scenario::named(&trace.name).and_then(|scenario| scenario.trace_in(profile, nodes))
    };
    match (own(trace.profile, trace.nodes), u8::try_from(scope.nodes)) {
        (Some(shipped), Ok(nodes)) if shipped.steps == trace.steps => {
            own(scope.profile, nodes).unwrap_or_else(|| trace.clone())
        }
        _ => trace.clone(),
    }
}

/// A judge of a site of which nothing more is known than this roster.
#[must_use]
pub fn judge_of(site: &Site, roster: Roster) -> Judge {
    Judge::new(site.scope(), roster, Patience::from(site.timing), site.own().collect())
}

/// Replays traces one after the other on one site. `done` hears of each as it ends. Gives the last judge's roster beside the
/// results: what is known of the nodes by then.
pub async fn replay_all(
    site: &Site,
    driver: &dyn Driver,
    traces: &[Trace],
    permission: Permission,
    (log, stop): (&Log, &AtomicBool),
    replay: impl Fn(&Trace) -> Command,
    mut done: impl FnMut(&TraceResult),
) -> (Vec<TraceResult>, Roster) {
    let scope = site.scope();
    let mut results = Vec::new();
    let mut roster = site.dictionary.roster();
    for trace in traces {
        let trace = fitted(trace, scope);
        if stop.load(Ordering::Relaxed) {
            results.push(not_begun(&trace, replay(&trace), End::Interrupted));
            continue;
        }
        if let Some(result) = log.finished_before(&trace) {
            done(&result);
            results.push(result);
            continue;
        }
        let known = Roster::new(roster.known(), site.dictionary.versions.clone());
        let judge = judge_of(site, known);
        let mut session = Session::new(site, driver, judge, log.clone(), stop);
        let result = play(&mut session, &trace, permission, replay(&trace)).await;
        // Before anybody is told of it, the journal first.
        log.finished(&trace, &result);
        done(&result);
        results.push(result);
        roster = session.judge.roster().clone();
    }
    if permission.disrupt && driver.can_reset() && results.iter().any(|result| result.verdict.ran())
    {
        // What the next user finds is the initial state; a reset that fails now changes no verdict.
        let _ = driver.reset().await;
    }
    (results, roster)
}
