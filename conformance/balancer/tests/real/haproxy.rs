//! HAProxy (LB-2).

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use zdu_balancer::haproxy::HaproxyKeys;
use zdu_balancer::{Error, How, Kind, Rotation};

use super::backend::{Backend, get, who};
use super::servers::{Server, haproxy};
use super::{Test, block_on, node, places, rotation, until};

pub(super) const TESTS: &[Test] = &[
    ("haproxy_a_node_is_taken_out_and_put_back", "haproxy", a_node_is_taken_out_and_put_back),
    ("haproxy_an_open_request_is_waited_for", "haproxy", an_open_request_is_waited_for),
    ("haproxy_drain_lets_sessions_end_first", "haproxy", drain_lets_sessions_end_first),
    ("haproxy_failures_are_named", "haproxy", failures_are_named),
];

struct Site {
    nodes: [Backend; 2],
    server: Server,
    api: u16,
}

fn site(level: &str) -> Site {
    let nodes = ["n1", "n2"].map(Backend::start);
    let line = |node: &Backend| format!("  server {0} {1} cookie {0}\n", node.name, node.address);
    let (server, api) = haproxy::start(&nodes.iter().map(line).collect::<String>(), level);
    Site { nodes, server, api }
}

impl Site {
    fn keys(&self) -> HaproxyKeys {
        HaproxyKeys {
            socket: self.server.path("admin.sock").display().to_string(),
            backend: "confluence".to_owned(),
            how: How::AtOnce,
            drain: Duration::from_secs(10),
        }
    }
}

fn of(keys: HaproxyKeys) -> Rotation {
    let drain = keys.drain;
    rotation(Kind::Haproxy(keys), drain)
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

// Proves both ways, over either kind of socket, by who answers; also that a session's own node is left.
fn a_node_is_taken_out_and_put_back() {
    let site = site("admin");
    let port = site.server.port;
    let tcp = HaproxyKeys { socket: format!("127.0.0.1:{}", site.api), ..site.keys() };
    for keys in [site.keys(), tcp] {
        let rotation = of(keys);
        assert_eq!(who(port, 8), names(&["n1", "n2"]));
        let own = || get(port, "/", Some("SERVERID=n1")).expect("an answer").1;
        let sent = || block_on(rotation.list()).expect("a list")[0].sent.expect("it is counted");
        let before = sent();
        assert_eq!((own().as_str(), sent()), ("n1", before + 1));
        // By its address, as well as by its name.
        let address = site.nodes[0].address.to_string();
        block_on(rotation.disconnect(&node(&address))).expect("n1 leaves");
        assert_eq!(who(port, 8), names(&["n2"]));
        assert_eq!(own(), "n2");
        assert_eq!((places(&rotation).as_str(), sent()), ("n1 out, n2 in", before + 1));
        let failed = block_on(rotation.disconnect(&node("n2")));
        assert!(matches!(failed, Err(Error::LastMember { .. })), "{failed:?}");
        block_on(rotation.connect(&node("n1"))).expect("n1 is back");
        assert_eq!((places(&rotation).as_str(), own().as_str()), ("n1 in, n2 in", "n1"));
    }
}

fn an_open_request_is_waited_for() {
    let site = site("admin");
    let gate = site.nodes[0].gate.lock().expect("the gate");
    let port = site.server.port;
    let open = std::thread::spawn(move || get(port, "/", Some("SERVERID=n1")));
    until("n1 is asked", || site.nodes[0].busy.load(Ordering::SeqCst) > 0);
    let hasty = of(HaproxyKeys { drain: Duration::from_millis(200), ..site.keys() });
    let failed = block_on(hasty.disconnect(&node("n1")));
    assert!(matches!(failed, Err(Error::StillBusy { busy: 1, .. })), "{failed:?}");
    assert_eq!(places(&hasty), "n1 in, n2 in");
    let patient = of(site.keys());
    std::thread::scope(|scope| {
        let leaving = scope.spawn(|| block_on(patient.disconnect(&node("n1"))));
        until("it is out", || places(&patient) == "n1 out, n2 in");
        assert!(!leaving.is_finished());
        drop(gate);
        leaving.join().expect("it ends").expect("n1 leaves");
    });
    assert_eq!(open.join().expect("it ends").expect("an answer").0, 200);
}

// Proves that `drain` keeps a session where it is until it ends, and that nothing goes there afterwards.
fn drain_lets_sessions_end_first() {
    let site = site("admin");
    let gate = site.nodes[0].gate.lock().expect("the gate");
    let port = site.server.port;
    let own = move || get(port, "/", Some("SERVERID=n1")).expect("an answer").1;
    let open = std::thread::spawn(own);
    until("n1 is asked", || site.nodes[0].busy.load(Ordering::SeqCst) == 1);
    let rotation = of(HaproxyKeys { how: How::Drain, ..site.keys() });
    std::thread::scope(|scope| {
        let leaving = scope.spawn(|| block_on(rotation.disconnect(&node("n1"))));
        until("it drains", || places(&rotation) == "n1 draining, n2 in");
        assert_eq!(who(port, 4), names(&["n2"]));
        let second = std::thread::spawn(own);
        until("its session is still served", || site.nodes[0].busy.load(Ordering::SeqCst) == 2);
        drop(gate);
        assert_eq!(second.join().expect("it ends"), "n1");
        leaving.join().expect("it ends").expect("n1 leaves");
    });
    assert_eq!(open.join().expect("it ends"), "n1");
    assert_eq!((places(&rotation).as_str(), own().as_str()), ("n1 out, n2 in", "n2"));
}

fn failures_are_named() {
    let site = site("operator");
    let rotation = of(site.keys());
    let failed = block_on(rotation.disconnect(&node("n1")));
    assert!(matches!(failed, Err(Error::LeftChanged { .. } | Error::Refused { .. })), "{failed:?}");
    assert!(failed.expect_err("it failed").to_string().contains("level admin"));
    assert_eq!(places(&rotation), "n1 in, n2 in");
    let failed = block_on(rotation.connect(&node("n3")));
    assert!(matches!(failed, Err(Error::NoSuchMember { .. })), "{failed:?}");
    let wiki = of(HaproxyKeys { backend: "wiki".to_owned(), ..site.keys() });
    assert!(matches!(block_on(wiki.list()), Err(Error::Unexpected { .. })));
    let gone = of(HaproxyKeys { socket: "/nowhere/admin.sock".to_owned(), ..site.keys() });
    assert!(matches!(block_on(gone.list()), Err(Error::Unreachable { .. })));
}
