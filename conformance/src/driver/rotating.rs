//! A driver that takes a node out of the load balancer's rotation before it goes down or comes up, and puts it back once it serves
//! (the target file's `[balancer]`), around any other driver.
//!
//! A node that serves and is out goes back, also one that was out before the run: a run that was killed may have left it so. The
//! last node in rotation stays there, whatever the trace does with it: nobody else could serve its users.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zdu_balancer::{Error, Member, Node, Place, Rotation, rotation};
use zdu_model::judge::finding::{self, Allowed, Sight};
use zdu_model::judge::seen::Request;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;

use super::{Astray, Doing, Driver, DriverError, Rotated};
use crate::target::{Target, node_of, rule_of, word_of};
use crate::wire::Dictionary;

/// Another driver with a load balancer before its nodes.
pub struct Rotating {
    inner: Box<dyn Driver>,
    rotation: Rotation,
    nodes: Vec<Node>,
    rule: Rule,
    seen: Mutex<Seen>,
}

/// What was seen at the load balancer.
#[derive(Debug, Default)]
struct Seen {
    /// Since the last question.
    rotated: Rotated,
    /// The nodes that were taken out, and how many requests had been sent to each, once nothing ran through it any more.
    sent: BTreeMap<NodeId, Option<u64>>,
}

impl Rotating {
    /// This driver, with the load balancer of the target around it where there is one.
    #[must_use]
    pub fn around(
        inner: Box<dyn Driver>,
        target: &Target,
        dictionary: &Dictionary,
    ) -> Box<dyn Driver> {
        let Some(settings) = &target.balancer else { return inner };
        let known = dictionary.names();
        let words = known.nodes.iter().enumerate();
        let words = words.map(|(index, known)| word_of(target, index).unwrap_or(known.raw()));
        let nodes = words.map(|word| node_of(target, word)).collect();
        let (rotation, rule) = (Rotation::new(settings), rule_of(settings));
        Box::new(Self { inner, rotation, nodes, rule, seen: Mutex::default() })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rule of its kind was at stake; what was seen breaks it, or not.
    fn judged(&self, node: NodeId, astray: Option<(Allowed, Sight)>) {
        let mut all = self.seen();
        let rule = self.rule;
        *all.rotated.at_stake.entry(rule).or_default() += 1;
        all.rotated.astray.extend(astray.map(|(due, seen)| Astray { rule, node, due, seen }));
    }

    /// What a failure says: of the load balancer where it took what it was asked, else of the suite.
    fn astray(&self, id: NodeId, what: &str, error: &Error) -> DriverError {
        let place = |place: &Place| match place {
            Place::In => finding::Rotation::In,
            Place::Draining => finding::Rotation::Draining,
            Place::Out => finding::Rotation::Out,
        };
        let astray = match error {
            Error::Ignored { asked, shown, .. } => {
                (Allowed::Rotation(place(asked)), Sight::Rotation(place(shown)))
            }
            Error::StillBusy { busy, after, .. } => {
                let waited_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
                (Allowed::Idle, Sight::Busy { busy: *busy, waited_ms })
            }
            Error::NoSuchMember { .. }
            | Error::Ambiguous { .. }
            | Error::LastMember { .. }
            | Error::Unreachable { .. }
            | Error::Refused { .. }
            | Error::Unexpected { .. }
            | Error::LeftChanged { .. } => return self.failed(id, what, error),
        };
        self.judged(id, Some(astray));
        DriverError::Rotation
    }

    fn failed(&self, id: NodeId, what: &str, error: &Error) -> DriverError {
        let name = self.nodes.get(id.index()).map_or("?", |node| node.name.as_str());
        DriverError::Failed {
            command: format!("{what} {name}"),
            outcome: "failed".to_owned(),
            output: format!(": {error}"),
            late: false,
        }
    }

    async fn out(&self, id: NodeId) -> Result<(), DriverError> {
        let Some(node) = self.nodes.get(id.index()) else { return Ok(()) };
        let look = || async {
            let members = self.rotation.list().await;
            let member = members.and_then(|members| rotation::find(&members, node).cloned());
            member.map_err(|error| self.failed(id, "list", &error))
        };
        // Nothing has run through it since it was taken out: it is not waited for again.
        if self.seen().sent.contains_key(&id) && look().await?.place == Place::Out {
            self.judged(id, None);
            return Ok(());
        }
        match self.rotation.disconnect(node).await {
            Ok(()) => {}
            Err(Error::LastMember { .. }) => return Ok(()),
            Err(error) => return Err(self.astray(id, "disconnect", &error)),
        }
        let sent = look().await?.sent;
        self.judged(id, None);
        // What was counted when it went out, not at the next request.
        self.seen().sent.entry(id).or_insert(sent);
        Ok(())
    }

    /// Whether requests were sent to a node that is still out, since it was idle. A count that fell says nothing: the load balancer was started anew.
    fn count(&self, id: NodeId, member: &Member) {
        let before = self.seen().sent.remove(&id);
        if let (Some(Some(before)), Some(now), Place::Out) = (before, member.sent, member.place) {
            let sent = now.saturating_sub(before);
            let astray = (Allowed::NoRequest, Sight::SentWhileOut(sent));
            self.judged(id, (sent > 0).then_some(astray));
        }
    }

    async fn back(&self, ids: &[NodeId]) -> Result<(), DriverError> {
        let first = ids.first().copied().unwrap_or(NodeId::at(0));
        let members = self.rotation.list().await;
        let members = members.map_err(|error| self.failed(first, "list", &error))?;
        let mut done = Ok(());
        for id in ids {
            let Some(node) = self.nodes.get(id.index()) else { continue };
            let member = rotation::find(&members, node);
            let member = member.map_err(|error| self.failed(*id, "connect", &error))?;
            self.count(*id, member);
            if member.place == Place::In {
                continue;
            }
            match self.rotation.connect(node).await {
                Ok(()) => self.judged(*id, None),
                Err(error) => done = Err(self.astray(*id, "connect", &error)),
            }
        }
        done
    }
}

impl Driver for Rotating {
    fn can(&self, id: NodeId, request: Request) -> bool {
        self.inner.can(id, request)
    }

    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a> {
        Box::pin(async move {
            match request {
                Request::Stop | Request::Boot => self.out(id).await?,
                Request::Kill
                | Request::Install(_)
                | Request::Break
                | Request::Repair
                | Request::FailTasks => {}
            }
            self.inner.request(id, request).await
        })
    }

    fn told(&self, id: NodeId, request: Request) -> Option<String> {
        self.inner.told(id, request)
    }

    fn reset_told(&self) -> Option<String> {
        self.inner.reset_told()
    }

    fn may_fail_silently(&self) -> bool {
        self.inner.may_fail_silently()
    }

    fn serving<'a>(&'a self, ids: &'a [NodeId]) -> Doing<'a> {
        Box::pin(async move {
            self.inner.serving(ids).await?;
            self.back(ids).await
        })
    }

    fn rotated(&self) -> Rotated {
        std::mem::take(&mut self.seen().rotated)
    }

    fn can_reset(&self) -> bool {
        self.inner.can_reset()
    }

    fn reset(&self) -> Doing<'_> {
        self.inner.reset()
    }
}
