//! Requests that are answered without a socket: only the state, the request and the response.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use roster_server::http::{RequestBody, Response, ServerState, handle};
use roster_server::testing::TestServer;
use serde_json::{Value, json};

use crate::support::password_of;

/// A server that does not listen, and whoever uses it.
struct Desk {
    _server: TestServer,
    state: Arc<ServerState>,
    token: Option<String>,
}

impl Desk {
    async fn open() -> Self {
        let server = TestServer::without_socket().await;
        let state = server.state();
        Self {
            _server: server,
            state,
            token: None,
        }
    }

    async fn sign_in(&mut self, name: &str) {
        let credentials = json!({"user": name, "pwd": password_of(name)});
        let answer = self.send("POST", "/auth", &[], credentials).await;
        let token = json_of(answer).await["accessToken"]
            .as_str()
            .unwrap()
            .to_owned();
        self.token = Some(token);
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("host", "roster.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = if body.is_null() {
            Bytes::new()
        } else {
            body.to_string().into()
        };
        let request = request.body(RequestBody::Right(Full::new(body))).unwrap();
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        handle(Arc::clone(&self.state), peer, request).await
    }
}

async fn json_of(response: Response) -> Value {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn an_editor_creates_and_changes_an_employee() {
    let mut desk = Desk::open().await;
    desk.sign_in("eve").await;
    let maya = json!({"firstname": "Maya", "lastname": "Castro"});
    let created = desk.send("POST", "/employees", &[], maya).await;
    assert_eq!(created.status(), 201);
    let path = created.headers()["location"].to_str().unwrap().to_owned();
    let etag = created.headers()["etag"].to_str().unwrap().to_owned();

    let title = json!({"title": "Analyst"});
    let changed = desk
        .send("PATCH", &path, &[("if-match", &etag)], title.clone())
        .await;
    assert_eq!(changed.status(), 200);
    assert_eq!(json_of(changed).await["title"], "Analyst");

    let late = desk
        .send("PATCH", &path, &[("if-match", &etag)], title)
        .await;
    assert_eq!(late.status(), 412);
    assert_eq!(json_of(late).await["current"]["title"], "Analyst");
}

#[tokio::test]
async fn a_viewer_reads_and_may_not_write() {
    let mut desk = Desk::open().await;
    desk.sign_in("vic").await;
    let list = desk
        .send("GET", "/employees?limit=5", &[], Value::Null)
        .await;
    assert_eq!(
        (list.status().as_u16(), json_of(list).await),
        (200, json!([]))
    );
    let refused = desk
        .send("DELETE", "/employees/1", &[("if-match", "*")], Value::Null)
        .await;
    assert_eq!(json_of(refused).await["code"], "role_required");
}

#[tokio::test]
async fn a_server_that_drains_is_not_ready() {
    let desk = Desk::open().await;
    let ready = desk.send("GET", "/readyz", &[], Value::Null).await;
    assert_eq!(ready.status(), 200);
    desk.state.drain();
    let draining = desk.send("GET", "/readyz", &[], Value::Null).await;
    assert_eq!(draining.status(), 503);
    assert_eq!(json_of(draining).await["code"], "unavailable");
}
