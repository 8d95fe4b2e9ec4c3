//! Does every defect show, and nothing else?
//!
//! A sound and a defective endpoint are walked side by side, without sockets and on a clock of their own.

use std::collections::BTreeSet;
use std::time::Duration;

use zdu_endpoint::{
    Class, Credentials, Defect, Endpoint, Freedom, Freedoms, Needs, Options, Outcome, Port,
    Profile, Request, Step,
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

/// Every view, of the nodes under the ids that they had first and that they have now.
fn reads(endpoint: &Endpoint) -> Vec<Request> {
    let mut paths = vec![BASE.to_owned(), format!("{BASE}/state")];
    let now = endpoint.snapshot().nodes.into_iter().map(|node| node.id);
    let ids: BTreeSet<String> = endpoint.node_ids().iter().cloned().chain(now).collect();
    paths.extend(ids.iter().map(|id| format!("{BASE}/nodes/{id}")));
    paths.iter().map(|path| Request::get(path)).collect()
}

/// What a client sees of an answer.
fn seen(outcome: Outcome) -> Option<(u16, String)> {
    match outcome {
        Outcome::Answer(answer) if answer.after > Duration::from_secs(3_600) => None,
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
    let freedoms: Freedoms =
        defect.needs_new_ids().then_some(Freedom::IdsChange).into_iter().collect();
    let options = Options { freedoms, ..options };
    let planted = Options { defect: Some(defect), ..options.clone() };
    let mut sound = Endpoint::new(options.clone()).expect("an endpoint");
    let mut broken = Endpoint::new(planted).expect("an endpoint");
    let mut now = Duration::ZERO;
    for _ in 0..60 {
        let mut requests = errands(&options, &mut random);
        requests.extend(reads(&sound));
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

fn guarded(defect: Option<Defect>) -> Endpoint {
    let accounts = Credentials {
        user: "admin".into(),
        password: "secret".into(),
        token: Some("t0ken".into()),
        plain: Some(("bob".into(), "pw".into())),
    };
    let options = Options { defect, credentials: Some(accounts), ..Options::default() };
    Endpoint::new(options).expect("an endpoint")
}

const ADMIN: &str = "Bearer t0ken";

/// A cluster in which `call` would succeed for an administrator, if it is one.
fn ready_for(call: &str, defect: Option<Defect>) -> (Endpoint, Duration) {
    let mut endpoint = guarded(defect);
    let start = Request::post(&format!("{BASE}/start")).with("Authorization", ADMIN);
    if call != "start" && call != "state" {
        let started = seen(endpoint.answer(Port::Api, &start, Duration::ZERO));
        assert_eq!(started.map(|(code, _)| code), Some(200));
    }
    if call == "approve" {
        for node in 0..3 {
            for step in [Step::Kill, Step::Install(1), Step::Boot] {
                endpoint.step(node, step, Duration::ZERO);
            }
        }
    }
    (endpoint, Duration::from_secs(1))
}

/// Who calls, how, and what for; then the code, and whether upgrade mode was switched by it.
fn asked(defect: Option<Defect>, who: &str, method: &str, call: &str) -> (Option<u16>, bool) {
    let (mut endpoint, now) = ready_for(call, defect);
    let mut request = Request::post(&format!("{BASE}/{call}")).with("Authorization", who);
    request.method = method.to_owned();
    endpoint.advance(now);
    let before = endpoint.snapshot().mode;
    let code = seen(endpoint.answer(Port::Api, &request, now)).map(|(code, _)| code);
    (code, endpoint.snapshot().mode != before)
}

/// Basic credentials by hand: nobody, the plain account, the administrator with a wrong password; and a wrong token.
const CALLERS: [&str; 6] =
    ["", "Basic bm9ib2R5Ong=", "Basic Ym9iOnB3", "Basic YWRtaW46eA==", "Bearer x", ADMIN];

// Proves that every defect of API-10 changes who is served or what takes effect, and that without one nothing does that
// should not: every call, by every caller and both methods, where it would succeed for an administrator.
#[test]
fn api_10_every_defect_shows_and_a_sound_endpoint_lets_nobody_act() {
    let mut all = Vec::new();
    for who in CALLERS {
        for method in ["GET", "POST"] {
            all.extend(["start", "cancel", "approve", "state", ""].map(|call| (who, method, call)));
        }
    }
    for (who, method, call) in all.iter().copied() {
        let (code, acted) = asked(None, who, method, call);
        let posts = matches!(call, "start" | "cancel" | "approve");
        let right = match who {
            ADMIN if posts == (method == "POST") => 200,
            ADMIN => 405,
            "Basic Ym9iOnB3" => 403,
            _ => 401,
        };
        assert_eq!(code, Some(right), "{who} {method} {call}");
        assert_eq!(acted, right == 200 && posts, "{who} {method} {call}");
    }
    for defect in Defect::ALL.iter().filter(|defect| defect.row().rules[0] == "API-10") {
        let shows = all.iter().any(|&(who, method, call)| {
            asked(Some(*defect), who, method, call) != asked(None, who, method, call)
        });
        assert!(shows, "{defect}");
    }
}

// What each one is about, by hand.
#[test]
fn api_10_the_defects_let_in_whom_they_name_or_act_on_what_they_refuse() {
    const NOBODY: &str = CALLERS[1];
    const PLAIN: &str = CALLERS[2];
    const WRONG: &str = CALLERS[3];
    for (defect, who, method, call, code, acts) in [
        (Defect::NoAuthentication, NOBODY, "GET", "state", 200, false),
        (Defect::NoAuthorization, PLAIN, "POST", "start", 200, true),
        (Defect::AnyPassword, WRONG, "GET", "state", 200, false),
        (Defect::AnonymousPosts, NOBODY, "POST", "cancel", 200, true),
        (Defect::AnonymousIs403, NOBODY, "GET", "state", 403, false),
        (Defect::LoginRedirect, NOBODY, "GET", "state", 302, false),
        (Defect::PlainAccountIs401, PLAIN, "GET", "state", 401, false),
        (Defect::StartByAnybody, NOBODY, "POST", "start", 200, true),
        (Defect::StartByAnybody, WRONG, "POST", "start", 401, false),
        (Defect::StartByAnybody, NOBODY, "POST", "cancel", 401, false),
        (Defect::CancelWithAnyPassword, WRONG, "POST", "cancel", 200, true),
        (Defect::ApproveWithAnyToken, "Bearer x", "POST", "approve", 200, true),
        (Defect::ApproveByPlainAccount, PLAIN, "POST", "approve", 200, true),
        (Defect::UnauthorizedTakesEffect, NOBODY, "POST", "approve", 401, true),
        (Defect::ForbiddenTakesEffect, PLAIN, "POST", "cancel", 403, true),
        (Defect::GetApproves, ADMIN, "GET", "approve", 405, true),
        (Defect::AnonymousGetStarts, "", "GET", "start", 401, true),
        (Defect::PostedStateTurnsModeOn, ADMIN, "POST", "state", 405, true),
        (Defect::PostedOverviewTurnsModeOff, ADMIN, "POST", "", 405, true),
    ] {
        assert_eq!(asked(Some(defect), who, method, call), (Some(code), acts), "{defect}");
    }
}

fn may_be_sent<T: Send + Clone>(_: &T) {}

// A simulation runs many of them, on several threads, and may try what would have been.
#[test]
fn an_endpoint_can_be_sent_and_cloned() {
    let mut endpoint = guarded(None);
    may_be_sent(&endpoint);
    let mut copy = endpoint.clone();
    let read = Request::get(BASE).with("Authorization", ADMIN);
    let both = [&mut endpoint, &mut copy].map(|one| one.answer(Port::Api, &read, Duration::ZERO));
    assert_eq!(both[0], both[1]);
}
