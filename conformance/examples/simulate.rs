//! Correct endpoints by the thousand, and every defect against every trace, in one process and without a socket.
//!
//! `cargo run --release -p zdu-conformance --example simulate -- runs 100000 [FIRST_SEED]` replays random walks on endpoints
//! that use every freedom; `... -- matrix [DEFECT]` prints what each defect is blamed on.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use zdu_conformance::log::Log;
use zdu_conformance::simulation::{PASSWORD, Simulation, blamed, walk};
use zdu_conformance::verdict::Verdict;
use zdu_endpoint::{Credentials, Defect, Flavour, Freedoms, Options};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::scenario;

fn options(seed: u64) -> Options {
    Options {
        seed,
        versions: ["9.2.1", "9.2.4", "9.3.0"].map(str::to_owned).to_vec(),
        delay: Duration::from_millis(2),
        credentials: Some(Credentials {
            user: "admin".to_owned(),
            password: PASSWORD.to_owned(),
            token: None,
            plain: Some(("plain".to_owned(), PASSWORD.to_owned())),
        }),
        ..Options::default()
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["matrix", rest @ ..] => matrix(rest.first().copied()),
        ["runs", count, rest @ ..] => {
            let first = rest.first().and_then(|text| text.parse().ok()).unwrap_or(0);
            runs(first, count.parse().unwrap_or(1000))
        }
        _ => ExitCode::from(2),
    }
}

fn matrix(only: Option<&str>) -> ExitCode {
    let traces: Vec<_> =
        scenario::all().filter_map(|scenario| scenario.trace(scenario.shipped)).collect();
    for defect in Defect::ALL {
        if only.is_some_and(|only| only != defect.name()) {
            continue;
        }
        let blamed = blamed(&options(1), *defect, &traces);
        let mark = if blamed.rightly(*defect) { ' ' } else { '!' };
        let rules = defect.row().rules.join(" ");
        println!("{mark} {:<40} [{rules}] {}", defect.name(), blamed.line());
    }
    ExitCode::SUCCESS
}

fn runs(first: u64, count: u64) -> ExitCode {
    let began = Instant::now();
    let (next, bad) = (AtomicU64::new(first), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    if !run(seed) {
                        bad.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let bad = bad.load(Ordering::Relaxed);
    println!("{count} runs in {:.1?}, {bad} false alarms", began.elapsed());
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(seed: u64) -> bool {
    let nodes = 1 + usize::try_from(seed % 4).expect("small");
    let profile = if seed % 2 == 0 { Profile::Documented } else { Profile::Finalization };
    let trace = walk(Scope { profile, nodes, versions: 3 }, seed, 12);
    let freedoms = if seed % 5 == 0 { Freedoms::default() } else { Freedoms::of(Flavour::Free) };
    let options = Options { freedoms, ..options(seed) };
    let result = Simulation::of(options).replay(&trace, &Log::default()).expect("options");
    if result.verdict != Verdict::Pass {
        println!("seed {seed}, {nodes} nodes, {profile}: {} {:?}", result.verdict, result.end);
        for (n, step) in trace.steps.iter().enumerate() {
            println!("      {} {:?}", n + 1, step.action(trace.scope()));
        }
        for found in &result.findings {
            println!("   {:?}", found.finding);
            let exchange = found.exchange.as_ref();
            println!("   {:?}", exchange.map(|it| (&it.method, &it.url, &it.code, &it.body)));
        }
    }
    result.verdict == Verdict::Pass
}
