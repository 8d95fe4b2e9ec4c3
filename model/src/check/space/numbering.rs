//! Which number has a state? (the states of spec, sections 2 and 6, as they are counted in section 3)
//!
//! A node is a digit: its phase and version. The nodes' digits make a number in mixed radix, node 1 first; upgrade
//! mode, recorded version and pending tasks choose the plane, which is one such number space. The last two nodes
//! (with many versions the last one) are the *block*: their digits stay together in whole machine words, so that a block is where word-parallel work
//! happens. Where the digits do not fill the words (profile `finalization`: 400 of 448 bits) the rest stays unused.
//! Planes whose combination the spec never reaches have numbers too, after the others: mutants reach them.

use crate::spec::cluster::{Cluster, Mode};
use crate::spec::node::{Node, Phase, Version};
use crate::spec::profile::Profile;
use crate::spec::semantics::Scope;

/// Most nodes that share a block.
const BLOCK_NODES: usize = 2;

/// With more digits a node has a block of its own: tables of what a block leads to grow with the third power of its states.
const BLOCK_DIGITS: usize = 48;

/// The numbering of the states of one scope.
#[derive(Clone, Debug)]
pub struct Numbering {
    scope: Scope,
    phases: &'static [Phase],
    /// By digit.
    nodes: Vec<Node>,
    block_nodes: usize,
    block_words: usize,
    blocks: usize,
}

