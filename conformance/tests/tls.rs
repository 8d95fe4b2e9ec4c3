//! TLS: a target whose authority is not in the system's store is reached with `ca_file`, and refused in plain words without.

mod harmless;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const NODE: &str = r#"{"id":"n1","name":"one","ipAddress":"10.0.0.1","portNumber":5801,"state":"ACTIVE","version":"9.2.1","buildNumber":"9201","tasksTotal":0,"activeUserCount":0,"local":true}"#;

/// A server for `host` with a certificate of an authority of its own, and that authority's PEM.
async fn start(host: &str) -> (SocketAddr, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let authority_key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::new(Vec::<String>::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).expect("an authority").pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec![host.to_owned()])
        .and_then(|parameters| parameters.signed_by(&key, &issuer))
        .expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a server's settings");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(acceptor.clone(), stream));
        }
    });
    (address, pem)
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream) {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match stream.read(&mut part).await {
            Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
            _ => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let posted = request.starts_with("POST");
    let (code, body) = match request.split(' ').nth(1).unwrap_or_default() {
        "/rest/zdu/cluster" => {
            (200, format!(r#"{{"upgradeModeEnabled":false,"state":"STABLE","nodes":[{NODE}]}}"#))
        }
        "/rest/zdu/state" => (200, format!(r#"{{"state":"STABLE","buildInfo":{NODE}}}"#)),
        "/rest/zdu/nodes/n1" => (200, NODE.to_owned()),
        _ => (if posted { 409 } else { 404 }, "{}".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// A target file for the server, with the authority's certificate where `trusted`.
fn target(name: &str, address: SocketAddr, pem: &str, trusted: bool) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("zdu-tls-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("ca.pem"), pem).expect("written");
    std::fs::write(folder.join("harmless.json"), harmless::HARMLESS).expect("written");
    let ca = if trusted { "ca_file = \"ca.pem\"" } else { "" };
    let text = format!(
        "url = \"https://{address}\"\n{ca}\n[timing]\npoll = \"20ms\"\nrequest = \"500ms\"\nsettle = \"5s\"\nquiet = \"30ms\"\n[[node]]\nid = \"n1\"\n"
    );
    let path = folder.join("target.toml");
    std::fs::write(&path, text).expect("written");
    path
}

async fn zdu(command: &'static str, target: PathBuf) -> Output {
    tokio::task::spawn_blocking(move || {
        let mut zdu = Command::new(env!("CARGO_BIN_EXE_zdu"));
        zdu.arg(command).arg("--target").arg(&target);
        if command == "replay" {
            zdu.arg(target.with_file_name("harmless.json"));
        }
        zdu.output().expect("zdu runs")
    })
    .await
    .expect("joined")
}

fn words(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_authority_is_accepted_with_ca_file_and_refused_without() {
    let (address, pem) = start("127.0.0.1").await;
    let trusted = zdu("replay", target("trusted", address, &pem, true)).await;
    assert_eq!(trusted.status.code(), Some(0), "{}", words(&trusted));
    let strange = zdu("replay", target("strange", address, &pem, false)).await;
    assert_eq!(strange.status.code(), Some(6), "{}", words(&strange));
    assert!(words(&strange).contains("certificate"), "{}", words(&strange));
    let told = zdu("doctor", target("told", address, &pem, false)).await;
    assert_eq!(told.status.code(), Some(6), "{}", words(&told));
    assert!(words(&told).contains("set `ca_file`"), "{}", words(&told));
}

// The right authority does not make it the right host.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_for_another_host_is_refused() {
    let (address, pem) = start("wiki.example.org").await;
    let refused = zdu("doctor", target("host", address, &pem, true)).await;
    assert_eq!(refused.status.code(), Some(6), "{}", words(&refused));
    assert!(words(&refused).contains("another host name"), "{}", words(&refused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ca_file_that_holds_no_certificate_is_a_mistake_in_the_file() {
    let (address, _) = start("127.0.0.1").await;
    let refused = zdu("doctor", target("empty", address, "nothing", true)).await;
    assert_eq!(refused.status.code(), Some(2), "{}", words(&refused));
    assert!(words(&refused).contains("PEM"), "{}", words(&refused));
}
