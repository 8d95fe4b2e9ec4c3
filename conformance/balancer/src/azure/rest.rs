//! How is Azure's resource manager spoken with? A token, a read, a put with its ETag, and the operation that follows.
//!
//! What throttles (429), is busy with another operation (409) or is not well for a moment (500 to 504) is asked again after the time that
//! it names, until the change's own time is over: each of these calls may be sent twice, as the ETag keeps a put from counting twice.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;

use super::AzureKeys;
use crate::Error;
use crate::http::{Http, Reply, form};

/// The version of the resource manager's calls for gateways.
const API: &str = "2024-05-01";

/// The variable with a token, before a managed identity is asked.
const TOKEN: &str = "ZDU_AZURE_TOKEN";

/// How long to wait where the resource manager does not say.
const PAUSE: Duration = Duration::from_secs(5);

/// What became of a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// The operation succeeded.
    Done,
    /// The gateway is not what it was when it was read (412).
    Changed,
}

/// The resource manager, for one gateway.
#[derive(Debug)]
pub(super) struct Rest {
    keys: AzureKeys,
    http: Http,
    /// A managed identity's token.
    token: Mutex<Option<String>>,
    /// Whether the last put was accepted, so that it may have changed something.
    accepted: AtomicBool,
}

impl Rest {
    pub(super) fn new(keys: &AzureKeys) -> Self {
        Self {
            keys: keys.clone(),
            http: Http::trusting(keys.ca_file.clone()),
            token: Mutex::default(),
            accepted: AtomicBool::new(false),
        }
    }

    pub(super) fn accepted(&self) -> bool {
        self.accepted.load(Ordering::SeqCst)
    }

    fn url(&self) -> String {
        let AzureKeys { management, subscription, resource_group, gateway, .. } = &self.keys;
        let management = management.trim_end_matches('/');
        format!(
            "{management}/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/Microsoft.Network/applicationGateways/{gateway}?api-version={API}"
        )
    }

    /// The gateway's document.
    pub(super) async fn get(&self) -> Result<Value, Error> {
        let reply = self.patient(Method::GET, &self.url(), None, Instant::now()).await?;
        read("the gateway", &reply)
    }

    /// Puts the document and waits for what follows.
    pub(super) async fn put(&self, gateway: &Value) -> Result<Put, Error> {
        self.accepted.store(false, Ordering::SeqCst);
        let began = Instant::now();
        let reply = match self.patient(Method::PUT, &self.url(), Some(gateway), began).await {
            Ok(reply) if reply.code == 412 => return Ok(Put::Changed),
            Ok(reply) => reply,
            Err(error) => {
                // Without an answer nobody knows.
                let unknown = matches!(error, Error::Unreachable { .. });
                self.accepted.store(unknown, Ordering::SeqCst);
                return Err(error);
            }
        };
        self.accepted.store(true, Ordering::SeqCst);
        let operation = reply.header("azure-asyncoperation").map(str::to_owned);
        let Some(operation) = operation else { return Ok(Put::Done) };
        // A token goes to the resource manager alone.
        if !operation.starts_with(self.keys.management.trim_end_matches('/')) {
            let said = format!("it lies at {operation}, not at `management`");
            return Err(Error::Unexpected { what: "the operation".to_owned(), said });
        }
        let mut pause = after(&reply);
        while began.elapsed() < self.keys.timeout {
            tokio::time::sleep(pause).await;
            let reply = self.patient(Method::GET, &operation, None, began).await?;
            pause = after(&reply);
            let told = read("the operation", &reply)?;
            match told["status"].as_str().unwrap_or_default() {
                "Succeeded" => return Ok(Put::Done),
                "Failed" | "Canceled" => {
                    return Err(Error::Refused {
                        what: "the change of the gateway, after it was accepted,".to_owned(),
                        said: reason(&told),
                    });
                }
                _ => {}
            }
        }
        Err(self.late())
    }

