//! How did the model get there? A run: a first state, and each transition with the state that it led to.

use std::fmt;

use crate::spec::cluster::{Cluster, ClusterStatus};
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// A run of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The state that it starts in.
    pub start: Cluster,
    /// Each transition, and the state after it.
    pub steps: Vec<(Transition, Cluster)>,
}

impl Path {
    /// A run that has not moved yet.
    #[must_use]
    pub const fn from(start: Cluster) -> Self {
        Self { start, steps: Vec::new() }
    }

    /// The state that it ends in.
    #[must_use]
    pub fn end(&self) -> &Cluster {
        self.steps.last().map_or(&self.start, |(_, state)| state)
    }

    /// Each transition with the state before and after it.
    pub fn moves(&self) -> impl Iterator<Item = (&Cluster, Transition, &Cluster)> {
        let before = std::iter::once(&self.start).chain(self.steps.iter().map(|(_, state)| state));
        before.zip(&self.steps).map(|(before, (transition, after))| (before, *transition, after))
    }
}

/// What differs between two states, in words: `n2 Active -> Error; status STABLE -> MIXED`.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The state before.
    pub before: &'a Cluster,
    /// The state after.
    pub after: &'a Cluster,
    /// The status that is shown before and after: the system's to say, since a mutant may show another than the spec.
    pub shown: Option<[ClusterStatus; 2]>,
}

impl<'a> Change<'a> {
    /// What differs of the states alone.
    #[must_use]
    pub const fn of(before: &'a Cluster, after: &'a Cluster) -> Self {
        Self { before, after, shown: None }
    }

    /// What differs, and what the system shows of it.
    pub fn shown_by<S: Semantics>(
        system: &System<S>,
        before: &'a Cluster,
        after: &'a Cluster,
    ) -> Self {
        Self { before, after, shown: Some([system.status(before), system.status(after)]) }
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        let (before, after) = (self.before, self.after);
        for ((id, was), (_, is)) in before.numbered().zip(after.numbered()) {
            if was.phase != is.phase {
                words.push(format!("{id} {} -> {}", was.phase, is.phase));
            }
            if was.version != is.version {
                words.push(format!("{id} {} -> {}", was.version, is.version));
            }
        }
        if before.mode != after.mode {
            words.push(format!("mode {} -> {}", before.mode, after.mode));
        }
        if before.origin != after.origin {
            let word =
                |origin: Option<_>| origin.map_or_else(|| "none".to_owned(), |v| format!("{v}"));
            words.push(format!("origin {} -> {}", word(before.origin), word(after.origin)));
        }
        if before.tasks_pending != after.tasks_pending {
            words
                .push(format!("tasks pending {} -> {}", before.tasks_pending, after.tasks_pending));
        }
        if let Some([was, is]) = self.shown.filter(|[was, is]| was != is) {
            words.push(format!("status {was} -> {is}"));
        }
        if words.is_empty() {
            words.push("nothing changes".to_owned());
        }
        f.write_str(&words.join("; "))
    }
}

/// One line a transition, with what it changed.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  0  {}", self.start)?;
        for (number, (before, transition, after)) in self.moves().enumerate() {
            let name = transition.to_string();
            writeln!(f, "{:>3}  {name:<18} {}", number + 1, Change::of(before, after))?;
        }
        write!(f, "     {}", self.end())
    }
}
