//! What does whoever started a run see of it? In a terminal a few lines that move every second; elsewhere a line a trace as it
//! ends, and every minute what is waited for. All of it on stderr.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use zdu_model::judge::finding::Names;
use zdu_model::traces::suite::cost::Cost;
use zdu_model::traces::trace::Trace;

use crate::printing::note;
use crate::progress::{Awaited, News, Onlooker};
use crate::report::tone::mark;
use crate::verdict::{Stage, TraceResult, Verdict};
use crate::words::{Course, Words, seconds};

/// How often somebody who sees no terminal is told what is waited for.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Looks on for a person.
#[derive(Debug)]
pub(super) struct Line {
    /// The line in the terminal, if there is one.
    bar: Option<ProgressBar>,
    names: Names,
    quiet: bool,
    /// What each trace weighs in time, by name.
    weights: BTreeMap<String, u64>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    began: Instant,
    told: Instant,
    done: usize,
    /// The weight of what is done, and of what was done in this run: what was taken over from a journal took no time.
    weight_done: u64,
    weight_run: u64,
    failed: usize,
    trace: String,
    steps: usize,
    step: usize,
    stage: Stage,
    /// Since when the step is under way.
    since: Instant,
    waiting: Option<(Instant, Duration)>,
    awaited: Vec<Awaited>,
    played: bool,
}

impl Line {
    /// A line for a run of these traces. It moves in a terminal, unless that is not its own (`moves`): questions stand there.
    pub(super) fn new(traces: &[Trace], names: Names, quiet: bool, moves: bool) -> Self {
        let bar = (moves && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_secs(1));
            bar
        });
        let now = Instant::now();
        Self {
            bar,
            names,
            quiet,
            weights: traces.iter().map(|trace| (trace.name.clone(), weight(trace))).collect(),
            state: Mutex::new(State {
                began: now,
                told: now,
                done: 0,
                weight_done: 0,
                weight_run: 0,
                failed: 0,
                trace: String::new(),
                steps: 0,
                step: 0,
                stage: Stage::Home,
                since: now,
                waiting: None,
                awaited: Vec::new(),
                played: false,
            }),
        }
    }

    /// A second has passed.
    pub(super) fn tick(&self) {
        let mut state = self.state();
        if let Some(bar) = &self.bar {
            bar.set_message(self.lines(&state, Instant::now()).join("\n  "));
        } else if let Some(line) = self.due(&mut state, Instant::now()) {
            note(&format!("zdu: {line}"));
        }
    }

    /// What somebody who sees no terminal is told now, if it is time.
    fn due(&self, state: &mut State, now: Instant) -> Option<String> {
        if self.quiet || now.duration_since(state.told) < TOLD_EVERY {
            return None;
        }
        state.told = now;
        Some(self.lines(state, now).join("; "))
    }

    /// The run is over.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line of its own, whatever else is shown.
    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(format!("zdu: {line}")),
            None => note(&format!("zdu: {line}")),
        }
    }

    fn lines(&self, state: &State, now: Instant) -> Vec<String> {
        Words::new(&self.names).course(&self.course(state, now))
    }

    /// Where the run is at that moment.
    fn course<'a>(&self, state: &'a State, now: Instant) -> Course<'a> {
        let all: u64 = self.weights.values().sum();
        let part = self.part(state);
        let (done, run) = (state.weight_done as f64 + part, state.weight_run as f64 + part);
        let left = (all as f64 - done).max(0.0);
        let took = now.duration_since(state.began).as_secs_f64();
        // By what has been run so far; before that nothing is known.
        let ends_in = (run > 0.0).then(|| Duration::from_secs_f64(took / run * left));
        Course {
            done: state.done,
            of: self.weights.len(),
            failed: state.failed,
            percent: if all == 0 { 100 } else { (done * 100.0 / all as f64) as u64 },
            trace: &state.trace,
            step: state.step,
            steps: state.steps,
            stage: state.stage,
            since: now.saturating_duration_since(state.since),
            waiting: state.waiting.map(|(since, limit)| {
                (now.saturating_duration_since(since), limit, state.awaited.as_slice())
            }),
            ends_in,
        }
    }

    /// What is done of the trace under way, as its steps weigh on average.
    fn part(&self, state: &State) -> f64 {
        let weight = self.weights.get(&state.trace).copied().unwrap_or(0);
        let steps = state.steps.max(1);
        weight as f64 * state.step.saturating_sub(1).min(steps) as f64 / steps as f64
    }

    fn ended(&self, state: &mut State, result: &TraceResult) {
        let weight = self.weights.get(result.name.raw()).copied().unwrap_or(1);
        state.done += 1;
        state.weight_done += weight;
        if state.trace == result.name.raw() {
            state.weight_run += weight;
            state.trace.clear();
        }
        let bad = match result.verdict {
            Verdict::Deviates | Verdict::Timeout | Verdict::Unmodelled | Verdict::Broken => true,
            Verdict::Pass
            | Verdict::Waived
            | Verdict::Skipped
            | Verdict::NotApplicable
            | Verdict::Unfinished => false,
        };
        state.failed += usize::from(bad);
        if self.bar.is_none() && !self.quiet {
            state.told = Instant::now();
            let (done, of) = (state.done, self.weights.len());
            let took = seconds(result.seconds);
            let verdict = result.verdict;
            self.say(&format!(
                "{done} of {of} {} {verdict} {} ({took})",
                mark(verdict),
                result.name
            ));
        } else if bad {
            self.say(&format!("{} {} {}", mark(result.verdict), result.verdict, result.name));
        }
    }
}

