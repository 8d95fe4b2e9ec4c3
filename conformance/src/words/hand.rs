//! What is said to whoever carries steps out by hand.

use std::time::Duration;

use zdu_model::judge::seen::Request;
use zdu_model::spec::node::NodeId;

use super::Words;

/// What is said beside the questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandNote {
    /// What can be typed.
    How,
    /// The step was seen to happen.
    Seen,
    /// An Enter was taken for the step before.
    Late,
    /// Something was typed that is no answer.
    Other,
    /// Nothing more can be typed.
    Ended,
}

impl HandNote {
    /// The sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::How => {
                "by hand: Enter says that a step is done; `skip` leaves the trace out; `quit` ends the run, with its report"
            }
            Self::Seen => "  seen; no Enter is needed",
            Self::Late => {
                "  that Enter is taken for the step before, which had been seen; press it again once this one is done"
            }
            Self::Other => "  Enter alone when it is done, or `skip`, or `quit`",
            Self::Ended => {
                "  nothing more can be typed (stdin has ended): steps are taken for done once they show"
            }
        }
    }
}

impl Words<'_> {
    /// What a person is asked to do: the trace, where in it, the step.
    #[must_use]
    pub fn by_hand(
        self,
        trace: &str,
        step: usize,
        steps: usize,
        (id, request): (NodeId, Request),
    ) -> String {
        let place = if step == 0 || step > steps {
            "to bring the cluster to where traces start".to_owned()
        } else {
            format!("step {step} of {steps}")
        };
        let what = self.hand_step(id, request);
        format!("[{trace}, {place}] please {what}, then press Enter (or wait until it shows)")
    }

    /// A step in the words of whoever shall do it.
    #[must_use]
    pub fn hand_step(self, id: NodeId, request: Request) -> String {
        let node = self.node(id);
        match request {
            Request::Stop => format!("stop Confluence gracefully on {node}"),
            Request::Kill => format!("shut {node} down altogether"),
            Request::Install(version) => {
                format!("install version {} on {node}", self.names.version(version))
            }
            Request::Boot => format!("start Confluence on {node}"),
            Request::Break => format!("make Confluence on {node} fail, so that it shows ERROR"),
            Request::Repair => format!("fix the error on {node} without restarting it"),
            Request::FailTasks => format!("make the upgrade tasks of {node} fail"),
        }
    }

    /// Neither the person nor the cluster said that a step was done.
    #[must_use]
    pub fn unconfirmed(self, waited: Duration) -> String {
        format!("was neither confirmed nor seen within {}", humantime::format_duration(waited))
    }
}
