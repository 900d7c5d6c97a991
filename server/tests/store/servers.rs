//! Several servers on one database. For PostgreSQL only: a redb file has one server.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use roster_common::employee::{Employee, EmployeeId, Field};
use roster_common::event::Event;
use roster_common::{Query, Role, Username};
use roster_server::rules::session::EndReason;
use roster_server::rules::session_clock::Moment;
use roster_server::store::postgres::{OpenError, PostgresStore, check_database};
use roster_server::store::redb::{RedbStore, check_file};
use roster_server::store::transfer::{MoveError, move_to_file, move_to_postgres};
use roster_server::store::{
    Account, AccountChanges, AccountRefusal, AccountStore, AuditKind, AuditRetention,
    EmployeeStore, EventNumber, HistoryStore, IdempotencyKey, RunStore, SessionSelector,
    SessionStore, StoreError, StoreMonitor, ValidRow,
};
use roster_server::testing::TestDatabase;
use uuid::Uuid;

use super::proxy::{BreakAt, Proxy};
use super::{account, at, by_ada, create, id, name, person, session, sign_in};

/// How long a change on one server may take to be seen on another, with a margin for a busy
/// machine.
const SOON: Duration = Duration::from_secs(10);

/// Waits until `is_so` gives something.
pub(crate) async fn eventually<T>(what: &str, mut is_so: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = is_so().await {
            return found;
        }
        assert!(begun.elapsed() < SOON, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until a store shows what was committed on another before: its own commit comes after that.
async fn catch_up(store: &PostgresStore) {
    store.probe().await.unwrap();
}

pub(crate) async fn count(store: &PostgresStore) -> usize {
    let page = store
        .page(&Query::parse("").unwrap(), Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    page.total
}

macro_rules! database_or_skip {
    () => {
        match TestDatabase::create().await {
            Some(database) => database,
            None => return,
        }
    };
}

pub(crate) use database_or_skip;

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_commits_the_others_show() {
    let database = database_or_skip!();
    let (one, other) = (database.open().await, database.open().await);
    one.add_account(account("ada"), name("ada")).await.unwrap();
    one.add_account(account("eve"), name("ada")).await.unwrap();
    for number in [1, 2] {
        sign_in(&one, session(number, "ada", 0)).await;
    }
    create(&one, person(&[])).await.unwrap();
    let rows = (0..300).map(|_| ValidRow::of_new(None, &person(&[(Field::Title, "Pilot")])));
    let added = one.add_employees(rows.collect(), by_ada(0)).await;
    added.unwrap().unwrap();
    catch_up(&other).await;
    assert_eq!(
        other.accounts().await.unwrap(),
        one.accounts().await.unwrap()
    );
    assert_eq!(
        other.sessions(&name("ada")).await.unwrap(),
        one.sessions(&name("ada")).await.unwrap()
    );
    assert_eq!(count(&other).await, 301);
    assert_eq!(
        other.employee(id(150)).await.unwrap(),
        one.employee(id(150)).await.unwrap()
    );

    other
        .remove_account(&name("eve"), by_ada(1))
        .await
        .unwrap()
        .unwrap();
    other
        .end_session(Uuid::from_u128(1), at(1), EndReason::Logout)
        .await
        .unwrap();
    other
        .delete_employee(id(2), Box::new(|_| Ok(())), by_ada(1))
        .await
        .unwrap()
        .unwrap();
    catch_up(&one).await;
    assert_eq!(one.account(&name("eve")).await.unwrap(), None);
    assert_eq!(one.live_session(Uuid::from_u128(1)).await.unwrap(), None);
    assert!(
        one.live_session(Uuid::from_u128(2))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(one.employee(id(2)).await.unwrap(), None);
    assert_eq!(
        one.history(id(2), None, 10).await.unwrap(),
        other.history(id(2), None, 10).await.unwrap()
    );
    assert_eq!(
        one.audit(None, 100).await.unwrap(),
        other.audit(None, 100).await.unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn events_have_the_same_numbers_on_every_server_and_go_on_on_another() {
    let database = database_or_skip!();
    let (one, other) = (database.open().await, database.open().await);
    let reset = one
        .events(None)
        .await
        .unwrap()
        .next()
        .await
        .unwrap()
        .unwrap();
    let start = reset.last().unwrap().number;
    for number in 0..200 {
        let store = if number % 3 == 0 { &one } else { &other };
        create(store, person(&[])).await.unwrap();
    }
    let from_one = created_after(&one, start).await;
    assert_eq!(from_one, created_after(&other, start).await);
    let ids: Vec<_> = from_one.iter().map(|(_, id)| *id).collect();
    assert_eq!(ids, (1..=200).map(id).collect::<Vec<_>>());

    // Somebody who has followed one server goes on with another, after its own restart too.
    let (middle, _) = from_one[99];
    drop(other);
    assert_eq!(created_after(&one, middle).await, from_one[100..]);
}

/// The records that were created after an event, with the numbers of their events; 200 is the last.
async fn created_after(
    store: &PostgresStore,
    after: EventNumber,
) -> Vec<(EventNumber, EmployeeId)> {
    let mut events = store.events(Some(after)).await.unwrap();
    let mut created = Vec::new();
    while created.last().is_none_or(|(_, last)| *last != id(200)) {
        for event in events.next().await.unwrap().unwrap() {
            let Event::Created(record) = &*event.event else {
                panic!("{event:?}");
            };
            created.push((event.number, record.id));
        }
    }
    created
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_on_all_servers_at_once_get_ids_without_gaps_and_each_key_creates_once() {
    let database = database_or_skip!();
    let stores = join_all((0..3).map(|_| database.open())).await;
    let key = |number: usize| {
        Some(IdempotencyKey {
            key: format!("key {}", number / 2),
            digest: [7; 32],
        })
    };
    let creations = (0..300).map(|number| {
        let store = &stores[number % 3];
        store.create_employee(person(&[]), key(number), by_ada(0))
    });
    let created: Vec<_> = join_all(creations).await;
    let created: Vec<_> = created
        .into_iter()
        .map(|made| made.unwrap().unwrap())
        .collect();
    for twins in created.chunks(2) {
        assert_eq!(twins[0], twins[1], "both answers are the first one");
    }
    let ids: BTreeSet<_> = created.iter().map(|record| record.id.get()).collect();
    assert_eq!(ids, (1..=150).collect());
    for store in &stores {
        catch_up(store).await;
        assert_eq!(count(store).await, 150);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_come_while_another_server_has_the_lock_are_committed_together() {
    let database = database_or_skip!();
    let store = database.open().await;
    database.execute("CREATE TABLE released ()").await;
    let other_server = "DO $$ BEGIN \
        PERFORM FROM roster.head FOR UPDATE; \
        INSERT INTO roster.log SELECT serial + 1, gen_random_uuid(), now(), next_employee, next_audit, \
            audit_kept, audit_dropped, '{}', '{}', '{}', '{}', '[]' FROM roster.log; \
        LOOP EXIT WHEN EXISTS (SELECT FROM released); PERFORM pg_sleep(0.001); END LOOP; \
        END $$";
    let somebody_waits = async |how: &str| {
        let waiting = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {how}"
        );
        let is_waiting = async || (database.execute(&waiting).await == ["1"]).then_some(());
        eventually(how, is_waiting).await;
    };
    let writes = async {
        somebody_waits("wait_event = 'PgSleep'").await;
        let first = create(&store, person(&[]));
        let others = async {
            somebody_waits("wait_event_type = 'Lock'").await;
            let others = join_all((1..50).map(|_| create(&store, person(&[]))));
            let release = database.execute("INSERT INTO released DEFAULT VALUES");
            tokio::join!(others, release).0
        };
        tokio::join!(first, others)
    };
    let (_, (first, others)) = tokio::join!(database.execute(other_server), writes);
    let created = others.into_iter().chain([first]);
    let ids: BTreeSet<_> = created.map(|made| made.unwrap().id.get()).collect();
    assert_eq!(ids, (1..=50).collect());
    let commits = "SELECT count(*) FROM roster.log";
    assert_eq!(
        database.execute(commits).await,
        ["3"],
        "the first of the database, that of the other server, and one for all fifty"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays_even_if_two_servers_are_asked_at_once() {
    let database = database_or_skip!();
    let (one, other) = (database.open().await, database.open().await);
    let demoted = || AccountChanges {
        role: Some(Role::Viewer),
        ..AccountChanges::default()
    };
    let admin = |user: &str| Account {
        role: Role::Admin,
        ..account(user)
    };
    let mut left: Option<Username> = None;
    for round in 0..20 {
        let (first, second) = (name(&format!("a{round}")), name(&format!("b{round}")));
        for user in [&first, &second] {
            one.add_account(admin(user.as_str()), name("ada"))
                .await
                .unwrap();
        }
        if let Some(left) = left {
            let demotion = one.change_account(&left, demoted(), by_ada(1));
            demotion.await.unwrap().unwrap();
        }
        let (on_one, on_other) = tokio::join!(
            one.change_account(&first, demoted(), by_ada(1)),
            other.change_account(&second, demoted(), by_ada(1)),
        );
        let outcomes = [on_one.unwrap(), on_other.unwrap()];
        let refused = outcomes
            .iter()
            .filter(|outcome| **outcome == Err(AccountRefusal::LastAdmin));
        assert_eq!(refused.count(), 1, "{outcomes:?}");
        left = Some(if outcomes[0].is_ok() { second } else { first });
    }
}

/// Ends sessions on one server, and measures until the other lets them no longer in.
async fn revocations(database: &TestDatabase, other: &PostgresStore, rounds: u128) -> Duration {
    let one = database.open().await;
    one.add_account(account("ada"), name("ada")).await.unwrap();
    let mut longest = Duration::ZERO;
    for number in 1..=rounds {
        let id = Uuid::from_u128(number);
        sign_in(&one, session(number, "ada", 0)).await;
        eventually("the session", async || {
            other.live_session(id).await.ok().flatten()
        })
        .await;
        let user = name("ada");
        let ended = one.end_sessions(&user, SessionSelector::Only(id), by_ada(1));
        assert_eq!(ended.await.unwrap(), 1);
        let answered = Instant::now();
        eventually("the revocation", async || {
            match other.live_session(id).await {
                Ok(Some(_)) => None,
                Ok(None) | Err(_) => Some(()),
            }
        })
        .await;
        longest = longest.max(answered.elapsed());
    }
    longest
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_on_one_server_is_refused_on_another_within_a_second() {
    let database = database_or_skip!();
    let other = database.open().await;
    let longest = revocations(&database, &other, 200).await;
    assert!(longest <= Duration::from_secs(1), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_takes_effect_within_a_second_even_if_no_notification_comes() {
    let database = database_or_skip!();
    let proxy = Proxy::without_notifications(&database);
    let other = PostgresStore::connect(&proxy.address()).await.unwrap();
    let longest = revocations(&database, &other, 20).await;
    assert!(longest <= Duration::from_secs(1), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_cut_off_lets_nobody_in_from_a_second_on_and_comes_back() {
    let database = database_or_skip!();
    let proxy = Proxy::to(&database);
    let cut_off = PostgresStore::connect(&proxy.address()).await.unwrap();
    cut_off
        .add_account(account("ada"), name("ada"))
        .await
        .unwrap();
    sign_in(&cut_off, session(1, "ada", 0)).await;
    let id = Uuid::from_u128(1);
    assert!(cut_off.live_session(id).await.unwrap().is_some());

    proxy.cut(true);
    let cut = Instant::now();
    let stale = eventually("the end of its trust", async || {
        cut_off.live_session(id).await.err()
    })
    .await;
    assert!(matches!(stale, StoreError::NotFresh), "{stale:?}");
    assert!(
        cut.elapsed() <= Duration::from_millis(1100),
        "{:?}",
        cut.elapsed()
    );
    assert!(matches!(
        cut_off.account(&name("ada")).await,
        Err(StoreError::NotFresh)
    ));

    // Whatever others do meanwhile, it knows before it lets anybody in again.
    let other = database.open().await;
    other
        .end_session(id, at(1), EndReason::Logout)
        .await
        .unwrap();
    proxy.cut(false);
    let first = eventually("its return", async || cut_off.live_session(id).await.ok()).await;
    assert_eq!(first, None, "its first answer is from the newest state");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_done_once_and_answered() {
    let database = database_or_skip!();
    let proxy = Proxy::to(&database);
    let store = PostgresStore::connect(&proxy.address()).await.unwrap();
    for (moment, first) in [(BreakAt::AfterCommit, 1), (BreakAt::BeforeCommit, 11)] {
        for number in first..first + 10 {
            proxy.break_next(moment, 1);
            let record = create(&store, person(&[])).await.unwrap();
            assert_eq!(record.id, id(number), "{moment:?}");
            assert_eq!(proxy.left(moment), 0, "the connection did break");
        }
    }
    assert_eq!(count(&store).await, 20);
    let commits = database.execute("SELECT count(*) FROM roster.log").await;
    assert_eq!(commits, ["21"], "those of the records, and the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_no_standby_has_confirmed_is_not_answered() {
    let Some(database) = TestDatabase::create_alone().await else {
        return;
    };
    let store = database.open().await;
    let standby = async |name: &str| {
        let setting = format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'");
        database.execute(&setting).await;
        database.execute("SELECT pg_reload_conf()").await;
    };
    standby("nobody").await;
    let mut creation = std::pin::pin!(create(&store, person(&[])));
    // PostgreSQL answers a cancelled wait for the standby as if all were well, with a warning.
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let mut cancelled = 0;
    while cancelled < 5 {
        tokio::select! {
            answered = &mut creation => panic!("answered after {cancelled}: {answered:?}"),
            rows = database.execute(cancel) => cancelled += rows.len(),
        }
    }
    standby("").await;
    assert_eq!(creation.await.unwrap().id, id(1));
    assert_eq!(count(&store).await, 1, "it was done once");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_all_the_time_lose_and_double_nothing() {
    let database = database_or_skip!();
    let stores = [database.open().await, database.open().await];
    let writes = (0..200).map(|number| create(&stores[number % 2], person(&[])));
    let breaks = async {
        for _ in 0..20 {
            let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            database.execute(kill).await;
        }
    };
    let (created, ()) = tokio::join!(join_all(writes), breaks);
    let ids: BTreeSet<_> = created
        .into_iter()
        .map(|made| made.unwrap().id.get())
        .collect();
    assert_eq!(ids, (1..=200).collect());
    for store in &stores {
        eventually("its return", async || store.probe().await.ok()).await;
        assert_eq!(count(store).await, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_another_past_is_loaded_again_and_followers_are_told() {
    let database = database_or_skip!();
    let store = database.open().await;
    for _ in 0..3 {
        create(&store, person(&[])).await.unwrap();
    }
    let mut events = store.events(None).await.unwrap();
    events.next().await.unwrap().unwrap();
    // As after a restore: the last commit never happened, and another one is in its place.
    let restored = "UPDATE roster.log SET tx = gen_random_uuid(), next_employee = 3 \
            WHERE serial = (SELECT max(serial) FROM roster.log); \
        DELETE FROM roster.employee WHERE id = 3";
    database.execute(restored).await;
    let told = events.next().await.unwrap().unwrap();
    assert!(matches!(&*told[0].event, Event::Reset(_)), "{told:?}");
    assert_eq!(store.employee(id(3)).await.unwrap(), None);
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused() {
    let database = database_or_skip!();
    drop(database.open().await);
    database.execute("UPDATE roster.head SET schema = 99").await;
    let refused = PostgresStore::connect(&database.address()).await.map(drop);
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("newer version"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_schema_1_gets_what_it_lacks() {
    let database = database_or_skip!();
    create(&database.open().await, person(&[])).await.unwrap();
    let older = "DROP TABLE roster.run, roster.run_slice, roster.run_report; \
        ALTER TABLE roster.log ADD COLUMN imports bigint[] NOT NULL DEFAULT '{}'; \
        UPDATE roster.head SET schema = 1";
    database.execute(older).await;
    for runs in 1..=2 {
        let store = database.open().await;
        let rows = [ValidRow::of_new(None, &person(&[]))];
        let added = store.add_employees(rows.into_iter().collect(), by_ada(0));
        added.await.unwrap().unwrap();
        assert_eq!(store.runs().await.unwrap().len(), runs);
        assert_eq!(count(&store).await, 1 + runs);
    }
    check_database(&database.address()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_forgotten_on_one_server_is_forgotten_everywhere() {
    let database = database_or_skip!();
    let (one, other) = (database.open().await, database.open().await);
    let named = person(&[(Field::Title, "Zorblax")]);
    let key = IdempotencyKey {
        key: "k".into(),
        digest: [1; 32],
    };
    let start = one.events(None).await.unwrap().next().await;
    let start = start.unwrap().unwrap()[0].number;
    let created = one.create_employee(named, Some(key), by_ada(0)).await;
    let created = created.unwrap().unwrap();
    catch_up(&other).await;
    let rule = Box::new(|_: &Employee| Ok(()));
    let forgotten = one
        .forget_employees(vec![created.id], rule, by_ada(1))
        .await;
    assert_eq!(forgotten.unwrap(), [Ok(())]);
    catch_up(&other).await;
    for store in [&one, &other] {
        assert_eq!(store.employee(created.id).await.unwrap(), None);
        let mut events = store.events(Some(start)).await.unwrap();
        let told = format!("{:?}", events.next().await.unwrap().unwrap());
        assert!(!told.contains("Zorblax"), "{told}");
    }
    for table in ["employee", "history", "request", "audit"] {
        let named = "position('Zorblax'::bytea IN row) > 0";
        let count = format!("SELECT count(*) FROM roster.{table} WHERE {named}");
        assert_eq!(database.execute(&count).await, ["0"], "{table}");
    }
    let log = "SELECT count(*) FROM roster.log WHERE events::text LIKE '%Zorblax%'";
    assert_eq!(database.execute(log).await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn session_time_goes_on_from_what_any_server_has_kept() {
    let database = database_or_skip!();
    let (one, other) = (database.open().await, database.open().await);
    assert_eq!(one.kept_moment(), None);
    let kept = Moment {
        wall: at(0),
        session: at(1000),
        stopped: SignedDuration::from_secs(7),
    };
    other.keep_moment(kept).await.unwrap();
    let found = database.open().await.kept_moment().unwrap();
    assert_eq!(found.session, kept.session);
    assert_eq!(found.stopped, kept.stopped);
    // The clock of the database counts, and not that of the server that kept it.
    let age = Timestamp::now().duration_since(found.wall);
    assert!(age.abs() < SignedDuration::from_mins(5), "{age}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_a_database_finds_what_contradicts_itself() {
    let database = database_or_skip!();
    let address = database.address();
    let missing = check_database(&address).await.unwrap_err();
    assert_eq!(missing.to_string(), "the database is empty");
    let store = database.open().await;
    for _ in 0..3 {
        create(&store, person(&[])).await.unwrap();
    }
    let report = check_database(&address).await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.employees, report.audit), (3, 3));
    let damage = "UPDATE roster.audit SET kind = 0 WHERE number = 2; \
        UPDATE roster.employee SET row = substr(row, 1, 9) WHERE id = 3";
    database.execute(damage).await;
    let report = check_database(&address).await.unwrap();
    assert!(report.problems >= 3, "{report:?}");
}

/// A file with an account, a session, people, histories, answers and an audit that has dropped lines.
async fn file_with_everything(path: &Path) {
    let few_lines = AuditRetention {
        lines: 1000,
        age: None,
    };
    let store = RedbStore::open(path).unwrap().keeping(few_lines);
    store
        .add_account(account("ada"), name("ada"))
        .await
        .unwrap();
    sign_in(&store, session(1, "ada", 0)).await;
    for number in 0..520 {
        let key = IdempotencyKey {
            key: number.to_string(),
            digest: [1; 32],
        };
        let created = store.create_employee(person(&[]), Some(key), by_ada(number));
        created.await.unwrap().unwrap();
    }
    let rule = || Box::new(|_: &Employee| Ok(()));
    let deleted = store.delete_employee(id(7), rule(), by_ada(600)).await;
    deleted.unwrap().unwrap();
    let forgotten = store.forget_employees(vec![id(8)], rule(), by_ada(601));
    assert_eq!(forgotten.await.unwrap(), [Ok(())]);
    store.keep_moment(Moment::at(at(700))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_moves_from_a_file_to_postgresql_and_back_and_everybody_stays_signed_in() {
    let database = database_or_skip!();
    let (folder, address) = (tempfile::tempdir().unwrap(), database.address());
    let (file, back) = (folder.path().join("a.redb"), folder.path().join("b.redb"));
    file_with_everything(&file).await;
    let moved = move_to_postgres(&file, &address).await.unwrap();
    assert!(moved.rows > 1500, "{moved:?}");

    let store = database.open().await;
    assert!(
        store
            .live_session(Uuid::from_u128(1))
            .await
            .unwrap()
            .is_some()
    );
    assert!(store.kept_moment().is_some());
    let audit = store.figures().await.unwrap().audit;
    let records = audit.iter().find(|count| count.kind == AuditKind::Records);
    assert_eq!(
        records.map(|count| (count.kept, count.dropped)),
        Some((500, 22))
    );
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(521));
    let refused = move_to_file(&address, &back).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "servers use the database; stop them first"
    );
    let refused = move_to_postgres(&file, &address).await.unwrap_err();
    assert_eq!(refused.to_string(), "the database is not empty");
    drop(store);

    // A server that has ended is taken for running for some seconds.
    let moved = eventually("the end of the server", async || {
        let moved = move_to_file(&address, &back).await;
        let in_use = matches!(&moved, Err(MoveError::Postgres(OpenError::InUse)));
        (!in_use).then_some(moved)
    });
    moved.await.unwrap();
    let report = check_file(&back).unwrap();
    assert!(report.is_sound(), "{report:?}");
    let store = RedbStore::open(&back).unwrap();
    assert_eq!(store.figures().await.unwrap().employees, 519);
    assert!(
        store
            .live_session(Uuid::from_u128(1))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(create(&store, person(&[])).await.unwrap().id, id(522));
    let refused = move_to_file(&address, &back).await.unwrap_err();
    assert!(refused.to_string().contains("b.redb"), "{refused}");
}
