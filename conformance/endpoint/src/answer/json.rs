//! How is JSON written with the fields in a chosen order, and with mistakes where a defect wants them?
//!
//! `serde_json` sorts fields, which would hide every order but one.

use std::borrow::Cow;
use std::fmt::{Display, Formatter, Result, Write as _};

/// The fields of an object, in the order in which they are written.
pub(crate) type Fields = Vec<(&'static str, Json)>;

/// A value; `Raw` is written as it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(i64),
    Text(Cow<'static, str>),
    Raw(&'static str),
    List(Vec<Json>),
    Object(Fields),
}

impl Json {
    /// Text that is made for this answer.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(Cow::Owned(text.to_owned()))
    }

    /// One of the words of the API.
    pub(crate) const fn word(word: &'static str) -> Self {
        Self::Text(Cow::Borrowed(word))
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if let Self::Object(fields) = self {
            fields.retain(|(name, _)| *name != key);
        }
    }

    /// Replaces a field that is there; adds none.
    pub(crate) fn replace(&mut self, key: &str, value: Json) {
        if let Some(field) = self.field(key) {
            *field = value;
        }
    }

    /// Gives a field this value, whether it is there or not.
    pub(crate) fn put(&mut self, key: &'static str, value: Json) {
        if let Some(field) = self.field(key) {
            *field = value;
        } else if let Self::Object(fields) = self {
            fields.push((key, value));
        }
    }

    pub(crate) fn field(&mut self, key: &str) -> Option<&mut Json> {
        let Self::Object(fields) = self else { return None };
        fields.iter_mut().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    pub(crate) fn visit_objects(&mut self, change: &mut dyn FnMut(&mut Fields)) {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Raw(_) => {}
            Self::List(items) => items.iter_mut().for_each(|item| item.visit_objects(change)),
            Self::Object(fields) => {
                fields.iter_mut().for_each(|(_, value)| value.visit_objects(change));
                change(fields);
            }
        }
    }
}

impl Display for Json {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(number) => write!(out, "{number}"),
            Self::Raw(text) => out.write_str(text),
            Self::Text(text) => quoted(text, out),
            Self::List(items) => {
                out.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(out, "{}{item}", if at > 0 { "," } else { "" })?;
                }
                out.write_str("]")
            }
            Self::Object(fields) => {
                out.write_str("{")?;
                for (at, (key, value)) in fields.iter().enumerate() {
                    write!(out, "{}\"{key}\":{value}", if at > 0 { "," } else { "" })?;
                }
                out.write_str("}")
            }
        }
    }
}

fn quoted(text: &str, out: &mut Formatter<'_>) -> Result {
    out.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.write_char('\\')?;
                out.write_char(letter)?;
            }
            control if u32::from(control) < 0x20 => write!(out, "\\u{:04x}", u32::from(control))?,
            other => out.write_char(other)?,
        }
    }
    out.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_by_another_reader() {
        let json = Json::Object(vec![
            ("b", Json::text("a\"\\\n\u{e9}\u{1}")),
            ("a", Json::List(vec![Json::Null, Json::Bool(true), Json::Number(-3)])),
            ("c", Json::Raw("1.5e9")),
        ]);
        let read: serde_json::Value = serde_json::from_str(&json.to_string()).expect("JSON");
        assert_eq!(
            read,
            serde_json::json!({"a": [null, true, -3], "b": "a\"\\\n\u{e9}\u{1}", "c": 1.5e9})
        );
        // The order is ours.
        assert!(json.to_string().starts_with("{\"b\""));
    }
}
