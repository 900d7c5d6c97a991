//! Who is signed in stays signed in, whatever is lost, raced or down; and is asked again when the
//! server says so.

use futures_util::future::join_all;
use jiff::SignedDuration;
use roster::client::Client;
use roster::remote::ClientError;
use roster_common::api::path;
use roster_common::{Code, Password};
use roster_server::testing::keys;

use crate::proxy::Fault;
use crate::world::{World, code, sign_in};

#[tokio::test]
async fn who_signed_in_yesterday_goes_on_today() {
    let world = World::new().await;
    world.signed_in().await;

    let today = world.process();
    let identity = today.resume().await.unwrap().unwrap();

    assert_eq!(identity.user.username.as_str(), "ada");
    assert_eq!(today.me().await.unwrap().session.id, identity.session.id);
    assert_eq!(
        (
            world.proxy.count(path::AUTH),
            world.proxy.count(path::REFRESH)
        ),
        (1, 0)
    );
}

#[tokio::test]
async fn who_has_never_signed_in_is_asked() {
    let world = World::new().await;
    let client = world.process();

    assert_eq!(client.resume().await.unwrap(), None);
    let refused = client.me().await;

    assert!(refused.as_ref().is_err_and(ClientError::needs_sign_in));
    assert_eq!(code(refused), Code::TokenMissing);
    assert_eq!(
        world.proxy.count(path::ME),
        0,
        "the server need not be asked"
    );
}

#[tokio::test]
async fn an_expired_token_is_renewed_and_the_call_sent_again() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world.let_the_token_expire();

    client.me().await.unwrap();

    assert_eq!(
        (
            world.proxy.count(path::ME),
            world.proxy.count(path::REFRESH)
        ),
        (2, 1)
    );
}

#[tokio::test]
async fn a_token_with_little_time_left_is_renewed_before_it_is_refused() {
    let world = World::new().await;
    world.signed_in().await;
    world.leave_the_token(SignedDuration::from_secs(10));
    let client = world.process();
    client.resume().await.unwrap();
    assert_eq!(
        world.proxy.count(path::REFRESH),
        0,
        "who asks nothing keeps nothing alive"
    );

    join_all((0..10).map(|_| client.me())).await;

    assert_eq!(
        (
            world.proxy.count(path::ME),
            world.proxy.count(path::REFRESH)
        ),
        (10, 1)
    );
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_early_is_used_to_its_end() {
    let world = World::new().await;
    world.signed_in().await;
    world.leave_the_token(SignedDuration::from_secs(10));
    world.proxy.spoil(path::REFRESH, [Fault::Answer(503); 3]);

    world.process().me().await.unwrap();
}

#[tokio::test]
async fn a_fresh_token_updates_the_identity() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let mut identity = client.identity();
    let before = identity.borrow_and_update().clone().unwrap();
    world.let_the_token_expire();

    client.me().await.unwrap();

    assert!(identity.has_changed().unwrap());
    let after = identity.borrow().clone().unwrap();
    assert_eq!(after.user, before.user);
    assert!(
        after.session.expires_at > before.session.expires_at,
        "a session that is used lasts longer"
    );
}

#[tokio::test]
async fn unsent_and_unanswered_requests_are_distinguished() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let sent = |failed: Result<_, ClientError>| match failed {
        Err(ClientError::Unreachable { sent, .. }) => sent,
        other => panic!("{other:?}"),
    };
    world.proxy.spoil(path::ME, [Fault::LoseAnswer]);
    assert!(sent(client.me().await.map(drop)));
    world.let_the_token_expire();
    world.proxy.spoil(path::REFRESH, [Fault::LoseAnswer; 3]);
    assert!(
        !sent(client.me().await.map(drop)),
        "what was refused was not done"
    );
    world.server.stop().await;
    let direct = world.process_on(&world.server.url);
    assert!(!sent(
        direct
            .sign_in(&"ada".parse().unwrap(), &Password::new("any"))
            .await
            .map(drop)
    ));
}

#[tokio::test]
async fn a_clock_that_was_wrong_at_the_sign_in_loses_no_session() {
    for days in [-40, 40] {
        let world = World::new().await;
        world.signed_in().await;
        world.write_the_jar_by_a_clock_ahead_by(SignedDuration::from_hours(24 * days));
        world.let_the_token_expire();

        let client = world.process();
        assert!(client.resume().await.unwrap().is_some(), "{days} days");
        client.me().await.unwrap();
    }
}

#[tokio::test]
async fn ten_calls_that_meet_an_expired_token_refresh_once() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world.let_the_token_expire();

    let answers = join_all((0..10).map(|_| client.me())).await;

    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(world.proxy.count(path::REFRESH), 1);
}

