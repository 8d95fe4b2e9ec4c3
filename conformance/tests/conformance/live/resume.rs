//! What is left of a run that was killed, at whichever moment? Enough to go on, and to make its report.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::process::{MockProcess, name, start, text, zdu};

const TRACES: [&str; 4] = [
    "cancel-refused*",
    "start-again-after-cancel",
    "errored-node-restarted",
    "restart-with-mode-off",
];

fn arguments<'a>(target: &'a Path, folder: &'a Path) -> Vec<&'a str> {
    let mut words = vec!["replay", "--target", name(target), "--report-dir", name(folder)];
    words.extend(TRACES.iter().flat_map(|trace| ["--only", *trace]));
    words
}

/// The verdicts of a report, by trace.
fn verdicts(mock: &MockProcess) -> Vec<(String, String)> {
    let report = mock.report("report");
    let traces = report["traces"].as_array().expect("traces").iter();
    let word = |value: &serde_json::Value| value.as_str().expect("a word").to_owned();
    traces.map(|trace| (word(&trace["name"]), word(&trace["verdict"]))).collect()
}

// Killed again and again, after moments of any length, and gone on with: in the end every trace has run, and each once only
// after it had ended.
#[test]
fn a_run_that_is_killed_at_any_moment_comes_to_its_end() {
    let mock = MockProcess::start("kills", &["--delay", "5ms"]);
    let target = mock.target("allow_disruption = true");
    let folder = mock.folder.join("report");
    let journal = folder.join("journal.jsonl");
    let mut words = arguments(&target, &folder);
    let lengths = || std::fs::metadata(&journal).map_or(0, |file| file.len());
    for kill in 0..6_u64 {
        let mut child = start(&mock, &words);
        let (began, before) = (Instant::now(), lengths());
        // So many lines later, and then some: moments that no line marks.
        while lengths() < before + 300 * (kill + 1) && began.elapsed() < Duration::from_secs(10) {
            if child.try_wait().expect("it can be asked").is_some() {
                break;
            }
        }
        std::thread::sleep(Duration::from_millis(7 * kill));
        let _ = child.kill();
        child.wait().expect("it ends");
        let report = zdu(&["report", "from", name(&journal), "--report-dir", name(&folder)]);
        if lengths() > 0 && report.status.code() != Some(2) {
            assert!(!verdicts(&mock).is_empty(), "{}", text(&report));
        }
        let has_head = std::fs::read_to_string(&journal).is_ok_and(|text| text.contains('\n'));
        if has_head && !words.contains(&"--resume") {
            words.push("--resume");
        }
    }
    let output = zdu(&words);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let verdicts = verdicts(&mock);
    assert_eq!(verdicts.len(), 5, "{verdicts:?}");
    assert!(verdicts.iter().all(|(_, verdict)| verdict == "pass"), "{verdicts:?}");
    let lines = std::fs::read_to_string(&journal).expect("the journal");
    for (trace, _) in &verdicts {
        let ended = format!("\"name\":\"{trace}\",\"why\"");
        let passes = lines.lines().filter(|line| {
            line.starts_with("{\"finished\"")
                && line.contains(&ended)
                && line.contains("\"verdict\":\"pass\"")
        });
        assert_eq!(passes.count(), 1, "{trace} was run again after it had passed");
    }
}

// Who is sent TERM, as CI and systemd do, or loses the terminal, ends as with Ctrl-C: with the report of what was run.
#[test]
fn a_run_that_is_asked_to_end_leaves_the_report_of_what_it_did() {
    let mock = MockProcess::start("asked", &["--delay", "5ms"]);
    let target = mock.target("allow_disruption = true");
    let folder = mock.folder.join("report");
    for signal in ["INT", "TERM", "HUP"] {
        let _ = std::fs::remove_dir_all(&folder);
        let mut child = start(&mock, &arguments(&target, &folder));
        let began = Instant::now();
        let begun = || {
            std::fs::read_to_string(folder.join("journal.jsonl"))
                .is_ok_and(|text| text.contains("\"began\""))
        };
        while !begun() {
            assert!(began.elapsed() < Duration::from_secs(20), "it never begins");
            std::thread::sleep(Duration::from_millis(5));
        }
        let kill = format!("kill -{signal} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("sh runs").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{signal}");
        let report = mock.report("report");
        assert_eq!((&report["exit_code"], &report["interrupted"]), (&130.into(), &true.into()));
        assert_eq!(verdicts(&mock).len(), 5);
        // What goes on with it is told by the report as well, made then or from the journal.
        let journal = folder.join("journal.jsonl");
        let again = zdu(&["report", "from", name(&journal)]);
        let kept = std::fs::read_to_string(folder.join("report.txt")).expect("the report");
        for told in [text(&again), kept] {
            let next = told.lines().find(|line| line.trim().starts_with("zdu replay"));
            let words = [name(&folder), "--resume", "errored-node-restarted"];
            assert!(next.is_some_and(|line| words.iter().all(|it| line.contains(it))), "{told}");
        }
    }
}

