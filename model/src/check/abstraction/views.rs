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

    /// The most bytes that a set of views takes: a row of bits for each local state, in each plane that a mutant may reach.
    #[must_use]
    pub fn bytes_max(profile: Profile, versions: u8) -> u64 {
        let locals = profile.phases().len() as u64 * u64::from(versions);
        let planes = 4 * (u64::from(versions) + 1);
        planes * (locals + 1) * u64::from(u128::BITS / 8)
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

    /// Adds every view of a cluster, and with `alike` what each becomes when the versions but for the first are renamed;
    /// whether any is new.
    pub fn absorb(&mut self, cluster: &Cluster, alike: bool) -> bool {
        if self.stand_for(cluster) {
            return false;
        }
        let plane = Plane::of(cluster);
        let mut new = false;
        for (at, one) in cluster.nodes.iter().enumerate() {
            for other in &cluster.nodes[at..] {
                // A node beside itself is a view of one.
                let two = !std::ptr::eq(one, other);
                if !self.insert(plane, *one, *other, two) {
                    continue;
                }
                new = true;
                if alike {
                    let versions = [plane.origin, Some(one.version), Some(other.version)];
                    renamings(versions, self.versions, |becomes| {
                        let renamed = |node: &Node| Node::new(node.phase, becomes(node.version));
                        let plane = Plane { origin: plane.origin.map(becomes), ..plane };
                        self.insert(plane, renamed(one), renamed(other), two);
                    });
                }
            }
        }
        new
    }

    /// Adds a view of one node, or of two; whether it is new.
    fn insert(&mut self, plane: Plane, one: Node, other: Node, two: bool) -> bool {
        let [one, other] = [one, other].map(|node| bit(node, self.versions));
        let empty = || Pairs { alone: 0, with: vec![0; self.locals] };
        let pairs = self.planes.entry(plane).or_insert_with(empty);
        let was = if two { &mut pairs.with[one] } else { &mut pairs.alone };
        let new = *was >> other & 1 == 0;
        *was |= 1 << other;
        if two {
            pairs.with[other] |= 1 << one;
        }
        new
    }

    /// Whether the set stands for this cluster: every view of it is in the set.
    #[must_use]
    pub fn stand_for(&self, cluster: &Cluster) -> bool {
        let bits = || cluster.nodes.iter().map(|node| bit(*node, self.versions));
        self.planes.get(&Plane::of(cluster)).is_some_and(|pairs| {
            bits().enumerate().all(|(at, bit)| {
                pairs.alone >> bit & 1 == 1
                    && bits().skip(at + 1).all(|other| pairs.with[bit] >> other & 1 == 1)
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

/// The number of a node's local state.
fn bit(node: Node, versions: u8) -> usize {
    node.phase as usize * usize::from(versions) + node.version.index()
}

/// Shows every way to rename these versions, of which the first keeps its name, to different ones.
fn renamings(
    named: [Option<Version>; 3],
    versions: u8,
    mut show: impl FnMut(&dyn Fn(Version) -> Version),
) {
    let mut named: Vec<_> =
        named.into_iter().flatten().filter(|it| *it != Version::ORIGINAL).collect();
    named.sort_unstable();
    named.dedup();
    let mut chosen: Vec<Vec<Version>> = vec![Vec::new()];
    for _ in &named {
        let longer = chosen.iter().flat_map(|some| {
            let free = (1..versions).map(Version).filter(|version| !some.contains(version));
            free.map(|version| [some.as_slice(), &[version]].concat())
        });
        chosen = longer.collect();
    }
    for names in chosen {
        show(&|version| {
            named.iter().position(|it| *it == version).map_or(version, |place| names[place])
        });
    }
}

/// Shows every cluster of this size, up to a renaming of the nodes, that the views of a plane stand for, except those
/// for which the views known before already stood. With `alike` also up to a renaming of the versions but for the first:
/// of those that differ by one the least is shown, and in it, read from the origin on and by its sorted nodes, each
/// version comes after those below it.
pub fn clusters(
    pairs: &Pairs,
    known: Option<&Pairs>,
    plane: Plane,
    (versions, alike): (u8, bool),
    size: usize,
    mut show: impl FnMut(&Cluster),
) {
    let origin = plane.origin.unwrap_or(Version::ORIGINAL).index();
    if alike && origin > 1 {
        return;
    }
    let cluster = Cluster {
        mode: plane.mode,
        origin: plane.origin,
        tasks_pending: plane.tasks_pending,
        nodes: Vec::with_capacity(size),
    };
    let mut growing = Growing { pairs, known, versions, size, cluster };
    let old = known.map_or(0, |known| known.alone);
    let named = if alike { origin + 1 } else { usize::from(versions) };
    growing.grow(pairs.alone, (old, false), named, &mut show);
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
    /// known to; `fresh` says whether some view of the nodes so far was not known. So many versions have come up so far;
    /// the next one to do so is the next.
    fn grow(
        &mut self,
        fitting: u128,
        (old, fresh): (u128, bool),
        named: usize,
        show: &mut impl FnMut(&Cluster),
    ) {
        if self.cluster.nodes.len() == self.size {
            if fresh {
                show(&self.cluster);
            }
            return;
        }
        let versions = usize::from(self.versions);
        let mut rest = fitting;
        while rest != 0 {
            let bit = rest.trailing_zeros() as usize;
            let here_or_later = u128::MAX << bit;
            rest &= rest - 1;
            if bit % versions > named {
                continue;
            }
            let version = u8::try_from(bit % versions).expect("below the number of versions");
            let node = Node::new(Phase::ALL[bit / versions], Version(version));
            self.cluster.nodes.push(node);
            let with = self.known.map_or(0, |known| known.with[bit]);
            self.grow(
                fitting & self.pairs.with[bit] & here_or_later,
                (old & with, fresh || old >> bit & 1 == 0),
                named.max(bit % versions + 1),
                show,
            );
            self.cluster.nodes.pop();
        }
    }
}
