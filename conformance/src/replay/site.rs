//! What is tested over HTTP: an endpoint, the words that it uses, and how long things may take there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Barrier;
use zdu_model::judge::event::{
    Answer, Attempt, Caller, Micros, Racer, Reply, Silence, Source, View,
};
use zdu_model::judge::served::{Fault, Misshape};
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::Patience;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;

use super::port::{Port, Sent};
use crate::client::{self, Client};
use crate::layout::Layout;
use crate::target::Timing;
use crate::wire::{self, Dictionary};

/// How often a read that is answered 429 is asked again.
const THROTTLED_MAX: usize = 60;

/// An id that no cluster lists, for API-7.
const UNKNOWN_NODE: &str = "zdu-no-such-node";

/// An endpoint and how to speak with it.
#[derive(Clone, Debug)]
pub struct Site {
    /// Who sends.
    pub client: Client,
    /// The base URL, without a slash at its end.
    pub base: String,
    /// Where the calls live.
    pub layout: Layout,
    /// The overview's path as it answered: with or without the last slash.
    pub overview: &'static str,
    /// What the words mean.
    pub dictionary: Dictionary,
    /// How long things may take.
    pub timing: Timing,
    /// Each node's own base URL, where known.
    pub node_bases: Vec<Option<String>>,
    /// Whether the build lets nodes below the original version join, as the target file says.
    pub downgrades: bool,
    /// The rules that waivers accept today.
    pub waived: BTreeSet<Rule>,
    /// Whether traces about upgrade tasks say anything about this build.
    pub has_tasks: bool,
    /// When times are counted from.
    pub began: Instant,
}

impl Site {
    /// The size and profile of the model for it.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.dictionary.scope()
    }

    /// The nodes that can be asked at an address of their own.
    pub fn own(&self) -> impl Iterator<Item = NodeId> + '_ {
        let own = self.node_bases.iter().enumerate().filter(|(_, base)| base.is_some());
        own.map(|(index, _)| NodeId::at(index))
    }

    /// The path of a view, below a base URL.
    #[must_use]
    pub fn path(&self, view: View, id: Option<&Text>) -> String {
        match view {
            View::Overview => self.overview.to_owned(),
            View::State => self.layout.state(),
            View::Node(_) => self.layout.node(id.map_or(UNKNOWN_NODE, Text::raw)),
        }
    }

    /// The address of a call.
    #[must_use]
    pub fn call_url(&self, call: Call) -> String {
        format!("{}{}", self.base, self.layout.call(call))
    }

    fn base_of(&self, source: Source) -> &str {
        match source {
            Source::Cluster => &self.base,
            Source::Node(id) => {
                self.node_bases.get(id.index()).and_then(Option::as_deref).unwrap_or(&self.base)
            }
        }
    }

    fn sent<T>(&self, asked: Micros, answer: T, raw: client::Reply) -> Sent<T> {
        Sent { asked, now: self.now(), answer, raw }
    }

    async fn post(&self, call: Call) -> (Reply, client::Reply) {
        let limit = self.timing.answer(call);
        let raw = self.client.post(&self.call_url(call), Caller::Admin, limit).await;
        (reply(&raw), raw)
    }
}

/// How long the settings of a target let a judge wait.
impl From<Timing> for Patience {
    fn from(timing: Timing) -> Self {
        Self {
            settle: micros(timing.settle),
            quiet: micros(timing.quiet),
            poll: micros(timing.poll),
        }
    }
}

/// A duration in a judge's unit.
#[must_use]
pub fn micros(duration: Duration) -> Micros {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// What the answer to a read says.
#[must_use]
pub fn answer(view: View, raw: &client::Reply) -> Answer {
    let bad = |code, location: Option<Text>| {
        let misshape = Misshape { place: String::new(), fault: Fault::Code { code, location } };
        Answer::Bad(misshape)
    };
    let shaped = |served| match served {
        Ok(served) => Answer::Served(served),
        Err(misshape) => Answer::Bad(misshape),
    };
    match (raw.outcome(), view) {
        (Err(silence), _) => Answer::Nobody(silence),
        (Ok(code @ 502..=504), _) => Answer::Nobody(Silence::Code(code)),
        (Ok(200), View::Overview) => shaped(wire::cluster(&raw.body)),
        (Ok(200), View::State) => shaped(wire::state(&raw.body)),
        (Ok(200), View::Node(_)) => shaped(wire::node(&raw.body)),
        (Ok(404), View::Node(_)) => Answer::NotListed,
        (Ok(code), _) => bad(code, raw.exchange.location.clone()),
    }
}

/// What the answer to a call says.
#[must_use]
pub fn reply(raw: &client::Reply) -> Reply {
    let body = (raw.code == Some(200)).then(|| wire::cluster(&raw.body));
    Reply { code: raw.outcome(), body }
}

impl Port for Site {
    fn now(&self) -> Micros {
        micros(self.began.elapsed())
    }

    async fn wait(&self, until: Micros) {
        tokio::time::sleep(Duration::from_micros(until.saturating_sub(self.now()))).await;
    }

    /// A server that throttles is waited for.
    async fn read(&self, source: Source, view: View, id: Option<&Text>) -> Sent<Answer> {
        let url = format!("{}{}", self.base_of(source), self.path(view, id));
        let mut asked = self.now();
        let mut raw = self.client.get(&url, Caller::Admin).await;
        for _ in 0..THROTTLED_MAX {
            if raw.code != Some(429) {
                break;
            }
            let pause = raw.retry_after.unwrap_or(self.timing.poll);
            tokio::time::sleep(pause.min(Duration::from_secs(60))).await;
            asked = self.now();
            raw = self.client.get(&url, Caller::Admin).await;
        }
        self.sent(asked, answer(view, &raw), raw)
    }

    async fn call(&self, call: Call) -> Sent<Reply> {
        let asked = self.now();
        let (reply, raw) = self.post(call).await;
        self.sent(asked, reply, raw)
    }

    async fn race(&self, call: Call, times: u8) -> Vec<Sent<Racer>> {
        let line = Arc::new(Barrier::new(usize::from(times)));
        let mut racers = tokio::task::JoinSet::new();
        for _ in 0..times {
            let (site, line) = (self.clone(), Arc::clone(&line));
            racers.spawn(async move {
                line.wait().await;
                let asked = site.now();
                let (reply, raw) = site.post(call).await;
                let racer = Racer { sent: asked, answered: site.now(), reply };
                site.sent(asked, racer, raw)
            });
        }
        racers.join_all().await
    }

    async fn attempt(
        &self,
        caller: Caller,
        attempt: Attempt,
        id: Option<&Text>,
    ) -> Sent<Result<u16, Silence>> {
        let asked = self.now();
        let at = |path: String| format!("{}{path}", self.base);
        let limit = self.timing.request;
        let client = &self.client;
        let raw = match attempt {
            Attempt::Read(view) => client.get(&at(self.path(view, id)), caller).await,
            Attempt::UnknownNode => client.get(&at(self.layout.node(UNKNOWN_NODE)), caller).await,
            Attempt::Call(call) => client.post(&self.call_url(call), caller, limit).await,
            Attempt::CallByGet(call) => client.get(&self.call_url(call), caller).await,
            Attempt::ReadByPost(view) => client.post(&at(self.path(view, id)), caller, limit).await,
        };
        self.sent(asked, raw.outcome(), raw)
    }

    fn can_be(&self, caller: Caller) -> bool {
        self.client.can_be(caller)
    }

    fn runs(&self, profile: Profile) -> bool {
        match profile {
            Profile::Documented => true,
            Profile::Finalization => self.has_tasks,
        }
    }
}
