//! What are the nodes, the versions and the builds called?

use crate::freedom::Freedom;
use crate::options::Options;

/// The port of the cluster's own traffic.
const PORT: u16 = 5801;

/// What a node is listed as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) port: u16,
}

/// The names of everything.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) nodes: Vec<Identity>,
    pub(crate) versions: Vec<String>,
    pub(crate) builds: Vec<String>,
    /// The ids that the nodes had first: what the control calls know them by.
    pub(crate) handles: Vec<String>,
}

impl Names {
    pub(crate) fn new(options: &Options, random: &mut fastrand::Rng) -> Self {
        let opaque = options.freedoms.has(Freedom::OpaqueIds);
        let style = random.u8(..3);
        let nodes: Vec<_> = (1..=options.nodes)
            .map(|number| Identity {
                id: if opaque { opaque_id(style, number, random) } else { format!("n{number}") },
                name: format!("confluence-{number}"),
                address: format!("10.0.0.{}", 10 + number),
                port: PORT,
            })
            .collect();
        Self {
            handles: nodes.iter().map(|node| node.id.clone()).collect(),
            nodes,
            builds: options.versions.iter().map(|version| build_number(version)).collect(),
            versions: options.versions.clone(),
        }
    }

    /// The node that is listed under this id.
    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|known| known.id == id)
    }

    /// The node that a driver means: by the id that it has or had first, or by its name.
    pub(crate) fn meant(&self, handle: &str) -> Option<usize> {
        let first = self.handles.iter().position(|known| known == handle);
        first
            .or_else(|| self.index(handle))
            .or_else(|| self.nodes.iter().position(|known| known.name == handle))
    }
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
