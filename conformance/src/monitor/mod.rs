//! What happens on a cluster that others drive? Reads the overview again and again, says what changed, and has it judged.
//!
//! Sends reads only. The judge is [`zdu_model::judge::watch`]'s: it knows nothing of what operators do, so it finds less than a
//! replay.

mod observer;

pub use observer::Observer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use zdu_model::judge::event::{Source, View};
use zdu_model::judge::watch::News;

use crate::recording::{Entry, Recorded, Recorder, What};
use crate::replay::{Port, Site, micros};

/// The longest that one waits without looking whether to stop.
const NAP: Duration = Duration::from_millis(100);

/// Watches until `stop` is set or the time is over; `hear` is told of each thing as it comes.
pub async fn watch(
    site: &Site,
    mut observer: Observer,
    limit: Option<Duration>,
    recorder: Option<&Recorder>,
    stop: &AtomicBool,
    mut hear: impl FnMut(&Observer, &News),
) -> Observer {
    let until = limit.map(|limit| site.now() + micros(limit));
    let stopped = || stop.load(Ordering::Relaxed) || until.is_some_and(|until| site.now() >= until);
    while !stopped() {
        let sent = site.read(Source::Cluster, View::Overview, None).await;
        if let Some(recorder) = recorder {
            recorder.note(&Entry {
                at: sent.asked,
                until: sent.now,
                what: What::Read { source: Source::Cluster, view: View::Overview },
                answer: Some(Recorded::of(&sent.raw)),
            });
        }
        for news in observer.hear((sent.asked, sent.now), sent.answer, &sent.raw.exchange) {
            hear(&observer, &news);
        }
        let next = site.now() + micros(site.timing.poll);
        while site.now() < next && !stopped() {
            site.wait(next.min(site.now() + micros(NAP))).await;
        }
    }
    observer
}
