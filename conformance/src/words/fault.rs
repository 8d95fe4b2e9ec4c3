//! What does not fit in a target file, each with its remedy.

use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;

use super::{Remedy, Words, counted, silence};
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

/// That none of so many traces can be run with the cluster as it is found.
#[must_use]
pub fn no_trace(of: usize, why: &Remedy) -> Remedy {
    Remedy::new(
        format!(
            "none of {} can be run with the cluster as it is: {}",
            counted(of, "trace"),
            why.found
        ),
        why.advice.clone(),
    )
}

impl Words<'_> {
    /// A fault of the target file, which is for this profile, and what to do about it.
    #[must_use]
    pub fn target_fault(self, fault: &TargetFault, profile: Profile) -> Remedy {
        let nodes =
            |ids: &[NodeId]| ids.iter().map(|id| self.node(*id)).collect::<Vec<_>>().join(", ");
        match fault {
            TargetFault::Missing(ids, others) if others.is_empty() => Remedy::new(
                format!("{} stands in the target file and is not in the cluster", nodes(ids)),
                "correct its [[node]] or take it out, or start the node first",
            ),
            TargetFault::Missing(ids, others) => Remedy::new(
                format!(
                    "{} stands in the target file and is not in the cluster, which lists {} that the file does not name",
                    nodes(ids),
                    joined(others)
                ),
                "correct the `id`, `address` or `name` of its [[node]]",
            ),
            TargetFault::Unnamed(others) => Remedy::new(
                format!(
                    "the cluster lists {}, which no [[node]] of the target file names",
                    joined(others)
                ),
                "add it, or take every [[node]] out",
            ),
            TargetFault::Version(id, version) => Remedy::new(
                format!(
                    "{} runs {version}, and `versions` has {}",
                    self.node(*id),
                    joined(&self.names.versions)
                ),
                "write every version that nodes run there, the original first",
            ),
            TargetFault::Profile(missing) => Remedy::new(
                format!(
                    "the build says {}, which profile {profile} does not have",
                    missing.join(", ")
                ),
                "write `profile = \"auto\"`",
            ),
            TargetFault::NoTasks => Remedy::new(
                "the file says `profile = \"finalization\"`, and the build serves neither hasFinalizationTasks nor retryUpgrade",
                "write `profile = \"auto\"`",
            ),
            TargetFault::Dead(id, why) => Remedy::new(
                format!(
                    "{} is listed ACTIVE and nobody answers at its `url` ({})",
                    self.node(*id),
                    silence(why)
                ),
                "correct the `url`, or take it out",
            ),
            TargetFault::Elsewhere(id) => Remedy::new(
                format!("at the `url` of {} something else answers than this API", self.node(*id)),
                "check its host, port and context path",
            ),
            TargetFault::Swapped(pairs) => {
                let pair = |(id, who): &(NodeId, NodeId)| {
                    format!("at the `url` of {} {} answers", self.node(*id), self.node(*who))
                };
                let pairs: Vec<String> = pairs.iter().map(pair).collect();
                Remedy::new(pairs.join(", "), "give each [[node]] its own")
            }
        }
    }
}

fn joined(texts: &[Text]) -> String {
    texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