// At every place where a journal may be cut off the report can be made, and it never says more than the whole one.
#[test]
fn a_report_is_made_from_a_journal_that_is_cut_off_anywhere() {
    let mock = MockProcess::start("cut", &["--delay", "3ms"]);
    let target = mock.target("allow_disruption = true");
    let folder = mock.folder.join("report");
    let whole = zdu(&arguments(&target, &folder));
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole));
    let due = verdicts(&mock);
    let bytes = std::fs::read(folder.join("journal.jsonl")).expect("the journal");
    let head = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    let cut = mock.folder.join("cut.jsonl");
    let mut places: Vec<usize> =
        (0..12).map(|part| head + part * (bytes.len() - head) / 12).collect();
    places.extend([head + 1, bytes.len() - 1, bytes.len()]);
    for place in places {
        std::fs::write(&cut, &bytes[..place]).expect("written");
        let made = zdu(&["report", "from", name(&cut), "--report-dir", name(&folder)]);
        let said = verdicts(&mock);
        assert_eq!(said.len(), due.len(), "at {place}: {}", text(&made));
        let finished = said.iter().all(|(_, verdict)| verdict == "pass");
        assert_eq!(
            made.status.code(),
            Some(if finished { 0 } else { 3 }),
            "at {place}: {}",
            text(&made)
        );
        for (one, other) in said.iter().zip(&due) {
            assert!(one == other || one.1 == "unfinished", "at {place}: {one:?} {other:?}");
        }
        assert_eq!(finished, place + 1 >= bytes.len() || said == due);
    }
    std::fs::write(&cut, &bytes[..head - 2]).expect("written");
    let none = zdu(&["report", "from", name(&cut)]);
    assert_eq!(none.status.code(), Some(2), "{}", text(&none));
}

