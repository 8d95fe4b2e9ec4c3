//! Where a run is, and what is about to be done to a cluster before its first step.

use std::time::Duration;

use zdu_model::traces::trace::Action;

use super::{Words, seconds};
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
    /// How long the cluster has been waited for, of how long at most.
    pub waiting: Option<(Duration, Duration)>,
    /// When the run ends, if it goes on as it has.
    pub ends_in: Option<Duration>,
}

impl Words<'_> {
    /// Where a run is, on one line.
    #[must_use]
    pub fn course(self, course: &Course<'_>) -> String {
        let mut parts =
            vec![format!("{} of {} traces ({}%)", course.done, course.of, course.percent)];
        if course.failed > 0 {
            parts.push(format!("{} failed", course.failed));
        }
        if let Some(ends_in) = course.ends_in {
            parts.push(format!("ends about {}", clock(ends_in)));
        }
        if !course.trace.is_empty() {
            parts.push(format!("{}: {}", course.trace, self.under_way(course)));
        }
        parts.join(", ")
    }

    fn under_way(self, course: &Course<'_>) -> String {
        let doing = self.stage(course.stage);
        let step = if course.step == 0 || course.step > course.steps {
            doing
        } else {
            format!("step {} of {}, {doing}", course.step, course.steps)
        };
        course.waiting.map_or_else(
            || step.clone(),
            |(waited, limit)| {
                format!("{step}; waiting until it has settled, {} of {}", time(waited), time(limit))
            },
        )
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

    /// A reset that led nowhere.
    #[must_use]
    pub fn idle_reset(self) -> String {
        "the reset did not bring the cluster to where traces start, and single steps did: no other reset is tried".to_owned()
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
