//! Does an endpoint that uses freedoms still conform, and does each one show?
//!
//! Random testers drive endpoints of every flavour, and every body is held against sections 1, 2 and 7 of the specification,
//! written down here once more. Then one freedom after the other, by hand. No sockets; time passes by hand.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use zdu_endpoint::{
    Endpoint, Flavour, Freedom, Freedoms, Mode, Options, Outcome, Phase, Port, Profile, Request,
    Snapshot, Step,
};

const BASE: &str = "/rest/zdu";
const CLUSTER_WORDS: [&str; 6] = [
    "STABLE",
    "READY_TO_UPGRADE",
    "MIXED",
    "READY_TO_RUN_UPGRADE_TASKS",
    "RUNNING_UPGRADE_TASKS",
    "UPGRADE_TASKS_FAILED",
];
const SERVING: [&str; 3] = ["ACTIVE", "RUNNING_FINALIZE_UPGRADE_TASKS", "UPGRADE_TASKS_FAILED"];

fn get(endpoint: &mut Endpoint, path: &str, now: Duration) -> Option<(u16, Value)> {
    told(endpoint.answer(Port::Api, &Request::get(&format!("{BASE}{path}")), now))
}

/// The code, and the body where it is JSON.
fn told(outcome: Outcome) -> Option<(u16, Value)> {
    match outcome {
        Outcome::Answer(answer) => {
            Some((answer.code, serde_json::from_str(&answer.body).unwrap_or_default()))
        }
        Outcome::Dropped | Outcome::Refused => None,
    }
}

/// Absent, null, or as it must be.
fn optional(object: &Value, key: &str, fits: impl Fn(&Value) -> bool) {
    let value = &object[key];
    assert!(value.is_null() || fits(value), "{key} in {object}");
}

/// Section 1 of one node.
fn check_node(node: &Value, called: bool) {
    assert!(node["id"].is_string(), "{node}");
    let word = node["state"].as_str();
    let known = ["STARTING", "TERMINATING", "OFFLINE", "ERROR"];
    assert!(word.is_none_or(|word| known.contains(&word) || SERVING.contains(&word)), "{node}");
    for key in ["name", "ipAddress", "version", "buildNumber"] {
        optional(node, key, Value::is_string);
    }
    for key in ["portNumber", "tasksTotal", "activeUserCount"] {
        optional(node, key, Value::is_u64);
    }
    optional(node, "local", Value::is_boolean);
    optional(node, "links", Value::is_array);
    optional(node, "finalization", Value::is_object);
    if word.is_some_and(|word| SERVING.contains(&word)) {
        assert!(node["version"].is_string(), "{node}");
        assert!(!called || node["tasksTotal"].is_u64(), "{node}");
    }
}

/// Section 1 of a Cluster, and what section 7 says of its entries.
fn check_cluster(cluster: &Value) {
    let word = cluster["state"].as_str().expect("a status");
    assert!(CLUSTER_WORDS.contains(&word), "{word}");
    let on = cluster["upgradeModeEnabled"].as_bool().expect("a mode");
    assert_eq!(cluster["originalVersion"].is_string(), on, "{cluster}");
    optional(cluster, "hasFinalizationTasks", Value::is_boolean);
    optional(cluster, "links", Value::is_array);
    let nodes = cluster["nodes"].as_array().expect("nodes");
    assert!(nodes.len() <= 32);
    nodes.iter().for_each(|node| check_node(node, false));
    let ids: BTreeSet<_> = nodes.iter().map(|node| node["id"].to_string()).collect();
    assert_eq!(ids.len(), nodes.len(), "an id twice: {cluster}");
}

/// Section 2, and section 6 before it: the status that follows from the hidden state.
fn by_the_book(hidden: &Snapshot) -> &'static str {
    let any = |phase: Phase| hidden.nodes.iter().any(|node| node.phase == phase);
    let on = hidden.mode == Mode::On;
    let joined = [
        Phase::Active,
        Phase::StartingIn,
        Phase::TerminatingIn,
        Phase::Finalizing,
        Phase::FinalizeFailed,
    ];
    let versions: BTreeSet<_> = hidden
        .nodes
        .iter()
        .filter(|node| joined.contains(&node.phase))
        .map(|node| node.version.as_str())
        .collect();
    if any(Phase::Finalizing) {
        "RUNNING_UPGRADE_TASKS"
    } else if !on && (any(Phase::FinalizeFailed) || hidden.tasks_pending) {
        "UPGRADE_TASKS_FAILED"
    } else if any(Phase::Error) {
        "MIXED"
    } else if !on {
        "STABLE"
    } else if versions.len() > 1 {
        "MIXED"
    } else if versions.first().is_none_or(|only| Some(*only) == hidden.origin.as_deref()) {
        "READY_TO_UPGRADE"
    } else {
        "READY_TO_RUN_UPGRADE_TASKS"
    }
}

