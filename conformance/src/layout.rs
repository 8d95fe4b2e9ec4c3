//! Where do the calls live? The two layouts of the same API (spec, section 1).

use std::fmt;

use serde::{Deserialize, Serialize};
use zdu_model::spec::transition::Call;

/// One of the two layouts found in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// The one that the vendor's page gives.
    Documented,
    /// The one that deployed builds serve.
    Product,
}

impl Layout {
    /// Both, in the order in which `auto` tries them.
    pub const ALL: [Self; 2] = [Self::Documented, Self::Product];

    /// The name in the target file and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Product => "product",
        }
    }

    /// The path of the overview, below the base URL.
    #[must_use]
    pub const fn overview(self) -> &'static str {
        self.overviews()[0]
    }

    /// The same, and with the last slash the other way: builds take one of them, or both.
    #[must_use]
    pub const fn overviews(self) -> [&'static str; 2] {
        match self {
            Self::Documented => ["/rest/zdu/cluster/zdu/", "/rest/zdu/cluster/zdu"],
            Self::Product => ["/rest/zdu/cluster", "/rest/zdu/cluster/"],
        }
    }

    /// What the paths of all other calls start with, below the base URL.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Documented => "/rest/zdu/cluster/zdu",
            Self::Product => "/rest/zdu",
        }
    }

    /// The path of the status, below the base URL.
    #[must_use]
    pub fn state(self) -> String {
        format!("{}/state", self.prefix())
    }

    /// The path of a node, below the base URL; the id is percent-encoded.
    #[must_use]
    pub fn node(self, id: &str) -> String {
        use std::fmt::Write as _;
        let mut path = format!("{}/nodes/", self.prefix());
        for byte in id.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                path.push(char::from(byte));
            } else {
                let _ = write!(path, "%{byte:02X}");
            }
        }
        path
    }

    /// The path of a call that changes state, below the base URL.
    #[must_use]
    pub fn call(self, call: Call) -> String {
        let word = match call {
            Call::Start => "start",
            Call::Cancel => "cancel",
            Call::Approve => "approve",
            Call::Retry => "retryUpgrade",
        };
        format!("{}/{word}", self.prefix())
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
