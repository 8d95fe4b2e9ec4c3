//! Who is told of what is sent, and of what came back? A journal, to go on after a kill, and a recording, to judge a run after
//! the fact; both, either or none.

use std::sync::Arc;

use zdu_model::judge::belief::Request;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::Trace;

use crate::client::Reply;
use crate::journal::Journal;
use crate::recording::{Entry, Recorded, Recorder, What};
use crate::secret::Redactor;
use crate::told::TraceResult;
use crate::wire::Dictionary;

/// The listeners of a run.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Hears of every POST before it is sent, and of every trace that ends.
    pub journal: Option<Arc<Journal>>,
    /// Hears of everything.
    pub recorder: Option<Arc<Recorder>>,
}

impl Log {
    /// Milliseconds since the recording began; 0 without one.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.recorder.as_ref().map_or(0, |recorder| recorder.now())
    }

    /// A call is about to be sent.
    pub fn calling(&self, call: Call) {
        if let Some(journal) = &self.journal {
            journal.sending(&format!("POST {call}"));
        }
    }

    /// A call was sent, and this came back.
    pub fn called(&self, call: Call, began: u64, reply: &Reply, redactor: &Redactor) {
        if let Some(journal) = &self.journal {
            journal.sent(&format!("POST {call}"), reply.code);
        }
        self.record(What::Call(call), began, Some((reply, redactor)));
    }

    /// A view was read, of this node's own address if one is given.
    pub fn read(
        &self,
        (view, node): (&str, Option<&str>),
        began: u64,
        reply: &Reply,
        redactor: &Redactor,
    ) {
        let what = What::Read { view: view.to_owned(), at: node.map(|node| redactor.clean(node)) };
        self.record(what, began, Some((reply, redactor)));
    }

    /// A step is about to be asked for.
    pub fn step(&self, node: &str, words: &Dictionary, request: Request) {
        let version = match request {
            Request::Install(version) => Some(words.version_name(version).to_owned()),
            Request::Stop
            | Request::Kill
            | Request::Boot
            | Request::Break
            | Request::Repair
            | Request::FailTasks => None,
        };
        if let Some(journal) = &self.journal {
            journal.sending(&format!("{} {node}", request.name()));
        }
        let what = What::Step { name: request.name().to_owned(), node: node.to_owned(), version };
        self.record(what, self.now(), None);
    }

    /// A trace begins.
    pub fn trace(&self, name: &str) {
        if let Some(journal) = &self.journal {
            journal.began(name);
        }
    }

    /// The result of a trace that had ended before the run was taken up again.
    #[must_use]
    pub fn finished_before(&self, trace: &Trace) -> Option<TraceResult> {
        self.journal.as_ref()?.finished_before(trace)
    }

    /// A trace has ended.
    pub fn finished(&self, trace: &Trace, result: &TraceResult) {
        if let Some(journal) = &self.journal {
            journal.finished(trace, result);
        }
    }

    /// The cluster is where the trace starts; what was done to bring it there is no part of the trace.
    pub fn home(&self, trace: &str) {
        self.record(What::Trace(trace.to_owned()), self.now(), None);
    }

    /// The whole cluster is about to be brought back to its initial state.
    pub fn reset(&self) {
        if let Some(journal) = &self.journal {
            journal.sending("reset");
        }
        self.record(What::Reset, self.now(), None);
    }

    fn record(&self, what: What, began: u64, answer: Option<(&Reply, &Redactor)>) {
        if let Some(recorder) = &self.recorder {
            recorder.note(&Entry {
                at_ms: began,
                until_ms: recorder.now(),
                what,
                answer: answer.map(|(reply, redactor)| Recorded::of(reply, redactor)),
            });
        }
    }
}
