//! Does `zdu doctor` count what a run does, and name what is wrong in the file?

use serde_json::Value;

use super::process::{MockProcess, name, sends, text, zdu};

fn doctor(arguments: &[&str]) -> (Option<i32>, Value) {
    let output = zdu(&[&["doctor", "--format", "json"], arguments].concat());
    let json = serde_json::from_slice(&output.stdout);
    (output.status.code(), json.unwrap_or_else(|error| panic!("{error}: {}", text(&output))))
}

/// What is found about this, each finding as one text.
fn about(checkup: &Value, what: &str) -> Vec<String> {
    let findings = checkup["findings"].as_array().expect("findings").iter();
    let these = findings.filter(|finding| finding["about"] == what);
    these.map(|finding| format!("{} {}", finding["found"], finding["advice"])).collect()
}

// Of two traces that disrupt: one reset to try it, one before each, one at the end. What the doctor says of all traces goes by the same.
#[test]
fn as_many_resets_are_said_as_a_run_makes() {
    let mock = MockProcess::start("resets", &["--delay", "3ms"]);
    let target = mock.target("allow_disruption = true");
    let reset = format!("reset = \"{} '{}/_mock/reset'\"\n", sends("post"), mock.url);
    let file = std::fs::read_to_string(&target).expect("the target file");
    std::fs::write(&target, file + &reset).expect("written");
    let (code, checkup) = doctor(&["--target", name(&target)]);
    assert_eq!(code, Some(0), "{checkup:#}");
    let ready = checkup["ready"].as_u64().expect("a number");
    assert_eq!(checkup["resets"].as_u64(), Some(ready + 2));
    let folder = mock.folder.join("report");
    let only = ["--only", "error-before-any-upgrade", "--only", "restart-with-mode-off"];
    let fixed = ["replay", "--target", name(&target), "--report-dir", name(&folder)];
    let ran = zdu(&[&fixed[..], &only].concat());
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran));
    assert_eq!(mock.report("report")["set_up"]["resets"], 4);
    // The same is not told twice.
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    let mut lines: Vec<&str> = told.lines().filter(|line| line.contains("reset")).collect();
    let all = lines.len();
    lines.dedup();
    assert_eq!(lines.len(), all, "{told}");
}

// An id that is mistyped is one fault: the file's. The node that answers at its address is named, and is no other server.
#[test]
fn a_wrong_id_is_told_with_the_node_that_the_file_lacks() {
    let mock = MockProcess::start("wrong-id", &[]);
    let urls = mock.node_urls.clone();
    let nodes = [("n1", urls[0].as_str()), ("n2", &urls[1]), ("n9", &urls[2])];
    let (code, checkup) = doctor(&["--target", name(&mock.target_of(&nodes, ""))]);
    assert_eq!(code, Some(2), "{checkup:#}");
    let told = about(&checkup, "nodes");
    assert!(told.iter().any(|one| one.contains("n9") && one.contains("n3")), "{checkup:#}");
    let bad = checkup["findings"].as_array().expect("findings").iter();
    let bad = bad.filter(|finding| finding["weight"] == "problem").count();
    // The file, and the address that goes with it.
    assert_eq!(bad, 2, "{checkup:#}");
}

// Where there is no file nothing is said of its commands, consent or nodes.
#[test]
fn a_url_alone_has_no_file_to_mend() {
    let mock = MockProcess::start("bare", &[]);
    let (code, checkup) = doctor(&["--url", &mock.url]);
    assert_eq!(code, Some(0), "{checkup:#}");
    for what in ["commands", "consent", "nodes", "rotation", "going home", "timing"] {
        assert_eq!(about(&checkup, what), Vec::<String>::new());
    }
}

// `fail_tasks` is missed where the build has upgrade tasks, and then each trace that it costs is listed.
#[test]
fn fail_tasks_is_missed_only_where_traces_need_it() {
    for (profile, missed) in [("documented", false), ("finalization", true)] {
        let mock = MockProcess::start(&format!("tasks-{profile}"), &["--profile", profile]);
        let target = mock.target("allow_disruption = true");
        let (_, checkup) = doctor(&["--target", name(&target)]);
        let said =
            about(&checkup, "commands").iter().any(|one| one.contains("missing: fail_tasks"));
        let mut reasons = checkup["skipped"].as_object().expect("reasons").keys();
        assert_eq!(said, missed, "{profile}: {checkup:#}");
        assert_eq!(reasons.any(|reason| reason.contains("fail_tasks")), missed, "{profile}");
    }
}

