//! What does an admin mean by `status=MIXED, n2=ERROR`? A situation: some of what is known of a cluster, in the words of
//! the API and the spec (section 2), and what is not written is left open.
//!
//! Conditions are separated by commas and hold together:
//!
//! | written | means |
//! | --- | --- |
//! | `STABLE`, `status=MIXED` | the cluster's status |
//! | `mode=on`, `origin=v0`, `origin=none` | upgrade mode, and the recorded version |
//! | `served=yes`, `pending=no` | whether the API answers; whether upgrade tasks are pending |
//! | `n2=ERROR`, `n1=ACTIVE v1`, `n3=v1` | how a node is listed, and its installed version |
//! | `any=OFFLINE`, `all=ACTIVE v1`, `no=ERROR` | some node, every node, no node |
//!
//! A node's word is the API's (`STARTING`), `ABSENT` for one that is not listed, or a phase of section 2
//! (`StartingOut`). Case does not matter.

use std::fmt;
use std::str::FromStr;

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{Node, NodeId, NodeStatus, Phase, Version};
use crate::spec::semantics::{Scope, Semantics, System};

/// Some of what is known of a cluster: conditions that hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Situation {
    conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Condition {
    Status(ClusterStatus),
    Mode(Mode),
    Origin(Option<Version>),
    Served(bool),
    Pending(bool),
    Node(Who, Look),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Who {
    One(NodeId),
    Any,
    All,
    No,
}

/// What a node looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Look {
    shown: Option<Shown>,
    version: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Shown {
    /// As the API lists it.
    Listed(NodeStatus),
    /// In exactly this phase, which may be hidden.
    In(Phase),
}

impl Look {
    fn fits(self, node: Node) -> bool {
        let shown = self.shown.is_none_or(|shown| match shown {
            Shown::Listed(status) => node.phase.listed() == Some(status),
            Shown::In(phase) => node.phase == phase,
        });
        shown && self.version.is_none_or(|version| node.version == version)
    }
}

impl Situation {
    /// Every cluster with this status.
    #[must_use]
    pub fn of(status: ClusterStatus) -> Self {
        Self { conditions: vec![Condition::Status(status)] }
    }

    /// Whether it speaks of a certain node, so that it tells the nodes apart.
    #[must_use]
    pub fn names_a_node(&self) -> bool {
        (self.conditions.iter())
            .any(|condition| matches!(condition, Condition::Node(Who::One(_), _)))
    }

    /// Whether the cluster is in this situation.
    #[must_use]
    pub fn holds<S: Semantics>(&self, system: &System<S>, cluster: &Cluster) -> bool {
        self.conditions.iter().all(|condition| match *condition {
            Condition::Status(status) => system.status(cluster) == status,
            Condition::Mode(mode) => cluster.mode == mode,
            Condition::Origin(origin) => cluster.origin == origin,
            Condition::Served(served) => cluster.served() == served,
            Condition::Pending(pending) => cluster.tasks_pending == pending,
            Condition::Node(who, look) => {
                let mut nodes = cluster.nodes.iter();
                match who {
                    Who::One(id) => nodes.nth(id.index()).is_some_and(|node| look.fits(*node)),
                    Who::Any => nodes.any(|node| look.fits(*node)),
                    Who::All => nodes.all(|node| look.fits(*node)),
                    Who::No => !nodes.any(|node| look.fits(*node)),
                }
            }
        })
    }

    /// Asks whether a cluster of this scope has the nodes, versions and words that are written.
    ///
    /// # Errors
    /// [`Misfit`] for the first that it has not.
    pub fn fits(&self, scope: Scope) -> Result<(), Misfit> {
        let version = |version: Version| {
            if version.0 < scope.versions {
                Ok(())
            } else {
                Err(Misfit::Version { given: version, last: Version(scope.versions - 1) })
            }
        };
        let word = |word: String, known: bool| {
            if known {
                Ok(())
            } else {
                Err(Misfit::Profile { given: word, profile: scope.profile.name() })
            }
        };
        for condition in &self.conditions {
            match *condition {
                Condition::Status(status) => word(status.to_string(), scope.profile.has(status))?,
                Condition::Origin(Some(origin)) => version(origin)?,
                Condition::Node(who, look) => {
                    if let Who::One(id) = who
                        && id.index() >= scope.nodes
                    {
                        return Err(Misfit::Node { given: id, last: NodeId::at(scope.nodes - 1) });
                    }
                    look.version.map_or(Ok(()), version)?;
                    match look.shown {
                        Some(Shown::Listed(status)) => {
                            word(status.to_string(), scope.profile.lists(status))?;
                        }
                        Some(Shown::In(phase)) => {
                            let known = scope.profile.phases().contains(&phase);
                            word(phase.to_string(), known)?;
                        }
                        None => {}
                    }
                }
                Condition::Origin(None)
                | Condition::Mode(_)
                | Condition::Served(_)
                | Condition::Pending(_) => {}
            }
        }
        Ok(())
    }
}

/// A situation that no cluster of the scope can be asked about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A node beyond the last.
    #[error("there is no {given}: the last node is {last}; ask for more with --nodes")]
    Node {
        /// What was written.
        given: NodeId,
        /// The last node that there is.
        last: NodeId,
    },
    /// A version beyond the last.
    #[error("there is no {given}: the last version is {last}; ask for more with --versions")]
    Version {
        /// What was written.
        given: Version,
        /// The last version that there is.
        last: Version,
    },
    /// A word of the other profile.
    #[error("nothing is {given} in profile {profile}; choose another with --profile")]
    Profile {
        /// What was written.
        given: String,
        /// The profile asked about.
        profile: &'static str,
    },
}

