//! What should be typed next? Every run that is not fine ends with one exact command.

use super::words::{clean_line, is_stale};
use crate::shell::quoted;
use crate::verdict::{Report, TraceResult, Verdict};

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// What it is good for.
    pub why: String,
    /// The command.
    pub command: String,
}

/// What to do next after a run; nothing when it is fine.
#[must_use]
pub fn next(report: &Report) -> Option<Next> {
    match report.exit_code {
        0 => None,
        1 => first(report, &[Verdict::Deviates])
            .map(|trace| again(trace, "see the first deviation again")),
        3 => first(report, &[Verdict::Timeout, Verdict::Unmodelled, Verdict::Broken])
            .map(|trace| again(trace, "see the first trace again that could not be finished")),
        5 => stale(report),
        4 | 6 => None,
        _ => first(report, &[Verdict::Skipped]).map(|trace| again(trace, "go on from there")),
    }
    .or_else(|| (report.exit_code != 0).then(|| doctor(report)))
}

fn first<'a>(report: &'a Report, verdicts: &[Verdict]) -> Option<&'a TraceResult> {
    report.traces.iter().find(|trace| verdicts.contains(&trace.verdict))
}

fn again(trace: &TraceResult, why: &str) -> Next {
    Next { why: why.to_owned(), command: clean_line(&trace.replay) }
}

/// A waiver that does no work is deleted; the shortest run that shows it was right to is one trace of its rule.
fn stale(report: &Report) -> Option<Next> {
    let waiver = report.waivers.iter().find(|waiver| is_stale(waiver))?;
    let trace = report
        .traces
        .iter()
        .filter(|trace| trace.verdict.ran() && trace.rules.contains(&waiver.rule))
        .min_by_key(|trace| trace.steps);
    let command = trace
        .map_or_else(|| format!("zdu explain {}", waiver.rule), |trace| clean_line(&trace.replay));
    Some(Next {
        why: format!(
            "delete the [[waiver]] of {} from the target file, then see that it is not missed",
            waiver.rule
        ),
        command,
    })
}

fn doctor(report: &Report) -> Next {
    let file = report.traces.iter().find_map(|trace| target_file(&trace.replay));
    let target = match file {
        Some(file) => format!("--target {}", quoted(&clean_line(&file))),
        None => format!("--url {}", quoted(&clean_line(&report.target))),
    };
    Next {
        why: "see what the target lacks, without touching it".to_owned(),
        command: format!("zdu doctor {target}"),
    }
}

/// The target file that a command names.
fn target_file(command: &str) -> Option<String> {
    shlex::split(command)?.into_iter().skip_while(|word| word != "--target").nth(1)
}
