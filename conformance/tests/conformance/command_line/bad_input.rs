//! What somebody gets who gives the program something that it cannot use: one clear error on stderr that says what to
//! do next, nothing on stdout, and the exit code of the interface.

use std::net::TcpListener;

use super::{file, folder, shipped, zdu};

/// Runs the program and holds what comes out against the contract; `hints` must all be said.
#[track_caller]
fn refused(words: &[&str], code: i32, hints: &[&str]) {
    let ran = zdu(words);
    let shown = format!("zdu {}\n{}{}", words.join(" "), ran.stdout, ran.stderr);
    assert_eq!(ran.code, code, "{shown}");
    assert_eq!(ran.stdout, "", "{shown}");
    let errors =
        ran.stderr.lines().filter(|line| line.starts_with("zdu: ") || line.starts_with("error: "));
    assert_eq!(errors.count(), 1, "not one error: {shown}");
    assert!(!ran.stderr.contains("panicked"), "{shown}");
    for hint in hints {
        assert!(ran.stderr.contains(hint), "does not say `{hint}`: {shown}");
    }
}

/// A trace file that is refused under its name, with how to mend it.
#[track_caller]
fn refused_trace(name: &str, text: &str, hints: &[&str]) {
    let path = file(&folder(name), "trace.json", text);
    let mut all = vec![path.as_str(), "mend the file", "zdu suite --write"];
    all.extend(hints);
    refused(&["replay", &path], 2, &all);
}

#[test]
fn a_trace_that_is_no_json() {
    refused_trace("no-json", "{", &["not a trace", "line 1"]);
}

#[test]
fn a_trace_that_expects_what_the_model_does_not() {
    let wrong = shipped("happy-path").replace("\"MIXED\"", "\"STABLE\"");
    refused_trace("wrong-then", &wrong, &["step 5 (boot)", "the model says"]);
}

#[test]
fn a_trace_with_an_impossible_step() {
    let text = shipped("happy-path");
    let wrong = text.replace("\"do\": \"stop\", \"node\": 1", "\"do\": \"boot\", \"node\": 1");
    refused_trace("impossible", &wrong, &["step 3 (boot)", "is not possible"]);
}

#[test]
fn a_trace_with_an_unknown_key() {
    let wrong = shipped("happy-path").replace("\"why\"", "\"reason\"");
    refused_trace("unknown-key", &wrong, &["unknown field `reason`", "`why`"]);
}

#[test]
fn a_trace_of_another_format() {
    let wrong = shipped("happy-path").replace("zdu-trace/1", "zdu-trace/9");
    refused_trace("format", &wrong, &["zdu-trace/9", "zdu-trace/1"]);
}

#[test]
fn a_trace_that_is_not_there() {
    let path = folder("absent").join("trace.json").display().to_string();
    refused(&["replay", &path], 2, &[&path, "give a trace file"]);
}

/// A target file that is refused.
#[track_caller]
fn refused_target(name: &str, text: &str, code: i32, hints: &[&str]) {
    let path = file(&folder(name), "cluster.toml", text);
    refused(&["replay", "--target", &path], code, hints);
}

#[test]
fn a_target_file_with_an_unknown_key() {
    let text = "url = \"http://127.0.0.1:1\"\nalow_disruption = true\n";
    let hints = ["line 2", "did you mean `allow_disruption`?"];
    refused_target("unknown-key-in-target", text, 2, &hints);
}

#[test]
fn a_target_file_with_a_value_of_another_type() {
    let text = "url = \"http://127.0.0.1:1\"\nversions = 3\n";
    refused_target("type", text, 2, &["line 2", "`3`", "sequence"]);
}

#[test]
fn a_target_file_with_a_duration_that_is_none() {
    let text = "url = \"http://127.0.0.1:1\"\n[timing]\npoll = \"soon\"\n";
    refused_target("duration", text, 2, &["line 3", "500ms"]);
}

#[test]
fn a_target_file_that_is_not_there() {
    let path = folder("no-target").join("t.toml").display().to_string();
    refused(&["replay", "--target", &path], 2, &[&path, "--url"]);
}

#[test]
fn a_target_where_nobody_listens() {
    // Free a moment ago, and nobody else's business on this machine.
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port();
    let text = format!("url = \"http://127.0.0.1:{port}\"\n[timing]\nrequest = \"200ms\"\n");
    let hints = ["cannot be reached", "refused", "zdu doctor --target"];
    refused_target("refused", &text, 6, &hints);
}

#[test]
fn a_mock_on_a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let hints = [address.as_str(), "already in use", "--listen"];
    refused(&["mock", "--listen", &address], 2, &hints);
}

#[test]
fn names_that_do_not_exist() {
    let hints = ["MODE-44", "zdu explain --list"];
    refused(&["explain", "MODE-44"], 2, &hints);
    refused(&["replay", "--rule", "MODE-44"], 2, &hints);
    let hints = ["hapy-path", "zdu suite --list"];
    refused(&["suite", "--show", "hapy-path"], 2, &hints);
    let hints = ["`start-races`", "zdu mock --list-defects"];
    refused(&["replay", "--defect", "start-race"], 2, &hints);
    refused(&["mock", "--defect", "start-race"], 2, &hints);
    refused(&["replay", "--url", "ftp://example.org"], 2, &["http"]);
    refused(&["frobnicate"], 2, &["--help"]);
    refused(&["replay", "--frobnicate"], 2, &["--help"]);
}

// Proves that a run in which nothing runs is no success.
#[test]
fn nothing_is_selected() {
    refused(
        &["replay", "--only", "no-such-trace"],
        4,
        &["no trace is selected", "zdu suite --list"],
    );
    refused(&["check", "--property", "no such property"], 4, &["zdu check --list"]);
}

// Proves that the folder is tried before the run, so that no run is lost to it.
#[test]
fn a_folder_for_reports_that_cannot_be_made() {
    let beside = file(&folder("unwritable"), "file", "");
    let below = format!("{beside}/reports");
    refused(
        &["replay", "--only", "happy-path", "--report-dir", &below],
        2,
        &[&below, "--report-dir"],
    );
}

#[test]
fn half_an_account() {
    let ran = super::zdu_with(&["replay"], &[("ZDU_USERNAME", "admin")]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("ZDU_PASSWORD"), "{}", ran.stderr);
}
