//! The traces of the hand-made run that have something to tell, step by step.

use zdu_conformance::client::Exchange;
use zdu_conformance::told::{Deviation, Kind, Sighting, StepRecord, TraceResult, Verdict};
use zdu_model::spec::rule::Rule;

use super::HOSTILE;

fn sighting(at_ms: u64, status: &str, mode: &str, nodes: [&str; 3]) -> Sighting {
    Sighting {
        at_ms,
        status: Some(status.to_owned()),
        mode: mode.to_owned(),
        nodes: nodes.map(str::to_owned).to_vec(),
    }
}

fn exchange(method: &str, call: &str, code: u16, body: &str, took_ms: u64) -> Exchange {
    Exchange {
        method: method.to_owned(),
        url: format!("http://wiki.example.org/confluence/rest/zdu/{call}"),
        code: Some(code),
        location: None,
        body: body.to_owned(),
        failure: None,
        took_ms,
    }
}

fn step(number: usize, action: &str, answers: &[u16], sightings: Vec<Sighting>) -> StepRecord {
    StepRecord {
        number,
        action: action.to_owned(),
        answers: answers.to_vec(),
        settled_ms: sightings.last().map(|last| 12 + last.at_ms % 900),
        sightings,
        deviations: Vec::new(),
        exchanges: Vec::new(),
    }
}

pub(crate) fn trace(
    name: &str,
    why: &str,
    verdict: Verdict,
    steps: usize,
    rules: &[Rule],
) -> TraceResult {
    TraceResult {
        name: name.to_owned(),
        why: why.to_owned(),
        verdict,
        steps,
        rules: rules.to_vec(),
        rule: None,
        expected: None,
        observed: None,
        reason: None,
        replay: format!("zdu replay traces/{name}.json --target cluster.toml"),
        seconds: 0.0,
        deviations: Vec::new(),
        timeline: Vec::new(),
    }
}

const OFF: &str = "mode off";
const ON: &str = "mode on from 9.2.1";

pub(crate) fn happy() -> TraceResult {
    let mut it = trace(
        "happy-path",
        "The procedure of the page, from start to end.",
        Verdict::Pass,
        6,
        &[Rule::Api1, Rule::Api2, Rule::Node2, Rule::Node3, Rule::Mode5, Rule::Status3],
    );
    it.seconds = 4.25;
    let old = "n1 ACTIVE 9.2.1";
    it.timeline = vec![
        step(
            0,
            "at the start",
            &[],
            vec![sighting(3, "STABLE", OFF, [old, "n2 ACTIVE 9.2.1", "n3 ACTIVE 9.2.1"])],
        ),
        step(
            1,
            "start",
            &[200],
            vec![sighting(41, "READY_TO_UPGRADE", ON, [old, "n2 ACTIVE 9.2.1", "n3 ACTIVE 9.2.1"])],
        ),
        step(
            2,
            "stop n3",
            &[],
            vec![
                sighting(
                    120,
                    "READY_TO_UPGRADE",
                    ON,
                    [old, "n2 ACTIVE 9.2.1", "n3 TERMINATING 9.2.1"],
                ),
                sighting(410, "READY_TO_UPGRADE", ON, [old, "n2 ACTIVE 9.2.1", "n3 OFFLINE 9.2.1"]),
            ],
        ),
        step(
            3,
            "install 9.2.4 on n3",
            &[],
            vec![sighting(
                630,
                "READY_TO_UPGRADE",
                ON,
                [old, "n2 ACTIVE 9.2.1", "n3 OFFLINE 9.2.4"],
            )],
        ),
        step(
            4,
            "boot n3",
            &[],
            vec![
                sighting(
                    812,
                    "READY_TO_UPGRADE",
                    ON,
                    [old, "n2 ACTIVE 9.2.1", "n3 STARTING 9.2.4"],
                ),
                sighting(1290, "MIXED", ON, [old, "n2 ACTIVE 9.2.1", "n3 STARTING 9.2.4"]),
                sighting(2950, "MIXED", ON, [old, "n2 ACTIVE 9.2.1", "n3 ACTIVE 9.2.4"]),
            ],
        ),
        step(5, "approve", &[409], vec![]),
    ];
    it
}

