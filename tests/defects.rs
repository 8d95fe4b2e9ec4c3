//! Would the suite notice? Defects of every rule that the mock can plant are caught over HTTP, under a rule that they break.
//!
//! A sample of the registry, since each one takes real time: the first of every rule. One test a defect. Each replays
//! traces that exercise the defect's best rule, then others until it is caught. What is seen depends on the moment of a
//! reading, so a trace may meet another part of the same fault first; some trace must name a rule of the defect. The negative case stands beside them: with nothing planted every trace passes, with many seeds.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use zdu_conformance::replay::Embedded;
use zdu_conformance::verdict::{Command, TraceResult, Verdict};
use zdu_conformance::words::Words;
use zdu_endpoint::{Defect, Needs};
use zdu_model::spec::profile::Profile;
use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

/// How many traces of a rule a defect of it is put to; and how many of the others at a time.
const TRACES: usize = 6;
/// How many defects of a rule are planted.
const OF_A_RULE: usize = 1;
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
    for defect in sample() {
        trials.push(Trial::test(defect.name(), move || caught(defect)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The first defect of every rule, without those that only a lucky tester sees.
fn sample() -> Vec<Defect> {
    let mut taken = BTreeMap::new();
    let all = Defect::ALL.iter().copied().filter(|defect| !defect.fleeting());
    all.filter(|defect| {
        let seen: &mut usize = taken.entry(defect.row().rules[0]).or_default();
        *seen += 1;
        *seen <= OF_A_RULE
    })
    .collect()
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
    let planted = defect.map(|defect| ["--defect", defect.name()]);
    let again = |trace: &Trace| {
        let seed = seed.to_string();
        let words = ["replay", "--only", &trace.name, "--seed", &seed, "--delay", "1ms"];
        Command::zdu(words).with(planted.into_iter().flatten())
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
    let nodes = result.timeline.iter().flat_map(|step| &step.sightings);
    let nodes = nodes.filter_map(|sighting| Some(sighting.seen.as_ref()?.nodes.len())).max();
    Words::new(&Embedded::names(nodes.unwrap_or_default())).story(result)
}

fn shows_in(defect: Defect, profile: Profile) -> bool {
    (defect.row().needs == Needs::Finalization) == (profile == Profile::Finalization)
}

/// Proves that some trace catches the defect and blames a rule that it breaks first.
fn caught(defect: Defect) -> Result<(), Failed> {
    let best = defect.row().rules[0];
    let (own, others): (Vec<Trace>, Vec<Trace>) = shipped()
        .into_iter()
        .filter(|trace| shows_in(defect, trace.profile))
        .partition(|trace| trace.rules.iter().any(|rule| rule.id() == best));
    let spread = own.len().div_ceil(TRACES).max(1);
    let rest: Vec<Trace> = every_but(&own, spread);
    let own: Vec<Trace> = own.into_iter().step_by(spread).collect();
    let mut blamed_own = false;
    let mut stories = Vec::new();
    let batches = std::iter::once(own.as_slice());
    for batch in batches.chain(rest.chunks(TRACES)).chain(others.chunks(TRACES)) {
        for result in replay(batch, Some(defect), 1)? {
            let Some(rule) = result.first().map(|found| found.finding.rule) else { continue };
            blamed_own |= defect.row().rules.contains(&rule.id());
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
            defect.row().text,
            defect.row().rules.join(" or "),
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