/// Words that are no situation: which, what comes nearest, and what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct BadSituation {
    /// What was written.
    pub given: String,
    /// What it should have been.
    pub kind: &'static str,
    /// The nearest word that is one, if any is near.
    pub nearest: Option<String>,
    /// What can be written in its place.
    pub choices: Vec<String>,
}

impl fmt::Display for BadSituation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.given.is_empty() {
            write!(f, "{} is missing", self.kind)?;
        } else {
            write!(f, "`{}` is no {}", self.given, self.kind)?;
        }
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean `{nearest}`?")?;
        }
        write!(f, " Write {}", self.choices.join(", "))
    }
}

const KEYS: [&str; 9] = ["status", "mode", "origin", "served", "pending", "n1", "any", "all", "no"];

impl FromStr for Situation {
    type Err = BadSituation;

    /// Reads a situation; see the table at the head of this module.
    ///
    /// # Errors
    /// [`BadSituation`] for the first word that is none.
    fn from_str(given: &str) -> Result<Self, BadSituation> {
        let conditions = given.split(',').map(str::trim);
        conditions.map(condition).collect::<Result<_, _>>().map(|conditions| Self { conditions })
    }
}

fn condition(given: &str) -> Result<Condition, BadSituation> {
    let Some((key, value)) = given.split_once('=') else {
        return bare(given);
    };
    let (key, value) = (key.trim().to_lowercase(), value.trim());
    let yes_or_no = || {
        let words = [("yes", true), ("no", false)];
        one_of(value, "answer", words.map(|(word, is)| (word.into(), is)))
    };
    match key.as_str() {
        "status" => status(value).map(Condition::Status),
        "mode" => {
            let words = [Mode::On, Mode::Off].map(|mode| (mode.to_string(), mode));
            one_of(value, "mode", words).map(Condition::Mode)
        }
        "origin" if value.eq_ignore_ascii_case("none") => Ok(Condition::Origin(None)),
        "origin" => version(value)
            .map(|version| Condition::Origin(Some(version)))
            .ok_or_else(|| bad(value, "version", &["none", "v0", "v1"])),
        "served" => yes_or_no().map(Condition::Served),
        "pending" => yes_or_no().map(Condition::Pending),
        "any" => look(value).map(|look| Condition::Node(Who::Any, look)),
        "all" => look(value).map(|look| Condition::Node(Who::All, look)),
        "no" => look(value).map(|look| Condition::Node(Who::No, look)),
        _ => match node(&key) {
            Some(id) => look(value).map(|look| Condition::Node(Who::One(id), look)),
            None => Err(bad(&key, "thing that can be asked about", &KEYS)),
        },
    }
}

/// A word alone is the cluster's status; the message shows the other forms too.
fn bare(given: &str) -> Result<Condition, BadSituation> {
    status(given).map(Condition::Status).map_err(|mut error| {
        error.kind = "situation";
        error.choices.extend([
            "or conditions such as `mode=on`".into(),
            "`n2=ERROR`".into(),
            "`any=OFFLINE v1`".into(),
        ]);
        error
    })
}