/// A settled cluster: each view tells the whole truth.
fn check_settled(endpoint: &mut Endpoint, overview: &Value, now: Duration) {
    let hidden = endpoint.snapshot();
    let right = by_the_book(&hidden);
    let deployed = hidden.freedoms.contains(&"error-looks-stable");
    let blind = deployed && right == "MIXED" && hidden.mode == Mode::Off;
    assert_eq!(overview["state"], if blind { "STABLE" } else { right }, "{hidden:?}");
    if right == "STABLE" && !blind {
        let same: BTreeSet<_> = hidden.nodes.iter().map(|node| &node.version).collect();
        assert!(same.len() > 1 || overview["hasFinalizationTasks"] != true, "{overview}");
    }
    let listed: Vec<_> = overview["nodes"].as_array().into_iter().flatten().collect();
    for node in hidden.nodes.iter().filter(|node| node.phase != Phase::Absent) {
        let entry = listed.iter().find(|entry| entry["id"] == node.id.as_str());
        let entry = entry.unwrap_or_else(|| panic!("{} is not listed: {overview}", node.id));
        let (code, called) = get(endpoint, &format!("/nodes/{}", node.id), now).expect("an answer");
        assert_eq!(code, 200);
        check_node(&called, true);
        assert_eq!(called["state"], entry["state"]);
        if node.phase != Phase::Offline {
            for seen in [&called["version"], &entry["version"]] {
                assert!(seen.is_null() || *seen == node.version.as_str(), "{seen}");
            }
        }
    }
    // Whoever else is listed has been left behind, and is down.
    let known: BTreeSet<_> = hidden.nodes.iter().map(|node| node.id.as_str()).collect();
    let others: Vec<_> = listed
        .iter()
        .filter(|entry| entry["id"].as_str().is_none_or(|id| !known.contains(id)))
        .collect();
    assert_eq!(others.len(), hidden.ghosts.len());
    for ghost in others {
        assert!(ghost["state"].is_null() || ghost["state"] == "OFFLINE", "{ghost}");
    }
    let (_, state) = get(endpoint, "/state", now).expect("an answer");
    assert_eq!(state["state"], overview["state"]);
    assert!(state["buildInfo"]["local"].as_bool().unwrap_or(true));
}

/// Lets time pass, one thing after the other; notes every status that was true meanwhile.
fn pass(endpoint: &mut Endpoint, now: Duration, seen: &mut BTreeSet<&'static str>) {
    while let Some(due) = endpoint.next_due().filter(|due| *due <= now) {
        endpoint.advance(due);
        seen.insert(by_the_book(&endpoint.snapshot()));
    }
}

/// A random tester on one endpoint; gives how often the cluster was found settled.
fn walk(options: Options, seed: u64) -> usize {
    let (nodes, versions) = (options.nodes, options.versions.len());
    let mut endpoint = Endpoint::new(options).expect("an endpoint");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut now = Duration::ZERO;
    let mut settled = 0;
    // Every status that was true since the last answer.
    let mut true_since = BTreeSet::from(["STABLE"]);
    for _ in 0..120 {
        now += Duration::from_millis([1, 5, 60][random.usize(..3)]);
        pass(&mut endpoint, now, &mut true_since);
        let node = random.usize(..nodes);
        match random.u8(..12) {
            0 => endpoint.step(node, Step::Stop, now),
            1 => endpoint.step(node, Step::Kill, now),
            2 => endpoint.step(node, Step::Install(random.usize(..versions)), now),
            3 | 4 => (0..nodes).for_each(|node| endpoint.step(node, Step::Boot, now)),
            5 => endpoint.step(node, Step::Break, now),
            6 => endpoint.step(node, Step::Repair, now),
            7 => endpoint.fail_tasks(node, now),
            _ => {
                let call = ["start", "cancel", "approve", "retryUpgrade"][random.usize(..4)];
                let request = Request::post(&format!("{BASE}/{call}"));
                if let Outcome::Answer(answer) = endpoint.answer(Port::Api, &request, now) {
                    assert!([200, 404, 409, 502, 503].contains(&answer.code), "{}", answer.code);
                    if answer.code == 200 {
                        check_cluster(&serde_json::from_str(&answer.body).expect("JSON"));
                    }
                    true_since = BTreeSet::from([by_the_book(&endpoint.snapshot())]);
                    now += answer.before + answer.after;
                }
            }
        }
        now += Duration::from_millis(random.u64(..4));
        pass(&mut endpoint, now, &mut true_since);
        let torn = endpoint.snapshot().freedoms.contains(&"torn-overviews");
        let begun = endpoint.begin(Port::Api, &Request::get("/rest/zdu/cluster"), now);
        now += begun.wait;
        pass(&mut endpoint, now, &mut true_since);
        if let Some((200, overview)) = told(endpoint.finish(begun.ticket, now)) {
            check_cluster(&overview);
            let hidden = endpoint.snapshot();
            if !hidden.freedoms.contains(&"error-looks-stable") {
                let silent = hidden.nodes.iter().any(|node| node.silent);
                let word = overview["state"].as_str().expect("a status");
                let right = word == by_the_book(&hidden) || (torn && true_since.contains(word));
                assert!(right || (silent && word == "MIXED"), "{word}: {hidden:?}");
            }
            true_since = BTreeSet::from([by_the_book(&hidden)]);
            if endpoint.snapshot().idle {
                check_settled(&mut endpoint, &overview, now);
                settled += 1;
            }
        }
    }
    settled
}

