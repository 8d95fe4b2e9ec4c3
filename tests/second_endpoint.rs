//! Is the second endpoint itself right, with any freedom?
//!
//! Nothing of the suite is used. The transition relation is checked against the state counts that the specification
//! pins, the rest over HTTP. The defects are in `second_endpoint_defects`.

#[allow(dead_code, reason = "each user of the endpoint needs another part of it")]
mod endpoint;

use std::collections::{HashSet, VecDeque};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use endpoint::Endpoint;
use endpoint::calls::Call;
use endpoint::cluster::{Cluster, Phase, Profile};
use endpoint::defect::Defect;
use endpoint::freedom::{Freedom, Freedoms};
use endpoint::transitions::Step;
use endpoint::world::{Layout, Options};
use serde_json::Value;

type Outcome<T = ()> = Result<T, String>;

const PATIENCE: Duration = Duration::from_secs(5);

fn key(cluster: &Cluster) -> String {
    let nodes: Vec<_> = cluster.nodes.iter().map(|node| (node.phase, node.version)).collect();
    format!("{} {:?} {} {nodes:?}", cluster.mode, cluster.origin, cluster.tasks_pending)
}

/// Every labelled transition out of a state.
fn successors(cluster: &Cluster) -> Vec<(String, Cluster)> {
    let mut found = Vec::new();
    let mut add = |label: String, change: &dyn Fn(&mut Cluster)| {
        let mut next = cluster.clone();
        change(&mut next);
        found.push((label, next));
    };
    for call in [Call::Start, Call::Cancel, Call::Approve, Call::Retry] {
        if cluster.served() && cluster.allowed(call) {
            add(format!("{call:?}"), &|next| next.perform(call, false));
            if call == Call::Approve && cluster.profile == Profile::Finalization {
                add("Approve with tasks".to_owned(), &|next| next.perform(call, true));
            }
        }
    }
    for index in 0..cluster.nodes.len() {
        let mut steps = vec![Step::Stop, Step::Kill, Step::Boot, Step::Break, Step::Repair];
        steps.extend((0..cluster.versions).map(Step::Install));
        for step in steps {
            if cluster.enabled(index, step) {
                add(format!("{step:?} {index}"), &|next| next.apply(index, step));
            }
        }
        if let Some(what) = cluster.next(index) {
            add(format!("{what:?} {index}"), &|next| next.happen(index, what));
        }
        if cluster.nodes[index].phase == Phase::Finalizing {
            add(format!("FinalizeFail {index}"), &|next| next.finalize_fail(index));
        }
    }
    found
}

fn count(nodes: usize, versions: usize, profile: Profile) -> (usize, usize) {
    let first = Cluster::new(nodes, versions, profile, None);
    let mut seen = HashSet::from([key(&first)]);
    let mut labelled = HashSet::new();
    let mut waiting = VecDeque::from([first]);
    while let Some(cluster) = waiting.pop_front() {
        let from = key(&cluster);
        for (label, next) in successors(&cluster) {
            let to = key(&next);
            labelled.insert(format!("{from} {label} {to}"));
            if seen.insert(to) {
                waiting.push_back(next);
            }
        }
    }
    (seen.len(), labelled.len())
}

/// Proves that the endpoint moves exactly as sections 3 and 6 say, as far as the pinned counts can tell.
#[test]
fn the_reachable_states_and_transitions_are_as_many_as_the_specification_says() {
    assert_eq!(count(1, 2, Profile::Documented), (44, 132));
    assert_eq!(count(2, 2, Profile::Documented), (742, 4_262));
    assert_eq!(count(2, 3, Profile::Documented), (2_223, 13_794));
    assert_eq!(count(1, 2, Profile::Finalization), (64, 200));
    assert_eq!(count(2, 2, Profile::Finalization), (1_092, 6_528));
}

/// A client of one call: a connection, a request, an answer.
fn send(address: SocketAddr, method: &str, path: &str, extra: &str) -> Outcome<(u16, String)> {
    let text = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(address).map_err(text)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(text)?;
    let posting =
        "Content-Type: application/json\r\nX-Atlassian-Token: no-check\r\nContent-Length: 2\r\n";
    let (headers, body) = if method == "POST" { (posting, "{}") } else { ("", "") };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: here\r\nAccept: application/json\r\nConnection: close\r\n{headers}{extra}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).map_err(text)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(text)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or("no code")?;
    let body = if head.contains("chunked") { unchunk(body)? } else { body.to_owned() };
    Ok((code, body))
}

