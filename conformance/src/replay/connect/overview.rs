//! Where is the overview, and if nowhere, who answers instead?
//!
//! Asked in both layouts and with and without the last slash, until somebody answers or the time of a request is over. Where
//! the address is nobody's, the addresses of the neighbours' APIs tell whose host it is. Sends only reads.

use std::time::Instant;

use serde_json::Value;
use zdu_model::judge::event::Caller;

use super::ConnectError;
use crate::client::{Client, Credential, Exchange, Reply, Stranger};
use crate::layout::Layout;
use crate::target::Target;
use crate::wire;

/// Where the overview is, and what it said.
pub(super) struct Found {
    pub(super) layout: Layout,
    pub(super) path: &'static str,
    pub(super) reply: Reply,
}

/// What was heard at all addresses, the most telling of each kind.
#[derive(Default)]
struct Heard {
    /// An answer that is no 404.
    answer: Option<Found>,
    /// No answer of an application.
    silence: Option<Exchange>,
}

pub(super) async fn find(
    client: &Client,
    target: &Target,
    base: &str,
) -> Result<Found, ConnectError> {
    let layouts = target.layout.map_or_else(|| Layout::ALL.to_vec(), |layout| vec![layout]);
    let spelled = |at: usize| layouts.iter().map(move |layout| (*layout, layout.overviews()[at]));
    // As each layout has it first, then the other way round.
    let candidates: Vec<(Layout, &'static str)> = spelled(0).chain(spelled(1)).collect();
    let deadline = Instant::now() + target.timing.request;
    loop {
        let mut heard = Heard::default();
        for (layout, path) in &candidates {
            let reply = client.get(&format!("{base}{path}"), Caller::Admin).await;
            if reply.code == Some(200) && wire::cluster(&reply.body).is_ok() {
                let found = Found { layout: *layout, path, reply };
                return confluence(client, base, found).await;
            }
            if reply.nobody() || reply.exchange.stranger == Some(Stranger::Throttled) {
                // A server that speaks of itself says more than a proxy.
                let told = reply.exchange.stranger == Some(Stranger::Starting);
                if told || heard.silence.is_none() {
                    heard.silence = Some(reply.exchange);
                }
            } else if reply.code != Some(404) && heard.answer.is_none() {
                heard.answer = Some(Found { layout: *layout, path, reply });
            }
        }
        if let Some(found) = heard.answer {
            return judged(found, target, base);
        }
        if heard.silence.is_none() {
            match neighbour(client, base).await {
                Some(exchange) if exchange.stranger == Some(Stranger::Starting) => {
                    heard.silence = Some(exchange);
                }
                Some(exchange) => return Err(ConnectError::Stranger(Box::new(exchange))),
                None => {
                    return Err(ConnectError::Nowhere {
                        base: base.to_owned(),
                        layout: target.layout,
                    });
                }
            }
        }
        match heard.silence {
            Some(exchange) if Instant::now() >= deadline => {
                return Err(ConnectError::Unreachable(Box::new(exchange)));
            }
            Some(_) | None => {
                tokio::time::sleep(target.timing.poll.min(target.timing.request / 8)).await;
            }
        }
    }
}

/// Takes an overview that is not as it should be, if it may be a deviation rather than another server. Nodes that the target
/// file names say that a cluster is meant to be there.
fn judged(found: Found, target: &Target, base: &str) -> Result<Found, ConnectError> {
    let exchange = &found.reply.exchange;
    let other = match &exchange.stranger {
        None => false,
        Some(Stranger::Page(_) | Stranger::Moved) => target.nodes.is_empty(),
        // A page of this very host to sign in, told by a redirect to somebody who is signed in.
        Some(Stranger::LoginPage) => {
            target.nodes.is_empty()
                || found.reply.code == Some(200)
                || exchange.credential == Credential::None
        }
        Some(_) => true,
    };
    if other {
        return Err(ConnectError::Stranger(Box::new(exchange.clone())));
    }
    match found.reply.code {
        Some(code @ 300..=399) if target.nodes.is_empty() => Err(ConnectError::Mismatch(format!(
            "{base} answers {code}, a redirect to nowhere; check the URL"
        ))),
        _ => Ok(found),
    }
}

/// Reads something that may be there.
async fn peek(client: &Client, base: &str, path: &str) -> (Exchange, Option<Value>) {
    let reply = client.get(&format!("{base}{path}"), Caller::Admin).await;
    let body = (reply.code == Some(200)).then(|| serde_json::from_slice(&reply.body).ok());
    (reply.exchange, body.flatten())
}

fn marked(exchange: Exchange, stranger: Stranger) -> Exchange {
    Exchange { stranger: Some(stranger), ..exchange }
}

/// Bitbucket, by what it says of itself.
async fn bitbucket(client: &Client, base: &str) -> Option<Exchange> {
    let (exchange, body) = peek(client, base, "/rest/api/1.0/application-properties").await;
    let name = body?.get("displayName")?.as_str()?.to_lowercase();
    (name == "bitbucket" || name == "stash").then(|| marked(exchange, Stranger::Bitbucket))
}

/// Whose host it is that has no overview.
async fn neighbour(client: &Client, base: &str) -> Option<Exchange> {
    let (exchange, body) = peek(client, base, "/rest/api/2/cluster/zdu/state").await;
    let refused = matches!(exchange.code, Some(401 | 403));
    if refused || body.is_some_and(|body| body.get("state").is_some()) {
        return Some(marked(exchange, Stranger::Jira));
    }
    if let Some(exchange) = bitbucket(client, base).await {
        return Some(exchange);
    }
    let (exchange, body) = peek(client, base, "/status").await;
    let state = body.as_ref().and_then(|body| body.get("state")).and_then(Value::as_str);
    match state {
        Some("STARTING" | "MAINTENANCE") => Some(marked(exchange, Stranger::Starting)),
        Some("FIRST_RUN") => Some(marked(exchange, Stranger::SetUp)),
        Some(_) | None => None,
    }
}

/// An overview that is right may be that of Bitbucket, whose API is nearly the same.
async fn confluence(client: &Client, base: &str, found: Found) -> Result<Found, ConnectError> {
    if found.layout == Layout::Documented {
        return Ok(found);
    }
    let own = match peek(client, base, &found.layout.state()).await.0.code {
        // Where Bitbucket had it first.
        Some(404) => {
            let (exchange, body) = peek(client, base, "/rest/zdu/cluster/state").await;
            let there = body.is_some_and(|body| body.get("state").is_some());
            there.then(|| marked(exchange, Stranger::Bitbucket))
        }
        _ => bitbucket(client, base).await,
    };
    own.map_or(Ok(found), |exchange| Err(ConnectError::Stranger(Box::new(exchange))))
}
