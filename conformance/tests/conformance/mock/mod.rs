//! Is the mock an endpoint that the suite can reach? Addresses, layouts, codes and malformed requests, over real sockets.
//!
//! What it answers and how it moves is left to the tests of its core. Conditions are awaited, never slept for.

mod addresses;
mod answers;
mod clients;

use std::sync::Once;
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use zdu_conformance::layout::Layout;
use zdu_endpoint::{Defect, Mock, Options, Snapshot};
use zdu_model::spec::transition::Call;

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
    Options { delay: Duration::from_millis(2), ..Options::default() }
}

fn planted(defect: Defect) -> Options {
    Options { defect: Some(defect), ..quick() }
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
