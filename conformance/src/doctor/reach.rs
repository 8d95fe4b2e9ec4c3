//! What the target answers: who it is, in which layout, how fast, and to whom.

use std::time::Instant;

use zdu_model::judge::belief::{Observation, words_missing};
use zdu_model::judge::event::{Caller, Source, View};
use zdu_model::judge::watch::{Since, Watch};
use zdu_model::spec::node::NodeId;

use super::{Checkup, TargetFault, TargetFaults, Weight};
use crate::client;
use crate::replay::{ConnectError, Shown, Site, initial};
use crate::secret::Credentials;
use crate::target::Target;
use crate::words::{Remedy, Words, misshape_words, remedy, silence, stranger};

/// How many readings the latency is taken from.
const READINGS: usize = 5;

/// How far the two clocks may be apart before it is said.
const CLOCKS_APART: i64 = 120;

pub(super) async fn check(
    checkup: &mut Checkup,
    target: &Target,
    credentials: &Credentials,
) -> Option<Site> {
    if credentials.admin.is_some() {
        checkup.good("credentials", "a system administrator's are set");
    } else {
        checkup.note(
            "credentials",
            "none are set",
            "set ZDU_USERNAME with ZDU_PASSWORD, or ZDU_TOKEN, unless the target asks for none",
        );
    }
    way(checkup, target);
    match Site::connect(target, credentials).await {
        Ok(site) => {
            checkup.good(
                "target",
                format!(
                    "{} answers in the {} layout with {} nodes: {}",
                    site.base,
                    site.layout,
                    site.dictionary.nodes.len(),
                    names(&site)
                ),
            );
            Some(site)
        }
        Err(error) => {
            let weight = if error.unreachable() { Weight::Unreachable } else { Weight::Problem };
            let (found, advice) = match &error {
                ConnectError::Unreachable(exchange) | ConnectError::Stranger(exchange) => {
                    let Remedy { found, advice } = remedy(exchange);
                    (format!("{} {}: {found}", exchange.method, exchange.url), advice)
                }
                ConnectError::Client(_)
                | ConnectError::Nowhere { .. }
                | ConnectError::Mismatch(_) => {
                    (error.to_string(), "mend it as it says, and ask again".to_owned())
                }
            };
            checkup.add(weight, "target", found, Some(advice));
            None
        }
    }
}

/// What stands between here and the target, as far as it is told.
fn way(checkup: &mut Checkup, target: &Target) {
    if target.trust().insecure {
        checkup.note(
            "tls",
            "certificates are not checked: whoever stands in between may read and change everything",
            "for test clusters only; else give `ca_file` the authority's certificate or the server's own",
        );
    }
    let urls = target.nodes.iter().filter_map(|node| node.url.as_ref());
    let proxied = std::iter::once(&target.url).chain(urls);
    let proxied = proxied.filter_map(|url| Some((url, client::proxy_of(url)?)));
    for (url, proxy) in proxied {
        let found = format!("requests to {url} go through {proxy}, which the environment names");
        checkup.note("proxy", found, "name its host in NO_PROXY to go without it");
    }
}

