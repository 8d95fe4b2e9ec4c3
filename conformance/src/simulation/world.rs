//! How is an endpoint in the same process spoken with and driven? Time passes when somebody waits, and only then.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zdu_endpoint::{Endpoint, Outcome, Port as Door, Request as Asked, Step};
use zdu_model::judge::event::{
    Answer, Attempt, Caller, Micros, Racer, Reply, Silence, Source, View,
};
use zdu_model::judge::excuse::Excuse;
use zdu_model::judge::seen::Request;
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::transition::Call;

use super::{PASSWORD, Simulation};
use crate::client::{self, Credential, Exchange, proxy, shown};
use crate::driver::{Doing, Driver, DriverError};
use crate::layout::Layout;
use crate::replay::{Port, Sent, answer, micros, reply};
use crate::target::Timing;

/// An id that no cluster lists, for API-7.
const UNKNOWN_NODE: &str = "zdu-no-such-node";

/// An endpoint with a counted clock.
#[derive(Debug)]
pub struct World {
    inner: Mutex<Inner>,
    layout: Layout,
    timing: Timing,
    context: String,
    reset: bool,
    lie: Option<Excuse>,
}

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    now: Duration,
}

/// What a request came to: when it was sent, when it was over, and the reply as a client would have it.
struct Spoken {
    asked: Micros,
    now: Micros,
    raw: client::Reply,
}

impl World {
    /// A world with this endpoint in it.
    #[must_use]
    pub fn new(endpoint: Endpoint, simulation: &Simulation) -> Self {
        Self {
            context: endpoint.options().context.clone(),
            inner: Mutex::new(Inner { endpoint, now: Duration::ZERO }),
            layout: simulation.layout,
            timing: simulation.timing,
            reset: simulation.reset,
            lie: simulation.lie,
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, view: View, id: Option<&Text>) -> String {
        let path = match view {
            View::Overview => self.layout.overview().to_owned(),
            View::State => self.layout.state(),
            View::Node(_) => self.layout.node(id.map_or(UNKNOWN_NODE, Text::raw)),
        };
        format!("{}{path}", self.context)
    }

    fn call_path(&self, call: Call) -> String {
        format!("{}{}", self.context, self.layout.call(call))
    }

    /// One request on a connection of its own.
    fn speak(&self, door: Door, request: &Asked, limit: Duration) -> Spoken {
        let mut inner = self.inner();
        let asked = inner.now;
        let outcome = inner.endpoint.answer(door, request, asked);
        let (took, raw) = heard(request, outcome, limit);
        inner.now = asked + took;
        let now = inner.now;
        inner.endpoint.advance(now);
        Spoken { asked: micros(asked), now: micros(now), raw }
    }
}

/// What a client has of an outcome, and how long it takes.
fn heard(request: &Asked, outcome: Outcome, limit: Duration) -> (Duration, client::Reply) {
    let exchange = || Exchange {
        credential: Credential::default(),
        method: request.method.clone(),
        url: request.path.as_str().into(),
        code: None,
        location: None,
        body: Text::default(),
        silence: None,
        stranger: None,
        proxy: None,
        took_ms: 0,
    };
    let none = |silence| client::Reply {
        code: None,
        body: Vec::new(),
        retry_after: None,
        date: None,
        exchange: Exchange { silence: Some(silence), ..exchange() },
    };
    match outcome {
        Outcome::Refused => (Duration::ZERO, none(Silence::Broken("connection refused".into()))),
        Outcome::Dropped => (Duration::ZERO, none(Silence::Broken("connection closed".into()))),
        Outcome::Answer(answer) => {
            let took = answer.before.saturating_add(answer.after);
            if took > limit {
                return (limit, none(Silence::TimedOut));
            }
            let location = answer
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("location"))
                .map(|(_, to)| to.as_str().into());
            let body = answer.body.into_bytes();
            let exchange = Exchange {
                code: Some(answer.code),
                location,
                body: shown(&body),
                silence: proxy(answer.code).then_some(Silence::Code(answer.code)),
                took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                ..exchange()
            };
            let code = Some(answer.code);
            let reply = client::Reply { code, body, retry_after: None, date: None, exchange };
            (took, reply)
        }
    }
}

fn signed(request: Asked, caller: Caller) -> Asked {
    let basic = |name: &str, password: &str| {
        format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
    };
    let value = match caller {
        Caller::Admin => basic("admin", PASSWORD),
        Caller::Plain => basic("plain", PASSWORD),
        Caller::WrongPassword => basic("admin", "not-the-secret"),
        Caller::WrongToken => "Bearer not-the-secret".to_owned(),
        Caller::Anonymous => return request,
    };
    request.with("Authorization", &value)
}

impl Port for World {
    fn now(&self) -> Micros {
        micros(self.inner().now)
    }

