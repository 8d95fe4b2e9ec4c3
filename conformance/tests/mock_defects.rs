//! Does every defect of the wire show? One fixed run, put to the mock with and without each defect planted.
//!
//! What the suite says of a defect, and under which rule, is left to the suite's own tests: here a defect must only
//! make a difference that somebody who sees nothing but answers can see.

use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use zdu_conformance::mock::{Credentials, Defect, Mock, Options, WireDefect};
use zdu_model::spec::profile::Profile;

/// How long nothing must happen before the cluster counts as settled; far longer than the delay.
const QUIET: Duration = Duration::from_millis(30);

/// One run: what is sent, in order, and every answer.
struct Run {
    mock: Mock,
    client: reqwest::Client,
    seen: Vec<String>,
}

impl Run {
    async fn begin(defect: Option<WireDefect>, tasks: bool) -> Self {
        let options = Options {
            profile: Profile::Finalization,
            tasks: Some(tasks),
            delay: Duration::from_millis(2),
            node_listeners: false,
            defect: defect.map(Defect::Wire),
            credentials: Some(Credentials {
                user: "admin".to_owned(),
                password: "secret".to_owned(),
                token: None,
                plain: Some(("bob".to_owned(), "pw".to_owned())),
            }),
            ..Options::default()
        };
        let client =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self {
            mock: Mock::start(options).await.expect("the mock starts"),
            client: client.build().expect("a client"),
            seen: Vec::new(),
        }
    }

    async fn send(&mut self, post: bool, path: &str, user: &str, password: &str) {
        let url = format!("{}{path}", self.mock.url());
        let request = if post { self.client.post(url) } else { self.client.get(url) };
        let answer = request.basic_auth(user, Some(password)).send().await;
        let answer = answer.expect("an answer");
        let code = answer.status();
        let body = answer.text().await.expect("a body");
        self.seen.push(format!("{path} {code} {body}"));
    }

    async fn read(&mut self, path: &str) {
        self.send(false, path, "admin", "secret").await;
    }

    async fn call(&mut self, call: &str) {
        let path = format!("/rest/zdu/{call}");
        self.send(true, &path, "admin", "secret").await;
    }

    /// Several calls at once; only how many were accepted is noted, since which one is chance.
    async fn race(&mut self, call: &str) {
        let url = format!("{}/rest/zdu/{call}", self.mock.url());
        let mut sent = JoinSet::new();
        for _ in 0..4 {
            let request = self.client.post(&url).basic_auth("admin", Some("secret"));
            sent.spawn(request.send());
        }
        let answers = sent.join_all().await;
        let accepted = answers
            .into_iter()
            .filter(|answer| matches!(answer, Ok(answer) if answer.status().is_success()))
            .count();
        self.seen.push(format!("{accepted} {call} accepted"));
    }

    async fn step(&mut self, node: &str, step: &str) {
        let path = format!("/_mock/nodes/{node}/{step}");
        self.send(true, &path, "admin", "secret").await;
    }

    /// Waits until nothing happens any more, then reads all views twice: reads may change something.
    async fn look(&mut self) {
        let mut last = None;
        loop {
            let now = Some(self.mock.snapshot());
            let waits = now
                .as_ref()
                .is_some_and(|now| now.nodes.iter().any(|node| !node.pending.is_empty()));
            if now == last && !waits {
                break;
            }
            last = now;
            tokio::time::sleep(QUIET).await;
        }
        for _ in 0..2 {
            self.read("/rest/zdu/cluster").await;
            self.read("/rest/zdu/state").await;
            self.read("/rest/zdu/nodes/n1").await;
            self.read("/rest/zdu/nodes/n3").await;
        }
    }

    async fn all(mut self) -> Vec<String> {
        for (user, password) in [("nobody", "x"), ("bob", "pw"), ("admin", "x")] {
            self.send(false, "/rest/zdu/state", user, password).await;
        }
        self.look().await;
        self.read("/rest/zdu/nodes/n9").await;
        self.call("cancel").await;
        self.call("start").await;
        self.look().await;
        self.call("cancel").await;
        self.look().await;
        self.race("start").await;
        self.race("cancel").await;
        self.call("start").await;
        for order in ["break", "repair", "break"] {
            self.step("n3", order).await;
            self.look().await;
        }
        self.step("n3", "kill").await;
        self.look().await;
        self.step("n3", "install?version=9.2.4").await;
        self.step("n3", "boot").await;
        self.look().await;
        self.step("n2", "stop").await;
        self.look().await;
        for order in ["kill", "install?version=9.2.4", "boot"] {
            self.step("n2", order).await;
            self.step("n1", order).await;
            self.look().await;
        }
        self.race("approve").await;
        self.look().await;
        self.call("start").await;
        self.call("cancel").await;
        self.step("n3", "kill").await;
        self.look().await;
        self.step("n1", "kill").await;
        self.step("n2", "kill").await;
        self.look().await;
        self.seen
    }
}

fn first_difference(right: &[String], wrong: &[String]) -> Option<(String, String)> {
    let pairs = right.iter().zip(wrong);
    pairs
        .filter(|(right, wrong)| right != wrong)
        .map(|(right, wrong)| (right.clone(), wrong.clone()))
        .next()
}

fn provide_tls() {
    // The client wants it even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

// The negative first: two mocks without a defect show the same, so that a difference below is the defect's.
#[tokio::test(flavor = "multi_thread")]
async fn every_wire_defect_makes_a_difference_that_shows_in_answers() {
    provide_tls();
    let run = |tasks| async move { Run::begin(None, tasks).await.all().await };
    let (right, again, without_tasks) = tokio::join!(run(true), run(true), run(false));
    assert_eq!(first_difference(&right, &again), None);
    let mut runs = JoinSet::new();
    for defect in WireDefect::ALL {
        let tasks = Defect::Wire(*defect).needs_tasks().unwrap_or(true);
        runs.spawn(async move {
            let seen = Run::begin(Some(*defect), tasks).await.all().await;
            (*defect, tasks, seen)
        });
    }
    let mut blind: Vec<_> = runs
        .join_all()
        .await
        .into_iter()
        .filter(|(_, tasks, seen)| {
            let right = if *tasks { &right } else { &without_tasks };
            first_difference(right, seen).is_none()
        })
        .map(|(defect, _, _)| defect.name())
        .collect();
    blind.sort_unstable();
    // An answer to `approve` is only seen outside a race; see the next test.
    assert_eq!(blind, ["approve-answers-before"]);
}

#[tokio::test]
async fn api_6_approve_answers_before_shows_the_cluster_before_the_call() {
    provide_tls();
    let run = |defect| async move {
        let mut run = Run::begin(defect, true).await;
        run.call("start").await;
        for node in ["n1", "n2", "n3"] {
            for order in ["kill", "install?version=9.2.4", "boot"] {
                run.step(node, order).await;
            }
            run.look().await;
        }
        run.seen.clear();
        run.call("approve").await;
        let body = run.seen[0].split_once('{').expect("a body").1.to_owned();
        serde_json::from_str::<Value>(&format!("{{{body}")).expect("JSON")
    };
    let right = run(None).await;
    assert_eq!(right["upgradeModeEnabled"], false);
    let wrong = run(Some(WireDefect::ApproveAnswersBefore)).await;
    assert_eq!(wrong["upgradeModeEnabled"], true);
}
