//! Who is told of what is sent, and of what came back? A journal, to go on after a kill, and a recording, to judge a run after
//! the fact; both, either or none. And whoever looks on.

use std::sync::Arc;

use zdu_model::judge::event::Micros;
use zdu_model::judge::seen::Request;
use zdu_model::judge::trial::Judge;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::Trace;
use zdu_model::ways::situation::Situation;

use crate::client::Reply;
use crate::journal::{Journal, Tail};
use crate::progress::{News, Onlooker};
use crate::recording::{Ended, Entry, Recorded, Recorder, What};
use crate::replay::initial;
use crate::run::Run;
use crate::verdict::{LeftAs, TraceResult};

/// The listeners of a run.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Hears of every POST before it is sent, and of every trace that ends.
    pub journal: Option<Arc<Journal>>,
    /// Hears of everything.
    pub recorder: Option<Arc<Recorder>>,
    /// Look on.
    pub onlookers: Vec<Arc<dyn Onlooker>>,
}

impl Log {
    /// Something happens.
    pub fn news(&self, news: News<'_>) {
        for onlooker in &self.onlookers {
            onlooker.hear(news);
        }
    }

    /// Whether anybody looks on.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        !self.onlookers.is_empty()
    }

    /// A call is about to be sent.
    pub fn calling(&self, call: Call) {
        if let Some(journal) = &self.journal {
            journal.sending(&format!("POST {call}"), None);
        }
    }

    /// A call was sent, and this came back.
    pub fn called(&self, call: Call, reply: &Reply) {
        if let Some(journal) = &self.journal {
            journal.sent(&format!("POST {call}"), reply.code);
        }
    }

    /// A step is about to be asked for.
    pub fn requesting(&self, id: NodeId, request: Request) {
        if let Some(journal) = &self.journal {
            journal.sending(request.name(), Some(id));
        }
    }

    /// The whole cluster is about to be brought back to its initial state.
    pub fn resetting(&self) {
        if let Some(journal) = &self.journal {
            journal.sending("reset", None);
        }
        self.record((0, 0), What::Reset, None);
    }

    /// A trace begins, with what is known of the nodes.
    pub fn begins(&self, name: &str, judge: &Judge) {
        if let Some(journal) = &self.journal {
            journal.began(name);
        }
        let what = What::Trace { name: name.to_owned(), nodes: judge.roster().known() };
        self.record((0, 0), what, None);
    }

    /// Whether this run takes up one that did not come to its end.
    #[must_use]
    pub fn takes_up(&self) -> bool {
        self.journal
            .as_ref()
            .is_some_and(|journal| journal.past().head().is_some() && !journal.past().is_finished())
    }

    /// The result of a trace that had ended before the run was taken up again.
    #[must_use]
    pub fn finished_before(&self, trace: &Trace) -> Option<TraceResult> {
        self.journal.as_ref()?.finished_before(trace)
    }

    /// Whether the run that this one takes up ended in this trace since that had come about (`--stop-when`).
    #[must_use]
    pub fn had_met(&self, what: &Situation, trace: &Trace) -> bool {
        let past = self.journal.as_ref().map(|journal| journal.past());
        past.and_then(|past| past.met_in(trace)).is_some_and(|met| met.raw() == what.to_string())
    }

    /// A trace has ended, or was not come to.
    pub fn finished(&self, trace: &Trace, result: &TraceResult) {
        if let Some(journal) = &self.journal {
            journal.finished(trace, result);
        }
        if self.recorder.is_some() {
            self.record((0, 0), What::Ended(Box::new(Ended::of(result))), None);
        }
    }

    /// What a run came to of which this was the last part.
    #[must_use]
    pub fn whole(&self, results: Vec<TraceResult>) -> Vec<TraceResult> {
        match &self.journal {
            Some(journal) => journal.whole(results),
            None => results,
        }
    }

    /// The run has ended so.
    pub fn ended(&self, run: &Run, results: &[TraceResult]) {
        if let Some(journal) = &self.journal {
            // What was asked for last may show only after everybody has looked.
            let cut = results.iter().any(|result| result.earlier.is_none() && result.is_cut());
            journal.ended(Tail {
                finished: !run.interrupted && !results.iter().any(|result| result.end.is_open()),
                interrupted: run.interrupted,
                seconds: run.clock.elapsed().as_secs_f64(),
                left_as: run.left_as.clone(),
                bring_back: run.bring_back.clone(),
                at_home: !cut
                    && matches!(&run.left_as, Some(LeftAs::Seen(overview)) if initial(overview)),
                names: run.names.clone(),
                left_out: run.left_out.clone(),
                ghosts: run.ghosts.clone(),
                failed_tasks: run.failed_tasks.clone(),
            });
        }
    }

    /// A judge is told this.
    pub fn record(&self, (at, until): (Micros, Micros), what: What, answer: Option<&Reply>) {
        if self.recorder.is_some() {
            self.note(Entry { at, until, what, answer: answer.map(Recorded::of) });
        }
    }

    /// A line of the recording.
    pub fn note(&self, entry: Entry) {
        if let Some(recorder) = &self.recorder {
            recorder.note(&entry);
        }
    }
}
