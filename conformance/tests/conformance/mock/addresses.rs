//! Which addresses are open when? A node's own, the API's, and what is left when the mock ends.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use zdu_conformance::layout::Layout;
use zdu_endpoint::{Addresses, Defect, Mock, MockError, Options};

use super::{DEADLINE, at, get, json, mock, planted, post, quick, start_url, step, until};

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
        assert_eq!(get(&at(&mock, "/rest/zdu/state")).await.status(), StatusCode::OK);
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
    until(&mock, "nobody serves", |seen| !seen.served()).await;
    for path in [Layout::Product.overview(), Layout::Documented.overview()] {
        let answer = get(&at(&mock, path)).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(json(answer).await["statusCode"], 503);
    }
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_says_what_to_do() {
    let first = mock(quick()).await;
    let listen = first.url()["http://".len()..].parse().expect("an address");
    let error = Mock::start_at(Addresses { listen, nodes: true }, quick()).await;
    let error = error.expect_err("the port is taken");
    assert!(matches!(error, MockError::AddressInUse { address } if address == listen));
    assert!(error.to_string().contains("--listen"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_at_the_start() {
    let no_nodes = Options { nodes: 0, ..quick() };
    let one_version = Options { versions: vec!["9".to_owned()], ..quick() };
    let alone = Options { nodes: 1, ..planted(Defect::ReadRepairs) };
    let unguarded = planted(Defect::NoAuthentication);
    let other_profile = planted(Defect::FinalizingForever);
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
    let second = Mock::start_at(Addresses { listen, nodes: false }, quick()).await;
    let second = second.expect("the address is free");
    assert!(second.node_urls().is_empty());
    assert_eq!(get(&at(&second, "/rest/zdu/state")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_dropped_mock_closes_its_address() {
    let first = mock(quick()).await;
    let address = first.url()["http://".len()..].to_owned();
    get(&at(&first, "/rest/zdu/state")).await;
    drop(first);
    until_refused(&address).await;
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
