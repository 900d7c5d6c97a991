//! Servers that share a database and differ: in their keys, clocks, versions, or in what they saw of
//! the past. For PostgreSQL only: a redb file has one server.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use roster_common::event::Event;
use roster_server::clock::{Clock, System, Uptime};
use roster_server::rules::key_names::KeyNames;
use roster_server::store::postgres::{PostgresStore, ServerOptions};
use roster_server::store::{AccountStore, EmployeeStore, SessionStore, StoreError, StoreMonitor};
use roster_server::testing::TestDatabase;
use uuid::Uuid;

use super::proxy::Proxy;
use super::servers::{count, database_or_skip, eventually};
use super::{account, by_ada, create, id, name, person, session, sign_in};

/// The keys of a server: the first one signs.
fn keys(names: &[&str]) -> KeyNames {
    KeyNames {
        signing: vec![names[0].to_owned()],
        known: names.iter().map(ToString::to_string).collect(),
    }
}

fn with_keys(names: &[&str]) -> ServerOptions {
    let keys = keys(names);
    ServerOptions {
        keys: Arc::new(move || keys.clone()),
        ..ServerOptions::default()
    }
}

async fn refusal(database: &TestDatabase, names: &[&str]) -> String {
    let refused = database.open_server(with_keys(names)).await.map(drop);
    refused.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_does_not_start_beside_one_whose_tokens_it_refuses_or_that_refuses_its_own() {
    let database = database_or_skip!();
    let reloadable = Arc::new(Mutex::new(keys(&["old"])));
    let current = Arc::clone(&reloadable);
    let options = ServerOptions {
        keys: Arc::new(move || current.lock().unwrap().clone()),
        ..ServerOptions::default()
    };
    let first = database.open_server(options).await.unwrap();
    let unknown_there = refusal(&database, &["new", "old"]).await;
    let why = "a running server does not know the key that this one signs with, new";
    assert!(unknown_there.starts_with(why), "{unknown_there}");
    let prepared = database.open_server(with_keys(&["old", "new"])).await;
    // A command signs nothing, so its keys do not matter.
    drop(database.open().await);

    // Once the running ones know the new key, it may sign.
    *reloadable.lock().unwrap() = keys(&["old", "new"]);
    let replaced = database.open_server(with_keys(&["new", "old"])).await;
    let not_old = refusal(&database, &["new"]).await;
    let why = "this server does not know the key that a running one signs with, old";
    assert!(not_old.starts_with(why), "{not_old}");

    // Whoever has ended does not matter.
    drop((first, prepared.unwrap(), replaced.unwrap()));
    database.open_server(with_keys(&["other"])).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_count_each_other_and_not_the_commands() {
    let database = database_or_skip!();
    let one = database.open_server(with_keys(&["a"])).await.unwrap();
    let _command = database.open().await;
    assert_eq!(one.servers().get(), 1);
    let other = database.open_server(with_keys(&["a"])).await.unwrap();
    assert_eq!(other.servers().get(), 2);
    eventually("the other server", async || {
        (one.servers().get() == 2).then_some(())
    })
    .await;
    drop(other);
    eventually("its end", async || (one.servers().get() == 1).then_some(())).await;
}

/// The clock of a computer that nobody has set right.
struct Wrong(SignedDuration);

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        System.now() + self.0
    }

    fn uptime(&self) -> Uptime {
        System.uptime()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_knows_how_wrong_its_clock_is() {
    let database = database_or_skip!();
    for (wrong, said) in [(0, None), (1, None), (30, Some(30)), (-30, Some(-30))] {
        let options = ServerOptions {
            clock: Arc::new(Wrong(SignedDuration::from_secs(wrong))),
            ..ServerOptions::default()
        };
        let store = database.open_server(options).await.unwrap();
        let skew = store.clock_skew().map(|skew| skew.as_secs_f64().round());
        assert_eq!(skew, said.map(f64::from), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_raised_when_no_older_server_runs_and_until_then_both_go_on() {
    let database = database_or_skip!();
    drop(database.open().await);
    let older = "ALTER TABLE roster.server DROP COLUMN reads, DROP COLUMN signing, DROP COLUMN keys; \
        UPDATE roster.head SET schema = 2; DELETE FROM roster.server; \
        INSERT INTO roster.server (id, version, applied, beat) \
            VALUES (gen_random_uuid(), 'older', 1, now() + interval '1 hour')";
    database.execute(older).await;
    let schema = async || database.execute("SELECT schema FROM roster.head").await;
    let (one, other) = (database.open().await, database.open().await);
    for (number, store) in [(1, &one), (2, &other)] {
        assert_eq!(create(store, person(&[])).await.unwrap().id, id(number));
    }
    // Several heartbeats later it is still there, and still beats as it always has.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(schema().await, ["2"]);
    let beat = "UPDATE roster.server SET applied = 3, beat = beat WHERE version = 'older'";
    database.execute(beat).await;

    let ended =
        "UPDATE roster.server SET beat = now() - interval '3 seconds' WHERE version = 'older'";
    database.execute(ended).await;
    eventually("the newer schema", async || {
        (schema().await == ["3"]).then_some(())
    })
    .await;
    assert_eq!(create(&one, person(&[])).await.unwrap().id, id(3));
    assert_eq!(create(&other, person(&[])).await.unwrap().id, id(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_stops_answering_once_a_newer_version_has_changed_the_rows() {
    let database = database_or_skip!();
    let store = database.open().await;
    database.execute("UPDATE roster.head SET schema = 99").await;
    eventually("the end of its trust", async || {
        let refused = store.account(&name("ada")).await.err()?;
        assert!(matches!(refused, StoreError::NotFresh), "{refused:?}");
        Some(())
    })
    .await;
    let refused = store.create_employee(person(&[]), None, by_ada(0)).await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("newer version"), "{error}");
    assert_eq!(
        database
            .execute("SELECT count(*) FROM roster.employee")
            .await,
        ["0"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_may_be_used_for_stale_reads_for_as_long_as_is_allowed_and_no_longer() {
    let database = database_or_skip!();
    let proxy = Proxy::to(&database);
    let connect = async |seconds| {
        let options = ServerOptions {
            stale_reads: Duration::from_secs(seconds),
            ..ServerOptions::default()
        };
        let connected = PostgresStore::connect_server(&proxy.address(), options).await;
        connected.unwrap()
    };
    let (allows, refuses) = (connect(3).await, connect(0).await);
    allows
        .add_account(account("ada"), name("ada"))
        .await
        .unwrap();
    sign_in(&allows, session(1, "ada", 0)).await;
    let known = Uuid::from_u128(1);
    refuses.probe().await.unwrap();
    proxy.cut(true);
    for store in [&allows, &refuses] {
        eventually("the end of its trust", async || {
            store.live_session(known).await.err()
        })
        .await;
    }
    let (live, age) = allows.stale_session(known).await.unwrap();
    assert!(live.is_some());
    assert!(age >= Duration::from_secs(1), "{age:?}");
    let (unknown, _) = allows.stale_session(Uuid::from_u128(2)).await.unwrap();
    assert_eq!(unknown, None);
    let refused = refuses.stale_session(known).await;
    assert!(matches!(refused, Err(StoreError::NotFresh)), "{refused:?}");
    let end = eventually("the end of stale reads", async || {
        allows.stale_session(known).await.err()
    });
    assert!(matches!(end.await, StoreError::NotFresh));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_is_restored_while_servers_run_and_what_came_after_it_is_gone_on_all() {
    let database = database_or_skip!();
    let (one, other) = (database.open().await, database.open().await);
    one.add_account(account("ada"), name("ada")).await.unwrap();
    sign_in(&one, session(1, "ada", 0)).await;
    for _ in 0..3 {
        create(&one, person(&[])).await.unwrap();
    }
    let dump = database.dump().await;
    sign_in(&other, session(2, "ada", 0)).await;
    create(&other, person(&[])).await.unwrap();
    // The dump has no heartbeat of this one.
    let late = database.open().await;
    let mut events = late.events(None).await.unwrap();
    events.next().await.unwrap().unwrap();

    let floor = "UPDATE roster.head SET version_floor = 1000000;";
    database.restore(&format!("{dump} {floor}")).await;
    let (before, after) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for store in [&one, &other, &late] {
        eventually("the end of the later session", async || {
            let live = store.live_session(after).await.ok()?;
            live.is_none().then_some(())
        })
        .await;
        eventually("the earlier session", async || {
            store.live_session(before).await.ok().flatten()
        })
        .await;
        assert_eq!(count(store).await, 3);
    }
    let told = events.next().await.unwrap().unwrap();
    assert!(matches!(&*told[0].event, Event::Reset(_)), "{told:?}");

    // They go on from the restored state, each of them, and no version is given twice.
    assert_eq!(create(&other, person(&[])).await.unwrap().id, id(4));
    late.probe().await.unwrap();
    assert_eq!(count(&late).await, 4);
    let gone = late.delete_employee(id(4), Box::new(|_| Ok(())), by_ada(1));
    gone.await.unwrap().unwrap();
    let restored = one.restore_employee(id(4), person(&[]), by_ada(2)).await;
    let version = restored.unwrap().unwrap().version;
    assert!(version.get() > 1_000_000, "{version:?}");
    eventually("a heartbeat of each", async || {
        let beats = "SELECT count(*) FROM roster.server WHERE beat > now() - interval '1 second'";
        (database.execute(beats).await == ["3"]).then_some(())
    })
    .await;
}
