//! How is a run told in 15 lines? One line a bug, then the numbers, the next command and the verdict (`-q`).

use super::{Page, Paint};
use crate::report::bugs::bugs;
use crate::report::tone;
use crate::verdict::{Report, Verdict};
use crate::words::Words;

/// How many lines are for what was found; the rest is for the end.
const FOUND_MAX: usize = 9;

/// The report in 15 lines at most.
#[must_use]
pub fn short(report: &Report, colour: bool) -> String {
    let mut page = Page { text: String::new(), paint: Paint(colour) };
    let bugs = bugs(report);
    let others = others(report);
    // The last line of many is for how many more there are.
    let room = FOUND_MAX.saturating_sub(others.len()).max(2);
    let kept = if bugs.len() > room { room - 1 } else { bugs.len() };
    for bug in &bugs[..kept] {
        let (trace, found) = bug.first(report);
        let words = Words::new(&report.names_in(trace)).brief(&found.finding);
        let head = format!("{} {:<9}", tone::mark(found.verdict()), bug.rule);
        let head = page.paint.verdict(found.verdict(), &head);
        page.line(&format!("{head} {words} ({})", tone::often(report, bug)));
    }
    if kept < bugs.len() {
        page.line(&format!("and {} more", bugs.len() - kept));
    }
    for line in others {
        page.line(&line);
    }
    let lines = page.text.lines().count();
    for cause in causes(report).iter().take(FOUND_MAX.saturating_sub(lines)) {
        page.line(&format!("  {cause}"));
    }
    page.end(report);
    page.text.trim_start().to_owned()
}

/// Why traces were broken, each cause once.
fn causes(report: &Report) -> Vec<String> {
    let broken = report.traces.iter().filter(|trace| trace.verdict == Verdict::Broken);
    let mut causes: Vec<String> = Vec::new();
    for cause in broken.filter_map(|trace| tone::reason(report, trace)) {
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    causes
}

/// What is to be known beside what was found.
fn others(report: &Report) -> Vec<String> {
    let mut others: Vec<String> =
        tone::shortfalls(report).iter().map(|line| format!("! {line}")).collect();
    for upgrade in report.traces.iter().filter_map(|trace| trace.upgrade.as_ref()) {
        let lines = Words::new(&report.names).upgrade(upgrade);
        // How far it has come, and who served; the nodes one by one are for the whole report.
        let lines = lines.iter().filter(|(label, _)| !["node", "procedure"].contains(label));
        others.extend(lines.map(|(label, words)| format!("  {label:<9} {words}")));
    }
    others
}
