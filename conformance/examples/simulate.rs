//! Correct endpoints by the thousand, and every defect against every trace, in one process and without a socket.
//!
//! `cargo run --release -p zdu-conformance --example simulate -- runs 100000` replays random walks, several on one endpoint, which uses every
//! freedom; `-- runs 1 SEED deployed` one on an endpoint of another flavour; `-- watch COUNT SEED free` has a monitor
//! watch; `-- record SEED` prints the recording of a run, as `zdu validate` reads it; `-- matrix [DEFECT]` prints what defects are
//! blamed on, the table that a test holds against `conformance/tests/conformance/matrix.txt`.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use zdu_conformance::simulation::{blamed, options, random, run, watched};
use zdu_conformance::verdict::{TraceResult, Verdict};
use zdu_endpoint::{Defect, Flavour};
use zdu_model::traces::scenario;

const USAGE: &str = "usage: simulate runs COUNT [FIRST_SEED] [plain|free|deployed], simulate record SEED [plain|free|deployed], \
     or simulate matrix [DEFECT]";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let asked = match words.as_slice() {
        ["matrix"] => Some(matrix(None)),
        ["matrix", only] => Some(matrix(Some(only))),
        ["runs", count] => count.parse().ok().map(|count| runs(0, count, Flavour::Free)),
        ["runs", count, first] => count
            .parse()
            .ok()
            .zip(first.parse().ok())
            .map(|(count, first)| runs(first, count, Flavour::Free)),
        ["runs", count, first, flavour] => (count.parse().ok())
            .zip(first.parse().ok())
            .zip(flavour_of(flavour))
            .map(|((count, first), flavour)| runs(first, count, flavour)),
        ["watch", count, first, flavour] => (count.parse().ok())
            .zip(first.parse().ok())
            .zip(flavour_of(flavour))
            .map(|((count, first), flavour)| watches(first, count, flavour)),
        ["record", seed] => seed.parse().ok().map(|seed| record(seed, Flavour::Free)),
        ["record", seed, flavour] => {
            seed.parse().ok().zip(flavour_of(flavour)).map(|(seed, flavour)| record(seed, flavour))
        }
        _ => None,
    };
    asked.unwrap_or_else(|| {
        eprintln!("{USAGE}");
        ExitCode::from(2)
    })
}

fn flavour_of(word: &str) -> Option<Flavour> {
    match word {
        "plain" => Some(Flavour::Plain),
        "free" => Some(Flavour::Free),
        "deployed" => Some(Flavour::Deployed),
        _ => None,
    }
}

fn matrix(only: Option<&str>) -> ExitCode {
    let traces: Vec<_> =
        scenario::all().filter_map(|scenario| scenario.trace(scenario.shipped)).collect();
    let chosen: Vec<Defect> = Defect::ALL
        .iter()
        .copied()
        .filter(|defect| only.is_none_or(|only| only == defect.name()))
        .collect();
    for lines in chosen.chunks(2) {
        let lines: Vec<String> = std::thread::scope(|scope| {
            let traces = &traces;
            let both: Vec<_> = lines
                .iter()
                .map(|defect| {
                    scope.spawn(move || blamed(&options(1), *defect, traces).line(*defect))
                })
                .collect();
            both.into_iter().map(|line| line.join().expect("no panic")).collect()
        });
        lines.iter().for_each(|line| println!("{line}"));
    }
    ExitCode::SUCCESS
}

fn watches(first: u64, count: u64, flavour: Flavour) -> ExitCode {
    let mut bad = 0;
    for seed in first..first + count {
        let found = watched(seed, flavour);
        if !found.is_empty() {
            bad += 1;
            println!("seed {seed}:");
        }
        for finding in found {
            println!("  {finding:?}");
        }
    }
    println!("{count} runs watched, {bad} of them found something");
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn record(seed: u64, flavour: Flavour) -> ExitCode {
    let (simulation, traces) = random(seed, flavour);
    let (_, text) = simulation.written(&traces).expect("such an endpoint can be had");
    print!("{text}");
    ExitCode::SUCCESS
}

fn runs(first: u64, count: u64, flavour: Flavour) -> ExitCode {
    let began = Instant::now();
    let (next, bad) = (AtomicU64::new(first), AtomicU64::new(0));
    let walks = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let results = run(seed, flavour);
                    walks.fetch_add(results.len(), Ordering::Relaxed);
                    if results.iter().any(|result| result.verdict != Verdict::Pass) {
                        bad.fetch_add(1, Ordering::Relaxed);
                        told(seed, &results);
                    }
                }
            });
        }
    });
    let (bad, walks) = (bad.load(Ordering::Relaxed), walks.load(Ordering::Relaxed));
    println!(
        "{count} runs of {walks} walks in {:.1?}, {bad} of them found something",
        began.elapsed()
    );
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn told(seed: u64, results: &[TraceResult]) {
    println!("seed {seed}:");
    for result in results {
        println!("  {} {}, {:?}", result.name, result.verdict, result.end);
        for found in &result.findings {
            println!("    {:?}", found.finding);
        }
    }
}
