//! What does each kind need to know? The keys of `[balancer]` in a target file, less `kind` itself.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::apache::ApacheKeys;
use crate::azure::AzureKeys;
use crate::haproxy::HaproxyKeys;
use crate::mod_jk::JkKeys;
use crate::nginx::NginxKeys;

/// A load balancer, as a target file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What every kind has.
    pub common: Common,
    /// The kind, with its own keys.
    pub kind: Kind,
}

/// What every kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Common {
    /// How long a node that was taken out is waited for until nothing runs through it; zero: not at all.
    pub drain: Duration,
    /// How long the count of what runs through a node must have stayed the same, whatever it says, until nothing is taken to run there;
    /// none where the count can be believed.
    pub still: Option<Duration>,
}

/// A kind of load balancer with its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the kind of that name")]
pub enum Kind {
    Nginx(NginxKeys),
    Haproxy(HaproxyKeys),
    Apache(ApacheKeys),
    ModJk(JkKeys),
    Azure(AzureKeys),
}

/// The word that names a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the kind of that name")]
pub enum KindName {
    Nginx,
    Haproxy,
    Apache,
    ModJk,
    Azure,
}

impl Settings {
    /// The settings of this kind, from its keys.
    ///
    /// # Errors
    /// Those of the format, on unknown, missing or senseless keys.
    pub fn read<'de, D: Deserializer<'de>>(kind: KindName, keys: D) -> Result<Self, D::Error> {
        Ok(match kind {
            KindName::Nginx => {
                let keys = NginxKeys::deserialize(keys)?;
                Self::of(keys.drain, Kind::Nginx(keys))
            }
            KindName::Haproxy => {
                let keys = HaproxyKeys::deserialize(keys)?;
                Self::of(keys.drain, Kind::Haproxy(keys))
            }
            KindName::Apache => {
                let keys = ApacheKeys::deserialize(keys)?;
                let still = keys.still;
                let mut settings = Self::of(keys.drain, Kind::Apache(keys));
                settings.common.still = still;
                settings
            }
            KindName::ModJk => {
                let keys = JkKeys::deserialize(keys)?;
                Self::of(keys.drain, Kind::ModJk(keys))
            }
            KindName::Azure => {
                let keys = AzureKeys::deserialize(keys)?;
                Self::of(keys.drain, Kind::Azure(keys))
            }
        })
    }

    const fn of(drain: Duration, kind: Kind) -> Self {
        Self { common: Common { drain, still: None }, kind }
    }
}
