//! How is a comparison told in the terminal? What changed or still fails; what is as good as it was is only counted.

use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement, Table, presets};

use super::super::tone::{mark, shortened};
use super::{Diff, Row};
use crate::words::counted;

/// The comparison as text.
#[must_use]
pub fn render(diff: &Diff) -> String {
    let mut text = String::new();
    for (run, letter) in diff.runs.iter().zip('A'..) {
        let _ = writeln!(
            text,
            "{letter}  {}: {} (exit code {}), {} of {} traces run, {} of {} rules tried, begun {}",
            run.name,
            run.verdict,
            run.exit_code,
            run.ran.0,
            run.ran.1,
            run.tried.0,
            run.tried.1,
            run.started
        );
    }
    if !diff.unlike.is_empty() {
        text.push_str("\nThe runs are not alike; what differs may come from it:\n");
        for unlike in &diff.unlike {
            let values: Vec<String> = unlike.values.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "  {}: {}", unlike.what, values.join(" → "));
        }
    }
    for (heading, rows) in [("Traces", &diff.traces), ("Rules", &diff.rules)] {
        matrix(&mut text, diff, heading, rows);
    }
    let (traces, rules) = diff.counts();
    if let Some(replay) =
        diff.traces.iter().filter(|row| row.is_worse()).find_map(|row| row.replay.as_ref())
    {
        let _ = writeln!(text, "\nnext, to see the first of them again:\n  {replay}");
    }
    let code = diff.exit_code;
    let _ = if diff.worse {
        let (traces, rules) = (counted(traces, "trace"), counted(rules, "rule"));
        writeln!(text, "\nWORSE: {traces} and {rules} (exit code {code})")
    } else {
        writeln!(text, "\nNOTHING WORSE (exit code {code})")
    };
    text
}

fn matrix(text: &mut String, diff: &Diff, heading: &str, rows: &[Row]) {
    let (changed, same): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.change.is_some());
    let _ = writeln!(text, "\n{heading} ({} as good as before)", same.len());
    if changed.is_empty() {
        return;
    }
    let mut table = Table::new();
    let letters = diff.runs.iter().zip('A'..).map(|(_, letter)| letter.to_string());
    let head = [String::new(), String::new()].into_iter().chain(letters);
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .force_no_tty()
        .set_header(head.collect::<Vec<_>>());
    for row in changed {
        let change = row.change.map_or("", super::Change::word);
        let mut cells = vec![Cell::new(change), Cell::new(shortened(&row.name))];
        cells.extend(row.cells.iter().map(|cell| {
            Cell::new(cell.as_ref().map_or_else(
                || "not there".to_owned(),
                |cell| format!("{} {}", mark(cell.verdict), shortened(&cell.words.as_str().into())),
            ))
        }));
        table.add_row(cells);
    }
    for line in table.lines() {
        let _ = writeln!(text, "  {}", line.trim_end());
    }
}
