//! What does a trace cost on a real cluster? Steps, waits, restarts, and how long that takes.

use std::iter::Sum;
use std::ops::Add;
use std::time::Duration;

use crate::judge::belief::Request;
use crate::traces::trace::{Action, Step, Trace};

/// What it takes to replay traces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost {
    /// Steps, reads included.
    pub steps: usize,
    /// Steps on a node after which one waits until the cluster has settled.
    pub waits: usize,
    /// Nodes booted, each time counted.
    pub restarts: usize,
}

impl Cost {
    /// What one trace takes, the way back to where traces start left out.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let count =
            |wanted: &dyn Fn(&Step) -> bool| trace.steps.iter().filter(|step| wanted(step)).count();
        let boots = |step: &Step| {
            matches!(step.action(trace.scope()), Ok(Action::Request(_, Request::Boot)))
        };
        Self {
            steps: trace.steps.len(),
            waits: count(&|step| step.node.is_some() && !step.then.is_empty()),
            restarts: count(&boots),
        }
    }

    /// How long it takes when each wait takes this long; calls and reads are not counted.
    #[must_use]
    pub fn time(self, settle: Duration) -> Duration {
        settle * u32::try_from(self.waits).unwrap_or(u32::MAX)
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            steps: self.steps + other.steps,
            waits: self.waits + other.waits,
            restarts: self.restarts + other.restarts,
        }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Add::add)
    }
}
