//! Where can one look at what was found, step by step? The command that opens the explorer where a trace parted from the model.

use std::path::Path;

use zdu_model::traces::scenario::Scenario;

use crate::verdict::{Command, Found, LeftAs, Report, Stage, TraceResult};

/// Whether the command opens the run as it was made, and not the trace as the model knows it.
#[must_use]
pub fn opens_the_run(report: &Report) -> bool {
    kept(report).is_some()
}

/// The command that opens the explorer at the step where this was found: with the run as it was made, where a file keeps it;
/// else with the trace as the model knows it. `None` where neither is to be had.
#[must_use]
pub fn explore(report: &Report, trace: &TraceResult, found: &Found) -> Option<Command> {
    let name = trace.name.raw();
    let watched = trace.timeline.iter().any(|step| step.stage == Stage::Watch);
    let step = found.finding.step.to_string();
    if let Some(file) = kept(report) {
        let command = Command::zdu(["explore", "--load", &file]);
        // A watch is one trace, of one step.
        let part = ["--trace", name, "--step", &step];
        return Some(if watched { command } else { command.with(part) });
    }
    let scenario = Scenario::named(name)?;
    let listed = |step: &crate::verdict::StepRecord| step.sightings.first()?.seen.clone();
    let nodes = trace.timeline.iter().find_map(listed)?.nodes.len();
    // On mocks each trace has its own profile; else the target's goes before.
    let own = report.cluster_left_as == Some(LeftAs::Gone);
    let profile = if own { scenario.profile } else { report.profile };
    let load = ["explore", "--load", name, "--nodes", &nodes.to_string()];
    let versions = ["--versions", &scenario.versions.to_string(), "--profile", profile.name()];
    Some(Command::zdu(load).with(versions).with(["--step", &step]))
}

/// The file that keeps the run: its report, or its recording.
fn kept(report: &Report) -> Option<String> {
    let words = report.environment.command.words();
    let value = |flag: &str| {
        let given = words.iter().position(|word| word == flag).and_then(|at| words.get(at + 1));
        let joined = |word: &String| word.strip_prefix(&format!("{flag}=")).map(str::to_owned);
        given.cloned().or_else(|| words.iter().find_map(joined))
    };
    let folder = value("--report-dir");
    folder
        .map(|folder| Path::new(&folder).join("report.json").display().to_string())
        .or_else(|| value("--record"))
        .or_else(|| (words.get(1)? == "validate").then(|| words.get(2).cloned())?)
}
