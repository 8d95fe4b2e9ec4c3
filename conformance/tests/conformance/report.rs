//! Do all formats tell the same, of everything, and safely?

use std::collections::BTreeMap;

use zdu_conformance::report::{
    self, bugs, curl, diff, github, html, json, junit, next, past, text,
};
use zdu_conformance::verdict::{Command, End, Kind, Report, RuleTally, Stop, Verdict};
use zdu_conformance::words;
use zdu_model::judge::text::Text;
use zdu_model::spec::rule::Rule;

use crate::reports::{HOSTILE, fine, mixed};

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
const COUNTS: [(Verdict, usize); 9] = [
    (Verdict::Pass, 1),
    (Verdict::Deviates, 1),
    (Verdict::Waived, 1),
    (Verdict::Timeout, 1),
    (Verdict::Unmodelled, 1),
    (Verdict::Skipped, 3),
    (Verdict::NotApplicable, 1),
    (Verdict::Broken, 1),
    (Verdict::Unfinished, 1),
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
    // failures: deviates; errors: timeout, unmodelled, broken, unfinished; skipped: skipped and not-applicable.
    assert_eq!(attribute("tests").as_deref(), Some("11"));
    assert_eq!(attribute("failures").as_deref(), Some("1"));
    assert_eq!(attribute("errors").as_deref(), Some("4"));
    assert_eq!(junit.matches("<skipped").count(), 4);
    assert!(text.contains("; 22 steps") && html.contains(">22 steps<"));
    // 13 rules were at stake, of the 47 of this profile; a verdict came of 5 traces of 11.
    let last = "DEVIATES: 13 of 47 rules tried, 5 of 11 traces run, 3 steps not reached";
    assert_eq!(text.lines().last(), Some(last));
    assert_eq!(json["summary"], last);
    assert!(junit.contains(last) && github::summary(&report).contains(last));
    assert!(html.contains("13 rules of 47 tried, 5 of 11 traces run, 3 steps not reached"));
}

