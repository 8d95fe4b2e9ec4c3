//! HAProxy with a runtime API on a socket and over TCP.

use super::{Server, free_port, program};

/// Starts it in front of these `server` lines of the backend `confluence`; with the port of its runtime API.
pub(crate) fn start(servers: &str, level: &str) -> (Server, u16) {
    let (port, api) = (free_port(), free_port());
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().display();
    let config = format!(
        "global\n  stats socket {at}/admin.sock level {level} mode 666\n  stats socket ipv4@127.0.0.1:{api} level {level}\n\
         defaults\n  mode http\n  retries 0\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n\
         frontend in\n  bind 127.0.0.1:{port}\n  default_backend confluence\n\
         backend confluence\n  balance roundrobin\n  cookie SERVERID insert indirect nocache\n{servers}"
    );
    std::fs::write(folder.path().join("haproxy.cfg"), config).expect("a file");
    let program = program("haproxy").expect("it is installed").display().to_string();
    let config = folder.path().join("haproxy.cfg").display().to_string();
    (Server::start(folder, port, &[&program, "-db", "-f", &config]), api)
}
