//! NGINX (LB-1).

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

use zdu_balancer::nginx::{How, NginxKeys};
use zdu_balancer::{Error, Kind, Rotation};

use super::backend::{Backend, get, who};
use super::servers::{Server, nginx};
use super::{Test, block_on, node, places, rotation, until};

pub(super) const TESTS: &[Test] = &[
    ("nginx_a_node_is_taken_out_and_put_back", "nginx", a_node_is_taken_out_and_put_back),
    ("nginx_what_it_refuses_is_restored", "nginx", what_it_refuses_is_restored),
    ("nginx_a_reload_that_fails_is_restored", "nginx", a_reload_that_fails_is_restored),
    ("nginx_the_last_server_stays", "nginx", the_last_server_stays),
    ("nginx_an_open_request_is_waited_for", "nginx", an_open_request_is_waited_for),
    ("nginx_a_killed_run_is_mended_by_the_next", "nginx", a_killed_run_is_mended_by_the_next),
];

struct Site {
    nodes: [Backend; 2],
    server: Server,
}

fn site() -> Site {
    let nodes = ["n1", "n2"].map(Backend::start);
    let [one, two] = nodes.each_ref().map(|node| node.address);
    let server = nginx::start(&format!(
        "# the nodes\nupstream confluence {{\n  server {one} max_fails=0; # the first\n  server {two} max_fails=0;\n}}\n"
    ));
    Site { nodes, server }
}

impl Site {
    fn keys(&self, how: How) -> NginxKeys {
        NginxKeys {
            config: self.server.path("nginx.conf"),
            upstream: "confluence".to_owned(),
            how,
            test: Some(nginx::command(&self.server, "-t")),
            reload: Some(nginx::command(&self.server, "-s reload")),
            drain: Duration::from_secs(10),
        }
    }

    fn rotation(&self, how: How) -> Rotation {
        let keys = self.keys(how);
        rotation(Kind::Nginx(keys.clone()), keys.drain)
    }

    fn name(&self, index: usize) -> String {
        self.nodes[index].address.to_string()
    }

    fn group(&self) -> String {
        fs::read_to_string(self.server.path("conf.d/nodes.conf")).expect("the file")
    }

