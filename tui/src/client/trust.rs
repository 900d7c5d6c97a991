//! Which certificates the client trusts, and its messages if it cannot.

use std::error::Error;
use std::io;
use std::path::Path;

use reqwest::Certificate;
use rustls::{CertificateError, Error as TlsError};

use super::http::innermost;
use crate::remote::{ClientError, Result};

/// Reads the CA certificates of a PEM file.
pub(super) fn authorities(file: &Path) -> Result<Vec<Certificate>> {
    let unusable = |why: String| {
        ClientError::Address(format!(
            "{} is not a PEM file with certificates (--ca): {why}",
            file.display()
        ))
    };
    let pem = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
    let authorities =
        Certificate::from_pem_bundle(&pem).map_err(|error| unusable(innermost(&error)))?;
    if authorities.is_empty() {
        Err(unusable("it has none".into()))
    } else {
        Ok(authorities)
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
    match bad {
        // A bad signature means another authority of the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is from an authority that is not trusted here. If it is the right \
                one, pass its file with --ca"
                .into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name. Use the name in the certificate".into()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired, or this computer's clock is wrong. Tell its operator"
                .into()
        }
        other => format!("its certificate cannot be trusted: {other}"),
    }
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
