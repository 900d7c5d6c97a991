//! What a client sees when the store fails: no list that looks complete, and no write that looks
//! done.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use async_trait::async_trait;
use futures_util::future::join_all;
use futures_util::stream::{self, BoxStream, StreamExt};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use roster_common::api::{FieldValue, RunId};
use roster_common::employee::{Details, EmployeeId, Field, Version};
use roster_common::history::{AuditEntry, HistoryEntry};
use roster_common::query::{Filter, Sort};
use roster_common::{Query, Username};
use roster_server::config::Registration;
use roster_server::rules::session::{EndReason, Limits, Session, SessionId};
use roster_server::rules::session_clock::Moment;
use roster_server::store::redb::RedbStore;
use roster_server::store::{
    Account, AccountChanges, AccountRefusal, AccountStore, Attribution, AuditLine, ChangeRule,
    Checkpoint, DeleteRule, EmployeeStore, EventNumber, HistoryStore, IdempotencyKey, LiveSession,
    MergeRule, NumberedEvent, OpenSession, PackedRows, Page, PageError, Pair, PasswordHash, Plan,
    PlanOptions, Record, Records, Refused, Result, Resumed, Run, RunDetails, RunRefusal, RunStep,
    RunStore, SessionOutcome, SessionRule, SessionSelector, SessionStore, SignInProof, SliceSteps,
    Sliced, Store, StoreError, StoreFigures, StoreMonitor, UndoStep, Undone,
};
use roster_server::testing::TestServer;
use serde_json::json;
use tokio::sync::Notify;

use super::support::{Answer, HOUR, Person, Raw, SECOND, Server, count, pass};

/// A store in front of another. While it is broken, writes fail, and scans fail after the first
/// piece.
struct FailingStore {
    store: Arc<dyn Store>,
    faults: Arc<Faults>,
}

/// How the test breaks the store.
#[derive(Default)]
struct Faults {
    is_broken: AtomicBool,
    /// After so many more writes it breaks by itself.
    breaks_after: AtomicUsize,
    /// How many writes were asked for.
    writes: AtomicUsize,
    /// Lets a scan go on from its first piece to its failure.
    first_piece_came: Notify,
    /// Whether a session is ended elsewhere while the use of its newest token waits to be written.
    ends_sessions: AtomicBool,
    /// How far the clock is ahead of the database's, in seconds.
    skew: AtomicI64,
}

impl Faults {
    fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// Lets so many writes through, and then breaks the store.
    fn break_after(&self, writes: usize) {
        self.breaks_after.store(writes + 1, Ordering::SeqCst);
    }

    fn set_broken(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::SeqCst);
    }
}

impl FailingStore {
    fn is_broken(&self) -> bool {
        self.faults.is_broken.load(Ordering::SeqCst)
    }

    fn check_writable(&self) -> Result<()> {
        self.faults.writes.fetch_add(1, Ordering::SeqCst);
        if self.faults.breaks_after.load(Ordering::SeqCst) > 0
            && self.faults.breaks_after.fetch_sub(1, Ordering::SeqCst) == 1
        {
            self.faults.set_broken(true);
        }
        if self.is_broken() {
            return Err(StoreError::Unwritable("no space left on device".into()));
        }
        Ok(())
    }
}

/// Implements a trait of the store by the store behind. Writes are checked first.
macro_rules! delegate {
    ($trait:ident {
        reads { $(fn $read:ident($($read_arg:ident: $read_type:ty),*) -> $read_result:ty;)* }
        writes { $(fn $write:ident($($arg:ident: $type:ty),*) -> $result:ty;)* }
        $($more:tt)*
    }) => {
        #[async_trait]
        impl $trait for FailingStore {
            $(async fn $read(&self, $($read_arg: $read_type),*) -> $read_result {
                self.store.$read($($read_arg),*).await
            })*
            $(async fn $write(&self, $($arg: $type),*) -> Result<$result> {
                self.check_writable()?;
                self.store.$write($($arg),*).await
            })*
            $($more)*
        }
    };
}

type StoreAnswer<T, E> = std::result::Result<T, E>;

