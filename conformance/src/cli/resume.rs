//! Going on with a run that was interrupted or killed: the journal beside the reports, and the words that say how.

use std::path::Path;
use std::sync::Arc;

use zdu_model::judge::event::{Source, View};
use zdu_model::judge::text::Text;

use super::Failure;
use crate::journal::{self, Journal, JournalError, Past};
use crate::log::Log;
use crate::recording::{self, Head, Recorder};
use crate::replay::Site;
use crate::verdict::Command;
use crate::words::{Words, counted};

/// How to go on with an interrupted run.
pub(super) fn how_to_resume(resumable: bool) -> String {
    if !resumable {
        return "interrupted; a run against a target with --report-dir DIR can be resumed"
            .to_owned();
    }
    format!("interrupted; go on with: {}", this_resumed())
}

/// What was typed, with `--resume`.
fn this_resumed() -> Command {
    journal::resuming(&Command::zdu(std::env::args().skip(1)))
}

/// A journal that cannot be begun, and what to type instead.
fn unusable(error: &JournalError) -> Failure {
    let mut message = error.to_string();
    if let JournalError::Unfinished { path } = error {
        let report = Command::zdu(["report", "from", path]);
        message =
            format!("{message}\ngo on with: {}\nsee what it came to: {report}", this_resumed());
    }
    Failure::usage(message)
}

/// How to go on with a run that ended where it was asked to (`--stop-when`), in this trace.
pub(super) fn how_to_go_on(trace: &Text, resumable: bool) -> String {
    if !resumable {
        return "a run with --report-dir DIR could be gone on with from here".to_owned();
    }
    format!(
        "go on with: {}\nzdu: that leads the cluster to where traces start first, plays {trace} to its end, and ends where the \
         expression holds in another trace; leave out --stop-when to go on to the end",
        this_resumed()
    )
}

/// What the command line says about the journal and the recording.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listeners<'a> {
    /// The report's folder, where the journal is.
    pub(super) folder: Option<&'a Path>,
    /// Whether to go on with the journal that is there.
    pub(super) goes_on: bool,
    /// The recording's file.
    pub(super) record: Option<&'a Path>,
}

impl Listeners<'_> {
    /// Begins, or goes on with, what listens to a run.
    pub(super) async fn begin(self, site: &Site, head: journal::Head) -> Result<Log, Failure> {
        let usage = |error: JournalError| unusable(&error);
        let journal = match self.folder {
            None => None,
            Some(folder) if self.goes_on => {
                let journal = Journal::resume(folder, &head).map_err(usage)?;
                tell(journal.past(), &head, site).await;
                Some(journal)
            }
            Some(folder) => Some(Journal::create(folder, head).map_err(usage)?),
        };
        let recorder = match self.record {
            None => None,
            Some(path) => Some(
                Recorder::create(path, &Head::of(site, recording::Source::Replay, None))
                    .map_err(|error| Failure::usage(error.to_string()))?,
            ),
        };
        let (journal, recorder) = (journal.map(Arc::new), recorder.map(Arc::new));
        Ok(Log { journal, recorder, onlookers: Vec::new() })
    }
}

/// Says what is gone on with.
async fn tell(past: &Past, now: &journal::Head, site: &Site) {
    if now.again {
        let (few, all) = (now.traces.len(), past.planned());
        eprintln!(
            "zdu: {few} of {all} traces are run again, and the report keeps what became of the others"
        );
    } else {
        eprintln!("zdu: {} traces had ended before and are not repeated", past.count());
    }
    if past.cut > 0 {
        eprintln!(
            "zdu: {} of the journal cannot be read, and is passed over",
            counted(past.cut, "line")
        );
    }
    if let Some(trace) = &past.under_way {
        eprintln!("zdu: {trace} was under way and is replayed from its start");
    }
    let changed = past.head().map(|was| was.changed(now)).unwrap_or_default();
    if !changed.is_empty() {
        eprintln!("zdu: the target file has changed since: {}", changed.join(", "));
    }
    if let Some((what, node)) = &past.unknown {
        let look = site.look(Source::Cluster, View::Overview).await;
        let names = look.roster.names();
        let words = Words::new(&names);
        let now = words.left(&look.left_as());
        let what = node.map_or_else(|| what.clone(), |id| format!("{what} {}", words.node(id)));
        eprintln!(
            "zdu: what became of `{what}` is unknown; it is not sent again. The cluster is {now}"
        );
    }
}
