//! What is tested, and how is it driven? The target file (the interface's "The target file").
//!
//! Everything is checked when the file is read: an unknown key names the nearest known one and its line, a duration or
//! a date that is none says what to write, credentials in the URL are refused. `${NAME}` in a value is taken from the
//! environment; in a command the shell does that, which has the same environment and a fuller language for it.
//!
//! What each key means to a person is in `TARGET.md`.

mod balancer;
mod environment;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use toml::de::DeTable;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;

use crate::client::Tls;
use crate::layout::Layout;

pub use balancer::{node_of, rule_of, word_of};

/// A target file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// It cannot be read.
    #[error(
        "cannot read the target file {path}: {reason}; give a file with `url = \"https://...\"` in it, or --url alone"
    )]
    Unreadable {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// It is not what the interface asks for.
    #[error("{path} is not a target file:\n{reason}")]
    Malformed {
        /// The file.
        path: String,
        /// Where and why, with the line.
        reason: String,
    },
    /// It is well formed and makes no sense.
    #[error("{path}: {reason}")]
    Senseless {
        /// The file.
        path: String,
        /// What to change.
        reason: String,
    },
}

/// How many nodes a target has at most.
pub const NODES_MAX: usize = 20;

/// A target, as its file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The base URL: a load balancer or a node, with the context path.
    pub url: String,
    /// Which layout it serves; `None` is `auto`.
    #[serde(default, deserialize_with = "layout")]
    pub layout: Option<Layout>,
    /// The family of builds; `None` is `auto`.
    #[serde(default, deserialize_with = "profile")]
    pub profile: Option<Profile>,
    /// Whether this build lets a node below the original version join (spec, section 7).
    #[serde(default)]
    pub allow_downgrade: bool,
    /// The versions' names, the original first.
    #[serde(default = "versions")]
    pub versions: Vec<String>,
    /// How reports name this run.
    pub label: Option<String>,
    /// Whether more than reads and refused calls may be sent.
    #[serde(default)]
    pub allow_disruption: bool,
    /// An extra certificate authority, or the server's own certificate, PEM; relative to the file.
    pub ca_file: Option<PathBuf>,
    /// Whether certificates are checked.
    #[serde(default)]
    pub tls: Checked,
    /// The client's certificate, PEM; relative to the file.
    pub client_cert: Option<PathBuf>,
    /// Its key, where it does not stand in the same file.
    pub client_key: Option<PathBuf>,
    /// How long things may take.
    #[serde(default)]
    pub timing: Timing,
    /// The load balancer.
    #[serde(default, deserialize_with = "balancer::later")]
    pub balancer: Option<zdu_balancer::Settings>,
    /// The commands for every node.
    #[serde(default)]
    pub commands: Commands,
    /// The nodes, in the order of their numbers; empty: as the overview lists them.
    #[serde(default, rename = "node")]
    pub nodes: Vec<TargetNode>,
    /// Accepted deviations.
    #[serde(default, rename = "waiver")]
    pub waivers: Vec<Waiver>,
}

/// Whether certificates are checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Checked {
    /// They are.
    #[default]
    Verify,
    /// They are not: for test clusters.
    Insecure,
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timing {
    /// The longest pause between two readings of the cluster.
    #[serde(deserialize_with = "duration")]
    pub poll: Duration,
    /// How long one request may take.
    #[serde(deserialize_with = "duration")]
    pub request: Duration,
    /// How long a step may take to settle.
    #[serde(deserialize_with = "duration")]
    pub settle: Duration,
    /// How long to watch a step that settles without anything to see.
    #[serde(deserialize_with = "duration")]
    pub quiet: Duration,
}

impl Timing {
    /// How long the answer of a call is waited for: longer than that of a read, and longest for `approve`, which may run tasks
    /// before it answers (spec, section 7).
    #[must_use]
    pub fn answer(&self, call: Call) -> Duration {
        let step = self.settle.max(self.request);
        match call {
            Call::Start | Call::Cancel | Call::Retry => step,
            Call::Approve => 2 * step,
        }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(500),
            request: Duration::from_secs(10),
            settle: Duration::from_secs(15 * 60),
            quiet: Duration::from_secs(5),
        }
    }
}

