//! Apache HTTP Server with mod_proxy_balancer (LB-3): a member's status, through the balancer manager.
//!
//! The manager is a page for people: its table is read by its column names, and a form is sent with the nonce that its links carry and
//! the `Referer` that it wants. What it does not take it ignores without a word, so the page that comes back is read again. A status lies
//! in memory that all of Apache's processes share, so it counts at once.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;

use crate::http::Http;
use crate::keys::{drain, duration, some_duration};
use crate::staged;
use crate::{Doing, Error, Member, Place};

/// The keys of kind `apache`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApacheKeys {
    /// The address of the balancer manager.
    pub manager: String,
    /// The balancer: `balancer://NAME`, or the name alone.
    pub balancer: String,
    /// How a member is taken out.
    #[serde(default)]
    pub how: staged::How,
    /// A certificate authority to trust besides the usual ones, PEM.
    pub ca_file: Option<PathBuf>,
    /// How long a node is waited for until nothing runs through it.
    #[serde(default = "drain", deserialize_with = "duration")]
    pub drain: Duration,
    /// How long `Busy` must have stayed the same, whatever it says, until nothing is taken to run through a node; none: it is believed.
    /// Apache counts without atomics where its APR is older than 1.7.4 (its pull request 383), so that under load `Busy` may stay above
    /// zero for ever, or be zero while a request runs.
    #[serde(default, deserialize_with = "some_duration")]
    pub still: Option<Duration>,
}

/// A balancer of mod_proxy_balancer.
#[derive(Clone, Debug)]
pub struct Apache {
    keys: ApacheKeys,
    http: Http,
}

/// What the manager shows of a balancer.
#[derive(Debug)]
struct Shown {
    members: Vec<Member>,
    nonce: String,
}

impl Apache {
    /// The balancer that these keys name.
    #[must_use]
    pub fn new(keys: &ApacheKeys) -> Self {
        Self { keys: keys.clone(), http: Http::trusting(keys.ca_file.clone()) }
    }

    fn name(&self) -> &str {
        self.keys.balancer.strip_prefix("balancer://").unwrap_or(&self.keys.balancer)
    }

    async fn shown(&self) -> Result<Shown, Error> {
        let page = self.http.page(Method::GET, &self.keys.manager, |request| request).await?;
        self.read(&page)
    }

    fn read(&self, page: &str) -> Result<Shown, Error> {
        let wrong = |said: String| Error::Unexpected { what: self.keys.manager.clone(), said };
        let link = format!("?b={}&amp;w=", self.name());
        let mut shown = Shown { members: Vec::new(), nonce: String::new() };
        let mut columns: Vec<String> = Vec::new();
        for row in page.split("<tr>").skip(1) {
            let row = row.split("</tr>").next().unwrap_or_default();
            if row.contains("<th>") {
                columns = row.split("<th>").skip(1).map(text).collect();
                continue;
            }
            let Some((_, rest)) = row.split_once(&link) else { continue };
            let nonce = rest.split_once("nonce=").map_or("", |(_, rest)| rest);
            nonce.split(['"', '&']).next().unwrap_or_default().clone_into(&mut shown.nonce);
            let cells: Vec<String> = row.split("<td>").skip(1).map(text).collect();
            let cell = |name: &str| {
                let at = columns.iter().position(|column| column == name);
                at.and_then(|at| cells.get(at)).cloned().unwrap_or_default()
            };
            let status = cell("Status");
            let has = |word: &str| status.split_whitespace().any(|one| one == word);
            let place = match () {
                () if has("Dis") || has("Stop") => Place::Out,
                () if has("Drn") => Place::Draining,
                () => Place::In,
            };
            shown.members.push(Member {
                name: cell("Worker URL"),
                address: Some(cell("Route")).filter(|route| !route.is_empty()),
                place,
                healthy: Some(!has("Err") && !has("HcFl")),
                busy: cell("Busy").parse().ok(),
                sent: cell("Elected").parse().ok(),
            });
        }
        if shown.members.is_empty() {
            let said = format!(
                "it shows no members of `balancer://{}`; set `balancer` of [balancer] to the name of a `<Proxy balancer://...>`, and \
                 `manager` to a location with `SetHandler balancer-manager`",
                self.name()
            );
            return Err(wrong(said));
        }
        Ok(shown)
    }
}

impl staged::Staged for Apache {
    fn how(&self) -> (staged::How, Duration) {
        (self.keys.how, self.keys.drain)
    }

    fn members(&self) -> Doing<'_, Vec<Member>> {
        Box::pin(async move { Ok(self.shown().await?.members) })
    }

    fn set<'a>(&'a self, member: &'a str, place: Place) -> Doing<'a, ()> {
        Box::pin(async move {
            let nonce = self.shown().await?.nonce;
            let flag = |on: bool| if on { "1" } else { "0" };
            let form = [
                ("b", self.name()),
                ("w", member),
                ("nonce", &nonce),
                ("w_status_D", flag(place == Place::Out)),
                ("w_status_N", flag(place == Place::Draining)),
                ("w_status_S", flag(false)),
            ];
            let body = crate::http::form(&form);
            let sent = |request: reqwest::RequestBuilder| {
                let form = "application/x-www-form-urlencoded";
                let request = request.header(reqwest::header::REFERER, &self.keys.manager);
                request.header(reqwest::header::CONTENT_TYPE, form).body(body)
            };
            self.http.page(Method::POST, &self.keys.manager, sent).await.map(drop)
        })
    }
}

/// What a cell says, without its tags.
fn text(cell: &str) -> String {
    let cell = cell.split(['\n']).next().unwrap_or_default();
    let parts = cell.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect::<String>().trim().replace("&amp;", "&")
}
