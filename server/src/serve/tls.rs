//! TLS: the only use of rustls.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use roster_common::problem::{Code, MEDIA_TYPE, Problem};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

use super::pem::{PemError, PemKind};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The files of a certificate chain and its private key, both PEM.
#[derive(Debug, Clone)]
pub struct PairFiles {
    /// The certificate chain: the server's own certificate first, then its issuers.
    pub certificate: PathBuf,
    /// The private key of the first certificate.
    pub key: PathBuf,
}

/// The certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// One of the files cannot be read or has the wrong content.
    #[error("cannot use {path}: {why}", path = .0.display(), why = .1)]
    File(PathBuf, PemError),
    /// The key does not match the certificate, or rustls does not support them.
    #[error("{certificate} and {key} do not match: {why}",
        certificate = .0.certificate.display(), key = .0.key.display(), why = .1)]
    Pair(PairFiles, rustls::Error),
}

/// TLS 1.2 and 1.3 with a certificate that can be reloaded without dropping connections.
pub struct Tls {
    files: PairFiles,
    config: ArcSwap<ServerConfig>,
}

impl Tls {
    /// Reads the certificate and key.
    ///
    /// # Errors
    /// [`PairError`]
    pub fn new(files: PairFiles) -> Result<Self, PairError> {
        let config = ArcSwap::from_pointee(configure(&files)?);
        Ok(Self { files, config })
    }

    /// Reloads the certificate and key for new connections. Open connections are not affected.
    ///
    /// # Errors
    /// [`PairError`]; the old pair stays in use.
    pub fn reload(&self) -> Result<(), PairError> {
        self.config.store(Arc::new(configure(&self.files)?));
        Ok(())
    }

    /// Performs the TLS handshake.
    ///
    /// # Errors
    /// If the client disconnects, does not use TLS, or takes longer than ten seconds.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        timeout(HANDSHAKE, self.handshake(stream))
            .await
            .map_err(|_| io::ErrorKind::TimedOut)?
    }

    async fn handshake(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let mut first = [0];
        // An HTTP method begins with a capital letter, a TLS handshake with the byte 22 (RFC 8446,
        // section 5.1).
        if stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase() {
            refuse_plain_http(stream).await?;
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "plain HTTP on a TLS port",
            ));
        }
        TlsAcceptor::from(self.config.load_full())
            .accept(stream)
            .await
    }
}

async fn refuse_plain_http(mut stream: TcpStream) -> io::Result<()> {
    let problem = Problem::new(
        Code::BadRequest,
        "This port uses TLS: start the address with https://.",
    );
    let body = serde_json::to_string(&problem)?;
    let head = format!(
        "Content-Type: {MEDIA_TYPE}\r\nContent-Length: {}\r\nConnection: close",
        body.len()
    );
    stream
        .write_all(format!("HTTP/1.1 400 Bad Request\r\n{head}\r\n\r\n{body}").as_bytes())
        .await?;
    stream.shutdown().await?;
    // Read the rest before closing: closing with unread data would reset the connection, and the
    // client might lose the response.
    tokio::io::copy(&mut stream, &mut tokio::io::sink())
        .await
        .map(drop)
}

fn configure(files: &PairFiles) -> Result<ServerConfig, PairError> {
    let unusable = |file: &Path, content| {
        let file = file.to_owned();
        move |why| {
            let why = PemError::new(&file, content, why);
            PairError::File(file, why)
        }
    };
    let chain =
        chain(&files.certificate).map_err(unusable(&files.certificate, PemKind::Certificate))?;
    let key = read(&files.key)
        .and_then(|pem| PrivateKeyDer::from_pem_slice(pem.as_bytes()))
        .map_err(unusable(&files.key, PemKind::Key))?;
    let pair = |why| PairError::Pair(files.clone(), why);
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder
        .with_safe_default_protocol_versions()
        .map_err(pair)?;
    let mut config = builder
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(pair)?;
    // Only HTTP/1.1 is served, so clients must not choose HTTP/2.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Reads a PEM file without its byte order marks: editors on Windows begin a file with one, and
/// joined files have several.
fn read(file: &Path) -> Result<Zeroizing<String>, pem::Error> {
    let pem = Zeroizing::new(std::fs::read(file).map_err(pem::Error::Io)?);
    Ok(Zeroizing::new(
        String::from_utf8_lossy(&pem).replace('\u{feff}', ""),
    ))
}

fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let pem = read(file)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>()?;
    if chain.is_empty() {
        Err(pem::Error::NoItemsFound)
    } else {
        Ok(chain)
    }
}
