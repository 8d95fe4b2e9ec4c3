//! Is the house in order? Checks of the code base itself that no compiler makes.
//!
//! Each check is a function from the files to complaints. Its test proves both that it sees a planted bad example and that
//! the files as they are give it no reason to complain.

mod book;
mod source;

use std::collections::BTreeSet;
use std::fs;

use zdu_model::check::goal::Goal;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::Property;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Spec;
use zdu_model::traces::scenario;

use source::{Source, files, none, planted, root, rust};

/// The longest file, in lines; a longer one has two subjects.
const LINES_MAX: usize = 700;

/// Files that are longer all the same, and why.
const LONG: &[(&str, &str)] = &[];

/// The lines that are no comment, with their numbers.
fn code(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    source
        .text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Complaints about lines of code that hold one of these words.
fn words(sources: &[Source], words: &[&str], allowed: impl Fn(&str) -> bool) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| !allowed(&source.path)) {
        for (number, line) in code(source) {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                complaints.push(format!("{}:{number}: `{word}`", source.path));
            }
        }
    }
    complaints
}

/// What speaks for a rule.
struct Evidence {
    properties: BTreeSet<Rule>,
    traces: BTreeSet<Rule>,
    tests: BTreeSet<Rule>,
}

/// Rules that a kind of evidence cannot exist for, with the reason.
const EXEMPT: &[(&str, &str, &str)] = &[
    ("property", "API-3", "what is shown, not what happens"),
    ("property", "API-4", "what is shown, not what happens"),
    ("property", "API-7", "what is shown, not what happens"),
    ("property", "API-8", "reads make no transition, so there is nothing to prove"),
    ("property", "API-10", "credentials are no part of the model"),
    ("property", "API-11", "what is shown, not what happens"),
    ("property", "API-12", "calls of the model come one after the other"),
    (
        "property",
        "LB-",
        "LB-6 is proved over the model of an operator, in the model's own tests; the others are seen on real servers",
    ),
    ("property", "PROC-", "proved over the model of an operator, in the model's own tests"),
    ("trace", "PROC-4", "about every state at once; each trace ends with a way back"),
    ("trace", "LB-", "needs a load balancer, which the driver's commands bring"),
    ("test", "API-10", "credentials are no part of the model; its traces run over HTTP"),
    ("test", "PROC-", "about an operator; in the model's own tests"),
    (
        "test",
        "LB-",
        "needs a load balancer; beside the crate that speaks with it, and in front of a mock cluster",
    ),
];

fn unproved(evidence: &Evidence, exempt: &[(&str, &str, &str)]) -> Vec<String> {
    let mut complaints = Vec::new();
    let kinds = [
        ("property", &evidence.properties),
        ("trace", &evidence.traces),
        ("test", &evidence.tests),
    ];
    for (kind, rules) in kinds {
        let covers = |pattern: &str, rule: Rule| {
            rule.id() == pattern || (pattern.ends_with('-') && rule.id().starts_with(pattern))
        };
        let exemptions: Vec<_> = exempt.iter().filter(|(of, ..)| *of == kind).collect();
        for rule in Rule::ALL {
            let excused = exemptions.iter().any(|(_, of, _)| covers(of, *rule));
            if !rules.contains(rule) && !excused {
                complaints.push(format!("{rule} has no {kind}"));
            }
        }
        for (_, pattern, _) in exemptions {
            let needed =
                Rule::ALL.iter().any(|rule| covers(pattern, *rule) && !rules.contains(rule));
            if !needed {
                complaints.push(format!("{pattern} is excused a {kind} that it has"));
            }
        }
    }
    complaints
}

/// The rules by which the tests in `tests/rules` are named: `mode_4_…` is MODE-4.
fn tested(sources: &[Source]) -> BTreeSet<Rule> {
    sources
        .iter()
        .filter(|source| source.path.starts_with("tests/rules/"))
        .flat_map(|source| source.text.lines())
        .filter_map(|line| line.trim_start().strip_prefix("fn "))
        .filter_map(|name| {
            let mut parts = name.split('_');
            let id = format!("{}-{}", parts.next()?, parts.next()?);
            id.parse().ok()
        })
        .collect()
}

// Proves that no rule is mere text: a property, a trace and a test speak for each, or a reason says why not.
#[test]
fn every_rule_has_a_property_a_trace_and_a_test() {
    let goals = Goal::all(Profile::Finalization);
    let properties = Property::<Spec>::all(Profile::Finalization);
    let evidence = Evidence {
        properties: properties
            .iter()
            .map(|property| property.rule)
            .chain(goals.into_iter().map(Goal::rule))
            .collect(),
        traces: scenario::all().flat_map(|one| one.rules).copied().collect(),
        tests: tested(&rust()),
    };
    none(&unproved(&evidence, EXEMPT));
    let mut poorer = evidence;
    poorer.tests.remove(&Rule::Mode4);
    poorer.traces.remove(&Rule::Mode4);
    assert_eq!(unproved(&poorer, EXEMPT), ["MODE-4 has no trace", "MODE-4 has no test"]);
    poorer.tests.insert(Rule::Api10);
    assert!(unproved(&poorer, EXEMPT).contains(&"API-10 is excused a test that it has".to_owned()));
}