// An unfinished journal is not replaced; --resume says what changed in the file, and runs again what was broken.
#[test]
fn what_was_broken_is_run_again_once_the_file_is_mended() {
    let mock = MockProcess::start("mended", &["--delay", "3ms"]);
    let only = ["--only", "errored-node-restarted", "--only", "cancel-before-any-upgrade"];
    let folder = mock.folder.join("report");
    let run = |target: &Path, more: &[&str]| {
        let fixed = ["replay", "--target", name(target), "--report-dir", name(&folder)];
        zdu(&[&fixed[..], &only[..], more].concat())
    };
    let broken = run(&mock.target_where("allow_disruption = true", "break", "exit 9"), &[]);
    assert_eq!(broken.status.code(), Some(3), "{}", text(&broken));
    let target = mock.target("allow_disruption = true");
    let resumed = run(&target, &["--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed));
    assert!(text(&resumed).contains("1 traces had ended before"), "{}", text(&resumed));
    assert!(text(&resumed).contains("commands.break"), "{}", text(&resumed));
    let nothing = run(&target, &["--last-failed"]);
    assert_eq!(nothing.status.code(), Some(4), "{}", text(&nothing));
    // One report must not tell of two builds.
    let other = mock.target("allow_disruption = true\nlabel = \"rc2\"");
    let mixed = run(&other, &["--resume"]);
    assert_eq!(mixed.status.code(), Some(2), "{}", text(&mixed));
    // Without its last line the journal is of a run that is not finished.
    let journal = folder.join("journal.jsonl");
    let lines = std::fs::read_to_string(&journal).expect("the journal");
    let shorter: Vec<&str> = lines.lines().filter(|line| !line.starts_with("{\"ended\"")).collect();
    std::fs::write(&journal, shorter.join("\n") + "\n").expect("written");
    let refused = run(&target, &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    assert!(text(&refused).contains("--resume"), "{}", text(&refused));
    let kept = std::fs::read_to_string(&journal).expect("the journal");
    assert_eq!(kept.lines().count(), shorter.len());
}

// What failed is run again once the file is mended; the report is of the whole run, and says of what ran when. Also from the journal, and
// when the second part is interrupted before it came to anything.
#[test]
fn the_report_keeps_what_last_failed_does_not_run_again() {
    let mock = MockProcess::start("again", &["--delay", "3ms"]);
    let folder = mock.folder.join("report");
    let run = |target: &Path, more: &[&str]| {
        let fixed = ["replay", "--target", name(target), "--report-dir", name(&folder)];
        let only = ["--only", "errored-node-restarted", "--only", "cancel-before-any-upgrade"];
        zdu(&[&fixed[..], &only[..], more].concat())
    };
    let broken = run(&mock.target_where("allow_disruption = true", "break", "exit 9"), &[]);
    assert_eq!(broken.status.code(), Some(3), "{}", text(&broken));
    let first = mock.report("report");
    let target = mock.target("allow_disruption = true");
    let again = run(&target, &["--last-failed"]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again));
    let journal = folder.join("journal.jsonl");
    for from_journal in [false, true] {
        if from_journal {
            let made = zdu(&["report", "from", name(&journal), "--report-dir", name(&folder)]);
            assert_eq!(made.status.code(), Some(0), "{}", text(&made));
        }
        let report = mock.report("report");
        assert_eq!(report["started"], first["started"]);
        let traces = report["traces"].as_array().expect("traces").iter();
        let told: Vec<_> = traces
            .map(|trace| {
                (trace["name"].clone(), trace["verdict"].clone(), trace["earlier"].clone())
            })
            .collect();
        let due = |trace: &str, earlier: &serde_json::Value| {
            (serde_json::json!(trace), serde_json::json!("pass"), earlier.clone())
        };
        let mut due = [
            due("cancel-before-any-upgrade", &first["started"]),
            due("errored-node-restarted", &serde_json::Value::Null),
        ];
        let order = first["traces"].as_array().expect("traces")[0]["name"].clone();
        due.sort_by_key(|(trace, _, _)| *trace != order);
        assert_eq!(told, due, "{from_journal}");
    }
    for file in ["report.txt", "report.html", "junit.xml"] {
        let kept = std::fs::read_to_string(folder.join(file)).expect("a report");
        assert!(kept.contains(first["started"].as_str().expect("when")), "{file}: {kept}");
    }
}

// The run left its cluster, and then no node was up any more: whoever goes on with it boots the nodes first. Whoever begins a run, and
// consents to nothing, does not.
#[test]
fn a_dead_cluster_is_brought_back_by_whoever_goes_on_with_the_run() {
    let mock = MockProcess::start("dead", &["--delay", "3ms"]);
    let target = mock.target("allow_disruption = true");
    let file = std::fs::read_to_string(&target).expect("the target file");
    std::fs::write(&target, file.replace("\"5s\"", "\"300ms\"")).expect("written");
    let folder = mock.folder.join("report");
    let run = |folder: &Path, more: &[&str]| {
        let fixed = ["replay", "--target", name(&target), "--report-dir", name(folder)];
        zdu(&[&fixed[..], &["--only", "restart-with-mode-off"], more].concat())
    };
    let stopped = run(&folder, &["--stop-when", "any=Absent"]);
    assert_eq!(stopped.status.code(), Some(3), "{}", text(&stopped));
    for node in ["n1", "n2", "n3"] {
        mock.post(&format!("/_mock/nodes/{node}/kill"));
    }
    while zdu(&["send", "get", &format!("{}/rest/zdu/cluster", mock.url)]).status.success() {}
    let anew = run(&mock.folder.join("anew"), &[]);
    assert_eq!(anew.status.code(), Some(6), "{}", text(&anew));
    let resumed = run(&folder, &["--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed));
    assert!(mock.report("report")["set_up"]["boots"].as_u64() >= Some(3));
}

// Two parts on two clusters, one report: the traces of both, once each.
#[test]
fn parts_of_a_run_are_merged_from_their_journals() {
    let mut journals = Vec::new();
    let mocks = [
        MockProcess::start("part-1", &["--delay", "3ms"]),
        MockProcess::start("part-2", &["--delay", "3ms"]),
    ];
    for (part, mock) in ["1/2", "2/2"].iter().zip(&mocks) {
        let target = mock.target("allow_disruption = true");
        let folder = mock.folder.join("report");
        let output = zdu(&[&arguments(&target, &folder)[..], &["--partition", part]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        journals.push(folder.join("journal.jsonl"));
    }
    let all = mocks[0].folder.join("all");
    let merged = zdu(&[
        "report",
        "from",
        name(&journals[0]),
        name(&journals[1]),
        "--report-dir",
        name(&all),
    ]);
    assert_eq!(merged.status.code(), Some(0), "{}", text(&merged));
    let report = mocks[0].report("all");
    let mut names: Vec<&str> = (report["traces"].as_array().expect("traces").iter())
        .map(|trace| trace["name"].as_str().expect("a name"))
        .collect();
    names.sort_unstable();
    let due = [
        "cancel-refused-when-all-upgraded",
        "cancel-refused-when-mixed",
        "errored-node-restarted",
        "restart-with-mode-off",
        "start-again-after-cancel",
    ];
    assert_eq!(names, due);
}
