//! What ends a run before its first step: faults of the target file, somebody else who drives the target, and a cluster that is
//! somebody else's.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::process::{MockProcess, name, text, zdu};

const CONSENT: &str = "allow_disruption = true";

/// The run is refused with 2 and these words, and the cluster is as it was.
#[track_caller]
fn refused(mock: &MockProcess, target: &Path, words: &[&str]) {
    let output = zdu(&["replay", "--only", "happy-path", "--target", name(target)]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    for word in words {
        assert!(text(&output).contains(word), "{word}: {}", text(&output));
    }
    assert!(mock.state().contains("\"STABLE\""), "{}", mock.state());
}

/// The same for what shows without touching anything: the doctor finds it, too.
#[track_caller]
fn unfit(mock: &MockProcess, target: &Path, words: &[&str]) {
    refused(mock, target, words);
    let doctor = zdu(&["doctor", "--target", name(target)]);
    assert_eq!(doctor.status.code(), Some(2), "{}", text(&doctor));
}

// One mock for all: nothing of it changes. The last target shows that the others are refused for what is wrong with them.
#[test]
fn faults_of_the_target_file_are_not_the_builds() {
    let mock = MockProcess::start("faults", &["--context", "/wiki"]);
    let [one, two, three] = &mock.node_urls[..] else { panic!("three nodes") };
    let bare = two.trim_end_matches("/wiki").to_owned();
    let (id1, id2, id3) = (("n1", one.as_str()), ("n2", two.as_str()), ("n3", three.as_str()));
    for (nodes, words) in [
        (vec![id1, id2, ("n33", three.as_str())], ["n33", "n3"]),
        (vec![id1, id2, id3, ("n4", "http://127.0.0.1:9")], ["n4", "[[node]]"]),
        (vec![id1, id2], ["n3", "[[node]]"]),
        (vec![id1, id2, ("n3", "http://127.0.0.1:9/wiki")], ["confluence-3", "nobody answers"]),
        (vec![id1, ("n2", bare.as_str()), id3], ["confluence-2", "context path"]),
        (vec![id1, ("n2", three.as_str()), ("n3", two.as_str())], ["confluence-2", "confluence-3"]),
    ] {
        unfit(&mock, &mock.target_of(&nodes, CONSENT), &words);
    }
    let versions = mock.target_of(&[id1, id2, id3], CONSENT);
    let text_of = std::fs::read_to_string(&versions).expect("the file");
    std::fs::write(&versions, text_of.replace("\"9.2.1\", ", "")).expect("written");
    unfit(&mock, &versions, &["9.2.1", "versions"]);
    let fine = mock.target_of(&[id1, id2, id3], CONSENT);
    let output = zdu(&["replay", "--only", "stable-cluster-refuses", "--target", name(&fine)]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

// The file's profile against a build without upgrade tasks, which a build with them does not refuse.
#[test]
fn a_profile_with_upgrade_tasks_is_refused_by_a_build_without() {
    let mock = MockProcess::start("profile", &["--delay", "3ms"]);
    unfit(&mock, &mock.target("profile = \"finalization\""), &["profile", "retryUpgrade"]);
    // With no profile in the file, what is about upgrade tasks is left out, and said to be.
    let auto = mock.target(CONSENT);
    for ask in
        [&["replay", "--only", "upgrade-with-tasks", "--target"][..], &["doctor", "--target"]]
    {
        let told = zdu(&[ask, &[name(&auto)]].concat());
        assert!(text(&told).contains("serves no `hasFinalizationTasks`"), "{}", text(&told));
        assert!(text(&told).contains("upgrade-with-tasks"), "{}", text(&told));
    }
    assert!(mock.state().contains("\"STABLE\""), "{}", mock.state());
    let with = MockProcess::start("tasks", &["--delay", "3ms", "--profile", "finalization"]);
    let target = with.target("profile = \"finalization\"");
    let fine = zdu(&["replay", "--only", "stable-cluster-refuses", "--target", name(&target)]);
    assert_eq!(fine.status.code(), Some(0), "{}", text(&fine));
}

// A reset that ends well and does nothing, and one that fails; with one that works the same trace passes.
#[test]
fn a_reset_that_leads_nowhere_is_found_before_the_first_trace() {
    let mock = MockProcess::start("reset", &["--delay", "3ms"]);
    let with = |reset: &str| resetting(&mock, reset);
    refused(&mock, &with("true"), &["`reset`", "upgrade mode is on"]);
    refused(&mock, &with("echo no snapshot; exit 4"), &["`reset`", "no snapshot"]);
    let output = zdu(&["replay", "--only", "happy-path", "--target", name(&with(&works(&mock)))]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

/// A target file with this `reset`.
fn resetting(mock: &MockProcess, reset: &str) -> PathBuf {
    let target = mock.target_where(CONSENT, "reset", "");
    let file =
        std::fs::read_to_string(&target).expect("the file") + &format!("\nreset = \"{reset}\"\n");
    std::fs::write(&target, file).expect("written");
    target
}

fn works(mock: &MockProcess) -> String {
    format!("{} '{}/_mock/reset'", super::process::sends("post"), mock.url)
}

// Where `start` works and answers otherwise, trying the reset does not leave upgrade mode on, which every trace would then take
// for somebody's upgrade: the answer is for the traces to find.
#[test]
fn api_2_a_start_that_answers_otherwise_keeps_no_trace_from_being_run() {
    for defect in ["start-answers-204", "start-answers-500"] {
        let mock = MockProcess::start(defect, &["--delay", "3ms", "--defect", defect]);
        let target = resetting(&mock, &works(&mock));
        let trace = "cancel-before-any-upgrade";
        let output = zdu(&["replay", "--only", trace, "--target", name(&target)]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    }
}

// The second of two runs is refused with who drives the target, before it sends anything; the first is not disturbed.
#[test]
fn two_runs_at_once_are_one_too_many() {
    let mock = MockProcess::start("twice", &["--delay", "30ms"]);
    let target = mock.target(CONSENT);
    let folder = mock.folder.join("report");
    let first = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(["replay", "--only", "happy-path", "--target", name(&target)])
        .args(["--report-dir", name(&folder)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("zdu starts");
    let began = Instant::now();
    while !folder.join("journal.jsonl").exists() {
        assert!(began.elapsed() < Duration::from_secs(20), "it never began");
        std::thread::sleep(Duration::from_millis(5));
    }
    // By another name of the same URL.
    let url = format!("{}/", mock.url);
    let second = zdu(&["replay", "--only", "happy-path", "--url", &url]);
    assert_eq!(second.status.code(), Some(2), "{}", text(&second));
    for word in [format!("process {}", first.id()), "--report-dir".to_owned()] {
        assert!(text(&second).contains(&word), "{word}: {}", text(&second));
    }
    let first = first.wait_with_output().expect("it ends");
    assert_eq!(first.status.code(), Some(0), "{}", text(&first));
}

// An upgrade of somebody's is left alone; with consent it is cancelled, which is told and counted.
#[test]
fn somebodys_upgrade_is_cancelled_with_consent_alone() {
    let mock = MockProcess::start("consent", &["--delay", "3ms"]);
    let target = mock.target(CONSENT);
    mock.post("/rest/zdu/start");
    mock.until("READY_TO_UPGRADE");
    let folder = mock.folder.join("report");
    let arguments = [
        "replay",
        "--only",
        "happy-path",
        "--target",
        name(&target),
        "--report-dir",
        name(&folder),
    ];
    let output = zdu(&arguments);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output));
    let report = mock.report("report");
    assert_eq!(report["traces"][0]["verdict"], "not-applicable");
    assert_eq!(report["set_up"]["cancels"], 0);
    assert!(mock.state().contains("READY_TO_UPGRADE"), "{}", mock.state());
    let output = zdu(&[&arguments[..], &["--take-over"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let report = mock.report("report");
    assert_eq!(report["traces"][0]["verdict"], "pass");
    assert_eq!((&report["set_up"]["cancels"], &report["take_over"]), (&1.into(), &true.into()));
}
