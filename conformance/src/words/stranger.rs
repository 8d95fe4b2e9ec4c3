//! Who answers instead of the API, and what to do about it.

use super::silence;
use crate::client::{Credential, Exchange, Stranger};

/// What was met, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What was met.
    pub found: String,
    /// What to do.
    pub advice: String,
}

impl Remedy {
    pub(super) fn new(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { found: found.into(), advice: advice.into() }
    }

    /// Both in one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}; {}", self.found, self.advice)
    }
}

const PROXY_CREDENTIALS: &str = "put them into HTTPS_PROXY (or HTTP_PROXY) as http://name:password@proxy:port, or name the host in NO_PROXY";

const PROXY_ADVICE: &str = "correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or name the target's host in NO_PROXY to go without it";

const ADMIN: &str = "a system administrator's ZDU_TOKEN (a personal access token), or ZDU_USERNAME with ZDU_PASSWORD";

/// What to do about an exchange that was not with the API.
#[must_use]
pub fn remedy(exchange: &Exchange) -> Remedy {
    if let Some(remedy) = stranger(exchange) {
        return remedy;
    }
    match &exchange.silence {
        Some(why) => exchange
            .proxy
            .as_ref()
            .and_then(|proxy| unreached_through(proxy.raw(), &silence(why)))
            .unwrap_or_else(|| unreached(&silence(why))),
        None => {
            Remedy::new("there is no usable answer", "check the URL and the network in between")
        }
    }
}

/// The same where the proxy is to blame; nothing where what stands behind it may be.
fn unreached_through(proxy: &str, reason: &str) -> Option<Remedy> {
    let lower = reason.to_lowercase();
    let has = |word: &str| lower.contains(word);
    let found = if has("proxy auth") || has("407") {
        return Some(Remedy::new(
            format!("the proxy {proxy} wants credentials of its own ({reason})"),
            PROXY_CREDENTIALS,
        ));
    } else if has("tunnel") {
        format!("the proxy {proxy} leads nowhere")
    } else if has("refused") || has("dns") || has("lookup") || has("name or service") {
        format!("the proxy {proxy}, which the environment names, is not there")
    } else if has("time limit") || has("timed out") {
        format!("nobody answered in time through the proxy {proxy}")
    } else {
        return None;
    };
    Some(Remedy::new(format!("{found} ({reason})"), PROXY_ADVICE))
}

/// What an HTTP library's reason means, and what to do about it.
fn unreached(reason: &str) -> Remedy {
    let told = |found: &str, advice: &str| Remedy::new(format!("{found} ({reason})"), advice);
    let lower = reason.to_lowercase();
    let has = |word: &str| lower.contains(word);
    if has("unknownissuer") || has("unknown issuer") {
        told(
            "its certificate is signed by an authority that is not known here",
            "set `ca_file` to a PEM file with the authority's certificate",
        )
    } else if has("notvalidforname") || has("not valid for name") {
        told(
            "its certificate is for another host name",
            "write the host name that the certificate names into `url`",
        )
    } else if has("expired") {
        told("its certificate has expired", "renew the certificate, or set this machine's clock")
    } else if has("notvalidyet") || has("not valid yet") {
        told("its certificate is not valid yet", "set this machine's clock")
    } else if has("invalidcontenttype") || has("corrupt message") || has("wrong version") {
        told(
            "it does not speak TLS there",
            "write http:// instead of https://, or the port that speaks TLS",
        )
    } else if has("certificate") {
        told("its certificate is not accepted", "set `ca_file`, or mend the certificate")
    } else if has("dns") || has("lookup") || has("name or service") {
        told("the host name is not known", "check the host name in `url`, and this machine's DNS")
    } else if has("refused") {
        told("nothing listens there", "start a node, or check the host and the port in `url`")
    } else if has("time limit") || has("timed out") {
        told(
            "nobody answered in time",
            "check that a firewall lets you through, or raise `request` under [timing]",
        )
    } else {
        told("there is no usable answer", "check the URL and the network in between")
    }
}

/// Who answered an exchange, where it was not the API.
#[must_use]
pub fn stranger(exchange: &Exchange) -> Option<Remedy> {
    Some(told(exchange.stranger.as_ref()?, exchange))
}

