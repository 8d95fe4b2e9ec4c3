//! How are balancers asked that are spoken with over HTTP? One request at a time, never a second time by itself; whether what was asked
//! came about is looked at, not believed.

use std::path::PathBuf;
use std::sync::{Once, OnceLock};
use std::time::Duration;

use crate::Error;

/// How long one request may take.
const LIMIT: Duration = Duration::from_secs(15);

/// The variables with the account for the balancer's own pages, where they ask for one.
const USERNAME: &str = "ZDU_BALANCER_USERNAME";
const PASSWORD: &str = "ZDU_BALANCER_PASSWORD";

/// Whom requests go to, and as whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Http {
    /// A certificate authority to trust besides the usual ones, PEM.
    ca_file: Option<PathBuf>,
    /// Made once: it reads every certificate that the platform trusts.
    client: OnceLock<reqwest::Client>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    /// A header, where it is there and text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Http {
    /// Trusts this certificate authority, too.
    pub(crate) fn trusting(ca_file: Option<PathBuf>) -> Self {
        Self { ca_file, client: OnceLock::new() }
    }

    fn client(&self) -> Result<&reqwest::Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.new_client()?;
        Ok(self.client.get_or_init(|| client))
    }

    fn new_client(&self) -> Result<reqwest::Client, Error> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Somebody else's provider is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let setup = |reason: String| Error::Unreachable { what: "HTTP".to_owned(), reason };
        // An answer that leads elsewhere is shown, not followed.
        let mut builder = reqwest::Client::builder()
            .timeout(LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0);
        if let Some(file) = &self.ca_file {
            let wrong = |reason: String| Error::Unreachable {
                what: format!("the CA file {}", file.display()),
                reason: format!("{reason}; give a PEM file with the certificate of the authority"),
            };
            let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .map_err(|error| wrong(error.to_string()))?;
            for certificate in certificates {
                builder = builder.add_root_certificate(certificate);
            }
        }
        builder.build().map_err(|error| setup(error.to_string()))
    }

    /// Sends one request; `with` adds to it.
    pub(crate) async fn send(
        &self,
        method: reqwest::Method,
        url: &str,
        with: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Result<Reply, Error> {
        let gone = |error: reqwest::Error| Error::Unreachable {
            what: url.split('?').next().unwrap_or_default().to_owned(),
            reason: told(&error.without_url()),
        };
        let request = with(self.client()?.request(method, url));
        let reply = request.send().await.map_err(gone)?;
        let (code, headers) = (reply.status().as_u16(), reply.headers().clone());
        let body = reply.text().await.map_err(gone)?;
        Ok(Reply { code, headers, body })
    }

    /// A page of the balancer, by whoever may see it.
    pub(crate) async fn page(
        &self,
        method: reqwest::Method,
        url: &str,
        with: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Result<String, Error> {
        let account = account();
        let named = account.is_some();
        let signed = |request: reqwest::RequestBuilder| match account {
            Some((username, password)) => with(request).basic_auth(username, Some(password)),
            None => with(request),
        };
        let reply = self.send(method, url, signed).await?;
        let hint = match reply.code {
            200 => return Ok(reply.body),
            401 if named => format!("the account of {USERNAME} and {PASSWORD} may not"),
            401 => format!("it asks for an account: set {USERNAME} and {PASSWORD}"),
            403 => "whoever may see it (`Require`) does not include this machine or this account"
                .to_owned(),
            404 => "there is no such page; the address of the balancer's own page is a key of [balancer]"
                .to_owned(),
            _ => reply.body.lines().next().unwrap_or_default().to_owned(),
        };
        let what = url.split('?').next().unwrap_or_default().to_owned();
        Err(Error::Refused { what, said: format!("{}; {hint}", reply.code) })
    }
}

/// Names and values as a form, or a query, has them.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let url = reqwest::Url::parse_with_params("http://form/", pairs);
    url.ok().and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}

fn account() -> Option<(String, String)> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    Some((variable(USERNAME)?, variable(PASSWORD)?))
}

/// The error with what lies behind it.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
