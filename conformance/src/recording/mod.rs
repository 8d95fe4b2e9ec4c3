//! What was sent and seen, line by line, so that a run can be judged after the fact: `zdu-recording/1`.
//!
//! The first line is the [`Head`]; each other line is an [`Entry`]: what was asked, when, and what came back. Secrets are
//! taken out before a line is written. A last line that is cut off, as after a kill, is dropped and said.

mod answer;
mod judge;

pub(crate) use answer::exchange;
pub use judge::{Judged, judge};

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zdu_model::judge::event::Silence;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::transition::Call;

use crate::client::Reply;
use crate::layout::Layout;
use crate::replay::Site;
use crate::wire::Dictionary;

/// What a recording's first line names.
pub const SCHEMA: &str = "zdu-recording/1";

/// How many bytes of a body that is not JSON are kept.
const TEXT_KEPT: usize = 64 << 10;

/// Who made the recording, and so what else may have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A replay: nobody else touched the cluster, and every step is recorded.
    Replay,
    /// A monitor: others may have done anything.
    Monitor,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`SCHEMA`].
    pub schema: String,
    /// Who made it.
    pub source: Source,
    /// The target's URL.
    pub target: String,
    /// The layout.
    pub layout: Layout,
    /// The family of builds.
    pub profile: Profile,
    /// The versions, the original first.
    pub versions: Vec<String>,
    /// The nodes' ids, by number.
    pub nodes: Vec<String>,
    /// When it began (RFC 3339, UTC).
    pub started: String,
    /// For a monitor's: no node restarts faster than this, in milliseconds.
    #[serde(default)]
    pub restart_ms: u64,
}

impl Head {
    /// The head of a recording of this site that begins now.
    #[must_use]
    pub fn of(site: &Site, source: Source, restart_ms: u64) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            source,
            target: site.client.redactor().clean(&site.base),
            layout: site.layout,
            profile: site.dictionary.profile,
            versions: site.dictionary.versions.clone(),
            nodes: site.dictionary.ids.clone(),
            started: jiff::Timestamp::now().to_string(),
            restart_ms,
        }
    }

    /// What the words mean.
    #[must_use]
    pub fn dictionary(&self) -> Dictionary {
        Dictionary {
            profile: self.profile,
            ids: self.nodes.clone(),
            versions: self.versions.clone(),
        }
    }
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A view: `overview`, `state` or `node ID`; `at` is a node's own address, if it was asked there.
    Read {
        /// The view.
        view: String,
        /// Whose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
    },
    /// A call.
    Call(Call),
    /// A step on a node.
    Step {
        /// Its name in the target file.
        name: String,
        /// The node's id.
        node: String,
        /// For `install`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
    },
    /// The whole cluster is brought back to its initial state.
    Reset,
    /// A trace begins: what follows starts from the next overview.
    Trace(String),
}

/// What came back.
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
    /// In which way nobody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Silence>,
}

impl Recorded {
    /// A reply.
    #[must_use]
    pub fn of(reply: &Reply) -> Self {
        let body = String::from_utf8_lossy(&reply.body);
        let json = serde_json::from_str(&body).ok();
        let text =
            (json.is_none() && !body.is_empty()).then(|| body.chars().take(TEXT_KEPT).collect());
        Self { code: reply.code, json, text, failure: reply.exchange.silence.clone() }
    }

    /// The body as it came, as far as it was kept.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        match (&self.json, &self.text) {
            (Some(json), _) => json.to_string().into_bytes(),
            (None, Some(text)) => text.clone().into_bytes(),
            (None, None) => Vec::new(),
        }
    }
}

/// One line after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was asked, in milliseconds since the recording began.
    pub at_ms: u64,
    /// When the answer was there.
    pub until_ms: u64,
    /// What was asked.
    #[serde(flatten)]
    pub what: What,
    /// What came back, where anything does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Recorded>,
}

/// A recording that is being written.
#[derive(Debug)]
pub struct Recorder {
    file: Mutex<File>,
    began: Instant,
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
        let recorder =
            Self { file: Mutex::new(File::create(path).map_err(fail)?), began: Instant::now() };
        recorder.write(head);
        Ok(recorder)
    }

    /// Milliseconds since it began.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Writes a line.
    pub fn note(&self, entry: &Entry) {
        self.write(entry);
    }

    fn write<T: Serialize>(&self, line: &T) {
        let mut text = serde_json::to_string(line).expect("plain data serializes");
        text.push('\n');
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A full disk must not end what is watched; the recording then ends early, and says so when it is judged.
        let _ = file.write_all(text.as_bytes());
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
        if head.schema != SCHEMA {
            let reason = format!("schema is `{}`, but this program reads `{SCHEMA}`", head.schema);
            return Err(wrong(number, reason));
        }
        if head.nodes.is_empty()
            || head.nodes.len() > 16
            || !(2..=16).contains(&head.versions.len())
        {
            let reason = "the head needs 1 to 16 nodes and 2 to 16 versions".to_owned();
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
