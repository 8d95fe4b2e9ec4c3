//! Does the judge find nothing where nothing is wrong? Endpoint and judge in one process.

use std::time::Duration;

use zdu_conformance::log::Log;
use zdu_conformance::simulation::{PASSWORD, Simulation, walk};
use zdu_conformance::verdict::Verdict;
use zdu_endpoint::{Credentials, Flavour, Freedoms, Options};
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

#[test]
fn every_shipped_trace_passes_on_the_plain_endpoint() {
    let mut bad = 0;
    for scenario in scenario::all() {
        let Some(trace) = scenario.trace(scenario.shipped) else { continue };
        let result = Simulation::of(options(1)).replay(&trace, &Log::default()).expect("options");
        if result.verdict != Verdict::Pass {
            bad += 1;
            println!("{}: {} {:?}", result.name, result.verdict, result.end);
            for found in &result.findings {
                println!("   {:?}", found.finding);
            }
        }
    }
    assert_eq!(bad, 0);
}

#[test]
fn walks() {
    let count: u64 = std::env::var("WALKS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let began = std::time::Instant::now();
    let mut bad = 0;
    let mut steps = 0;
    let first: u64 = std::env::var("FIRST").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    for seed in first..first + count {
        let nodes = 1 + (seed % 3) as usize;
        let profile = if seed % 2 == 0 { Profile::Documented } else { Profile::Finalization };
        let trace = walk(Scope { profile, nodes, versions: 3 }, seed, 12);
        let freedoms = if seed % 5 == 0 {
            Freedoms::default()
        } else {
            Freedoms::of(if std::env::var("FLAVOUR").is_ok() {
                Flavour::Deployed
            } else {
                Flavour::Free
            })
        };
        let options = Options { freedoms, ..options(seed) };
        let result = Simulation::of(options).replay(&trace, &Log::default()).expect("options");
        steps += result.steps;
        if result.verdict != Verdict::Pass {
            bad += 1;
            if bad < 6 {
                println!("{} {} {:?}: {} {:?}", seed, nodes, profile, result.verdict, result.end);
                for (n, step) in trace.steps.iter().enumerate() {
                    println!("      {} {:?}", n + 1, step.action(trace.scope()));
                }
                for found in &result.findings {
                    println!("   {:?}", found.finding);
                    println!(
                        "   {:?}",
                        found.exchange.as_ref().map(|e| (&e.method, &e.url, &e.code, &e.body))
                    );
                }
            }
        }
    }
    println!("{count} walks {steps} steps {:?} bad {bad}", began.elapsed());
    assert_eq!(bad, 0);
}
