//! How is a cluster brought back that does not come back by itself? With everything that the driver can do, the gentlest
//! first; nothing is judged meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

use zdu_model::judge::event::{Answer, Micros, Source, View};
use zdu_model::judge::roster::Roster;
use zdu_model::judge::seen::{Observation, Overview, Request};
use zdu_model::judge::trial::Patience;
use zdu_model::spec::node::{NodeId, NodeStatus};
use zdu_model::traces::trace::Action;

use super::port::Port;
use super::site::Site;
use crate::driver::Driver;
use crate::log::Log;
use crate::progress::{Awaited, News};
use crate::verdict::{Means, SetUp};

/// Brings back a cluster at which nobody answers, before anything is known of it but its nodes; what is done is counted.
pub async fn revive(
    site: &Site,
    driver: &dyn Driver,
    log: &Log,
    stop: &AtomicBool,
    done: &mut SetUp,
) {
    let roster = site.dictionary.roster();
    let patience = Patience::from(site.timing);
    let reviver = Reviver { port: site, driver, roster: &roster, patience, log, stop };
    let _ = reviver.revive(done).await;
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Revival {
    /// Every node was ACTIVE, or what was shown could not be read: nothing was done.
    Needless,
    /// Somebody serves again.
    Back,
    /// Nobody answers, whatever was tried.
    Lost,
}

/// Whether nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    /// Somebody does.
    None,
    /// Nobody did, and now somebody does.
    Over,
    /// Nobody does, however long it is waited.
    Lasts,
}

/// Brings a cluster back to where somebody serves, and every node if that can be.
pub(super) struct Reviver<'a, P> {
    pub(super) port: &'a P,
    pub(super) driver: &'a dyn Driver,
    pub(super) roster: &'a Roster,
    pub(super) patience: Patience,
    pub(super) log: &'a Log,
    pub(super) stop: &'a AtomicBool,
}

/// What an overview shows to whoever wants to revive it.
enum Sight {
    Whole,
    /// These nodes are not as they should be: nobody answers, or they are listed otherwise than ACTIVE.
    Lacking {
        down: Vec<NodeId>,
        ill: Vec<NodeId>,
        served: bool,
    },
    Unreadable,
}

impl Sight {
    /// What it lacks.
    fn awaited(&self) -> Vec<Awaited> {
        let Self::Lacking { down, ill, .. } = self else { return Vec::new() };
        let active = |id: &NodeId| Awaited::Node(*id, [Some(NodeStatus::Active)].into());
        down.iter().chain(ill).map(active).collect()
    }
}

impl<P: Port> Reviver<'_, P> {
    /// Waits, where nobody answers, until somebody does, as long as a step may take: what is away for a moment comes back by
    /// itself.
    pub(super) async fn outwait(&self) -> Absence {
        if overview(self.port, self.roster).await.is_ok() {
            return Absence::None;
        }
        let until = self.port.now() + self.patience.settle;
        self.log.news(News::Silent);
        self.log.news(News::Waiting(self.patience.settle));
        loop {
            if self.port.now() >= until || self.stop.load(Ordering::Relaxed) {
                return Absence::Lasts;
            }
            self.port.wait(next(self.port.now(), self.patience.poll)).await;
            if overview(self.port, self.roster).await.is_ok() {
                self.log.news(News::Settled);
                return Absence::Over;
            }
        }
    }

    /// Does what it can, and counts it.
    pub(super) async fn revive(&self, done: &mut SetUp) -> Revival {
        let mut sight = self.look().await;
        if !matches!(sight, Sight::Lacking { .. }) {
            return Revival::Needless;
        }
        for means in Means::ALL {
            let Sight::Lacking { down, ill, .. } = &sight else { break };
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            if self.apply(means, down, ill, done).await {
                sight = self.wait().await;
            }
        }
        match sight {
            Sight::Lacking { served: false, .. } => Revival::Lost,
            Sight::Whole | Sight::Unreadable | Sight::Lacking { served: true, .. } => Revival::Back,
        }
    }

    /// Returns whether anything was done. That a command fails is no news here: the next means may not.
    async fn apply(&self, means: Means, down: &[NodeId], ill: &[NodeId], done: &mut SetUp) -> bool {
        let mut any = false;
        let mut ask = Vec::new();
        match means {
            Means::Boot => ask.extend(down.iter().map(|id| (*id, Request::Boot))),
            Means::Restart => {
                for id in down.iter().chain(ill) {
                    let kill = self.driver.can(*id, Request::Kill);
                    ask.push((*id, if kill { Request::Kill } else { Request::Stop }));
                    ask.push((*id, Request::Boot));
                }
            }
            Means::Reset => {
                if self.driver.can_reset() {
                    self.log.news(News::Reviving(means));
                    self.log.resetting();
                    done.resets += 1;
                    any = self.driver.reset().await.is_ok();
                }
            }
        }
        ask.retain(|(id, request)| self.driver.can(*id, *request));
        if !ask.is_empty() {
            self.log.news(News::Reviving(means));
        }
        for (id, request) in ask {
            self.log.requesting(id, request);
            done.count(Action::Request(id, request));
            any |= self.driver.request(id, request).await.is_ok();
        }
        any
    }

    /// Waits until every node is ACTIVE, as long as a step may take.
    async fn wait(&self) -> Sight {
        let until = self.port.now() + self.patience.settle;
        self.log.news(News::Waiting(self.patience.settle));
        loop {
            let sight = self.look().await;
            self.log.news(News::Awaiting(&sight.awaited()));
            let over = self.port.now() >= until || self.stop.load(Ordering::Relaxed);
            if over || matches!(sight, Sight::Whole) {
                self.log.news(News::Settled);
                return sight;
            }
            self.port.wait(next(self.port.now(), self.patience.poll)).await;
        }
    }

    async fn look(&self) -> Sight {
        let all = || (0..self.roster.len()).map(NodeId::at).collect();
        match overview(self.port, self.roster).await {
            Ok(Some(overview)) => {
                let is = |wanted: fn(Option<NodeStatus>) -> bool| {
                    let nodes = overview.nodes.iter().enumerate();
                    let found = nodes.filter(|(_, node)| wanted(node.and_then(|node| node.status)));
                    found.map(|(index, _)| NodeId::at(index)).collect::<Vec<_>>()
                };
                let down = is(|status| matches!(status, None | Some(NodeStatus::Offline)));
                let ill = is(|status| {
                    !matches!(status, None | Some(NodeStatus::Offline | NodeStatus::Active))
                });
                if down.is_empty() && ill.is_empty() {
                    return Sight::Whole;
                }
                let served = down.len() + ill.len() < overview.nodes.len();
                Sight::Lacking { down, ill, served }
            }
            Ok(None) => Sight::Unreadable,
            Err(()) => Sight::Lacking { down: all(), ill: Vec::new(), served: false },
        }
    }
}

const fn next(now: Micros, pause: Micros) -> Micros {
    now + if pause == 0 { 1 } else { pause }
}

/// The overview, without a judge; `None` where it cannot be read.
///
/// # Errors
/// When nobody answers.
pub(super) async fn overview<P: Port>(port: &P, roster: &Roster) -> Result<Option<Overview>, ()> {
    match port.read(Source::Cluster, View::Overview, None).await.answer {
        Answer::Nobody(_) => Err(()),
        Answer::Bad(_) | Answer::NotListed => Ok(None),
        Answer::Served(served) => Ok(match roster.clone().told(&served, None).seen {
            Some(Observation::Overview(overview)) => Some(overview),
            Some(Observation::State(..) | Observation::Node(..)) | None => None,
        }),
    }
}
