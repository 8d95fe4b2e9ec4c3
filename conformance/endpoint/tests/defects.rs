//! Does every defect show, and nothing else?
//!
//! A sound and a defective endpoint are walked side by side, without sockets and on a clock of their own.

use std::time::Duration;

use zdu_endpoint::{
    Class, Credentials, Defect, Endpoint, Needs, Options, Outcome, Port, Profile, Request,
};

const BASE: &str = "/rest/zdu/cluster/zdu";

/// A random tester, who knows the procedure and does not always follow it.
fn errands(options: &Options, random: &mut fastrand::Rng) -> Vec<Request> {
    let nodes = options.nodes;
    let version = &options.versions[random.usize(..options.versions.len())];
    let step =
        |index: usize, step: &str| Request::post(&format!("/_mock/nodes/n{}/{step}", index + 1));
    let install = format!("install?version={version}");
    let restart = |index: usize| ["stop", &install, "boot"].map(|word| step(index, word));
    let post = |call: &str| Request::post(&format!("{BASE}/{call}"));
    let one = random.usize(..nodes);
    match random.u8(..22) {
        0..=3 => restart(one).to_vec(),
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
            let again = |index: usize| ["kill", &install, "boot"].map(|word| step(index, word));
            let back = others.flat_map(again);
            [step(one, "break")].into_iter().chain(back).chain([step(one, "repair")]).collect()
        }
        19 => vec![Request::get(&format!("{BASE}/nodes/nobody"))],
        20 => vec![step(one, &install)],
        _ => (0..nodes).map(|index| step(index, "kill")).collect(),
    }
}

fn reads(nodes: usize) -> Vec<Request> {
    let mut paths = vec![BASE.to_owned(), format!("{BASE}/state")];
    paths.extend((1..=nodes).map(|number| format!("{BASE}/nodes/n{number}")));
    paths.iter().map(|path| Request::get(path)).collect()
}

/// What a client sees of an answer.
fn seen(outcome: Outcome) -> Option<(u16, String)> {
    match outcome {
        Outcome::Answer(answer) => Some((answer.code, answer.body)),
        Outcome::Dropped | Outcome::Refused => None,
    }
}

/// Whether a walk with this seed tells the two endpoints apart.
fn differ(options: &Options, defect: Defect, seed: u64) -> bool {
    // Long enough for all that a step brings about, unless what passes quickly is to be seen.
    let tick = Duration::from_millis(if options.delay.is_zero() { 100 } else { 7 });
    let mut random = fastrand::Rng::with_seed(seed);
    // Tasks that end at once, later, and after the walk show different things.
    let tasks_run = Some(Duration::from_millis([0, 250, 3_600_000][(seed % 3) as usize]));
    let options =
        Options { tasks_run, tasks: Some(defect.tasks().unwrap_or(true)), ..options.clone() };
    let planted = Options { defect: Some(defect), ..options.clone() };
    let mut sound = Endpoint::new(options.clone()).expect("an endpoint");
    let mut broken = Endpoint::new(planted).expect("an endpoint");
    let mut now = Duration::ZERO;
    for _ in 0..60 {
        let mut requests = errands(&options, &mut random);
        requests.extend(reads(options.nodes));
        for request in requests {
            now += tick;
            let left = seen(sound.answer(Port::Api, &request, now));
            let right = seen(broken.answer(Port::Api, &request, now));
            if left != right {
                return true;
            }
        }
    }
    false
}

fn fitting(defect: Defect) -> Options {
    let row = defect.row();
    let tasks = row.needs == Needs::Finalization;
    let passing = defect.fleeting() || row.class != Class::Deviates;
    Options {
        nodes: row.nodes,
        versions: ["9.2.1", "9.2.4", "9.3.0"][..row.versions]
            .iter()
            .map(ToString::to_string)
            .collect(),
        delay: Duration::from_millis(if passing && !tasks { 40 } else { 0 }),
        profile: if tasks { Profile::Finalization } else { Profile::Documented },
        ..Options::default()
    }
}

/// Proves that no row of the table is an empty promise: each defect changes some answer.
#[test]
fn every_defect_shows_in_some_walk() {
    let silent: Vec<&str> = Defect::ALL
        .iter()
        // Those of races and of credentials have tests of their own.
        .filter(|defect| defect.row().rules[0] != "API-12" && defect.row().rules[0] != "API-10")
        .filter(|defect| !(0..400).any(|seed| differ(&fitting(**defect), **defect, seed)))
        .map(|defect| defect.name())
        .collect();
    assert!(silent.is_empty(), "never seen: {silent:?}");
}

