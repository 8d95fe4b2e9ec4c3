//! How is a node taken out and put back, whatever the kind? Which member it is, never the last one, out only once nothing runs
//! through it, and as it was after a failure.

use std::time::{Duration, Instant};

use crate::settings::Common;
use crate::{Balancer, Doing, Error, Member, Place, Settings, open};

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// In how many looks in a row nothing must run through a member that is out.
const LOOKS: u32 = 2;

/// A node, by the names that a balancer may have for it, the surest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// What messages call it.
    pub name: String,
    /// What the target file says that the balancer calls it; then nothing else is tried.
    pub member: Option<String>,
    /// What a balancer may call it else: its name, where it listens, its address.
    pub names: Vec<String>,
}

/// A balancer as it is used.
#[derive(Debug)]
pub struct Rotation {
    balancer: Box<dyn Balancer>,
    common: Common,
}

impl Rotation {
    /// Through the balancer of these settings.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self { balancer: open(settings), common: settings.common }
    }

    /// The members, in the balancer's order.
    ///
    /// # Errors
    /// [`Error`] when the balancer cannot be asked.
    pub async fn list(&self) -> Result<Vec<Member>, Error> {
        self.balancer.list().await
    }

    /// Takes a node out of rotation and waits until nothing runs through it. Nothing happens where it is out.
    ///
    /// # Errors
    /// [`Error`]; the balancer is then as it was.
    pub async fn disconnect(&self, node: &Node) -> Result<(), Error> {
        self.balancer.mend().await?;
        let members = self.list().await?;
        let member = find(&members, node)?;
        if member.place != Place::Out && !others_serve(&members, member) {
            return Err(Error::LastMember { member: member.name.clone() });
        }
        self.balancer.disconnect(&member.name).await?;
        match idle(self.common, &member.name, || self.balancer.busy(&member.name)).await {
            Err(first) if member.place == Place::In => {
                Err(first.after(self.balancer.connect(&member.name).await))
            }
            other => other,
        }
    }

    /// Puts a node into rotation. Nothing happens where it is in.
    ///
    /// # Errors
    /// [`Error`]; the balancer is then as it was.
    pub async fn connect(&self, node: &Node) -> Result<(), Error> {
        self.balancer.mend().await?;
        let members = self.list().await?;
        let member = find(&members, node)?;
        if member.place == Place::In {
            return Ok(());
        }
        self.balancer.connect(&member.name).await
    }
}

/// Waits until nothing runs through a member that is out, which it is asked for again and again.
async fn idle<'a>(
    Common { drain, still }: Common,
    member: &str,
    mut asked: impl FnMut() -> Doing<'a, u64>,
) -> Result<(), Error> {
    let began = Instant::now();
    let (mut busy, mut since, mut looks) = (u64::MAX, began, 0);
    while !drain.is_zero() {
        let now = asked().await?;
        (since, looks) = if now == busy { (since, looks + 1) } else { (Instant::now(), 1) };
        busy = now;
        // A request that the member was chosen for just before it went out may be counted a moment after: one look is not enough.
        if still.map_or(busy == 0 && looks >= LOOKS, |still| since.elapsed() >= still) {
            break;
        }
        if busy > 0 && began.elapsed() >= drain {
            return Err(Error::StillBusy { member: member.to_owned(), busy, after: drain });
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// The member that is this node.
///
/// # Errors
/// [`Error::NoSuchMember`], [`Error::Ambiguous`].
pub fn find<'a>(members: &'a [Member], node: &Node) -> Result<&'a Member, Error> {
    let one = |name: &String| {
        let is = |member: &&Member| {
            member.name == *name || member.address.as_ref().is_some_and(|address| address == name)
        };
        members.iter().filter(is).collect::<Vec<_>>()
    };
    let names = node.member.as_ref().map_or(&node.names[..], std::slice::from_ref);
    let those = names.iter().map(one).find(|those| !those.is_empty()).unwrap_or_default();
    let listed = |those: &[&Member]| {
        let names: Vec<&str> = those.iter().map(|member| member.name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    match those[..] {
        [] => Err(Error::NoSuchMember {
            node: names.join(" or "),
            there: listed(&members.iter().collect::<Vec<_>>()),
        }),
        [member] => Ok(member),
        _ => Err(Error::Ambiguous { node: node.name.clone(), those: listed(&those) }),
    }
}

/// Whether somebody would serve without this member.
fn others_serve(members: &[Member], without: &Member) -> bool {
    let serves = |member: &&Member| member.place == Place::In && member.healthy != Some(false);
    members.iter().filter(serves).any(|member| member.name != without.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What waiting comes to where these are counted, look by look, and then the last for ever; and how many looks it took.
    async fn waited(counts: &[u64], common: Common) -> (Option<u64>, usize) {
        let mut looks = 0;
        let asked = || -> Doing<'static, u64> {
            looks += 1;
            let count = counts[looks.min(counts.len()) - 1];
            Box::pin(async move { Ok(count) })
        };
        let busy = match idle(common, "n1", asked).await {
            Err(Error::StillBusy { busy, .. }) => Some(busy),
            other => other.map(|()| None).expect("nothing else fails"),
        };
        (busy, looks)
    }

    #[tokio::test]
    async fn idle_is_what_two_looks_in_a_row_say() {
        let common = Common { drain: Duration::from_secs(60), still: None };
        assert_eq!(waited(&[0, 1, 0, 2, 0, 0], common).await, (None, 6));
        // One that never falls to nothing is still busy once the time is over.
        let short = Common { drain: PAUSE, ..common };
        assert_eq!(waited(&[3], short).await.0, Some(3));
        assert_eq!(waited(&[3], Common { drain: Duration::ZERO, ..common }).await, (None, 0));
    }

    #[tokio::test]
    async fn with_still_only_a_change_counts() {
        let still = Some(Duration::from_millis(150));
        let common = Common { drain: Duration::from_secs(20), still };
        let (busy, looks) = waited(&[0, 1, 0, 1], common).await;
        assert!(busy.is_none() && looks > 4, "{busy:?} {looks}");
    }
}