// As many traces are listed for a target as the doctor says can be replayed there, whatever the build and the file are; and it says the
// same of the others.
#[test]
fn the_list_for_a_target_is_what_the_doctor_counts() {
    for (flags, file) in [
        (&[][..], "allow_disruption = true"),
        (&["--nodes", "2"], ""),
        (&["--profile", "finalization"], "allow_disruption = true"),
    ] {
        let mock = MockProcess::start(&format!("list-{}", flags.len() + file.len()), flags);
        let target = mock.target(file);
        let (_, checkup) = doctor(&["--target", name(&target)]);
        let list = zdu(&["replay", "--list", "--target", name(&target)]);
        assert_eq!(list.status.code(), Some(0), "{}", text(&list));
        let printed = String::from_utf8_lossy(&list.stdout).into_owned();
        let rows = printed.lines().filter(|line| line.contains(" N=")).count();
        assert_eq!(checkup["ready"], rows, "{flags:?} {file}: {printed}");
        for (reason, names) in checkup["skipped"].as_object().expect("reasons") {
            let count = names.as_array().expect("names").len();
            assert!(printed.contains(&format!("skipped ({count}): {reason}\n")), "{printed}");
        }
    }
}

// What a run would not touch is not ready: versions that are swapped in the file, and an upgrade under way. Where a run says that
// it lacks consent, its next command is the one that gives it.
#[test]
fn a_cluster_that_no_trace_can_start_from_is_not_ready() {
    let mock = MockProcess::start("away", &["--delay", "3ms"]);
    let target = mock.target("allow_disruption = true\nallow_downgrade = true");
    let file = std::fs::read_to_string(&target).expect("the target file");
    let swapped = file.replace("\"9.2.1\", \"9.2.4\"", "\"9.2.4\", \"9.2.1\"");
    std::fs::write(&target, swapped).expect("written");
    let (code, checkup) = doctor(&["--target", name(&target)]);
    assert_eq!((code, &checkup["ready"]), (Some(2), &0.into()), "{checkup:#}");
    let told = about(&checkup, "traces");
    assert!(told.iter().any(|one| one.contains("9.2.1") && one.contains("9.2.4")), "{told:?}");
    std::fs::write(&target, file).expect("written");
    let (code, checkup) = doctor(&["--target", name(&target)]);
    assert_eq!(code, Some(0), "{checkup:#}");
    mock.post("/rest/zdu/start");
    let (code, checkup) = doctor(&["--target", name(&target)]);
    assert_eq!((code, &checkup["ready"]), (Some(2), &0.into()), "{checkup:#}");
    let told = about(&checkup, "traces");
    assert!(told.iter().any(|one| one.contains("--take-over")), "{told:?}");
    let ran = zdu(&["replay", "--target", name(&target), "--only", "restart-with-mode-off"]);
    assert_eq!(ran.status.code(), Some(4), "{}", text(&ran));
    let consent =
        format!("zdu replay --take-over --target {} --only restart-with-mode-off", name(&target));
    assert!(text(&ran).contains(&consent), "{}", text(&ran));
    // The way back is told whole, also where a step of it is no command.
    mock.post("/_mock/nodes/n1/kill");
    let control = format!("{}/_mock", mock.url);
    let ran = zdu(&[
        "replay",
        "--url",
        &mock.url,
        "--control",
        &control,
        "--format",
        "json",
        "--only",
        "restart-with-mode-off",
    ]);
    let report: Value = serde_json::from_slice(&ran.stdout).expect("a report");
    let back: Vec<&str> =
        report["bring_back"].as_array().expect("lines").iter().filter_map(Value::as_str).collect();
    let begins = |with: &str| back.iter().filter(|line| line.starts_with(with)).count();
    assert_eq!((begins("# "), begins("curl ")), (1, 1), "{back:?}");
}

/// Proves that whoever speaks of the whole cluster refuses a file that leaves out a node: a node in ERROR that the file does not name
/// made a right status look wrong.
#[test]
fn a_file_that_leaves_out_a_node_is_refused_by_advice_and_monitor() {
    let mock = MockProcess::start("left-out", &["--delay", "3ms"]);
    let urls = &mock.node_urls;
    let nodes = [("n1", urls[0].as_str()), ("n2", urls[1].as_str()), ("n3", urls[2].as_str())];
    let file = |nodes| std::fs::read_to_string(mock.target_of(nodes, "")).expect("it is there");
    let (shorter, whole) = (file(&nodes[..2]), file(&nodes[..]));
    let target = mock.target_of(&nodes, "");
    mock.post("/_mock/nodes/n3/break");
    for command in [&["advise"][..], &["monitor", "--for", "50ms"]] {
        let ask = || zdu(&[command, &["--target", name(&target)]].concat()).status.code();
        std::fs::write(&target, &shorter).expect("written");
        assert_eq!(ask(), Some(2), "{command:?}");
        std::fs::write(&target, &whole).expect("written");
        assert_eq!(ask(), Some(0), "{command:?}");
    }
}
