//! What becomes of a program whose reader has gone?

use std::process::{Command, Stdio};

/// A pipe that nobody reads.
fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

fn zdu(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zdu"));
    command.args(words).stdin(Stdio::null());
    command
}

// Proves that a reader who has gone is no bug: nothing is said, and the code is the one that a shell gives a program which
// SIGPIPE ends, 128 + 13.
#[test]
fn a_reader_who_has_gone_ends_a_command_quietly() {
    for words in [
        &["check", "--nodes", "1", "--format", "json"][..],
        &["check", "--list"],
        &["graph", "--states", "--nodes", "1"],
        &["path", "--from", "STABLE", "--to", "MIXED", "--nodes", "2", "--format", "json"],
        &["explore", "--tui", "--nodes", "1"],
        &["explain", "expressions"],
        &["suite", "--list"],
        &["mock", "--list-defects"],
        &["export", "--tla"],
        &["--help"],
    ] {
        let ran = zdu(words).stdout(unread()).output().expect("zdu runs");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!((ran.status.code(), &*said), (Some(141), ""), "{words:?}");
    }
    let refused = zdu(&["path", "--from", "STABEL", "--to", "MIXED"]).stderr(unread()).output();
    assert_eq!(refused.expect("zdu runs").status.code(), Some(141));
}

// Proves that a run goes on without its reader, and that its own code counts.
#[test]
fn a_run_goes_on_without_its_reader() {
    let mut run = zdu(&["replay", "--only", "happy-path", "--delay", "1ms"]);
    let ran = run.stdout(unread()).stderr(unread()).status().expect("zdu runs");
    assert_eq!(ran.code(), Some(0));
}
