//! Can what the program prints be typed as it stands? Each command of a run is given to `sh -c`, from a folder whose name
//! a shell would take apart.

use std::path::PathBuf;
use std::process::{Command, Output};

use super::process::{MockProcess, name, text, zdu};

/// Runs a printed command as somebody would who has `zdu` in the path.
fn typed(command: &str) -> Output {
    let zdu = PathBuf::from(env!("CARGO_BIN_EXE_zdu"));
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = zdu.parent().map(PathBuf::from).into_iter().chain(std::env::split_paths(&paths));
    Command::new("sh")
        .args(["-c", command])
        .env("PATH", std::env::join_paths(paths).expect("a path"))
        .output()
        .expect("sh runs")
}

/// The commands of a text: from `zdu` on, where a line begins with it or it follows a word and a colon.
fn commands(text: &str) -> Vec<String> {
    let after = ["replay   ", "go on with: ", "ask again: ", "suite on it: "];
    let lines = text.lines().map(str::trim);
    let found = lines.filter_map(|line| {
        let line = line.strip_prefix("zdu: ").unwrap_or(line);
        let line = after
            .iter()
            .find_map(|mark| Some(line.split_once(mark)?.1.trim_start()))
            .unwrap_or(line);
        line.starts_with("zdu ").then(|| line.to_owned())
    });
    found.collect()
}

/// A mock in whose folder nothing can be said without quotes.
fn mock(about: &str, defect: &str) -> MockProcess {
    MockProcess::start(&format!("it's \"{about}\" for $5"), &["--defect", defect, "--delay", "3ms"])
}

#[track_caller]
fn again(printed: &Output, code: i32, at_least: usize) {
    let found = commands(&text(printed));
    assert!(found.len() >= at_least, "{found:?} in {}", text(printed));
    for command in found {
        let output = typed(&command);
        assert_eq!(output.status.code(), Some(code), "{command}: {}", text(&output));
    }
}

#[test]
fn a_deviation_is_seen_again_by_the_command_that_is_printed() {
    let mock = mock("replay", "stable-despite-error");
    let target = mock.target("allow_disruption = true");
    // A trace of one's own, by its file: the command must give the file too.
    let shipped =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../traces/errored-node-stopped-with-mode-off.json");
    let trace = mock.folder.join("my own.json");
    let own = std::fs::read_to_string(shipped).expect("a trace");
    let own = own.replace("errored-node-stopped-with-mode-off", "my own; trace");
    std::fs::write(&trace, own).expect("written");
    let run = zdu(&["replay", name(&trace), "--target", name(&target)]);
    assert_eq!(run.status.code(), Some(1), "{}", text(&run));
    again(&run, 1, 2);
    let doctor = zdu(&["doctor", "--target", name(&target)]);
    let found = commands(&text(&doctor));
    assert!(found.len() == 1 && found[0].contains("--report-dir report"), "{found:?}");
    // Not the whole suite, and no folder where the test stands: the same command for one trace.
    let command = found[0].replace("--report-dir report", "--only happy-path");
    let output = typed(&command);
    assert_eq!(output.status.code(), Some(0), "{command}: {}", text(&output));
}

#[test]
fn a_target_that_is_not_ready_is_asked_again_by_the_command_that_is_printed() {
    let mock = mock("doctor", "stable-despite-error");
    let target = mock.target("profile = \"finalization\"");
    let wrong = std::fs::read_to_string(&target).expect("the file").replace("9.2.1", "1.0");
    std::fs::write(&target, wrong).expect("written");
    let doctor = zdu(&["doctor", "--target", name(&target)]);
    assert_eq!(doctor.status.code(), Some(2), "{}", text(&doctor));
    again(&doctor, 2, 1);
}

#[test]
fn a_recording_is_judged_again_by_the_command_that_is_printed() {
    let mock = mock("validate", "stable-despite-error");
    let target = mock.target("allow_disruption = true");
    let record = mock.folder.join("the run.jsonl");
    let only = ["--only", "errored-node-stopped-with-mode-off"];
    let run =
        zdu(&[&["replay", "--target", name(&target), "--record", name(&record)], &only[..]]
            .concat());
    assert_eq!(run.status.code(), Some(1), "{}", text(&run));
    let judged = zdu(&["validate", name(&record)]);
    assert_eq!(judged.status.code(), Some(1), "{}", text(&judged));
    again(&judged, 1, 2);
}

// The test would pass on commands that no shell can read if reading them had no bearing on how they end.
#[test]
fn a_command_without_quotes_is_seen_to_fail() {
    let mock = mock("quotes", "stable-despite-error");
    let target = mock.target("");
    let output = typed(&format!("zdu doctor --target {}", target.display()));
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
}
