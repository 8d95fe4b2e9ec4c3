//! What does replaying cost? (`cargo bench -p zdu-conformance`)
//!
//! First, many steps on one endpoint in one process: how many settle a second, and how much memory the process has after
//! each thousand, which must not grow. Then what a step costs beyond the mock's own delays, and what running traces side
//! by side gains. The mock and the suite share the machine, so both are paid for.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use zdu_conformance::driver::ControlDriver;
use zdu_conformance::log::Log;
use zdu_conformance::replay::{Embedded, MAX_BROKEN, Permission, Series, Site};
use zdu_conformance::secret::Credentials;
use zdu_conformance::target::{Target, TargetNode};
use zdu_conformance::verdict::{Command, TraceResult, Verdict};
use zdu_endpoint::{Mock, Options};
use zdu_model::spec::profile::Profile;
use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

/// How many steps the long run takes at least.
const STEPS: usize = 10_000;
/// After how many steps a line is printed.
const LINE: usize = 1_000;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        println!("{STEPS} steps on one mock without delays, one trace after the other");
        long_run().await?;
        println!("\nthe shipped traces, each on a mock of its own");
        for (delay_ms, jobs) in [(0, 1), (0, 16), (2, 1), (2, 16), (20, 1), (20, 16)] {
            side_by_side(Duration::from_millis(delay_ms), jobs).await?;
        }
        Ok(())
    })
}

fn traces(profile: Profile) -> Vec<Trace> {
    scenario::all()
        .filter_map(|scenario| scenario.trace(scenario.shipped))
        .filter(|trace| trace.profile == profile && trace.nodes == 3)
        .collect()
}

/// The steps of traces that all pass.
fn steps(results: &[TraceResult]) -> Outcome<usize> {
    match results.iter().find(|result| result.verdict.ran() && result.verdict != Verdict::Pass) {
        Some(result) => Err(format!("{} {}", result.name, result.verdict).into()),
        None => Ok(results.iter().map(|result| result.steps).sum()),
    }
}

async fn long_run() -> Outcome {
    let embedded = Embedded { delay: Duration::ZERO, ..Embedded::default() };
    let versions = Embedded::VERSIONS.map(str::to_owned).to_vec();
    let mock = Mock::start(Options {
        versions: versions.clone(),
        delay: embedded.delay,
        ..Options::default()
    })
    .await?;
    let node = |(id, url): (String, &String)| TargetNode {
        id: Some(id),
        url: Some(url.clone()),
        ..TargetNode::default()
    };
    let target = Target {
        versions,
        allow_disruption: true,
        timing: embedded.timing(),
        nodes: mock.node_ids().into_iter().zip(mock.node_urls()).map(node).collect(),
        ..Target::at(mock.url())
    };
    let site = Site::connect(&target, &Credentials::default()).await?;
    let control = format!("{}/_mock", mock.url());
    let driver = ControlDriver::new(&site.client, &control, &site.dictionary);
    let (traces, stop) = (traces(Profile::Documented), AtomicBool::new(false));
    let permission = Permission { disrupt: true, post: true };
    println!("{:>7} {:>9} {:>12}", "steps", "steps/s", "memory, MB");
    let (mut taken, mut printed, mut since) = (0, 0, Instant::now());
    while taken < STEPS {
        let again = |_: &Trace| Command::default();
        let log = Log::default();
        let series = Series {
            site: &site,
            driver: &driver,
            permission,
            take_over: true,
            max_broken: MAX_BROKEN,
            stop_when: None,
            log: &log,
            stop: &stop,
        };
        taken += steps(&series.replay(&traces, again).await.results)?;
        if taken - printed >= LINE {
            let rate = (taken - printed) as f64 / since.elapsed().as_secs_f64();
            println!("{taken:>7} {rate:>9.0} {:>12}", memory());
            (printed, since) = (taken, Instant::now());
        }
    }
    mock.stop().await;
    Ok(())
}

/// The memory of this process now, where the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or_else(|| "unknown".to_owned(), |it| format!("{:.1}", it / 1000.0))
}

async fn side_by_side(delay: Duration, jobs: usize) -> Outcome {
    let embedded = Embedded { delay, jobs, ..Embedded::default() };
    let (traces, stop) = (traces(Profile::Documented), Arc::new(AtomicBool::new(false)));
    let start = Instant::now();
    let again = |_: &Trace| Command::default();
    let taken = steps(&embedded.replay_all(&traces, &stop, again, |_| {}).await)?;
    let took = start.elapsed();
    println!(
        "delay {:>4}, {jobs:>2} at once: {taken} steps in {:.2} s, {:>5.0} a second, {:>5.1} ms each",
        humantime::format_duration(delay).to_string(),
        took.as_secs_f64(),
        taken as f64 / took.as_secs_f64(),
        took.as_secs_f64() * 1000.0 / taken as f64,
    );
    Ok(())
}