#[tokio::test]
async fn processes_on_one_jar_refresh_once() {
    let world = World::new().await;
    let processes = [world.signed_in().await, world.process(), world.process()];
    join_all(processes.iter().map(Client::me)).await;
    world.let_the_token_expire();

    let answers = join_all(processes.iter().map(Client::me)).await;

    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(world.proxy.count(path::REFRESH), 1);
}

#[tokio::test]
async fn a_lost_refresh_answer_is_asked_for_again() {
    let world = World::new().await;
    let client = world.signed_in().await;
    for _ in 0..2 {
        world.let_the_token_expire();
        world
            .proxy
            .spoil(path::REFRESH, [Fault::LoseAnswer, Fault::CutAnswer]);

        client.me().await.unwrap();
    }
    assert_eq!(world.proxy.count(path::REFRESH), 6);
}

#[tokio::test]
async fn a_process_that_never_got_its_answer_leaves_the_session_to_the_next() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world.let_the_token_expire();
    world.proxy.spoil(path::REFRESH, [Fault::LoseAnswer; 3]);
    let before = world.jar();

    assert!(matches!(
        client.me().await,
        Err(ClientError::Unreachable { .. })
    ));
    assert_eq!(world.jar(), before);

    world.process().me().await.unwrap();
}

#[tokio::test]
async fn the_cookie_outlives_a_server_that_is_down_or_busy() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let before = world.jar();
    for status in [429, 500, 502, 503] {
        world.let_the_token_expire();
        world.proxy.spoil(path::REFRESH, [Fault::Answer(status); 3]);
        let refused = client.renew().await.unwrap_err();
        assert!(!refused.needs_sign_in(), "{status}: {refused}");
        assert_eq!(world.jar(), before, "{status}");
        world.proxy.forget();
    }
    client.me().await.unwrap();
}

#[tokio::test]
async fn changed_keys_ask_for_a_new_sign_in_with_a_reason() {
    let mut world = World::new().await;
    let client = world.signed_in().await;
    world.server.keys = keys(2);
    world.server.restart().await;

    assert_eq!(code(client.me().await), Code::RefreshInvalid);
    assert_eq!(world.jar(), None);
    assert_eq!(client.resume().await.unwrap(), None);

    sign_in(&client, "ada").await.unwrap();
    client.me().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_signs_no_one_out() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let before = world.jar();

    let refused = client
        .sign_in(&"ada".parse().unwrap(), &Password::new("not the password"))
        .await;

    assert_eq!(code(refused), Code::CredentialsInvalid);
    assert_eq!(world.jar(), before);
    client.me().await.unwrap();
}

#[tokio::test]
async fn a_sign_in_of_the_same_person_elsewhere_is_taken_over() {
    let world = World::new().await;
    let first = world.signed_in().await;
    world.signed_in().await;

    first.me().await.unwrap();

    assert_eq!(world.proxy.count(path::REFRESH), 0);
}

#[tokio::test]
async fn a_session_of_another_user_is_not_taken_over() {
    let world = World::new().await;
    let (ada, vic) = (world.signed_in().await, world.process());
    sign_in(&vic, "vic").await.unwrap();

    let refused = ada.me().await.unwrap_err();

    assert!(refused.needs_sign_in());
    assert!(refused.to_string().contains("vic"), "{refused}");
    assert_eq!(vic.me().await.unwrap().user.username.as_str(), "vic");
}

#[tokio::test]
async fn signing_out_ends_it_for_every_process() {
    let world = World::new().await;
    let (first, second) = (world.signed_in().await, world.process());
    second.me().await.unwrap();

    first.sign_out().await.unwrap();

    assert_eq!(code(second.me().await), Code::SessionEnded);
    assert_eq!(world.jar(), None);
    first.sign_out().await.unwrap();
}

#[tokio::test]
async fn a_failed_sign_out_keeps_the_session() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world.proxy.spoil(path::LOGOUT, [Fault::Answer(503)]);

    assert!(matches!(
        client.sign_out().await,
        Err(ClientError::Unreachable { .. })
    ));

    client.me().await.unwrap();
    assert!(world.jar().is_some());
}

#[tokio::test]
async fn the_cookie_goes_to_two_routes_and_to_no_other() {
    let world = World::new().await;
    let client = world.signed_in().await;
    client.me().await.unwrap();
    client.renew().await.unwrap();
    sign_in(&client, "ada").await.unwrap();
    client.sign_out().await.unwrap();

    // The second sign-in ends the first session, once its own cookie is stored.
    assert_eq!(
        world.proxy.cookies(),
        [path::REFRESH, path::LOGOUT, path::LOGOUT]
    );
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let world = World::new().await;
    let client = world.signed_in().await;
    world.proxy.spoil(path::ME, [Fault::Answer(307)]);

    assert!(matches!(client.me().await, Err(ClientError::Protocol(_))));
}
