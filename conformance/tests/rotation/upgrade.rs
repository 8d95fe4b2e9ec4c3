//! What is seen from outside while somebody upgrades, by hand or by `zdu replay`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use zdu_endpoint::{Mock, Options};

use crate::front::{Front, Running};
use crate::load::{Answer, Load, User, counted, failures};

/// A sentence, and how it is tried on a kind.
type Test = (&'static str, fn(Front));

/// What is asked of each kind.
pub(crate) const TESTS: &[Test] = &[
    ("lb_6_with_rotation_no_request_fails", with_rotation_no_request_fails),
    ("lb_6_without_rotation_some_do", without_rotation_some_do),
    ("lb_5_users_move_and_come_back_evenly", users_move_and_come_back_evenly),
];

/// How many users there are.
const USERS: usize = 12;

/// A page that each node serves while it is up.
const PAGE: &str = "/rest/zdu/state";

/// A cluster, and a load balancer in front of it.
struct Site {
    // Ended in this order: the load balancer goes before the nodes.
    front: Running,
    folder: tempfile::TempDir,
    mock: Mock,
    _runtime: tokio::runtime::Runtime,
}

impl Site {
    fn start(front: Front) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let options = Options { nodes: 3, delay: Duration::from_millis(30), ..Options::default() };
        let mock = runtime.block_on(Mock::start(options)).expect("a mock");
        let front = front.start(&addresses(&mock));
        Self { front, folder: tempfile::tempdir().expect("a folder"), mock, _runtime: runtime }
    }

    /// A target file, with the load balancer in it or not.
    fn target(&self, rotation: bool) -> PathBuf {
        let mut text = format!(
            "url = \"{}\"\nversions = [\"9.2.1\", \"9.2.4\", \"9.3.0\"]\nallow_disruption = true\n\
             [timing]\npoll = \"10ms\"\nsettle = \"20s\"\nquiet = \"40ms\"\n",
            self.mock.url()
        );
        if rotation {
            text.push_str("[balancer]\ndrain = \"10s\"\n");
            text.push_str(&self.front.table);
        }
        for (index, url) in self.mock.node_urls().iter().enumerate() {
            text.push_str(&format!("[[node]]\nid = \"n{}\"\nurl = \"{url}\"\n", index + 1));
        }
        let path = self.folder.path().join(format!("target-{rotation}.toml"));
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn load(&self) -> Load {
        Load::start(USERS, self.front.server.port, PAGE, node_of)
    }

    /// Performs the whole upgrade, and the way back, under load.
    fn upgraded(&self, rotation: bool) -> Vec<Answer> {
        let load = self.load();
        let control = format!("{}/_mock", self.mock.url());
        let target = self.target(rotation);
        let words = ["replay", "--only", "happy-path", "--control", &control, "--target"];
        let replayed = zdu(&words, &target);
        let answers = load.end();
        assert_eq!(replayed.status.code(), Some(0), "{}", text(&replayed));
        answers
    }

    /// Who answers each user, asked some times; every user has one answer.
    fn asked(&self, users: &mut [User]) -> BTreeMap<usize, BTreeSet<String>> {
        let port = self.front.server.port;
        let ask = |(number, user): (usize, &mut User)| {
            let answers = (0..3).map(|_| user.ask(port, PAGE, node_of).outcome.expect("an answer"));
            (number, answers.collect())
        };
        users.iter_mut().enumerate().map(ask).collect()
    }
}

fn addresses(mock: &Mock) -> Vec<SocketAddr> {
    let address = |url: &String| url.trim_start_matches("http://").parse().expect("an address");
    mock.node_urls().iter().map(address).collect()
}

/// The node that answered, from its own view.
fn node_of(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    json["buildInfo"]["id"].as_str().unwrap_or(body).to_owned()
}

fn zdu(words: &[&str], target: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zdu"));
    command.args(words).arg(target).stdin(Stdio::null()).output().expect("zdu runs")
}

fn text(output: &Output) -> String {
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

// Proves LB-6 from outside: every node was down in turn, all of them answered, and no request failed.
fn with_rotation_no_request_fails(front: Front) {
    let site = Site::start(front);
    let answers = site.upgraded(true);
    assert_eq!(failures(&answers), 0, "{:?}", counted(&answers));
    let nodes: Vec<String> = counted(&answers).into_keys().collect();
    assert_eq!(nodes, ["n1", "n2", "n3"]);
    let listed = zdu(&["balancer", "list", "--target"], &site.target(true));
    assert_eq!(text(&listed).matches(" in ").count(), 3, "all are back: {}", text(&listed));
}

// The same without rotation shows failures, so the check above can fail.
fn without_rotation_some_do(front: Front) {
    let answers = Site::start(front).upgraded(false);
    assert!(failures(&answers) > 0, "{:?}", counted(&answers));
}

// Measures LB-5: nobody is left on a node that is out, and nobody else is moved away; once it is back it has its share of users,
// of new ones at least, since a session stays where it is.
fn users_move_and_come_back_evenly(front: Front) {
    let site = Site::start(front);
    let target = site.target(true);
    let users = || (0..60).map(User::new).collect::<Vec<_>>();
    let on = |asked: &BTreeMap<usize, BTreeSet<String>>, node: &str| {
        asked.values().filter(|nodes| nodes.contains(node)).count()
    };
    let mut known = users();
    let before = site.asked(&mut known);
    assert!(before.values().all(|nodes| nodes.len() == 1), "a session stays: {before:?}");
    let share = on(&before, "n1");
    assert!((8..=32).contains(&share), "{share} of 60");
    let out = zdu(&["balancer", "disconnect", "n1", "--target"], &target);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
    let without = site.asked(&mut known);
    assert_eq!(on(&without, "n1"), 0);
    let (moved, stayed): (Vec<usize>, Vec<usize>) =
        before.keys().partition(|user| before[user].contains("n1"));
    assert!(stayed.iter().all(|user| before[user] == without[user]), "nobody else is moved");
    let taken = |node: &str| moved.iter().filter(|user| without[user].contains(node)).count();
    assert!(taken("n2") > 0 && taken("n3") > 0, "{} and {}", taken("n2"), taken("n3"));
    let back = zdu(&["balancer", "connect", "n1", "--target"], &target);
    assert_eq!(back.status.code(), Some(0), "{}", text(&back));
    let after = site.asked(&mut users());
    let share = on(&after, "n1");
    assert!((8..=32).contains(&share), "{share} of 60 once it is back");
}
