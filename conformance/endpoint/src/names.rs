//! What are the nodes, the versions and the builds called, and what is left of nodes that changed their ids (spec section 7)?

use std::time::Duration;

use crate::cluster::Cluster;
use crate::defect::Defect as D;
use crate::freedom::Freedom;
use crate::options::Options;

/// The port of the cluster's own traffic.
const PORT: u16 = 5801;
/// How many entries a cluster has at most, ghosts included.
const ENTRIES_MAX: usize = 32;

/// What a node is listed as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) port: u16,
}

/// The entry that a node leaves behind when it comes back under a new id.
#[derive(Debug, Clone)]
pub(crate) struct Ghost {
    pub(crate) known: Identity,
    /// The node that it was.
    pub(crate) node: usize,
    pub(crate) version: usize,
    /// Whether it is a silent entry instead of an OFFLINE one.
    pub(crate) silent: bool,
    /// When it is removed (NODE-5).
    due: Option<Duration>,
}

/// The names of everything.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) nodes: Vec<Identity>,
    pub(crate) versions: Vec<String>,
    pub(crate) builds: Vec<String>,
    /// The ids that the nodes had first: what the control calls know them by.
    pub(crate) handles: Vec<String>,
    pub(crate) ghosts: Vec<Ghost>,
    /// Every id that a node had before, with the node.
    former: Vec<(String, usize)>,
    /// How often each node had been booted when it was last looked at.
    boots: Vec<u32>,
    /// How opaque ids look; nothing for `n1`, `n2` and so on.
    style: Option<u8>,
    /// Whether the first two nodes are swapped (two defects only).
    swapped: bool,
}

impl Names {
    pub(crate) fn new(options: &Options, random: &mut fastrand::Rng) -> Self {
        let style = random.u8(..3);
        let style = options.freedoms.has(Freedom::OpaqueIds).then_some(style);
        let id = |number: usize, random: &mut fastrand::Rng| match style {
            Some(style) => opaque_id(style, number, random),
            None => format!("n{number}"),
        };
        let nodes: Vec<_> = (1..=options.nodes)
            .map(|number| Identity {
                id: id(number, random),
                name: format!("confluence-{number}"),
                address: format!("10.0.0.{}", 10 + number),
                port: PORT,
            })
            .collect();
        Self {
            handles: nodes.iter().map(|node| node.id.clone()).collect(),
            boots: vec![0; nodes.len()],
            nodes,
            builds: options.versions.iter().map(|version| build_number(version)).collect(),
            versions: options.versions.clone(),
            ghosts: Vec::new(),
            former: Vec::new(),
            style,
            swapped: false,
        }
    }

    /// The node that is listed under this id.
    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|known| known.id == id)
    }

    /// The entry that was left behind under this id.
    pub(crate) fn ghost(&self, id: &str) -> Option<&Ghost> {
        self.ghosts.iter().find(|ghost| ghost.known.id == id)
    }

    /// The node that a driver means: by an id that it has or had, or by its name.
    pub(crate) fn meant(&self, handle: &str) -> Option<usize> {
        let first = self.handles.iter().position(|known| known == handle);
        let former = || self.former.iter().find(|(id, _)| id == handle).map(|(_, node)| *node);
        let named = || self.nodes.iter().position(|known| known.name == handle);
        first.or_else(|| self.index(handle)).or_else(former).or_else(named)
    }

    /// Whether the node has another id than at first.
    pub(crate) fn renamed(&self, index: usize) -> bool {
        self.nodes[index].id != self.handles[index]
    }

    /// Gives the node another id.
    pub(crate) fn rename(&mut self, index: usize, random: &mut fastrand::Rng) {
        let number = index + 1;
        let next = self.former.len() + 2;
        let id = match self.style {
            Some(style) => opaque_id(style, number, random),
            None => format!("n{number}-{next}"),
        };
        let old = std::mem::replace(&mut self.nodes[index].id, id);
        self.former.push((old, index));
    }

    /// Gives new ids to the nodes that were booted since it was last looked.
    pub(crate) fn follow(
        &mut self,
        cluster: &Cluster,
        now: Duration,
        delay: Duration,
        random: &mut fastrand::Rng,
    ) {
        self.swap(cluster);
        let freedoms = cluster.freedoms;
        if !freedoms.has(Freedom::IdsChange) {
            return;
        }
        for (index, node) in cluster.nodes.iter().enumerate() {
            if self.boots[index] == node.boots {
                continue;
            }
            self.boots[index] = node.boots;
            let known = self.nodes[index].clone();
            self.rename(index, random);
            if freedoms.now(Freedom::AddressesChange, random) {
                let other = (node.boots % 250) + 1;
                self.nodes[index].address = format!("10.0.{other}.{}", 11 + index);
            }
            if cluster.has(D::NewIdUnknown) {
                self.nodes[index].address = format!("10.9.9.{}", 11 + index);
                self.nodes[index].name = format!("wiki-{}", self.nodes[index].id);
            }
            let ways = [Freedom::GhostsStay, Freedom::GhostsVanish];
            if node.left_entry && freedoms.pick(&ways, random) == Freedom::GhostsStay {
                let silent = freedoms.now(Freedom::GhostsSilent, random);
                let version = node.version;
                self.ghosts.push(Ghost { known, node: index, version, silent, due: None });
            }
        }
        let places = self.nodes.len().min(ENTRIES_MAX.saturating_sub(self.nodes.len()));
        while self.ghosts.len() > places {
            self.ghosts.remove(0);
        }
        let kept = cluster.mode || cluster.has(D::GhostNeverRemoved);
        for ghost in &mut self.ghosts {
            let after = || now + Duration::from_micros(random.u64(..=micros(delay)));
            ghost.due = if kept { None } else { Some(ghost.due.unwrap_or_else(after)) };
        }
        self.ghosts.retain(|ghost| ghost.due.is_none_or(|due| due > now));
    }

    /// What two defects do to the first two nodes while upgrade mode is on.
    fn swap(&mut self, cluster: &Cluster) {
        let swaps = cluster.has(D::IdsSwap) || cluster.has(D::AddressesSwap);
        let [first, second, ..] = self.nodes.as_mut_slice() else { return };
        if !swaps || self.swapped == cluster.mode {
            return;
        }
        self.swapped = cluster.mode;
        if cluster.has(D::IdsSwap) {
            std::mem::swap(&mut first.id, &mut second.id);
        } else {
            std::mem::swap(&mut first.address, &mut second.address);
        }
    }

    /// When the next ghost is removed.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.ghosts.iter().filter_map(|ghost| ghost.due).min()
    }
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Ids as real builds have them.
pub(crate) fn opaque_id(style: u8, number: usize, random: &mut fastrand::Rng) -> String {
    match style {
        0 => format!("{:08x}", random.u32(..)),
        1 => format!("{:016x}{:016x}", random.u64(..), random.u64(..)),
        _ => format!("wiki-{:x}.example.org_{number}", random.u16(..)),
    }
}

/// A build number such as `90204` for 9.2.4: each number of the version, two digits each after the first.
fn build_number(version: &str) -> String {
    let numbers = version.split(|letter: char| !letter.is_ascii_digit());
    let mut numbers = numbers.filter(|number| !number.is_empty());
    let mut build = numbers.next().unwrap_or("0").to_owned();
    for number in numbers {
        build.push_str(&format!("{number:0>2}"));
    }
    build
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_numbers_follow_versions() {
        assert_eq!(build_number("9.2.1"), "90201");
        assert_eq!(build_number("10.12.3-m04"), "10120304");
        assert_eq!(build_number("next"), "0");
    }
}
