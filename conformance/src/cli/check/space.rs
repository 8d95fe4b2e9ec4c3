//! In what form are the states kept that a search found?

use zdu_model::check::space::Graph as Numbered;
use zdu_model::check::symmetry::Classes;
use zdu_model::spec::mutants::Mutants;

/// The states that were found, in the form in which the engine keeps them.
pub(super) enum Space {
    Numbers(Box<Numbered<Mutants>>),
    Classes(Box<Classes<Mutants>>),
}

impl Space {
    /// How many states and transitions stand behind what was counted.
    pub(super) fn unfolded(&self) -> Option<(u64, u64)> {
        match self {
            Self::Numbers(_) => None,
            Self::Classes(classes) => Some(classes.unfolded()),
        }
    }
}
