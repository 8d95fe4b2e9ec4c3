//! What does the API answer? Layouts, paths, codes, credentials, and whatever is malformed (spec, section 1).

use std::net::SocketAddr;

use reqwest::{Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zdu_conformance::layout::Layout;
use zdu_endpoint::{Credentials, Defect, Layouts, Mock, Mode, Options};
use zdu_model::spec::transition::Call;

use super::{DEADLINE, at, client, get, json, mock, planted, post, quick, send, start_url};

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
        assert_eq!(node["ipAddress"], "10.0.0.12");
        for number in ["portNumber", "tasksTotal", "activeUserCount"] {
            assert!(node[number].is_u64(), "{number}");
        }
    }
    let bare = get(&at(&mock, "/rest/zdu/cluster/zdu")).await;
    assert_eq!(bare.status(), StatusCode::OK);
}

fn only(layout: Layout) -> Layouts {
    match layout {
        Layout::Documented => Layouts::Documented,
        Layout::Product => Layouts::Product,
    }
}

#[tokio::test]
async fn one_layout_does_not_serve_the_other() {
    for layout in Layout::ALL {
        let mock = mock(Options { layouts: only(layout), ..quick() }).await;
        for asked in Layout::ALL {
            let code = get(&at(&mock, asked.overview())).await.status();
            let right = if asked == layout { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(code, right, "{asked} on a {layout} mock");
        }
    }
}

#[tokio::test]
async fn a_context_path_stands_before_every_path() {
    let mock = mock(Options { context: "confluence/".to_owned(), ..quick() }).await;
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

#[tokio::test]
async fn unknown_paths_wrong_methods_and_unlisted_nodes_are_told_apart() {
    let mock = mock(quick()).await;
    for (method, path, code) in [
        (Method::GET, "/nothing", StatusCode::NOT_FOUND),
        (Method::GET, "/rest/zdu/nodes/n9", StatusCode::NOT_FOUND),
        (Method::GET, "/rest/zdu/nodes/%ff", StatusCode::BAD_REQUEST),
        (Method::GET, "/rest/zdu/start", StatusCode::METHOD_NOT_ALLOWED),
        (Method::DELETE, "/rest/zdu/state", StatusCode::METHOD_NOT_ALLOWED),
        (Method::GET, "/_mock/reset", StatusCode::METHOD_NOT_ALLOWED),
        // Not of this profile.
        (Method::POST, "/rest/zdu/retryUpgrade", StatusCode::NOT_FOUND),
    ] {
        let answer = send(client().request(method.clone(), at(&mock, path))).await;
        assert_eq!(answer.status(), code, "{method} {path}");
        assert_eq!(json(answer).await["statusCode"], code.as_u16(), "{method} {path}");
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
    let mock = mock(Options { strict: true, ..quick() }).await;
    assert_eq!(post(&start_url(&mock)).await.status(), StatusCode::FORBIDDEN);
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
        (b"GET /rest/zdu/nodes/%zz HTTP/1.1\r\nHost: x\r\n\r\n", "404"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400"),
        (b"GET / HTTP/9.9\r\n\r\n", "400"),
        (long_path.as_bytes(), "4"),
    ] {
        let answer = raw(address, bytes).await;
        let expected = format!("HTTP/1.1 {code}");
        assert!(answer.starts_with(&expected), "{code}: {answer}");
    }
    // A request that breaks off gets no answer; the mock goes on.
    raw(address, b"POST /rest/zdu/start HTTP/1.1\r\nContent-Le").await;
    assert_eq!(get(&at(&mock, "/rest/zdu/state")).await.status(), StatusCode::OK);
    assert_eq!(mock.snapshot().mode, Mode::Off);
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
        (ask().basic_auth("admin", Some("wrong")), StatusCode::UNAUTHORIZED),
        (ask().basic_auth("bob", Some("pw")), StatusCode::FORBIDDEN),
        (ask().basic_auth("admin", Some("secret")), StatusCode::OK),
        (ask().bearer_auth("t0ken"), StatusCode::OK),
        (ask().bearer_auth("other"), StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(send(request).await.status(), code);
    }
    // A POST without credentials changes nothing.
    assert_eq!(post(&start_url(&mock)).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(mock.snapshot().mode, Mode::Off);
}

async fn accepted_of_eight(mock: &Mock) -> usize {
    let client = client();
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..8 {
        sent.spawn(send(client.post(start_url(mock))));
    }
    let codes = sent.join_all().await;
    codes.iter().filter(|answer| answer.status() == StatusCode::OK).count()
}

// API-12 and its negative: the same eight calls find the endpoint that does not lock.
#[tokio::test]
async fn api_12_of_eight_starts_at_once_exactly_one_is_answered_200() {
    let right = mock(quick()).await;
    assert_eq!(accepted_of_eight(&right).await, 1);
    let wrong = mock(planted(Defect::StartRaces)).await;
    assert!(accepted_of_eight(&wrong).await > 1);
}
