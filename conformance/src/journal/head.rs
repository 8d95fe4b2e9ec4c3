//! What is run on what, and how it ended: enough to make a report from the journal alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zdu_model::judge::finding::Names;
use zdu_model::judge::roster::Known;
use zdu_model::judge::served::{FailedTask, Field};
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::trace::Trace;

use crate::layout::Layout;
use crate::lock::fingerprint;
use crate::run::{Gate, Run};
use crate::target::{Target, Waiver};
use crate::verdict::{Command, LeftAs};

/// A run as it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The schema.
    pub schema: String,
    /// When it began (RFC 3339, UTC).
    pub began: String,
    /// The command line.
    pub command: Command,
    /// The target's URL, without secrets.
    pub target: Text,
    /// How the target file calls the run.
    pub label: Option<Text>,
    /// The family of builds.
    pub profile: Profile,
    /// Where nobody said which it is: whether upgrade tasks are served.
    #[serde(default)]
    pub serves_tasks: Option<bool>,
    /// Where the calls live.
    pub layout: Option<Layout>,
    /// The nodes, as far as they are known: one that is down may not be listed when the run is taken up again.
    pub nodes: Vec<Known>,
    /// What nodes and versions are called.
    pub names: Names,
    /// Whether versions below the original may be installed.
    pub allow_downgrade: bool,
    /// The waivers: rule, reason, last day.
    pub waivers: Vec<(Rule, String, Option<String>)>,
    /// What it must reach.
    pub gate: Gate,
    /// Whether there was consent to setting up what needs it.
    pub take_over: bool,
    /// Whether its traces are run again whatever became of them before (`--last-failed`).
    #[serde(default)]
    pub again: bool,
    /// The keys of the target file, with fingerprints of their values.
    pub settings: BTreeMap<String, String>,
    /// Each trace, in the order in which they are taken.
    pub traces: Vec<Planned>,
}

/// A trace that is to be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its name.
    pub name: Text,
    /// Why it exists.
    pub why: Text,
    /// How many steps it has.
    pub steps: usize,
    /// The rules that it is meant to exercise.
    pub rules: Vec<Rule>,
    /// The command that replays it.
    pub replay: Command,
}

/// A run as it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tail {
    /// Whether it came to all of its traces.
    pub finished: bool,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// How the cluster was left.
    pub left_as: Option<LeftAs>,
    /// The lines for a shell that bring it back from there.
    pub bring_back: Vec<String>,
    /// Whether that is where traces start.
    pub at_home: bool,
    /// What nodes and versions are called by then.
    pub names: Names,
    /// Fields that the build leaves out.
    pub left_out: Vec<Field>,
    /// Entries that nodes left behind.
    pub ghosts: Vec<Text>,
    /// Upgrade tasks that failed.
    pub failed_tasks: Vec<(NodeId, FailedTask)>,
}

impl Planned {
    /// A trace, and the command that replays it.
    #[must_use]
    pub fn of(trace: &Trace, replay: Command) -> Self {
        Self {
            name: trace.name.as_str().into(),
            why: trace.why.as_str().into(),
            steps: trace.steps.len(),
            rules: trace.rules.clone(),
            replay,
        }
    }
}

impl Head {
    /// The head of a run that begins, on this target with these settings, of these traces.
    #[must_use]
    pub fn of(
        run: &Run,
        target: &Target,
        nodes: Vec<Known>,
        settings: BTreeMap<String, String>,
        traces: Vec<Planned>,
    ) -> Self {
        let waiver = |waiver: &Waiver| {
            (waiver.rule, waiver.reason.clone(), waiver.expires.map(|day| day.to_string()))
        };
        Self {
            schema: super::SCHEMA.to_owned(),
            began: run.began.to_string(),
            command: Command::zdu(std::env::args().skip(1)),
            target: run.target.clone(),
            label: run.label.clone(),
            profile: run.profile,
            serves_tasks: run.serves_tasks,
            layout: run.layout,
            nodes,
            names: run.names.clone(),
            allow_downgrade: target.allow_downgrade,
            waivers: run.waivers.iter().map(waiver).collect(),
            gate: run.gate.clone(),
            take_over: run.take_over,
            again: false,
            settings,
            traces,
        }
    }

    /// The command that goes on with it.
    #[must_use]
    pub fn resuming(&self) -> Command {
        resuming(&self.command)
    }

    /// In what this run and another are about different builds: what it is, and both.
    #[must_use]
    pub(super) fn other_target(&self, now: &Self) -> Option<(String, String, String)> {
        let list = |names: &[Text]| names.iter().map(Text::raw).collect::<Vec<_>>().join(", ");
        let label = |head: &Self| head.label.as_ref().map_or("none", Text::raw).to_owned();
        let layout = |head: &Self| head.layout.map_or("unknown", Layout::name).to_owned();
        let pairs = [
            ("the target", self.target.raw().to_owned(), now.target.raw().to_owned()),
            ("the versions", list(&self.names.versions), list(&now.names.versions)),
            ("the label", label(self), label(now)),
            ("the profile", self.profile.to_string(), now.profile.to_string()),
            ("the layout", layout(self), layout(now)),
            ("the number of nodes", self.nodes.len().to_string(), now.nodes.len().to_string()),
            ("allow_downgrade", self.allow_downgrade.to_string(), now.allow_downgrade.to_string()),
        ];
        let other = pairs.into_iter().find(|(_, was, is)| was != is);
        other.map(|(what, was, is)| (what.to_owned(), was, is))
    }

    /// The keys of the target file that say something else now, are new, or are gone.
    #[must_use]
    pub fn changed(&self, now: &Self) -> Vec<String> {
        let keys = self.settings.keys().chain(now.settings.keys());
        let changed = keys.filter(|key| self.settings.get(*key) != now.settings.get(*key));
        let mut changed: Vec<String> = changed.cloned().collect();
        changed.sort();
        changed.dedup();
        changed
    }
}

/// The command that goes on with what a command began.
#[must_use]
pub fn resuming(command: &Command) -> Command {
    let goes_on = ["--resume", "--last-failed"];
    let words = command.words().iter().skip(1).filter(|word| !goes_on.contains(&word.as_str()));
    Command::zdu(words.cloned()).with(["--resume"])
}

/// The keys of a target file with fingerprints of their values; the values may be nobody's business.
#[must_use]
pub fn settings(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Ok(table) = text.parse::<toml::Table>() {
        flatten("", &toml::Value::Table(table), &mut found);
    }
    found
}

fn flatten(key: &str, value: &toml::Value, found: &mut BTreeMap<String, String>) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(name, value)| flatten(&below(name), value, found));
        }
        toml::Value::Array(values) if values.iter().all(toml::Value::is_table) => {
            for (index, value) in values.iter().enumerate() {
                flatten(&below(&(index + 1).to_string()), value, found);
            }
        }
        toml::Value::Array(_)
        | toml::Value::String(_)
        | toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => {
            let print = fingerprint(value.to_string().as_bytes());
            found.insert(key.to_owned(), format!("{print:016x}"));
        }
    }
}
