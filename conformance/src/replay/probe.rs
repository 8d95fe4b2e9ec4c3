//! Does `reset` do anything? Asked once before the first step, since a reset that does nothing makes every trace after the
//! first look as if the build were wrong.
//!
//! Upgrade mode is turned on, the reset is run, and upgrade mode must be off. Only where `cancel` then shows that it really was on
//! is the reset blamed: a build that shows upgrade mode wrongly is for the traces to find.

use std::sync::atomic::Ordering;
use std::time::Duration;

use zdu_model::judge::event::{Source, View};
use zdu_model::judge::seen::Overview;
use zdu_model::spec::cluster::Mode;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::Action;

use super::home::initial;
use super::port::Port as _;
use super::site::micros;
use super::suite::Series;
use crate::driver::DriverError;
use crate::progress::News;
use crate::verdict::SetUp;

/// How long a command that had just been started may go without an effect, at the least.
const OUTLIVES: Duration = Duration::from_secs(2);

/// What is wrong with a reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idle {
    /// It fails.
    Failed(DriverError),
    /// It ends well, and upgrade mode is on as before.
    Nothing,
}

impl Series<'_> {
    /// Tries `reset` where that is possible, and counts what is done for it.
    pub async fn try_reset(&self, done: &mut SetUp) -> Option<Idle> {
        if !self.permission.disrupt || !self.driver.can_reset() {
            return None;
        }
        if !self.overview().await.is_some_and(|overview| initial(&overview)) {
            return None;
        }
        self.log.news(News::TryingReset);
        // Whatever it answers, upgrade mode may be on then, and is not left so.
        let is_on = |seen: &Overview| seen.mode == Mode::On;
        let on = match self.sends(Call::Start, done).await {
            // A proxy that was not patient enough: what became of it shows later (section 7).
            Some(504) | None => self.comes_to(is_on).await,
            Some(300..) => self.overview().await.as_ref().is_some_and(is_on),
            Some(_) => self.comes_to(is_on).await,
        };
        if !on {
            return None;
        }
        self.log.resetting();
        done.resets += 1;
        let failed = self.driver.reset().await.err();
        if failed.is_none() && self.comes_to(initial).await {
            return None;
        }
        let on = self.overview().await.is_some_and(|overview| overview.mode == Mode::On);
        if failed.is_none() && !on {
            return None;
        }
        let off = self.sends(Call::Cancel, done).await == Some(200)
            && self.comes_to(|seen| seen.mode == Mode::Off).await;
        failed.map(Idle::Failed).or_else(|| off.then_some(Idle::Nothing))
    }

    /// Sends a call; returns the code of the answer, if there was one.
    async fn sends(&self, call: Call, done: &mut SetUp) -> Option<u16> {
        let action = Action::Call(call);
        self.log.calling(call);
        done.count(action);
        let sent = self.site.call(call).await;
        self.log.called(call, &sent.raw);
        sent.raw.code
    }

    /// Waits for something to be shown, as long as a step may take.
    async fn comes_to(&self, wanted: impl Fn(&Overview) -> bool) -> bool {
        let until = self.site.now() + micros(self.site.timing.settle);
        loop {
            if self.overview().await.as_ref().is_some_and(&wanted) {
                return true;
            }
            if self.site.now() >= until || self.stop.load(Ordering::Relaxed) {
                return false;
            }
            self.site.wait(self.site.now() + micros(self.site.timing.poll)).await;
        }
    }

    /// After a run that was killed, waits until what it had just asked for has come to its end: a command outlives whoever
    /// started it, and what it does then is nobody's of this run.
    pub(super) async fn outlast(&self) {
        if !self.log.takes_up() || !self.permission.disrupt {
            return;
        }
        let quiet = micros(self.site.timing.quiet.max(OUTLIVES));
        let until = self.site.now() + 5 * quiet;
        let (mut shown, mut since) = (self.overview().await, self.site.now());
        while self.site.now() < until.min(since + quiet) && !self.stop.load(Ordering::Relaxed) {
            self.site.wait(self.site.now() + micros(self.site.timing.poll)).await;
            let now = self.overview().await;
            if now != shown {
                (shown, since) = (now, self.site.now());
            }
        }
    }

    async fn overview(&self) -> Option<Overview> {
        self.site.look(Source::Cluster, View::Overview).await.overview().cloned()
    }
}
