//! Which properties about transitions are written down in TLA+? Each as `[][ ... ]_vars`: over each step that is the row's, what
//! must be of the state after it. A transition that changes nothing is no step there, so that nothing is said of it.

use crate::spec::profile::Profile;

/// A property about transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The property's name, as `zdu check --list` gives it.
    pub name: &'static str,
    /// What must be over each step.
    pub action: &'static str,
}

impl Step {
    /// The name as a word of a program.
    #[must_use]
    pub fn word(&self) -> String {
        self.name.replace('-', "_")
    }
}

const DOCUMENTED: [Step; 10] = [
    Step {
        name: "api-2-start-enables-the-mode-and-records-the-version",
        action: "Start => mode' = \"on\" /\\ UNCHANGED <<phase, version>> /\\ JoinedOnly(origin)'",
    },
    Step {
        name: "api-5-cancel-disables-the-mode-and-nothing-else",
        action: "Cancel => mode' = \"off\" /\\ UNCHANGED <<phase, version>>",
    },
    Step {
        name: "api-6-approve-disables-the-mode",
        action: "Approve => mode' = \"off\" /\\ UNCHANGED <<phase, version>>",
    },
    Step {
        name: "mode-6-after-approve-off-and-stable",
        action: "Approve /\\ mode = \"on\" => mode' = \"off\" /\\ (Some(\"Error\")' \\/ Shown' = \"STABLE\")",
    },
    Step {
        name: "node-2-starting-becomes-active",
        action: "\\A i \\in Nodes : (Join(i) => Starting(i) /\\ Starting(i)') /\\ (Ready(i) => Starting(i) /\\ phase'[i] = \"Active\")",
    },
    Step {
        name: "node-3-terminating-becomes-offline",
        action: "\\A i \\in Nodes : (Stop(i) => Terminating(i)') \
                 /\\ (Leave(i) \\/ Halt(i) => Terminating(i)' \\/ phase'[i] \\in {\"Offline\", \"Absent\"})",
    },
    Step {
        name: "node-4-a-killed-node-is-offline",
        action: "\\A i \\in Nodes : Kill(i) => phase'[i] = \"Offline\"",
    },
    Step {
        name: "node-5-no-other-node-is-forgotten",
        action: "\\A i \\in Nodes : phase[i] # \"Absent\" /\\ phase'[i] = \"Absent\" => mode = \"off\" /\\ phase[i] = \"Offline\"",
    },
    Step {
        name: "node-6-only-the-broken-node-is-in-error",
        action: "\\A i \\in Nodes : Break(i) => phase'[i] = \"Error\" \
                 /\\ \\A j \\in Nodes \\ {i} : phase'[j] = phase[j] /\\ version'[j] = version[j]",
    },
    Step {
        name: "node-10-version-changes-only-while-down",
        action: "\\A i \\in Nodes : version'[i] # version[i] => phase[i] \\in {\"Offline\", \"Absent\"} /\\ phase'[i] = phase[i]",
    },
];

/// The properties about transitions that are written down. In profile `finalization` those that its two branches of
/// Approve change are left out.
#[must_use]
pub fn steps(profile: Profile) -> Vec<Step> {
    let approves = |step: &&Step| step.action.starts_with("Approve");
    match profile {
        Profile::Documented => DOCUMENTED.to_vec(),
        Profile::Finalization => {
            DOCUMENTED.iter().filter(|step| !approves(step)).copied().collect()
        }
    }
}
