//! Can what the program prints be typed as it stands? Each command of a run is given to `sh -c`, from a folder whose name
//! a shell would take apart.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::process::{MockProcess, name, sends, text, zdu};

/// Runs a printed command as somebody would who has `zdu` in the path.
fn typed(command: &str) -> Output {
    typed_with(command, None)
}

/// The same with the programs of one more folder.
fn typed_with(command: &str, programs: Option<&Path>) -> Output {
    let zdu = PathBuf::from(env!("CARGO_BIN_EXE_zdu"));
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let ours = programs.into_iter().chain(zdu.parent()).map(PathBuf::from);
    let paths = ours.chain(std::env::split_paths(&paths));
    Command::new("sh")
        .args(["-c", command])
        .env("PATH", std::env::join_paths(paths).expect("a path"))
        .output()
        .expect("sh runs")
}

/// A folder with a `curl` in it, as far as printed lines use it: a bare machine may have none.
fn curl(mock: &MockProcess) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = mock.folder.join("bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    let script = format!(
        "#!/bin/sh\nmethod=get\nwhile [ $# -gt 1 ]; do\n case \"$1\" in\n  -X) [ \"$2\" = POST ] && method=post; shift 2;;\n  \
         -H|-d|-u) shift 2;;\n  -i) shift;;\n  *) echo \"$1\" >&2; exit 9;;\n esac\ndone\nexec {} \"$method\" \"$1\"\n",
        sends("").trim_end()
    );
    let file = folder.join("curl");
    std::fs::write(&file, script).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("a program");
    folder
}

/// The commands of a text: from `zdu` on, where a line begins with it or it follows a colon or the word `replay`.
fn commands(text: &str) -> Vec<String> {
    let found = text.lines().map(str::trim).filter_map(|line| {
        let line = line.strip_prefix("zdu: ").unwrap_or(line);
        if line.starts_with("zdu ") {
            return Some(line.to_owned());
        }
        let field = line.strip_prefix("replay ").map(str::trim_start);
        if let Some(command) = field.filter(|command| command.starts_with("zdu ")) {
            return Some(command.to_owned());
        }
        Some(format!("zdu {}", line.split_once(": zdu ")?.1))
    });
    found.collect()
}

/// The one command of a text that begins so.
#[track_caller]
fn one(text: &str, beginning: &str) -> String {
    let found = commands(text).into_iter().filter(|command| command.starts_with(beginning));
    let found: Vec<String> = found.collect();
    assert!(!found.is_empty(), "no `{beginning}` in {text}");
    assert!(found.iter().all(|command| *command == found[0]), "{found:?}");
    found[0].clone()
}

/// A mock in whose folder nothing can be said without quotes.
fn mock(about: &str, arguments: &[&str]) -> MockProcess {
    MockProcess::start(&format!("it's \"{about}\" for $5"), arguments)
}

/// The same with a build that shows STABLE where it must not.
fn defective(about: &str) -> MockProcess {
    mock(about, &["--defect", "stable-despite-error", "--delay", "3ms"])
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
    let mock = defective("replay");
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
    let mock = defective("doctor");
    let target = mock.target("profile = \"finalization\"");
    let wrong = std::fs::read_to_string(&target).expect("the file").replace("9.2.1", "1.0");
    std::fs::write(&target, wrong).expect("written");
    let doctor = zdu(&["doctor", "--target", name(&target)]);
    assert_eq!(doctor.status.code(), Some(2), "{}", text(&doctor));
    again(&doctor, 2, 1);
}

#[test]
fn a_recording_is_judged_again_by_the_command_that_is_printed() {
    let mock = defective("validate");
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

// Killed softly in the middle: what goes on with it, what tells what it came to, and what looks at a target that does not fit.
#[test]
fn a_run_that_was_interrupted_is_gone_on_with_by_the_command_that_is_printed() {
    let mock = mock("resume", &["--delay", "150ms"]);
    let target = mock.target("allow_disruption = true");
    let report = mock.folder.join("the report");
    let run = [
        &["replay", "--target", name(&target), "--report-dir", name(&report)][..],
        &["--only", "cancel-before-any-upgrade", "--only", "restart-with-mode-off"],
    ];
    let child = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(run.concat())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("zdu starts");
    let journal = report.join("journal.jsonl");
    let under_way =
        || std::fs::read_to_string(&journal).is_ok_and(|text| text.contains("{\"sent\""));
    let began = Instant::now();
    while !under_way() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never sends anything");
        std::thread::sleep(Duration::from_millis(5));
    }
    // The shell's own `kill`: a bare machine has no program of that name.
    assert!(typed(&format!("kill -INT {}", child.id())).status.success());
    let interrupted = child.wait_with_output().expect("it ends");
    assert_eq!(interrupted.status.code(), Some(130), "{}", text(&interrupted));
    let refused = zdu(&run.concat());
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    let told = typed(&one(&text(&refused), "zdu report from"));
    assert_eq!(told.status.code(), Some(130), "{}", text(&told));
    let go_on = one(&text(&refused), "zdu replay");
    assert_eq!(go_on, one(&text(&interrupted), "zdu replay"));
    let resumed = typed(&go_on);
    assert_eq!(resumed.status.code(), Some(0), "{go_on}: {}", text(&resumed));
    let wrong = mock.target_of(&[("n9", &mock.url)], "");
    let unfit = zdu(&["replay", "--target", name(&wrong)]);
    assert_eq!(unfit.status.code(), Some(2), "{}", text(&unfit));
    let doctor = typed(&one(&text(&unfit), "zdu doctor"));
    assert_eq!(doctor.status.code(), Some(2), "{}", text(&doctor));
}

