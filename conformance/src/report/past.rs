//! What is read back of a report that was written before? What comparing needs, from `zdu-report/2`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use zdu_model::judge::text::{self, Text};

use crate::verdict::{RuleTally, SCHEMA, Verdict};

/// A report as it is read back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Past {
    /// How a comparison calls it: its label, or else its file.
    #[serde(skip)]
    pub name: Text,
    /// How the target file called it.
    #[serde(default)]
    pub label: Option<Text>,
    /// The run as a whole.
    pub verdict: Text,
    /// The exit code.
    pub exit_code: u8,
    /// The target's URL.
    pub target: Text,
    /// The family of builds.
    pub profile: Text,
    /// The layout that the target served.
    pub layout: Option<Text>,
    /// The number of nodes.
    #[serde(default)]
    pub nodes: usize,
    /// The versions' names.
    #[serde(default)]
    pub versions: Vec<Text>,
    /// When the run began.
    #[serde(default)]
    pub started: Text,
    /// Each trace.
    pub traces: Vec<PastTrace>,
    /// Each rule; by text, since another version may know others.
    pub rules: BTreeMap<Text, RuleTally>,
}

/// A trace as it is read back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastTrace {
    /// Its name.
    pub name: Text,
    /// What was said of it.
    pub verdict: Verdict,
    /// Why it did not come to its end.
    #[serde(default)]
    pub reason: Option<Text>,
    /// The command that replays it.
    #[serde(default)]
    pub replay: Option<Text>,
    /// Everything that was not explained.
    #[serde(default)]
    pub findings: Vec<PastFinding>,
}

/// A finding as it is read back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastFinding {
    /// The rule.
    pub rule: Text,
    /// The reason of the waiver that accepted it.
    #[serde(default)]
    pub waived: Option<Text>,
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

/// Reads a report back from its text; `path` is for messages, and the report's name where it has no label.
///
/// # Errors
/// [`ReadError`] when it is no JSON, of another schema, or does not keep to its schema.
pub fn read(json: &str, path: &str) -> Result<Past, ReadError> {
    let value: serde_json::Value = serde_json::from_str(json)
        .map_err(|error| ReadError::NotJson { path: path.to_owned(), reason: error.to_string() })?;
    let schema = |found: String, remedy| ReadError::Schema { path: path.to_owned(), found, remedy };
    let another = "give the report.json of a run";
    match value.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => {}
        Some(other @ "zdu-report/1") => {
            let remedy = "compare with the version of zdu that wrote it";
            return Err(schema(format!("`{other}`"), remedy));
        }
        Some(other) => return Err(schema(format!("`{}`", text::line(other)), another)),
        None => return Err(schema("of something else (no field `schema`)".to_owned(), another)),
    }
    let past: Past = serde_json::from_value(value)
        .map_err(|error| ReadError::Shape { path: path.to_owned(), reason: error.to_string() })?;
    Ok(Past { name: past.label.clone().unwrap_or_else(|| path.into()), ..past })
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
