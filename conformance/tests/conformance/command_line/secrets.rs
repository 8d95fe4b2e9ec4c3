//! Do credentials leave a trace? Marked ones are given, and everything that comes out is searched for the marks.
//!
//! An endpoint echoes what it is sent, commands echo their environment, and one of them fails: the worst that may happen
//! to a report.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use zdu_endpoint::{Credentials, Mock, Options};

use super::{Ran, file, folder, zdu_with};

/// Letters that JSON, URLs, HTML and shells all spell in their own way surround the mark.
const PASSWORD: &str = "p\"M4RKED-one\\&/ü";
const TOKEN: &str = "M4RKED-two-token";
const PLAIN: &str = "M4RKED<three>";
const MARK: &str = "M4RKED";
/// The middle of the mark in base64, for each place in a group of three where it may begin.
const ENCODED: [&str; 3] = ["TTRSS0VE", "00UktFR", "NNFJLRU"];

/// Answers every request with what it was sent, and with these secrets, where an overview would be.
fn echo(secrets: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let secrets = secrets.clone();
            thread::spawn(move || answer(stream, &secrets));
        }
    });
    url
}

fn answer(mut stream: TcpStream, secrets: &str) -> Option<()> {
    let mut request = vec![0; 8192];
    let read = stream.read(&mut request).ok()?;
    let seen = String::from_utf8_lossy(&request[..read]).into_owned();
    let quoted = serde_json::Value::from(format!("{seen} {secrets}"));
    // Enough of an overview to be taken for one, and wrong where the secrets stand.
    let node = format!(r#"{{"id":"n1","state":{quoted},"version":"9.2.1"}}"#);
    let body = format!(r#"{{"state":{quoted},"upgradeModeEnabled":false,"nodes":[{node}]}}"#);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()
}

fn leaks(text: &str) -> bool {
    text.contains(MARK) || ENCODED.iter().any(|encoded| text.contains(encoded))
}

/// Everything that came out: both streams and every file in the folder.
fn searched(ran: &Ran, reports: &Path) -> usize {
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!leaks(text), "a secret is shown: {text}");
    }
    let mut files = 0;
    for entry in std::fs::read_dir(reports).into_iter().flatten().flatten() {
        let bytes = std::fs::read(entry.path()).expect("a report");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!leaks(&text), "a secret in {}", entry.path().display());
        files += 1;
    }
    files
}

/// A target file with commands that echo what they should not.
fn target(url: &str, nodes: &str) -> String {
    let echo = "echo $ZDU_PASSWORD $ZDU_TOKEN $ZDU_PLAIN_PASSWORD";
    // One that does nothing ends a run before its first step, where that can be seen.
    let reset = if nodes.is_empty() { String::new() } else { format!("reset = \"{echo}\"") };
    format!(
        r#"url = "{url}"
versions = ["9.2.1", "9.2.4"]
allow_disruption = true
[timing]
poll = "2ms"
request = "500ms"
settle = "300ms"
quiet = "10ms"
[commands]
stop = "{echo}; exit 1"
kill = "{echo} >&2; exit 1"
install = "{echo}"
boot = "{echo}"
{reset}
{nodes}"#
    )
}

const BASIC: [(&str, &str); 4] = [
    ("ZDU_USERNAME", "admin"),
    ("ZDU_PASSWORD", PASSWORD),
    ("ZDU_PLAIN_USERNAME", "ann"),
    ("ZDU_PLAIN_PASSWORD", PLAIN),
];

/// A token, and a password beside it that nobody uses.
const BEARER: [(&str, &str); 4] = [
    ("ZDU_TOKEN", TOKEN),
    ("ZDU_PASSWORD", PASSWORD),
    ("ZDU_PLAIN_USERNAME", "ann"),
    ("ZDU_PLAIN_PASSWORD", PLAIN),
];

/// The node of what echoes: its overview does not say which there are.
const NODE: &str = "[[node]]\nid = \"n1\"\n";

/// Replays on the target with reports, asks the doctor too, and searches everything that came out.
fn used(name: &str, (url, nodes): (&str, &str), secrets: &[(&str, &str)]) -> String {
    let folder = folder(name);
    let reports = folder.join("reports");
    let target = file(&folder, "cluster.toml", &target(url, nodes));
    let reports_word = reports.display().to_string();
    let ran = zdu_with(
        &[
            "replay",
            "--target",
            &target,
            "--only",
            "cancel-with-an-upgraded-node-down",
            "--only",
            "no-credentials",
            "--take-over",
            "--report-dir",
            &reports_word,
        ],
        secrets,
    );
    assert_ne!(ran.code, 0, "{}", ran.stdout);
    assert!(searched(&ran, &reports) > 3, "{}", ran.stderr);
    let doctor = zdu_with(&["doctor", "--target", &target], secrets);
    searched(&doctor, &reports);
    ran.stdout
}

/// The search itself must find what it searches for.
#[test]
fn the_marks_are_found_where_they_are() {
    for text in [PASSWORD, TOKEN, PLAIN, "YWRtaW46cCJNNFJLRUQtb25l"] {
        assert!(leaks(text), "{text}");
    }
    assert!(!leaks("*** Basic YWRtaW46c2VjcmV0"));
}

// Proves that neither reports nor errors show what an endpoint echoes, in whichever spelling.
#[test]
fn an_endpoint_that_echoes_secrets_does_not_spread_them() {
    let url = echo(format!("{PASSWORD} {PLAIN}"));
    used("echo-basic", (&url, NODE), &BASIC);
    let url = echo(format!("{TOKEN} {PLAIN}"));
    used("echo-token", (&url, NODE), &BEARER);
}

// Proves that a command that fails is shown with what it printed, and the secrets in that are not.
#[test]
fn a_command_that_echoes_secrets_and_fails_does_not_spread_them() {
    let runtime = tokio::runtime::Runtime::new().expect("threads for the network");
    let mock = runtime
        .block_on(Mock::start(Options {
            credentials: Some(Credentials {
                user: "admin".to_owned(),
                password: PASSWORD.to_owned(),
                token: Some(TOKEN.to_owned()),
                plain: Some(("ann".to_owned(), PLAIN.to_owned())),
            }),
            ..Options::default()
        }))
        .expect("a mock");
    for (name, secrets) in [("fails-basic", &BASIC[..]), ("fails-token", &BEARER[..])] {
        let shown = used(name, (mock.url(), ""), secrets);
        assert!(shown.contains("exit status: 1"), "{shown}");
        assert!(shown.contains("***"), "{shown}");
    }
}
