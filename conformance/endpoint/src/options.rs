//! What can be asked of the endpoint, and what cannot be had? Its options and their checks.
//!
//! Addresses are the matter of `http`. Reading a command line is left to whoever has one.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::defect::{Defect, Needs};
use crate::freedom::{Freedom, Freedoms};

/// The most nodes: addresses are counted in one byte.
const NODES_MAX: usize = 200;
/// The most versions: sets of versions are words of so many bits.
const VERSIONS_MAX: usize = 64;

/// Which transitions and statuses exist (spec sections 3 and 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What the vendor's page describes.
    #[default]
    Documented,
    /// Builds with upgrade tasks.
    Finalization,
}

/// Which layouts are served (spec section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Layouts {
    /// Only the one that the vendor's page gives.
    Documented,
    /// Only the one of deployed builds.
    Product,
    /// Both at once: their paths do not collide.
    #[default]
    Both,
}

/// Who may call the API. Debug output shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The system administrator's name.
    pub user: String,
    /// The system administrator's password.
    pub password: String,
    /// A bearer token of the system administrator.
    pub token: Option<String>,
    /// An account that exists but is no system administrator: its name and password.
    pub plain: Option<(String, String)>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(redacted)")
    }
}

/// How an endpoint is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// The number of nodes, 1 to 200.
    pub nodes: usize,
    /// The versions that exist, the one that the cluster starts with first; 2 to 64, each once.
    pub versions: Vec<String>,
    /// The family of builds.
    pub profile: Profile,
    /// The layouts that are served.
    pub layouts: Layouts,
    /// A context path such as `/confluence`, or nothing.
    pub context: String,
    /// How long a step, and a spontaneous transition, takes at most when no freedom stretches it.
    pub delay: Duration,
    /// How long upgrade tasks run at least; three delays when not given.
    pub tasks_run: Option<Duration>,
    /// How late a slow POST is at most (freedoms `slow-effects` and `slow-post-answers`); twenty delays when not given. Longer
    /// than a client waits, it shows the client an unknown outcome.
    pub slow: Option<Duration>,
    /// What all chance comes from.
    pub seed: u64,
    /// The defect that is planted.
    pub defect: Option<Defect>,
    /// The freedoms that are used.
    pub freedoms: Freedoms,
    /// Who may call; `None` lets everybody.
    pub credentials: Option<Credentials>,
    /// Whether `approve` brings upgrade tasks (profile `finalization`); `None` leaves it to what a planted defect needs,
    /// or else to chance.
    pub tasks: Option<bool>,
    /// Whether a POST without `X-Atlassian-Token: no-check` is refused with 403, as the product does.
    pub strict: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodes: 3,
            versions: vec!["9.2.1".to_owned(), "9.2.4".to_owned()],
            profile: Profile::Documented,
            layouts: Layouts::Both,
            context: String::new(),
            delay: Duration::from_millis(20),
            tasks_run: None,
            slow: None,
            seed: 0,
            defect: None,
            freedoms: Freedoms::default(),
            credentials: None,
            tasks: None,
            strict: false,
        }
    }
}

impl Options {
    /// The same with the context path in one form, or a reason why they cannot be had.
    pub(crate) fn checked(mut self) -> Result<Self, OptionsError> {
        if !(1..=NODES_MAX).contains(&self.nodes) {
            return Err(OptionsError::Nodes { given: self.nodes });
        }
        let different: BTreeSet<_> = self.versions.iter().collect();
        if different.len() != self.versions.len() || !(2..=VERSIONS_MAX).contains(&different.len())
        {
            return Err(OptionsError::Versions);
        }
        self.context = checked_context(&self.context)?;
        if let Some(defect) = self.defect {
            self.check_defect(defect)?;
            if defect.needs_new_ids() {
                self.freedoms = self.freedoms.with(Freedom::IdsChange);
            }
            if self.profile == Profile::Finalization {
                self.tasks = self.tasks.or(defect.tasks());
            }
        }
        Ok(self)
    }

