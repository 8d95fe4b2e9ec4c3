//! Is somebody there, and what does it speak? Finds the layout and the nodes by reads alone.

use std::time::Instant;

use zdu_model::judge::event::Caller;
use zdu_model::judge::roster::{Known, Roster};
use zdu_model::judge::served::{Entry, Served};
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeStatus;
use zdu_model::spec::profile::Profile;

use super::site::Site;
use crate::client::{Client, ClientError, Reply, Settings};
use crate::layout::Layout;
use crate::secret::Credentials;
use crate::target::{NODES_MAX, Target};
use crate::wire::{self, Dictionary};
use crate::words::{self, misshape_words};

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
        let nodes = nodes(target, &found.reply)?;
        let node_bases = (0..nodes.len())
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
                profile: target.family(),
                nodes,
                versions: target.versions.iter().map(|name| Text::from(name.as_str())).collect(),
            },
            timing: target.timing,
            node_bases,
            has_tasks: target.profile.map_or_else(
                || serves_flag(&found.reply),
                |profile| profile == Profile::Finalization,
            ),
            began: Instant::now(),
        })
    }
}

/// Whether the build speaks of upgrade tasks at all (spec, section 6).
fn serves_flag(overview: &Reply) -> bool {
    match wire::cluster(&overview.body) {
        Ok(Served::Cluster { tasks, .. }) => tasks.is_some(),
        Ok(Served::State { .. } | Served::Node(_)) | Err(_) => false,
    }
}

/// The nodes that the target file names, or else those that the overview lists, each with the id that it is listed under now.
fn nodes(target: &Target, overview: &Reply) -> Result<Vec<Known>, ConnectError> {
    let mismatch = |text: String| Err(ConnectError::Mismatch(text));
    let listed = wire::cluster(&overview.body);
    let text = |text: &Option<String>| text.as_deref().map(Text::from);
    let mut known: Vec<Known> = target
        .nodes
        .iter()
        .map(|node| Known {
            id: text(&node.id),
            address: text(&node.address),
            name: text(&node.name),
            ..Known::default()
        })
        .collect();
    let (served, entries) = match &listed {
        Ok(served @ Served::Cluster { nodes, .. }) => (served, nodes),
        Ok(Served::State { .. } | Served::Node(_)) => return Ok(known),
        Err(misshape) if known.is_empty() => {
            let misshape = misshape_words(misshape);
            return mismatch(format!(
                "the overview does not say which nodes there are: {misshape}; name them as [[node]] in the target file"
            ));
        }
        // What is wrong with the answer is for the run to find.
        Err(_) => return Ok(known),
    };
    if known.is_empty() {
        known = members(entries);
    }
    if known.is_empty() {
        return mismatch(
            "the cluster lists no node; name them as [[node]] in the target file".to_owned(),
        );
    }
    if known.len() > NODES_MAX {
        return mismatch(format!(
            "the cluster lists {} nodes; the model goes up to {NODES_MAX}",
            known.len()
        ));
    }
    check_versions(target, entries)?;
    let mut roster = Roster::new(known, Vec::new());
    let told = roster.told(served, None);
    if told.entries.is_empty() && !entries.is_empty() {
        let ours: Vec<String> = roster.names().nodes.iter().map(ToString::to_string).collect();
        let theirs: Vec<String> = entries.iter().map(|entry| entry.id.to_string()).collect();
        return mismatch(format!(
            "none of the target file's nodes ({}) is listed; the cluster lists {}",
            ours.join(", "),
            theirs.join(", ")
        ));
    }
    Ok(roster.known())
}

/// The nodes of a listing, by id: without entries that nodes left behind when they came back under another one.
fn members(entries: &[Entry]) -> Vec<Known> {
    let down = |entry: &Entry| entry.status.is_none_or(|status| status == NodeStatus::Offline);
    let same = |one: &Entry, other: &Entry| {
        one.name.is_some() && one.name == other.name
            || one.address.is_some() && one.address == other.address && one.port == other.port
    };
    let left = |entry: &&Entry| {
        !down(entry) || !entries.iter().any(|other| !down(other) && same(entry, other))
    };
    let mut known: Vec<Known> = entries
        .iter()
        .filter(left)
        .map(|entry| Known {
            id: Some(entry.id.clone()),
            address: entry.address.clone(),
            port: entry.port,
            name: None,
            listed: entry.name.clone(),
        })
        .collect();
    known.sort_by(|one, other| one.id.cmp(&other.id));
    known
}

/// A file whose versions are all unknown to the cluster is for another cluster.
fn check_versions(target: &Target, entries: &[Entry]) -> Result<(), ConnectError> {
    let mut versions = entries.iter().filter_map(|entry| entry.version.as_ref()).peekable();
    let first = versions.peek().copied().cloned();
    let ours = |version: &Text| target.versions.iter().any(|name| name == version.raw());
    match first {
        Some(first) if !versions.any(ours) => Err(ConnectError::Mismatch(format!(
            "the cluster runs {first}, which is not in `versions` ({}); write the versions under test there, the original first",
            target.versions.join(", ")
        ))),
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
            let reply = client.get(&url, Caller::Admin).await;
            if reply.nobody() {
                silence = Some((url, words::silence(&reply.exchange.silence())));
                continue;
            }
            let right = reply.code == Some(200) && wire::cluster(&reply.body).is_ok();
            let better = best.as_ref().is_none_or(|best| best.reply.code == Some(404));
            if right {
                return Ok(Found { layout: *layout, reply });
            }
            if better {
                best = Some(Found { layout: *layout, reply });
            }
        }
        match (best, silence) {
            (Some(found), _) => return accept(found, target, base, client.can_be(Caller::Admin)),
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
