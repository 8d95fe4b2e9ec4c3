//! Does the suite leave a conforming endpoint alone that nobody here modelled? The endpoint of `zdu mock` with every freedom
//! that the specification gives, over real sockets: no false alarm.
//!
//! It shares no code with the model, joins and leaves early or late, lists slowly, forgets at any moment. Its defects
//! are for `defects`; here nothing is wrong, and nothing may be found.

use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use zdu_conformance::driver::ControlDriver;
use zdu_conformance::layout::Layout;
use zdu_conformance::log::Log;
use zdu_conformance::replay::{MAX_BROKEN, Permission, Played, Series, Site};
use zdu_conformance::secret::{Account, Credentials};
use zdu_conformance::target::{Target, TargetNode, Timing};
use zdu_conformance::verdict::{Command, Verdict};
use zdu_conformance::words::Words;
use zdu_endpoint::{Flavour, Freedom, Freedoms, Layouts, Mock, Options, Profile};
use zdu_model::spec::profile::Profile as Family;
use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

/// The seeds; each decides other freedoms, and takes other traces.
const SEEDS: u64 = 8;
/// A seed takes one trace of so many.
const SHARES: usize = 32;
const DELAY: Duration = Duration::from_millis(2);

fn basic(username: &str, password: &str) -> Option<Account> {
    Some(Account::Basic { username: username.to_owned(), password: password.to_owned() })
}

/// Replays a share of the traces for this size, one after the other; gives how many passed, or what was found.
async fn share(nodes: u8, family: Family, seed: u64) -> Result<usize, String> {
    let options = Options {
        nodes: usize::from(nodes),
        versions: ["9.2.1", "9.2.4", "9.3.0"].map(str::to_owned).to_vec(),
        profile: match family {
            Family::Documented => Profile::Documented,
            Family::Finalization => Profile::Finalization,
        },
        layouts: [Layouts::Documented, Layouts::Product, Layouts::Both][(seed % 3) as usize],
        seed,
        delay: DELAY,
        freedoms: Freedoms::of(Flavour::Free).without(Freedom::NoDowngrade),
        credentials: Some(zdu_endpoint::Credentials {
            user: "admin".to_owned(),
            password: "secret".to_owned(),
            token: None,
            plain: Some(("ann".to_owned(), "pw".to_owned())),
        }),
        ..Options::default()
    };
    let versions = options.versions.clone();
    let mock = Mock::start(options).await.map_err(|error| error.to_string())?;
    let target = Target {
        profile: Some(family),
        allow_downgrade: true,
        layout: [Some(Layout::Documented), Some(Layout::Product), None][(seed % 3) as usize],
        versions,
        allow_disruption: true,
        timing: Timing {
            poll: Duration::from_millis(5),
            request: Duration::from_secs(2),
            settle: Duration::from_secs(20),
            // A step may be late, wait for its guard as long again, and be followed by what happens by itself.
            quiet: 6 * DELAY + Duration::from_millis(10),
        },
        nodes: mock
            .node_ids()
            .into_iter()
            .map(|id| TargetNode { id: Some(id), ..TargetNode::default() })
            .collect(),
        ..Target::at(mock.url())
    };
    let credentials = Credentials {
        admin: basic("admin", "secret"),
        plain: basic("ann", "pw"),
        ..Credentials::default()
    };
    let site = Site::connect(&target, &credentials).await.map_err(|error| error.to_string())?;
    let control = format!("{}/_mock", mock.url());
    let driver = ControlDriver::new(&site.client, &control, &site.dictionary);
    let traces: Vec<Trace> = scenario::all()
        .filter_map(|scenario| scenario.trace_in(family, nodes))
        .enumerate()
        .filter(|(index, _)| (index + usize::from(nodes)) % SHARES == (seed as usize) % SHARES)
        .map(|(_, trace)| trace)
        .collect();
    let permission = Permission { disrupt: true, post: true };
    let stop = AtomicBool::new(false);
    let again = |trace: &Trace| {
        let (nodes, seed) = (format!("{nodes} nodes"), format!("seed {seed}"));
        [trace.name.clone(), nodes, seed].into_iter().collect::<Command>()
    };
    let series = Series {
        site: &site,
        driver: &driver,
        permission,
        take_over: true,
        max_broken: MAX_BROKEN,
        stop_when: None,
        log: &Log::default(),
        stop: &stop,
    };
    let Played { results, roster, .. } = series.replay(&traces, again).await;
    let names = roster.names();
    let mut alarms = String::new();
    for result in &results {
        if result.verdict != Verdict::Pass {
            let _ = write!(alarms, "\n{}", Words::new(&names).story(result));
        }
    }
    mock.stop().await;
    if alarms.is_empty() { Ok(results.len()) } else { Err(alarms) }
}

/// Every seed at once; each endpoint is a cluster of its own.
async fn no_false_alarm(nodes: u8, family: Family) {
    let mut shares = tokio::task::JoinSet::new();
    for seed in 0..SEEDS {
        shares.spawn(share(nodes, family, seed));
    }
    let outcomes = shares.join_all().await;
    let alarms: Vec<&String> = outcomes.iter().filter_map(|one| one.as_ref().err()).collect();
    assert!(alarms.is_empty(), "{alarms:?}");
    // Proves that something was replayed at all.
    let replayed: usize = outcomes.iter().flatten().sum();
    assert!(replayed > 0, "no trace makes sense for {nodes} nodes");
}

#[tokio::test]
async fn one_node_raises_no_false_alarm() {
    no_false_alarm(1, Family::Documented).await;
}

#[tokio::test]
async fn two_nodes_raise_no_false_alarm() {
    no_false_alarm(2, Family::Documented).await;
}

#[tokio::test]
async fn three_nodes_raise_no_false_alarm() {
    no_false_alarm(3, Family::Documented).await;
}

#[tokio::test]
async fn four_nodes_raise_no_false_alarm() {
    no_false_alarm(4, Family::Documented).await;
}

#[tokio::test]
async fn two_nodes_with_upgrade_tasks_raise_no_false_alarm() {
    no_false_alarm(2, Family::Finalization).await;
}
