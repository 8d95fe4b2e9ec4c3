//! What real builds answer, as public references, clients and knowledge-base articles describe it: nothing is wrong with it, and
//! what a user must be told is told. Each folder below `field` is a case; an `overviews.jsonl` is a sequence.

use std::path::Path;

use zdu_conformance::client::{Credential, Exchange, Reply};
use zdu_conformance::monitor::Observer;
use zdu_conformance::replay::answer;
use zdu_conformance::verdict::{Command, Upgrade};
use zdu_conformance::wire::Dictionary;
use zdu_conformance::words::Words;
use zdu_model::judge::course::Stand;
use zdu_model::judge::event::{Answer, Silence, View};
use zdu_model::judge::roster::Known;
use zdu_model::judge::served::{Entry, Fault, Field, Served};
use zdu_model::judge::text::Text;
use zdu_model::judge::watch::News;
use zdu_model::spec::node::{NodeStatus, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;

/// The bodies of a case, one after the other.
fn bodies(case: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/field").join(case);
    match std::fs::read_to_string(folder.join("overviews.jsonl")) {
        Ok(lines) => lines.lines().map(str::to_owned).collect(),
        Err(_) => vec![std::fs::read_to_string(folder.join("overview.json")).expect("a case")],
    }
}

fn heard(body: &str) -> (Answer, Exchange) {
    let exchange = Exchange {
        credential: Credential::Password,
        method: "GET".into(),
        url: "/cluster/zdu/cluster".into(),
        code: Some(200),
        location: None,
        body: Text::default(),
        silence: None,
        stranger: None,
        proxy: None,
        took_ms: 0,
    };
    let body = body.as_bytes().to_vec();
    let raw =
        Reply { code: Some(200), body, retry_after: None, date: None, exchange: exchange.clone() };
    (answer(View::Overview, &raw), exchange)
}

fn entries(body: &str) -> Vec<Entry> {
    match heard(body).0 {
        Answer::Served(Served::Cluster { nodes, .. }) => nodes,
        other @ (Answer::Nobody(_) | Answer::Served(_) | Answer::NotListed | Answer::Bad(_)) => {
            panic!("no cluster: {other:?}")
        }
    }
}

/// A watch that knows what the first overview lists, and learns the rest: each body is read twice, a second apart.
fn watched(case: &str) -> (Observer, Vec<String>) {
    let bodies = bodies(case);
    let first = entries(&bodies[0]);
    let known = |entry: &Entry| Known {
        id: Some(entry.id.clone()),
        address: entry.address.clone(),
        port: entry.port,
        listed: entry.name.clone(),
        ..Known::default()
    };
    let mut versions: Vec<Text> = Vec::new();
    for version in first.iter().filter_map(|entry| entry.version.clone()) {
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    let dictionary = Dictionary {
        profile: Profile::Finalization,
        nodes: first.iter().map(known).collect(),
        versions,
    };
    let mut observer = Observer::new(&dictionary, None, true);
    let mut told = Vec::new();
    let mut now = 0;
    for body in bodies.iter().flat_map(|body| [body, body]) {
        now += 1_000_000;
        let (answer, exchange) = heard(body);
        for news in observer.hear((now, now), answer, &exchange) {
            let names = observer.watcher().roster().names();
            if let News::Seen { before, now } = news {
                told.extend(Words::new(&names).change(before.as_ref(), &now));
            }
        }
    }
    (observer, told)
}

// Whatever a case shows, it is no deviation and not beyond the model.
#[test]
fn api_1_nothing_is_found_in_what_real_builds_show() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/field");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("the cases").flatten() {
        let case = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().is_dir() || case == "25-login-page" {
            continue;
        }
        let (observer, _) = watched(&case);
        let found: Vec<_> = observer.found().iter().map(|found| &found.finding).collect();
        assert!(found.is_empty(), "{case}: {found:?}");
        cases += 1;
    }
    assert_eq!(cases, 19);
    // The negative: the same eyes see what is wrong.
    let wrong = bodies("01-no-port-number")[0].replace("STABLE", "MIXED");
    let (answer, exchange) = heard(&wrong);
    let (mut observer, _) = watched("01-no-port-number");
    observer.hear((9_000_000, 9_000_000), answer.clone(), &exchange);
    observer.hear((10_000_000, 10_000_000), answer, &exchange);
    assert_eq!(observer.found().len(), 1);
}

#[test]
fn api_1_what_a_build_leaves_out_is_known_once() {
    let (observer, _) = watched("01-no-port-number");
    assert_eq!(observer.watcher().roster().left_out(), [Field::PortNumber]);
}

#[test]
fn node_1_a_silent_member_is_told_of() {
    let (_, told) = watched("03b-silent-node-sequence");
    assert!(told.iter().any(|line| line.contains("not answering its cluster")), "{told:#?}");
}

