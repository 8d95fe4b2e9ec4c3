//! What came back over HTTP? The only room that opens a client's socket.
//!
//! Reads share kept-alive connections and are asked once more on a fresh one before silence is believed, because a
//! server may close an idle connection at any time. A POST always goes over a connection of its own and is never sent
//! again: its outcome would be unknown. Redirects are not followed: an API that redirects is a finding.

mod charset;
mod proxy;
mod stranger;
mod tls;

pub use stranger::Stranger;
pub use tls::Tls;

use std::sync::Once;
use std::time::{Duration, Instant};

use reqwest::header::{
    ACCEPT, CONTENT_TYPE, COOKIE, DATE, HeaderMap, LOCATION, RETRY_AFTER, SET_COOKIE,
};
use serde::{Deserialize, Serialize};
use zdu_model::judge::event::{Caller, Silence};
use zdu_model::judge::text::Text;

use self::proxy::Proxies;
use crate::secret::{Account, Credentials, Redactor};

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A file with certificates or a key cannot be read, or holds none.
    #[error(
        "cannot use {path} for TLS: {reason}; give PEM files: `ca_file` with the certificate of the authority or of the server, \
         `client_cert` with the client's, `client_key` with its key"
    )]
    PemFile {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// The HTTP library refused its settings.
    #[error("cannot set up HTTP: {0}")]
    Setup(String),
}

/// How a client reaches its target.
#[derive(Clone, Debug)]
pub struct Settings<'a> {
    /// How long one request may take.
    pub request: Duration,
    /// Whom it trusts, and as whom it shows itself.
    pub tls: Tls<'a>,
    /// The accounts.
    pub credentials: &'a Credentials,
}

/// What a request was sent with, for whoever sends it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// None.
    #[default]
    None,
    /// The system administrator's password.
    Password,
    /// The system administrator's token.
    Token,
    /// The system administrator's name with a wrong password.
    WrongPassword,
    /// A wrong token.
    WrongToken,
    /// The password of the account without system administration.
    PlainPassword,
}

impl Credential {
    const fn of(who: Caller, account: Option<&Account>) -> Self {
        match (account, who) {
            (None, _) | (_, Caller::Anonymous) => Self::None,
            (Some(Account::Basic { .. }), Caller::Plain) => Self::PlainPassword,
            (Some(Account::Basic { .. }), Caller::WrongPassword) => Self::WrongPassword,
            (Some(Account::Basic { .. }), Caller::Admin | Caller::WrongToken) => Self::Password,
            (Some(Account::Token(_)), Caller::WrongToken | Caller::WrongPassword) => {
                Self::WrongToken
            }
            (Some(Account::Token(_)), Caller::Admin | Caller::Plain) => Self::Token,
        }
    }
}

/// One request and what came back, fit to be shown: secrets are redacted, long bodies cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// What it was sent with.
    #[serde(default)]
    pub credential: Credential,
    /// GET or POST.
    pub method: String,
    /// The address.
    pub url: Text,
    /// The status code, if there was an answer.
    pub code: Option<u16>,
    /// Where a redirect points to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Text>,
    /// The body, at most [`BODY_SHOWN`] bytes of it.
    pub body: Text,
    /// In which way nobody answered, a proxy's word for it included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
    /// Who answered instead of the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stranger: Option<Stranger>,
    /// The proxy that the environment names for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Text>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

impl Exchange {
    /// In which way nobody answered, to whom it is known that nobody did.
    #[must_use]
    pub fn silence(&self) -> Silence {
        self.silence.clone().unwrap_or(Silence::TimedOut)
    }
}

/// The proxy that the environment names for a URL, without credentials.
#[must_use]
pub fn proxy_of(url: &str) -> Option<Text> {
    Proxies::from_environment().of(url)
}

/// How many bytes of a body an exchange keeps.
pub const BODY_SHOWN: usize = 4096;

/// How many bytes of a body are read at most: no answer of this API comes near it.
const BODY_MAX: usize = 4 << 20;