    fn late(&self) -> Error {
        Error::Unreachable {
            what: "the end of the operation".to_owned(),
            reason: format!(
                "not within {:?}; give it longer with `timeout` of [balancer]",
                self.keys.timeout
            ),
        }
    }

    /// Asks until there is an answer that says something.
    async fn patient(
        &self,
        method: Method,
        url: &str,
        body: Option<&Value>,
        began: Instant,
    ) -> Result<Reply, Error> {
        let mut renewed = false;
        loop {
            let token = self.token().await?;
            let with = |request: reqwest::RequestBuilder| {
                let request = request.bearer_auth(&token);
                match body {
                    Some(body) => {
                        let etag = body["etag"].as_str().unwrap_or("*");
                        request.header(reqwest::header::IF_MATCH, etag).json(body)
                    }
                    None => request,
                }
            };
            let reply = self.http.send(method.clone(), url, with).await?;
            let said = || {
                let json = serde_json::from_str(&reply.body).unwrap_or_default();
                format!("{}; {}", reply.code, reason(&json))
            };
            let refused = |hint: &str| Error::Refused {
                what: format!("{method} of the gateway {}", self.keys.gateway),
                said: format!("{}{hint}", said()),
            };
            match reply.code {
                200..=202 | 412 => return Ok(reply),
                401 if !renewed && std::env::var_os(TOKEN).is_none() => {
                    renewed = true;
                    self.forget_token();
                }
                401 => {
                    return Err(refused(&format!(
                        "; the token is not, or no longer, accepted: set {TOKEN} anew (az account get-access-token)"
                    )));
                }
                403 => {
                    return Err(refused(
                        "; whoever the token belongs to needs the role Network Contributor on the gateway",
                    ));
                }
                404 => {
                    return Err(refused(
                        "; `subscription`, `resource_group` and `gateway` of [balancer] name it",
                    ));
                }
                409 | 429 | 500..=504 if began.elapsed() + after(&reply) < self.keys.timeout => {
                    tokio::time::sleep(after(&reply)).await;
                }
                _ => return Err(refused("")),
            }
        }
    }

    fn forget_token(&self) {
        *self.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }

    /// The token of the environment, else the managed identity's.
    async fn token(&self) -> Result<String, Error> {
        if let Some(token) = std::env::var(TOKEN).ok().filter(|token| !token.is_empty()) {
            return Ok(token);
        }
        let known = self.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if let Some(token) = known {
            return Ok(token);
        }
        let query =
            form(&[("api-version", "2018-02-01"), ("resource", "https://management.azure.com/")]);
        let url = format!(
            "{}/metadata/identity/oauth2/token?{query}",
            self.keys.identity.trim_end_matches('/')
        );
        let asked = self.http.send(Method::GET, &url, |request| request.header("Metadata", "true"));
        let token = asked.await.ok().filter(|reply| reply.code == 200).and_then(|reply| {
            let told: Value = serde_json::from_str(&reply.body).ok()?;
            told["access_token"].as_str().map(str::to_owned)
        });
        let Some(token) = token else {
            return Err(Error::Unreachable {
                what: "a token for Azure".to_owned(),
                reason: format!(
                    "{TOKEN} is not set, and no managed identity answers here; set it: az account get-access-token --query accessToken -o tsv"
                ),
            });
        };
        let mut kept = self.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *kept = Some(token.clone());
        Ok(token)
    }
}

/// How long to wait before the next call.
fn after(reply: &Reply) -> Duration {
    let seconds = reply.header("retry-after").and_then(|text| text.parse().ok());
    seconds.map_or(PAUSE, Duration::from_secs)
}

fn read(what: &str, reply: &Reply) -> Result<Value, Error> {
    serde_json::from_str(&reply.body).map_err(|error| Error::Unexpected {
        what: what.to_owned(),
        said: format!("no JSON ({error}); is `management` Azure's resource manager?"),
    })
}

/// What the resource manager gives as the reason.
fn reason(told: &Value) -> String {
    let error = &told["error"];
    let part = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    [part("code"), part("message")].join(": ")
}
