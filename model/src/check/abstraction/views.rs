//! What do clusters of any size have in common? Views: one or two nodes, with the mode, origin and pending tasks.
//!
//! The other half of the abstraction: which views a cluster has ([`Views::absorb`]), and which clusters of a size a set
//! of views stands for ([`clusters`]). For each plane a bit matrix says which two local states occur together; a
//! local state that occurs together with itself occurs in two nodes.

use std::collections::BTreeMap;

use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{Node, Phase, Version};
use crate::spec::profile::Profile;

/// What a cluster has besides its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plane {
    /// Whether upgrade mode is on.
    pub mode: Mode,
    /// The recorded version.
    pub origin: Option<Version>,
    /// Whether upgrade tasks are pending.
    pub tasks_pending: bool,
}

impl Plane {
    /// The plane that a cluster is in.
    #[must_use]
    pub const fn of(cluster: &Cluster) -> Self {
        Self { mode: cluster.mode, origin: cluster.origin, tasks_pending: cluster.tasks_pending }
    }
}

/// Which local states occur in a plane, and which two of them together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    alone: u128,
    /// For each local state, those that another node of the same cluster can be in.
    with: Vec<u128>,
}

/// A set of views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Views {
    versions: u8,
    locals: usize,
    planes: BTreeMap<Plane, Pairs>,
}

impl Views {
    /// The most versions that views can tell apart: each local state has a bit of a word.
    #[must_use]
    pub fn versions_max(profile: Profile) -> u8 {
        let locals = u128::BITS as usize / profile.phases().len();
        u8::try_from(locals).unwrap_or(u8::MAX)
    }

    /// No views yet.
    ///
    /// # Panics
    /// With more versions than can be told apart ([`Views::versions_max`]).
    #[must_use]
    pub fn none(profile: Profile, versions: u8) -> Self {
        assert!(versions <= Self::versions_max(profile), "each local state has a bit of a word");
        let locals = profile.phases().len() * usize::from(versions);
        Self { versions, locals, planes: BTreeMap::new() }
    }

    /// Adds every view of a cluster; whether any is new.
    pub fn absorb(&mut self, cluster: &Cluster) -> bool {
        let bits = bits(cluster, self.versions);
        let empty = || Pairs { alone: 0, with: vec![0; self.locals] };
        let pairs = (self.planes.entry(Plane::of(cluster))).or_insert_with(empty);
        let mut new = false;
        for (at, bit) in bits.iter().enumerate() {
            new |= pairs.alone >> bit & 1 == 0;
            pairs.alone |= 1 << bit;
            for other in bits[at + 1..].iter() {
                new |= pairs.with[*bit] >> other & 1 == 0;
                pairs.with[*bit] |= 1 << other;
                pairs.with[*other] |= 1 << bit;
            }
        }
        new
    }

    /// Whether the set stands for this cluster: every view of it is in the set.
    #[must_use]
    pub fn stand_for(&self, cluster: &Cluster) -> bool {
        let bits = bits(cluster, self.versions);
        self.planes.get(&Plane::of(cluster)).is_some_and(|pairs| {
            bits.iter().enumerate().all(|(at, bit)| {
                pairs.alone >> bit & 1 == 1
                    && (bits[at + 1..].iter()).all(|other| pairs.with[*bit] >> other & 1 == 1)
            })
        })
    }

    /// The planes that occur.
    #[must_use]
    pub fn planes(&self) -> Vec<Plane> {
        self.planes.keys().copied().collect()
    }

    /// How many views there are: single nodes and unordered pairs, in each plane.
    #[must_use]
    pub fn count(&self) -> usize {
        let ones = |mask: u128| mask.count_ones() as usize;
        (self.planes.values())
            .map(|pairs| {
                let twice: usize = pairs.with.iter().map(|mask| ones(*mask)).sum();
                let twins = (0..self.locals).filter(|bit| pairs.with[*bit] >> bit & 1 == 1).count();
                ones(pairs.alone) + (twice + twins) / 2
            })
            .sum()
    }

    /// What occurs in a plane.
    ///
    /// # Panics
    /// If the plane does not occur.
    #[must_use]
    pub fn pairs(&self, plane: Plane) -> &Pairs {
        &self.planes[&plane]
    }
}

/// The number of each node's local state.
fn bits(cluster: &Cluster, versions: u8) -> Vec<usize> {
    (cluster.nodes.iter())
        .map(|node| node.phase as usize * usize::from(versions) + node.version.index())
        .collect()
}

/// Shows every cluster of this size, up to a renaming of the nodes, that the views of a plane stand for, except those
/// for which the views known before already stood.
pub fn clusters(
    pairs: &Pairs,
    known: Option<&Pairs>,
    plane: Plane,
    versions: u8,
    size: usize,
    mut show: impl FnMut(&Cluster),
) {
    let cluster = Cluster {
        mode: plane.mode,
        origin: plane.origin,
        tasks_pending: plane.tasks_pending,
        nodes: Vec::with_capacity(size),
    };
    let mut growing = Growing { pairs, known, versions, size, cluster };
    let old = known.map_or(0, |known| known.alone);
    growing.grow(pairs.alone, old, false, &mut show);
}

/// A cluster to which nodes are added, in the order of their local states.
struct Growing<'a> {
    pairs: &'a Pairs,
    known: Option<&'a Pairs>,
    versions: u8,
    size: usize,
    cluster: Cluster,
}

impl Growing<'_> {
    /// Adds nodes in every way: `fitting` are the local states that go with every node so far, `old` those that were
    /// known to; `fresh` says whether some view of the nodes so far was not known.
    fn grow(&mut self, fitting: u128, old: u128, fresh: bool, show: &mut impl FnMut(&Cluster)) {
        if self.cluster.nodes.len() == self.size {
            if fresh {
                show(&self.cluster);
            }
            return;
        }
        let mut rest = fitting;
        while rest != 0 {
            let bit = rest.trailing_zeros() as usize;
            let here_or_later = u128::MAX << bit;
            rest &= rest - 1;
            let versions = usize::from(self.versions);
            let version = u8::try_from(bit % versions).expect("below the number of versions");
            let node = Node::new(Phase::ALL[bit / versions], Version(version));
            self.cluster.nodes.push(node);
            let with = self.known.map_or(0, |known| known.with[bit]);
            self.grow(
                fitting & self.pairs.with[bit] & here_or_later,
                old & with,
                fresh || old >> bit & 1 == 0,
                show,
            );
            self.cluster.nodes.pop();
        }
    }
}
