//! A certificate authority for tests.

use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use crate::serve::PairFiles;

/// A certificate authority that no client trusts by default, with the files of its certificates.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    /// Creates an authority, and a certificate for `localhost` and 127.0.0.1.
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

    /// The file of its own certificate, for clients that should trust it.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The files of the certificate and key that were issued last.
    pub fn pair(&self) -> PairFiles {
        PairFiles {
            certificate: self.folder.path().join("cert.pem"),
            key: self.folder.path().join("key.pem"),
        }
    }

    /// Replaces the files with a certificate for `localhost` that has signed itself and may issue
    /// others, as `openssl req -x509` makes it.
    pub fn sign_itself(&self) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        fs::write(self.pair().certificate, certificate.pem()).unwrap();
        fs::write(self.pair().key, key.serialize_pem()).unwrap();
    }

    /// Issues a certificate and replaces the files. Returns the certificate in DER.
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
