//! `zdu advise` on answers as real builds give them: a tiny server on the loopback gives one overview, and what is printed is read.

mod rotation;
mod server;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use server::Server;

/// A node as builds list it; nulls where an OFFLINE or silent one has them.
fn node(id: &str, name: &str, state: Value, version: Value) -> Value {
    let up = state == "ACTIVE";
    json!({
        "id": id, "name": name, "ipAddress": format!("10.0.0.{}", id.len() + usize::from(id.as_bytes()[0])),
        "state": state, "version": version, "tasksTotal": up.then_some(0), "activeUserCount": up.then_some(3),
        "buildNumber": up.then_some("9109"), "local": up, "finalization": null,
        "links": [{"rel": "self", "href": format!("http://127.0.0.1/rest/zdu/nodes/{id}")}]
    })
}

fn cluster(state: &str, origin: Value, nodes: &[Value]) -> Value {
    json!({
        "upgradeModeEnabled": !origin.is_null(), "hasFinalizationTasks": false, "state": state, "originalVersion": origin,
        "nodes": nodes, "links": []
    })
}

/// A target file with commands, in a folder of its own.
struct File(PathBuf);

impl File {
    fn new(test: &str, server: &Server, more: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("zdu-advise-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let text = format!(
            "url = \"{}\"\nversions = [\"9.2.1\", \"9.2.4\"]\n[commands]\nstop = \"ssh {{name}} stop\"\ninstall = \"get {{version}} {{name}}\"\n\
             boot = \"ssh {{name}} start\"\n{more}",
            server.url()
        );
        std::fs::write(folder.join("target.toml"), text).expect("a target file");
        Self(folder)
    }

    fn path(&self) -> String {
        self.0.join("target.toml").display().to_string()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn advise(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zdu"))
        .arg("advise")
        .args(arguments)
        .env_remove("ZDU_TOKEN")
        .env_remove("ZDU_USERNAME")
        .env_remove("ZDU_PASSWORD")
        .stdin(Stdio::null())
        .output()
        .expect("zdu runs")
}

/// What is printed on a cluster that answers so; nothing but reads was sent.
fn printed(overview: &Value, arguments: &[&str]) -> String {
    let server = Server::start(overview.to_string());
    let url = server.url();
    let out = advise(&[&["--url", &url], arguments].concat());
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let errors = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(0), "{text}{errors}");
    assert!(server.only_reads(), "{text}");
    text
}

/// The numbered list, a line each, without commands.
fn list(text: &str) -> Vec<String> {
    let numbered = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let from = text.lines().skip_while(|line| !line.starts_with("what to do"));
    let until = from.skip(1).take_while(|line| !line.is_empty());
    let lines = until.filter(numbered).map(|line| {
        line.trim().split_once(". ").map_or_else(String::new, |(_, what)| what.to_owned())
    });
    lines.collect()
}

fn in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let Some(at) = rest.find(part) else {
            panic!("`{part}` is not there, or too early: {text}")
        };
        rest = &rest[at + part.len()..];
    }
}

// The last old node is still stopping: nothing that is refused now, and the page's order from there.
#[test]
fn proc_2_the_last_old_node_that_is_stopping_is_waited_for() {
    let overview = cluster(
        "MIXED",
        json!("9.2.1"),
        &[
            node("7a52c813", "wiki-a", json!("ACTIVE"), json!("9.2.4")),
            node("1f9e0c44", "wiki-b", json!("TERMINATING"), json!("9.2.1")),
        ],
    );
    let text = printed(&overview, &[]);
    assert!(text.starts_with("FORWARD to 9.2.4 (a node is upgraded already"), "{text}");
    let list = list(&text);
    let due = [
        "wait until wiki-b is OFFLINE",
        "install 9.2.4 on wiki-b",
        "start Confluence on wiki-b",
        "wait until wiki-b is ACTIVE",
        "POST approve -- POINT OF NO RETURN",
        "wait until the cluster is STABLE",
    ];
    assert_eq!(list.len(), due.len(), "{text}");
    for (line, due) in list.iter().zip(due) {
        assert!(line.starts_with(due), "{line}: {text}");
    }
    in_order(
        &text,
        &[
            "calls now",
            "start    refused (MODE-7)",
            "cancel   refused (MODE-3)",
            "approve  refused (MODE-5)",
        ],
    );
}

// A tired person types the line below: what it removes stands above it, and only of the calls that are allowed.
#[test]
fn node_5_what_a_call_removes_is_said_before_the_line_that_sends_it() {
    let overview = cluster(
        "READY_TO_RUN_UPGRADE_TASKS",
        json!("9.2.1"),
        &[
            node("7a52c813", "wiki-a", json!("ACTIVE"), json!("9.2.4")),
            node("1f9e0c44", "wiki-b", json!("OFFLINE"), json!("9.2.1")),
        ],
    );
    let text = printed(&overview, &[]);
    in_order(&text, &["calls now", "approve  allowed", "wiki-b (NODE-5)", "/rest/zdu/approve"]);
    let (_, calls) = text.split_once("calls now").expect("the calls");
    assert_eq!(calls.matches("(NODE-5)").count(), 1, "{text}");
}

