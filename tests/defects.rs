//! Would the suite notice? Every defect that the mock can plant is caught over HTTP, under its own rule.
//!
//! One test a defect. Each replays traces that exercise the defect's rule, then others until it is caught. What is seen
//! depends on the moment of a reading, so a trace may meet another part of the same fault first; some trace must name the
//! rule itself. The negative case stands beside them: with nothing planted every trace passes, with many seeds.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use zdu_conformance::mock::Defect;
use zdu_conformance::replay::Embedded;
use zdu_conformance::told::{TraceResult, Verdict};
use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

/// How many traces of a rule a defect of it is put to; and how many of the others at a time.
const TRACES: usize = 6;
/// How many tests run at once: they wait most of the time.
const AT_ONCE: usize = 12;
/// The seeds of the runs with nothing planted, and in how many tests they are.
const SEEDS: u64 = 10;
const SEEDED: u64 = 5;
/// Each of those runs takes one trace of so many.
const SHARES: usize = 10;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(AT_ONCE));
    let mut trials = Vec::new();
    for first in 0..SEEDED {
        let name = format!("nothing-planted-{}", first + 1);
        trials.push(Trial::test(name, move || nothing_planted(first)));
    }
    for defect in Defect::all() {
        trials.push(Trial::test(defect.name(), move || caught(defect)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn shipped() -> Vec<Trace> {
    scenario::all().filter_map(|scenario| scenario.trace(scenario.shipped)).collect()
}

fn replay(traces: &[Trace], defect: Option<Defect>, seed: u64) -> Result<Vec<TraceResult>, Failed> {
    let embedded = Embedded {
        delay: Duration::from_millis(1),
        seed,
        defect,
        jobs: TRACES,
        // Some defects keep a cluster from ever settling.
        settle: defect.map(|_| Duration::from_secs(1)),
        ..Embedded::default()
    };
    let planted = defect.map_or_else(String::new, |defect| format!(" --defect {}", defect.name()));
    let again = |trace: &Trace| {
        format!("zdu replay --only {}{planted} --seed {seed} --delay 1ms", trace.name)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stop = Arc::new(AtomicBool::new(false));
    Ok(runtime.block_on(embedded.replay_all(traces, &stop, again, |_| {})))
}

/// Proves that the suite blames nobody who does nothing wrong.
fn nothing_planted(first: u64) -> Result<(), Failed> {
    let traces = shipped();
    for seed in (first..SEEDS).step_by(usize::try_from(SEEDED)?) {
        let share: Vec<Trace> =
            traces.iter().skip(usize::try_from(seed)? % SHARES).step_by(SHARES).cloned().collect();
        for result in replay(&share, None, seed)? {
            if result.verdict != Verdict::Pass {
                return Err(Failed::from(story(&result)));
            }
        }
    }
    Ok(())
}

/// What was found in one trace, first to last.
fn story(result: &TraceResult) -> String {
    let mut text = format!("{} {}", result.name, result.verdict);
    for found in &result.deviations {
        let _ = write!(text, "; {} in {}: {}", found.rule, found.view, found.seen);
    }
    if let Some(reason) = &result.reason {
        let _ = write!(text, "; {reason}");
    }
    let _ = write!(text, "\nagain: {}", result.replay);
    text
}

/// Proves that some trace catches the defect and blames its own rule first.
fn caught(defect: Defect) -> Result<(), Failed> {
    let (own, others): (Vec<Trace>, Vec<Trace>) = shipped()
        .into_iter()
        .filter(|trace| defect.in_profile(trace.profile))
        .partition(|trace| trace.rules.contains(&defect.rule()));
    let spread = own.len().div_ceil(TRACES).max(1);
    let rest: Vec<Trace> = every_but(&own, spread);
    let own: Vec<Trace> = own.into_iter().step_by(spread).collect();
    let mut blamed_own = false;
    let mut stories = Vec::new();
    let batches = std::iter::once(own.as_slice());
    for batch in batches.chain(rest.chunks(TRACES)).chain(others.chunks(TRACES)) {
        for result in replay(batch, Some(defect), 1)? {
            let Some(rule) = result.rule else { continue };
            blamed_own |= rule == defect.rule();
            stories.push(story(&result));
        }
        if blamed_own {
            break;
        }
    }
    if !blamed_own {
        return Err(Failed::from(format!(
            "{} ({}) is not caught under {}:\n{}",
            defect.name(),
            defect.text(),
            defect.rule(),
            stories.join("\n")
        )));
    }
    Ok(())
}

/// What is left when one trace of so many is taken.
fn every_but(traces: &[Trace], spread: usize) -> Vec<Trace> {
    let left = traces.iter().enumerate();
    left.filter(|(index, _)| index % spread != 0).map(|(_, trace)| trace.clone()).collect()
}
