//! What one request asks of the server's parts, each by itself:
//! `cargo bench -p roster-server --bench micro`.
#![expect(clippy::unwrap_used, reason = "what fails ends the bench")]

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use jiff::{SignedDuration, Timestamp};
use roster_common::employee::Version;
use roster_common::{Employee, Query, Role};
use roster_server::rules::session::{Limits, Presented, Session, Verdict};
use roster_server::sample;
use roster_server::store::redb::RedbStore;
use roster_server::store::{Attribution, EmployeeStore, RunStore, ValidRow};
use roster_server::testing::keys;
use roster_server::token::{Subject, Tokens};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

const RECORDS: u64 = 100_000;
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().build().unwrap());

/// The invented employees, in memory.
static STORE: LazyLock<RedbStore> = LazyLock::new(|| {
    let store = RedbStore::in_memory().unwrap();
    let row =
        |changes: roster_common::Changes| ValidRow::of_new(None, &changes.to_details().unwrap());
    let rows = sample::employees(RECORDS, 1).map(row).collect();
    let stamp = Attribution {
        by: "ada".parse().unwrap(),
        at: NOW,
    };
    let added = RUNTIME.block_on(store.add_employees(rows, stamp));
    added.unwrap().unwrap();
    store
});

fn main() {
    LazyLock::force(&STORE);
    divan::main();
}

fn tokens() -> Tokens {
    Tokens::new(&keys(1), SignedDuration::from_mins(10))
}

fn session() -> Session {
    Session {
        id: Uuid::from_u128(1),
        user: "ada".parse().unwrap(),
        created: NOW,
        generation: 1,
        issued: NOW,
        expires: Session::expiry(NOW, NOW, &Limits::default()),
        jti: Uuid::from_u128(2),
        kid: "k1".into(),
        digest: [0; 32],
        seen: None,
        earlier: Vec::new(),
        latest: NOW,
        ended: None,
        address: "127.0.0.1".into(),
        client: "bench".into(),
    }
}

#[divan::bench]
fn sign(bencher: Bencher) {
    let (tokens, session) = (tokens(), session());
    bencher.bench_local(|| tokens.sign_access(Subject::of(&session, Role::Editor), NOW));
}

/// A token that these keys have not met before.
#[divan::bench]
fn verify_cold(bencher: Bencher) {
    let token = tokens()
        .sign_access(Subject::of(&session(), Role::Editor), NOW)
        .unwrap();
    bencher
        .with_inputs(tokens)
        .bench_local_refs(|tokens| tokens.verify_access(black_box(&token), NOW).unwrap());
}

#[divan::bench]
fn verify_cached(bencher: Bencher) {
    let tokens = tokens();
    let token = tokens
        .sign_access(Subject::of(&session(), Role::Editor), NOW)
        .unwrap();
    bencher.bench_local(|| tokens.verify_access(black_box(&token), NOW).unwrap());
}

/// The rule alone, without its signature and its commit.
#[divan::bench]
fn rotate(bencher: Bencher) {
    bencher.with_inputs(session).bench_local_refs(|session| {
        let presented = Presented {
            generation: session.generation,
            digest: session.digest,
        };
        assert_eq!(
            session.rotate(
                presented,
                false,
                NOW,
                Uuid::from_u128(3),
                &Limits::default()
            ),
            Verdict::Rotated
        );
    });
}

/// A page of fifty, at its beginning or in the middle of all, in the order of ids or of two
/// columns.
#[divan::bench(args = ["limit=50", "limit=50&offset=50000", "limit=50&sort=lastname", "limit=50&offset=50000&sort=lastname"])]
fn page(bencher: Bencher, query: &str) {
    let query = Query::parse(query).unwrap();
    bencher.bench_local(|| {
        RUNTIME
            .block_on(STORE.page(black_box(&query), NOW))
            .unwrap()
    });
}

/// Searches with many, few or no matches, not cached.
#[divan::bench(args = ["engineer", "wiśniewski łukasz", "zzzz"], sample_count = 30, sample_size = 1)]
fn search(bencher: Bencher, words: &str) {
    let query = query(words);
    // More other searches than it remembers.
    let forget = || {
        for n in 0..9 {
            drop(RUNTIME.block_on(STORE.page(&self::query(&format!("zz{n}")), NOW)));
        }
    };
    bencher.with_inputs(forget).bench_local_values(|()| {
        RUNTIME
            .block_on(STORE.page(black_box(&query), NOW))
            .unwrap()
    });
}

fn query(words: &str) -> Query {
    let words: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
    Query::parse(&format!("limit=50&q={words}")).unwrap()
}

#[divan::bench]
fn encode(bencher: Bencher) {
    let employee = Employee {
        id: 7.try_into().unwrap(),
        details: sample::employees(1, 1)
            .next()
            .unwrap()
            .to_details()
            .unwrap(),
        version: Version::FIRST,
        created: NOW,
        updated: NOW,
        updated_by: "ada".into(),
    };
    bencher.bench_local(|| serde_json::to_vec(black_box(&employee)));
}
