//! Do the commands about the model say what they must, and end with the exit code that the interface gives?
//!
//! The binary itself is run. Counts are those of the spec's tables, written here by hand.

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
fn check_asks_everything_by_default() {
    let (code, json) = json(&["check", "--nodes", "2", "--format", "json"]);
    assert_eq!(code, 0);
    assert_eq!((json["states"].as_u64(), json["transitions"].as_u64()), (Some(742), Some(4_262)));
    assert_eq!(json["engine"], "stateright");
    assert_eq!(json["verdict"], "holds");
    for kind in ["safety", "reachability", "liveness", "recovery", "procedure", "vacuity"] {
        assert!(properties(&json, kind).next().is_some(), "{kind}");
    }
    assert_eq!(json["left_out"], Value::Array(Vec::new()));
}

#[test]
fn check_engines_agree_on_counts() {
    for (flags, engine, counts) in [
        (&["--engine", "explicit", "--threads", "2"][..], "explicit", (742, 4_262)),
        (&["--engine", "stateright"], "stateright", (742, 4_262)),
    ] {
        let args = ["check", "--nodes", "2", "--property", "mode-1", "--format", "json"];
        let (code, json) = json(&[&args[..], flags].concat());
        assert_eq!(code, 0);
        assert_eq!(json["engine"], engine);
        assert_eq!(
            (json["states"].as_u64(), json["transitions"].as_u64()),
            (Some(counts.0), Some(counts.1))
        );
    }
    let (code, json) = json(&["check", "--nodes", "3", "--symmetry", "--format", "json"]);
    // Section 3: up to a renaming of the nodes. What renaming loses is said to be left out.
    assert_eq!((code, json["states"].as_u64()), (0, Some(2_314)));
    assert_eq!(json["left_out"][0]["what"], "liveness");
}

#[test]
fn check_fails_with_a_planted_mutant_and_shows_the_shortest_run() {
    let output =
        zdu(&["check", "--nodes", "2", "--mutant", "cancel-despite-error", "--property", "mode-3"]);
    let text = text(&output);
    assert_eq!(code(&output), 1, "{text}");
    assert!(text.contains("VIOLATED"), "{text}");
    assert!(text.contains("  1  "), "the run: {text}");
    assert!(
        text.contains("next: zdu check --nodes 2 --mutant cancel-despite-error --property"),
        "{text}"
    );
}

#[test]
fn check_for_all_sizes_holds_and_has_no_states() {
    let (code, json) = json(&["check", "--all-sizes", "--property", "mode-8", "--format", "json"]);
    assert_eq!(code, 0);
    assert_eq!(json["verdict"], "holds");
    assert_eq!((&json["nodes"], &json["states"]), (&Value::Null, &Value::Null));
    assert!(json["views"].as_u64().is_some_and(|views| views > 100));
}

/// Where the abstraction cannot decide it says so, and never "holds".
#[test]
fn check_for_all_sizes_says_when_it_cannot_decide() {
    let mutant =
        ["check", "--all-sizes", "--mutant", "break-takes-neighbour", "--property", "mode-7"];
    let output = zdu(&mutant);
    assert_eq!(code(&output), 3, "{}", text(&output));
    assert!(text(&output).contains("UNDECIDED"));
}

#[test]
fn check_that_selects_nothing_is_not_green() {
    let output = zdu(&["check", "--property", "no-such-property"]);
    assert_eq!(code(&output), 4);
    assert!(says(&output).contains("zdu check --list"));
}

#[test]
fn check_says_what_it_leaves_out() {
    let output = zdu(&["check", "--nodes", "5", "--property", "liveness"]);
    assert_eq!(code(&output), 3, "{}", text(&output));
    let text = text(&output);
    assert!(text.contains("left out: liveness"), "{text}");
    assert!(text.contains("zdu check --nodes 4 --property liveness"), "{text}");
}

#[test]
fn proc_3_one_node_alone_fails_as_it_must() {
    let (code, json) = json(&["check", "--nodes", "1", "--procedure", "--format", "json"]);
    assert_eq!(code, 0);
    let serves = properties(&json, "procedure")
        .find(|property| property["name"] == "proc-3-some-node-serves-at-every-moment")
        .expect("asked");
    assert_eq!(serves["verdict"], "fails-as-it-must");
    let run = serves["counterexample"].as_array().expect("a run");
    assert_eq!(run.last().expect("an end")["transition"], "Stop(n1)");
}

#[test]
fn node_2_the_toggling_lasso_is_shown() {
    let output = zdu(&["check", "--nodes", "2", "--property", "toggling"]);
    let text = text(&output);
    assert_eq!(code(&output), 0, "{text}");
    assert!(text.contains("fails as it must"), "{text}");
    assert!(text.contains("and from there for ever, n1 staying:"), "{text}");
}

#[test]
fn survival_is_a_table_of_every_size() {
    let args =
        ["check", "--nodes", "2", "--procedure", "--faults", "1", "--survival", "--format", "json"];
    let (code, json) = json(&args);
    // What faults do is told, and is no violation: the page promises nothing then.
    assert_eq!(code, 0);
    let rows = json["survival"].as_array().expect("a table");
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0]["nodes"].as_array().map(Vec::len), Some(2));
}

#[test]
fn path_finds_the_way_and_names_the_rules() {
    let found =
        zdu(&["path", "--from", "status=MIXED, n2=ERROR", "--to", "STABLE", "--nodes", "2"]);
    assert_eq!(code(&found), 0);
    assert!(text(&found).contains("rules: "), "{}", text(&found));
    for (from, to, expected) in
        [("n9=ERROR", "STABLE", 2), ("STABEL", "STABLE", 2), ("STABLE, mode=on", "STABLE", 2)]
    {
        let output = zdu(&["path", "--from", from, "--to", to, "--nodes", "2"]);
        assert_eq!(code(&output), expected, "{from}: {}", says(&output));
        assert!(!says(&output).is_empty());
    }
}

#[test]
fn path_in_large_clusters_begins_at_the_start_or_says_so() {
    let there = zdu(&["path", "--from", "STABLE", "--to", "READY_TO_UPGRADE", "--nodes", "8"]);
    assert_eq!(code(&there), 0, "{}", says(&there));
    let elsewhere = zdu(&["path", "--from", "MIXED", "--to", "STABLE", "--nodes", "8"]);
    assert_eq!(code(&elsewhere), 3);
    assert!(says(&elsewhere).contains("zdu path --from"));
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
    assert!(says(&too_many).contains("zdu graph"));
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
