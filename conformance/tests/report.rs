//! Do all formats tell the same, of everything, and safely?

mod reports;

use std::collections::BTreeMap;

use zdu_conformance::report::{self, diff, html, json, junit, next, text, words};
use zdu_conformance::told::{Kind, Report, Verdict};
use zdu_model::spec::rule::Rule;

use reports::{HOSTILE, fine, mixed};

#[test]
fn text_of_a_mixed_run() {
    insta::assert_snapshot!(text::render(&mixed(), false));
}

#[test]
fn text_of_a_run_that_conforms() {
    insta::assert_snapshot!(text::render(&fine(), false));
}

#[test]
fn json_of_a_mixed_run() {
    insta::assert_snapshot!(json::render(&mixed()));
}

#[test]
fn junit_of_a_mixed_run() {
    insta::assert_snapshot!(junit::render(&mixed()));
}

/// The counts by hand: what every format must show.
const COUNTS: [(Verdict, usize); 8] = [
    (Verdict::Pass, 1),
    (Verdict::Deviates, 1),
    (Verdict::Waived, 1),
    (Verdict::Timeout, 1),
    (Verdict::Unmodelled, 1),
    (Verdict::Skipped, 3),
    (Verdict::NotApplicable, 1),
    (Verdict::Broken, 1),
];

#[test]
fn all_formats_tell_the_same_numbers() {
    let report = mixed();
    let text = text::render(&report, false);
    let html = html::render(&report);
    let json: serde_json::Value = serde_json::from_str(&json::render(&report)).expect("JSON");
    for (verdict, count) in COUNTS {
        assert!(text.contains(&format!("{count} {verdict}")), "text: {verdict}");
        assert_eq!(json["counts"][verdict.word()], count, "JSON: {verdict}");
        assert!(html.contains(&format!("</span> {count} {verdict}</span>")), "HTML: {verdict}");
        let cards = html.matches(&format!("class=\"card t-{verdict} ")).count();
        assert_eq!(cards, count, "cards in HTML: {verdict}");
    }
    let junit = junit::render(&report);
    let attribute = |name: &str| {
        let (_, rest) = junit.split_once(&format!(" {name}=\"")).expect("the attribute");
        rest.split('"').next().map(str::to_owned)
    };
    // failures: deviates; errors: timeout, unmodelled, broken; skipped: skipped and not-applicable.
    assert_eq!(attribute("tests").as_deref(), Some("10"));
    assert_eq!(attribute("failures").as_deref(), Some("1"));
    assert_eq!(attribute("errors").as_deref(), Some("3"));
    assert_eq!(junit.matches("<skipped").count(), 4);
    assert!(text.contains("; 22 steps") && html.contains(">22 steps<"));
}

#[test]
fn rule_tallies_are_the_same_in_json_and_html() {
    let report = mixed();
    let json: serde_json::Value = serde_json::from_str(&json::render(&report)).expect("JSON");
    let html = html::render(&report);
    for (rule, tally) in &report.rules {
        assert_eq!(json["rules"][rule.id()]["exercised"], tally.exercised);
        let (_, row) = html.split_once(&format!("<td class=\"id\">{rule}</td>")).expect("a row");
        let row = row.split("</tr>").next().unwrap_or_default();
        let numbers: Vec<String> = row
            .split("<td class=\"num")
            .skip(1)
            .filter_map(|cell| cell.split(['>', '<']).nth(1).map(str::to_owned))
            .collect();
        let due = [tally.exercised, tally.deviations, tally.timeouts, tally.waived];
        assert_eq!(numbers, due.map(|count| count.to_string()), "{rule}");
    }
}

#[test]
fn hostile_texts_are_escaped_everywhere() {
    let report = mixed();
    let html = html::render(&report);
    assert!(!html.contains("<script") && !html.contains("<img"));
    assert!(html.contains("&lt;script&gt;"), "it is shown all the same");
    // No attribute and no style may ask for anything outside.
    for asks in ["src=", "http-equiv=\"refresh", "@import", "url("] {
        let outside_text = html.replace("src=http://outside.invalid", "");
        assert!(!outside_text.contains(asks), "{asks}");
    }
    let ours = html.matches("href=\"").count();
    let inner = html.matches("href=\"#").count() + html.matches("href=\"data:,").count();
    assert_eq!(ours, inner, "links stay in the page");
    let bad =
        |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{fffe}' || c == '\u{ffff}';
    for (format, text) in
        [("text", text::render(&report, false)), ("JUnit", junit::render(&report)), ("HTML", html)]
    {
        assert!(!text.contains(bad), "{format} holds a control character");
    }
    assert!(words::clean(HOSTILE).contains("\u{241b}[31mred\u{2400}"));
}

#[test]
fn colours_come_only_when_asked_for() {
    assert!(text::render(&mixed(), true).contains("\u{1b}[1;31m"));
    assert!(!text::render(&mixed(), false).contains('\u{1b}'));
}

