//! How is a run told to programs? As `zdu-report/1`, and read back from it.
//!
//! Keys come in the order of the struct's fields and of the spec's rules, so that equal runs give equal text. Readers
//! take what they know and ignore the rest: a later version may add fields, never take one away under the same schema.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::told::{Kind, Report, RuleTally, Skip, Verdict};

/// The schema that is written and read.
pub const SCHEMA: &str = "zdu-report/1";

/// A report and the numbers that every format shows.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    report: &'a Report,
    counts: BTreeMap<Verdict, usize>,
}

/// The report as JSON, two spaces an indent, with a line end.
///
/// # Panics
/// Never: a report holds nothing that JSON has no words for.
#[must_use]
pub fn render(report: &Report) -> String {
    let document = Document { report, counts: report.counts() };
    let mut text = serde_json::to_string_pretty(&document)
        .expect("a report is plain data with text keys, which JSON can hold");
    text.push('\n');
    text
}

/// A report as it is read back: what comparing needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Past {
    /// The run as a whole.
    pub verdict: String,
    /// The exit code.
    pub exit_code: u8,
    /// The target's URL.
    pub target: String,
    /// The family of builds.
    pub profile: String,
    /// The layout that the target served.
    pub layout: Option<String>,
    /// The number of nodes.
    #[serde(default)]
    pub nodes: Option<usize>,
    /// The versions' names.
    #[serde(default)]
    pub versions: Vec<String>,
    /// When the run began.
    #[serde(default)]
    pub started: Option<String>,
    /// Each trace.
    pub traces: Vec<PastTrace>,
    /// Each rule; by text, since another version may know others.
    pub rules: BTreeMap<String, RuleTally>,
    /// What was not run.
    #[serde(default)]
    pub skipped: Vec<Skip>,
}

/// A trace as it is read back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastTrace {
    /// Its name.
    pub name: String,
    /// What was said of it.
    pub verdict: Verdict,
    /// The first rule that was broken.
    #[serde(default)]
    pub rule: Option<String>,
    /// What was seen there.
    #[serde(default)]
    pub observed: Option<String>,
    /// Why it was skipped or broken.
    #[serde(default)]
    pub reason: Option<String>,
    /// The command that replays it.
    #[serde(default)]
    pub replay: Option<String>,
    /// Everything that was not explained.
    #[serde(default)]
    pub deviations: Vec<PastDeviation>,
}

/// A deviation as it is read back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastDeviation {
    /// The rule.
    pub rule: String,
    /// What kind of finding it was.
    pub kind: Kind,
    /// The reason of the waiver that accepted it.
    #[serde(default)]
    pub waived: Option<String>,
}

/// A report cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("cannot read the report {path}: {reason}; give the report.json of a run")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// It is no JSON.
    #[error("{path} is no JSON report ({reason}); give the report.json of a run")]
    NotJson {
        /// The file.
        path: String,
        /// What the parser says.
        reason: String,
    },
    /// It is of another schema.
    #[error("{path} has the schema {found}, and this version reads `{SCHEMA}`; {remedy}")]
    Schema {
        /// The file.
        path: String,
        /// What it says instead.
        found: String,
        /// What to do.
        remedy: &'static str,
    },
    /// It says the right schema, and does not keep to it.
    #[error(
        "{path} says `{SCHEMA}`, yet does not keep to it: {reason}; write it anew with `zdu replay --report-dir`"
    )]
    Shape {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

/// Reads a report back from its text; `path` is for messages.
///
/// # Errors
/// [`ReadError`] when it is no JSON, of another schema, or does not keep to its schema.
pub fn read(text: &str, path: &str) -> Result<Past, ReadError> {
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| ReadError::NotJson { path: path.to_owned(), reason: error.to_string() })?;
    match value.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) => {
            let remedy = if other.starts_with("zdu-report/") {
                "compare with the version of zdu that wrote it"
            } else {
                "give the report.json of a run"
            };
            return Err(ReadError::Schema {
                path: path.to_owned(),
                found: format!("`{}`", super::words::clean_line(other)),
                remedy,
            });
        }
        None => {
            return Err(ReadError::Schema {
                path: path.to_owned(),
                found: "of something else (no field `schema`)".to_owned(),
                remedy: "give the report.json of a run",
            });
        }
    }
    serde_json::from_value(value)
        .map_err(|error| ReadError::Shape { path: path.to_owned(), reason: error.to_string() })
}

/// Reads a report back from its file.
///
/// # Errors
/// [`ReadError`] when the file cannot be read, and as [`read`].
pub fn read_file(path: &Path) -> Result<Past, ReadError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ReadError::File { path: name.clone(), reason: error.to_string() })?;
    read(&text, &name)
}
