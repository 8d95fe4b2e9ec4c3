//! TLS: a target whose authority is not in the system's store is reached with `ca_file`, and refused in plain words without.

use std::net::SocketAddr;
use std::process::{Command, Output};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
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
    (listen(config).await, pem)
}

async fn listen(config: rustls::ServerConfig) -> SocketAddr {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(acceptor.clone(), stream));
        }
    });
    address
}

/// A server with a certificate that it signed itself, as `openssl req -x509` makes one: an authority by its own word, with no
/// other name than the one in its subject. It is in force from the first of
/// these years to the second.
async fn self_signed(host: &str, force: (i32, i32), asks: Option<&str>) -> (SocketAddr, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = KeyPair::generate().expect("a key");
    let mut parameters = CertificateParams::new(Vec::<String>::new()).expect("parameters");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, host);
    parameters.not_before = date_time_ymd(force.0, 1, 1);
    parameters.not_after = date_time_ymd(force.1, 1, 1);
    let certificate = parameters.self_signed(&key).expect("a certificate");
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let builder = rustls::ServerConfig::builder();
    let builder = match asks {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = rustls::RootCertStore::empty();
            let authority = CertificateDer::from_pem_slice(authority.as_bytes()).expect("PEM");
            roots.add(authority).expect("an authority");
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        }
    };
    let config = builder.with_single_cert(vec![certificate.der().clone()], private);
    let address = listen(config.expect("a server's settings")).await;
    (address, certificate.pem())
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream) {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    let Some(request) = crate::asked::request(&mut stream).await else { return };
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
fn target(address: SocketAddr, pem: &str, trusted: bool) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let write = |name, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("ca.pem", pem);
    write("harmless.json", crate::harmless::HARMLESS);
    let ca = if trusted { "ca_file = \"ca.pem\"" } else { "" };
    let text = format!(
        "url = \"https://{address}\"\n{ca}\n[timing]\npoll = \"20ms\"\nrequest = \"500ms\"\nsettle = \"5s\"\nquiet = \"30ms\"\n[[node]]\nid = \"n1\"\n"
    );
    write(FILE, &text);
    folder
}

const FILE: &str = "target.toml";

async fn zdu(command: &'static str, folder: TempDir) -> Output {
    tokio::task::spawn_blocking(move || {
        let mut zdu = Command::new(env!("CARGO_BIN_EXE_zdu"));
        zdu.arg(command).arg("--target").arg(folder.path().join(FILE));
        if command == "replay" {
            zdu.arg(folder.path().join("harmless.json"));
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
    let trusted = zdu("replay", target(address, &pem, true)).await;
    assert_eq!(trusted.status.code(), Some(0), "{}", words(&trusted));
    let strange = zdu("replay", target(address, &pem, false)).await;
    assert_eq!(strange.status.code(), Some(6), "{}", words(&strange));
    assert!(words(&strange).contains("certificate"), "{}", words(&strange));
    let told = zdu("doctor", target(address, &pem, false)).await;
    assert_eq!(told.status.code(), Some(6), "{}", words(&told));
    assert!(words(&told).contains("set `ca_file`"), "{}", words(&told));
}

// The right authority does not make it the right host.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_for_another_host_is_refused() {
    let (address, pem) = start("wiki.example.org").await;
    let refused = zdu("doctor", target(address, &pem, true)).await;
    assert_eq!(refused.status.code(), Some(6), "{}", words(&refused));
    assert!(words(&refused).contains("another host name"), "{}", words(&refused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ca_file_that_holds_no_certificate_is_a_mistake_in_the_file() {
    let (address, _) = start("127.0.0.1").await;
    let refused = zdu("doctor", target(address, "nothing", true)).await;
    assert_eq!(refused.status.code(), Some(2), "{}", words(&refused));
    assert!(words(&refused).contains("PEM"), "{}", words(&refused));
}

fn with(folder: &TempDir, more: &str) {
    let target = folder.path().join(FILE);
    let text = std::fs::read_to_string(&target).expect("the file");
    std::fs::write(&target, format!("{more}\n{text}")).expect("written");
}

// The certificate itself is the server: an authority by its own word, under a name that nobody asked for. Not another one's, and
// not when it is out of force.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_own_certificate_is_trusted_as_ca_file() {
    let (address, pem) = self_signed("wiki.example.org", (2020, 2100), None).await;
    let own = zdu("replay", target(address, &pem, true)).await;
    assert_eq!(own.status.code(), Some(0), "{}", words(&own));
    let (_, other) = self_signed("wiki.example.org", (2020, 2100), None).await;
    let strange = zdu("replay", target(address, &other, true)).await;
    assert_eq!(strange.status.code(), Some(6), "{}", words(&strange));
    let (address, pem) = self_signed("wiki.example.org", (2020, 2021), None).await;
    let over = zdu("replay", target(address, &pem, true)).await;
    assert_eq!(over.status.code(), Some(6), "{}", words(&over));
    assert!(words(&over).contains("expired"), "{}", words(&over));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn insecure_checks_nothing_and_is_said() {
    let (address, pem) = self_signed("wiki.example.org", (2020, 2100), None).await;
    let folder = target(address, &pem, false);
    with(&folder, "tls = \"insecure\"");
    let unchecked = zdu("replay", folder).await;
    assert_eq!(unchecked.status.code(), Some(0), "{}", words(&unchecked));
    assert!(words(&unchecked).contains("certificates were not checked"), "{}", words(&unchecked));
}

// A server that asks who is there lets in whoever shows a certificate of its authority.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_certificate_is_shown_where_one_is_asked_for() {
    let key = KeyPair::generate().expect("a key");
    let client = CertificateParams::new(vec!["client".to_owned()]).expect("parameters");
    let client = client.self_signed(&key).expect("a certificate").pem();
    let (address, pem) = self_signed("wiki.example.org", (2020, 2100), Some(&client)).await;
    let stranger = zdu("replay", target(address, &pem, true)).await;
    assert_eq!(stranger.status.code(), Some(6), "{}", words(&stranger));
    let folder = target(address, &pem, true);
    let pem_file = folder.path().join("client.pem");
    std::fs::write(pem_file, format!("{client}{}", key.serialize_pem())).expect("written");
    with(&folder, "client_cert = \"client.pem\"");
    let known = zdu("replay", folder).await;
    assert_eq!(known.status.code(), Some(0), "{}", words(&known));
}
