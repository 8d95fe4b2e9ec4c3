//! What does somebody see who runs `zdu`? Its help, its answers, its errors and its secrets, by running the program.
//!
//! What is printed is pinned by snapshots; times, ports and what depends on the moment of a reading is left out of them.

mod bad_input;
mod help;
mod reports;
mod secrets;
mod unread;

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run came to.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs the program in an environment without credentials.
fn zdu(words: &[&str]) -> Ran {
    zdu_with(words, &[])
}

/// Runs the program with these variables.
fn zdu_with(words: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zdu"));
    for name in [
        "ZDU_USERNAME",
        "ZDU_PASSWORD",
        "ZDU_TOKEN",
        "ZDU_PLAIN_USERNAME",
        "ZDU_PLAIN_PASSWORD",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
    ] {
        command.env_remove(name);
    }
    let output =
        command.args(words).envs(variables.iter().copied()).output().expect("the program runs");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// An empty folder of one test's own below the build folder.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command-line").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

/// Writes a file into a folder, and gives its path as a word.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    path.display().to_string()
}

/// A shipped trace's text.
fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../traces").join(format!("{name}.json"));
    std::fs::read_to_string(path).expect("a shipped trace")
}