// An ERROR while somebody watches, and what to do about it, step by step as it is printed: commands of the file, and curl.
#[test]
fn what_a_watch_and_the_advice_print_leads_out_of_an_error() {
    let mock = mock("trouble", &["--delay", "3ms", "--defect", "stable-despite-error"]);
    let target = mock.target("");
    mock.post("/_mock/nodes/n2/break");
    mock.until("ERROR");
    let noted = zdu(&["doctor", "--target", name(&target)]);
    assert_eq!(typed(&one(&text(&noted), "zdu advise")).status.code(), Some(1), "{}", text(&noted));
    let watch = zdu(&["monitor", "--target", name(&target), "--for", "300ms"]);
    assert_eq!(watch.status.code(), Some(1), "{}", text(&watch));
    let again = typed(&one(&text(&watch), "zdu monitor"));
    assert_eq!(again.status.code(), Some(1), "{}", text(&again));
    // In an upgrade, which the advice takes back.
    mock.post("/_mock/reset");
    mock.post("/rest/zdu/start");
    mock.post("/_mock/nodes/n2/break");
    mock.until("ERROR");
    let advice = zdu(&["advise", "--target", name(&target), "--back"]);
    let again = typed(&one(&text(&advice), "zdu advise"));
    assert_eq!(again.status.code(), advice.status.code(), "{}", text(&again));
    let printed = text(&advice);
    let steps = printed.split("one after the other").nth(1).expect("steps");
    let steps = steps.split("\n\n").next().expect("their end");
    let lines: Vec<&str> =
        steps.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    assert!(lines.iter().any(|line| line.starts_with("curl ")) && lines.len() > 2, "{printed}");
    let programs = curl(&mock);
    for line in lines {
        mock.until_calm();
        let output = typed_with(line, Some(&programs));
        assert!(output.status.success(), "{line}: {}", text(&output));
    }
    mock.until_calm();
    let state = mock.state();
    assert!(state.contains("STABLE") && !state.contains("ERROR"), "{state}");
}

// A node that is out of rotation goes back by what the load balancer's own command prints, the doctor, and the advice.
#[test]
fn what_brings_a_node_back_into_rotation_can_be_typed() {
    let mock = mock("rotation", &["--delay", "3ms", "--balancer", "127.0.0.1:0"]);
    let target = mock.target("");
    let file = std::fs::read_to_string(&target).expect("the target file");
    let named = ["n1", "n2", "n3"].map(|id| format!("[[node]]\nid = \"{id}\"\n")).concat();
    std::fs::write(&target, format!("{file}{}{named}", mock.balancer)).expect("written");
    let at = ["--target", name(&target)];
    let places = || {
        let list = zdu(&[&["balancer", "list", "--format", "json"], &at[..]].concat());
        let list: serde_json::Value = serde_json::from_slice(&list.stdout).expect("JSON");
        let members = list.as_array().expect("members").iter();
        members
            .map(|member| member["rotation"].as_str().expect("a place").to_owned())
            .collect::<Vec<_>>()
    };
    for asked in [None, Some("doctor"), Some("advise")] {
        let out = zdu(&[&["balancer", "disconnect", "n2"], &at[..]].concat());
        assert_eq!(out.status.code(), Some(0), "{}", text(&out));
        assert_eq!(places(), ["in", "out", "in"]);
        let printed = asked.map_or(out, |command| zdu(&[&[command], &at[..]].concat()));
        let lines = text(&printed);
        let back =
            lines.lines().find_map(|line| line.find("zdu balancer connect").map(|at| &line[at..]));
        let back = typed(back.unwrap_or_else(|| panic!("{asked:?}: {lines}")));
        assert_eq!(back.status.code(), Some(0), "{asked:?}: {}", text(&back));
        assert_eq!(places(), ["in", "in", "in"], "{asked:?}");
    }
}

