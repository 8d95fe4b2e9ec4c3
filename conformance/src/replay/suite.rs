//! How are many traces replayed? One after the other on a live target; what becomes known of its nodes is handed on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use zdu_model::judge::event::{Source, View};
use zdu_model::judge::excuse::Excuse;
use zdu_model::judge::roster::Roster;
use zdu_model::judge::trial::{Judge, Patience};
use zdu_model::spec::node::{Phase, Version};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::suite::risk::Risk;
use zdu_model::traces::trace::Trace;
use zdu_model::ways::situation::Situation;

use super::home::home_version;
use super::player::{Permission, play};
use super::revive::{Absence, Revival, Reviver};
use super::session::{Consent, Session};
use super::site::Site;
use super::vain::InVain;
use crate::driver::Driver;
use crate::log::Log;
use crate::progress::News;
use crate::run::not_begun;
use crate::verdict::{
    Command, End, Found, Misfit, Need, NotReached, SetUp, Stop, TraceResult, Verdict,
};

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

/// How many traces in a row may find the cluster where nothing brings it back, if nobody says otherwise (`--max-broken`).
pub const MAX_BROKEN: usize = 2;

/// A series of traces on one site, one after the other.
#[derive(Clone, Copy)]
pub struct Series<'a> {
    /// Where.
    pub site: &'a Site,
    /// Who carries out steps.
    pub driver: &'a dyn Driver,
    /// What may be done there.
    pub permission: Permission,
    /// Whether the cluster, as it is found, may be brought to where traces start whatever that takes: somebody consented, or
    /// a run of ours left it so.
    pub take_over: bool,
    /// How many traces in a row may find the cluster where nothing brings it back before the series ends.
    pub max_broken: usize,
    /// What the series ends at, with the cluster left as it is then.
    pub stop_when: Option<&'a Situation>,
    /// Who is told.
    pub log: &'a Log,
    /// Set by whoever asks to stop.
    pub stop: &'a AtomicBool,
}

/// What came of a series.
#[derive(Clone, Debug)]
pub struct Played {
    /// A result each, in the order in which they were taken.
    pub results: Vec<TraceResult>,
    /// What is known of the nodes by then.
    pub roster: Roster,
    /// What was done to leave the cluster as the next user wants it.
    pub left: SetUp,
    /// Whether it ended since nothing brought the cluster back.
    pub lost: bool,
}

/// Where a series is.
struct Under {
    roster: Roster,
    /// What may be done to take the cluster home from where it is.
    consent: Consent,
    /// Whether a reset leads home, as far as is known.
    resets: bool,
    /// How many traces in a row found the cluster where nothing brought it back.
    lost: usize,
    /// Whether nobody answered in a whole wait, and nothing was done about it.
    gone: bool,
    /// Why no further trace is taken.
    over: Option<End>,
    /// What the driver was seen not to do.
    refuted: Vec<Excuse>,
    /// What was found in the last trace, and is not told as long as the driver explains it.
    withheld: Option<Withheld>,
    /// What the driver was asked for in vain.
    vain: InVain,
    /// How many of the target's versions lie below the one that traces start from.
    base: u8,
}

/// What was found in a trace, what was at stake there, and what of the driver's explains it.
struct Withheld {
    found: Vec<Found>,
    at_stake: BTreeMap<Rule, u64>,
    excuses: Vec<Excuse>,
}

impl Under {
    /// The likeliest of a driver's excuses, where it was not seen to do such steps.
    fn standing(&self, excuses: &[Excuse]) -> Option<Excuse> {
        let known = |excuse: &&Excuse| self.refuted.iter().any(|refuted| refuted.refutes(**excuse));
        excuses.iter().find(|excuse| !known(excuse)).copied()
    }

    /// Keeps back what a driver's excuse explains, unless the driver was seen to do such steps.
    fn withhold(&mut self, result: &mut TraceResult, excuses: Vec<Excuse>) {
        result.excuse = self.standing(&excuses);
        if result.excuse.is_none() {
            return;
        }
        let (found, at_stake) = result.withhold();
        self.withheld = Some(Withheld { found, at_stake, excuses });
        if matches!(result.end, End::Broken(_)) {
            // Whoever failed has said so.
            result.excuse = None;
        }
    }
}

/// The traces made for this site, in the order in which they are taken: those that can wreck the cluster last.
///
/// Where nothing leads back below a version that was approved (no `reset`, no `allow_downgrade`), traces that approve come
/// last of all.
#[must_use]
pub fn ordered(
    site: &Site,
    driver: &dyn Driver,
    permission: Permission,
    traces: &[Trace],
) -> Vec<Trace> {
    let one_way = one_way(site, driver, permission);
    let mut traces: Vec<Trace> = traces.iter().map(|trace| fitted(trace, site.scope())).collect();
    traces.sort_by_cached_key(|trace| (one_way && trace.approves(), Risk::of(trace)));
    traces
}

