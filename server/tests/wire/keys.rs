//! Signing keys that change while the server runs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roster_server::config::{KeyRing, Keys};
use serde_json::Value;

use crate::support::Server;

/// Rings whose keys have these names, each always with the same secrets.
fn rings(kids: &[&str]) -> Keys {
    let ring = |kind: &str| {
        let keys = kids
            .iter()
            .map(|kid| format!("{kid}:{kind}-{kid}-0123456789-abcdefghij"));
        KeyRing::parse("ACCESS_TOKEN_KEY", &keys.collect::<Vec<_>>().join(",")).unwrap()
    };
    Keys::new(ring("access"), ring("refresh")).unwrap()
}

/// The key by which a token was signed.
fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD
        .decode(token.split('.').next().unwrap())
        .unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn keys_are_changed_without_a_restart_and_no_one_is_signed_out() {
    let mut server = Server::start().await;
    server.running.replace_keys(rings(&["old"]));
    let [eve, vic] = [server.sign_in("eve").await, server.sign_in("vic").await];
    assert_eq!(
        (kid(&eve.access), kid(&eve.cookie)),
        ("old".into(), "old".into())
    );

    // The new one is made known first, so that a second server would know it too, and only then
    // does it sign.
    for kids in [["old", "new"], ["new", "old"]] {
        server.running.replace_keys(rings(&kids));
        eve.get("/me").await.expect(200);
        vic.get("/me").await.expect(200);
    }
    let renewed = eve.after(&server.refresh(&eve.cookie).await.expect(200));
    assert_eq!(
        (kid(&renewed.access), kid(&renewed.cookie)),
        ("new".into(), "new".into())
    );
    // Vic's answer is lost: the repeat is the same token, of the new key.
    let lost = server.refresh(&vic.cookie).await.expect(200).cookie();
    let vic = vic.after(&server.refresh(&vic.cookie).await.expect(200));
    assert_eq!(vic.cookie, lost);

    server.running.replace_keys(rings(&["new"]));
    for person in [renewed, vic] {
        person.get("/me").await.expect(200);
        person
            .after(&server.refresh(&person.cookie).await.expect(200))
            .get("/me")
            .await
            .expect(200);
    }
    // The old key is worth nothing any more.
    eve.get("/me")
        .await
        .refused(403, "token_invalid", "refresh");
    server
        .refresh(&eve.cookie)
        .await
        .refused(403, "refresh_invalid", "login");
}

#[tokio::test]
async fn a_token_that_was_given_before_its_key_came_second_is_given_again_as_it_was() {
    let mut server = Server::start().await;
    server.running.replace_keys(rings(&["old"]));
    let eve = server.sign_in("eve").await;
    let lost = server.refresh(&eve.cookie).await.expect(200).cookie();
    server.running.replace_keys(rings(&["new", "old"]));
    let again = server.refresh(&eve.cookie).await.expect(200).cookie();
    assert_eq!((kid(&again), again), ("old".into(), lost));
}
