//! The audit: what is written down, in one transaction with what it tells, and how much of it is
//! kept.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use jiff::SignedDuration;
use roster_common::Role;
use roster_common::employee::Field;
use roster_common::history::{AuditAction, AuditEntry};
use roster_server::rules::session::{EndReason, Session, Verdict};
use roster_server::store::{
    Account, AccountChanges, AccountStore, Attribution, AuditCount, AuditKind, AuditLine,
    AuditRetention, EmployeeStore, HistoryStore, PackedRows, PasswordHash, PlanOptions, Resumed,
    RunStore, SessionSelector, SessionStore, Store, ValidRow,
};
use uuid::Uuid;

use super::backend::{Backend, on_every_backend};
use super::{account, at, by_ada, create, id, name, person, session, sign_in};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn refused_sign_in(second: i64) -> AuditLine {
    AuditLine::refused_sign_in(None, HOME, at(second))
}

async fn audit(store: &impl Store) -> Vec<AuditEntry> {
    store.audit(None, 1000).await.unwrap()
}

/// What was done by whom to what, with the note; the oldest first.
async fn message(store: &impl Store) -> Vec<(AuditAction, String, String, String)> {
    let text = |text: Option<String>| text.unwrap_or_default();
    let message = |entry: AuditEntry| {
        (
            entry.what,
            text(entry.by),
            text(entry.target),
            text(entry.note),
        )
    };
    audit(store).await.into_iter().rev().map(message).collect()
}

fn line(
    what: AuditAction,
    by: &str,
    target: &str,
    note: &str,
) -> (AuditAction, String, String, String) {
    (what, by.into(), target.into(), note.into())
}

async fn a_clock_that_is_set_back_changes_no_order(backend: impl Backend) {
    let store = backend.open().await;
    for second in [100, 50, 75, 10] {
        store
            .create_employee(person(&[]), None, by_ada(second))
            .await
            .unwrap()
            .unwrap();
    }
    let all = audit(&store).await;
    let moments: Vec<_> = all
        .iter()
        .map(|entry| (entry.target.as_deref().unwrap(), entry.at))
        .collect();
    assert_eq!(
        moments,
        [("4", at(10)), ("3", at(75)), ("2", at(50)), ("1", at(100))],
        "the latest commit first"
    );
    assert!(all.is_sorted_by(|newer, older| newer.id > older.id));
    assert_eq!(store.audit(Some(all[1].id), 10).await.unwrap(), all[2..]);
}

