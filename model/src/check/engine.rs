//! What did an exhaustive search find? The result that every engine gives, so that engines can be compared.

use crate::check::goal::Goal;
use crate::check::path::Path;
use crate::check::sought::{Bound, Bounds, Limit, Progress, Sought};
use crate::spec::property::Claim;
use crate::spec::semantics::{Semantics, System};

/// Who is told how far a search is.
pub type Listener<'a> = &'a mut (dyn FnMut(Progress) + Send);

/// A search over every reachable state.
pub trait Engine<S: Semantics> {
    /// Explores `system` as far as the bounds allow, judges each claim and looks for each goal.
    fn explore_within(
        &self,
        system: System<S>,
        claims: &[Claim<S>],
        goals: &[Goal],
        bounds: Bounds<'_>,
        progress: Listener<'_>,
    ) -> Exploration;

    /// Explores all of `system`.
    fn explore(
        &self,
        system: System<S>,
        claims: &[Claim<S>],
        goals: &[Goal],
        progress: Listener<'_>,
    ) -> Exploration {
        self.explore_within(system, claims, goals, Bounds::NONE, progress)
    }
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// Distinct states that were looked at: all that are reachable, unless a limit ended the search.
    pub states: u64,
    /// Transitions between them: (state, transition with its node and version, next state).
    pub transitions: u64,
    /// The length of the longest shortest path from the initial state.
    pub depth: u64,
    /// What ended the search before it had looked at everything.
    pub ended: Option<Limit>,
    /// A shortest run to a violation for each claim, in the order asked; it holds where there is none.
    pub violations: Vec<Sought<Path>>,
    /// A shortest run to each goal, in the order asked; it is unreachable where there is none.
    pub examples: Vec<Sought<Path>>,
}

/// A run to the state that answers a question, if there is one; what ended looking for the run.
pub(crate) type Run = Option<Result<Path, Bound>>;

impl Exploration {
    /// Sorts the runs that were found by the question that they answer; what was not found is nowhere, or given up.
    pub(crate) fn of<S: Semantics>(
        system: &System<S>,
        progress: Progress,
        ended: Option<Limit>,
        claims: &[Claim<S>],
        mut runs: Vec<Run>,
    ) -> Self {
        let sought = |run: Run| match (run, ended) {
            (Some(Ok(path)), _) => Sought::Found(path),
            (Some(Err(by)), _) => Sought::Somewhere(by),
            (None, None) => Sought::Nowhere,
            (None, Some(limit)) => Sought::GivenUp(limit),
        };
        let examples = runs.split_off(claims.len());
        let violations = (claims.iter().zip(runs))
            .map(|(claim, run)| Some(run?.map(|path| with_breaking_step(system, claim, path))));
        Self {
            states: progress.states,
            transitions: progress.transitions,
            depth: progress.depth,
            ended,
            violations: violations.map(sought).collect(),
            examples: examples.into_iter().map(sought).collect(),
        }
    }
}

/// Extends a run that ends where `claim` fails by the transition that breaks it, if it is one.
#[must_use]
pub fn with_breaking_step<S: Semantics>(
    system: &System<S>,
    claim: &Claim<S>,
    mut path: Path,
) -> Path {
    path.steps.extend(claim.broken_by(system, path.end()));
    path
}
