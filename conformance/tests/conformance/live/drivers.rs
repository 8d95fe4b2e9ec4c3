//! What does a run come to when the target file's commands fail, hang, or do something else? Never to a verdict on the
//! build, and never to hours of waiting.

use serde_json::Value;

use super::process::{MockProcess, name, sends, text, zdu};

fn verdicts(report: &Value) -> Vec<(String, String)> {
    let traces = report["traces"].as_array().expect("traces");
    let word = |trace: &Value, key: &str| trace[key].as_str().expect("a word").to_owned();
    traces.iter().map(|trace| (word(trace, "name"), word(trace, "verdict"))).collect()
}

fn pair(name: &str, verdict: &str) -> (String, String) {
    (name.to_owned(), verdict.to_owned())
}

fn count(report: &Value, verdict: &str) -> usize {
    verdicts(report).iter().filter(|(_, one)| *one == verdict).count()
}

/// Runs traces on a target and gives the exit code, what was printed and the report.
fn run(
    mock: &MockProcess,
    target: &std::path::Path,
    more: &[&str],
) -> (Option<i32>, String, Value) {
    let folder = mock.folder.join("report");
    let fixed = ["replay", "--target", name(target), "--report-dir", name(&folder)];
    let output = zdu(&[&fixed[..], more].concat());
    (output.status.code(), text(&output), mock.report("report"))
}

// A node that is never booted again: the run ends after two traces that found it so, and names the command that was tried.
#[test]
fn a_cluster_that_does_not_come_back_ends_the_run() {
    let mock = MockProcess::start("lost", &["--delay", "3ms"]);
    let target =
        mock.target_where("allow_disruption = true", "boot", "echo no such unit >&2; exit 5");
    let (code, printed, report) = run(&mock, &target, &[]);
    assert_eq!(code, Some(3), "{printed}");
    assert_eq!(count(&report, "deviates"), 0, "{printed}");
    // Those that need no boot came first and were run; after two that found the cluster lost nothing was.
    assert!(count(&report, "pass") >= 7, "{printed}");
    assert!(count(&report, "unfinished") > 20, "{printed}");
    let lost = |trace: &&Value| trace["end"]["unfinished"]["cluster-lost"] == 2;
    let traces = report["traces"].as_array().expect("traces");
    assert_eq!(traces.iter().filter(lost).count(), count(&report, "unfinished"));
    let back = report["bring_back"].as_array().expect("lines");
    assert!(back.iter().any(|line| line == "echo no such unit >&2; exit 5"), "{back:?}");
}

// The first `stop` takes the whole cluster down. The next trace finds nobody, and `boot` brings everybody back.
#[test]
fn a_cluster_that_can_be_revived_is() {
    let mock = MockProcess::start("revived", &["--delay", "3ms"]);
    let post = |node: &str, step: &str| {
        format!("{} '{}/_mock/nodes/{node}/{step}'", sends("post"), mock.url)
    };
    let flag = mock.folder.join("flag");
    let command = format!(
        "if [ -e '{0}' ]; then {1}; else touch '{0}'; {2}; {3}; {4}; fi",
        name(&flag),
        post("{id}", "stop"),
        post("n1", "kill"),
        post("n2", "kill"),
        post("n3", "kill")
    );
    let target = mock.target_where("allow_disruption = true", "stop", &command);
    let only = ["--only", "happy-path", "--only", "errored-node-stopped-with-mode-off"];
    let (code, printed, report) = run(&mock, &target, &only);
    assert_ne!(code, Some(6), "{printed}");
    let verdicts = verdicts(&report);
    // The one that approves comes last, since nothing leads back from there.
    assert_eq!(verdicts.last().expect("two"), &pair("happy-path", "pass"), "{printed}");
    assert!(report["set_up"]["boots"].as_u64() >= Some(3), "{}", report["set_up"]);
    mock.until("STABLE");
}

// What is late is the suite's failure, with the command and its limit; the build is not blamed.
#[test]
fn a_command_that_hangs_is_broken() {
    let mock = MockProcess::start("hangs", &["--delay", "3ms"]);
    let target = mock.target_where("allow_disruption = true", "break", "sleep 600");
    let only = ["--only", "errored-node-stopped-with-mode-off", "--only", "happy-path"];
    let (code, printed, report) = run(&mock, &target, &only);
    assert_eq!(code, Some(3), "{printed}");
    let due = [pair("errored-node-stopped-with-mode-off", "broken"), pair("happy-path", "pass")];
    assert_eq!(verdicts(&report), due);
    assert!(printed.contains("sleep 600"), "{printed}");
}