impl Numbering {
    /// The numbering for this size and profile.
    ///
    /// # Panics
    /// If the scope has no node, or has no numbering ([`Numbering::of`]).
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self::of(scope).expect("the numbers of the states fit 63 bits")
    }

    /// The numbering for this size and profile; `None` if the numbers do not fit 63 bits (16 nodes at two versions).
    ///
    /// # Panics
    /// If the scope has no node.
    #[must_use]
    pub fn of(scope: Scope) -> Option<Self> {
        assert!(scope.nodes > 0, "a cluster has a node");
        let phases = scope.profile.phases();
        let digits = phases.len() * usize::from(scope.versions);
        let block_nodes = if digits > BLOCK_DIGITS { 1 } else { scope.nodes.min(BLOCK_NODES) };
        let high_nodes = u32::try_from(scope.nodes - block_nodes).ok()?;
        let each_version = |phase| (0..scope.versions).map(move |it| Node::new(phase, Version(it)));
        let numbering = Self {
            scope,
            phases,
            nodes: phases.iter().copied().flat_map(each_version).collect(),
            block_nodes,
            block_words: digits.pow(block_nodes as u32).div_ceil(64),
            blocks: digits.checked_pow(high_nodes)?,
        };
        let plane = numbering.blocks.checked_mul(numbering.block_words * 64)?;
        let numbers = plane.checked_mul(numbering.planes())?;
        i64::try_from(numbers).is_ok().then_some(numbering)
    }

    /// How many bytes a set of the states takes that the spec reaches, or, unless `spec`, the most that a mutant does;
    /// `None` if the states have no numbers.
    #[must_use]
    pub fn set_bytes(scope: Scope, spec: bool) -> Option<u64> {
        let numbering = Self::of(scope)?;
        // Mode off, and mode on from each version; with tasks also mode off and tasks pending.
        let regular = usize::from(scope.versions) + 1;
        let planes = match (scope.profile, spec) {
            (Profile::Documented, true) => regular,
            (Profile::Finalization, true) => regular + 1,
            (Profile::Documented, false) => 2 * regular,
            (Profile::Finalization, false) => 4 * regular,
        };
        (numbering.plane_words() as u64 * 8).checked_mul(planes as u64)
    }

    /// The scope whose states are numbered.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// How many digits a node can be: phases times versions.
    #[must_use]
    pub const fn digits(&self) -> usize {
        self.phases.len() * self.scope.versions as usize
    }

    /// How many planes have numbers, those that the spec never reaches included.
    #[must_use]
    pub const fn planes(&self) -> usize {
        4 * (self.scope.versions as usize + 1)
    }

    /// The machine words of a plane.
    #[must_use]
    pub const fn plane_words(&self) -> usize {
        self.blocks * self.block_words
    }

    /// The numbers of a plane, unused ones included.
    #[must_use]
    pub const fn plane_numbers(&self) -> u64 {
        self.plane_words() as u64 * 64
    }

    /// The machine words of a block.
    pub(super) const fn block_words(&self) -> usize {
        self.block_words
    }

    /// How many nodes have their digit outside the block.
    pub(super) const fn high_nodes(&self) -> usize {
        self.scope.nodes - self.block_nodes
    }

    /// How many combinations of digits a block holds.
    pub(super) const fn block_states(&self) -> usize {
        self.digits().pow(self.block_nodes as u32)
    }

    /// The digits of a state of a block.
    pub(super) fn block_digits(&self, state: usize) -> Vec<usize> {
        let mut digits = vec![0; self.high_nodes()];
        self.set_block_digits(state, &mut digits);
        digits.split_off(self.high_nodes())
    }

    /// What one more in the digit of the node at this position adds to the number.
    pub(super) fn stride(&self, position: usize) -> u64 {
        let digits = self.digits() as u64;
        let after = (self.scope.nodes - 1 - position) as u32;
        let block = self.block_nodes as u32;
        if after < block {
            digits.pow(after)
        } else {
            digits.pow(after - block) * self.block_words as u64 * 64
        }
    }

    /// The digit of a node.
    ///
    /// # Panics
    /// If the scope has no such phase or version.
    #[must_use]
    pub fn digit(&self, node: Node) -> usize {
        let place = node.phase as usize;
        assert!(
            self.phases.get(place) == Some(&node.phase) && node.version.0 < self.scope.versions,
            "the node is of the scope"
        );
        place * usize::from(self.scope.versions) + node.version.index()
    }

    /// The node with this digit.
    #[must_use]
    pub fn node(&self, digit: usize) -> Node {
        self.nodes[digit]
    }

    /// The plane of a cluster.
    #[must_use]
    pub fn plane(&self, cluster: &Cluster) -> usize {
        let group = usize::from(self.scope.versions) + 1;
        let (regular, place) = match (cluster.mode, cluster.origin) {
            (Mode::Off, None) => (true, 0),
            (Mode::On, Some(origin)) => (true, 1 + origin.index()),
            (Mode::On, None) => (false, 0),
            (Mode::Off, Some(origin)) => (false, 1 + origin.index()),
        };
        group * (usize::from(cluster.tasks_pending) + if regular { 0 } else { 2 }) + place
    }

    /// Whether, read from the recorded version on and then node by node, each version comes up after those below it: of the
    /// states that differ by a renaming of the versions but for the first, and of the nodes, the least one is such a state.
    pub(super) fn versions_in_order(&self, plane: usize, digits: &[usize]) -> bool {
        let versions = usize::from(self.scope.versions);
        let origin = (plane % (versions + 1)).saturating_sub(1);
        let mut named = 1;
        let mut in_order = |version: usize| {
            let fits = version <= named;
            named = named.max(version + 1);
            fits
        };
        in_order(origin) && digits.iter().all(|digit| in_order(digit % versions))
    }

    /// A cluster of this plane, with these digits.
    pub(super) fn cluster(&self, plane: usize, digits: &[usize]) -> Cluster {
        let mut cluster = self.scope.initial();
        self.set(&mut cluster, plane, digits.iter().copied());
        cluster
    }

    /// Makes a cluster the one of this plane with these digits.
    pub(super) fn set(
        &self,
        cluster: &mut Cluster,
        plane: usize,
        digits: impl Iterator<Item = usize>,
    ) {
        self.set_plane(cluster, plane);
        cluster.nodes.clear();
        cluster.nodes.extend(digits.map(|digit| self.node(digit)));
    }

    /// Puts a cluster on this plane.
    pub(super) fn set_plane(&self, cluster: &mut Cluster, plane: usize) {
        let group = usize::from(self.scope.versions) + 1;
        let (kind, place) = (plane / group, plane % group);
        let regular = kind < 2;
        cluster.mode = if regular == (place > 0) { Mode::On } else { Mode::Off };
        cluster.origin = place.checked_sub(1).map(version);
        cluster.tasks_pending = kind % 2 == 1;
    }

    /// The number of a state.
    ///
    /// # Panics
    /// If the cluster is not of the scope.
    #[must_use]
    pub fn encode(&self, cluster: &Cluster) -> u64 {
        assert_eq!(cluster.nodes.len(), self.scope.nodes, "the cluster is of the scope");
        let digits = self.digits() as u64;
        let mut offset = 0;
        for (position, node) in cluster.nodes.iter().enumerate() {
            if position == self.high_nodes() {
                offset *= self.block_words as u64 * 64;
                offset += self.low_part(&cluster.nodes[position..]);
                break;
            }
            offset = offset * digits + self.digit(*node) as u64;
        }
        self.plane(cluster) as u64 * self.plane_numbers() + offset
    }

    fn low_part(&self, nodes: &[Node]) -> u64 {
        nodes
            .iter()
            .fold(0, |offset, node| offset * self.digits() as u64 + self.digit(*node) as u64)
    }

    /// The plane of a number, and its digits in the order of the nodes.
    pub(super) fn digits_of(&self, number: u64, digits: &mut Vec<usize>) -> usize {
        let radix = self.digits();
        let plane = number / self.plane_numbers();
        let offset = (number % self.plane_numbers()) as usize;
        let block_numbers = self.block_words * 64;
        let (mut high, mut low) = (offset / block_numbers, offset % block_numbers);
        digits.clear();
        for place in 0..self.scope.nodes {
            let part = if place < self.block_nodes { &mut low } else { &mut high };
            digits.push(*part % radix);
            *part /= radix;
        }
        digits.reverse();
        plane as usize
    }

    /// The first number of a block.
    pub(super) const fn first_of(&self, plane: usize, block: usize) -> u64 {
        plane as u64 * self.plane_numbers() + (block * self.block_words) as u64 * 64
    }

    /// The digits of the high nodes of a block.
    pub(super) fn high_digits(&self, block: usize) -> Vec<usize> {
        let mut digits = Vec::new();
        self.digits_of(self.first_of(0, block), &mut digits);
        digits.truncate(self.high_nodes());
        digits
    }

    /// Sets the high digits of a block if they ascend; whether they do.
    pub(super) fn ascending_high_digits(&self, block: usize, digits: &mut Vec<usize>) -> bool {
        let (radix, mut rest, mut least) = (self.digits(), block, self.digits());
        digits.clear();
        for _ in 0..self.high_nodes() {
            let digit = rest % radix;
            if digit > least {
                return false;
            }
            digits.push(digit);
            (rest, least) = (rest / radix, digit);
        }
        digits.reverse();
        true
    }

    /// Sets the digits after the high ones to those of a state of a block.
    pub(super) fn set_block_digits(&self, state: usize, digits: &mut Vec<usize>) {
        digits.truncate(self.high_nodes());
        if self.block_nodes > 1 {
            digits.push(state / self.digits());
        }
        digits.push(state % self.digits());
    }

    /// Makes the high digits of a block those of the next one; after the last comes the first.
    pub(super) fn next_block(&self, high: &mut [usize]) {
        for digit in high.iter_mut().rev() {
            *digit += 1;
            if *digit < self.digits() {
                return;
            }
            *digit = 0;
        }
    }

    /// The state with this number.
    #[must_use]
    pub fn decode(&self, number: u64) -> Cluster {
        let mut digits = Vec::with_capacity(self.scope.nodes);
        let plane = self.digits_of(number, &mut digits);
        self.cluster(plane, &digits)
    }
}

fn version(place: usize) -> Version {
    Version(u8::try_from(place).expect("a version's place fits a byte"))
}