fn options(flavour: Flavour, seed: u64) -> Options {
    Options {
        nodes: 1 + (seed % 4) as usize,
        versions: ["9.2.1", "9.2.4", "9.3.0"].map(str::to_owned).to_vec(),
        profile: [Profile::Documented, Profile::Finalization][(seed / 4 % 2) as usize],
        delay: Duration::from_millis(2),
        freedoms: Freedoms::of(flavour),
        seed,
        ..Options::default()
    }
}

#[test]
fn whatever_is_shown_conforms_and_a_settled_cluster_shows_the_truth() {
    let mut settled = 0;
    for seed in 0..100 {
        for flavour in [Flavour::Plain, Flavour::Free, Flavour::Deployed] {
            settled += walk(options(flavour, seed), seed);
        }
    }
    // Proves that the truth was asked for often enough.
    assert!(settled > 3_000, "{settled}");
}

fn with(freedoms: &[Freedom], nodes: usize) -> Endpoint {
    let options = Options {
        nodes,
        profile: Profile::Finalization,
        freedoms: freedoms.iter().copied().collect(),
        delay: Duration::from_millis(4),
        ..Options::default()
    };
    Endpoint::new(options).expect("an endpoint")
}

const MS: Duration = Duration::from_millis(1);

/// The overviews of the next milliseconds, one each.
fn watch(endpoint: &mut Endpoint, from: Duration, count: u32) -> Vec<Value> {
    let read = |at: u32| get(endpoint, "/cluster", from + at * MS).map(|(_, body)| body);
    (0..count).filter_map(read).collect()
}

fn entry<'a>(overview: &'a Value, id: &str) -> Option<&'a Value> {
    overview["nodes"].as_array()?.iter().find(|entry| entry["id"] == id)
}

#[test]
fn left_out_fields_are_absent_or_null_and_required_ones_stay() {
    let left = [
        (Freedom::NameAbsent, "name"),
        (Freedom::AddressAbsent, "ipAddress"),
        (Freedom::PortAbsent, "portNumber"),
        (Freedom::BuildAbsent, "buildNumber"),
        (Freedom::TasksAbsent, "tasksTotal"),
        (Freedom::UsersAbsent, "activeUserCount"),
        (Freedom::LocalAbsent, "local"),
    ];
    for (freedom, key) in left {
        let (_, plain) = get(&mut with(&[], 2), "/cluster", MS).expect("an answer");
        assert!(!plain["nodes"][0][key].is_null(), "{key}");
        let (_, absent) = get(&mut with(&[freedom], 2), "/cluster", MS).expect("an answer");
        assert!(absent["nodes"][0].get(key).is_none(), "{key}");
        let nulls = &mut with(&[freedom, Freedom::FieldsNull], 2);
        let (_, null) = get(nulls, "/cluster", MS).expect("an answer");
        assert_eq!(null["nodes"][0].get(key), Some(&Value::Null), "{key}");
    }
    // API-4: the node call of a node that serves gives its tasks all the same.
    let (_, node) = get(&mut with(&[Freedom::TasksAbsent], 2), "/nodes/n1", MS).expect("an answer");
    assert_eq!(node["tasksTotal"], 0);
    // A version is left out only where nobody serves.
    let mut endpoint = with(&[Freedom::VersionAbsent], 2);
    endpoint.step(1, Step::Break, MS);
    let (_, overview) = get(&mut endpoint, "/cluster", 9 * MS).expect("an answer");
    assert_eq!(overview["nodes"][0]["version"], "9.2.1");
    assert_eq!(overview["nodes"][1]["state"], "ERROR");
    assert!(overview["nodes"][1].get("version").is_none());
}

