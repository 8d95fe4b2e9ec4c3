//! Which liveness properties are written down? Those of section 5, in the words of [`crate::spec::table`], for a notation that
//! has fairness.

use crate::spec::node::{NodeStatus, Phase};
use crate::spec::profile::Profile;
use crate::spec::table::Is;

/// A property: a cluster of which nobody asks anything any more, and to which nothing happens from without, leaves no node for
/// ever where `stays` holds of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staying {
    /// The property's name, as `zdu check --list` gives it.
    pub name: &'static str,
    /// Where the node must not stay.
    pub stays: Is,
}

impl Staying {
    /// The name as a word of a program.
    #[must_use]
    pub fn word(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// The liveness properties of a profile.
#[must_use]
pub fn staying(profile: Profile) -> Vec<Staying> {
    let listed = |status| Is::In(Phase::of(Some(status)));
    let mut all = vec![
        Staying { name: "node-2-no-node-stays-starting", stays: listed(NodeStatus::Starting) },
        Staying {
            name: "node-3-no-node-stays-terminating",
            stays: listed(NodeStatus::Terminating),
        },
        Staying {
            name: "node-5-no-offline-node-stays-listed-while-mode-is-off",
            stays: Is::All(vec![Is::On.contrary(), listed(NodeStatus::Offline)]),
        },
    ];
    if profile == Profile::Finalization {
        all.push(Staying {
            name: "fin-2-no-node-runs-its-tasks-for-ever",
            stays: listed(NodeStatus::RunningFinalizeUpgradeTasks),
        });
    }
    all
}
