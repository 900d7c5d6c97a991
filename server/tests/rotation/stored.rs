//! The row in the real store, on a disk that can lose power.

use std::sync::mpsc;

use jiff::Timestamp;
use roster_common::Role;
use roster_server::rules::session::{Limits, Presented, Session, SessionId, Verdict};
use roster_server::store::redb::RedbStore;
use roster_server::store::{Account, PasswordHash, Store};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::disk::Disk;
use crate::world::{Keeper, digest};

pub(crate) struct Stored {
    runtime: Runtime,
    disk: Disk,
    store: Option<RedbStore>,
    id: SessionId,
    luck: fastrand::Rng,
}

impl Stored {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        let disk = Disk::default();
        let store = Some(open(&disk));
        let luck = fastrand::Rng::with_seed(7);
        Self { runtime, disk, store, id: Uuid::nil(), luck }
    }

    fn store(&self) -> &RedbStore {
        self.store.as_ref().unwrap()
    }

    fn change(&self, rule: impl FnOnce(&mut Session) -> Verdict + Send + 'static) -> Verdict {
        let change = self.store().change_session(self.id, Box::new(|session, _| rule(session)));
        self.runtime.block_on(change).unwrap().unwrap()
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
        assert!(self.runtime.block_on(self.store().add_account(account)).unwrap());
        self.runtime.block_on(self.store().open_session(session, None)).unwrap();
    }

    fn refresh(&mut self, presented: Presented, now: Timestamp, jti: Uuid) -> Verdict {
        self.change(move |session| {
            let verdict = session.rotate(presented, now, jti, &Limits::default());
            if verdict == Verdict::Rotated {
                session.digest = digest(jti);
            }
            verdict
        })
    }

    fn confirm(&mut self, generation: u64, now: Timestamp) {
        self.runtime.block_on(self.store().confirm_session(self.id, generation, now)).unwrap();
    }

    fn row(&mut self) -> Session {
        let (copy, row) = mpsc::channel();
        self.change(move |session| {
            copy.send(session.clone()).unwrap();
            Verdict::Repeated
        });
        row.recv().unwrap()
    }

    /// The power goes in the middle of a write that nobody was told of: what it had written and not synced is lost
    /// in part.
    fn crash(&mut self) {
        self.disk.fail_syncs();
        let rotate = |session: &mut Session, _: &Account| {
            session.generation += 1;
            Verdict::Rotated
        };
        let unheard = self.store().change_session(self.id, Box::new(rotate));
        assert!(self.runtime.block_on(unheard).is_err(), "a sync that failed was told as done");
        let luck = &mut self.luck;
        self.disk.lose_power(|| luck.bool());
        self.store = None;
        self.store = Some(open(&self.disk));
    }
}
