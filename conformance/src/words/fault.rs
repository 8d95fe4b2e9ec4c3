//! What does not fit in a target file, each with its remedy.

use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;

use super::{Words, silence};
use crate::doctor::TargetFault;
use crate::replay::Idle;

/// Why a run does not begin on a target that the file does not fit.
#[must_use]
pub fn unfitting(faults: &[String]) -> String {
    format!(
        "the target file does not fit the target, and nothing was changed:\n  {}",
        faults.join("\n  ")
    )
}

/// Why a run does not begin whose `reset` does nothing.
#[must_use]
pub fn useless_reset(idle: &Idle) -> String {
    let why = match idle {
        Idle::Failed(error) => format!("it fails: {error}"),
        Idle::Nothing => {
            "it ends well, and upgrade mode is on after it as it was before".to_owned()
        }
    };
    format!(
        "`reset` of the target file does not bring the cluster back to its initial state: {why}\nmend it, or take it out; then the \
         cluster is brought back step by step"
    )
}

impl Words<'_> {
    /// A fault of the target file, which is for this profile.
    #[must_use]
    pub fn target_fault(self, fault: &TargetFault, profile: Profile) -> String {
        let nodes =
            |ids: &[NodeId]| ids.iter().map(|id| self.node(*id)).collect::<Vec<_>>().join(", ");
        match fault {
            TargetFault::Missing(ids, others) if others.is_empty() => format!(
                "{} stands in the target file and is not in the cluster; correct its [[node]] or take it out, or start the node \
                 first",
                nodes(ids)
            ),
            TargetFault::Missing(ids, others) => format!(
                "{} stands in the target file and is not in the cluster, which lists {}; correct the `id`, `address` or `name` of \
                 its [[node]]",
                nodes(ids),
                joined(others)
            ),
            TargetFault::Unnamed(others) => format!(
                "the cluster lists {}, which no [[node]] of the target file names; add it, or take every [[node]] out",
                joined(others)
            ),
            TargetFault::Version(id, version) => format!(
                "{} runs {version}, and `versions` has {}; write every version that nodes run there, the original first",
                self.node(*id),
                joined(&self.names.versions)
            ),
            TargetFault::Profile(missing) => format!(
                "the build says {}, which profile {profile} does not have; write `profile = \"auto\"`",
                missing.join(", ")
            ),
            TargetFault::NoTasks => "the file says `profile = \"finalization\"`, and the build serves neither hasFinalizationTasks nor \
                                     retryUpgrade; write `profile = \"auto\"`"
                .to_owned(),
            TargetFault::Dead(id, why) => format!(
                "{} is listed ACTIVE and nobody answers at its `url` ({}); correct the `url`, or take it out",
                self.node(*id),
                silence(why)
            ),
            TargetFault::Elsewhere(id) => format!(
                "at the `url` of {} something else answers than this API; check its host, port and context path",
                self.node(*id)
            ),
            TargetFault::Swapped(pairs) => {
                let pair = |(id, who): &(NodeId, NodeId)| {
                    format!("at the `url` of {} {} answers", self.node(*id), self.node(*who))
                };
                let pairs: Vec<String> = pairs.iter().map(pair).collect();
                format!("{}; give each [[node]] its own", pairs.join(", "))
            }
        }
    }
}

fn joined(texts: &[Text]) -> String {
    texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
