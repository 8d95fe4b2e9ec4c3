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
fn check_asks_everything_by_default() {
    let (code, json) = json(&["check", "--nodes", "2", "--format", "json"]);
    assert_eq!(code, 0);
    assert_eq!((json["states"].as_u64(), json["transitions"].as_u64()), (Some(742), Some(4_262)));
    assert_eq!(json["engine"], "explicit");
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
        (&["--engine", "both"], "explicit and stateright, which agree", (742, 4_262)),
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
    // Section 3: up to a renaming of the nodes.
    assert_eq!((code, json["states"].as_u64()), (0, Some(2_314)));
    assert_eq!(json["left_out"], Value::Array(Vec::new()));
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

/// Liveness, recovery and vacuity at a size that was left out once. 178,162 states: section 3.
#[test]
fn check_asks_everything_of_four_nodes_too() {
    let (code, json) = json(&["check", "--nodes", "4", "--format", "json"]);
    assert_eq!(
        (code, &json["verdict"], json["states"].as_u64()),
        (0, &"holds".into(), Some(178_162))
    );
    for kind in ["liveness", "recovery", "vacuity"] {
        assert!(properties(&json, kind).next().is_some(), "{kind}");
    }
    assert_eq!(json["left_out"], Value::Array(Vec::new()));
}

/// A limit is not a proof: what was given up is told as that, in text, in JSON and by the exit code.
#[test]
fn check_calls_nothing_proved_that_a_bound_ended() {
    let (ended, bounded) = json(&["check", "--nodes", "3", "--depth", "4", "--format", "json"]);
    assert_eq!((ended, &bounded["verdict"]), (3, &"undecided".into()));
    for kind in ["safety", "liveness", "recovery"] {
        assert!(properties(&bounded, kind).all(|it| it["verdict"] == "given-up"), "{kind}");
    }
    assert!(bounded["ended"].as_str().is_some_and(|ended| ended.contains("depth 4")));
    let found = zdu(&["check", "--nodes", "3", "--depth", "4", "--mutant", "stable-despite-error"]);
    assert_eq!(code_and(&found), (1, true), "what is found within the bound is found");
    let timed = zdu(&["check", "--nodes", "3", "--time", "0s", "--property", "mode-1"]);
    assert_eq!(code(&timed), 3);
    assert!(text(&timed).contains("GIVEN UP") && text(&timed).contains("verdict: undecided"));
    // The left-out procedure of a large cluster is no part of "holds".
    let (_, ended) =
        json(&["check", "--all-sizes", "--versions", "9", "--time", "0s", "--format", "json"]);
    assert_eq!((&ended["exit_code"], &ended["verdict"]), (&3.into(), &"undecided".into()));
}

/// The procedure is asked at every size: without faults it has a few scenes a node.
#[test]
fn check_follows_the_page_with_sixteen_nodes() {
    let output = zdu(&["check", "--nodes", "16", "--procedure"]);
    assert_eq!(code(&output), 0, "{}", text(&output));
    let ended = zdu(&["check", "--nodes", "6", "--faults", "3", "--memory", "64K"]);
    assert_eq!(code(&ended), 3, "{}", text(&ended));
    assert!(text(&ended).contains("GIVEN UP"), "{}", text(&ended));
}

/// What a search needs is known before it starts; nothing panics or is aborted.
#[test]
fn check_refuses_what_does_not_fit_and_names_the_nearest_size_that_does() {
    for (args, nearest) in [
        (&["check", "--nodes", "9", "--memory", "1G"][..], "zdu check --nodes 7"),
        (&["check", "--nodes", "16"], "the nearest size that fits: zdu check"),
        (&["check", "--nodes", "16", "--versions", "16"], "the nearest size that fits: zdu check"),
        (&["check", "--nodes", "15", "--symmetry"], "the nearest size that fits: zdu check"),
        (&["check", "--nodes", "8", "--versions", "3", "--memory", "1G"], "zdu check --nodes 6"),
        (
            &["check", "--nodes", "6", "--engine", "stateright", "--memory", "1G"],
            "--engine explicit",
        ),
        (
            &["check", "--all-sizes", "--versions", "16", "--profile", "finalization"],
            "zdu check --all-sizes --versions 12",
        ),
        (&["path", "--from", "STABLE", "--to", "MIXED", "--nodes", "16"], "zdu path --from"),
    ] {
        let output = zdu(args);
        assert_eq!(code(&output), 3, "{args:?}: {}", says(&output));
        assert!(says(&output).contains("nothing was looked at"), "{}", says(&output));
        assert!(says(&output).contains(nearest), "{}", says(&output));
    }
}

/// A mutant that cannot show is no proof of anything.
#[test]
fn check_refuses_a_mutant_that_cannot_show_here() {
    for (args, there) in [
        (&["--nodes", "2", "--mutant", "two-upgraded-are-enough"][..], "zdu check --mutant"),
        (&["--mutant", "mixed-needs-original"], "--versions 3"),
        (&["--mutant", "retry-refused"], "--profile finalization"),
        (&["--nodes", "1", "--mutant", "operator-does-not-wait"], "--nodes 2"),
    ] {
        let output = zdu(&[&["check"], args].concat());
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(says(&output).contains(there), "{}", says(&output));
    }
    let listed = text(&zdu(&["check", "--mutants"]));
    assert!(listed.contains("never-ready") && listed.contains("operator-stops-all"), "{listed}");
    let misspelt = zdu(&["check", "--mutant", "retry-refusde"]);
    assert!(says(&misspelt).contains("did you mean `retry-refused`"), "{}", says(&misspelt));
}

#[test]
fn check_plants_several_mutants_at_once() {
    let args = ["check", "--nodes", "2", "--mutant", "stable-despite-error", "--mutant"];
    let (code, json) = json(&[&args[..], &["errored-cannot-stop", "--format", "json"]].concat());
    let violated: Vec<&str> = properties(&json, "safety")
        .filter(|it| it["verdict"] == "violated")
        .filter_map(|it| it["rule"].as_str())
        .collect();
    assert_eq!(code, 1);
    assert!(violated.contains(&"STATUS-5") && violated.contains(&"NODE-7"), "{violated:?}");
    assert_eq!(json["mutant"], "stable-despite-error, errored-cannot-stop");
}

/// Every kind of property is broken by something that can be planted.
#[test]
fn check_finds_mutants_of_liveness_recovery_and_the_procedure() {
    for (mutant, flags, property) in [
        ("never-ready", &["--nodes", "1"][..], "node-2-no-node-stays-starting"),
        ("rejected-tries-again", &["--nodes", "2"], "node-2-no-node-stays-starting"),
        ("tasks-never-end", &["--nodes", "1", "--profile", "finalization"], "fin-2-no-node-runs"),
        ("never-ready", &["--nodes", "1"], "proc-4-stable"),
        ("operator-kills-to-upgrade", &["--nodes", "2"], "proc-1"),
        ("operator-does-not-wait", &["--nodes", "3"], "proc-2"),
        ("operator-stops-all", &["--nodes", "2"], "proc-3-some-node-serves"),
        ("operator-calls-off", &["--nodes", "2"], "proc-3-the-upgrade-goes-round"),
    ] {
        let args = [&["check", "--mutant", mutant, "--property", property], flags].concat();
        let output = zdu(&args);
        assert_eq!(code(&output), 1, "{mutant}: {}{}", text(&output), says(&output));
        assert!(text(&output).contains("VIOLATED"), "{mutant}");
    }
    let circle = zdu(&["check", "--mutant", "operator-calls-off", "--property", "goes-round"]);
    assert!(text(&circle).contains("and so for ever"), "{}", text(&circle));
}

/// With faults the page promises less, yet what fails without any is a violation there too.
#[test]
fn check_with_faults_does_not_hide_what_fails_without() {
    for faults in ["0", "1"] {
        let output =
            zdu(&["check", "--nodes", "2", "--faults", faults, "--mutant", "operator-stops-all"]);
        assert_eq!(code(&output), 1, "{faults}: {}", text(&output));
    }
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
    // States are fields, not only prose.
    let end = &run.last().expect("an end")["cluster"];
    assert_eq!((&end["mode"], &end["nodes"][0]["phase"]), (&"on".into(), &"TerminatingIn".into()));
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

/// What `explain` prints can be typed, and selects something.
#[test]
fn explain_prints_no_command_that_selects_nothing() {
    let balancer = text(&zdu(&["explain", "LB-1"]));
    assert!(!balancer.contains("zdu replay") && !balancer.contains("zdu check"), "{balancer}");
    let mode = text(&zdu(&["explain", "MODE-4"]));
    assert!(
        mode.contains("zdu check --property MODE-4") && mode.contains("zdu replay --rule MODE-4")
    );
    let tasks = text(&zdu(&["explain", "FIN-4"]));
    assert!(tasks.contains("zdu check --profile finalization --property FIN-4"), "{tasks}");
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

/// One's own questions, each with its other side. Expected verdicts by hand from the spec.
#[test]
fn check_answers_ones_own_questions() {
    for (flags, expected, verdict) in [
        // STATUS-4 and STATUS-5 in other words.
        (&["--invariant", "any=ERROR implies MIXED"][..], 0, "holds"),
        (&["--invariant", "any=ERROR implies mode=on"], 1, "violated"),
        // MODE-8, which names no node; and one that does, so that states are not judged up to a renaming.
        (
            &[
                "--invariant",
                "mode=off and n1=joined and n2=joined implies n1.version = n2.version",
            ],
            0,
            "holds",
        ),
        (&["--invariant", "n2 != ERROR"], 1, "violated"),
        (&["--invariant", "n1 != ERROR"], 1, "violated"),
        (&["--reach", "count(ERROR) = 2"], 0, "reached"),
        (&["--reach", "mode=on and origin=none"], 1, "gap"),
        (&["--step", "step=Approve implies after(mode=off and STABLE)"], 0, "holds"),
        (&["--step", "step=Kill implies before(served=yes)"], 1, "violated"),
        (&["--leads-to", "any=TERMINATING", "no=TERMINATING"], 0, "holds"),
        // Section 3: an OFFLINE node is only removed while the mode is off.
        (&["--leads-to", "any=OFFLINE", "no=OFFLINE"], 1, "violated"),
        (&["--leads-to", "any=OFFLINE and mode=off", "no=OFFLINE"], 0, "holds"),
        // A premise that never arises says nothing, and is not green.
        (&["--leads-to", "mode=on and origin=none", "STABLE"], 1, "gap"),
    ] {
        let args = [&["check", "--nodes", "2", "--format", "json"], flags].concat();
        let (code, json) = json(&args);
        let own: Vec<&Value> = properties(&json, "own").collect();
        assert_eq!(own.len(), 1, "{flags:?}");
        assert_eq!(
            (code, &own[0]["verdict"]),
            (expected, &verdict.into()),
            "{flags:?}: {}",
            own[0]
        );
        assert_eq!(own[0]["rule"], Value::Null);
        let shown = own[0]["counterexample"].is_array() || own[0]["example"].is_array();
        assert_eq!(shown, matches!(verdict, "violated" | "reached"), "{flags:?}");
    }
}

/// Both engines answer the same, and every size at once where the views decide it.
#[test]
fn check_answers_ones_own_questions_by_either_engine_and_for_all_sizes() {
    let both = zdu(&[
        "check",
        "--nodes",
        "2",
        "--engine",
        "both",
        "--invariant",
        "n2=ERROR implies MIXED",
    ]);
    assert_eq!(code(&both), 0, "{}{}", text(&both), says(&both));
    for (flags, expected, word) in [
        (&["--invariant", "any=ERROR implies MIXED"][..], 0, "holds"),
        (&["--invariant", "count(ERROR) <= 1"], 1, "VIOLATED"),
        (&["--reach", "count(joined) = 3 and mode=off"], 0, "reached"),
        (&["--step", "step=Approve implies after(mode=off)"], 0, "holds"),
        // More nodes than were looked at, and a certain node: said as undecided.
        (&["--invariant", "count(ERROR) <= 7"], 3, "UNDECIDED"),
        (&["--invariant", "n1=ERROR implies MIXED"], 3, "UNDECIDED"),
    ] {
        let output = zdu(&[&["check", "--all-sizes"], flags].concat());
        assert_eq!(code(&output), expected, "{flags:?}: {}{}", text(&output), says(&output));
        assert!(text(&output).contains(word), "{flags:?}: {}", text(&output));
    }
}

#[test]
fn check_shows_where_a_question_cannot_be_read() {
    for (args, says_so) in [
        (&["--invariant", "mode=on and stabel"][..], "did you mean `STABLE`"),
        (&["--invariant", "after(STABLE)"], "ask with --step"),
        (&["--step", "STABLE"], "before( ... ) or after( ... )"),
        (&["--reach", "n9=ERROR"], "the last node is n3"),
        (&["--symmetry", "--reach", "n2=ERROR"], "without --symmetry"),
        (&["--all-sizes", "--leads-to", "MIXED", "STABLE"], "without --all-sizes"),
    ] {
        let output = zdu(&[&["check"], args].concat());
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(says(&output).contains(says_so), "{}", says(&output));
    }
    assert!(says(&zdu(&["check", "--reach", "mode=on and stabel"])).contains("            ^^^^^^"));
    let table = text(&zdu(&["explain", "expressions"]));
    for word in ["count(ERROR) >= 2", "implies", "before(A)", "--leads-to"] {
        assert!(table.contains(word), "{word}");
    }
}

/// A counterexample of a mutant is saved as a trace, on which a mock with the same defect is found out and a good one passes.
#[test]
fn a_counterexample_is_saved_as_a_trace_that_finds_the_defect() {
    let folder = folder("saved");
    let file = folder.join("found.json").display().to_string();
    let mutant = "stable-despite-error";
    let checked = zdu(&[
        "check",
        "--nodes",
        "2",
        "--mutant",
        mutant,
        "--property",
        "status-5",
        "--save",
        &file,
    ]);
    assert_eq!(code(&checked), 1, "{}", text(&checked));
    let good = zdu(&["replay", &file]);
    assert_eq!(code(&good), 0, "{}", text(&good));
    let bad = zdu(&["replay", &file, "--defect", mutant]);
    assert_eq!(code(&bad), 1, "{}", text(&bad));
    // A way is a trace, too, also one that does not begin in the initial state.
    let way = folder.join("way.json").display().to_string();
    let path = zdu(&[
        "path",
        "--nodes",
        "2",
        "--from",
        "MIXED, mode=on",
        "--to",
        "STABLE",
        "--save",
        &way,
    ]);
    assert_eq!(code(&path), 0, "{}", says(&path));
    assert_eq!(code(&zdu(&["replay", &way])), 0);
    // Where nothing fails nothing is written.
    let nothing = folder.join("nothing.json");
    let held = zdu(&[
        "check",
        "--nodes",
        "1",
        "--property",
        "mode-8",
        "--save",
        &nothing.display().to_string(),
    ]);
    assert!(code(&held) == 0 && !nothing.exists());
    let _ = std::fs::remove_dir_all(folder);
}

/// Steps by hand become a trace with everything that must be seen; a step that cannot be taken is named.
#[test]
fn a_trace_by_hand_is_completed() {
    let folder = folder("by-hand");
    let file = folder.join("mine.json");
    let steps = r#"{"schema":"zdu-trace/1","name":"mine","why":"","nodes":2,"versions":2,"rules":[],
        "steps":[{"do":"start"},{"do":"kill","node":2},{"do":"boot","node":2}]}"#;
    std::fs::write(&file, steps).expect("a file");
    let path = file.display().to_string();
    let done = zdu(&["suite", "--complete-then", &path]);
    let trace: Value = serde_json::from_str(&text(&done)).expect("JSON");
    assert_eq!(trace["steps"][1]["then"][0]["nodes"][1], "OFFLINE v0");
    std::fs::write(&file, text(&done)).expect("a file");
    assert_eq!(code(&zdu(&["replay", &path])), 0);
    std::fs::write(&file, steps.replace("kill", "boot")).expect("a file");
    let wrong = zdu(&["suite", "--complete-then", &path]);
    assert!(code(&wrong) == 2 && says(&wrong).contains("step 2 (boot)"), "{}", says(&wrong));
    let _ = std::fs::remove_dir_all(folder);
}

/// A run as fields that other tools read, and that the explorer reads again.
#[test]
fn a_run_is_written_for_other_tools() {
    let (code_of, itf) =
        json(&["check", "--nodes", "2", "--reach", "any=ERROR v1", "--format", "itf"]);
    assert_eq!((code_of, &itf["vars"][0]), (0, &"mode".into()));
    let last = itf["states"].as_array().and_then(|states| states.last()).expect("states");
    assert!(last["phase"]["#map"].to_string().contains("Error"), "{last}");
    let none = zdu(&["check", "--nodes", "1", "--property", "mode-8", "--format", "itf"]);
    assert_eq!(code(&none), 4, "{}", says(&none));
}

/// Without a guard of the table the property that rests on it fails; a guard that is none is named with the nearest.
#[test]
fn a_guard_that_is_dropped_is_missed() {
    let loose =
        zdu(&["check", "--nodes", "2", "--without", "Join.joinable", "--property", "mode-8"]);
    assert_eq!(code_and(&loose), (1, true), "{}", text(&loose));
    let wrong = zdu(&["check", "--without", "Join.joinabel"]);
    assert!(code(&wrong) == 2 && says(&wrong).contains("did you mean `Join.joinable`"));
    let written = zdu(&["export", "--promela", "--without", "Forget.mode"]);
    assert!(code(&written) == 0 && text(&written).contains("without Forget.mode"));
    // What cannot be written is refused, with where it can be checked.
    let refused = zdu(&["export", "--tla", "--nodes", "2", "--mutant", "break-takes-neighbour"]);
    assert!(code(&refused) == 2 && says(&refused).contains("zdu check"), "{}", says(&refused));
}