/// Whether nothing leads back below a version that was approved.
#[must_use]
pub fn one_way(site: &Site, driver: &dyn Driver, permission: Permission) -> bool {
    permission.disrupt && !driver.can_reset() && !site.downgrades
}

/// How often a run of these traces resets a cluster that can be reset and is found where traces start: once to see whether that
/// does anything, before each trace, and at the end.
#[must_use]
pub fn resets(traces: &[Trace]) -> usize {
    let tried = traces.iter().any(|trace| Risk::of(trace) > Risk::Looks);
    if traces.is_empty() { 0 } else { traces.len() + 1 + usize::from(tried) }
}

impl Series<'_> {
    /// Replays traces one after the other. What becomes known of the nodes is handed on.
    ///
    /// A cluster that does not come back is revived; where that fails too often, the series ends. Where nothing leads back
    /// below an approved version, what follows an approval counts versions from the one that the cluster runs then.
    pub async fn replay(&self, traces: &[Trace], replay: impl Fn(&Trace) -> Command) -> Played {
        let mut under = Under {
            roster: self.site.dictionary.roster(),
            consent: if self.take_over { Consent::Everything } else { Consent::Boots },
            resets: self.driver.can_reset(),
            lost: 0,
            gone: false,
            over: None,
            refuted: Vec::new(),
            withheld: None,
            vain: InVain::default(),
            base: 0,
        };
        self.outlast().await;
        let mut results = Vec::new();
        let mut withheld = Vec::new();
        let traces = ordered(self.site, self.driver, self.permission, traces);
        for trace in &traces {
            let before = self.log.finished_before(trace);
            let known = before.is_some();
            under.withheld = None;
            let left = match before {
                Some(result) => Some(result),
                None => self.without_playing(&mut under, trace, &replay).await,
            };
            let result = match left {
                Some(result) => result,
                None => self.one(&mut under, trace, &replay).await,
            };
            if !known {
                // Before anybody is told of it, the journal first.
                self.log.finished(trace, &result);
            }
            self.log.news(News::Ended(&result));
            withheld.push(under.withheld.take());
            results.push(result);
        }
        // What one trace alone could not tell the others did: the driver does such steps after all.
        for ((result, kept), trace) in results.iter_mut().zip(withheld).zip(&traces) {
            let Some(Withheld { found, at_stake, excuses }) = kept else { continue };
            let standing = under.standing(&excuses);
            if result.excuse.is_none() || result.excuse == standing {
                continue;
            }
            result.excuse = standing;
            if standing.is_none() {
                result.withheld = false;
                result.findings.extend(found);
                result.at_stake.extend(at_stake);
            }
            result.conclude();
            self.log.finished(trace, result);
        }
        let mut left = SetUp::default();
        if under.over.is_none() && results.iter().any(|result| result.steps > 0) {
            self.leave(&under, &mut left).await;
        }
        Played {
            results,
            left,
            roster: under.roster,
            lost: matches!(under.over, Some(End::Unfinished(Stop::ClusterLost(_)))),
        }
    }

    /// The result of a trace that is not played: the series is over, or too few versions are left.
    async fn without_playing(
        &self,
        under: &mut Under,
        trace: &Trace,
        replay: &impl Fn(&Trace) -> Command,
    ) -> Option<TraceResult> {
        let not = |end: End| Some(not_begun(trace, replay(trace), end));
        if self.stop.load(Ordering::Relaxed) {
            return not(End::Interrupted);
        }
        if let Some(over) = &under.over {
            return not(over.clone());
        }
        if let Some(need) = under.vain.needed_by(trace, self.max_broken) {
            return not(End::Skipped(need));
        }
        if one_way(self.site, self.driver, self.permission) {
            under.base = at_home_on(self.site).await.unwrap_or(under.base);
        }
        let left = self.site.dictionary.versions.len().saturating_sub(usize::from(under.base));
        let has = u8::try_from(left).unwrap_or(u8::MAX);
        let few = under.base > 0 && trace.versions > has;
        let need = Need::LaterVersions { needs: trace.versions, has };
        few.then_some(need).and_then(|need| not(End::Skipped(need)))
    }

    /// Plays one trace; if the cluster could not be brought to where it starts, revives it and tries once more.
    async fn one(
        &self,
        under: &mut Under,
        trace: &Trace,
        replay: &impl Fn(&Trace) -> Command,
    ) -> TraceResult {
        let mut result = self.attempt(under, trace, replay(trace)).await;
        if let End::Unfinished(Stop::Met { .. }) = &result.end {
            under.over = Some(result.end.clone());
            return result;
        }
        if !stranded(&result) {
            (under.lost, under.gone) = (0, false);
            return result;
        }
        let revives = self.permission.disrupt && under.consent != Consent::Boots;
        let roster = under.roster.clone();
        let reviver = self.reviver(&roster);
        let mut done = result.set_up;
        // Where nothing is done to bring it back one wait is enough.
        let absence = if under.gone { Absence::Lasts } else { reviver.outwait().await };
        under.gone = absence == Absence::Lasts && !revives;
        let back = revives && reviver.revive(&mut done).await == Revival::Back;
        if (back || absence == Absence::Over) && !self.stop.load(Ordering::Relaxed) {
            result = self.attempt(under, trace, replay(trace)).await;
            done.add(&result.set_up);
        }
        result.set_up = done;
        under.lost = if stranded(&result) && revives { under.lost + 1 } else { 0 };
        if under.lost >= self.max_broken.max(1) {
            under.over = Some(End::Unfinished(Stop::ClusterLost(under.lost)));
        }
        result
    }

    async fn attempt(&self, under: &mut Under, trace: &Trace, replay: Command) -> TraceResult {
        let judge = judge_of(self.site, under.roster.clone());
        let mut session = Session::new(self.site, self.driver, judge, self.log.clone(), self.stop);
        session.downgrades = self.site.downgrades;
        session.base = Version(under.base);
        session.consent = under.consent;
        session.resets = under.resets;
        session.remembers = true;
        session.waived.clone_from(&self.site.waived);
        // Who goes on has seen what ended the run there.
        session.stop_when = self.stop_when.filter(|what| !self.log.had_met(what, trace));
        let mut result = play(&mut session, trace, self.permission, replay).await;
        let excuses = session.excuses();
        result.excuse = excuses.first().copied();
        if result.excuse.is_some_and(Excuse::is_drivers) {
            under.withhold(&mut result, excuses);
        } else if result.verdict == Verdict::Pass {
            under.refuted.extend(session.refuted());
        }
        result.conclude();
        under.vain.count(&result, session.late);
        // What a trace leaves behind is ours; what changes after it was seen to be home again is not.
        let others = session.consent == Consent::Everything && session.at_home && !self.take_over;
        under.consent = if others { Consent::Nodes } else { session.consent };
        under.resets = session.resets;
        under.roster = session.judge.roster().clone();
        result
    }

    fn reviver<'a>(&'a self, roster: &'a Roster) -> Reviver<'a, Site> {
        Reviver {
            port: self.site,
            driver: self.driver,
            roster,
            patience: Patience::from(self.site.timing),
            log: self.log,
            stop: self.stop,
        }
    }

    /// What the next user finds is the initial state where a reset leads there; else every node up. That it fails now
    /// changes no verdict: the report says how the cluster was left.
    async fn leave(&self, under: &Under, done: &mut SetUp) {
        if !self.permission.disrupt {
            return;
        }
        if under.resets {
            self.log.news(News::Resetting);
            done.resets += 1;
            let _ = self.driver.reset().await;
        }
        let _ = self.reviver(&under.roster).revive(done).await;
    }
}

/// Whether a trace found the cluster where nothing brought it to where traces start.
fn stranded(result: &TraceResult) -> bool {
    let begun = result.timeline.iter().any(|step| step.is_taken());
    !begun
        && result.steps == 0
        && match &result.end {
            End::Unreachable(_) | End::Broken(_) => true,
            End::NotReached { after_step, why } => *after_step == 0 && *why != NotReached::Blind,
            End::NotApplicable(misfit) => match misfit {
                Misfit::Restless | Misfit::Unknown | Misfit::Astray => true,
                Misfit::Elsewhere(cluster) => {
                    !cluster.nodes.iter().all(|node| node.phase == Phase::Active)
                }
                Misfit::Profile(_)
                | Misfit::Nodes { .. }
                | Misfit::Listed(_)
                | Misfit::NoConsent(_) => false,
            },
            End::Done | End::Skipped(_) | End::Interrupted | End::Unfinished(_) => false,
        }
}

/// Which of the target's versions every node runs, if the cluster is at rest there.
async fn at_home_on(site: &Site) -> Option<u8> {
    let look = site.look(Source::Cluster, View::Overview).await;
    look.overview().and_then(home_version).map(|version| version.0)
}
