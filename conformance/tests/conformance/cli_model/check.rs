//! `zdu check` and its tables: engines, sizes, bounds, mutants.

use serde_json::Value;

use super::{code, code_and, json, properties, says, text, zdu};

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
    assert_eq!(json["unfolded"]["states"].as_u64(), Some(11_570));
    assert_eq!(json["unfolded"]["transitions"].as_u64(), Some(98_178));
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

/// Of a mutant nothing is claimed of LB-6 for every size, and it is said why, also where more than that is asked.
#[test]
fn check_for_all_sizes_says_why_a_mutant_leaves_lb_6_undecided() {
    let mutant = ["check", "--all-sizes", "--mutant", "stable-despite-error", "--format", "json"];
    let (code, named) = json(&[&mutant[..], &["--property", "lb-6"]].concat());
    assert_eq!((code, &named["verdict"]), (3, &"undecided".into()));
    let next = "zdu check --mutant stable-despite-error --property lb-6";
    assert_eq!(named["left_out"][0]["next"], next);
    let (code, all) = json(&mutant);
    assert_eq!((code, &all["left_out"]), (1, &Value::Array(Vec::new())));
    let not_asked = all["not_asked"].as_array().into_iter().flatten();
    assert!(not_asked.into_iter().any(|it| it["next"] == next), "{all}");
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
        (
            &["check", "--nodes", "9", "--engine", "explicit", "--memory", "1G"][..],
            "zdu check --nodes 7",
        ),
        (
            &["check", "--nodes", "8", "--threads", "1", "--memory", "1G"],
            "zdu check --nodes 8 --symmetry",
        ),
        (
            // Up to a renaming of the nodes more fits than 8 nodes, which is what every state by itself comes to.
            &["check", "--nodes", "16", "--memory", "21G"],
            "the nearest size that fits: zdu check --nodes 12;",
        ),
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

/// A mutant that cannot show is no proof of anything, nor is what an engine leaves out within a bound.
#[test]
fn check_refuses_a_mutant_that_cannot_show_here() {
    for (args, there) in [
        (&["--nodes", "2", "--mutant", "two-upgraded-are-enough"][..], "zdu check --mutant"),
        (&["--mutant", "mixed-needs-original"], "--versions 3"),
        (&["--mutant", "retry-refused"], "--profile finalization"),
        (&["--nodes", "1", "--mutant", "operator-does-not-wait"], "--nodes 2"),
        (&["--all-sizes", "--mutant", "operator-stops-all"], "--mutant operator-stops-all"),
        (&["--engine", "both", "--depth", "4"], "--engine explicit"),
        (&["--engine", "stateright", "--time", "1ms"], "--engine explicit"),
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

/// What would be ignored is refused.
#[test]
fn check_refuses_what_it_would_not_obey() {
    for args in [
        &["--procedure", "--depth", "4"][..],
        &["--faults", "1", "--engine", "both"],
        &["--property", "lb-6-some", "--symmetry"],
        &["--survival", "--threads", "2"],
        &["--property", "toggling", "--depth", "4"],
        &["--all-sizes", "--mutant", "cancel-when-upgraded", "--certificate", "never.json"],
        &["--all-sizes", "--without", "Forget.mode", "--certificate", "never.json"],
        &["--all-sizes", "--property", "liveness", "--certificate", "never.json"],
        &["--all-sizes", "--invariant", "any=ERROR implies MIXED", "--certificate", "never.json"],
        &["--all-sizes", "--invariant", "n9=ERROR implies MIXED"],
        &["--without", "Retry.status"],
        &["--without", "Start.status", "--profile", "finalization", "--symmetry"],
    ] {
        let output = zdu(&[&["check", "--nodes", "2"], args].concat());
        let output =
            if args[0] == "--all-sizes" { zdu(&[&["check"], args].concat()) } else { output };
        assert_eq!(code(&output), 2, "{args:?}: {}", text(&output));
        assert!(!says(&output).is_empty() && !std::path::Path::new("never.json").exists());
    }
    // The hint is one that can be followed.
    let named = zdu(&["check", "--all-sizes", "--reach", "n9=ERROR"]);
    assert!(says(&named).contains("zdu check --nodes 9"), "{}", says(&named));
    let elsewhere = zdu(&["check", "--all-sizes", "--property", "recovery"]);
    assert_eq!(code(&elsewhere), 4);
    assert!(says(&elsewhere).contains("zdu check --property recovery"), "{}", says(&elsewhere));
}

/// Bounds hold for what comes before a search and beside it, too.
#[test]
fn check_obeys_its_bounds_from_the_beginning() {
    let timed = ["check", "--nodes", "4", "--versions", "16", "--time", "0s", "--format", "json"];
    let (ended, found) = json(&timed);
    assert_eq!((ended, &found["states"]), (3, &0.into()), "its tables take seconds");
    assert_eq!(code(&zdu(&["check", "--all-sizes", "--memory", "1K"])), 3);
    let way = ["path", "--nodes", "5", "--from", "STABLE", "--to", "any=ERROR", "--time", "0s"];
    assert_eq!(code(&zdu(&way)), 3);
    // A small depth fits where the whole size does not, up to a renaming of the nodes.
    let large = ["check", "--nodes", "9", "--depth", "2", "--memory", "64M"];
    let refused = zdu(&[&large[..], &["--engine", "explicit"]].concat());
    let hint = "zdu check --nodes 9 --symmetry --depth 2";
    assert!(code(&refused) == 3 && says(&refused).contains(hint), "{}", says(&refused));
    let (_, near) = json(&[&large[..], &["--symmetry", "--format", "json"]].concat());
    assert_eq!(near["depth"], 2);
    // That is done by itself where nobody asks for an engine, and told; not where a question names a node.
    let (_, folded) = json(&[&large[..], &["--format", "json"]].concat());
    assert_eq!((&folded["engine"], &folded["depth"]), (&"symmetric".into(), &2.into()));
    assert_eq!(folded["not_asked"][0]["next"], "zdu check --nodes 9 --engine explicit");
    let named = zdu(&[&large[..], &["--reach", "n2=ERROR"]].concat());
    assert_eq!(code(&named), 3, "{}", text(&named));
    // What is looked at by the page alone is counted.
    let (_, page) = json(&["check", "--nodes", "2", "--property", "procedure", "--format", "json"]);
    assert!(page["product_states"].as_u64().is_some_and(|states| states > 0), "{page}");
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
