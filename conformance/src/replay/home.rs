//! How does a cluster get to where traces start? By a reset, or with the model's help step by step.

use zdu_model::judge::event::{Silence, Source, Start, View};
use zdu_model::judge::seen::{Overview, SeenNode, SeenVersion};
use zdu_model::judge::trial::Settled;
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{NodeStatus, Version};
use zdu_model::ways::plan;

use super::perform::perform;
use super::port::Port;
use super::session::{Consent, Session};
use crate::driver::DriverError;
use crate::progress::News;
use crate::verdict::Misfit;

/// How often a way back is planned anew when something came in between.
const PLANS_MAX: usize = 4;

/// The shortest pause between two looks at a cluster that is being reset, in microseconds.
const PAUSE_MIN: u64 = 1_000;

/// Whether the cluster is where traces start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// It is, or it ought to be: what differs is judged.
    There,
    /// It is elsewhere, and there is no way.
    Elsewhere(Misfit),
    /// The driver failed.
    Broken(DriverError),
    /// Nobody answers.
    Unreachable(Silence),
    /// Somebody asked to stop.
    Interrupted,
}

/// Whether an overview lists the initial state: every node ACTIVE on the original version, upgrade mode off. The status
/// is not asked: a wrong one is for the trace to find.
#[must_use]
pub fn initial(overview: &Overview) -> bool {
    initial_on(overview, Version::ORIGINAL)
}

fn initial_on(overview: &Overview, version: Version) -> bool {
    let node = SeenNode { status: Some(NodeStatus::Active), version: SeenVersion::Known(version) };
    overview.mode == Mode::Off && overview.nodes.iter().all(|listed| *listed == Some(node))
}

/// The version that every node runs, ACTIVE and with upgrade mode off; `None` where that is not so.
#[must_use]
pub fn home_version(overview: &Overview) -> Option<Version> {
    let mut versions = overview.nodes.iter().map(|node| match node {
        Some(SeenNode {
            status: Some(NodeStatus::Active),
            version: SeenVersion::Known(version),
        }) => Some(*version),
        Some(_) | None => None,
    });
    let first = versions.next()??;
    (overview.mode == Mode::Off && versions.all(|version| version == Some(first))).then_some(first)
}

/// Whether a cluster that is nobody's of ours may be where traces start once what is down was booted and what moves is at rest:
/// more needs consent.
#[must_use]
pub fn home_by_boots(overview: &Overview, version: Version) -> bool {
    let stays = |node: &Option<SeenNode>| {
        node.is_none_or(|node| {
            node.status != Some(NodeStatus::Error)
                && !matches!(node.version, SeenVersion::Known(other) if other != version)
        })
    };
    overview.mode == Mode::Off && overview.nodes.iter().all(stays)
}

/// Brings the cluster to the initial state before a trace. With `disrupt` a reset or a planned way may be used; where the
/// cluster is nobody's of ours, only with consent.
pub(super) async fn go_home<P: Port>(session: &mut Session<'_, P>, disrupt: bool) -> Home {
    let reset = disrupt && session.resets;
    if reset && session.consent == Consent::Everything {
        return by_reset(session).await;
    }
    session.read(Source::Cluster, View::Overview).await;
    if let Some(silence) = nobody(session) {
        return Home::Unreachable(silence);
    }
    match session.judge.last().cloned() {
        Some(overview) if !initial_on(&overview, session.base) => {
            if !disrupt {
                return Home::Elsewhere(Misfit::Listed(overview));
            }
            session.start_from(Start::LastOverview);
            walk_home(session).await
        }
        Some(_) | None if reset => by_reset(session).await,
        // What is wrong with an answer of another shape is for the trace to find.
        Some(_) | None => {
            session.start_from(session.start());
            Home::There
        }
    }
}

/// In which way nobody answered the last request, if nobody did.
fn nobody<P: Port>(session: &Session<'_, P>) -> Option<Silence> {
    session.record.exchanges.last()?.silence.clone()
}

