//! Where was a run when it was killed? `journal.jsonl` beside the reports: a line for each trace that ended, and one before
//! each thing that is sent to change the cluster.
//!
//! A line is written in one piece and handed to the system before the run goes on, so it outlives the process; a power
//! failure may still lose the last lines. A last line that is cut off is dropped. A trace's result is taken over only if
//! the trace is still the same; a trace that was under way is replayed from its start.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use zdu_model::traces::trace::Trace;

use crate::verdict::{End, TraceResult};

/// The journal's file in the report's folder.
pub const FILE: &str = "journal.jsonl";

/// What a journal's first line names.
pub const SCHEMA: &str = "zdu-journal/1";

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be written or read.
    #[error("cannot use the journal {path}: {reason}")]
    Io {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// There is none.
    #[error("there is no run to resume in {path}; leave out --resume to start one")]
    None {
        /// The folder's file.
        path: String,
    },
    /// It is not a journal, or of another format.
    #[error("{path}, line {line}: {reason}; start anew without --resume")]
    Shape {
        /// The file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// It is another target's.
    #[error(
        "{path} is the journal of a run against {was}, not {is}; give another --report-dir, or leave out --resume"
    )]
    OtherTarget {
        /// The file.
        path: String,
        /// The journal's target.
        was: String,
        /// The target now.
        is: String,
    },
}

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Head { schema: String, target: String },
    Began { trace: String },
    Sending { what: String },
    Sent { what: String, code: Option<u16> },
    Finished { print: String, result: Box<TraceResult> },
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: Mutex<File>,
    past: Past,
}

/// What a journal tells of the run that it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The results of traces that ended, by name, with the trace's fingerprint.
    finished: BTreeMap<String, (String, TraceResult)>,
    /// The trace that was under way.
    pub under_way: Option<String>,
    /// What was sent without an answer: it may or may not have happened.
    pub unknown: Option<String>,
    /// Whether the last line was cut off.
    pub cut: bool,
}

impl Past {
    /// How many traces had ended.
    #[must_use]
    pub fn count(&self) -> usize {
        self.finished.len()
    }

    fn read(path: &Path, target: &str) -> Result<Self, JournalError> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                JournalError::None { path: shown.clone() }
            } else {
                JournalError::Io { path: shown.clone(), reason: error.to_string() }
            }
        })?;
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        let mut past = Self::default();
        for (index, line) in lines.iter().enumerate() {
            let wrong = |reason: String| JournalError::Shape {
                path: shown.clone(),
                line: index + 1,
                reason,
            };
            match serde_json::from_str(line) {
                Ok(line) => past.take(line, index, target, &shown)?,
                Err(_) if index > 0 && index + 1 == lines.len() => past.cut = true,
                Err(error) => return Err(wrong(error.to_string())),
            }
        }
        if lines.is_empty() {
            return Err(JournalError::None { path: shown });
        }
        Ok(past)
    }

    fn take(
        &mut self,
        line: Line,
        index: usize,
        target: &str,
        path: &str,
    ) -> Result<(), JournalError> {
        match line {
            Line::Head { schema, target: was } => {
                if schema != SCHEMA {
                    return Err(JournalError::Shape {
                        path: path.to_owned(),
                        line: index + 1,
                        reason: format!("schema is `{schema}`, but this program reads `{SCHEMA}`"),
                    });
                }
                if was != target {
                    return Err(JournalError::OtherTarget {
                        path: path.to_owned(),
                        was,
                        is: target.to_owned(),
                    });
                }
            }
            Line::Began { trace } => {
                self.under_way = Some(trace);
                self.unknown = None;
            }
            Line::Sending { what } => self.unknown = Some(what),
            Line::Sent { code, .. } => {
                if code.is_some() {
                    self.unknown = None;
                }
            }
            Line::Finished { print, result } => {
                self.under_way = None;
                self.unknown = None;
                self.finished.insert(result.name.raw().to_owned(), (print, *result));
            }
        }
        Ok(())
    }
}

impl Journal {
    /// Begins a journal in this folder; an older one is replaced.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be written.
    pub fn create(folder: &Path, target: &str) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let fail = |error: std::io::Error| JournalError::Io {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        std::fs::create_dir_all(folder).map_err(fail)?;
        let journal =
            Self { file: Mutex::new(File::create(&path).map_err(fail)?), past: Past::default() };
        journal.write(&Line::Head { schema: SCHEMA.to_owned(), target: target.to_owned() });
        Ok(journal)
    }

    /// Goes on with the journal in this folder.
    ///
    /// # Errors
    /// [`JournalError`] when there is none, it cannot be used, or it is another target's.
    pub fn resume(folder: &Path, target: &str) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let past = Past::read(&path, target)?;
        let fail = |error: std::io::Error| JournalError::Io {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        let mut file = OpenOptions::new().append(true).open(&path).map_err(fail)?;
        if past.cut {
            // The cut line becomes one that is not the last; take it out rather than leave it to be refused next time.
            let text = String::from_utf8_lossy(&std::fs::read(&path).map_err(fail)?).into_owned();
            let whole = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
            file = OpenOptions::new().write(true).truncate(true).open(&path).map_err(fail)?;
            file.write_all(&text.as_bytes()[..whole]).map_err(fail)?;
        }
        Ok(Self { file: Mutex::new(file), past })
    }

    /// What had happened when the run was taken up again.
    #[must_use]
    pub const fn past(&self) -> &Past {
        &self.past
    }

    /// The result of a trace that had ended before, if it is still the same trace.
    #[must_use]
    pub fn finished_before(&self, trace: &Trace) -> Option<TraceResult> {
        let (print, result) = self.past.finished.get(&trace.name)?;
        (*print == fingerprint(trace)).then(|| result.clone())
    }

    /// A trace begins.
    pub fn began(&self, trace: &str) {
        self.write(&Line::Began { trace: trace.to_owned() });
    }

    /// Something is about to be sent that may change the cluster.
    pub fn sending(&self, what: &str) {
        self.write(&Line::Sending { what: what.to_owned() });
    }

    /// It was sent; without a code nobody answered.
    pub fn sent(&self, what: &str, code: Option<u16>) {
        self.write(&Line::Sent { what: what.to_owned(), code });
    }

    /// A trace has ended. One that was interrupted, or found nobody, has not.
    pub fn finished(&self, trace: &Trace, result: &TraceResult) {
        let ended = match result.end {
            End::Interrupted | End::Unreachable(_) | End::Unfinished(_) => false,
            End::Done
            | End::NotReached { .. }
            | End::Skipped(_)
            | End::NotApplicable(_)
            | End::Broken(_) => true,
        };
        if ended {
            self.write(&Line::Finished {
                print: fingerprint(trace),
                result: Box::new(result.clone()),
            });
        }
    }

    fn write(&self, line: &Line) {
        let mut text = serde_json::to_string(line).expect("plain data serializes");
        text.push('\n');
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A full disk must not end a run that has nodes down; the journal then ends early, and the run is repeated.
        let _ = file.write_all(text.as_bytes());
    }
}

/// What tells one version of a trace from another: FNV-1a over its JSON.
fn fingerprint(trace: &Trace) -> String {
    let hash = trace.to_json().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