fn engine_leaks(sources: &[Source]) -> Vec<String> {
    words(sources, &["stateright::"], |path| {
        path == "model/src/check/checker.rs"
            || path == "model/src/judge/race.rs"
            || path == "tests/tidy/main.rs"
    })
}

// Proves that the search engine can be replaced in one room.
#[test]
fn stateright_is_named_in_one_room() {
    none(&engine_leaks(&rust()));
    let bad = planted("model/src/spec/property.rs", "use stateright::Model;\n");
    assert_eq!(engine_leaks(&[bad]).len(), 1);
    let comment = planted("model/src/spec/property.rs", "// unlike stateright::Model\n");
    none(&engine_leaks(&[comment]));
}

fn sockets(sources: &[Source]) -> Vec<String> {
    let socket = ["TcpStream", "TcpListener", "TcpSocket", "UdpSocket", "reqwest::Client"];
    words(sources, &socket, |path| {
        path == "conformance/src/client.rs"
            || path.starts_with("conformance/endpoint/src/http/")
            || path == "conformance/endpoint/src/balancer/mod.rs"
            // A load balancer's runtime API, and its pages.
            || path == "conformance/balancer/src/haproxy.rs"
            || path == "conformance/balancer/src/http.rs"
            // The explorer serves a page on loopback; it calls nobody.
            || path == "conformance/src/cli/explore/server.rs"
            || path.contains("tests/")
    })
}

// Proves that credentials and time-outs have one room to be right in.
#[test]
fn sockets_are_opened_by_the_client_and_the_mock_alone() {
    none(&sockets(&rust()));
    let bad = planted("conformance/src/driver/mod.rs", "use std::net::TcpStream;\n");
    assert_eq!(sockets(std::slice::from_ref(&bad)).len(), 1);
    let good = Source { path: "conformance/endpoint/src/http/gate.rs".to_owned(), ..bad };
    none(&sockets(&[good]));
}

/// What is wrong with the names in `traces/`, given what the scenarios write.
fn strays(there: &BTreeSet<String>, written: &BTreeSet<String>) -> Vec<String> {
    let extra =
        there.difference(written).map(|name| format!("traces/{name}: no scenario writes it"));
    let missing = written.difference(there).map(|name| format!("traces/{name} is missing"));
    extra.chain(missing).collect()
}

// Proves that each trace file is read by a test and comes from a scenario, and that none is missing.
#[test]
fn every_trace_file_comes_from_a_scenario() {
    let written: BTreeSet<String> = scenario::files().into_iter().map(|(name, _)| name).collect();
    let mut there: BTreeSet<String> = fs::read_dir(root().join("traces"))
        .expect("the traces")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    none(&strays(&there, &written));
    there.insert("by-hand.json".to_owned());
    there.remove("happy-path.json");
    assert_eq!(
        strays(&there, &written),
        ["traces/by-hand.json: no scenario writes it", "traces/happy-path.json is missing"]
    );
}

fn leftovers(sources: &[Source]) -> Vec<String> {
    // In two parts, so that this file does not hold them.
    let calls = ["dbg", "todo", "unimplemented"].map(|word| format!("{word}!("));
    let notes = ["FIX", "TO", "X", "HA"].map(|word| {
        let rest = match word {
            "FIX" => "ME",
            "TO" => "DO",
            "X" => "XX",
            _ => "CK",
        };
        format!("{word}{rest}")
    });
    let mut complaints = Vec::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            let left = calls.iter().chain(&notes).find(|word| line.contains(*word));
            if let Some(word) = left {
                complaints.push(format!("{}:{}: `{word}`", source.path, index + 1));
            }
        }
    }
    complaints
}

// Proves that nothing half done is left behind, in code or in comments.
#[test]
fn nothing_half_done_is_left_behind() {
    none(&leftovers(&rust()));
    let call = ["    db", "g!(cluster);"].concat();
    let note = ["// FIX", "ME: later"].concat();
    for line in [call, note] {
        assert_eq!(leftovers(&[planted("a.rs", line)]).len(), 1);
    }
}

fn headless(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| format!("{}: does not open with `//! `", source.path))
        .collect()
}

// Proves that every file says first which question it answers.
#[test]
fn every_file_opens_with_what_it_is_for() {
    none(&headless(&rust()));
    let bad = planted("a.rs", "use std::fs;\n//! Too late.\n");
    assert_eq!(headless(&[bad]).len(), 1);
}

