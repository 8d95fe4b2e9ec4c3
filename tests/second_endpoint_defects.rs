//! Does every defect of the second endpoint show, and is their registry in order?
//!
//! A sound and a defective endpoint are walked side by side, without sockets and on a clock of their own.

#[allow(dead_code, reason = "each user of the endpoint needs another part of it")]
mod endpoint;

use std::collections::BTreeSet;
use std::time::Duration;

use endpoint::cluster::{Profile, Status};
use endpoint::defect::{Defect, Needs, Verdict};
use endpoint::http::{Answer, Request};
use endpoint::world::{Options, Shared};
use serde_json::Value;

const RULES: &[(&str, u32)] =
    &[("API", 12), ("NODE", 10), ("STATUS", 7), ("MODE", 8), ("PROC", 4), ("LB", 6), ("FIN", 5)];

#[test]
fn the_registry_of_defects_is_sound() {
    let mut names = BTreeSet::new();
    for defect in Defect::ALL {
        let (name, row) = (defect.name(), defect.row());
        assert!(names.insert(name.clone()), "{name} stands there twice");
        assert_eq!(Defect::parse(&name), Some(*defect));
        assert!(row.nodes >= 1 && row.versions >= 2 && !row.text.is_empty(), "{name}");
        assert!(!row.rules.is_empty(), "{name} breaks no rule");
        for rule in row.rules {
            let (family, number) = rule.split_once('-').unwrap_or((rule, ""));
            let known = RULES.iter().any(|(known, last)| {
                *known == family
                    && number.parse().is_ok_and(|number: u32| (1..=*last).contains(&number))
            });
            assert!(known, "{name} names {rule}");
        }
        let distinct: BTreeSet<_> = row.rules.iter().collect();
        assert_eq!(distinct.len(), row.rules.len(), "{name} names a rule twice");
        assert!(
            row.verdict != Verdict::TimesOut || row.rules.len() <= 2,
            "{name}: a timeout has a clear rule"
        );
    }
    let listed: Result<Value, _> = serde_json::from_str(&Defect::json());
    assert_eq!(listed.ok().and_then(|list| list.as_array().map(Vec::len)), Some(names.len()));
}

/// A request without a socket.
fn ask(shared: &Shared, method: &str, path: &str) -> Answer {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        ..Request::default()
    };
    if path.starts_with("/rest") {
        endpoint::api::handle(shared, &request)
    } else {
        endpoint::control::handle(shared, &request)
    }
}

/// A random tester, who knows the procedure and does not always follow it.
fn errands(shared: &Shared, random: &mut fastrand::Rng) -> Vec<(&'static str, String)> {
    let base = "/rest/zdu/cluster/zdu";
    let nodes = shared.names.ids.len();
    let version = shared.names.versions[random.usize(..shared.names.versions.len())].clone();
    let step =
        |index: usize, step: &str| ("POST", format!("/nodes/{}/{step}", shared.names.ids[index]));
    let restart = |index: usize| {
        let install = format!("install?version={version}");
        vec![step(index, "stop"), step(index, &install), step(index, "boot")]
    };
    let post = |call: &str| ("POST", format!("{base}/{call}"));
    let one = random.usize(..nodes);
    match random.u8(..21) {
        0..=3 => restart(one),
        4 | 5 => (0..nodes).flat_map(restart).collect(),
        6 | 7 => vec![post("start")],
        8 => vec![post("cancel")],
        9 | 10 => vec![post("approve")],
        11 => vec![
            post("retryUpgrade"),
            step(one, "fail_tasks"),
            step((one + 1) % nodes, "fail_tasks"),
            post("approve"),
        ],
        12 => vec![post("retryUpgrade"), step(one, "fail_tasks"), post("approve")],
        13 => vec![step(one, "kill")],
        14 => vec![step(one, "break")],
        15 => vec![step(one, "repair")],
        16 => vec![step(one, "stop")],
        17 => vec![step(one, "boot")],
        18 => {
            // The others come back with another version while one is in error, so that it may not be repaired.
            let others = (0..nodes).filter(|index| *index != one);
            let again = |index: usize| {
                let install = format!("install?version={version}");
                vec![step(index, "kill"), step(index, &install), step(index, "boot")]
            };
            let back = others.flat_map(again);
            [step(one, "break")].into_iter().chain(back).chain([step(one, "repair")]).collect()
        }
        19 => vec![("GET", format!("{base}/nodes/nobody"))],
        _ => (0..nodes).map(|index| step(index, "kill")).collect(),
    }
}

fn reads(shared: &Shared) -> Vec<String> {
    let base = "/rest/zdu/cluster/zdu";
    let node = |id: &String| format!("{base}/nodes/{id}");
    let mut paths = vec![base.to_owned(), format!("{base}/state")];
    paths.extend(shared.names.ids.iter().map(node));
    paths
}

/// Whether a walk with this seed tells the two endpoints apart.
fn differ(options: &Options, defect: Defect, seed: u64) -> bool {
    // Long enough for all that a step brings about, unless what passes quickly is to be seen.
    let tick_ms = if options.delay.is_zero() { 100 } else { 7 };
    let mut random = fastrand::Rng::with_seed(seed);
    // Tasks that end at once, later, and after the walk show different things.
    let tasks = Some(Duration::from_millis([0, 250, 3_600_000][(seed % 3) as usize]));
    let options = Options { tasks, ..options.clone() };
    let sound = Shared::by_hand(options.clone());
    let broken = Shared::by_hand(Options { defect: Some(defect), ..options });
    for _ in 0..60 {
        let mut requests = errands(&sound, &mut random);
        requests.extend(reads(&sound).into_iter().map(|path| ("GET", path)));
        for (method, path) in requests {
            sound.pass(tick_ms);
            broken.pass(tick_ms);
            let (left, right) = (ask(&sound, method, &path), ask(&broken, method, &path));
            if (left.code, left.dropped, left.body) != (right.code, right.dropped, right.body) {
                return true;
            }
        }
    }
    false
}

/// Proves that no row of the table is an empty promise: each defect changes some answer.
#[test]
fn every_defect_shows_in_some_walk() {
    let silent: Vec<String> = Defect::ALL
        .iter()
        .filter(|defect| !defect.name().starts_with("race-"))
        .filter(|defect| {
            let row = defect.row();
            let tasks = row.needs == Needs::Tasks;
            let asks = matches!(row.needs, Needs::Auth | Needs::Plain);
            let options = Options {
                nodes: row.nodes,
                versions: ["9.2.1", "9.2.4", "9.3.0"][..row.versions]
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                delay: Duration::from_millis(if defect.fleeting() && !tasks { 40 } else { 0 }),
                profile: if tasks { Profile::Finalization } else { Profile::Documented },
                ..Options::default()
            };
            !asks && !(0..400).any(|seed| differ(&options, **defect, seed))
        })
        .map(|defect| defect.name())
        .collect();
    assert!(silent.is_empty(), "never seen: {silent:?}");
}

/// Proves that the walk above tells nothing apart that is equal.
#[test]
fn two_sound_endpoints_answer_alike() {
    let cluster = Options::default().cluster();
    assert_eq!(cluster.status(), Status::Stable);
    for seed in 0..20 {
        // A defect of credentials shows nothing as long as nobody is asked for any.
        let options = Options { delay: Duration::ZERO, ..Options::default() };
        assert!(!differ(&options, Defect::AnonymousReads, seed), "seed {seed}");
    }
}