delegate!(AccountStore {
    reads {
        fn account(name: &Username) -> Result<Option<Account>>;
        fn accounts() -> Result<Vec<Account>>;
    }
    writes {
        fn add_account(account: Account, by: Username) -> bool;
        fn change_account(
            name: &Username,
            changes: AccountChanges,
            attribution: Attribution
        ) -> StoreAnswer<Account, AccountRefusal>;
        fn change_password(
            current: PasswordHash,
            new: PasswordHash,
            keep: SessionId,
            attribution: Attribution
        ) -> bool;
        fn remove_account(
            name: &Username,
            attribution: Attribution
        ) -> StoreAnswer<(), AccountRefusal>;
    }
});

delegate!(SessionStore {
    reads {
        fn sessions(user: &Username) -> Result<Vec<OpenSession>>;
        fn live_session(id: SessionId) -> Result<Option<LiveSession>>;
    }
    writes {
        fn open_session(
            session: Session,
            proof: SignInProof,
            limits: Limits,
            now: Moment
        ) -> Option<Account>;
        fn end_sessions(
            user: &Username,
            selector: SessionSelector,
            attribution: Attribution
        ) -> usize;
        fn change_session(
            id: SessionId,
            rule: SessionRule,
            at: Timestamp
        ) -> Option<SessionOutcome>;
        fn end_session(id: SessionId, at: Timestamp, why: EndReason) -> ();
        fn keep_moment(moment: Moment) -> ();
    }

    async fn confirm_session(&self, id: SessionId, generation: u64, now: Timestamp) -> Result<()> {
        if self.faults.ends_sessions.load(Ordering::SeqCst) {
            self.store.end_session(id, now, EndReason::Logout).await?;
        }
        self.check_writable()?;
        self.store.confirm_session(id, generation, now).await
    }

    fn kept_moment(&self) -> Option<Moment> {
        self.store.kept_moment()
    }
});

delegate!(EmployeeStore {
    reads {
        fn page(query: &Query, now: Timestamp) -> StoreAnswer<Page, PageError>;
        fn employee(id: EmployeeId) -> Result<Option<Record>>;
        fn emails_in_use(
            emails: Vec<String>,
            except: Option<EmployeeId>
        ) -> Result<Vec<bool>>;
        fn reports_of(manager: EmployeeId) -> Result<Vec<EmployeeId>>;
        fn values(
            field: Field,
            filter: Filter,
            text: &str,
            limit: usize
        ) -> Result<Vec<FieldValue>>;
    }
    writes {
        fn create_employee(
            details: Details,
            key: Option<IdempotencyKey>,
            attribution: Attribution
        ) -> StoreAnswer<Record, Refused>;
        fn change_employee(
            id: EmployeeId,
            rule: ChangeRule,
            attribution: Attribution
        ) -> StoreAnswer<Record, Refused>;
        fn restore_employee(
            id: EmployeeId,
            details: Details,
            attribution: Attribution
        ) -> StoreAnswer<Record, Refused>;
        fn delete_employee(
            id: EmployeeId,
            rule: DeleteRule,
            attribution: Attribution
        ) -> StoreAnswer<(), Refused>;
        fn merge_employees(
            pair: Pair,
            rule: MergeRule,
            reports: Vec<EmployeeId>,
            attribution: Attribution
        ) -> StoreAnswer<Record, Refused>;
        fn forget_employees(
            ids: Vec<EmployeeId>,
            rule: DeleteRule,
            attribution: Attribution
        ) -> Vec<StoreAnswer<(), Refused>>;
    }

    async fn scan(
        &self,
        filter: Filter,
        sort: &Sort,
    ) -> Result<BoxStream<'static, Result<Records>>> {
        let whole = self.store.scan(filter, sort).await?;
        if !self.is_broken() {
            return Ok(whole);
        }
        let faults = Arc::clone(&self.faults);
        let failure = stream::once(async move {
            faults.first_piece_came.notified().await;
            Err(StoreError::Unreadable("a damaged page".into()))
        });
        Ok(whole.take(1).chain(failure).boxed())
    }
});

