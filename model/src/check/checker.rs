//! The first engine: stateright's breadth-first search.
//!
//! Stateright wants a property as a function pointer with a `'static` name and stops once every property has a
//! discovery. So each property and goal takes one of a fixed number of slots, each slot a function of its own, and a
//! last property that always holds keeps the search going to the end. Its counterexamples are shortest only with one
//! thread, and only if it is told of the first discovery alone; this engine sees to both.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use stateright::report::{ReportData, ReportDiscovery, Reporter};
use stateright::{Checker as _, Expectation, Model};

use crate::check::engine::{Engine, Exploration, Listener};
use crate::check::goal::Goal;
use crate::check::path::Path;
use crate::check::sought::{Bound, Bounds, Limit, Progress};
use crate::spec::cluster::Cluster;
use crate::spec::property::Claim;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// The engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stateright;

/// What stateright explores: a system with the questions asked of it.
struct Questions<S> {
    system: System<S>,
    properties: Vec<Claim<S>>,
    goals: Vec<Goal>,
    /// Which properties, and which goals, have their discovery.
    settled: [Vec<AtomicBool>; 2],
    /// Whether the search is to run dry: stateright itself cannot be told to stop.
    dry: Arc<AtomicBool>,
}

impl<S: Semantics> Questions<S> {
    fn new(system: System<S>, properties: &[Claim<S>], goals: &[Goal]) -> Self {
        let unsettled = |count| (0..count).map(|_| AtomicBool::new(false)).collect();
        Self {
            system,
            properties: properties.to_vec(),
            goals: goals.to_vec(),
            settled: [unsettled(properties.len()), unsettled(goals.len())],
            dry: Arc::default(),
        }
    }

    /// Whether this is the first state with the discovery. Stateright keeps the last discovery that it is told of, so
    /// every later one is kept from it; that also spares the work of asking again.
    fn first(&self, settled: &AtomicBool, discovery: impl FnOnce() -> bool) -> bool {
        !settled.load(Ordering::Relaxed) && discovery() && !settled.swap(true, Ordering::Relaxed)
    }
}

impl<S: Semantics> Model for Questions<S> {
    type State = Cluster;
    type Action = Transition;

    fn init_states(&self) -> Vec<Cluster> {
        vec![self.system.scope.initial()]
    }

    fn actions(&self, state: &Cluster, actions: &mut Vec<Transition>) {
        if self.dry.load(Ordering::Relaxed) {
            return;
        }
        actions.extend(
            self.system
                .scope
                .transitions()
                .into_iter()
                .filter(|transition| self.system.semantics.enabled(state, *transition)),
        );
    }

    fn next_state(&self, state: &Cluster, transition: Transition) -> Option<Cluster> {
        Some(self.system.semantics.apply(state, transition))
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        let slots = slots::<S>();
        assert!(
            self.properties.len() <= slots.len() && self.goals.len() <= slots.len(),
            "every question has a slot"
        );
        let always = slots.iter().take(self.properties.len()).map(|slot| slot.always());
        let sometimes = slots.iter().take(self.goals.len()).map(|slot| slot.sometimes());
        always
            .chain(sometimes)
            .chain([stateright::Property::always("exhaustive", |_, _| true)])
            .collect()
    }
}

/// One place for a property and one for a goal.
struct Slot<S: Semantics> {
    names: [&'static str; 2],
    property: fn(&Questions<S>, &Cluster) -> bool,
    goal: fn(&Questions<S>, &Cluster) -> bool,
}

impl<S: Semantics> Slot<S> {
    const fn always(&self) -> stateright::Property<Questions<S>> {
        stateright::Property {
            expectation: Expectation::Always,
            name: self.names[0],
            condition: self.property,
        }
    }

    const fn sometimes(&self) -> stateright::Property<Questions<S>> {
        stateright::Property {
            expectation: Expectation::Sometimes,
            name: self.names[1],
            condition: self.goal,
        }
    }
}

fn property_in<const SLOT: usize, S: Semantics>(questions: &Questions<S>, state: &Cluster) -> bool {
    !questions.first(&questions.settled[0][SLOT], || {
        !questions.properties[SLOT].holds(&questions.system, state)
    })
}

fn goal_in<const SLOT: usize, S: Semantics>(questions: &Questions<S>, state: &Cluster) -> bool {
    questions.first(&questions.settled[1][SLOT], || {
        questions.goals[SLOT].shows(&questions.system, state)
    })
}

macro_rules! slots {
    ($($slot:literal)*) => {
        fn slots<S: Semantics>() -> Vec<Slot<S>> {
            vec![$(Slot {
                names: [concat!("property ", $slot), concat!("goal ", $slot)],
                property: property_in::<$slot, S>,
                goal: goal_in::<$slot, S>,
            },)*]
        }
    };
}

slots! {
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
    64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95
    96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119
}

/// Hands stateright's progress reports on, and has the search run dry when it is to end.
struct Reports<'a> {
    progress: Listener<'a>,
    stop: &'a (dyn Fn() -> Option<Bound> + Sync),
    dry: Arc<AtomicBool>,
    /// Whether the search is over.
    done: bool,
    ended: Option<Limit>,
}

