//! TLS: who is served, who is refused in which words, and how a certificate is replaced.

use std::fs;
use std::sync::Arc;

use reqwest::{Certificate, Client};
use roster_server::serve::{PairError, Tls};
use roster_server::testing::Authority;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Raw, Server, pass, password_of};

const CLOSING: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n";

/// A server that speaks TLS with a certificate of an authority.
async fn server_of(authority: &Authority) -> Server {
    let mut server = Server::start().await;
    server.running.tls = Some(Arc::new(Tls::new(authority.pair()).unwrap()));
    server.restart().await;
    server
}

/// A connection of a client that trusts the authority.
async fn connect(
    server: &Server,
    authority: &Authority,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(authority.certificate()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(server.address()).await.unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from("localhost").unwrap(), stream)
        .await
}

/// All that the server answers.
async fn ask(stream: &mut TlsStream<TcpStream>, request: &[u8]) -> String {
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn url_of(server: &Server) -> String {
    format!("https://{}", server.address())
}

#[tokio::test]
async fn both_versions_are_spoken_and_http_1_1_is_agreed_on() {
    let authority = Authority::new();
    let server = server_of(&authority).await;
    for (offered, agreed) in [
        (&version::TLS12, ProtocolVersion::TLSv1_2),
        (&version::TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let mut stream = connect(&server, &authority, &[offered]).await.unwrap();
        let session = stream.get_ref().1;
        assert_eq!(
            (session.protocol_version(), session.alpn_protocol()),
            (Some(agreed), Some(&b"http/1.1"[..]))
        );
        let answer = ask(&mut stream, CLOSING).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(
            answer.contains("strict-transport-security: max-age="),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn the_whole_workflow_goes_over_it_with_the_cookie_of_a_secure_host() {
    let authority = Authority::new();
    let server = server_of(&authority).await;
    let trusted = Certificate::from_pem(&fs::read(authority.certificate()).unwrap()).unwrap();
    let http = Client::builder()
        .no_proxy()
        .tls_certs_only([trusted])
        .build()
        .unwrap();
    let credentials = json!({"user": "eve", "pwd": password_of("eve")});
    let login = http
        .post(format!("{}/auth", url_of(&server)))
        .json(&credentials)
        .send()
        .await
        .unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.starts_with("__Host-refresh=") && cookie.contains("; Secure;"),
        "{cookie}"
    );
    let access = login.json::<Value>().await.unwrap()["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let me = http
        .get(format!("{}/me", url_of(&server)))
        .bearer_auth(&access)
        .send()
        .await
        .unwrap();
    assert_eq!(me.status(), 200);
    let cookie = cookie.split(';').next().unwrap();
    let refresh = http
        .post(format!("{}/refresh", url_of(&server)))
        .header("Cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(refresh.status(), 200);
}

#[tokio::test]
async fn a_client_with_another_authority_refuses_the_server() {
    let server = server_of(&Authority::new()).await;
    let error = connect(&server, &Authority::new(), &[&version::TLS13])
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("UnknownIssuer") || error.to_string().contains("BadSignature"),
        "{error}"
    );
}

#[tokio::test]
async fn plain_http_on_the_tls_port_is_explained() {
    let authority = Authority::new();
    let server = server_of(&authority).await;
    let mut raw = Raw::open(&server).await;
    raw.send("POST /auth HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n")
        .await;
    raw.end().await;
    let answer = raw.rest().await;
    assert!(
        answer
            .starts_with("HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("\"code\":\"bad_request\"") && answer.contains("https://"),
        "{answer}"
    );
    // And neither does garbage harm anybody.
    assert!(
        !Raw::open(&server)
            .await
            .exchange("\0\0\0\0\0\0\0\0\0\0")
            .await
            .contains("HTTP")
    );
    connect(&server, &authority, &[&version::TLS13])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections_and_those_that_stand_go_on() {
    let authority = Authority::new();
    let server = server_of(&authority).await;
    let tls = server.running.tls.clone().unwrap();
    let mut before = connect(&server, &authority, &[&version::TLS13])
        .await
        .unwrap();

    let issued = authority.issue(&["localhost"]);
    tls.reload().unwrap();

    let after = connect(&server, &authority, &[&version::TLS13])
        .await
        .unwrap();
    let shown =
        |stream: &TlsStream<TcpStream>| stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    assert_eq!(shown(&after), issued);
    assert_ne!(shown(&before), issued);
    assert!(
        ask(&mut before, CLOSING)
            .await
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
}

#[tokio::test]
async fn a_pair_that_cannot_be_used_is_named_and_the_old_one_stays() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = server_of(&authority).await;
    let tls = server.running.tls.clone().unwrap();
    let files = authority.pair();

    fs::copy(other.pair().key, &files.key).unwrap();
    assert!(
        matches!(tls.reload(), Err(PairError::Pair(..))),
        "the key of another certificate"
    );
    fs::write(&files.key, "no PEM").unwrap();
    assert!(matches!(tls.reload(), Err(PairError::File(path, _)) if path == files.key));
    fs::write(&files.certificate, "").unwrap();
    assert!(matches!(tls.reload(), Err(PairError::File(path, _)) if path == files.certificate));
    fs::remove_file(&files.certificate).unwrap();
    assert!(matches!(tls.reload(), Err(PairError::File(path, _)) if path == files.certificate));

    connect(&server, &authority, &[&version::TLS13])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_handshake_that_hangs_does_not_hold_up_the_end() {
    let authority = Authority::new();
    let server = server_of(&authority).await;
    let mut hanging = Raw::open(&server).await;
    hanging.send("\u{16}\u{3}\u{1}").await;
    let mut idle = connect(&server, &authority, &[&version::TLS13])
        .await
        .unwrap();
    server.running.stop().await;
    assert_eq!(hanging.rest().await, "");
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or_default(), 0);
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_waited_for_ten_seconds() {
    let authority = Authority::new();
    let server = server_of(&authority).await;
    let mut hanging = Raw::open(&server).await;
    hanging.send("\u{16}\u{3}\u{1}").await;
    // That a later one is served shows that the server has taken in the earlier.
    connect(&server, &authority, &[&version::TLS13])
        .await
        .unwrap();
    pass(11).await;
    assert_eq!(hanging.rest().await, "");
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_server_ends() {
    let authority = Authority::new();
    let server = server_of(&authority).await;
    let mut stream = connect(&server, &authority, &[&version::TLS13])
        .await
        .unwrap();
    let body = json!({"user": "eve", "pwd": password_of("eve")}).to_string();
    let head = format!(
        "POST /auth HTTP/1.1\r\nHost: r\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let rest = async {
        while TcpStream::connect(server.address()).await.is_ok() {}
        let answer = ask(&mut stream, body.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    };
    tokio::join!(server.running.stop(), rest);
}
