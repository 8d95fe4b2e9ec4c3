//! How is JSON written with the fields in a chosen order, and with mistakes where a defect wants them?
//!
//! `serde_json` sorts fields, which would hide every order but one.

/// The fields of an object, in the order in which they are written.
pub(crate) type Fields = Vec<(String, Json)>;

/// A value; `Raw` is written as it stands.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    Raw(String),
    List(Vec<Json>),
    Object(Fields),
}

impl Json {
    pub(crate) fn text(text: &str) -> Self {
        Self::Raw(serde_json::Value::from(text).to_string())
    }

    pub(crate) fn number(number: i64) -> Self {
        Self::Raw(number.to_string())
    }

    pub(crate) fn bool(value: bool) -> Self {
        Self::Raw(value.to_string())
    }

    pub(crate) fn null() -> Self {
        Self::Raw("null".to_owned())
    }

    pub(crate) fn object(fields: Vec<(&str, Json)>) -> Self {
        Self::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if let Self::Object(fields) = self {
            fields.retain(|(name, _)| name != key);
        }
    }

    /// Replaces a field that is there; adds none.
    pub(crate) fn replace(&mut self, key: &str, value: Json) {
        if let Some(field) = self.field(key) {
            *field = value;
        }
    }

    pub(crate) fn field(&mut self, key: &str) -> Option<&mut Json> {
        match self {
            Self::Object(fields) => {
                fields.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            Self::Raw(_) | Self::List(_) => None,
        }
    }

    pub(crate) fn items(&mut self) -> &mut [Json] {
        match self {
            Self::List(items) => items,
            Self::Raw(_) | Self::Object(_) => &mut [],
        }
    }

    pub(crate) fn visit_objects(&mut self, change: &mut dyn FnMut(&mut Fields)) {
        match self {
            Self::Raw(_) => {}
            Self::List(items) => items.iter_mut().for_each(|item| item.visit_objects(change)),
            Self::Object(fields) => {
                fields.iter_mut().for_each(|(_, value)| value.visit_objects(change));
                change(fields);
            }
        }
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Raw(text) => out.write_str(text),
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
                    let comma = if at > 0 { "," } else { "" };
                    write!(out, "{comma}{}:{value}", serde_json::Value::from(key.as_str()))?;
                }
                out.write_str("}")
            }
        }
    }
}
