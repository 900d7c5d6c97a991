//! Where a request comes from, and who may say so.

use serde_json::json;

use crate::support::Server;

/// So many sign-ins one address has at once.
const BURST: usize = 100;

/// How many of a few more are let in, each under another name and from what is said to be another address.
async fn let_in(server: &Server) -> usize {
    let mut let_in = 0;
    for number in 0..BURST + 10 {
        let guess = json!({"user": format!("nobody{number}"), "pwd": "a guess of mine"});
        let answer = server
            .post("/auth", guess)
            .header("X-Forwarded-For", &format!("192.0.2.{number}"))
            .await;
        let_in += usize::from(answer.status == 401);
    }
    let_in
}

#[tokio::test]
async fn only_a_listed_proxy_is_believed() {
    let mut server = Server::start().await;
    assert_eq!(
        let_in(&server).await,
        BURST,
        "whatever it says, it is one address"
    );
    server.running.http.proxies = vec!["127.0.0.0/8".parse().unwrap()].into();
    server.restart().await;
    assert_eq!(let_in(&server).await, BURST + 10, "they are many");
}
