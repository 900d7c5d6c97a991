//! Many connections at once, and connections that end in unusual ways.

use std::net::{IpAddr, SocketAddr};

use futures_util::future::join_all;
use roster_server::http::MaxStreams;
use roster_server::serve::raise_file_limit;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Person, Raw, Server, pass};

/// How many connections the server accepts.
const CONNECTIONS: usize = 4096;

/// A connection from another loopback address, which is another network for the server.
async fn connect_from(server: &Server, host: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let from: SocketAddr = (IpAddr::from([127, 0, 1, host]), 0).into();
    socket.bind(from).unwrap();
    socket
        .connect(server.address().parse().unwrap())
        .await
        .unwrap()
}

/// Sends a request, and returns the head of the response. `None` if the connection was dropped.
async fn ask(stream: &mut TcpStream, path: &str, person: &Person) -> Option<String> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer {}\r\n\r\n",
        person.access
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

#[tokio::test]
async fn strangers_from_a_few_addresses_shut_nobody_out() {
    // As the program does when it starts.
    raise_file_limit();
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let mut office = connect_from(&server, 1).await;
    let answer = ask(&mut office, "/me", &eve).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    let mut strangers = Vec::new();
    for number in 0..CONNECTIONS + 200 {
        let host = u8::try_from(2 + number % 4).unwrap();
        let mut stranger = connect_from(&server, host).await;
        // Half of them hold up the server with a body that does not come.
        if number % 2 == 0 {
            let head = "POST /auth HTTP/1.1\r\nHost: r\r\nContent-Length: 9\r\n\r\n{";
            stranger.write_all(head.as_bytes()).await.unwrap();
        }
        strangers.push(stranger);
    }
    let mut newcomer = connect_from(&server, 9).await;
    for stream in [&mut newcomer, &mut office] {
        let answer = ask(stream, "/me", &eve).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

#[tokio::test]
async fn five_hundred_applications_behind_one_address_each_with_a_stream_work() {
    // As the program does when it starts.
    raise_file_limit();
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    let mut applications = Vec::new();
    for _ in 0..500 {
        let mut pair = [
            connect_from(&server, 1).await,
            connect_from(&server, 1).await,
        ];
        for (stream, path) in pair.iter_mut().zip(["/events", "/me"]) {
            let answer = ask(stream, path, &vic).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        }
        applications.push(pair);
    }
    let requests = applications
        .iter_mut()
        .map(|[_, stream]| ask(stream, "/me", &vic));
    let answers = join_all(requests).await;
    assert!(answers.iter().all(Option::is_some), "none was dropped");
}

#[tokio::test]
async fn streams_have_a_limit_of_their_own_and_leave_other_requests_alone() {
    let mut server = Server::start().await;
    server.running.http.max_streams = MaxStreams(3);
    server.restart().await;
    let vic = server.sign_in("vic").await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(vic.get("/events").open().await);
    }
    let refused = vic.get("/events").await.refused(503, "unavailable", "none");
    assert_eq!(refused.header("retry-after"), Some("30"));
    vic.get("/me").await.expect(200);
    // Somebody with fewer streams gets one in place of the oldest.
    let eve = server.sign_in("eve").await;
    let stream = eve.get("/events").open().await;
    assert_eq!(stream.status(), 200);
    streams.remove(0).bytes().await.unwrap();
    // A stream whose client has gone is noticed when something is sent.
    drop((streams, stream));
    loop {
        pass(15).await;
        if vic.get("/events").open().await.status() == 200 {
            break;
        }
    }
}

#[tokio::test]
async fn a_request_whose_client_sends_nothing_more_is_answered() {
    let server = Server::start().await;
    let eve = server.sign_in("eve").await;
    let head = format!("Host: r\r\nAuthorization: Bearer {}", eve.access);
    let body = r#"{"firstname":"Maya","lastname":"Castro"}"#;
    for (request, status) in [
        (format!("GET /me HTTP/1.1\r\n{head}\r\n\r\n"), "200 OK"),
        (
            format!(
                "POST /employees HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
            "201 Created",
        ),
        // A sign-in takes longest, as it hashes a password.
        (
            "POST /auth HTTP/1.1\r\nHost: r\r\nAuthorization: Basic ZXZlOng=\r\n\r\n".to_owned(),
            "401 Unauthorized",
        ),
    ] {
        let mut raw = Raw::open(&server).await;
        raw.send(&request).await;
        raw.end().await;
        let answer = raw.rest().await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
    }
}
