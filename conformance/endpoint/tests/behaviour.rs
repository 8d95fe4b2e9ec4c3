//! Does a sound endpoint do what the specification says, with any freedom?
//!
//! Expected answers are taken from the specification by hand. No sockets; time passes by hand.

use std::time::Duration;

use serde_json::Value;
use zdu_endpoint::{
    Credentials, Endpoint, Flavour, Freedom, Freedoms, Layouts, Options, Outcome, Port, Profile,
    Request, Status, Step,
};

/// A client of one endpoint, and the clock of both.
struct Tester {
    endpoint: Endpoint,
    base: String,
    now: Duration,
}

const TICK: Duration = Duration::from_millis(1);

impl Tester {
    fn new(options: Options) -> Self {
        let layout =
            if options.layouts == Layouts::Product { "/rest/zdu" } else { "/rest/zdu/cluster/zdu" };
        let base = format!("{}{layout}", options.context);
        let endpoint = Endpoint::new(options).expect("an endpoint");
        Self { endpoint, base, now: Duration::ZERO }
    }

    fn send(&mut self, port: Port, request: &Request) -> Outcome {
        let outcome = self.endpoint.answer(port, request, self.now);
        if let Some(answer) = outcome.answer() {
            self.now += answer.before + answer.after;
        }
        self.now += TICK;
        outcome
    }

    /// The code, zero for none; and the body, null when it is no JSON.
    fn call(&mut self, request: &Request) -> (u16, Value) {
        match self.send(Port::Api, request) {
            Outcome::Answer(answer) => {
                (answer.code, serde_json::from_str(&answer.body).unwrap_or_default())
            }
            Outcome::Dropped | Outcome::Refused => (0, Value::Null),
        }
    }

    fn post(&mut self, call: &str) -> u16 {
        self.call(&Request::post(&format!("{}/{call}", self.base))).0
    }

    fn get(&mut self, path: &str) -> (u16, Value) {
        self.call(&Request::get(&format!("{}{path}", self.base)))
    }

    fn overview(&mut self) -> Value {
        let path = if self.base.ends_with("/rest/zdu") { "/cluster" } else { "" };
        self.get(path).1
    }

    /// Waits until nothing moves and nobody is silent, as far as overviews show.
    #[track_caller]
    fn settle(&mut self) {
        self.until("settled", |tester| {
            tester.overview();
            tester.endpoint.snapshot().idle
        });
    }

    /// A POST to a settled cluster.
    #[track_caller]
    fn settled_post(&mut self, call: &str) -> u16 {
        self.settle();
        self.post(call)
    }

    fn step(&mut self, node: usize, step: Step) {
        self.endpoint.step(node, step, self.now);
    }

    /// Lets time pass until the hidden state is as described.
    #[track_caller]
    fn until(&mut self, what: &str, holds: impl Fn(&mut Self) -> bool) {
        for _ in 0..20_000 {
            if holds(self) {
                return;
            }
            // Silent entries show, and end, in overviews.
            self.overview();
            self.now += TICK;
        }
        panic!("never: {what}: {:?}", self.endpoint.snapshot());
    }

    #[track_caller]
    fn until_state(&mut self, node: usize, word: &str) {
        self.until(word, |tester| {
            let id = tester.endpoint.snapshot().nodes[node].id.clone();
            tester.get(&format!("/nodes/{id}")).1["state"] == word
        });
    }

    #[track_caller]
    fn until_status(&mut self, word: &str) {
        self.until(word, |tester| tester.get("/state").1["state"] == word);
    }

    fn upgrade(&mut self, node: usize) {
        self.step(node, Step::Stop);
        self.until_state(node, "OFFLINE");
        self.step(node, Step::Install(1));
        self.step(node, Step::Boot);
        self.until_state(node, "ACTIVE");
    }

