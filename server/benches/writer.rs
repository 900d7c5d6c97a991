//! Durable writes of 64 clients, in groups as the writer commits them, and one commit a request:
//! the difference is made here, by a lock that lets one client at a time ask, and not by a switch
//! in the product.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what fails ends the bench, and it prints figures"
)]

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use roster_common::{Field, Role, Username};
use roster_server::rules::session::{Limits, Presented, Session, Verdict};
use roster_server::rules::session_clock::Moment;
use roster_server::sample;
use roster_server::store::redb::RedbStore;
use roster_server::store::{
    Account, AccountStore, Attribution, EmployeeStore, PasswordHash, SessionStore, SignInProof,
};
use tokio::sync::Mutex;
use uuid::Uuid;

const CLIENTS: usize = 64;
const TIME: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() {
    println!(
        "{:<12} {:>14} {:>14} {:>9} {:>9} {:>7}",
        "work", "alone /s", "in groups /s", "p50 ms", "p99 ms", "ratio"
    );
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(RedbStore::open(&folder.path().join("bench.redb")).unwrap());
    let ada: Username = "ada".parse().unwrap();
    let password = PasswordHash(String::new());
    let account = Account {
        username: ada.clone(),
        role: Role::Admin,
        disabled: false,
        password,
        created: now(),
    };
    assert!(store.add_account(account, ada.clone()).await.unwrap());
    for client in 0..CLIENTS {
        store
            .open_session(
                session(client, &ada),
                SignInProof::by(PasswordHash(String::new())),
                Limits::default(),
                Moment::at(now()),
            )
            .await
            .unwrap();
    }
    report("create", {
        let store = Arc::clone(&store);
        move |client| create(Arc::clone(&store), client, ada.clone())
    })
    .await;
    report("refresh", move |client| refresh(Arc::clone(&store), client)).await;
}

fn now() -> Timestamp {
    Timestamp::now()
}

async fn create(store: Arc<RedbStore>, client: usize, by: Username) {
    let mut changes = sample::employees(1, client as u64).next().unwrap();
    // Each creates several people, and only one of them can have the number.
    changes.set(Field::Number, "");
    let details = changes.to_details().unwrap();
    store
        .create_employee(details, None, Attribution { by, at: now() })
        .await
        .unwrap()
        .unwrap();
}

async fn refresh(store: Arc<RedbStore>, client: usize) {
    let rule = |session: &mut Session, _: &Account| {
        let presented = Presented {
            generation: session.generation,
            digest: session.digest,
        };
        session.rotate(presented, false, now(), Uuid::now_v7(), &Limits::default())
    };
    let outcome = store
        .change_session(name(client), Box::new(rule), now())
        .await
        .unwrap();
    assert_eq!(outcome.unwrap().verdict, Verdict::Rotated);
}

fn name(client: usize) -> Uuid {
    Uuid::from_u128(client as u128 + 1)
}

fn session(client: usize, user: &Username) -> Session {
    let now = now();
    Session {
        id: name(client),
        user: user.clone(),
        created: now,
        generation: 1,
        issued: now,
        expires: Session::expiry(now, now, &Limits::default()),
        jti: Uuid::now_v7(),
        kid: "bench".into(),
        digest: [0; 32],
        seen: None,
        earlier: Vec::new(),
        latest: now,
        ended: None,
        address: "127.0.0.1".into(),
        client: "bench".into(),
    }
}

/// Drives the work both ways, and prints a row.
async fn report<F: Future<Output = ()> + Send>(
    name: &str,
    work: impl Fn(usize) -> F + Clone + Send + Sync + 'static,
) {
    let turn = Arc::new(Mutex::new(()));
    let one_by_one = {
        let work = work.clone();
        move |client| {
            let (turn, work) = (Arc::clone(&turn), work(client));
            async move {
                let _turn = turn.lock().await;
                work.await;
            }
        }
    };
    let alone = drive(one_by_one).await;
    let grouped = drive(work).await;
    let rate = |times: &[Duration]| times.len() as f64 / TIME.as_secs_f64();
    let at = |part: usize| grouped[grouped.len() * part / 100].as_secs_f64() * 1e3;
    println!(
        "{name:<12} {:>14.0} {:>14.0} {:>9.2} {:>9.2} {:>7.1}",
        rate(&alone),
        rate(&grouped),
        at(50),
        at(99),
        rate(&grouped) / rate(&alone),
    );
}

/// How long each piece of work took, of all clients together, sorted.
async fn drive<F: Future<Output = ()> + Send>(
    work: impl Fn(usize) -> F + Clone + Send + Sync + 'static,
) -> Vec<Duration> {
    let end = Instant::now() + TIME;
    let client = |client: usize| {
        let work = work.clone();
        tokio::spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                let begin = Instant::now();
                work(client).await;
                times.push(begin.elapsed());
            }
            times
        })
    };
    let clients: Vec<_> = (0..CLIENTS).map(client).collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.unwrap());
    }
    times.sort_unstable();
    times
}