/// Shell commands by what they do; a missing one means: cannot do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each is the command of that name in the interface's table")]
pub struct Commands {
    pub stop: Option<String>,
    pub kill: Option<String>,
    pub install: Option<String>,
    pub boot: Option<String>,
    #[serde(rename = "break")]
    pub break_: Option<String>,
    pub repair: Option<String>,
    pub connect: Option<String>,
    pub disconnect: Option<String>,
    pub fail_tasks: Option<String>,
    pub reset: Option<String>,
}

/// A node of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the commands are those of the table above, for this node alone")]
pub struct TargetNode {
    /// The id, as the API lists it; not needed where address or name tell the node, as ids may change at each start.
    pub id: Option<String>,
    /// The `ipAddress` that the API lists.
    pub address: Option<String>,
    /// The name: what reports call the node, and what `{name}` stands for; the id when absent.
    pub name: Option<String>,
    /// The node's own address, for reading its own view.
    pub url: Option<String>,
    /// What the load balancer calls it, where that is none of the names above.
    pub member: Option<String>,
    pub stop: Option<String>,
    pub kill: Option<String>,
    pub install: Option<String>,
    pub boot: Option<String>,
    #[serde(rename = "break")]
    pub break_: Option<String>,
    pub repair: Option<String>,
    pub connect: Option<String>,
    pub disconnect: Option<String>,
    pub fail_tasks: Option<String>,
}

/// A deviation that is accepted, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The rule whose deviations are accepted.
    #[serde(deserialize_with = "rule")]
    pub rule: Rule,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    #[serde(default, deserialize_with = "date")]
    pub expires: Option<jiff::civil::Date>,
}

impl Waiver {
    /// Whether it has not ended.
    #[must_use]
    pub fn holds_on(&self, today: jiff::civil::Date) -> bool {
        self.expires.is_none_or(|ends| today <= ends)
    }
}

