//! The row in the real store, on a disk that can lose power.

use jiff::Timestamp;
use roster_common::Role;
use roster_server::rules::session::{Limits, Presented, Session, SessionId, Verdict};
use roster_server::rules::session_clock::Moment;
use roster_server::store::redb::RedbStore;
use roster_server::store::{
    self, Account, AccountStore, PasswordHash, SessionOutcome, SessionStore, SignInProof,
};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::disk::Disk;
use crate::world::{Keeper, rotation};

pub(crate) struct Stored {
    runtime: Runtime,
    disk: Disk,
    store: Option<RedbStore>,
    id: SessionId,
    /// Another session of the same file, and its generation.
    other: (SessionId, u64),
    luck: fastrand::Rng,
}

impl Stored {
    /// A store on a new disk, which loses what `seed` says.
    pub(crate) fn new(seed: u64) -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        let disk = Disk::default();
        let store = Some(open(&disk));
        let other = (Uuid::from_u128(u128::MAX), 1);
        Self {
            runtime,
            disk,
            store,
            id: Uuid::nil(),
            other,
            luck: fastrand::Rng::with_seed(seed),
        }
    }

    fn store(&self) -> &RedbStore {
        self.store.as_ref().unwrap()
    }

    fn change(
        &self,
        id: SessionId,
        rule: impl Fn(&mut Session) -> Verdict + Send + 'static,
    ) -> store::Result<SessionOutcome> {
        let rule = move |session: &mut Session, _: &Account| rule(session);
        let at = Timestamp::UNIX_EPOCH;
        let change = self.store().change_session(id, Box::new(rule), at);
        Ok(self.runtime.block_on(change)?.unwrap())
    }

    fn read(&self, id: SessionId) -> Session {
        self.change(id, |_| Verdict::Repeated).unwrap().session
    }
}

fn open(disk: &Disk) -> RedbStore {
    let disk = disk.clone();
    RedbStore::on(move || Ok(disk.backend())).unwrap()
}

impl Keeper for Stored {
    fn open(&mut self, session: Session) {
        let account = Account {
            username: session.user.clone(),
            role: Role::Viewer,
            disabled: false,
            password: PasswordHash(String::new()),
            created: session.created,
        };
        self.id = session.id;
        assert!(
            self.runtime
                .block_on(self.store().add_account(account, session.user.clone()))
                .unwrap()
        );
        let other = Session {
            id: self.other.0,
            ..session.clone()
        };
        for session in [session, other] {
            let sign_in_proof = SignInProof::by(PasswordHash(String::new()));
            let now = Moment::at(session.created);
            let open = self
                .store()
                .open_session(session, sign_in_proof, Limits::default(), now);
            assert!(self.runtime.block_on(open).unwrap().is_some());
        }
    }

    fn refresh(
        &mut self,
        presented: Presented,
        disabled: bool,
        now: Timestamp,
        jti: Uuid,
    ) -> Verdict {
        let refresh = rotation(presented, disabled, now, jti);
        self.change(self.id, refresh).unwrap().verdict
    }

    fn confirm(&mut self, generation: u64, now: Timestamp) {
        self.runtime
            .block_on(self.store().confirm_session(self.id, generation, now))
            .unwrap();
    }

    fn row(&mut self) -> Session {
        self.read(self.id)
    }

    /// The power goes in the middle of a write, to another session: what it had written and not
    /// synced is lost in part. If it was told as done it is there, else it may be.
    fn crash(&mut self) {
        self.disk.fail_syncs_after(self.luck.usize(0..4));
        let (other, before) = self.other;
        let rotate = |session: &mut Session| {
            session.generation += 1;
            Verdict::Rotated
        };
        let message = self.change(other, rotate).is_ok();
        let luck = &mut self.luck;
        self.disk.lose_power(|| luck.bool());
        self.store = None;
        self.store = Some(open(&self.disk));
        let after = self.read(other).generation;
        assert!(
            after == before + 1 || after == before && !message,
            "{before} became {after}, told: {message}"
        );
        self.other.1 = after;
    }
}
