//! The reports of two fixed runs, one that conforms and one that does not, on the terminal and as JSON.

use serde_json::Value;

use crate::zdu;

const FINE: &[&str] = &["replay", "--only", "cancel-refused-when-mixed", "--seed", "1"];
const WRONG: &[&str] = &[
    "replay",
    "--only",
    "cancel-refused-when-mixed",
    "--seed",
    "1",
    "--defect",
    "cancel-when-mixed",
];

/// The text with times, ports and dates as `…`. How often a rule was at stake, and so which were, depends on how often was
/// read: the lists of those that held and were not tried are left out.
fn redacted(text: &str) -> String {
    let mut lines = Vec::new();
    let mut listing = false;
    for line in text.lines() {
        // What such a list goes on with stands further in.
        listing &= line.starts_with("        ");
        if listing {
            continue;
        }
        let trimmed = line.trim_start();
        let line = if trimmed.starts_with("begun ") {
            let seed = line.split_once(", seed").map_or("", |(_, seed)| seed);
            format!("begun …, took …, seed{seed}")
        } else if trimmed.starts_with("expires ") {
            line.split_once('"').map_or("", |(key, _)| key).to_owned() + "…"
        } else if let Some(at) = line.find(" held: ").or_else(|| line.find(" not tried: ")) {
            listing = true;
            let word = line[at..].split(':').next().unwrap_or_default().trim_start();
            format!("  … {word}")
        } else if let Some((verdict, _)) = line.split_once(" rules tried") {
            let verdict = verdict.split(':').next().unwrap_or_default();
            format!("{verdict}: …")
        } else if trimmed.starts_with("by hand ")
            || trimmed.starts_with("exchange ")
            || trimmed.starts_with('{')
        {
            let end = line.len() - trimmed.len();
            format!("{}…", &line[..end])
        } else if let Some((before, _)) = line.rsplit_once("  ").filter(|_| line.ends_with(" ms")) {
            format!("{before}  …")
        } else {
            line.to_owned()
        };
        lines.push(line);
    }
    lines.join("\n")
}

/// The report without what differs from run to run: times, ports, and what a reading happened to see.
fn steady(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let moving = [
                    "started",
                    "seconds",
                    "at_ms",
                    "settled_ms",
                    "took_ms",
                    "sightings",
                    "exchange",
                    "exchanges",
                    "curl",
                    "command",
                    "at_stake",
                    "rules",
                    "summary",
                    "event",
                ];
                if moving.contains(&name.as_str()) {
                    *field = Value::from("…");
                } else {
                    steady(field);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(steady),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn json(words: &[&str]) -> String {
    let mut words = words.to_vec();
    words.extend(["--format", "json"]);
    let mut report: Value = serde_json::from_str(&zdu(&words).stdout).expect("JSON");
    steady(&mut report);
    serde_json::to_string_pretty(&report).expect("JSON")
}

#[test]
fn text_of_a_run_that_conforms() {
    let ran = zdu(FINE);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("text_fine", redacted(&ran.stdout));
}

#[test]
fn text_of_a_run_that_deviates() {
    let ran = zdu(WRONG);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    insta::assert_snapshot!("text_wrong", redacted(&ran.stdout));
}

#[test]
fn json_of_a_run_that_conforms() {
    insta::assert_snapshot!("json_fine", json(FINE));
}

#[test]
fn json_of_a_run_that_deviates() {
    insta::assert_snapshot!("json_wrong", json(WRONG));
}
