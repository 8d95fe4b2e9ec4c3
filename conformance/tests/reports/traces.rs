//! The traces of the hand-made run that have something to tell, step by step.

use zdu_conformance::client::{Credential, Exchange};
use zdu_conformance::verdict::{
    Command, End, Found, NotReached, SetUp, Sighting, Stage, StepRecord, TraceResult, Verdict,
};
use zdu_model::judge::event::{Silence, View};
use zdu_model::judge::finding::{Allowed, Difference, Finding, Kind, Place, Sight};
use zdu_model::judge::seen::{Observation, Overview, Request, SeenNode, SeenVersion};
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::{Node, NodeId, NodeStatus, Phase, Version};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::Action;

use super::HOSTILE;

const OLD: Version = Version(0);
const NEW: Version = Version(1);

type Listed = Option<(NodeStatus, Version)>;
const UP: Listed = Some((NodeStatus::Active, OLD));

/// An overview as it was seen.
fn shown(status: ClusterStatus, mode: Mode, nodes: [Listed; 3]) -> Overview {
    let version = |version| SeenVersion::Known(version);
    Overview {
        mode,
        origin: if mode == Mode::On { version(OLD) } else { SeenVersion::Nothing },
        status,
        tasks: None,
        nodes: (nodes.iter())
            .map(|node| {
                node.map(|(status, is)| SeenNode { status: Some(status), version: version(is) })
            })
            .collect(),
    }
}

fn sighting(at_ms: u64, status: ClusterStatus, mode: Mode, nodes: [Listed; 3]) -> Sighting {
    Sighting { at_ms, seen: Some(shown(status, mode, nodes)), ghosts: Vec::new() }
}

fn exchange(method: &str, call: &str, code: u16, body: &str, took_ms: u64) -> Exchange {
    Exchange {
        credential: Credential::Password,
        method: method.to_owned(),
        url: format!("http://wiki.example.org/confluence/rest/zdu/{call}").into(),
        code: Some(code),
        location: None,
        body: body.into(),
        silence: None,
        stranger: None,
        proxy: None,
        took_ms,
    }
}

fn step(number: usize, stage: Stage, answers: &[u16], sightings: Vec<Sighting>) -> StepRecord {
    StepRecord {
        answers: answers.to_vec(),
        settled_ms: sightings.last().map(|last| 12 + last.at_ms % 900),
        sightings,
        ..StepRecord::new(number, stage)
    }
}

fn call(call: Call) -> Stage {
    Stage::Step(Action::Call(call))
}

fn on(node: u8, request: Request) -> Stage {
    Stage::Step(Action::Request(NodeId::new(node), request))
}

pub(crate) fn trace(
    name: &str,
    why: &str,
    verdict: Verdict,
    (steps, steps_all): (usize, usize),
    rules: &[Rule],
) -> TraceResult {
    let file = format!("traces/{name}.json");
    let replay = Command::zdu(["replay", &file, "--target", "my cluster.toml"]);
    TraceResult {
        verdict,
        steps,
        steps_all,
        rules: rules.to_vec(),
        at_stake: rules.iter().map(|rule| (*rule, 2)).collect(),
        ..TraceResult::new(name, why, replay)
    }
}

fn finding(kind: Kind, rule: Rule, step: usize, place: Place, seen: Sight) -> Finding {
    Finding {
        kind,
        rule,
        step,
        place,
        allowed: Vec::new(),
        allowed_more: 0,
        seen,
        nearest: Vec::new(),
        event: 0,
        again: 0,
    }
}

fn found(finding: Finding, exchange: Option<Exchange>, waived: Option<&str>) -> Found {
    Found { finding, at_ms: None, exchange, waived: waived.map(Into::into) }
}

