//! Which versions are there? Those that the target file names and those that the cluster serves, the earliest first.

use std::cmp::Ordering;

use zdu_model::judge::event::Caller;
use zdu_model::judge::served::{Entry, Served};
use zdu_model::judge::text::Text;

use crate::client::{Client, Settings};
use crate::layout::Layout;
use crate::secret::Credentials;
use crate::target::Target;
use crate::wire;

/// What a later version is called as long as nobody has named one.
pub(super) const UNNAMED: &str = "the later version";

/// The versions that are `known`, those that an answer serves and the one that is asked for, in order. Where nothing later than
/// all of what is served is known, one without a name stands for it at the end.
pub(super) fn all(known: &[Text], served: &Served, to: Option<&Text>) -> Vec<Text> {
    let (origin, nodes) = match served {
        Served::Cluster { origin, nodes, .. } => (origin.as_ref(), nodes.as_slice()),
        Served::State { .. } | Served::Node(_) => (None, &[][..]),
    };
    with_listed(known, origin, nodes, to)
}

fn with_listed(
    known: &[Text],
    origin: Option<&Text>,
    nodes: &[Entry],
    to: Option<&Text>,
) -> Vec<Text> {
    let listed = nodes.iter().filter_map(|entry| entry.version.as_ref());
    let met: Vec<&Text> = origin.into_iter().chain(listed).collect();
    let mut versions: Vec<Text> = known.iter().filter(|one| **one != *UNNAMED).cloned().collect();
    let named = versions.len();
    for one in met.iter().copied().chain(to) {
        if !versions.contains(one) {
            versions.push(one.clone());
        }
    }
    if versions.len() > named {
        versions.sort_by(|one, other| order(one.raw(), other.raw()));
    }
    let origin = origin.or(met.first().copied());
    if versions.last() == origin {
        versions.push(Text::from(UNNAMED));
    }
    versions
}

/// The versions of a cluster whose target names none, read from its overview; `None` when that cannot be read.
pub async fn versions_of(target: &Target, credentials: &Credentials) -> Option<Vec<String>> {
    let settings = Settings { request: target.timing.request, tls: target.trust(), credentials };
    let client = Client::new(&settings).ok()?;
    let base = target.url.trim_end_matches('/');
    let layouts = target.layout.map_or_else(|| Layout::ALL.to_vec(), |layout| vec![layout]);
    for path in layouts.iter().flat_map(|layout| layout.overviews()) {
        let reply = client.get(&format!("{base}{path}"), Caller::Admin).await;
        let versions = match wire::cluster(&reply.body) {
            Ok(served) => all(&[], &served, None),
            Err(_) => {
                // What is wrong with the answer is for others to say.
                let nodes = wire::entries(&reply.body);
                if nodes.is_empty() {
                    continue;
                }
                with_listed(&[], None, &nodes, None)
            }
        };
        return Some(versions.iter().map(|one| one.raw().to_owned()).collect());
    }
    None
}

/// Which of two versions is the earlier: number by number, what is no number by its letters.
fn order(one: &str, other: &str) -> Ordering {
    let parts = |text: &str| -> Vec<(Option<u64>, String)> {
        let parts = text.split(['.', '-', '+', '_']);
        parts.map(|part| (part.parse().ok(), part.to_owned())).collect()
    };
    let (one, other) = (parts(one), parts(other));
    for pair in one.iter().zip(&other) {
        let order = match pair {
            ((Some(one), _), (Some(other), _)) => one.cmp(other),
            // `9.3.0-m1` comes before `9.3.0.1`.
            ((Some(_), _), (None, _)) => Ordering::Greater,
            ((None, _), (Some(_), _)) => Ordering::Less,
            ((None, one), (None, other)) => one.cmp(other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    let rest = |longer: &[(Option<u64>, String)], at: usize| longer[at].0.is_some();
    match one.len().cmp(&other.len()) {
        Ordering::Equal => Ordering::Equal,
        // `9.3.0-m1` comes before `9.3.0`, and that before `9.3.0.1`.
        Ordering::Less if rest(&other, one.len()) => Ordering::Less,
        Ordering::Less => Ordering::Greater,
        Ordering::Greater if rest(&one, other.len()) => Ordering::Greater,
        Ordering::Greater => Ordering::Less,
    }
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let ascending =
            ["8.5.14", "9.2.1", "9.2.10", "9.3.0-m1", "9.3.0-rc2", "9.3.0", "9.3.0.1", "10.0"];
        for pair in ascending.windows(2) {
            assert!(order(pair[0], pair[1]).is_lt() && order(pair[1], pair[0]).is_gt(), "{pair:?}");
        }
        assert!(order("9.2.1", "9.2.1").is_eq());
    }
}
