//! Changing and deleting accounts, and the list and the end of their sessions.

use std::sync::Arc;

use futures_util::future::join_all;
use roster_common::Role;
use roster_server::rules::session::EndReason;
use roster_server::store::{
    Account, AccountChanges, AccountRefusal, AccountStore, PasswordHash, SessionSelector,
    SessionStore, Store,
};
use uuid::Uuid;

use super::backend::{Backend, on_every_backend};
use super::{account, at, by_ada, name, session, sign_in};

const EDITOR: AccountChanges = AccountChanges {
    role: Some(Role::Editor),
    disabled: None,
    password: None,
};
const DISABLED: AccountChanges = AccountChanges {
    role: None,
    disabled: Some(true),
    password: None,
};

/// A store with these admins.
async fn store_of<P: Backend>(backend: &P, admins: &[&str]) -> P::Store {
    let store = backend.open().await;
    for admin in admins {
        add_admin(&store, admin).await;
    }
    store
}

async fn add_admin(store: &impl Store, user: &str) {
    assert!(
        store
            .add_account(
                Account {
                    role: Role::Admin,
                    ..account(user)
                },
                name("ada")
            )
            .await
            .unwrap()
    );
}

/// The ids of a user's sessions that have not ended.
async fn open(store: &impl Store, user: &str) -> Vec<u128> {
    store
        .sessions(&name(user))
        .await
        .unwrap()
        .iter()
        .map(|session| session.id.as_u128())
        .collect()
}

async fn the_last_admin_can_be_neither_demoted_nor_disabled_nor_deleted(backend: impl Backend) {
    let store = store_of(&backend, &["ada"]).await;
    store
        .add_account(account("eve"), name("ada"))
        .await
        .unwrap();
    for changes in [EDITOR, DISABLED] {
        let refused = store
            .change_account(&name("ada"), changes, by_ada(1))
            .await
            .unwrap();
        assert_eq!(refused, Err(AccountRefusal::LastAdmin));
    }
    assert_eq!(
        store.remove_account(&name("ada"), by_ada(1)).await.unwrap(),
        Err(AccountRefusal::LastAdmin)
    );

    add_admin(&store, "bob").await;
    store
        .change_account(&name("bob"), DISABLED, by_ada(2))
        .await
        .unwrap()
        .unwrap();
    let refused = store
        .change_account(&name("ada"), EDITOR, by_ada(3))
        .await
        .unwrap();
    assert_eq!(
        refused,
        Err(AccountRefusal::LastAdmin),
        "an admin who may not sign in does not count"
    );
    assert_eq!(
        store.account(&name("ada")).await.unwrap().unwrap().role,
        Role::Admin
    );
}

async fn of_admins_who_demote_each_other_at_once_one_is_left(backend: impl Backend) {
    let admins: Vec<String> = (0..40).map(|number| format!("admin{number}")).collect();
    let store = Arc::new(
        store_of(
            &backend,
            &admins.iter().map(String::as_str).collect::<Vec<_>>(),
        )
        .await,
    );
    let demotions = admins.iter().map(|admin| {
        let (store, admin) = (Arc::clone(&store), name(admin));
        tokio::spawn(async move {
            store
                .change_account(&admin, EDITOR, by_ada(1))
                .await
                .unwrap()
        })
    });
    let answers: Vec<_> = join_all(demotions.collect::<Vec<_>>())
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
    let left = store.accounts().await.unwrap();
    assert_eq!(
        left.iter()
            .filter(|account| account.role == Role::Admin)
            .count(),
        1
    );
}

async fn who_is_disabled_or_gets_another_password_is_signed_out_everywhere_and_nobody_else_is<
    P: Backend,
>(
    _: P,
) {
    let password = AccountChanges {
        password: Some(PasswordHash("new".into())),
        ..AccountChanges::default()
    };
    for changes in [DISABLED, password] {
        let backend = P::new().await.unwrap();
        let store = store_of(&backend, &["ada", "bob"]).await;
        for (number, user) in [(1, "bob"), (2, "bob"), (3, "ada")] {
            sign_in(&store, session(number, user, 0)).await;
        }
        store
            .change_account(&name("bob"), changes, by_ada(1))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (open(&store, "bob").await, open(&store, "ada").await),
            (vec![], vec![3])
        );
    }
}

