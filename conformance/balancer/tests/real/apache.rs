//! Apache HTTP Server (LB-3): mod_proxy_balancer through its manager, mod_jk through its status worker.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use zdu_balancer::apache::ApacheKeys;
use zdu_balancer::mod_jk::JkKeys;
use zdu_balancer::{Error, How, Kind, Rotation};

use super::backend::{Backend, get, who};
use super::servers::ajp::Connector;
use super::servers::{Server, apache};
use super::{Test, block_on, node, places, rotation, until};

pub(super) const TESTS: &[Test] = &[
    ("apache_a_node_is_taken_out_and_put_back", "apache2", || taken_out_and_put_back(proxied())),
    ("apache_an_open_request_is_waited_for", "apache2", || open_request_is_waited_for(proxied())),
    ("apache_drain_lets_sessions_end_first", "apache2", || drain_lets_sessions_end(proxied())),
    ("apache_a_count_that_stands_still_is_not_believed", "apache2", count_stands_still),
    ("apache_failures_are_named", "apache2", failures_are_named),
];

pub(super) const JK_TESTS: &[Test] = &[
    ("mod_jk_a_node_is_taken_out_and_put_back", "jk", || taken_out_and_put_back(jk())),
    ("mod_jk_an_open_request_is_waited_for", "jk", || open_request_is_waited_for(jk())),
    ("mod_jk_drain_lets_sessions_end_first", "jk", || drain_lets_sessions_end(jk())),
    ("mod_jk_failures_are_named", "jk", jk_failures_are_named),
];

struct Site {
    nodes: [Backend; 2],
    server: Server,
    /// What stands between the server and the nodes.
    _connectors: Vec<Connector>,
    kind: fn(&Server, How, Duration) -> Kind,
}

fn proxied() -> Site {
    let nodes = ["n1", "n2"].map(Backend::start);
    let line =
        |node: &Backend| format!("  BalancerMember http://{} route={}\n", node.address, node.name);
    let server = apache::proxy(&nodes.iter().map(line).collect::<String>(), "JSESSIONID");
    Site {
        nodes,
        server,
        _connectors: Vec::new(),
        kind: |server, how, drain| Kind::Apache(proxy_keys(server, how, drain)),
    }
}

fn proxy_keys(server: &Server, how: How, drain: Duration) -> ApacheKeys {
    ApacheKeys {
        manager: format!("http://127.0.0.1:{}/manager", server.port),
        balancer: "confluence".to_owned(),
        how,
        ca_file: None,
        drain,
        still: None,
    }
}

fn jk() -> Site {
    let nodes = ["n1", "n2"].map(Backend::start);
    let connectors: Vec<Connector> =
        nodes.iter().map(|node| Connector::beside(node.address, &node.name)).collect();
    let workers: Vec<(&str, std::net::SocketAddr)> = nodes
        .iter()
        .zip(&connectors)
        .map(|(node, beside)| (node.name.as_str(), beside.address))
        .collect();
    let server = apache::jk(&workers);
    Site {
        nodes,
        server,
        _connectors: connectors,
        kind: |server, how, drain| Kind::ModJk(jk_keys(server, how, drain)),
    }
}

fn jk_keys(server: &Server, how: How, drain: Duration) -> JkKeys {
    JkKeys {
        status: format!("http://127.0.0.1:{}/status", server.port),
        worker: "lb".to_owned(),
        how,
        ca_file: None,
        drain,
    }
}

impl Site {
    fn rotation(&self, how: How, drain: Duration) -> Rotation {
        rotation((self.kind)(&self.server, how, drain), drain)
    }

    fn own(&self) -> String {
        own(self.server.port)
    }
}

