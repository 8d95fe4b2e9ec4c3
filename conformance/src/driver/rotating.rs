//! A driver that takes a node out of the load balancer's rotation before it goes down or comes up, and puts it back once it serves
//! (the target file's `[balancer]`), around any other driver.
//!
//! A node that serves and is out goes back, also one that was out before the run: a run that was killed may have left it so. The
//! last node in rotation stays there, whatever the trace does with it: nobody else could serve its users.

use std::sync::atomic::{AtomicU64, Ordering};

use zdu_balancer::{Error, Kind, Node, Place, Rotation, rotation};
use zdu_model::judge::seen::Request;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;

use super::{Doing, Driver, DriverError};
use crate::target::{Target, node_of, word_of};
use crate::wire::Dictionary;

/// Another driver with a load balancer before its nodes.
pub struct Rotating {
    inner: Box<dyn Driver>,
    rotation: Rotation,
    nodes: Vec<Node>,
    rule: Rule,
    /// How often a node went out or came in since the last question.
    rotated: AtomicU64,
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
        let rule = match settings.kind {
            Kind::Nginx(_) => Rule::Lb1,
            Kind::Haproxy(_) => Rule::Lb2,
            Kind::Apache(_) | Kind::ModJk(_) => Rule::Lb3,
            Kind::Azure(_) => Rule::Lb4,
        };
        let (rotation, rotated) = (Rotation::new(settings), AtomicU64::new(0));
        Box::new(Self { inner, rotation, nodes, rule, rotated })
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
        match self.rotation.disconnect(node).await {
            Ok(()) => {
                self.rotated.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(Error::LastMember { .. }) => Ok(()),
            Err(error) => Err(self.failed(id, "disconnect", &error)),
        }
    }

    async fn back(&self, ids: &[NodeId]) -> Result<(), DriverError> {
        let first = ids.first().copied().unwrap_or(NodeId::at(0));
        let members = self.rotation.list().await;
        let members = members.map_err(|error| self.failed(first, "list", &error))?;
        for id in ids {
            let Some(node) = self.nodes.get(id.index()) else { continue };
            let done = match rotation::find(&members, node) {
                Ok(member) if member.place == Place::In => Ok(()),
                Ok(_) => self.rotation.connect(node).await.map(|()| {
                    self.rotated.fetch_add(1, Ordering::Relaxed);
                }),
                Err(error) => Err(error),
            };
            done.map_err(|error| self.failed(*id, "connect", &error))?;
        }
        Ok(())
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

    fn rotated(&self) -> Option<(Rule, u64)> {
        let times = self.rotated.swap(0, Ordering::Relaxed);
        (times > 0).then_some((self.rule, times))
    }

    fn can_reset(&self) -> bool {
        self.inner.can_reset()
    }

    fn reset(&self) -> Doing<'_> {
        self.inner.reset()
    }
}
