//! How is a run told to CI servers? As JUnit XML: one test suite, a test case a trace.
//!
//! | verdict | element | why |
//! | --- | --- | --- |
//! | `pass` | none | |
//! | `waived` | none, with a `system-out` that says so | it ran, and the process exits with 0; as `skipped` it would vanish among what never ran |
//! | `deviates` | `failure` | the target is wrong |
//! | `timeout`, `unmodelled`, `broken`, `unfinished` | `error` | nothing is proven against the target, yet it is not green |
//! | `skipped`, `not-applicable` | `skipped` with the reason | |
//!
//! Jenkins, GitLab, Bitbucket and the reporters for GitHub Actions all count `failure` and `error` as not green; no
//! other pair of elements does that in all of them. Properties stand on the suite alone: importers that validate know
//! none on a test case. A run in which nothing ran at all still has its cases, each skipped.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::text;
use super::tone::{self, scene};
use crate::verdict::{Report, TraceResult, Verdict};
use crate::words::Words;

/// The report as JUnit XML.
///
/// # Panics
/// Never: what XML cannot hold is taken out first, and writing to memory does not fail.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut root = quick_junit::Report::new("zdu");
    let mut suite = TestSuite::new(format!("zdu.{}", report.profile));
    let began = report.started.parse().ok();
    root.timestamp = began;
    suite.timestamp = began;
    root.set_time(time(report.seconds));
    suite.set_time(time(report.seconds));
    for (name, value) in [
        ("target", report.target.to_string()),
        ("label", report.label.as_ref().map_or_else(String::new, ToString::to_string)),
        ("scene", scene(report)),
        ("zdu", report.tool.clone()),
        ("verdict", report.verdict.clone()),
        ("summary", tone::last_line(report)),
        ("exit_code", report.exit_code.to_string()),
    ] {
        suite.add_property(Property::new(name, value));
    }
    for trace in &report.traces {
        suite.add_test_case(case(report, trace));
    }
    root.add_test_suite(suite);
    root.to_string().expect("the texts are clean, and memory takes every write")
}

fn case(report: &Report, trace: &TraceResult) -> TestCase {
    let mut case = TestCase::new(trace.name.to_string(), status(report, trace));
    case.set_classname(format!("zdu.{}", report.profile));
    case.set_time(time(trace.seconds));
    case.set_system_out(told(report, trace));
    case
}

fn status(report: &Report, trace: &TraceResult) -> TestCaseStatus {
    let mut status = match trace.verdict {
        Verdict::Pass | Verdict::Waived => return TestCaseStatus::success(),
        Verdict::Deviates => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Timeout | Verdict::Unmodelled | Verdict::Broken | Verdict::Unfinished => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
        Verdict::Skipped | Verdict::NotApplicable => TestCaseStatus::skipped(),
    };
    status.set_message(message(report, trace));
    let kind = trace.first().map_or(trace.verdict.word(), |found| found.finding.rule.id());
    status.set_type(kind);
    let details = text::details(report, trace);
    if !details.is_empty() {
        status.set_description(details);
    }
    status
}

/// One line: what importers show in their lists.
fn message(report: &Report, trace: &TraceResult) -> String {
    let names = report.names_in(trace);
    let words = Words::new(&names);
    let first = trace.first().filter(|found| found.waived.is_none());
    match (first, words.end(trace)) {
        (Some(found), _) => {
            let finding = &found.finding;
            let mut line =
                format!("{} {}: seen {}", finding.rule, trace.verdict, words.sight(&finding.seen));
            let allowed = words.allowed(finding);
            if !allowed.is_empty() {
                line.push_str("; allowed ");
                line.push_str(&allowed.join("; or "));
            }
            line
        }
        (None, Some(reason)) => reason,
        (None, None) => trace.verdict.word().to_owned(),
    }
}

fn told(report: &Report, trace: &TraceResult) -> String {
    let mut lines = vec![
        format!("verdict: {}", trace.verdict),
        trace.why.to_string(),
        format!("replay: {}", trace.replay),
    ];
    lines.extend(crate::words::earlier(trace));
    lines.extend(tone::reason(report, trace).map(|reason| format!("reason: {reason}")));
    // The details of what fails stand in its own element; what is waived has no other place.
    if trace.verdict == Verdict::Waived {
        lines.push(text::details(report, trace));
    }
    lines.join("\n")
}

fn time(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