/// Who answers somebody whose session is on n1.
fn own(port: u16) -> String {
    get(port, "/", Some("JSESSIONID=x.n1")).expect("an answer").1
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

const LONG: Duration = Duration::from_secs(10);

// Proves both ways by who answers, with and without a session of the node that leaves.
fn taken_out_and_put_back(site: Site) {
    let rotation = site.rotation(How::AtOnce, LONG);
    assert_eq!(who(site.server.port, 8), names(&["n1", "n2"]));
    assert_eq!(site.own(), "n1");
    let member = |index: usize| block_on(rotation.list()).expect("a list")[index].name.clone();
    let sent = || block_on(rotation.list()).expect("a list")[0].sent.expect("it is counted");
    let before = sent();
    assert_eq!((site.own().as_str(), sent()), ("n1", before + 1));
    block_on(rotation.disconnect(&node(&member(0)))).expect("n1 leaves");
    assert_eq!((who(site.server.port, 8), site.own()), (names(&["n2"]), "n2".to_owned()));
    assert_eq!(sent(), before + 1, "nobody was sent there");
    assert_eq!(places(&rotation), format!("{} out, {} in", member(0), member(1)));
    let failed = block_on(rotation.disconnect(&node(&member(1))));
    assert!(matches!(failed, Err(Error::LastMember { .. })), "{failed:?}");
    block_on(rotation.connect(&node(&member(0)))).expect("n1 is back");
    assert_eq!((who(site.server.port, 8), site.own()), (names(&["n1", "n2"]), "n1".to_owned()));
}

fn open_request_is_waited_for(site: Site) {
    let gate = site.nodes[0].gate.lock().expect("the gate");
    let port = site.server.port;
    let open = std::thread::spawn(move || own(port));
    until("n1 is asked", || site.nodes[0].busy.load(Ordering::SeqCst) > 0);
    let hasty = site.rotation(How::AtOnce, Duration::from_millis(200));
    let first = block_on(hasty.list()).expect("a list")[0].name.clone();
    let before = places(&hasty);
    let failed = block_on(hasty.disconnect(&node(&first)));
    assert!(matches!(failed, Err(Error::StillBusy { busy: 1, .. })), "{failed:?}");
    assert_eq!(places(&hasty), before);
    let patient = site.rotation(How::AtOnce, LONG);
    std::thread::scope(|scope| {
        let leaving = scope.spawn(|| block_on(patient.disconnect(&node(&first))));
        until("it is out", || places(&patient).starts_with(&format!("{first} out")));
        assert!(!leaving.is_finished());
        drop(gate);
        leaving.join().expect("it ends").expect("n1 leaves");
    });
    assert_eq!(open.join().expect("it ends"), "n1");
}

// Proves that with `still` a node leaves although `Busy` stays above zero, once it has stayed the same for so long.
fn count_stands_still() {
    let site = proxied();
    let gate = site.nodes[0].gate.lock().expect("the gate");
    let port = site.server.port;
    let open = std::thread::spawn(move || own(port));
    until("n1 is asked", || site.nodes[0].busy.load(Ordering::SeqCst) > 0);
    let still = Duration::from_millis(300);
    let kind = (site.kind)(&site.server, How::AtOnce, LONG);
    let common = zdu_balancer::Common { drain: LONG, still: Some(still) };
    let rotation = Rotation::new(&zdu_balancer::Settings { common, kind });
    let first = block_on(rotation.list()).expect("a list")[0].name.clone();
    let began = std::time::Instant::now();
    block_on(rotation.disconnect(&node(&first))).expect("n1 leaves");
    assert!(began.elapsed() >= still);
    let members = block_on(rotation.list()).expect("a list");
    assert_eq!((members[0].place, members[0].busy), (zdu_balancer::Place::Out, Some(1)));
    drop(gate);
    assert_eq!(open.join().expect("it ends"), "n1");
}

// Proves that `drain` keeps a session where it is until it ends, and that nothing goes there afterwards.
fn drain_lets_sessions_end(site: Site) {
    let gate = site.nodes[0].gate.lock().expect("the gate");
    let port = site.server.port;
    let open = std::thread::spawn(move || own(port));
    until("n1 is asked", || site.nodes[0].busy.load(Ordering::SeqCst) == 1);
    let rotation = site.rotation(How::Drain, LONG);
    let first = block_on(rotation.list()).expect("a list")[0].name.clone();
    std::thread::scope(|scope| {
        let leaving = scope.spawn(|| block_on(rotation.disconnect(&node(&first))));
        until("it drains", || places(&rotation).starts_with(&format!("{first} draining")));
        assert_eq!(who(port, 4), names(&["n2"]));
        let second = std::thread::spawn(move || own(port));
        until("its session is still served", || site.nodes[0].busy.load(Ordering::SeqCst) == 2);
        drop(gate);
        assert_eq!(second.join().expect("it ends"), "n1");
        leaving.join().expect("it ends").expect("n1 leaves");
    });
    assert_eq!(open.join().expect("it ends"), "n1");
    assert_eq!(site.own(), "n2");
}

fn failures_are_named() {
    let site = proxied();
    let keys = proxy_keys(&site.server, How::AtOnce, LONG);
    let of = |keys: ApacheKeys| rotation(Kind::Apache(keys), LONG);
    let wiki = of(ApacheKeys { balancer: "balancer://wiki".to_owned(), ..keys.clone() });
    assert!(matches!(block_on(wiki.list()), Err(Error::Unexpected { .. })));
    let elsewhere = of(ApacheKeys {
        manager: format!("http://127.0.0.1:{}/", site.server.port),
        ..keys.clone()
    });
    assert!(matches!(block_on(elsewhere.list()), Err(Error::Unexpected { .. })));
    let mut site = site;
    site.server.kill();
    assert!(matches!(block_on(of(keys).list()), Err(Error::Unreachable { .. })));
}

fn jk_failures_are_named() {
    let site = jk();
    let keys = jk_keys(&site.server, How::AtOnce, LONG);
    let of = |keys: JkKeys| rotation(Kind::ModJk(keys), LONG);
    let wiki = of(JkKeys { worker: "wiki".to_owned(), ..keys.clone() });
    assert!(matches!(block_on(wiki.list()), Err(Error::Unexpected { .. })));
    let failed = block_on(of(keys).connect(&node("n3")));
    assert!(matches!(failed, Err(Error::NoSuchMember { .. })), "{failed:?}");
}