    async fn wait(&self, until: Micros) {
        let mut inner = self.inner();
        let until = Duration::from_micros(until).max(inner.now);
        inner.now = until;
        inner.endpoint.advance(until);
    }

    async fn read(&self, source: Source, view: View, id: Option<&Text>) -> Sent<Answer> {
        let door = match source {
            Source::Cluster => Door::Api,
            Source::Node(id) => Door::Node(id.index()),
        };
        let request = signed(Asked::get(&self.path(view, id)), Caller::Admin);
        let Spoken { asked, now, raw } = self.speak(door, &request, self.timing.request);
        Sent { asked, now, answer: answer(view, &raw), raw }
    }

    async fn call(&self, call: Call) -> Sent<Reply> {
        let request = signed(Asked::post(&self.call_path(call)), Caller::Admin);
        let limit = self.timing.answer(call);
        let Spoken { asked, now, raw } = self.speak(Door::Api, &request, limit);
        Sent { asked, now, answer: reply(&raw), raw }
    }

    /// All of them come in before the first is handled; they are handled as soon as each may be.
    async fn race(&self, call: Call, times: u8) -> Vec<Sent<Racer>> {
        let request = signed(Asked::post(&self.call_path(call)), Caller::Admin);
        let limit = self.timing.answer(call);
        let mut inner = self.inner();
        let asked = inner.now;
        let mut begun = Vec::new();
        for _ in 0..times {
            begun.push(if inner.endpoint.open(Door::Api, asked) {
                Some(inner.endpoint.begin(Door::Api, &request, asked))
            } else {
                None
            });
        }
        begun.sort_by_key(|begun| begun.map(|begun| begun.wait));
        let mut sent = Vec::new();
        let mut latest = asked;
        for begun in begun {
            let outcome = begun.map_or(Outcome::Refused, |begun| {
                inner.endpoint.finish(begun.ticket, asked + begun.wait)
            });
            let (took, raw) = heard(&request, outcome, limit);
            latest = latest.max(asked + took);
            let (sent_at, answered) = (micros(asked), micros(asked + took));
            let racer = Racer { sent: sent_at, answered, reply: reply(&raw) };
            sent.push(Sent { asked: sent_at, now: answered, answer: racer, raw });
        }
        inner.now = latest;
        inner.endpoint.advance(latest);
        sent
    }

    async fn attempt(
        &self,
        caller: Caller,
        attempt: Attempt,
        id: Option<&Text>,
    ) -> Sent<Result<u16, Silence>> {
        let request = match attempt {
            Attempt::Read(view) => Asked::get(&self.path(view, id)),
            Attempt::UnknownNode => Asked::get(&self.path(View::Node(NodeId::new(1)), None)),
            Attempt::Call(call) => Asked::post(&self.call_path(call)),
            Attempt::CallByGet(call) => Asked::get(&self.call_path(call)),
            Attempt::ReadByPost(view) => Asked::post(&self.path(view, id)),
        };
        let request = signed(request, caller);
        let Spoken { asked, now, raw } = self.speak(Door::Api, &request, self.timing.request);
        Sent { asked, now, answer: raw.outcome(), raw }
    }

    fn can_be(&self, caller: Caller) -> bool {
        let inner = self.inner();
        let credentials = &inner.endpoint.options().credentials;
        match caller {
            Caller::Anonymous => true,
            Caller::Admin | Caller::WrongPassword | Caller::WrongToken => credentials.is_some(),
            Caller::Plain => credentials.as_ref().is_some_and(|known| known.plain.is_some()),
        }
    }

    fn runs(&self, profile: Profile) -> bool {
        let has = self.inner().endpoint.options().profile;
        profile == Profile::Documented || has == zdu_endpoint::Profile::Finalization
    }
}

impl Driver for World {
    fn can(&self, _: NodeId, _: Request) -> bool {
        true
    }

    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a> {
        let done = match self.lie {
            Some(lie) => lie.done(id, request),
            None => Some((id, request)),
        };
        let Some((id, request)) = done else { return Box::pin(async { Ok(()) }) };
        let mut inner = self.inner();
        let (node, now) = (id.index(), inner.now);
        let step = match request {
            Request::Stop => Step::Stop,
            Request::Kill => Step::Kill,
            Request::Install(version) => Step::Install(version.index()),
            Request::Boot => Step::Boot,
            Request::Break => Step::Break,
            Request::Repair => Step::Repair,
            Request::FailTasks => {
                inner.endpoint.fail_tasks(node, now);
                return Box::pin(async { Ok(()) });
            }
        };
        inner.endpoint.step(node, step, now);
        Box::pin(async { Ok(()) })
    }

    fn can_reset(&self) -> bool {
        self.reset
    }

    fn reset(&self) -> Doing<'_> {
        let mut inner = self.inner();
        let now = inner.now;
        inner.endpoint.reset(now);
        Box::pin(async { Ok::<(), DriverError>(()) })
    }
}
