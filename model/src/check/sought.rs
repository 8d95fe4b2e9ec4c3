//! What became of looking for something? Found, nowhere, or given up: a limit is never a proof, so the three are told apart
//! by type, and whoever prints one of them has to say which.

use std::fmt;

/// What became of looking for something among the reachable states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Sought<T> {
    /// It is here.
    Found(T),
    /// It is somewhere in what was looked at; this ended looking for how one gets there.
    Somewhere(Bound),
    /// Everything was looked at, and it is nowhere.
    Nowhere,
    /// It is not in what was looked at, and that was not everything.
    GivenUp(Limit),
}

impl<T> Sought<T> {
    /// What was found, if anything was. Nothing found is no proof of anything: ask [`Sought::is_nowhere`].
    #[must_use]
    pub const fn found(&self) -> Option<&T> {
        match self {
            Self::Found(found) => Some(found),
            Self::Somewhere(_) | Self::Nowhere | Self::GivenUp(_) => None,
        }
    }

    /// Whether it is in what was looked at, though perhaps nobody knows how one gets there.
    #[must_use]
    pub const fn is_somewhere(&self) -> bool {
        matches!(self, Self::Found(_) | Self::Somewhere(_))
    }

    /// Whether everything was looked at and it is nowhere.
    #[must_use]
    pub const fn is_nowhere(&self) -> bool {
        matches!(self, Self::Nowhere)
    }

    /// The same, with what was found made into something else.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Sought<U> {
        match self {
            Self::Found(found) => Sought::Found(make(found)),
            Self::Somewhere(bound) => Sought::Somewhere(bound),
            Self::Nowhere => Sought::Nowhere,
            Self::GivenUp(limit) => Sought::GivenUp(limit),
        }
    }
}

/// What is known so far, while a search runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Progress {
    /// Distinct states found.
    pub states: u64,
    /// Transitions taken, as labelled triples.
    pub transitions: u64,
    /// The length of the longest shortest path so far.
    pub depth: u64,
}

/// What ended a search before it had looked at everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// No longer runs were asked for.
    Depth,
    /// No more time was given.
    Time,
    /// No more memory was given.
    Memory,
    /// Somebody interrupted it.
    Interrupted,
}

impl Bound {
    /// What it was, in words that follow "ended by".
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Depth => "the bound on the depth",
            Self::Time => "the bound on the time",
            Self::Memory => "the bound on the memory",
            Self::Interrupted => "an interruption",
        }
    }
}

/// Where a search was ended, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limit {
    /// What ended it.
    pub by: Bound,
    /// How far it was: every state that fewer or as many transitions lead to was looked at.
    pub so_far: Progress,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress { states, depth, .. } = self.so_far;
        let by = self.by.text();
        if states == 0 {
            write!(f, "nothing was looked at: {by}")
        } else {
            write!(f, "not up to depth {depth}, {states} states; ended by {by}")
        }
    }
}

/// Asked again and again while a search runs, from several threads: the reason to end it now, if there is one.
pub type Stop<'a> = &'a (dyn Fn() -> Option<Bound> + Sync);

/// When a search is to end before it has looked at everything.
#[derive(Clone, Copy)]
pub struct Bounds<'a> {
    /// The longest runs that are looked at.
    pub depth: Option<u64>,
    /// Whether it goes on.
    pub stop: Stop<'a>,
}

impl Bounds<'_> {
    /// Everything is to be looked at.
    pub const NONE: Bounds<'static> = Bounds { depth: None, stop: &|| None };
}

impl fmt::Debug for Bounds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bounds").field("depth", &self.depth).finish_non_exhaustive()
    }
}
