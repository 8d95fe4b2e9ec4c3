//! Steps by hand: a person is told what to do and says when it is done.

use std::io::Write as _;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use zdu_model::belief::Request;
use zdu_model::node::NodeId;

use super::{Doing, Driver, DriverError};
use crate::wire::Dictionary;

/// Prints what to do on stderr and waits for Enter on stdin.
#[derive(Clone, Debug)]
pub struct ManualDriver {
    dictionary: Dictionary,
}

impl ManualDriver {
    /// A driver that speaks of these nodes and versions.
    #[must_use]
    pub fn new(dictionary: &Dictionary) -> Self {
        Self {
            dictionary: dictionary.clone(),
        }
    }

    async fn ask(&self, what: &str) -> Result<(), DriverError> {
        let failed = |outcome: &str| DriverError::Failed {
            command: what.to_owned(),
            outcome: outcome.to_owned(),
            output: String::new(),
        };
        eprint!("please {what}, then press Enter: ");
        std::io::stderr()
            .flush()
            .map_err(|_| failed("could not be asked for"))?;
        let mut line = String::new();
        match BufReader::new(tokio::io::stdin())
            .read_line(&mut line)
            .await
        {
            Ok(read) if read > 0 => Ok(()),
            Ok(_) => Err(failed("was not confirmed: the input ended")),
            Err(_) => Err(failed("was not confirmed: the input cannot be read")),
        }
    }
}

impl Driver for ManualDriver {
    fn can(&self, _: NodeId, _: Request) -> bool {
        true
    }

    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a> {
        Box::pin(async move {
            let node = self
                .dictionary
                .ids
                .get(id.index())
                .map_or("?", String::as_str);
            let what = match request {
                Request::Stop => format!("stop Confluence gracefully on node {node}"),
                Request::Kill => format!("shut node {node} down altogether"),
                Request::Install(version) => {
                    format!(
                        "install version {} on node {node}",
                        self.dictionary.version_name(version)
                    )
                }
                Request::Boot => format!("start Confluence on node {node}"),
                Request::Break => {
                    format!("make Confluence on node {node} fail, so that it shows ERROR")
                }
                Request::Repair => format!("fix the error on node {node} without restarting it"),
                Request::FailTasks => format!("make the upgrade tasks of node {node} fail"),
            };
            self.ask(&what).await
        })
    }

    fn can_reset(&self) -> bool {
        false
    }

    fn reset(&self) -> Doing<'_> {
        Box::pin(async { Err(DriverError::CannotDo("reset".to_owned())) })
    }
}
