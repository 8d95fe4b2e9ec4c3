//! How are many traces replayed? One after the other on a live target; what becomes known of its nodes is handed on.

use std::sync::atomic::{AtomicBool, Ordering};

use zdu_model::judge::event::{Source, View};
use zdu_model::judge::roster::Roster;
use zdu_model::judge::seen::{SeenNode, SeenVersion};
use zdu_model::judge::trial::{Judge, Patience};
use zdu_model::spec::cluster::Mode;
use zdu_model::spec::node::NodeStatus;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::trace::Trace;

use super::player::{Permission, play};
use super::session::Session;
use super::site::Site;
use crate::driver::Driver;
use crate::log::Log;
use crate::run::not_begun;
use crate::verdict::{Command, End, Need, TraceResult};

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
    let scope = Scope { versions: roster.versions(), ..site.scope() };
    Judge::new(scope, roster, Patience::from(site.timing), site.own().collect())
        .allowing_downgrades(site.downgrades)
}

/// Replays traces one after the other on one site. `done` hears of each as it ends. Gives the last judge's roster beside the
/// results: what is known of the nodes by then.
///
/// Where nothing leads back below a version that was approved (no `reset`, no `allow_downgrade`), traces that approve come
/// last, and what follows them counts versions from the one that the cluster runs then.
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
    let one_way = permission.disrupt && !driver.can_reset() && !site.downgrades;
    let mut traces: Vec<Trace> = traces.iter().map(|trace| fitted(trace, scope)).collect();
    if one_way {
        traces.sort_by_key(Trace::approves);
    }
    let mut results = Vec::new();
    let mut roster = site.dictionary.roster();
    let mut base = 0;
    for trace in &traces {
        if stop.load(Ordering::Relaxed) {
            results.push(not_begun(trace, replay(trace), End::Interrupted));
            continue;
        }
        if let Some(result) = log.finished_before(trace) {
            done(&result);
            results.push(result);
            continue;
        }
        if one_way {
            base = at_home_on(site).await.unwrap_or(base);
        }
        let versions = site.dictionary.versions[usize::from(base)..].to_vec();
        let left = u8::try_from(versions.len()).unwrap_or(u8::MAX);
        if base > 0 && trace.versions > left {
            let need = Need::LaterVersions { needs: trace.versions, has: left };
            let result = not_begun(trace, replay(trace), End::Skipped(need));
            done(&result);
            results.push(result);
            continue;
        }
        let judge = judge_of(site, Roster::new(roster.known(), versions));
        let mut session = Session::new(site, driver, judge, log.clone(), stop);
        session.downgrades = site.downgrades;
        session.base = base;
        let result = play(&mut session, trace, permission, replay(trace)).await;
        // Before anybody is told of it, the journal first.
        log.finished(trace, &result);
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

/// Which of the target's versions every node runs, ACTIVE and with upgrade mode off; `None` where that is not so.
async fn at_home_on(site: &Site) -> Option<u8> {
    let look = site.look(Source::Cluster, View::Overview).await;
    let overview = look.overview()?;
    let mut versions = overview.nodes.iter().map(|node| match node {
        Some(SeenNode {
            status: Some(NodeStatus::Active),
            version: SeenVersion::Known(version),
        }) => Some(version.0),
        Some(_) | None => None,
    });
    let first = versions.next()??;
    (overview.mode == Mode::Off && versions.all(|version| version == Some(first))).then_some(first)
}
