//! Does a request go through a proxy? As the HTTP library decides it: by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, or the
//! same in lower case.

use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use zdu_model::judge::text::Text;

/// The proxies that the environment names.
#[derive(Clone, Debug)]
pub(super) struct Proxies(Arc<Matcher>);

impl Proxies {
    pub(super) fn from_environment() -> Self {
        Self(Arc::new(Matcher::from_system()))
    }

    /// The proxy for this URL, without its credentials; nothing where it is asked directly.
    pub(super) fn of(&self, url: &str) -> Option<Text> {
        let proxy = self.0.intercept(&url.parse().ok()?)?;
        let uri = proxy.uri();
        let host = uri.authority().map(|authority| authority.as_str().rsplit('@').next())??;
        Some(format!("{}://{host}", uri.scheme_str().unwrap_or("http")).into())
    }
}
