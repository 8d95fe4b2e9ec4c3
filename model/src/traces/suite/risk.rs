//! What may a trace leave behind, should it go wrong? A run takes those last that can wreck its cluster.

use crate::judge::belief::Request;
use crate::traces::trace::{Action, Run, Trace};

/// The worst that a trace does to its cluster, the most harmless first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// It reads, and sends what must be refused.
    Looks,
    /// It sends calls that change the cluster and touches no node.
    Calls,
    /// It stops, installs and boots nodes, as an upgrade does.
    Operates,
    /// It makes nodes fail.
    Harms,
    /// At some time no node serves: nothing is left to be asked.
    Outage,
}

impl Risk {
    /// What a trace risks, as the model runs it.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let scope = trace.scope();
        let mut run = Run::new(scope);
        let mut worst = Self::Looks;
        for step in &trace.steps {
            // What the model cannot follow is refused elsewhere.
            let Ok(action) = step.action(scope) else { continue };
            worst = worst.max(Self::alone(action, &step.answer));
            let _ = run.take(action, !step.then.is_empty());
            if run.states().iter().any(|cluster| !cluster.served()) {
                worst = Self::Outage;
            }
        }
        worst
    }

    fn alone(action: Action, answer: &[u16]) -> Self {
        match action {
            Action::Look | Action::UnknownNode | Action::Anonymous | Action::Plain => Self::Looks,
            Action::Call(_) | Action::Race(..) if answer == [409] => Self::Looks,
            Action::Call(_) | Action::Race(..) => Self::Calls,
            Action::Request(_, request) => match request {
                Request::Stop | Request::Install(_) | Request::Boot => Self::Operates,
                Request::Kill | Request::Break | Request::Repair | Request::FailTasks => {
                    Self::Harms
                }
            },
        }
    }
}
