//! What is left of the space when nodes have no names? One state of each renaming class (spec, section 3, "up to a
//! renaming of the nodes").
//!
//! Where the semantics promises [`Semantics::symmetric`], a state and its renamings have the same future but for the
//! names. No safety property and no goal names a node, so a verdict on one state of each class is the verdict on all,
//! and the distance from the initial state is the same for all. The number of states shrinks towards an `N!`-th.
//!
//! A class counts for as many states as it has renamings, so that the counts of the whole space are known too; and a way from a
//! class to a class is a way from each of its states, so that PROC-4 is decided here ([`Classes::ways_to`]).
//!
//! What is lost: which node it is. A run of classes says that *some* node stays STARTING, not that the same one does: on
//! the way around a cycle of classes two nodes may have changed places. So liveness per node, and fairness per
//! transition and node, cannot be decided on cycles here; the ladder of [`crate::check::fairness`], which is about single states and
//! transitions, can. Runs that are shown are not affected:
//! they are walked again with names.

use std::collections::HashMap;

use crate::check::engine::{Engine, Exploration, Listener};
use crate::check::goal::Goal;
use crate::check::graph::id;
use crate::check::path::Path;
use crate::check::question::Questions;
use crate::check::sought::{Bound, Bounds, Limit, Progress};
use crate::check::space::{Numbering, Ways};
use crate::spec::cluster::Cluster;
use crate::spec::property::Claim;
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// An engine that counts and judges one state of each renaming class.
///
/// Its `states` are classes and its `transitions` those out of the states that stand for a class.
///
/// # Panics
/// If the semantics does not promise to be symmetric, or the numbers of the states do not fit 63 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Symmetric;

/// What is kept of a class: a number, two places, and some thirty transitions of four bytes.
const CLASS_BYTES: u128 = 250;

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
#[derive(Clone, Debug)]
pub struct Classes<S> {
    system: System<S>,
    numbering: Numbering,
    /// The number of each representative, and the place of the class that it was found from.
    found: Vec<(u64, usize)>,
    /// The place of each number in `found`; only ever asked, so that its order does not show.
    places: HashMap<u64, usize>,
    /// The states of the classes that were expanded, and the transitions out of them: each class counts for all its
    /// renamings.
    unfolded: (u64, u64),
}

impl<S: Semantics> Classes<S> {
    fn new(system: &System<S>) -> Self {
        assert!(system.semantics.symmetric(), "symmetry is only asked of a symmetric semantics");
        let numbering = Numbering::new(system.scope);
        let initial = numbering.encode(&representative(&system.scope.initial()));
        let (found, places) = (vec![(initial, 0)], HashMap::from([(initial, 0)]));
        Self { found, places, numbering, system: system.clone(), unfolded: (0, 0) }
    }

    /// About how many bytes the classes of a system take with what leads from each to each; `None` if its states have no
    /// numbers. Known before the search: each plane has as many classes as there are multisets of local states.
    #[must_use]
    pub fn needs(system: &System<S>) -> Option<u64> {
        let numbering = Numbering::of(system.scope)?;
        let nodes = system.scope.nodes as u128;
        let multisets = (1..=nodes).try_fold(1_u128, |all, node| {
            Some(all.checked_mul(numbering.digits() as u128 + node - 1)? / node)
        })?;
        let planes = u128::from(system.scope.versions) + 1;
        u64::try_from(multisets.checked_mul(planes * CLASS_BYTES)?).ok()
    }

    /// The same within a depth: no more classes than there are runs of that length, each step one of all transitions.
    #[must_use]
    pub fn needs_within(system: &System<S>, depth: u64) -> Option<u64> {
        let each = system.scope.transitions().len() as u128;
        let longest = each.checked_pow(u32::try_from(depth).ok()?)?;
        u64::try_from(longest.checked_mul(2 * CLASS_BYTES)?).ok()
    }

    fn cluster(&self, place: usize) -> Cluster {
        self.numbering.decode(self.found[place].0)
    }