fn unchunk(text: &str) -> Outcome<String> {
    let mut bytes = text.as_bytes();
    let mut out = Vec::new();
    loop {
        let end =
            bytes.windows(2).position(|pair| pair == b"\r\n").ok_or("chunk without a size")?;
        let digits = std::str::from_utf8(&bytes[..end]).map_err(|error| error.to_string())?;
        let size = usize::from_str_radix(digits, 16).map_err(|error| error.to_string())?;
        if size == 0 {
            return String::from_utf8(out).map_err(|error| error.to_string());
        }
        out.extend(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
    }
}

struct Tester {
    endpoint: Endpoint,
    base: &'static str,
}

impl Tester {
    fn start(options: Options) -> Outcome<Self> {
        let base =
            if options.layout == Layout::Product { "/rest/zdu" } else { "/rest/zdu/cluster/zdu" };
        Ok(Self { endpoint: Endpoint::start(options).map_err(|error| error.to_string())?, base })
    }

    fn call(&self, method: &str, path: &str) -> Outcome<(u16, String)> {
        let path = format!("{}{}{path}", self.endpoint.options().context, self.base);
        send(self.endpoint.api(), method, &path, "")
    }

    fn post(&self, call: &str, code: u16) -> Outcome {
        let (seen, body) = self.call("POST", call)?;
        if seen == code {
            Ok(())
        } else {
            Err(format!("{call} answered {seen}, not {code}: {body}"))
        }
    }

    fn control(&self, path: &str) -> Outcome {
        let (code, body) = send(self.endpoint.control(), "POST", path, "")?;
        if code / 100 == 2 { Ok(()) } else { Err(format!("{path} answered {code}: {body}")) }
    }

    fn step(&self, index: usize, step: &str) -> Outcome {
        self.control(&format!("/nodes/{}/{step}", self.endpoint.ids()[index]))
    }

    fn read(&self, path: &str) -> Outcome<Value> {
        let (code, body) = self.call("GET", path)?;
        if code != 200 {
            return Err(format!("{path} answered {code}"));
        }
        serde_json::from_str(&body).map_err(|error| format!("{error}: {body}"))
    }

    fn node(&self, index: usize) -> Outcome<Value> {
        self.read(&format!("/nodes/{}", self.endpoint.ids()[index]))
    }

    /// Asks again until the condition holds; an endpoint that does not answer is asked again too.
    fn wait(&self, what: &str, condition: &dyn Fn(&Self) -> Outcome<bool>) -> Outcome {
        let end = Instant::now() + PATIENCE;
        loop {
            let seen = condition(self);
            if seen == Ok(true) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(format!("never: {what}: {seen:?}"));
            }
            std::thread::yield_now();
        }
    }

    fn wait_node(&self, index: usize, word: &str) -> Outcome {
        self.wait(&format!("node {index} {word}"), &|tester| {
            Ok(tester.node(index)?["state"] == word)
        })
    }

    fn wait_status(&self, word: &str) -> Outcome {
        self.wait(word, &|tester| Ok(tester.read("/state")?["state"] == word))
    }

    fn upgrade(&self, index: usize) -> Outcome {
        let version = &self.endpoint.options().versions[1];
        self.step(index, "stop")?;
        self.wait_node(index, "OFFLINE")?;
        self.step(index, &format!("install?version={version}"))?;
        self.step(index, "boot")?;
        self.wait_node(index, "ACTIVE")
    }

    /// The documented procedure with two nodes, every refusal that lies on the way, and a removed node.
    fn happy_path(&self) -> Outcome {
        self.wait_status("STABLE")?;
        self.post("/cancel", 409)?;
        self.post("/start", 200)?;
        self.post("/start", 409)?;
        self.wait_status("READY_TO_UPGRADE")?;
        assert_eq!(self.read("/state")?["buildInfo"]["state"], "ACTIVE");
        self.upgrade(0)?;
        self.wait_status("MIXED")?;
        self.post("/cancel", 409)?;
        self.post("/approve", 409)?;
        self.upgrade(1)?;
        self.wait_status("READY_TO_RUN_UPGRADE_TASKS")?;
        self.post("/cancel", 409)?;
        self.step(1, "kill")?;
        self.wait_node(1, "OFFLINE")?;
        self.post("/approve", 200)?;
        self.wait_status("STABLE")?;
        self.wait("node 1 is removed", &|tester| {
            Ok(tester.call("GET", &format!("/nodes/{}", tester.endpoint.ids()[1]))?.0 == 404)
        })?;
        let overview =
            if self.base == "/rest/zdu" { self.read("/cluster") } else { self.read("/") }?;
        assert_eq!(overview["upgradeModeEnabled"], false);
        assert_eq!(overview["nodes"].as_array().map(Vec::len), Some(1));
        assert_eq!(overview["nodes"][0]["version"], "9.2.4");
        self.step(1, "boot")?;
        self.wait_node(1, "ACTIVE")?;
        self.control("/reset")?;
        self.wait_status("STABLE")
    }
}

fn two_nodes(freedoms: Freedoms, seed: u64) -> Options {
    Options { nodes: 2, freedoms, seed, ..Options::default() }
}

#[test]
fn the_documented_procedure_works_without_any_freedom() -> Outcome {
    Tester::start(two_nodes(Freedoms::default(), 0))?.happy_path()
}

#[test]
fn the_documented_procedure_works_with_each_freedom() -> Outcome {
    for freedom in Freedom::ALL {
        let tester = Tester::start(two_nodes(Freedoms::new(vec![*freedom]), 1))?;
        tester.happy_path().map_err(|error| format!("{}: {error}", freedom.name()))?;
    }
    Ok(())
}

