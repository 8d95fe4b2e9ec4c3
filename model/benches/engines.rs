//! How fast are the engines on the same model? (`cargo bench -p zdu-model`)
//!
//! Two measures in one run. First a table made for comparing: the engines take turns, so that a busy machine troubles
//! all of them alike, and each line gives the best of its turns, the ratio to stateright, what the visited set takes a
//! state, and what the second thread is worth, by the clock and by the processor time that it costs. Then divan's own
//! statistics of the single engines. No properties are asked: this is the cost of finding the states.

use std::time::{Duration, Instant};

use divan::counter::ItemsCount;
use zdu_model::check::checker::Stateright;
use zdu_model::check::engine::{Engine, Exploration};
use zdu_model::check::sought::Bounds;
use zdu_model::check::space::Explicit;
use zdu_model::check::symmetry::Symmetric;
use zdu_model::spec::property::Property;
use zdu_model::spec::semantics::{Scope, System};

/// Nodes and versions of the models that every engine explores.
const SIZES: [(usize, u8); 3] = [(4, 2), (4, 3), (5, 2)];

fn main() {
    println!("side by side, best of each engine's turns\n");
    println!(
        "{:>2} {:>2} {:<22} {:>12} {:>13} {:>10} {:>14} {:>11} {:>11}",
        "N",
        "V",
        "engine",
        "states",
        "transitions",
        "seconds",
        "states/s",
        "stateright",
        "bits/state"
    );
    for (nodes, versions) in SIZES {
        compare(Scope::documented(nodes, versions));
    }
    println!();
    second_thread(Scope::documented(5, 2), false, 20);
    second_thread(Scope::documented(6, 2), false, 10);
    second_thread(Scope::documented(6, 2), true, 5);
    println!();
    divan::main();
}

fn run(
    engine: &impl Engine<zdu_model::spec::semantics::Spec>,
    scope: Scope,
) -> (Duration, Exploration) {
    let start = Instant::now();
    let found = engine.explore(System::spec(scope), &[], &[], &mut |_| {});
    (start.elapsed(), found)
}

/// One line for each engine at this size.
fn compare(scope: Scope) {
    let mut best = [Duration::MAX; 3];
    let mut found = None;
    for turn in 0..3 {
        // Stateright's turns take seconds, the other's milliseconds: more of the latter cost nothing.
        if turn < 2 {
            let (took, exploration) = run(&Stateright, scope);
            best[0] = best[0].min(took);
            found = Some(exploration);
        }
        for threads in [1, 2] {
            for _ in 0..5 {
                best[threads] = best[threads].min(run(&Explicit { threads }, scope).0);
            }
        }
    }
    let Some(found) = found else { return };
    let system = System::spec(scope);
    let (_, _, footprint) =
        Explicit { threads: 1 }.survey(system, &[], &[], Bounds::NONE, &mut |_| {});
    let bits = footprint.visited_bytes as f64 * 8.0 / found.states as f64;
    let rate = |took: Duration| found.states as f64 / took.as_secs_f64();
    let names = ["stateright, 1 thread", "explicit, 1 thread", "explicit, 2 threads"];
    for (name, took) in names.into_iter().zip(best) {
        let ratio = format!("{:.0} times", rate(took) / rate(best[0]));
        let bits = if took == best[0] { String::new() } else { format!("{bits:.2}") };
        println!(
            "{:>2} {:>2} {name:<22} {:>12} {:>13} {:>10.4} {:>14.0} {ratio:>11} {bits:>11}",
            scope.nodes,
            scope.versions,
            found.states,
            found.transitions,
            took.as_secs_f64(),
            rate(took),
        );
    }
}

/// What the second thread is worth at this size, with and without asking every property. Turns before or after which two
/// busy threads do not get two cores say nothing about the engine, and are left out.
fn second_thread(scope: Scope, asked: bool, turns: usize) {
    let properties = if asked { Property::all(scope.profile) } else { Vec::new() };
    let mut took = [const { Vec::new() }; 2];
    let mut processor = [0.0; 2];
    let mut tried = 0;
    while took[0].len() < turns && tried < 3 * turns {
        tried += 1;
        let free = two_cores_free();
        let mut turn = [0.0; 2];
        for threads in [1, 2] {
            let (start, before) = (Instant::now(), processor_seconds());
            let system = System::spec(scope);
            Explicit { threads }.explore(system, &Property::claims(&properties), &[], &mut |_| {});
            turn[threads - 1] = start.elapsed().as_secs_f64();
            processor[threads - 1] += processor_seconds() - before;
        }
        if free && two_cores_free() {
            took[0].push(turn[0]);
            took[1].push(turn[1]);
        }
    }
    took.iter_mut().for_each(|took| took.sort_by(f64::total_cmp));
    let middle = took[0].len() / 2;
    let worth = match (took[0].get(middle), took[1].get(middle)) {
        // One turn may have been lucky or not; fewer than three are no measurement.
        (Some(one), Some(two)) if took[0].len() >= 3 => {
            format!("{:.2} times ({one:.4} s, {two:.4} s)", one / two)
        }
        _ => "unknown, since two cores were hardly ever free".to_owned(),
    };
    println!(
        "second thread at N={} V={}, {} properties: {worth}, median of {} turns of {tried}; \
         processor time {:.2} times that of one thread",
        scope.nodes,
        scope.versions,
        properties.len(),
        took[0].len(),
        processor[1] / processor[0],
    );
}

/// Whether two threads that only count take hardly longer than one.
fn two_cores_free() -> bool {
    let count = || {
        let mut state = 1_u64;
        for _ in 0..20_000_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
        }
        std::hint::black_box(state)
    };
    let start = Instant::now();
    count();
    let one = start.elapsed();
    std::thread::scope(|scope| {
        let other = scope.spawn(count);
        count();
        other.join().map_or(0, |state| state)
    });
    start.elapsed() < one.mul_f64(2.1)
}

/// The processor time of this process so far, all threads, where the system tells; counted in hundredths.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

#[divan::bench(args = SIZES, sample_count = 1, sample_size = 1)]
fn stateright(bencher: divan::Bencher<'_, '_>, (nodes, versions): (usize, u8)) {
    measure(bencher, &Stateright, Scope::documented(nodes, versions));
}

#[divan::bench(args = SIZES, sample_count = 20, sample_size = 1)]
fn explicit_1_thread(bencher: divan::Bencher<'_, '_>, (nodes, versions): (usize, u8)) {
    measure(bencher, &Explicit { threads: 1 }, Scope::documented(nodes, versions));
}

#[divan::bench(args = SIZES, sample_count = 20, sample_size = 1)]
fn explicit_2_threads(bencher: divan::Bencher<'_, '_>, (nodes, versions): (usize, u8)) {
    measure(bencher, &Explicit { threads: 2 }, Scope::documented(nodes, versions));
}

/// Its items are the states that the classes stand for.
#[divan::bench(args = [(4, 2), (5, 2)], sample_count = 3, sample_size = 1)]
fn symmetric(bencher: divan::Bencher<'_, '_>, (nodes, versions): (usize, u8)) {
    measure(bencher, &Symmetric, Scope::documented(nodes, versions));
}

fn measure(
    bencher: divan::Bencher<'_, '_>,
    engine: &(impl Engine<zdu_model::spec::semantics::Spec> + Sync),
    scope: Scope,
) {
    let states = run(&Explicit { threads: 1 }, scope).1.states;
    bencher.counter(ItemsCount::new(states)).bench(|| run(engine, scope).1.states);
}
