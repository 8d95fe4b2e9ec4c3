//! What users run against a live cluster, run against the mock: `race`, `doctor`, `advise`, `monitor`, `validate`, and a
//! replay that is killed and taken up again.

mod before;
mod doctor;
mod drivers;
mod hand;
mod printed;
mod process;
mod progress;
mod proxies;
mod resume;
mod stop_when;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use process::{MockProcess, name, sends, start, text, zdu};

// A race of a call that succeeds needs consent; with it exactly one is accepted, and the cluster is left so.
#[test]
fn api_12_race_needs_consent_and_finds_one_winner() {
    let mock = MockProcess::start("race", &[]);
    let target = mock.target("");
    let refused = zdu(&["race", "start", "--target", name(&target)]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    assert!(text(&refused).contains("allow_disruption"), "{}", text(&refused));
    let harmless = zdu(&["race", "cancel", "--target", name(&target)]);
    assert_eq!(harmless.status.code(), Some(0), "{}", text(&harmless));
    let target = mock.target("allow_disruption = true");
    let raced = zdu(&["race", "start", "--times", "16", "--target", name(&target)]);
    assert_eq!(raced.status.code(), Some(0), "{}", text(&raced));
    mock.until("READY_TO_UPGRADE");
}

// The doctor finds what is right, what is missing, and which traces that costs; and touches nothing.
#[test]
fn doctor_names_what_a_run_would_skip_and_why() {
    let mock = MockProcess::start("doctor", &[]);
    let target = mock.target("allow_disruption = true");
    let fine = zdu(&["doctor", "--target", name(&target)]);
    assert_eq!(fine.status.code(), Some(0), "{}", text(&fine));
    assert!(text(&fine).contains("traces can start"), "{}", text(&fine));
    let less = std::fs::read_to_string(&target).expect("the file").replace("break =", "# break =");
    std::fs::write(&target, less).expect("written");
    let lacking = zdu(&["doctor", "--target", name(&target)]);
    assert!(text(&lacking).contains("there is no command `break`"), "{}", text(&lacking));
    assert!(text(&lacking).contains("error-before-any-upgrade"), "{}", text(&lacking));
    let wrong = std::fs::read_to_string(&target).expect("the file").replace("9.2.1", "1.0");
    std::fs::write(&target, wrong).expect("written");
    let mismatch = zdu(&["doctor", "--target", name(&target)]);
    assert_eq!(mismatch.status.code(), Some(2), "{}", text(&mismatch));
}

#[test]
fn doctor_says_in_plain_words_that_nobody_is_there() {
    let folder = std::env::temp_dir().join(format!("zdu-live-gone-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let target = folder.join("target.toml");
    // It waits for a service that is about to come, as long as a request may take.
    let nobody = "url = \"http://127.0.0.1:9\"\n[timing]\nrequest = \"200ms\"\n";
    std::fs::write(&target, nobody).expect("written");
    let gone = zdu(&["doctor", "--target", name(&target)]);
    let _ = std::fs::remove_dir_all(&folder);
    assert_eq!(gone.status.code(), Some(6), "{}", text(&gone));
    assert!(text(&gone).contains("nothing listens there"), "{}", text(&gone));
}

// At two in the morning with a node in ERROR: the page's three answers, with the commands of the target file.
#[test]
fn node_7_advise_gives_the_pages_answers_to_an_errored_node() {
    let mock = MockProcess::start("advise", &[]);
    let target = mock.target("");
    let calm = zdu(&["advise", "--target", name(&target)]);
    assert_eq!(calm.status.code(), Some(0), "{}", text(&calm));
    assert!(text(&calm).contains("nothing is to be done"), "{}", text(&calm));
    mock.post("/_mock/nodes/n2/break");
    mock.until("ERROR");
    let advice = zdu(&["advise", "--target", name(&target)]);
    let words = text(&advice);
    assert_eq!(advice.status.code(), Some(0), "{words}");
    assert!(words.contains("MIXED, mode off"), "{words}");
    assert!(words.contains("confluence-2 is in ERROR"), "{words}");
    assert!(words.contains("/_mock/nodes/n2/stop"), "{words}");
    assert!(words.contains("start    refused (MODE-2)"), "{words}");
    assert!(words.contains("what to do, one after the other"), "{words}");
}

// The build that the page contradicts: STABLE with a node in ERROR. The advice says so, under the one rule.
#[test]
fn status_5_advise_and_monitor_say_what_contradicts_the_page() {
    let mock = MockProcess::start("contradiction", &["--defect", "stable-despite-error"]);
    mock.post("/_mock/nodes/n2/break");
    mock.until("ERROR");
    let advice = zdu(&["advise", "--url", &mock.url]);
    assert_eq!(advice.status.code(), Some(1), "{}", text(&advice));
    assert!(text(&advice).contains("STATUS-5"), "{}", text(&advice));
    let watched = zdu(&["monitor", "--url", &mock.url, "--for", "1s"]);
    assert_eq!(watched.status.code(), Some(1), "{}", text(&watched));
    assert!(text(&watched).contains("STATUS-5"), "{}", text(&watched));
}

// A watch of a whole upgrade by others finds nothing, its recording is judged the same, and a cut last line is said.
#[test]
fn monitor_and_validate_agree_on_a_right_cluster() {
    let mock = MockProcess::start("monitor", &["--delay", "5ms"]);
    let target = mock.target("allow_disruption = true");
    let record = mock.folder.join("watch.jsonl");
    let watching = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args([
            "monitor",
            "--for",
            "3s",
            "--restart",
            "0s",
            "--target",
            name(&target),
            "--record",
            name(&record),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("zdu starts");
    let replayed = zdu(&["replay", "--only", "happy-path", "--target", name(&target)]);
    assert_eq!(replayed.status.code(), Some(0), "{}", text(&replayed));
    let watched = watching.wait_with_output().expect("zdu ends");
    assert_eq!(watched.status.code(), Some(0), "{}", text(&watched));
    let mut lines = std::fs::read_to_string(&record).expect("the recording");
    lines.push_str("{\"at_ms\":99");
    std::fs::write(&record, lines).expect("written");
    let judged = zdu(&["validate", name(&record)]);
    assert_eq!(judged.status.code(), Some(0), "{}", text(&judged));
    assert!(text(&judged).contains("cut off"), "{}", text(&judged));
}

// Proves that a page which is on no node ends a load at once, as a mistake of whoever asks for it.
#[test]
fn lb_6_a_load_of_a_page_that_is_not_there_is_refused() {
    let mock = MockProcess::start("no-page", &[]);
    let page = "/no-such-page";
    let load = ["load", "--url", &mock.url, "--page", page, "--rate", "200", "--for", "60s"];
    let missed = zdu(&load);
    assert_eq!(missed.status.code(), Some(2), "{}", text(&missed));
}

// A replay's recording holds every step, so the belief set judges it again: right runs pass, a defect is found again.
#[test]
fn a_replays_recording_is_judged_as_the_replay_was() {
    for (defect, code) in [(None, 0), (Some("stable-despite-error"), 1)] {
        let planted: Vec<&str> = defect.map_or_else(Vec::new, |defect| vec!["--defect", defect]);
        let arguments = [&["--delay", "3ms"], planted.as_slice()].concat();
        let mock = MockProcess::start(&format!("record-{code}"), &arguments);
        let target = mock.target("allow_disruption = true");
        let record = mock.folder.join("run.jsonl");
        let replayed = zdu(&[
            "replay",
            "--only",
            "error-while-mixed-repaired-in-place",
            "--only",
            "errored-node-stopped-with-mode-off",
            "--only",
            "cancel-refused-when-mixed",
            "--target",
            name(&target),
            "--record",
            name(&record),
        ]);
        assert_eq!(replayed.status.code(), Some(code), "{}", text(&replayed));
        let judged = zdu(&["validate", name(&record)]);
        assert_eq!(judged.status.code(), Some(code), "{}", text(&judged));
    }
}

// Killed in the middle of a run: the journal names what had ended, and the resumed report is complete.
#[test]
fn a_killed_run_is_resumed_without_repeating_what_had_ended() {
    let mock = MockProcess::start("kill", &["--delay", "10ms"]);
    let target = mock.target("allow_disruption = true");
    let report = mock.folder.join("report");
    let arguments = [
        "replay",
        "--only",
        "cancel-refused*",
        "--only",
        "start-again*",
        "--target",
        name(&target),
        "--report-dir",
        name(&report),
    ];
    let mut child = start(&mock, &arguments);
    let journal = report.join("journal.jsonl");
    let began = Instant::now();
    let finished = || {
        let lines = std::fs::read_to_string(&journal).unwrap_or_default();
        lines.lines().filter(|line| line.starts_with("{\"finished\"")).count()
    };
    while finished() < 2 {
        assert!(began.elapsed() < Duration::from_secs(60), "no trace ended");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("it ends");
    let before = finished();
    let mut resumed = arguments.to_vec();
    resumed.push("--resume");
    let output = zdu(&resumed);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("had ended before"), "{}", text(&output));
    let json = std::fs::read_to_string(report.join("report.json")).expect("the report");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let traces = json["traces"].as_array().expect("traces").len();
    assert!(
        traces > before && traces == finished(),
        "{traces} in the report, {} in the journal",
        finished()
    );
}

// Killed while a command of it works: the command does its step later, when the run has been taken up again. It is nobody's else.
#[test]
fn a_resumed_run_outlasts_what_the_killed_one_had_asked_for() {
    let mock = MockProcess::start("outlives", &["--delay", "3ms"]);
    let (flag, post) = (mock.folder.join("flag"), sends("post"));
    let stop = format!("{post} '{}/_mock/nodes/{{id}}/stop'", mock.url);
    // The first takes its time.
    let stop = format!("[ -e {0} ] || {{ touch {0}; sleep 0.25; }}; {stop}", name(&flag));
    let target = mock.target_where("allow_disruption = true", "stop", &stop);
    let patient = std::fs::read_to_string(&target).expect("the target file");
    std::fs::write(&target, patient.replace("\"1s\"", "\"20s\"")).expect("written");
    let report = mock.folder.join("report");
    let arguments = ["replay", "--only", "second-upgrade", "--target", name(&target)];
    let arguments = [&arguments[..], &["--report-dir", name(&report)]].concat();
    let mut child = start(&mock, &arguments);
    let journal = report.join("journal.jsonl");
    let began = Instant::now();
    let asked =
        || std::fs::read_to_string(&journal).unwrap_or_default().contains("\"what\":\"stop\"");
    while !asked() {
        assert!(began.elapsed() < Duration::from_secs(60), "no node was stopped");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("it ends");
    let output = zdu(&[&arguments[..], &["--resume"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn resume_needs_a_journal_of_the_same_target() {
    let mock = MockProcess::start("resume", &[]);
    let target = mock.target("");
    let report = mock.folder.join("report");
    let output = zdu(&[
        "replay",
        "--only",
        "stable-cluster-read-only",
        "--target",
        name(&target),
        "--report-dir",
        name(&report),
        "--resume",
    ]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("there is no run"), "{}", text(&output));
}

// Ctrl-C: the current call ends, the partial report is written, and the exact command to go on is said.
#[test]
fn ctrl_c_writes_the_partial_report_and_says_how_to_resume() {
    let mock = MockProcess::start("interrupt", &["--delay", "60ms"]);
    let target = mock.target("allow_disruption = true");
    let report = mock.folder.join("report");
    let child = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(["replay", "--target", name(&target), "--report-dir", name(&report)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("zdu starts");
    let began = Instant::now();
    // A call was sent, so a trace is under way.
    let sent = || std::fs::read_to_string(report.join("journal.jsonl")).unwrap_or_default();
    while !sent().contains("{\"sent\"") {
        assert!(began.elapsed() < Duration::from_secs(20), "it never began");
        std::thread::sleep(Duration::from_millis(5));
    }
    // The shell's own `kill`: a bare machine has no program of that name.
    let signal = format!("kill -INT {}", child.id());
    let signalled = Command::new("sh").args(["-c", &signal]).status().expect("sh runs");
    assert!(signalled.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", text(&output));
    assert!(text(&output).contains("--resume"), "{}", text(&output));
    assert!(report.join("report.json").exists());
}

// With both commands in the file each node is out of rotation from before it is stopped until it is ACTIVE again.
#[test]
fn lb_6_a_node_is_out_of_rotation_while_it_is_down() {
    let mock = MockProcess::start("rotate", &["--delay", "5ms"]);
    let target = mock.target("allow_disruption = true");
    let log = mock.folder.join("rotation.txt");
    let listed = format!(
        "{} '{}/rest/zdu/nodes/{{id}}' | grep -o 'ACTIVE' >> '{2}'",
        sends("get"),
        mock.url,
        name(&log)
    );
    let commands = format!(
        "disconnect = \"echo out {{id}} >> '{0}' && {1}\"\nconnect = \"echo in {{id}} >> '{0}' && {1}\"\n",
        name(&log),
        listed
    );
    let text_before = std::fs::read_to_string(&target).expect("the file");
    std::fs::write(&target, text_before + &commands).expect("written");
    let replayed = zdu(&["replay", "--only", "happy-path", "--target", name(&target)]);
    assert_eq!(replayed.status.code(), Some(0), "{}", text(&replayed));
    let turns = std::fs::read_to_string(&log).expect("the log");
    let turns: Vec<&str> = turns.lines().collect();
    let first: Vec<&str> = turns.iter().take(12).copied().collect();
    // Whenever a node goes out or comes in, it is ACTIVE.
    let due = [
        "out n1", "ACTIVE", "in n1", "ACTIVE", "out n2", "ACTIVE", "in n2", "ACTIVE", "out n3",
        "ACTIVE", "in n3", "ACTIVE",
    ];
    assert_eq!(first, due, "{turns:?}");
    let (out, back) = (
        turns.iter().filter(|turn| turn.starts_with("out")).count(),
        turns.iter().filter(|turn| turn.starts_with("in")).count(),
    );
    assert_eq!(out, back, "every node is put back: {turns:?}");
}
