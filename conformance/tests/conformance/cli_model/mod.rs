//! Do the commands about the model say what they must, and end with the exit code that the interface gives?
//!
//! The binary itself is run. Counts are those of the spec's tables, written here by hand.

mod check;
mod questions;
mod quint;

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

fn zdu(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zdu")).args(args).output().expect("zdu runs")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn says(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("zdu ends by itself")
}

/// The exit code, and whether a violation is shown.
fn code_and(output: &Output) -> (i32, bool) {
    (code(output), text(output).contains("VIOLATED"))
}

fn json(args: &[&str]) -> (i32, Value) {
    let output = zdu(args);
    let json = serde_json::from_str(&text(&output));
    (code(&output), json.unwrap_or_else(|error| panic!("{error}: {}", says(&output))))
}

fn properties<'a>(json: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let all = json["properties"].as_array().expect("properties").iter();
    all.filter(move |property| property["kind"] == kind)
}

/// A folder of its own for a test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

#[test]
fn path_finds_the_way_and_names_the_rules() {
    let found =
        zdu(&["path", "--from", "status=MIXED, n2=ERROR", "--to", "STABLE", "--nodes", "2"]);
    assert_eq!(code(&found), 0);
    assert!(text(&found).contains("rules: "), "{}", text(&found));
    for (from, to, expected) in
        [("n9=ERROR", "STABLE", 2), ("STABEL", "STABLE", 2), ("STABLE, mode=on", "STABLE", 1)]
    {
        let output = zdu(&["path", "--from", from, "--to", to, "--nodes", "2"]);
        assert_eq!(code(&output), expected, "{from}: {}", says(&output));
        assert!(!says(&output).is_empty());
    }
}

/// At N = 5 (2.7 million states) the way is looked for from every state, faults included.
#[test]
fn path_looks_among_all_states_of_five_nodes() {
    let (code, found) = json(&[
        "path",
        "--from",
        "STABLE",
        "--to",
        "any=ERROR",
        "--nodes",
        "5",
        "--format",
        "json",
    ]);
    assert_eq!(
        (code, &found["verdict"], found["transitions"].as_u64()),
        (0, &"found".into(), Some(1))
    );
}

#[test]
fn path_avoids_situations_and_faults_and_counts_what_it_looked_at() {
    let way = |more: &[&str]| {
        let args = ["path", "--from", "STABLE, all=ACTIVE v0", "--nodes", "2", "--format", "json"];
        json(&[&args[..], more].concat())
    };
    let (code, free) = way(&["--to", "any=OFFLINE"]);
    assert_eq!((code, free["transitions"].as_u64()), (0, Some(1)), "a kill");
    // By hand: without a kill a node is stopped, leaves and halts; killing is the operator's, so it is no fault.
    let (code, kind) = way(&["--to", "any=OFFLINE", "--without-faults"]);
    assert_eq!((code, kind["transitions"].as_u64()), (0, Some(1)));
    let (code, none) = way(&["--to", "any=ERROR", "--without-faults"]);
    assert_eq!((code, &none["verdict"]), (1, &"none".into()));
    assert!(
        none["error"].as_str().is_some_and(|error| error.contains("states that can be come to"))
    );
    // An upgrade with the mode on never passes a cluster that nobody serves.
    let (code, served) = way(&["--to", "STABLE, all=ACTIVE v1", "--avoiding", "served=no"]);
    let (_, short) = way(&["--to", "STABLE, all=ACTIVE v1"]);
    assert_eq!(code, 0);
    assert!(served["transitions"].as_u64() > short["transitions"].as_u64(), "{served} {short}");
}

/// What is avoided and covers an end of the way is said to, and no search is called one that did not begin.
#[test]
fn path_says_why_nothing_was_looked_at() {
    let way = |more: &[&str]| {
        let from_to = ["path", "--from", "MIXED", "--to", "STABLE", "--format", "json"];
        json(&[&from_to[..], more].concat())
    };
    for avoiding in ["mode=on or MIXED", "any=ACTIVE or not any=ACTIVE"] {
        let (code, none) = way(&["--nodes", "2", "--avoiding", avoiding]);
        let error = none["error"].as_str().unwrap_or_default();
        assert_eq!((code, &none["verdict"]), (1, &"none".into()));
        assert!(error.contains("every state of `status=MIXED`"), "{none}");
    }
    let (code, none) = way(&["--nodes", "2", "--avoiding", "STABLE"]);
    let error = none["error"].as_str().unwrap_or_default();
    assert!(code == 1 && error.contains("every state of `status=STABLE`"), "{none}");
    let (code, none) = way(&["--nodes", "6", "--time", "1ms", "--memory", "64G"]);
    assert_eq!((code, &none["verdict"]), (3, &"given-up".into()), "{none}");
    assert!(
        none["error"].as_str().is_some_and(|it| it.contains("nothing was looked at")),
        "{none}"
    );
}