pub(crate) fn happy() -> TraceResult {
    let mut it = trace(
        "happy-path",
        "The procedure of the page, from start to end.",
        Verdict::Pass,
        (6, 6),
        &[Rule::Api1, Rule::Api2, Rule::Node2, Rule::Node3, Rule::Mode5, Rule::Status3],
    );
    it.seconds = 4.25;
    it.set_up = SetUp { cancels: 1, installs: 2, ..SetUp::default() };
    let ready = ClusterStatus::ReadyToUpgrade;
    let third = |at_ms, status, node, version| {
        sighting(at_ms, status, Mode::On, [UP, UP, Some((node, version))])
    };
    it.timeline = vec![
        step(
            0,
            Stage::Start,
            &[],
            vec![sighting(3, ClusterStatus::Stable, Mode::Off, [UP, UP, UP])],
        ),
        step(1, call(Call::Start), &[200], vec![sighting(41, ready, Mode::On, [UP, UP, UP])]),
        step(
            2,
            on(3, Request::Stop),
            &[],
            vec![
                third(120, ready, NodeStatus::Terminating, OLD),
                third(410, ready, NodeStatus::Offline, OLD),
            ],
        ),
        step(
            3,
            on(3, Request::Install(NEW)),
            &[],
            vec![third(630, ready, NodeStatus::Offline, NEW)],
        ),
        step(
            4,
            on(3, Request::Boot),
            &[],
            vec![
                third(812, ready, NodeStatus::Starting, NEW),
                third(1290, ClusterStatus::Mixed, NodeStatus::Starting, NEW),
                third(2950, ClusterStatus::Mixed, NodeStatus::Active, NEW),
            ],
        ),
        step(5, call(Call::Approve), &[409], vec![]),
    ];
    it
}

/// `start` accepted while a node is in error, as each trace finds it.
fn accepted(step: usize, exchange: Exchange) -> Found {
    let place = Place::Call(Call::Start);
    let mut wrong = finding(Kind::WrongAnswer, Rule::Mode2, step, place, Sight::Code(200));
    wrong.allowed = vec![Allowed::Code(409)];
    found(wrong, Some(exchange), Some("known since 9.1, fixed in 9.3"))
}

