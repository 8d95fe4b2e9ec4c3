//! What was sent and seen, line by line, so that a run can be judged after the fact: `zdu-recording/3`.
//!
//! The first line is the [`Head`]; each other line is an [`Entry`]: what a judge was told, when, and the answer as it came. So
//! whoever reads it tells a judge the same ([`judge`]). What a judge is not told stands where a trace has [`Ended`]. Secrets are
//! taken out where an answer is made. A last line that is cut off, as after a kill, is dropped and said.

mod ended;
mod head;
mod judge;

pub use ended::Ended;
pub use head::{Head, Source, Spans};
pub use judge::{Judged, judge};

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zdu_model::judge::event::{self as judge_event, Attempt, Caller, Micros, Racer, Start, View};
use zdu_model::judge::roster::Known;
use zdu_model::judge::seen::Request;
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::transition::Call;

use crate::client::{Exchange, Reply, shown};
use crate::replay::Sent;

/// What a recording's first line names.
pub const SCHEMA: &str = "zdu-recording/3";

/// The one before, which is read as ever: it does not say how traces ended.
const WITHOUT_ENDS: &str = "zdu-recording/2";

/// Whether a recording of this schema can be read.
#[must_use]
pub fn is_read(schema: &str) -> bool {
    [SCHEMA, WITHOUT_ENDS].contains(&schema)
}

/// How many bytes of a body that is not JSON are kept.
const TEXT_KEPT: usize = 64 << 10;

/// What a judge was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A trace begins, with this known of the nodes.
    Trace {
        /// Its name.
        name: String,
        /// The nodes, by number.
        nodes: Vec<Known>,
    },
    /// A trace has ended, or was not come to; of several that are said of one trace, the last is so.
    Ended(Box<Ended>),
    /// The whole cluster is brought back to its initial state.
    Reset,
    /// From here on answers are judged.
    Begin(Start),
    /// A step of the trace begins.
    Step(usize),
    /// Only reads follow.
    Look,
    /// A step on a node is asked for.
    Requested {
        /// The node.
        node: NodeId,
        /// What.
        request: Request,
    },
    /// A call was sent once.
    Called(Call),
    /// A call was sent several times at once.
    Raced {
        /// Which.
        call: Call,
        /// What came back of each.
        racers: Vec<Ran>,
    },
    /// Something was asked in a way that must come to nothing.
    Attempted {
        /// By whom.
        caller: Caller,
        /// What.
        attempt: Attempt,
    },
    /// The cluster must settle from here on.
    Settle,
    /// A view was read.
    Read {
        /// Whose.
        source: judge_event::Source,
        /// Which.
        view: View,
    },
    /// The id was asked for that a node had before it came back under another one.
    Left {
        /// The id.
        id: Text,
    },
    /// What was asked for last was not done, or in part: what is found from here on says nothing of the build.
    Undone,
}

/// One of several calls at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// When it was sent.
    pub sent: Micros,
    /// When its answer was there.
    pub answered: Micros,
    /// What came back.
    pub answer: Recorded,
}

/// What came back, as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The code; absent when nobody answered.
    pub code: Option<u16>,
    /// The body, when it is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// The body, when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The exchange as reports show it, without its body.
    pub exchange: Exchange,
}

impl Recorded {
    /// A reply.
    #[must_use]
    pub fn of(reply: &Reply) -> Self {
        let json = serde_json::from_slice(&reply.body).ok();
        let text = (json.is_none() && !reply.body.is_empty())
            .then(|| String::from_utf8_lossy(&reply.body).chars().take(TEXT_KEPT).collect());
        let exchange = Exchange { body: Text::default(), ..reply.exchange.clone() };
        Self { code: reply.code, json, text, exchange }
    }

    /// The reply again.
    #[must_use]
    pub fn reply(&self) -> Reply {
        let body = match (&self.json, &self.text) {
            (Some(json), _) => json.to_string().into_bytes(),
            (None, Some(text)) => text.clone().into_bytes(),
            (None, None) => Vec::new(),
        };
        let exchange = Exchange { body: shown(&body), ..self.exchange.clone() };
        Reply { code: self.code, body, retry_after: None, date: None, exchange }
    }
}

