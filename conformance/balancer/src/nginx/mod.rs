//! NGINX (LB-1): the node's entry in an upstream group of the configuration, and a reload.
//!
//! A reload is asynchronous: the master reads the configuration, starts new workers and tells the old ones to end. That is looked
//! at in the process table, so that a node is never stopped while an old worker still sends requests to it: the reload has come
//! about when each worker of before is gone or ends, and nothing runs through the node when all those are gone.

mod config;
mod files;
mod process;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::keys::{drain, duration};
use crate::{Balancer, Doing, Error, Member, Place};

pub use config::How;
use config::State;
use files::{Change, Group};
use process::Master;

/// The keys of kind `nginx`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NginxKeys {
    /// The main configuration file.
    #[serde(default = "main_file")]
    pub config: PathBuf,
    /// The upstream group.
    pub upstream: String,
    /// How an entry is taken out.
    #[serde(default)]
    pub how: How,
    /// The command that checks the configuration.
    pub test: Option<String>,
    /// The command that makes NGINX read it again.
    pub reload: Option<String>,
    /// How long a node is waited for until nothing runs through it, and how long a reload may take.
    #[serde(default = "drain", deserialize_with = "duration")]
    pub drain: Duration,
}

fn main_file() -> PathBuf {
    PathBuf::from("/etc/nginx/nginx.conf")
}

/// An upstream group of NGINX.
#[derive(Clone, Debug)]
pub struct Nginx {
    keys: NginxKeys,
}

impl Nginx {
    /// The group that these keys name.
    #[must_use]
    pub fn new(keys: &NginxKeys) -> Self {
        Self { keys: keys.clone() }
    }

    fn group(&self) -> Result<Group, Error> {
        files::group(&self.keys.config, &self.keys.upstream)
    }

    fn command(&self, own: Option<&str>, words: &str) -> String {
        own.map_or_else(|| format!("nginx {words} -c {}", quoted(&self.keys.config)), str::to_owned)
    }

    /// Whether NGINX would read the configuration as it is.
    async fn check(&self) -> Result<(), Error> {
        process::run(&self.command(self.keys.test.as_deref(), "-t")).await
    }

    /// Makes NGINX read the configuration, and waits until no worker of before takes anything new.
    async fn reload(&self, group: &Group) -> Result<(), Error> {
        let master = Master::of(group);
        let before = master.workers();
        process::run(&self.command(self.keys.reload.as_deref(), "-s reload")).await?;
        master.renewed(&before).await
    }

    /// Changes each entry of a member, one file after the other.
    async fn change(&self, member: &str, out: Option<How>) -> Result<(), Error> {
        let _lock = files::lock(&self.keys.config)?;
        let group = self.group()?;
        let concerned = |state: State| out.is_some() == (state == State::In);
        let mut files: Vec<&Path> = Vec::new();
        let mut last = true;
        for (file, entry) in &group.entries {
            if entry.address != member {
                last &= entry.state != State::In;
            } else if concerned(entry.state) && !files.contains(&file.as_path()) {
                files.push(file);
            }
        }
        if files.is_empty() {
            return Ok(());
        }
        if last && out.is_some() {
            return Err(Error::LastMember { member: member.to_owned() });
        }
        let edit = |file: &Path, text: &str| {
            let own = group.entries.iter().filter(|(one, _)| one == file);
            let own = own.filter(|(_, entry)| entry.address == member && concerned(entry.state));
            // From the last to the first, so that the places of the others stay right.
            own.rev().fold(text.to_owned(), |text, (_, entry)| config::changed(&text, entry, out))
        };
        let mut changes = Vec::new();
        let mut done = Ok(());
        for file in files {
            match Change::write(file, |text| edit(file, text)) {
                Ok(change) => changes.push(change),
                Err(error) => {
                    done = Err(error);
                    break;
                }
            }
        }
        if done.is_ok() {
            done = self.check().await;
        }
        if let Err(first) = done {
            // NGINX was told nothing.
            let back = changes.into_iter().map(Change::take_back).fold(Ok(()), Result::and);
            return Err(first.after(back));
        }
        let workers = Master::of(&group).workers();
        match self.reload(&group).await {
            Ok(()) => {
                changes.into_iter().for_each(Change::keep);
                Ok(())
            }
            Err(first) => {
                let back = changes.into_iter().map(Change::take_back).fold(Ok(()), Result::and);
                // It may have been told all the same; one that has not works as before.
                let told = self.reload(&group).await;
                let same = Master::of(&group).workers() == workers;
                Err(first.after(back.and(if same { Ok(()) } else { told })))
            }
        }
    }
}

impl Balancer for Nginx {
    fn list(&self) -> Doing<'_, Vec<Member>> {
        Box::pin(async move {
            let mut members: Vec<Member> = Vec::new();
            // In this order: what is out now, and was out before, is out for NGINX, too.
            let now = self.group()?.entries;
            let before = files::settled(&self.keys.config, &self.keys.upstream)?.entries;
            let is_in = |entries: &[(PathBuf, config::Entry)], address: &str| {
                let own = |(_, one): &(PathBuf, config::Entry)| {
                    one.address == address && one.state == State::In
                };
                entries.iter().any(own)
            };
            for (_, entry) in &now {
                let address = &entry.address;
                let place = match (is_in(&now, address), is_in(&before, address)) {
                    (true, true) => Place::In,
                    (false, false) => Place::Out,
                    // Nobody knows which of the two NGINX works with.
                    (true, false) | (false, true) => Place::Draining,
                };
                if members.iter().all(|member| member.name != *address) {
                    members.push(Member {
                        name: address.clone(),
                        address: None,
                        place,
                        healthy: None,
                        busy: None,
                        sent: None,
                    });
                }
            }
            Ok(members)
        })
    }

    fn disconnect<'a>(&'a self, member: &'a str) -> Doing<'a, ()> {
        Box::pin(self.change(member, Some(self.keys.how)))
    }

    fn connect<'a>(&'a self, member: &'a str) -> Doing<'a, ()> {
        Box::pin(self.change(member, None))
    }

    fn mend(&self) -> Doing<'_, ()> {
        Box::pin(async move {
            let _lock = files::lock(&self.keys.config)?;
            let group = self.group()?;
            let mut mended = false;
            for file in &group.files {
                mended |= files::mend(file)?;
            }
            if !mended {
                return Ok(());
            }
            self.check().await?;
            self.reload(&group).await
        })
    }

    /// Workers of before, which end once their last request has; NGINX does not say through which server it goes.
    fn busy<'a>(&'a self, _: &'a str) -> Doing<'a, u64> {
        Box::pin(async move { Ok(Master::of(&self.group()?).ending()) })
    }
}

/// As a shell takes it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}