    /// Whatever lies beside the configuration.
    fn files(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.server.path("conf.d")).expect("the folder").flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

// Proves both ways, by who answers: as soon as the call returns no request goes to the node, and none is lost.
fn a_node_is_taken_out_and_put_back() {
    for how in [How::Remove, How::Down] {
        let site = site();
        let (rotation, before) = (site.rotation(how), site.group());
        assert_eq!(who(site.server.port, 8), names(&["n1", "n2"]));
        block_on(rotation.disconnect(&node(&site.name(0)))).expect("n1 leaves");
        assert_eq!(who(site.server.port, 8), names(&["n2"]));
        assert_eq!(places(&rotation), format!("{} out, {} in", site.name(0), site.name(1)));
        // Once more changes nothing.
        let out = site.group();
        block_on(rotation.disconnect(&node(&site.name(0)))).expect("n1 is out");
        assert_eq!(site.group(), out);
        block_on(rotation.connect(&node(&site.name(0)))).expect("n1 is back");
        assert_eq!(who(site.server.port, 8), names(&["n1", "n2"]));
        assert_eq!(site.group(), before, "every byte is as it was");
        assert_eq!(site.files(), names(&["nodes.conf"]));
    }
}

fn what_it_refuses_is_restored() {
    let site = site();
    let broken = format!("{}\nno_such_directive on;\n", site.group());
    fs::write(site.server.path("conf.d/nodes.conf"), &broken).expect("a file");
    let failed = block_on(site.rotation(How::Remove).disconnect(&node(&site.name(0))));
    assert!(matches!(failed, Err(Error::Refused { .. })), "{failed:?}");
    let said = failed.expect_err("it failed").to_string();
    assert!(said.contains("no_such_directive"), "NGINX's own words: {said}");
    assert_eq!(site.group(), broken);
    assert_eq!(site.files(), names(&["nodes.conf"]));
    assert_eq!(who(site.server.port, 8), names(&["n1", "n2"]));
}

fn a_reload_that_fails_is_restored() {
    let site = site();
    let before = site.group();
    let keys =
        NginxKeys { reload: Some("echo no >&2; exit 3".to_owned()), ..site.keys(How::Remove) };
    let failed =
        block_on(rotation(Kind::Nginx(keys.clone()), keys.drain).disconnect(&node(&site.name(0))));
    assert!(matches!(failed, Err(Error::Refused { .. })), "{failed:?}");
    assert_eq!(site.group(), before);
    assert_eq!(site.files(), names(&["nodes.conf"]));
    // No NGINX at all.
    let mut site = site;
    site.server.kill();
    let failed = block_on(site.rotation(How::Remove).disconnect(&node(&site.name(0))));
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(site.group(), before);
}

fn the_last_server_stays() {
    let site = site();
    let rotation = site.rotation(How::Down);
    block_on(rotation.disconnect(&node(&site.name(0)))).expect("n1 leaves");
    let failed = block_on(rotation.disconnect(&node(&site.name(1))));
    assert!(matches!(failed, Err(Error::LastMember { .. })), "{failed:?}");
    assert_eq!(who(site.server.port, 4), names(&["n2"]));
    let failed = block_on(rotation.disconnect(&node("127.0.0.1:1")));
    assert!(matches!(failed, Err(Error::NoSuchMember { .. })), "{failed:?}");
}

// Proves that a node is not given free while a request runs through it, that the request is answered, and that what never ends is
// said, with the node back in rotation.
fn an_open_request_is_waited_for() {
    let site = site();
    let gate = site.nodes[0].gate.lock().expect("the gate");
    let port = site.server.port;
    let open: Vec<_> = (0..4)
        .map(|_| std::thread::spawn(move || get(port, "/", None).expect("an answer")))
        .collect();
    until("n1 is asked", || site.nodes[0].busy.load(Ordering::SeqCst) > 0);
    let keys = site.keys(How::Remove);
    let hasty = rotation(Kind::Nginx(keys), Duration::from_millis(300));
    let failed = block_on(hasty.disconnect(&node(&site.name(0))));
    assert!(matches!(failed, Err(Error::StillBusy { .. })), "{failed:?}");
    assert_eq!(places(&hasty), format!("{} in, {} in", site.name(0), site.name(1)));
    std::thread::scope(|scope| {
        let leaving = scope.spawn(|| {
            block_on(site.rotation(How::Remove).disconnect(&node(&site.name(0))))
                .expect("n1 leaves");
            site.nodes[0].busy.load(Ordering::SeqCst)
        });
        until("it is out", || site.group().contains("#zdu-out"));
        drop(gate);
        assert_eq!(leaving.join().expect("it ends"), 0);
    });
    for answer in open {
        assert_eq!(answer.join().expect("it ends").0, 200);
    }
}

// Proves, for a kill before, in the middle of and after the change of the file, that the next run puts everything right.
fn a_killed_run_is_mended_by_the_next() {
    let site = site();
    let before = site.group();
    let after = before.replacen("  server", "  #zdu-out: server", 1);
    let file = |name: &str| site.server.path("conf.d").join(name);
    for now in [&before, &after] {
        fs::write(file(".nodes.conf.zdu-before"), &before).expect("a file");
        fs::write(file(".nodes.conf.zdu-after"), &after).expect("a file");
        fs::write(file("nodes.conf"), now).expect("a file");
        let rotation = site.rotation(How::Remove);
        block_on(rotation.disconnect(&node(&site.name(1)))).expect("n2 leaves");
        assert_eq!(who(site.server.port, 4), names(&["n1"]));
        block_on(rotation.connect(&node(&site.name(1)))).expect("n2 is back");
        assert_eq!(site.group(), before);
        assert_eq!(site.files(), names(&["nodes.conf"]));
    }
    // Somebody has changed the file since: nothing of theirs is lost.
    fs::write(file(".nodes.conf.zdu-before"), "old").expect("a file");
    fs::write(file(".nodes.conf.zdu-after"), "new").expect("a file");
    let failed = block_on(site.rotation(How::Remove).disconnect(&node(&site.name(1))));
    assert!(matches!(failed, Err(Error::Unexpected { .. })), "{failed:?}");
    assert_eq!(site.group(), before);
}
