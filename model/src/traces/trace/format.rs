//! How does a trace stand in a file? As JSON with a published schema, a step a line (spec, section 8).
//!
//! A file is read strictly: a field that has no meaning, or an expectation that is not the model's, is refused.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Trace, TraceError};

/// The format that this module reads and writes.
pub const SCHEMA: &str = "zdu-trace/1";

/// The name of the published JSON Schema beside the traces. Whoever loads a folder of traces leaves it out.
pub const SCHEMA_FILE: &str = "trace.schema.json";

/// The JSON Schema of a trace, generated from the types.
///
/// # Panics
/// Never: a schema is plain data.
#[must_use]
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(Trace);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema serializes");
    text.push('\n');
    text
}

impl Trace {
    /// Reads a trace and runs it in the model.
    ///
    /// # Errors
    /// [`TraceError`] when the text is no trace, or the model cannot follow it.
    pub fn parse(text: &str) -> Result<Self, TraceError> {
        let trace: Self =
            serde_json::from_str(text).map_err(|error| TraceError::Shape(error.to_string()))?;
        if trace.schema != SCHEMA {
            return Err(TraceError::Schema(trace.schema));
        }
        let expected = trace.run()?;
        for (index, (step, expected)) in trace.steps.iter().zip(&expected).enumerate() {
            let wrong = |what: &str, is: String, must: String| {
                let reason = format!("{what} is {is}, but the model says {must}");
                TraceError::at(index, step, reason)
            };
            if step.answer != expected.answer {
                let must = if expected.answer.is_empty() {
                    "[]: no node is ACTIVE, and nobody answers".to_owned()
                } else {
                    format!("{:?}", expected.answer)
                };
                return Err(wrong("`answer`", format!("{:?}", step.answer), must));
            }
            if !step.then.is_empty() && step.then != expected.then {
                return Err(wrong("`then`", inline(&step.then), inline(&expected.then)));
            }
        }
        Ok(trace)
    }

    /// The JSON of the file: one line a step.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::from("{\n");
        let word = |value: &str| serde_json::Value::from(value).to_string();
        let rules: Vec<String> = self.rules.iter().map(|rule| word(rule.id())).collect();
        let _ = writeln!(text, "  \"schema\": {},", word(&self.schema));
        let _ = writeln!(text, "  \"name\": {},", word(&self.name));
        let _ = writeln!(text, "  \"why\": {},", word(&self.why));
        let _ = writeln!(text, "  \"profile\": {},", word(self.profile.name()));
        let _ = writeln!(text, "  \"nodes\": {},", self.nodes);
        let _ = writeln!(text, "  \"versions\": {},", self.versions);
        let _ = writeln!(text, "  \"rules\": [{}],", rules.join(", "));
        let _ = writeln!(text, "  \"steps\": [");
        for (index, step) in self.steps.iter().enumerate() {
            let comma = if index + 1 < self.steps.len() { "," } else { "" };
            let _ = writeln!(text, "    {}{comma}", inline(step));
        }
        text.push_str("  ]\n}\n");
        text
    }
}

/// Serializes on one line, with a space after each colon and comma.
fn inline<T: Serialize>(value: &T) -> String {
    struct Spaced;
    impl serde_json::ser::Formatter for Spaced {
        fn begin_array_value<W: ?Sized + std::io::Write>(
            &mut self,
            to: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { to.write_all(b", ") }
        }
        fn begin_object_key<W: ?Sized + std::io::Write>(
            &mut self,
            to: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { to.write_all(b", ") }
        }
        fn begin_object_value<W: ?Sized + std::io::Write>(
            &mut self,
            to: &mut W,
        ) -> std::io::Result<()> {
            to.write_all(b": ")
        }
    }
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    value.serialize(&mut serializer).expect("plain data serializes");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}
