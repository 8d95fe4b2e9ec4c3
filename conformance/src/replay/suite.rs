//! How are many traces replayed, and what does it come to? One after the other on a live target; the numbers of the
//! report are drawn up here, once, for every format.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use zdu_model::judge::belief::Belief;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::trace::Trace;

use super::player::{Permission, conclude, play};
use super::session::Session;
use super::site::Site;
use crate::driver::Driver;
use crate::exit::Exit;
use crate::target::Waiver;
use crate::told::{Kind, Report, RuleTally, Skip, TraceResult, Verdict, WaiverRecord, WaiverState};

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
    replay: impl Fn(&Trace) -> String,
    mut done: impl FnMut(&TraceResult),
) -> Vec<TraceResult> {
    let scope = site.scope();
    let mut results = Vec::new();
    for trace in traces {
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            break;
        }
        let trace = fitted(trace, scope);
        if let Some(result) = site.log.finished_before(&trace) {
            done(&result);
            results.push(result);
            continue;
        }
        site.log.trace(&trace.name);
        let mut session = Session::new(site, driver, Belief::certain(scope, scope.initial()), stop);
        let mut result = play(&mut session, &trace, permission, &replay(&trace)).await;
        // Before anybody is told of it, the journal first.
        result.redact(site.client.redactor());
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

/// Marks the findings that waivers accept, and draws each verdict anew.
pub fn waive(results: &mut [TraceResult], waivers: &[Waiver], today: jiff::civil::Date) {
    for result in results {
        let mut touched = false;
        for found in &mut result.deviations {
            let accepted = waivers.iter().find(|waiver| {
                waiver.rule == found.rule && waiver.expires.is_none_or(|expires| today <= expires)
            });
            if let Some(waiver) = accepted {
                found.waived = Some(waiver.reason.clone());
                touched = true;
            }
        }
        if touched && result.verdict != Verdict::Broken {
            result.verdict = Verdict::Pass;
            conclude(result);
        }
    }
}

/// What became of each waiver.
#[must_use]
pub fn waiver_records(
    results: &[TraceResult],
    waivers: &[Waiver],
    today: jiff::civil::Date,
) -> Vec<WaiverRecord> {
    waivers
        .iter()
        .map(|waiver| {
            let found = results
                .iter()
                .flat_map(|result| &result.deviations)
                .any(|found| found.rule == waiver.rule);
            let exercised = results
                .iter()
                .any(|result| result.verdict.ran() && result.rules.contains(&waiver.rule));
            let expired = waiver.expires.is_some_and(|expires| today > expires);
            WaiverRecord {
                rule: waiver.rule,
                reason: waiver.reason.clone(),
                expires: waiver.expires.map(|expires| expires.to_string()),
                state: match (expired, found, exercised) {
                    (true, _, _) => WaiverState::Expired,
                    (false, true, _) => WaiverState::Used,
                    (false, false, true) => WaiverState::NoLongerNeeded,
                    (false, false, false) => WaiverState::NotExercised,
                },
            }
        })
        .collect()
}

/// Each rule of the profile with what happened to it.
#[must_use]
pub fn tally(profile: Profile, results: &[TraceResult]) -> BTreeMap<Rule, RuleTally> {
    let mut rules: BTreeMap<Rule, RuleTally> = Rule::ALL
        .iter()
        .filter(|rule| rule.in_profile(profile))
        .map(|rule| (*rule, RuleTally::default()))
        .collect();
    for result in results.iter().filter(|result| result.verdict.ran()) {
        for rule in &result.rules {
            rules.entry(*rule).or_default().exercised += 1;
        }
        for found in &result.deviations {
            let tally = rules.entry(found.rule).or_default();
            if !result.rules.contains(&found.rule) {
                tally.exercised += 1;
            }
            match (found.waived.is_some(), found.kind) {
                (true, _) => tally.waived += 1,
                (false, Kind::WrongAnswer) => tally.deviations += 1,
                (false, Kind::Timeout | Kind::Unmodelled) => tally.timeouts += 1,
            }
        }
    }
    rules
}

/// What was not run, and why.
#[must_use]
pub fn skips(results: &[TraceResult]) -> Vec<Skip> {
    results
        .iter()
        .filter(|result| !result.verdict.ran())
        .map(|result| Skip {
            name: result.name.clone(),
            reason: result.reason.clone().unwrap_or_else(|| result.verdict.word().to_owned()),
        })
        .collect()
}

/// The exit code that a report's parts come to.
#[must_use]
pub fn exit_of(report: &Report) -> Exit {
    if report.interrupted {
        return Exit::Interrupted;
    }
    let any = |verdict: Verdict| report.traces.iter().any(|trace| trace.verdict == verdict);
    let mut all = Vec::new();
    if any(Verdict::Deviates) {
        all.push(Exit::Deviation);
    }
    if report
        .waivers
        .iter()
        .any(|waiver| matches!(waiver.state, WaiverState::Expired | WaiverState::NoLongerNeeded))
    {
        all.push(Exit::StaleWaiver);
    }
    if report.unreachable.is_some() {
        all.push(Exit::Unreachable);
    }
    if any(Verdict::Timeout) || any(Verdict::Unmodelled) || any(Verdict::Broken) {
        all.push(Exit::Inconclusive);
    }
    if !report.traces.iter().any(|trace| trace.verdict.ran()) {
        all.push(Exit::Nothing);
    }
    Exit::worst(all)
}