// The field case of a member that is silent for a moment: null state and version, and MIXED meanwhile.
#[test]
fn a_silent_member_shows_in_an_overview_and_ends_in_one() {
    let mut endpoint = with(&[Freedom::SilentMoments, Freedom::SilentStatus], 2);
    let overviews = watch(&mut endpoint, MS, 2_000);
    let silent = |overview: &Value| {
        let nodes = overview["nodes"].as_array().expect("nodes");
        nodes.iter().any(|node| node["state"].is_null())
    };
    let shown = overviews.iter().filter(|overview| silent(overview)).count();
    assert!(shown > 5 && shown < 500, "{shown}");
    for overview in &overviews {
        // Nobody serves less for it: nothing was asked of the cluster.
        assert_eq!(overview["state"], if silent(overview) { "MIXED" } else { "STABLE" });
    }
    // Between the overviews that show it a refusal counts for nothing, and there is one.
    let mut now = 3 * Duration::from_secs(1);
    while endpoint.snapshot().nodes.iter().all(|node| !node.silent) {
        watch(&mut endpoint, now, 1);
        now += MS;
    }
    let start = endpoint.answer(Port::Api, &Request::post("/rest/zdu/start"), now);
    assert_eq!(start.answer().map(|answer| answer.code), Some(409));
    watch(&mut endpoint, now + 50 * MS, 1);
    let start = endpoint.answer(Port::Api, &Request::post("/rest/zdu/start"), now + 50 * MS);
    assert_eq!(start.answer().map(|answer| answer.code), Some(200));
}

// The field case of pods that come back under a new id and address, with their old entries until the end.
#[test]
fn a_node_comes_back_under_a_new_id_and_leaves_a_ghost() {
    let mut endpoint = with(&[Freedom::IdsChange, Freedom::AddressesChange], 2);
    assert_eq!(
        endpoint.answer(Port::Api, &Request::post("/rest/zdu/start"), MS).answer().map(|a| a.code),
        Some(200)
    );
    endpoint.step(1, Step::Stop, MS);
    endpoint.step(1, Step::Install(1), MS);
    let down = watch(&mut endpoint, 20 * MS, 1).remove(0);
    // While the node has only its old entry, that entry is the node.
    assert_eq!(entry(&down, "n2").map(|node| node["state"].clone()), Some("OFFLINE".into()));
    endpoint.step(1, Step::Boot, 21 * MS);
    let up = watch(&mut endpoint, 50 * MS, 1).remove(0);
    let id = endpoint.snapshot().nodes[1].id.clone();
    assert_ne!(id, "n2");
    let (old, new) = (entry(&up, "n2").expect("a ghost"), entry(&up, &id).expect("the node"));
    assert_eq!((&old["state"], &new["state"]), (&"OFFLINE".into(), &"ACTIVE".into()));
    assert_eq!(old["name"], new["name"]);
    assert_ne!(old["ipAddress"], new["ipAddress"]);
    assert_eq!(get(&mut endpoint, "/nodes/n2", 51 * MS).expect("an answer").1["state"], "OFFLINE");
    assert_eq!(endpoint.snapshot().ghosts, ["n2"]);
    // The driver's name for the node still means it: it goes, not the ghost.
    let kill = Request::post("/_mock/nodes/n2/kill");
    assert_eq!(endpoint.answer(Port::Api, &kill, 52 * MS).answer().map(|a| a.code), Some(202));
    let killed = watch(&mut endpoint, 60 * MS, 1).remove(0);
    assert_eq!(entry(&killed, &id).map(|node| node["state"].clone()), Some("OFFLINE".into()));
    // NODE-5: with upgrade mode off both entries go.
    let cancelled = endpoint.answer(Port::Api, &Request::post("/rest/zdu/cancel"), 61 * MS);
    assert_eq!(cancelled.answer().map(|answer| answer.code), Some(200));
    let after = watch(&mut endpoint, 90 * MS, 1).remove(0);
    assert_eq!(after["nodes"].as_array().map(Vec::len), Some(1));
    assert!(endpoint.snapshot().ghosts.is_empty());
}