/// An answer, or its absence, without secrets: they are taken out here, once, and nowhere else.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code; `None` when nobody answered.
    pub code: Option<u16>,
    /// The whole body.
    pub body: Vec<u8>,
    /// How long to wait before asking again, when the server says so.
    pub retry_after: Option<Duration>,
    /// What the server's clock said.
    pub date: Option<String>,
    /// The same, fit to be shown.
    pub exchange: Exchange,
}

impl Reply {
    /// Whether there is no answer from the application: no connection, a broken one, or a proxy's 502, 503 or 504.
    #[must_use]
    pub const fn nobody(&self) -> bool {
        self.exchange.silence.is_some()
    }

    /// The code, or in which way there was none.
    ///
    /// # Errors
    /// The silence, when nobody answered.
    pub fn outcome(&self) -> Result<u16, Silence> {
        self.code.ok_or_else(|| self.exchange.silence())
    }
}

/// An HTTP client for one target.
#[derive(Clone, Debug)]
pub struct Client {
    pooled: reqwest::Client,
    fresh: reqwest::Client,
    credentials: Credentials,
    redactor: Redactor,
    proxies: Proxies,
}

impl Client {
    /// A client with these settings.
    ///
    /// # Errors
    /// [`ClientError`] when the CA file cannot be used or the HTTP library refuses its settings.
    pub fn new(settings: &Settings<'_>) -> Result<Self, ClientError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only if somebody else has installed one already, which serves as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let tls = tls::config(&settings.tls).map_err(|unusable| ClientError::PemFile {
            path: unusable.path.display().to_string(),
            reason: unusable.reason,
        })?;
        let build = |idle: usize| {
            reqwest::Client::builder()
                .timeout(settings.request)
                .redirect(reqwest::redirect::Policy::none())
                .pool_max_idle_per_host(idle)
                .user_agent(concat!("zdu/", env!("CARGO_PKG_VERSION")))
                .tls_backend_preconfigured(tls.clone())
                .build()
                .map_err(|error| ClientError::Setup(error.to_string()))
        };
        Ok(Self {
            pooled: build(8)?,
            fresh: build(0)?,
            credentials: settings.credentials.clone(),
            redactor: settings.credentials.redactor(),
            proxies: Proxies::from_environment(),
        })
    }

    /// Whether there are credentials for this account.
    #[must_use]
    pub const fn can_be(&self, who: Caller) -> bool {
        match who {
            Caller::Admin | Caller::WrongToken => self.credentials.admin.is_some(),
            Caller::WrongPassword => {
                matches!(self.credentials.admin, Some(Account::Basic { .. }))
            }
            Caller::Plain => self.credentials.plain.is_some(),
            Caller::Anonymous => true,
        }
    }

    /// What takes this run's secrets out of texts.
    #[must_use]
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Reads.
    pub async fn get(&self, url: &str, who: Caller) -> Reply {
        let reply = self.send(self.pooled.get(url), "GET", url, who).await;
        if reply.code.is_some() {
            return reply;
        }
        self.send(self.fresh.get(url), "GET", url, who).await
    }

    /// Reads a page as somebody's browser does, over a connection of its own, once: as the account without system
    /// administration, if there is one.
    pub async fn visit(&self, url: &str, cookies: &str) -> Visit {
        let mut request = self.fresh.get(url);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        if let Some(Account::Basic { username, password }) = &self.credentials.plain {
            request = request.basic_auth(username, Some(password));
        }
        let Ok(received) = receive(request).await else { return Visit::default() };
        let text = |value: &reqwest::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers = received.headers.iter();
        Visit {
            code: Some(received.code),
            cookies: received.headers.get_all(SET_COOKIE).iter().map(text).collect(),
            head: headers.map(|(name, value)| format!("{name}: {}\n", text(value))).collect(),
            body: String::from_utf8_lossy(&received.body).into_owned(),
        }
    }

    /// Sends a POST, once, and waits so long for its answer.
    pub async fn post(&self, url: &str, who: Caller, limit: Duration) -> Reply {
        let request = self
            .fresh
            .post(url)
            .timeout(limit)
            .header(CONTENT_TYPE, "application/json")
            .header("X-Atlassian-Token", "no-check")
            .body("{}");
        self.send(request, "POST", url, who).await
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        method: &str,
        url: &str,
        who: Caller,
    ) -> Reply {
        let account = match who {
            Caller::Admin => self.credentials.admin.clone(),
            Caller::WrongPassword => self.credentials.admin.clone().map(Account::with_wrong_secret),
            Caller::WrongToken => Some(Account::Token("not-the-secret".to_owned())),
            Caller::Plain => self.credentials.plain.clone(),
            Caller::Anonymous => None,
        };
        let request = request.header(ACCEPT, "application/json");
        let credential = Credential::of(who, account.as_ref());
        let request = match account {
            Some(Account::Basic { username, password }) => {
                request.basic_auth(username, Some(password))
            }
            Some(Account::Token(token)) => request.bearer_auth(token),
            None => request,
        };
        let started = Instant::now();
        let answered = receive(request).await;
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut exchange = Exchange {
            credential,
            method: method.to_owned(),
            url: self.redactor.clean(url).into(),
            code: None,
            location: None,
            body: Text::default(),
            silence: None,
            stranger: None,
            proxy: self.proxies.of(url),
            took_ms,
        };
        match answered {
            Ok(mut received) => {
                let body = std::mem::take(&mut received.body);
                received.body = charset::in_utf8(received.header(CONTENT_TYPE), body);
                exchange.code = Some(received.code);
                exchange.location =
                    received.header(LOCATION).map(|location| self.redactor.clean(location).into());
                let (retry_after, date) = (
                    received.header(RETRY_AFTER).and_then(|text| text.parse().ok()),
                    received.header(DATE).map(str::to_owned),
                );
                let body = self.redactor.clean_body(received.body);
                exchange.stranger = Stranger::of(received.code, url, &received.headers, &body);
                exchange.body = shown(&body);
                exchange.silence = proxy(received.code).then_some(Silence::Code(received.code));
                Reply {
                    code: Some(received.code),
                    body,
                    retry_after: retry_after.map(Duration::from_secs),
                    date,
                    exchange,
                }
            }
            Err(error) => {
                exchange.silence = Some(if error.is_timeout() {
                    Silence::TimedOut
                } else {
                    Silence::Broken(self.redactor.clean(&reason(&error)).into())
                });
                Reply { code: None, body: Vec::new(), retry_after: None, date: None, exchange }
            }
        }
    }
}

