//! Which certificates the client trusts, and its messages if it cannot.

use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
};

use super::http::innermost;
use crate::remote::{ClientError, Result};

/// The TLS settings of a client that trusts only the certificates of a PEM file: servers that have
/// one of them, and servers whose certificate one of them has issued.
pub(super) fn only(file: &Path) -> Result<ClientConfig> {
    let unusable = |why: String| {
        ClientError::Address(format!(
            "{} is not a PEM file with certificates (--ca): {why}",
            file.display()
        ))
    };
    let pem = std::fs::read(file).map_err(|error| unusable(innermost(&error)))?;
    let certificates = certificates(&pem).map_err(|why| unusable(why.into()))?;
    configure(certificates).map_err(|error| unusable(error.to_string()))
}

/// Reads the certificates of a PEM file, which must have at least one.
fn certificates(pem: &[u8]) -> std::result::Result<Vec<CertificateDer<'static>>, &'static str> {
    // Editors on Windows begin a file with a byte order mark, and joined files have several.
    let text = String::from_utf8_lossy(pem).replace('\u{feff}', "");
    let certificates: std::result::Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err("it has none"),
        Ok(certificates) => Ok(certificates),
        Err(_) => Err("it is damaged"),
    }
}

fn configure(named: Vec<CertificateDer<'static>>) -> std::result::Result<ClientConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    for certificate in &named {
        roots.add(certificate.clone())?;
    }
    let issuers =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(|error| TlsError::General(error.to_string()))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        // rustls calls any custom verifier dangerous. This one only adds an exception to webpki's.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(NamedCertificates { named, issuers }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Verifies as webpki does, and accepts a certificate that the user has named even if it may issue
/// others. webpki refuses such a certificate for a server, but `openssl req -x509` makes only
/// these.
#[derive(Debug)]
struct NamedCertificates {
    named: Vec<CertificateDer<'static>>,
    issuers: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for NamedCertificates {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, TlsError> {
        let verified = self
            .issuers
            .verify_server_cert(certificate, intermediates, name, ocsp, now);
        match verified {
            // webpki checks the dates before this, and the name only afterwards. The user vouches
            // for the rest.
            Err(TlsError::InvalidCertificate(bad))
                if may_issue_others(&bad) && self.named.contains(certificate) =>
            {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        self.issuers
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, TlsError> {
        self.issuers
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.issuers.supported_verify_schemes()
    }
}

/// Returns `true` if webpki refuses a server's certificate because it may issue others (CA:TRUE).
fn may_issue_others(bad: &CertificateError) -> bool {
    match bad {
        CertificateError::Other(other) => matches!(
            other.0.downcast_ref(),
            Some(webpki::Error::CaUsedAsEndEntity)
        ),
        _ => false,
    }
}

/// Why the connection failed. If the certificate is not trusted, it says what to do.
pub(super) fn why(error: &reqwest::Error) -> String {
    match tls_error(error) {
        Some(TlsError::InvalidCertificate(bad)) => untrusted(bad),
        Some(TlsError::InvalidMessage(_)) => {
            "it does not use TLS: start the address with http://".into()
        }
        _ => innermost(error),
    }
}

fn untrusted(bad: &CertificateError) -> String {
    let why = match bad {
        bad if may_issue_others(bad) => {
            "its certificate is self-signed. If it is the right one, pass its file with --ca"
        }
        // A bad signature means another authority of the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is from an authority that is not trusted here. If it is the right \
                one, pass its file with --ca"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name. Use the name in the certificate"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired, or this computer's clock is wrong. Tell its operator"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet, or this computer's clock is wrong. Tell its operator"
        }
        CertificateError::Revoked => "its certificate has been revoked. Tell its operator",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not for servers. Tell its operator"
        }
        _ => "its certificate cannot be verified. Tell its operator",
    };
    why.to_owned()
}

/// The TLS error among the causes. One wrapped in an [`io::Error`] is its inner error, not its
/// source.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a TlsError> {
    let inside = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    error
        .downcast_ref()
        .or_else(|| inside.and_then(|inside| tls_error(inside)))
        .or_else(|| error.source().and_then(tls_error))
}
