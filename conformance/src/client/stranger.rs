//! Who answers, if it is not the API? Told by an answer's code, headers and body alone; the remedy is `words`'s to say.

use reqwest::header::{HeaderMap, LOCATION, WWW_AUTHENTICATE};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zdu_model::judge::text::Text;

/// How much of a body is searched for words.
const SEARCHED: usize = 64 << 10;

/// Somebody who is not the API, or the API of something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stranger {
    /// A page to sign in, or a redirect to one on the same host.
    LoginPage,
    /// A redirect to another host: single sign-on, or a site that has moved.
    OtherHost,
    /// A redirect on the same host.
    Moved,
    /// The account must first answer a CAPTCHA in the browser.
    Captcha,
    /// Passwords are not accepted at all.
    NoPasswords,
    /// The credentials are not accepted, or none were sent.
    NotSignedIn,
    /// The account may not do this.
    NotAllowed,
    /// An instance without a cluster.
    NotClustered,
    /// It is starting, or in maintenance.
    Starting,
    /// An instance that was never set up.
    SetUp,
    /// A proxy that wants credentials of its own.
    ProxyCredentials,
    /// Rate limiting, which refuses the account for a while.
    Throttled,
    /// A proxy with nobody behind it.
    Gateway,
    /// Some other page, with its title.
    Page(Option<Text>),
    /// The variant of Jira.
    Jira,
    /// The variant of Bitbucket.
    Bitbucket,
}

impl Stranger {
    /// Who that is; nothing where the answer may be the API's.
    #[must_use]
    pub fn of(code: u16, url: &str, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let seen = Seen { url, headers, body };
        match code {
            200 if seen.html() => Some(seen.page()),
            200 => seen.jira().then_some(Self::Jira),
            300..=399 => seen.redirect(),
            401 if seen.unclustered() => Some(Self::NotClustered),
            401 => Some(seen.refusal()),
            403 if seen.unclustered() => Some(Self::NotClustered),
            403 => Some(if seen.refusal() == Self::NotSignedIn {
                Self::NotAllowed
            } else {
                seen.refusal()
            }),
            407 => Some(Self::ProxyCredentials),
            429 => Some(Self::Throttled),
            503 if seen.starting() => Some(Self::Starting),
            502..=504 => Some(Self::Gateway),
            _ => None,
        }
    }
}