/// What `explain` prints can be typed, and selects something.
#[test]
fn explain_prints_no_command_that_selects_nothing() {
    let balancer = text(&zdu(&["explain", "LB-1"]));
    assert!(!balancer.contains("--rule") && !balancer.contains("zdu check"), "{balancer}");
    let haproxy = text(&zdu(&["explain", "LB-2"]));
    for told in ["balancer-lags", "zdu replay --target", "zdu balancer list"] {
        assert!(haproxy.contains(told), "{haproxy}");
    }
    let users = text(&zdu(&["explain", "LB-5"]));
    assert!(users.contains("balancer-drops-sessions") && users.contains("zdu load"), "{users}");
    let mode = text(&zdu(&["explain", "MODE-4"]));
    assert!(
        mode.contains("zdu check --property MODE-4") && mode.contains("zdu replay --rule MODE-4")
    );
    let tasks = text(&zdu(&["explain", "FIN-4"]));
    assert!(tasks.contains("zdu check --profile finalization --property FIN-4"), "{tasks}");
}

/// Each of them, by typing it.
#[test]
fn every_command_that_explain_prints_selects_something() {
    let list = text(&zdu(&["explain", "--list"]));
    let mut printed = 0;
    for rule in list.lines().filter_map(|line| line.split_whitespace().next()) {
        for line in text(&zdu(&["explain", rule])).lines() {
            // A cluster of somebody's is nothing that a test has at hand.
            let command = line.split_once(": zdu ").map(|(_, command)| command);
            let Some(command) = command.filter(|it| !it.contains("cluster.toml")) else { continue };
            let more = match command.split(' ').next() {
                Some("check") => vec!["--nodes", "2"],
                Some("replay") => vec!["--list"],
                _ => continue,
            };
            let ran = zdu(&[command.split(' ').collect(), more].concat());
            // What is listed is a trace a line; what is checked is judged.
            let selected = text(&ran).contains("verdict: holds") || text(&ran).contains(" N=");
            assert!(code(&ran) == 0 && selected, "{command}: {}{}", text(&ran), says(&ran));
            printed += 1;
        }
    }
    // Every rule that replay or check can do anything about: all but LB-1 to LB-5.
    assert!(printed >= 80, "{printed}");
}

#[test]
fn graph_writes_each_format() {
    for (format, begins) in [("dot", "digraph"), ("mermaid", "flowchart"), ("svg", "<svg")] {
        let output = zdu(&["graph", "--nodes", "2", "--format", format]);
        assert_eq!(code(&output), 0);
        assert!(text(&output).starts_with(begins), "{format}");
    }
    let states = text(&zdu(&["graph", "--states", "--nodes", "1"]));
    assert_eq!(states.matches(" -> ").count(), 132, "the transitions of the table");
    let too_many = zdu(&["graph", "--states"]);
    assert_eq!(code(&too_many), 2);
    // By hand: 3 * 16^2 states of two nodes at the most, and 3 * 16^3 of three.
    assert!(says(&too_many).contains("zdu graph --states --nodes 2;"), "{}", says(&too_many));
    let far_too_many = says(&zdu(&["graph", "--states", "--format", "mermaid", "--nodes", "7"]));
    assert!(
        far_too_many.contains("zdu graph --states --format mermaid --nodes 2"),
        "{far_too_many}"
    );
}

#[test]
fn suite_writes_its_traces_and_removes_only_stale_ones_of_the_kind() {
    let folder = folder("suite-written");
    let place = folder.to_str().expect("UTF-8");
    let stale = folder.join("no-such-scenario.json");
    let other = folder.join("notes.json");
    let made = folder.join("coverage-99.json");
    std::fs::write(&stale, "{\"schema\": \"zdu-trace/1\"}").expect("written");
    std::fs::write(&other, "{\"mine\": true}").expect("written");
    std::fs::write(&made, "{\"schema\": \"zdu-trace/1\"}").expect("written");
    assert_eq!(code(&zdu(&["suite", "--write", place])), 0);
    assert!(!stale.exists());
    assert!(other.exists() && made.exists());
    assert!(folder.join("trace.schema.json").exists());
    assert_eq!(code(&zdu(&["suite", "--by", "coverage", "--nodes", "2", "--write", place])), 0);
    assert!(!made.exists() && folder.join("coverage-01.json").exists());
}

#[test]
fn suite_names_what_it_cannot_show_and_what_it_costs() {
    let output = zdu(&["suite", "--by", "coverage", "--nodes", "2", "--cost", "--settle", "10m"]);
    let covered = text(&output);
    assert_eq!(code(&output), 0);
    assert!(covered.contains("not shown: Kill is taken in StartingOut"), "{covered}");
    assert!(covered.contains("expected time"), "{covered}");
    let complete = text(&zdu(&["suite", "--by", "complete", "--nodes", "1"]));
    assert!(complete.contains("guarantee: "), "{complete}");
    let too_many = zdu(&["suite", "--by", "complete", "--nodes", "3", "--extra", "2"]);
    assert_eq!(code(&too_many), 3);
    assert!(says(&too_many).contains("--limit 50000"));
}

#[test]
fn suite_shows_one_trace_for_another_size() {
    let output = zdu(&["suite", "--by", "coverage", "--nodes", "2", "--show", "coverage-01"]);
    let trace: Value = serde_json::from_str(&text(&output)).expect("JSON");
    assert_eq!((&trace["schema"], &trace["nodes"]), (&"zdu-trace/1".into(), &2.into()));
    assert_eq!(code(&zdu(&["suite", "--show", "no-such"])), 2);
}