// Pods come back under new ids and addresses; the entries that they leave behind are two ghosts until the end.
#[test]
fn node_5_pods_that_come_back_under_new_ids_are_the_same_nodes() {
    let bodies = bodies("05-new-address-new-id");
    let first = entries(&bodies[0]);
    let known = |entry: &Entry| Known { name: entry.name.clone(), ..Known::default() };
    let dictionary = Dictionary {
        profile: Profile::Finalization,
        nodes: first.iter().map(known).collect(),
        versions: vec!["9.2.1".into(), "9.2.4".into()],
    };
    let mut observer = Observer::new(&dictionary, None, false);
    let mut most = Vec::new();
    for (second, body) in (1..).zip(&bodies) {
        let (answer, exchange) = heard(body);
        observer.hear((second * 1_000_000, second * 1_000_000), answer, &exchange);
        let ghosts: Vec<String> =
            observer.watcher().roster().ghosts().map(|entry| entry.id.to_string()).collect();
        if ghosts.len() > most.len() {
            most = ghosts;
        }
    }
    assert_eq!(most, ["1f9e0c44", "7a52c813"]);
    assert_eq!(observer.watcher().roster().ghosts().count(), 0);
    let ids: Vec<String> = observer
        .watcher()
        .roster()
        .known()
        .iter()
        .map(|node| node.id.as_ref().map(ToString::to_string).unwrap_or_default())
        .collect();
    assert_eq!(ids, ["e2277d01", "5be1a90f"]);
}

#[test]
fn fin_3_failed_tasks_are_kept_in_the_builds_words() {
    let failed: Vec<Entry> = entries(&bodies("10-finalization-errors")[0])
        .into_iter()
        .filter(|entry| entry.status == Some(NodeStatus::UpgradeTasksFailed))
        .collect();
    let [node] = failed.as_slice() else { panic!("one node failed") };
    let [task] = node.failed_tasks.as_slice() else { panic!("one task failed") };
    assert_eq!(task.name.as_ref().map(Text::raw), Some("SplitLocationUpgradeTask"));
    let messages: Vec<&str> = task.messages.iter().map(Text::raw).collect();
    assert_eq!(messages, ["duplicate key in table location", "row 12 could not be migrated"]);
}

// The watch began before the new version was known: it is followed to the end in the words that are served.
#[test]
fn api_2_a_version_that_comes_up_is_learnt() {
    let (observer, told) = watched("19-history-of-a-kb-article");
    let names = observer.watcher().roster().names();
    assert_eq!(names.versions, [Text::from("9.2.1"), Text::from("9.3.1")]);
    assert!(names.foreign.is_empty());
    assert!(told.iter().any(|line| line.contains("9.3.1")), "{told:#?}");
}

#[test]
fn api_10_a_login_page_is_no_cluster() {
    let page = "<!DOCTYPE html><html><title>Log In - Confluence</title></html>";
    match heard(page).0 {
        Answer::Bad(misshape) => assert_eq!(misshape.fault, Fault::Html),
        other @ (Answer::Nobody(_) | Answer::Served(_) | Answer::NotListed) => panic!("{other:?}"),
    }
}

#[test]
fn api_1_seventeen_listed_nodes_are_judged() {
    let (observer, _) = watched("28-seventeen-nodes");
    assert_eq!(observer.watcher().roster().len(), 17);
    assert_eq!(observer.watcher().readings(), 2);
}

/// How a watch of a case went.
fn upgrade(observer: Observer) -> Upgrade {
    observer.result("watch", Command::zdu(["monitor"])).upgrade.expect("it was watched")
}

// Followed to the end: which node took how long, and that it is finished; pods under new ids are the same nodes.
#[test]
fn proc_3_a_watch_says_that_an_upgrade_is_finished_and_how_it_went() {
    let later = Version(1);
    let (observer, _) = watched("05-new-address-new-id");
    let pods = upgrade(observer);
    assert_eq!((pods.stand, pods.fewest, pods.turns.len()), (Stand::Finished(later), Some(1), 2));
    // It ends where the next one begins.
    let (observer, _) = watched("19-history-of-a-kb-article");
    let article = upgrade(observer);
    assert_eq!(article.stand, Stand::Underway { upgraded: 0, of: 2 });
    assert_eq!((article.earlier, article.fewest), (vec![later], Some(2)));
    assert_eq!((article.turns.len(), article.unserved_ms), (2, 0));
    let (observer, _) = watched("31-terminating-last-old-node-counts");
    assert_eq!(upgrade(observer).stand, Stand::Underway { upgraded: 1, of: 2 });
}

// Nobody serves in the middle of an upgrade: found once, and for how long it lasted.
#[test]
fn proc_3_a_total_outage_is_found() {
    let (mut observer, _) = watched("31-terminating-last-old-node-counts");
    let (_, exchange) = heard("");
    let mut found = Vec::new();
    for second in 3..6 {
        let now = second * 1_000_000;
        let silence = Answer::Nobody(Silence::Code(503));
        observer.hear((now, now), silence, &exchange);
        found.push(observer.found().len());
    }
    assert_eq!(found, [0, 1, 1]);
    assert_eq!(observer.found()[0].finding.rule, Rule::Proc3);
    let went = upgrade(observer);
    assert_eq!((went.unserved_ms, went.outages, went.fewest), (2000, 1, Some(0)));
}
