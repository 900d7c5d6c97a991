//! The one writer: a thread that takes all the writes that wait, applies them in one transaction,
//! commits it durably once, shows the new state to the readers, and then answers them all.
//!
//! When the disk fails, redb does no more work, so the database is reopened, at once and then
//! before each group until that works. Whether the group is done is what the file then says: an
//! error at the very end of a commit can leave it done, and the serial number tells. If it is, the
//! memory is read again from the file, and the group is acknowledged once another commit has proved
//! that the disk keeps what it is given. Otherwise the whole group is answered
//! [`StoreError::Unwritable`], and the readers see nothing of it.
//!
//! When somebody removes, replaces or truncates the file, nothing is written or acknowledged any
//! more.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use redb::{Database, DatabaseError, Durability, ReadableDatabase, TableError, WriteTransaction};

use super::load::load;
use super::reader::DatabaseHandle;
use super::tables::{self, meta};
use super::transaction::Tables;
use super::watch::{FileLost, FileWatch};
use crate::store::replica::{Fault, Job, View, WriteGroup};
use crate::store::{Result, StoreError};

/// The most writes in one transaction, so that none waits long for its answer.
const MOST_WRITES: usize = 1024;

/// Opens the database; called again after its file has failed.
pub(super) type Open = Box<dyn Fn() -> std::result::Result<Database, DatabaseError> + Send>;

