//! Questions of one's own, and what becomes of their answers: a trace, a replay, a run for other tools (INTERFACE, "The program").

use serde_json::Value;

use super::{code, code_and, folder, json, properties, says, text, zdu};

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
        (&["--invariant", "mode=on and origin=none implies STABLE"], 1, "gap"),
        (&["--step", "step=Approve and before(all=OFFLINE) implies after(MIXED)"], 1, "gap"),
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
        (&["--invariant", "all=OFFLINE and any=ACTIVE implies MIXED"], 1, "GAP"),
        (&["--leads-to", "any=STARTING", "settled=yes"], 0, "holds"),
        // Section 3: an OFFLINE node is only removed while the mode is off.
        (&["--leads-to", "any=OFFLINE", "no=OFFLINE"], 1, "VIOLATED"),
        (&["--leads-to", "any=STARTING", "no=STARTING", "--mutant", "never-ready"], 1, "VIOLATED"),
        // It does at each size, but two nodes at a time do not show it.
        (&["--leads-to", "any=TERMINATING", "any=OFFLINE"], 3, "UNDECIDED"),
        (&["--leads-to", "n1=STARTING", "settled=yes"], 3, "UNDECIDED"),
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
        (&["--symmetry", "--reach", "n2=ERROR"], "zdu check --reach 'n2=ERROR'"),
        (
            &["--symmetry", "--without", "Forget.mode", "--nodes", "2", "--property", "mode-3"],
            "zdu check --without Forget.mode --nodes 2 --property mode-3",
        ),
        (
            &["--engine", "stateright", "--depth", "3", "--reach", "any=ERROR"],
            "zdu check --depth 3 --reach 'any=ERROR' --engine explicit",
        ),
        (&["--reach", "count(ERROR) >= 4"], "there are 3"),
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
    // The command that is printed is one that shows the deviation.
    assert!(says(&checked).contains(&format!("--defect {mutant}")), "{}", says(&checked));
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
    // So is what leads to nothing: it is written from the initial state on, and the verdict stays what it is.
    let leads = folder.join("leads.json").display().to_string();
    let astray = ["check", "--nodes", "2", "--leads-to", "any=ERROR", "no=ERROR", "--save"];
    assert_eq!(code(&zdu(&[&astray[..], &[&leads]].concat())), 1);
    assert_eq!(code(&zdu(&["replay", &leads])), 0);
    let nowhere = folder.join("no/such/folder.json").display().to_string();
    assert_eq!(code(&zdu(&[&astray[..], &[&nowhere]].concat())), 1);
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
    // The run says of how many nodes it is.
    let folder = folder("itf");
    let file = folder.join("run.itf.json");
    std::fs::write(&file, itf.to_string()).expect("a file");
    let loaded = zdu(&["explore", "--tui", "--load", &file.display().to_string()]);
    assert_eq!(code(&loaded), 0, "{}", says(&loaded));
    let _ = std::fs::remove_dir_all(folder);
    // A property that holds has no run, and that is no failure.
    let none = zdu(&["check", "--nodes", "1", "--property", "mode-8", "--format", "itf"]);
    assert_eq!((code(&none), text(&none).as_str()), (0, ""), "{}", says(&none));
}

/// What a counterexample says of the status is what the mutant shows, in each kind of run. By hand: with STABLE shown despite
/// an error, breaking a node changes no status.
#[test]
fn a_run_of_a_mutant_shows_the_status_of_the_mutant() {
    let planted = ["--nodes", "2", "--mutant", "stable-despite-error", "--format", "json"];
    let (_, checked) = json(&[&["check", "--property", "status-5"], &planted[..]].concat());
    let run = &properties(&checked, "safety").next().expect("asked")["counterexample"];
    assert_eq!(run[1]["changes"], "n2 Active -> Error");
    let way = ["path", "--from", "mode=off, all=ACTIVE", "--to", "mode=off, n2=ERROR"];
    let (_, found) = json(&[&way[..], &planted[..]].concat());
    assert_eq!(found["path"][1]["changes"], "n2 Active -> Error");
    let (_, right) = json(&[&way[..], &["--nodes", "2", "--format", "json"]].concat());
    assert_eq!(right["path"][1]["changes"], "n2 Active -> Error; status STABLE -> MIXED");
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
    let export = |mutants: [&str; 2]| {
        zdu(&["export", "--promela", "--mutant", mutants[0], "--mutant", mutants[1]])
    };
    let both = export(["start-despite-error", "errored-cannot-stop"]);
    assert!(code(&both) == 0 && text(&both).contains("start-despite-error, errored-cannot-stop"));
    // What cannot be written is refused, with where it can be checked.
    let contrary = export(["cancel-when-upgraded", "cancel-counts-offline"]);
    assert!(code(&contrary) == 2 && says(&contrary).contains("zdu check"), "{}", says(&contrary));
    let refused = zdu(&["export", "--tla", "--nodes", "2", "--mutant", "break-takes-neighbour"]);
    assert!(code(&refused) == 2 && says(&refused).contains("zdu check"), "{}", says(&refused));
}

/// Words that nobody writes are refused like any others; the limit is far beyond what anybody writes.
#[test]
fn a_question_that_is_too_deep_is_refused() {
    let asked = |before: &str, times: usize, after: &str| {
        let words = format!("{}MIXED{}", before.repeat(times), after.repeat(times));
        code(&zdu(&["check", "--nodes", "1", "--invariant", &words]))
    };
    assert_eq!((asked("not ", 60, ""), asked("(", 60, ")")), (1, 1));
    for (before, after) in [("not ", ""), ("(", ")"), ("MIXED implies ", ""), ("before(", ")")] {
        assert_eq!(asked(before, 5_000, after), 2, "{before}");
    }
}
