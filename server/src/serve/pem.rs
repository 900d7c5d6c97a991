//! What is wrong with the PEM file of a certificate or a key, in words that say what to do.

use std::io;
use std::path::Path;

use tokio_rustls::rustls::pki_types::pem;

/// What a file should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PemKind {
    /// A certificate chain.
    Certificate,
    /// A private key.
    Key,
}

/// Why a file has not what it should hold.
#[derive(Debug, thiserror::Error)]
pub enum PemError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
    /// It is binary.
    #[error(
        "it is DER, and PEM is needed. Convert it with `openssl x509 -inform der` (a certificate) or \
            `openssl pkey -inform der` (a key)"
    )]
    Der,
    /// It has a passphrase, for which there is nobody to ask.
    #[error("its key has a passphrase. Remove it with `openssl pkey -in FILE -out NEW_FILE`")]
    Passphrase,
    /// The key was given for the certificate.
    #[error("it has a private key and no certificate. Are --tls-cert and --tls-key swapped?")]
    KeyForCertificate,
    /// The certificate was given for the key.
    #[error("it has a certificate and no private key. Are --tls-cert and --tls-key swapped?")]
    CertificateForKey,
    /// It has the public half of a key.
    #[error("it has a public key, and the private key is needed")]
    PublicKey,
    /// It has a key of a kind that TLS here does not use.
    #[error("its kind of key is not supported. Use ECDSA (P-256 or P-384), RSA or Ed25519")]
    KindOfKey,
    /// Anything else.
    #[error("it has no usable PEM: {0}")]
    Other(pem::Error),
}

impl PemError {
    /// Finds out why a file could not be used.
    pub(super) fn new(path: &Path, wanted: PemKind, error: pem::Error) -> Self {
        match (error, std::fs::read(path)) {
            (pem::Error::Io(error), _) | (_, Err(error)) => Self::Unreadable(error),
            (error, Ok(bytes)) => Self::of(&bytes, wanted).unwrap_or(Self::Other(error)),
        }
    }

    fn of(bytes: &[u8], wanted: PemKind) -> Option<Self> {
        // A DER certificate or key is a sequence (X.690, section 8.9) of more than 127 bytes.
        if let [0x30, 0x81 | 0x82, ..] = bytes {
            return Some(Self::Der);
        }
        let text = String::from_utf8_lossy(bytes);
        let has = |label: &str| text.contains(label);
        let (certificate, key) = (has("BEGIN CERTIFICATE"), has("PRIVATE KEY-----"));
        match wanted {
            PemKind::Certificate if key && !certificate => Some(Self::KeyForCertificate),
            PemKind::Key if certificate && !key => Some(Self::CertificateForKey),
            PemKind::Key if has("ENCRYPTED") => Some(Self::Passphrase),
            PemKind::Key if has("BEGIN DSA") || has("BEGIN OPENSSH") => Some(Self::KindOfKey),
            PemKind::Key if has("PUBLIC KEY-----") && !key => Some(Self::PublicKey),
            PemKind::Certificate | PemKind::Key => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_usual_mistake_is_told_with_what_to_do() {
        let certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        let pem = |label: &str| format!("-----BEGIN {label}-----\nAA==\n-----END {label}-----\n");
        for (bytes, wanted, words) in [
            ("0\u{82}".into(), PemKind::Key, None),
            (pem("PRIVATE KEY"), PemKind::Certificate, Some("swapped")),
            (certificate.to_owned(), PemKind::Key, Some("swapped")),
            (
                pem("ENCRYPTED PRIVATE KEY"),
                PemKind::Key,
                Some("passphrase"),
            ),
            (
                pem("RSA PRIVATE KEY").replace("AA==", "Proc-Type: 4,ENCRYPTED"),
                PemKind::Key,
                Some("passphrase"),
            ),
            (pem("PUBLIC KEY"), PemKind::Key, Some("public key")),
            (pem("DSA PRIVATE KEY"), PemKind::Key, Some("not supported")),
            (
                pem("OPENSSH PRIVATE KEY"),
                PemKind::Key,
                Some("not supported"),
            ),
            ("nothing".to_owned(), PemKind::Certificate, None),
        ] {
            let said = PemError::of(bytes.as_bytes(), wanted).map(|error| error.to_string());
            match words {
                Some(words) => assert!(said.unwrap().contains(words), "{bytes}"),
                None => assert_eq!(said, None, "{bytes}"),
            }
        }
        assert!(matches!(
            PemError::of(&[0x30, 0x82, 1, 2], PemKind::Key),
            Some(PemError::Der)
        ));
    }
}
