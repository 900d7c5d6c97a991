//! The row in PostgreSQL, with two servers of which either may get the next request. For PostgreSQL
//! only: a redb file has one server.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use roster_common::Role;
use roster_server::rules::session::{Limits, Presented, Session, SessionId, Verdict};
use roster_server::rules::session_clock::Moment;
use roster_server::store::postgres::PostgresStore;
use roster_server::store::{Account, AccountStore, PasswordHash, SessionStore, SignInProof};
use roster_server::testing::TestDatabase;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::world::{Keeper, rotation};

/// Two servers on one database, for all cases.
pub(crate) struct Fleet {
    runtime: Runtime,
    database: TestDatabase,
    stores: Mutex<[Option<PostgresStore>; 2]>,
}

impl Fleet {
    /// Starts it; `None` if PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Arc<Self>> {
        let runtime = Runtime::new().unwrap();
        let database = runtime.block_on(TestDatabase::create())?;
        let stores = [(); 2].map(|()| Some(runtime.block_on(database.open())));
        Some(Arc::new(Self {
            runtime,
            database,
            stores: Mutex::new(stores),
        }))
    }
}

/// The row of one case.
pub(crate) struct Served {
    fleet: Arc<Fleet>,
    id: SessionId,
    /// Says which server gets the next request.
    luck: fastrand::Rng,
}

impl Served {
    pub(crate) fn new(fleet: &Arc<Fleet>, seed: u64) -> Self {
        Self {
            fleet: Arc::clone(fleet),
            id: Uuid::now_v7(),
            luck: fastrand::Rng::with_seed(seed),
        }
    }

    /// Asks one of the servers.
    fn ask<T>(&mut self, request: impl AsyncFnOnce(&PostgresStore) -> T) -> T {
        let stores = self.fleet.stores.lock().unwrap();
        let store = stores[self.luck.usize(..2)].as_ref().unwrap();
        self.fleet.runtime.block_on(request(store))
    }

    fn change(
        &mut self,
        rule: impl Fn(&mut Session) -> Verdict + Send + 'static,
    ) -> (Verdict, Session) {
        let id = self.id;
        let rule = move |session: &mut Session, _: &Account| rule(session);
        let at = Timestamp::UNIX_EPOCH;
        let outcome = self.ask(async |store| store.change_session(id, Box::new(rule), at).await);
        let outcome = outcome.unwrap().unwrap();
        (outcome.verdict, outcome.session)
    }
}

impl Keeper for Served {
    fn open(&mut self, session: Session) {
        // Each case has an account and a session of its own.
        let session = Session {
            id: self.id,
            user: self.id.simple().to_string().parse().unwrap(),
            ..session
        };
        let account = Account {
            username: session.user.clone(),
            role: Role::Viewer,
            disabled: false,
            password: PasswordHash(String::new()),
            created: session.created,
        };
        let by = session.user.clone();
        assert!(
            self.ask(async |store| store.add_account(account, by).await)
                .unwrap()
        );
        let proof = SignInProof::by(PasswordHash(String::new()));
        let limits = Limits::default();
        let now = Moment::at(session.created);
        let opened = self.ask(async |store| store.open_session(session, proof, limits, now).await);
        assert!(opened.unwrap().is_some());
    }

    fn refresh(
        &mut self,
        presented: Presented,
        disabled: bool,
        now: Timestamp,
        jti: Uuid,
    ) -> Verdict {
        let refresh = rotation(presented, disabled, now, jti);
        self.change(refresh).0
    }

    fn confirm(&mut self, generation: u64, now: Timestamp) {
        let id = self.id;
        let confirmed = self.ask(async |store| store.confirm_session(id, generation, now).await);
        confirmed.unwrap();
    }

    fn row(&mut self) -> Session {
        self.change(|_| Verdict::Repeated).1
    }

    /// One of the servers ends, and another takes its place.
    fn crash(&mut self) {
        let mut stores = self.fleet.stores.lock().unwrap();
        let ended = &mut stores[self.luck.usize(..2)];
        *ended = None;
        *ended = Some(self.fleet.runtime.block_on(self.fleet.database.open()));
    }
}
