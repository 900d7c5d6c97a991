//! Accounts and sessions.

use roster_common::Role;
use roster_server::rules::session::{EndReason, Limits, Session, SessionId, Verdict};
use roster_server::store::{
    Account, AccountChanges, AccountStore, LiveSession, PasswordHash, SessionStore, SignInProof,
    Store,
};
use uuid::Uuid;

use super::backend::{Backend, on_every_backend};
use super::{account, at, by_ada, name, now, session, sign_in, sign_in_proof};

const DAY: i64 = 24 * 3600;

fn number(number: u128) -> SessionId {
    Uuid::from_u128(number)
}

/// A store in which Ada has an account.
async fn store_of_ada<P: Backend>(backend: &P) -> P::Store {
    let store = backend.open().await;
    assert!(
        store
            .add_account(account("ada"), name("ada"))
            .await
            .unwrap()
    );
    store
}

/// The row as a rule sees it.
async fn row(store: &impl Store, id: SessionId) -> Option<Session> {
    let rule = Box::new(|_: &mut Session, _: &Account| Verdict::Repeated);
    let outcome = store.change_session(id, rule, at(0)).await.unwrap();
    outcome.map(|outcome| outcome.session)
}

async fn a_name_is_taken_once(backend: impl Backend) {
    let store = backend.open().await;
    assert_eq!(store.account(&name("ada")).await.unwrap(), None);
    assert!(
        store
            .add_account(account("ada"), name("ada"))
            .await
            .unwrap()
    );
    assert!(
        !store
            .add_account(
                Account {
                    role: Role::Admin,
                    ..account("ada")
                },
                name("ada")
            )
            .await
            .unwrap()
    );
    assert_eq!(
        store.account(&name("ada")).await.unwrap(),
        Some(account("ada"))
    );
}

async fn a_session_comes_back_as_it_was_opened(backend: impl Backend) {
    let store = store_of_ada(&backend).await;
    let opened = Session {
        seen: Some(at(5)),
        ..session(1, "ada", 0)
    };
    sign_in(&store, opened.clone()).await;
    assert_eq!(row(&store, opened.id).await, Some(opened.clone()));
    let live = LiveSession {
        user: name("ada"),
        role: Role::Editor,
        generation: 1,
        digest: opened.digest,
        seen: true,
        expires: opened.expires,
    };
    assert_eq!(store.live_session(opened.id).await.unwrap(), Some(live));
}

async fn a_rule_changes_the_row_and_the_next_request_sees_it(backend: impl Backend) {
    let store = store_of_ada(&backend).await;
    sign_in(&store, session(1, "ada", 0)).await;
    let rule = Box::new(|session: &mut Session, account: &Account| {
        assert_eq!(account.username, session.user);
        session.generation += 1;
        Verdict::Rotated
    });
    let outcome = store.change_session(number(1), rule, at(0)).await.unwrap();
    let outcome = outcome.unwrap();
    assert_eq!(outcome.verdict, Verdict::Rotated);
    assert_eq!(
        (outcome.session.generation, outcome.role),
        (2, Role::Editor)
    );
    assert_eq!(
        store
            .live_session(number(1))
            .await
            .unwrap()
            .unwrap()
            .generation,
        2
    );
}

async fn there_is_no_session_without_a_row_or_an_account(backend: impl Backend) {
    let store = store_of_ada(&backend).await;
    assert_eq!(
        store
            .open_session(
                session(2, "bob", 0),
                sign_in_proof(),
                Limits::default(),
                now(0)
            )
            .await
            .unwrap(),
        None
    );
    for id in [number(1), number(2)] {
        assert_eq!(row(&store, id).await, None);
        assert_eq!(store.live_session(id).await.unwrap(), None);
    }
    store
        .end_session(number(1), at(0), EndReason::Logout)
        .await
        .unwrap();
    store.confirm_session(number(1), 1, at(0)).await.unwrap();
}

async fn a_disabled_account_opens_no_session(backend: impl Backend) {
    let store = backend.open().await;
    store
        .add_account(
            Account {
                disabled: true,
                ..account("ada")
            },
            name("ada"),
        )
        .await
        .unwrap();
    assert_eq!(
        store
            .open_session(
                session(1, "ada", 0),
                sign_in_proof(),
                Limits::default(),
                now(0)
            )
            .await
            .unwrap(),
        None
    );
    assert_eq!(store.live_session(number(1)).await.unwrap(), None);
}

