//! Is somebody there, and what does it speak? Finds the layout and the nodes by reads alone.

use std::time::Instant;

use crate::client::{As, Client, ClientError, Reply, Settings};
use crate::layout::Layout;
use crate::log::Log;
use crate::secret::Credentials;
use crate::target::Target;
use crate::wire::Dictionary;
use crate::words::{misshape_words, silence as silence_words};

use super::site::Site;

/// The target cannot be spoken with.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The client cannot be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Nobody answers.
    #[error("{url} cannot be reached: {reason}")]
    Unreachable {
        /// The address that was tried.
        url: String,
        /// Why not.
        reason: String,
    },
    /// Somebody answers who is not what the target file says.
    #[error("{0}")]
    Mismatch(String),
}

impl ConnectError {
    /// Whether it is the target that cannot be reached, rather than a configuration that does not fit.
    #[must_use]
    pub const fn unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// What finding the layout came to.
struct Found {
    layout: Layout,
    reply: Reply,
}

impl Site {
    /// Reaches a target: its layout when that is `auto`, its nodes when the file names none. Sends only reads.
    ///
    /// # Errors
    /// [`ConnectError`] when nobody answers within the time limit of a request, or somebody else does.
    pub async fn connect(target: &Target, credentials: &Credentials) -> Result<Self, ConnectError> {
        let client = Client::new(&Settings {
            request: target.timing.request,
            ca_file: target.ca_file.as_deref(),
            credentials,
        })?;
        let base = target.url.trim_end_matches('/').to_owned();
        let found = find_layout(&client, target, &base).await?;
        let listed = Dictionary::discover(&found.reply.body);
        let ids: Vec<String> = if target.nodes.is_empty() {
            let listed = listed.map_err(|misshape| {
                ConnectError::Mismatch(format!(
                    "the overview does not say which nodes there are: {}; name them as [[node]] in the target file",
                    misshape_words(&misshape)
                ))
            })?;
            if listed.len() > 16 {
                return Err(ConnectError::Mismatch(format!(
                    "the cluster lists {} nodes; the model goes up to 16",
                    listed.len()
                )));
            }
            check_versions(target, &listed)?;
            listed.into_iter().map(|(id, _)| id).collect()
        } else {
            let ids: Vec<String> = target.nodes.iter().map(|node| node.id.clone()).collect();
            if let Ok(listed) = listed {
                if !listed.is_empty() && !listed.iter().any(|(id, _)| ids.contains(id)) {
                    let names: Vec<&str> = listed.iter().map(|(id, _)| id.as_str()).collect();
                    return Err(ConnectError::Mismatch(format!(
                        "none of the target file's nodes ({}) is listed; the cluster lists {}",
                        ids.join(", "),
                        names.join(", ")
                    )));
                }
                check_versions(target, &listed)?;
            }
            ids
        };
        if ids.is_empty() {
            return Err(ConnectError::Mismatch(
                "the cluster lists no node; name them as [[node]] in the target file".to_owned(),
            ));
        }
        let node_bases = (0..ids.len())
            .map(|index| {
                let url = target.nodes.get(index)?.url.as_ref()?;
                Some(url.trim_end_matches('/').to_owned())
            })
            .collect();
        Ok(Self {
            client,
            base,
            layout: found.layout,
            dictionary: Dictionary {
                profile: target.profile,
                ids,
                versions: target.versions.clone(),
            },
            timing: target.timing,
            node_bases,
            log: Log::default(),
        })
    }
}

/// A file whose versions are all unknown to the cluster is for another cluster.
fn check_versions(
    target: &Target,
    listed: &[(String, Option<String>)],
) -> Result<(), ConnectError> {
    let mut versions = listed.iter().filter_map(|(_, version)| version.as_ref()).peekable();
    let first = versions.peek().copied().cloned();
    match first {
        Some(first) if !versions.any(|version| target.versions.contains(version)) => {
            Err(ConnectError::Mismatch(format!(
                "the cluster runs {first}, which is not in `versions` ({}); write the versions under test there, the original first",
                target.versions.join(", ")
            )))
        }
        _ => Ok(()),
    }
}

async fn find_layout(client: &Client, target: &Target, base: &str) -> Result<Found, ConnectError> {
    let candidates: Vec<Layout> =
        target.layout.map_or_else(|| Layout::ALL.to_vec(), |layout| vec![layout]);
    let deadline = Instant::now() + target.timing.request;
    loop {
        let mut best: Option<Found> = None;
        let mut silence = None;
        for layout in &candidates {
            let url = format!("{base}{}", layout.overview());
            let reply = client.get(&url, As::Admin).await;
            if reply.nobody() {
                silence = Some((url, silence_words(&reply.exchange.silence())));
                continue;
            }
            let right = reply.code == Some(200) && Dictionary::discover(&reply.body).is_ok();
            let better = best.as_ref().is_none_or(|best| best.reply.code == Some(404));
            if right {
                return Ok(Found { layout: *layout, reply });
            }
            if better {
                best = Some(Found { layout: *layout, reply });
            }
        }
        match (best, silence) {
            (Some(found), _) => return accept(found, target, base, client.can_be(As::Admin)),
            (None, Some((url, reason))) if Instant::now() >= deadline => {
                return Err(ConnectError::Unreachable { url, reason });
            }
            (None, _) => {
                tokio::time::sleep(target.timing.poll.min(target.timing.request / 8)).await
            }
        }
    }
}

/// Takes an overview that is not as it should be, if it may be a deviation rather than another server.
fn accept(
    found: Found,
    target: &Target,
    base: &str,
    credentials: bool,
) -> Result<Found, ConnectError> {
    let mismatch = |text: String| Err(ConnectError::Mismatch(text));
    match found.reply.code {
        Some(401) if credentials => mismatch(format!(
            "{base} answers 401: the credentials in the environment are not accepted"
        )),
        Some(401) => mismatch(format!(
            "{base} answers 401; set ZDU_USERNAME with ZDU_PASSWORD, or ZDU_TOKEN, to a system administrator's"
        )),
        Some(403) => mismatch(format!(
            "{base} answers 403: the account is no system administrator, or the instance is not clustered"
        )),
        Some(404) => mismatch(format!(
            "{base} answers 404 in {}; check the URL's context path, for example https://wiki.example.org/confluence",
            target
                .layout
                .map_or_else(|| "both layouts".to_owned(), |layout| format!("the {layout} layout"))
        )),
        Some(code @ 300..=399) if target.nodes.is_empty() => {
            let location = found.reply.exchange.location.unwrap_or_default();
            mismatch(format!(
                "{base} answers {code}, a redirect to {location}; write the URL that it leads to"
            ))
        }
        _ => Ok(found),
    }
}
