//! A server that listens on a Unix socket.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Command;

use serde_json::json;

use crate::program::{ACCESS_KEY, Folder, PASSWORD, REFRESH_KEY, Rosterd, run};

/// `rosterd serve` on a socket in its folder, behind a proxy on the same host.
fn serve(folder: &Folder) -> Command {
    let options = ["--listen", "unix:http.sock", "--trusted-proxy", "127.0.0.1"];
    let mut command = folder.rosterd(&[&["serve"], &options[..]].concat());
    command
        .env("ACCESS_TOKEN_KEY", ACCESS_KEY)
        .env("REFRESH_TOKEN_KEY", REFRESH_KEY);
    command
}

/// Sends a request through the socket. Returns the response, with its head.
fn ask(folder: &Folder, head: &str, body: &str) -> String {
    let mut stream = UnixStream::connect(folder.path().join("http.sock")).unwrap();
    let length = body.len();
    let request = format!(
        "{head}\r\nHost: roster.example\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Content-Type: application/json\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn clients_on_a_socket_are_served_and_a_listed_proxy_says_who_they_are() {
    let folder = Folder::with_ada();
    let server = Rosterd::start(serve(&folder));
    assert_eq!(server.url, "unix:http.sock");
    let credentials = json!({"user": "ada", "pwd": PASSWORD}).to_string();
    let signed_in = ask(&folder, "POST /auth HTTP/1.1", &credentials);
    assert!(signed_in.starts_with("HTTP/1.1 200 "), "{signed_in}");
    assert!(signed_in.contains("__Host-refresh="), "{signed_in}");
    let token = signed_in.split("\"accessToken\":\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let head = format!("GET /me/sessions HTTP/1.1\r\nAuthorization: Bearer {token}");
    let sessions = ask(&folder, &head, "");
    assert!(
        sessions.contains("\"address\":\"198.51.100.7\""),
        "{sessions}"
    );
    let status = run(folder.rosterd(&["status"]), "").stdout;
    assert!(status.contains("address\tunix:http.sock\n"), "{status}");
}

#[test]
fn its_group_can_connect_and_the_socket_goes_with_the_server() {
    let folder = Folder::with_ada();
    let socket = folder.path().join("http.sock");
    let mut server = Rosterd::start(serve(&folder));
    let mode = fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);

    let other = Folder::with_ada();
    let mut second = serve(&other);
    second.env("ROSTER_DATA", other.database());
    second.current_dir(folder.path());
    run(second, "").refused(&["cannot listen on unix:http.sock", "a server listens there"]);

    server.kill();
    assert!(socket.exists(), "as a server that was killed leaves it");
    let server = Rosterd::start(serve(&folder));
    assert!(ask(&folder, "GET /healthz HTTP/1.1", "").starts_with("HTTP/1.1 200 "));
    server.terminate();
    assert!(!socket.exists());
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let folder = Folder::with_ada();
    fs::write(folder.path().join("http.sock"), "notes").unwrap();
    run(serve(&folder), "").refused(&["it exists and is not a socket"]);
    let kept = fs::read_to_string(folder.path().join("http.sock")).unwrap();
    assert_eq!(kept, "notes");
    run(folder.rosterd(&["serve", "--listen", "unix:"]), "").refused(&["a path must follow unix:"]);
}
