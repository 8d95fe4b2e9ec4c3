//! Azure Application Gateway (LB-4): the addresses of a backend pool, through the resource manager.
//!
//! A gateway is one document: it is read, changed and put back whole with its ETag, so that nobody's change in between is lost, and the
//! operation that this starts is waited for. The address that leaves is kept in a tag of the gateway, put in the same call: so a change
//! is made whole or not at all, and whoever puts the node back needs nothing but the gateway.
//!
//! Left out: pools whose members are network interfaces or scale sets, and the backend health, which costs an operation of its own.

mod pool;
mod rest;

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::keys::{drain, duration};
use crate::{Balancer, Doing, Error, Member, Place};

use pool::Pool;
use rest::{Put, Rest};

/// How often a change is made anew on what somebody else has changed meanwhile.
const TRIES: usize = 5;

/// The keys of kind `azure`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AzureKeys {
    /// The subscription's id.
    pub subscription: String,
    /// The resource group.
    pub resource_group: String,
    /// The gateway.
    pub gateway: String,
    /// The backend pool.
    pub pool: String,
    /// The resource manager.
    #[serde(default = "management")]
    pub management: String,
    /// Where a managed identity's token comes from.
    #[serde(default = "identity")]
    pub identity: String,
    /// A certificate authority to trust besides the usual ones, PEM.
    pub ca_file: Option<PathBuf>,
    /// How long a change may take.
    #[serde(default = "timeout", deserialize_with = "duration")]
    pub timeout: Duration,
    /// How long the gateway's own draining is waited for at most.
    #[serde(default = "drain", deserialize_with = "duration")]
    pub drain: Duration,
}

fn management() -> String {
    "https://management.azure.com".to_owned()
}

fn identity() -> String {
    "http://169.254.169.254".to_owned()
}

const fn timeout() -> Duration {
    Duration::from_secs(30 * 60)
}

/// A backend pool of an application gateway.
#[derive(Debug)]
pub struct Azure {
    keys: AzureKeys,
    rest: Rest,
}

impl Azure {
    /// The pool that these keys name.
    #[must_use]
    pub fn new(keys: &AzureKeys) -> Self {
        Self { keys: keys.clone(), rest: Rest::new(keys) }
    }

    async fn read(&self) -> Result<Value, Error> {
        self.rest.get().await
    }

    fn pool<'a>(&self, gateway: &'a Value) -> Result<Pool<'a>, Error> {
        Pool::of(gateway, &self.keys.pool)
    }

    /// Makes a change, on whatever the gateway is when it is put.
    async fn change(&self, member: &str, out: bool) -> Result<(), Error> {
        for _ in 0..TRIES {
            let before = self.read().await?;
            let pool = self.pool(&before)?;
            if pool.place(member, out)? {
                return Ok(());
            }
            if out && pool.inside() < 2 {
                return Err(Error::LastMember { member: member.to_owned() });
            }
            let after = pool.moved(member, out);
            match self.rest.put(&after).await {
                Ok(Put::Done) => {}
                // Somebody else was quicker: nothing of theirs is lost.
                Ok(Put::Changed) => continue,
                Err(first) => return Err(self.back(&before, member, out, first).await),
            }
            let now = self.read().await?;
            if self.pool(&now)?.place(member, out)? {
                return Ok(());
            }
            let (was, asked) = if out { (Place::In, Place::Out) } else { (Place::Out, Place::In) };
            return Err(Error::Ignored { member: member.to_owned(), was, asked, shown: was });
        }
        Err(Error::Refused {
            what: format!("a change of the gateway {}", self.keys.gateway),
            said: format!(
                "somebody else changed it {TRIES} times meanwhile (412); try again when that is over"
            ),
        })
    }

    /// Puts a member back where it was, after a change that failed, perhaps after it was accepted.
    async fn back(&self, before: &Value, member: &str, out: bool, first: Error) -> Error {
        let back = async {
            let now = self.read().await?;
            let pool = self.pool(&now)?;
            // `Failed` is put right by putting the document again.
            if pool.place(member, !out)? && state(&now) != "Failed" {
                return Ok(());
            }
            let was =
                if pool.place(member, !out)? { now.clone() } else { pool.moved(member, !out) };
            match self.rest.put(&was).await? {
                Put::Done => Ok(()),
                Put::Changed => Err(Error::Refused {
                    what: format!("putting {member} back"),
                    said: "somebody else changed the gateway meanwhile (412)".to_owned(),
                }),
            }
        };
        // What was refused outright changed nothing.
        if !self.rest.accepted() && self.read().await.is_ok_and(|now| now["etag"] == before["etag"])
        {
            return first;
        }
        first.after(back.await)
    }
}

fn state(gateway: &Value) -> &str {
    gateway["properties"]["provisioningState"].as_str().unwrap_or_default()
}

impl Balancer for Azure {
    fn list(&self) -> Doing<'_, Vec<Member>> {
        Box::pin(async move {
            let gateway = self.read().await?;
            Ok(self.pool(&gateway)?.members())
        })
    }

    fn disconnect<'a>(&'a self, member: &'a str) -> Doing<'a, ()> {
        Box::pin(async move {
            let gateway = self.read().await?;
            let pool = self.pool(&gateway)?;
            let was_out = pool.place(member, true)?;
            let draining = pool.draining(&gateway).min(self.keys.drain);
            self.change(member, true).await?;
            if !was_out {
                tokio::time::sleep(draining).await;
            }
            Ok(())
        })
    }

    fn connect<'a>(&'a self, member: &'a str) -> Doing<'a, ()> {
        Box::pin(self.change(member, false))
    }

    /// The gateway does not say; its own draining has been waited for.
    fn busy<'a>(&'a self, _: &'a str) -> Doing<'a, u64> {
        Box::pin(async { Ok(0) })
    }
}
