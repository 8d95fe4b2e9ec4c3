//! Where a run is, and what is about to be done to a cluster before its first step.

use std::time::Duration;

use zdu_model::traces::trace::Action;

use super::{Words, counted, seconds};
use crate::progress::Awaited;
use crate::verdict::{Means, Stage};

/// Where a run is at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    /// How many traces have ended.
    pub done: usize,
    /// Of how many.
    pub of: usize,
    /// How many of them failed or were not finished.
    pub failed: usize,
    /// How much of the expected time is over.
    pub percent: u64,
    /// The trace under way.
    pub trace: &'a str,
    /// Its step; 0 before the first, more than there are on the way home.
    pub step: usize,
    /// How many steps it has.
    pub steps: usize,
    /// What the step is.
    pub stage: Stage,
    /// For how long it has been under way.
    pub since: Duration,
    /// How long the cluster has been waited for, of how long at most, and for what.
    pub waiting: Option<(Duration, Duration, &'a [Awaited])>,
    /// When the run ends, if it goes on as it has.
    pub ends_in: Option<Duration>,
}

impl Words<'_> {
    /// Where a run is: how much of it is done, what is under way, what is waited for; a line each, as far as there is any.
    #[must_use]
    pub fn course(self, course: &Course<'_>) -> Vec<String> {
        let traces = counted(course.of, "trace");
        let mut run = format!("{} of {traces} ({}%)", course.done, course.percent);
        if course.failed > 0 {
            run = format!("{run}, {} failed", course.failed);
        }
        if let Some(ends_in) = course.ends_in {
            run = format!("{run}, ends about {}", clock(ends_in));
        }
        let under_way = (!course.trace.is_empty()).then(|| self.under_way(course));
        let waiting = course.waiting.map(|(waited, limit, what)| {
            format!("waiting for {}, {}", self.awaited(what), of(waited, limit))
        });
        [Some(run), under_way, waiting].into_iter().flatten().collect()
    }

    fn under_way(self, course: &Course<'_>) -> String {
        let (trace, doing) = (course.trace, self.stage(course.stage));
        let step = if course.step == 0 || course.step > course.steps {
            format!("{trace}, {doing}")
        } else {
            format!("{trace}, step {} of {}, {doing}", course.step, course.steps)
        };
        if course.waiting.is_some() || course.since < Duration::from_secs(1) {
            return step;
        }
        format!("{step}, for {}", time(course.since))
    }

    /// What a cluster that is waited for does not show yet.
    fn awaited(self, what: &[Awaited]) -> String {
        let one = |awaited: &Awaited| match awaited {
            Awaited::Service => "somebody to answer".to_owned(),
            Awaited::Node(id, statuses) => {
                let words = statuses.iter().map(|status| match status {
                    Some(status) => status.to_string(),
                    None => "removed".to_owned(),
                });
                format!("{} to be {}", self.node(*id), either(words))
            }
            Awaited::Status(statuses) => {
                format!("the cluster to be {}", either(statuses.iter().map(ToString::to_string)))
            }
        };
        if what.is_empty() {
            return "nothing more to change".to_owned();
        }
        what.iter().map(one).collect::<Vec<_>>().join(" and ")
    }

    /// What is about to be done to bring a cluster to where traces start.
    #[must_use]
    pub fn way(self, way: &[Action]) -> String {
        let steps: Vec<String> = way.iter().map(|action| self.action(*action)).collect();
        format!("to bring the cluster to where traces start: {}", steps.join(", "))
    }

    /// The same by a reset.
    #[must_use]
    pub fn resetting(self) -> String {
        "to bring the cluster to where traces start: reset".to_owned()
    }

    /// What is about to be done to see whether a reset does anything.
    #[must_use]
    pub fn trying_reset(self) -> String {
        "to see whether `reset` does anything: start, then reset".to_owned()
    }

    /// A reset that led nowhere.
    #[must_use]
    pub fn idle_reset(self) -> String {
        "the reset did not bring the cluster to where traces start, and single steps did: no other reset is tried".to_owned()
    }

    /// That nobody answers, before anything is done about it.
    #[must_use]
    pub fn silent(self) -> String {
        "the cluster does not answer; waiting for it".to_owned()
    }

    /// What is tried when a cluster does not come back.
    #[must_use]
    pub fn reviving(self, means: Means) -> String {
        let what = match means {
            Means::Boot => "what is down is booted",
            Means::Restart => "what is not ACTIVE is killed and booted",
            Means::Reset => "the whole cluster is reset",
        };
        format!("the cluster does not come back by itself: {what}")
    }
}

fn either(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "settled".to_owned() } else { words.join(" or ") }
}

/// How much of a time is over: `3 of 15 min`.
fn of(part: Duration, whole: Duration) -> String {
    let minute = 60;
    if whole.as_secs() >= 2 * minute && whole.as_secs().is_multiple_of(minute) {
        let spent = part.as_secs();
        let (minutes, rest) = (spent / minute, spent % minute);
        format!("{minutes}:{rest:02} of {} min", whole.as_secs() / minute)
    } else {
        format!("{} of {}", time(part), time(whole))
    }
}

fn time(time: Duration) -> String {
    seconds(time.as_secs_f64())
}

/// The time of day then, with the date if that is another one.
fn clock(after: Duration) -> String {
    let now = jiff::Zoned::now();
    let Ok(then) = now.checked_add(after) else { return "never".to_owned() };
    let form = if then.date() == now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    then.strftime(form).to_string()
}