impl Target {
    /// A target at a URL with everything else by default: reads and refused calls only.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            layout: None,
            profile: None,
            versions: versions(),
            label: None,
            allow_disruption: false,
            allow_downgrade: false,
            ca_file: None,
            tls: Checked::Verify,
            client_cert: None,
            client_key: None,
            timing: Timing::default(),
            balancer: None,
            commands: Commands::default(),
            nodes: Vec::new(),
            waivers: Vec::new(),
        }
    }

    /// The rules that waivers accept on this day.
    #[must_use]
    pub fn waived_on(&self, today: jiff::civil::Date) -> BTreeSet<Rule> {
        let valid = self.waivers.iter().filter(|waiver| waiver.holds_on(today));
        valid.map(|waiver| waiver.rule).collect()
    }

    /// Whom its client trusts, and as whom it shows itself.
    #[must_use]
    pub fn trust(&self) -> Tls<'_> {
        Tls {
            ca_file: self.ca_file.as_deref(),
            insecure: self.tls == Checked::Insecure,
            client_cert: self.client_cert.as_deref(),
            client_key: self.client_key.as_deref(),
        }
    }

    /// The family of builds that the target is judged as: with `auto` as one that may run upgrade tasks.
    #[must_use]
    pub fn family(&self) -> Profile {
        self.profile.unwrap_or(Profile::Finalization)
    }

    /// Reads a target file.
    ///
    /// # Errors
    /// [`TargetError`] when it cannot be read, is malformed, or makes no sense.
    pub fn read(path: &Path) -> Result<Self, TargetError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| TargetError::Unreadable {
            path: shown.clone(),
            reason: error.to_string(),
        })?;
        let mut target = Self::parse(&text, &shown)?;
        let files = [&mut target.ca_file, &mut target.client_cert, &mut target.client_key];
        for file in files.into_iter().flatten() {
            if let Some(folder) = path.parent() {
                *file = folder.join(&file);
            }
        }
        Ok(target)
    }

    /// Reads the text of a target file; `path` is for messages.
    ///
    /// # Errors
    /// [`TargetError`] when it is malformed or makes no sense.
    pub fn parse(text: &str, path: &str) -> Result<Self, TargetError> {
        Self::parse_in(text, path, |name| std::env::var(name).ok())
    }

    /// The same in an environment that is given.
    fn parse_in(
        text: &str,
        path: &str,
        variables: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, TargetError> {
        let malformed = |reason: String| TargetError::Malformed { path: path.to_owned(), reason };
        let wrong = |mut error: toml::de::Error| {
            // The table is handed over without its text, which the message shows.
            error.set_input(Some(text));
            malformed(with_nearest_name(&error.to_string()))
        };
        let mut table = DeTable::parse(text).map_err(wrong)?;
        environment::fill_table(table.get_mut(), &variables).map_err(|(at, reason)| {
            let line = text[..at].matches('\n').count() + 1;
            malformed(format!("line {line}: {reason}"))
        })?;
        let balancer = balancer::read(table.get_ref()).transpose().map_err(wrong)?;
        let mut target = Self::deserialize(toml::Deserializer::from(table)).map_err(wrong)?;
        target.balancer = balancer;
        match target.fault() {
            None => Ok(target),
            Some(reason) => Err(TargetError::Senseless { path: path.to_owned(), reason }),
        }
    }

    /// The same with the versions of the command line, which go before the file's; none: as it is.
    ///
    /// # Errors
    /// Why these versions cannot be used.
    pub(crate) fn with_versions(mut self, versions: &[String]) -> Result<Self, String> {
        if !versions.is_empty() {
            self.versions = versions.to_vec();
        }
        self.fault().map_or(Ok(self), Err)
    }

    fn fault(&self) -> Option<String> {
        let urls = std::iter::once(&self.url)
            .chain(self.nodes.iter().filter_map(|node| node.url.as_ref()));
        for url in urls {
            if let Some(fault) = url_fault(url) {
                return Some(fault);
            }
        }
        if self.versions.len() < 2 {
            return Some(
                "`versions` needs two or more: the original first, then later ones".to_owned(),
            );
        }
        if self.versions.len() > 16 {
            return Some(
                "`versions` names more than 16; the model has no use for so many".to_owned(),
            );
        }
        if let Some(twice) = twice(self.versions.iter()) {
            return Some(format!("`versions` names `{twice}` twice"));
        }
        if let Some(twice) = twice(self.nodes.iter().filter_map(|node| node.id.as_ref())) {
            return Some(format!("two `[[node]]` have the id `{twice}`"));
        }
        let nameless =
            |node: &TargetNode| node.id.is_none() && node.address.is_none() && node.name.is_none();
        if self.nodes.iter().any(nameless) {
            return Some(
                "a `[[node]]` has neither `id` nor `address` nor `name`; give one that the API lists"
                    .to_owned(),
            );
        }
        if self.nodes.len() > NODES_MAX {
            return Some(format!(
                "more than {NODES_MAX} `[[node]]`; the model goes up to {NODES_MAX}"
            ));
        }
        if self.timing.poll.is_zero() {
            return Some("`poll` is zero; write a duration such as \"500ms\"".to_owned());
        }
        self.waivers.iter().find(|waiver| waiver.reason.trim().is_empty()).map(|waiver| {
            format!("the waiver of {} has no reason; say why it is accepted", waiver.rule)
        })
    }

    /// The command for a node: its own, or everybody's.
    #[must_use]
    pub fn command<'a>(&'a self, node: Option<&'a TargetNode>, name: &str) -> Option<&'a str> {
        let own = node.and_then(|node| match name {
            "stop" => node.stop.as_deref(),
            "kill" => node.kill.as_deref(),
            "install" => node.install.as_deref(),
            "boot" => node.boot.as_deref(),
            "break" => node.break_.as_deref(),
            "repair" => node.repair.as_deref(),
            "connect" => node.connect.as_deref(),
            "disconnect" => node.disconnect.as_deref(),
            "fail_tasks" => node.fail_tasks.as_deref(),
            _ => None,
        });
        let all = &self.commands;
        own.or(match name {
            "stop" => all.stop.as_deref(),
            "kill" => all.kill.as_deref(),
            "install" => all.install.as_deref(),
            "boot" => all.boot.as_deref(),
            "break" => all.break_.as_deref(),
            "repair" => all.repair.as_deref(),
            "connect" => all.connect.as_deref(),
            "disconnect" => all.disconnect.as_deref(),
            "fail_tasks" => all.fail_tasks.as_deref(),
            "reset" => all.reset.as_deref(),
            _ => None,
        })
    }
}

