//! How are many traces replayed? One after the other on a live target.

use std::sync::atomic::AtomicBool;

use zdu_model::judge::belief::Belief;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::trace::Trace;

use super::player::{Permission, play};
use super::session::Session;
use super::site::Site;
use crate::driver::Driver;
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

/// Replays traces one after the other on one site. `done` hears of each as it ends.
pub async fn replay_all(
    site: &Site,
    driver: &dyn Driver,
    traces: &[Trace],
    permission: Permission,
    stop: &AtomicBool,
    replay: impl Fn(&Trace) -> Command,
    mut done: impl FnMut(&TraceResult),
) -> Vec<TraceResult> {
    let scope = site.scope();
    let mut results = Vec::new();
    for trace in traces {
        let trace = fitted(trace, scope);
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            results.push(not_begun(&trace, replay(&trace), End::Interrupted));
            continue;
        }
        if let Some(result) = site.log.finished_before(&trace) {
            done(&result);
            results.push(result);
            continue;
        }
        site.log.trace(&trace.name);
        let mut session = Session::new(site, driver, Belief::certain(scope, scope.initial()), stop);
        let result = play(&mut session, &trace, permission, replay(&trace)).await;
        // Before anybody is told of it, the journal first.
        site.log.finished(&trace, &result);
        done(&result);
        results.push(result);
    }
    if permission.disrupt && driver.can_reset() && results.iter().any(|result| result.verdict.ran())
    {
        // What the next user finds is the initial state; a reset that fails now changes no verdict.
        let _ = driver.reset().await;
    }
    results
}