// An OFFLINE node that tells no version may be upgraded already: the upgrade goes on, and what is unknown is not made up.
#[test]
fn an_offline_node_of_nulls_is_brought_to_the_later_version() {
    let overview = cluster(
        "READY_TO_UPGRADE",
        json!("9.2.1"),
        &[
            node("7a52c813", "wiki-a", json!("ACTIVE"), json!("9.2.1")),
            node("1f9e0c44", "wiki-b", json!("OFFLINE"), Value::Null),
        ],
    );
    let text = printed(&overview, &[]);
    assert!(text.starts_with("FORWARD to the later version"), "{text}");
    assert!(text.contains("--forward --to VERSION") && !text.contains("--to '"), "{text}");
    assert!(
        list(&text)[0].starts_with("install the later version on wiki-b, unless it is there"),
        "{text}"
    );
    let named = printed(&overview, &["--forward", "--to", "9.3.1"]);
    assert!(named.starts_with("FORWARD to 9.3.1 (as asked)"), "{named}");
    in_order(
        &named,
        &[
            "start Confluence on wiki-b",
            "stop Confluence on wiki-a",
            "install 9.3.1 on wiki-a",
            "POST approve",
        ],
    );
    assert!(named.contains("--forward --to 9.3.1"), "{named}");
    let back = printed(&overview, &["--back"]);
    assert!(back.starts_with("BACK to 9.2.1 (as asked)"), "{back}");
    in_order(&back, &["install 9.2.1 on wiki-b", "start Confluence on wiki-b", "POST cancel"]);
    assert!(!list(&back).iter().any(|line| line.contains("wiki-a")), "{back}");
}

// Pods that came back under new ids: two nodes, two entries left behind, and nobody is told to start one of those.
#[test]
fn ghosts_are_named_and_never_started() {
    let overview = cluster(
        "READY_TO_RUN_UPGRADE_TASKS",
        json!("9.2.1"),
        &[
            node("7a52c813", "confluence-0", json!("OFFLINE"), Value::Null),
            node("1f9e0c44", "confluence-1", json!("OFFLINE"), Value::Null),
            node("5be1a90f", "confluence-1", json!("ACTIVE"), json!("9.2.4")),
            node("e2277d01", "confluence-0", json!("ACTIVE"), json!("9.2.4")),
        ],
    );
    let text = printed(&overview, &[]);
    let list = list(&text);
    assert_eq!(list.len(), 2, "{text}");
    assert!(list[0].starts_with("POST approve"), "{text}");
    in_order(
        &text,
        &["left behind", "1f9e0c44 confluence-1", "left behind", "7a52c813 confluence-0"],
    );
}

#[test]
fn fin_4_failed_tasks_are_shown_in_the_builds_words_and_run_again() {
    let mut failed = node("1f9e0c44", "wiki-b", json!("UPGRADE_TASKS_FAILED"), json!("9.3.1"));
    failed["finalization"] = json!({"lastRequested": 1_750_957_209_135_u64, "errors": [{
        "taskName": "SplitLocationUpgradeTask", "exceptionMessage": "duplicate key in table location",
        "clusterUpgradeTask": true, "errors": ["row 12 could not be migrated"]
    }]});
    let first = node("7a52c813", "wiki-a", json!("ACTIVE"), json!("9.3.1"));
    let mut overview = cluster("UPGRADE_TASKS_FAILED", Value::Null, &[first, failed]);
    overview["hasFinalizationTasks"] = json!(true);
    let text = printed(&overview, &[]);
    in_order(
        &text,
        &[
            "wiki-b UPGRADE_TASKS_FAILED 9.3.1",
            "SplitLocationUpgradeTask (of the whole cluster): duplicate key in table location; row 12 could not be migrated",
            "1. find out why the upgrade tasks failed on wiki-b",
            "POST retry (FIN-4)",
            "/rest/zdu/retryUpgrade",
            "wait until the cluster is STABLE",
            "retry    allowed (FIN-4)",
        ],
    );
    assert_eq!(list(&text).len(), 3, "{text}");
}

#[test]
fn a_silent_member_is_named_and_nothing_is_concluded() {
    let overview = cluster(
        "MIXED",
        json!("9.2.1"),
        &[
            node("7a52c813", "confluence-1", json!("ACTIVE"), json!("9.2.1")),
            node("1f9e0c44", "confluence-2", Value::Null, Value::Null),
        ],
    );
    let text = printed(&overview, &[]);
    assert!(text.contains("confluence-2 does not answer its cluster at the moment"), "{text}");
    let list = list(&text);
    assert!(list[0].starts_with("wait until confluence-2 answers its cluster again"), "{text}");
    assert!(list[1].starts_with("ask again") && list.len() == 2, "{text}");
    // What is still open pins no direction.
    assert!(!text.contains("--back\n") && !text.contains("--forward\n"), "{text}");
}