/// A trace weighs as its waits do, and a little for its other steps and the way home.
fn weight(trace: &Trace) -> u64 {
    let cost = Cost::of(trace);
    u64::try_from(cost.waits * 10 + cost.steps).unwrap_or(u64::MAX).max(1)
}

impl Onlooker for Line {
    fn hear(&self, news: News<'_>) {
        let mut state = self.state();
        let words = Words::new(&self.names);
        match news {
            News::Began(trace) => {
                state.trace.clone_from(&trace.name);
                (state.steps, state.step, state.stage) = (trace.steps.len(), 0, Stage::Home);
                (state.waiting, state.since) = (None, Instant::now());
            }
            News::Step(step, stage) => {
                (state.step, state.stage, state.waiting) = (step, stage, None);
                state.since = Instant::now();
                state.played |= step > 0;
            }
            News::Waiting(limit) => {
                state.waiting = Some((Instant::now(), Duration::from_micros(limit)));
                state.awaited.clear();
            }
            News::Awaiting(what) => what.clone_into(&mut state.awaited),
            News::Settled => state.waiting = None,
            // What is done to a cluster that somebody left is told before; what a trace of ours left is undone as a matter of course.
            News::Way(way) if !state.played => self.say(&words.way(way)),
            News::Resetting if !state.played => self.say(&words.resetting()),
            News::Way(_) | News::Resetting => {}
            News::TryingReset => self.say(&words.trying_reset()),
            News::IdleReset => self.say(&words.idle_reset()),
            News::Silent => self.say(&words.silent()),
            News::Reviving(means) => self.say(&words.reviving(means)),
            News::Found => {}
            News::Ended(result) => self.ended(&mut state, result),
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.lines(&state, Instant::now()).join("\n  "));
        }
    }
}

#[cfg(test)]
mod tests {
    use zdu_model::traces::scenario::Scenario;

    use super::*;
    use crate::verdict::Command;

    fn trace(name: &str) -> Trace {
        let scenario = Scenario::named(name).expect("a scenario");
        scenario.trace(scenario.shipped).expect("its trace")
    }

    // The numbers of a line, by hand: half of the weight took ten seconds, so that the other half takes ten more.
    #[test]
    fn the_end_is_told_by_what_has_been_run() {
        let one = trace("happy-path");
        let other = Trace { name: "the same again".to_owned(), ..one.clone() };
        let line = Line::new(&[one.clone(), other.clone()], Names::default(), true, true);
        let at = |seconds| Instant::now() + Duration::from_secs(seconds);
        assert_eq!(line.course(&line.state(), at(5)).ends_in, None);
        line.hear(News::Began(&one));
        line.hear(News::Step(3, Stage::Start));
        line.hear(News::Waiting(900_000_000));
        {
            let state = line.state();
            let course = line.course(&state, at(7));
            let (waited, limit, _) = course.waiting.expect("it waits");
            assert!((6..8).contains(&waited.as_secs()) && limit == Duration::from_secs(900));
            // Two of twelve steps of one of two traces: a twelfth in seven seconds.
            assert_eq!((course.step, course.percent, course.done), (3, 8, 0));
            assert!((75..80).contains(&course.ends_in.expect("a pace").as_secs()));
        }
        let mut result = TraceResult::new(one.name.as_str(), "", Command::default());
        result.verdict = Verdict::Timeout;
        line.hear(News::Ended(&result));
        line.hear(News::Began(&other));
        let state = line.state();
        let course = line.course(&state, at(10));
        assert_eq!((course.percent, course.done, course.of, course.failed), (50, 1, 2, 1));
        assert!((9..12).contains(&course.ends_in.expect("a pace").as_secs()));
    }

    // Every minute a line, which names the trace; none in between, and none for whoever wants to be left alone.
    #[test]
    fn who_sees_no_terminal_is_told_every_minute_what_is_waited_for() {
        let one = trace("happy-path");
        let line = |quiet| {
            let line = Line::new(std::slice::from_ref(&one), Names::default(), quiet, false);
            line.hear(News::Began(&one));
            line
        };
        let (told, left_alone) = (line(false), line(true));
        let began = told.state().told;
        let after = |line: &Line, seconds| {
            line.due(&mut line.state(), began + Duration::from_secs(seconds))
        };
        let lines = [59, 60, 61, 119, 120].map(|seconds| after(&told, seconds));
        let said = lines.each_ref().map(Option::is_some);
        assert_eq!(said, [false, true, false, false, true]);
        assert!(lines[1].as_ref().is_some_and(|words| words.contains("happy-path")), "{lines:?}");
        assert_eq!(after(&left_alone, 600), None);
    }

    // What came from a journal took no time: it moves the share that is done, not the pace.
    #[test]
    fn what_was_taken_over_says_nothing_of_the_pace() {
        let one = trace("happy-path");
        let line = Line::new(std::slice::from_ref(&one), Names::default(), true, true);
        line.hear(News::Ended(&TraceResult::new(one.name.as_str(), "", Command::default())));
        let state = line.state();
        let course = line.course(&state, Instant::now());
        assert_eq!((course.percent, course.ends_in), (100, None));
    }
}