/// An answer.
struct Seen<'a> {
    url: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Seen<'_> {
    fn header(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn text(&self) -> String {
        let searched = &self.body[..self.body.len().min(SEARCHED)];
        String::from_utf8_lossy(searched).to_lowercase()
    }

    fn html(&self) -> bool {
        self.body.trim_ascii_start().starts_with(b"<")
    }

    /// Whether the texts hold one of these words.
    fn says(&self, words: &[&str]) -> bool {
        let text = self.text();
        words.iter().any(|word| text.contains(word))
    }

    fn page(&self) -> Stranger {
        const SIGN_IN: [&str; 10] = [
            "log in",
            "login",
            "log-in",
            "sign in",
            "signin",
            "sign-in",
            "os_username",
            "samlrequest",
            "single sign",
            "type=\"password\"",
        ];
        const STARTING: [&str; 3] = ["starting up", "is starting", "please wait while"];
        let title = self.title();
        if self.says(&STARTING) {
            Stranger::Starting
        } else if self.says(&SIGN_IN) {
            Stranger::LoginPage
        } else {
            Stranger::Page(title)
        }
    }

    fn title(&self) -> Option<Text> {
        let text =
            String::from_utf8_lossy(&self.body[..self.body.len().min(SEARCHED)]).into_owned();
        // Lower case of ASCII alone, so that places stay the same.
        let lower = text.to_ascii_lowercase();
        let open = lower.find("<title")?;
        let from = open + lower[open..].find('>')? + 1;
        let title = text[from..from + lower[from..].find("</title")?].trim();
        (!title.is_empty()).then(|| Text::from(title))
    }

    /// Jira gives the status alone, with the version beside it.
    fn jira(&self) -> bool {
        let body: Option<Value> = serde_json::from_slice(self.body).ok();
        body.is_some_and(|body| {
            body.get("state").is_some()
                && body.get("build").is_some()
                && body.get("nodes").is_none()
        })
    }

    fn redirect(&self) -> Option<Stranger> {
        const SIGN_IN: [&str; 6] = ["login", "signin", "sign-in", "sso", "saml", "oauth"];
        let location = self.header(LOCATION)?;
        let here = reqwest::Url::parse(self.url).ok()?;
        let there = here.join(location).ok()?;
        Some(if there.host_str() != here.host_str() {
            Stranger::OtherHost
        } else if SIGN_IN.iter().any(|word| there.path().to_lowercase().contains(word)) {
            Stranger::LoginPage
        } else {
            Stranger::Moved
        })
    }

    /// Whether a refusal speaks of clusters: the path that a page may repeat does not.
    fn unclustered(&self) -> bool {
        const WORDS: [&str; 6] = [
            "clustered",
            "clustering",
            "not a cluster",
            "no cluster",
            "in a cluster",
            "non-cluster",
        ];
        let challenge = self.headers.get_all(WWW_AUTHENTICATE).iter();
        let challenge = challenge.filter_map(|value| value.to_str().ok());
        challenge.map(str::to_lowercase).any(|text| text.contains("cluster")) || self.says(&WORDS)
    }

    /// Why credentials are not accepted, as far as it is told.
    fn refusal(&self) -> Stranger {
        let reason = self.header("x-authentication-denied-reason").unwrap_or_default();
        let login = self.header("x-seraph-loginreason").unwrap_or_default();
        let captcha = reason.to_lowercase().contains("captcha") || self.says(&["captcha"]);
        if captcha || login == "AUTHENTICATION_DENIED" {
            Stranger::Captcha
        } else if self
            .says(&["basic authentication has been disabled", "basic authentication is disabled"])
        {
            Stranger::NoPasswords
        } else {
            Stranger::NotSignedIn
        }
    }

    fn starting(&self) -> bool {
        self.says(&["starting", "start up", "startup", "initiali", "maintenance", "being upgraded"])
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::Stranger;

    const HERE: &str = "https://wiki.example.org/rest/zdu/cluster";

    type Headers = &'static [(&'static str, &'static str)];

    fn who(code: u16, headers: Headers, body: &str) -> Option<Stranger> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Stranger::of(code, HERE, &map, body.as_bytes())
    }

    // Proves that each is told from its neighbours; the answers of the API itself are nobody else's.
    #[test]
    fn each_answer_is_told_for_what_it_is() {
        let page = "<!DOCTYPE html><html><title>Dashboard - Confluence</title></html>";
        let cases: [(u16, Headers, &str, Option<Stranger>); 25] = [
            (200, &[], r#"{"state":"STABLE","nodes":[]}"#, None),
            (409, &[], "{}", None),
            (404, &[], page, None),
            (
                200,
                &[],
                "<html><title>Log In - Confluence</title></html>",
                Some(Stranger::LoginPage),
            ),
            (200, &[], page, Some(Stranger::Page(Some("Dashboard - Confluence".into())))),
            (200, &[], "<h1>Confluence is starting up</h1>", Some(Stranger::Starting)),
            (200, &[], r#"{"state":"STABLE","build":{"version":"10.3.5"}}"#, Some(Stranger::Jira)),
            (
                302,
                &[("location", "https://sso.example.org/authorize?x=1")],
                "",
                Some(Stranger::OtherHost),
            ),
            (
                302,
                &[("location", "/login.action?os_destination=%2Frest")],
                "",
                Some(Stranger::LoginPage),
            ),
            (
                301,
                &[("location", "https://wiki.example.org/confluence/rest")],
                "",
                Some(Stranger::Moved),
            ),
            (
                401,
                &[("www-authenticate", "Basic realm=\"Confluence\"")],
                "",
                Some(Stranger::NotSignedIn),
            ),
            (
                401,
                &[("x-authentication-denied-reason", "CAPTCHA_CHALLENGE; login-url=/login.action")],
                "",
                Some(Stranger::Captcha),
            ),
            (
                401,
                &[("www-authenticate", "Cluster realm=\"none\"")],
                "",
                Some(Stranger::NotClustered),
            ),
            (
                401,
                &[],
                r#"{"message":"only available for clustered installations"}"#,
                Some(Stranger::NotClustered),
            ),
            (
                403,
                &[],
                r#"{"message":"This instance is not clustered"}"#,
                Some(Stranger::NotClustered),
            ),
            (403, &[], "<h1>Forbidden: /rest/zdu/cluster</h1>", Some(Stranger::NotAllowed)),
            (
                403,
                &[],
                "Basic Authentication has been disabled on this instance.",
                Some(Stranger::NoPasswords),
            ),
            (407, &[], "", Some(Stranger::ProxyCredentials)),
            (429, &[("retry-after", "5")], "{}", Some(Stranger::Throttled)),
            (502, &[], "<h1>Bad Gateway</h1>", Some(Stranger::Gateway)),
            (503, &[], "<h1>Service Unavailable</h1>", Some(Stranger::Gateway)),
            (503, &[], r#"{"message":"The application is starting"}"#, Some(Stranger::Starting)),
            (504, &[], "", Some(Stranger::Gateway)),
            (500, &[], "oops", None),
            (302, &[], "", None),
        ];
        for (code, headers, body, due) in cases {
            assert_eq!(who(code, headers, body), due, "{code} {headers:?} {body}");
        }
    }
}