#[test]
fn a_torn_overview_shows_a_status_that_was_true_since_the_last_answer_and_only_while_nodes_move() {
    let torn = (0..40).any(|seed| {
        let mut endpoint = Endpoint::new(Options {
            seed,
            freedoms: [Freedom::TornOverviews].into_iter().collect(),
            delay: Duration::from_millis(4),
            ..Options::default()
        })
        .expect("an endpoint");
        endpoint.step(0, Step::Break, MS);
        endpoint.step(1, Step::Kill, MS);
        endpoint.step(1, Step::Boot, MS);
        let moving = watch(&mut endpoint, 5 * MS, 1).remove(0);
        let settled = watch(&mut endpoint, 40 * MS, 1).remove(0);
        assert_eq!(settled["state"], "MIXED");
        moving["state"] == "STABLE" && moving["nodes"][0]["state"] == "ERROR"
    });
    assert!(torn);
}

#[test]
fn slow_posts_are_told_as_data() {
    let slow = |freedom, seed| {
        let mut endpoint = Endpoint::new(Options {
            seed,
            freedoms: [freedom].into_iter().collect(),
            slow: Some(Duration::from_secs(100)),
            ..Options::default()
        })
        .expect("an endpoint");
        let begun = endpoint.begin(Port::Api, &Request::post("/rest/zdu/start"), MS);
        let untouched = endpoint.snapshot().mode == Mode::Off;
        let outcome = endpoint.finish(begun.ticket, MS + begun.wait);
        let answer = outcome.answer().expect("an answer").clone();
        assert!(untouched && endpoint.snapshot().mode == Mode::On);
        assert_eq!(answer.before, begun.wait);
        (answer.before, answer.after)
    };
    let longest = |freedom, which: fn((Duration, Duration)) -> Duration| {
        (0..20).map(|seed| which(slow(freedom, seed))).max().unwrap_or_default()
    };
    assert!(longest(Freedom::SlowEffects, |(before, _)| before) > Duration::from_secs(50));
    assert!(longest(Freedom::SlowEffects, |(_, after)| after).is_zero());
    assert!(longest(Freedom::SlowPostAnswers, |(_, after)| after) > Duration::from_secs(50));
}

#[test]
fn a_step_below_the_original_ends_offline_with_no_downgrade() {
    let mut endpoint = with(&[Freedom::NoDowngrade], 2);
    let mut now = MS;
    // The whole cluster on 9.2.4, then an upgrade mode whose original that is.
    for node in 0..2 {
        for step in [Step::Kill, Step::Install(1), Step::Boot] {
            endpoint.step(node, step, now);
        }
    }
    now += 60 * MS;
    let start = endpoint.answer(Port::Api, &Request::post("/rest/zdu/start"), now);
    assert_eq!(start.answer().map(|answer| answer.code), Some(200));
    assert_eq!(endpoint.snapshot().origin.as_deref(), Some("9.2.4"));
    for step in [Step::Kill, Step::Install(0), Step::Boot] {
        endpoint.step(1, step, now);
    }
    endpoint.advance(now + 60 * MS);
    assert_eq!(endpoint.snapshot().nodes[1].phase, Phase::Offline);
    endpoint.step(1, Step::Install(1), now + 60 * MS);
    endpoint.step(1, Step::Boot, now + 60 * MS);
    endpoint.advance(now + 120 * MS);
    assert_eq!(endpoint.snapshot().nodes[1].phase, Phase::Active);
}

// What several deployed builds are said to do, and nothing more: STATUS-5 and MODE-2.
#[test]
fn a_deployed_build_is_stable_with_an_error_and_lets_start() {
    let mut endpoint = with(&[Freedom::ErrorLooksStable], 2);
    endpoint.step(1, Step::Break, MS);
    let overview = watch(&mut endpoint, 20 * MS, 1).remove(0);
    assert_eq!(
        (&overview["state"], &overview["nodes"][1]["state"]),
        (&"STABLE".into(), &"ERROR".into())
    );
    let start = endpoint.answer(Port::Api, &Request::post("/rest/zdu/start"), 21 * MS);
    assert_eq!(start.answer().map(|answer| answer.code), Some(200));
    assert_eq!(watch(&mut endpoint, 22 * MS, 1)[0]["state"], "MIXED");
}
