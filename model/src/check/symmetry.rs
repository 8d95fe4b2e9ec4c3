//! What is left of the space when nodes have no names? One state of each renaming class (spec, section 3, "up to a
//! renaming of the nodes").
//!
//! Where the semantics promises [`Semantics::symmetric`], a state and its renamings have the same future but for the
//! names. No safety property and no goal names a node, so a verdict on one state of each class is the verdict on all,
//! and the distance from the initial state is the same for all. The number of states shrinks towards an `N!`-th.
//!
//! What is lost: which node it is. A run of classes says that *some* node stays STARTING, not that the same one does: on
//! the way around a cycle of classes two nodes may have changed places. So liveness per node, and fairness per
//! transition and node, cannot be decided here; they need [`crate::check::space::Graph`]. Runs that are shown are not affected:
//! they are walked again with names.

use std::collections::HashMap;

use crate::check::engine::{Engine, Exploration, Listener};
use crate::check::goal::Goal;
use crate::check::path::Path;
use crate::check::question::Questions;
use crate::check::sought::{Bound, Bounds, Limit, Progress};
use crate::check::space::Numbering;
use crate::spec::cluster::Cluster;
use crate::spec::property::Claim;
use crate::spec::semantics::{Semantics, System};

/// An engine that counts and judges one state of each renaming class.
///
/// Its `states` are classes and its `transitions` those out of the states that stand for a class.
///
/// # Panics
/// If the semantics does not promise to be symmetric, or the numbers of the states do not fit 63 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Symmetric;

/// The state that stands for the renaming class of this one: the one whose nodes ascend.
#[must_use]
pub fn representative(cluster: &Cluster) -> Cluster {
    let mut sorted = cluster.clone();
    sorted.nodes.sort_unstable();
    sorted
}

/// How many states the renaming class of this one has.
#[must_use]
pub fn class_size(cluster: &Cluster) -> u64 {
    let nodes = &representative(cluster).nodes;
    let mut size = 1;
    let mut alike = 0;
    for (place, node) in nodes.iter().enumerate() {
        alike = if place > 0 && nodes[place - 1] == *node { alike + 1 } else { 1 };
        // The multinomial coefficient, factor by factor: after each it is that of the nodes so far.
        size = size * (place as u64 + 1) / alike;
    }
    size
}

/// The classes of a system, found breadth first.
struct Classes {
    numbering: Numbering,
    /// The number of each representative, and the place of the class that it was found from.
    found: Vec<(u64, usize)>,
    /// The place of each number in `found`; only ever asked, so that its order does not show.
    places: HashMap<u64, usize>,
}

impl Classes {
    fn new<S: Semantics>(system: &System<S>) -> Self {
        assert!(system.semantics.symmetric(), "symmetry is only asked of a symmetric semantics");
        let numbering = Numbering::new(system.scope);
        let initial = numbering.encode(&representative(&system.scope.initial()));
        Self { found: vec![(initial, 0)], places: HashMap::from([(initial, 0)]), numbering }
    }

    fn cluster(&self, place: usize) -> Cluster {
        self.numbering.decode(self.found[place].0)
    }

    /// Finds the classes after this one; how many transitions lead to them.
    fn expand<S: Semantics>(&mut self, system: &System<S>, place: usize) -> u64 {
        let successors = system.successors(&self.cluster(place));
        for (_, after) in &successors {
            let number = self.numbering.encode(&representative(after));
            self.places.entry(number).or_insert_with(|| {
                self.found.push((number, place));
                self.found.len() - 1
            });
        }
        successors.len() as u64
    }

    /// A shortest run with names to a state of this class.
    fn route<S: Semantics>(&self, system: &System<S>, place: usize) -> Path {
        let mut classes = Vec::new();
        let mut here = place;
        while here > 0 {
            classes.push(self.found[here].0);
            here = self.found[here].1;
        }
        let mut path = Path::from(system.scope.initial());
        for class in classes.into_iter().rev() {
            let mut successors = system.successors(path.end()).into_iter();
            let step = successors
                .find(|(_, after)| self.numbering.encode(&representative(after)) == class)
                .expect("renamed states have renamed successors");
            path.steps.push(step);
        }
        path
    }
}

/// How many states and transitions the whole space has, added up over the classes: each counts for all its renamings.
///
/// # Panics
/// As [`Symmetric`].
#[must_use]
pub fn unfolded<S: Semantics>(system: &System<S>) -> (u64, u64) {
    let mut classes = Classes::new(system);
    let (mut states, mut transitions) = (0, 0);
    let mut place = 0;
    while place < classes.found.len() {
        let size = class_size(&classes.cluster(place));
        states += size;
        transitions += size * classes.expand(system, place);
        place += 1;
    }
    (states, transitions)
}

/// How many classes are found between two looks at whether to end.
const CLASSES_A_LOOK: usize = 256;

impl<S: Semantics> Engine<S> for Symmetric {
    fn explore_within(
        &self,
        system: System<S>,
        properties: &[Claim<S>],
        goals: &[Goal],
        bounds: Bounds<'_>,
        progress: Listener<'_>,
    ) -> Exploration {
        assert!(
            !properties.iter().any(Claim::tells_nodes_apart),
            "symmetry is only asked what does not tell nodes apart"
        );
        let questions = Questions::new(&system, properties, goals);
        let mut classes = Classes::new(&system);
        let mut answers: Vec<Option<usize>> = vec![None; questions.len()];
        let (mut transitions, mut depth, mut layer) = (0, 0, 0..1);
        let by = 'search: loop {
            for place in layer.clone() {
                if place % CLASSES_A_LOOK == 0
                    && let Some(by) = (bounds.stop)()
                {
                    break 'search Some(by);
                }
                let open = |question: usize| answers[question].is_none();
                for question in questions.answered(&classes.cluster(place), open) {
                    answers[question] = Some(place);
                }
                transitions += classes.expand(&system, place);
            }
            progress(Progress { states: classes.found.len() as u64, transitions, depth });
            layer = layer.end..classes.found.len();
            if layer.is_empty() {
                break None;
            }
            if bounds.depth.is_some_and(|deepest| depth >= deepest) {
                break Some(Bound::Depth);
            }
            depth += 1;
        };
        let so_far = match by {
            // Of the layer after the last nothing was judged, of a layer that was begun not all.
            Some(Bound::Depth) => Progress { states: layer.start as u64, transitions, depth },
            Some(_) => {
                let depth = depth.saturating_sub(1);
                Progress { states: layer.start as u64, transitions, depth }
            }
            None => Progress { states: classes.found.len() as u64, transitions, depth },
        };
        let runs = answers.into_iter().map(|place| Some(classes.route(&system, place?))).collect();
        let ended = by.map(|by| Limit { by, so_far });
        Exploration::of(&system, so_far, ended, properties, runs)
    }
}
