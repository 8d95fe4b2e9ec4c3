//! What is seen from outside while somebody upgrades, by hand or by `zdu replay`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use zdu_endpoint::{BalancerDefect, Class, Mock, Options};

use crate::front::{Front, Running};
use crate::load::{Answer, Load, User, counted, failures};
use crate::servers::LIMIT;

/// A sentence, and how it is tried on a kind.
type Test = (&'static str, fn(Front));

/// What is asked of each kind.
pub(crate) const TESTS: &[Test] = &[
    ("lb_6_with_rotation_no_request_fails", with_rotation_no_request_fails),
    ("lb_6_without_rotation_some_do", without_rotation_some_do),
    ("lb_6_zdu_load_sees_the_same", zdu_load_sees_the_same),
    ("a_killed_run_is_mended_by_the_next", a_killed_run_is_mended_by_the_next),
    ("lb_5_users_move_and_come_back_evenly", users_move_and_come_back_evenly),
];

/// How many users there are.
const USERS: usize = 12;

/// How often an upgrade without rotation is tried until a request fails.
const TRIES: usize = 10;

/// A page that each node serves while it is up.
const PAGE: &str = "/rest/zdu/state";

/// A cluster, and a load balancer in front of it.
struct Site {
    // Ended in this order: the load balancer goes before the nodes.
    front: Running,
    folder: tempfile::TempDir,
    mock: Mock,
    /// What its target file says without a load balancer.
    head: String,
    _runtime: tokio::runtime::Runtime,
}

impl Site {
    fn start(front: Front) -> Self {
        let (mock, head, _runtime) = cluster(|_| String::new());
        let front = front.start(&addresses(&mock));
        Self { front, folder: tempfile::tempdir().expect("a folder"), mock, head, _runtime }
    }

    /// A target file, with the load balancer in it or not.
    fn target(&self, rotation: bool) -> PathBuf {
        let mut text = self.head.clone();
        if rotation {
            text.push_str(&self.front.table);
            // What never ends is one of ours alone, and not waited for that long.
            let drain = if matches!(self.front.kind, Front::Staged(_)) { "500ms" } else { "10s" };
            text.push_str(&format!("drain = \"{drain}\"\n"));
        }
        let path = self.folder.path().join(format!("target-{rotation}.toml"));
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The same, with the load balancer's address in place of the cluster's.
    fn through(&self, rotation: bool) -> PathBuf {
        let lines = std::fs::read_to_string(self.target(rotation)).expect("the file");
        let url = format!("http://127.0.0.1:{}", self.front.port);
        let path = self.folder.path().join("through.toml");
        std::fs::write(&path, lines.replacen(self.mock.url(), &url, 1)).expect("a file");
        path
    }

    fn load(&self) -> Load {
        Load::start(USERS, self.front.port, PAGE, node_of)
    }

    /// Performs the whole upgrade, and the way back, under load.
    fn upgraded(&self, rotation: bool) -> Vec<Answer> {
        let load = self.load();
        let replayed = self.replayed(rotation);
        let answers = load.end();
        assert_eq!(replayed.status.code(), Some(0), "{}", text(&replayed));
        answers
    }

    /// Performs the whole upgrade, and the way back.
    fn replayed(&self, rotation: bool) -> Output {
        let control = format!("{}/_mock", self.mock.url());
        let report = self.folder.path().join("report").display().to_string();
        let words = ["replay", "--only", "happy-path", "--control", &control, "--report-dir"];
        let words = [&words[..], &[report.as_str(), "--target"]].concat();
        zdu(&words, &self.target(rotation))
    }

    /// What the run said.
    fn report(&self) -> serde_json::Value {
        let report = std::fs::read_to_string(self.folder.path().join("report/report.json"));
        serde_json::from_str(&report.expect("the report")).expect("JSON")
    }

    /// Who answers each user, asked some times; every user has one answer.
    fn asked(&self, users: &mut [User]) -> BTreeMap<usize, BTreeSet<String>> {
        let port = self.front.port;
        let ask = |(number, user): (usize, &mut User)| {
            let answers = (0..3).map(|_| user.ask(port, PAGE, node_of).outcome.expect("an answer"));
            (number, answers.collect())
        };
        users.iter_mut().enumerate().map(ask).collect()
    }
}

/// A cluster of three nodes, and what a target file says of it; each node has these lines of its own.
pub(crate) fn cluster(own: impl Fn(usize) -> String) -> (Mock, String, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let options = Options { nodes: 3, delay: Duration::from_millis(30), ..Options::default() };
    let mock = runtime.block_on(Mock::start(options)).expect("a mock");
    let mut head = format!(
        "url = \"{}\"\nversions = [\"9.2.1\", \"9.2.4\", \"9.3.0\"]\nallow_disruption = true\n\
         [timing]\npoll = \"10ms\"\nsettle = \"20s\"\nquiet = \"40ms\"\n",
        mock.url()
    );
    for (index, url) in mock.node_urls().iter().enumerate() {
        let own = own(index);
        head.push_str(&format!("[[node]]\nid = \"n{}\"\nurl = \"{url}\"\n{own}", index + 1));
    }
    (mock, head, runtime)
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

pub(crate) fn text(output: &Output) -> String {
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
    // The rule of its kind was at stake each time that a node went down, came up and came back, and held.
    let rule = &site.report()["rules"][front.rule()];
    assert!(rule["tried"].as_u64().is_some_and(|tried| tried >= 9), "{rule}");
    assert_eq!(rule["held"], true, "{rule}");
}

// The same without rotation shows failures, so the check above can fail.
fn without_rotation_some_do(front: Front) {
    // Apache tries another node where one refuses a connection, so that few requests fail, and now and then none.
    let fails = |_| failures(&Site::start(front).upgraded(false)) > 0;
    assert!((0..TRIES).any(fails), "no request failed in {TRIES} upgrades");
}

// Proves that what somebody with a cluster of their own has, `zdu load`, finds what the test's own load finds, both ways.
fn zdu_load_sees_the_same(front: Front) {
    for rotation in [true, false] {
        // Apache tries another node where one refuses a connection, so that few requests fail.
        if !rotation && matches!(front, Front::Apache | Front::ModJk) {
            continue;
        }
        let site = Site::start(front);
        let folder = site.folder.path().join("load");
        let page = ["--page", PAGE, "--node-after", "\"id\":\"", "--rate", "200", "--users", "20"];
        let mut load = Command::new(env!("CARGO_BIN_EXE_zdu"))
            .arg("load")
            .args(page)
            .arg("--target")
            .arg(site.through(rotation))
            .arg("--report-dir")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("zdu starts");
        // It says what it reads once Ctrl-C ends it in good order.
        let mut first = String::new();
        let mut lines = BufReader::new(load.stderr.take().expect("its stderr"));
        lines.read_line(&mut first).expect("a line");
        let replayed = site.replayed(rotation);
        assert_eq!(replayed.status.code(), Some(0), "{}", text(&replayed));
        let signal = format!("kill -INT {}", load.id());
        assert!(Command::new("sh").args(["-c", &signal]).status().expect("sh runs").success());
        let code = load.wait().expect("it ends").code();
        let json = std::fs::read_to_string(folder.join("load.json")).expect("the report");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let failed = json["failed"].as_u64().expect("a number");
        let due = if rotation { (Some(0), true) } else { (Some(1), false) };
        assert_eq!((code, failed == 0), due, "{:#}", json["rules"]);
        let nodes = json["total"]["answers"].as_object().expect("nodes").keys();
        assert_eq!(nodes.collect::<Vec<_>>(), ["n1", "n2", "n3"]);
        let page = std::fs::read_to_string(folder.join("load.html")).expect("the picture");
        assert!(page.contains("<svg"));
    }
}

// Proves that nothing is left by a run that is killed while a node is out: the next one puts every node back.
fn a_killed_run_is_mended_by_the_next(front: Front) {
    let site = Site::start(front);
    let target = site.target(true);
    let control = format!("{}/_mock", site.mock.url());
    let listed = || text(&zdu(&["balancer", "list", "--target"], &target));
    let mut killed = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(["replay", "--only", "happy-path", "--control", &control, "--target"])
        .arg(&target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("zdu starts");
    let began = Instant::now();
    while !listed().contains(" out ") {
        assert!(began.elapsed() < LIMIT, "no node goes out");
    }
    killed.kill().expect("SIGKILL");
    killed.wait().expect("it ends");
    // The cluster is left in the middle of an upgrade, which the next run is told to end.
    let words =
        ["replay", "--take-over", "--only", "happy-path", "--control", &control, "--target"];
    let replayed = zdu(&words, &target);
    assert_eq!(replayed.status.code(), Some(0), "{}", text(&replayed));
    assert_eq!(listed().matches(" in ").count(), 3, "{}", listed());
}

/// Proves the same of NGINX's configuration, killed between the change and the reload: the next run takes the change back, byte for
/// byte, before it makes its own.
pub(crate) fn a_change_that_is_killed_is_taken_back() {
    let site = Site::start(Front::Nginx);
    let target = site.target(true);
    let right = std::fs::read_to_string(&target).expect("the file");
    let waits = site.folder.path().join("waits");
    std::fs::write(&waits, "").expect("a file");
    let reload = right.lines().find(|line| line.starts_with("reload")).expect("a reload");
    let hangs = format!("reload = \"while [ -e {} ]; do sleep 0.05; done\"", waits.display());
    std::fs::write(&target, right.replace(reload, &hangs)).expect("a file");
    let config = right.lines().find_map(|line| line.strip_prefix("config   = \"")).expect("a file");
    let folder = Path::new(config.trim_end_matches('"')).parent().expect("a folder").join("conf.d");
    let group = || std::fs::read_to_string(folder.join("nodes.conf")).expect("the file");
    let before = group();
    let mut killed = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(["balancer", "disconnect", "n1", "--target"])
        .arg(&target)
        .stdin(Stdio::null())
        .spawn()
        .expect("zdu starts");
    let began = Instant::now();
    while group() == before {
        assert!(began.elapsed() < LIMIT, "nothing is changed");
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().expect("SIGKILL");
    killed.wait().expect("it ends");
    std::fs::remove_file(&waits).expect("its shell ends");
    assert!(group().contains("#zdu-out"), "the change is left half done");
    std::fs::write(&target, right).expect("a file");
    for (what, due) in [("disconnect", 1), ("connect", 0)] {
        let done = zdu(&["balancer", what, "n2", "--target"], &target);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done));
        assert_eq!(group().matches("#zdu-out").count(), due);
    }
    assert_eq!(group(), before);
    let left = std::fs::read_dir(&folder).expect("the folder").count();
    assert_eq!(left, 1, "nothing lies beside the file");
}

// Measures LB-5: nobody is left on a node that is out, and nobody else is moved away; once it is back it has its share of users,
// of new ones at least, since a session stays where it is.
fn users_move_and_come_back_evenly(front: Front) {
    moved_evenly(front).unwrap_or_else(|fault| panic!("{fault}"));
}

/// What is wrong with how users move, if something is.
fn moved_evenly(front: Front) -> Result<(), String> {
    let site = Site::start(front);
    let target = site.target(true);
    let users = || (0..60).map(User::new).collect::<Vec<_>>();
    let on = |asked: &BTreeMap<usize, BTreeSet<String>>, node: &str| {
        asked.values().filter(|nodes| nodes.contains(node)).count()
    };
    let is = |so: bool, fault: &str| if so { Ok(()) } else { Err(fault.to_owned()) };
    let change = |what: &str| {
        let done = zdu(&["balancer", what, "n1", "--target"], &target);
        is(done.status.success(), &text(&done))
    };
    let mut known = users();
    let before = site.asked(&mut known);
    is(before.values().all(|nodes| nodes.len() == 1), "a session does not stay")?;
    is((8..=32).contains(&on(&before, "n1")), "n1 has no fair share at first")?;
    change("disconnect")?;
    let without = site.asked(&mut known);
    is(on(&without, "n1") == 0, "users are left on the node that is out")?;
    let (moved, stayed): (Vec<usize>, Vec<usize>) =
        before.keys().partition(|user| before[user].contains("n1"));
    is(stayed.iter().all(|user| before[user] == without[user]), "others are moved, too")?;
    let taken = |node: &str| moved.iter().filter(|user| without[user].contains(node)).count();
    is(taken("n2") > 0 && taken("n3") > 0, "all who move go to one node")?;
    change("connect")?;
    let after = site.asked(&mut users());
    is((8..=32).contains(&on(&after, "n1")), "n1 has no fair share once it is back")
}

// Proves that a run blames a load balancer's defect on its rule, and one without a defect for nothing: a deviation, or a timeout where
// something never ends. What users alone see (LB-5, LB-6) no run is blamed for: `zdu load` looks at it.
pub(crate) fn blamed_on_its_rule(defect: Option<BalancerDefect>) {
    // What lasts for a moment shows only where a request comes in that moment.
    let tries = if defect == Some(BalancerDefect::Lags) { TRIES } else { 1 };
    let mut last = Ok(());
    for _ in 0..tries {
        last = judged(defect);
        if last.is_ok() {
            return;
        }
    }
    last.unwrap_or_else(|wrong| panic!("{wrong}"));
}

/// How a run judges it, if rightly.
fn judged(defect: Option<BalancerDefect>) -> Result<(), String> {
    let site = Site::start(Front::Staged(defect));
    let load = site.load();
    let replayed = site.replayed(true);
    let failed = failures(&load.end());
    let rule = &site.report()["rules"]["LB-2"];
    assert!(rule["tried"].as_u64() > Some(0), "{}", text(&replayed));
    let count = |what: &str| rule[what].as_u64().expect("a number");
    let tally = (replayed.status.code(), count("deviations"), count("timeouts"));
    let due: &[(Option<i32>, u64, u64)] = match defect.map(BalancerDefect::row) {
        Some(row) if row.rules[0] == "LB-2" => match row.class {
            Class::Deviates => &[(Some(1), 1, 0)],
            Class::TimesOut => &[(Some(3), 0, 1)],
            // Whoever is sent to a node that is out may also keep it busy.
            Class::Either => &[(Some(1), 1, 0), (Some(1), 1, 1), (Some(3), 0, 1)],
        },
        Some(_) | None => &[(Some(0), 0, 0)],
    };
    assert!(defect.is_some() || failed == 0, "{failed} requests failed");
    if due.contains(&tally) { Ok(()) } else { Err(format!("{tally:?}: {}", text(&replayed))) }
}

// Proves that the check of LB-5 can fail, by each defect that it looks for, and that one without a defect passes it.
pub(crate) fn found_by_lb_5(defect: Option<BalancerDefect>) {
    let moved = moved_evenly(Front::Staged(defect));
    assert_eq!(moved.is_ok(), defect.is_none(), "{moved:?}");
}

/// Defects that no run sees, and one that both see.
pub(crate) const SEEN_BY_USERS: &[BalancerDefect] = &[
    BalancerDefect::KeepsUsers,
    BalancerDefect::DropsSessions,
    BalancerDefect::NeverRebalances,
    BalancerDefect::LosesRequests,
];

// Proves that `zdu load` holds LB-5 and LB-6 where a node goes out and comes back as it should, and blames each defect on its rule alone.
// How far it is, is told by the load balancer's own count.
pub(crate) fn seen_by_zdu_load(defect: Option<BalancerDefect>) {
    let site = Site::start(Front::Staged(defect));
    let (target, through) = (site.target(true), site.through(true));
    let folder = site.folder.path().join("load");
    let page = ["--page", PAGE, "--node-after", "\"id\":\"", "--rate", "200", "--users", "15"];
    let mut load = Command::new(env!("CARGO_BIN_EXE_zdu"));
    let load = load.arg("load").args(page).arg("--report-dir").arg(&folder).arg("--target");
    let quiet = load.arg(&through).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut load = quiet.spawn().expect("zdu starts");
    let sent = || {
        let listed = zdu(&["balancer", "list", "--format", "json", "--target"], &target);
        let json: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
        let members = json.as_array().expect("members").iter();
        members.filter_map(|member| member["sent"].as_u64()).sum::<u64>()
    };
    let more = |due: u64| {
        let (began, first) = (Instant::now(), sent());
        while sent() < first + due {
            assert!(began.elapsed() < LIMIT, "no load");
        }
    };
    // Enough for each user to be settled; to be seen elsewhere; and for new ones to be due at n1. Of so many users some move by
    // chance where all sessions are dropped.
    more(250);
    let out = zdu(&["balancer", "disconnect", "n1", "--target"], &target);
    let kept = defect == Some(BalancerDefect::KeepsUsers);
    assert!(out.status.success() || kept, "{}", text(&out));
    more(120);
    assert!(zdu(&["balancer", "connect", "n1", "--target"], &target).status.success());
    more(450);
    let signal = format!("kill -INT {}", load.id());
    assert!(Command::new("sh").args(["-c", &signal]).status().expect("sh runs").success());
    let code = load.wait().expect("it ends").code();
    let json = std::fs::read_to_string(folder.join("load.json")).expect("the report");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let broken = |rule: &str| json["rules"][rule]["faults"].as_array().map(|it| !it.is_empty());
    let blamed = ["LB-5", "LB-6"].map(|rule| broken(rule).expect("it is told"));
    let due =
        defect.map_or([false, false], |it| ["LB-5", "LB-6"].map(|rule| it.row().rules[0] == rule));
    assert!(json["rules"]["LB-5"]["tried"].as_u64() > Some(0), "{:#}", json["rules"]);
    if kept {
        assert!(blamed[0], "{:#}", json["rules"]);
    } else {
        assert_eq!(blamed, due, "{:#}", json["rules"]);
    }
    assert_eq!(code, Some(i32::from(blamed != [false, false])));
}
