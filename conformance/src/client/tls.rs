//! Whom does a client trust, and as whom does it show itself? Settings of TLS that go beyond the platform's.
//!
//! `ca_file` takes an authority, or the server's own certificate: a certificate that stands there word for word is the server,
//! whatever it says of being an authority and whatever its name is, as long as it is in force. (What `openssl req -x509` makes by
//! default calls itself an authority, and has its name in a place where nobody looks any more.)

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// The TLS settings of a target.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tls<'a> {
    /// A PEM file with an authority, or the server's own certificate.
    pub ca_file: Option<&'a Path>,
    /// Certificates are not checked.
    pub insecure: bool,
    /// A PEM file with the client's certificate.
    pub client_cert: Option<&'a Path>,
    /// Its key, where it does not stand in the same file.
    pub client_key: Option<&'a Path>,
}

/// A file that cannot be used.
#[derive(Debug)]
pub(super) struct Unusable {
    /// Its path.
    pub(super) path: PathBuf,
    /// Why not.
    pub(super) reason: String,
}

impl Unusable {
    fn of(path: &Path, reason: impl ToString) -> Self {
        Self { path: path.to_path_buf(), reason: reason.to_string() }
    }
}

/// The settings as the library has them.
pub(super) fn config(tls: &Tls<'_>) -> Result<ClientConfig, Unusable> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let own = tls.ca_file.map(certificates).transpose()?.unwrap_or_default();
    let about = tls.ca_file.unwrap_or_else(|| Path::new("TLS"));
    let fail = |error: Error| Unusable::of(about, error);
    let trust = Trust {
        platform: OnceLock::new(),
        own,
        insecure: tls.insecure,
        provider: Arc::clone(&provider),
    };
    if tls.ca_file.is_some() {
        trust.platform().map_err(fail)?;
    }
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(fail)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust));
    let Some(path) = tls.client_cert else {
        return Ok(builder.with_no_client_auth());
    };
    let key_file = tls.client_key.unwrap_or(path);
    let key = PrivateKeyDer::from_pem_file(key_file)
        .map_err(|error| Unusable::of(key_file, format!("no private key can be read: {error}")))?;
    let config = builder.with_client_auth_cert(certificates(path)?, key);
    config.map_err(|error| Unusable::of(path, error))
}

/// The certificates of a PEM file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let pem = std::fs::read(path).map_err(|error| Unusable::of(path, error))?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match read {
        Ok(read) if read.is_empty() => Err(Unusable::of(path, "it holds no certificate")),
        Ok(read) => Ok(read),
        Err(error) => Err(Unusable::of(path, error)),
    }
}

/// Trusts what the platform and the file trust, and the file's certificates themselves.
#[derive(Debug)]
struct Trust {
    /// Reads some hundred files: made when the first certificate is to be checked.
    platform: OnceLock<Result<Verifier, Error>>,
    own: Vec<CertificateDer<'static>>,
    insecure: bool,
    provider: Arc<CryptoProvider>,
}

impl Trust {
    fn platform(&self) -> Result<&Verifier, Error> {
        let made = self.platform.get_or_init(|| {
            Verifier::new_with_extra_roots(self.own.iter().cloned(), Arc::clone(&self.provider))
        });
        made.as_ref().map_err(Clone::clone)
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.insecure {
            return Ok(ServerCertVerified::assertion());
        }
        let platform = self.platform()?;
        match platform.verify_server_cert(end_entity, intermediates, server_name, ocsp, now) {
            Ok(verified) => Ok(verified),
            // Out of force is out of force, whoever it is.
            Err(Error::InvalidCertificate(
                error @ (CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }),
            )) => Err(Error::InvalidCertificate(error)),
            Err(_) if self.own.iter().any(|own| own.as_ref() == end_entity.as_ref()) => {
                Ok(ServerCertVerified::assertion())
            }
            Err(error) => Err(error),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