/// One line after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was asked, in microseconds since whoever recorded began.
    pub at: Micros,
    /// When it was over.
    pub until: Micros,
    /// What a judge was told.
    pub what: What,
    /// What came back, where anything does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Recorded>,
}

/// The line for several calls at once.
#[must_use]
pub fn raced(call: Call, (at, until): (Micros, Micros), sent: &[Sent<Racer>]) -> Entry {
    let ran = |one: &Sent<Racer>| Ran {
        sent: one.answer.sent,
        answered: one.answer.answered,
        answer: Recorded::of(&one.raw),
    };
    let what = What::Raced { call, racers: sent.iter().map(ran).collect() };
    Entry { at, until, what, answer: None }
}

/// A recording that is being written.
pub struct Recorder {
    to: Mutex<Box<dyn Write + Send>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

impl Recorder {
    /// Begins a recording; an older file is replaced.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path, head: &Head) -> Result<Self, RecordingError> {
        let fail = |error: std::io::Error| RecordingError::Io {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        Ok(Self::to(File::create(path).map_err(fail)?, head))
    }

    /// Begins a recording that is written there.
    #[must_use]
    pub fn to(to: impl Write + Send + 'static, head: &Head) -> Self {
        let recorder = Self { to: Mutex::new(Box::new(to)) };
        recorder.write(head);
        recorder
    }

    /// Writes a line.
    pub fn note(&self, entry: &Entry) {
        self.write(entry);
    }

    fn write<T: Serialize>(&self, line: &T) {
        let mut text = serde_json::to_string(line).expect("plain data serializes");
        text.push('\n');
        let mut to = self.to.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A full disk must not end what is watched; the recording then ends early, and says so when it is judged.
        let _ = to.write_all(text.as_bytes());
    }
}

/// A recording that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It cannot be read or written.
    #[error("cannot use the recording {path}: {reason}")]
    Io {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// It is no recording, or of another format.
    #[error(
        "{path}, line {line}: {reason}; a recording is made by `zdu replay --record FILE` or `zdu monitor --record FILE`"
    )]
    Shape {
        /// The file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// A recording, read.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The first line.
    pub head: Head,
    /// The other lines, each with its number.
    pub entries: Vec<(usize, Entry)>,
    /// Whether the last line was cut off.
    pub cut: bool,
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// [`RecordingError`] when it cannot be read or is none.
    pub fn read(path: &Path) -> Result<Self, RecordingError> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| RecordingError::Io {
            path: shown.clone(),
            reason: error.to_string(),
        })?;
        Self::parse(&String::from_utf8_lossy(&bytes), &shown)
    }

    /// Reads the text of a recording; `path` is for messages.
    ///
    /// # Errors
    /// [`RecordingError`] when it is none.
    pub fn parse(text: &str, path: &str) -> Result<Self, RecordingError> {
        let wrong = |line: usize, reason: String| RecordingError::Shape {
            path: path.to_owned(),
            line,
            reason,
        };
        let mut lines =
            text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()).peekable();
        let Some((first, number)) = lines.next() else {
            return Err(wrong(1, "the file is empty".to_owned()));
        };
        let head: Head =
            serde_json::from_str(first).map_err(|error| wrong(number, error.to_string()))?;
        if !is_read(&head.schema) {
            let reason = format!("schema is `{}`, but this program reads `{SCHEMA}`", head.schema);
            return Err(wrong(number, reason));
        }
        if head.nodes.is_empty()
            || head.nodes.len() > 32
            || !(2..=16).contains(&head.versions.len())
        {
            let reason = "the head needs 1 to 32 nodes and 2 to 16 versions".to_owned();
            return Err(wrong(number, reason));
        }
        let mut recording = Self { head, entries: Vec::new(), cut: false };
        while let Some((line, number)) = lines.next() {
            match serde_json::from_str(line) {
                Ok(entry) => recording.entries.push((number, entry)),
                Err(_) if lines.peek().is_none() => recording.cut = true,
                Err(error) => return Err(wrong(number, error.to_string())),
            }
        }
        Ok(recording)
    }
}