#[test]
fn the_documented_procedure_works_with_all_freedoms_and_in_every_layout() -> Outcome {
    for seed in 0..6 {
        let layout = [Layout::Documented, Layout::Product, Layout::Both][(seed % 3) as usize];
        let context = ["", "/confluence"][(seed % 2) as usize].to_owned();
        let options = Options { layout, context, ..two_nodes(Freedoms::all(), seed) };
        Tester::start(options)?.happy_path().map_err(|error| format!("seed {seed}: {error}"))?;
    }
    Ok(())
}

#[test]
fn tasks_run_fail_and_are_run_again_in_profile_finalization() -> Outcome {
    let options = Options {
        profile: Profile::Finalization,
        tasks: Some(Duration::from_millis(20)),
        ..two_nodes(Freedoms::default(), 2)
    };
    let tester = Tester::start(options)?;
    tester.post("/start", 200)?;
    tester.upgrade(0)?;
    tester.upgrade(1)?;
    tester.step(1, "fail_tasks")?;
    tester.post("/approve", 200)?;
    tester.wait_status("UPGRADE_TASKS_FAILED")?;
    assert_eq!(tester.node(1)?["state"], "UPGRADE_TASKS_FAILED");
    assert_eq!(tester.node(0)?["state"], "ACTIVE");
    assert_eq!(tester.read("/")?["hasFinalizationTasks"], true);
    tester.post("/start", 409)?;
    tester.post("/retryUpgrade", 200)?;
    tester.wait_status("STABLE")?;
    tester.post("/retryUpgrade", 409)
}

#[test]
fn nobody_answers_while_no_node_is_active() -> Outcome {
    let ways = [
        (Freedom::Unserved502, "Ok(502)"),
        (Freedom::Unserved503, "Ok(503)"),
        (Freedom::UnservedDrop, "no answer"),
        (Freedom::UnservedRefuse, "refused"),
    ];
    for (freedom, sign) in ways {
        let tester =
            Tester::start(Options { nodes: 1, ..two_nodes(Freedoms::new(vec![freedom]), 3) })?;
        tester.step(0, "kill")?;
        tester.wait(sign, &|tester| {
            let seen = tester.call("GET", "/state").map(|(code, _)| code);
            Ok(format!("{seen:?}").contains(sign))
        })?;
        tester.step(0, "boot")?;
        tester.wait_node(0, "ACTIVE")?;
    }
    Ok(())
}

#[test]
fn api_10_callers_are_told_apart() -> Outcome {
    let options = Options {
        auth: Some("admin:secret".to_owned()),
        plain: Some("ann:pw".to_owned()),
        ..two_nodes(Freedoms::default(), 0)
    };
    let tester = Tester::start(options)?;
    let ask = |header: &str| {
        send(tester.endpoint.api(), "GET", "/rest/zdu/cluster/zdu", header).map(|(code, _)| code)
    };
    assert_eq!(ask(""), Ok(401));
    assert_eq!(ask("Authorization: Basic YWRtaW46c2VjcmV0\r\n"), Ok(200));
    assert_eq!(ask("Authorization: Basic YW5uOnB3\r\n"), Ok(403));
    assert_eq!(ask("Authorization: Basic YWRtaW46d3Jvbmc=\r\n"), Ok(401));
    Ok(())
}

fn race(tester: &Tester, call: &str) -> Vec<u16> {
    let mut codes: Vec<u16> = std::thread::scope(|scope| {
        let runners: Vec<_> = (0..4).map(|_| scope.spawn(|| tester.call("POST", call))).collect();
        runners
            .into_iter()
            .filter_map(|runner| runner.join().ok()?.ok())
            .map(|(code, _)| code)
            .collect()
    });
    codes.sort_unstable();
    codes
}

#[test]
fn api_12_exactly_one_of_several_calls_wins() -> Outcome {
    let tester = Tester::start(two_nodes(Freedoms::default(), 0))?;
    for _ in 0..5 {
        assert_eq!(race(&tester, "/start"), [200, 409, 409, 409]);
        assert_eq!(race(&tester, "/cancel"), [200, 409, 409, 409]);
    }
    Ok(())
}

/// The negative case of the one above.
#[test]
fn api_12_the_defects_of_a_race_show() -> Outcome {
    let expected: [(Defect, &[u16]); 3] = [
        (Defect::RaceStartAllWin, &[200, 200, 200, 200]),
        (Defect::RaceNobodyWins, &[409, 409, 409, 409]),
        (Defect::RaceLosersGet500, &[200, 500, 500, 500]),
    ];
    for (defect, codes) in expected {
        let alone =
            Tester::start(Options { defect: Some(defect), ..two_nodes(Freedoms::default(), 0) })?;
        alone.happy_path().map_err(|error| format!("{} without a race: {error}", defect.name()))?;
        assert_eq!(race(&alone, "/start"), codes, "{}", defect.name());
    }
    Ok(())
}
