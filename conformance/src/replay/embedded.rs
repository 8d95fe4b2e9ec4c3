//! How are traces replayed without a target? Each on a mock cluster of its own, several at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use zdu_endpoint::{Defect, Mock, MockError, OptionsError};
use zdu_model::judge::finding::Names;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::trace::Trace;

use super::player::{Permission, play};
use super::session::Session;
use super::site::Site;
use super::suite::judge_of;
use crate::driver::ControlDriver;
use crate::layout::Layout;
use crate::log::Log;
use crate::run::not_begun;
use crate::secret::{Account, Credentials};
use crate::target::{Target, TargetNode, Timing};
use crate::verdict::{Command, End, Need, TraceResult};

/// How an embedded run goes.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// How long a step of the mock takes on average.
    pub delay: Duration,
    /// What the mock's jitter comes from.
    pub seed: u64,
    /// A defect to plant.
    pub defect: Option<Defect>,
    /// The number of nodes; `None` takes each trace's own.
    pub nodes: Option<usize>,
    /// How many traces run at once.
    pub jobs: usize,
    /// How long a step may take to settle; `None` allows for the delay.
    pub settle: Option<Duration>,
}

impl Default for Embedded {
    fn default() -> Self {
        Self {
            delay: Duration::from_millis(2),
            seed: 0,
            defect: None,
            nodes: None,
            jobs: 16,
            settle: None,
        }
    }
}

impl Embedded {
    /// The versions that an embedded mock knows.
    pub const VERSIONS: [&'static str; 3] = ["9.2.1", "9.2.4", "9.3.0"];

    /// The layout in which an embedded mock is spoken to.
    pub const LAYOUT: Layout = Layout::Documented;

    /// What nodes and versions are called on a mock.
    #[must_use]
    pub fn names(nodes: usize) -> Names {
        Names {
            nodes: (1..=nodes).map(|number| format!("n{number}").into()).collect(),
            versions: Self::VERSIONS.map(Into::into).to_vec(),
            foreign: Vec::new(),
        }
    }

    /// How long things may take on a mock of this delay.
    #[must_use]
    pub fn timing(&self) -> Timing {
        Timing {
            poll: (self.delay / 2).max(Duration::from_millis(1)),
            request: Duration::from_secs(5),
            settle: self.settle.unwrap_or(self.delay * 50 + Duration::from_secs(2)),
            quiet: self.delay * 4 + Duration::from_millis(5),
        }
    }

    /// Replays one trace on a mock of its own.
    pub async fn replay(&self, trace: &Trace, stop: &AtomicBool, replay: Command) -> TraceResult {
        let trace = self.nodes.map_or_else(
            || trace.clone(),
            |nodes| super::fitted(trace, Scope { nodes, ..trace.scope() }),
        );
        match self.attempt(&trace, stop, replay.clone()).await {
            Ok(result) => result,
            Err(end) => not_begun(&trace, replay, end),
        }
    }

    async fn attempt(
        &self,
        trace: &Trace,
        stop: &AtomicBool,
        replay: Command,
    ) -> Result<TraceResult, End> {
        let nodes = self.nodes.unwrap_or(usize::from(trace.nodes));
        let password = format!("{:016x}", fastrand::u64(..));
        let options = zdu_endpoint::Options {
            nodes,
            versions: Self::VERSIONS.map(str::to_owned).to_vec(),
            profile: family(trace.profile),
            delay: self.delay,
            // Over the traces, so that FINALIZATION is met with upgrade tasks and without.
            seed: trace
                .name
                .bytes()
                .fold(self.seed, |seed, byte| seed.rotate_left(5) ^ u64::from(byte)),
            defect: self.defect,
            credentials: Some(zdu_endpoint::Credentials {
                user: "admin".to_owned(),
                password: password.clone(),
                token: None,
                plain: Some(("plain".to_owned(), password.clone())),
            }),
            strict: true,
            ..zdu_endpoint::Options::default()
        };
        let mock = Mock::start(options).await.map_err(|error| {
            // A defect that cannot show on this cluster is no failure of anybody's.
            let cannot_show =
                matches!(error, MockError::Options(OptionsError::DefectCannotShow { .. }));
            let reason = error.to_string().into();
            if cannot_show { End::Skipped(Need::Visibility(reason)) } else { End::Broken(reason) }
        })?;
        let basic = |username: &str| {
            Some(Account::Basic { username: username.to_owned(), password: password.clone() })
        };
        let credentials =
            Credentials { admin: basic("admin"), plain: basic("plain"), ..Credentials::default() };
        let target = Target {
            profile: Some(trace.profile),
            layout: Some(Self::LAYOUT),
            versions: Self::VERSIONS.map(str::to_owned).to_vec(),
            allow_disruption: true,
            timing: self.timing(),
            nodes: mock
                .node_ids()
                .into_iter()
                .zip(mock.node_urls())
                .map(|(id, url)| TargetNode {
                    id: Some(id),
                    url: Some(url.clone()),
                    ..TargetNode::default()
                })
                .collect(),
            ..Target::at(mock.url())
        };
        let site = Site::connect(&target, &credentials)
            .await
            .map_err(|error| End::Broken(error.to_string().into()))?;
        let driver =
            ControlDriver::new(&site.client, &format!("{}/_mock", mock.url()), &site.dictionary);
        let judge = judge_of(&site, site.dictionary.roster());
        let judge = judge.allowing_downgrades(true);
        let mut session = Session::new(&site, &driver, judge, Log::default(), stop);
        session.downgrades = true;
        let permission = Permission { disrupt: true, post: true };
        let result = play(&mut session, trace, permission, replay).await;
        mock.stop().await;
        Ok(result)
    }

    /// Replays many traces, several at once; the results come in the order of the traces. `done` hears of each as it ends.
    pub async fn replay_all(
        &self,
        traces: &[Trace],
        stop: &Arc<AtomicBool>,
        replay: impl Fn(&Trace) -> Command,
        mut done: impl FnMut(&TraceResult),
    ) -> Vec<TraceResult> {
        let places = Arc::new(Semaphore::new(self.jobs.max(1)));
        let mut running = JoinSet::new();
        for (index, trace) in traces.iter().enumerate() {
            let (embedded, trace, replay) = (self.clone(), trace.clone(), replay(trace));
            let (places, stop) = (Arc::clone(&places), Arc::clone(stop));
            running.spawn(async move {
                let _place = places.acquire_owned().await;
                let result = if stop.load(Ordering::Relaxed) {
                    not_begun(&trace, replay, End::Interrupted)
                } else {
                    embedded.replay(&trace, &stop, replay).await
                };
                (index, result)
            });
        }
        let mut results = Vec::new();
        while let Some(joined) = running.join_next().await {
            if let Ok((index, result)) = joined {
                done(&result);
                results.push((index, result));
            }
        }
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

/// The endpoint's word for a family of builds.
pub(crate) const fn family(profile: Profile) -> zdu_endpoint::Profile {
    match profile {
        Profile::Documented => zdu_endpoint::Profile::Documented,
        Profile::Finalization => zdu_endpoint::Profile::Finalization,
    }
}