/// Files that are too long, and excuses that are not needed.
fn too_long(sources: &[Source], excused: &[(&str, &str)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        let lines = source.text.lines().count();
        let excuse = excused.iter().any(|(path, _)| *path == source.path);
        if lines > LINES_MAX && !excuse {
            complaints.push(format!("{}: {lines} lines, more than {LINES_MAX}", source.path));
        } else if lines <= LINES_MAX && excuse {
            complaints.push(format!("{}: excused, yet short", source.path));
        }
    }
    complaints
}

// Proves that no file has grown beyond what one reads in one go without somebody saying why.
#[test]
fn no_file_is_too_long() {
    none(&too_long(&rust(), LONG));
    let bad = planted("a.rs", "//! Long.\n".repeat(LINES_MAX + 1));
    let good = planted("b.rs", "//! Long.\n".repeat(LINES_MAX));
    let both = [bad, good];
    assert_eq!(too_long(&both, &[]), ["a.rs: 701 lines, more than 700"]);
    assert_eq!(too_long(&both, &[("a.rs", ""), ("b.rs", "")]), ["b.rs: excused, yet short"]);
}

fn strangers(names: &BTreeSet<String>) -> Vec<&String> {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE",
        "README.md",
        "conformance",
        "model",
        "tests",
        "traces",
    ];
    // Whatever is built or hidden is nobody's reading.
    let fine = |name: &str| known.contains(&name) || name == "target" || name.starts_with('.');
    names.iter().filter(|name| !fine(name)).collect()
}

// Proves that a newcomer finds the rooms at the door and nothing else.
#[test]
fn nothing_lies_about_at_the_top() {
    let mut names: BTreeSet<String> = fs::read_dir(root())
        .expect("the project's folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(strangers(&names), Vec::<&String>::new());
    names.insert("notes.txt".to_owned());
    assert_eq!(strangers(&names), ["notes.txt"]);
}

fn switched_off(sources: &[Source]) -> Vec<String> {
    let attribute = ["#[igno", "re"].concat();
    words(sources, &[&attribute], |_| false)
}

// Proves that no test is there for show.
#[test]
fn no_test_is_switched_off() {
    none(&switched_off(&rust()));
    let bad = ["#[igno", "re]\nfn later() {}\n"].concat();
    assert_eq!(switched_off(&[planted("a.rs", bad)]).len(), 1);
}

/// Tests that the documented command would not run.
fn compiled_out(sources: &[Source]) -> Vec<String> {
    let condition = ["debug_", "assertions"].concat();
    words(sources, &[&condition], |path| !path.contains("tests/"))
}

// Proves that `cargo test` runs every test, whole.
#[test]
fn no_test_is_compiled_out_of_the_documented_command() {
    none(&compiled_out(&rust()));
    for head in ["#[cfg(not(", "    if cfg!(not("] {
        let bad = [head, "debug_", "assertions)) {"].concat();
        assert_eq!(compiled_out(&[planted("model/tests/counts.rs", &bad)]).len(), 1);
        none(&compiled_out(&[planted("model/src/lib.rs", bad)]));
    }
}

/// Tests that call a program of which the README does not speak.
fn foreign_programs(sources: &[Source]) -> Vec<String> {
    // As a command is written; reports show people such lines, and tests look for them.
    let programs = [["\"cur", "l -"].concat(), ["new(\"cur", "l"].concat()];
    let programs = programs.each_ref().map(String::as_str);
    words(sources, &programs, |path| !path.contains("tests/"))
}

// Proves that the tests need what the README says and nothing else.
#[test]
fn no_test_calls_a_program_that_a_bare_machine_lacks() {
    none(&foreign_programs(&rust()));
    let bad = ["let line = \"cur", "l -fsS\";"].concat();
    assert_eq!(foreign_programs(&[planted("conformance/tests/live.rs", bad)]).len(), 1);
}

fn private_paths(sources: &[Source]) -> Vec<String> {
    let places = [["/wo", "rk/"], ["/ro", "ot/"], ["/tmp/", "wt"], ["/ho", "me/"]];
    let places = places.map(|parts| parts.concat());
    let mut complaints = Vec::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            if let Some(place) = places.iter().find(|place| line.contains(*place)) {
                complaints.push(format!("{}:{}: `{place}`", source.path, index + 1));
            }
        }
    }
    complaints
}

// Proves that nothing names a place on somebody's machine: it would mean nothing to anybody else.
#[test]
fn nothing_names_a_place_on_somebodys_machine() {
    let endings = [".rs", ".md", ".toml", ".json", ".snap", ".html", ".yml", ".txt"];
    none(&private_paths(&files(&endings)));
    let bad = ["see /wo", "rk/notes"].concat();
    assert_eq!(private_paths(&[planted("README.md", bad)]).len(), 1);
}