/// What each key means, and what each command must do on a real Confluence.
pub const REFERENCE: &str = include_str!("../TARGET.md");

/// The names of the commands, as the interface lists them.
pub const COMMANDS: [&str; 10] = [
    "stop",
    "kill",
    "install",
    "boot",
    "break",
    "repair",
    "connect",
    "disconnect",
    "fail_tasks",
    "reset",
];

fn versions() -> Vec<String> {
    vec!["9.2.1".to_owned(), "9.2.4".to_owned()]
}

/// Why a URL cannot be used, if it cannot.
#[must_use]
pub fn url_fault(url: &str) -> Option<String> {
    match reqwest::Url::parse(url) {
        Err(error) => Some(format!("`{url}` is not a URL ({error}); write one such as \"https://wiki.example.org/confluence\"")),
        Ok(parsed) if !matches!(parsed.scheme(), "http" | "https") => {
            Some(format!("`{url}` is neither http nor https"))
        }
        Ok(parsed) if !parsed.username().is_empty() || parsed.password().is_some() => Some(
            "the URL holds credentials; take them out and set ZDU_USERNAME with ZDU_PASSWORD, or ZDU_TOKEN".to_owned(),
        ),
        Ok(parsed) if parsed.query().is_some() || parsed.fragment().is_some() => {
            Some(format!("`{url}` has a query or a fragment; write the base URL alone"))
        }
        Ok(_) => None,
    }
}

fn twice<'a>(mut names: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    let mut seen = BTreeMap::new();
    names.find(|name| seen.insert(*name, ()).is_some())
}

/// Adds the nearest known name to serde's message on an unknown field or variant, which names them all.
fn with_nearest_name(message: &str) -> String {
    let message = message.trim_end();
    let rest = ["unknown field `", "unknown variant `"]
        .iter()
        .find_map(|begin| message.split_once(begin))
        .map_or("", |(_, rest)| rest);
    let mut names = rest.split('`').step_by(2);
    let given = names.next().unwrap_or_default();
    let near = |name: &&str| strsim::jaro_winkler(given, name);
    names
        // Beyond that they have a letter or two in common.
        .filter(|name| near(name) > 0.7)
        .max_by(|one, other| near(one).total_cmp(&near(other)))
        .map_or_else(
            || message.to_owned(),
            |nearest| format!("{message}\ndid you mean `{nearest}`?"),
        )
}

fn layout<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Layout>, D::Error> {
    let text = String::deserialize(from)?;
    match text.as_str() {
        "auto" => Ok(None),
        "documented" => Ok(Some(Layout::Documented)),
        "product" => Ok(Some(Layout::Product)),
        _ => Err(serde::de::Error::custom(format!(
            "`{text}` is no layout; write auto, documented or product"
        ))),
    }
}

fn profile<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Profile>, D::Error> {
    let text = String::deserialize(from)?;
    match text.as_str() {
        "auto" => Ok(None),
        text => {
            Profile::ALL.into_iter().find(|known| known.name() == text).map(Some).ok_or_else(|| {
                serde::de::Error::unknown_variant(text, &["auto", "documented", "finalization"])
            })
        }
    }
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    humantime::parse_duration(&text).map_err(|error| {
        serde::de::Error::custom(format!(
            "`{text}` is no duration ({error}); write one such as \"500ms\" or \"15m\""
        ))
    })
}

fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<jiff::civil::Date>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(|error| {
        serde::de::Error::custom(format!(
            "`{text}` is no date ({error}); write one such as \"2027-03-31\""
        ))
    })
}

fn rule<'de, D: Deserializer<'de>>(from: D) -> Result<Rule, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(serde::de::Error::custom)
}