#[test]
fn every_way_to_end_badly_names_a_next_command() {
    for code in [1, 3, 4, 5, 6, 130] {
        let mut report = mixed();
        report.exit_code = code;
        let next = next::next(&report).expect("a command");
        assert!(next.command.starts_with("zdu "), "{code}: {}", next.command);
    }
    let mut nothing = mixed();
    nothing.exit_code = 4;
    assert_eq!(
        next::next(&nothing).map(|next| next.command).as_deref(),
        Some("zdu doctor --target cluster.toml")
    );
    nothing.traces.clear();
    assert_eq!(
        next::next(&nothing).map(|next| next.command).as_deref(),
        Some("zdu doctor --url http://wiki.example.org/confluence")
    );
    assert_eq!(next::next(&fine()), None);
}

#[test]
fn times_are_told_as_people_say_them() {
    for (seconds, words) in [
        (0.0, "0 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (3599.6, "1 h 00 min"),
        (f64::NAN, "an unknown time"),
    ] {
        assert_eq!(words::seconds(seconds), words);
    }
}

fn past(report: &Report) -> json::Past {
    json::read(&json::render(report), "a.json").expect("what was written can be read")
}

/// What became of each trace and rule that the diff names.
fn changes(items: &[diff::Item]) -> BTreeMap<&str, &str> {
    items.iter().map(|item| (item.name.as_str(), item.change.word())).collect()
}

#[test]
fn a_run_is_no_worse_than_itself() {
    let run = past(&mixed());
    let same = diff::diff(&run, &run);
    assert!(!same.is_worse() && same.unlike.is_empty());
    assert_eq!(same.exit().code(), 0);
    assert_eq!(changes(&same.traces)["error-after-cancel"], "still failing");
}

#[test]
fn new_deviations_are_worse_and_lost_traces_are_not_fixed() {
    let before = mixed();
    let mut after = mixed();
    // happy-path breaks MODE-5, error-after-cancel is fixed, the late one does not run any more.
    let mut found = after.traces[1].deviations[0].clone();
    found.rule = Rule::Mode5;
    found.kind = Kind::WrongAnswer;
    after.traces[0].verdict = Verdict::Deviates;
    after.traces[0].rule = Some(Rule::Mode5);
    after.traces[0].deviations.push(found);
    after.traces[1].verdict = Verdict::Pass;
    after.traces[1].rule = None;
    after.traces[1].deviations.clear();
    after.traces.remove(3);
    after.rules.entry(Rule::Mode5).or_default().deviations = 1;
    after.rules.entry(Rule::Status5).or_default().deviations = 0;
    after.rules.insert(Rule::Node4, zdu_conformance::told::RuleTally::default());
    after.nodes = 4;
    let diff = diff::diff(&past(&before), &past(&after));
    let traces = changes(&diff.traces);
    assert_eq!(traces["happy-path"], "newly failing");
    assert_eq!(traces["error-after-cancel"], "fixed");
    assert_eq!(traces["node-dies-before-any-upgrade"], "no longer run");
    assert_eq!(traces["grand-tour"], "still failing");
    let rules = changes(&diff.rules);
    assert_eq!(rules["MODE-5"], "newly failing");
    assert_eq!(rules["STATUS-5"], "fixed");
    assert_eq!(rules["NODE-4"], "no longer run");
    assert_eq!(diff.exit().code(), 1);
    insta::assert_snapshot!(diff.to_string());
    // The other way round the fix of MODE-5 is one, and STATUS-5 is new.
    let back = diff::diff(&past(&after), &past(&before));
    assert_eq!(changes(&back.rules)["MODE-5"], "fixed");
    assert_eq!(changes(&back.rules)["STATUS-5"], "newly failing");
}

#[test]
fn what_is_read_back_says_why_it_cannot_be() {
    let why = |text: &str| json::read(text, "old.json").expect_err("refused").to_string();
    assert!(why("not JSON").starts_with("old.json is no JSON report"));
    assert!(why("{}").contains("no field `schema`"));
    assert!(why(r#"{"schema": "zdu-report/2"}"#).contains("`zdu-report/2`"));
    assert!(why(r#"{"schema": "zdu-trace/1"}"#).contains("give the report.json of a run"));
    assert!(why(r#"{"schema": "zdu-report/1"}"#).contains("missing field `verdict`"));
    // A later version may say more.
    let more = json::render(&mixed()).replacen('{', "{\"weather\": \"fine\",", 1);
    assert!(json::read(&more, "new.json").is_ok());
}

#[test]
fn all_files_are_written_as_a_whole() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports/of-a-test");
    let paths = report::write_all(&mixed(), &folder).expect("written");
    let again = report::write_all(&mixed(), &folder).expect("replaced");
    assert_eq!(paths, again);
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    assert_eq!(names, ["junit.xml", "report.html", "report.json", "report.txt"]);
    // A file stands where the folder should be.
    let error = report::write_all(&mixed(), &paths[0]).expect_err("no folder");
    assert!(error.to_string().contains("--report-dir"), "{error}");
}