async fn what_is_done_with_accounts_is_told(backend: impl Backend) {
    let store = backend.open().await;
    let rosterd = Attribution {
        by: name("rosterd"),
        at: at(0),
    };
    store
        .add_account(
            Account {
                role: Role::Admin,
                ..account("ada")
            },
            rosterd.by,
        )
        .await
        .unwrap();
    store
        .add_account(account("bob"), name("ada"))
        .await
        .unwrap();
    for changes in [
        AccountChanges {
            role: Some(Role::Viewer),
            disabled: Some(true),
            password: None,
        },
        AccountChanges {
            role: Some(Role::Viewer),
            disabled: Some(false),
            password: None,
        },
        AccountChanges {
            password: Some(PasswordHash("new".into())),
            ..AccountChanges::default()
        },
        AccountChanges::default(),
    ] {
        store
            .change_account(&name("bob"), changes, by_ada(1))
            .await
            .unwrap()
            .unwrap();
    }
    store
        .remove_account(&name("bob"), by_ada(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        message(&store).await,
        [
            line(AuditAction::UserCreated, "rosterd", "ada", "admin"),
            line(AuditAction::UserCreated, "ada", "bob", "editor"),
            line(AuditAction::RoleChanged, "ada", "bob", "editor to viewer"),
            line(AuditAction::UserDisabled, "ada", "bob", ""),
            line(AuditAction::UserEnabled, "ada", "bob", ""),
            line(AuditAction::PasswordReset, "ada", "bob", ""),
            line(AuditAction::UserDeleted, "ada", "bob", ""),
        ]
    );
}

async fn the_life_of_a_session_is_told(backend: impl Backend) {
    let store = backend.open().await;
    store
        .add_account(account("ada"), name("ada"))
        .await
        .unwrap();
    for number in 1..=5 {
        sign_in(&store, session(number, "ada", 0)).await;
    }
    let number = Uuid::from_u128;
    store
        .end_session(number(1), at(1), EndReason::Logout)
        .await
        .unwrap();
    store
        .end_session(number(1), at(2), EndReason::Logout)
        .await
        .unwrap();
    store
        .end_sessions(&name("ada"), SessionSelector::Only(number(2)), by_ada(3))
        .await
        .unwrap();
    let reuse = Box::new(|session: &mut Session, _: &Account| {
        session.end(at(4), EndReason::Reuse);
        Verdict::Repeated
    });
    store.change_session(number(3), reuse, at(4)).await.unwrap();
    store
        .change_password(
            account("ada").password,
            PasswordHash("x".into()),
            number(4),
            by_ada(5),
        )
        .await
        .unwrap();
    store
        .end_sessions(&name("ada"), SessionSelector::All, by_ada(6))
        .await
        .unwrap();
    store
        .end_sessions(&name("ada"), SessionSelector::All, by_ada(7))
        .await
        .unwrap();
    let message = &message(&store).await[6..];
    assert_eq!(
        message,
        [
            line(AuditAction::SignedOut, "ada", &number(1).to_string(), ""),
            line(AuditAction::SessionEnded, "ada", &number(2).to_string(), ""),
            line(AuditAction::TokenReused, "ada", &number(3).to_string(), ""),
            line(AuditAction::PasswordChanged, "ada", "ada", ""),
            line(AuditAction::SessionEnded, "ada", "ada", "1 ended"),
        ]
    );
    let signed_in = &audit(&store).await[5..10];
    assert!(
        signed_in
            .iter()
            .all(|e| e.what == AuditAction::SignedIn && e.address.as_deref() == Some("127.0.0.1"))
    );
}

async fn what_is_done_with_records_is_told_and_an_import_is_one_line(backend: impl Backend) {
    let store = backend.open().await;
    create(&store, person(&[])).await.unwrap();
    let rule = Box::new(|_: &_| Ok(person(&[(Field::Title, "Analyst")])));
    store
        .change_employee(id(1), rule, by_ada(1))
        .await
        .unwrap()
        .unwrap();
    store
        .delete_employee(id(1), Box::new(|_| Ok(())), by_ada(2))
        .await
        .unwrap()
        .unwrap();
    let rows = (0..300).map(|_| ValidRow::of_new(None, &person(&[])));
    let rows: PackedRows = rows.collect();
    let options = PlanOptions::adding(at(3));
    let planned = store.plan_import(Arc::new(rows.clone()), options, Resumed::default());
    planned.await.unwrap();
    let added = store.add_employees(rows, by_ada(3)).await.unwrap();
    added.unwrap();
    assert_eq!(
        message(&store).await,
        [
            line(AuditAction::EmployeeCreated, "ada", "1", ""),
            line(AuditAction::EmployeeChanged, "ada", "1", ""),
            line(AuditAction::EmployeeDeleted, "ada", "1", ""),
            line(AuditAction::EmployeesImported, "ada", "1", "300 created"),
        ]
    );
}

async fn it_is_read_in_pages_from_the_newest(backend: impl Backend) {
    let store = backend.open().await;
    for _ in 0..5 {
        create(&store, person(&[])).await.unwrap();
    }
    let ids = |page: Vec<AuditEntry>| page.iter().map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(ids(store.audit(None, 2).await.unwrap()), [5, 4]);
    assert_eq!(ids(store.audit(Some(4), 2).await.unwrap()), [3, 2]);
    assert_eq!(ids(store.audit(Some(2), 2).await.unwrap()), [1]);
    assert_eq!(
        ids(store.audit(Some(1), 2).await.unwrap()),
        Vec::<u64>::new()
    );
}

async fn a_flood_of_refused_sign_ins_keeps_to_its_share_and_pushes_nothing_else_out(
    backend: impl Backend,
) {
    let store = backend.open().await;
    create(&store, person(&[])).await.unwrap();
    let flood = (0..10_050).map(|second| store.add_to_audit(refused_sign_in(second)));
    futures_util::future::join_all(flood)
        .await
        .into_iter()
        .for_each(|noted| noted.unwrap());
    let all = store.audit(None, 20_000).await.unwrap();
    assert_eq!(all.len(), 10_001);
    assert_eq!(all.last().unwrap().what, AuditAction::EmployeeCreated);
    assert!(
        all[..10_000]
            .iter()
            .all(|entry| entry.what == AuditAction::SignInRefused && entry.by.is_none())
    );
    assert_eq!(all[9_999].at, at(50), "the newest are kept");
}

/// How many lines of each kind are kept, and how many were dropped.
async fn counts(store: &impl Store) -> Vec<(AuditKind, u64, u64)> {
    let counts = store.figures().await.unwrap().audit;
    let count = |count: &AuditCount| (count.kind, count.kept, count.dropped);
    counts.iter().map(count).collect()
}

async fn create_many(store: &impl Store, count: i64) {
    let creations =
        (0..count).map(|second| store.create_employee(person(&[]), None, by_ada(second)));
    futures_util::future::join_all(creations)
        .await
        .into_iter()
        .for_each(|created| drop(created.unwrap().unwrap()));
}

async fn a_flood_of_record_changes_pushes_out_no_sign_in_and_what_it_drops_is_counted(
    backend: impl Backend,
) {
    let retention = AuditRetention {
        lines: 1000,
        age: None,
    };
    let store = backend.open_keeping(retention).await;
    let ada = account("ada");
    store.add_account(ada, name("ada")).await.unwrap();
    sign_in(&store, session(1, "ada", 0)).await;
    create_many(&store, 620).await;
    let expected = [
        (AuditKind::Sessions, 1, 0),
        (AuditKind::Refusals, 0, 0),
        (AuditKind::Accounts, 1, 0),
        (AuditKind::Records, 500, 120),
    ];
    assert_eq!(counts(&store).await, expected);
    let all = audit(&store).await;
    let oldest: Vec<_> = all.iter().rev().take(3).map(|entry| entry.what).collect();
    assert_eq!(
        oldest,
        [
            AuditAction::UserCreated,
            AuditAction::SignedIn,
            AuditAction::EmployeeCreated
        ]
    );
    assert_eq!(all.len(), 502);
    drop(store);
    assert_eq!(counts(&backend.open().await).await, expected);
}

async fn lines_of_an_age_are_dropped_but_the_newest_stays(backend: impl Backend) {
    let retention = AuditRetention {
        age: Some(SignedDuration::from_secs(100)),
        ..AuditRetention::default()
    };
    let store = backend.open_keeping(retention).await;
    create_many(&store, 50).await;
    store.add_to_audit(refused_sign_in(60)).await.unwrap();
    let kept = async || {
        let mut kept: Vec<_> = audit(&store).await.iter().map(|entry| entry.at).collect();
        kept.reverse();
        kept
    };
    store.sweep_audit(at(100)).await.unwrap();
    assert_eq!(kept().await.len(), 51);
    store.sweep_audit(at(147)).await.unwrap();
    assert_eq!(kept().await, [at(47), at(48), at(49), at(60)]);
    store.sweep_audit(at(10_000)).await.unwrap();
    assert_eq!(kept().await, [at(60)]);
    create_many(&store, 1).await;
    assert_eq!(audit(&store).await[0].id, 52, "no number is given twice");
}

async fn stricter_settings_apply_to_the_lines_that_are_there(backend: impl Backend) {
    let store = backend.open().await;
    create_many(&store, 300).await;
    drop(store);
    let retention = AuditRetention {
        lines: 100,
        age: None,
    };
    let store = backend.open_keeping(retention).await;
    store.sweep_audit(at(0)).await.unwrap();
    assert_eq!(counts(&store).await[3], (AuditKind::Records, 50, 250));
}

on_every_backend! {
    a_clock_that_is_set_back_changes_no_order,
    what_is_done_with_accounts_is_told,
    the_life_of_a_session_is_told,
    what_is_done_with_records_is_told_and_an_import_is_one_line,
    it_is_read_in_pages_from_the_newest,
    a_flood_of_refused_sign_ins_keeps_to_its_share_and_pushes_nothing_else_out,
    a_flood_of_record_changes_pushes_out_no_sign_in_and_what_it_drops_is_counted,
    lines_of_an_age_are_dropped_but_the_newest_stays,
    stricter_settings_apply_to_the_lines_that_are_there,
}