// The same command hangs in each trace: two are enough to know it, and the traces that do without it are run.
#[test]
fn a_command_that_always_hangs_costs_its_limit_twice() {
    let mock = MockProcess::start("always", &["--delay", "3ms"]);
    let target = mock.target_where("allow_disruption = true", "install", "sleep 600");
    let only = ["--not", "*-error*", "--not", "error*", "--not", "whole-*"];
    let (code, printed, report) = run(&mock, &target, &only);
    assert_eq!(code, Some(3), "{printed}");
    let traces = report["traces"].as_array().expect("traces");
    let idle = |trace: &&Value| trace["end"]["skipped"]["working"].get("install").is_some();
    assert!(traces.iter().filter(idle).count() > 10, "{printed}");
    assert_eq!((count(&report, "broken"), count(&report, "unfinished")), (2, 0), "{printed}");
    assert!(count(&report, "pass") > 10, "{printed}");
}

// The first step of each trace fails at once: that says nothing of the cluster, which is where it was.
#[test]
fn a_first_step_that_fails_is_no_lost_cluster() {
    let mock = MockProcess::start("first", &["--delay", "3ms"]);
    let target = mock.target_where("allow_disruption = true", "break", "exit 9");
    let only = ["start-refused-with-an-errored-node", "errored-node-stopped-with-mode-off"];
    let more = ["error-before-any-upgrade", "errored-node-restarted"];
    let only: Vec<&str> = only.iter().chain(&more).flat_map(|name| ["--only", *name]).collect();
    let (code, printed, report) = run(&mock, &target, &[&only[..], &["-q"]].concat());
    assert_eq!((code, count(&report, "broken")), (Some(3), 4), "{printed}");
    // Said once, also in the fifteen lines of `-q`: which command it was.
    assert_eq!(printed.matches("`exit 9`").count(), 1, "{printed}");
    assert_eq!(report["set_up"]["boots"].as_u64().unwrap_or(0), 0, "{printed}");
}

// A command that ends well and does nothing, or does what another is for: nothing is said of the build.
#[test]
fn a_command_that_lies_is_broken() {
    let mock = MockProcess::start("lies", &["--delay", "3ms"]);
    let only = ["--only", "happy-path", "--only", "error-before-any-upgrade", "--take-over"];
    for (name, command, trace) in [
        ("install", "true", "happy-path"),
        ("break", "true", "error-before-any-upgrade"),
        ("stop", "true", "happy-path"),
    ] {
        let target = mock.target_where("allow_disruption = true", name, command);
        let (code, printed, report) = run(&mock, &target, &only);
        assert_eq!(code, Some(3), "{name}: {printed}");
        assert_eq!(count(&report, "deviates"), 0, "{name}: {printed}");
        let traces = report["traces"].as_array().expect("traces");
        let found = traces.iter().find(|one| one["name"] == trace).expect("the trace");
        assert_eq!(found["verdict"], "broken", "{name}: {printed}");
        let excuse = &found["excuse"]["idle"];
        let named = excuse == name || excuse.get(name).is_some();
        assert!(named, "{name}: {excuse}");
        let reset = mock.url.clone() + "/_mock/reset";
        assert!(zdu(&["send", "post", &reset]).status.success());
    }
    let target = mock.target("allow_disruption = true");
    let (code, printed, _) = run(&mock, &target, &only);
    assert_eq!(code, Some(0), "{printed}");
}

// A command for one node that is about another, or one that is always about the same: nothing is said of the build, and the report
// says where the step seems to be done. Whoever does it right is not excused.
#[test]
fn a_command_that_acts_on_another_node_is_broken() {
    let mock = MockProcess::start("elsewhere", &["--delay", "3ms"]);
    let names = ["n1", "n2", "n3"]
        .map(|id| format!("[[node]]\nid = \"{id}\"\nname = \"confluence-{id}\"\n"));
    let post = |path: &str| format!("{} '{}/_mock/{path}'", sends("post"), mock.url);
    let reset = format!("reset = \"{}\"\n", post("reset"));
    let target = |always: Option<&str>, at_third: Option<&str>| {
        let path = match always {
            Some(name) => mock.target_where(
                "allow_disruption = true",
                name,
                &post(&format!("nodes/n2/{name}")),
            ),
            None => mock.target_where("allow_disruption = true", "none", ""),
        };
        let of_third = at_third.map_or_else(String::new, |name| {
            format!("{name} = \"{}\"\n", post(&format!("nodes/n2/{name}")))
        });
        let text = std::fs::read_to_string(&path).expect("the target file");
        std::fs::write(&path, format!("{text}\n{reset}{}{of_third}", names.concat()))
            .expect("written");
        path
    };
    let trace = "restart-with-mode-off";
    for name in ["stop", "kill"] {
        for (target, extent) in
            [(target(None, Some(name)), "step"), (target(Some(name), None), "step")]
        {
            let (code, printed, report) = run(&mock, &target, &["--only", trace, "--take-over"]);
            assert_eq!(code, Some(3), "{name}: {printed}");
            assert_eq!(verdicts(&report), [pair(trace, "broken")], "{name}: {printed}");
            let due = serde_json::json!({
                "elsewhere": {"request": name, "asked": 3, "done": 2, "extent": extent}
            });
            assert_eq!(report["traces"][0]["excuse"], due, "{name}: {printed}");
        }
    }
    let (code, printed, _) = run(&mock, &target(None, None), &["--only", trace, "--take-over"]);
    assert_eq!(code, Some(0), "{printed}");
}

