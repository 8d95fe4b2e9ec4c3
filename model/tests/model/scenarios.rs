//! Are the shipped traces what the model says, and what the scenarios say by hand?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::scenario::{self, Scenario};
use zdu_model::traces::trace::{SCHEMA_FILE, Trace, TraceError};

/// How to write the files again.
const REFRESH: &str = "zdu suite --write traces";

fn named(name: &str, nodes: u8) -> Trace {
    let scenario = Scenario::named(name).expect("a scenario");
    scenario.trace(nodes).expect("makes sense for that size")
}

#[test]
fn every_scenario_writes_for_every_size_up_to_six_and_reads_back() {
    for scenario in scenario::all() {
        for nodes in scenario.nodes.0..=scenario.nodes.1.min(6) {
            let trace = scenario.trace(nodes).expect("in range");
            assert_eq!(Trace::parse(&trace.to_json()).as_ref(), Ok(&trace));
        }
        assert_eq!(scenario.trace(scenario.nodes.0 - 1), None);
        assert_eq!(scenario.trace(scenario.nodes.1 + 1), None);
    }
}

/// The largest size: nothing in a scenario grows with the number of states.
#[test]
fn every_scenario_writes_for_the_largest_size() {
    for scenario in scenario::all() {
        assert!(scenario.trace(scenario.nodes.1).is_some());
    }
}

/// What the page says holds for builds with upgrade tasks too, so its scenarios can be replayed there.
#[test]
fn documented_scenarios_write_for_builds_with_upgrade_tasks() {
    for scenario in scenario::all() {
        for nodes in scenario.nodes.0..=scenario.nodes.1.min(3) {
            assert!(
                scenario
                    .trace_in(Profile::Finalization, nodes)
                    .is_some_and(|trace| trace.profile == Profile::Finalization)
            );
        }
        if scenario.profile == Profile::Finalization {
            assert_eq!(scenario.trace_in(Profile::Documented, scenario.shipped), None);
        }
    }
}

#[test]
fn names_are_unique_and_kebab_case() {
    let mut names = BTreeSet::new();
    for scenario in scenario::all() {
        let name = scenario.name;
        assert!(names.insert(name), "two scenarios are named {name}");
        assert!(
            name.split('-').all(|word| !word.is_empty()
                && word
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())),
            "{name} is not kebab-case"
        );
    }
}

#[test]
fn every_scenario_says_why_in_one_sentence_and_ships_a_size_of_its_own() {
    for scenario in scenario::all() {
        assert!(scenario.why.ends_with('.'), "{}", scenario.name);
        assert!(!scenario.why.contains(". "), "{}", scenario.name);
        assert!(!scenario.rules.is_empty(), "{}", scenario.name);
        let sorted: BTreeSet<_> = scenario.rules.iter().collect();
        assert_eq!(
            sorted.into_iter().collect::<Vec<_>>(),
            scenario.rules.iter().collect::<Vec<_>>(),
            "{}: rules in the order of the spec, each once",
            scenario.name
        );
        assert!(
            (scenario.nodes.0..=scenario.nodes.1).contains(&scenario.shipped),
            "{}",
            scenario.name
        );
        assert!(
            scenario.rules.iter().all(|rule| rule.in_profile(scenario.profile)),
            "{}",
            scenario.name
        );
    }
}

#[test]
fn there_are_enough_scenarios_for_small_clusters_too() {
    let mut count: BTreeMap<(Profile, u8), usize> = BTreeMap::new();
    for scenario in scenario::all() {
        for nodes in scenario.nodes.0..=scenario.nodes.1.min(4) {
            *count.entry((scenario.profile, nodes)).or_default() += 1;
        }
    }
    for (nodes, least) in [(1, 20), (2, 60), (3, 70), (4, 70)] {
        assert!(count[&(Profile::Documented, nodes)] >= least, "{count:?}");
    }
    for nodes in 1..=4 {
        assert!(count[&(Profile::Finalization, nodes)] >= 9, "{count:?}");
    }
}