pub(crate) fn deviating() -> TraceResult {
    let mut it = trace(
        "error-after-cancel",
        "A cancelled upgrade leaves a cluster as it was: an error blocks `start` there as anywhere.",
        Verdict::Deviates,
        (4, 5),
        &[Rule::Status5, Rule::Mode1, Rule::Mode2, Rule::Mode7],
    );
    it.seconds = 1.804;
    it.end = End::NotReached { after_step: 4, why: NotReached::Impossible };
    let body = r#"{"upgradeModeEnabled":false,"state":"STABLE","nodes":[{"id":"n1","name":"confluence-1","ipAddress":"10.0.0.11","portNumber":8090,"state":"ERROR","version":"9.2.1","buildNumber":"9111","tasksTotal":0,"activeUserCount":0,"local":false},{"id":"n2","name":"confluence-2","ipAddress":"10.0.0.12","portNumber":8090,"state":"ACTIVE","version":"9.2.1","buildNumber":"9111","tasksTotal":0,"activeUserCount":3,"local":true}]}"#;
    let overview = exchange("GET", "cluster", 200, body, 7);
    let refused = exchange("POST", "start", 200, HOSTILE, 1012);
    let broken = [Some((NodeStatus::Error, OLD)), UP, UP];
    let (stable, mixed) = (ClusterStatus::Stable, ClusterStatus::Mixed);
    let seen = Sight::Answer(Observation::Overview(shown(stable, Mode::Off, broken)));
    let place = Place::View(View::Overview);
    let mut status = finding(Kind::WrongAnswer, Rule::Status5, 3, place, seen);
    let (before, mut after) = (Cluster::initial(3), Cluster::initial(3));
    after.nodes[0] = Node::new(Phase::Error, OLD);
    status.allowed = vec![Allowed::Overview(after), Allowed::Overview(before)];
    status.nearest = vec![Difference::Status { seen: stable, due: mixed }];
    status.again = 2;
    it.findings = vec![found(status, Some(overview.clone()), None), accepted(4, refused.clone())];
    let mut third = step(
        3,
        on(1, Request::Break),
        &[],
        vec![
            sighting(391, stable, Mode::Off, [UP, UP, UP]),
            sighting(468, stable, Mode::Off, broken),
        ],
    );
    third.rules = vec![Rule::Status5];
    third.exchanges = vec![overview, exchange("GET", "state", 200, r#"{"state":"STABLE"}"#, 5)];
    third.settled_ms = None;
    let ready = ClusterStatus::ReadyToUpgrade;
    let mut fourth =
        step(4, call(Call::Start), &[200], vec![sighting(1502, ready, Mode::On, broken)]);
    fourth.rules = vec![Rule::Mode2];
    fourth.exchanges = vec![refused];
    it.timeline = vec![
        step(0, Stage::Start, &[], vec![sighting(4, stable, Mode::Off, [UP, UP, UP])]),
        step(1, call(Call::Start), &[200], vec![sighting(31, ready, Mode::On, [UP, UP, UP])]),
        step(2, call(Call::Cancel), &[200], vec![sighting(204, stable, Mode::Off, [UP, UP, UP])]),
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
        (2, 2),
        &[Rule::Mode2, Rule::Node6],
    );
    it.seconds = 0.52;
    it.findings = vec![accepted(2, exchange("POST", "start", 200, "{}", 9))];
    it
}

pub(crate) fn late() -> TraceResult {
    let mut it = trace(
        "node-dies-before-any-upgrade",
        "A node that does not respond is OFFLINE, whatever the mode.",
        Verdict::Timeout,
        (1, 3),
        &[Rule::Node4, Rule::Status2],
    );
    it.seconds = 901.0;
    it.end = End::NotReached { after_step: 1, why: NotReached::Unsettled };
    let second = NodeId::new(2);
    let node = SeenNode { status: Some(NodeStatus::Active), version: SeenVersion::Known(OLD) };
    let seen =
        Sight::Unsettled { waited_ms: 900_000, last: Some(Observation::Node(second, Some(node))) };
    let place = Place::View(View::Node(second));
    let mut dead = finding(Kind::Timeout, Rule::Node4, 1, place, seen);
    dead.allowed = vec![Allowed::Node(second, Node::new(Phase::Offline, OLD))];
    let nobody = Exchange {
        code: None,
        silence: Some(Silence::Broken("Connection refused (os error 111)".into())),
        ..exchange("GET", "nodes/n2", 0, "", 10_000)
    };
    it.findings = vec![found(dead, Some(nobody), None)];
    let stable = ClusterStatus::Stable;
    let mut first = step(
        1,
        on(2, Request::Kill),
        &[],
        vec![
            Sighting { at_ms: 77, seen: None, ghosts: Vec::new() },
            sighting(5_120, stable, Mode::Off, [UP, UP, None]),
        ],
    );
    first.settled_ms = None;
    first.rules = vec![Rule::Node4];
    let down = Some((NodeStatus::Offline, OLD));
    it.timeline = vec![
        step(0, Stage::Start, &[], vec![sighting(3, stable, Mode::Off, [UP, UP, down])]),
        first,
    ];
    it
}

pub(crate) fn unmodelled() -> TraceResult {
    let mut it = trace(
        "grand-tour",
        "Every call and every fault once.",
        Verdict::Unmodelled,
        (9, 9),
        &[Rule::Api1, Rule::Status3],
    );
    it.seconds = 12.0;
    let seen = Sight::Unmodelled { words: vec!["DRAINING".to_owned()], versions: Vec::new() };
    let place = Place::View(View::Overview);
    let mut strange = finding(Kind::Unmodelled, Rule::Api1, 9, place, seen);
    strange.again = 4;
    it.findings = vec![found(strange, None, None)];
    it.timeline = vec![step(9, on(1, Request::Stop), &[], Vec::new())];
    it
}
