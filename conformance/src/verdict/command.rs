//! How is a command kept that a reader shall type? As its words; a shell's quotes come when it is shown.

use std::fmt;

use serde::{Deserialize, Serialize};
use zdu_model::judge::text;

/// A command line, word by word. It is shown on one line, quoted for a POSIX shell.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Command(Vec<String>);

impl Command {
    /// A command of this program.
    #[must_use]
    pub fn zdu<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self(vec!["zdu".to_owned()]).with(words)
    }

    /// The same with more words at its end.
    #[must_use]
    pub fn with<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.0.extend(words.into_iter().map(Into::into));
        self
    }

    /// The words as they are passed on.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

impl<W: Into<String>> FromIterator<W> for Command {
    fn from_iter<I: IntoIterator<Item = W>>(words: I) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No argument can hold a NUL, so none that was ever given to a program fails here.
        let line =
            shlex::try_join(self.0.iter().map(String::as_str)).unwrap_or_else(|_| self.0.join(" "));
        f.pad(&text::line(&line))
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    // What is printed is what a POSIX shell must split into the same words; spelled out by hand.
    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        let command = Command::zdu(["replay", "--target", "my cluster.toml", "--only", "it's"]);
        let shown = command.to_string();
        assert_eq!(shown, "zdu replay --target 'my cluster.toml' --only \"it's\"");
        let out = std::process::Command::new("sh")
            .args(["-c", &format!("set -- {shown}; printf '%s\\n' \"$@\"")])
            .output()
            .expect("a POSIX shell");
        let words: Vec<&str> = std::str::from_utf8(&out.stdout).expect("text").lines().collect();
        assert_eq!(words, command.words());
    }
}
