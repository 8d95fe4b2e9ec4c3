//! What should be typed next? Every run that is not fine ends with one exact command.

use crate::verdict::{Command, End, Misfit, Report, Stop, TraceResult, Verdict};

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// What it is good for.
    pub why: String,
    /// The command.
    pub command: Command,
}

/// What to do next after a run; nothing when it is fine.
#[must_use]
pub fn next(report: &Report) -> Option<Next> {
    let open = [Verdict::Timeout, Verdict::Unmodelled, Verdict::Broken];
    match report.exit_code {
        0 => None,
        3 | 130 if cut_off(report) && report.resuming.is_some() => {
            let why = "go on from there".to_owned();
            report.resuming.clone().map(|command| Next { why, command })
        }
        1 => first(report, &[Verdict::Deviates])
            .map(|trace| again(trace, "see the first deviation again")),
        3 if report.met() => Some(Next {
            why: "see what may be done with the cluster where it is".to_owned(),
            command: Command::zdu(["advise"]).with(aim(report)),
        }),
        3 => first(report, &open)
            .map(|trace| again(trace, "see the first trace again that could not be finished")),
        5 => stale(report),
        4 => consent(report),
        6 => None,
        _ => first(report, &[Verdict::Unfinished]).map(|trace| again(trace, "go on from there")),
    }
    .or_else(|| (report.exit_code != 0).then(|| doctor(report)))
}

/// Whether somebody ended the run before all of its traces did, or it was killed.
fn cut_off(report: &Report) -> bool {
    report.interrupted || matches!(report.stopped(), Some(Stop::Killed))
}

fn first<'a>(report: &'a Report, verdicts: &[Verdict]) -> Option<&'a TraceResult> {
    report.traces.iter().find(|trace| verdicts.contains(&trace.verdict))
}

fn again(trace: &TraceResult, why: &str) -> Next {
    Next { why: why.to_owned(), command: trace.replay.clone() }
}

/// A waiver that does no work is deleted; the shortest run that shows it was right to is one trace of its rule.
fn stale(report: &Report) -> Option<Next> {
    let waiver = report.waivers.iter().find(|waiver| waiver.is_stale())?;
    let trace = report
        .traces
        .iter()
        .filter(|trace| trace.verdict.ran() && trace.at_stake.contains_key(&waiver.rule))
        .min_by_key(|trace| trace.steps);
    let command = trace
        .map_or_else(|| Command::zdu(["explain", waiver.rule.id()]), |trace| trace.replay.clone());
    Some(Next {
        why: format!(
            "delete the [[waiver]] of {} from the target file, then see that it is not missed",
            waiver.rule
        ),
        command,
    })
}

/// How the run's own commands name the target.
fn aim(report: &Report) -> Vec<String> {
    report
        .traces
        .iter()
        .flat_map(|trace| trace.replay.words().windows(2))
        .find(|words| words[0] == "--target")
        .map_or_else(
            || vec!["--url".to_owned(), report.target.raw().to_owned()],
            <[String]>::to_vec,
        )
}

/// Where nothing was run for want of consent, that is what is lacking: a doctor could say no more.
fn consent(report: &Report) -> Option<Next> {
    let lacks = |trace: &TraceResult| matches!(trace.end, End::NotApplicable(Misfit::NoConsent(_)));
    let consented = Command::zdu(["replay", "--take-over"]);
    let command = match report.environment.command.words() {
        [_, replay, rest @ ..] if replay == "replay" => consented.with(rest.iter().cloned()),
        _ => consented.with(aim(report)),
    };
    report.traces.iter().any(lacks).then(|| Next {
        why: "let a run bring the cluster to where traces start, if nobody else uses it".to_owned(),
        command,
    })
}

fn doctor(report: &Report) -> Next {
    Next {
        why: "see what the target lacks, without touching it".to_owned(),
        command: Command::zdu(["doctor"]).with(aim(report)),
    }
}
