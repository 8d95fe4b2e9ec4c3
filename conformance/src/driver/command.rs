//! Steps as the target file's shell commands.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use zdu_model::judge::seen::Request;
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;

use super::{Doing, Driver, DriverError, process, shell};
use crate::secret::Redactor;
use crate::target::{Target, TargetNode};
use crate::wire::Dictionary;

/// Runs `sh -c` with the placeholders replaced, checks the exit code, keeps the output.
#[derive(Debug)]
pub struct CommandDriver {
    target: Target,
    dictionary: Dictionary,
    limit: Duration,
    redactor: Redactor,
    /// Nodes that are out of the load balancer's rotation.
    out: Mutex<BTreeSet<NodeId>>,
}

impl CommandDriver {
    /// A driver for this target; a command that runs longer than `limit` is ended and has failed.
    #[must_use]
    pub fn new(
        target: &Target,
        dictionary: &Dictionary,
        limit: Duration,
        redactor: &Redactor,
    ) -> Self {
        Self {
            target: target.clone(),
            dictionary: dictionary.clone(),
            limit,
            redactor: redactor.clone(),
            out: Mutex::default(),
        }
    }

    /// The command line for a step, with everything filled in; `None` when the target file has none.
    #[must_use]
    pub fn line(&self, id: NodeId, request: Request) -> Option<String> {
        let version = match request {
            Request::Install(version) => self.dictionary.version_name(version),
            Request::Stop
            | Request::Kill
            | Request::Boot
            | Request::Break
            | Request::Repair
            | Request::FailTasks => "",
        };
        self.filled(id, request.name(), version)
    }

    /// The command line that puts a node into the load balancer's rotation (`connect`) or takes it out (`disconnect`); none
    /// where the target file has a `[balancer]`, which goes before them.
    #[must_use]
    pub fn rotation_line(&self, id: NodeId, name: &str) -> Option<String> {
        if self.target.balancer.is_some() { None } else { self.filled(id, name, "") }
    }

    /// The command line that brings the whole cluster back to its initial state.
    #[must_use]
    pub fn reset_line(&self) -> Option<String> {
        let command = self.target.commands.reset.as_ref()?;
        Some(shell::filled(command, &[("{url}", &self.target.url)]))
    }

    fn filled(&self, id: NodeId, name: &str, version: &str) -> Option<String> {
        let known = self.dictionary.nodes.get(id.index())?;
        let node = self.target.nodes.get(id.index());
        let command = self.target.command(node, name)?;
        // The file's own words first: an id that the API lists may change at each start.
        let given =
            |own: fn(&TargetNode) -> Option<&String>| node.and_then(own).map(String::as_str);
        let listed = known.id.as_ref().map(Text::raw);
        let id_given = given(|node| node.id.as_ref()).or(listed).unwrap_or("?");
        let name = given(|node| node.name.as_ref())
            .or(known.listed.as_ref().map(Text::raw).filter(|_| listed.is_none()))
            .unwrap_or(id_given);
        let url = node.and_then(|node| node.url.as_deref()).unwrap_or(&self.target.url);
        let values = [("{id}", id_given), ("{name}", name), ("{version}", version), ("{url}", url)];
        Some(shell::filled(command, &values))
    }

    /// Takes a node out of rotation before it is stopped, where both commands are there; one alone is never used, since a
    /// node that is taken out must be put back.
    async fn take_out(&self, id: NodeId) -> Result<(), DriverError> {
        let lines = (self.rotation_line(id, "disconnect"), self.rotation_line(id, "connect"));
        if let (Some(line), Some(_)) = lines {
            self.run(&line).await?;
            self.taken_out().insert(id);
        }
        Ok(())
    }

    fn taken_out(&self) -> std::sync::MutexGuard<'_, BTreeSet<NodeId>> {
        self.out.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn run(&self, line: &str) -> Result<(), DriverError> {
        process::run(line, self.limit).await.map_err(|failed| {
            let printed = failed.output;
            let output = if printed.is_empty() { printed } else { format!("\n{printed}") };
            DriverError::Failed {
                command: self.redactor.clean(line),
                outcome: failed.outcome,
                output: self.redactor.clean(&output),
                late: failed.late,
            }
        })
    }
}

impl Driver for CommandDriver {
    fn can(&self, id: NodeId, request: Request) -> bool {
        self.line(id, request).is_some()
    }

    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a> {
        Box::pin(async move {
            match self.line(id, request) {
                Some(line) => {
                    if request == Request::Stop {
                        self.take_out(id).await?;
                    }
                    self.run(&line).await
                }
                None => Err(DriverError::CannotDo(request.name().to_owned())),
            }
        })
    }

    fn serving<'a>(&'a self, ids: &'a [NodeId]) -> Doing<'a> {
        Box::pin(async move {
            for id in ids {
                let line = self.rotation_line(*id, "connect");
                let out = self.taken_out().contains(id);
                if let (true, Some(line)) = (out, line) {
                    self.run(&line).await?;
                    self.taken_out().remove(id);
                }
            }
            Ok(())
        })
    }

    fn told(&self, id: NodeId, request: Request) -> Option<String> {
        Some(self.redactor.clean(&self.line(id, request)?))
    }

    fn reset_told(&self) -> Option<String> {
        Some(self.redactor.clean(&self.reset_line()?))
    }

    fn can_reset(&self) -> bool {
        self.target.commands.reset.is_some()
    }

    fn reset(&self) -> Doing<'_> {
        Box::pin(async move {
            match self.reset_line() {
                Some(line) => self.run(&line).await,
                None => Err(DriverError::CannotDo("reset".to_owned())),
            }
        })
    }
}
