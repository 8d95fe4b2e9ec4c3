//! Which guards can be dropped, one by one? Each by its row and name, to see what it is good for.

use std::fmt;
use std::sync::LazyLock;

use crate::spec::cluster::Cluster;
use crate::spec::profile::Profile;
use crate::spec::transition::Transition;

use super::{Place, Table};

/// Every row of both profiles: what profile `documented` lacks never arises there.
static TABLE: LazyLock<Table> = LazyLock::new(|| Table::of(Profile::Finalization));

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| TABLE.guards());

/// A guard of a row, such as `Forget.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guard(u8);

impl Guard {
    /// Every guard, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..NAMES.len()).filter_map(|at| u8::try_from(at).ok()).map(Self)
    }

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        &NAMES[usize::from(self.0)]
    }

    /// The guard with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|guard| guard.name() == name)
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Some guards, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guards(u64);

impl Guards {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// Those that are in it.
    pub fn iter(self) -> impl Iterator<Item = Guard> {
        (0..64).filter(move |at| self.0 >> at & 1 == 1).map(Guard)
    }

    /// What the transition leads to where these guards are dropped; none where it is disabled all the same. `None`
    /// outside if its row keeps all its guards.
    pub(crate) fn next(self, cluster: &Cluster, transition: Transition) -> Option<Option<Cluster>> {
        let row = TABLE.row(transition)?;
        let dropped = |guard: &str| {
            let name = |it: Guard| it.name().split_once('.') == Some((row.word(), guard));
            self.iter().any(name)
        };
        let mut cases = row.cases.iter();
        if !cases.clone().flat_map(|case| &case.guards).any(|(guard, _)| dropped(guard)) {
            return None;
        }
        let at = Place::of(cluster, transition);
        let enabled = cases.find(|case| {
            let mut kept = case.guards.iter().filter(|(guard, _)| !dropped(guard));
            kept.all(|(_, is)| is.holds(&TABLE, at))
        });
        Some(enabled.map(|case| case.make(&TABLE, at)))
    }
}

impl FromIterator<Guard> for Guards {
    fn from_iter<I: IntoIterator<Item = Guard>>(guards: I) -> Self {
        Self(guards.into_iter().fold(0, |bits, guard| bits | 1 << guard.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves that every guard has a bit.
    #[test]
    fn every_guard_fits_the_word() {
        assert!(Guard::all().count() > 20 && Guard::all().count() <= 64);
        assert!(Guard::all().all(|guard| Guard::named(guard.name()) == Some(guard)));
        let both: Guards = [Guard(3), Guard(5)].into_iter().collect();
        assert_eq!(both.iter().collect::<Vec<_>>(), [Guard(3), Guard(5)]);
    }
}
