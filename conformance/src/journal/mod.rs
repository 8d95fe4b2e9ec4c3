//! Where was a run when it was killed? `journal.jsonl` beside the reports: what is run on what, a line for each trace that
//! begins and ends, one before each thing that is sent to change the cluster, and how the cluster was left.
//!
//! A line is handed to the system in one piece before the run goes on, so it outlives the process; a power failure may still
//! lose the last lines. A line that was cut off by a kill, or by a full disk, is passed over and counted. A trace's result is
//! taken over only if the trace is still the same; a trace that was under way is replayed from its start.
//!
//! In the order data meets them: `head` says what a run is, this file writes, `past` reads, and makes a report of it.

mod head;
mod past;

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use zdu_model::spec::node::NodeId;
use zdu_model::traces::trace::Trace;

use crate::lock::fingerprint;
use crate::run::Run;
use crate::verdict::{Command, TraceResult};

pub use head::{Head, Planned, Tail, resuming, settings};
pub use past::{Past, merged};

/// The journal's file in the report's folder.
pub const FILE: &str = "journal.jsonl";

/// What a journal's first line names.
pub const SCHEMA: &str = "zdu-journal/2";

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
    /// There is none, or it holds nothing.
    #[error("there is no run in {path}; leave out --resume or --last-failed to start one")]
    None {
        /// The file.
        path: String,
    },
    /// It is not a journal, or of another format.
    #[error("{path} is no journal of this version ({reason}); give another --report-dir")]
    Shape {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// It is of a run that is not finished.
    #[error(
        "{path} is the journal of a run that is not finished: go on with it, or give another --report-dir"
    )]
    Unfinished {
        /// The file.
        path: String,
    },
    /// It is another target's.
    #[error(
        "{path} is the journal of a run with {what} {was}, and now it is {is}: one report would tell of both; give another --report-dir"
    )]
    OtherTarget {
        /// The file.
        path: String,
        /// What differs.
        what: String,
        /// The journal's.
        was: String,
        /// The target's now.
        is: String,
    },
    /// Journals of several runs that tell of different things.
    #[error("the journals differ in {what} ({one}, {other}): one report cannot tell of both")]
    Differ {
        /// In what.
        what: &'static str,
        /// One.
        one: String,
        /// Another.
        other: String,
    },
}

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Head(Box<Head>),
    Began {
        trace: String,
    },
    Sending {
        what: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<NodeId>,
    },
    Sent {
        what: String,
        code: Option<u16>,
    },
    Finished {
        print: String,
        result: Box<TraceResult>,
    },
    Ended(Box<Tail>),
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: Mutex<File>,
    /// Whether the last line could not be written to its end.
    torn: AtomicBool,
    past: Past,
    resuming: Command,
}

impl Journal {
    /// Begins a journal in this folder. One that is there is replaced if its run is finished.
    ///
    /// # Errors
    /// [`JournalError`] when it cannot be written, or the one that is there is not finished.
    pub fn create(folder: &Path, head: Head) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let shown = path.display().to_string();
        let fail = |error: std::io::Error| JournalError::Io {
            path: shown.clone(),
            reason: error.to_string(),
        };
        std::fs::create_dir_all(folder).map_err(fail)?;
        match Past::read(&path) {
            Ok(past) if !past.is_finished() => {
                return Err(JournalError::Unfinished { path: shown });
            }
            // One that cannot be read is replaced as well: nothing could be gone on with.
            Ok(_) | Err(_) => {}
        }
        let file = File::create(&path).map_err(fail)?;
        let journal = Self {
            file: Mutex::new(file),
            torn: AtomicBool::new(false),
            past: Past::default(),
            resuming: head.resuming(),
        };
        journal.write(&Line::Head(Box::new(head)));
        Ok(journal)
    }

    /// Goes on with the journal in this folder.
    ///
    /// # Errors
    /// [`JournalError`] when there is none, it cannot be used, or it is another target's.
    pub fn resume(folder: &Path, head: &Head) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let mut past = Past::read(&path)?;
        if let Some((what, was, is)) = past.head().and_then(|was| was.other_target(head)) {
            let path = path.display().to_string();
            return Err(JournalError::OtherTarget { path, what, was, is });
        }
        let fail = |error: std::io::Error| JournalError::Io {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).open(&path).map_err(fail)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(fail)?;
        let torn = AtomicBool::new(text.last() != Some(&b'\n'));
        past.ask_again(head);
        let journal = Self { file: Mutex::new(file), torn, past, resuming: head.resuming() };
        // What is run from here on is what is asked for now.
        journal.write(&Line::Head(Box::new(head.clone())));
        Ok(journal)
    }

    /// What had happened when the run was taken up again.
    #[must_use]
    pub const fn past(&self) -> &Past {
        &self.past
    }

    /// The run, with what its journal says of it: when it began, if it goes on with one, and how to go on with it in turn.
    #[must_use]
    pub fn known(&self, run: Run) -> Run {
        let began = self.past.began();
        Run {
            resumed: began.map(|_| run.began),
            began: began.unwrap_or(run.began),
            resuming: Some(self.resuming.clone()),
            ..run
        }
    }

    /// The result of a trace that had ended before, if it is still the same trace and nothing of it is left to be run.
    #[must_use]
    pub fn finished_before(&self, trace: &Trace) -> Option<TraceResult> {
        self.past.finished_before(trace)
    }

    /// What this part of the run came to, and what the parts before it did of which nothing was run again.
    #[must_use]
    pub fn whole(&self, mut results: Vec<TraceResult>) -> Vec<TraceResult> {
        let mut whole = Vec::new();
        for kept in self.past.kept() {
            let anew = results.iter().position(|result| result.name == kept.name);
            whole.push(anew.map_or(kept, |at| results.remove(at)));
        }
        whole.extend(results);
        whole
    }

    /// A trace begins.
    pub fn began(&self, trace: &str) {
        self.write(&Line::Began { trace: trace.to_owned() });
    }

    /// Something is about to be sent, to a node or to the cluster, that may change it.
    pub fn sending(&self, what: &str, node: Option<NodeId>) {
        self.write(&Line::Sending { what: what.to_owned(), node });
    }

    /// It was sent; without a code nobody answered.
    pub fn sent(&self, what: &str, code: Option<u16>) {
        self.write(&Line::Sent { what: what.to_owned(), code });
    }

    /// A trace has ended, or was not come to.
    pub fn finished(&self, trace: &Trace, result: &TraceResult) {
        let print = print_of(trace);
        self.write(&Line::Finished { print, result: Box::new(result.clone()) });
    }

    /// The run has ended, whether or not it came to all of its traces.
    pub fn ended(&self, tail: Tail) {
        self.write(&Line::Ended(Box::new(tail)));
    }

    fn write(&self, line: &Line) {
        let mut text = serde_json::to_string(line).expect("plain data serializes");
        text.push('\n');
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.torn.load(Ordering::Relaxed) {
            text.insert(0, '\n');
        }
        // A full disk must not end a run that has nodes down; what is lost is run again.
        self.torn.store(file.write_all(text.as_bytes()).is_err(), Ordering::Relaxed);
    }
}

/// What tells one version of a trace from another.
fn print_of(trace: &Trace) -> String {
    format!("{:016x}", fingerprint(trace.to_json().as_bytes()))
}

/// The bytes of a journal.
fn bytes(path: &Path) -> Result<Vec<u8>, JournalError> {
    std::fs::read(path).map_err(|error| {
        let path = path.display().to_string();
        if error.kind() == ErrorKind::NotFound {
            JournalError::None { path }
        } else {
            JournalError::Io { path, reason: error.to_string() }
        }
    })
}
