//! How is a command told so that it can be typed as it stands? Quoted for a POSIX shell, by one function.

use std::borrow::Cow;
use std::path::Path;

/// A word as a POSIX shell takes it: quoted where it must be, and as it is where it need not.
#[must_use]
pub fn quoted(word: &str) -> String {
    // No argument of a process holds NUL, so nothing that could be typed is lost.
    let word = word.replace('\0', "");
    shlex::try_quote(&word).map_or_else(|_| String::new(), Cow::into_owned)
}

/// A path as a word of a shell.
#[must_use]
pub fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::quoted;

    // Proves it by asking a shell, which knows nothing of how the word was quoted.
    #[test]
    fn a_shell_reads_a_quoted_word_as_it_was() {
        let odd = [
            "plain-1.toml",
            "",
            "my cluster.toml",
            "it's",
            "a\"b",
            "$HOME `id` $(id)",
            "*?[a]{b,c}",
            "~/x",
            "a\\b",
            "a;b|c&d>e#f!g",
            "-x",
            "größe",
            "'",
            "''' \" '",
            "a=b",
            "two\nlines",
            "tab\there",
        ];
        for word in odd {
            let line = format!("printf %s {}", quoted(word));
            let read = Command::new("sh").args(["-c", &line]).output().expect("sh runs");
            assert_eq!(String::from_utf8_lossy(&read.stdout), word, "{line}");
        }
        assert_eq!(quoted("report/cluster-1.toml"), "report/cluster-1.toml", "no quotes for show");
    }
}