fn told(stranger: &Stranger, exchange: &Exchange) -> Remedy {
    let code = exchange.code.map_or_else(String::new, |code| format!("{code}: "));
    let to = exchange.location.as_ref().map_or_else(|| "nowhere".to_owned(), ToString::to_string);
    let proxy = exchange.proxy.as_ref();
    let proxy = proxy.map_or_else(|| "a proxy".to_owned(), |proxy| format!("the proxy {proxy}"));
    let sent = exchange.credential;
    let sign_in = if sent == Credential::None {
        format!("no credentials were sent: set {ADMIN}")
    } else {
        format!("the credentials that were sent are not accepted there: set {ADMIN}")
    };
    match stranger {
        Stranger::LoginPage => Remedy::new(
            format!("{code}a login page: not signed in, or single sign-on stands in between"),
            format!("{sign_in}; a token passes where single sign-on refuses passwords"),
        ),
        Stranger::OtherHost => Remedy::new(
            format!(
                "{code}a redirect to another host, {to}: single sign-on stands in between, or the site has moved"
            ),
            format!(
                "{sign_in}; or write a URL that leads past single sign-on, such as a node's own address, or the one that the site has moved to"
            ),
        ),
        Stranger::Moved => Remedy::new(
            format!("{code}a redirect to {to}"),
            "write the URL that it leads to, https and context path included, as in https://wiki.example.org/confluence",
        ),
        Stranger::Captcha => Remedy::new(
            format!(
                "{code}the account must answer a CAPTCHA first, after too many wrong passwords"
            ),
            "sign in once in a browser with this account, or set ZDU_TOKEN instead of a password",
        ),
        Stranger::NoPasswords => Remedy::new(
            format!("{code}this instance accepts no passwords (basic authentication is disabled)"),
            "set ZDU_TOKEN to a personal access token of a system administrator",
        ),
        Stranger::NotSignedIn if sent == Credential::None => {
            Remedy::new(format!("{code}nobody is signed in"), format!("set {ADMIN}"))
        }
        Stranger::NotSignedIn => Remedy::new(
            format!("{code}the credentials in the environment are not accepted"),
            format!("correct them: {ADMIN}"),
        ),
        Stranger::NotAllowed => Remedy::new(
            format!(
                "{code}the account is no system administrator, or the instance is not clustered"
            ),
            "use an account with the system administrator permission; a cluster is shown under General configuration, Clustering",
        ),
        Stranger::NotClustered => Remedy::new(
            format!(
                "{code}this instance is not clustered, and the API is for clustered installations only"
            ),
            "write the URL of a cluster; an instance becomes one with a Data Center licence and clustering enabled",
        ),
        Stranger::Starting => Remedy::new(
            format!("{code}it is starting, or in maintenance"),
            "wait until a node is ACTIVE and ask again; if it never is, read that node's log",
        ),
        Stranger::SetUp => Remedy::new(
            format!("{code}an instance whose setup was never finished"),
            "finish its setup in a browser, or write the URL of the cluster that is meant",
        ),
        Stranger::ProxyCredentials => {
            Remedy::new(format!("{code}{proxy} wants credentials of its own"), PROXY_CREDENTIALS)
        }
        Stranger::Throttled => Remedy::new(
            format!("{code}rate limiting refuses this account for a while"),
            "exempt the account (General configuration, Rate limiting), or raise `poll` under [timing]",
        ),
        Stranger::Gateway => Remedy::new(
            format!("{code}no node is up behind what answers there (a load balancer, or {proxy})"),
            "start a node, or wait for one that starts; if one is ACTIVE, check where the load balancer leads, and HTTPS_PROXY and NO_PROXY",
        ),
        Stranger::Page(title) => {
            let titled = title.as_ref().map_or_else(String::new, |title| format!(", \"{title}\""));
            Remedy::new(
                format!("{code}a web page{titled}, where JSON was due"),
                "check the URL and its context path, and what stands in between (a portal, a proxy, single sign-on); open it in a browser",
            )
        }
        Stranger::Jira => Remedy::new(
            format!("{code}this is Jira, whose API is another one (/rest/api/2/cluster/zdu)"),
            "write the URL of a Confluence cluster: this suite knows Confluence's rules only",
        ),
        Stranger::Bitbucket => Remedy::new(
            format!("{code}this is Bitbucket, whose API is a variant"),
            "write the URL of a Confluence cluster: this suite knows Confluence's rules only",
        ),
    }
}
