//! Certificates for a test server, and what their clients trust.

use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use crate::serve::PairFiles;

/// An authority that nobody knows, with the files of what it has issued.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    /// A new one, and a pair for `localhost` and 127.0.0.1.
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let authority = Self {
            issuer,
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(authority.certificate(), authority.issuer.pem()).unwrap();
        authority.issue(&["localhost", "127.0.0.1"]);
        authority
    }

    /// The file of its own certificate, for those who trust it.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The files of the pair that was issued last.
    pub fn pair(&self) -> PairFiles {
        PairFiles {
            certificate: self.folder.path().join("cert.pem"),
            key: self.folder.path().join("key.pem"),
        }
    }

    /// Issues another pair, in place of the one before. Returns the certificate, DER.
    pub fn issue(&self, names: &[&str]) -> Vec<u8> {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &self.issuer)
            .unwrap();
        fs::write(self.pair().certificate, certificate.pem()).unwrap();
        fs::write(self.pair().key, key.serialize_pem()).unwrap();
        certificate.der().to_vec()
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}