    /// The documented procedure with two nodes, every refusal that lies on the way, and a removed node.
    fn happy_path(&mut self) {
        self.settle();
        self.until_status("STABLE");
        assert_eq!(self.settled_post("cancel"), 409);
        assert_eq!(self.settled_post("start"), 200);
        assert_eq!(self.settled_post("start"), 409);
        self.until_status("READY_TO_UPGRADE");
        assert_eq!(self.overview()["originalVersion"], "9.2.1");
        self.upgrade(0);
        self.until_status("MIXED");
        assert_eq!(self.settled_post("cancel"), 409);
        assert_eq!(self.settled_post("approve"), 409);
        self.upgrade(1);
        self.until_status("READY_TO_RUN_UPGRADE_TASKS");
        assert_eq!(self.settled_post("cancel"), 409);
        self.step(1, Step::Kill);
        self.until_state(1, "OFFLINE");
        assert_eq!(self.settled_post("approve"), 200);
        self.until_status("STABLE");
        self.until("the OFFLINE node is removed", |tester| {
            let id = tester.endpoint.snapshot().nodes[1].id.clone();
            tester.get(&format!("/nodes/{id}")).0 == 404
        });
        self.until("nothing else is listed", |tester| {
            tester.overview()["nodes"].as_array().map(Vec::len) == Some(1)
        });
        let overview = self.overview();
        assert_eq!(overview["upgradeModeEnabled"], false);
        assert_eq!(overview["nodes"][0]["version"], "9.2.4");
        self.step(1, Step::Boot);
        self.until_state(1, "ACTIVE");
        assert_eq!(self.call(&Request::post("/_mock/reset")).0, 204);
        self.until_status("STABLE");
    }
}

fn two_nodes(freedoms: Freedoms, seed: u64) -> Options {
    Options { nodes: 2, delay: Duration::from_millis(2), freedoms, seed, ..Options::default() }
}

#[test]
fn the_documented_procedure_works_without_any_freedom() {
    Tester::new(two_nodes(Freedoms::default(), 0)).happy_path();
}

#[test]
fn the_documented_procedure_works_with_each_freedom() {
    for freedom in Freedom::ALL {
        println!("{freedom}");
        Tester::new(two_nodes([*freedom].into_iter().collect(), 1)).happy_path();
    }
}

#[test]
fn the_documented_procedure_works_with_all_freedoms_and_in_every_layout() {
    for seed in 0..60 {
        println!("seed {seed}");
        let layouts = [Layouts::Documented, Layouts::Product, Layouts::Both][(seed % 3) as usize];
        let context = ["", "/confluence"][(seed % 2) as usize].to_owned();
        let options = Options { layouts, context, ..two_nodes(Freedoms::of(Flavour::Free), seed) };
        Tester::new(options).happy_path();
    }
}