#[test]
fn rule_tallies_are_the_same_in_json_and_html() {
    let report = mixed();
    let json: serde_json::Value = serde_json::from_str(&json::render(&report)).expect("JSON");
    let html = html::render(&report);
    for (rule, tally) in &report.rules {
        let row = &json["rules"][rule.id()];
        assert_eq!(row["tried"], tally.tried);
        assert_eq!(row["basis"], rule.basis().name());
        let clean = tally.deviations + tally.timeouts + tally.waived == 0;
        assert_eq!(row["held"], tally.tried > 0 && clean, "{rule}");
        let (_, row) = html.split_once(&format!("<td class=\"id\">{rule}</td>")).expect("a row");
        let row = row.split("</tr>").next().unwrap_or_default();
        let numbers: Vec<String> = row
            .split("<td class=\"num")
            .skip(1)
            .filter_map(|cell| cell.split(['>', '<']).nth(1).map(str::to_owned))
            .collect();
        let (tried, traces) = (tally.tried.to_string(), tally.traces.to_string());
        let found = [tally.deviations, tally.timeouts, tally.waived].map(|it| it.to_string());
        assert_eq!(numbers, [&[tried, traces][..], &found].concat(), "{rule}");
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
    assert!(Text::from(HOSTILE).to_string().contains("\u{241b}[31mred\u{2400}"));
    // A table of Markdown takes no markup.
    let summary = github::summary(&report);
    assert!(!summary.contains("<script") && !summary.contains(bad));
    assert!(!github::annotations(&report).contains(bad));
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
        assert_eq!(next.command.words()[0], "zdu", "{code}: {}", next.command);
    }
    let mut nothing = mixed();
    nothing.exit_code = 4;
    assert_eq!(
        next::next(&nothing).map(|next| next.command.to_string()).as_deref(),
        Some("zdu doctor --target 'my cluster.toml'")
    );
    nothing.traces.clear();
    assert_eq!(
        next::next(&nothing).map(|next| next.command.to_string()).as_deref(),
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

fn past(report: &Report, label: &str) -> past::Past {
    let labelled = Report { label: Some(label.into()), ..report.clone() };
    past::read(&json::render(&labelled), "a.json").expect("what was written can be read")
}

fn compared(runs: &[&Report]) -> diff::Diff {
    let labels = ["rc1", "rc2", "rc3"];
    let runs: Vec<_> = runs.iter().zip(labels).map(|(run, label)| past(run, label)).collect();
    diff::diff(&runs)
}

/// What became of each trace or rule that changed.
fn changes(rows: &[diff::Row]) -> BTreeMap<&str, &str> {
    rows.iter().filter_map(|row| Some((row.name.raw(), row.change?.word()))).collect()
}

#[test]
fn a_run_is_no_worse_than_itself() {
    let run = mixed();
    let same = compared(&[&run, &run]);
    assert!(!same.worse && same.unlike.is_empty());
    assert_eq!(same.exit().code(), 0);
    assert_eq!(changes(&same.traces)["error-after-cancel"], "still failing");
}

/// A later run: happy-path breaks MODE-5, error-after-cancel is fixed, the late one does not run any more, and what is
/// wrong in the grand tour is waived.
fn later() -> Report {
    let mut after = mixed();
    let mut found = after.traces[1].findings[0].clone();
    found.finding.rule = Rule::Mode5;
    found.finding.kind = Kind::WrongAnswer;
    after.traces[0].verdict = Verdict::Deviates;
    after.traces[0].findings.push(found);
    after.traces[1].verdict = Verdict::Pass;
    after.traces[1].findings.clear();
    after.traces[4].verdict = Verdict::Waived;
    after.traces[4].findings[0].waived = Some("agreed".into());
    after.traces.remove(3);
    after.rules.entry(Rule::Mode5).or_default().deviations = 1;
    after.rules.entry(Rule::Status5).or_default().deviations = 0;
    after.rules.insert(Rule::Node4, RuleTally::default());
    after.rules.insert(Rule::Node3, RuleTally::default());
    let api = after.rules.entry(Rule::Api1).or_default();
    (api.timeouts, api.waived) = (0, 1);
    after.names.nodes.push("n4".into());
    after
}

#[test]
fn new_deviations_are_worse_and_lost_traces_are_not_fixed() {
    let (before, after) = (mixed(), later());
    let diff = compared(&[&before, &after]);
    let traces = changes(&diff.traces);
    assert_eq!(traces["happy-path"], "newly failing");
    assert_eq!(traces["error-after-cancel"], "fixed");
    assert_eq!(traces["node-dies-before-any-upgrade"], "no longer run");
    assert_eq!(traces["grand-tour"], "now waived");
    let rules = changes(&diff.rules);
    assert_eq!(rules["MODE-5"], "newly failing");
    assert_eq!(rules["STATUS-5"], "fixed");
    assert_eq!(rules["NODE-4"], "no longer run");
    // It held, and nothing is known of it any more: that is worse.
    assert_eq!(rules["NODE-3"], "no longer run");
    assert_eq!(rules["API-1"], "now waived");
    assert_eq!(diff.exit().code(), 1);
    insta::assert_snapshot!(diff::text(&diff));
    // The other way round the fix of MODE-5 is one, and STATUS-5 is new.
    let back = compared(&[&after, &before]);
    assert_eq!(changes(&back.rules)["MODE-5"], "fixed");
    assert_eq!(changes(&back.rules)["STATUS-5"], "newly failing");
}

// What was right in any run before and is wrong in the last is worse, whatever came between.
#[test]
fn of_several_runs_the_last_is_held_against_the_best_before_it() {
    let (wrong, right) = (later(), mixed());
    let regressed = compared(&[&wrong, &right, &wrong]);
    assert_eq!(changes(&regressed.traces)["happy-path"], "newly failing");
    assert_eq!(regressed.exit().code(), 1);
    let stayed = compared(&[&right, &wrong, &wrong]);
    assert_eq!(changes(&stayed.traces)["happy-path"], "newly failing");
    let mended = compared(&[&right, &wrong, &right]);
    assert_eq!(changes(&mended.traces)["happy-path"], "fixed");
    // A column a run, by its label, in every format.
    let json: serde_json::Value = serde_json::from_str(&mended.json()).expect("JSON");
    let html = diff::html(&mended);
    for (index, label) in ["rc1", "rc2", "rc3"].iter().enumerate() {
        assert_eq!(json["runs"][index]["name"], *label);
        assert!(html.contains(&format!("<th scope=\"col\">{label}</th>")), "{label}");
        assert!(diff::text(&mended).contains(&format!("  {label}: ")), "{label}");
    }
    assert!(!html.contains("<script"));
}

// MODE-2 is waived in two traces, and is one card with both; every other finding is a card of its own.
#[test]
fn one_bug_is_one_card_however_many_traces_find_it() {
    let report = mixed();
    let bugs = bugs::bugs(&report);
    let found: Vec<(Rule, usize, usize)> =
        bugs.iter().map(|bug| (bug.rule, bug.times, bug.traces().len())).collect();
    let due = [(Rule::Status5, 3, 1), (Rule::Node4, 1, 1), (Rule::Api1, 5, 1), (Rule::Mode2, 2, 2)];
    assert_eq!(found, due);
    assert_eq!(html::render(&report).matches("<article class=\"finding").count(), 4);
    let annotations = github::annotations(&report);
    let levels: Vec<&str> = annotations.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(levels[..4], ["::error", "::warning", "::warning", "::notice"]);
    // The run that ended first, the broken trace, the thresholds, the waivers.
    assert!(levels[4..].iter().all(|level| *level == "::warning") && levels.len() > 6);
}

/// A run in which nearly every rule is broken once, and NODE-9 eight times.
fn many() -> Report {
    let mut report = mixed();
    let first = report.traces[1].findings[0].clone();
    let found = |rule: &Rule| {
        let mut found = first.clone();
        found.finding.rule = *rule;
        found.finding.again = if *rule == Rule::Node9 { 7 } else { 0 };
        found
    };
    report.traces[1].findings = Rule::ALL.iter().take(30).map(found).collect();
    report
}

// Who shows few of many shows what comes up most, in as many lines as there is room for, and says how many are left out.
#[test]
fn the_most_frequent_bug_comes_first_wherever_there_is_little_room() {
    let report = many();
    assert_eq!(bugs::bugs(&report)[0].rule, Rule::Node9);
    let annotations = github::annotations(&report);
    let lines: Vec<&str> = annotations.lines().collect();
    assert_eq!(lines.len(), 10, "GitHub shows ten of a step: {annotations}");
    assert!(lines[0].starts_with("::error title=NODE-9 deviates::"), "{annotations}");
    for line in lines {
        let (property, _) = line.trim_start_matches("::").split_once("::").expect("a command");
        let (_, title) = property.split_once(" title=").expect("a title");
        assert!(!title.contains([':', ',', '\n']), "{line}");
    }
    let short = text::short(&report, false);
    assert!(short.lines().count() <= 15, "{short}");
    assert!(short.lines().next().is_some_and(|line| line.contains("NODE-9")), "{short}");
}

// What GitHub reads as the end of a property or of a command is escaped, the escape's own sign first.
#[test]
fn what_a_target_says_ends_no_workflow_command() {
    let mut report = mixed();
    report.traces[1].replay = Command::zdu(["replay", "100%\n::error title=x,y::planted"]);
    let annotations = github::annotations(&report);
    assert!(annotations.lines().all(|line| line.starts_with("::") && !line.contains("100%\n")));
    assert!(!annotations.lines().any(|line| line.starts_with("::error title=x")));
    assert!(annotations.contains("100%25"), "{annotations}");
}

// An entry that counts for none of the nodes is named beside what was understood, where it was listed then.
#[test]
fn what_a_node_left_behind_is_named_on_the_card() {
    let mut report = mixed();
    let cards = |report: &Report| [text::details(report, &report.traces[1]), html::render(report)];
    assert!(cards(&report).iter().all(|card| !card.contains("old-id-7")));
    for step in &mut report.traces[1].timeline {
        step.sightings.iter_mut().for_each(|seen| seen.ghosts = vec!["old-id-7".into()]);
    }
    for card in cards(&report) {
        assert!(card.contains("old-id-7"), "{card}");
    }
}

// A run that ended where it was asked to says so everywhere, with what and where.
#[test]
fn a_run_that_ended_where_it_was_asked_to_says_where() {
    let mut report = mixed();
    let met = Stop::Met { what: "any=ERROR".into(), trace: "grand-tour".into(), step: 7 };
    for trace in &mut report.traces {
        if matches!(trace.end, End::Unfinished(_)) {
            trace.end = End::Unfinished(met.clone());
        }
    }
    assert_eq!(report.stopped(), Some(&met));
    for told in [
        text::render(&report, false),
        text::short(&report, false),
        github::summary(&report),
        github::annotations(&report),
    ] {
        assert!(told.contains("any=ERROR") && told.contains("grand"), "{told}");
    }
}

#[test]
fn a_short_report_has_15_lines_at_most_and_ends_with_the_verdict() {
    let report = mixed();
    let full = text::render(&report, false);
    for short in [text::short(&report, false), text::short(&fine(), false)] {
        assert!(short.lines().count() <= 15, "{short}");
    }
    assert_eq!(text::short(&report, false).lines().last(), full.lines().last());
}

// Typed as it stands the line names the variables, and never what they hold.
#[test]
fn an_exchange_is_sent_again_by_a_line_of_curl() {
    let report = mixed();
    let exchange = report.traces[1].findings[1].exchange.as_ref().expect("an exchange");
    assert_eq!(
        curl::line(exchange, &report.environment).strip_prefix("curl "),
        Some(
            "-u \"$ZDU_USERNAME:$ZDU_PASSWORD\" -i -k --cacert 'my ca.pem' -H 'Accept: application/json' -X POST \
         -H 'Content-Type: application/json' -H 'X-Atlassian-Token: no-check' -d '{}' \
         http://wiki.example.org/confluence/rest/zdu/start"
        )
    );
}

#[test]
fn what_is_read_back_says_why_it_cannot_be() {
    let why = |text: &str| past::read(text, "old.json").expect_err("refused").to_string();
    assert!(why("not JSON").starts_with("old.json is no JSON report"));
    assert!(why("{}").contains("no field `schema`"));
    assert!(why(r#"{"schema": "zdu-report/1"}"#).contains("the version of zdu that wrote it"));
    assert!(why(r#"{"schema": "zdu-trace/1"}"#).contains("give the report.json of a run"));
    assert!(why(r#"{"schema": "zdu-report/2"}"#).contains("missing field `verdict`"));
    // A later version may say more.
    let more = json::render(&mixed()).replacen('{', "{\"weather\": \"fine\",", 1);
    assert!(past::read(&more, "new.json").is_ok());
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
