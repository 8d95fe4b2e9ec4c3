//! The reports of two fixed runs, one that conforms and one that does not, on the terminal and as JSON.

use serde_json::Value;

use super::{folder, zdu, zdu_with};

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
        } else if let Some((before, _)) =
            line.rsplit_once("  ").filter(|_| line.ends_with(" ms") || line.ends_with(" s"))
        {
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

// What one trace cannot have tried is missed, and the run is no longer a pass.
#[test]
fn a_threshold_that_is_not_met_is_inconclusive_and_says_which() {
    for (flags, told) in [
        (["--min-traces", "2"].as_slice(), "--min-traces asks for 2"),
        (&["--require", "FIN-2"], "FIN-2 was not tried"),
    ] {
        let ran = zdu(&[FINE, flags].concat());
        assert_eq!(ran.code, 3, "{}", ran.stdout);
        assert!(ran.stdout.contains(told), "{}", ran.stdout);
        assert!(
            ran.stdout.trim_end().lines().last().is_some_and(|it| it.starts_with("INCONCLUSIVE: "))
        );
    }
    // It tries MODE-3, and it is one trace.
    let met = ["--min-traces", "1", "--fail-on-skip", "--require", "MODE-3"];
    assert_eq!(zdu(&[FINE, met.as_slice()].concat()).code, 0);
}

#[test]
fn a_quiet_run_ends_in_15_lines_with_the_verdict() {
    let ran = zdu(&[WRONG, ["-q"].as_slice()].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert!(ran.stdout.lines().count() <= 15, "{}", ran.stdout);
    assert!(ran.stdout.lines().last().is_some_and(|line| line.starts_with("DEVIATES: ")));
}

#[test]
fn on_github_a_run_annotates_and_adds_to_the_steps_summary() {
    let summary = folder("github").join("summary.md");
    std::fs::write(&summary, "before\n").expect("a file");
    let shown = summary.display().to_string();
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", shown.as_str())];
    let words = [WRONG, ["--format", "json"].as_slice()].concat();
    let ran = zdu_with(&words, &variables);
    // A report as JSON stays one.
    serde_json::from_str::<Value>(&ran.stdout).expect("JSON");
    assert!(ran.stderr.starts_with("::error title=MODE-3 deviates::"), "{}", ran.stderr);
    let text = std::fs::read_to_string(&summary).expect("the summary");
    assert!(text.starts_with("before\n### DEVIATES: "), "{text}");
}

// A disk that is full by the end of a run: what was found is told all the same, and still decides how the process ends.
#[test]
fn the_result_is_told_where_its_files_cannot_be_written() {
    let folder = folder("full");
    std::fs::create_dir_all(folder.join("report.json/in the way")).expect("a folder");
    let place = folder.display().to_string();
    for (words, code, verdict) in [(FINE, 2, "CONFORMS: "), (WRONG, 1, "DEVIATES: ")] {
        let ran = zdu(&[words, &["--report-dir", &place]].concat());
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert!(ran.stdout.contains(verdict), "{}", ran.stdout);
        assert!(ran.stderr.contains("report.json: "), "{}", ran.stderr);
    }
}

// Three runs side by side; the one that is wrong comes last, so the process fails.
#[test]
fn runs_are_compared_as_a_matrix_in_every_format() {
    let folder = folder("matrix");
    let run = |words: &[&str], name: &str| {
        let place = folder.join(name).display().to_string();
        zdu(&[words, &["--report-dir", &place]].concat());
        format!("{place}/report.json")
    };
    let (fine, wrong) = (run(FINE, "fine"), run(WRONG, "wrong"));
    let diff = |format: &str| zdu(&["report", "diff", &fine, &fine, &wrong, "--format", format]);
    let json: Value = serde_json::from_str(&diff("json").stdout).expect("JSON");
    assert_eq!(json["traces"][0]["change"], "newly-failing");
    assert_eq!(json["traces"][0]["cells"].as_array().map(Vec::len), Some(3));
    assert!(diff("html").stdout.starts_with("<!DOCTYPE html>"));
    let text = diff("text");
    assert_eq!(text.code, 1);
    assert!(text.stdout.contains("WORSE: 1 trace and "), "{}", text.stdout);
    assert_eq!(zdu(&["report", "diff", &fine, &fine]).code, 0);
    assert_eq!(zdu(&["report", "diff", &fine]).code, 2);
}
