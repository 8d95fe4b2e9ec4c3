//! Balancers that keep a state for each member: in, draining, out. What they have in common is the order in which a member goes out, that
//! each change is looked at, and that a failure on the way puts back the state of before. The balancer keeps what it has taken, so
//! nothing can be left half done: who was killed on the way finds the member draining or out.

use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::{Balancer, Doing, Error, Member, Place};

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// How a member is taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Its sessions move at once.
    #[default]
    AtOnce,
    /// Its sessions may end there first.
    Drain,
}

/// What such a balancer can do.
pub(crate) trait Staged: std::fmt::Debug + Send + Sync {
    /// How a member is taken out, and how long it may drain.
    fn how(&self) -> (How, Duration);

    /// The members as they are.
    fn members(&self) -> Doing<'_, Vec<Member>>;

    /// Asks for a state; whether it was taken is looked at by whoever asks.
    fn set<'a>(&'a self, member: &'a str, place: Place) -> Doing<'a, ()>;
}

impl<S: Staged> Balancer for S {
    fn list(&self) -> Doing<'_, Vec<Member>> {
        self.members()
    }

    fn disconnect<'a>(&'a self, member: &'a str) -> Doing<'a, ()> {
        Box::pin(disconnect(self, member))
    }

    fn connect<'a>(&'a self, member: &'a str) -> Doing<'a, ()> {
        Box::pin(change(self, member, Place::In))
    }

    fn busy<'a>(&'a self, member: &'a str) -> Doing<'a, u64> {
        Box::pin(busy(self, member))
    }
}

async fn member(balancer: &dyn Staged, name: &str) -> Result<Member, Error> {
    let members = balancer.members().await?;
    let there = members.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(", ");
    let found = members.into_iter().find(|member| member.name == name);
    found.ok_or_else(|| Error::NoSuchMember { node: name.to_owned(), there })
}

/// How much runs through a member.
async fn busy(balancer: &dyn Staged, name: &str) -> Result<u64, Error> {
    Ok(member(balancer, name).await?.busy.unwrap_or(0))
}

/// Brings a member to a state, and looks whether it is there.
async fn change(balancer: &dyn Staged, name: &str, to: Place) -> Result<(), Error> {
    let before = member(balancer, name).await?.place;
    if before == to {
        return Ok(());
    }
    let done = async {
        balancer.set(name, to).await?;
        match member(balancer, name).await?.place {
            after if after == to => Ok(()),
            shown => Err(Error::Ignored { member: name.to_owned(), was: before, asked: to, shown }),
        }
    };
    match done.await {
        Ok(()) => Ok(()),
        Err(first) => {
            // It may have been taken all the same.
            let back = match member(balancer, name).await {
                Ok(now) if now.place == before => Ok(()),
                Ok(_) => balancer.set(name, before).await,
                Err(error) => Err(error),
            };
            Err(first.after(back))
        }
    }
}

/// Takes a member out: drained first, where that is asked for.
async fn disconnect(balancer: &dyn Staged, name: &str) -> Result<(), Error> {
    let before = member(balancer, name).await?.place;
    let (how, limit) = balancer.how();
    if how == How::Drain && before == Place::In {
        change(balancer, name, Place::Draining).await?;
        let began = Instant::now();
        while began.elapsed() < limit {
            match busy(balancer, name).await {
                Ok(0) => break,
                Ok(_) => tokio::time::sleep(PAUSE).await,
                Err(first) => return Err(first.after(balancer.set(name, before).await)),
            }
        }
    }
    match change(balancer, name, Place::Out).await {
        Err(first) if how == How::Drain && before == Place::In => {
            Err(first.after(balancer.set(name, before).await))
        }
        other => other,
    }
}