/// By a reset; where that leads nowhere, step by step.
async fn by_reset<P: Port>(session: &mut Session<'_, P>) -> Home {
    let failed = session.reset().await.err();
    let patience = session.judge.patience();
    let wait = if failed.is_some() { 0 } else { patience.settle };
    let deadline = session.port.now() + wait;
    session.log.news(News::Waiting(wait));
    let mut pause = PAUSE_MIN;
    loop {
        session.read(Source::Cluster, View::Overview).await;
        let silence = nobody(session);
        let there = silence.is_none() && session.judge.last().is_none_or(initial);
        if there {
            session.start_from(Start::Initial);
            return Home::There;
        }
        if session.interrupted() {
            return Home::Interrupted;
        }
        if session.port.now() >= deadline {
            return match silence {
                Some(silence) => Home::Unreachable(silence),
                None => after_reset(session, failed).await,
            };
        }
        session.port.wait(session.port.now() + pause).await;
        pause = (pause * 2).min(patience.poll);
    }
}

/// A reset has not led home, in time: the single steps may.
async fn after_reset<P: Port>(session: &mut Session<'_, P>, failed: Option<DriverError>) -> Home {
    session.start_from(Start::LastOverview);
    match (walk_home(session).await, failed) {
        (Home::There, _) => {
            session.resets = false;
            session.log.news(News::IdleReset);
            Home::There
        }
        (Home::Interrupted, _) => Home::Interrupted,
        (_, Some(error)) => Home::Broken(error),
        // The reset was carried out, and every node is up: what is shown otherwise than it ought to be is for the trace to find.
        (Home::Elsewhere(_), None) if session.judge.last().is_some_and(all_active) => {
            session.start_from(Start::Initial);
            Home::There
        }
        (home @ (Home::Elsewhere(_) | Home::Broken(_) | Home::Unreachable(_)), None) => home,
    }
}

/// Whether every node is listed ACTIVE.
pub(super) fn all_active(overview: &Overview) -> bool {
    let active =
        |node: &Option<SeenNode>| node.is_some_and(|node| node.status == Some(NodeStatus::Active));
    overview.nodes.iter().all(active)
}

/// Takes the cluster from what is believed of it back to the initial state, with the driver's steps.
pub(super) async fn walk_home<P: Port>(session: &mut Session<'_, P>) -> Home {
    let scope = session.judge.belief().scope();
    let driver = session.driver;
    for _ in 0..PLANS_MAX {
        match session.settle().await {
            Some(Settled::Yes) => {}
            Some(Settled::TimedOut | Settled::Blind | Settled::TooMany) => {
                return Home::Elsewhere(Misfit::Restless);
            }
            None => return Home::Interrupted,
        }
        let mut settled = session.judge.belief().clone();
        settled.settle();
        // That a listing is late, too, explains what is seen; it is taken at its word where that is possible.
        let listed = session.judge.last().map(|overview| settled.listed_so(overview));
        let states = listed.filter(|states| !states.is_empty()).unwrap_or_else(|| settled.states());
        // Of a node that is down, another version may be installed: then the version that traces start from is installed again.
        let away = |cluster: &Cluster| {
            cluster.nodes.iter().filter(|node| node.version != session.base).count()
        };
        let Some(from) = states.into_iter().rev().max_by_key(|cluster| away(cluster)) else {
            return Home::Elsewhere(Misfit::Unknown);
        };
        if *from == Cluster::initial_on(scope.nodes, session.base) {
            session.start_from(session.start());
            return Home::There;
        }
        // The version that traces start from where that may be; else the next one on which every node can be.
        let way = (session.base.0..scope.versions).map(Version).find_map(|version| {
            let home = plan::Home { version, downgrades: session.downgrades };
            plan::back(scope, from, home, |id, request| driver.can(id, request))
        });
        let Some(way) = way else {
            return Home::Elsewhere(Misfit::Elsewhere(from.clone()));
        };
        if way.is_empty() {
            // It is at home on a later version; who goes on from there counts versions from it.
            return Home::Elsewhere(Misfit::Elsewhere(from.clone()));
        }
        if let Some(overview) = session.judge.last()
            && way.iter().any(|action| !session.consent.covers(*action))
        {
            return Home::Elsewhere(Misfit::NoConsent(overview.clone()));
        }
        session.log.news(News::Way(&way));
        for action in way {
            session.set_up.count(action);
            if let Err(error) = perform(session, action).await {
                return Home::Broken(error);
            }
            match session.settle().await {
                Some(Settled::Yes) => {}
                Some(Settled::TimedOut | Settled::Blind | Settled::TooMany) => break,
                None => return Home::Interrupted,
            }
        }
    }
    Home::Elsewhere(Misfit::Astray)
}