// A node that was removed never comes back: alone that looks like a `boot` that does nothing. Another trace sees `boot` do its work.
#[test]
fn a_build_that_ignores_a_step_is_not_excused_by_the_driver() {
    let mock =
        MockProcess::start("ignores", &["--delay", "3ms", "--defect", "removed-cannot-return"]);
    let stop = format!("{} '{}/_mock/nodes/{{id}}/stop'", sends("post"), mock.url);
    let target = mock.target_where("allow_disruption = true", "stop", &stop);
    let reset = format!("{} '{}/_mock/reset'", sends("post"), mock.url);
    let text = std::fs::read_to_string(&target).expect("the target file");
    std::fs::write(&target, format!("{text}\nreset = \"{reset}\"\n")).expect("written");
    let alone = ["--only", "restart-with-mode-off", "--take-over"];
    let (code, printed, report) = run(&mock, &target, &alone);
    assert_eq!(code, Some(3), "{printed}");
    assert_eq!(verdicts(&report), [pair("restart-with-mode-off", "broken")], "{printed}");
    assert_eq!(report["traces"][0]["excuse"]["idle"], "boot", "{printed}");
    let (code, printed, report) =
        run(&mock, &target, &[&alone[..], &["--only", "happy-path"]].concat());
    assert_eq!(code, Some(3), "{printed}");
    let traces = report["traces"].as_array().expect("traces");
    let found =
        traces.iter().find(|one| one["name"] == "restart-with-mode-off").expect("the trace");
    assert_eq!(
        (&found["verdict"], &found["rule"]),
        (&"timeout".into(), &"NODE-9".into()),
        "{printed}"
    );
    assert!(found["excuse"].is_null(), "{printed}");
}

// A build that never forgets an OFFLINE node leaves steps that no waiver can give back, unless the run goes on: what follows is
// judged as ever.
#[test]
fn a_waived_timeout_keeps_nobody_from_the_next_step() {
    let mock = MockProcess::start("waived", &["--delay", "3ms", "--defect", "never-forgotten"]);
    let reset = format!("reset = \"{} '{}/_mock/reset'\"", sends("post"), mock.url);
    let waiver = "[[waiver]]\nrule = \"NODE-5\"\nreason = \"known\"";
    let only = ["--only", "errored-node-shut-down-with-mode-off"];
    // Without a waiver: its second step, the kill, ends it. With one: all four.
    for (more, steps, code) in [("", 2, 3), (waiver, 4, 0)] {
        let target = mock.target("allow_disruption = true");
        let file = std::fs::read_to_string(&target).expect("the target file");
        let file = format!("{file}{reset}\n{more}\n").replace("\"20s\"", "\"1s\"");
        std::fs::write(&target, file).expect("written");
        let (ended, printed, report) = run(&mock, &target, &only);
        assert_eq!(ended, Some(code), "{printed}");
        assert_eq!(report["traces"][0]["steps"], steps, "{printed}");
    }
}

// Somebody else cancels in the middle of a trace: the change is called what it is.
#[test]
fn a_change_that_nobody_of_us_made_is_called_that() {
    let mock = MockProcess::start("others", &["--delay", "3ms"]);
    // Whoever stops a node here also sends a cancel, of which the run knows nothing.
    let command = format!(
        "{} '{}/rest/zdu/cancel'; {} '{}/_mock/nodes/{{id}}/stop'",
        sends("post"),
        mock.url,
        sends("post"),
        mock.url
    );
    let target = mock.target_where("allow_disruption = true", "stop", &command);
    let (code, printed, report) = run(&mock, &target, &["--only", "happy-path"]);
    assert_eq!(code, Some(1), "{printed}");
    assert_eq!(report["traces"][0]["excuse"]["called"], "cancel", "{printed}");
}
