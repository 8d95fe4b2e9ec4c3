//! May a run begin with the cluster as it is found? Traces start with every node ACTIVE on the original version and upgrade mode
//! off; without more consent a run boots what is down, and no more.

use zdu_model::judge::event::{Source, View};
use zdu_model::judge::seen::Overview;
use zdu_model::spec::node::Version;

use crate::replay::{Site, home_by_boots, home_version};
use crate::verdict::Command;
use crate::words::Remedy;

/// How the cluster is found, before a run.
pub(super) struct Start {
    /// What is listed; `None` where that cannot be read.
    seen: Option<Overview>,
    /// Whether nodes may be driven.
    disrupt: bool,
    /// The version that traces start from: the original, or a later one below which nothing leads.
    pub(super) base: Version,
}

impl Start {
    pub(super) async fn of(site: &Site, disrupt: bool, one_way: bool) -> Self {
        let seen = site.look(Source::Cluster, View::Overview).await.overview().cloned();
        let later = seen.as_ref().and_then(home_version).filter(|_| one_way);
        Self { seen, disrupt, base: later.unwrap_or(Version::ORIGINAL) }
    }

    /// What keeps every trace from being run, and the likeliest remedy; nothing where traces can start. What cannot be read says
    /// nothing.
    pub(super) fn obstacle(
        &self,
        command: impl Fn(&[&str]) -> Command,
        site: &Site,
    ) -> Option<Remedy> {
        let seen = self.seen.as_ref()?;
        let at_home = home_version(seen) == Some(self.base);
        if at_home || self.disrupt && home_by_boots(seen, self.base) {
            return None;
        }
        let by_hand = command(&["advise"]);
        let advice = if self.disrupt {
            let taking_over = command(&["replay", "--take-over"]);
            format!(
                "if nobody else uses the cluster, let a run bring it there: {taking_over}; or by hand: {by_hand}"
            )
        } else {
            format!("bring it there by hand: {by_hand}")
        };
        let swapped =
            home_version(seen).and_then(|version| site.dictionary.versions.get(version.index()));
        Some(match (swapped, site.dictionary.versions.first()) {
            (Some(runs), Some(first)) => Remedy {
                found: format!("every node runs {runs}, and the first of `versions`, the original, is {first}"),
                advice: format!("are `versions` swapped? If {runs} is the original, write it first; if not, {advice}"),
            },
            _ => Remedy {
                found: "traces start with every node ACTIVE on the original version and upgrade mode off".to_owned(),
                advice,
            },
        })
    }
}
