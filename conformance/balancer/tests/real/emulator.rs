//! Azure's resource manager for one application gateway, and a managed identity's token, as the public reference has them: a read, a put
//! with `If-Match`, an operation that takes a while. Each thing that can go wrong is planted for the next put.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What goes wrong with a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Somebody else changes the gateway first: 412.
    Overtaken,
    /// Another operation is in progress: 409.
    Busy,
    /// 429 with `Retry-After`.
    Throttled,
    /// The service is not well: 503.
    Unwell,
    /// The token has expired: 401.
    Expired,
    /// 403.
    Forbidden,
    /// Accepted, then failed, with the change made.
    FailsChanged,
    /// Accepted, then failed, with nothing changed.
    FailsUnchanged,
    /// Accepted, succeeds, and changes nothing.
    Ignores,
}

/// The gateway, and what is planned.
pub(super) struct State {
    pub(super) gateway: Value,
    pub(super) troubles: VecDeque<Trouble>,
    /// How many puts came in, whatever was answered.
    pub(super) puts: usize,
    number: u64,
    token: u64,
    /// The operation under way: polls left, how it ends, the gateway then.
    operation: Option<(u8, &'static str, Value)>,
}

pub(super) struct Emulator {
    pub(super) address: SocketAddr,
    pub(super) state: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
}

impl Emulator {
    pub(super) fn start(addresses: &[&str]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let state = Arc::new(Mutex::new(State {
            gateway: gateway(addresses),
            troubles: VecDeque::new(),
            puts: 0,
            number: 1,
            token: 1,
            operation: None,
        }));
        let stop = Arc::new(AtomicBool::new(false));
        let (ends, shared) = (Arc::clone(&stop), Arc::clone(&state));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || answer(&stream, address, &shared));
            }
        });
        Self { address, state, stop }
    }

    pub(super) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().expect("the state"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn gateway(addresses: &[&str]) -> Value {
    let listed: Vec<Value> = addresses.iter().map(|one| json!({ "ipAddress": one })).collect();
    json!({
        "name": "gw", "location": "westeurope", "etag": "W/\"1\"", "tags": { "owner": "wiki" },
        "properties": {
            "provisioningState": "Succeeded",
            "backendAddressPools": [
                { "name": "other", "properties": { "backendAddresses": [{ "fqdn": "other.example" }] } },
                { "name": "nodes", "properties": { "backendAddresses": listed } }
            ],
            "backendHttpSettingsCollection": [{ "name": "http", "properties": { "port": 8090 } }]
        }
    })
}

fn answer(stream: &TcpStream, own: SocketAddr, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let (mut length, mut etag, mut token, mut metadata) = (0, String::new(), String::new(), false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else { continue };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "if-match" => value.clone_into(&mut etag),
            "authorization" => value.clone_into(&mut token),
            "metadata" => metadata = value == "true",
            _ => {}
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    let put: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut state = state.lock().expect("the state");
    let (code, headers, told) = state.answer((method, path), own, (&etag, &token, metadata), put);
    let told = told.to_string();
    let _ = write!(
        &*stream,
        "HTTP/1.1 {code} X\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{told}",
        told.len()
    );
}

type Answer = (u16, String, Value);

fn failed(code: u16, name: &str) -> Answer {
    (code, String::new(), json!({ "error": { "code": name, "message": "as planted" } }))
}

impl State {
    fn answer(
        &mut self,
        (method, path): (&str, &str),
        own: SocketAddr,
        (etag, token, metadata): (&str, &str, bool),
        put: Value,
    ) -> Answer {
        if path.starts_with("/metadata/identity/oauth2/token?") && metadata {
            return (200, String::new(), json!({ "access_token": format!("t{}", self.token) }));
        }
        if token != format!("Bearer t{}", self.token) {
            return failed(401, "ExpiredAuthenticationToken");
        }
        let path = path.split('?').next().unwrap_or_default();
        let this = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/gw";
        match (method, path) {
            ("GET", "/operations/1") => self.operated(),
            ("GET", path) if path == this => (200, String::new(), self.gateway.clone()),
            ("PUT", path) if path == this => self.put(own, etag, put),
            _ => failed(404, "ResourceNotFound"),
        }
    }

    fn put(&mut self, own: SocketAddr, etag: &str, mut put: Value) -> Answer {
        self.puts += 1;
        let trouble = self.troubles.pop_front();
        match trouble {
            Some(Trouble::Overtaken) => {
                self.gateway["tags"]["other"] = format!("change {}", self.number).into();
                self.renew();
            }
            Some(Trouble::Busy) => return failed(409, "AnotherOperationInProgress"),
            Some(Trouble::Throttled) => {
                let (code, _, told) = failed(429, "TooManyRequests");
                return (code, "Retry-After: 0\r\n".to_owned(), told);
            }
            Some(Trouble::Unwell) => {
                let (code, _, told) = failed(503, "ServiceUnavailable");
                return (code, "Retry-After: 0\r\n".to_owned(), told);
            }
            Some(Trouble::Expired) => {
                self.token += 1;
                return failed(401, "ExpiredAuthenticationToken");
            }
            Some(Trouble::Forbidden) => return failed(403, "AuthorizationFailed"),
            Some(Trouble::FailsChanged | Trouble::FailsUnchanged | Trouble::Ignores) | None => {}
        }
        if self.gateway["etag"].as_str() != Some(etag) {
            return failed(412, "PreconditionFailed");
        }
        let ends = match trouble {
            Some(Trouble::FailsChanged | Trouble::FailsUnchanged) => "Failed",
            _ => "Succeeded",
        };
        if matches!(trouble, Some(Trouble::FailsUnchanged | Trouble::Ignores)) {
            put = self.gateway.clone();
        }
        put["properties"]["provisioningState"] = ends.into();
        self.gateway["properties"]["provisioningState"] = "Updating".into();
        self.operation = Some((2, ends, put.clone()));
        let headers =
            format!("Azure-AsyncOperation: http://{own}/operations/1\r\nRetry-After: 0\r\n");
        (200, headers, put)
    }

    /// Each poll brings the operation nearer to its end.
    fn operated(&mut self) -> Answer {
        let again = "Retry-After: 0\r\n".to_owned();
        let Some((left, ends, gateway)) = self.operation.take() else {
            return (200, again, json!({ "status": "Succeeded" }));
        };
        if left > 0 {
            self.operation = Some((left - 1, ends, gateway));
            return (200, again, json!({ "status": "InProgress" }));
        }
        self.gateway = gateway;
        self.renew();
        let error = json!({ "code": "InternalServerError", "message": "as planted" });
        (200, again, json!({ "status": ends, "error": error }))
    }

    fn renew(&mut self) {
        self.number += 1;
        self.gateway["etag"] = format!("W/\"{}\"", self.number).into();
    }
}
