//! A server that answers oddly: raw bytes over TCP, so that nothing stands between what is meant and what is sent.

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

/// How the overview is answered; everything else is answered rightly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Odd {
    Right,
    Html,
    Truncated,
    MissingField,
    UnknownStatus,
    UnknownNodeStatus,
    WrongTypes,
    NegativeCount,
    Empty,
    Redirect,
    Huge,
    InvalidUtf8,
    ServerError,
    DeepNesting,
    ListInsteadOfObject,
    Proxy502,
    Proxy503,
    Reset,
    Drip,
    Closed,
    NotHttp,
}

pub(crate) struct Server {
    url: String,
    accepting: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(odd: Odd) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, odd));
            }
        });
        Self { url, accepting }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

const NODE: &str = r#"{"id":"n1","name":"one","ipAddress":"10.0.0.1","portNumber":5801,"state":"ACTIVE","version":"9.2.1","buildNumber":"9201","tasksTotal":0,"activeUserCount":0,"local":true}"#;

fn cluster() -> String {
    format!(r#"{{"upgradeModeEnabled":false,"state":"STABLE","nodes":[{NODE}]}}"#)
}

async fn serve(mut stream: TcpStream, odd: Odd) {
    let Some(request) = crate::asked::request(&mut stream).await else { return };
    let path = request.split(' ').nth(1).unwrap_or_default();
    let answer = match path {
        "/rest/zdu/cluster/zdu/" => match odd_answer(&mut stream, odd).await {
            Some(answer) => answer,
            None => return,
        },
        "/rest/zdu/cluster/zdu/state" => {
            json(200, &format!(r#"{{"state":"STABLE","buildInfo":{NODE}}}"#))
        }
        "/rest/zdu/cluster/zdu/nodes/n1" => json(200, NODE),
        // Silence must not be told from the other layout's answer.
        "/rest/zdu/cluster" if silent(odd) => match odd_answer(&mut stream, odd).await {
            Some(answer) => answer,
            None => return,
        },
        _ if request.starts_with("POST") => json(409, "{}"),
        _ => json(404, "{}"),
    };
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

const fn silent(odd: Odd) -> bool {
    matches!(
        odd,
        Odd::Proxy502 | Odd::Proxy503 | Odd::Reset | Odd::Drip | Odd::Closed | Odd::NotHttp
    )
}

fn answer(code: u16, kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nLocation: /login\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn json(code: u16, body: &str) -> Vec<u8> {
    answer(code, "application/json", body.as_bytes())
}

async fn odd_answer(stream: &mut TcpStream, odd: Odd) -> Option<Vec<u8>> {
    let right = cluster();
    Some(match odd {
        Odd::Right => json(200, &right),
        Odd::Html => answer(200, "text/html", b"<html><body>Something went wrong</body></html>"),
        Odd::Truncated => json(200, &right[..right.len() / 2]),
        Odd::MissingField => json(200, &right.replace(r#""state":"STABLE","#, "")),
        Odd::UnknownStatus => json(200, &right.replace("STABLE", "WOBBLY")),
        Odd::UnknownNodeStatus => json(200, &right.replace("ACTIVE", "SLEEPY")),
        Odd::WrongTypes => json(200, &right.replace("false", "\"no\"")),
        Odd::NegativeCount => json(200, &right.replace(r#""tasksTotal":0"#, r#""tasksTotal":-1"#)),
        Odd::Empty => json(200, ""),
        Odd::Redirect => answer(301, "text/html", b"<a href=/login>moved</a>"),
        Odd::Huge => answer(200, "application/json", &vec![b'x'; 6 << 20]),
        Odd::InvalidUtf8 => answer(200, "application/json", b"{\"state\":\"\xff\xfe\x80\"}"),
        Odd::ServerError => json(500, "{\"message\":\"oops\"}"),
        Odd::DeepNesting => json(200, &"[".repeat(100_000)),
        Odd::ListInsteadOfObject => json(200, "[]"),
        Odd::Proxy502 => answer(502, "text/html", b"<h1>Bad Gateway</h1>"),
        Odd::Proxy503 => answer(503, "text/html", b"<h1>Service Unavailable</h1>"),
        Odd::Reset => {
            // Closing with a linger of zero sends RST instead of FIN.
            let _ = stream.set_zero_linger();
            return None;
        }
        Odd::Drip => {
            let whole = json(200, &right);
            for byte in whole {
                if stream.write_all(&[byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            return None;
        }
        Odd::Closed => return None,
        Odd::NotHttp => b"220 mail.example.org ESMTP\r\n".to_vec(),
    })
}