    /// Finds the classes after this one; how many transitions lead to them.
    fn expand(&mut self, place: usize) -> u64 {
        let cluster = self.cluster(place);
        let successors = self.system.successors(&cluster);
        let size = class_size(&cluster);
        self.unfolded.0 += size;
        self.unfolded.1 += size * successors.len() as u64;
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
    fn route(&self, place: usize) -> Path {
        let mut classes = Vec::new();
        let mut here = place;
        while here > 0 {
            classes.push(self.found[here].0);
            here = self.found[here].1;
        }
        let mut path = Path::from(self.system.scope.initial());
        for class in classes.into_iter().rev() {
            let mut successors = self.system.successors(path.end()).into_iter();
            let step = successors
                .find(|(_, after)| self.numbering.encode(&representative(after)) == class)
                .expect("renamed states have renamed successors");
            path.steps.push(step);
        }
        path
    }

    /// How many states and transitions the whole space has, added up over the classes.
    #[must_use]
    pub const fn unfolded(&self) -> (u64, u64) {
        self.unfolded
    }

    /// Looks from every reachable state for a way to one for which `goal` holds, over the transitions that are allowed;
    /// neither tells the nodes apart. It counts states, not classes.
    ///
    /// # Errors
    /// The bound by which the search was ended: then nothing is known.
    pub fn ways_to(
        &self,
        goal: impl Fn(&Cluster) -> bool,
        allowed: impl Fn(Transition) -> bool,
        stop: &dyn Fn() -> Option<Bound>,
    ) -> Result<Ways, Bound> {
        let count = self.found.len();
        // Of each class the end of its successors, and of each successor its place.
        let (mut ends, mut after) = (Vec::with_capacity(count), Vec::new());
        let mut leads: Vec<bool> = Vec::with_capacity(count);
        for place in 0..count {
            if place % CLASSES_A_LOOK == 0
                && let Some(by) = stop()
            {
                return Err(by);
            }
            let cluster = self.cluster(place);
            leads.push(goal(&cluster));
            let successors = self.system.successors(&cluster).into_iter();
            after.extend(successors.filter(|(step, _)| allowed(*step)).map(|(_, after)| {
                id(self.places[&self.numbering.encode(&representative(&after))])
            }));
            ends.push(after.len());
        }
        let size = |place: &usize| class_size(&self.cluster(*place));
        let goals: Vec<usize> = (0..count).filter(|place| leads[*place]).collect();
        let mut ways = Ways {
            goals: goals.iter().map(size).sum(),
            longest: 0,
            farthest: goals.first().map(|place| self.cluster(*place)),
            stranded: 0,
            stranding: None,
        };
        loop {
            let onward = |place: usize| {
                let begin = place.checked_sub(1).map_or(0, |before| ends[before]);
                after[begin..ends[place]].iter().any(|next| leads[*next as usize])
            };
            let new: Vec<usize> = (0..count).filter(|it| !leads[*it] && onward(*it)).collect();
            let Some(first) = new.first() else { break };
            ways.longest += 1;
            ways.farthest = Some(self.cluster(*first));
            new.iter().for_each(|place| leads[*place] = true);
        }
        let stranded: Vec<usize> = (0..count).filter(|place| !leads[*place]).collect();
        ways.stranded = stranded.iter().map(size).sum();
        // The classes are found breadth first, so that the first is the nearest.
        ways.stranding = stranded.first().map(|place| self.route(*place));
        Ok(ways)
    }
}

/// How many classes are found between two looks at whether to end.
const CLASSES_A_LOOK: usize = 256;

impl Symmetric {
    /// Explores as [`Engine::explore_within`] does, and keeps the classes: `None` where the search was ended.
    ///
    /// # Panics
    /// If the semantics does not promise to be symmetric, a claim tells the nodes apart, or the numbers of the states do
    /// not fit 63 bits.
    pub fn survey<S: Semantics>(
        self,
        system: &System<S>,
        properties: &[Claim<S>],
        goals: &[Goal],
        bounds: Bounds<'_>,
        progress: Listener<'_>,
    ) -> (Exploration, Option<Classes<S>>) {
        assert!(
            !properties.iter().any(Claim::tells_nodes_apart),
            "symmetry is only asked what does not tell nodes apart"
        );
        let questions = Questions::new(system, properties, goals);
        let mut classes = Classes::new(system);
        let mut open = questions.open();
        let mut answers: Vec<Option<usize>> = vec![None; open.len()];
        let (mut transitions, mut depth, mut layer) = (0, 0, 0..1);
        let by = 'search: loop {
            let last = bounds.depth.is_some_and(|deepest| depth >= deepest);
            for place in layer.clone() {
                if place % CLASSES_A_LOOK == 0
                    && let Some(by) = (bounds.stop)()
                {
                    break 'search Some(by);
                }
                let cluster = classes.cluster(place);
                let mut tell = |question: usize| answers[question] = Some(place);
                questions.ask_state(&cluster, &mut open, &mut tell);
                if !last {
                    questions.ask_steps(&cluster, &mut open, tell);
                    transitions += classes.expand(place);
                }
            }
            progress(Progress { states: classes.found.len() as u64, transitions, depth });
            if last {
                break Some(Bound::Depth);
            }
            layer = layer.end..classes.found.len();
            if layer.is_empty() {
                break None;
            }
            depth += 1;
        };
        let so_far = match by {
            // Of a layer that was begun not all was judged.
            Some(by) if by != Bound::Depth => {
                let depth = depth.saturating_sub(1);
                Progress { states: layer.start as u64, transitions, depth }
            }
            Some(_) | None => Progress { states: classes.found.len() as u64, transitions, depth },
        };
        let runs = answers.into_iter().map(|place| Some(Ok(classes.route(place?)))).collect();
        let ended = by.map(|by| Limit { by, so_far });
        let exploration = Exploration::of(system, so_far, ended, properties, runs);
        (exploration, ended.is_none().then_some(classes))
    }
}

impl<S: Semantics> Engine<S> for Symmetric {
    fn explore_within(
        &self,
        system: System<S>,
        properties: &[Claim<S>],
        goals: &[Goal],
        bounds: Bounds<'_>,
        progress: Listener<'_>,
    ) -> Exploration {
        self.survey(&system, properties, goals, bounds, progress).0
    }
}
