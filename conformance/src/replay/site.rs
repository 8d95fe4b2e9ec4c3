//! What is tested: an endpoint, the words that it uses, and how long things may take there.

use std::time::Duration;

use zdu_model::judge::belief::Observation;
pub use zdu_model::judge::event::View;
use zdu_model::judge::finding::Names;
use zdu_model::judge::served::{Fault, Misshape};
use zdu_model::spec::node::NodeId;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;

use crate::client::{As, Client, Exchange, Reply};
use crate::layout::Layout;
use crate::log::Log;
use crate::target::Timing;
use crate::wire::{Answer, Dictionary};

/// How often a read that is answered 429 is asked again.
const THROTTLED_MAX: usize = 60;

/// An endpoint and how to speak with it.
#[derive(Clone, Debug)]
pub struct Site {
    /// Who sends.
    pub client: Client,
    /// The base URL, without a slash at its end.
    pub base: String,
    /// Where the calls live.
    pub layout: Layout,
    /// What the words mean.
    pub dictionary: Dictionary,
    /// How long things may take.
    pub timing: Timing,
    /// Each node's own base URL, where known.
    pub node_bases: Vec<Option<String>>,
    /// Who is told of what is sent.
    pub log: Log,
}

/// What a read came to.
#[derive(Clone, Debug)]
pub enum Read {
    /// An answer in the shape of section 1.
    Seen(Answer, Exchange),
    /// Nobody answered.
    Nobody(Exchange),
    /// An answer of another shape, and what is wrong with it.
    Bad(Misshape, Exchange),
}

impl Site {
    /// The size and profile of the model for it.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            profile: self.dictionary.profile,
            nodes: self.dictionary.ids.len(),
            versions: u8::try_from(self.dictionary.versions.len()).unwrap_or(u8::MAX),
        }
    }

    /// What its nodes and versions are called.
    #[must_use]
    pub fn names(&self) -> Names {
        self.dictionary.names()
    }

    /// Every view, in the order in which they are read.
    pub fn views(&self) -> impl Iterator<Item = View> + use<> {
        let nodes = self.scope().node_ids().map(View::Node);
        [View::Overview, View::State].into_iter().chain(nodes)
    }

    /// A view's name in reports.
    #[must_use]
    pub fn view_name(&self, view: View) -> String {
        match view {
            View::Overview => "overview".to_owned(),
            View::State => "state".to_owned(),
            View::Node(id) => format!("node {}", self.id(id)),
        }
    }

    /// A node's id, as the API lists it.
    #[must_use]
    pub fn id(&self, id: NodeId) -> &str {
        self.dictionary.ids.get(id.index()).map_or("?", String::as_str)
    }

    /// The address of a view below a base URL.
    #[must_use]
    pub fn view_url(&self, base: &str, view: View) -> String {
        match view {
            View::Overview => format!("{base}{}", self.layout.overview()),
            View::State => format!("{base}{}", self.layout.state()),
            View::Node(id) => format!("{base}{}", self.layout.node(self.id(id))),
        }
    }

    /// The address of a call.
    #[must_use]
    pub fn call_url(&self, call: Call) -> String {
        format!("{}{}", self.base, self.layout.call(call))
    }

    /// Sends a call, once. The log hears of it before it is sent, and again when there is an answer.
    pub async fn post(&self, call: Call) -> Reply {
        self.log.calling(call);
        let began = self.log.now();
        let reply = self.client.post(&self.call_url(call), As::Admin).await;
        self.log.called(call, began, &reply);
        reply
    }

    /// Reads a view through the target's URL.
    pub async fn read(&self, view: View) -> Read {
        self.read_at(&self.base, view).await
    }

    /// Reads a view below this base URL. A server that throttles is waited for.
    pub async fn read_at(&self, base: &str, view: View) -> Read {
        let url = self.view_url(base, view);
        let mut began = self.log.now();
        let mut reply = self.client.get(&url, As::Admin).await;
        for _ in 0..THROTTLED_MAX {
            if reply.code != Some(429) {
                break;
            }
            let pause = reply.retry_after.unwrap_or(self.timing.poll);
            tokio::time::sleep(pause.min(Duration::from_secs(60))).await;
            began = self.log.now();
            reply = self.client.get(&url, As::Admin).await;
        }
        let node = (base != self.base).then(|| self.client.redactor().clean(base));
        let name = self.view_name(view);
        self.log.read((&name, node.as_deref()), began, &reply);
        if reply.nobody() {
            return Read::Nobody(reply.exchange);
        }
        let exchange = reply.exchange;
        let parsed = match (reply.code, view) {
            (Some(200), View::Overview) => self.dictionary.overview(&reply.body),
            (Some(200), View::State) => self.dictionary.state(&reply.body),
            (Some(200), View::Node(id)) => self.dictionary.node_answer(id, &reply.body),
            (Some(404), View::Node(id)) => {
                Ok(Answer { seen: Observation::Node(id, None), details: Vec::new() })
            }
            (code, _) => return Read::Bad(code_fault(code, &exchange), exchange),
        };
        match parsed {
            Ok(answer) => Read::Seen(answer, exchange),
            Err(misshape) => Read::Bad(misshape, exchange),
        }
    }
}

/// What is wrong with a status code where 200 was due.
fn code_fault(code: Option<u16>, exchange: &Exchange) -> Misshape {
    let fault = Fault::Code { code: code.unwrap_or(0), location: exchange.location.clone() };
    Misshape { place: String::new(), fault }
}
