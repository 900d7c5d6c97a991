//! A file of an earlier build, of schema 2, with every kind of row: it reads today as it did then.
//! For redb only: no other store has written such rows.
//!
//! `previous.redb.gz` is that file, and `previous.txt` what that build read from it. That build
//! wrote it in this order, at 2026-11-18 from 11:06:40 on: accounts of each role, changed in every
//! way and deleted; sessions, rotated and ended for each reason; refused sign-ins; records, changed
//! in each field, deleted, restored and imported.

use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex};

use flate2::read::GzDecoder;
use jiff::Timestamp;
use roster_common::Query;
use roster_common::employee::Version;
use roster_server::rules::session::{Session, Verdict};
use roster_server::store::redb::RedbStore;
use roster_server::store::{
    Account, AccountStore, Attribution, AuditKind, EmployeeStore, HistoryStore, IdempotencyKey,
    Record, Refused, SessionStore, StoreMonitor,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{id, name, person};

/// Writes the file to a path.
pub(crate) fn unpack(path: &Path) {
    let packed = &include_bytes!("previous.redb.gz")[..];
    let mut file = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut file).unwrap();
    std::fs::write(path, file).unwrap();
}

#[tokio::test]
async fn a_file_of_an_earlier_build_reads_as_it_did() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    unpack(&path);
    // The second time, what the first has made of the file.
    for _ in 0..2 {
        let store = RedbStore::open(&path).unwrap();
        assert_eq!(everything(&store).await, include_str!("previous.txt"));
    }
}

#[tokio::test]
async fn a_file_of_an_earlier_build_still_knows_its_idempotency_keys_and_the_next_id() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    unpack(&path);
    let store = RedbStore::open(&path).unwrap();
    let request = |user: &str, key: &str, digest: u8| {
        let key = IdempotencyKey {
            key: key.into(),
            digest: [digest; 32],
        };
        let stamp = Attribution {
            by: name(user),
            at: "2026-11-19T11:00:00Z".parse().unwrap(),
        };
        store.create_employee(person(&[]), Some(key), stamp)
    };
    let known = |record: Record| (record.id, record.version, text(&record.json));

    assert_eq!(
        known(request("ada", "first", 1).await.unwrap().unwrap()),
        (
            id(1),
            Version::FIRST,
            r#"{"id":1,"firstname":"Maya","lastname":"Castro","email":null,"phone":null,"title":null,"department":null,"location":null,"manager":null,"status":"active","hired":null,"notes":null,"version":1,"created":"2026-11-18T11:46:40Z","updated":"2026-11-18T11:46:40Z","updatedBy":"ada"}"#.into()
        )
    );
    assert_eq!(
        known(request("eve", "second", 2).await.unwrap().unwrap()),
        (
            id(2),
            Version::FIRST,
            r#"{"id":2,"firstname":"敏","lastname":"王","email":null,"phone":null,"title":null,"department":null,"location":null,"manager":1,"status":"left","hired":null,"notes":null,"version":1,"created":"2026-11-18T11:47:40Z","updated":"2026-11-18T11:47:40Z","updatedBy":"eve"}"#.into()
        )
    );
    assert!(matches!(
        request("eve", "second", 3).await.unwrap(),
        Err(Refused::KeyReused)
    ));
    let new = request("ada", "third", 3).await.unwrap().unwrap();
    assert_eq!(new.id, id(10));
}

#[tokio::test]
async fn the_audit_lines_of_an_earlier_build_get_the_share_of_their_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.redb");
    unpack(&path);
    let store = RedbStore::open(&path).unwrap();
    let lines = store.audit(None, 1000).await.unwrap();
    for count in store.figures().await.unwrap().audit {
        let of_kind = lines
            .iter()
            .filter(|line| AuditKind::of(line.what) == count.kind);
        assert_eq!(
            (count.kept, count.dropped),
            (of_kind.count() as u64, 0),
            "{count:?}"
        );
        assert!(count.kept > 0, "{count:?}");
    }
}

/// All that the store holds, one value a line.
pub(crate) async fn everything(store: &RedbStore) -> String {
    let mut lines = vec!["accounts".to_owned()];
    for account in store.accounts().await.unwrap() {
        lines.push(json(&of_account(account)));
    }
    lines.push("sessions".into());
    for number in 1..=12 {
        lines.push(json(&of_session(session(store, number).await)));
    }
    lines.push("open sessions".into());
    for user in ["ada", "bob", "eve", "vic"] {
        let open = store.sessions(&name(user)).await.unwrap();
        let numbers: Vec<_> = open.iter().map(|session| session.id.as_u128()).collect();
        lines.push(format!("{user} {numbers:?}"));
    }
    lines.push("employees".into());
    let query = Query::parse("sort=id").unwrap();
    let page = store.page(&query, Timestamp::UNIX_EPOCH).await.unwrap();
    lines.extend(page.records.iter().map(|record| json(&of_record(record))));
    for number in 1..=10 {
        lines.push(format!("history of {number}"));
        let history = store.history(id(number), None, 100).await.unwrap();
        lines.extend(history.iter().flatten().map(json));
    }
    lines.push("audit".into());
    lines.extend(store.audit(None, 100).await.unwrap().iter().map(json));
    lines.join("\n") + "\n"
}

/// A record without the fields that it has no value for: a later version may have more of them.
fn of_record(record: &[u8]) -> Map<String, Value> {
    let mut record: Map<String, Value> = serde_json::from_slice(record).unwrap();
    record.retain(|_, value| !value.is_null());
    record
}

fn of_account(account: Account) -> Value {
    json!({
        "username": account.username,
        "role": account.role,
        "disabled": account.disabled,
        "password": account.password.0,
        "created": account.created,
    })
}

/// A session's row, whether or not it has ended.
async fn session(store: &RedbStore, number: u128) -> Session {
    let found = Arc::new(Mutex::new(None));
    let copy = Arc::clone(&found);
    let look = Box::new(move |session: &mut Session, _: &_| {
        *copy.lock().unwrap() = Some(session.clone());
        Verdict::Repeated
    });
    let id = Uuid::from_u128(number);
    store
        .change_session(id, look, super::at(0))
        .await
        .unwrap()
        .unwrap();
    found.lock().unwrap().take().unwrap()
}

fn of_session(session: Session) -> Value {
    json!({
        "id": session.id.as_u128() as u64,
        "user": session.user,
        "created": session.created,
        "generation": session.generation,
        "issued": session.issued,
        "expires": session.expires,
        "jti": session.jti.as_u128() as u64,
        "kid": session.kid,
        "digest": session.digest[0],
        "seen": session.seen,
        "earlier": session.earlier,
        "latest": session.latest,
        "ended": session.ended.map(|(at, why)| (at, format!("{why:?}"))),
        "address": session.address,
        "client": session.client,
    })
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn text(json: &[u8]) -> String {
    String::from_utf8(json.to_vec()).unwrap()
}
