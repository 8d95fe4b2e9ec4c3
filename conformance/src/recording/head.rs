//! Who made a recording, of what, and how long things may take: its first line.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zdu_model::judge::event::Micros;
use zdu_model::judge::roster::Known;
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::Patience;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;

use super::SCHEMA;
use crate::layout::Layout;
use crate::replay::{Site, micros};
use crate::wire::Dictionary;

/// Who made the recording, and so what else may have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A replay: nobody else touched the cluster, and every step is recorded.
    Replay,
    /// A monitor: others may have done anything.
    Monitor,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`SCHEMA`], or one that is still read.
    pub schema: String,
    /// Who made it.
    pub source: Source,
    /// The target's URL.
    pub target: String,
    /// The layout.
    pub layout: Layout,
    /// The family of builds.
    pub profile: Profile,
    /// The versions, the original first.
    pub versions: Vec<Text>,
    /// The nodes, by number, as far as they were known.
    pub nodes: Vec<Known>,
    /// Which nodes have an address of their own.
    #[serde(default)]
    pub own: BTreeSet<NodeId>,
    /// Whether the build lets nodes below the original version join.
    #[serde(default)]
    pub allow_downgrade: bool,
    /// How long things may take.
    pub timing: Spans,
    /// When it began (RFC 3339, UTC).
    pub started: String,
}

/// How long things may take, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the keys of the target file's [timing]")]
pub struct Spans {
    pub settle: Micros,
    pub quiet: Micros,
    pub poll: Micros,
    /// For a monitor's: no node restarts faster than this; absent where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<Micros>,
}

impl Head {
    /// The head of a recording of whoever these words are about, that begins now.
    #[must_use]
    pub fn new(dictionary: &Dictionary, source: Source, patience: Patience) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            source,
            target: String::new(),
            layout: Layout::Documented,
            profile: dictionary.profile,
            versions: dictionary.versions.clone(),
            nodes: dictionary.nodes.clone(),
            own: BTreeSet::new(),
            allow_downgrade: false,
            timing: Spans {
                settle: patience.settle,
                quiet: patience.quiet,
                poll: patience.poll,
                restart: None,
            },
            started: jiff::Timestamp::now().to_string(),
        }
    }

    /// The head of a recording of this site that begins now.
    #[must_use]
    pub fn of(site: &Site, source: Source, restart: Option<Duration>) -> Self {
        let mut head = Self::new(&site.dictionary, source, Patience::from(site.timing));
        head.target = site.client.redactor().clean(&site.base);
        head.layout = site.layout;
        head.own = site.own().collect();
        head.allow_downgrade = site.downgrades;
        head.timing.restart = restart.map(micros);
        head
    }

    /// Whether it says how traces ended: the format before did not, and a watch has none.
    #[must_use]
    pub fn tells_ends(&self) -> bool {
        self.source == Source::Replay && self.schema == SCHEMA
    }

    /// What the words mean.
    #[must_use]
    pub fn dictionary(&self) -> Dictionary {
        Dictionary {
            profile: self.profile,
            nodes: self.nodes.clone(),
            versions: self.versions.clone(),
        }
    }

    /// How long a judge waits.
    #[must_use]
    pub const fn patience(&self) -> Patience {
        let Spans { settle, quiet, poll, .. } = self.timing;
        Patience { settle, quiet, poll }
    }
}