async fn a_password_that_has_changed_since_it_was_looked_at_opens_no_session(
    backend: impl Backend,
) {
    let store = store_of_ada(&backend).await;
    let changes = AccountChanges {
        password: Some(PasswordHash("another".into())),
        ..AccountChanges::default()
    };
    store
        .change_account(&name("ada"), changes, by_ada(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        store
            .open_session(
                session(1, "ada", 2),
                sign_in_proof(),
                Limits::default(),
                now(2)
            )
            .await
            .unwrap(),
        None
    );
    assert!(store.sessions(&name("ada")).await.unwrap().is_empty());
}

async fn a_sign_in_leaves_a_stronger_hash_behind_and_undoes_no_other_password(
    backend: impl Backend,
) {
    let store = store_of_ada(&backend).await;
    let stronger = PasswordHash("stronger".into());
    let rehashing = || SignInProof {
        rehashed: Some(stronger.clone()),
        ..sign_in_proof()
    };
    let opened = store
        .open_session(session(1, "ada", 0), rehashing(), Limits::default(), now(0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(opened.password, stronger);
    assert_eq!(store.account(&name("ada")).await.unwrap(), Some(opened));
    assert_eq!(
        store
            .open_session(session(2, "ada", 0), rehashing(), Limits::default(), now(0))
            .await
            .unwrap(),
        None,
        "it is another by now"
    );
}

async fn the_first_end_of_a_session_stands(backend: impl Backend) {
    let store = store_of_ada(&backend).await;
    sign_in(&store, session(1, "ada", 0)).await;
    store
        .end_session(number(1), at(1), EndReason::Logout)
        .await
        .unwrap();
    store
        .end_session(number(1), at(2), EndReason::Reuse)
        .await
        .unwrap();
    assert_eq!(store.live_session(number(1)).await.unwrap(), None);
    assert_eq!(
        row(&store, number(1)).await.unwrap().ended,
        Some((at(1), EndReason::Logout))
    );
}

async fn a_new_session_ends_the_one_that_it_replaces_and_no_other(backend: impl Backend) {
    let store = store_of_ada(&backend).await;
    for id in [1, 2] {
        sign_in(&store, session(id, "ada", 0)).await;
    }
    store
        .open_session(
            session(3, "ada", 9),
            SignInProof {
                replaces: Some(number(1)),
                ..sign_in_proof()
            },
            Limits::default(),
            now(9),
        )
        .await
        .unwrap();
    assert_eq!(
        row(&store, number(1)).await.unwrap().ended,
        Some((at(9), EndReason::Replaced))
    );
    assert!(store.live_session(number(2)).await.unwrap().is_some());
    assert!(store.live_session(number(3)).await.unwrap().is_some());
}

async fn the_first_use_of_a_generation_is_remembered(backend: impl Backend) {
    let store = store_of_ada(&backend).await;
    sign_in(&store, session(1, "ada", 0)).await;
    store.confirm_session(number(1), 2, at(1)).await.unwrap();
    assert!(
        !store.live_session(number(1)).await.unwrap().unwrap().seen,
        "generation 2 is not there yet"
    );
    store.confirm_session(number(1), 1, at(2)).await.unwrap();
    store.confirm_session(number(1), 1, at(3)).await.unwrap();
    assert!(store.live_session(number(1)).await.unwrap().unwrap().seen);
    assert_eq!(row(&store, number(1)).await.unwrap().seen, Some(at(2)));
}

async fn a_session_is_forgotten_thirty_days_after_it_was_opened(backend: impl Backend) {
    let store = store_of_ada(&backend).await;
    sign_in(&store, session(1, "ada", 0)).await;
    store
        .end_session(number(1), at(1), EndReason::Logout)
        .await
        .unwrap();
    sign_in(&store, session(2, "ada", 1)).await;
    sign_in(&store, session(3, "ada", 30 * DAY)).await;
    assert!(row(&store, number(1)).await.is_some());
    sign_in(&store, session(4, "ada", 30 * DAY + 1)).await;
    assert!(row(&store, number(1)).await.is_none());
    assert!(row(&store, number(2)).await.is_some());
}

on_every_backend! {
    a_name_is_taken_once,
    a_session_comes_back_as_it_was_opened,
    a_rule_changes_the_row_and_the_next_request_sees_it,
    there_is_no_session_without_a_row_or_an_account,
    a_disabled_account_opens_no_session,
    a_password_that_has_changed_since_it_was_looked_at_opens_no_session,
    a_sign_in_leaves_a_stronger_hash_behind_and_undoes_no_other_password,
    the_first_end_of_a_session_stands,
    a_new_session_ends_the_one_that_it_replaces_and_no_other,
    the_first_use_of_a_generation_is_remembered,
    a_session_is_forgotten_thirty_days_after_it_was_opened,
}
