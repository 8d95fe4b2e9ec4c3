//! Does a run go through the proxy that the environment names, and round it where NO_PROXY says so? And is a proxy that does not
//! do its work called that, rather than the target?

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::process::{MockProcess, name, text};

/// A proxy for plain HTTP: it passes requests on, or answers each with the same.
struct Proxy {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Proxy {
    /// One that does what it is for.
    fn passing_on() -> Self {
        Self::start(pass_on)
    }

    /// One that answers this line to whatever it is asked.
    fn answering(line: &'static str) -> Self {
        Self::start(move |_, client| answer(line, client))
    }

    fn start(answer: impl Fn(&str, &mut TcpStream) -> Option<u64> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::Relaxed);
                let mut lines = BufReader::new(&client);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && matches!(lines.read_line(&mut head), Ok(1..)) {
                }
                // The connection ends with each answer.
                let head: String = (head.split_inclusive("\r\n"))
                    .filter(|line| !line.to_lowercase().starts_with("connection:"))
                    .collect();
                answer(&head, &mut client);
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn pass_on(head: &str, client: &mut TcpStream) -> Option<u64> {
    let mut words = head.split(' ');
    let method = words.next()?;
    let (host, path) = words.next()?.strip_prefix("http://")?.split_once('/')?;
    let mut server = TcpStream::connect(host).ok()?;
    let rest = head.split_once("\r\n")?.1;
    write!(server, "{method} /{path} HTTP/1.1\r\nConnection: close\r\n{rest}").ok()?;
    // Bodies of this API are `{}`, and come behind the head.
    if method == "POST" {
        server.write_all(b"{}").ok()?;
    }
    std::io::copy(&mut server, client).ok()
}

fn answer(line: &str, client: &mut TcpStream) -> Option<u64> {
    write!(client, "HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .ok()
        .map(|()| 0)
}

fn zdu(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zdu"));
    command.args(arguments).stdin(Stdio::null());
    // Of this machine's own proxies nothing is to be seen here.
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.envs(environment.iter().copied()).output().expect("zdu runs")
}

#[test]
fn a_run_goes_through_the_proxy_that_the_environment_names() {
    let mock = MockProcess::start("proxied", &["--delay", "3ms"]);
    let target = mock.target("allow_disruption = true");
    let run = ["replay", "--target", name(&target), "--only", "cancel-before-any-upgrade"];
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        let proxy = Proxy::passing_on();
        let there = zdu(&run, &[(variable, &proxy.url)]);
        assert_eq!(there.status.code(), Some(0), "{variable}: {}", text(&there));
        assert!(proxy.asked() > 5, "{variable}");
    }
    for variable in ["NO_PROXY", "no_proxy"] {
        let proxy = Proxy::passing_on();
        let round = zdu(&run, &[("HTTP_PROXY", &proxy.url), (variable, "127.0.0.1")]);
        assert_eq!(round.status.code(), Some(0), "{variable}: {}", text(&round));
        assert_eq!(proxy.asked(), 0, "{variable}");
    }
    // One for https is none for http.
    let proxy = Proxy::passing_on();
    let other = zdu(&run, &[("HTTPS_PROXY", &proxy.url)]);
    assert_eq!((other.status.code(), proxy.asked()), (Some(0), 0), "{}", text(&other));
}

// Each is named with what to do about it, and its password is shown nowhere.
#[test]
fn a_proxy_that_does_not_do_its_work_is_named() {
    let mock = MockProcess::start("no-proxy", &[]);
    let target = mock.target("");
    hurried(&target);
    // Held, so that no other test's server gets the port, and not listened at.
    let held = tokio::net::TcpSocket::new_v4().expect("a socket");
    held.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let gone = held.local_addr().expect("an address");
    let wants = Proxy::answering("407 Proxy Authentication Required");
    let nobody = Proxy::answering("502 Bad Gateway");
    let at = |url: &str| url.trim_start_matches("http://").to_owned();
    for (proxy, code, remedy) in [
        (gone.to_string(), 6, "NO_PROXY"),
        (at(&wants.url), 2, "name:password@"),
        (at(&nobody.url), 6, "NO_PROXY"),
    ] {
        let given = format!("http://me:sesame@{proxy}");
        for command in ["replay", "doctor", "advise"] {
            let asked = zdu(&[command, "--target", name(&target)], &[("HTTP_PROXY", &given)]);
            let said = text(&asked);
            assert_eq!(asked.status.code(), Some(code), "{command}: {said}");
            assert!(said.contains(&format!("proxy http://{proxy}")), "{command}: {said}");
            assert!(said.contains(remedy) && !said.contains("sesame"), "{command}: {said}");
        }
    }
}

// Nobody is up behind what answers from the end of the first trace on, for some requests: the second is played once somebody is, and
// nothing is done about it meanwhile.
#[test]
fn a_cluster_that_serves_nobody_for_a_moment_between_traces_is_waited_for() {
    const AWAY: usize = 12;
    let mock = MockProcess::start("nobody", &[]);
    let target = mock.target("");
    let folder = mock.folder.join("report");
    let journal = folder.join("journal.jsonl");
    let refused = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refused);
    let gate = Proxy::start(move |head, client| {
        let between =
            || std::fs::read_to_string(&journal).is_ok_and(|text| text.contains("\n{\"finished\""));
        if count.load(Ordering::Relaxed) < AWAY && between() {
            count.fetch_add(1, Ordering::Relaxed);
            return answer("502 Bad Gateway", client);
        }
        pass_on(head, client)
    });
    let only = ["--only", "stable-cluster-*", "--report-dir", name(&folder)];
    let run = zdu(
        &[&["replay", "--target", name(&target)], &only[..]].concat(),
        &[("HTTP_PROXY", &gate.url)],
    );
    assert_eq!(run.status.code(), Some(0), "{}", text(&run));
    assert_eq!(refused.load(Ordering::Relaxed), AWAY, "{}", text(&run));
    let report = mock.report("report");
    let traces = report["traces"].as_array().expect("traces");
    assert_eq!(traces.iter().filter(|trace| trace["verdict"] == "pass").count(), 2);
    assert_eq!(report["set_up"]["boots"].as_u64().unwrap_or(0), 0, "{}", report["set_up"]);
}

/// Nobody is waited for who does not answer at once.
fn hurried(target: &Path) {
    let text = std::fs::read_to_string(target).expect("the target file");
    std::fs::write(target, text.replace("request = \"5s\"", "request = \"1s\"")).expect("written");
}

// A tunnel to a server that speaks TLS is asked of it too.
#[test]
fn a_proxy_that_refuses_a_tunnel_is_named() {
    for (answer, code, remedy) in [
        ("407 Proxy Authentication Required", 6, "name:password@"),
        ("502 Bad Gateway", 6, "NO_PROXY"),
    ] {
        let proxy = Proxy::answering(answer);
        let environment = [("HTTPS_PROXY", proxy.url.as_str())];
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("target.toml");
        std::fs::write(&target, "url = \"https://wiki.example.org\"\ntiming.request = \"1s\"\n")
            .expect("written");
        let asked = zdu(&["doctor", "--target", name(&target)], &environment);
        let said = text(&asked);
        assert_eq!(asked.status.code(), Some(code), "{said}");
        assert!(said.contains(&proxy.url) && said.contains(remedy), "{said}");
        assert!(proxy.asked() > 0);
    }
}