delegate!(RunStore {
    reads {
        fn plan_import(
            rows: Arc<PackedRows>,
            options: PlanOptions,
            resumed: Resumed
        ) -> Result<Plan>;
        fn runs() -> Result<Vec<Run>>;
        fn run_details(id: RunId) -> Result<RunDetails>;
    }
    writes {
        fn import_slice(
            rows: Arc<PackedRows>,
            slice: SliceSteps,
            attribution: Attribution
        ) -> StoreAnswer<Sliced, RunRefusal>;
        fn undo_slice(
            steps: Vec<UndoStep>,
            step: RunStep,
            attribution: Attribution
        ) -> StoreAnswer<Undone, RunRefusal>;
        fn finish_run(
            checkpoint: Checkpoint,
            report: Vec<u8>
        ) -> StoreAnswer<(), RunRefusal>;
    }
});

delegate!(HistoryStore {
    reads {
        fn history(
            id: EmployeeId,
            before: Option<Version>,
            limit: usize
        ) -> Result<Option<Vec<HistoryEntry>>>;
        fn audit(before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>>;
    }
    writes {
        fn sweep_audit(now: Timestamp) -> ();
        fn add_to_audit(line: AuditLine) -> ();
    }
});

delegate!(StoreMonitor {
    reads {
        fn events(
            after: Option<EventNumber>
        ) -> Result<BoxStream<'static, Result<Vec<NumberedEvent>>>>;
        fn figures() -> Result<StoreFigures>;
    }
    writes {
        fn probe() -> ();
    }

    fn clock_skew(&self) -> Option<SignedDuration> {
        let seconds = self.faults.skew.load(Ordering::SeqCst);
        (seconds != 0).then(|| SignedDuration::from_secs(seconds))
    }
});

/// A server with one employee, whose store can be broken, and somebody who has used its access
/// token before.
async fn server() -> (Server, Person, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let store: Arc<dyn Store> = Arc::new(RedbStore::in_memory().unwrap());
    let shared = Arc::clone(&faults);
    let open = move || -> Arc<dyn Store> {
        Arc::new(FailingStore {
            store: Arc::clone(&store),
            faults: Arc::clone(&shared),
        })
    };
    let server = Server::of(TestServer::start_on(Box::new(open)).await);
    let eve = server.sign_in("eve").await;
    eve.post("/employees", maya()).await.expect(201);
    (server, eve, faults)
}

fn maya() -> serde_json::Value {
    json!({"firstname": "Maya", "lastname": "Castro"})
}

#[tokio::test]
async fn a_list_whose_scan_fails_is_aborted_in_every_format() {
    let (server, eve, faults) = server().await;
    for format in ["application/json", "application/x-ndjson", "text/csv"] {
        let request = format!(
            "GET /employees HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Authorization: Bearer {}\r\nAccept: {format}\r\n\r\n",
            server.address(),
            eve.access
        );
        let whole = Raw::open(&server).await.exchange(&request).await;
        assert!(whole.ends_with("\r\n0\r\n\r\n"), "{whole}");

        faults.set_broken(true);
        let mut client = Raw::open(&server).await;
        client.send(&request).await;
        let begun = client.until("Castro").await;
        assert!(begun.starts_with("HTTP/1.1 200 "), "{begun}");
        faults.first_piece_came.notify_one();
        let rest = client.rest().await;
        assert!(!rest.ends_with("0\r\n\r\n"), "{rest}");
        faults.set_broken(false);
    }
}

#[tokio::test]
async fn a_sign_out_that_cannot_be_written_is_refused_and_keeps_the_cookie() {
    let (server, eve, faults) = server().await;
    faults.set_broken(true);
    for (method, path) in [
        (Method::POST, "/logout"),
        (Method::GET, "/logout"),
        (Method::POST, "/logout?scope=all"),
        (Method::POST, "/logout?scope=others"),
    ] {
        let answer = server
            .with_cookie(method, path, &eve.cookie)
            .header("Authorization", &format!("Bearer {}", eve.access))
            .await
            .refused(503, "unavailable", "none");
        assert!(answer.header("retry-after").is_some() && answer.header("set-cookie").is_none());
    }
    faults.set_broken(false);
    eve.get("/me").await.expect(200);
    let answer = server
        .with_cookie(Method::POST, "/logout", &eve.cookie)
        .await;
    assert!(answer.expect(204).clears_the_cookie());
    eve.get("/me").await.refused(403, "session_ended", "login");
}

#[tokio::test]
async fn a_session_that_ends_while_its_first_request_waits_lets_nobody_in() {
    let (server, _, faults) = server().await;
    let (vic, ada) = (server.sign_in("vic").await, server.sign_in("ada").await);
    faults.ends_sessions.store(true, Ordering::SeqCst);
    ada.get("/me").await.refused(403, "session_ended", "login");
    faults.set_broken(true);
    vic.get("/me").await.refused(403, "session_ended", "login");
}

#[tokio::test]
async fn an_account_that_cannot_be_written_does_not_count() {
    let (mut server, _, faults) = server().await;
    server.running.registration = Registration::Open;
    server.restart().await;
    let register = || {
        let zoe = json!({"user": "zoe", "pwd": "zoe zooms out a lot"});
        server.post("/register", zoe)
    };
    faults.set_broken(true);
    for _ in 0..20 {
        register().await.refused(503, "unavailable", "none");
    }
    faults.set_broken(false);
    register().await.expect(201);
}

#[tokio::test]
async fn reads_go_on_beyond_the_access_token_while_nothing_can_be_written() {
    let (server, eve, faults) = server().await;
    let vic = server.sign_in("vic").await;
    faults.set_broken(true);
    vic.get("/employees/1").await.expect(200);
    let mut reader = eve.clone();
    // A session ends seven days after the last refresh that was written.
    for _ in 0..7 {
        reader.get("/employees/1").await.expect(200);
        reader.get("/me").await.expect(200);
        let created = reader.post("/employees", maya()).await;
        created.refused(503, "unavailable", "none");
        server.turn(HOUR * 24 - SECOND);
        let expired = reader.get("/employees/1").await;
        expired.refused(403, "token_expired", "refresh");
        let renewed = server.refresh(&eve.cookie).await.expect(200);
        assert_eq!(renewed.header("set-cookie"), None);
        let access = renewed.json()["accessToken"].as_str().unwrap().to_owned();
        reader = Person::with(&server, access, &eve.cookie, eve.session.clone());
    }
    server.turn(SECOND * 7);
    let refused = server.refresh(&eve.cookie).await;
    refused.refused(503, "unavailable", "none");
    faults.set_broken(false);
    let refused = server.refresh(&eve.cookie).await;
    refused.refused(403, "session_expired", "login");
}

#[tokio::test]
async fn while_nothing_can_be_written_only_the_current_refresh_token_is_answered() {
    let (server, eve, faults) = server().await;
    let next = eve.after(&server.refresh(&eve.cookie).await.expect(200));
    next.get("/me").await.expect(200);
    server.turn(SECOND * 11);
    faults.set_broken(true);
    let old = server.refresh(&eve.cookie).await;
    old.refused(503, "unavailable", "none");
    server.refresh(&next.cookie).await.expect(200);
    faults.set_broken(false);
    let reuse = server.refresh(&eve.cookie).await;
    reuse.refused(403, "session_reuse", "login");
    let ended = server.refresh(&next.cookie).await;
    ended.refused(403, "session_reuse", "login");
}

#[tokio::test]
async fn readiness_costs_one_write_a_second_however_often_it_is_asked() {
    let (server, _, faults) = server().await;
    let ask = async |count: usize| {
        let before = faults.writes();
        let answers = join_all((0..count).map(|_| server.get("/readyz").into_future())).await;
        let is_ready = answers.iter().all(|answer| answer.status == 200);
        (is_ready, faults.writes() - before)
    };
    assert_eq!(
        ask(100).await,
        (true, 1),
        "the first is a probe, and the others share it"
    );
    assert_eq!(ask(100).await, (true, 0));
    pass(1).await;
    assert_eq!(ask(100).await, (true, 1));
}

#[tokio::test]
async fn a_store_that_fails_is_seen_at_once_and_probed_once_a_second_by_all_together() {
    let (server, eve, faults) = server().await;
    server.get("/readyz").await.expect(200);
    faults.set_broken(true);
    eve.post("/employees", maya()).await.expect(503);
    let before = faults.writes();
    let ask = || server.get("/readyz").into_future();
    let answers = join_all((0..50).map(|_| ask())).await;
    assert!(answers.iter().all(|answer| answer.status == 503));
    assert_eq!(faults.writes() - before, 1);
}

#[tokio::test]
async fn a_write_that_fails_is_refused_and_changes_nothing() {
    let (server, eve, faults) = server().await;
    faults.set_broken(true);
    let created = eve.post("/employees", maya()).await;
    created.refused(503, "unavailable", "none");
    let ready = server.get("/readyz").await;
    ready.refused(503, "unavailable", "none");

    faults.set_broken(false);
    assert_eq!(count(&eve).await, 1);
    eve.post("/employees", maya()).await.expect(201);
    server.get("/readyz").await.expect(200);
}

/// Sends an import of more people than one slice has, under a key.
async fn import_many(who: &Person) -> Answer {
    let row = |number| {
        let number = format!("E{number}");
        let row =
            json!({"firstname": "Lea", "lastname": "Roy", "number": number, "managerLine": 1});
        row.to_string()
    };
    let first = json!({"firstname": "Jo", "lastname": "Roy", "number": "E0"}).to_string();
    let rows: Vec<_> = [first].into_iter().chain((1..10_500).map(row)).collect();
    who.ask(Method::POST, "/employees/import?match=number")
        .header("idempotency-key", "nightly")
        .body("application/x-ndjson", rows.join("\n"))
        .await
}

#[tokio::test]
async fn an_interrupted_import_is_completed_by_its_repeat_and_nobody_is_added_twice() {
    let (_server, eve, faults) = server().await;
    faults.break_after(1);
    import_many(&eve).await.refused(503, "unavailable", "none");
    faults.set_broken(false);
    assert_eq!(count(&eve).await, 1 + 5_000, "one slice was written");
    let runs = eve.get("/employees/imports").await.expect(200).json();
    assert_eq!(
        (&runs[0]["id"], &runs[0]["created"], &runs[0]["finished"]),
        (&json!(1), &json!(5_000), &json!(false))
    );

    let report = import_many(&eve).await.expect(200).json();
    assert_eq!(
        (&report["run"], &report["created"], &report["refused"]),
        (&json!(1), &json!(10_500), &json!(0))
    );
    assert_eq!(count(&eve).await, 10_501);
    assert_eq!(import_many(&eve).await.expect(200).json(), report);
    let runs = eve.get("/employees/imports").await.expect(200).json();
    assert_eq!(
        (
            runs.as_array().unwrap().len(),
            &runs[0]["created"],
            &runs[0]["finished"]
        ),
        (1, &json!(10_500), &json!(true))
    );
}

#[tokio::test]
async fn an_interrupted_import_is_undone_and_so_is_an_interrupted_undo() {
    let (_server, eve, faults) = server().await;
    // All slices are written, and the run is not finished.
    faults.break_after(3);
    import_many(&eve).await.refused(503, "unavailable", "none");
    faults.set_broken(false);
    let undo = async || eve.ask(Method::POST, "/employees/imports/1/undo").await;
    faults.break_after(1);
    undo().await.refused(503, "unavailable", "none");
    faults.set_broken(false);
    assert_eq!(count(&eve).await, 1 + 5_500);

    let report = undo().await.expect(200).json();
    assert_eq!(
        report,
        json!({"undone": 1, "run": 2, "created": 0, "changed": 0, "deleted": 10_500, "kept": 0, "keptRows": []})
    );
    assert_eq!(count(&eve).await, 1);
    assert_eq!(
        undo().await.expect(200).json(),
        report,
        "a repeat says the same"
    );
    import_many(&eve).await.refused(409, "run_undone", "none");
    assert_eq!(count(&eve).await, 1);
    let runs = eve.get("/employees/imports").await.expect(200).json();
    assert_eq!(
        (&runs[0]["undoes"], &runs[1]["undoneBy"]),
        (&json!(1), &json!(2))
    );
}

#[tokio::test]
async fn readiness_says_by_how_much_the_clock_differs_from_the_databases() {
    let (server, _, faults) = server().await;
    for (skew, said) in [(3, "3 s ahead of"), (-4, "4 s behind")] {
        faults.skew.store(skew, Ordering::SeqCst);
        let detail = format!("This server's clock is {said} the database's. Use NTP.");
        assert_eq!(
            server.get("/readyz").await.expect(200).json(),
            json!({"status": "ready", "detail": detail})
        );
    }
}
