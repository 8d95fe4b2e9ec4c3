//! Is the mock an endpoint that the suite can trust? Each way in which it answers, moves and refuses, over real sockets.
//!
//! What the planted defects do to verdicts is left to the defects' own tests. Conditions are awaited, never slept for.

use std::net::SocketAddr;
use std::sync::Once;
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zdu_conformance::layout::Layout;
use zdu_conformance::mock::{
    Credentials, Defect, Layouts, Mock, MockError, Options, Snapshot, WireDefect,
};
use zdu_model::cluster::{ClusterStatus, Mode};
use zdu_model::node::{NodeId, Phase};
use zdu_model::profile::Profile;
use zdu_model::transition::Call;

const DEADLINE: Duration = Duration::from_secs(20);

fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Fails only if another test of this process came first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

async fn mock(options: Options) -> Mock {
    Mock::start(options).await.expect("the mock starts")
}

fn quick() -> Options {
    Options {
        delay: Duration::from_millis(2),
        ..Options::default()
    }
}

fn planted(defect: WireDefect) -> Options {
    Options {
        defect: Some(Defect::Wire(defect)),
        ..quick()
    }
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("an answer")
}

async fn get(url: &str) -> Response {
    send(client().get(url)).await
}

async fn post(url: &str) -> Response {
    send(client().post(url)).await
}

async fn json(response: Response) -> Value {
    let text = response.text().await.expect("a body");
    serde_json::from_str(&text).expect("JSON")
}

fn at(mock: &Mock, path: &str) -> String {
    format!("{}{path}", mock.url())
}

fn start_url(mock: &Mock) -> String {
    at(mock, &Layout::Product.call(Call::Start))
}

async fn step(mock: &Mock, node: &str, step: &str) {
    let answer = post(&at(mock, &format!("/_mock/nodes/{node}/{step}"))).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "{step} of {node}");
}