/// PROC-4 is a property of the model and LB rules are about load balancers; every other rule is in some trace.
#[test]
fn every_rule_of_the_api_is_exercised() {
    let exercised: BTreeSet<Rule> =
        scenario::all().flat_map(|scenario| scenario.rules).copied().collect();
    let missing: Vec<_> = Rule::ALL
        .iter()
        .filter(|rule| !rule.id().starts_with("LB-") && **rule != Rule::Proc4)
        .filter(|rule| !exercised.contains(rule))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_checked_in_traces_are_fresh() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../traces");
    let written: BTreeMap<String, String> = scenario::files().into_iter().collect();
    let on_disk: BTreeMap<String, String> = fs::read_dir(folder)
        .expect("the folder of traces")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("a text file");
            (name.into_owned(), text)
        })
        .collect();
    let old: Vec<_> = written
        .iter()
        .filter(|(name, text)| on_disk.get(*name) != Some(*text))
        .map(|(name, _)| name)
        .chain(on_disk.keys().filter(|name| !written.contains_key(*name)))
        .collect();
    assert!(old.is_empty(), "not fresh: {old:?}; run `{REFRESH}`");
}

/// The schema speaks of the same fields and words as the reader does.
#[test]
fn the_schema_knows_every_field_and_word_of_the_shipped_traces() {
    let files: BTreeMap<String, String> = scenario::files().into_iter().collect();
    let schema = &files[SCHEMA_FILE];
    let schema: serde_json::Value = serde_json::from_str(schema).expect("JSON");
    assert_eq!(schema["properties"]["schema"]["const"], "zdu-trace/1");
    let fields = |of: &serde_json::Value| -> BTreeSet<String> {
        let fields = of["properties"].as_object().expect("an object");
        fields.keys().cloned().collect()
    };
    let mut heads = BTreeSet::new();
    let mut steps = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (name, text) in files.iter().filter(|(name, _)| *name != SCHEMA_FILE) {
        let trace: serde_json::Value = serde_json::from_str(text).expect(name);
        let keys = |of: &serde_json::Value| -> Vec<String> {
            of.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect()
        };
        heads.extend(keys(&trace));
        for step in trace["steps"].as_array().expect("steps") {
            steps.extend(keys(step));
            for then in step["then"].as_array().into_iter().flatten() {
                seen.extend(keys(then));
            }
        }
    }
    assert_eq!(heads, fields(&schema));
    assert_eq!(steps, fields(&schema["$defs"]["Step"]));
    assert_eq!(seen, fields(&schema["$defs"]["Seen"]));
}

/// Edits a shipped trace as text, and says why it is refused.
fn refusal(name: &str, from: &str, to: &str) -> TraceError {
    let text = named(name, 3).to_json();
    assert!(text.contains(from), "{from} is not in {name}");
    Trace::parse(&text.replacen(from, to, 1)).expect_err("must be refused")
}

fn step_of(error: &TraceError) -> (usize, &str, &str) {
    match error {
        TraceError::Step { number, what, reason } => (*number, what, reason),
        TraceError::Shape(_) | TraceError::Schema(_) | TraceError::Head(_) => {
            panic!("no step is named: {error}")
        }
    }
}

#[test]
fn a_wrong_expectation_is_refused_with_the_step_and_the_right_one() {
    let error =
        refusal("cancel-before-any-upgrade", "READY_TO_UPGRADE", "READY_TO_RUN_UPGRADE_TASKS");
    let (number, what, reason) = step_of(&error);
    assert_eq!((number, what), (1, "start"));
    assert!(reason.contains("`then`") && reason.contains("READY_TO_UPGRADE"), "{reason}");
}

#[test]
fn a_wrong_node_is_refused_with_the_step() {
    let error = refusal("happy-path", "[\"OFFLINE v0\", \"ACTIVE", "[\"ERROR v0\", \"ACTIVE");
    assert_eq!(step_of(&error).0, 3);
}

