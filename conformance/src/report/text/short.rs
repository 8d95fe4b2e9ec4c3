//! How is a run told in 15 lines? One line a bug, then the numbers, the next command and the verdict (`-q`).

use super::{Page, Paint};
use crate::report::bugs::bugs;
use crate::report::tone;
use crate::verdict::{Report, Verdict};
use crate::words::{Words, counted};

/// How many lines are for what was found; the rest is for the end.
const FOUND_MAX: usize = 8;

/// The report in 15 lines at most.
#[must_use]
pub fn short(report: &Report, colour: bool) -> String {
    let mut page = Page { text: String::new(), paint: Paint(colour) };
    let bugs = bugs(report);
    // The last line of many is for how many more there are.
    let kept = if bugs.len() > FOUND_MAX { FOUND_MAX - 1 } else { bugs.len() };
    for bug in &bugs[..kept] {
        let (trace, found) = bug.first(report);
        let words = Words::new(&report.names_in(trace)).brief(&found.finding);
        let head = format!("{} {:<9}", tone::mark(found.verdict()), bug.rule);
        let head = page.paint.verdict(found.verdict(), &head);
        let traces = counted(bug.traces().len(), "trace");
        page.line(&format!("{head} {words} ({}, {traces})", counted(bug.times, "time")));
    }
    if kept < bugs.len() {
        page.line(&format!("and {} more", bugs.len() - kept));
    }
    let broken = report.count(Verdict::Broken);
    if broken > 0 {
        page.line(&format!(
            "! {}",
            counted(broken, "trace") + " broken by the suite or its driver"
        ));
    }
    for upgrade in report.traces.iter().filter_map(|trace| trace.upgrade.as_ref()) {
        let lines = Words::new(&report.names).upgrade(upgrade);
        // How far it has come, and who served; the nodes one by one are for the whole report.
        for (label, words) in lines.iter().filter(|(label, _)| *label != "node").take(3) {
            page.line(&format!("  {label:<9} {words}"));
        }
    }
    page.end(report);
    page.text.trim_start().to_owned()
}
