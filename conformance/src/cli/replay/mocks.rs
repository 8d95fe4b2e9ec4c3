//! Traces on embedded mocks, each on one of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use zdu_model::spec::profile::Profile;
use zdu_model::traces::trace::Trace;

use super::args::replaying;
use crate::cli::progress;
use crate::replay::Embedded;
use crate::run::{Gate, Run};
use crate::verdict::{LeftAs, Report};

/// Replays traces on embedded mocks and draws up the report.
pub(in crate::cli) async fn on_mocks(
    embedded: &Embedded,
    gate: Gate,
    (files, traces): (&[PathBuf], &[Trace]),
    stop: &Arc<AtomicBool>,
) -> Report {
    let profile = if traces.iter().any(|trace| trace.profile == Profile::Finalization) {
        Profile::Finalization
    } else {
        Profile::Documented
    };
    let nodes = embedded
        .nodes
        .unwrap_or_else(|| traces.iter().map(|trace| usize::from(trace.nodes)).max().unwrap_or(0));
    let run = Run {
        layout: Some(Embedded::LAYOUT),
        names: Embedded::names(nodes),
        seed: Some(embedded.seed),
        left_as: Some(LeftAs::Gone),
        gate,
        ..Run::begin("embedded mock", profile)
    };
    let bar = progress(traces.len() as u64, "replaying");
    let again = |trace: &Trace| {
        let (seed, delay) = (embedded.seed, humantime::format_duration(embedded.delay));
        let mut command = replaying(files, trace).with([
            "--seed".to_owned(),
            seed.to_string(),
            "--delay".to_owned(),
            delay.to_string(),
        ]);
        if let Some(defect) = embedded.defect {
            command = command.with(["--defect", defect.name()]);
        }
        if let Some(nodes) = embedded.nodes {
            command = command.with(["--nodes".to_owned(), nodes.to_string()]);
        }
        command
    };
    let results = embedded.replay_all(traces, stop, again, |_| bar.inc(1)).await;
    bar.finish_and_clear();
    Run { interrupted: stop.load(Ordering::Relaxed), ..run }.finish(results)
}
