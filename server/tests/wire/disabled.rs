//! An account that was disabled while somebody was signed in to it.

use reqwest::Method;
use roster_common::Role;
use roster_server::clock::Clock;
use roster_server::rules::session::{Limits, Session};
use roster_server::store::redb::RedbStore;
use roster_server::store::{Account, PasswordHash, Store};
use roster_server::token::Tokens;
use uuid::Uuid;

use crate::support::{ACCESS_TIME, Server};

/// A server whose user dan is disabled, with the access token and the refresh cookie of a session that dan had.
async fn after_dan() -> (Server, String, String) {
    let server = Server::start().await;
    server.running.stop().await;
    let store = RedbStore::open(&server.running.database()).unwrap();
    let now = server.running.clock.now();
    let password = PasswordHash(String::new());
    let account =
        Account { username: "dan".parse().unwrap(), role: Role::Admin, disabled: true, password, created: now };
    assert!(store.add_account(account).await.unwrap());
    let keys = &server.running.keys;
    let tokens = Tokens::new(keys, ACCESS_TIME);
    let mut session = Session {
        id: Uuid::now_v7(),
        user: "dan".parse().unwrap(),
        created: now,
        generation: 1,
        issued: now,
        expires: Session::expiry(now, now, &Limits::default()),
        jti: Uuid::now_v7(),
        kid: String::new(),
        digest: [0; 32],
        seen: None,
        earlier: Vec::new(),
        latest: now,
        ended: None,
        address: String::new(),
        client: String::new(),
    };
    let cookie = tokens.seal(&mut session).unwrap().expose().to_owned();
    let access = tokens.access(&session, Role::Admin, now).unwrap();
    store.open_session(session, None).await.unwrap();
    drop(store);
    server.restart().await;
    (server, access, cookie)
}

#[tokio::test]
async fn its_tokens_are_refused_and_its_cookie_is_taken_away() {
    let (server, access, cookie) = after_dan().await;
    server.bearing(&access).get("/employees").await.refused(403, "session_ended", "login");
    for method in [Method::POST, Method::GET] {
        let answer = server.with_cookie(method, "/refresh", &cookie).await.refused(403, "account_disabled", "login");
        assert!(answer.clears_the_cookie());
    }
    server.with_cookie(Method::POST, "/logout", &cookie).await.expect(204);
}
