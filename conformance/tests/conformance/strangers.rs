//! Who answers if it is not the API? Each is named for what it is, over real sockets, with the exit that goes with it.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use zdu_conformance::client::Stranger;
use zdu_conformance::doctor::{self, Weight};
use zdu_conformance::exit::Exit;
use zdu_conformance::replay::{ConnectError, Site};
use zdu_conformance::secret::Credentials;
use zdu_conformance::target::{Target, TargetNode, Timing};
use zdu_conformance::verdict::Command;

const NODE: &str = r#"{"id":"7a52c813","state":"ACTIVE","version":"9.2.1","tasksTotal":0}"#;
const PRODUCT: [&str; 2] = ["/rest/zdu/cluster", "/rest/zdu/cluster/"];
const DOCUMENTED: [&str; 2] = ["/rest/zdu/cluster/zdu/", "/rest/zdu/cluster/zdu"];

/// What is answered at a path: the code, one header line or none, the body.
type Row = (&'static str, u16, &'static str, String);

struct Server {
    url: String,
    accepting: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A server with these answers; everything else is 404.
async fn serve(rows: Vec<Row>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let accepting = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, rows.clone()));
        }
    });
    Server { url, accepting }
}

async fn answer(mut stream: TcpStream, rows: Vec<Row>) {
    let Some(request) = crate::asked::request(&mut stream).await else { return };
    let path = request.split(' ').nth(1).unwrap_or_default();
    let row = rows.iter().find(|(at, ..)| *at == path);
    let (code, header, body) =
        row.map_or((404, "", "{}"), |(_, code, header, body)| (*code, *header, body.as_str()));
    let head = format!(
        "HTTP/1.1 {code} X\r\n{header}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let head = head.replace("\r\n\r\nContent", "\r\nContent");
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn overview() -> String {
    format!(r#"{{"upgradeModeEnabled":false,"state":"STABLE","nodes":[{NODE}]}}"#)
}

fn state() -> String {
    format!(r#"{{"state":"STABLE","buildInfo":{NODE}}}"#)
}

/// The same answer wherever an overview may be.
fn everywhere(code: u16, header: &'static str, body: &str) -> Vec<Row> {
    let paths = PRODUCT.into_iter().chain(DOCUMENTED);
    paths.map(|path| (path, code, header, body.to_owned())).collect()
}

/// A cluster that is really there is given the time that a busy machine takes.
const PATIENT: Duration = Duration::from_secs(5);

fn target(url: &str, named: bool, request: Duration) -> Target {
    let millis = Duration::from_millis;
    let timing =
        Timing { poll: millis(5), request, settle: Duration::from_secs(60), quiet: millis(10) };
    let node = TargetNode { id: Some("7a52c813".to_owned()), ..TargetNode::default() };
    let nodes = if named { vec![node] } else { Vec::new() };
    Target { timing, nodes, ..Target::at(url) }
}

/// Who is met there, and how a doctor ends, whether the target file names nodes or not.
async fn met(rows: Vec<Row>) -> (Option<Stranger>, Exit) {
    let server = serve(rows).await;
    let mut ends = Vec::new();
    for named in [true, false] {
        // Whoever may only be starting is waited for as long as this.
        let target = target(&server.url, named, Duration::from_millis(300));
        let credentials = Credentials::default();
        let who = match Site::connect(&target, &credentials).await {
            Err(ConnectError::Stranger(exchange) | ConnectError::Unreachable(exchange)) => {
                exchange.stranger
            }
            Err(
                error @ (ConnectError::Mismatch(_)
                | ConnectError::Nowhere { .. }
                | ConnectError::Client(_)),
            ) => {
                panic!("{error}")
            }
            Ok(_) => None,
        };
        let checkup = doctor::examine(&target, &credentials, Command::default()).await;
        let bad = checkup.findings.iter().find(|finding| finding.weight > Weight::Note);
        // Whoever names a stranger also says what to do.
        assert!(who.is_none() || bad.is_some_and(|finding| finding.advice.is_some()), "{bad:?}");
        ends.push((who, checkup.exit()));
    }
    assert_eq!(ends[0], ends[1]);
    ends.swap_remove(0)
}

#[tokio::test]
async fn api_10_whoever_is_not_the_api_is_named() {
    let login = "<html><title>Log In - Confluence</title></html>";
    let unclustered = r#"{"message":"Only available for a clustered installation"}"#;
    let usage = |stranger| (Some(stranger), Exit::Usage);
    let gone = |stranger| (Some(stranger), Exit::Unreachable);
    let starting = r#"{"message":"the application is starting"}"#;
    let one = |path, code, body: &str| vec![(path, code, "", body.to_owned())];
    let cases = [
        (everywhere(200, "Content-Type: text/html\r\n", login), usage(Stranger::LoginPage)),
        (
            everywhere(302, "Location: https://sso.example.org/authorize\r\n", ""),
            usage(Stranger::OtherHost),
        ),
        (everywhere(401, "", "{}"), usage(Stranger::NotSignedIn)),
        (everywhere(403, "", "{}"), usage(Stranger::NotAllowed)),
        (everywhere(403, "", unclustered), usage(Stranger::NotClustered)),
        (
            everywhere(401, "WWW-Authenticate: Clustered realm=\"none\"\r\n", ""),
            usage(Stranger::NotClustered),
        ),
        (everywhere(407, "Proxy-Authenticate: Basic\r\n", ""), usage(Stranger::ProxyCredentials)),
        (everywhere(429, "Retry-After: 1\r\n", "{}"), gone(Stranger::Throttled)),
        (
            everywhere(302, "Location: /login.action?os_destination=%2Frest\r\n", ""),
            usage(Stranger::LoginPage),
        ),
        (everywhere(502, "", "<h1>Bad Gateway</h1>"), gone(Stranger::Gateway)),
        (everywhere(504, "", ""), gone(Stranger::Gateway)),
        // While it starts one layout is there already and the other is not.
        (one(PRODUCT[0], 503, starting), gone(Stranger::Starting)),
        (one(DOCUMENTED[0], 503, starting), gone(Stranger::Starting)),
        (one("/status", 200, r#"{"state":"STARTING"}"#), gone(Stranger::Starting)),
        (one("/status", 200, r#"{"state":"FIRST_RUN"}"#), usage(Stranger::SetUp)),
        (
            one("/rest/api/2/cluster/zdu/state", 200, r#"{"state":"STABLE","build":{}}"#),
            usage(Stranger::Jira),
        ),
        (everywhere(200, "", r#"{"state":"STABLE","build":{}}"#), usage(Stranger::Jira)),
        (
            one("/rest/api/1.0/application-properties", 200, r#"{"displayName":"Bitbucket"}"#),
            usage(Stranger::Bitbucket),
        ),
        (
            vec![
                (PRODUCT[0], 200, "", overview()),
                ("/rest/zdu/state", 200, "", state()),
                (
                    "/rest/api/1.0/application-properties",
                    200,
                    "",
                    r#"{"displayName":"Bitbucket"}"#.to_owned(),
                ),
            ],
            usage(Stranger::Bitbucket),
        ),
        (
            vec![(PRODUCT[0], 200, "", overview()), ("/rest/zdu/cluster/state", 200, "", state())],
            usage(Stranger::Bitbucket),
        ),
    ];
    for (rows, due) in cases {
        let words = format!("{rows:?}");
        assert_eq!(met(rows).await, due, "{words}");
    }
}

// With the last slash or without it: the one that answers is the one that is asked from then on.
#[tokio::test]
async fn api_1_the_overview_is_found_with_and_without_the_last_slash() {
    for (paths, state_at) in
        [(PRODUCT, "/rest/zdu/state"), (DOCUMENTED, "/rest/zdu/cluster/zdu/state")]
    {
        for path in paths {
            let node_at = if path.contains("/zdu/cluster/zdu") {
                "/rest/zdu/cluster/zdu/nodes/7a52c813"
            } else {
                "/rest/zdu/nodes/7a52c813"
            };
            let server = serve(vec![
                (path, 200, "", overview()),
                (state_at, 200, "", state()),
                (node_at, 200, "", NODE.to_owned()),
            ])
            .await;
            let target = target(&server.url, true, PATIENT);
            let site = Site::connect(&target, &Credentials::default()).await.expect("a cluster");
            assert_eq!(site.overview, path);
            let checkup =
                doctor::examine(&target, &Credentials::default(), Command::default()).await;
            assert_eq!(checkup.exit(), Exit::Fine, "{path}: {:?}", checkup.findings);
        }
    }
}

// The negative: an address that is nobody's is no stranger's either.
#[tokio::test]
async fn a_host_without_any_of_it_is_told_as_that() {
    let server = serve(Vec::new()).await;
    let error = Site::connect(&target(&server.url, true, PATIENT), &Credentials::default()).await;
    assert!(matches!(error, Err(ConnectError::Nowhere { .. })), "{:?}", error.err());
}

// A byte order mark and another charset are no deviation; a field of the wrong type is one, and still tells who is listed.
#[tokio::test]
async fn api_1_who_is_listed_is_known_whatever_else_is_wrong() {
    let marked = format!("\u{feff}{}", overview());
    let named = overview().replace("\"tasksTotal\"", "\"name\":\"a\",\"tasksTotal\"");
    let mistyped = named.replace("\"tasksTotal\":0", "\"tasksTotal\":0,\"portNumber\":\"8090\"");
    let unknown = overview().replace("STABLE", "PAUSED");
    for (body, due) in [(marked, true), (mistyped, true), (unknown, true), ("{}".into(), false)] {
        let server = serve(vec![(PRODUCT[0], 200, "", body.clone())]).await;
        let site =
            Site::connect(&target(&server.url, false, PATIENT), &Credentials::default()).await;
        let ids = site.ok().map(|site| site.dictionary.nodes.into_iter().map(|node| node.id));
        let ids: Option<Vec<_>> = ids.map(Iterator::collect);
        assert_eq!(ids, due.then(|| vec![Some("7a52c813".into())]), "{body}");
    }
}