async fn another_role_is_seen_by_the_sessions_that_are_open(backend: impl Backend) {
    let store = store_of(&backend, &["ada", "bob"]).await;
    sign_in(&store, session(1, "bob", 0)).await;
    store
        .change_account(&name("bob"), EDITOR, by_ada(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        store
            .live_session(Uuid::from_u128(1))
            .await
            .unwrap()
            .unwrap()
            .role,
        Role::Editor
    );
}

async fn a_deleted_account_leaves_no_session_to_one_of_the_same_name(backend: impl Backend) {
    let store = store_of(&backend, &["ada", "bob"]).await;
    sign_in(&store, session(1, "bob", 0)).await;
    store
        .remove_account(&name("bob"), by_ada(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(store.account(&name("bob")).await.unwrap(), None);
    add_admin(&store, "bob").await;
    assert_eq!(store.live_session(Uuid::from_u128(1)).await.unwrap(), None);
    assert_eq!(open(&store, "bob").await, Vec::<u128>::new());
    assert_eq!(
        store.remove_account(&name("zoe"), by_ada(1)).await.unwrap(),
        Err(AccountRefusal::Unknown)
    );
}

async fn ones_own_password_changes_only_from_the_one_that_was_checked_and_keeps_the_session_that_asks(
    backend: impl Backend,
) {
    let store = store_of(&backend, &["ada"]).await;
    for number in 1..=3 {
        sign_in(&store, session(number, "ada", 0)).await;
    }
    let change = |from: &str, to: &str| {
        store.change_password(
            PasswordHash(from.into()),
            PasswordHash(to.into()),
            Uuid::from_u128(2),
            by_ada(1),
        )
    };
    assert!(!change("not this", "new").await.unwrap());
    assert_eq!(open(&store, "ada").await, [3, 2, 1]);
    assert!(change("$2b$", "new").await.unwrap());
    assert_eq!(open(&store, "ada").await, [2]);
    assert!(
        !change("$2b$", "newer").await.unwrap(),
        "of two at once the second comes too late"
    );
}

async fn sessions_are_ended_one_by_one_all_but_one_or_all(backend: impl Backend) {
    let store = store_of(&backend, &["ada", "bob"]).await;
    for (number, user) in [(1, "ada"), (2, "ada"), (3, "ada"), (4, "ada"), (5, "bob")] {
        sign_in(&store, session(number, user, 0)).await;
    }
    let end = |which| {
        let (ada, store) = (name("ada"), &store);
        async move { store.end_sessions(&ada, which, by_ada(1)).await.unwrap() }
    };
    assert_eq!(
        end(SessionSelector::Only(Uuid::from_u128(5))).await,
        0,
        "that one is bob's"
    );
    assert_eq!(end(SessionSelector::Only(Uuid::from_u128(3))).await, 1);
    assert_eq!(
        end(SessionSelector::Only(Uuid::from_u128(3))).await,
        0,
        "it has ended"
    );
    assert_eq!(open(&store, "ada").await, [4, 2, 1]);
    assert_eq!(end(SessionSelector::AllExcept(Uuid::from_u128(2))).await, 2);
    assert_eq!(open(&store, "ada").await, [2]);
    assert_eq!(end(SessionSelector::All).await, 1);
    assert_eq!(
        (open(&store, "ada").await, open(&store, "bob").await),
        (vec![], vec![5])
    );
}

async fn a_session_is_listed_with_where_it_comes_from_and_when_it_was_used(backend: impl Backend) {
    let store = store_of(&backend, &["ada"]).await;
    sign_in(&store, session(1, "ada", 5)).await;
    store
        .confirm_session(Uuid::from_u128(1), 1, at(60))
        .await
        .unwrap();
    let [listed] = &store.sessions(&name("ada")).await.unwrap()[..] else {
        panic!("there is one")
    };
    assert_eq!((listed.created, listed.used), (at(5), at(60)));
    assert_eq!(
        (listed.address.as_str(), listed.client.as_str()),
        ("127.0.0.1", "roster")
    );
    store
        .end_session(Uuid::from_u128(1), at(61), EndReason::Logout)
        .await
        .unwrap();
    assert_eq!(store.sessions(&name("ada")).await.unwrap(), []);
}

on_every_backend! {
    the_last_admin_can_be_neither_demoted_nor_disabled_nor_deleted,
    of_admins_who_demote_each_other_at_once_one_is_left,
    who_is_disabled_or_gets_another_password_is_signed_out_everywhere_and_nobody_else_is,
    another_role_is_seen_by_the_sessions_that_are_open,
    a_deleted_account_leaves_no_session_to_one_of_the_same_name,
    ones_own_password_changes_only_from_the_one_that_was_checked_and_keeps_the_session_that_asks,
    sessions_are_ended_one_by_one_all_but_one_or_all,
    a_session_is_listed_with_where_it_comes_from_and_when_it_was_used,
}
