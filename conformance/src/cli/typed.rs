//! What command is advised that is the one which was typed, but for one thing?

use std::fmt;

use crate::verdict::Command;

/// The words that were typed after the program's name.
pub(super) struct Typed(Vec<String>);

impl Typed {
    /// Those of this process.
    pub(super) fn now() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// The same without an option, and without what stands behind it as its value.
    pub(super) fn without(self, option: &str) -> Self {
        let mut words = Vec::new();
        let mut left_out = false;
        for word in self.0 {
            let is_value = left_out && !word.starts_with("--");
            left_out = is_value || names(&word, option) && !word.contains('=');
            if !is_value && !names(&word, option) {
                words.push(word);
            }
        }
        Self(words)
    }

    /// The same with this value of an option.
    pub(super) fn with(self, option: &str, value: &str) -> Self {
        let mut words = self.without(option).0;
        words.extend([option.to_owned(), value.to_owned()]);
        Self(words)
    }
}

/// `--nodes`, or `--nodes=5`.
fn names(word: &str, option: &str) -> bool {
    word.split_once('=').map_or(word, |(name, _)| name) == option
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Command::zdu(self.0.iter().map(String::as_str)).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Typed;

    fn typed(line: &str) -> Typed {
        Typed(line.split(' ').map(str::to_owned).collect())
    }

    // By hand.
    #[test]
    fn one_thing_is_changed_and_the_rest_is_kept() {
        let line = "check --depth 4 --symmetry --without Forget.mode --nodes=5";
        for (changed, expected) in [
            (
                typed(line).without("--symmetry"),
                "check --depth 4 --without Forget.mode '--nodes=5'",
            ),
            (typed(line).without("--depth"), "check --symmetry --without Forget.mode '--nodes=5'"),
            (typed(line).without("--nodes"), "check --depth 4 --symmetry --without Forget.mode"),
            (
                typed(line).with("--nodes", "2"),
                "check --depth 4 --symmetry --without Forget.mode --nodes 2",
            ),
            (typed("graph").with("--nodes", "2"), "graph --nodes 2"),
        ] {
            assert_eq!(changed.to_string(), format!("zdu {expected}"));
        }
    }
}
