//! Apache HTTP Server with mod_jk (LB-3): the `activation` of a load balancer's worker, through the status worker.
//!
//! Draining is `disabled`, where sessions of its own may still use the worker; out is `stopped`, where nothing does. A change reaches
//! Apache's other processes through shared memory (`JkShmFile`) with their next request.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;

use crate::http::Http;
use crate::keys::{drain, duration};
use crate::staged;
use crate::{Doing, Error, Member, Place};

/// The keys of kind `mod_jk`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JkKeys {
    /// The address of the status worker.
    pub status: String,
    /// The load balancer's worker.
    pub worker: String,
    /// How a worker is taken out.
    #[serde(default)]
    pub how: staged::How,
    /// A certificate authority to trust besides the usual ones, PEM.
    pub ca_file: Option<PathBuf>,
    /// How long a node is waited for until nothing runs through it.
    #[serde(default = "drain", deserialize_with = "duration")]
    pub drain: Duration,
}

/// A load balancer of mod_jk.
#[derive(Clone, Debug)]
pub struct ModJk {
    keys: JkKeys,
    http: Http,
}

impl ModJk {
    /// The load balancer that these keys name.
    #[must_use]
    pub fn new(keys: &JkKeys) -> Self {
        Self { keys: keys.clone(), http: Http::trusting(keys.ca_file.clone()) }
    }

    async fn ask(&self, query: &str) -> Result<String, Error> {
        let url = format!("{}?{query}&mime=prop", self.keys.status);
        self.http.page(Method::GET, &url, |request| request).await
    }

    /// The members in the status worker's properties: `worker.NAME.KEY=VALUE`, and `worker.LB.balance_workers=NAME` for each.
    fn read(&self, page: &str) -> Result<Vec<Member>, Error> {
        let lines = || page.lines().filter_map(|line| line.trim().split_once('='));
        let own = format!("worker.{}.balance_workers", self.keys.worker);
        let names: Vec<&str> =
            lines().filter(|(key, _)| *key == own).map(|(_, name)| name).collect();
        if names.is_empty() {
            return Err(Error::Unexpected {
                what: self.keys.status.clone(),
                said: format!(
                    "it shows no members of the worker `{}`; set `worker` of [balancer] to one of type lb, and `status` to a mount of one of \
                     type status that is not read only",
                    self.keys.worker
                ),
            });
        }
        let member = |name: &str| {
            let value = |key: &str| {
                let key = format!("worker.{name}.{key}");
                lines().find(|(one, _)| *one == key).map(|(_, value)| value.to_owned())
            };
            let place = match value("activation").as_deref() {
                Some("DIS") => Place::Draining,
                Some("STP") => Place::Out,
                _ => Place::In,
            };
            let address = match (value("host"), value("port")) {
                (Some(host), Some(port)) => Some(format!("{host}:{port}")),
                _ => value("address"),
            };
            Member {
                name: name.to_owned(),
                address,
                place,
                healthy: value("state").map(|state| !state.starts_with("ERR")),
                busy: value("busy").and_then(|busy| busy.parse().ok()),
                sent: value("elected").and_then(|elected| elected.parse().ok()),
            }
        };
        Ok(names.into_iter().map(member).collect())
    }
}

impl staged::Staged for ModJk {
    fn how(&self) -> (staged::How, Duration) {
        (self.keys.how, self.keys.drain)
    }

    fn members(&self) -> Doing<'_, Vec<Member>> {
        Box::pin(async move {
            let page = self.ask(&format!("cmd=show&w={}", self.keys.worker)).await?;
            self.read(&page)
        })
    }

    fn set<'a>(&'a self, member: &'a str, place: Place) -> Doing<'a, ()> {
        Box::pin(async move {
            let activation = match place {
                Place::In => 0,
                Place::Draining => 1,
                Place::Out => 2,
            };
            let worker = &self.keys.worker;
            let query = format!("cmd=update&from=show&w={worker}&sw={member}&vwa={activation}");
            self.ask(&query).await.map(drop)
        })
    }
}
