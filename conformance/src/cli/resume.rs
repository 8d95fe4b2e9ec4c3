//! Going on with a run that was interrupted or killed: the journal beside the reports, and the words that say how.

use std::path::Path;
use std::sync::Arc;

use super::Failure;
use crate::journal::Journal;
use crate::log::Log;
use crate::recording::{Head, Recorder, Source};
use crate::replay::{Read, Site, View};
use crate::shell::quoted;
use crate::target::Target;

/// The command that goes on with an interrupted run.
pub(super) fn how_to_resume(resumable: bool, resumed: bool) -> String {
    if !resumable {
        return "interrupted; a run against a target with --report-dir DIR can be resumed"
            .to_owned();
    }
    let mut words: Vec<String> = std::env::args().skip(1).map(|word| quoted(&word)).collect();
    if !resumed {
        words.push("--resume".to_owned());
    }
    format!("interrupted; go on with: zdu {}", words.join(" "))
}

/// What the command line says about the journal and the recording.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listeners<'a> {
    /// The report's folder, where the journal is.
    pub(super) folder: Option<&'a Path>,
    /// Whether to go on with the journal that is there.
    pub(super) resume: bool,
    /// The recording's file.
    pub(super) record: Option<&'a Path>,
}

impl Listeners<'_> {
    /// Begins, or goes on with, what listens to a run.
    pub(super) async fn begin(self, target: &Target, site: &Site) -> Result<Log, Failure> {
        let usage = |message: String| Failure::usage(message);
        let name = site.client.redactor().clean(&target.url);
        let journal = match self.folder {
            None => None,
            Some(folder) if self.resume => {
                let journal =
                    Journal::resume(folder, &name).map_err(|error| usage(error.to_string()))?;
                let past = journal.past();
                eprintln!("zdu: {} traces had ended before and are not repeated", past.count());
                if let Some(trace) = &past.under_way {
                    eprintln!("zdu: {trace} was under way and is replayed from its start");
                }
                if let Some(what) = &past.unknown {
                    let now = match site.read(View::Overview).await {
                        Read::Seen(answer, _) => site.seen_words(&answer.seen),
                        Read::Bad(fault, _) => fault,
                        Read::Nobody(_) => "not answering".to_owned(),
                    };
                    eprintln!(
                        "zdu: what became of `{what}` is unknown; it is not sent again. The cluster is {now}"
                    );
                }
                Some(journal)
            }
            Some(folder) => {
                Some(Journal::create(folder, &name).map_err(|error| usage(error.to_string()))?)
            }
        };
        let recorder = match self.record {
            None => None,
            Some(path) => Some(
                Recorder::create(path, &Head::of(site, Source::Replay, 0))
                    .map_err(|error| usage(error.to_string()))?,
            ),
        };
        Ok(Log { journal: journal.map(Arc::new), recorder: recorder.map(Arc::new) })
    }
}
