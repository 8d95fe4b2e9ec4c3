//! What do the keys of every kind have in common? How a time is written, and how long a node is waited for.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// How long a node is waited for where the file does not say.
pub(crate) const fn drain() -> Duration {
    Duration::from_secs(120)
}

/// A time that need not be given.
pub(crate) fn some_duration<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Duration>, D::Error> {
    duration(from).map(Some)
}

pub(crate) fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    humantime::parse_duration(&text).map_err(|error| {
        serde::de::Error::custom(format!(
            "`{text}` is no duration ({error}); write one such as \"500ms\" or \"15m\""
        ))
    })
}