/// A handle to the writer thread.
pub(super) struct Writer {
    inbox: Mutex<Option<Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread on a database that `view` shows.
    pub(super) fn start(
        database: DatabaseHandle,
        serial: u64,
        open: Open,
        watch: Option<FileWatch>,
        view: Arc<View>,
    ) -> std::io::Result<Self> {
        let (sender, inbox) = channel();
        let state = WriterState {
            open,
            watch,
            lost: None,
            is_starved: false,
            serial,
            database,
            view,
        };
        // A thread and not a task, since every commit waits for the disk.
        let thread = thread::Builder::new()
            .name("store".into())
            .spawn(move || state.serve(&inbox))?;
        Ok(Self {
            inbox: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Hands a job to the thread.
    ///
    /// # Errors
    /// [`StoreError::Closed`]
    pub(super) fn submit(&self, job: Box<dyn Job>) -> Result<()> {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = inbox.as_ref().ok_or(StoreError::Closed)?;
        sender.send(job).map_err(|_| StoreError::Closed)
    }

    /// Finishes what waits, closes the database and ends the thread.
    pub(super) fn close(&self) {
        drop(
            self.inbox
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the store has panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// The state of the thread: the database, and what the view shows of it.
struct WriterState {
    open: Open,
    /// The file, unless the database is not in one.
    watch: Option<FileWatch>,
    /// What happened to the file, if it was lost. Then nothing more is written to it.
    lost: Option<String>,
    /// Whether a commit has failed since the last probe that found room for
    /// [`ROOM`](super::transaction::ROOM) bytes.
    is_starved: bool,
    /// `None` after a failure until it is reopened.
    database: DatabaseHandle,
    /// The number of the last commit that the view shows.
    serial: u64,
    view: Arc<View>,
}

impl WriterState {
    fn serve(mut self, inbox: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = inbox.recv() {
            let mut jobs: Vec<_> = std::iter::once(first)
                .chain(inbox.try_iter().take(MOST_WRITES - 1))
                .collect();
            let outcome = self.run(&mut jobs);
            for job in jobs {
                job.answer(outcome.clone());
            }
        }
        // Whoever still reads from it closes it.
        if let Some(Err(error)) = self
            .database
            .swap(None)
            .and_then(Arc::into_inner)
            .map(Database::close)
        {
            tracing::error!(%error, "the database was not closed cleanly");
        }
    }

    /// Runs one group of writes, until readers see what it has changed.
    fn run(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<()> {
        self.check_file()?;
        let serial = self.serial + 1;
        let committed = catch_unwind(AssertUnwindSafe(|| self.commit(serial, jobs)));
        // redb panics over pages that were damaged since it was opened.
        match committed.unwrap_or_else(|_| Err(damaged())) {
            Ok(()) => self.note_file(),
            Err(fault) => self.recover(fault, serial),
        }
    }

    fn commit(&mut self, serial: u64, jobs: &mut [Box<dyn Job>]) -> std::result::Result<(), Fault> {
        let is_starved = self.is_starved;
        let written = write(&*self.opened()?, serial, |tables| {
            tables.probes_for_room = is_starved;
            let mut group = WriteGroup::new(tables);
            for job in &mut *jobs {
                job.apply(&mut group)?;
            }
            let to_publish = group.finish();
            Ok(to_publish.map(|to_publish| (to_publish, tables.has_probed)))
        })?;
        let Some((transaction, (to_publish, has_probed))) = written else {
            return Ok(());
        };
        let is_large = to_publish.is_large();
        let make_next = || self.view.next(serial, to_publish, jobs.len());
        let next = if is_large {
            commit_while(transaction, make_next)?
        } else {
            transaction.commit()?;
            make_next()
        };
        // Shown only after the commit, so that nobody sees what a crash would take back.
        next.show();
        self.serial = serial;
        if has_probed {
            self.is_starved = false;
            self.release_probe()?;
        }
        Ok(())
    }

    /// Commits nothing but a serial, durably, and gives back the room that a probe has taken.
    fn release_probe(&mut self) -> std::result::Result<(), Fault> {
        let serial = self.serial + 1;
        commit(&*self.opened()?, serial, |tables| {
            tables.free_room().map(Some)
        })?;
        self.serial = serial;
        Ok(())
    }

    /// Refuses to write if the file is not the one that was opened.
    fn check_file(&mut self) -> Result<()> {
        if let Some(lost) = &self.lost {
            return Err(StoreError::Unwritable(lost.clone()));
        }
        match &self.watch {
            Some(watch) => watch.check().map_err(|lost| self.lose(lost)),
            None => Ok(()),
        }
    }

    /// Checks after a commit that it went into a file that the next start will find.
    fn note_file(&mut self) -> Result<()> {
        match &mut self.watch {
            Some(watch) => watch.update().map_err(|lost| self.lose(lost)),
            None => Ok(()),
        }
    }

    fn lose(&mut self, lost: FileLost) -> StoreError {
        tracing::error!("{lost}; no more changes are accepted. Put the file back, and restart");
        self.lost = Some(lost.to_string());
        StoreError::Unwritable(lost.to_string())
    }

    /// The database, opened again if need be.
    fn opened(&mut self) -> std::result::Result<Arc<Database>, Fault> {
        if let Some(database) = self.database.load_full() {
            return Ok(database);
        }
        let database = Arc::new(self.reopen()?);
        self.database.store(Some(Arc::clone(&database)));
        Ok(database)
    }

    fn reopen(&mut self) -> std::result::Result<Database, Fault> {
        let database = (self.open)()?;
        let serial = number(&database, meta::SERIAL)?.unwrap_or(0);
        if serial != self.serial {
            self.view
                .reload(serial, |version| load(&database, version))?;
            self.serial = serial;
        }
        Ok(database)
    }

    /// Opens the database again after a commit that failed. Succeeds if the file has the commit all
    /// the same.
    fn recover(&mut self, fault: Fault, serial: u64) -> Result<()> {
        let error = fault.into_error();
        tracing::error!(%error, "a commit failed; reopening the database");
        self.is_starved = true;
        self.database.store(None);
        self.check_file()?;
        if let Err(error) = self.opened().map(|_| ()) {
            tracing::error!(%error, "cannot reopen the database now");
        }
        // Opening has set the serial to that of the file, which is this one if the commit was kept.
        if self.serial != serial {
            return Err(error);
        }
        if let Err(fault) = self.release_probe() {
            tracing::error!(error = %fault, "cannot verify the commit after reopening the database");
            self.database.store(None);
            return Err(error);
        }
        self.note_file()
    }
}

/// What a panic of redb means.
fn damaged() -> Fault {
    Fault::Database(StoreError::Unreadable("the file is damaged".into()))
}

/// Runs `work` in one durable transaction with that serial. Commits it if `work` returns what it
/// wrote.
pub(super) fn commit<T>(
    database: &Database,
    serial: u64,
    work: impl FnOnce(&mut Tables<'_>) -> std::result::Result<Option<T>, Fault>,
) -> std::result::Result<Option<T>, Fault> {
    let Some((transaction, written)) = write(database, serial, work)? else {
        return Ok(None);
    };
    transaction.commit()?;
    Ok(Some(written))
}

/// Runs `work` in a durable transaction with that serial, which is still to be committed. Returns
/// `None`, and aborts it, if `work` wrote nothing.
fn write<T>(
    database: &Database,
    serial: u64,
    work: impl FnOnce(&mut Tables<'_>) -> std::result::Result<Option<T>, Fault>,
) -> std::result::Result<Option<(WriteTransaction, T)>, Fault> {
    let transaction = begin(database)?;
    let mut tables = Tables::open(&transaction)?;
    let written = work(&mut tables)?;
    if written.is_some() {
        tables.set_number(meta::SERIAL, serial)?;
    }
    drop(tables);
    let Some(written) = written else {
        transaction.abort()?;
        return Ok(None);
    };
    Ok(Some((transaction, written)))
}

/// Commits on another thread, which mostly waits for the disk, while this one does other work.
fn commit_while<T>(
    transaction: WriteTransaction,
    work: impl FnOnce() -> T,
) -> std::result::Result<T, Fault> {
    thread::scope(|scope| {
        let committing = scope.spawn(|| transaction.commit());
        let done = work();
        committing
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok(done)
    })
}

/// Begins a durable transaction.
pub(super) fn begin(database: &Database) -> std::result::Result<WriteTransaction, Fault> {
    let mut transaction = database.begin_write()?;
    // What a crash leaves is then opened without reading it all, and needs no trust in its
    // checksums.
    transaction
        .set_durability(Durability::Immediate)
        .map_err(redb::Error::from)?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(transaction)
}

/// A number of the [`tables::meta`], as it was committed last.
pub(super) fn number(
    database: &Database,
    name: &'static str,
) -> std::result::Result<Option<u64>, Fault> {
    match database.begin_read()?.open_table(tables::META) {
        Ok(table) => Ok(table.get(name)?.map(|number| number.value())),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
