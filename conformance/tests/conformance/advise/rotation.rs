//! Nodes behind a load balancer: who is out of rotation, who may leave it, and what is left to type where nobody serves.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use zdu_endpoint::MockBalancer;

use super::server::Server;
use super::{File, cluster, node};

const NODES: &str = "[timing]\nrequest = \"1s\"\n[[node]]\nid = \"a\"\nname = \"n1\"\n[[node]]\nid = \"b\"\nname = \"n2\"\n";

/// Two nodes in these states on the original version, and upgrade mode on.
fn two(one: &str, other: &str) -> String {
    let nodes = [
        node("a", "n1", json!(one), json!("9.2.1")),
        node("b", "n2", json!(other), json!("9.2.1")),
    ];
    cluster("READY_TO_UPGRADE", json!("9.2.1"), &nodes).to_string()
}

fn balancer() -> (MockBalancer, String) {
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let members = [("n1".to_owned(), free), ("n2".to_owned(), free)];
    let balancer = MockBalancer::start((free, free), &members, None).expect("two free ports");
    let table = format!(
        "[balancer]\nkind = \"haproxy\"\nsocket = \"{}\"\nbackend = \"confluence\"\n",
        balancer.api
    );
    (balancer, table)
}

fn zdu(words: &[&str], file: &File) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zdu"));
    for name in ["ZDU_TOKEN", "ZDU_USERNAME", "ZDU_PASSWORD"] {
        command.env_remove(name);
    }
    command.args(words).args(["--target", &file.path()]).stdin(Stdio::null());
    command.output().expect("zdu runs")
}

fn advice(words: &[&str], file: &File) -> Value {
    let out = zdu(&[&["advise", "--format", "json"], words].concat(), file);
    serde_json::from_slice(&out.stdout).expect("JSON")
}

/// What each step does, with the first words of its command.
fn steps(advice: &Value) -> Vec<(&str, String)> {
    let steps = advice["steps"].as_array().expect("steps");
    let first = |command: &Value| {
        let words = command.as_str().unwrap_or_default().split(' ').take(4);
        words.collect::<Vec<_>>().join(" ")
    };
    let what = |step: &Value| step["what"].as_str().unwrap_or_default().to_owned();
    let known = ["connect", "stop", "install", "boot", "wait", "start", "cancel", "approve"];
    let name = |step: &Value| known.into_iter().find(|one| *one == what(step)).unwrap_or("other");
    steps.iter().map(|step| (name(step), first(&step["command"]))).collect()
}

#[test]
fn lb_6_an_active_node_that_is_out_of_rotation_is_put_back_first() {
    let server = Server::start(
        cluster(
            "STABLE",
            Value::Null,
            &[
                node("a", "n1", json!("ACTIVE"), json!("9.2.1")),
                node("b", "n2", json!("ACTIVE"), json!("9.2.1")),
            ],
        )
        .to_string(),
    );
    let (balancer, table) = balancer();
    let file = File::new("out", &server, &format!("{table}{NODES}"));
    assert_eq!(advice(&[], &file)["nothing_to_do"], true);
    assert_eq!(zdu(&["balancer", "disconnect", "n2"], &file).status.code(), Some(0));
    let told = advice(&[], &file);
    assert_eq!((&told["nothing_to_do"], &told["out_of_rotation"]), (&json!(false), &json!(["n2"])));
    assert_eq!(steps(&told), [("connect", "zdu balancer connect n2".to_owned())]);
    drop(balancer);
    // What is not known is said.
    assert_eq!(advice(&[], &file)["rotation_unknown"].as_array().map(Vec::len), Some(1));
    assert!(server.only_reads());
}

// The cluster is what tells who serves: n2 is in rotation, and down.
#[test]
fn lb_6_the_last_node_that_serves_stays_in_rotation() {
    let server = Server::start(two("ACTIVE", "OFFLINE"));
    let (_balancer, table) = balancer();
    let file = File::new("last", &server, &format!("{table}{NODES}"));
    let listed = || {
        let out = zdu(&["balancer", "list", "--format", "json"], &file);
        let list: Value = serde_json::from_slice(&out.stdout).expect("JSON");
        [list[0]["rotation"].clone(), list[1]["rotation"].clone()]
    };
    assert_eq!(zdu(&["balancer", "disconnect", "n1"], &file).status.code(), Some(2));
    assert_eq!(listed(), [json!("in"), json!("in")]);
    drop(server);
    // Nobody tells who serves.
    assert_eq!(zdu(&["balancer", "disconnect", "n1"], &file).status.code(), Some(0));
    assert_eq!(listed(), [json!("out"), json!("in")]);
}

// n2 comes up first, so that n1 may leave rotation; where there is nobody else it may not.
#[test]
fn lb_6_a_node_leaves_rotation_only_while_another_serves() {
    let (_balancer, table) = balancer();
    let server = Server::start(two("ACTIVE", "OFFLINE"));
    let file = File::new("leaves", &server, &format!("{table}{NODES}"));
    let told = advice(&["--forward"], &file);
    let due = [
        ("install", "get 9.2.4 n2"),
        ("boot", "ssh n2 start"),
        ("wait", ""),
        ("connect", "zdu balancer connect n2"),
        ("stop", "zdu balancer disconnect n1"),
    ];
    assert_eq!(steps(&told)[..5], due.map(|(what, line)| (what, line.to_owned())));
    let alone = cluster(
        "READY_TO_UPGRADE",
        json!("9.2.1"),
        &[node("a", "n1", json!("ACTIVE"), json!("9.2.1"))],
    );
    let server = Server::start(alone.to_string());
    let file =
        File::new("alone", &server, &format!("{table}[[node]]\nid = \"a\"\nname = \"n1\"\n"));
    assert_eq!(steps(&advice(&["--forward"], &file))[0], ("stop", "ssh n1 stop".to_owned()));
}

#[test]
fn where_nobody_serves_the_files_commands_are_given() {
    let server = Server::start(String::new());
    let file = File::new("nobody", &server, NODES);
    drop(server);
    let out = zdu(&["advise"], &file);
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(6), "{text}");
    let lines: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    assert_eq!(lines, ["ssh n1 stop", "ssh n2 stop", "ssh n1 start", "ssh n2 start"], "{text}");
}