    /// A planted defect that cannot show would let a blind suite pass.
    fn check_defect(&self, defect: Defect) -> Result<(), OptionsError> {
        let row = defect.row();
        let finalization = self.profile == Profile::Finalization;
        let asks = self.credentials.is_some();
        let plain = self.credentials.as_ref().is_some_and(|known| known.plain.is_some());
        let other_branch = finalization
            && self.tasks.is_some_and(|fixed| defect.tasks().is_some_and(|needed| needed != fixed));
        let needs = if self.nodes < row.nodes {
            format!("{} nodes or more (--nodes)", row.nodes)
        } else if self.versions.len() < row.versions {
            format!("{} versions or more (--versions)", row.versions)
        } else if row.needs == Needs::Finalization && !finalization {
            "profile `finalization` (--profile finalization)".to_owned()
        } else if matches!(row.needs, Needs::Credentials | Needs::PlainAccount) && !asks {
            "an endpoint that asks for credentials (ZDU_USERNAME and ZDU_PASSWORD)".to_owned()
        } else if row.needs == Needs::PlainAccount && !plain {
            "an account without system administration (ZDU_PLAIN_USERNAME and ZDU_PLAIN_PASSWORD)"
                .to_owned()
        } else if other_branch {
            "the other branch of `approve`".to_owned()
        } else {
            return Ok(());
        };
        Err(OptionsError::DefectCannotShow { defect: defect.name(), needs })
    }

    /// How late a slow POST is at most.
    pub(crate) fn slow(&self) -> Duration {
        self.slow.unwrap_or(20 * self.delay)
    }

    /// How long upgrade tasks run at least.
    pub(crate) fn tasks_run(&self) -> Duration {
        self.tasks_run.unwrap_or(3 * self.delay)
    }
}

fn checked_context(given: &str) -> Result<String, OptionsError> {
    let trimmed = given.trim_matches('/');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if !trimmed.bytes().all(fits) || trimmed.contains("//") {
        return Err(OptionsError::Context { given: given.to_owned() });
    }
    Ok(if trimmed.is_empty() { String::new() } else { format!("/{trimmed}") })
}

/// There is no such endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// No cluster of that size.
    #[error("a mock cluster has 1 to {NODES_MAX} nodes, not {given}; choose with --nodes")]
    Nodes {
        /// What was asked for.
        given: usize,
    },
    /// Too few, too many or repeated versions.
    #[error("a mock cluster needs between 2 and {VERSIONS_MAX} versions, each given once")]
    Versions,
    /// Not a path.
    #[error("`{given}` is no context path; it looks like /confluence")]
    Context {
        /// What was asked for.
        given: String,
    },
    /// The defect could not be seen.
    #[error("the defect `{defect}` cannot show; it needs {needs}")]
    DefectCannotShow {
        /// The defect's name.
        defect: &'static str,
        /// What it takes.
        needs: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_path_has_one_form() {
        for given in ["confluence", "/confluence", "/confluence/"] {
            assert_eq!(checked_context(given).expect("a path"), "/confluence");
        }
        assert_eq!(checked_context("/").expect("no path"), "");
        for given in ["/a{b}", "/a b", "/a//b", "/a?b"] {
            assert!(checked_context(given).is_err(), "{given}");
        }
    }

    // A secret that a debug print shows would end up in some log.
    #[test]
    fn debug_output_holds_no_secret() {
        let options = Options {
            credentials: Some(Credentials {
                user: "root-user".into(),
                password: "hunter2".into(),
                token: Some("tok".into()),
                plain: Some(("bob".into(), "pw".into())),
            }),
            ..Options::default()
        };
        let printed = format!("{options:?}");
        for secret in ["root-user", "hunter2", "tok\"", "bob"] {
            assert!(!printed.contains(secret), "{secret}");
        }
    }

    #[test]
    fn a_defect_that_cannot_show_is_refused_with_what_it_needs() {
        let planted = |defect, options: Options| {
            let error = Options { defect: Some(defect), ..options }.checked();
            error.expect_err("it cannot show").to_string()
        };
        let alone = Options { nodes: 1, ..Options::default() };
        assert!(planted(Defect::NodeReadRepairs, alone).contains("2 nodes"));
        let few = Options::default();
        assert!(planted(Defect::MixedNeedsOriginal, few.clone()).contains("3 versions"));
        assert!(planted(Defect::RetryRefused, few.clone()).contains("--profile finalization"));
        assert!(planted(Defect::AnonymousReads, few).contains("ZDU_USERNAME"));
        let without_tasks =
            Options { profile: Profile::Finalization, tasks: Some(false), ..Options::default() };
        assert!(planted(Defect::RetryRefused, without_tasks).contains("other branch"));
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_known_one() {
        let error = "start-race".parse::<Defect>().expect_err("no such defect");
        assert_eq!(error.nearest, "start-races");
        assert!(error.to_string().contains("--list-defects"), "{error}");
    }
}
