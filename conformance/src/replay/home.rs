//! How does a cluster get to where traces start? By a reset, or with the model's help step by step.

use std::time::{Duration, Instant};

use zdu_model::judge::belief::{Belief, Observation, Overview, SeenNode, SeenVersion};
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{NodeStatus, Version};
use zdu_model::ways::plan;

use super::player::perform;
use super::session::{Session, Settled};
use super::site::{Read, View};

/// How often a way back is planned anew when something came in between.
const PLANS_MAX: usize = 4;

/// Whether the cluster is where traces start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// It is, or it ought to be: what differs is judged.
    There,
    /// It is elsewhere, and there is no way.
    Elsewhere(String),
    /// The driver failed.
    Broken(String),
    /// Nobody answers.
    Unreachable(String),
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
                    let words = self.site.seen_words(&answer.seen);
                    if !disrupt {
                        return elsewhere(&words);
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
            Read::Nobody(exchange) => {
                let proxy = || format!("{} from a proxy", exchange.code.unwrap_or(0));
                Home::Unreachable(exchange.failure.clone().unwrap_or_else(proxy))
            }
        }
    }

    async fn reset(&mut self) -> Home {
        self.site.log.reset();
        if let Err(error) = self.driver.reset().await {
            return Home::Broken(error.to_string());
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
                    return Home::Unreachable(exchange.failure.unwrap_or_default());
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
                    return Home::Elsewhere("the cluster does not settle".to_owned());
                }
                Settled::Interrupted => return Home::Interrupted,
            }
            let mut settled = self.belief.clone();
            settled.settle();
            let states: Vec<Cluster> = settled.states().into_iter().cloned().collect();
            let Some(from) = states.first() else {
                return Home::Elsewhere("it is not known where the cluster is".to_owned());
            };
            if *from == scope.initial() {
                self.begin_at_initial();
                return Home::There;
            }
            let Some(way) = plan::back(scope, from, |id, request| driver.can(id, request)) else {
                return elsewhere(&self.site.cluster_words(from));
            };
            for action in way {
                if let Err(reason) = perform(self, action).await {
                    return Home::Broken(reason);
                }
                match self.settle().await {
                    Settled::Yes => {}
                    Settled::TimedOut | Settled::Blind => break,
                    Settled::Interrupted => return Home::Interrupted,
                }
            }
        }
        Home::Elsewhere("the way back did not lead back".to_owned())
    }
}

fn elsewhere(words: &str) -> Home {
    Home::Elsewhere(format!(
        "the cluster is {words}; a trace starts with every node ACTIVE on the original version and upgrade mode off, and \
         no command leads there"
    ))
}