// One seed and one sequence of calls give one sequence of answers.
#[test]
fn the_same_seed_repeats() {
    let run = |seed| {
        let mut tester = Tester::new(two_nodes(Freedoms::of(Flavour::Deployed), seed));
        tester.step(0, Step::Break);
        tester.step(1, Step::Stop);
        let path = tester.base.clone();
        (0..50).map(|_| tester.send(Port::Api, &Request::get(&path))).collect::<Vec<_>>()
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

#[test]
fn fin_3_tasks_run_fail_and_are_run_again_in_profile_finalization() {
    let mut tester = Tester::new(Options {
        profile: Profile::Finalization,
        tasks: Some(true),
        ..two_nodes(Freedoms::default(), 2)
    });
    assert_eq!(tester.post("start"), 200);
    tester.upgrade(0);
    tester.upgrade(1);
    tester.until_status("READY_TO_RUN_UPGRADE_TASKS");
    tester.endpoint.fail_tasks(1, tester.now);
    let (code, approved) = tester.call(&Request::post("/rest/zdu/approve"));
    assert_eq!((code, &approved["state"]), (200, &"RUNNING_UPGRADE_TASKS".into()));
    assert_eq!(approved["nodes"][0]["state"], "RUNNING_FINALIZE_UPGRADE_TASKS");
    tester.until_status("UPGRADE_TASKS_FAILED");
    tester.until_state(1, "UPGRADE_TASKS_FAILED");
    tester.until_state(0, "ACTIVE");
    assert_eq!(tester.overview()["hasFinalizationTasks"], true);
    assert_eq!(tester.post("start"), 409);
    assert_eq!(tester.post("retryUpgrade"), 200);
    tester.until_status("STABLE");
    assert_eq!(tester.post("retryUpgrade"), 409);
}

#[test]
fn fin_1_an_approve_without_tasks_leads_to_stable_at_once() {
    let finalization =
        Options { profile: Profile::Finalization, ..two_nodes(Freedoms::default(), 2) };
    let mut tester = Tester::new(Options { tasks: Some(false), ..finalization.clone() });
    assert_eq!(tester.post("start"), 200);
    tester.upgrade(0);
    tester.upgrade(1);
    tester.until_status("READY_TO_RUN_UPGRADE_TASKS");
    let (code, approved) = tester.call(&Request::post("/rest/zdu/approve"));
    assert_eq!((code, &approved["state"]), (200, &"STABLE".into()));
    // When nobody decides, the seed does, and both happen.
    let branches: Vec<Status> = (0..20)
        .map(|seed| {
            let mut tester = Tester::new(Options { seed, ..finalization.clone() });
            tester.post("start");
            tester.upgrade(0);
            tester.upgrade(1);
            tester.until_status("READY_TO_RUN_UPGRADE_TASKS");
            tester.post("approve");
            tester.endpoint.snapshot().status
        })
        .collect();
    assert!(branches.contains(&Status::Running) && branches.contains(&Status::Stable));
}

#[test]
fn nobody_answers_while_no_node_is_active() {
    let ways = [
        (Freedom::Unserved502, 502),
        (Freedom::Unserved503, 503),
        (Freedom::UnservedDrop, 0),
        (Freedom::UnservedRefuse, 0),
    ];
    for (freedom, code) in ways {
        let freedoms = [freedom].into_iter().collect();
        let mut tester = Tester::new(Options { nodes: 1, ..two_nodes(freedoms, 3) });
        tester.step(0, Step::Kill);
        tester.until("nobody serves", |tester| tester.get("/state").0 != 200);
        assert_eq!(tester.get("/state").0, code, "{freedom}");
        assert_eq!(tester.post("start"), code, "{freedom}");
        tester.step(0, Step::Boot);
        tester.until_state(0, "ACTIVE");
    }
}

// NODE-4 as seen at the node itself: its own port is open while it serves, and it answers for itself.
#[test]
fn a_node_answers_at_its_own_port_while_it_serves() {
    let mut tester = Tester::new(two_nodes(Freedoms::default(), 0));
    let read = Request::get("/rest/zdu/state");
    let Outcome::Answer(answer) = tester.send(Port::Node(1), &read) else { panic!("no answer") };
    assert!(answer.body.contains(r#""id":"n2""#), "{}", answer.body);
    tester.step(1, Step::Break);
    tester.until("closed", |tester| tester.send(Port::Node(1), &read) == Outcome::Refused);
    assert!(!tester.endpoint.open(Port::Node(1), tester.now));
    assert!(!tester.endpoint.open(Port::Node(7), tester.now));
    assert!(tester.endpoint.open(Port::Api, tester.now));
}

#[test]
fn api_10_callers_are_told_apart_and_a_refused_post_changes_nothing() {
    let mut tester = Tester::new(Options {
        credentials: Some(Credentials {
            user: "admin".into(),
            password: "secret".into(),
            token: Some("t0ken".into()),
            plain: Some(("ann".into(), "pw".into())),
        }),
        ..two_nodes(Freedoms::default(), 0)
    });
    for (header, code) in
        [("", 401), ("Basic YWRtaW46d3Jvbmc=", 401), ("Bearer other", 401), ("Basic YW5uOnB3", 403)]
    {
        for request in [Request::get("/rest/zdu/state"), Request::post("/rest/zdu/start")] {
            let seen = tester.call(&request.with("Authorization", header)).0;
            assert_eq!(seen, code, "{header}");
        }
    }
    assert_eq!(tester.endpoint.snapshot().status, Status::Stable);
    for header in ["Basic YWRtaW46c2VjcmV0", "Bearer t0ken"] {
        let request = Request::get("/rest/zdu/state").with("authorization", header);
        assert_eq!(tester.call(&request).0, 200, "{header}");
    }
    let start = Request::post("/rest/zdu/start").with("Authorization", "Bearer t0ken");
    assert_eq!(tester.call(&start).0, 200);
    assert_eq!(tester.endpoint.snapshot().status, Status::ReadyToUpgrade);
}

// A step that nothing lets happen is dropped, and one behind it passes (section 8).
#[test]
fn a_step_that_cannot_be_done_is_dropped() {
    let mut tester = Tester::new(two_nodes(Freedoms::default(), 0));
    tester.step(0, Step::Repair);
    tester.step(0, Step::Break);
    assert_eq!(tester.endpoint.snapshot().nodes[0].pending, ["repair", "break"]);
    tester.until("it is in error", |tester| {
        tester.endpoint.advance(tester.now);
        tester.endpoint.snapshot().nodes[0].phase == zdu_endpoint::Phase::Error
    });
    assert!(tester.endpoint.snapshot().idle);
}

// `reset` forgets what was asked as well as what has happened, and what was about to be answered.
#[test]
fn reset_leaves_nothing_pending() {
    let mut tester = Tester::new(Options {
        delay: Duration::from_secs(60),
        ..two_nodes(Freedoms::default(), 0)
    });
    let fresh = tester.endpoint.snapshot();
    tester.step(0, Step::Stop);
    tester.endpoint.fail_tasks(1, tester.now);
    let begun = tester.endpoint.begin(Port::Api, &Request::post("/rest/zdu/start"), tester.now);
    tester.endpoint.reset(tester.now);
    assert_eq!(tester.endpoint.snapshot(), fresh);
    assert_eq!(tester.endpoint.finish(begun.ticket, tester.now), Outcome::Dropped);
    assert_eq!(tester.endpoint.snapshot(), fresh);
}

// The control calls as drivers send them: below the context path and beside it, with messages that help.
#[test]
fn control_calls_take_steps_down_and_say_what_they_do_not_know() {
    let context = "/confluence".to_owned();
    let mut tester = Tester::new(Options { context, ..two_nodes(Freedoms::default(), 0) });
    for (path, code, hint) in [
        ("/_mock/nodes/n1/break", 202, ""),
        ("/confluence/_mock/nodes/n2/install?version=9.2.4", 202, ""),
        ("/_mock/nodes/n9/stop", 404, "n1 to n2"),
        ("/_mock/nodes/n1/explode", 404, "fail_tasks"),
        ("/_mock/nodes/n1/install?version=1.0", 400, "9.2.1, 9.2.4"),
        ("/_mock/nodes/n1/install", 400, "9.2.1, 9.2.4"),
        ("/_mock/nodes/n1/fail_tasks", 409, "profile finalization"),
        ("/_mock/nodes/%ff/stop", 400, "UTF-8"),
        ("/_mock/state", 405, ""),
        ("/_mock/nothing", 404, "control call"),
    ] {
        let (seen, body) = tester.call(&Request::post(path));
        assert_eq!(seen, code, "{path}");
        let message = body["message"].as_str().unwrap_or_default();
        assert!(message.contains(hint), "{path}: {message}");
    }
    tester.now += Duration::from_millis(10);
    let (code, state) = tester.call(&Request::get("/confluence/_mock/state"));
    assert_eq!((code, &state["status"]), (200, &"MIXED".into()));
    assert_eq!(state["nodes"][0]["phase"], "Error");
    assert_eq!(state["mode"], "off");
}
