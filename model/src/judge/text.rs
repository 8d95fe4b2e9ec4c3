//! How can a text from outside be shown without harm? Ids, names, versions and messages come from endpoints, commands and
//! files that may hold anything.
//!
//! A [`Text`] shows itself on one line, without what could steer a terminal, turn the reading direction or spoil XML; what
//! it says is compared and kept as it came. Secrets are not its business: those are taken out where an exchange is made.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text from outside, safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// The text as it came: to compare it, or to send it back. Not to be shown.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&line(&self.0))
    }
}

/// A text of several lines without what could steer a terminal, turn its reading direction or spoil XML: control
/// characters become their pictures (`␛`), the rest becomes `�`. Line ends and tabs stay.
#[must_use]
pub fn lines(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
            '\u{7f}' => '\u{2421}',
            '\u{80}'..='\u{9f}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}'
            | '\u{ffff}' => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// The same on one line: line ends become `␊`, tabs a space.
#[must_use]
pub fn line(text: &str) -> String {
    lines(text).replace('\n', "\u{240a}").replace('\t', " ")
}

#[cfg(test)]
mod tests {
    use super::Text;

    // What an endpoint calls a node must not be able to clear the screen of whoever reads about it.
    #[test]
    fn a_text_from_outside_is_shown_on_one_line_and_steers_nothing() {
        let text = Text::from("a\u{1b}[2J\nb\tc\u{202e}");
        assert_eq!(text.to_string(), "a␛[2J␊b c\u{fffd}");
        assert_eq!(text.raw(), "a\u{1b}[2J\nb\tc\u{202e}");
    }
}
