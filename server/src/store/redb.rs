//! The store in one redb file, with all that is read often in memory.
//!
//! - `tables` what lies in the file
//! - `batch` one transaction: typed access to the tables; its writes are in `accounts`, `employees`, `import`,
//!   `sessions`, and what they leave behind in `history` and `audit`
//! - `writer` the one thread that writes
//! - `reader` reads of the file beside it
//! - `load` the file into the [replica](super::replica), which serves most reads

use std::fs::Permissions;
use std::net::IpAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::redb::backends::{FileBackend, InMemoryBackend};
use ::redb::{Builder, Database, DatabaseError, StorageBackend};
use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use jiff::Timestamp;
use roster_common::api::FieldValue;
use roster_common::employee::{Details, EmployeeId, Field, Version};
use roster_common::history::{AuditEntry, HistoryEntry};
use roster_common::{Query, Username};

use self::batch::{Batch, Fault};
use self::load::load;
use self::reader::DatabaseHandle;
use self::tables::{SCHEMA, meta};
use self::writer::{Open, Writer};
use super::replica::{Events, Lists, Projection};
use super::{
    Account, AccountChanges, AccountRefused, Admission, ChangeRule, Commit, DeleteRule, Figures,
    IdempotencyKey, ImportRecords, Imported, LiveSession, OpenSession, Page, PageError,
    PasswordHash, Record, Records, Refused, Result, SessionRule, Stamp, Store, Told, Which,
};
use crate::rules::session::{End, Session, SessionId, Verdict};

mod accounts;
mod audit;
mod batch;
mod employees;
mod history;
mod import;
mod load;
mod reader;
mod sessions;
mod tables;
mod writer;

/// How much of the file redb may keep in memory, in bytes. Little: reads come from the replica.
const CACHE: usize = 16 << 20;

/// The store in one redb file.
pub struct RedbStore {
    projection: Arc<Projection>,
    events: Arc<Events>,
    lists: Lists,
    file: DatabaseHandle,
    writer: Writer,
}

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{} is in use by another process", .0.display())]
    Locked(PathBuf),
    /// A newer version of this program has written it.
    #[error("{} was written by a newer version: it has format {found}, and this version knows {known}", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The newest format that this version knows.
        known: u64,
    },
    /// It cannot be read or written, or is no such file.
    #[error("{} cannot be opened: {why}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What failed.
        why: String,
    },
}

impl RedbStore {
    /// Opens the store in a file, readable by its owner alone; makes the file if it is not there.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        let unusable = |why: &dyn std::fmt::Display| OpenError::Unusable {
            path: path.into(),
            why: why.to_string(),
        };
        let database = open_file(path, true).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::Locked(path.into()),
            error => unusable(&error),
        })?;
        let file = path.to_owned();
        Self::start(database, Box::new(move || open_file(&file, false))).map_err(
            |error| match error {
                StartError::Newer(found) => OpenError::Newer {
                    path: path.into(),
                    found,
                    known: SCHEMA,
                },
                error => unusable(&error),
            },
        )
    }

    /// A store that lasts as long as it is open.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn in_memory() -> std::result::Result<Self, OpenError> {
        Self::on(|| Ok(InMemoryBackend::new()))
    }

    /// A store on whatever `backend` gives: at first, and again each time that it has failed.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn on<B: StorageBackend>(
        backend: impl Fn() -> std::io::Result<B> + Send + 'static,
    ) -> std::result::Result<Self, OpenError> {
        let unusable = |why: &dyn std::fmt::Display| OpenError::Unusable {
            path: "store".into(),
            why: why.to_string(),
        };
        let open = move || builder().create_with_backend(backend()?);
        let database = open().map_err(|error| unusable(&error))?;
        Self::start(database, Box::new(open)).map_err(|error| unusable(&error))
    }

    fn start(database: Database, open: Open) -> std::result::Result<Self, StartError> {
        prepare(&database)?;
        let (accounts, directory) = load(&database, 0)?;
        let projection = Arc::new(Projection::new(accounts, directory));
        let serial = writer::number(&database, meta::SERIAL)?.unwrap_or(0);
        let file = DatabaseHandle::new(Some(Arc::new(database)).into());
        let events = Arc::new(Events::since(serial));
        let writer = Writer::start(
            Arc::clone(&file),
            serial,
            open,
            Arc::clone(&projection),
            Arc::clone(&events),
        )?;
        Ok(Self {
            lists: Lists::new(Arc::clone(&projection)),
            projection,
            events,
            file,
            writer,
        })
    }

    /// Finishes the writes that wait, and closes the file. Later writes get
    /// [`StoreError::Closed`](super::StoreError::Closed). Dropping the store does the same.
    pub fn close(&self) {
        self.writer.close();
    }
}