/// Waits until the hidden state is as described.
async fn until(mock: &Mock, what: &str, holds: impl Fn(&Snapshot) -> bool) -> Snapshot {
    let begun = Instant::now();
    loop {
        let seen = mock.snapshot();
        if holds(&seen) {
            return seen;
        }
        assert!(begun.elapsed() < DEADLINE, "{what}, but: {seen:?}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn until_phase(mock: &Mock, number: u8, phase: Phase) {
    let id = NodeId::new(number);
    until(mock, &format!("{id} is {phase}"), |seen| {
        seen.cluster.node(id).phase == phase
    })
    .await;
}

// The three views of both layouts, word for word as section 1 of the spec has them.
#[tokio::test]
async fn both_layouts_give_the_three_views() {
    let mock = mock(quick()).await;
    for layout in Layout::ALL {
        let overview = json(get(&at(&mock, layout.overview())).await).await;
        assert_eq!(overview["upgradeModeEnabled"], false);
        assert_eq!(overview["state"], "STABLE");
        assert!(overview.get("originalVersion").is_none());
        assert!(overview.get("hasFinalizationTasks").is_none());
        assert_eq!(overview["nodes"].as_array().expect("nodes").len(), 3);
        let state = json(get(&at(&mock, &layout.state())).await).await;
        assert_eq!(state["state"], "STABLE");
        assert_eq!(state["buildInfo"]["local"], true);
        let node = json(get(&at(&mock, &layout.node("n2"))).await).await;
        assert_eq!(node["id"], "n2");
        assert_eq!(node["name"], "confluence-2");
        assert_eq!(node["state"], "ACTIVE");
        assert_eq!(node["version"], "9.2.1");
        assert_eq!(node["buildNumber"], "90201");
        assert_eq!(node["ipAddress"], "127.0.0.1");
        for number in ["portNumber", "tasksTotal", "activeUserCount"] {
            assert!(node[number].is_u64(), "{number}");
        }
    }
    let bare = get(&at(&mock, "/rest/zdu/cluster/zdu")).await;
    assert_eq!(bare.status(), StatusCode::OK);
}

#[tokio::test]
async fn one_layout_does_not_serve_the_other() {
    for layout in Layout::ALL {
        let mock = mock(Options {
            layouts: Layouts::from(layout),
            ..quick()
        })
        .await;
        for asked in Layout::ALL {
            let code = get(&at(&mock, asked.overview())).await.status();
            let right = if asked == layout {
                StatusCode::OK
            } else {
                StatusCode::NOT_FOUND
            };
            assert_eq!(code, right, "{asked} on a {layout} mock");
        }
    }
}

#[tokio::test]
async fn a_context_path_stands_before_every_path() {
    let mock = mock(Options {
        context: "confluence/".to_owned(),
        ..quick()
    })
    .await;
    assert!(mock.url().ends_with("/confluence"));
    let inside = at(&mock, Layout::Product.overview());
    assert_eq!(get(&inside).await.status(), StatusCode::OK);
    let outside = inside.replacen("/confluence", "", 1);
    assert_eq!(get(&outside).await.status(), StatusCode::NOT_FOUND);
    // The control calls are found with the context and without.
    let control = at(&mock, "/_mock/state");
    assert_eq!(get(&control).await.status(), StatusCode::OK);
    let bare = control.replacen("/confluence", "", 1);
    assert_eq!(get(&bare).await.status(), StatusCode::OK);
}

// The whole procedure on one node, seen from outside: PROC-1, STATUS-2, STATUS-3 and NODE-10.
#[tokio::test]
async fn control_calls_upgrade_a_node() {
    let mock = mock(quick()).await;
    let started = json(post(&start_url(&mock)).await).await;
    assert_eq!(started["upgradeModeEnabled"], true);
    assert_eq!(started["state"], "READY_TO_UPGRADE");
    assert_eq!(started["originalVersion"], "9.2.1");
    for order in ["stop", "install?version=9.2.4", "boot"] {
        step(&mock, "n1", order).await;
    }
    let seen = until(&mock, "n1 is upgraded", |seen| {
        seen.nodes[0].version == "9.2.4" && seen.nodes[0].phase == Phase::Active
    })
    .await;
    assert_eq!(seen.status, ClusterStatus::Mixed);
    let node = json(get(&at(&mock, "/rest/zdu/nodes/n1")).await).await;
    assert_eq!(node["version"], "9.2.4");
    assert_eq!(node["buildNumber"], "90204");
    let reset = post(&at(&mock, "/_mock/reset")).await;
    assert_eq!(reset.status(), StatusCode::NO_CONTENT);
    let seen = mock.snapshot();
    assert_eq!(seen.mode, Mode::Off);
    assert!(seen.nodes.iter().all(|node| node.version == "9.2.1"));
}

#[tokio::test]
async fn control_calls_break_repair_and_kill_a_node() {
    let mock = mock(quick()).await;
    step(&mock, "n2", "break").await;
    until_phase(&mock, 2, Phase::Error).await;
    let seen = json(get(&at(&mock, "/_mock/state")).await).await;
    assert_eq!(seen["status"], "MIXED");
    assert_eq!(seen["nodes"][1]["phase"], "Error");
    step(&mock, "n2", "repair").await;
    until_phase(&mock, 2, Phase::Active).await;
    step(&mock, "n2", "kill").await;
    // With upgrade mode off it is forgotten (NODE-5), and then answers 404 (API-7).
    until_phase(&mock, 2, Phase::Absent).await;
    let gone = get(&at(&mock, "/rest/zdu/nodes/n2")).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn control_calls_say_what_they_do_not_know() {
    let mock = mock(quick()).await;
    for (path, code, hint) in [
        ("/_mock/nodes/n9/stop", StatusCode::NOT_FOUND, "n1 to n3"),
        (
            "/_mock/nodes/n1/explode",
            StatusCode::NOT_FOUND,
            "fail_tasks",
        ),
        (
            "/_mock/nodes/n1/install?version=1.0",
            StatusCode::BAD_REQUEST,
            "9.2.1, 9.2.4",
        ),
        (
            "/_mock/nodes/n1/install",
            StatusCode::BAD_REQUEST,
            "9.2.1, 9.2.4",
        ),
    ] {
        let answer = post(&at(&mock, path)).await;
        assert_eq!(answer.status(), code, "{path}");
        let message = json(answer).await["message"].to_string();
        assert!(message.contains(hint), "{path}: {message}");
    }
}

// Requests to one node take effect in their order (section 8), and one whose guard never holds is dropped, not kept for later.
#[tokio::test]
async fn a_request_that_cannot_be_done_is_dropped_and_lets_the_next_one_pass() {
    let mock = mock(quick()).await;
    for order in ["repair", "break"] {
        step(&mock, "n1", order).await;
    }
    until_phase(&mock, 1, Phase::Error).await;
    assert!(mock.snapshot().nodes[0].pending.is_empty());
}

async fn until_refused(address: &str) {
    let begun = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(begun.elapsed() < DEADLINE, "{address} stays open");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn until_accepted(address: &str) {
    let begun = Instant::now();
    while TcpStream::connect(address).await.is_err() {
        assert!(begun.elapsed() < DEADLINE, "{address} stays closed");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

// NODE-4 as seen on the node's own address, several times over, since the port must not be lost on the way.
#[tokio::test]
async fn a_node_s_address_closes_while_it_does_not_serve_and_opens_on_the_same_port() {
    let mock = mock(quick()).await;
    post(&start_url(&mock)).await;
    let url = mock.node_urls()[1].clone();
    let address = url.trim_start_matches("http://").to_owned();
    for _ in 0..5 {
        let local = json(get(&format!("{url}/rest/zdu/state")).await).await;
        assert_eq!(local["buildInfo"]["id"], "n2");
        step(&mock, "n2", "kill").await;
        until_refused(&address).await;
        assert_eq!(
            get(&at(&mock, "/rest/zdu/state")).await.status(),
            StatusCode::OK
        );
        step(&mock, "n2", "boot").await;
        until_accepted(&address).await;
    }
}

#[tokio::test]
async fn the_api_s_address_takes_turns_and_answers_503_when_nobody_serves() {
    let mock = mock(quick()).await;
    let mut answering = Vec::new();
    for _ in 0..3 {
        let state = json(get(&at(&mock, "/rest/zdu/state")).await).await;
        answering.push(state["buildInfo"]["id"].to_string());
    }
    answering.sort();
    assert_eq!(answering, [r#""n1""#, r#""n2""#, r#""n3""#]);
    for node in mock.node_ids() {
        step(&mock, &node, "break").await;
    }
    until(&mock, "nobody serves", |seen| !seen.cluster.served()).await;
    for path in [Layout::Product.overview(), Layout::Documented.overview()] {
        let answer = get(&at(&mock, path)).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(json(answer).await["statusCode"], 503);
    }
}

fn guarded() -> Options {
    Options {
        credentials: Some(Credentials {
            user: "admin".to_owned(),
            password: "secret".to_owned(),
            token: Some("t0ken".to_owned()),
            plain: Some(("bob".to_owned(), "pw".to_owned())),
        }),
        ..quick()
    }
}

#[tokio::test]
async fn api_10_credentials_decide_between_401_403_and_200() {
    let mock = mock(guarded()).await;
    let url = at(&mock, Layout::Product.overview());
    let ask = || client().get(&url);
    for (request, code) in [
        (ask(), StatusCode::UNAUTHORIZED),
        (
            ask().basic_auth("admin", Some("wrong")),
            StatusCode::UNAUTHORIZED,
        ),
        (ask().basic_auth("bob", Some("pw")), StatusCode::FORBIDDEN),
        (ask().basic_auth("admin", Some("secret")), StatusCode::OK),
        (ask().bearer_auth("t0ken"), StatusCode::OK),
        (ask().bearer_auth("other"), StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(send(request).await.status(), code);
    }
    // A POST without credentials changes nothing.
    assert_eq!(
        post(&start_url(&mock)).await.status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(mock.snapshot().mode, Mode::Off);
}

#[tokio::test]
async fn api_10_defects_let_in_whom_they_name() {
    for (defect, user, password, code) in [
        (WireDefect::NoAuthentication, "nobody", "x", StatusCode::OK),
        (WireDefect::NoAuthorization, "bob", "pw", StatusCode::OK),
        (WireDefect::AnyPassword, "admin", "x", StatusCode::OK),
        (WireDefect::LoginRedirect, "nobody", "x", StatusCode::FOUND),
    ] {
        let mock = mock(Options {
            defect: Some(Defect::Wire(defect)),
            ..guarded()
        })
        .await;
        let request = client().get(at(&mock, "/rest/zdu/state"));
        let answer = send(request.basic_auth(user, Some(password))).await;
        assert_eq!(answer.status(), code, "{}", defect.name());
    }
}

#[tokio::test]
async fn unknown_paths_wrong_methods_and_unlisted_nodes_are_told_apart() {
    let mock = mock(quick()).await;
    for (method, path, code) in [
        (Method::GET, "/nothing", StatusCode::NOT_FOUND),
        (Method::GET, "/rest/zdu/nodes/n9", StatusCode::NOT_FOUND),
        (Method::GET, "/rest/zdu/nodes/%ff", StatusCode::BAD_REQUEST),
        (
            Method::GET,
            "/rest/zdu/start",
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (
            Method::DELETE,
            "/rest/zdu/state",
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (Method::GET, "/_mock/reset", StatusCode::METHOD_NOT_ALLOWED),
        // Not of this profile.
        (
            Method::POST,
            "/rest/zdu/retryUpgrade",
            StatusCode::NOT_FOUND,
        ),
    ] {
        let answer = send(client().request(method.clone(), at(&mock, path))).await;
        assert_eq!(answer.status(), code, "{method} {path}");
        assert_eq!(
            json(answer).await["statusCode"],
            code.as_u16(),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn api_9_a_refused_call_answers_409_and_changes_nothing() {
    let mock = mock(quick()).await;
    let before = mock.snapshot();
    for call in [Call::Cancel, Call::Approve] {
        let answer = post(&at(&mock, &Layout::Documented.call(call))).await;
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        let message = json(answer).await["message"].to_string();
        assert!(message.contains("STABLE"), "{message}");
    }
    assert_eq!(mock.snapshot(), before);
}

#[tokio::test]
async fn strict_refuses_a_post_without_the_no_check_header() {
    let mock = mock(Options {
        strict: true,
        ..quick()
    })
    .await;
    assert_eq!(
        post(&start_url(&mock)).await.status(),
        StatusCode::FORBIDDEN
    );
    let checked = client().post(start_url(&mock));
    let answer = send(checked.header("X-Atlassian-Token", "no-check")).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

/// Sends bytes as they are and gives what comes back before the other side closes, or nothing.
async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    // The other side may have answered and closed before it has read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn malformed_requests_get_a_4xx_and_do_not_end_the_mock() {
    let mock = mock(quick()).await;
    let address: SocketAddr = mock.url()["http://".len()..].parse().expect("an address");
    let bad_json = "POST /rest/zdu/start HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{oops";
    let huge = format!(
        "POST /rest/zdu/start HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{}",
        "x".repeat(100_000)
    );
    let long_path = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(70_000));
    for (bytes, code) in [
        (bad_json.as_bytes(), "400"),
        (huge.as_bytes(), "413"),
        (
            b"GET /rest/zdu/nodes/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
            "404",
        ),
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            "400",
        ),
        (b"GET / HTTP/9.9\r\n\r\n", "400"),
        (long_path.as_bytes(), "4"),
    ] {
        let answer = raw(address, bytes).await;
        let expected = format!("HTTP/1.1 {code}");
        assert!(answer.starts_with(&expected), "{code}: {answer}");
    }
    // A request that breaks off gets no answer; the mock goes on.
    raw(address, b"POST /rest/zdu/start HTTP/1.1\r\nContent-Le").await;
    assert_eq!(
        get(&at(&mock, "/rest/zdu/state")).await.status(),
        StatusCode::OK
    );
    assert_eq!(mock.snapshot().mode, Mode::Off);
}

async fn accepted_of_eight(mock: &Mock) -> usize {
    let client = client();
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..8 {
        sent.spawn(send(client.post(start_url(mock))));
    }
    let codes = sent.join_all().await;
    codes
        .iter()
        .filter(|answer| answer.status() == StatusCode::OK)
        .count()
}

// API-12 and its negative: the same eight calls find the endpoint that does not lock.
#[tokio::test]
async fn api_12_of_eight_starts_at_once_exactly_one_is_answered_200() {
    let right = mock(quick()).await;
    assert_eq!(accepted_of_eight(&right).await, 1);
    let wrong = mock(planted(WireDefect::StartRaces)).await;
    assert!(accepted_of_eight(&wrong).await > 1);
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_says_what_to_do() {
    let first = mock(quick()).await;
    let listen = first.url()["http://".len()..].parse().expect("an address");
    let error = Mock::start(Options { listen, ..quick() }).await;
    let error = error.expect_err("the port is taken");
    assert!(matches!(error, MockError::AddressInUse { address } if address == listen));
    assert!(error.to_string().contains("--listen"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_at_the_start() {
    let no_nodes = Options {
        nodes: 0,
        ..quick()
    };
    let one_version = Options {
        versions: vec!["9".to_owned()],
        ..quick()
    };
    let alone = Options {
        nodes: 1,
        ..planted(WireDefect::ReadRepairs)
    };
    let unguarded = planted(WireDefect::NoAuthentication);
    let other_profile = planted(WireDefect::FinalizingForever);
    for (options, hint) in [
        (no_nodes, "--nodes"),
        (one_version, "versions"),
        (alone, "2 nodes"),
        (unguarded, "ZDU_USERNAME"),
        (other_profile, "--profile finalization"),
    ] {
        let error = Mock::start(options).await.expect_err(hint);
        assert!(error.to_string().contains(hint), "{error}");
    }
}

// After `stop` a second mock can have the same address at once.
#[tokio::test]
async fn stop_closes_every_address() {
    let first = mock(quick()).await;
    let listen: SocketAddr = first.url()["http://".len()..].parse().expect("an address");
    let node = first.node_urls()[0]["http://".len()..].to_owned();
    get(&at(&first, "/rest/zdu/state")).await;
    first.stop().await;
    assert!(TcpStream::connect(listen).await.is_err());
    assert!(TcpStream::connect(&node).await.is_err());
    let options = Options {
        listen,
        node_listeners: false,
        ..quick()
    };
    let second = mock(options).await;
    assert!(second.node_urls().is_empty());
    assert_eq!(
        get(&at(&second, "/rest/zdu/state")).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_dropped_mock_closes_its_address() {
    let first = mock(quick()).await;
    let address = first.url()["http://".len()..].to_owned();
    get(&at(&first, "/rest/zdu/state")).await;
    drop(first);
    until_refused(&address).await;
}

fn finalizing() -> Options {
    Options {
        profile: Profile::Finalization,
        tasks: Some(true),
        nodes: 2,
        ..quick()
    }
}

async fn upgrade_all(mock: &Mock) {
    post(&start_url(mock)).await;
    for node in mock.node_ids() {
        for order in ["kill", "install?version=9.2.4", "boot"] {
            step(mock, &node, order).await;
        }
    }
    until(mock, "all are upgraded", |seen| {
        seen.cluster
            .nodes
            .iter()
            .all(|node| node.phase == Phase::Active)
            && seen.status == ClusterStatus::ReadyToRunUpgradeTasks
    })
    .await;
}

// FIN-1 to FIN-4 in one run: tasks run, one node's fail, a retry ends them.
#[tokio::test]
async fn fin_3_tasks_fail_on_demand_and_fin_4_run_again() {
    let mock = mock(finalizing()).await;
    upgrade_all(&mock).await;
    step(&mock, "n2", "fail_tasks").await;
    let approved = json(post(&at(&mock, &Layout::Product.call(Call::Approve))).await).await;
    assert_eq!(approved["state"], "RUNNING_UPGRADE_TASKS");
    assert_eq!(approved["hasFinalizationTasks"], true);
    assert_eq!(
        approved["nodes"][0]["state"],
        "RUNNING_FINALIZE_UPGRADE_TASKS"
    );
    until(&mock, "the tasks have failed", |seen| {
        seen.status == ClusterStatus::UpgradeTasksFailed
    })
    .await;
    let retried = post(&at(&mock, &Layout::Product.call(Call::Retry))).await;
    assert_eq!(retried.status(), StatusCode::OK);
    let end = until(&mock, "the tasks are done", |seen| {
        seen.status == ClusterStatus::Stable
    })
    .await;
    assert!(!end.tasks_pending);
}

#[tokio::test]
async fn approve_without_tasks_leads_to_stable_at_once() {
    let mock = mock(Options {
        tasks: Some(false),
        ..finalizing()
    })
    .await;
    upgrade_all(&mock).await;
    let approved = json(post(&at(&mock, &Layout::Product.call(Call::Approve))).await).await;
    assert_eq!(approved["state"], "STABLE");
    assert_eq!(approved["hasFinalizationTasks"], false);
}

// A client that never finishes its request must not keep a mock from ending.
#[tokio::test]
async fn stop_does_not_wait_for_a_half_sent_request() {
    let mock = mock(quick()).await;
    let address = mock.url()["http://".len()..].to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    let half = b"POST /rest/zdu/start HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{";
    stream.write_all(half).await.expect("half a request");
    let stopped = tokio::time::timeout(DEADLINE, mock.stop()).await;
    assert!(stopped.is_ok());
    assert!(TcpStream::connect(&address).await.is_err());
}

// `reset` forgets what was asked as well as what has happened.
#[tokio::test]
async fn reset_leaves_nothing_pending() {
    let mock = mock(Options {
        delay: Duration::from_secs(60),
        ..Options::default()
    })
    .await;
    let fresh = mock.snapshot();
    step(&mock, "n1", "stop").await;
    step(&mock, "n2", "fail_tasks").await;
    let seen = mock.snapshot();
    assert_eq!(seen.nodes[0].pending, ["stop"]);
    assert!(seen.nodes[1].fail_tasks);
    post(&at(&mock, "/_mock/reset")).await;
    assert_eq!(mock.snapshot(), fresh);
}
