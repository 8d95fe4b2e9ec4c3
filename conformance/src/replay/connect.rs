//! Is somebody there, and what does it speak? Finds the layout and the nodes by reads alone.

mod overview;

use std::time::Instant;

use zdu_model::judge::roster::{Known, Roster};
use zdu_model::judge::served::{Entry, Served};
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeStatus;
use zdu_model::spec::profile::Profile;

use super::site::Site;
use crate::client::{Client, ClientError, Exchange, Reply, Settings};
use crate::layout::Layout;
use crate::secret::Credentials;
use crate::target::{NODES_MAX, Target};
use crate::wire::{self, Dictionary};
use crate::words::{misshape_words, remedy};

/// The target cannot be spoken with.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The client cannot be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Nobody answers: the last attempt.
    #[error("{} cannot be reached: {}", .0.url, remedy(.0).line())]
    Unreachable(Box<Exchange>),
    /// Somebody else answers.
    #[error("{}: {}", .0.url, remedy(.0).line())]
    Stranger(Box<Exchange>),
    /// The address is nobody's.
    #[error("{base} answers 404 in {}; {NOWHERE}", layouts(*.layout))]
    Nowhere {
        /// The base URL.
        base: String,
        /// The layout that was asked for, where it was one.
        layout: Option<Layout>,
    },
    /// Somebody answers who is not what the target file says.
    #[error("{0}")]
    Mismatch(String),
}

const NOWHERE: &str = "check the URL's context path, for example https://wiki.example.org/confluence; the API is part of \
                       Confluence Data Center, and of no Server edition";

fn layouts(layout: Option<Layout>) -> String {
    layout.map_or_else(|| "both layouts".to_owned(), |layout| format!("the {layout} layout"))
}

impl ConnectError {
    /// Whether it is the target that cannot be reached, rather than a configuration that does not fit.
    #[must_use]
    pub const fn unreachable(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

impl Site {
    /// Reaches a target: its layout when that is `auto`, its nodes when the file names none. Sends only reads.
    ///
    /// # Errors
    /// [`ConnectError`] when nobody answers within the time limit of a request, or somebody else does.
    pub async fn connect(target: &Target, credentials: &Credentials) -> Result<Self, ConnectError> {
        let client = Client::new(&Settings {
            request: target.timing.request,
            tls: target.trust(),
            credentials,
        })?;
        let base = target.url.trim_end_matches('/').to_owned();
        let found = overview::find(&client, target, &base).await?;
        let nodes = nodes(target, &found.reply)?;
        let has_tasks = target
            .profile
            .map_or_else(|| serves_flag(&found.reply), |profile| profile == Profile::Finalization);
        Ok(Self { has_tasks, ..Self::of(target, client, nodes, (found.layout, found.path)) })
    }

    /// A target at which nobody answers, as the file and whoever knew it have it: enough to revive it.
    ///
    /// # Errors
    /// [`ConnectError`] when no client can be made.
    pub fn unheard(
        target: &Target,
        credentials: &Credentials,
        layout: Layout,
    ) -> Result<Self, ConnectError> {
        let client = Client::new(&Settings {
            request: target.timing.request,
            tls: target.trust(),
            credentials,
        })?;
        Ok(Self::of(target, client, named(target), (layout, layout.overview())))
    }

    fn of(
        target: &Target,
        client: Client,
        nodes: Vec<Known>,
        (layout, overview): (Layout, &'static str),
    ) -> Self {
        let node_bases = (0..nodes.len())
            .map(|index| {
                let url = target.nodes.get(index)?.url.as_ref()?;
                Some(url.trim_end_matches('/').to_owned())
            })
            .collect();
        Self {
            client,
            base: target.url.trim_end_matches('/').to_owned(),
            layout,
            overview,
            dictionary: Dictionary {
                profile: target.family(),
                nodes,
                versions: target.versions.iter().map(|name| Text::from(name.as_str())).collect(),
            },
            timing: target.timing,
            node_bases,
            downgrades: target.allow_downgrade,
            waived: target.waived_on(jiff::Zoned::now().date()),
            has_tasks: target.profile == Some(Profile::Finalization),
            began: Instant::now(),
        }
    }
}

/// The nodes that the target file names.
fn named(target: &Target) -> Vec<Known> {
    let text = |text: &Option<String>| text.as_deref().map(Text::from);
    let known = target.nodes.iter().map(|node| Known {
        id: text(&node.id),
        address: text(&node.address),
        name: text(&node.name),
        ..Known::default()
    });
    known.collect()
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
    let mut known = named(target);
    let (served, entries) = match &listed {
        Ok(served @ Served::Cluster { nodes, .. }) => (served, nodes),
        Ok(Served::State { .. } | Served::Node(_)) => return Ok(known),
        Err(misshape) if known.is_empty() => {
            let members = members(&wire::entries(&overview.body));
            if !members.is_empty() && members.len() <= NODES_MAX {
                // What else is wrong with the answer is for the run to find.
                return Ok(members);
            }
            let misshape = match overview.code {
                Some(code) if code != 200 => format!("it answers {code}"),
                Some(_) | None => misshape_words(misshape),
            };
            return mismatch(format!(
                "the overview does not say which nodes there are: {misshape}; name them as [[node]] in a target file (--target)"
            ));
        }
        // As above.
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