#[test]
fn what_commands_without_a_target_print_can_be_typed() {
    let folder = std::env::temp_dir().join(format!("zdu it's $5 {}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let saved = folder.join("a way; to MIXED.json");
    for (command, code) in [
        (
            &[
                "replay",
                "--defect",
                "stable-despite-error",
                "--only",
                "errored-node-stopped-with-mode-off",
            ][..],
            1,
        ),
        (&["path", "--from", "STABLE", "--to", "MIXED", "--nodes", "2", "--save", name(&saved)], 0),
        (&["explain", "MODE-4"], 0),
        (&["explain", "FIN-5"], 0),
    ] {
        let printed = zdu(command);
        assert_eq!(printed.status.code(), Some(code), "{}", text(&printed));
        again(&printed, code, 1);
    }
    let _ = std::fs::remove_dir_all(&folder);
}

// Of two runs the second is worse; and a race, and what the mock says of itself.
#[test]
fn what_a_comparison_a_race_and_the_mock_print_can_be_typed() {
    let fine = mock("before", &["--delay", "3ms"]);
    let worse = mock("after", &["--delay", "3ms", "--defect", "stable-despite-error"]);
    let mut reports = Vec::new();
    for mock in [&fine, &worse] {
        let target = mock.target("allow_disruption = true");
        let folder = mock.folder.join("report");
        zdu(&[
            &["replay", "--target", name(&target), "--report-dir", name(&folder)][..],
            &["--only", "errored-node-stopped-with-mode-off"],
        ]
        .concat());
        reports.push(folder.join("report.json"));
    }
    let diff = zdu(&["report", "diff", name(&reports[0]), name(&reports[1])]);
    assert_eq!(diff.status.code(), Some(1), "{}", text(&diff));
    again(&diff, 1, 1);
    let itself = typed(&format!("{} --only happy-path", fine.replay));
    assert_eq!(itself.status.code(), Some(0), "{}: {}", fine.replay, text(&itself));
    let race = mock("race", &["--delay", "3ms", "--defect", "cancel-while-off"]);
    let target = race.target("allow_disruption = true");
    let raced = zdu(&["race", "cancel", "--target", name(&target)]);
    assert_eq!(raced.status.code(), Some(1), "{}", text(&raced));
    again(&raced, 1, 1);
}

// The test would pass on commands that no shell can read if reading them had no bearing on how they end.
#[test]
fn a_command_without_quotes_is_seen_to_fail() {
    let mock = defective("quotes");
    let target = mock.target("");
    let output = typed(&format!("zdu doctor --target {}", target.display()));
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
}

/// The commands that open the explorer where something was found.
fn explorers(printed: &Output) -> Vec<String> {
    let lines = text(printed);
    let found = lines.lines().filter_map(|line| line.trim().strip_prefix("explore "));
    found.map(|line| line.trim().to_owned()).collect()
}

// With the report, with a recording, and with neither: each opens in the terminal where the trace parted, in the state that the
// model says is due there (a node in error is MIXED).
#[test]
fn what_was_found_opens_in_the_explorer_by_the_command_that_is_printed() {
    let mock = defective("explore");
    let target = mock.target("allow_disruption = true");
    let (folder, record) = (mock.folder.join("the report"), mock.folder.join("the run.jsonl"));
    let watch = mock.folder.join("a watch.jsonl");
    let run = |more: &[&str]| {
        let fixed = ["replay", "--target", name(&target), "--only", "errored-node-shut-down*"];
        zdu(&[&fixed[..], more].concat())
    };
    let runs = [
        run(&["--report-dir", name(&folder)]),
        run(&["--record", name(&record)]),
        run(&[]),
        zdu(&["validate", name(&record)]),
    ];
    mock.post("/_mock/nodes/n2/break");
    mock.until("ERROR");
    let watching = ["monitor", "--target", name(&target), "--for", "300ms", "--record"];
    let watched = zdu(&[&watching[..], &[name(&watch)]].concat());
    for printed in runs.iter().chain([&watched]) {
        assert_eq!(printed.status.code(), Some(1), "{}", text(printed));
        let found = explorers(printed);
        assert!(!found.is_empty(), "{}", text(printed));
        let output = typed(&format!("{} --tui < /dev/null", found[0]));
        let shown = text(&output);
        assert_eq!(output.status.code(), Some(0), "{}: {shown}", found[0]);
        assert!(shown.contains("step 1: MIXED, upgrade mode off"), "{}: {shown}", found[0]);
        assert!(found[0].contains("--nodes") || shown.contains("parted at"), "{shown}");
    }
    let beyond = format!("{} --trace nowhere --tui", explorers(&runs[3])[0]);
    let beyond = typed(&beyond.replacen("--trace errored-node-shut-down-with-mode-off", "", 1));
    assert_eq!(beyond.status.code(), Some(2), "{}", text(&beyond));
}