/// A page that was read, or was not.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// The status code; `None` when nobody answered.
    pub code: Option<u16>,
    /// Each `Set-Cookie`.
    pub cookies: Vec<String>,
    head: String,
    body: String,
}

impl Visit {
    /// The word that stands behind a text, in a header (`name: value`) or else in the page.
    #[must_use]
    pub fn word_after(&self, text: &str) -> Option<String> {
        let wordy = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
        let found = |whole: &String| {
            let (_, rest) = whole.split_once(text)?;
            let word: String =
                rest.trim_start().chars().take_while(|c| wordy(*c)).take(64).collect();
            (!word.is_empty()).then_some(word)
        };
        found(&self.head).or_else(|| found(&self.body))
    }
}

/// Whether a code is a proxy's, or a loading server's, and not the application's.
pub(crate) const fn proxy(code: u16) -> bool {
    matches!(code, 502..=504)
}

struct Received {
    code: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Received {
    fn header(&self, name: reqwest::header::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

async fn receive(request: reqwest::RequestBuilder) -> Result<Received, reqwest::Error> {
    let mut response = request.send().await?;
    let code = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > BODY_MAX {
            body.truncate(BODY_MAX);
            break;
        }
    }
    Ok(Received { code, headers, body })
}

/// The beginning of a body.
#[must_use]
pub fn shown(body: &[u8]) -> Text {
    let mut text = String::from_utf8_lossy(body).into_owned();
    if text.len() > BODY_SHOWN {
        let end = (0..=BODY_SHOWN).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        text.push_str(" [cut]");
    }
    text.into()
}

/// The innermost cause: "Connection refused" says more than "error sending request".
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
