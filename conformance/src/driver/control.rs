//! Steps as the control calls of a mock (the interface's "The mock").

use std::time::Duration;

use zdu_model::judge::event::Caller;
use zdu_model::judge::seen::Request;
use zdu_model::judge::text::{self, Text};
use zdu_model::spec::node::NodeId;

use super::{Doing, Driver, DriverError};
use crate::client::Client;
use crate::wire::Dictionary;
use crate::words::silence;

/// How long a control call may take.
const CONTROL_LIMIT: Duration = Duration::from_secs(10);

/// Sends control calls to a mock.
#[derive(Clone, Debug)]
pub struct ControlDriver {
    client: Client,
    control: String,
    dictionary: Dictionary,
}

impl ControlDriver {
    /// A driver for the mock whose control calls live below this URL (`http://127.0.0.1:4990/_mock`).
    #[must_use]
    pub fn new(client: &Client, control: &str, dictionary: &Dictionary) -> Self {
        Self {
            client: client.clone(),
            control: control.trim_end_matches('/').to_owned(),
            dictionary: dictionary.clone(),
        }
    }

    async fn post(&self, path: String) -> Result<(), DriverError> {
        let reply = self
            .client
            .post(&format!("{}{path}", self.control), Caller::Admin, CONTROL_LIMIT)
            .await;
        match reply.code {
            Some(200..=299) => Ok(()),
            Some(code) => Err(DriverError::Failed {
                command: format!("POST {path}"),
                outcome: format!("answered {code}"),
                output: format!("\n{}", text::lines(reply.exchange.body.raw())),
                late: false,
            }),
            None => Err(DriverError::Failed {
                command: format!("POST {path}"),
                outcome: "got no answer".to_owned(),
                output: format!("\n{}", silence(&reply.exchange.silence())),
                late: false,
            }),
        }
    }
}

impl Driver for ControlDriver {
    fn can(&self, _: NodeId, _: Request) -> bool {
        true
    }

    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a> {
        Box::pin(async move {
            let node = self.dictionary.nodes.get(id.index()).and_then(|node| node.id.as_ref());
            let node = node.map_or("?", Text::raw);
            let mut path = format!("/nodes/{node}/{}", request.name());
            if let Request::Install(version) = request {
                path.push_str("?version=");
                path.push_str(self.dictionary.version_name(version));
            }
            self.post(path).await
        })
    }

    fn may_fail_silently(&self) -> bool {
        false
    }

    fn can_reset(&self) -> bool {
        true
    }

    fn reset(&self) -> Doing<'_> {
        Box::pin(self.post("/reset".to_owned()))
    }
}
