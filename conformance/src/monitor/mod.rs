//! What happens on a cluster that others drive? Reads the overview again and again, says what changed, and judges it.
//!
//! Sends reads only. The judge is [`zdu_model::judge::watch`]'s: it knows nothing of what operators do, so it finds less than a replay.

mod observer;

pub use observer::{Change, Observer};

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::client::As;
use crate::recording::{Entry, Recorded, Recorder, What};
use crate::replay::{Site, View};

/// Watches until `stop` is set or the time is over; `hear` is told of each change as it comes.
pub async fn watch(
    site: &Site,
    limit: Option<Duration>,
    restart: Duration,
    recorder: Option<&Recorder>,
    stop: &AtomicBool,
    mut hear: impl FnMut(&Change),
) -> Observer {
    let restart_ms = u64::try_from(restart.as_millis()).unwrap_or(u64::MAX);
    let mut observer = Observer::new(site.dictionary.clone(), restart_ms);
    let began = Instant::now();
    let millis = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let url = site.view_url(&site.base, View::Overview);
    while !stop.load(Ordering::Relaxed) && limit.is_none_or(|limit| began.elapsed() < limit) {
        let at_ms = millis();
        let reply = site.client.get(&url, As::Admin).await;
        let answer = Recorded::of(&reply);
        for change in observer.overview(millis(), &answer) {
            hear(&change);
        }
        if let Some(recorder) = recorder {
            recorder.note(&Entry {
                at_ms,
                until_ms: millis(),
                what: What::Read { view: "overview".to_owned(), at: None },
                answer: Some(answer),
            });
        }
        pause(site, limit.map(|limit| began + limit), reply.retry_after, stop).await;
    }
    observer
}

/// Waits for the next reading, in short naps so that Ctrl-C is heard.
async fn pause(site: &Site, end: Option<Instant>, longer: Option<Duration>, stop: &AtomicBool) {
    let until = Instant::now() + site.timing.poll.max(longer.unwrap_or_default());
    let until = end.map_or(until, |end| until.min(end));
    while !stop.load(Ordering::Relaxed) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        tokio::time::sleep(left.min(Duration::from_millis(100))).await;
    }
}
