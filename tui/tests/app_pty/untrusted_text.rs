//! A server that means harm: what it sends is shown, and the terminal obeys none of it.

use std::convert::Infallible;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::terminal::{PROGRAM, Terminal, command};
use crate::{ENTER, SAVE};

const ESC: &str = "\x1b";

/// Names the window, clears the screen, turns the writing round, and each in 8 bits as well.
const HARM: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9d}0;owned\u{9c}\u{9b}2J\u{202e}";

/// What of it a terminal would obey.
const OBEYED: [&[u8]; 5] = [
    b"\x1b]0;",
    b"\x07",
    b"\xc2\x9d",
    b"\xc2\x9b",
    b"\xe2\x80\xae",
];

/// Answers every request with harm in each text; what changes something is refused.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let record = json!({
        "id": 1, "version": 1, "status": "active", "manager": 1, "hired": "2020-02-29", "firstname": HARM,
        "lastname": format!("Castro{HARM}"), "email": HARM, "phone": HARM, "title": HARM, "department": HARM,
        "location": HARM, "notes": HARM, "updatedBy": HARM,
        "created": "2026-11-23T09:30:00Z", "updated": "2026-11-23T09:30:00Z",
    });
    let signed_in = json!({
        "accessToken": "token", "tokenType": "Bearer", "expiresIn": 600, "user": {"username": "ada", "role": "admin"},
        "session": {"id": HARM, "expiresAt": "2099-01-01T00:00:00Z"},
    });
    let problem = json!({
        "type": HARM, "title": HARM, "status": 409, "detail": format!("Refused{HARM}"), "code": "harm",
        "action": "none", "request_id": HARM,
    });
    let streamed = request
        .headers()
        .get("accept")
        .is_some_and(|kind| kind == "application/x-ndjson");
    let (status, kind, body): (_, _, Value) =
        match (request.method().as_str(), request.uri().path()) {
            (_, "/auth" | "/refresh") => (200, "application/json", signed_in),
            ("GET", "/employees") if streamed => (200, "application/x-ndjson", record),
            ("GET", "/employees") => (200, "application/json", json!([record])),
            ("GET", "/employees/1") => (200, "application/json", record),
            _ => (409, "application/problem+json", problem),
        };
    let cookie = "__Host-refresh=token; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=3600";
    let response = Response::builder()
        .status(status)
        .header("content-type", kind)
        .header("set-cookie", cookie);
    Ok(response
        .header("x-total-count", "1")
        .header("x-offset", "0")
        .body(Full::from(format!("{body}\n")))
        .unwrap())
}

/// Starts it; its address.
async fn hostile_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let connection = hyper::server::conn::http1::Builder::new();
            tokio::spawn(connection.serve_connection(TokioIo::new(socket), service_fn(answer)));
        }
    });
    url
}

fn obeyed_nothing(terminal: &mut Terminal) {
    terminal.waits_for_output("nothing that a terminal obeys", |output| {
        OBEYED
            .iter()
            .all(|harm| !output.bytes.windows(harm.len()).any(|bytes| bytes == *harm))
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malicious_server_cannot_control_the_terminal() {
    let (server, home) = (hostile_server().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::start(&server, home.path());
    terminal
        .sees("Sign in")
        .types("ada")
        .types(ENTER)
        .types("password of mine")
        .types(ENTER);
    terminal
        .sees("Castro⟨001B⟩")
        .types(ENTER)
        .sees("Record")
        .types("e")
        .sees("> First name");
    terminal
        .types(SAVE)
        .sees("! Remove line breaks and control characters.")
        .types(ESC)
        .sees_no("> First name");
    terminal
        .types("d")
        .sees("Delete ⟨001B⟩")
        .types("y")
        .sees("Refused⟨001B⟩]0;owned⟨0007⟩");
    obeyed_nothing(&mut terminal);
    terminal.types(crate::CTRL_C);
    assert_eq!(terminal.ends(), 130);

    for (args, message) in [
        (["employees", "list"], "Castro"),
        (["employees", "show"], "Last name   Castro⟨001B⟩"),
        (["employees", "delete"], "Castro⟨001B⟩"),
        (["employees", "import"], "Refused⟨001B⟩]0;owned"),
    ] {
        let mut list = command(PROGRAM);
        list.args(args);
        let file = home.path().join("\u{1b}]0;owned\u{7}.csv");
        std::fs::write(&file, "firstname,lastname\nAda,Lovelace\n").unwrap();
        match args[1] {
            "list" => {}
            "import" => list.arg(&file),
            _ => list.arg("1"),
        }
        let mut terminal = Terminal::run(list, &server, home.path());
        terminal.sees(message).types("y\r").ends();
        obeyed_nothing(&mut terminal);
    }
}