pub(crate) fn deviating() -> TraceResult {
    let mut it = trace(
        "error-after-cancel",
        "A cancelled upgrade leaves a cluster as it was: an error blocks `start` there as anywhere.",
        Verdict::Deviates,
        4,
        &[Rule::Status5, Rule::Mode1, Rule::Mode2, Rule::Mode7],
    );
    it.seconds = 1.804;
    let body = r#"{"upgradeModeEnabled":false,"state":"STABLE","nodes":[{"id":"n1","name":"confluence-1","ipAddress":"10.0.0.11","portNumber":8090,"state":"ERROR","version":"9.2.1","buildNumber":"9111","tasksTotal":0,"activeUserCount":0,"local":false},{"id":"n2","name":"confluence-2","ipAddress":"10.0.0.12","portNumber":8090,"state":"ACTIVE","version":"9.2.1","buildNumber":"9111","tasksTotal":0,"activeUserCount":3,"local":true}]}"#;
    let overview = exchange("GET", "cluster", 200, body, 7);
    let refused = exchange("POST", "start", 200, HOSTILE, 1012);
    let seen = "STABLE, mode off: n1 ERROR 9.2.1, n2 ACTIVE 9.2.1, n3 ACTIVE 9.2.1";
    it.deviations = vec![
        Deviation {
            kind: Kind::WrongAnswer,
            rule: Rule::Status5,
            step: 3,
            action: "break n1".to_owned(),
            view: "overview".to_owned(),
            allowed: vec![
                "MIXED, mode off: n1 ERROR 9.2.1, n2 ACTIVE 9.2.1, n3 ACTIVE 9.2.1".to_owned(),
                "STABLE, mode off: n1 ACTIVE 9.2.1, n2 ACTIVE 9.2.1, n3 ACTIVE 9.2.1".to_owned(),
            ],
            seen: seen.to_owned(),
            nearest: Some("status STABLE instead of MIXED".to_owned()),
            exchange: Some(overview.clone()),
            waived: None,
            again: 2,
        },
        Deviation {
            kind: Kind::WrongAnswer,
            rule: Rule::Mode2,
            step: 4,
            action: "start".to_owned(),
            view: "POST start".to_owned(),
            allowed: vec!["409".to_owned()],
            seen: "200".to_owned(),
            nearest: None,
            exchange: Some(refused.clone()),
            waived: Some("known since 9.1, fixed in 9.3".to_owned()),
            again: 0,
        },
    ];
    it.rule = Some(Rule::Status5);
    it.expected = Some(it.deviations[0].allowed.join("; or "));
    it.observed = Some(seen.to_owned());
    let all = ["n1 ACTIVE 9.2.1", "n2 ACTIVE 9.2.1", "n3 ACTIVE 9.2.1"];
    let broken = ["n1 ERROR 9.2.1", "n2 ACTIVE 9.2.1", "n3 ACTIVE 9.2.1"];
    let mut third = step(
        3,
        "break n1",
        &[],
        vec![sighting(391, "STABLE", OFF, all), sighting(468, "STABLE", OFF, broken)],
    );
    third.deviations = vec![Rule::Status5];
    third.exchanges =
        vec![overview.clone(), exchange("GET", "state", 200, r#"{"state":"STABLE"}"#, 5)];
    third.settled_ms = None;
    let mut fourth = step(4, "start", &[200], vec![sighting(1502, "READY_TO_UPGRADE", ON, broken)]);
    fourth.deviations = vec![Rule::Mode2];
    fourth.exchanges = vec![refused];
    it.timeline = vec![
        step(0, "at the start", &[], vec![sighting(4, "STABLE", OFF, all)]),
        step(1, "start", &[200], vec![sighting(31, "READY_TO_UPGRADE", ON, all)]),
        step(2, "cancel", &[200], vec![sighting(204, "STABLE", OFF, all)]),
        third,
        fourth,
    ];
    it
}

pub(crate) fn waived() -> TraceResult {
    let mut it = trace(
        "error-before-any-upgrade",
        "An error with upgrade mode off.",
        Verdict::Waived,
        2,
        &[Rule::Mode2, Rule::Node6],
    );
    it.seconds = 0.52;
    it.deviations = vec![Deviation {
        kind: Kind::WrongAnswer,
        rule: Rule::Mode2,
        step: 2,
        action: "start".to_owned(),
        view: "POST start".to_owned(),
        allowed: vec!["409".to_owned()],
        seen: "200".to_owned(),
        nearest: None,
        exchange: Some(exchange("POST", "start", 200, "{}", 9)),
        waived: Some("known since 9.1, fixed in 9.3".to_owned()),
        again: 0,
    }];
    it.rule = Some(Rule::Mode2);
    it.expected = Some("409".to_owned());
    it.observed = Some("200".to_owned());
    it
}

pub(crate) fn late() -> TraceResult {
    let mut it = trace(
        "node-dies-before-any-upgrade",
        "A node that does not respond is OFFLINE, whatever the mode.",
        Verdict::Timeout,
        1,
        &[Rule::Node4, Rule::Status2],
    );
    it.seconds = 901.0;
    it.reason = Some("step 1 did not settle".to_owned());
    it.deviations = vec![Deviation {
        kind: Kind::Timeout,
        rule: Rule::Node4,
        step: 1,
        action: "kill n2".to_owned(),
        view: "node n2".to_owned(),
        allowed: vec!["n2 OFFLINE (any version that it had since)".to_owned()],
        seen: "n2 ACTIVE 9.2.1 after 15 min".to_owned(),
        nearest: None,
        exchange: Some(Exchange {
            code: None,
            failure: Some("Connection refused (os error 111)".to_owned()),
            ..exchange("GET", "nodes/n2", 0, "", 10_000)
        }),
        waived: None,
        again: 0,
    }];
    it.rule = Some(Rule::Node4);
    it.expected = Some("n2 OFFLINE (any version that it had since)".to_owned());
    it.observed = Some("n2 ACTIVE 9.2.1 after 15 min".to_owned());
    let mut first = step(
        1,
        "kill n2",
        &[],
        vec![
            Sighting {
                at_ms: 77,
                status: None,
                mode: "nobody answers".to_owned(),
                nodes: Vec::new(),
            },
            sighting(5_120, "STABLE", OFF, ["n1 ACTIVE 9.2.1", "n2 ACTIVE 9.2.1", "n3 not listed"]),
        ],
    );
    first.settled_ms = None;
    first.deviations = vec![Rule::Node4];
    it.timeline = vec![
        step(
            0,
            "at the start",
            &[],
            vec![sighting(
                3,
                "STABLE",
                OFF,
                ["n1 ACTIVE 9.2.1", "n2 ACTIVE 9.2.1", "n3 OFFLINE no version"],
            )],
        ),
        first,
    ];
    it
}

pub(crate) fn unmodelled() -> TraceResult {
    let mut it = trace(
        "grand-tour",
        "Every call and every fault once.",
        Verdict::Unmodelled,
        9,
        &[Rule::Api1, Rule::Status3],
    );
    it.seconds = 12.0;
    it.deviations = vec![Deviation {
        kind: Kind::Unmodelled,
        rule: Rule::Api1,
        step: 9,
        action: "stop n1".to_owned(),
        view: "overview".to_owned(),
        allowed: Vec::new(),
        seen: "DRAINING: the model of this profile has no such state".to_owned(),
        nearest: None,
        exchange: None,
        waived: None,
        again: 4,
    }];
    it.rule = Some(Rule::Api1);
    it.expected = Some(String::new());
    it.observed = Some("DRAINING: the model of this profile has no such state".to_owned());
    it
}