/// What the nodes are called.
fn names(site: &Site) -> String {
    let names: Vec<String> =
        site.dictionary.names().nodes.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// The three views once, and whether the cluster is where traces start.
pub(super) async fn views(checkup: &mut Checkup, site: &Site, fits: bool) {
    let views = [View::Overview, View::State].into_iter();
    for view in views.chain(site.scope().node_ids().map(View::Node)) {
        let look = site.look(Source::Cluster, view).await;
        let names = look.roster.names();
        let words = Words::new(&names);
        let name = words.view(view);
        match &look.shown {
            Shown::Bad(fault) => {
                let told = stranger(&look.exchange).unwrap_or_else(|| Remedy {
                    found: misshape_words(fault),
                    advice: "if this is the build under test a replay will report it; if not, check `url`, `layout` and the account".to_owned(),
                });
                let found =
                    format!("{}; {} {}", told.found, look.exchange.method, look.exchange.url);
                checkup.problem(&name, found, told.advice);
            }
            Shown::Nobody(why) => {
                let why = silence(why);
                checkup.problem(
                    &name,
                    format!("nobody answers ({why})"),
                    "while no node is ACTIVE nobody does; start one",
                );
            }
            // That a node which is not listed is not known was said.
            Shown::Seen(None) if !fits => {}
            Shown::Seen(None) => checkup.problem(
                &name,
                format!(
                    "{} {} speaks of none of the nodes",
                    look.exchange.method, look.exchange.url
                ),
                "correct the nodes' `id`, `address` or `name`",
            ),
            Shown::Seen(Some(seen)) => {
                let missing = words_missing(site.dictionary.profile, seen);
                if !missing.is_empty() {
                    checkup.problem(
                        &name,
                        format!(
                            "says {}, which profile {} does not have",
                            missing.join(", "),
                            site.dictionary.profile
                        ),
                        "set `profile = \"finalization\"` if the build has upgrade tasks",
                    );
                }
                if let Observation::Overview(seen) = seen {
                    let shown = format!(
                        "{}, {}: {}",
                        seen.status,
                        words.mode_of(seen),
                        listed(words, seen)
                    );
                    if missing.is_empty() {
                        for found in Watch::new(site.scope()).see(seen, Since::Long) {
                            let found = format!(
                                "against {}: seen {}; allowed {}",
                                found.rule,
                                words.sight(&found.seen),
                                words.one_allowed(&found.allowed)
                            );
                            checkup.note(
                                "cluster",
                                found,
                                "a replay will report it; a waiver accepts it",
                            );
                        }
                    }
                    if initial(seen) {
                        checkup.good("cluster", format!("{shown}; traces can start"));
                    } else {
                        let by_hand = checkup.command(&["advise"]);
                        checkup.note("cluster", format!("{shown}; traces start with every node ACTIVE on {} and upgrade mode off", site.dictionary.versions[0]), format!("what a run makes of that is said below; the way by hand: {by_hand}"));
                    }
                }
            }
        }
    }
}

fn listed(words: Words<'_>, seen: &zdu_model::judge::belief::Overview) -> String {
    let nodes: Vec<String> = (0..seen.nodes.len())
        .map(|index| words.listed_node(NodeId::at(index), seen.nodes[index]))
        .collect();
    nodes.join(", ")
}

/// How long reads take, held against the file's timing, and the two clocks.
pub(super) async fn timing(checkup: &mut Checkup, target: &Target, site: &Site) {
    let url = format!("{}{}", site.base, site.path(View::Overview, None));
    let mut took = Vec::new();
    let mut date = None;
    for _ in 0..READINGS {
        let began = Instant::now();
        let reply = site.client.get(&url, Caller::Admin).await;
        if reply.code.is_some() {
            took.push(began.elapsed());
            date = reply.date;
        }
    }
    took.sort();
    let (Some(slowest), Some(middle)) = (took.last(), took.get(took.len() / 2)) else {
        return;
    };
    let timing = target.timing;
    checkup.good(
        "latency",
        format!("a read takes {middle:.1?}, {slowest:.1?} at the longest of {}", took.len()),
    );
    if *slowest * 2 > timing.request {
        checkup.problem(
            "timing",
            format!("request ({:?}) is hardly longer than a read takes", timing.request),
            "raise `request` under [timing] to several times that",
        );
    }
    if timing.settle < *slowest * 20 {
        checkup.problem(
            "timing",
            format!("settle ({:?}) leaves time for few readings", timing.settle),
            "raise `settle` under [timing] to what the slowest restart takes",
        );
    }
    let server = date
        .as_deref()
        .and_then(|date| jiff::fmt::rfc2822::parse(date).ok())
        .map(|date| date.timestamp());
    if let Some(server) = server {
        let apart = (jiff::Timestamp::now().as_second() - server.as_second()).abs();
        if apart > CLOCKS_APART {
            checkup.note(
                "clock",
                format!("the server's clock is {apart} s from this machine's"),
                "set both by NTP: reports carry this machine's times, and certificates and waivers end by it",
            );
        }
    }
}

/// Each node's own address: does that very node answer there?
pub(super) async fn own_addresses(
    checkup: &mut Checkup,
    target: &Target,
    site: &Site,
    faults: &TargetFaults<'_>,
) {
    let is_dead =
        |fault: &&TargetFault, id| matches!(fault, TargetFault::Dead(dead, _) if *dead == id);
    for (index, base) in site.node_bases.iter().enumerate() {
        let id = NodeId::at(index);
        let Some(base) = base else { continue };
        let about = format!("node {}", site.dictionary.node_name(id));
        let look = site.look(Source::Node(id), View::State).await;
        match look.shown {
            Shown::Seen(Some(Observation::State(_, who, _))) if who == id => {
                checkup.good(&about, format!("answers at {base}"));
            }
            Shown::Seen(Some(Observation::State(_, who, _))) => checkup.problem(
                &about,
                format!("{base} is answered by {}", site.dictionary.node_name(who)),
                "give each [[node]] its own `url`, past the load balancer",
            ),
            Shown::Seen(_) => checkup.problem(
                &about,
                format!("{base} is answered by a node that the target file does not name"),
                "correct the `id`, `address` or `name` of this [[node]], or its `url`",
            ),
            Shown::Bad(fault) => {
                let told = stranger(&look.exchange).unwrap_or_else(|| Remedy {
                    found: misshape_words(&fault),
                    advice: "check its `url`, context path included".to_owned(),
                });
                checkup.problem(&about, format!("{base}: {}", told.found), told.advice);
            }
            Shown::Nobody(_) => {
                // A run would not begin.
                if let Some(fault) = faults.found().iter().find(|fault| is_dead(fault, id)) {
                    let Remedy { found, advice } = faults.remedy(fault);
                    checkup.problem(&about, found, advice);
                    continue;
                }
                let Remedy { found, advice } = remedy(&look.exchange);
                checkup.note(
                    &about,
                    format!("{base}: {found}"),
                    format!("right if the node is down; if not, {advice}"),
                );
            }
        }
    }
    if !checkup.bare() && target.nodes.iter().all(|node| node.url.is_none()) {
        checkup.note(
            "nodes",
            "no node has a `url`: only the view of whoever answers is read",
            "give each [[node]] its `url` to compare the nodes' own views (API-11)",
        );
    }
}

/// What a stranger and a plain account are answered.
pub(super) async fn accounts(checkup: &mut Checkup, site: &Site) {
    let url = format!("{}{}", site.base, site.path(View::Overview, None));
    if site.client.can_be(Caller::Admin) {
        match site.client.get(&url, Caller::Anonymous).await.code {
            Some(401) => checkup.good("credentials", "without them the answer is 401"),
            Some(code) => checkup.note(
                "credentials",
                format!("without them the answer is {code}; 401 is due (API-10)"),
                "a replay will report it; a waiver of API-10 accepts it",
            ),
            None => {}
        }
    }
    if !site.client.can_be(Caller::Plain) {
        checkup.note(
            "plain account",
            "none is set",
            "set ZDU_PLAIN_USERNAME with ZDU_PLAIN_PASSWORD to an account without system administration to test the 403 of API-10",
        );
        return;
    }
    match site.client.get(&url, Caller::Plain).await.code {
        Some(403) => checkup.good("plain account", "is answered 403"),
        Some(401) => checkup.problem("plain account", "is answered 401: its credentials are not accepted", "correct ZDU_PLAIN_USERNAME and ZDU_PLAIN_PASSWORD"),
        Some(200) => checkup.problem(
            "plain account",
            "is answered 200: it is a system administrator, or the target lets everybody in",
            "name an account without system administration; if it is one, a replay will report API-10",
        ),
        Some(code) => checkup.note("plain account", format!("is answered {code}; 403 is due"), "a replay will report it"),
        None => {}
    }
}