#[test]
fn a_wrong_answer_is_refused_with_the_step_and_the_right_one() {
    let error = refusal("cancel-refused-when-mixed", "[409]", "[200]");
    let (number, what, reason) = step_of(&error);
    assert_eq!((number, what), (5, "cancel"));
    assert_eq!(reason, "`answer` is [200], but the model says [409]");
}

#[test]
fn an_impossible_step_is_refused_with_the_reason() {
    let error = refusal("restart-with-mode-off", "\"stop\"", "\"boot\"");
    let (number, what, reason) = step_of(&error);
    assert_eq!((number, what), (1, "boot"));
    assert_eq!(reason, "n3 is Active v0, where `boot` is not possible");
}

#[test]
fn an_answer_that_nobody_can_give_is_refused_with_the_way_out() {
    let text = named("happy-path-single-node", 1).to_json();
    for (instead, said) in [
        (
            "\"approve\", \"answer\": [200]",
            "`answer` is [200], but the model says []: no node is ACTIVE, and nobody answers",
        ),
        (
            "\"unknown_node\", \"answer\": [404]",
            "nobody answers: no node is ACTIVE; boot one first",
        ),
    ] {
        let edited = text.replacen("\"install\", \"node\": 1, \"version\": 1", instead, 1);
        let error = Trace::parse(&edited).expect_err("must be refused");
        let (number, what, reason) = step_of(&error);
        assert_eq!((number, reason), (5, said), "{what}");
    }
}

#[test]
fn a_node_out_of_range_is_refused_with_the_range() {
    for (number, reason) in
        [("4", "there is no node 4; the trace has 3"), ("0", "there is no node 0; the trace has 3")]
    {
        let error = refusal("restart-with-mode-off", "\"node\": 3", &format!("\"node\": {number}"));
        assert_eq!(step_of(&error), (1, "stop", reason));
    }
}

#[test]
fn a_version_out_of_range_is_refused_with_the_range() {
    let error = refusal("happy-path", "\"version\": 1", "\"version\": 2");
    let (number, what, reason) = step_of(&error);
    assert_eq!((number, what), (4, "install"));
    assert!(reason.contains("from 0 to 1"), "{reason}");
}

#[test]
fn a_field_without_meaning_is_refused() {
    let error = refusal("happy-path", "{\"do\": \"start\", ", "{\"do\": \"start\", \"node\": 1, ");
    let (number, what, reason) = step_of(&error);
    assert_eq!((number, what), (2, "start"));
    assert!(reason.contains("`node` has no meaning"), "{reason}");
}

#[test]
fn an_unknown_field_is_refused_by_name() {
    let error = refusal("happy-path", "\"why\"", "\"because\"");
    assert!(error.to_string().contains("because"), "{error}");
}

#[test]
fn an_unknown_action_is_refused_by_name() {
    let error = refusal("happy-path", "\"do\": \"stop\"", "\"do\": \"halt\"");
    assert!(error.to_string().contains("halt"), "{error}");
}

#[test]
fn an_unknown_rule_is_refused_by_name() {
    let error = refusal("happy-path", "\"PROC-3\"", "\"PROC-9\"");
    assert!(error.to_string().contains("PROC-9"), "{error}");
}

#[test]
fn another_schema_is_refused_by_name() {
    let error = refusal("happy-path", "zdu-trace/1", "zdu-trace/2");
    assert_eq!(error, TraceError::Schema("zdu-trace/2".to_owned()));
}

#[test]
fn a_head_without_sense_is_refused() {
    for (from, to) in [
        ("\"nodes\": 3", "\"nodes\": 0"),
        ("\"nodes\": 3", "\"nodes\": 17"),
        ("\"versions\": 2", "\"versions\": 1"),
    ] {
        assert!(matches!(refusal("happy-path", from, to), TraceError::Head(_)));
    }
}

#[test]
fn what_exists_in_another_profile_is_refused() {
    let text = named("tasks-fail-on-one-node", 3).to_json();
    let edited = text.replacen("\"finalization\"", "\"documented\"", 1);
    let error = Trace::parse(&edited).expect_err("must be refused");
    assert!(error.to_string().contains("profile `finalization` only"));
}
