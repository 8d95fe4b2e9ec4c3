//! What can be asked of the mock, and what cannot be had? Its options, their checks, and the errors of starting it.
//!
//! Durations are real time. Reading a command line is left to the command line's own module.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use zdu_model::spec::profile::Profile;

use super::defect::Defect;
use crate::layout::Layout;

/// Which layouts are served (spec, section 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layouts {
    /// Only the one that the vendor's page gives.
    Documented,
    /// Only the one of deployed builds.
    Product,
    /// Both at once: their paths do not collide.
    #[default]
    Both,
}

impl Layouts {
    /// The layouts one by one.
    #[must_use]
    pub const fn list(self) -> &'static [Layout] {
        match self {
            Self::Documented => &[Layout::Documented],
            Self::Product => &[Layout::Product],
            Self::Both => &Layout::ALL,
        }
    }
}

impl From<Layout> for Layouts {
    fn from(layout: Layout) -> Self {
        match layout {
            Layout::Documented => Self::Documented,
            Layout::Product => Self::Product,
        }
    }
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

/// What the mock serves and how it behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The API's address; port 0 takes a free one. The nodes listen on the same IP address, on the ports that follow, or on free ones.
    pub listen: SocketAddr,
    /// The number of nodes, 1 to 254.
    pub nodes: usize,
    /// The versions that exist, the one that the cluster starts with first; two or more.
    pub versions: Vec<String>,
    /// The family of builds.
    pub profile: Profile,
    /// The layouts that are served.
    pub layouts: Layouts,
    /// The context path, such as `/confluence`, or nothing.
    pub context: String,
    /// How long a step takes on average; each one takes between half and one and a half of it.
    pub delay: Duration,
    /// What all jitter and chance comes from.
    pub seed: u64,
    /// The defect to plant.
    pub defect: Option<Defect>,
    /// Who may call; `None` lets everybody.
    pub credentials: Option<Credentials>,
    /// Whether each node has an address of its own.
    pub node_listeners: bool,
    /// Whether `approve` brings upgrade tasks (profile `finalization`); `None` leaves it to a planted defect that needs one
    /// of the two, or else to the seed.
    pub tasks: Option<bool>,
    /// Whether a POST without `X-Atlassian-Token: no-check` is refused with 403, as the product does.
    pub strict: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            nodes: 3,
            versions: vec!["9.2.1".to_owned(), "9.2.4".to_owned()],
            profile: Profile::Documented,
            layouts: Layouts::Both,
            context: String::new(),
            delay: Duration::from_millis(20),
            seed: 0,
            defect: None,
            credentials: None,
            node_listeners: true,
            tasks: None,
            strict: false,
        }
    }
}

impl Options {
    /// The same options with the context path as `/…` without a slash at its end, or a reason why they cannot be had.
    pub(super) fn checked(mut self) -> Result<Self, MockError> {
        if !(1..=254).contains(&self.nodes) {
            return Err(MockError::Nodes { given: self.nodes });
        }
        let different: BTreeSet<_> = self.versions.iter().collect();
        if different.len() != self.versions.len() || !(2..=255).contains(&different.len()) {
            return Err(MockError::Versions);
        }
        self.context = checked_context(&self.context)?;
        if let Some(defect) = self.defect {
            self.check_defect(defect)?;
            self.tasks = self.tasks.or(defect.needs_tasks());
        }
        Ok(self)
    }

    /// A planted defect that cannot show would let a blind suite pass.
    fn check_defect(&self, defect: Defect) -> Result<(), MockError> {
        let needs = if self.nodes < defect.nodes_min() {
            format!("{} nodes or more (--nodes)", defect.nodes_min())
        } else if self.versions.len() < usize::from(defect.versions_min()) {
            format!("{} versions or more", defect.versions_min())
        } else if !defect.in_profile(self.profile) {
            "profile `finalization` (--profile finalization)".to_owned()
        } else if defect.needs_credentials() && self.credentials.is_none() {
            "a mock that asks for credentials (ZDU_USERNAME and ZDU_PASSWORD)".to_owned()
        } else if self.upgrades_without(defect) {
            "the other branch of `approve`".to_owned()
        } else {
            return Ok(());
        };
        Err(MockError::DefectCannotShow { defect, needs })
    }
}

impl Options {
    /// Whether `approve` always takes the branch in which the defect does not show.
    fn upgrades_without(&self, defect: Defect) -> bool {
        let finalization = self.profile == Profile::Finalization;
        let (fixed, needed) = (self.tasks, defect.needs_tasks());
        finalization && fixed.is_some() && needed.is_some() && fixed != needed
    }
}

fn checked_context(given: &str) -> Result<String, MockError> {
    let trimmed = given.trim_matches('/');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if !trimmed.bytes().all(fits) || trimmed.contains("//") {
        return Err(MockError::Context { given: given.to_owned() });
    }
    Ok(if trimmed.is_empty() { String::new() } else { format!("/{trimmed}") })
}

/// The mock cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    /// Somebody else listens there.
    #[error(
        "{address} is already in use; stop what listens there, or choose another address with --listen \
         (port 0 takes a free one; with a given port the nodes take the ports that follow it)"
    )]
    AddressInUse {
        /// The address that is taken.
        address: SocketAddr,
    },
    /// The system does not let us listen there.
    #[error(
        "cannot listen on {address}: {source}; choose an address of this machine with --listen"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// There are not enough ports above the given one.
    #[error("the nodes' ports would end beyond 65535; choose a lower port, or 0, with --listen")]
    Ports,
    /// No cluster of that size.
    #[error("a mock cluster has 1 to 254 nodes, not {given}; choose with --nodes")]
    Nodes {
        /// What was asked for.
        given: usize,
    },
    /// Too few, too many or repeated versions.
    #[error("a mock cluster needs between 2 and 255 versions, each given once")]
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
        /// The defect.
        defect: Defect,
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
}
