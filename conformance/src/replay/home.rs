//! How does a cluster get to where traces start? By a reset, or with the model's help step by step.

use std::time::{Duration, Instant};

use zdu_model::judge::belief::{Belief, Observation, Overview, SeenNode, SeenVersion};
use zdu_model::judge::event::Silence;
use zdu_model::judge::text::Text;
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{NodeStatus, Version};
use zdu_model::ways::plan;

use super::player::perform;
use super::session::{Session, Settled};
use super::site::{Read, View};
use crate::verdict::Misfit;

/// How often a way back is planned anew when something came in between.
const PLANS_MAX: usize = 4;

/// Whether the cluster is where traces start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// It is, or it ought to be: what differs is judged.
    There,
    /// It is elsewhere, and there is no way.
    Elsewhere(Misfit),
    /// The driver failed.
    Broken(Text),
    /// Nobody answers.
    Unreachable(Silence),
    /// Somebody asked to stop.
    Interrupted,
}

/// Whether an overview lists the initial state: every node ACTIVE on the original version, upgrade mode off. The status
/// is not asked: a wrong one is for the trace to find.
pub(crate) fn initial(overview: &Overview) -> bool {
    let node =
        SeenNode { status: NodeStatus::Active, version: SeenVersion::Known(Version::ORIGINAL) };
    overview.mode == Mode::Off && overview.nodes.iter().all(|listed| *listed == Some(node))
}

impl Session<'_> {
    fn begin_at_initial(&mut self) {
        let scope = self.site.scope();
        self.start_from(Belief::certain(scope, scope.initial()));
    }

    /// Brings the cluster to the initial state before a trace. With `disrupt` a reset or a planned way may be used.
    pub async fn go_home(&mut self, disrupt: bool) -> Home {
        if disrupt && self.driver.can_reset() {
            return self.reset().await;
        }
        match self.site.read(View::Overview).await {
            Read::Seen(answer, _) => match &answer.seen {
                Observation::Overview(overview) if initial(overview) => {
                    self.begin_at_initial();
                    Home::There
                }
                Observation::Overview(overview) => {
                    if !disrupt {
                        return Home::Elsewhere(Misfit::Listed(overview.clone()));
                    }
                    self.start_from(Belief::from_overview(self.site.scope(), overview));
                    self.walk_home().await
                }
                Observation::State(..) | Observation::Node(..) => Home::There,
            },
            Read::Bad(..) => {
                // What is wrong with the answer is for the trace to find.
                self.begin_at_initial();
                Home::There
            }
            Read::Nobody(exchange) => Home::Unreachable(exchange.silence()),
        }
    }

    async fn reset(&mut self) -> Home {
        self.site.log.reset();
        self.set_up.resets += 1;
        if let Err(error) = self.driver.reset().await {
            return Home::Broken(error.to_string().into());
        }
        let deadline = Instant::now() + self.site.timing.settle;
        let mut pause = Duration::from_millis(1);
        loop {
            let read = self.site.read(View::Overview).await;
            let there = match &read {
                Read::Seen(answer, _) => {
                    matches!(&answer.seen, Observation::Overview(overview) if initial(overview))
                }
                // Waiting does not mend a shape.
                Read::Bad(..) => true,
                Read::Nobody(_) => false,
            };
            if there || Instant::now() >= deadline {
                if let (Read::Nobody(exchange), false) = (read, there) {
                    return Home::Unreachable(exchange.silence());
                }
                self.begin_at_initial();
                return Home::There;
            }
            if self.interrupted() {
                return Home::Interrupted;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.site.timing.poll);
        }
    }

    /// Takes the cluster from what is believed of it back to the initial state, with the driver's steps.
    pub async fn walk_home(&mut self) -> Home {
        let scope = self.site.scope();
        let driver = self.driver;
        for _ in 0..PLANS_MAX {
            match self.settle().await {
                Settled::Yes => {}
                Settled::TimedOut | Settled::Blind => {
                    return Home::Elsewhere(Misfit::Restless);
                }
                Settled::Interrupted => return Home::Interrupted,
            }
            let mut settled = self.belief.clone();
            settled.settle();
            let states: Vec<Cluster> = settled.states().into_iter().cloned().collect();
            let Some(from) = states.first() else {
                return Home::Elsewhere(Misfit::Unknown);
            };
            if *from == scope.initial() {
                self.begin_at_initial();
                return Home::There;
            }
            let Some(way) = plan::back(scope, from, |id, request| driver.can(id, request)) else {
                return Home::Elsewhere(Misfit::Elsewhere(from.clone()));
            };
            for deed in way {
                self.set_up.count(deed);
                if let Err(reason) = perform(self, deed).await {
                    return Home::Broken(reason);
                }
                match self.settle().await {
                    Settled::Yes => {}
                    Settled::TimedOut | Settled::Blind => break,
                    Settled::Interrupted => return Home::Interrupted,
                }
            }
        }
        Home::Elsewhere(Misfit::Astray)
    }
}