/// Proves that the walk above tells nothing apart that is equal.
#[test]
fn two_sound_endpoints_answer_alike() {
    let accounts = Credentials {
        user: "admin".into(),
        password: "secret".into(),
        token: None,
        plain: Some(("bob".into(), "pw".into())),
    };
    for seed in 0..20 {
        // Nobody in these walks gives credentials, and this defect shows only to one who does.
        let options = Options {
            delay: Duration::ZERO,
            credentials: Some(accounts.clone()),
            ..Options::default()
        };
        assert!(!differ(&options, Defect::PlainAccountReads, seed), "seed {seed}");
        // A race shows nothing to one who sends one call after the other.
        let options = Options { delay: Duration::ZERO, ..Options::default() };
        assert!(!differ(&options, Defect::RaceLosersGet500, seed), "seed {seed}");
    }
}

fn race(defect: Option<Defect>, call: &str) -> Vec<u16> {
    let mut endpoint =
        Endpoint::new(Options { defect, ..Options::default() }).expect("an endpoint");
    let at = Duration::from_millis;
    let request = Request::post(&format!("{BASE}/{call}"));
    let begun: Vec<_> = (0..4).map(|n| endpoint.begin(Port::Api, &request, at(n))).collect();
    let mut codes: Vec<u16> = begun
        .iter()
        .filter_map(|begun| seen(endpoint.finish(begun.ticket, at(4) + begun.wait)))
        .map(|(code, _)| code)
        .collect();
    codes.sort_unstable();
    codes
}

/// Four starts of which none is finished before the last one is begun.
#[test]
fn api_12_exactly_one_of_several_calls_wins_and_the_defects_of_a_race_show() {
    let expected: [(Option<Defect>, &[u16]); 4] = [
        (None, &[200, 409, 409, 409]),
        (Some(Defect::StartRaces), &[200, 200, 200, 200]),
        (Some(Defect::RaceNobodyWins), &[409, 409, 409, 409]),
        (Some(Defect::RaceLosersGet500), &[200, 500, 500, 500]),
    ];
    for (defect, codes) in expected {
        assert_eq!(race(defect, "start"), codes, "{defect:?}");
    }
}

/// Who calls with which credentials, what for, and the code of the answer.
#[test]
fn api_10_the_defects_let_in_whom_they_name() {
    const NOBODY: &str = "Basic bm9ib2R5Ong=";
    const PLAIN: &str = "Basic Ym9iOnB3";
    const WRONG: &str = "Basic YWRtaW46eA==";
    let ask = |defect, who: &str, post: bool| {
        let accounts = Credentials {
            user: "admin".into(),
            password: "secret".into(),
            token: None,
            plain: Some(("bob".into(), "pw".into())),
        };
        let options = Options { defect, credentials: Some(accounts), ..Options::default() };
        let mut endpoint = Endpoint::new(options).expect("an endpoint");
        let request = if post {
            Request::post(&format!("{BASE}/start"))
        } else {
            Request::get(&format!("{BASE}/state"))
        };
        let request = request.with("Authorization", who);
        seen(endpoint.answer(Port::Api, &request, Duration::ZERO)).map(|(code, _)| code)
    };
    for (defect, who, post, code) in [
        (Defect::NoAuthentication, NOBODY, false, 200),
        (Defect::NoAuthentication, WRONG, true, 200),
        (Defect::NoAuthorization, PLAIN, true, 200),
        (Defect::AnyPassword, WRONG, false, 200),
        (Defect::AnonymousReads, NOBODY, false, 200),
        (Defect::AnonymousPosts, NOBODY, true, 200),
        (Defect::AnonymousIs403, NOBODY, false, 403),
        (Defect::LoginRedirect, NOBODY, false, 302),
        (Defect::PlainAccountReads, PLAIN, false, 200),
        (Defect::PlainAccountPosts, PLAIN, true, 200),
        (Defect::PlainAccountIs401, PLAIN, false, 401),
    ] {
        assert_eq!(ask(Some(defect), who, post), Some(code), "{defect}");
        let right = if who == PLAIN { 403 } else { 401 };
        assert_eq!(ask(None, who, post), Some(right), "{defect}");
    }
}