impl<S: Semantics> Reporter<Questions<S>> for Reports<'_> {
    fn report_checking(&mut self, data: ReportData) {
        let so_far = Progress {
            states: data.unique_states as u64,
            transitions: (data.total_states as u64).saturating_sub(1),
            depth: (data.max_depth as u64).saturating_sub(1),
        };
        (self.progress)(so_far);
        // The runs are found again by asking the model, which must then answer as it did. Another report may still come.
        self.done |= data.done;
        if self.done {
            self.dry.store(false, Ordering::Relaxed);
        } else if self.ended.is_none()
            && let Some(by) = (self.stop)()
        {
            // The deepest layer that was begun is not whole.
            let depth = so_far.depth.saturating_sub(1);
            self.ended = Some(Limit { by, so_far: Progress { depth, ..so_far } });
            self.dry.store(true, Ordering::Relaxed);
        }
    }

    fn report_discoveries(
        &mut self,
        _model: &Questions<S>,
        _discoveries: std::collections::BTreeMap<&'static str, ReportDiscovery<Questions<S>>>,
    ) {
    }

    fn delay(&self) -> Duration {
        Duration::from_millis(100)
    }
}

impl<S: Semantics> Engine<S> for Stateright {
    fn explore_within(
        &self,
        system: System<S>,
        properties: &[Claim<S>],
        goals: &[Goal],
        bounds: Bounds<'_>,
        progress: Listener<'_>,
    ) -> Exploration {
        let questions = Questions::new(system.clone(), properties, goals);
        let dry = Arc::clone(&questions.dry);
        let mut reports = Reports { progress, stop: bounds.stop, dry, done: false, ended: None };
        let mut builder = questions.checker().threads(1);
        if let Some(depth) = bounds.depth {
            // It counts the states of a run, not its transitions.
            builder = builder.target_max_depth(usize::try_from(depth + 1).unwrap_or(usize::MAX));
        }
        let checker = builder.spawn_bfs().join_and_report(&mut reports);
        let so_far = Progress {
            states: checker.unique_state_count() as u64,
            transitions: checker.state_count() as u64 - 1,
            depth: checker.max_depth() as u64 - 1,
        };
        // A search that came just as far as it may has perhaps seen everything, but does not know it.
        let deep = bounds.depth.filter(|depth| so_far.depth >= *depth);
        // What was found while it ran dry counts, too; of the layers, those that were whole when it was told to.
        let dried = reports.ended.map(|limit| Limit {
            so_far: Progress { depth: limit.so_far.depth, ..so_far },
            ..limit
        });
        let ended = dried.or(deep.map(|_| Limit { by: Bound::Depth, so_far }));
        let mut discoveries = checker.discoveries();
        let slots = slots::<S>();
        let names = (slots.iter().take(properties.len()).map(|slot| slot.names[0]))
            .chain(slots.iter().take(goals.len()).map(|slot| slot.names[1]));
        let runs = names.map(|name| Some(Ok(run_of(discoveries.remove(name)?)))).collect();
        Exploration::of(&system, so_far, ended, properties, runs)
    }
}

/// Something else that goes from state to state, of which two things are asked in each.
pub trait Wanders: Sync + Send {
    /// Where it is.
    type State: Clone + std::fmt::Debug + PartialEq + Eq + std::hash::Hash + Send + Sync + 'static;
    /// Where it goes.
    type Step: Copy + std::fmt::Debug + PartialEq + Send + Sync + 'static;

    /// Where it begins.
    fn first(&self) -> Self::State;
    /// Every step from a state.
    fn steps(&self, state: &Self::State) -> Vec<Self::Step>;
    /// The state after a step.
    fn after(&self, state: &Self::State, step: Self::Step) -> Self::State;
    /// Which of the two things are not so.
    fn wrong(&self, state: &Self::State) -> [bool; 2];
}

/// What this engine finds of it, to be held against another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Distinct states.
    pub states: usize,
    /// How many steps a shortest run to each violation has, if there is one.
    pub violations: [Option<usize>; 2],
}

struct Wanderer<W> {
    of: W,
    settled: [AtomicBool; 2],
}

impl<W: Wanders> Wanderer<W> {
    /// As with [`Questions`]: whether nothing is wrong, or something was before.
    fn right(&self, which: usize, state: &W::State) -> bool {
        self.settled[which].load(Ordering::Relaxed)
            || !self.of.wrong(state)[which]
            || self.settled[which].swap(true, Ordering::Relaxed)
    }
}

impl<W: Wanders> Model for Wanderer<W> {
    type State = W::State;
    type Action = W::Step;

    fn init_states(&self) -> Vec<W::State> {
        vec![self.of.first()]
    }

    fn actions(&self, state: &W::State, actions: &mut Vec<W::Step>) {
        actions.extend(self.of.steps(state));
    }

    fn next_state(&self, state: &W::State, step: W::Step) -> Option<W::State> {
        Some(self.of.after(state, step))
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        vec![
            stateright::Property::always("first", |wanderer, state| wanderer.right(0, state)),
            stateright::Property::always("second", |wanderer, state| wanderer.right(1, state)),
            stateright::Property::always("exhaustive", |_, _| true),
        ]
    }
}

/// Searches every state.
pub fn wander<W: Wanders + 'static>(of: W) -> Agreed {
    let settled = [AtomicBool::new(false), AtomicBool::new(false)];
    let checker = Wanderer { of, settled }.checker().threads(1).spawn_bfs().join();
    let mut discoveries = checker.discoveries();
    let mut length =
        |name| discoveries.remove(name).map(|path| path.into_vec().len().saturating_sub(1));
    let violations = [length("first"), length("second")];
    Agreed { states: checker.unique_state_count(), violations }
}

fn run_of(path: stateright::Path<Cluster, Transition>) -> Path {
    let steps = path.into_vec();
    let mut states = steps.iter().map(|(state, _)| state.clone());
    let start = states.next().expect("a stateright path has a first state");
    Path { start, steps: steps.iter().filter_map(|(_, action)| *action).zip(states).collect() }
}