/// Why a database that is open cannot be used.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("it has format {0}")]
    Newer(u64),
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error(transparent)]
    Thread(#[from] std::io::Error),
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

fn open_file(path: &Path, create: bool) -> std::result::Result<Database, DatabaseError> {
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(create)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    builder().create_with_backend(FileBackend::new(file)?)
}

/// Makes the tables of a new file, and brings one of an older format to this one, each in one transaction. One of a
/// newer format is refused before a table is touched.
fn prepare(database: &Database) -> std::result::Result<(), StartError> {
    let serial = writer::number(database, meta::SERIAL)?.unwrap_or(0);
    match writer::number(database, meta::SCHEMA)? {
        Some(SCHEMA) => return Ok(()),
        None => writer::commit(database, serial, |batch| {
            batch.set_number(meta::SCHEMA, SCHEMA)
        })?,
        Some(1) => writer::commit(database, serial + 1, |batch| batch.migrate_from_1())?,
        Some(found) => return Err(StartError::Newer(found)),
    };
    Ok(())
}

#[async_trait]
impl Store for RedbStore {
    async fn account(&self, name: &Username) -> Result<Option<Account>> {
        Ok(self.projection.accounts().account(name))
    }

    async fn accounts(&self) -> Result<Vec<Account>> {
        Ok(self.projection.accounts().accounts())
    }

    async fn add_account(&self, account: Account, by: Username) -> Result<bool> {
        self.writer
            .write(|batch| batch.add_account(account, by))
            .await
    }

    async fn change_account(
        &self,
        name: &Username,
        changes: AccountChanges,
        stamp: Stamp,
    ) -> Result<std::result::Result<Account, AccountRefused>> {
        let name = name.clone();
        self.writer
            .write(move |batch| batch.change_account(&name, changes, &stamp))
            .await
    }

    async fn change_password(
        &self,
        current: PasswordHash,
        new: PasswordHash,
        keep: SessionId,
        stamp: Stamp,
    ) -> Result<bool> {
        self.writer
            .write(move |batch| batch.change_password(&current, new, keep, &stamp))
            .await
    }

    async fn remove_account(
        &self,
        name: &Username,
        stamp: Stamp,
    ) -> Result<std::result::Result<(), AccountRefused>> {
        let name = name.clone();
        self.writer
            .write(move |batch| batch.remove_account(&name, &stamp))
            .await
    }

    async fn note_refusal(
        &self,
        name: Option<Username>,
        address: IpAddr,
        at: Timestamp,
    ) -> Result<()> {
        self.writer
            .write(move |batch| batch.note_refusal(name, address, at))
            .await
    }

    async fn open_session(
        &self,
        session: Session,
        admission: Admission,
    ) -> Result<Option<Account>> {
        self.writer
            .write(move |batch| batch.open_session(session, admission))
            .await
    }

    async fn sessions(&self, user: &Username) -> Result<Vec<OpenSession>> {
        Ok(self.projection.accounts().sessions_of(user))
    }

    async fn end_sessions(&self, user: &Username, which: Which, stamp: Stamp) -> Result<usize> {
        let user = user.clone();
        self.writer
            .write(move |batch| batch.end_sessions(&user, which, &stamp))
            .await
    }

    async fn change_session(&self, id: SessionId, rule: SessionRule) -> Result<Option<Verdict>> {
        self.writer
            .write(move |batch| batch.change_session(id, rule))
            .await
    }

    async fn end_session(&self, id: SessionId, at: Timestamp, why: End) -> Result<()> {
        self.writer
            .write(move |batch| batch.end_session(id, at, why))
            .await
    }

    async fn live_session(&self, id: SessionId) -> Result<Option<LiveSession>> {
        Ok(self.projection.accounts().live_session(id))
    }

    async fn confirm_session(&self, id: SessionId, generation: u64, at: Timestamp) -> Result<()> {
        if !self
            .projection
            .accounts()
            .awaits_confirmation(id, generation)
        {
            return Ok(());
        }
        self.writer
            .write(move |batch| batch.confirm_session(id, generation, at))
            .await
    }

    async fn page(&self, query: &Query) -> std::result::Result<Page, PageError> {
        self.lists.list(query).await?.page(&query.window)
    }

    async fn scan(&self, query: &Query) -> Result<BoxStream<'static, Records>> {
        Ok(stream::iter(self.lists.list(query).await?.pieces()).boxed())
    }

    async fn employee(&self, id: EmployeeId) -> Result<Option<Record>> {
        Ok(self.projection.directory().get(id))
    }

    async fn values(&self, field: Field, text: &str, limit: usize) -> Result<Vec<FieldValue>> {
        self.lists.values(field, text, limit).await
    }

    async fn create_employee(
        &self,
        details: Details,
        key: Option<IdempotencyKey>,
        stamp: Stamp,
    ) -> Result<std::result::Result<Record, Refused>> {
        self.writer
            .write(move |batch| batch.create_employee(details, key, &stamp))
            .await
    }

    async fn change_employee(
        &self,
        id: EmployeeId,
        rule: ChangeRule,
        stamp: Stamp,
    ) -> Result<std::result::Result<Record, Refused>> {
        self.writer
            .write(move |batch| batch.change_employee(id, rule, &stamp))
            .await
    }

    async fn restore_employee(
        &self,
        id: EmployeeId,
        details: Details,
        stamp: Stamp,
    ) -> Result<std::result::Result<Record, Refused>> {
        self.writer
            .write(move |batch| batch.restore_employee(id, details, &stamp))
            .await
    }

    async fn delete_employee(
        &self,
        id: EmployeeId,
        rule: DeleteRule,
        stamp: Stamp,
    ) -> Result<std::result::Result<(), Refused>> {
        self.writer
            .write(move |batch| batch.delete_employee(id, rule, &stamp))
            .await
    }

    async fn history(
        &self,
        id: EmployeeId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<Option<Vec<HistoryEntry>>> {
        reader::read(&self.file, move |file| file.history(id, before, limit)).await
    }

    async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>> {
        reader::read(&self.file, move |file| file.audit(before, limit)).await
    }

    async fn events(&self, after: Option<u64>) -> Result<BoxStream<'static, Vec<Told>>> {
        Ok(self.events.follow(after))
    }

    async fn import_employees(
        &self,
        records: ImportRecords,
        commit: Commit,
        stamp: Stamp,
    ) -> Result<Imported> {
        self.writer
            .write(move |batch| batch.import_employees(records, commit, &stamp))
            .await
    }

    async fn figures(&self) -> Result<Figures> {
        let (employees, sessions) = (
            self.projection.directory().len(),
            self.projection.accounts().sessions(),
        );
        Ok(Figures {
            employees: employees as u64,
            sessions: sessions as u64,
            commits: self.writer.commits(),
        })
    }

    async fn probe(&self) -> Result<()> {
        let work = |batch: &mut Batch<'_>| {
            batch.touch();
            Ok(())
        };
        self.writer.write(work).await
    }
}