fn status(given: &str) -> Result<ClusterStatus, BadSituation> {
    let words = ClusterStatus::ALL.map(|status| (status.to_string(), status));
    one_of(given, "cluster status", words)
}

/// `n2` or `node2`.
fn node(key: &str) -> Option<NodeId> {
    let number = key.strip_prefix("node").or_else(|| key.strip_prefix('n'))?;
    let number: u8 = number.parse().ok()?;
    (number > 0).then(|| NodeId::new(number))
}

/// `v1`.
fn version(given: &str) -> Option<Version> {
    let number = given.strip_prefix(['v', 'V'])?;
    number.parse().ok().map(Version)
}

/// `ACTIVE`, `v1`, `ACTIVE v1` or `StartingOut v1`.
fn look(given: &str) -> Result<Look, BadSituation> {
    let mut look = Look::default();
    for word in given.split_whitespace() {
        if let (Some(version), None) = (version(word), look.version) {
            look.version = Some(version);
        } else if look.shown.is_none() {
            look.shown = Some(shown(word)?);
        } else {
            return Err(bad(given, "node", &["one status", "one version", "or both"]));
        }
    }
    if look == Look::default() {
        return shown("").map(|_| look);
    }
    Ok(look)
}

fn shown(given: &str) -> Result<Shown, BadSituation> {
    // No phase is listed as DRAINING, so no state could be meant by it.
    let listed = (NodeStatus::ALL.into_iter())
        .filter(|status| !Phase::of(Some(*status)).is_empty())
        .map(|status| (status.to_string(), Shown::Listed(status)));
    let phases = (Phase::ALL.into_iter())
        .filter(|phase| Phase::of(phase.listed()).len() > 1 || *phase == Phase::Absent)
        .map(|phase| (phase.to_string(), Shown::In(phase)));
    one_of(given, "node status", listed.chain(phases))
}

fn one_of<T: Copy>(
    given: &str,
    kind: &'static str,
    words: impl IntoIterator<Item = (String, T)>,
) -> Result<T, BadSituation> {
    let words: Vec<(String, T)> = words.into_iter().collect();
    let folded = given.replace([' ', '-'], "_");
    let found = (words.iter()).find(|(word, _)| word.eq_ignore_ascii_case(&folded));
    found.map(|(_, is)| *is).ok_or_else(|| {
        let names: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
        bad(given, kind, &names)
    })
}

fn bad(given: &str, kind: &'static str, choices: &[&str]) -> BadSituation {
    // What is less like the word than this was hardly meant.
    const LIKE_ENOUGH: f64 = 0.5;
    let likeness = |word: &str| {
        strsim::normalized_damerau_levenshtein(&given.to_lowercase(), &word.to_lowercase())
    };
    let nearest = (choices.iter())
        .map(|word| (likeness(word), *word))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        // The first of several that are equally near: `max_by` would take the last.
        .rev()
        .max_by(|one, other| one.0.total_cmp(&other.0));
    BadSituation {
        given: given.to_owned(),
        kind,
        nearest: nearest.map(|(_, word)| word.to_owned()),
        choices: choices.iter().map(|word| (*word).to_owned()).collect(),
    }
}

/// As it can be read again.
impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, condition) in self.conditions.iter().enumerate() {
            if number > 0 {
                f.write_str(", ")?;
            }
            let yes_or_no = |is| if is { "yes" } else { "no" };
            match *condition {
                Condition::Status(status) => write!(f, "status={status}")?,
                Condition::Mode(mode) => write!(f, "mode={mode}")?,
                Condition::Origin(Some(origin)) => write!(f, "origin={origin}")?,
                Condition::Origin(None) => write!(f, "origin=none")?,
                Condition::Served(is) => write!(f, "served={}", yes_or_no(is))?,
                Condition::Pending(is) => write!(f, "pending={}", yes_or_no(is))?,
                Condition::Node(who, look) => {
                    match who {
                        Who::One(id) => write!(f, "{id}=")?,
                        Who::Any => write!(f, "any=")?,
                        Who::All => write!(f, "all=")?,
                        Who::No => write!(f, "no=")?,
                    }
                    match look.shown {
                        Some(Shown::Listed(status)) => write!(f, "{status}")?,
                        Some(Shown::In(phase)) => write!(f, "{phase}")?,
                        None => {}
                    }
                    if let Some(version) = look.version {
                        let space = if look.shown.is_some() { " " } else { "" };
                        write!(f, "{space}{version}")?;
                    }
                }
            }
        }
        Ok(())
    }
}
