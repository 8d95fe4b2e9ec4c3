//! What do the control calls bring about? Steps on nodes, upgrade tasks, and the way back (spec, sections 3 and 6).

use std::time::Duration;

use reqwest::StatusCode;
use zdu_conformance::layout::Layout;
use zdu_conformance::mock::{Mock, Options};
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::Phase;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::transition::Call;

use crate::{at, get, json, mock, post, quick, start_url, step, until, until_phase};

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
        ("/_mock/nodes/n1/explode", StatusCode::NOT_FOUND, "fail_tasks"),
        ("/_mock/nodes/n1/install?version=1.0", StatusCode::BAD_REQUEST, "9.2.1, 9.2.4"),
        ("/_mock/nodes/n1/install", StatusCode::BAD_REQUEST, "9.2.1, 9.2.4"),
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

fn finalizing() -> Options {
    Options { profile: Profile::Finalization, tasks: Some(true), nodes: 2, ..quick() }
}

async fn upgrade_all(mock: &Mock) {
    post(&start_url(mock)).await;
    for node in mock.node_ids() {
        for order in ["kill", "install?version=9.2.4", "boot"] {
            step(mock, &node, order).await;
        }
    }
    until(mock, "all are upgraded", |seen| {
        seen.cluster.nodes.iter().all(|node| node.phase == Phase::Active)
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
    assert_eq!(approved["nodes"][0]["state"], "RUNNING_FINALIZE_UPGRADE_TASKS");
    until(&mock, "the tasks have failed", |seen| seen.status == ClusterStatus::UpgradeTasksFailed)
        .await;
    let retried = post(&at(&mock, &Layout::Product.call(Call::Retry))).await;
    assert_eq!(retried.status(), StatusCode::OK);
    let end = until(&mock, "the tasks are done", |seen| seen.status == ClusterStatus::Stable).await;
    assert!(!end.tasks_pending);
}

#[tokio::test]
async fn approve_without_tasks_leads_to_stable_at_once() {
    let mock = mock(Options { tasks: Some(false), ..finalizing() }).await;
    upgrade_all(&mock).await;
    let approved = json(post(&at(&mock, &Layout::Product.call(Call::Approve))).await).await;
    assert_eq!(approved["state"], "STABLE");
    assert_eq!(approved["hasFinalizationTasks"], false);
}

// `reset` forgets what was asked as well as what has happened.
#[tokio::test]
async fn reset_leaves_nothing_pending() {
    let mock = mock(Options { delay: Duration::from_secs(60), ..Options::default() }).await;
    let fresh = mock.snapshot();
    step(&mock, "n1", "stop").await;
    step(&mock, "n2", "fail_tasks").await;
    let seen = mock.snapshot();
    assert_eq!(seen.nodes[0].pending, ["stop"]);
    assert!(seen.nodes[1].fail_tasks);
    post(&at(&mock, "/_mock/reset")).await;
    assert_eq!(mock.snapshot(), fresh);
}
