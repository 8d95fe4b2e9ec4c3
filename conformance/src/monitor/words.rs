//! The model's words in the target's: `n2` is the node's id, `v1` the version's name.

use zdu_model::judge::belief::{Overview, SeenNode, SeenVersion};
use zdu_model::spec::cluster::Mode;
use zdu_model::spec::node::NodeId;

use crate::wire::Dictionary;

/// Puts into words what is seen of one cluster.
#[derive(Clone, Debug)]
pub struct Words {
    dictionary: Dictionary,
}

impl Words {
    /// Words of this cluster.
    #[must_use]
    pub const fn new(dictionary: Dictionary) -> Self {
        Self { dictionary }
    }

    /// What the words on the wire stand for.
    #[must_use]
    pub const fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// A node's id, as the API lists it.
    #[must_use]
    pub fn id(&self, id: NodeId) -> &str {
        self.dictionary.ids.get(id.index()).map_or("?", String::as_str)
    }

    fn version(&self, version: SeenVersion) -> &str {
        match version {
            SeenVersion::Known(version) => self.dictionary.version_name(version),
            SeenVersion::Foreign(_) => "of an unknown version",
            SeenVersion::Nothing => "of no version",
        }
    }

    /// A node as it is listed.
    #[must_use]
    pub fn node(&self, id: NodeId, seen: Option<SeenNode>) -> String {
        match seen {
            None => format!("{} not listed", self.id(id)),
            Some(node) => format!("{} {} {}", self.id(id), node.status, self.version(node.version)),
        }
    }

    /// Upgrade mode as it is shown.
    #[must_use]
    pub fn mode(&self, seen: &Overview) -> String {
        let tasks = if seen.tasks_pending == Some(true) { ", tasks pending" } else { "" };
        match (seen.mode, seen.origin) {
            (Mode::Off, SeenVersion::Nothing) => format!("mode off{tasks}"),
            (mode, origin) => format!("mode {mode} from {}{tasks}", self.version(origin)),
        }
    }

    /// A text of the model with `n1` and `v0` replaced by what they stand for here.
    #[must_use]
    pub fn named(&self, text: &str) -> String {
        text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric())
            .map(|piece| {
                let word = piece.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
                let name = self.name(word).unwrap_or(word);
                format!("{name}{}", &piece[word.len()..])
            })
            .collect()
    }

    fn name(&self, word: &str) -> Option<&str> {
        let number = |rest: &str| rest.parse::<usize>().ok();
        match word.split_at_checked(1)? {
            ("n", rest) => {
                (self.dictionary.ids).get(number(rest)?.checked_sub(1)?).map(String::as_str)
            }
            ("v", rest) => self.dictionary.versions.get(number(rest)?).map(String::as_str),
            _ => None,
        }
    }
}