// Commands are the target file's, each value quoted for the shell that it is typed into.
#[test]
fn node_7_an_errored_node_with_the_files_commands_and_the_pages_three_ways() {
    let overview = cluster(
        "MIXED",
        json!("9.2.1"),
        &[
            node("7a52c813", "wiki-a", json!("ACTIVE"), json!("9.2.4")),
            node("1f9e0c44", "wiki; b", json!("ERROR"), json!("9.2.4")),
        ],
    );
    let server = Server::start(overview.to_string());
    let more = "[[node]]\nid = \"7a52c813\"\n[[node]]\nid = \"1f9e0c44\"\nname = \"wiki; b\"\n";
    let file = File::new("error", &server, more);
    let out = advise(&["--target", &file.path()]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    in_order(
        &text,
        &[
            "1. stop Confluence on wiki; b gracefully (NODE-7)",
            "$ ssh 'wiki; b' stop",
            "wait until wiki; b is OFFLINE",
            "find out what went wrong",
            "$ get 9.2.4 'wiki; b'",
            "$ ssh 'wiki; b' start",
            "POST approve -- POINT OF NO RETURN",
            "/rest/zdu/approve",
            "wiki; b is in ERROR",
            "1. stop Confluence",
            "costs: everything else waits",
            "2. if it cannot be stopped gracefully",
            "costs: everything else waits until it is ACTIVE again; what it was still doing is cut off",
            "3. shut wiki; b down, go on without it",
            "there is no way back",
        ],
    );
    let out = advise(&["--target", &file.path(), "--format", "json"]);
    let json: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(json["direction"], "forward");
    assert_eq!(json["steps"][0]["command"], "ssh 'wiki; b' stop");
    assert_eq!(json["errors"][0]["ways"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["calls"][2]["allowed"], "no");
    assert!(server.only_reads());
}

// The page says MIXED and that `start` is refused; the build shows STABLE. Both are told, and which of them is which.
#[test]
fn status_5_what_the_page_says_and_what_the_build_shows_are_told_apart() {
    let overview = cluster(
        "STABLE",
        Value::Null,
        &[
            node("7a52c813", "wiki-a", json!("ACTIVE"), json!("9.2.1")),
            node("1f9e0c44", "wiki-b", json!("ERROR"), json!("9.2.1")),
        ],
    );
    let server = Server::start(overview.to_string());
    let out = advise(&["--url", &server.url()]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(1), "{text}");
    in_order(
        &text,
        &[
            "STAY on 9.2.1",
            "this build differs (STATUS-5, page)",
            "documented: MIXED",
            "seen: STABLE",
        ],
    );
    in_order(&text, &["stop Confluence on wiki-b", "start    refused (MODE-2)"]);
}

#[test]
fn nothing_is_to_be_done_only_where_everything_is_as_it_should_be() {
    let whole = [
        node("7a52c813", "wiki-a", json!("ACTIVE"), json!("9.2.1")),
        node("1f9e0c44", "wiki-b", json!("ACTIVE"), json!("9.2.1")),
    ];
    let text = printed(&cluster("STABLE", Value::Null, &whole), &[]);
    assert!(text.contains("nothing is to be done") && list(&text).is_empty(), "{text}");
    let missing = [whole[0].clone(), node("1f9e0c44", "wiki-b", json!("OFFLINE"), Value::Null)];
    let text = printed(&cluster("STABLE", Value::Null, &missing), &[]);
    assert!(!text.contains("nothing is to be done"), "{text}");
    assert!(list(&text)[0].starts_with("install 9.2.1 on wiki-b, unless it is there"), "{text}");
}

#[test]
fn an_upgrade_to_an_earlier_version_is_not_advised() {
    let nodes = [node("7a52c813", "wiki-a", json!("ACTIVE"), json!("9.2.4"))];
    let server = Server::start(cluster("STABLE", Value::Null, &nodes).to_string());
    let out = advise(&["--url", &server.url(), "--to", "9.2.1"]);
    let errors = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{errors}");
    assert!(errors.contains("9.2.1 is not later than 9.2.4"), "{errors}");
}

// As many entries as real clusters have, and more: still one list.
#[test]
fn seventeen_nodes_of_which_some_start_are_advised_on() {
    let mut nodes: Vec<Value> = (0..17)
        .map(|at| {
            node(&format!("n{at:02}"), &format!("wiki-{at:02}"), json!("ACTIVE"), json!("9.2.1"))
        })
        .collect();
    for (at, one) in nodes.iter_mut().enumerate() {
        one["ipAddress"] = json!(format!("10.0.1.{at}"));
    }
    for one in &mut nodes[3..9] {
        one["state"] = json!("STARTING");
    }
    let text = printed(
        &cluster("READY_TO_UPGRADE", json!("9.2.1"), &nodes),
        &["--forward", "--to", "9.2.4"],
    );
    let list = list(&text);
    assert_eq!(list.len(), 6 + 17 * 5 + 2, "{text}");
    assert!(list[0].starts_with("wait until wiki-03 is ACTIVE"), "{text}");
}
